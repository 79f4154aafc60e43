//! A proposal's life: deposits, votes, execution, refunds and burns, and what is told of them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::Module;
use openledger_proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgExec, MsgGrant};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, MsgUpdateParams as BankParams};
use openledger_proto::cosmos::consensus::v1::MsgUpdateParams as ConsensusParams;
use openledger_proto::cosmos::gov::v1::*;
use openledger_proto::Name;
use ProposalStatus::{Failed, Passed, Rejected, VotingPeriod};

const STAKES: &[&[(u8, u128)]] = &[&[(1, 300), (7, 100)], &[(2, 600)]];

fn status(chain: &Chain, id: u64) -> ProposalStatus {
    chain.proposal(id).unwrap().status()
}

#[test]
fn what_passes_is_executed_by_the_governance_account_and_deposits_return() {
    let mut chain = Chain::new(STAKES);
    let events = chain.execute(&submit(vec![send(9, "5aopen")], "400aopen", false)).unwrap();
    let proposer = person(1).to_string();
    assert_eq!(
        shown(&events),
        [
            format!("submit_proposal{{proposal_id=1,proposal_proposer={proposer},proposal_messages=,/cosmos.bank.v1beta1.MsgSend}}"),
            format!("proposal_deposit{{depositor={proposer},amount=400aopen,proposal_id=1}}"),
        ]
    );
    let events = chain
        .execute(&MsgDeposit { proposal_id: 1, depositor: person(3).to_string(), amount: coins("600aopen").to_proto() })
        .unwrap();
    assert_eq!(
        shown(&events),
        [
            format!("proposal_deposit{{depositor={},amount=600aopen,proposal_id=1}}", person(3)),
            "proposal_deposit{voting_period_start=1}".into(),
        ]
    );
    assert_eq!(chain.gov_balance(), "1000aopen");
    let vote = MsgVote { proposal_id: 1, voter: person(2).to_string(), option: 1, metadata: "why not".into() };
    assert_eq!(
        shown(&chain.execute(&vote).unwrap()),
        [format!(
            "proposal_vote{{voter={},option=[{{\"option\":1,\"weight\":\"1.000000000000000000\"}}],proposal_id=1}}",
            person(2)
        )]
    );
    // The governance account has nothing but deposits of its own: somebody gives it what it shall send.
    chain.with(|ctx| BANK.send(ctx, &person(4), &openledger_core::Address::module("gov"), &coins("5aopen"))).unwrap();
    assert!(shown(&chain.after(VOTING - 1)).is_empty());
    assert_eq!(
        shown(&chain.after(1)),
        ["active_proposal{proposal_id=1,proposal_result=proposal_passed,proposal_log=passed}"]
    );
    let proposal = chain.proposal(1).unwrap();
    assert_eq!((proposal.status(), proposal.final_tally_result.unwrap().yes_count.as_str()), (Passed, "600"));
    assert_eq!((chain.balance(1), chain.balance(3), chain.balance(9)), (START, START, START + 5));
    assert_eq!(chain.gov_balance(), "");
    let again = chain.execute(&vote).unwrap_err();
    assert_eq!((again.code, again.message.as_str()), (3, "1: inactive proposal"));
}

#[test]
fn where_one_message_fails_none_has_happened_and_the_reason_is_told() {
    let mut chain = Chain::new(STAKES);
    let on = any(&BankParams { authority: gov(), params: Some(Default::default()) });
    let id = chain.propose(vec![on, send(9, "5aopen")], "1000aopen", false);
    chain.vote(id, 2, VoteOption::Yes);
    let events = shown(&chain.after(VOTING));
    let failed = "passed, but msg 1 (/cosmos.bank.v1beta1.MsgSend) failed on execution: aopen transfers are currently disabled: send transactions are disabled";
    assert_eq!(
        events,
        [format!("active_proposal{{proposal_id=1,proposal_result=proposal_failed,proposal_log={failed}}}")]
    );
    let proposal = chain.proposal(id).unwrap();
    assert_eq!(proposal.status(), Failed);
    assert_eq!(proposal.failed_reason, "aopen transfers are currently disabled: send transactions are disabled");
    assert!(chain.with(|ctx| BANK.is_send_enabled(ctx, "aopen").unwrap()), "the first message is undone");
    assert_eq!(chain.balance(1), START, "the deposit returns");
}

