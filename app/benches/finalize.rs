//! What a MsgSend costs below consensus: CheckTx, FinalizeBlock and Commit of blocks of 2,000, each timed apart, with accounts as many.
//!
//! `cargo bench -p openledger-app --bench finalize`; the first argument is the number of blocks (5), the second the threads (0: all
//! cores). With `cold` as the third, transactions do not go through CheckTx first, so that every signature is verified in its block.
//! Also prints the processor time of a CheckTx beside that of one verification by libsecp256k1, key and signature parsed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::float_arithmetic
)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use bytes::Bytes;
use common::{app_state, draft, person, Person, GENESIS_TIME};
use nix::sys::resource::{getrusage, UsageWho};
use nix::sys::time::TimeVal;
use openledger_app::execution::{Application, Chain, Config};
use openledger_app::runtime::Runtime;
use openledger_proto::tendermint::abci::{RequestCheckTx, RequestFinalizeBlock};
use openledger_proto::Timestamp;
use serde_json::{json, Value};
use std::sync::Arc;
use tendermint_abci::Application as _;

const PER_BLOCK: usize = 2_000;

fn main() {
    // Cargo passes `--bench` too.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let number =
        |index: usize, default: usize| arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (blocks, threads) = (number(0, 5), number(1, 0));
    let cold = arguments.get(2).is_some_and(|text| text == "cold");

    let people: Vec<Person> = (0..PER_BLOCK).map(person).collect();
    let folder = tempfile::tempdir().unwrap();
    let config = Config { threads, ..Config::new(common::CHAIN_ID) };
    let chain = Chain::open(folder.path(), Runtime::default(), config).unwrap();
    let app = Application::new(Arc::new(chain));
    let mut genesis = common::genesis();
    genesis.app_state_bytes = serde_json::to_vec(&state_of(&people)).unwrap().into();
    app.init_chain(genesis);
    finalize(&app, 1, vec![]);
    app.commit();

    let (mut checks, mut check_cpu, mut finals, mut commits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for block in 0..blocks {
        let sign = |index: usize| {
            let (from, to) = (&people[index], &people[(index + 7) % PER_BLOCK]);
            draft(vec![from.send(to, 1)], &[(from, block as u64)]).sign()
        };
        let txs: Vec<Bytes> = (0..PER_BLOCK).map(sign).collect();
        if !cold {
            let requests: Vec<_> = txs.iter().map(|tx| RequestCheckTx { tx: tx.clone(), r#type: 0 }).collect();
            let (start, cpu) = (Instant::now(), processor_seconds());
            for requests in requests.chunks(256) {
                assert!(app.check_all(requests).iter().all(|outcome| outcome.result.is_ok()));
            }
            checks.push(start.elapsed().as_secs_f64());
            check_cpu.push(processor_seconds() - cpu);
        }
        let height = block as i64 + 2;
        finals.push(finalize(&app, height, txs));
        let start = Instant::now();
        app.commit();
        commits.push(start.elapsed().as_secs_f64());
    }
    app.check_invariants().unwrap();
    let micros = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).map_or(0.0, |time| time * 1e6 / PER_BLOCK as f64)
    };
    let (check, finalize, commit) = (micros(&mut checks), micros(&mut finals), micros(&mut commits));
    println!(
        "median µs a transaction: checktx {check:.1} finalize {finalize:.1} commit {commit:.1} sum {:.1}",
        finalize + commit
    );
    if !cold {
        let (cpu, one) = (micros(&mut check_cpu), verification_micros());
        println!("processor µs: checktx {cpu:.1}, one verification {one:.1}, ratio {:.2}", cpu / one);
    }
}

/// The processor time of this process, all threads together.
fn processor_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// What libsecp256k1 takes for one verification.
fn verification_micros() -> f64 {
    const RUNS: u32 = 2_000;
    let secp = secp256k1::Secp256k1::new();
    let secret = secp256k1::SecretKey::from_byte_array([7; 32]).unwrap();
    let message = secp256k1::Message::from_digest([9; 32]);
    let signature = secp.sign_ecdsa(message, &secret).serialize_compact();
    let key = secret.public_key(&secp).serialize();
    let before = processor_seconds();
    for _ in 0..RUNS {
        let key = secp256k1::PublicKey::from_slice(&key).unwrap();
        let signature = secp256k1::ecdsa::Signature::from_compact(&signature).unwrap();
        secp.verify_ecdsa(message, &signature, &key).unwrap();
    }
    (processor_seconds() - before) * 1e6 / f64::from(RUNS)
}

fn finalize(app: &Application, height: i64, txs: Vec<Bytes>) -> f64 {
    let time = Some(Timestamp { seconds: GENESIS_TIME + 5 * height, nanos: 0 });
    let request = RequestFinalizeBlock { txs, height, time, ..Default::default() };
    let start = Instant::now();
    let response = app.finalize_block(request);
    let elapsed = start.elapsed().as_secs_f64();
    let failed = response.tx_results.iter().find(|result| result.code != 0);
    assert!(failed.is_none(), "{failed:?}");
    elapsed
}

fn state_of(people: &[Person]) -> Value {
    let mut state = app_state();
    let account = |person: &Person| {
        json!({"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": person.address().to_string(), "pub_key": null,
               "account_number": person.number.to_string(), "sequence": "0"})
    };
    let balance = |person: &Person| json!({"address": person.address().to_string(), "coins": [{"denom": "aopen", "amount": "1000000000"}]});
    state["auth"]["accounts"] = people.iter().map(account).collect();
    state["bank"]["balances"] = people.iter().map(balance).collect();
    Value::Object(state)
}
