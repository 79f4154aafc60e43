use openledger_core::{Address, Coin};
use openledger_datanet::governance::{council, BondKind};
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::{Any, Message, Name};

use crate::chain::*;

/// A datanet whose curators 3 and 4 bonded one and three OPEN and accepted account 2's contribution; its version.
fn curated() -> (Chain, u32) {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(bonded_curators())).unwrap().datanet_id;
    chain.bond_curator(id, 3, OPEN);
    chain.bond_curator(id, 4, 3 * OPEN);
    let seq = chain.pending(id, 2, b"content");
    chain.deliver(&review(seq, 3, Some(6_000))).unwrap();
    chain.deliver(&review(seq, 4, Some(8_000))).unwrap();
    let version = chain.freeze(id);
    (chain, version)
}

fn overrule(authority: String, reviewers: &[u8]) -> MsgOverruleReview {
    let reviewers = reviewers.iter().map(|who| name(*who)).collect();
    MsgOverruleReview { authority, seq: 1, reviewers, reason: "a wrapper of somebody's licence".into() }
}

fn gov() -> String {
    Address::module("gov").to_string()
}

#[test]
fn the_curators_part_divides_among_those_who_accepted() {
    let (mut chain, version) = curated();
    chain.credit_curation(&[(1, version)], 1_000).unwrap();
    assert_eq!(
        (chain.curation_owed(1, 3), chain.curation_owed(1, 4)),
        (499, 499),
        "of two, none can have a third at most; rounded down"
    );
    let paid = chain.deliver(&MsgClaimCuration { curator: name(3), datanet_ids: vec![1] }).unwrap();
    assert_eq!(paid.paid.unwrap().amount, "499");
    assert_eq!(chain.purse(3), PURSE - OPEN + 499);
    let again = MsgClaimCuration { curator: name(3), datanet_ids: vec![1] };
    assert_eq!(code(chain.deliver(&again)), 54);
    chain.credit_curation(&[(1, version)], 3).unwrap();
    assert_eq!((chain.curation_owed(1, 3), chain.curation_owed(1, 4)), (1, 501), "rounded down");
    let request = QueryCuratorsRequest { datanet_id: 1, pagination: None };
    let found: QueryCuratorsResponse = chain.query("Curators", &request).unwrap();
    assert_eq!(found.curators.iter().map(|curator| curator.shares).collect::<Vec<_>>(), [5_000, 5_000]);
    for bad in [vec![], vec![1, 1], vec![2, 1]] {
        assert_eq!(code(chain.deliver(&MsgClaimCuration { curator: name(3), datanet_ids: bad })), 28);
    }
}

#[test]
fn without_curators_their_part_is_the_treasury_s() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    chain.accepted(id, 2, b"content");
    let version = chain.freeze(id);
    chain.credit_curation(&[(id, version)], 1_000).unwrap();
    let keeper = chain.keeper;
    assert_eq!(keeper.treasury(&chain.ctx(), id).unwrap().owed().unwrap().to_string(), "1000");
    assert_eq!(code(chain.credit_curation(&[(id, 9)], 1)), 22);
}

#[test]
fn a_ruling_slashes_the_bonds_behind_a_score_once_and_within_their_period() {
    let (mut chain, version) = curated();
    chain.credit_curation(&[(1, version)], 1_000).unwrap();
    assert_eq!(code(chain.deliver(&overrule(name(1), &[]))), 53, "a single owner");
    let ruled = chain.deliver(&overrule(gov(), &[4])).unwrap();
    assert_eq!(ruled.burnt.unwrap().amount, (3 * OPEN / 10).to_string());
    assert_eq!(chain.bonded(1, BondKind::Curator, 4), (3 * OPEN - 3 * OPEN / 10, 0));
    assert_eq!(code(chain.deliver(&overrule(gov(), &[4]))), 52, "twice");
    chain.credit_curation(&[(1, version)], 1_000).unwrap();
    assert_eq!((chain.curation_owed(1, 3), chain.curation_owed(1, 4)), (1_500, 499), "what was earned stays");
    assert_eq!(chain.contribution(1).status, Status::Accepted);
    chain.blocks(PERIOD / 5 + 1);
    assert_eq!(code(chain.deliver(&overrule(gov(), &[]))), 52, "too late");
}

#[test]
fn unbonding_does_not_carry_a_bond_away_from_its_score() {
    let (mut chain, _) = curated();
    let all = MsgUnbondCurator { curator: name(4), datanet_id: 1, amount: Some(Coin::base(3 * OPEN).to_proto()) };
    chain.deliver(&all).unwrap();
    chain.blocks(PERIOD / 5 - 1);
    chain.deliver(&overrule(gov(), &[])).unwrap();
    chain.blocks(3);
    assert_eq!(chain.purse(4), PURSE - 3 * OPEN / 10);
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN - OPEN / 10, 0));
}

