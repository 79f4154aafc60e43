use cosmwasm_std::Uint256;
use openledger_core::Module;
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::Message;

use crate::chain::*;

fn withdraw(seq: u64, author: u8) -> MsgWithdrawContribution {
    MsgWithdrawContribution { author: name(author), seq }
}

#[test]
fn a_pending_contribution_goes_with_its_deposit() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seq = chain.pending(id, 2, b"content");
    assert_eq!(code(chain.deliver(&withdraw(seq, 3))), 9);
    chain.deliver(&withdraw(seq, 2)).unwrap();
    assert_eq!(chain.contribution(seq).status, Status::Withdrawn);
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE));
    assert_eq!(code(chain.deliver(&review(seq, 1, Some(1)))), 10);
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 10, "twice");
    assert_eq!(code(chain.deliver(&withdraw(9, 2))), 8);
}

#[test]
fn a_hidden_commit_cannot_be_withdrawn() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let seq = chain.commit(id, 2, b"content");
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 10);
}

#[test]
fn an_accepted_one_stays_in_its_versions_keeps_what_it_earned_and_shares_no_more() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let (first, second) = (chain.accepted(id, 2, &[1; 128]), chain.accepted(id, 3, &[2; 128]));
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    chain.deliver(&withdraw(first, 2)).unwrap();
    chain.credit_baseline(&[(id, version)], 600).unwrap();
    assert_eq!((chain.owed(first), chain.owed(second)), ("500".into(), "1100".into()));
    let contribution = chain.contribution(first);
    assert_eq!((contribution.status, contribution.accept_index()), (Status::Withdrawn, Some(0)));
    assert!(!contribution.is_paid());
    chain.deliver(&MsgClaimBaseline { author: name(2), seqs: vec![first] }).unwrap();
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE + 500));
}

#[test]
fn one_that_is_withdrawn_before_its_version_never_shares() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    let (first, second) = (chain.accepted(id, 2, &[1; 128]), chain.accepted(id, 3, &[2; 128]));
    chain.deliver(&withdraw(first, 2)).unwrap();
    let version = chain.freeze(id);
    chain.credit_baseline(&[(id, version)], 1_000).unwrap();
    assert_eq!((chain.owed(first), chain.owed(second)), ("0".into(), "1000".into()));
}

/// A datanet whose curators 3 to 6 may reject and burn, and a pending contribution by account 2.
fn judged() -> (Chain, u64) {
    let mut chain = Chain::new();
    let burning = Policy { burn_rejected: true, review_window_blocks: 40, ..bonded_curators() };
    let id = chain.deliver(&create(burning)).unwrap().datanet_id;
    for curator in 3..7 {
        chain.bond_curator(id, curator, OPEN);
    }
    let seq = chain.pending(id, 2, b"content");
    (chain, seq)
}

#[test]
fn what_a_curator_has_rejected_waits_for_the_decision_and_loses_its_deposit_to_it() {
    let (mut chain, seq) = judged();
    chain.deliver(&review(seq, 3, None)).unwrap();
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 52, "its deposit would escape");
    chain.deliver(&review(seq, 4, None)).unwrap();
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 52);
    chain.deliver(&review(seq, 5, None)).unwrap();
    assert_eq!(chain.contribution(seq).status, Status::Rejected);
    assert_eq!(chain.purse(2), PURSE - OPEN, "burnt");
}

#[test]
fn what_curators_only_accepted_so_far_is_taken_back_after_the_notice() {
    let (mut chain, seq) = judged();
    chain.deliver(&review(seq, 3, Some(5))).unwrap();
    let height = chain.deliver(&withdraw(seq, 2)).unwrap().height;
    assert_eq!(height, chain.block.height + WINDOW);
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 52, "announced already");
    chain.blocks(WINDOW);
    assert_eq!((chain.contribution(seq).status, chain.purse(2)), (Status::Pending, PURSE - OPEN));
    chain.next_block();
    assert_eq!((chain.contribution(seq).status, chain.purse(2)), (Status::Withdrawn, PURSE));
    chain.blocks(40);
}

#[test]
fn a_rejection_that_is_on_its_way_is_not_outrun_by_a_withdrawal() {
    let (mut chain, seq) = judged();
    // The author sees the first rejection in the mempool and is before it in the block.
    chain.deliver(&withdraw(seq, 2)).unwrap();
    chain.deliver(&review(seq, 3, None)).unwrap();
    chain.blocks(WINDOW + 1);
    assert_eq!(chain.contribution(seq).status, Status::Pending, "the notice has lapsed");
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 52);
    for curator in [4, 5] {
        chain.deliver(&review(seq, curator, None)).unwrap();
    }
    assert_eq!((chain.contribution(seq).status, chain.purse(2)), (Status::Rejected, PURSE - OPEN));
}

#[test]
fn a_notice_leaves_the_decision_as_it_is_and_is_no_option_kept_for_later() {
    let (mut chain, seq) = judged();
    chain.deliver(&withdraw(seq, 2)).unwrap();
    for curator in [3, 4] {
        chain.deliver(&review(seq, curator, Some(9_000))).unwrap();
    }
    assert_eq!(chain.contribution(seq).status, Status::Accepted, "decided before the notice was over");
    chain.blocks(WINDOW + 1);
    assert_eq!(chain.contribution(seq).status, Status::Accepted);
    // Near the deadline the notice ends with it.
    let other = chain.pending(1, 2, b"another");
    let deadline = chain.contribution(other).terms.review_deadline;
    chain.block.height = deadline - 2;
    assert_eq!(chain.deliver(&withdraw(other, 2)).unwrap().height, deadline);
    chain.deliver(&review(other, 3, None)).unwrap();
    chain.blocks(3);
    assert_eq!(chain.contribution(other).status, Status::Rejected, "it lapsed at its deadline");
}

