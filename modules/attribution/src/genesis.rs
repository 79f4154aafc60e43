//! Genesis: all objects; indices, numbers, totals and all queues but that of held pay follow from them. Held pay's is a part of it, since its
//! times were set by what datanet said then; what is held and has no time in it is queued by how long datanet holds it.

use std::collections::BTreeSet;

use cosmwasm_std::{Empty, Order, Uint256};
use openledger_core::wire::{add, address, amount};
use openledger_core::{Address, Context, Result};
use openledger_proto::openledger::attribution::v1::{self as proto, GenesisState};
use openledger_proto::Message;

use crate::audit;
use crate::credits::MAX_CREDITS;
use crate::error::AttributionError;
use crate::expiry::expiry_key;
use crate::invariants;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::record;
use crate::rounds::MAX_ROUNDS;
use crate::state::*;
use crate::till::Totals;
use crate::types::*;
use crate::NAME;

/// A genesis, read and checked as far as it goes without the other modules.
pub(crate) struct Genesis {
    params: Vec<Params>,
    sessions: Vec<Session>,
    settlements: Vec<Settlement>,
    rows: Vec<((u64, u32, u64), Uint256)>,
    rows_left: Vec<((u64, u32), bool)>,
    disputes: Vec<Dispute>,
    dispute_seq: u64,
    owed: Vec<(Address, Uint256)>,
    earnings: Vec<(u64, Earnings)>,
    held_due: Vec<(i64, u64)>,
    usage: Vec<(u64, Usage)>,
    proposals: Vec<proto::Proposal>,
    horizons: Vec<proto::Horizon>,
    audit: audit::genesis::AuditGenesis,
    records: Vec<(u64, Record)>,
    prices: Vec<((u8, u64, u32), SettledPrice)>,
}

/// The parameters' defaults as version 1 and nothing else.
pub(crate) fn default() -> GenesisState {
    let first = proto::ParamsVersion { version: 1, params: Some(Params::default().to_proto()) };
    GenesisState { params: vec![first], ..GenesisState::default() }
}

fn invalid(text: impl Into<String>) -> AttributionError {
    AttributionError::InvalidGenesis(text.into())
}

fn each<T, U>(items: &[T], read: impl Fn(&T) -> Result<U>) -> Result<Vec<U>> {
    items.iter().map(read).collect()
}

/// Decodes and checks.
pub(crate) fn read(genesis: &[u8]) -> Result<Genesis> {
    let genesis = GenesisState::decode(genesis).map_err(|error| invalid(error.to_string()))?;
    for (expected, params) in (1u64..).zip(&genesis.params) {
        if params.version != expected {
            let text = format!("versions of the parameters have no gaps: {} stands for {expected}", params.version);
            return Err(invalid(text).into());
        }
    }
    let params = match genesis.params.is_empty() {
        true => vec![Params::default()],
        false => each(&genesis.params, |version| Params::from_proto(version.params.as_ref()))?,
    };
    let read = Genesis {
        params,
        sessions: each(&genesis.sessions, Session::from_proto)?,
        settlements: each(&genesis.settlements, Settlement::from_proto)?,
        rows: each(&genesis.rows, |row| {
            Ok(((row.settlement, row.round, row.contribution), amount("row", &row.amount)?))
        })?,
        rows_left: genesis.rows_left.iter().map(|left| ((left.settlement, left.round), left.pay)).collect(),
        disputes: each(&genesis.disputes, Dispute::from_proto)?,
        dispute_seq: genesis.dispute_seq,
        owed: each(&genesis.owed, |owed| Ok((address("owed", &owed.address)?, amount("owed", &owed.amount)?)))?,
        earnings: each(&genesis.earnings, |earnings| Ok((earnings.contribution, Earnings::from_proto(earnings)?)))?,
        held_due: genesis.held_due.iter().map(|due| (due.time, due.contribution)).collect(),
        usage: each(&genesis.usage, |usage| Ok((usage.model_version, Usage::from_proto(usage)?)))?,
        proposals: genesis.proposals,
        horizons: genesis.horizons,
        audit: audit::genesis::read(&genesis.audit.unwrap_or_default())?,
        records: each(&genesis.deployment_records, |record| Ok((record.deployment, Record::from_proto(record)?)))?,
        prices: each(&genesis.settled_prices, record::read_price)?,
    };
    read.check()?;
    Ok(read)
}

