//! Genesis: parameters, profiles, handles, histories, reputations and statements; counters and indices are made again from them.

use std::collections::BTreeMap;

use cosmwasm_std::Order;
use openledger_core::{wire, Address, Context, Result};
use openledger_proto::openledger::contributor::v1::{
    GenesisState, HandleCommit, HandleRecord, HistoryEntry, IncomeKind, ObjectKind, Outcome, Profile, ReputationClock,
    ReputationRecord, Role, StatementLine,
};
use openledger_proto::Message;

use crate::decay::{Clock, Sums};
use crate::error::ContributorError;
use crate::handle::Handle;
use crate::keeper::{byte, Contributors};
use crate::msg::check_texts;
use crate::params::Params;
use crate::proof::Place;
use crate::reputation::known_role;
use crate::state::{
    Entry, StoredCommit, StoredHandle, StoredProfile, StoredProof, CLOCK, ENTRIES, HANDLES, HANDLE_COMMITS,
    HANDLE_PROOFS, HELD, PROFILES, REPUTATIONS, STATEMENTS, STORE,
};
use crate::statement::Line;

/// A genesis that was read and checked.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    params: Params,
    profiles: BTreeMap<Address, StoredProfile>,
    handles: BTreeMap<String, StoredHandle>,
    held: BTreeMap<Address, Handle>,
    history: Vec<(Address, Entry)>,
    reputations: BTreeMap<(Address, u64, u8), Sums>,
    clock: Option<Clock>,
    statements: BTreeMap<(Address, u16, u8), Line>,
    commits: BTreeMap<Address, StoredCommit>,
    proofs: BTreeMap<(Address, u8, String), StoredProof>,
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
        if record.kept {
            if let Some(other) = checked.held.insert(record.holder.parse()?, Handle::new(&record.handle)?) {
                return Err(invalid(format!("{} holds both {other} and {}", record.holder, record.handle)));
            }
        }
    }
    for profile in &genesis.profiles {
        let (account, stored) = read_profile(&checked.params, profile)?;
        if checked.profiles.insert(account, stored).is_some() {
            return Err(invalid(format!("the profile of {} stands there twice", profile.address)));
        }
    }
    read_history(&mut checked, &genesis.history)?;
    for commit in &genesis.handle_commits {
        let stored = StoredCommit { commit: wire::hash("commit", &commit.commit)?.into(), height: commit.height };
        if checked.commits.insert(commit.account.parse()?, stored).is_some() {
            return Err(invalid(format!("{} has two commits of handles", commit.account)));
        }
    }
    for proof in &genesis.handle_proofs {
        let (account, place) = (proof.account.parse::<Address>()?, Place::new(proof.kind, &proof.location)?);
        let handle = Handle::new(&proof.handle)?;
        let stored = StoredProof { handle, height: proof.height, time_seconds: proof.time_seconds };
        if checked.proofs.insert((account, place.kind(), proof.location.clone()), stored).is_some() {
            return Err(invalid(format!("a proof of {} stands there twice", proof.account)));
        }
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

fn read_history(checked: &mut Checked, history: &[HistoryEntry]) -> Result<()> {
    let mut next: BTreeMap<Address, (u64, i64)> = BTreeMap::new();
    for entry in history {
        let (actor, stored) = read_entry(entry)?;
        let (expected, before) = next.entry(actor.clone()).or_insert((0, 0));
        if entry.number != *expected {
            return Err(invalid(format!("history of {actor}: entry {} where {expected} is due", entry.number)));
        }
        if entry.time_seconds < *before {
            return Err(invalid(format!(
                "history of {actor}: entry {} is earlier than what comes before it",
                entry.number
            )));
        }
        (*expected, *before) = (expected.saturating_add(1), entry.time_seconds);
        checked.history.push((actor, stored));
    }
    Ok(())
}

fn read_handle(record: &HandleRecord) -> Result<StoredHandle> {
    Handle::new(&record.handle)?;
    Ok(StoredHandle {
        holder: record.holder.parse()?,
        since_height: record.since_height,
        until_seconds: record.until_seconds,
    })
}

fn read_profile(params: &Params, profile: &Profile) -> Result<(Address, StoredProfile)> {
    check_texts(params, &profile.name, &profile.about, &profile.website)?;
    if !profile.handle.is_empty() {
        return Err(invalid(format!("profile of {}: handles stand in `handles`, not in profiles", profile.address)));
    }
    let stored = StoredProfile {
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
    for (account, handle) in &checked.held {
        HELD.save(&mut ctx.kv_mut(STORE), account.as_bytes(), handle)?;
    }
    for (account, commit) in &checked.commits {
        HANDLE_COMMITS.save(&mut ctx.kv_mut(STORE), account.as_bytes(), commit)?;
    }
    for ((account, kind, location), proof) in &checked.proofs {
        HANDLE_PROOFS.save(&mut ctx.kv_mut(STORE), (account.as_bytes(), *kind, location), proof)?;
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
        genesis.profiles.push(profile.to_proto(&Address::new(account)?, None));
    }
    for pair in HANDLES.range(&*kv, None, None, Order::Ascending) {
        let (handle, record) = pair?;
        let kept = keeper.is_kept(ctx, &handle, &record)?;
        genesis.handles.push(record.to_proto(&handle, kept));
    }
    for pair in HANDLE_COMMITS.range(&*kv, None, None, Order::Ascending) {
        let (account, StoredCommit { commit, height }) = pair?;
        let account = Address::new(account)?.to_string();
        genesis.handle_commits.push(HandleCommit { account, commit: commit.into(), height });
    }
    for pair in HANDLE_PROOFS.range(&*kv, None, None, Order::Ascending) {
        let ((account, kind, location), proof) = pair?;
        genesis.handle_proofs.push(proof.to_proto(&Address::new(account)?, kind, &location));
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