#[test]
fn a_bond_is_locked_from_a_review_to_its_decision() {
    let mut chain = Chain::new();
    let long = Policy { review_window_blocks: 30, ..bonded_curators() };
    let id = chain.deliver(&create(long)).unwrap().datanet_id;
    for curator in [3, 4] {
        chain.bond_curator(id, curator, OPEN);
    }
    let seq = chain.pending(id, 2, b"content");
    chain.deliver(&review(seq, 3, Some(6_000))).unwrap();
    let unbond = |amount: u128| {
        let amount = Some(Coin::base(amount).to_proto());
        MsgUnbondCurator { curator: name(3), datanet_id: 1, amount }
    };
    assert_eq!(code(chain.deliver(&unbond(OPEN))), 49);
    chain.deliver(&unbond(OPEN - OPEN / 10)).unwrap();
    chain.blocks(PERIOD / 5 + 5);
    chain.deliver(&review(seq, 4, Some(6_000))).unwrap();
    chain.deliver(&unbond(OPEN / 10)).unwrap();
    chain.blocks(PERIOD / 5);
    chain.deliver(&overrule(gov(), &[3])).unwrap();
    chain.blocks(3);
    assert_eq!(chain.purse(3), PURSE - OPEN / 10, "what was behind the score is gone");
}

#[test]
fn one_bond_stands_behind_as_many_scores_as_it_can_pay_for() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(bonded_curators())).unwrap().datanet_id;
    chain.bond_curator(id, 3, OPEN);
    let seqs: Vec<u64> = (0u8..11).map(|content| chain.commit(id, 2, &[content; 9])).collect();
    chain.next_block();
    for (seq, content) in seqs.iter().zip(0u8..) {
        chain.deliver(&reveal(*seq, 2, &[content; 9])).unwrap();
    }
    for seq in &seqs[..10] {
        chain.deliver(&review(*seq, 3, Some(1))).unwrap();
    }
    assert_eq!(code(chain.deliver(&review(seqs[10], 3, Some(1)))), 49);
    chain.deliver(&review(seqs[10], 3, None)).unwrap();
}

#[test]
fn a_duplicate_s_proof_slashes_its_curators() {
    let (mut chain, _) = curated();
    let keeper = chain.keeper;
    let burnt = keeper.penalize_curators(&mut chain.ctx(), 1).unwrap();
    assert_eq!(burnt.to_string(), (4 * OPEN / 10).to_string());
    assert_eq!(keeper.penalize_curators(&mut chain.ctx(), 1).unwrap().to_string(), "0");
    chain.check();
}

/// Gives datanet 1 to a council of account `who` alone.
fn give_to(chain: &mut Chain, owner: String, who: u8) {
    let members = vec![Member { address: name(who), weight: 1 }];
    let give = MsgSetCouncil { owner: owner.clone(), datanet_id: 1, members, threshold: 1, voting_seconds: VOTING };
    match owner == name(1) {
        true => drop(chain.deliver(&give).unwrap()),
        false => {
            drop(carried(chain, 7, Any { type_url: MsgSetCouncil::type_url(), value: give.encode_to_vec() }).unwrap())
        }
    }
}

/// What the council of one member does with a message.
fn carried(chain: &mut Chain, who: u8, message: Any) -> openledger_core::Result<MsgExecuteProposalResponse> {
    let propose =
        MsgCreateProposal { proposer: name(who), datanet_id: 1, title: "Do it".into(), messages: vec![message] };
    let proposal_id = chain.deliver(&propose)?.proposal_id;
    chain.deliver(&MsgVoteProposal { voter: name(who), proposal_id, yes: true })?;
    chain.deliver(&MsgExecuteProposal { executor: name(who), proposal_id })
}

fn ruling_of_the_council(reviewers: &[u8]) -> Any {
    let ruling = overrule(council::address(1).to_string(), reviewers);
    Any { type_url: MsgOverruleReview::type_url(), value: ruling.encode_to_vec() }
}

#[test]
fn a_council_overrules_what_was_reviewed_under_it_and_its_old_owner_nothing() {
    let mut chain = Chain::new();
    chain.deliver(&create(bonded_curators())).unwrap();
    give_to(&mut chain, name(1), 7);
    for curator in [3, 4] {
        chain.bond_curator(1, curator, OPEN);
    }
    let seq = chain.pending(1, 2, b"content");
    for curator in [3, 4] {
        chain.deliver(&review(seq, curator, Some(6_000))).unwrap();
    }
    carried(&mut chain, 7, ruling_of_the_council(&[3])).unwrap();
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN - OPEN / 10, 0));
    assert_eq!(code(chain.deliver(&overrule(name(1), &[4]))), 53);
    give_to(&mut chain, council::address(1).to_string(), 8);
    assert_eq!(code(carried(&mut chain, 8, ruling_of_the_council(&[]))), 52, "another council was in place");
    assert_eq!(chain.bonded(1, BondKind::Curator, 4), (OPEN, 0));
    chain.deliver(&overrule(gov(), &[])).unwrap();
    assert_eq!(chain.bonded(1, BondKind::Curator, 4), (OPEN - OPEN / 10, 0), "governance may");
}

#[test]
fn an_owner_who_makes_a_council_of_itself_does_not_overrule_its_curators() {
    let (mut chain, _) = curated();
    give_to(&mut chain, name(1), 1);
    assert_eq!(code(carried(&mut chain, 1, ruling_of_the_council(&[3]))), 52);
    assert_eq!(code(carried(&mut chain, 1, ruling_of_the_council(&[]))), 52);
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, 0));
}