#[test]
fn a_proposal_that_spends_what_others_deposited_fails_and_theirs_returns() {
    let mut chain = Chain::new(STAKES);
    let id = chain.propose(vec![send(9, "700aopen")], "1000aopen", false);
    chain.vote(id, 2, VoteOption::Yes);
    chain.block.time_seconds += 5;
    let other = chain.propose(vec![send(9, "1aopen")], "1000aopen", false);
    let events = shown(&chain.after(VOTING - 5));
    let text = "spendable balance 0aopen is smaller than 700aopen: insufficient funds";
    let log = format!("passed, but msg 0 (/cosmos.bank.v1beta1.MsgSend) failed on execution: {text}");
    let event = format!("active_proposal{{proposal_id=1,proposal_result=proposal_failed,proposal_log={log}}}");
    assert_eq!(events, [event]);
    assert_eq!((chain.proposal(id).unwrap().failed_reason.as_str(), chain.balance(9)), (text, START));
    assert_eq!(chain.gov_balance(), "1000aopen");
    chain.after(5);
    assert_eq!(status(&chain, other), Rejected);
    assert_eq!(chain.balance(1), START, "both deposits returned");
    // With money of its own it may send that.
    chain.with(|ctx| BANK.send(ctx, &person(4), &openledger_core::Address::module("gov"), &coins("700aopen"))).unwrap();
    let id = chain.propose(vec![send(9, "700aopen")], "1000aopen", false);
    chain.vote(id, 2, VoteOption::Yes);
    chain.after(VOTING);
    assert_eq!((status(&chain, id), chain.balance(9)), (Passed, START + 700));
}

#[test]
fn a_handler_that_panics_fails_its_proposal_and_not_the_chain() {
    let mut chain = Chain::new(STAKES);
    let panics = any(&ConsensusParams { authority: gov(), ..Default::default() });
    let id = chain.propose(vec![panics], "1000aopen", false);
    chain.vote(id, 2, VoteOption::Yes);
    chain.after(VOTING);
    let proposal = chain.proposal(id).unwrap();
    assert_eq!(proposal.status(), Failed);
    assert_eq!(
        proposal.failed_reason,
        "handling x/gov proposal msg [/cosmos.consensus.v1.MsgUpdateParams] panicked: panic"
    );
    assert_eq!((chain.balance(1), chain.balance(2)), (START, START), "what it changed is undone");
}

#[test]
fn too_small_deposits_are_returned_when_their_time_is_over_or_burnt_where_the_parameters_say_so() {
    for burns in [false, true] {
        let mut chain = Chain::new(STAKES);
        let mut params = genesis().params.unwrap();
        params.burn_proposal_deposit_prevote = burns;
        chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
        let supply = chain.supply();
        let id = chain.propose(vec![send(9, "5aopen")], "999aopen", false);
        assert!(chain.after(49).is_empty());
        let events = chain.after(1);
        assert_eq!(shown(&events), ["inactive_proposal{proposal_id=1,proposal_result=proposal_dropped}"]);
        assert!(chain.proposal(id).is_none());
        assert_eq!(chain.gov_balance(), "");
        let burnt = if burns { 999 } else { 0 };
        assert_eq!((chain.balance(1), chain.supply()), (START - burnt, supply - burnt));
    }
}

