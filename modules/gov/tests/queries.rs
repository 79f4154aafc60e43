//! The answers of both versions' queries, and that an export brings the same chain back.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::query::Code;
use openledger_core::Module;
use openledger_proto::cosmos::gov::v1::*;
use openledger_proto::cosmos::gov::v1beta1 as old;
use openledger_proto::Message;

const V1: &str = "/cosmos.gov.v1.Query/";
const OLD: &str = "/cosmos.gov.v1beta1.Query/";

/// Proposal 1 waits for deposits, 2 (a text of old) is voted on, 3 has passed.
fn chain() -> Chain {
    let mut chain = Chain::new(&[&[(1, 300), (7, 100)], &[(2, 600)]]);
    chain.block.time_seconds -= VOTING;
    let on =
        openledger_proto::cosmos::bank::v1beta1::MsgUpdateParams { authority: gov(), params: Some(Default::default()) };
    let passes = chain.propose(vec![any(&on)], "1000aopen", false);
    chain.vote(passes, 2, VoteOption::Yes);
    chain.after(VOTING);
    let text = old::MsgSubmitProposal {
        content: Some(any(&old::TextProposal { title: "A title".into(), description: "What it is for".into() })),
        initial_deposit: coins("1000aopen").to_proto(),
        proposer: person(3).to_string(),
    };
    chain.execute(&text).unwrap();
    let vote = old::MsgVoteWeighted {
        proposal_id: 2,
        voter: person(7).to_string(),
        options: vec![
            old::WeightedVoteOption { option: 1, weight: "750000000000000000".into() },
            old::WeightedVoteOption { option: 3, weight: "250000000000000000".into() },
        ],
    };
    chain.execute(&vote).unwrap();
    chain.execute(&old::MsgVote { proposal_id: 2, voter: person(2).to_string(), option: 4 }).unwrap();
    chain.propose(vec![send(9, "5aopen"), send(8, "5aopen")], "100aopen", false);
    chain
}

fn ids(chain: &Chain, request: QueryProposalsRequest) -> Vec<u64> {
    let answer: QueryProposalsResponse = chain.ask(&format!("{V1}Proposals"), &request).unwrap();
    answer.proposals.iter().map(|proposal| proposal.id).collect()
}

#[test]
fn proposals_are_found_by_status_voter_and_depositor() {
    let chain = chain();
    assert_eq!(ids(&chain, QueryProposalsRequest::default()), [1, 2, 3]);
    assert_eq!(ids(&chain, QueryProposalsRequest { proposal_status: 2, ..Default::default() }), [2]);
    assert_eq!(ids(&chain, QueryProposalsRequest { voter: person(7).to_string(), ..Default::default() }), [2]);
    assert_eq!(ids(&chain, QueryProposalsRequest { depositor: person(1).to_string(), ..Default::default() }), [3]);
    let bad = QueryProposalsRequest { voter: "nobody".into(), ..Default::default() };
    assert_eq!(chain.ask::<QueryProposalsResponse>(&format!("{V1}Proposals"), &bad).unwrap_err().code, Code::Internal);
}

#[test]
fn what_is_not_there_is_said_with_the_sdk_s_codes() {
    let chain = chain();
    let proposal = |proposal_id| {
        chain.ask::<QueryProposalResponse>(&format!("{V1}Proposal"), &QueryProposalRequest { proposal_id }).unwrap_err()
    };
    assert_eq!((proposal(0).code, proposal(9).code), (Code::InvalidArgument, Code::NotFound));
    assert_eq!(proposal(9).message, "proposal 9 doesn't exist");
    let vote = QueryVoteRequest { proposal_id: 2, voter: person(9).to_string() };
    let error = chain.ask::<QueryVoteResponse>(&format!("{V1}Vote"), &vote).unwrap_err();
    assert_eq!(error.code, Code::InvalidArgument);
    let deposit = QueryDepositRequest { proposal_id: 2, depositor: person(9).to_string() };
    let error = chain.ask::<QueryDepositResponse>(&format!("{V1}Deposit"), &deposit).unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    let params = QueryParamsRequest { params_type: "weather".into() };
    let error = chain.ask::<QueryParamsResponse>(&format!("{V1}Params"), &params).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::InvalidArgument, "unknown params type: weather"));
}

