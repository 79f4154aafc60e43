use openledger_bank::Bank;
use openledger_core::{Address, Module};
use openledger_datanet::{Datanets, Status};
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::Message;

use crate::chain::*;

fn short(policy: Policy) -> Policy {
    Policy { review_window_blocks: 2, ..policy }
}

#[test]
fn what_nobody_decides_lapses_without_blame() {
    let mut chain = Chain::new();
    let burning = Policy { burn_rejected: true, curators: vec![name(3), name(4)], quorum: 2, ..short(policy()) };
    let id = chain.deliver(&create(burning)).unwrap().datanet_id;
    let seq = chain.pending(id, 2, b"content");
    chain.deliver(&review(seq, 3, Some(9_000))).unwrap();
    chain.blocks(2);
    assert_eq!(chain.contribution(seq).status, Status::Pending, "its last block is not over");
    chain.next_block();
    assert_eq!(chain.contribution(seq).status, Status::Rejected);
    assert_eq!(chain.purse(2), PURSE, "the deposit is not burnt");
    assert_eq!(chain.outcomes(2), [3, 11], "revealed, closed");
}

#[test]
fn an_owner_who_does_not_answer_keeps_no_deposit() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(short(policy()))).unwrap().datanet_id;
    let seq = chain.pending(id, 2, b"content");
    chain.blocks(3);
    assert_eq!(chain.contribution(seq).status, Status::Rejected);
    assert_eq!(chain.purse(2), PURSE);
}

#[test]
fn what_cannot_be_accepted_any_more_waits_for_its_deadline_at_most_and_costs_nothing_unless_it_is_rejected() {
    let mut chain = Chain::new();
    let burning = Policy { burn_rejected: true, curators: vec![name(3), name(4)], quorum: 2, ..short(policy()) };
    let id = chain.deliver(&create(burning)).unwrap().datanet_id;
    let (first, copy) = (chain.commit(id, 2, b"same words"), chain.commit(id, 5, b"same words"));
    let noticed = chain.commit(id, 2, b"other words");
    chain.next_block();
    chain.deliver(&reveal(first, 2, b"same words")).unwrap();
    chain.deliver(&reveal(copy, 5, b"same words")).unwrap();
    chain.deliver(&reveal(noticed, 2, b"other words")).unwrap();
    for curator in [3, 4] {
        chain.deliver(&review(first, curator, Some(1_000))).unwrap();
    }
    let authority = openledger_auth::authority().to_string();
    chain.deliver(&MsgTombstone { authority, seq: noticed, reason: "notice".into() }).unwrap();
    // Curators may still find that it deserved a rejection, so it is not taken back before they have had their time.
    for (seq, author) in [(copy, 5), (noticed, 2)] {
        assert_eq!(code(chain.deliver(&MsgWithdrawContribution { author: name(author), seq })), 52);
    }
    chain.blocks(3);
    assert_eq!(
        [first, copy, noticed].map(|seq| chain.contribution(seq).status),
        [Status::Accepted, Status::Rejected, Status::Rejected]
    );
    assert_eq!((chain.purse(2), chain.purse(5)), (PURSE, PURSE), "nobody rejected it: nothing is burnt");
}

#[test]
fn a_review_is_refused_by_height_wherever_the_pass_stands() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(short(policy()))).unwrap().datanet_id;
    let seqs: Vec<u64> = (0u8..7).map(|content| chain.commit(id, 2, &[content; 9])).collect();
    chain.next_block();
    for (seq, content) in seqs.iter().zip(0u8..) {
        chain.deliver(&reveal(*seq, 2, &[content; 9])).unwrap();
    }
    chain.blocks(3);
    let pending =
        |chain: &mut Chain| seqs.iter().filter(|seq| chain.contribution(**seq).status == Status::Pending).count();
    assert_eq!(pending(&mut chain), 4, "three a block");
    assert_eq!(code(chain.deliver(&review(*seqs.last().unwrap(), 1, Some(1)))), 52);
    chain.next_block();
    assert_eq!(pending(&mut chain), 1);
    chain.next_block();
    assert_eq!(pending(&mut chain), 0);
}

#[test]
fn a_copy_that_hidden_reviews_accept_is_rejected_at_the_deadline() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(hidden())).unwrap().datanet_id;
    for curator in [3, 4] {
        chain.bond_curator(id, curator, OPEN);
    }
    let first = chain.commit(id, 2, b"same words");
    let copy = chain.commit(id, 5, b"same words");
    chain.next_block();
    chain.deliver(&reveal(first, 2, b"same words")).unwrap();
    chain.deliver(&reveal(copy, 5, b"same words")).unwrap();
    for (seq, curator) in [(first, 3), (first, 4), (copy, 3), (copy, 4)] {
        chain.deliver(&commit_review(seq, curator, Some(1_000))).unwrap();
    }
    chain.blocks(4);
    for (seq, curator) in [(first, 3), (first, 4), (copy, 3), (copy, 4)] {
        chain.deliver(&reveal_review(seq, curator, Some(1_000))).unwrap();
    }
    chain.blocks(2);
    assert_eq!(chain.contribution(first).status, Status::Accepted);
    assert_eq!(chain.contribution(copy).status, Status::Rejected);
}

#[test]
fn ten_thousand_due_items_take_a_bounded_pass_each_block() {
    let mut chain = Chain::new();
    let id = chain.deliver(&create(short(policy()))).unwrap().datanet_id;
    let template = chain.pending(id, 2, b"content");
    let bytes = Datanets::default().export_genesis(&chain.ctx()).unwrap();
    let mut genesis = GenesisState::decode(bytes.as_slice()).unwrap();
    let one = genesis.contributions.iter().find(|contribution| contribution.seq == template).unwrap().clone();
    let count = 10_000u64;
    genesis.contributions.extend((2..=count).map(|seq| Contribution { seq, ..one.clone() }));
    genesis.next_seq = count + 1;
    genesis.params.as_mut().unwrap().max_due_per_block = 100;
    let mut chain = Chain::of(&genesis.encode_to_vec(), |ctx| {
        let held = coins(OPEN * u128::from(count));
        Bank::default().credit_genesis(ctx, &Address::module("datanet"), &held).unwrap();
    })
    .unwrap();
    chain.block.height = one.terms.unwrap().review_deadline;
    for ended in [100, 200] {
        chain.next_block();
        let left = (1..=count).filter(|seq| chain.contribution(*seq).status == Status::Pending).count();
        assert_eq!(left, 10_000 - ended);
    }
}
