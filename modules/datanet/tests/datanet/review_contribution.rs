use cosmwasm_std::Uint256;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

/// A datanet in which two of the curators 3, 4 and 5 must accept, and a pending contribution by account 2.
fn curated(policy: Policy) -> Chain {
    let mut chain = Chain::new();
    let policy = Policy { curators: vec![name(3), name(4), name(5)], quorum: 2, ..policy };
    let id = chain.deliver(&create(policy)).unwrap().datanet_id;
    chain.pending(id, 2, b"content");
    chain
}

#[test]
fn the_owner_accepts_and_the_share_is_score_times_capped_length() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let short = chain.pending(id, 2, &[1; 600]);
    let long = chain.pending(id, 3, &[2; 3_000]);
    let response = chain.deliver(&review(long, 1, Some(10_000))).unwrap();
    assert_eq!((response.status(), response.accept_index), (ContributionStatus::Accepted, 0));
    assert_eq!(chain.deliver(&review(short, 1, Some(2_500))).unwrap().accept_index, 1);
    assert_eq!(chain.contribution(long).share_index(), 1_000 * 10_000, "the cap is 1,000 bytes");
    assert_eq!(chain.contribution(short).share_index(), 600 * 2_500);
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE), "the deposit is back");
    let found: QueryDatanetResponse = chain.query("Datanet", &QueryDatanetRequest { datanet_id: id }).unwrap();
    assert_eq!((found.accepted, found.total_index), (2, 11_500_000));
    assert_eq!(chain.outcomes(2), [3, 4]);
}

#[test]
fn a_quorum_accepts_with_the_median_score() {
    let mut chain = curated(policy());
    assert_eq!(chain.deliver(&review(1, 3, Some(9_000))).unwrap().status(), ContributionStatus::Pending);
    assert_eq!(chain.deliver(&review(1, 5, Some(4_000))).unwrap().status(), ContributionStatus::Accepted);
    assert_eq!(chain.contribution(1).acceptance.unwrap().score, 4_000, "the lower one of two");
    assert_eq!(code(chain.deliver(&review(1, 4, Some(1)))), 10, "it is decided");
    let found: QueryContributionResponse = chain.query("Contribution", &QueryContributionRequest { seq: 1 }).unwrap();
    assert_eq!(found.reviews.iter().map(|review| review.score).collect::<Vec<_>>(), [9_000, 4_000]);
}

#[test]
fn a_contribution_is_rejected_as_soon_as_the_quorum_is_out_of_reach() {
    let mut chain = curated(policy());
    chain.deliver(&review(1, 3, Some(9_000))).unwrap();
    assert_eq!(chain.deliver(&review(1, 4, None)).unwrap().status(), ContributionStatus::Pending);
    assert_eq!(chain.deliver(&review(1, 5, None)).unwrap().status(), ContributionStatus::Rejected);
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE), "the deposit is back");
    assert_eq!(chain.outcomes(2), [3, 5]);
}

#[test]
fn a_datanet_may_burn_the_deposits_of_what_it_rejects() {
    let mut chain = curated(Policy { burn_rejected: true, ..policy() });
    chain.deliver(&review(1, 4, None)).unwrap();
    chain.deliver(&review(1, 5, None)).unwrap();
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE - OPEN));
}

#[test]
fn whoever_may_not_review_is_told_who_may() {
    let mut chain = curated(policy());
    for stranger in [1, 2, 6] {
        assert_eq!(code(chain.deliver(&review(1, stranger, Some(1)))), 16);
    }
    let own = chain.pending(1, 3, b"a curator's own");
    assert_eq!(code(chain.deliver(&review(own, 3, Some(10_000)))), 16);
    chain.deliver(&review(1, 3, None)).unwrap();
    assert_eq!(code(chain.deliver(&review(1, 3, Some(1)))), 17, "one voice each");
    let plain = chain.datanet();
    let seq = chain.pending(plain, 2, b"for the owner");
    assert_eq!(code(chain.deliver(&review(seq, 2, Some(1)))), 16);
}

