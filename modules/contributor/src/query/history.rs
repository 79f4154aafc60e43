//! Histories: of an account, of an object, in a datanet; by role, kind of object, outcome and time.
//!
//! | asked for | found by |
//! | --- | --- |
//! | an account | its entries |
//! | an account in a role | `by_role` |
//! | an object | `by_object` |
//! | a datanet | `by_datanet` |
//! | a range of times | of an account: the entries' numbers, by halving, at most 65 reads a bound, since entries are in order of time; else the keys themselves |
//! | whatever else | looking at what was found, at most [`MOST_LOOKS`] entries a page |

use cosmwasm_std::{from_json, Storage};
use cw_storage_plus::Prefixer;
use openledger_core::query::{paginate_within, Within};
use openledger_core::{Address, Context, Status};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use openledger_proto::openledger::contributor::v1::*;

use super::{no_page, number, Answer};
use crate::keeper::Contributors;
use crate::reputation::known_role;
use crate::state::{seconds_key, Entry, BY_DATANET, BY_OBJECT, BY_ROLE, ENTRIES, STORE};

/// Most entries that are looked at for one page.
const MOST_LOOKS: u64 = 10_000;

/// What an entry must be; `None` and 0 for anything.
#[derive(Debug, Default)]
struct Filter {
    role: Option<u8>,
    kind: Option<u8>,
    object: u64,
    outcome: Option<u8>,
    datanet: u64,
}

impl Filter {
    fn new(role: i32, kind: i32, object: u64, outcome: i32, datanet: u64) -> Answer<Self> {
        let role = (role != 0).then(|| known_role(role)).transpose().map_err(Status::invalid_argument)?;
        let kind = (kind != 0).then(|| known_kind(kind)).transpose()?;
        if object != 0 && kind.is_none() {
            return Err(Status::invalid_argument(format!("object {object} of no kind: say which kind it is")));
        }
        let known = Outcome::try_from(outcome).ok().and_then(|_| u8::try_from(outcome).ok());
        let known = known.ok_or_else(|| Status::invalid_argument(format!("{outcome} is no outcome")))?;
        Ok(Self { role, kind, object, outcome: Some(known).filter(|outcome| *outcome != 0), datanet })
    }

    fn takes(&self, entry: &Entry) -> bool {
        self.role.is_none_or(|role| role == entry.role)
            && self.kind.is_none_or(|kind| kind == entry.kind)
            && (self.object == 0 || self.object == entry.object)
            && self.outcome.is_none_or(|outcome| outcome == entry.outcome)
            && (self.datanet == 0 || self.datanet == entry.datanet)
    }
}

fn known_kind(kind: i32) -> Answer<u8> {
    let known = ObjectKind::try_from(kind).ok().and_then(|_| u8::try_from(kind).ok()).filter(|kind| *kind != 0);
    known.ok_or_else(|| Status::invalid_argument(format!("{kind} is no kind of object")))
}

/// Refuses a range that no time can be in.
fn check_times(from: i64, to: i64) -> Answer<()> {
    if from < 0 || to < 0 || (to != 0 && to <= from) {
        let text =
            format!("times from {from} up to {to}: give seconds since 1970, the end after the start, 0 for no bound");
        return Err(Status::invalid_argument(text));
    }
    Ok(())
}

pub(super) fn of_actor(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryHistoryRequest,
) -> Answer<QueryHistoryResponse> {
    let actor: Address = request.actor.parse()?;
    let filter = Filter::new(request.role, request.kind, request.object, request.outcome, request.datanet_id)?;
    check_times(request.from_seconds, request.to_seconds)?;
    let from = first_from(keeper, ctx, &actor, request.from_seconds)?.to_be_bytes().to_vec();
    let to = match request.to_seconds {
        0 => None,
        to => Some(first_from(keeper, ctx, &actor, to)?.to_be_bytes().to_vec()),
    };
    let within = Within { from, to, most_looks: MOST_LOOKS };
    let page = request.pagination.as_ref();
    let kv = ctx.kv(STORE);
    let number_of = |key: &[u8]| number(key).ok_or_else(no_page);
    let (entries, pagination) = if let Some(role) = filter.role {
        let prefix = (BY_ROLE.namespace_bytes(), actor.as_bytes(), role).joined_prefix();
        paginate_within(&*kv, &prefix, &within, page, |key, _| {
            let number = number_of(key)?;
            let entry = load(keeper, ctx, &actor, number)?;
            Ok(filter.takes(&entry).then(|| entry.to_proto(&actor, number)))
        })?
    } else {
        let prefix = (ENTRIES.namespace_bytes(), actor.as_bytes()).joined_prefix();
        paginate_within(&*kv, &prefix, &within, page, |key, value| {
            let (entry, number): (Entry, _) = (from_json(value)?, number_of(key)?);
            Ok(filter.takes(&entry).then(|| entry.to_proto(&actor, number)))
        })?
    };
    Ok(QueryHistoryResponse { entries, pagination: Some(pagination) })
}

