//! What holds after every block about contents after their reveal.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::add;
use openledger_core::{Context, Result};
use openledger_provenance::frontier::Frontier;

use super::pointers::MAX_PAID_OF_KIND;
use super::state::*;
use super::types::{DuplicateStatus, Seed};
use crate::keeper::{broken, Datanets};
use crate::state::{CONTRIBUTIONS, STORE};

/// All of it; the sum of bonds and deposits.
pub(crate) fn check(keeper: &Datanets, ctx: &Context) -> Result<Uint256> {
    pointers_are_the_contributions(ctx)?;
    custody_is_of_custodial_ones(keeper, ctx)?;
    let bonds = duplicates_are_queued(keeper, ctx)?;
    add(bonds, challenges_are_queued(keeper, ctx)?)
}

/// A newly appended leaf of a range left its nodes, and the largest of them is a peak.
pub(crate) fn nodes_are_the_ranges(keeper: &Datanets, ctx: &Context, datanet: u64, frontier: &Frontier) -> Result<()> {
    let last = frontier.count().saturating_sub(1);
    // The last leaf completes the smallest peak.
    let level = frontier.count().trailing_zeros();
    let stored = match level {
        0 => None,
        level => {
            let place = last.checked_shr(level).unwrap_or_default();
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            NODES.may_load(&*ctx.kv(STORE), (datanet, level, place))?
        }
    };
    let peak = frontier.peaks().last().map(|peak| peak.to_vec());
    if level > 0 && stored.map(|node| node.to_vec()) != peak {
        return Err(broken(format!("the nodes of datanet {datanet} are not its range's at {last}")));
    }
    keeper.inclusion_path(ctx, datanet, last, frontier.count()).map(|_| ())
}