#[test]
fn a_review_that_cannot_be_is_refused() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    assert_eq!(code(chain.deliver(&review(1, 1, Some(1)))), 8);
    let seq = chain.commit(id, 2, b"hidden");
    assert_eq!(code(chain.deliver(&review(seq, 1, Some(1)))), 10, "not revealed");
    assert_eq!(code(chain.deliver(&review(seq, 1, Some(10_001)))), 18);
    let scored = MsgReviewContribution { accept: false, score: 1, ..review(seq, 1, None) };
    assert_eq!(code(chain.deliver(&scored)), 18);
    let commons = MsgReviewContribution { commons: true, ..review(seq, 1, None) };
    assert_eq!(code(chain.deliver(&commons)), 18);
}

#[test]
fn a_copy_of_an_earlier_commit_is_not_accepted_and_the_earlier_one_always_is() {
    let mut chain = Chain::new();
    let (id, other) = (chain.datanet(), chain.datanet());
    let first = chain.pending(id, 2, b"the same words");
    let copy = chain.pending(id, 3, b"the same words");
    let again = chain.pending(id, 4, b"the same words");
    chain.deliver(&review(copy, 1, Some(10_000))).unwrap();
    chain.deliver(&review(first, 1, Some(10_000))).unwrap();
    assert_eq!(code(chain.deliver(&review(again, 1, Some(10_000)))), 19);
    chain.deliver(&review(again, 1, None)).unwrap();
    chain.accepted(other, 4, b"the same words");
}

#[test]
fn commons_take_no_share_of_the_baseline() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let given = chain.commit(id, 2, b"MIT License");
    chain.next_block();
    chain.deliver(&MsgRevealContribution { commons: true, ..reveal(given, 2, b"MIT License") }).unwrap();
    chain.deliver(&review(given, 1, Some(10_000))).unwrap();
    let found = chain.pending(id, 2, b"Apache License");
    chain.deliver(&MsgReviewContribution { commons: true, ..review(found, 1, Some(10_000)) }).unwrap();
    for seq in [given, found] {
        assert!(chain.contribution(seq).commons);
        assert_eq!(chain.contribution(seq).share_index(), 0);
        let keeper = chain.keeper;
        assert!(keeper.is_datanet_commons(&chain.ctx(), seq).unwrap());
    }
}

#[test]
fn commons_need_more_than_half_of_the_accepting_curators() {
    let mut chain = curated(policy());
    let commons = |reviewer| MsgReviewContribution { commons: true, ..review(1, reviewer, Some(5_000)) };
    chain.deliver(&commons(3)).unwrap();
    chain.deliver(&review(1, 4, Some(5_000))).unwrap();
    assert!(!chain.contribution(1).commons);
}

#[test]
fn the_curators_and_quorum_of_the_commit_count_whatever_the_policy_becomes() {
    let mut chain = curated(policy());
    chain.deliver(&review(1, 3, None)).unwrap();
    let curators = vec![name(6)];
    let policy = Policy { curators, quorum: 1, length_cap: 1, max_length: 1, ..policy() };
    let update = MsgUpdateDatanet {
        owner: name(1),
        datanet_id: 1,
        title: "t".into(),
        policy: Some(policy),
        ..Default::default()
    };
    chain.deliver(&update).unwrap();
    assert_eq!(code(chain.deliver(&review(1, 6, None))), 16, "the owner's new judge is none of this one's");
    assert_eq!(chain.deliver(&review(1, 4, Some(9))).unwrap().status(), ContributionStatus::Pending);
    assert_eq!(chain.deliver(&review(1, 5, Some(7))).unwrap().status(), ContributionStatus::Accepted);
    assert_eq!(chain.contribution(1).share_index(), 7 * 7, "the cap of the commit's policy");
    let request = QueryPolicyRequest { datanet_id: 1, number: 1 };
    let before: QueryPolicyResponse = chain.query("Policy", &request).unwrap();
    assert_eq!(before.policy.unwrap().quorum, 2);
    let now: QueryPolicyResponse = chain.query("Policy", &QueryPolicyRequest { datanet_id: 1, number: 0 }).unwrap();
    assert_eq!((now.number, now.policy.unwrap().quorum), (2, 1));
}
