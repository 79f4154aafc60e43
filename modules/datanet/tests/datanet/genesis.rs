use openledger_bank::Bank;
use openledger_core::{Address, Coin, Module};
use openledger_datanet::governance::BondKind;
use openledger_datanet::Datanets;
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::{Any, Message, Name};
use proptest::prelude::*;

use crate::chain::*;

/// A chain that has seen every kind of state.
fn lived() -> Chain {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let curated = Policy { curators: vec![name(3), name(4)], quorum: 2, ..policy() };
    let other = chain.deliver(&create(curated)).unwrap().datanet_id;
    let add = vec![name(5), name(6)];
    let list = MsgUpdateAllowList { owner: name(1), datanet_id: id, add, remove: Vec::new() };
    chain.deliver(&list).unwrap();
    let first = chain.accepted(id, 2, &[1; 500]);
    let second = chain.accepted(id, 3, &[2; 700]);
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 12_345).unwrap();
    chain.credit_treasury(&[(id, version)], 777).unwrap();
    chain.deliver(&MsgClaimBaseline { author: name(2), seqs: vec![first] }).unwrap();
    chain.deliver(&MsgWithdrawContribution { author: name(3), seq: second }).unwrap();
    let third = chain.accepted(id, 4, &[3; 100]);
    chain.deliver(&MsgWithdrawContribution { author: name(4), seq: third }).unwrap();
    let on_chain = chain.commit(id, 5, b"MIT License");
    chain.next_block();
    let shown = MsgRevealContribution { content: b"MIT License".to_vec(), ..reveal(on_chain, 5, b"MIT License") };
    chain.deliver(&shown).unwrap();
    let gov = Address::module("gov").to_string();
    chain.deliver(&MsgSetCommons { authority: gov, seq: on_chain, listed: true, from_height: 0 }).unwrap();
    chain.deliver(&review(on_chain, 1, Some(9_000))).unwrap();
    chain.credit_baseline(&[(id, version)], 333).unwrap();
    let voted = chain.pending(other, 2, b"one vote so far");
    chain.deliver(&review(voted, 3, Some(1))).unwrap();
    let dead = chain.pending(id, 2, b"taken down");
    chain
        .deliver(&MsgTombstone {
            authority: openledger_auth::authority().to_string(),
            seq: dead,
            reason: "notice".into(),
        })
        .unwrap();
    governed(&mut chain);
    chain.commit(id, 2, b"hidden");
    chain
}

/// A third datanet that has seen every kind of decision, a fourth that admits by bond, a fifth by assessment.
fn governed(chain: &mut Chain) {
    let id = chain.deliver(&create(hidden())).unwrap().datanet_id;
    for curator in 3..7 {
        chain.bond_curator(id, curator, OPEN);
    }
    let seq = chain.pending(id, 2, b"judged");
    for curator in 3..6 {
        chain.deliver(&commit_review(seq, curator, Some(2_000))).unwrap();
    }
    chain.blocks(4);
    for curator in 3..5 {
        chain.deliver(&reveal_review(seq, curator, Some(2_000))).unwrap();
    }
    chain.blocks(2);
    let version = chain.deliver(&MsgFreezeVersion { owner: name(1), datanet_id: id }).unwrap().version;
    chain.credit_curation(&[(id, version)], 1_001).unwrap();
    chain.deliver(&MsgClaimCuration { curator: name(3), datanet_ids: vec![id] }).unwrap();
    chain.credit_curation(&[(id, version)], 10).unwrap();
    let part = Some(Coin::base(5u128).to_proto());
    chain.deliver(&MsgUnbondCurator { curator: name(6), datanet_id: id, amount: part }).unwrap();
    let judged = chain.pending(id, 2, b"under review");
    chain.deliver(&commit_review(judged, 4, None)).unwrap();
    let members = vec![Member { address: name(8), weight: 2 }, Member { address: name(7), weight: 1 }];
    let give = MsgSetCouncil { owner: name(1), datanet_id: id, members, threshold: 3, voting_seconds: VOTING };
    let owner = chain.deliver(&give).unwrap().address;
    let freeze = MsgSetDatanetState { owner, datanet_id: id, state: DatanetState::Frozen.into() };
    let messages = vec![Any { type_url: MsgSetDatanetState::type_url(), value: freeze.encode_to_vec() }];
    let propose = MsgCreateProposal { proposer: name(8), datanet_id: id, title: "Freeze".into(), messages };
    let proposal_id = chain.deliver(&propose).unwrap().proposal_id;
    chain.deliver(&MsgVoteProposal { voter: name(8), proposal_id, yes: true }).unwrap();
    let bonded = Policy {
        admission: Admission::Bonded.into(),
        contributor_bond: "10".into(),
        contributor_slash_bps: 10_000,
        ..policy()
    };
    let id = chain.deliver(&create(bonded)).unwrap().datanet_id;
    let amount = Some(Coin::base(10u128).to_proto());
    chain.deliver(&MsgBondContributor { account: name(5), datanet_id: id, amount }).unwrap();
    chain.pending(id, 5, b"at risk");
    let assessed = Policy {
        admission: Admission::Assessment.into(),
        pass_mark: 1,
        curators: vec![name(3), name(4)],
        quorum: 2,
        ..policy()
    };
    let id = chain.deliver(&create(assessed)).unwrap().datanet_id;
    chain.deliver(&MsgApply { applicant: name(6), datanet_id: id, answer: "because".into() }).unwrap();
    chain.deliver(&MsgAssess { assessor: name(3), datanet_id: id, applicant: name(6), score: 7 }).unwrap();
}

