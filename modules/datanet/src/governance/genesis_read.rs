//! Reading the parts of a genesis that councils and curators have; each is checked as a message that makes it would be.

use cosmwasm_std::Binary;
use openledger_core::coin::parse_amount;
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::datanet::v1 as proto;

use super::bond::MAX_UNBONDING;
use super::council::{read_members, read_messages};
use super::{Application, Bond, BondKind, Council, CuratorShare, Proposal, Quota, ReviewCommit, Unbonding, Vote};
use crate::genesis::invalid;
use crate::msg::MAX_SCORE;

pub(super) fn council(council: &proto::Council) -> Result<Council> {
    if council.address != super::council::address(council.datanet_id).to_string() || council.epoch == 0 {
        return Err(invalid(format!("the council of datanet {} has another address, or no epoch", council.datanet_id)));
    }
    Ok(Council {
        members: read_members(&council.members, council.threshold)?,
        threshold: council.threshold,
        voting_seconds: council.voting_seconds,
        epoch: council.epoch,
        open_proposals: council.open_proposals,
    })
}

pub(super) fn proposal(proposal: &proto::Proposal) -> Result<Proposal> {
    Ok(Proposal {
        datanet: proposal.datanet_id,
        proposer: proposal.proposer.parse()?,
        title: proposal.title.clone(),
        messages: read_messages(proposal.datanet_id, &proposal.messages)?,
        deposit: parse_amount(&proposal.deposit)?,
        epoch: proposal.epoch,
        voting_ends_seconds: proposal.voting_ends_seconds,
        expires_seconds: proposal.expires_seconds,
        yes: proposal.yes,
        no: proposal.no,
    })
}

pub(super) fn vote(vote: &proto::Vote) -> Result<(u64, Address, Vote)> {
    Ok((vote.proposal_id, vote.voter.parse()?, Vote { yes: vote.yes, weight: vote.weight }))
}

pub(super) fn bond(bond: &proto::Bond) -> Result<(u64, BondKind, Address, Bond)> {
    let part = |part: &proto::Unbonding| -> Result<Unbonding> {
        Ok(Unbonding { amount: parse_amount(&part.amount)?, due_seconds: part.due_seconds })
    };
    if bond.unbonding.len() > MAX_UNBONDING {
        return Err(invalid(format!("a bond of {} has {} parts unbonding", bond.account, bond.unbonding.len())));
    }
    let stored = Bond {
        amount: parse_amount(&bond.amount)?,
        locked: parse_amount(&bond.locked)?,
        unbonding: bond.unbonding.iter().map(part).collect::<Result<_>>()?,
        stands_until_seconds: bond.stands_until_seconds,
    };
    Ok((bond.datanet_id, BondKind::from_proto(bond.kind)?, bond.account.parse()?, stored))
}

pub(super) fn quota(quota: &proto::Quota) -> Result<(u64, Address, Quota)> {
    let stored = Quota {
        day: quota.day,
        count: quota.count,
        bytes: quota.bytes,
        last_count: quota.last_count,
        last_bytes: quota.last_bytes,
    };
    Ok((quota.datanet_id, quota.account.parse()?, stored))
}

pub(super) fn application(application: &proto::Application) -> Result<(u64, Address, Application)> {
    let mark = |mark: &proto::Assessment| -> Result<(Address, u32)> {
        if mark.score > MAX_SCORE {
            return Err(invalid(format!("the mark of {} is {}", mark.assessor, mark.score)));
        }
        Ok((mark.assessor.parse()?, mark.score))
    };
    let stored = Application {
        answer: application.answer.clone(),
        deposit: parse_amount(&application.deposit)?,
        policy: application.policy,
        deadline: application.deadline,
        assessments: application.assessments.iter().map(mark).collect::<Result<_>>()?,
    };
    Ok((application.datanet_id, application.applicant.parse()?, stored))
}

pub(super) fn review_commit(commit: &proto::ReviewCommit) -> Result<(u64, Address, ReviewCommit)> {
    let stored = ReviewCommit {
        commit: Binary::from(wire::hash("commit", &commit.commit)?),
        weight: parse_amount(&commit.weight)?,
        at_risk: parse_amount(&commit.at_risk)?,
        council_epoch: commit.council_epoch,
    };
    Ok((commit.seq, commit.reviewer.parse()?, stored))
}

pub(super) fn curator(share: &proto::CuratorShare) -> Result<(u64, Address, CuratorShare)> {
    let stored =
        CuratorShare { shares: share.shares, start: parse_amount(&share.start)?, owed: parse_amount(&share.owed)? };
    Ok((share.datanet_id, share.curator.parse()?, stored))
}
