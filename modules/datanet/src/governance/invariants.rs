//! What holds of councils and curators after every block.
//!
//! | invariant | |
//! | --- | --- |
//! | policies | a datanet's is that of its number; a contribution's is there |
//! | councils | exactly a council's datanets are owned by their derived addresses; open proposals are counted; votes sum to the tallies and are the members' |
//! | bonds | what is locked is what contributions and reviews that are under way have at risk; every part that unbonds is in the queue |
//! | reviews | pending contributions are in the queue of reviews, and hidden reviews are of them alone |
//! | pots | shares are those of the reviews that stand; what is owed is covered by what was credited |
//! | money | the module's totals for bonds, deposits and pots are the sums of their parts |

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::add;
use openledger_core::{Context, Result};

use super::bond::{due_key, seconds_key};
use super::{council, BondKind};
use crate::keeper::{broken, Datanets};
use crate::money::Totals;
use crate::state::*;
use crate::types::Status;

type BondKey = (u64, u8, Vec<u8>);

/// Checks all; adds what is owed here to `totals`.
pub(crate) fn check(keeper: &Datanets, ctx: &Context, totals: &mut Totals) -> Result<()> {
    policies(keeper, ctx)?;
    councils(keeper, ctx, totals)?;
    let locked = under_way(keeper, ctx)?;
    bonds(ctx, &locked, totals)?;
    applications(keeper, ctx, totals)?;
    pots(keeper, ctx, totals)
}

fn policies(keeper: &Datanets, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    for pair in DATANETS.range(&*kv, None, None, Order::Ascending) {
        let (id, datanet) = pair?;
        if keeper.policy(ctx, id, datanet.policy_number)?.as_ref() != Some(&datanet.policy) {
            return Err(broken(format!("datanet {id} does not have its policy {}", datanet.policy_number)));
        }
    }
    for key in POLICIES.keys(&*kv, None, None, Order::Ascending) {
        let (id, number) = key?;
        let known = keeper.datanet(ctx, id)?.is_some_and(|datanet| number > 0 && number <= datanet.policy_number);
        if !known {
            return Err(broken(format!("policy {number} belongs to no datanet {id}")));
        }
    }
    Ok(())
}

fn councils(keeper: &Datanets, ctx: &Context, totals: &mut Totals) -> Result<()> {
    let kv = ctx.kv(STORE);
    let next = NEXT_PROPOSAL.may_load(&*kv)?.unwrap_or(1);
    for pair in DATANETS.range(&*kv, None, None, Order::Ascending) {
        let (id, datanet) = pair?;
        if (datanet.owner == council::address(id)) != keeper.council(ctx, id)?.is_some() {
            return Err(broken(format!("datanet {id} is a council's, or not, and its owner says otherwise")));
        }
    }
    let (mut open, mut votes) = (BTreeMap::<u64, u32>::new(), 0usize);
    for pair in PROPOSALS.range(&*kv, None, None, Order::Ascending) {
        let (id, proposal) = pair?;
        let council = keeper.council(ctx, proposal.datanet)?;
        let council = council.ok_or_else(|| broken(format!("proposal {id} is of no council")))?;
        let (mut yes, mut no) = (0u64, 0u64);
        for pair in VOTES.prefix(id).range(&*kv, None, None, Order::Ascending) {
            let (voter, vote) = pair?;
            let side = if vote.yes { &mut yes } else { &mut no };
            *side = side.saturating_add(vote.weight);
            votes = votes.saturating_add(1);
            let voter = openledger_core::Address::new(voter)?;
            if proposal.epoch == council.epoch && council.weight(&voter) != Some(vote.weight) {
                return Err(broken(format!("the vote of {voter} on proposal {id} is not a member's")));
            }
        }
        let queued = PROPOSAL_DUE.has(&*kv, (seconds_key(proposal.expires_seconds), id))
            && PROPOSALS_OF.has(&*kv, (proposal.datanet, id));
        if id == 0
            || id >= next
            || (yes, no) != (proposal.yes, proposal.no)
            || !queued
            || proposal.epoch > council.epoch
        {
            return Err(broken(format!("proposal {id} cannot be as it is")));
        }
        if proposal.epoch == council.epoch {
            let count = open.entry(proposal.datanet).or_default();
            *count = count.saturating_add(1);
        }
        totals.proposals = add(totals.proposals, proposal.deposit)?;
    }
    for pair in COUNCILS.range(&*kv, None, None, Order::Ascending) {
        let (id, council) = pair?;
        let count = open.get(&id).copied().unwrap_or_default();
        if count != council.open_proposals || !DATANETS.has(&*kv, id) {
            return Err(broken(format!("the council of datanet {id} has {count} open proposals, or no datanet")));
        }
    }
    let all = PROPOSALS.keys_raw(&*kv, None, None, Order::Ascending).count();
    let rows = [
        PROPOSAL_DUE.keys_raw(&*kv, None, None, Order::Ascending).count(),
        PROPOSALS_OF.keys_raw(&*kv, None, None, Order::Ascending).count(),
    ];
    if rows != [all; 2] || VOTES.keys_raw(&*kv, None, None, Order::Ascending).count() != votes {
        return Err(broken(format!("{all} proposals have {rows:?} rows in their indices, or votes of others")));
    }
    Ok(())
}