#[test]
#[allow(deprecated)]
fn parameters_are_given_whole_and_by_type() {
    let chain = chain();
    let ask = |params_type: &str| {
        let request = QueryParamsRequest { params_type: params_type.into() };
        chain.ask::<QueryParamsResponse>(&format!("{V1}Params"), &request).unwrap()
    };
    assert!(ask("").params.is_some() && ask("").tally_params.is_none());
    assert_eq!(ask("tallying").tally_params.unwrap().quorum, "0.334000000000000000");
    assert_eq!(ask("voting").voting_params.unwrap().voting_period.unwrap().seconds, VOTING);
    assert_eq!(ask("deposit").deposit_params.unwrap().max_deposit_period.unwrap().seconds, 50);
    let request = old::QueryParamsRequest { params_type: "tallying".into() };
    let tally: old::QueryParamsResponse = chain.ask(&format!("{OLD}Params"), &request).unwrap();
    assert_eq!(tally.tally_params.unwrap().quorum, b"334000000000000000");
    let constitution: QueryConstitutionResponse =
        chain.ask(&format!("{V1}Constitution"), &QueryConstitutionRequest {}).unwrap();
    assert_eq!(constitution.constitution, "Pay whom you learn from.");
}

#[test]
fn clients_of_old_see_texts_as_content_and_other_messages_as_they_are() {
    let chain = chain();
    let ask = |proposal_id| {
        let request = old::QueryProposalRequest { proposal_id };
        chain.ask::<old::QueryProposalResponse>(&format!("{OLD}Proposal"), &request)
    };
    let text = ask(2).unwrap().proposal.unwrap();
    assert_eq!(text.content.unwrap().type_url, "/cosmos.gov.v1beta1.TextProposal");
    let other = ask(1).unwrap().proposal.unwrap();
    assert_eq!(other.content.unwrap().type_url, "/cosmos.bank.v1beta1.MsgUpdateParams");
    assert_eq!(other.final_tally_result.unwrap().yes, "600");
    assert!(ask(3).is_err(), "two messages are no content");
    let votes: old::QueryVotesResponse =
        chain.ask(&format!("{OLD}Votes"), &old::QueryVotesRequest { proposal_id: 2, pagination: None }).unwrap();
    assert_eq!(votes.votes[1].options[0].weight, "750000000000000000");
    let tally: old::QueryTallyResultResponse =
        chain.ask(&format!("{OLD}TallyResult"), &old::QueryTallyResultRequest { proposal_id: 2 }).unwrap();
    let tally = tally.tally.unwrap();
    assert_eq!((tally.yes.as_str(), tally.no.as_str(), tally.no_with_veto.as_str()), ("75", "25", "600"));
}

#[test]
fn an_export_brings_the_same_chain_back() {
    let mut chain = chain();
    let exported = chain.with(|ctx| GOV.export_genesis(ctx)).unwrap();
    let mut other = Chain::new(&[]);
    other.with(|ctx| {
        BANK.send(ctx, &person(1), &openledger_core::Address::module("gov"), &coins("1100aopen")).unwrap();
        GOV.init_genesis(ctx, &exported).unwrap();
        GOV.check_invariants(ctx).unwrap();
        assert_eq!(GOV.export_genesis(ctx).unwrap(), exported);
    });
    // Deposits that the account does not hold are refused.
    let mut poor = Chain::new(&[]);
    let error = poor.with(|ctx| GOV.init_genesis(ctx, &exported)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 8));
}

#[test]
fn an_unsound_genesis_is_refused() {
    let exported = chain().with(|ctx| GOV.export_genesis(ctx)).unwrap();
    let sound = GenesisState::decode(exported.as_slice()).unwrap();
    type Change = fn(&mut GenesisState);
    let wrong: &[Change] = &[
        |genesis| genesis.starting_proposal_id = 0,
        |genesis| genesis.starting_proposal_id = 3,
        |genesis| genesis.proposals[1].id = 1,
        |genesis| genesis.proposals[1].voting_end_time = None,
        |genesis| genesis.proposals[2].deposit_end_time = None,
        |genesis| genesis.proposals[2].status = 0,
        |genesis| genesis.deposits[0].proposal_id = 9,
        |genesis| genesis.deposits.push(genesis.deposits[0].clone()),
        |genesis| genesis.votes.push(genesis.votes[0].clone()),
        |genesis| genesis.votes[0].options.clear(),
        |genesis| genesis.params = None,
        |genesis| genesis.deposits[0].amount[0].amount = "7".into(),
        |genesis| genesis.deposits.clear(),
    ];
    for (index, change) in wrong.iter().enumerate() {
        let mut genesis = sound.clone();
        change(&mut genesis);
        assert!(GOV.validate_genesis(&genesis.encode_to_vec()).is_err(), "{index}");
    }
    GOV.validate_genesis(&sound.encode_to_vec()).unwrap();
}
