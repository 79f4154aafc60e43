use openledger_core::Coin;
use openledger_datanet::governance::BondKind;
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

/// A datanet with hidden reviews whose curators 3 to 6 have bonded these amounts, and a pending contribution by account 2.
fn reviewed(bonds: [u128; 4]) -> Chain {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(hidden())).unwrap().datanet_id;
    for (curator, amount) in (3..7).zip(bonds) {
        chain.bond_curator(id, curator, amount);
    }
    chain.pending(id, 2, b"content");
    chain
}

#[test]
fn hidden_reviews_are_committed_then_revealed_and_decide_at_the_deadline() {
    let mut chain = reviewed([OPEN; 4]);
    assert_eq!(code(chain.deliver(&review(1, 3, Some(1)))), 52, "not in the open");
    let windows = chain.deliver(&commit_review(1, 3, Some(9_000))).unwrap();
    assert_eq!((windows.reveal_from, windows.reveal_until), (6, 7));
    chain.deliver(&commit_review(1, 4, Some(7_000))).unwrap();
    chain.deliver(&commit_review(1, 5, None)).unwrap();
    assert_eq!(code(chain.deliver(&commit_review(1, 3, None))), 17, "twice");
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, OPEN / 10));
    assert_eq!(code(chain.deliver(&reveal_review(1, 3, Some(9_000)))), 52, "while others may still commit");
    chain.blocks(4);
    assert_eq!(code(chain.deliver(&commit_review(1, 6, Some(1)))), 52, "while others reveal");
    chain.deliver(&reveal_review(1, 3, Some(9_000))).unwrap();
    chain.deliver(&reveal_review(1, 4, Some(7_000))).unwrap();
    chain.deliver(&reveal_review(1, 5, None)).unwrap();
    assert_eq!(code(chain.deliver(&reveal_review(1, 5, None))), 52, "twice");
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, OPEN / 10), "behind the score, until it is decided");
    assert_eq!(chain.bonded(1, BondKind::Curator, 5), (OPEN, 0), "a rejection has nothing at risk");
    assert_eq!(chain.contribution(1).status, Status::Pending);
    chain.blocks(2);
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, 0));
    assert_eq!(chain.contribution(1).acceptance.unwrap().score, 7_000, "the lower of two");
    assert_eq!(chain.outcomes(3), [4, 20], "its verdict, and that the quorum shared it");
}

#[test]
fn a_commit_copied_from_another_curator_cannot_be_revealed() {
    let mut chain = reviewed([OPEN; 4]);
    let original = commit_review(1, 3, Some(9_000));
    chain.deliver(&original).unwrap();
    chain.deliver(&MsgCommitReview { reviewer: name(4), ..original }).unwrap();
    chain.blocks(4);
    chain.deliver(&reveal_review(1, 3, Some(9_000))).unwrap();
    let copied = MsgRevealReview { reviewer: name(4), ..reveal_review(1, 3, Some(9_000)) };
    assert_eq!(code(chain.deliver(&copied)), 52);
    chain.blocks(2);
    assert_eq!(chain.bonded(1, BondKind::Curator, 4), (OPEN - OPEN / 10, 0), "and costs its copier a part of the bond");
}

#[test]
fn who_commits_and_does_not_reveal_loses_and_does_not_count() {
    let mut chain = reviewed([OPEN; 4]);
    chain.deliver(&commit_review(1, 3, Some(9_000))).unwrap();
    chain.deliver(&commit_review(1, 4, Some(9_000))).unwrap();
    let all = MsgUnbondCurator { curator: name(4), datanet_id: 1, amount: Some(Coin::base(OPEN).to_proto()) };
    assert_eq!(code(chain.deliver(&all)), 49, "what is at risk is locked");
    chain.blocks(4);
    for changed in [reveal_review(1, 4, Some(8_999)), reveal_review(1, 4, None)] {
        assert_eq!(code(chain.deliver(&changed)), 52, "another judgement than was committed");
    }
    chain.deliver(&reveal_review(1, 3, Some(9_000))).unwrap();
    chain.blocks(2);
    assert_eq!(chain.contribution(1).status, Status::Rejected, "one of two");
    assert_eq!(chain.purse(2), PURSE, "without blame");
    assert_eq!(chain.bonded(1, BondKind::Curator, 4), (OPEN - OPEN / 10, 0));
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, 0));
    assert_eq!(chain.outcomes(4), [7]);
    assert_eq!(code(chain.deliver(&reveal_review(1, 4, Some(9_000)))), 10);
}

#[test]
fn what_hidden_reviews_may_reject_is_not_taken_back_and_in_a_retired_datanet_frees_them() {
    let mut chain = reviewed([OPEN; 4]);
    let withdraw = MsgWithdrawContribution { author: name(2), seq: 1 };
    chain.deliver(&commit_review(1, 3, Some(9_000))).unwrap();
    assert_eq!(code(chain.deliver(&withdraw)), 52, "nobody can see whether it rejects");
    for state in [DatanetState::Frozen, DatanetState::Retired] {
        chain.deliver(&MsgSetDatanetState { owner: name(1), datanet_id: 1, state: state.into() }).unwrap();
    }
    chain.deliver(&withdraw).unwrap();
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, 0));
    chain.blocks(6);
    assert_eq!(chain.bonded(1, BondKind::Curator, 3), (OPEN, 0));
}

#[test]
fn a_huge_bond_alone_does_not_move_the_score() {
    let mut chain = reviewed([OPEN, OPEN, OPEN, 500 * OPEN]);
    for (curator, score) in [(3, 5_000), (4, 5_100), (5, 5_200), (6, 10_000)] {
        chain.deliver(&commit_review(1, curator, Some(score))).unwrap();
    }
    chain.blocks(4);
    for (curator, score) in [(3, 5_000), (4, 5_100), (5, 5_200), (6, 10_000)] {
        chain.deliver(&reveal_review(1, curator, Some(score))).unwrap();
    }
    chain.blocks(2);
    assert_eq!(chain.contribution(1).acceptance.unwrap().score, 5_200, "a score that a small bond gave");
}

#[test]
fn who_may_not_review_may_not_hide_a_review_either() {
    let mut chain = reviewed([OPEN; 4]);
    assert_eq!(code(chain.deliver(&commit_review(1, 1, Some(1)))), 16, "the owner");
    assert_eq!(code(chain.deliver(&commit_review(1, 2, Some(1)))), 16, "the author");
    assert_eq!(code(chain.deliver(&reveal_review(1, 3, Some(1)))), 52, "nothing was committed");
    let own = chain.pending(1, 3, b"a curator's own");
    assert_eq!(code(chain.deliver(&commit_review(own, 3, Some(1)))), 16, "self-review");
    let all = MsgUnbondCurator { curator: name(4), datanet_id: 1, amount: Some(Coin::base(1u128).to_proto()) };
    chain.deliver(&all).unwrap();
    assert_eq!(code(chain.deliver(&commit_review(own, 4, Some(1)))), 49, "below the least bond");
}

#[test]
fn a_hidden_review_that_was_revealed_as_a_rejection_keeps_its_contribution_there() {
    let mut chain = reviewed([OPEN; 4]);
    chain.deliver(&commit_review(1, 3, None)).unwrap();
    chain.blocks(4);
    chain.deliver(&reveal_review(1, 3, None)).unwrap();
    assert_eq!(code(chain.deliver(&MsgWithdrawContribution { author: name(2), seq: 1 })), 52);
}
