use cosmwasm_std::Uint256;
use openledger_core::Address;
use openledger_datanet::Status;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

#[test]
fn seqs_are_the_order_of_commits_over_all_datanets_and_deposits_are_locked() {
    let mut chain = Chain::new();
    let (one, two) = (chain.datanet(), chain.datanet());
    assert_eq!(chain.commit(one, 2, b"a"), 1);
    assert_eq!(chain.commit(two, 3, b"b"), 2);
    assert_eq!(chain.commit(one, 2, b"c"), 3);
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE - 2 * OPEN));
    assert_eq!(chain.balance(&Address::module("datanet")), Uint256::from(3 * OPEN));
    let request = QueryPendingCommitsRequest { pagination: None };
    let pending: QueryPendingCommitsResponse = chain.query("PendingCommits", &request).unwrap();
    assert_eq!(pending.contributions.iter().map(|c| c.seq).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_commit_that_cannot_be_is_refused() {
    let mut chain = Chain::new();
    assert_eq!(code(chain.deliver(&commit(1, 2, b"a"))), 5);
    let id = chain.datanet();
    let good = commit(id, 2, b"a");
    for length in [0, 31, 33] {
        let bad = MsgCommitContribution { commit: vec![1; length], ..good.clone() };
        assert_eq!(coded(chain.deliver(&bad)), ("sdk", 18));
    }
    let poor = commit(id, 77, b"a");
    assert_eq!(coded(chain.deliver(&poor)), ("sdk", 5), "no money for the deposit");
    let nobody = MsgCommitContribution { author: "x".into(), ..good };
    assert_eq!(coded(chain.deliver(&nobody)), ("sdk", 7));
    assert_eq!(chain.commit(id, 2, b"a"), 1, "refused commits take no seq");
}

#[test]
fn a_commit_that_is_never_revealed_loses_its_deposit_a_few_at_a_time() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    for n in 0..7u8 {
        chain.commit(id, 2, &[n]);
    }
    for _ in 0..WINDOW {
        chain.next_block();
    }
    assert_eq!(chain.contribution(1).status, Status::Committed, "the deadline's own block still reveals");
    let statuses = |chain: &mut Chain| (1..8).filter(|seq| chain.contribution(*seq).status == Status::Expired).count();
    for expired in [3, 6, 7, 7] {
        chain.next_block();
        assert_eq!(statuses(&mut chain), expired);
    }
    assert_eq!(chain.balance(&account(2)), Uint256::from(PURSE - 7 * OPEN));
    assert_eq!(chain.balance(&Address::module("datanet")), Uint256::zero());
    assert_eq!(chain.outcomes(2), [7; 7]);
}

#[test]
fn after_the_deadline_a_commit_that_still_waits_to_expire_cannot_be_revealed() {
    let mut chain = Chain::new();
    let id = chain.datanet();
    for n in 0..4u8 {
        chain.commit(id, 2, &[n]);
    }
    for _ in 0..=WINDOW {
        chain.next_block();
    }
    assert_eq!(chain.contribution(4).status, Status::Committed);
    assert_eq!(code(chain.deliver(&reveal(4, 2, &[3]))), 12, "waits in the queue");
    assert_eq!(code(chain.deliver(&reveal(1, 2, &[0]))), 12, "expired");
}
