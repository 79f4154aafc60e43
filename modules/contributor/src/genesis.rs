//! Genesis: parameters, profiles, handles, histories, reputations and statements; counters and indices are made again from them.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Order;
use openledger_core::{wire, Address, Context, Result};
use openledger_proto::openledger::contributor::v1::{
    GenesisState, HandleRecord, HistoryEntry, IncomeKind, ObjectKind, Outcome, Profile, ReputationClock,
    ReputationRecord, Role, StatementLine,
};
use openledger_proto::Message;

use crate::decay::{Clock, Sums};
use crate::error::ContributorError;
use crate::handle::Handle;
use crate::keeper::{byte, Contributors};
use crate::msg::check_texts;
use crate::params::Params;
use crate::reputation::known_role;
use crate::state::{
    Entry, StoredHandle, StoredProfile, CLOCK, ENTRIES, HANDLES, PROFILES, REPUTATIONS, STATEMENTS, STORE,
};
use crate::statement::Line;

/// A genesis that was read and checked.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    params: Params,
    profiles: BTreeMap<Address, StoredProfile>,
    handles: BTreeMap<String, StoredHandle>,
    history: Vec<(Address, Entry)>,
    reputations: BTreeMap<(Address, u64, u8), Sums>,
    clock: Option<Clock>,
    statements: BTreeMap<(Address, u16, u8), Line>,
}

/// The parameters' defaults and nothing else.
pub(crate) fn default() -> GenesisState {
    GenesisState { params: Some(Params::default().to_proto()), ..Default::default() }
}

