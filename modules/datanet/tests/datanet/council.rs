use openledger_core::Coin;
use openledger_datanet::governance::council;
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::{Any, Message, Name};

use crate::chain::*;

fn member(who: u8, weight: u64) -> Member {
    Member { address: name(who), weight }
}

fn set_council(members: &[(u8, u64)], threshold: u64) -> MsgSetCouncil {
    let members = members.iter().map(|(who, weight)| member(*who, *weight)).collect();
    MsgSetCouncil { owner: name(1), datanet_id: 1, members, threshold, voting_seconds: VOTING }
}

/// A datanet of the council 2, 3 and 4, who weigh 1, 2 and 3, with a threshold of 4.
fn ruled() -> Chain {
    let mut chain = Chain::new();
    chain.datanet();
    chain.deliver(&set_council(&[(2, 1), (3, 2), (4, 3)], 4)).unwrap();
    chain
}

fn owner() -> String {
    council::address(1).to_string()
}

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn list(who: u8) -> Any {
    any(&MsgUpdateAllowList { owner: owner(), datanet_id: 1, add: vec![name(who)], remove: Vec::new() })
}

fn propose(chain: &mut Chain, who: u8, messages: Vec<Any>) -> openledger_core::Result<u64> {
    let message = MsgCreateProposal { proposer: name(who), datanet_id: 1, title: "Do it".into(), messages };
    Ok(chain.deliver(&message)?.proposal_id)
}

fn vote(chain: &mut Chain, who: u8, proposal_id: u64, yes: bool) -> openledger_core::Result<MsgVoteProposalResponse> {
    chain.deliver(&MsgVoteProposal { voter: name(who), proposal_id, yes })
}

fn execute(chain: &mut Chain, who: u8, proposal_id: u64) -> openledger_core::Result<MsgExecuteProposalResponse> {
    chain.deliver(&MsgExecuteProposal { executor: name(who), proposal_id })
}

#[test]
fn a_council_does_what_its_threshold_wants_and_the_deposit_returns() {
    let mut chain = ruled();
    assert_eq!(code(chain.deliver(&MsgFreezeVersion { owner: name(1), datanet_id: 1 })), 6, "the old owner");
    let id = propose(&mut chain, 2, vec![list(7), list(8)]).unwrap();
    assert_eq!(chain.purse(2), PURSE - OPEN);
    let tally = vote(&mut chain, 2, id, true).unwrap();
    assert_eq!((tally.yes, tally.no), (1, 0));
    assert_eq!(code(execute(&mut chain, 2, id)), 48, "1 of 4");
    vote(&mut chain, 4, id, true).unwrap();
    let done = execute(&mut chain, 3, id).unwrap();
    assert_eq!(done.responses.len(), 2);
    assert_eq!(chain.purse(2), PURSE);
    let request = QueryAllowListRequest { datanet_id: 1, pagination: None };
    let listed: QueryAllowListResponse = chain.query("AllowList", &request).unwrap();
    assert_eq!(listed.addresses, [name(7), name(8)]);
    assert_eq!(chain.outcomes(2), [1, 4, 19], "created, voted yes, executed");
}

#[test]
fn what_is_switched_off_a_council_cannot_do_either() {
    let mut chain = ruled();
    let off = MsgUpdateAllowList::type_url();
    chain.router.gate(move |_, type_url| {
        if type_url == off {
            return Err(openledger_core::SdkError::Unauthorized(format!("{type_url} is off")).into());
        }
        Ok(())
    });
    let id = propose(&mut chain, 2, vec![list(7)]).unwrap();
    vote(&mut chain, 2, id, true).unwrap();
    vote(&mut chain, 4, id, true).unwrap();
    let error = execute(&mut chain, 4, id).unwrap_err();
    assert!(error.message.contains("MsgUpdateAllowList is off"), "{error}");
    let request = QueryAllowListRequest { datanet_id: 1, pagination: None };
    assert!(chain.query::<_, QueryAllowListResponse>("AllowList", &request).unwrap().addresses.is_empty());
}

#[test]
fn a_proposal_is_not_executed_twice() {
    let mut chain = ruled();
    let id = propose(&mut chain, 2, vec![list(7)]).unwrap();
    vote(&mut chain, 2, id, true).unwrap();
    vote(&mut chain, 4, id, true).unwrap();
    execute(&mut chain, 4, id).unwrap();
    assert_eq!(code(execute(&mut chain, 4, id)), 45);
    assert_eq!(code(vote(&mut chain, 3, id, true)), 45);
}