#[test]
fn a_veto_burns_the_deposits_and_a_mere_no_does_not() {
    for (option, burnt) in [(VoteOption::NoWithVeto, 1_000), (VoteOption::No, 0)] {
        let mut chain = Chain::new(STAKES);
        let supply = chain.supply();
        let id = chain.propose(vec![send(9, "5aopen")], "1000aopen", false);
        chain.vote(id, 2, option);
        let events = chain.after(VOTING);
        assert_eq!(
            shown(&events),
            ["active_proposal{proposal_id=1,proposal_result=proposal_rejected,proposal_log=rejected}"]
        );
        let proposal = chain.proposal(id).unwrap();
        assert_eq!((proposal.status(), chain.supply()), (Rejected, supply - burnt));
        assert_eq!(proposal.failed_reason, "proposal did not get enough votes to pass");
        assert_eq!(chain.balance(1), START - burnt);
    }
}

#[test]
fn an_expedited_proposal_that_does_not_pass_is_voted_on_again_as_a_regular_one() {
    let mut chain = Chain::new(STAKES);
    let on = any(&BankParams { authority: gov(), params: Some(Default::default()) });
    let id = chain.propose(vec![on], "5000aopen", true);
    // 600 of 1,000 is more than half and less than the two thirds of an expedited vote.
    chain.vote(id, 2, VoteOption::Yes);
    chain.vote(id, 1, VoteOption::No);
    assert_eq!(
        shown(&chain.after(40)),
        ["active_proposal{proposal_id=1,proposal_result=expedited_proposal_rejected,proposal_log=expedited proposal converted to regular}"]
    );
    let proposal = chain.proposal(id).unwrap();
    assert_eq!((proposal.status(), proposal.expedited), (VotingPeriod, false));
    assert_eq!(proposal.voting_end_time.unwrap().seconds, 1_000 + VOTING);
    assert_eq!(chain.gov_balance(), "5000aopen", "the deposit stays");
    // Votes were counted and are gone: whoever voted votes again.
    chain.vote(id, 2, VoteOption::Yes);
    chain.after(VOTING - 40);
    assert_eq!((status(&chain, id), chain.balance(1)), (Passed, START));
}

#[test]
fn an_expedited_proposal_that_passes_is_executed_at_the_end_of_its_short_vote() {
    let mut chain = Chain::new(STAKES);
    let on = any(&BankParams { authority: gov(), params: Some(Default::default()) });
    let id = chain.propose(vec![on], "5000aopen", true);
    chain.vote(id, 1, VoteOption::Yes);
    chain.vote(id, 2, VoteOption::Yes);
    chain.after(40);
    assert_eq!(status(&chain, id), Passed);
    assert!(!chain.with(|ctx| BANK.is_send_enabled(ctx, "aopen").unwrap()));
}

#[test]
fn whoever_takes_a_proposal_back_pays_the_charge_and_the_others_their_part_of_it() {
    let pool = openledger_core::Address::module("distribution");
    for dest in [None, Some(person(8)), Some(pool.clone())] {
        let mut chain = Chain::new(STAKES);
        let mut params = genesis().params.unwrap();
        params.proposal_cancel_ratio = "0.333".into();
        params.proposal_cancel_dest = dest.as_ref().map(ToString::to_string).unwrap_or_default();
        chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
        let supply = chain.supply();
        let id = chain.propose(vec![send(9, "5aopen")], "1000aopen", false);
        let amount = coins("50aopen").to_proto();
        chain.execute(&MsgDeposit { proposal_id: id, depositor: person(3).to_string(), amount }).unwrap();
        chain.vote(id, 2, VoteOption::Yes);
        let stranger = MsgCancelProposal { proposal_id: id, proposer: person(2).to_string() };
        let error = chain.execute(&stranger).unwrap_err();
        assert_eq!((error.codespace, error.code), ("gov", 18));
        let events = chain.execute(&MsgCancelProposal { proposal_id: id, proposer: person(1).to_string() }).unwrap();
        assert_eq!(shown(&events), [format!("cancel_proposal{{sender={},proposal_id=1}}", person(1))]);
        assert!(chain.proposal(id).is_none());
        // 333 of 1,000 and 16 (of 16.65) of 50 are charged.
        assert_eq!((chain.balance(1), chain.balance(3)), (START - 333, START - 16));
        let charged = 333 + 16;
        match dest {
            None => assert_eq!(chain.supply(), supply - charged),
            Some(dest) if dest == pool => assert_eq!(chain.held(&dest), charged),
            Some(dest) => assert_eq!(chain.held(&dest), START + charged),
        }
        assert!(chain.after(VOTING).is_empty(), "it is in no queue");
    }
}

