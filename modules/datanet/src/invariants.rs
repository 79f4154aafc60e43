//! What holds after every block, recomputed from the contributions: see the crate's head.
//!
//! [`check_books`] needs this module's store alone, so a genesis is checked with it before there is a chain; [`check`] also compares
//! with the account's balance.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::add;
use openledger_core::{Address, Context, Result, BASE_DENOM};
use openledger_provenance::frontier::Frontier;
use openledger_provenance::mmr::VersionRoot;

use crate::content;
use crate::governance;
use crate::keeper::{broken, Datanets};
use crate::money::Totals;
use crate::state::*;
use crate::types::{Contribution, Growth, Status};
use crate::NAME;

/// All invariants.
pub(crate) fn check(keeper: &Datanets, ctx: &Context) -> Result<()> {
    check_books(keeper, ctx)?;
    let owed = keeper.totals(ctx)?.sum()?;
    let held = keeper.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?;
    if owed != held {
        return Err(broken(format!("it owes {owed}{BASE_DENOM} and holds {held}")));
    }
    Ok(())
}

/// Those that need no other module.
pub(crate) fn check_books(keeper: &Datanets, ctx: &Context) -> Result<()> {
    let deposits = contributions_are_indexed(ctx)?;
    let mut totals = Totals { deposits, ..Totals::default() };
    let kv = ctx.kv(STORE);
    let next = NEXT_DATANET.may_load(&*kv)?.unwrap_or(1);
    for pair in DATANETS.range(&*kv, None, None, Order::Ascending) {
        let (id, datanet) = pair?;
        if id == 0 || id >= next || datanet.id != id {
            return Err(broken(format!("datanet {id} is not one of the {next} given out")));
        }
        let grown = grow_again(keeper, ctx, id)?;
        if grown != keeper.growth(ctx, id)? {
            return Err(broken(format!("datanet {id} did not grow by what it accepted")));
        }
        let baseline = keeper.baseline(ctx, id)?;
        totals.baselines = add(totals.baselines, baseline.owed()?)?;
        totals.treasuries = add(totals.treasuries, keeper.treasury(ctx, id)?.owed()?)?;
    }
    known_datanets_only(ctx)?;
    governance::invariants::check(keeper, ctx, &mut totals)?;
    totals.challenges = content::invariants::check(keeper, ctx)?;
    if totals != keeper.totals(ctx)? {
        return Err(broken(format!("totals are {:?}, their parts sum to {totals:?}", keeper.totals(ctx)?)));
    }
    Ok(())
}

