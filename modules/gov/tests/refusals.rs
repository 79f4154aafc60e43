//! What is refused, with which code and in which words.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::{Error, Module};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, MsgUpdateParams as BankParams};
use openledger_proto::cosmos::gov::v1::*;
use openledger_proto::cosmos::gov::v1beta1 as old;
use openledger_proto::{Any, Duration, Message};

fn refused(change: impl FnOnce(&mut MsgSubmitProposal)) -> Error {
    let mut msg = submit(vec![send(9, "5aopen")], "1000aopen", false);
    change(&mut msg);
    Chain::new(&[]).execute(&msg).unwrap_err()
}

#[test]
fn a_proposal_says_what_it_is_and_agrees_with_its_metadata() {
    assert_eq!(code(&refused(|msg| msg.title.clear())), ("sdk", 18));
    assert_eq!(code(&refused(|msg| msg.summary.clear())), ("sdk", 18));
    assert_eq!(code(&refused(|msg| msg.proposer = "open1".into())), ("sdk", 7));
    assert_eq!(code(&refused(|msg| msg.messages.clear())), ("gov", 11));
    let differs = refused(|msg| msg.metadata = r#"{"title":"Another","summary":"What it is for"}"#.into());
    assert_eq!(code(&differs), ("gov", 5));
    assert_eq!(
        differs.message,
        "metadata title 'Another' must equal proposal title 'A title': invalid proposal content"
    );
    assert_eq!(code(&refused(|msg| msg.metadata = "x".repeat(256))), ("gov", 15));
    assert_eq!(code(&refused(|msg| msg.title = "x".repeat(256))), ("gov", 15));
    assert_eq!(code(&refused(|msg| msg.summary = "x".repeat(10_201))), ("gov", 22));
    let mut chain = Chain::new(&[]);
    let text = MsgSubmitProposal { metadata: "ipfs://x".into(), ..submit(Vec::new(), "1000aopen", false) };
    chain.execute(&text).unwrap();
    let long = submit(Vec::new(), "1000aopen", false);
    let metadata = r#"{"title":"A title","summary":"What it is for"}"#.into();
    chain.execute(&MsgSubmitProposal { metadata, ..long }).unwrap();
}

#[test]
fn every_message_is_signed_by_the_governance_account_alone_and_handled_by_some_module() {
    let of_another = MsgSend {
        from_address: person(1).to_string(),
        to_address: person(2).to_string(),
        amount: coins("1aopen").to_proto(),
    };
    let error = refused(|msg| msg.messages.push(any(&of_another)));
    assert_eq!(code(&error), ("gov", 13));
    assert!(error.message.starts_with(&person(1).to_string()), "{error}");
    let unknown = Any { type_url: "/cosmos.nft.v1beta1.MsgSend".into(), value: Vec::new() };
    assert_eq!(code(&refused(|msg| msg.messages.push(unknown))), ("gov", 10));
    // A number where the recipient should stand.
    let from_gov = any(&MsgSend { from_address: gov(), ..MsgSend::default() });
    let unreadable = Any { value: [from_gov.value, vec![0x10, 0x01]].concat(), ..from_gov };
    assert_eq!(code(&refused(|msg| msg.messages.push(unreadable))), ("gov", 12));
}

#[test]
fn a_message_that_will_be_refused_can_be_proposed_and_fails_when_it_is_executed() {
    let mut chain = Chain::new(&[&[(2, 10)]]);
    let unsound = BankParams { authority: gov(), params: None };
    let id = chain.propose(vec![any(&unsound)], "1000aopen", false);
    chain.vote(id, 2, VoteOption::Yes);
    chain.after(VOTING);
    let proposal = chain.proposal(id).unwrap();
    assert_eq!(proposal.status(), ProposalStatus::Failed);
    assert!(proposal.failed_reason.contains("params are missing"), "{}", proposal.failed_reason);
}

#[test]
fn deposits_are_in_accepted_coins_and_not_too_small() {
    let coin = |denom: &str, amount: &str| {
        vec![openledger_proto::cosmos::base::v1beta1::Coin { denom: denom.into(), amount: amount.into() }]
    };
    assert_eq!(code(&refused(|msg| msg.initial_deposit = coin("aopen", "0"))), ("sdk", 10));
    let denom = refused(|msg| msg.initial_deposit = coin("uatom", "5"));
    let text = "deposited 5uatom, but gov accepts only the following denom(s): [aopen]: invalid deposit denom";
    assert_eq!((code(&denom), denom.message.as_str()), (("gov", 23), text));
    let small = refused(|msg| msg.initial_deposit = coin("aopen", "9"));
    let text = "received 9aopen but need at least one of the following: 10aopen: minimum deposit is too small";
    assert_eq!((code(&small), small.message.as_str()), (("gov", 16), text));
    assert_eq!(code(&refused(|msg| msg.initial_deposit.clear())), ("gov", 16));
    let poor = refused(|msg| msg.initial_deposit = coin("aopen", &(START + 1).to_string()));
    assert_eq!(code(&poor), ("sdk", 5));

    let mut chain = Chain::new(&[]);
    let mut params = genesis().params.unwrap();
    params.min_initial_deposit_ratio = "0.25".into();
    chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
    let error = chain.execute(&submit(vec![send(9, "1aopen")], "249aopen", false)).unwrap_err();
    assert_eq!(error.message, "was (249aopen), need (250aopen): minimum deposit is too small");
    assert_eq!(chain.execute(&submit(vec![send(9, "1aopen")], "250aopen", true)).unwrap_err().code, 16);
    chain.execute(&submit(vec![send(9, "1aopen")], "250aopen", false)).unwrap();
    let deposit = |proposal_id, amount: &str| MsgDeposit {
        proposal_id,
        depositor: person(2).to_string(),
        amount: coins(amount).to_proto(),
    };
    assert_eq!(code(&chain.execute(&deposit(1, "")).unwrap_err()), ("sdk", 10));
    assert_eq!(code(&chain.execute(&deposit(7, "100aopen")).unwrap_err()), ("gov", 2));
}

#[test]
fn votes_name_options_once_and_weigh_one_in_all() {
    let mut chain = Chain::new(&[&[(1, 10)]]);
    let id = chain.propose(vec![send(9, "1aopen")], "1000aopen", false);
    let vote = |option, metadata: &str| MsgVote {
        proposal_id: id,
        voter: person(1).to_string(),
        option,
        metadata: metadata.into(),
    };
    assert_eq!(code(&chain.execute(&vote(0, "")).unwrap_err()), ("gov", 7));
    assert_eq!(code(&chain.execute(&vote(5, "")).unwrap_err()), ("gov", 7));
    assert_eq!(code(&chain.execute(&vote(1, &"x".repeat(256))).unwrap_err()), ("gov", 15));
    let divided = |options: &[(i32, &str)]| MsgVoteWeighted {
        proposal_id: id,
        voter: person(1).to_string(),
        options: options
            .iter()
            .map(|(option, weight)| WeightedVoteOption { option: *option, weight: (*weight).into() })
            .collect(),
        metadata: String::new(),
    };
    assert_eq!(code(&chain.execute(&divided(&[])).unwrap_err()), ("sdk", 18));
    for (options, text) in [
        (&[(1, "0.5"), (1, "0.5")][..], "duplicated vote option: invalid vote option"),
        (&[(1, "0.5"), (2, "0.6")], "total weight overflow 1.00: invalid vote option"),
        (&[(1, "0.5"), (2, "0.4")], "total weight lower than 1.00: invalid vote option"),
        (&[(1, "0"), (2, "1")], "option 1 with weight \"0\": invalid vote option"),
        (&[(0, "1")], "option 0 with weight \"1\": invalid vote option"),
        (&[(1, "one")], "option 1 with weight \"one\": invalid vote option"),
    ] {
        let error = chain.execute(&divided(options)).unwrap_err();
        assert_eq!((code(&error), error.message.as_str()), (("gov", 7), text));
    }
}

#[test]
fn parameters_are_within_their_ranges_and_changed_by_the_authority_alone() {
    type Change = fn(&mut Params);
    let wrong: &[Change] = &[
        |params| params.min_deposit.clear(),
        |params| params.expedited_min_deposit = params.min_deposit.clone(),
        |params| params.max_deposit_period = None,
        |params| params.max_deposit_period = Some(Duration { seconds: 0, nanos: 0 }),
        |params| params.voting_period = Some(Duration { seconds: -1, nanos: 0 }),
        |params| params.voting_period = Some(Duration { seconds: i64::MAX, nanos: 0 }),
        |params| params.expedited_voting_period = params.voting_period,
        |params| params.quorum = "-0.1".into(),
        |params| params.quorum = "1.1".into(),
        |params| params.quorum = String::new(),
        |params| params.threshold = "0".into(),
        |params| params.expedited_threshold = params.threshold.clone(),
        |params| params.veto_threshold = "0".into(),
        |params| params.min_initial_deposit_ratio = "2".into(),
        |params| params.min_deposit_ratio = "-1".into(),
        |params| params.proposal_cancel_ratio = "1.000000000000000001".into(),
        |params| params.proposal_cancel_dest = "nobody".into(),
    ];
    let mut chain = Chain::new(&[]);
    for (index, change) in wrong.iter().enumerate() {
        let mut params = genesis().params.unwrap();
        change(&mut params);
        let error = chain.execute(&MsgUpdateParams { authority: gov(), params: Some(params.clone()) }).unwrap_err();
        assert_eq!(code(&error), ("gov", 101), "{index}: {error}");
        let genesis = GenesisState { params: Some(params), ..genesis() };
        assert!(GOV.validate_genesis(&genesis.encode_to_vec()).is_err(), "{index}");
    }
    let stranger = MsgUpdateParams { authority: person(1).to_string(), params: genesis().params };
    assert_eq!(code(&chain.execute(&stranger).unwrap_err()), ("gov", 13));
}

#[test]
fn of_the_contents_of_old_text_alone_is_taken() {
    let mut chain = Chain::new(&[&[(2, 10)]]);
    let text = |title: &str, description: &str| old::MsgSubmitProposal {
        content: Some(any(&old::TextProposal { title: title.into(), description: description.into() })),
        initial_deposit: coins("1000aopen").to_proto(),
        proposer: person(1).to_string(),
    };
    chain.execute(&text("A title", "What it is for")).unwrap();
    assert_eq!(code(&chain.execute(&text(" ", "x")).unwrap_err()), ("gov", 5));
    assert_eq!(code(&chain.execute(&text("x", "")).unwrap_err()), ("gov", 5));
    assert_eq!(code(&chain.execute(&text(&"x".repeat(141), "x")).unwrap_err()), ("gov", 5));
    let of = |url: &str| Any { type_url: url.into(), value: Vec::new() };
    let spend = of("/cosmos.distribution.v1beta1.CommunityPoolSpendProposal");
    let error = chain.execute(&old::MsgSubmitProposal { content: Some(spend.clone()), ..text("x", "x") }).unwrap_err();
    let words = "distribution: no handler exists for proposal type";
    assert_eq!((code(&error), error.message.as_str()), (("gov", 9), words));
    let exec = any(&MsgExecLegacyContent { content: Some(spend), authority: gov() });
    assert_eq!(code(&chain.execute(&submit(vec![exec], "1000aopen", false)).unwrap_err()), ("gov", 9));
    let exec = any(&MsgExecLegacyContent { content: Some(of("/cosmos.bank.v1beta1.MsgSend")), authority: gov() });
    assert_eq!(code(&chain.execute(&submit(vec![exec], "1000aopen", false)).unwrap_err()), ("gov", 5));
}