#[test]
fn a_proposal_whose_vote_is_over_cannot_be_taken_back() {
    let mut chain = Chain::new(STAKES);
    let id = chain.propose(vec![send(9, "5aopen")], "1000aopen", false);
    chain.block.time_seconds += VOTING + 1;
    let error = chain.execute(&MsgCancelProposal { proposal_id: id, proposer: person(1).to_string() }).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 20));
    chain.after(0);
    let error = chain.execute(&MsgCancelProposal { proposal_id: id, proposer: person(1).to_string() }).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 21));
}

#[test]
fn a_proposal_that_another_one_takes_back_in_the_same_block_stops_nothing() {
    let mut chain = Chain::new(STAKES);
    let mut params = genesis().params.unwrap();
    params.min_deposit_ratio = "0".into();
    chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params.clone()) }).unwrap();
    // The governance account itself proposes, through a proposal that passes; it deposits nothing, which others do.
    let inner = MsgSubmitProposal {
        proposer: gov(),
        initial_deposit: Vec::new(),
        ..submit(vec![send(9, "1aopen")], "1000aopen", false)
    };
    let first = chain.propose(vec![any(&inner)], "1000aopen", false);
    chain.vote(first, 2, VoteOption::Yes);
    chain.after(VOTING);
    let inner = first + 1;
    let deposit = |depositor, amount| MsgDeposit { proposal_id: inner, depositor, amount: coins(amount).to_proto() };
    let refused = chain.execute(&deposit(gov(), "1000aopen")).unwrap_err();
    assert!(refused.message.contains("makes none"), "{refused}");
    chain.execute(&deposit(person(3).to_string(), "1000aopen")).unwrap();
    assert_eq!(status(&chain, inner), VotingPeriod);
    let cancel = any(&MsgCancelProposal { proposal_id: inner, proposer: gov() });
    params.voting_period = Some(openledger_proto::Duration { seconds: VOTING - 10, nanos: 0 });
    chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
    chain.block.time_seconds += 5;
    let last = chain.propose(vec![cancel], "1000aopen", false);
    chain.vote(last, 2, VoteOption::Yes);
    // Both are due in the block at the other's end; the later number's end is earlier, and it removes the other.
    chain.after(VOTING - 5);
    assert_eq!(status(&chain, last), Passed);
    assert!(chain.proposal(inner).is_none());
}

#[test]
fn whom_governance_lets_send_for_it_reaches_what_it_owns_and_no_deposits() {
    let mut chain = Chain::new(STAKES);
    let account = openledger_core::Address::module("gov");
    chain.with(|ctx| BANK.send(ctx, &person(4), &account, &coins("500aopen"))).unwrap();
    let authorization = Some(any(&GenericAuthorization { msg: MsgSend::type_url() }));
    let grant = Some(Grant { authorization, expiration: None });
    let grant = MsgGrant { granter: gov(), grantee: person(9).to_string(), grant };
    let id = chain.propose(vec![any(&grant)], "1000aopen", false);
    chain.vote(id, 2, VoteOption::Yes);
    chain.after(VOTING);
    assert_eq!(status(&chain, id), Passed);
    let other = chain.propose(vec![send(8, "1aopen")], "1000aopen", false);
    let take = |amount| MsgExec { grantee: person(9).to_string(), msgs: vec![send(9, amount)] };
    let refused = chain.execute(&take("501aopen")).unwrap_err();
    assert_eq!(code(&refused), ("sdk", 5));
    assert!(refused.message.contains("spendable balance 500aopen is smaller than 501aopen"), "{refused}");
    chain.execute(&take("500aopen")).unwrap();
    assert_eq!(chain.execute(&take("1aopen")).unwrap_err().code, 5);
    assert_eq!((chain.gov_balance().as_str(), chain.balance(9)), ("1000aopen", START + 500));
    // Nobody votes, and the deposit returns.
    chain.after(VOTING);
    assert_eq!((status(&chain, other), chain.balance(1), chain.gov_balance().as_str()), (Rejected, START, ""));
}

