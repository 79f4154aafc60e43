//! Genesis of councils and curators; queues and indices are made again from it.

use cosmwasm_std::{Empty, Order};
use openledger_core::wire::add;
use openledger_core::{Address, Context, Result};
use openledger_proto::openledger::datanet::v1::{Governance, PolicyEntry};

use super::bond::{due_key, seconds_key};
use super::{genesis_read as parts, BondKind};
use crate::check;
use crate::genesis::{invalid, save_new};
use crate::genesis_read;
use crate::keeper::{broken, Datanets};
use crate::money::Totals;
use crate::state::*;
use crate::types::Status;

/// Takes it over, after contributions; `totals` grows by what is owed here.
pub(crate) fn write(keeper: &Datanets, ctx: &mut Context, genesis: &Governance, totals: &mut Totals) -> Result<()> {
    for entry in &genesis.policies {
        let (key, policy) = ((entry.datanet_id, entry.number), check::policy(entry.policy.as_ref())?);
        save_new!(POLICIES, ctx, key, &policy, format!("policy {} of datanet {}", key.1, key.0));
    }
    for entry in &genesis.quotas {
        let (datanet, account, quota) = parts::quota(entry)?;
        save_new!(QUOTAS, ctx, (datanet, account.as_bytes()), &quota, format!("the quota of {account} in {datanet}"));
    }
    write_councils(keeper, ctx, genesis, totals)?;
    write_bonds(ctx, genesis, totals)?;
    write_reviews(ctx, genesis)?;
    for pot in &genesis.pots {
        let (id, pot) = genesis_read::baseline(pot)?;
        totals.curation = add(totals.curation, pot.owed()?)?;
        save_new!(CURATION, ctx, id, &pot, format!("the curators' pot of datanet {id}"));
    }
    for entry in &genesis.curators {
        let (datanet, curator, share) = parts::curator(entry)?;
        save_new!(CURATORS, ctx, (datanet, curator.as_bytes()), &share, format!("the share of {curator} in {datanet}"));
    }
    Ok(())
}

fn write_councils(keeper: &Datanets, ctx: &mut Context, genesis: &Governance, totals: &mut Totals) -> Result<()> {
    NEXT_PROPOSAL.save(&mut ctx.kv_mut(STORE), &genesis.next_proposal_id.max(1))?;
    for council in &genesis.councils {
        let (id, council) = (council.datanet_id, parts::council(council)?);
        save_new!(COUNCILS, ctx, id, &council, format!("the council of datanet {id}"));
    }
    for entry in &genesis.proposals {
        let proposal = parts::proposal(entry)?;
        if keeper.proposal(ctx, entry.id)?.is_some() {
            return Err(invalid(format!("proposal {} stands there twice", entry.id)));
        }
        totals.proposals = add(totals.proposals, proposal.deposit)?;
        keeper.open(ctx, entry.id, &proposal)?;
    }
    for vote in &genesis.votes {
        let (id, voter, vote) = parts::vote(vote)?;
        save_new!(VOTES, ctx, (id, voter.as_bytes()), &vote, format!("the vote of {voter} on {id}"));
    }
    Ok(())
}

fn write_bonds(ctx: &mut Context, genesis: &Governance, totals: &mut Totals) -> Result<()> {
    for entry in &genesis.bonds {
        let (datanet, kind, account, bond) = parts::bond(entry)?;
        totals.bonds = add(totals.bonds, bond.owed()?)?;
        let key = (datanet, kind.number(), account.as_bytes());
        save_new!(BONDS, ctx, key, &bond, format!("the bond of {account} in {datanet}"));
        let due = due_key(datanet, kind, &account);
        for part in &bond.unbonding {
            UNBONDING_DUE.save(&mut ctx.kv_mut(STORE), (seconds_key(part.due_seconds), &due), &Empty {})?;
        }
    }
    for entry in &genesis.applications {
        let (datanet, applicant, application) = parts::application(entry)?;
        totals.proposals = add(totals.proposals, application.deposit)?;
        let (key, deadline) = ((datanet, applicant.as_bytes()), application.deadline);
        save_new!(APPLICATIONS, ctx, key, &application, format!("the application of {applicant} to {datanet}"));
        APPLICATION_DUE.save(&mut ctx.kv_mut(STORE), (deadline, datanet, applicant.as_bytes()), &Empty {})?;
    }
    Ok(())
}

fn write_reviews(ctx: &mut Context, genesis: &Governance) -> Result<()> {
    for entry in &genesis.review_commits {
        let (seq, reviewer, commit) = parts::review_commit(entry)?;
        let key = (seq, reviewer.as_bytes());
        save_new!(REVIEW_COMMITS, ctx, key, &commit, format!("the hidden review of {seq} by {reviewer}"));
    }
    let all = CONTRIBUTIONS.range(&*ctx.kv(STORE), None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
    for (seq, contribution) in all.iter().filter(|(_, contribution)| contribution.status == Status::Pending) {
        for height in contribution.terms.due() {
            REVIEW_DUE.save(&mut ctx.kv_mut(STORE), (height, *seq), &Empty {})?;
        }
    }
    Ok(())
}

/// The state as a part of a genesis.
pub(crate) fn export(ctx: &Context) -> Result<Governance> {
    let (kv, up) = (ctx.kv(STORE), Order::Ascending);
    let mut genesis =
        Governance { next_proposal_id: NEXT_PROPOSAL.may_load(&*kv)?.unwrap_or(1), ..Governance::default() };
    for pair in POLICIES.range(&*kv, None, None, up) {
        let ((datanet_id, number), policy) = pair?;
        genesis.policies.push(PolicyEntry { datanet_id, number, policy: Some(policy.to_proto()) });
    }
    for pair in COUNCILS.range(&*kv, None, None, up) {
        let (id, council) = pair?;
        genesis.councils.push(council.to_proto(id));
    }
    for pair in PROPOSALS.range(&*kv, None, None, up) {
        let (id, proposal) = pair?;
        genesis.proposals.push(proposal.to_proto(id));
    }
    for pair in VOTES.range(&*kv, None, None, up) {
        let ((id, voter), vote) = pair?;
        genesis.votes.push(vote.to_proto(id, &Address::new(voter)?));
    }
    for pair in BONDS.range(&*kv, None, None, up) {
        let ((datanet, kind, account), bond) = pair?;
        let kind = BondKind::from_number(kind).ok_or_else(|| broken(format!("a bond is of kind {kind}")))?;
        genesis.bonds.push(bond.to_proto(datanet, kind, &Address::new(account)?));
    }
    for pair in QUOTAS.range(&*kv, None, None, up) {
        let ((datanet, account), quota) = pair?;
        genesis.quotas.push(quota.to_proto(datanet, &Address::new(account)?));
    }
    for pair in APPLICATIONS.range(&*kv, None, None, up) {
        let ((datanet, applicant), application) = pair?;
        genesis.applications.push(application.to_proto(datanet, &Address::new(applicant)?));
    }
    for pair in REVIEW_COMMITS.range(&*kv, None, None, up) {
        let ((seq, reviewer), commit) = pair?;
        genesis.review_commits.push(commit.to_proto(seq, &Address::new(reviewer)?));
    }
    for pair in CURATION.range(&*kv, None, None, up) {
        let (id, pot) = pair?;
        genesis.pots.push(pot.to_proto(id));
    }
    for pair in CURATORS.range(&*kv, None, None, up) {
        let ((datanet, curator), share) = pair?;
        genesis.curators.push(share.to_proto(datanet, &Address::new(curator)?));
    }
    Ok(genesis)
}
