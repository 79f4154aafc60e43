//! Blocks: total on any bytes, replayed after a crash; and genesis. That nodes agree on them is in `equality.rs`.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
mod workload;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering;

use bytes::Bytes;
use common::heavily::heavily;
use common::*;
use openledger_core::Address;
use openledger_proto::tendermint::abci::response_process_proposal::ProposalStatus;
use openledger_proto::tendermint::abci::{RequestPrepareProposal, RequestProcessProposal, ValidatorUpdate};
use openledger_proto::tendermint::crypto::{public_key::Sum, PublicKey};
use openledger_proto::tendermint::types::{BlockParams, ConsensusParams};
use proptest::prelude::*;
use tendermint_abci::Application as _;
use workload::{act, sign};

#[test]
fn proposals_of_any_bytes_are_filled_so_that_everybody_accepts_them() {
    let net = net();
    heavily(12, &(prop::collection::vec(act(), 0..14), 0i64..4_000), |(acts, max_tx_bytes)| {
        let txs: Vec<Bytes> = acts.iter().map(|act| sign(act, &net, &mut [0; ACCOUNTS])).collect();
        let request = RequestPrepareProposal { txs: txs.clone(), max_tx_bytes, height: 2, ..Default::default() };
        let filled = net.app.prepare_proposal(request).txs;
        prop_assert!(filled.iter().all(|tx| txs.contains(tx)));
        prop_assert!(filled.iter().map(|tx| tx.len() + 2).sum::<usize>() <= usize::try_from(max_tx_bytes).unwrap());
        prop_assert_eq!(judge(&net, filled), ProposalStatus::Accept as i32);
        Ok(())
    });
}

fn judge(net: &Net, txs: Vec<Bytes>) -> i32 {
    net.app.process_proposal(RequestProcessProposal { txs, height: 2, ..Default::default() }).status
}

#[test]
fn a_proposal_with_bytes_that_are_no_transaction_is_rejected_and_a_wrong_sequence_is_not() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let good = draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign();
    let late = draft(vec![ann.send(&bob, 1)], &[(&ann, 9)]).sign();
    assert_eq!(judge(&net, vec![good.clone(), late]), ProposalStatus::Accept as i32);
    assert_eq!(judge(&net, vec![good, Bytes::from_static(b"hello")]), ProposalStatus::Reject as i32);
}

#[test]
fn a_block_that_was_proposed_has_the_same_result_as_one_that_was_not() {
    let (ann, bob) = (person(0), person(1));
    let txs = vec![draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign(), Bytes::from_static(b"hello")];
    let (proposed, plain) = (net(), net());
    judge(&proposed, txs[..1].to_vec());
    assert_eq!(proposed.block(txs.clone()), plain.block(txs));
}

#[test]
fn an_error_undoes_what_the_handler_wrote_and_success_keeps_it() {
    let net = net();
    let ann = person(0);
    let result = net.deliver(draft(vec![ann.vote(3)], &[(&ann, 0)]).sign());
    assert_eq!(result.log, "failed to execute message; message index: 0: three: invalid request");
    assert_eq!(net.query("store/odd/key", "last", 0, false).value.as_ref(), b"genesis");
    assert_eq!(net.deliver(draft(vec![ann.vote(4)], &[(&ann, 1)]).sign()).code, 0);
    assert_eq!(net.query("store/odd/key", "last", 0, false).value.as_ref(), 4u64.to_be_bytes());
}

#[test]
fn the_gas_of_a_block_ends() {
    let net = unborn(|_| {});
    let block = Some(BlockParams { max_bytes: 2_000_000, max_gas: 150_000 });
    let mut genesis = genesis();
    genesis.consensus_params = Some(ConsensusParams { block, ..ConsensusParams::default() });
    net.app.init_chain(genesis);
    net.block(vec![]);
    let (ann, bob) = (person(0), person(1));
    let tx = |sequence, gas| draft(vec![ann.send(&bob, 1)], &[(&ann, sequence)]).fee(1).gas(gas).sign();
    let probe = net.deliver(tx(0, 150_000));
    assert_eq!(probe.code, 0);
    let fitting = usize::try_from(150_000 / probe.gas_used).unwrap();
    let txs: Vec<Bytes> = (1..=u64::try_from(fitting).unwrap() + 2).map(|sequence| tx(sequence, 100_000)).collect();
    let results = net.block(txs).tx_results;
    assert!(results[..fitting].iter().all(|result| result.code == 0), "{results:?}");
    // The one that passed the limit paid its fee; those after it were not run.
    assert_eq!(results[fitting].code, 11);
    assert!(results[fitting].log.contains("block gas meter"), "{}", results[fitting].log);
    assert_eq!(results[fitting + 1].log, "no block gas left to run tx: out of gas");
    assert_eq!(net.sequence(&ann), u64::try_from(fitting).unwrap() + 2);
    let result = net.deliver(tx(net.sequence(&ann), 150_001));
    let text = "tx gas limit 150001 exceeds block max gas 150000: invalid gas limit";
    assert_eq!((result.code, result.log.as_str()), (41, text));
}