#[test]
fn deposits_that_a_genesis_brings_can_be_spent_as_little() {
    let mut chain = Chain::new(STAKES);
    chain.propose(vec![send(8, "1aopen")], "1000aopen", false);
    let exported = chain.with(|ctx| GOV.export_genesis(ctx)).unwrap();
    let mut other = Chain::new(STAKES);
    let account = openledger_core::Address::module("gov");
    other.with(|ctx| {
        BANK.send(ctx, &person(4), &account, &coins("1003aopen")).unwrap();
        GOV.init_genesis(ctx, &exported).unwrap();
        GOV.check_invariants(ctx).unwrap();
        assert_eq!(BANK.send(ctx, &account, &person(9), &coins("4aopen")).unwrap_err().code, 5);
        BANK.send(ctx, &account, &person(9), &coins("3aopen")).unwrap();
    });
}

#[test]
fn a_proposal_is_decided_before_its_own_messages_are_executed() {
    let mut chain = Chain::new(STAKES);
    let mut params = genesis().params.unwrap();
    params.min_deposit_ratio = "0".into();
    chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
    // The governance account proposes, in a proposal, to take back the proposal that is executed then: its own.
    let cancel = any(&MsgCancelProposal { proposal_id: 2, proposer: gov() });
    let inner =
        MsgSubmitProposal { proposer: gov(), initial_deposit: Vec::new(), ..submit(vec![cancel], "1000aopen", false) };
    let first = chain.propose(vec![any(&inner)], "1000aopen", false);
    chain.vote(first, 2, VoteOption::Yes);
    chain.after(VOTING);
    let deposit =
        MsgDeposit { proposal_id: 2, depositor: person(3).to_string(), amount: coins("1000aopen").to_proto() };
    chain.execute(&deposit).unwrap();
    chain.vote(2, 2, VoteOption::Yes);
    chain.after(VOTING);
    let proposal = chain.proposal(2).unwrap();
    assert_eq!(proposal.status(), Failed);
    assert!(proposal.failed_reason.contains("deposit or voting period"), "{}", proposal.failed_reason);
}

#[test]
fn a_later_vote_stands_for_the_earlier_and_a_vote_may_be_divided() {
    let mut chain = Chain::new(STAKES);
    let id = chain.propose(vec![send(9, "5aopen")], "1000aopen", false);
    chain.vote(id, 2, VoteOption::No);
    let half = |option| WeightedVoteOption { option, weight: "0.5".into() };
    let divided = MsgVoteWeighted {
        proposal_id: id,
        voter: person(2).to_string(),
        options: vec![half(1), half(2)],
        metadata: String::new(),
    };
    chain.execute(&divided).unwrap();
    let tally: QueryTallyResultResponse =
        chain.ask("/cosmos.gov.v1.Query/TallyResult", &QueryTallyResultRequest { proposal_id: id }).unwrap();
    let tally = tally.tally.unwrap();
    let counts = [&tally.yes_count, &tally.abstain_count, &tally.no_count, &tally.no_with_veto_count];
    assert_eq!(counts, ["300", "300", "0", "0"]);
    chain.vote(id, 7, VoteOption::NoWithVeto);
    chain.after(VOTING);
    let tally = chain.proposal(id).unwrap().final_tally_result.unwrap();
    assert_eq!((tally.yes_count.as_str(), tally.no_with_veto_count.as_str()), ("300", "100"));
}