/// Contributions and hidden reviews that are under way; what of bonds they lock.
fn under_way(keeper: &Datanets, ctx: &Context) -> Result<BTreeMap<BondKey, Uint256>> {
    let kv = ctx.kv(STORE);
    let (mut locked, mut pending) = (BTreeMap::<BondKey, Uint256>::new(), 0usize);
    let mut lock = |key: BondKey, amount: Uint256| -> Result<()> {
        let sum = locked.entry(key).or_default();
        *sum = add(*sum, amount)?;
        Ok(())
    };
    for pair in CONTRIBUTIONS.range(&*kv, None, None, Order::Ascending) {
        let (seq, contribution) = pair?;
        let terms = &contribution.terms;
        let open = matches!(contribution.status, Status::Committed | Status::Pending);
        let due = terms.due();
        let queued = due.iter().filter(|height| REVIEW_DUE.has(&*kv, (**height, seq))).count();
        let expected = if contribution.status == Status::Pending { due.len() } else { 0 };
        if queued != expected || (!open && !terms.at_risk.is_zero()) {
            return Err(broken(format!("contribution {seq} is under review, or at risk, and cannot be")));
        }
        if keeper.policy(ctx, contribution.datanet, terms.policy)?.is_none() {
            return Err(broken(format!("contribution {seq} has no policy {}", terms.policy)));
        }
        pending = pending.saturating_add(queued);
        if !terms.at_risk.is_zero() {
            let author = contribution.author.as_bytes().to_vec();
            lock((contribution.datanet, BondKind::Contributor.number(), author), terms.at_risk)?;
        }
    }
    for pair in REVIEW_COMMITS.range(&*kv, None, None, Order::Ascending) {
        let ((seq, reviewer), commit) = pair?;
        let contribution = keeper.known_contribution(ctx, seq)?;
        if contribution.status != Status::Pending || contribution.terms.review_commit_deadline == 0 {
            return Err(broken(format!("contribution {seq} has a hidden review and cannot")));
        }
        lock((contribution.datanet, BondKind::Curator.number(), reviewer), commit.at_risk)?;
    }
    for pair in REVIEWS.range(&*kv, None, None, Order::Ascending) {
        let ((seq, reviewer), review) = pair?;
        let contribution = keeper.known_contribution(ctx, seq)?;
        if review.accept && contribution.status == Status::Pending {
            lock((contribution.datanet, BondKind::Curator.number(), reviewer), review.at_risk)?;
        }
    }
    if REVIEW_DUE.keys_raw(&*kv, None, None, Order::Ascending).count() != pending {
        return Err(broken("the queue of reviews holds what is not pending"));
    }
    locked.retain(|_, amount| !amount.is_zero());
    Ok(locked)
}