/// Refuses keys that are not strictly ascending: one twice would be dropped in silence.
pub(crate) fn ascending<K: Ord>(what: &str, keys: impl Iterator<Item = K>) -> Result<()> {
    let mut last: Option<K> = None;
    for key in keys {
        if last.as_ref().is_some_and(|last| *last >= key) {
            return Err(invalid(format!("{what} are ascending, each once")).into());
        }
        last = Some(key);
    }
    Ok(())
}

/// Refuses two periods in one slot: the later would take the earlier's place.
fn ascending_slots(prices: &[((u8, u64, u32), SettledPrice)]) -> Result<()> {
    let mut keys: Vec<_> = prices.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    ascending("slots of prices", keys.into_iter())
}

impl Genesis {
    fn check(&self) -> Result<()> {
        ascending("sessions", self.sessions.iter().map(|session| session.id))?;
        ascending("settlements", self.settlements.iter().map(|settlement| settlement.id))?;
        ascending("disputes", self.disputes.iter().map(|dispute| dispute.id))?;
        ascending("rows", self.rows.iter().map(|(key, _)| *key))?;
        ascending("rows left", self.rows_left.iter().map(|(key, _)| *key))?;
        ascending("owed", self.owed.iter().map(|(address, _)| address))?;
        ascending("earnings", self.earnings.iter().map(|(contribution, _)| *contribution))?;
        ascending("times of held pay", self.held_due.iter().copied())?;
        if self.held_due.iter().any(|(time, _)| *time < 0) {
            return Err(invalid("held pay is due before 1970").into());
        }
        ascending("usage", self.usage.iter().map(|(version, _)| *version))?;
        ascending("proposals", self.proposals.iter().map(|proposal| &proposal.validator))?;
        ascending("records", self.records.iter().map(|(deployment, _)| *deployment))?;
        ascending("prices", self.prices.iter().map(|((what, id, _), price)| (*what, *id, price.start)))?;
        ascending_slots(&self.prices)?;
        ascending("horizons", self.horizons.iter().map(|horizon| horizon.height))?;
        let versions = u64::try_from(self.params.len()).unwrap_or(u64::MAX);
        let known = |version: u64| (1..=versions).contains(&version);
        for session in &self.sessions {
            let peaks = u64::from(session.settled_count.count_ones());
            let tree = u64::try_from(session.frontier.len()).ok() == Some(peaks);
            let paid = session.credited <= session.spent && session.taken()? <= session.deposit;
            let credits = session.credits.len() <= MAX_CREDITS
                && session.credits.iter().all(|credit| credit.receipt > session.settled_count);
            if session.id == 0 || !known(session.params_version) || !paid || !credits || !tree {
                return Err(invalid(format!("session {} cannot be", session.id)).into());
            }
        }
        for settlement in &self.settlements {
            let session = self.sessions.binary_search_by_key(&settlement.session, |session| session.id).is_ok();
            let rounds = (1..=MAX_ROUNDS).contains(&settlement.rounds.len());
            if settlement.id == 0 || !session || !rounds || !known(settlement.params_version) {
                return Err(invalid(format!("settlement {} cannot be", settlement.id)).into());
            }
        }
        for dispute in &self.disputes {
            let of = self.settlements.binary_search_by_key(&dispute.settlement, |settlement| settlement.id).ok();
            let of = of.and_then(|place| self.settlements.get(place));
            if dispute.id == 0 || of.is_none_or(|settlement| dispute.round > settlement.round()) {
                return Err(invalid(format!("dispute {} is of no round of claims", dispute.id)).into());
            }
        }
        self.audit.check(&self.settlements)
    }