#[test]
fn a_member_votes_once_and_nobody_else_does() {
    let mut chain = ruled();
    let id = propose(&mut chain, 2, vec![list(7)]).unwrap();
    vote(&mut chain, 3, id, true).unwrap();
    assert_eq!(code(vote(&mut chain, 3, id, true)), 47);
    assert_eq!(code(vote(&mut chain, 3, id, false)), 47, "a vote stands");
    assert_eq!(code(vote(&mut chain, 1, id, true)), 44, "the old owner is no member");
    assert_eq!(code(propose(&mut chain, 9, vec![list(7)])), 44);
    assert_eq!(code(execute(&mut chain, 9, id)), 44);
    let request = QueryVotesRequest { proposal_id: id, pagination: None };
    let votes: QueryVotesResponse = chain.query("Votes", &request).unwrap();
    assert_eq!(votes.votes, [Vote { proposal_id: id, voter: name(3), yes: true, weight: 2 }]);
}

#[test]
fn a_change_of_the_council_ends_what_the_old_one_voted_on() {
    let mut chain = ruled();
    let stale = propose(&mut chain, 2, vec![list(7)]).unwrap();
    vote(&mut chain, 4, stale, true).unwrap();
    vote(&mut chain, 2, stale, true).unwrap();
    let change = MsgSetCouncil { owner: owner(), ..set_council(&[(3, 1), (5, 1)], 2) };
    let id = propose(&mut chain, 3, vec![any(&change)]).unwrap();
    vote(&mut chain, 3, id, true).unwrap();
    vote(&mut chain, 4, id, true).unwrap();
    execute(&mut chain, 4, id).unwrap();
    let found: QueryCouncilResponse = chain.query("Council", &QueryCouncilRequest { datanet_id: 1 }).unwrap();
    let found = found.council.unwrap();
    assert_eq!((found.epoch, found.members.len(), found.open_proposals), (2, 2, 0));
    assert_eq!(code(execute(&mut chain, 4, stale)), 44, "removed");
    assert_eq!(code(vote(&mut chain, 4, stale, true)), 44, "removed");
    assert_eq!(code(execute(&mut chain, 3, stale)), 46, "carried, but by another council");
    assert_eq!(code(vote(&mut chain, 5, stale, true)), 46);
    chain.blocks(10);
    assert_eq!(chain.purse(2), PURSE, "its deposit is back");
}

#[test]
fn votes_end_and_proposals_are_pruned_in_time() {
    let mut chain = ruled();
    let carried = propose(&mut chain, 2, vec![list(7)]).unwrap();
    let refused = propose(&mut chain, 3, vec![list(8)]).unwrap();
    vote(&mut chain, 4, carried, true).unwrap();
    vote(&mut chain, 4, refused, false).unwrap();
    chain.blocks(4);
    vote(&mut chain, 2, carried, true).unwrap();
    chain.next_block();
    assert_eq!(code(vote(&mut chain, 3, carried, true)), 46, "20 seconds are over");
    chain.blocks(3);
    let request = QueryProposalsRequest { datanet_id: 1, pagination: None };
    let open: QueryProposalsResponse = chain.query("Proposals", &request).unwrap();
    assert_eq!(open.proposals.len(), 2);
    execute(&mut chain, 3, carried).unwrap();
    chain.blocks(2);
    let open: QueryProposalsResponse = chain.query("Proposals", &request).unwrap();
    assert!(open.proposals.is_empty());
    assert_eq!(code(execute(&mut chain, 3, refused)), 45);
    assert_eq!(chain.purse(3), PURSE - OPEN, "more said no than yes");
    let keeper = chain.keeper;
    let treasury = keeper.treasury(&chain.ctx(), 1).unwrap();
    assert_eq!(treasury.owed().unwrap().to_string(), OPEN.to_string());
}

#[test]
fn a_message_that_fails_undoes_all_and_leaves_the_proposal() {
    let mut chain = ruled();
    let nothing = any(&MsgFreezeVersion { owner: owner(), datanet_id: 1 });
    let id = propose(&mut chain, 2, vec![list(7), nothing]).unwrap();
    vote(&mut chain, 2, id, true).unwrap();
    vote(&mut chain, 4, id, true).unwrap();
    assert_eq!(code(execute(&mut chain, 2, id)), 21);
    let request = QueryAllowListRequest { datanet_id: 1, pagination: None };
    let listed: QueryAllowListResponse = chain.query("AllowList", &request).unwrap();
    assert!(listed.addresses.is_empty());
    let seq = chain.pending(1, 5, b"content");
    let accept = any(&MsgReviewContribution { reviewer: owner(), ..review(seq, 1, Some(9)) });
    let other = propose(&mut chain, 3, vec![accept]).unwrap();
    vote(&mut chain, 3, other, true).unwrap();
    vote(&mut chain, 4, other, true).unwrap();
    execute(&mut chain, 3, other).unwrap();
    execute(&mut chain, 2, id).unwrap();
}

