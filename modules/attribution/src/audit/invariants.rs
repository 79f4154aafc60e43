//! What must hold of the audit after every block: counts are those of the demands, queues hold exactly what waits, and all of it belongs
//! to settlements that are not at their end.

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::add;
use openledger_core::{Context, Result, SdkError};

use super::replacements::bonds;
use super::types::{DemandKind, Openings, SamplingStatus};
use super::undeclared::read_place;
use crate::keeper::Attribution;
use crate::state::*;
use crate::till::Totals;
use crate::types::{Settlement, SettlementStatus};

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("attribution: {text}")).into()
}

/// Adds what the audit holds: deposits of demands, bonds of auditors and of commits to replacements.
pub(crate) fn count(ctx: &Context, totals: &mut Totals) -> Result<()> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    for entry in DEMANDS.range(&*kv, None, None, up) {
        totals.demands = add(totals.demands, entry?.1.deposit)?;
    }
    for entry in AUDITORS.range(&*kv, None, None, up) {
        totals.auditors = add(totals.auditors, entry?.1.bond)?;
    }
    let commits = REPLACEMENT_COMMITS.range(&*kv, None, None, up).collect::<Result<Vec<_>, _>>()?;
    totals.replacements = add(totals.replacements, bonds(commits.iter().map(|(_, commit)| commit))?)?;
    Ok(())
}

/// Checks everything but money.
pub(crate) fn check(keeper: &Attribution, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let up = Order::Ascending;
    let (mut demands, mut queued) = (0usize, 0usize);
    for entry in DEMANDS.range(&*kv, None, None, up) {
        let (id, demand) = entry?;
        demands = demands.saturating_add(1);
        let listed = DEMANDS_BY_SETTLEMENT.has(&*kv, (demand.settlement, id));
        let due = DEMAND_DEADLINES.has(&*kv, (demand.deadline, id));
        let named = TRANSCRIPT_DEMANDS.may_load(&*kv, (demand.settlement, demand.receipt))? == Some(id);
        if !listed || !due || named == (demand.kind == DemandKind::Opening) {
            return Err(broken(format!("demand {id} is not where it has to be")));
        }
    }
    for map in
        [DEMANDS_BY_SETTLEMENT.keys(&*kv, None, None, up).count(), DEMAND_DEADLINES.keys(&*kv, None, None, up).count()]
    {
        if map != demands {
            return Err(broken(format!("{demands} demands are open, a list of them has {map}")));
        }
    }
    for entry in OPENINGS.range(&*kv, None, None, up) {
        let (id, openings) = entry?;
        let settlement = keeper.known_settlement(ctx, id)?;
        check_openings(ctx, &settlement, &openings)?;
        if openings.sampling == SamplingStatus::Waiting {
            queued = queued.saturating_add(1);
        }
    }
    let draws = DRAWS.keys(&*kv, None, None, up).count();
    if draws != queued {
        return Err(broken(format!("{queued} settlements wait for a draw, {draws} are queued")));
    }
    for entry in REPLACEMENT_COMMITS.keys(&*kv, None, None, up) {
        let (id, number) = entry?;
        if keeper.known_settlement(ctx, id)?.status != SettlementStatus::AwaitingReplacement {
            return Err(broken(format!("settlement {id} has commit {number} to a replacement and awaits none")));
        }
    }
    check_undeclared(keeper, ctx)
}

fn check_openings(ctx: &Context, settlement: &Settlement, openings: &Openings) -> Result<()> {
    let (id, kv) = (settlement.id, ctx.kv(STORE));
    let open = DEMANDS_BY_SETTLEMENT.prefix(id).keys(&*kv, None, None, Order::Ascending).count();
    let counted = u64::from(openings.open_demands).saturating_add(openings.open_samples.into());
    if u64::try_from(open).ok() != Some(counted) {
        return Err(broken(format!("settlement {id} has {open} open demands and counts {counted}")));
    }
    let ended = matches!(settlement.status, SettlementStatus::Paid | SettlementStatus::Baselined);
    let waits = matches!(settlement.status, SettlementStatus::Pending | SettlementStatus::False);
    if ended || (!waits && openings.is_open()) {
        return Err(broken(format!("settlement {id} is {:?} and has something open", settlement.status)));
    }
    let queued = DRAWS.has(&*kv, (openings.epoch, id));
    let waiting = openings.sampling == SamplingStatus::Waiting;
    if queued != waiting {
        return Err(broken(format!("settlement {id} waits for epoch {}, queued: {queued}", openings.epoch)));
    }
    Ok(())
}

/// Showings of a round share no windows, and have no more than its baseline together.
fn check_undeclared(keeper: &Attribution, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    // The last one's round, receipt and end, and what its round's have in all.
    let mut last = ((0, 0), (0, 0), Uint256::zero());
    for entry in UNDECLARED.range(&*kv, None, None, Order::Ascending) {
        let ((id, round, place), showing) = entry?;
        let (receipt, start) = read_place(place);
        let (of, (before, end), sum) = last;
        if of == (id, round) && before == receipt && end > start {
            return Err(broken(format!(
                "two undeclared sources of receipt {receipt} of settlement {id} share windows"
            )));
        }
        let sum = if of == (id, round) { add(sum, showing.amount)? } else { showing.amount };
        let settlement = keeper.known_settlement(ctx, id)?;
        let of = usize::try_from(round).ok().and_then(|round| settlement.rounds.get(round));
        if of.is_none_or(|of| sum > of.baseline) {
            return Err(broken(format!("undeclared sources of settlement {id} have {sum}, over its baseline")));
        }
        last = ((id, round), (receipt, start.saturating_add(showing.count)), sum);
    }
    Ok(())
}
