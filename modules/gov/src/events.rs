//! The events of governance, kind by kind as indexers of Cosmos chains read them.
//!
//! Source: SDK v0.50 `x/gov/types/events.go`, `x/gov/abci.go`.

use openledger_core::{Coins, Event};
use openledger_proto::cosmos::gov::v1::WeightedVoteOption;

/// A proposal was made; `messages` are its type URLs, each after a comma, as the SDK writes them.
pub(crate) fn submit_proposal(id: u64, proposer: &str, messages: &str) -> Event {
    Event::new("submit_proposal")
        .attr("proposal_id", id)
        .attr("proposal_proposer", proposer)
        .attr("proposal_messages", messages)
}

/// A proposal's initial deposit was enough: it is voted on.
pub(crate) fn voting_started_at_once(id: u64) -> Event {
    Event::new("submit_proposal").attr("voting_period_start", id)
}

/// Somebody deposited.
pub(crate) fn proposal_deposit(id: u64, depositor: &str, amount: &Coins) -> Event {
    Event::new("proposal_deposit").attr("depositor", depositor).attr("amount", amount).attr("proposal_id", id)
}

/// A deposit was what lacked: the proposal is voted on.
pub(crate) fn voting_started(id: u64) -> Event {
    Event::new("proposal_deposit").attr("voting_period_start", id)
}

/// Somebody voted.
pub(crate) fn proposal_vote(id: u64, voter: &str, options: &[WeightedVoteOption]) -> Event {
    Event::new("proposal_vote").attr("voter", voter).attr("option", options_json(options)).attr("proposal_id", id)
}

/// A proposal was dropped, as its deposits were too small for too long.
pub(crate) fn inactive_proposal(id: u64) -> Event {
    Event::new("inactive_proposal").attr("proposal_id", id).attr("proposal_result", "proposal_dropped")
}

/// The votes on a proposal were counted.
pub(crate) fn active_proposal(id: u64, result: &str, log: &str) -> Event {
    Event::new("active_proposal").attr("proposal_id", id).attr("proposal_result", result).attr("proposal_log", log)
}

/// A proposal was taken back by its proposer.
pub(crate) fn cancel_proposal(id: u64, proposer: &str) -> Event {
    Event::new("cancel_proposal").attr("sender", proposer).attr("proposal_id", id)
}

/// Options as Go writes them in JSON: the option's number, its weight as it was given.
fn options_json(options: &[WeightedVoteOption]) -> String {
    let one =
        |option: &WeightedVoteOption| format!("{{\"option\":{},\"weight\":\"{}\"}}", option.option, option.weight);
    format!("[{}]", options.iter().map(one).collect::<Vec<_>>().join(","))
}