    /// What is owed, by category.
    fn totals(&self) -> Result<Totals> {
        let mut totals = Totals::default();
        for session in self.sessions.iter().filter(|session| session.status != SessionStatus::Closed) {
            totals.sessions = add(totals.sessions, session.left()?)?;
        }
        for settlement in &self.settlements {
            let (pool, replacements) = invariants::outstanding(settlement)?;
            totals.pools = add(totals.pools, pool)?;
            totals.replacements = add(totals.replacements, replacements)?;
        }
        for ((settlement, round), _) in self.rows_left.iter().filter(|(_, pay)| *pay) {
            let rows = self.rows.iter().filter(|((of, in_round, _), _)| of == settlement && in_round == round);
            for (_, amount) in rows {
                totals.pools = add(totals.pools, *amount)?;
            }
        }
        for dispute in self.disputes.iter().filter(|dispute| dispute.status == DisputeStatus::Committed) {
            totals.dispute_bonds = add(totals.dispute_bonds, dispute.bond)?;
        }
        for (_, amount) in &self.owed {
            totals.owed = add(totals.owed, *amount)?;
        }
        for (_, earnings) in &self.earnings {
            totals.held = add(totals.held, earnings.held)?;
        }
        self.audit.count(&mut totals)?;
        Ok(totals)
    }
}

/// Takes a genesis over; bank's and model's must be there already.
pub(crate) fn init(keeper: &Attribution, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let genesis = read(genesis)?;
    let shown = genesis.audit.shown().map(|contribution| ("an undeclared source", contribution));
    for (what, contribution) in genesis.rows.iter().map(|((_, _, seq), _)| ("a row", *seq)).chain(shown) {
        if keeper.datanets.contribution(ctx, contribution)?.is_none() {
            return Err(invalid(format!("{what} pays contribution {contribution}, which is not there")).into());
        }
    }
    keeper.auth.ensure_module(ctx, NAME)?;
    let kv = &mut ctx.kv_mut(STORE);
    TOTALS.save(kv, &genesis.totals()?)?;
    for (version, params) in (1u64..).zip(&genesis.params) {
        PARAMS.save(kv, version, params)?;
        PARAMS_VERSION.save(kv, &version)?;
    }
    for session in &genesis.sessions {
        SESSIONS.save(kv, session.id, session)?;
        SESSIONS_BY_PAYER.save(kv, (session.payer.as_bytes(), session.id), &Empty {})?;
        if session.agent == 0 {
            SESSIONS_BY_DEPLOYMENT.save(kv, (session.deployment, session.id), &Empty {})?;
        }
        SESSION_SEQ.save(kv, &session.id)?;
        if session.status != SessionStatus::Closed {
            SESSION_EXPIRY.save(kv, expiry_key(session), &Empty {})?;
        }
    }
    for settlement in &genesis.settlements {
        SETTLEMENTS.save(kv, settlement.id, settlement)?;
        SETTLEMENTS_BY_SESSION.save(kv, (settlement.session, settlement.id), &Empty {})?;
        SETTLEMENTS_BY_DEPLOYMENT.save(kv, (settlement.deployment, settlement.id), &Empty {})?;
        SETTLEMENT_SEQ.save(kv, &settlement.id)?;
        if settlement.due != 0 {
            DUE.save(kv, (settlement.due, settlement.id), &Empty {})?;
        }
    }
    for dispute in &genesis.disputes {
        DISPUTES.save(kv, dispute.id, dispute)?;
        DISPUTES_BY_SETTLEMENT.save(kv, (dispute.settlement, dispute.id), &Empty {})?;
        DISPUTE_SEQ.save(kv, &dispute.id)?;
        if dispute.status == DisputeStatus::Committed {
            DISPUTE_DEADLINES.save(kv, (dispute.deadline, dispute.id), &Empty {})?;
        }
    }
    for (key, amount) in &genesis.rows {
        ROWS.save(kv, *key, amount)?;
    }
    for (key, pay) in &genesis.rows_left {
        ROWS_LEFT.save(kv, *key, pay)?;
    }
    for (address, amount) in &genesis.owed {
        OWED.save(kv, address.as_bytes(), amount)?;
    }
    for (contribution, earnings) in &genesis.earnings {
        EARNINGS.save(kv, *contribution, earnings)?;
    }
    for (version, usage) in &genesis.usage {
        USAGE.save(kv, *version, usage)?;
    }
    for (deployment, record) in &genesis.records {
        RECORDS.save(kv, *deployment, record)?;
    }
    for (key, price) in &genesis.prices {
        PRICES.save(kv, *key, price)?;
    }
    for proposal in &genesis.proposals {
        PROPOSED.save(kv, &proposal.validator, &proposal.height)?;
    }
    for horizon in &genesis.horizons {
        HORIZONS.save(kv, horizon.height, &horizon.horizon)?;
    }
    genesis.audit.init(ctx)?;
    // Demands that were answered are gone, and their numbers are not given again.
    let highest = DISPUTE_SEQ.may_load(&*ctx.kv(STORE))?.unwrap_or_default().max(genesis.dispute_seq);
    if highest > 0 {
        DISPUTE_SEQ.save(&mut ctx.kv_mut(STORE), &highest)?;
    }
    for due in &genesis.held_due {
        HELD_DUE.save(&mut ctx.kv_mut(STORE), *due, &Empty {})?;
    }
    let queued: BTreeSet<u64> = genesis.held_due.iter().map(|(_, contribution)| *contribution).collect();
    let held = genesis.earnings.iter().filter(|(_, earnings)| !earnings.held.is_zero());
    for (contribution, _) in held.filter(|(contribution, _)| !queued.contains(contribution)) {
        keeper.queue_held(ctx, *contribution)?;
    }
    invariants::check(keeper, ctx)
}

