//! Validators from InitChain on: of transactions of the genesis, of stake in it, guests, and how guests go.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

mod common;

use bytes::Bytes;
use common::stake::{create, operator, rich_state, OPEN};
use common::{draft, pack, person, unborn, Net, Person, START};
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::staking::v1beta1::*;
use openledger_proto::cosmos::tx::v1beta1::Tx;
use openledger_proto::tendermint::abci::{RequestInitChain, ValidatorUpdate};
use openledger_proto::tendermint::crypto::{public_key::Sum, PublicKey};
use openledger_proto::{walker, Message, Name};
use serde_json::{json, Map, Value};

/// A person that signs over another account number.
fn numbered(index: usize, number: u64) -> Person {
    let mut person = person(index);
    person.number = number;
    person
}

/// A genesis transaction: signed over account number 0.
fn gen_tx(index: usize, byte: u8, open: u128) -> Bytes {
    let signer = numbered(index, 0);
    draft(vec![create(&signer, byte, open)], &[(&signer, 0)]).sign()
}

fn json_of(tx: &Bytes) -> Value {
    walker::to_json(&Tx::full_name(), tx).unwrap()
}

fn with_gen_txs(txs: &[Bytes]) -> Map<String, Value> {
    let mut state = rich_state();
    state["genutil"]["gen_txs"] = txs.iter().map(json_of).collect();
    state
}

fn update(byte: u8, power: i64) -> ValidatorUpdate {
    let key = PublicKey { sum: Some(Sum::Ed25519(vec![byte; 32])) };
    ValidatorUpdate { pub_key: Some(key), power }
}

fn init(state: &Map<String, Value>, validators: Vec<ValidatorUpdate>) -> RequestInitChain {
    RequestInitChain { app_state_bytes: serde_json::to_vec(state).unwrap().into(), validators, ..common::genesis() }
}

fn ask<Resp: Message + Default>(net: &Net, method: &str, request: &impl Message) -> Resp {
    let path = format!("/cosmos.staking.v1beta1.Query/{method}");
    let answer = net.query(&path, request.encode_to_vec(), 0, false);
    assert_eq!(answer.code, 0, "{}", answer.log);
    Resp::decode(answer.value).unwrap()
}

#[test]
fn genesis_transactions_make_the_validators_that_init_chain_answers_with() {
    let net = unborn(|_| {});
    let state = with_gen_txs(&[gen_tx(0, 1, 10), gen_tx(3, 2, 20)]);
    let answer = net.app.chain().init_chain(&init(&state, vec![])).unwrap();
    let mut told = answer.validators;
    told.sort_by_key(|update| update.power);
    assert_eq!(told, [update(1, 10), update(2, 20)]);
    // Nothing more is told in the first block, whose validators they are.
    assert_eq!(net.block(vec![]).validator_updates, []);
    let bonded: QueryValidatorsResponse = ask(&net, "Validators", &QueryValidatorsRequest::default());
    assert!(bonded.validators.iter().all(|validator| validator.status() == BondStatus::Bonded));
    assert_eq!(bonded.validators.len(), 2);
    let pool: QueryPoolResponse = ask(&net, "Pool", &QueryPoolRequest {});
    assert_eq!(pool.pool.unwrap().bonded_tokens, (30 * OPEN).to_string());
    assert_eq!(net.balance(&person(3).address()), START + 80 * OPEN, "and no fee");
    assert_eq!(net.sequence(&person(3)), 1);
    // The history has the header that CometBFT signed, with the application hash before it.
    let hash = net.app_hash();
    net.block(vec![]);
    let past: QueryHistoricalInfoResponse = ask(&net, "HistoricalInfo", &QueryHistoricalInfoRequest { height: 2 });
    let past = past.hist.unwrap();
    assert_eq!((past.header.unwrap().app_hash, past.valset.len()), (hash, 2));
}