/// The number of the actor's first entry at or after a time; how many there are where there is none. Halves what is left at each step:
/// at most 65 reads.
fn first_from(keeper: &Contributors, ctx: &Context, actor: &Address, seconds: i64) -> Answer<u64> {
    let (mut low, mut high) = (0, keeper.history_length(ctx, actor)?);
    if seconds == 0 {
        return Ok(0);
    }
    while low < high {
        let middle = low.midpoint(high);
        if load(keeper, ctx, actor, middle)?.time_seconds < seconds {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(low)
}

pub(super) fn of_object(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryHistoryByObjectRequest,
) -> Answer<QueryHistoryByObjectResponse> {
    let kind = known_kind(request.kind)?;
    let filter = Filter::new(request.role, 0, 0, request.outcome, 0)?;
    let within = times(request.from_seconds, request.to_seconds)?;
    let prefix = (BY_OBJECT.namespace_bytes(), kind, request.object).joined_prefix();
    let page = request.pagination.as_ref();
    let (entries, pagination) = placed(keeper, ctx, &*ctx.kv(STORE), &prefix, &within, page, &filter)?;
    Ok(QueryHistoryByObjectResponse { entries, pagination: Some(pagination) })
}

pub(super) fn of_datanet(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryHistoryByDatanetRequest,
) -> Answer<QueryHistoryByDatanetResponse> {
    if request.datanet_id == 0 {
        return Err(Status::invalid_argument("datanet_id is 0: datanets are numbered from 1"));
    }
    let filter = Filter::new(request.role, request.kind, 0, request.outcome, 0)?;
    let within = times(request.from_seconds, request.to_seconds)?;
    let prefix = (BY_DATANET.namespace_bytes(), request.datanet_id).joined_prefix();
    let page = request.pagination.as_ref();
    let (entries, pagination) = placed(keeper, ctx, &*ctx.kv(STORE), &prefix, &within, page, &filter)?;
    Ok(QueryHistoryByDatanetResponse { entries, pagination: Some(pagination) })
}

/// The keys that begin with the times of a range.
fn times(from: i64, to: i64) -> Answer<Within> {
    check_times(from, to)?;
    let to = (to != 0).then(|| seconds_key(to).to_vec());
    Ok(Within { from: seconds_key(from).to_vec(), to, most_looks: MOST_LOOKS })
}

/// A page of an index whose keys end with [`Entry::place`].
fn placed(
    keeper: &Contributors,
    ctx: &Context,
    kv: &dyn Storage,
    prefix: &[u8],
    within: &Within,
    page: Option<&PageRequest>,
    filter: &Filter,
) -> Answer<(Vec<HistoryEntry>, PageResponse)> {
    paginate_within(kv, prefix, within, page, |key, _| {
        // Seconds and height, then number, then actor.
        let (number, actor) = key.get(16..).and_then(|rest| rest.split_at_checked(8)).ok_or_else(no_page)?;
        let (number, actor) = (self::number(number).ok_or_else(no_page)?, Address::new(actor)?);
        let entry = load(keeper, ctx, &actor, number)?;
        Ok(filter.takes(&entry).then(|| entry.to_proto(&actor, number)))
    })
}

fn load(keeper: &Contributors, ctx: &Context, actor: &Address, number: u64) -> Answer<Entry> {
    let entry = keeper.entry(ctx, actor, number)?;
    entry.ok_or_else(|| Status::internal(format!("entry {number} of {actor} is counted and not there")))
}