/// Each accepted pointer is listed, with its part; nothing else is; no target has too many.
fn pointers_are_the_contributions(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let (mut listed, mut paid) = (Vec::new(), Vec::new());
    let mut of_kind: BTreeMap<(u64, u8), u32> = BTreeMap::new();
    for pair in CONTRIBUTIONS.range(&*kv, None, None, Order::Ascending) {
        let (seq, contribution) = pair?;
        let bps = contribution.acceptance.as_ref().map(|acceptance| acceptance.pointer_bps);
        let Some(pointer) = contribution.points_at() else {
            if bps.is_some_and(|bps| bps > 0) {
                return Err(broken(format!("contribution {seq} points at none and has a part of its pay")));
            }
            continue;
        };
        let Some(bps) = bps else { continue };
        let target = CONTRIBUTIONS.may_load(&*kv, pointer.seq)?;
        let fits = target.is_some_and(|target| {
            target.datanet == contribution.datanet && target.acceptance.is_some() && target.points_at().is_none()
        });
        if !fits || contribution.share_index() != 0 {
            return Err(broken(format!("contribution {seq} points at {} and cannot", pointer.seq)));
        }
        listed.push((pointer.seq, seq));
        if bps > 0 {
            paid.push(((pointer.seq, pointer.kind.number(), seq), bps));
            let count = of_kind.entry((pointer.seq, pointer.kind.number())).or_default();
            *count = count.saturating_add(1);
        }
    }
    listed.sort_unstable();
    paid.sort_unstable();
    let stored: Vec<(u64, u64)> = POINTERS.keys(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    let stored_paid: Vec<_> = PAID_POINTERS.range(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    if stored != listed || stored_paid != paid || of_kind.values().any(|count| *count > MAX_PAID_OF_KIND) {
        return Err(broken(format!("pointers are {stored:?}, {stored_paid:?}; not {listed:?}, {paid:?}")));
    }
    Ok(())
}

/// Open disputes have bonds, deadlines and draws; ended ones have none; rulings name earlier works. The sum of the bonds.
fn duplicates_are_queued(keeper: &Datanets, ctx: &Context) -> Result<Uint256> {
    let kv = ctx.kv(STORE);
    let next = NEXT_DUPLICATE.may_load(&*kv)?.unwrap_or(1);
    let (mut bonds, mut queue) = (Uint256::zero(), Vec::new());
    let mut seeds: BTreeMap<u64, u64> = BTreeMap::new();
    for pair in DUPLICATES.range(&*kv, None, None, Order::Ascending) {
        let (id, dispute) = pair?;
        let open = dispute.status == DuplicateStatus::Open;
        let known = CONTRIBUTIONS.has(&*kv, dispute.seq) && DUPLICATES_OF.has(&*kv, (dispute.seq, id));
        if id == 0 || id >= next || dispute.id != id || !known || open == dispute.bond.is_zero() {
            return Err(broken(format!("duplicate dispute {id} cannot be as it is")));
        }
        bonds = add(bonds, dispute.bond)?;
        if open {
            queue.push((dispute.deadline, id));
            let count = seeds.entry(dispute.seed_height()).or_default();
            *count = count.saturating_add(1);
        }
    }
    queue.sort_unstable();
    let stored: Vec<_> = DUPLICATE_DEADLINES.keys(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    let drawn: Vec<(u64, Seed)> = SEEDS.range(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    if stored != queue || drawn.iter().map(|(height, seed)| (*height, seed.disputes)).ne(seeds) {
        return Err(broken(format!("open duplicate disputes are {queue:?}, queued {stored:?}, drawn {drawn:?}")));
    }
    for pair in RULINGS.range(&*kv, None, None, Order::Ascending) {
        let (seq, ruling) = pair?;
        let earlier = ruling.source.is_none_or(|source| source < seq && CONTRIBUTIONS.has(&*kv, source));
        let ended = keeper.share(ctx, seq)?.end.is_some();
        if !earlier || !ended || !DUPLICATES.has(&*kv, ruling.dispute) {
            return Err(broken(format!("the ruling on contribution {seq} cannot be as it is")));
        }
    }
    Ok(bonds)
}

/// Challenges have deposits and deadlines until they are missed, and then they make their content unavailable. The sum of the deposits.
fn challenges_are_queued(keeper: &Datanets, ctx: &Context) -> Result<Uint256> {
    let kv = ctx.kv(STORE);
    let (mut deposits, mut queue) = (Uint256::zero(), Vec::new());
    let mut missed: BTreeMap<u64, u32> = BTreeMap::new();
    for pair in CHALLENGES.range(&*kv, None, None, Order::Ascending) {
        let ((seq, chunk), challenge) = pair?;
        let accepted = keeper.known_contribution(ctx, seq)?.acceptance.is_some();
        if challenge.missed != challenge.deposit.is_zero() || !accepted {
            return Err(broken(format!("the challenge of chunk {chunk} of {seq} cannot be as it is")));
        }
        deposits = add(deposits, challenge.deposit)?;
        if challenge.missed {
            let count = missed.entry(seq).or_default();
            *count = count.saturating_add(1);
        } else {
            queue.push((challenge.deadline, seq, chunk));
        }
    }
    queue.sort_unstable();
    let stored: Vec<_> = CHALLENGE_DEADLINES.keys(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    let marked: Vec<_> = UNAVAILABLE.range(&*kv, None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
    if stored != queue || marked.iter().map(|(seq, unavailable)| (*seq, unavailable.missed)).ne(missed) {
        return Err(broken(format!("challenges are {queue:?}, queued {stored:?}, missed {marked:?}")));
    }
    for (seq, _) in marked {
        let open = keeper.known_contribution(ctx, seq)?.left_out.last().is_some_and(|gap| gap.to.is_none());
        if !open {
            return Err(broken(format!("contribution {seq} is unavailable and the next version holds it")));
        }
    }
    Ok(deposits)
}

/// Holds and custody are of accepted custodial contributions, and each hold is queued.
fn custody_is_of_custodial_ones(keeper: &Datanets, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut held: Vec<(u64, i64)> = HOLDS.range(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    let mut seqs: Vec<u64> = CUSTODIES.keys(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    seqs.extend(held.iter().map(|(seq, _)| *seq));
    for seq in seqs {
        let contribution = keeper.known_contribution(ctx, seq)?;
        if !contribution.is_custodial() || contribution.acceptance.is_none() {
            return Err(broken(format!("contribution {seq} is nobody else's, or not accepted")));
        }
    }
    held.sort_unstable_by_key(|(seq, until)| (*until, *seq));
    let queued: Vec<(i64, u64)> = HOLDS_DUE.keys(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    if queued != held.into_iter().map(|(seq, until)| (until, seq)).collect::<Vec<_>>() {
        return Err(broken(format!("holds are queued as {queued:?}")));
    }
    Ok(())
}
