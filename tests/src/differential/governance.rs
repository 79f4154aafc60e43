//! Random messages of governance: proposals, deposits, votes, and proposals taken back.

use serde_json::{json, Value};

use super::compare::View;
use super::random::Random;
use super::steps::coin;
use super::{key, ACCOUNTS};

/// An open proposal, or any number.
fn proposal(random: &mut Random, view: &View) -> Value {
    if view.proposals.is_empty() || random.once_in(15) {
        return json!(random.below(30).to_string());
    }
    // Votes are short beside the pauses between blocks: of many proposals few are open.
    let open: Vec<&Value> = view.proposals.iter().filter(|proposal| is_open(proposal)).collect();
    if !open.is_empty() && !random.once_in(5) {
        return random.pick(&open)["id"].clone();
    }
    let latest = view.proposals.len().min(4);
    view.proposals[random.below(latest)]["id"].clone()
}

pub(super) fn propose(random: &mut Random, me: &str) -> Value {
    let gov = openledger_core::Address::module("gov").to_string();
    let recipient = key(random.below(ACCOUNTS)).address().to_string();
    let message = match random.below(4) {
        0 => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgUpdateParams", "authority": gov,
            "params": {
                "community_tax": random.fraction(), "base_proposer_reward": "0.0", "bonus_proposer_reward": "0.0",
                "withdraw_addr_enabled": !random.once_in(4),
            },
        }),
        1 => {
            json!({ "@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": gov, "to_address": recipient, "amount": [coin(random, 3)] })
        }
        _ => json!({
            "@type": "/cosmos.distribution.v1beta1.MsgCommunityPoolSpend", "authority": gov, "recipient": recipient,
            "amount": [coin(random, 18)],
        }),
    };
    let deposit = match random.below(3) {
        0 => json!([coin(random, 20)]),
        _ => json!([{ "denom": "aopen", "amount": "10000000000000000000" }]),
    };
    json!({
        "@type": "/cosmos.gov.v1.MsgSubmitProposal", "messages": [message], "initial_deposit": deposit, "proposer": me,
        "metadata": "", "title": "a title", "summary": "a summary", "expedited": random.once_in(4),
    })
}

pub(super) fn vote(random: &mut Random, me: &str, view: &View) -> Value {
    const OPTIONS: [&str; 6] = ["YES", "YES", "YES", "ABSTAIN", "NO", "NO_WITH_VETO"];
    let option = |random: &mut Random| format!("VOTE_OPTION_{}", random.pick(&OPTIONS));
    let proposal_id = proposal(random, view);
    if !random.once_in(3) {
        return json!({ "@type": "/cosmos.gov.v1.MsgVote", "proposal_id": proposal_id, "voter": me, "option": option(random), "metadata": "" });
    }
    let options = json!([
        { "option": "VOTE_OPTION_YES", "weight": "0.37" },
        { "option": random.pick(&["VOTE_OPTION_NO", "VOTE_OPTION_ABSTAIN"]), "weight": "0.63" },
    ]);
    json!({ "@type": "/cosmos.gov.v1.MsgVoteWeighted", "proposal_id": proposal_id, "voter": me, "options": options, "metadata": "" })
}

pub(super) fn deposit(random: &mut Random, me: &str, view: &View) -> Value {
    json!({
        "@type": "/cosmos.gov.v1.MsgDeposit",
        "proposal_id": proposal(random, view), "depositor": me, "amount": [coin(random, 20)],
    })
}

/// Most often one's own proposal that is still open, where there is one.
pub(super) fn cancel(random: &mut Random, me: &str, view: &View) -> Value {
    let own = own_open(me, view);
    let proposal_id = match own.as_slice() {
        [.., latest] if !random.once_in(6) => latest["id"].clone(),
        _ => proposal(random, view),
    };
    json!({ "@type": "/cosmos.gov.v1.MsgCancelProposal", "proposal_id": proposal_id, "proposer": me })
}

/// An account's open proposals.
pub(super) fn own_open<'a>(me: &str, view: &'a View) -> Vec<&'a Value> {
    view.proposals.iter().filter(|proposal| proposal["proposer"] == *me && is_open(proposal)).collect()
}

/// Whether a proposal waits for deposits or is voted on.
fn is_open(proposal: &Value) -> bool {
    let status = proposal["status"].as_str().unwrap_or_default();
    ["PROPOSAL_STATUS_DEPOSIT_PERIOD", "PROPOSAL_STATUS_VOTING_PERIOD"].contains(&status)
}
