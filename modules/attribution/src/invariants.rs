//! What must hold after every block: the till, counted anew from every object, is what the totals say and what the account holds.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::add;
use openledger_core::{Address, Context, Result, SdkError, BASE_DENOM};

use crate::audit;
use crate::expiry::expiry_key;
use crate::keeper::Attribution;
use crate::state::*;
use crate::till::Totals;
use crate::types::{DisputeStatus, Session, SessionStatus, Settlement, SettlementStatus};
use crate::NAME;

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("attribution: {text}")).into()
}

/// What a settlement holds of pools, without the rows that are being credited, and of replacement bonds and bounties.
pub(crate) fn outstanding(settlement: &Settlement) -> Result<(Uint256, Uint256)> {
    let present = settlement.present()?;
    let replaced = settlement.round() > 0;
    let bond = if replaced { present.bond } else { Uint256::zero() };
    Ok(match settlement.status {
        SettlementStatus::Pending | SettlementStatus::False => (settlement.pool, add(bond, settlement.maker_bounty)?),
        SettlementStatus::AwaitingReplacement => (settlement.pool, settlement.maker_bounty),
        SettlementStatus::Paying => (add(present.baseline, present.treasury)?, Uint256::zero()),
        SettlementStatus::Paid | SettlementStatus::Baselined => (Uint256::zero(), Uint256::zero()),
    })
}

/// Checks everything.
pub(crate) fn check(keeper: &Attribution, ctx: &Context) -> Result<()> {
    let counted = count(ctx)?;
    let totals = keeper.totals(ctx)?;
    if counted != totals {
        return Err(broken(format!("counted {counted:?}, the totals say {totals:?}")));
    }
    let (owed, held) = (totals.sum()?, keeper.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?);
    if owed != held {
        return Err(broken(format!("{owed} is owed, the module account holds {held}")));
    }
    audit::invariants::check(keeper, ctx)?;
    check_locks(keeper, ctx)
}

/// What is owed, counted from every object.
fn count(ctx: &Context) -> Result<Totals> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    let mut totals = Totals::default();
    for entry in SESSIONS.range(&*kv, None, None, up) {
        let (_, session) = entry?;
        check_session(ctx, &session)?;
        if session.status != SessionStatus::Closed {
            totals.sessions = add(totals.sessions, session.left()?)?;
        }
    }
    for entry in SETTLEMENTS.range(&*kv, None, None, up) {
        let (_, settlement) = entry?;
        check_settlement(ctx, &settlement)?;
        let (pool, replacements) = outstanding(&settlement)?;
        totals.pools = add(totals.pools, pool)?;
        totals.replacements = add(totals.replacements, replacements)?;
    }
    for entry in ROWS_LEFT.range(&*kv, None, None, up) {
        let (round, pay) = entry?;
        if pay {
            totals.pools = add(totals.pools, sum_of_rows(ctx, round)?)?;
        }
    }
    for entry in DISPUTES.range(&*kv, None, None, up) {
        let (id, dispute) = entry?;
        let queued = DISPUTE_DEADLINES.has(&*kv, (dispute.deadline, id));
        if queued != (dispute.status == DisputeStatus::Committed) {
            return Err(broken(format!("dispute {id} is {:?}, queued: {queued}", dispute.status)));
        }
        if queued {
            totals.dispute_bonds = add(totals.dispute_bonds, dispute.bond)?;
        }
    }
    for entry in OWED.range(&*kv, None, None, up) {
        totals.owed = add(totals.owed, entry?.1)?;
    }
    let queued: BTreeSet<u64> =
        HELD_DUE.keys(&*kv, None, None, up).map(|key| key.map(|(_, seq)| seq)).collect::<Result<_, _>>()?;
    for entry in EARNINGS.range(&*kv, None, None, up) {
        let (seq, earnings) = entry?;
        if !earnings.held.is_zero() && !queued.contains(&seq) {
            return Err(broken(format!("contribution {seq}'s pay of {} is held and not queued", earnings.held)));
        }
        totals.held = add(totals.held, earnings.held)?;
    }
    audit::invariants::count(ctx, &mut totals)?;
    Ok(totals)
}

/// A session that is not closed is queued for its expiry, and no more is billed to a parent than was taken.
fn check_session(ctx: &Context, session: &Session) -> Result<()> {
    let (id, open) = (session.id, session.status != SessionStatus::Closed);
    if open != SESSION_EXPIRY.has(&*ctx.kv(STORE), expiry_key(session)) {
        return Err(broken(format!("session {id} is {:?} and expires at {}", session.status, session.expires_at)));
    }
    if session.billed > session.taken()? || session.billed_count > session.settled_count {
        return Err(broken(format!("session {id} billed {} to its parent", session.billed)));
    }
    Ok(())
}

fn sum_of_rows(ctx: &Context, round: (u64, u32)) -> Result<Uint256> {
    let kv = ctx.kv(STORE);
    let mut sum = Uint256::zero();
    for entry in ROWS.prefix(round).range(&*kv, None, None, Order::Ascending) {
        sum = add(sum, entry?.1)?;
    }
    Ok(sum)
}

/// A settlement's parts sum to its pool, its rows to their part while it is pending, and it is queued where it has to be.
fn check_settlement(ctx: &Context, settlement: &Settlement) -> Result<()> {
    let id = settlement.id;
    for round in &settlement.rounds {
        if add(add(round.contributions, round.baseline)?, round.treasury)? != settlement.pool {
            return Err(broken(format!("the parts of settlement {id} are not its pool of {}", settlement.pool)));
        }
    }
    let rows = sum_of_rows(ctx, (id, settlement.round()))?;
    if settlement.status == SettlementStatus::Pending && rows != settlement.present()?.contributions {
        return Err(broken(format!("the rows of settlement {id} sum to {rows}")));
    }
    let waits = matches!(
        settlement.status,
        SettlementStatus::Pending | SettlementStatus::False | SettlementStatus::AwaitingReplacement
    );
    if waits != (settlement.due != 0) || (waits && !DUE.has(&*ctx.kv(STORE), (settlement.due, id))) {
        return Err(broken(format!("settlement {id} is {:?} and due at {}", settlement.status, settlement.due)));
    }
    Ok(())
}

/// Each deployment's locked bond is what its settlements lock: the first rounds that are pending or false.
fn check_locks(keeper: &Attribution, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut locks: BTreeMap<u64, Uint256> = BTreeMap::new();
    for entry in SETTLEMENTS.range(&*kv, None, None, Order::Ascending) {
        let (_, settlement) = entry?;
        let liable = matches!(settlement.status, SettlementStatus::Pending | SettlementStatus::False);
        let lock = locks.entry(settlement.deployment).or_default();
        if liable && settlement.round() == 0 {
            *lock = add(*lock, settlement.present()?.bond)?;
        }
    }
    for (deployment, lock) in locks {
        let locked = keeper.known_deployment(ctx, deployment)?.locked;
        if locked != lock {
            let text = format!("deployment {deployment} has {locked} locked, its settlements lock {lock}");
            return Err(broken(text));
        }
    }
    Ok(())
}
