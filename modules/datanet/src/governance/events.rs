//! Events of councils, bonds, reviews and the curators' pot.

use cosmwasm_std::Uint256;
use openledger_contributor::Outcome;
use openledger_core::{Address, Coin, Event};

use super::{BondKind, Council, Proposal};
use crate::events::contribution_event;
use crate::lifecycle::State;
use crate::types::Contribution;

pub(crate) fn state_set(datanet: u64, from: State, to: State) -> Event {
    Event::new("datanet_state_set").attr("datanet_id", datanet).attr("from", from.name()).attr("to", to.name())
}

pub(crate) fn council_set(datanet: u64, council: &Council, owner: &Address) -> Event {
    Event::new("council_set")
        .attr("datanet_id", datanet)
        .attr("members", council.members.len())
        .attr("threshold", council.threshold)
        .attr("epoch", council.epoch)
        .attr("address", owner)
}

fn proposal_event(kind: &str, id: u64, proposal: &Proposal) -> Event {
    Event::new(kind).attr("proposal_id", id).attr("datanet_id", proposal.datanet)
}

pub(crate) fn proposal_created(id: u64, proposal: &Proposal) -> Event {
    proposal_event("proposal_created", id, proposal)
        .attr("proposer", &proposal.proposer)
        .attr("voting_ends_seconds", proposal.voting_ends_seconds)
}

pub(crate) fn proposal_voted(id: u64, proposal: &Proposal, voter: &Address, yes: bool, weight: u64) -> Event {
    proposal_event("proposal_voted", id, proposal).attr("voter", voter).attr("yes", yes).attr("weight", weight)
}

pub(crate) fn proposal_closed(id: u64, proposal: &Proposal, outcome: Outcome) -> Event {
    let outcome = match outcome {
        Outcome::Executed => "executed",
        Outcome::Rejected => "rejected",
        _ => "expired",
    };
    proposal_event("proposal_closed", id, proposal)
        .attr("outcome", outcome)
        .attr("yes", proposal.yes)
        .attr("no", proposal.no)
}

fn bond_event(event: &str, datanet: u64, kind: BondKind, account: &Address, amount: Uint256) -> Event {
    Event::new(event)
        .attr("datanet_id", datanet)
        .attr("kind", kind.word())
        .attr("account", account)
        .attr("amount", Coin::base(amount))
}

pub(crate) fn bonded(datanet: u64, kind: BondKind, account: &Address, amount: Uint256) -> Event {
    bond_event("datanet_bonded", datanet, kind, account, amount)
}

pub(crate) fn unbonding(datanet: u64, kind: BondKind, account: &Address, amount: Uint256, due_seconds: i64) -> Event {
    bond_event("datanet_unbonding", datanet, kind, account, amount).attr("due_seconds", due_seconds)
}

pub(crate) fn unbonded(datanet: u64, kind: BondKind, account: &Address, amount: Uint256) -> Event {
    bond_event("datanet_unbonded", datanet, kind, account, amount)
}

pub(crate) fn slashed(datanet: u64, kind: BondKind, account: &Address, amount: Uint256) -> Event {
    bond_event("datanet_bond_slashed", datanet, kind, account, amount)
}

pub(crate) fn applied(datanet: u64, applicant: &Address, deadline: u64) -> Event {
    Event::new("application_made").attr("datanet_id", datanet).attr("applicant", applicant).attr("deadline", deadline)
}

pub(crate) fn assessed(datanet: u64, applicant: &Address, assessor: &Address, score: u32) -> Event {
    Event::new("application_assessed")
        .attr("datanet_id", datanet)
        .attr("applicant", applicant)
        .attr("assessor", assessor)
        .attr("score", score)
}

pub(crate) fn application_decided(datanet: u64, applicant: &Address, admitted: bool) -> Event {
    Event::new("application_decided")
        .attr("datanet_id", datanet)
        .attr("applicant", applicant)
        .attr("admitted", admitted)
}

pub(crate) fn review_committed(contribution: &Contribution, reviewer: &Address) -> Event {
    contribution_event("review_committed", contribution).attr("reviewer", reviewer)
}

pub(crate) fn review_unrevealed(contribution: &Contribution, reviewer: &Address, at_risk: Uint256) -> Event {
    contribution_event("review_unrevealed", contribution)
        .attr("reviewer", reviewer)
        .attr("at_risk", Coin::base(at_risk))
}

pub(crate) fn review_overruled(contribution: &Contribution, reviewer: &Address, burnt: Uint256) -> Event {
    contribution_event("review_overruled", contribution).attr("reviewer", reviewer).attr("burnt", Coin::base(burnt))
}

pub(crate) fn contribution_lapsed(contribution: &Contribution) -> Event {
    contribution_event("contribution_lapsed", contribution)
}

pub(crate) fn curation_credited(datanet: u64, amount: Uint256) -> Event {
    Event::new("curation_credited").attr("datanet_id", datanet).attr("amount", Coin::base(amount))
}

pub(crate) fn curation_claimed(datanet: u64, curator: &Address, amount: Uint256) -> Event {
    Event::new("curation_claimed")
        .attr("datanet_id", datanet)
        .attr("curator", curator)
        .attr("amount", Coin::base(amount))
}