#[test]
fn where_the_owner_alone_decides_a_rejection_is_not_outrun_either_and_a_genesis_keeps_the_notice() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(Policy { burn_rejected: true, ..policy() })).unwrap().datanet_id;
    let (seq, other) = (chain.pending(id, 2, b"content"), chain.pending(id, 3, b"another"));
    for (seq, author) in [(seq, 2), (other, 3)] {
        chain.deliver(&withdraw(seq, author)).unwrap();
    }
    chain.deliver(&review(seq, 1, None)).unwrap();
    assert_eq!(chain.purse(2), PURSE - OPEN, "burnt");
    let keeper = chain.keeper;
    let genesis = keeper.export_genesis(&chain.ctx()).unwrap();
    let genesis = GenesisState::decode(genesis.as_slice()).unwrap();
    let mut reborn = crate::genesis::imported(&genesis, OPEN).unwrap();
    let height = reborn.contribution(other).terms.withdraw_height;
    assert_eq!(height, chain.contribution(other).terms.withdraw_height);
    reborn.block.height = height;
    reborn.next_block();
    assert_eq!(reborn.contribution(other).status, Status::Withdrawn);
}

#[test]
fn what_a_retired_datanet_began_to_reject_may_be_taken_back() {
    let (mut chain, seq) = judged();
    chain.deliver(&review(seq, 3, None)).unwrap();
    for state in [DatanetState::Frozen, DatanetState::Retired] {
        chain.deliver(&MsgSetDatanetState { owner: name(1), datanet_id: 1, state: state.into() }).unwrap();
    }
    chain.deliver(&withdraw(seq, 2)).unwrap();
    assert_eq!(chain.purse(2), PURSE, "nobody judges it any more");
}

#[test]
fn a_withdrawal_under_notice_does_not_outrun_the_rejection_of_a_copy() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(Policy { burn_rejected: true, ..hidden() })).unwrap().datanet_id;
    for curator in [3, 4] {
        chain.bond_curator(id, curator, OPEN);
    }
    let (first, copy) = (chain.commit(id, 2, b"same words"), chain.commit(id, 5, b"same words"));
    chain.next_block();
    chain.deliver(&reveal(first, 2, b"same words")).unwrap();
    chain.deliver(&reveal(copy, 5, b"same words")).unwrap();
    let judgements = [(first, 3), (first, 4), (copy, 3), (copy, 4)];
    for (seq, curator) in judgements {
        chain.deliver(&commit_review(seq, curator, Some(1_000))).unwrap();
    }
    let terms = chain.contribution(copy).terms;
    chain.blocks(terms.review_commit_deadline + 1 - chain.block.height);
    for (seq, curator) in judgements {
        chain.deliver(&reveal_review(seq, curator, Some(1_000))).unwrap();
    }
    // Nothing speaks against the copy yet; but the original will be in before the notice is over.
    assert_eq!(chain.deliver(&withdraw(copy, 5)).unwrap().height, terms.review_deadline);
    chain.blocks(terms.review_deadline + 1 - chain.block.height);
    assert_eq!(chain.contribution(first).status, Status::Accepted);
    assert_eq!((chain.contribution(copy).status, chain.purse(5)), (Status::Rejected, PURSE - OPEN), "burnt");
}

#[test]
fn what_a_tombstone_keeps_from_being_accepted_waits_for_the_decision() {
    let (mut chain, seq) = judged();
    chain.deliver(&withdraw(seq, 2)).unwrap();
    let authority = openledger_auth::authority().to_string();
    chain.deliver(&MsgTombstone { authority, seq, reason: "notice".into() }).unwrap();
    chain.blocks(WINDOW + 1);
    assert_eq!(chain.contribution(seq).status, Status::Pending, "the notice has lapsed");
    assert_eq!(code(chain.deliver(&withdraw(seq, 2))), 52);
    for curator in [3, 4, 5] {
        chain.deliver(&review(seq, curator, None)).unwrap();
    }
    assert_eq!((chain.contribution(seq).status, chain.purse(2)), (Status::Rejected, PURSE - OPEN));
}

#[test]
fn what_its_author_withdrew_and_brings_again_is_accepted_by_hidden_reviews_too() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(Policy { burn_rejected: true, ..hidden() })).unwrap().datanet_id;
    for curator in [3, 4] {
        chain.bond_curator(id, curator, OPEN);
    }
    let accepted = |chain: &mut Chain| {
        let seq = chain.pending(id, 2, b"once more");
        let terms = chain.contribution(seq).terms;
        for curator in [3, 4] {
            chain.deliver(&commit_review(seq, curator, Some(1_000))).unwrap();
        }
        chain.block.height = terms.review_commit_deadline + 1;
        for curator in [3, 4] {
            chain.deliver(&reveal_review(seq, curator, Some(1_000))).unwrap();
        }
        chain.block.height = terms.review_deadline;
        chain.next_block();
        assert_eq!(chain.contribution(seq).status, Status::Accepted);
        seq
    };
    let once = accepted(&mut chain);
    chain.deliver(&withdraw(once, 2)).unwrap();
    accepted(&mut chain);
}