pub fn exported(chain: &mut Chain) -> GenesisState {
    let bytes = Datanets::default().export_genesis(&chain.ctx()).unwrap();
    GenesisState::decode(bytes.as_slice()).unwrap()
}

/// A chain made of this genesis, with what it owes in the module's account.
pub fn imported(genesis: &GenesisState, held: u128) -> openledger_core::Result<Chain> {
    Chain::of(&genesis.encode_to_vec(), |ctx| {
        Bank::default().credit_genesis(ctx, &Address::module("datanet"), &coins(held)).unwrap();
    })
}

pub fn held(chain: &mut Chain) -> u128 {
    chain.balance(&Address::module("datanet")).to_string().parse().unwrap()
}

#[test]
fn a_chain_made_of_an_exported_genesis_exports_the_same_and_goes_on() {
    let mut chain = lived();
    let (genesis, held) = (exported(&mut chain), held(&mut chain));
    Datanets::default().validate_genesis(&genesis.encode_to_vec()).unwrap();
    let mut again = imported(&genesis, held).unwrap();
    assert_eq!(exported(&mut again), genesis);
    (again.block.height, again.block.time_seconds) = (chain.block.height + 1, chain.block.time_seconds + 5);
    for seq in 1..genesis.next_seq {
        assert_eq!(again.owed(seq), chain.owed(seq), "contribution {seq}");
        assert_eq!(again.contribution(seq), chain.contribution(seq));
    }
    let hidden = genesis.next_seq - 1;
    again.deliver(&reveal(hidden, 2, b"hidden")).unwrap();
    again.deliver(&review(hidden, 1, Some(4))).unwrap();
    assert_eq!(again.freeze(1), 2);
    let vote = MsgVoteProposal { voter: name(7), proposal_id: 1, yes: true };
    again.deliver(&vote).unwrap();
    again.deliver(&MsgExecuteProposal { executor: name(7), proposal_id: 1 }).unwrap();
    again.deliver(&MsgAssess { assessor: name(4), datanet_id: 5, applicant: name(6), score: 7 }).unwrap();
    again.commit(5, 6, b"admitted");
    again.deliver(&MsgClaimCuration { curator: name(3), datanet_ids: vec![3] }).unwrap();
    again.blocks(PERIOD / 5 + 2);
    assert_eq!(again.bonded(3, BondKind::Curator, 4).1, 0, "the hidden review's deadline came");
}

#[test]
fn a_genesis_whose_money_is_not_there_is_refused() {
    let mut chain = lived();
    let (genesis, held) = (exported(&mut chain), held(&mut chain));
    assert_eq!(code(imported(&genesis, held - 1).map(|_| ())), 2);
    assert_eq!(code(imported(&genesis, held + 1).map(|_| ())), 2);
}

