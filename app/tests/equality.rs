//! Nodes agree: whatever their threads, whatever they checked and guessed before, whatever they remember.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
mod workload;

use std::cell::Cell;

use bytes::Bytes;
use common::heavily::heavily;
use common::*;
use openledger_proto::tendermint::abci::{
    CommitInfo, Misbehavior, RequestFinalizeBlock, ResponseFinalizeBlock, Validator, VoteInfo,
};
use proptest::prelude::*;
use tendermint_abci::Application as _;
use workload::{act, sign, whole_act, Act};

/// What a node hears of a block before it is decided on.
#[derive(Debug, Clone, Copy)]
enum Heard {
    Nothing,
    It,
    ItTwice,
    Another,
    AnotherThenIt,
    ItThenAnother,
    /// A block that differs in one field and not in its hash.
    Almost(usize),
}

/// A block in the making: its transactions, who proposed it, who voted for the one before, what is heard of it.
#[derive(Debug, Clone)]
struct Plan {
    acts: Vec<Act>,
    proposer: u8,
    flags: Vec<i32>,
    misbehaved: bool,
    heard: Heard,
}

fn heard() -> impl Strategy<Value = Heard> {
    prop_oneof![
        Just(Heard::Nothing),
        Just(Heard::It),
        Just(Heard::ItTwice),
        Just(Heard::Another),
        Just(Heard::AnotherThenIt),
        Just(Heard::ItThenAnother),
        (0..ALMOST.len()).prop_map(Heard::Almost),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let flags = prop::collection::vec(0i32..5, 0..4);
    let acts = prop_oneof![prop::collection::vec(act(), 0..14), prop::collection::vec(whole_act(), 0..14)];
    (acts, any::<u8>(), flags, any::<bool>(), heard()).prop_map(|(acts, proposer, flags, misbehaved, heard)| Plan {
        acts,
        proposer,
        flags,
        misbehaved,
        heard,
    })
}

fn validator(index: usize) -> Option<Validator> {
    Some(Validator { address: vec![index as u8; 20].into(), power: 10 + index as i64 })
}

fn request(net: &Net, plan: &Plan) -> RequestFinalizeBlock {
    let mut ahead = [0; ACCOUNTS];
    let txs: Vec<Bytes> = plan.acts.iter().map(|act| sign(act, net, &mut ahead)).collect();
    let vote = |(index, flag): (usize, &i32)| VoteInfo { validator: validator(index), block_id_flag: *flag };
    let misbehavior = Misbehavior { r#type: 1, validator: validator(9), height: 1, time: None, total_voting_power: 99 };
    RequestFinalizeBlock {
        proposer_address: vec![plan.proposer; 20].into(),
        next_validators_hash: vec![plan.proposer; 32].into(),
        decided_last_commit: Some(CommitInfo { round: 1, votes: plan.flags.iter().enumerate().map(vote).collect() }),
        misbehavior: plan.misbehaved.then_some(misbehavior).into_iter().collect(),
        ..net.request(txs)
    }
}

/// Changes of a block that leave its hash as it is: each must make a guess worthless.
const ALMOST: [fn(&mut RequestFinalizeBlock); 7] = [
    |block| drop(block.txs.pop()),
    |block| block.time.as_mut().unwrap().nanos += 1,
    |block| block.proposer_address = vec![1; 19].into(),
    |block| block.decided_last_commit = None,
    |block| block.misbehavior.push(Misbehavior::default()),
    |block| block.next_validators_hash = vec![3; 31].into(),
    |block| block.txs.push(draft(vec![person(0).vote(4)], &[(&person(0), 0)]).sign()),
];

/// Lets the node hear of the block; whether it then knows the right one.
fn hear(net: &Net, block: &RequestFinalizeBlock, heard: Heard) -> bool {
    let mut other = block.clone();
    other.hash = vec![9; 32].into();
    other.txs.truncate(1);
    match heard {
        Heard::Nothing => false,
        Heard::It => net.propose(block),
        Heard::ItTwice => net.propose(block) && net.propose(block),
        Heard::AnotherThenIt => {
            net.propose(&other);
            net.propose(block)
        }
        Heard::Another => {
            net.propose(&other);
            false
        }
        Heard::ItThenAnother => {
            net.propose(block);
            net.propose(&other);
            false
        }
        Heard::Almost(change) => {
            let mut almost = block.clone();
            ALMOST[change](&mut almost);
            net.propose(&almost) && almost == *block
        }
    }
}

#[test]
fn any_blocks_have_equal_results_whatever_the_threads_and_the_guesses() {
    let total = Cell::new(0);
    heavily(8, &prop::collection::vec(plan(), 1..4), |plans| {
        let plain = net_with(|config| {
            config.threads = 1;
            config.optimistic_execution = false;
        });
        let many = net_with(|config| {
            config.threads = 4;
            config.signature_cache = 3;
            config.min_gas_prices = "7aopen".parse().unwrap();
        });
        let (mut hits, mut replay): (u64, Vec<(RequestFinalizeBlock, ResponseFinalizeBlock)>) = (0, Vec::new());
        for plan in &plans {
            let block = request(&plain, plan);
            for tx in &block.txs {
                // What a node has seen before changes nothing.
                many.check(tx.clone());
            }
            hits += u64::from(hear(&many, &block, plan.heard));
            let response = plain.execute(block.clone());
            prop_assert_eq!(response.tx_results.len(), block.txs.len());
            prop_assert_eq!(&response, &many.execute(block.clone()));
            prop_assert_eq!(plain.app_hash(), many.app_hash());
            replay.push((block, response));
        }
        prop_assert_eq!(many.guesses("hit"), hits);
        total.set(total.get() + hits);
        prop_assert_eq!(plain.guesses("absent"), plans.len() as u64 + 1);
        // A new process in the middle, and a guess at every block.
        let mut again = net_with(|config| config.signature_cache = 0);
        for (block, response) in replay {
            let heard = again.propose(&block);
            total.set(total.get() + u64::from(heard));
            prop_assert_eq!(again.execute(block), response);
            prop_assert_eq!(again.guesses("hit"), u64::from(heard));
            again = again.restart();
        }
        Ok(())
    });
    assert!(total.get() > 0, "no guess was ever right");
}

#[test]
fn a_guess_counts_for_its_own_block_alone_and_a_wrong_one_leaves_nothing_behind() {
    let plan = Plan { acts: vec![], proposer: 7, flags: vec![2, 1], misbehaved: true, heard: Heard::It };
    for change in ALMOST {
        let (guessing, plain) = (net(), net());
        let (ann, bob) = (person(1), person(2));
        let mut block = request(&plain, &plan);
        block.txs = vec![draft(vec![ann.send(&bob, 5)], &[(&ann, 0)]).fee(3).sign()];
        let mut almost = block.clone();
        change(&mut almost);
        assert_eq!(almost.hash, block.hash);
        assert!(guessing.propose(&almost));
        assert_eq!(guessing.execute(block.clone()), plain.execute(block));
        assert_eq!((guessing.guesses("hit"), guessing.guesses("miss")), (0, 1));
    }
}

#[test]
fn a_block_heard_of_is_executed_once_whatever_its_rounds() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = |amount| draft(vec![ann.send(&bob, amount)], &[(&ann, 0)]).sign();
    let (first, second) = (net.request(vec![tx(1)]), net.request(vec![tx(2)]));
    // Round 0 proposes one block, round 1 another, round 2 that one again.
    assert!(net.propose(&first) && net.propose(&second) && net.propose(&second));
    net.execute(second);
    assert_eq!((net.guesses("hit"), net.guesses("discarded"), net.guesses("miss")), (1, 1, 0));
    assert_eq!(net.balance(&bob.address()), START + 2);
}

#[test]
fn the_first_block_is_never_guessed_at_nor_any_where_it_is_switched_off() {
    let net = unborn(|_| {});
    net.app.init_chain(genesis());
    let first = net.request(vec![]);
    assert!(net.propose(&first));
    net.execute(first);
    assert_eq!((net.guesses("hit"), net.guesses("absent")), (0, 1));
    let off = net_with(|config| config.optimistic_execution = false);
    let block = off.request(vec![]);
    assert!(off.propose(&block));
    off.execute(block);
    assert_eq!((off.guesses("hit"), off.guesses("absent")), (0, 2));
}

#[test]
fn modules_see_the_votes_and_the_misbehaviour_of_their_block_and_of_no_other() {
    let net = net();
    let plan = Plan { acts: vec![], proposer: 7, flags: vec![2, 1, 3, 77], misbehaved: true, heard: Heard::It };
    let block = request(&net, &plan);
    net.execute(block);
    let seen = net.query("store/odd/key", "comet", 0, false).value;
    let seen = String::from_utf8(seen.to_vec()).unwrap();
    for part in [
        "flag: Commit",
        "flag: Absent",
        "flag: Nil",
        "flag: Unknown",
        "power: 12",
        "kind: DuplicateVote",
        "total_power: 99",
        "round: 1",
    ] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    assert!(seen.starts_with("[7, 7"), "{seen}");
    let after = &net.app.latest().block;
    assert!(
        after.last_commit.votes.is_empty() && after.misbehavior.is_empty() && after.next_validators_hash.is_empty()
    );
    assert_eq!(after.proposer, [7; 20]);
}