#[test]
fn a_hidden_review_answers_to_the_council_of_its_commit() {
    let mut chain = Chain::new();
    chain.deliver(&create(hidden())).unwrap();
    for curator in [3, 4] {
        chain.bond_curator(1, curator, OPEN);
    }
    let seq = chain.pending(1, 2, b"content");
    for curator in [3, 4] {
        chain.deliver(&commit_review(seq, curator, Some(6_000))).unwrap();
    }
    give_to(&mut chain, name(1), 1);
    chain.blocks(4);
    for curator in [3, 4] {
        chain.deliver(&reveal_review(seq, curator, Some(6_000))).unwrap();
    }
    chain.blocks(2);
    assert_eq!(chain.contribution(seq).status, Status::Accepted);
    assert_eq!(code(carried(&mut chain, 1, ruling_of_the_council(&[]))), 52);
}

#[test]
fn a_shorter_period_does_not_free_a_bond_before_its_scores_are_safe() {
    let (mut chain, _) = curated();
    let until = chain.block.time_seconds + i64::try_from(PERIOD).unwrap() - 5;
    let found: QueryParamsResponse = chain.query("Params", &QueryParamsRequest {}).unwrap();
    let params = Params { curator_bond_period_seconds: 5, ..found.params.unwrap() };
    chain.deliver(&MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
    let all = MsgUnbondCurator { curator: name(4), datanet_id: 1, amount: Some(Coin::base(3 * OPEN).to_proto()) };
    let due = chain.deliver(&all).unwrap().due_seconds;
    assert!(due > until, "{due} is after the last ruling of {until}");
    chain.blocks(4);
    assert_eq!(chain.purse(4), PURSE - 3 * OPEN, "not paid yet");
    chain.deliver(&overrule(gov(), &[4])).unwrap();
    chain.blocks(PERIOD / 5);
    assert_eq!(chain.purse(4), PURSE - 3 * OPEN / 10);
}

#[test]
fn a_curator_who_leaves_the_policy_keeps_what_its_reviews_earn() {
    let (mut chain, version) = curated();
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: 1,
        title: "t".into(),
        policy: Some(policy()),
        ..Default::default()
    };
    chain.deliver(&update).unwrap();
    chain.credit_curation(&[(1, version)], 100).unwrap();
    assert_eq!(chain.curation_owed(1, 3), 49);
}

#[test]
fn self_review_is_refused_and_a_bond_too_low_does_not_review() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(bonded_curators())).unwrap().datanet_id;
    let seq = chain.pending(id, 3, b"a curator's own");
    chain.bond_curator(id, 3, OPEN);
    assert_eq!(code(chain.deliver(&review(seq, 3, Some(10_000)))), 16);
    assert_eq!(code(chain.deliver(&review(seq, 4, Some(10_000)))), 49);
    chain.bond_curator(id, 4, OPEN - 1);
    assert_eq!(code(chain.deliver(&review(seq, 4, Some(10_000)))), 49);
    chain.bond_curator(id, 4, 1);
    chain.deliver(&review(seq, 4, Some(10_000))).unwrap();
}

#[test]
fn commons_give_their_curators_no_shares() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(bonded_curators())).unwrap().datanet_id;
    for curator in [3, 4] {
        chain.bond_curator(id, curator, OPEN);
    }
    let seq = chain.pending(id, 2, b"boilerplate");
    for curator in [3, 4] {
        chain.deliver(&MsgReviewContribution { commons: true, ..review(seq, curator, Some(1)) }).unwrap();
    }
    let version = chain.freeze(id);
    chain.credit_curation(&[(id, version)], 10).unwrap();
    assert_eq!(chain.curation_owed(id, 3), 0);
}

#[test]
fn a_bond_unbonds_in_few_parts_and_no_more_than_it_is() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(bonded_curators())).unwrap().datanet_id;
    let unbond = |amount: u128| {
        let amount = Some(Coin::base(amount).to_proto());
        MsgUnbondCurator { curator: name(3), datanet_id: 1, amount }
    };
    assert_eq!(code(chain.deliver(&unbond(1))), 49);
    chain.bond_curator(id, 3, OPEN);
    assert_eq!(code(chain.deliver(&unbond(OPEN + 1))), 49);
    for _ in 0..8 {
        chain.deliver(&unbond(1)).unwrap();
    }
    assert_eq!(code(chain.deliver(&unbond(1))), 49, "eight parts");
    chain.blocks(PERIOD / 5 + 1);
    assert_eq!(chain.purse(3), PURSE - OPEN + 8);
    chain.deliver(&unbond(OPEN - 8)).unwrap();
    chain.blocks(PERIOD / 5 + 1);
    let request = QueryBondsRequest { datanet_id: id, kind: 2, pagination: None };
    let bonds: QueryBondsResponse = chain.query("Bonds", &request).unwrap();
    assert!(bonds.bonds.is_empty(), "an empty bond leaves nothing behind");
}