fn bonds(ctx: &Context, expected: &BTreeMap<BondKey, Uint256>, totals: &mut Totals) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut locked = BTreeMap::new();
    for pair in BONDS.range(&*kv, None, None, Order::Ascending) {
        let ((datanet, kind, account), bond) = pair?;
        let key = (datanet, kind, account);
        if !DATANETS.has(&*kv, datanet) || bond == super::Bond::default() {
            return Err(broken(format!("the bond {key:?} is of no datanet, or empty")));
        }
        let kind = BondKind::from_number(kind).ok_or_else(|| broken(format!("a bond is of kind {kind}")))?;
        let due = due_key(datanet, kind, &openledger_core::Address::new(key.2.clone())?);
        if !bond.unbonding.iter().all(|part| UNBONDING_DUE.has(&*kv, (seconds_key(part.due_seconds), &due))) {
            return Err(broken(format!("the bond {key:?} unbonds and is not in the queue")));
        }
        totals.bonds = add(totals.bonds, bond.owed()?)?;
        if !bond.locked.is_zero() {
            locked.insert(key, bond.locked);
        }
    }
    if locked != *expected {
        return Err(broken(format!("bonds lock {locked:?}, what is under way {expected:?}")));
    }
    Ok(())
}

fn applications(keeper: &Datanets, ctx: &Context, totals: &mut Totals) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut count = 0usize;
    for pair in APPLICATIONS.range(&*kv, None, None, Order::Ascending) {
        let ((datanet, applicant), application) = pair?;
        count = count.saturating_add(1);
        let queued = APPLICATION_DUE.has(&*kv, (application.deadline, datanet, &applicant));
        if !queued || keeper.policy(ctx, datanet, application.policy)?.is_none() {
            return Err(broken(format!("an application to datanet {datanet} is not in the queue, or has no policy")));
        }
        totals.proposals = add(totals.proposals, application.deposit)?;
    }
    if APPLICATION_DUE.keys_raw(&*kv, None, None, Order::Ascending).count() != count {
        return Err(broken("the queue of applications holds what is not there"));
    }
    Ok(())
}

fn pots(keeper: &Datanets, ctx: &Context, totals: &mut Totals) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut reviewed = BTreeMap::<(u64, Vec<u8>), u64>::new();
    for pair in REVIEWS.range(&*kv, None, None, Order::Ascending) {
        let ((seq, reviewer), review) = pair?;
        if review.shares > 0 {
            let shares = reviewed.entry((keeper.known_contribution(ctx, seq)?.datanet, reviewer)).or_default();
            *shares = shares.saturating_add(review.shares);
        }
    }
    let mut pots = BTreeMap::<u64, (u64, Uint256)>::new();
    for pair in CURATORS.range(&*kv, None, None, Order::Ascending) {
        let ((datanet, curator), share) = pair?;
        let owed = keeper.curation_owed(ctx, datanet, &openledger_core::Address::new(curator.clone())?)?;
        let pot = pots.entry(datanet).or_default();
        *pot = (pot.0.saturating_add(share.shares), add(pot.1, owed)?);
        if reviewed.remove(&(datanet, curator)).unwrap_or_default() != share.shares {
            return Err(broken(format!(
                "a curator of datanet {datanet} has {} shares for other reviews",
                share.shares
            )));
        }
    }
    if !reviewed.is_empty() {
        return Err(broken(format!("reviews have shares that no curator has: {reviewed:?}")));
    }
    for pair in CURATION.range(&*kv, None, None, Order::Ascending) {
        let (id, pot) = pair?;
        let (shares, owed) = pots.remove(&id).unwrap_or_default();
        if pot.sharing_index != shares || owed > pot.owed()? || !DATANETS.has(&*kv, id) {
            return Err(broken(format!(
                "the curators' pot {pot:?} of datanet {id} is shared by {shares} and owes {owed}"
            )));
        }
        totals.curation = add(totals.curation, pot.owed()?)?;
    }
    if !pots.is_empty() {
        return Err(broken("curators share a pot that is not there"));
    }
    Ok(())
}