#[test]
fn one_genesis_transaction_that_fails_fails_init_chain() {
    let other = numbered(2, 5);
    let misnumbered = draft(vec![create(&other, 3, 1)], &[(&other, 0)]).sign();
    let plain = {
        let signer = numbered(1, 0);
        draft(vec![signer.send(&person(2), 1)], &[(&signer, 0)]).sign()
    };
    let cases = [
        (gen_tx(1, 2, 101), "is smaller than"),
        (gen_tx(1, 1, 1), "already exist for this pubkey"),
        (misnumbered, "signature verification failed"),
        (plain, "expected: MsgCreateValidator"),
    ];
    for (tx, text) in cases {
        let net = unborn(|_| {});
        let state = with_gen_txs(&[gen_tx(0, 1, 10), tx]);
        let error = net.app.chain().init_chain(&init(&state, vec![])).unwrap_err();
        assert!(error.message.contains(text) && error.message.contains("gen_txs[1]"), "{error}");
    }
}

#[test]
fn validators_of_comet_and_of_staking_are_the_same_or_the_chain_does_not_start() {
    let state = with_gen_txs(&[gen_tx(0, 1, 10)]);
    for wrong in [vec![update(1, 9)], vec![update(2, 10)], vec![update(1, 10), update(2, 10)]] {
        let error = unborn(|_| {}).app.chain().init_chain(&init(&state, wrong)).unwrap_err();
        assert!(error.message.contains("must be the same"), "{error}");
    }
    let net = unborn(|_| {});
    let answer = net.app.chain().init_chain(&init(&state, vec![update(1, 10)])).unwrap();
    assert_eq!(answer.validators, [update(1, 10)]);
    net.block(vec![]);
}

#[test]
fn guests_make_blocks_until_somebody_stakes() {
    let net = unborn(|_| {});
    let answer = net.app.chain().init_chain(&init(&rich_state(), vec![update(7, 10), update(8, 10)])).unwrap();
    assert_eq!(answer.validators, [], "CometBFT keeps its own");
    assert_eq!(net.block(vec![]).validator_updates, []);
    let alice = person(0);
    let tx = draft(vec![create(&alice, 1, 10)], &[(&alice, 0)]).gas(400_000).sign();
    let response = net.block(vec![tx]);
    assert_eq!(response.tx_results[0].code, 0, "{}", response.tx_results[0].log);
    let mut told = response.validator_updates;
    assert_eq!(told.remove(0), update(1, 10));
    told.sort_by_key(|update| update.encode_to_vec());
    assert_eq!(told, [update(7, 0), update(8, 0)]);
    assert_eq!(net.block(vec![]).validator_updates, []);
    // Who delegates is told of in its block.
    let bob = person(1);
    let delegate = pack(&MsgDelegate {
        delegator_address: bob.address().to_string(),
        validator_address: operator(&alice),
        amount: Some(Coin { denom: "aopen".into(), amount: (5 * OPEN).to_string() }),
    });
    let response = net.block(vec![draft(vec![delegate], &[(&bob, 0)]).gas(400_000).sign()]);
    assert_eq!(response.validator_updates, [update(1, 15)]);
}

#[test]
fn what_was_exported_starts_with_the_validators_that_it_had() {
    let net = unborn(|_| {});
    let state = with_gen_txs(&[gen_tx(0, 1, 10), gen_tx(3, 2, 20)]);
    net.app.chain().init_chain(&init(&state, vec![])).unwrap();
    net.block(vec![]);
    let exported = net.app.chain().export().unwrap();
    assert_eq!(exported["genutil"], json!({ "gen_txs": [] }));
    assert_eq!(exported["staking"]["exported"], true);
    let other = unborn(|_| {});
    let mut told = other.app.chain().init_chain(&init(&exported, vec![])).unwrap().validators;
    told.sort_by_key(|update| update.power);
    assert_eq!(told, [update(1, 10), update(2, 20)]);
    assert_eq!(other.block(vec![]).validator_updates, []);
}