#[test]
fn a_slow_simulation_keeps_neither_checks_nor_blocks_waiting() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    let tx = |sequence| draft(vec![ann.send(&bob, 1)], &[(&ann, sequence)]).fee(1).sign();
    assert_eq!(net.check(tx(0)).code, 0);
    WAIT.store(true, Ordering::SeqCst);
    // On the state of what was let in: its sequence is the next one.
    let slow = draft(vec![ann.vote(WAITS)], &[(&ann, 1)]).sign();
    let chain = net.app.chain().clone();
    let simulation = std::thread::spawn(move || chain.simulate(&slow));
    while !simulation.is_finished() && !WAITING.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
    while !simulation.is_finished() && net.height() < 4 {
        net.block(vec![tx(net.sequence(&ann))]);
        assert_eq!(net.check(tx(net.sequence(&ann))).code, 0);
    }
    assert!(!simulation.is_finished());
    WAIT.store(false, Ordering::SeqCst);
    assert!(simulation.join().unwrap().result.is_ok());
}

#[test]
fn a_block_that_was_not_committed_is_replayed_after_a_crash() {
    let (ann, bob) = (person(0), person(1));
    let tx = |sequence| draft(vec![ann.send(&bob, 1)], &[(&ann, sequence)]).fee(1).sign();
    let (lucky, crashed) = (net(), net());
    lucky.block(vec![tx(0)]);
    crashed.block(vec![tx(0)]);
    crashed.app.finalize_block(crashed.request(vec![tx(1)]));
    let crashed = crashed.restart();
    assert_eq!((crashed.height(), crashed.app_hash()), (2, lucky.app_hash()));
    assert_eq!(crashed.check(tx(1)).code, 0);
    assert_eq!(crashed.block(vec![tx(1)]), lucky.block(vec![tx(1)]));
    let crashed = crashed.restart();
    assert_eq!(crashed.block(vec![tx(2)]), lucky.block(vec![tx(2)]));
    assert_eq!((crashed.height(), crashed.balance(&bob.address())), (4, START + 3));
}

#[test]
fn a_crash_before_the_first_commit_begins_again_with_genesis() {
    let net = unborn(|_| {});
    net.app.init_chain(genesis());
    net.app.finalize_block(net.request(vec![]));
    let net = net.restart();
    assert_eq!((net.height(), net.app_hash()), (0, vec![]));
    net.app.init_chain(genesis());
    net.block(vec![]);
    assert_eq!(net.app_hash(), common::net().app_hash());
}

#[test]
fn another_block_of_the_same_height_discards_the_former() {
    let (ann, bob) = (person(0), person(1));
    let tx = |amount| draft(vec![ann.send(&bob, amount)], &[(&ann, 0)]).sign();
    let (changed, plain) = (net(), net());
    changed.app.finalize_block(changed.request(vec![tx(5)]));
    assert_eq!(changed.block(vec![tx(7)]), plain.block(vec![tx(7)]));
    assert_eq!(changed.balance(&bob.address()), START + 7);
    let first = unborn(|_| {});
    first.app.init_chain(genesis());
    first.app.finalize_block(first.request(vec![tx(5)]));
    first.block(vec![]);
    assert_eq!(first.app_hash(), net().app_hash());
}

#[test]
fn calls_out_of_turn_stop_the_node() {
    let stops = |call: &dyn Fn()| catch_unwind(AssertUnwindSafe(call)).is_err();
    let net = net();
    assert!(stops(&|| {
        net.app.commit();
    }));
    let mut later = net.request(vec![]);
    later.height += 1;
    assert!(stops(&|| drop(net.app.finalize_block(later.clone()))));
    assert!(stops(&|| drop(net.app.init_chain(genesis()))));
    let unborn = unborn(|_| {});
    assert!(stops(&|| drop(unborn.app.finalize_block(unborn.request(vec![])))));
    net.block(vec![]);
}