#[test]
fn a_genesis_that_contradicts_itself_is_refused() {
    let good = exported(&mut lived());
    let changes: [fn(&mut GenesisState); 37] = [
        |genesis| genesis.params = None,
        |genesis| genesis.next_seq = 3,
        |genesis| genesis.next_datanet_id = 2,
        |genesis| genesis.datanets.truncate(1),
        |genesis| genesis.datanets[1].id = 1,
        |genesis| genesis.contributions[0].deposit = "5".into(),
        |genesis| genesis.contributions[0].status = 0,
        |genesis| genesis.contributions[0].acceptance = None,
        |genesis| genesis.contributions[0].acceptance.as_mut().unwrap().accept_index = 1,
        |genesis| genesis.contributions[0].acceptance.as_mut().unwrap().share_index += 1,
        |genesis| genesis.contributions[0].reveal.as_mut().unwrap().length += 1,
        |genesis| genesis.contributions[0].commons = true,
        |genesis| genesis.versions[0].version.as_mut().unwrap().root[0] ^= 1,
        |genesis| genesis.versions[0].version.as_mut().unwrap().version = 2,
        |genesis| genesis.contents.clear(),
        |genesis| genesis.contents[0].content.push(0),
        |genesis| genesis.baselines[0].sharing_index += 1,
        |genesis| genesis.shares[0].claimed = "9999999".into(),
        |genesis| genesis.commons[0].changes.clear(),
        |genesis| genesis.governance = None,
        |genesis| genesis.datanets[0].state = 0,
        |genesis| genesis.datanets[2].owner = name(1),
        |genesis| genesis.datanets[2].policy_number = 2,
        |genesis| genesis.contributions[0].terms = None,
        |genesis| genesis.contributions[0].terms.as_mut().unwrap().policy = 2,
        |genesis| genesis.governance.as_mut().unwrap().policies.clear(),
        |genesis| genesis.governance.as_mut().unwrap().councils[0].members.truncate(1),
        |genesis| genesis.governance.as_mut().unwrap().councils[0].open_proposals = 0,
        |genesis| genesis.governance.as_mut().unwrap().proposals[0].yes = 1,
        |genesis| genesis.governance.as_mut().unwrap().proposals[0].messages.clear(),
        |genesis| genesis.governance.as_mut().unwrap().votes.clear(),
        |genesis| genesis.governance.as_mut().unwrap().next_proposal_id = 1,
        |genesis| genesis.governance.as_mut().unwrap().bonds[0].locked = "1".into(),
        |genesis| genesis.governance.as_mut().unwrap().review_commits.clear(),
        |genesis| genesis.governance.as_mut().unwrap().pots[0].sharing_index = 1,
        |genesis| genesis.governance.as_mut().unwrap().curators[0].shares += 1,
        |genesis| genesis.governance.as_mut().unwrap().curators[0].owed = "99999".into(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut genesis = good.clone();
        change(&mut genesis);
        let result = Datanets::default().validate_genesis(&genesis.encode_to_vec());
        assert!(result.is_err(), "change {number} passed");
    }
}

#[test]
fn a_genesis_whose_withdrawals_are_of_no_review_or_outlast_it_is_refused() {
    let good = exported(&mut lived());
    let changed = |status: ContributionStatus, height: fn(&Terms) -> u64| {
        let mut genesis = good.clone();
        let of = genesis.contributions.iter_mut().find(|contribution| contribution.status == i32::from(status));
        let terms = of.unwrap().terms.as_mut().unwrap();
        terms.withdraw_height = height(terms);
        Datanets::default().validate_genesis(&genesis.encode_to_vec())
    };
    changed(ContributionStatus::Pending, |terms| terms.review_deadline).unwrap();
    changed(ContributionStatus::Accepted, |terms| terms.review_deadline).unwrap();
    assert!(changed(ContributionStatus::Pending, |terms| terms.review_deadline + 1).is_err(), "after its review");
    assert!(changed(ContributionStatus::Accepted, |terms| terms.review_deadline + 1).is_err());
    assert!(changed(ContributionStatus::Committed, |_| 1).is_err(), "nothing is revealed");
}

proptest! {
    #[test]
    fn any_bytes_are_a_genesis_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Datanets::default().validate_genesis(&bytes);
    }

    #[test]
    fn a_genesis_with_one_byte_changed_is_answered_without_a_panic(at: usize, flip in 1u8..) {
        let mut bytes = exported(&mut small()).encode_to_vec();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let _ = Datanets::default().validate_genesis(&bytes);
    }
}

fn small() -> Chain {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 2, b"content");
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 10).unwrap();
    chain
}