/// The state as a genesis.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    let mut genesis = GenesisState::default();
    for entry in PARAMS.range(&*kv, None, None, up) {
        let (version, params) = entry?;
        genesis.params.push(proto::ParamsVersion { version, params: Some(params.to_proto()) });
    }
    for entry in SESSIONS.range(&*kv, None, None, up) {
        genesis.sessions.push(entry?.1.to_proto());
    }
    for entry in SETTLEMENTS.range(&*kv, None, None, up) {
        genesis.settlements.push(entry?.1.to_proto());
    }
    for entry in ROWS.range(&*kv, None, None, up) {
        let ((settlement, round, contribution), amount) = entry?;
        genesis.rows.push(proto::Row { settlement, round, contribution, amount: amount.to_string() });
    }
    for entry in ROWS_LEFT.range(&*kv, None, None, up) {
        let ((settlement, round), pay) = entry?;
        genesis.rows_left.push(proto::RowsLeft { settlement, round, pay });
    }
    for entry in DISPUTES.range(&*kv, None, None, up) {
        genesis.disputes.push(entry?.1.to_proto());
    }
    for entry in OWED.range(&*kv, None, None, up) {
        let (address, amount) = entry?;
        genesis.owed.push(proto::Owed { address: Address::new(address)?.to_string(), amount: amount.to_string() });
    }
    for entry in EARNINGS.range(&*kv, None, None, up) {
        let (contribution, earnings) = entry?;
        genesis.earnings.push(earnings.to_proto(contribution));
    }
    for entry in HELD_DUE.keys(&*kv, None, None, up) {
        let (time, contribution) = entry?;
        genesis.held_due.push(proto::HeldDue { time, contribution });
    }
    for entry in USAGE.range(&*kv, None, None, up) {
        let (version, usage) = entry?;
        genesis.usage.push(usage.to_proto(version));
    }
    for entry in RECORDS.range(&*kv, None, None, up) {
        let (deployment, record) = entry?;
        genesis.deployment_records.push(record.to_proto(deployment));
    }
    genesis.settled_prices = record::all_prices(ctx)?;
    for entry in PROPOSED.range(&*kv, None, None, up) {
        let (validator, height) = entry?;
        genesis.proposals.push(proto::Proposal { validator, height });
    }
    for entry in HORIZONS.range(&*kv, None, None, up) {
        let (height, horizon) = entry?;
        genesis.horizons.push(proto::Horizon { height, horizon });
    }
    genesis.dispute_seq = DISPUTE_SEQ.may_load(&*kv)?.unwrap_or_default();
    genesis.audit = Some(audit::genesis::export(ctx)?);
    Ok(genesis)
}