#[test]
fn only_messages_that_this_datanet_s_owner_signs_are_proposed() {
    let mut chain = ruled();
    chain.datanet();
    let foreign = any(&MsgUpdateAllowList { owner: name(2), datanet_id: 1, add: vec![name(7)], remove: Vec::new() });
    let other = council::address(2).to_string();
    let other = any(&MsgUpdateAllowList { owner: other, datanet_id: 2, add: vec![name(7)], remove: Vec::new() });
    let nested = any(&MsgExecuteProposal { executor: owner(), proposal_id: 1 });
    let invalid = any(&MsgUpdateAllowList { owner: owner(), datanet_id: 1, add: Vec::new(), remove: Vec::new() });
    let broken = Any { type_url: MsgUpdateAllowList::type_url(), value: vec![0xff] };
    for bad in [vec![], vec![list(7); 9], vec![foreign], vec![other], vec![nested], vec![broken]] {
        assert_eq!(code(propose(&mut chain, 2, bad.clone())), 46, "{bad:?}");
    }
    assert_eq!(code(propose(&mut chain, 2, vec![invalid])), 28);
    let long = MsgUpdateDatanet {
        owner: owner(),
        datanet_id: 1,
        title: "t".into(),
        description: "d".repeat(17_000),
        policy: Some(policy()),
        ..Default::default()
    };
    assert_eq!(code(propose(&mut chain, 2, vec![any(&long)])), 46);
    // The council's address owns its own datanet alone, so this is refused when it is carried out.
    let theirs = any(&MsgUpdateAllowList { owner: owner(), datanet_id: 2, add: vec![name(7)], remove: Vec::new() });
    let id = propose(&mut chain, 2, vec![theirs]).unwrap();
    vote(&mut chain, 2, id, true).unwrap();
    vote(&mut chain, 4, id, true).unwrap();
    assert_eq!(code(execute(&mut chain, 2, id)), 6);
}

#[test]
fn councils_and_floods_that_cannot_be_are_refused() {
    let mut chain = Chain::new();
    chain.datanet();
    for bad in [
        set_council(&[], 1),
        set_council(&[(2, 1)], 0),
        set_council(&[(2, 1)], 2),
        set_council(&[(2, 0)], 1),
        set_council(&[(2, 1_000_001)], 1),
        set_council(&[(2, 1), (2, 1)], 1),
        MsgSetCouncil { voting_seconds: VOTING - 1, ..set_council(&[(2, 1)], 1) },
        MsgSetCouncil { voting_seconds: u64::MAX, ..set_council(&[(2, 1)], 1) },
    ] {
        assert_eq!(code(chain.deliver(&bad)), 42, "{bad:?}");
    }
    assert_eq!(code(chain.deliver(&MsgSetCouncil { owner: name(2), ..set_council(&[(2, 1)], 1) })), 6);
    assert_eq!(code(propose(&mut chain, 2, vec![list(7)])), 43);
    chain.deliver(&set_council(&[(2, 1)], 1)).unwrap();
    for _ in 0..16 {
        propose(&mut chain, 2, vec![list(7)]).unwrap();
    }
    assert_eq!(code(propose(&mut chain, 2, vec![list(7)])), 46, "16 are open");
    assert_eq!(chain.purse(2), PURSE - 16 * OPEN);
    chain.blocks(9 + 6);
    assert_eq!(chain.purse(2), PURSE, "three a block were pruned");
}

#[test]
fn a_council_spends_its_treasury() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 5, b"content");
    let version = chain.freeze(id);
    chain.deliver(&set_council(&[(2, 1)], 1)).unwrap();
    chain.credit_treasury(&[(id, version)], 100).unwrap();
    chain.blocks(20);
    let amount = Some(Coin::base(60u128).to_proto());
    let spend = MsgSpendTreasury { owner: owner(), datanet_id: id, recipient: name(9), amount };
    let proposal = propose(&mut chain, 2, vec![any(&spend)]).unwrap();
    vote(&mut chain, 2, proposal, true).unwrap();
    execute(&mut chain, 2, proposal).unwrap();
    assert_eq!(chain.purse(9), PURSE + 60);
}

#[test]
fn a_council_grants_custody_as_an_owner_does() {
    let mut chain = crate::availability::chain();
    chain.datanet();
    let seq = crate::custody::brought(&mut chain, 1, b"hers", "https://example.org/~ada");
    chain.deliver(&set_council(&[(2, 1), (3, 2), (4, 3)], 4)).unwrap();
    let statement = "https://example.org/statement".into();
    let grant = MsgGrantCustody { authority: owner(), seq, account: name(5), statement };
    let id = propose(&mut chain, 3, vec![any(&grant)]).unwrap();
    for who in [3, 4] {
        vote(&mut chain, who, id, true).unwrap();
    }
    execute(&mut chain, 4, id).unwrap();
    let keeper = chain.keeper;
    let custody = keeper.custody(&chain.ctx(), seq).unwrap().unwrap();
    assert_eq!((custody.account, custody.from), (account(5), chain.block.time_seconds + 50));
}