#[test]
fn a_genesis_that_is_wrong_says_where() {
    let refused = |change: &dyn Fn(&mut serde_json::Map<String, serde_json::Value>)| {
        let mut state = app_state();
        change(&mut state);
        let mut request = genesis();
        request.app_state_bytes = serde_json::to_vec(&state).unwrap().into();
        unborn(|_| {}).app.chain().init_chain(&request).unwrap_err().to_string()
    };
    let text = refused(&|state| drop(state.insert("wasm".into(), serde_json::json!({}))));
    assert!(text.contains("\"wasm\"") && text.contains("attribution"), "{text}");
    let text = refused(&|state| state["bank"]["balances"][0]["coins"][0]["amount"] = "-1".into());
    assert!(text.starts_with("genesis of bank: "), "{text}");
    let text = refused(&|state| drop(state["auth"].as_object_mut().unwrap().insert("colour".into(), 1.into())));
    assert!(text.starts_with("genesis of auth: ") && text.contains("colour"), "{text}");
    let mut request = genesis();
    request.chain_id = "other".into();
    let text = unborn(|_| {}).app.chain().init_chain(&request).unwrap_err().to_string();
    assert!(text.starts_with("invalid chain-id on InitChain; expected: test-1, got: other"), "{text}");
}

#[test]
fn a_chain_may_begin_at_a_later_height_with_validators() {
    let net = unborn(|_| {});
    let mut request = genesis();
    request.initial_height = 40;
    let key = PublicKey { sum: Some(Sum::Ed25519(vec![9; 32])) };
    request.validators = vec![ValidatorUpdate { pub_key: Some(key), power: 10 }];
    let response = net.app.init_chain(request);
    assert!(response.validators.is_empty() && !response.app_hash.is_empty());
    // CheckTx works on genesis.
    let (ann, bob) = (person(0), person(1));
    assert_eq!(net.check(draft(vec![ann.send(&bob, 1)], &[(&ann, 0)]).sign()).code, 0);
    let mut first = net.request(vec![]);
    first.height = 40;
    net.app.finalize_block(first);
    net.app.commit();
    assert_eq!(net.height(), 40);
    let net = net.restart();
    net.block(vec![]);
    let (state, block) = net.app.state_at(0).unwrap();
    assert_eq!((block.height, block.time_seconds), (41, GENESIS_TIME + 5 * 41));
    let ctx = openledger_core::Context::query(&state, &block, openledger_core::GasMeter::infinite());
    let validators = net.app.runtime().consensus.validators(&ctx).unwrap();
    assert_eq!(validators, [(Address::of_sha256(&[9; 32]).as_bytes().to_vec(), 10)]);
}

#[test]
fn an_exported_state_is_a_genesis_of_the_same_state() {
    let net = net();
    let (ann, bob) = (person(0), person(1));
    net.deliver(draft(vec![ann.send(&bob, 10)], &[(&ann, 0)]).fee(5).sign());
    let exported = net.app.export().unwrap();
    let again = unborn(|_| {});
    let mut request = genesis();
    request.app_state_bytes = serde_json::to_vec(&exported).unwrap().into();
    again.app.init_chain(request);
    again.block(vec![]);
    assert_eq!((again.balance(&ann.address()), again.sequence(&ann)), (START - 15, 1));
    assert_eq!(again.app.export().unwrap(), exported);
}

#[test]
fn blocks_are_retained_for_evidence_and_as_the_operator_says() {
    let net = net_with(|config| config.min_retain_blocks = 3);
    // Evidence may be 100,000 blocks old by default, so nothing may go yet.
    net.app.finalize_block(net.request(vec![]));
    assert_eq!(net.app.commit().retain_height, 0);
}

#[test]
fn the_chain_halts_after_the_height_and_the_time_that_the_operator_says() {
    let stopped = |net: &Net| net.app.chain().finalize_block(&net.request(vec![])).unwrap_err().to_string();
    let height = net_with(|config| config.halt_height = 2);
    height.block(vec![]);
    assert!(stopped(&height).starts_with("halt per configuration height 2 time 0"));
    // Nor is a block that will not be executed guessed at.
    assert!(height.propose(&height.request(vec![])));
    assert_eq!((height.guesses("absent"), height.height()), (2, 2));
    let second = u64::try_from(height.request(vec![]).time.unwrap().seconds).unwrap() - 5;
    let time = net_with(|config| config.halt_time = second);
    time.block(vec![]);
    assert!(stopped(&time).contains(&format!("time {second}")), "{}", stopped(&time));
}