fn invalid(text: impl Into<String>) -> openledger_core::Error {
    ContributorError::InvalidGenesis(text.into()).into()
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Checked> {
    let genesis = GenesisState::decode(genesis).map_err(|error| invalid(error.to_string()))?;
    let mut checked = Checked { params: Params::from_proto(genesis.params.as_ref())?, ..Default::default() };
    for record in &genesis.handles {
        if checked.handles.insert(record.handle.clone(), read_handle(record)?).is_some() {
            return Err(invalid(format!("handle {:?} stands there twice", record.handle)));
        }
    }
    for profile in &genesis.profiles {
        let (account, stored) = read_profile(&checked.params, profile)?;
        if checked.profiles.insert(account, stored).is_some() {
            return Err(invalid(format!("the profile of {} stands there twice", profile.address)));
        }
    }
    check_handles(&checked)?;
    let mut next: BTreeMap<Address, u64> = BTreeMap::new();
    for entry in &genesis.history {
        let (actor, stored) = read_entry(entry)?;
        let expected = next.entry(actor.clone()).or_default();
        if entry.number != *expected {
            return Err(invalid(format!("history of {actor}: entry {} where {expected} is due", entry.number)));
        }
        *expected = expected.saturating_add(1);
        checked.history.push((actor, stored));
    }
    for record in &genesis.reputations {
        let (key, sums) = read_reputation(record)?;
        if checked.reputations.insert(key, sums).is_some() {
            return Err(invalid(format!("a reputation of {} stands there twice", record.address)));
        }
    }
    checked.clock = genesis.reputation_clock.as_ref().map(read_clock).transpose()?;
    for line in &genesis.statements {
        let (key, stored) = read_line(line)?;
        if checked.statements.insert(key, stored).is_some() {
            return Err(invalid(format!("a line of the statement of {} stands there twice", line.address)));
        }
    }
    Ok(checked)
}

/// A held handle and its holder's profile name each other.
fn check_handles(checked: &Checked) -> Result<()> {
    let held: BTreeSet<(&str, &Address)> = checked
        .handles
        .iter()
        .filter(|(_, record)| record.released_seconds.is_none())
        .map(|(handle, record)| (handle.as_str(), &record.holder))
        .collect();
    let named: BTreeSet<(&str, &Address)> = checked
        .profiles
        .iter()
        .filter_map(|(account, profile)| profile.handle.as_ref().map(|handle| (handle.as_str(), account)))
        .collect();
    match held.symmetric_difference(&named).next() {
        None => Ok(()),
        Some((handle, account)) => {
            Err(invalid(format!("handle {handle:?} and the profile of {account} do not name each other")))
        }
    }
}

fn read_handle(record: &HandleRecord) -> Result<StoredHandle> {
    Handle::new(&record.handle)?;
    Ok(StoredHandle {
        holder: record.holder.parse()?,
        since_height: record.since_height,
        released_seconds: Some(record.released_seconds).filter(|seconds| *seconds != 0),
    })
}

fn read_profile(params: &Params, profile: &Profile) -> Result<(Address, StoredProfile)> {
    check_texts(params, &profile.name, &profile.about, &profile.website)?;
    let stored = StoredProfile {
        handle: Handle::optional(&profile.handle)?,
        name: profile.name.clone(),
        about: profile.about.clone(),
        website: profile.website.clone(),
        updated_height: profile.updated_height,
    };
    Ok((profile.address.parse()?, stored))
}

fn read_entry(entry: &HistoryEntry) -> Result<(Address, Entry)> {
    let known = Role::try_from(entry.role).is_ok()
        && ObjectKind::try_from(entry.kind).is_ok()
        && Outcome::try_from(entry.outcome).is_ok();
    if !known {
        let text = format!("history of {}: entry {} has an unknown role, kind or outcome", entry.actor, entry.number);
        return Err(invalid(text));
    }
    let stored = Entry {
        role: byte(entry.role)?,
        kind: byte(entry.kind)?,
        object: entry.object,
        outcome: byte(entry.outcome)?,
        height: entry.height,
        time_seconds: entry.time_seconds,
        handle: Handle::optional(&entry.handle)?,
        datanet: entry.datanet_id,
    };
    Ok((entry.actor.parse()?, stored))
}

fn read_reputation(record: &ReputationRecord) -> Result<((Address, u64, u8), Sums)> {
    let who = &record.address;
    let role = known_role(record.role).map_err(|error| invalid(format!("reputation of {who}: {error}")))?;
    let sums = Sums {
        epoch: record.epoch,
        gained: wire::amount("gained", &record.gained)?,
        lost: wire::amount("lost", &record.lost)?,
        burnt: wire::amount("burnt", &record.burnt)?,
    };
    Ok(((who.parse()?, record.datanet_id, role), sums))
}

fn read_clock(clock: &ReputationClock) -> Result<Clock> {
    if clock.length_seconds == 0 || clock.since_seconds < 0 {
        return Err(invalid("reputation_clock: an epoch begins after 1970 and lasts a second at least"));
    }
    let ReputationClock { epoch, since_seconds, length_seconds } = *clock;
    Ok(Clock { epoch, since_seconds, length_seconds })
}

fn read_line(line: &StatementLine) -> Result<((Address, u16, u8), Line)> {
    let account: Address = line.address.parse()?;
    let of = |text: String| invalid(format!("statement of {account}, year {}: {text}", line.year));
    IncomeKind::try_from(line.kind).map_err(|_| of(format!("{} is no kind of income", line.kind)))?;
    let kind = byte(line.kind)?;
    let stored = Line {
        amount: wire::amount("amount", &line.amount)?,
        count: line.count,
        first_height: line.first_height,
        first_seconds: line.first_seconds,
        last_height: line.last_height,
        last_seconds: line.last_seconds,
    };
    let year = u16::try_from(line.year).map_err(|_| of("there is no such year".into()))?;
    stored.check(year).map_err(of)?;
    Ok(((account, year, kind), stored))
}

/// Takes a genesis over.
pub(crate) fn init(keeper: &Contributors, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let checked = read(genesis)?;
    keeper.set_params(ctx, &checked.params)?;
    for (account, profile) in &checked.profiles {
        PROFILES.save(&mut ctx.kv_mut(STORE), account.as_bytes(), profile)?;
    }
    for (handle, record) in &checked.handles {
        HANDLES.save(&mut ctx.kv_mut(STORE), handle, record)?;
    }
    for (actor, entry) in &checked.history {
        keeper.append(ctx, actor, entry)?;
    }
    if let Some(clock) = &checked.clock {
        CLOCK.save(&mut ctx.kv_mut(STORE), clock)?;
    }
    for ((account, scope, role), sums) in &checked.reputations {
        keeper.save_reputation(ctx, account, *scope, *role, sums)?;
    }
    for ((account, year, kind), line) in &checked.statements {
        STATEMENTS.save(&mut ctx.kv_mut(STORE), (account.as_bytes(), *year, *kind), line)?;
    }
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(keeper: &Contributors, ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let mut genesis = GenesisState { params: Some(keeper.params(ctx)?.to_proto()), ..Default::default() };
    for pair in PROFILES.range(&*kv, None, None, Order::Ascending) {
        let (account, profile) = pair?;
        genesis.profiles.push(profile.to_proto(&Address::new(account)?));
    }
    for pair in HANDLES.range(&*kv, None, None, Order::Ascending) {
        let (handle, record) = pair?;
        genesis.handles.push(record.to_proto(&handle));
    }
    for pair in ENTRIES.range(&*kv, None, None, Order::Ascending) {
        let ((actor, number), entry) = pair?;
        genesis.history.push(entry.to_proto(&Address::new(actor)?, number));
    }
    for pair in REPUTATIONS.range(&*kv, None, None, Order::Ascending) {
        let ((account, scope, role), sums) = pair?;
        genesis.reputations.push(sums.to_proto(&Address::new(account)?, scope, role));
    }
    genesis.reputation_clock = CLOCK.may_load(&*kv)?.map(Clock::to_proto);
    for pair in STATEMENTS.range(&*kv, None, None, Order::Ascending) {
        let ((account, year, kind), line) = pair?;
        genesis.statements.push(line.to_proto(&Address::new(account)?, year, kind));
    }
    Ok(genesis)
}