/// Each contribution is in a state that can be and in the indices that belong to it, and nothing else is; the sum of the deposits.
fn contributions_are_indexed(ctx: &Context) -> Result<Uint256> {
    let kv = ctx.kv(STORE);
    let next = NEXT_SEQ.may_load(&*kv)?.unwrap_or(1);
    let (mut deposits, mut counts) = (Uint256::zero(), [0usize; 5]);
    let mut last: BTreeMap<(u64, Vec<u8>), (u64, u64)> = BTreeMap::new();
    for pair in CONTRIBUTIONS.range(&*kv, None, None, Order::Ascending) {
        let (seq, contribution) = pair?;
        if seq == 0 || seq >= next || contribution.seq != seq || !is_sound(&contribution) {
            return Err(broken(format!("contribution {seq} cannot be as it is")));
        }
        deposits = add(deposits, contribution.deposit)?;
        let root = contribution.reveal.as_ref().map(|reveal| reveal.root.to_vec());
        let on_chain = contribution.reveal.as_ref().is_some_and(|reveal| reveal.on_chain);
        let expected = [true, true, root.is_some(), contribution.status == Status::Committed, on_chain];
        let root = root.unwrap_or_default();
        let found = [
            BY_DATANET.has(&*kv, (contribution.datanet, seq)),
            BY_AUTHOR.has(&*kv, (contribution.author.as_bytes(), seq)),
            BY_ROOT.has(&*kv, (&root, seq)),
            PENDING.has(&*kv, (contribution.reveal_deadline, seq)),
            CONTENTS.has(&*kv, seq),
        ];
        if expected != found {
            return Err(broken(format!("contribution {seq} is indexed as {found:?}, not {expected:?}")));
        }
        for (count, there) in counts.iter_mut().zip(expected) {
            *count = count.saturating_add(there.into());
        }
        if let Some(index) = contribution.accept_index() {
            let last = last.entry((contribution.datanet, root)).or_insert((index, seq));
            *last = (*last).max((index, seq));
        }
    }
    let rows = [
        BY_DATANET.keys_raw(&*kv, None, None, Order::Ascending).count(),
        BY_AUTHOR.keys_raw(&*kv, None, None, Order::Ascending).count(),
        BY_ROOT.keys_raw(&*kv, None, None, Order::Ascending).count(),
        PENDING.keys_raw(&*kv, None, None, Order::Ascending).count(),
        CONTENTS.keys_raw(&*kv, None, None, Order::Ascending).count(),
    ];
    if rows != counts {
        return Err(broken(format!("indices have {rows:?} rows for {counts:?} contributions")));
    }
    let stored: BTreeMap<(u64, Vec<u8>), u64> =
        ACCEPTED_ROOT.range(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    if stored != last.into_iter().map(|(root, (_, seq))| (root, seq)).collect() {
        return Err(broken("accepted contents are not indexed by what was accepted last of them"));
    }
    Ok(deposits)
}

/// Whether status, reveal, acceptance, deposit and tombstone can be together.
fn is_sound(contribution: &Contribution) -> bool {
    let (revealed, accepted) = (contribution.reveal.is_some(), contribution.acceptance.is_some());
    let steps = match contribution.status {
        Status::Committed | Status::Expired => !revealed && !accepted,
        Status::Pending | Status::Rejected => revealed && !accepted,
        Status::Accepted => revealed && accepted,
        Status::Withdrawn => revealed,
    };
    let locked = matches!(contribution.status, Status::Committed | Status::Pending);
    steps
        && locked != contribution.deposit.is_zero()
        && (revealed || contribution.tombstone.is_none())
        && (!contribution.commons || (revealed && contribution.share_index() == 0))
}

/// A datanet's growth, made again from what it accepted; on the way its versions and its baseline are checked.
fn grow_again(keeper: &Datanets, ctx: &Context, id: u64) -> Result<Growth> {
    let kv = ctx.kv(STORE);
    let versions = VERSIONS.prefix(id).range(&*kv, None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
    let frozen = versions.last().map_or(0, |(_, version)| version.count);
    let (mut growth, mut frontier, mut sharing) = (Growth::default(), Frontier::default(), 0u64);
    let (mut earned, mut claimed) = (Uint256::zero(), Uint256::zero());
    let mut roots = BTreeMap::new();
    for pair in ACCEPTED.prefix(id).range(&*kv, None, None, Order::Ascending) {
        let (index, seq) = pair?;
        let contribution = keeper.known_contribution(ctx, seq)?;
        if index != frontier.count() || contribution.accept_index() != Some(index) || contribution.datanet != id {
            return Err(broken(format!("place {index} of datanet {id} is not that of contribution {seq}")));
        }
        let leaf = contribution.leaf()?.ok_or_else(|| broken(format!("contribution {seq} has no content")))?;
        frontier.append(leaf).map_err(broken)?;
        content::invariants::nodes_are_the_ranges(keeper, ctx, id, &frontier)?;
        let share_index = contribution.share_index();
        growth.total_index = sum(growth.total_index, share_index)?;
        let share = keeper.share(ctx, seq)?;
        match (share.end.is_some(), index < frozen) {
            (false, true) => sharing = sum(sharing, share_index)?,
            (true, false) => growth.ended_index = sum(growth.ended_index, share_index)?,
            _ => {}
        }
        let owed = keeper.earned(ctx, &contribution)?;
        if share.claimed > owed {
            return Err(broken(format!("contribution {seq} claimed {} of {owed}", share.claimed)));
        }
        earned = add(earned, owed)?;
        claimed = add(claimed, share.claimed)?;
        roots.insert(frontier.count(), (VersionRoot::freeze(&frontier), growth.total_index));
    }
    let mut last = (0, Uint256::zero());
    for (due, (number, version)) in (1u32..).zip(&versions) {
        let expected = roots.get(&version.count).copied();
        let found = (VersionRoot { count: version.count, root: version.root()? }, version.total_index);
        if *number != due || expected != Some(found) || version.count <= last.0 || version.per_index < last.1 {
            return Err(broken(format!("version {number} of datanet {id} is not the prefix that it says")));
        }
        last = (version.count, version.per_index);
        growth.last_version = *number;
    }
    growth.set_frontier(&frontier);
    let baseline = keeper.baseline(ctx, id)?;
    if baseline.claimed != claimed || earned > baseline.credited || baseline.sharing_index != sharing {
        return Err(broken(format!(
            "baseline {baseline:?} of datanet {id}: earned {earned}, claimed {claimed}, {sharing} share"
        )));
    }
    if baseline.per_index < last.1 {
        return Err(broken(format!("the baseline of datanet {id} is behind its last version")));
    }
    Ok(growth)
}

fn sum(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b).ok_or_else(|| broken("a sum of share indices is too large"))
}

/// What belongs to a datanet or a contribution belongs to one that is there.
fn known_datanets_only(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut datanets: Vec<u64> = Vec::new();
    for pair in CONTRIBUTIONS.range(&*kv, None, None, Order::Ascending) {
        datanets.push(pair?.1.datanet);
    }
    for keys in [GROWTH.keys(&*kv, None, None, Order::Ascending), BASELINES.keys(&*kv, None, None, Order::Ascending)] {
        datanets.extend(keys.collect::<Result<Vec<_>, _>>()?);
    }
    datanets.extend(TREASURIES.keys(&*kv, None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?);
    for key in VERSIONS.keys(&*kv, None, None, Order::Ascending) {
        datanets.push(key?.0);
    }
    for key in ALLOWED.keys(&*kv, None, None, Order::Ascending) {
        datanets.push(key?.0);
    }
    for key in ACCEPTED.keys(&*kv, None, None, Order::Ascending) {
        datanets.push(key?.0);
    }
    datanets.sort_unstable();
    datanets.dedup();
    if let Some(unknown) = datanets.iter().find(|id| !DATANETS.has(&*kv, **id)) {
        return Err(broken(format!("something belongs to datanet {unknown}, which is not there")));
    }
    let mut seqs: Vec<u64> = COMMONS.keys(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    seqs.extend(SHARES.keys(&*kv, None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?);
    for key in REVIEWS.keys(&*kv, None, None, Order::Ascending) {
        seqs.push(key?.0);
    }
    if let Some(unknown) = seqs.iter().find(|seq| !CONTRIBUTIONS.has(&*kv, **seq)) {
        return Err(broken(format!("something belongs to contribution {unknown}, which is not there")));
    }
    Ok(())
}
