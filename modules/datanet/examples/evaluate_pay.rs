//! Reads cases as JSON lines and answers each with a line: who this module pays for a contribution, and how much. `tests/spec/pay.py`
//! asks a second implementation the same, and says which fields a case has. Amounts are hexadecimal; what is refused is `null`.
//!
//! `payees` writes a random state of works, rulings, custody and holds under the documented keys; `pointers` has works accepted by messages.

#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::panic, reason = "it is a test's other half")]

#[path = "../tests/datanet/chain.rs"]
mod chain;

use std::io::{BufRead, Write};

use chain::*;
use cosmwasm_std::Uint256;
use cw_storage_plus::Map;
use openledger_core::Address;
use openledger_datanet::content::types::{Custody, Ruling, Unavailable};
use openledger_datanet::state::STORE;
use openledger_datanet::{divide_pay, Contribution, Payee, Rights, Status};
use openledger_proto::openledger::datanet::v1::{Pointer, PointerKind, PointerPolicy, Policy};
use serde_json::{json, Value};

const CONTRIBUTIONS: Map<u64, Contribution> = Map::new("contributions");
const PAID_POINTERS: Map<(u64, u8, u64), u32> = Map::new("paid_pointers");
const RULINGS: Map<u64, Ruling> = Map::new("rulings");
const UNAVAILABLE: Map<u64, Unavailable> = Map::new("unavailable");
const CUSTODIES: Map<u64, Custody> = Map::new("custodies");
const HOLDS: Map<u64, i64> = Map::new("holds");

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = match case["op"].as_str().unwrap() {
            "payees" => payees(&case),
            "pointers" => pointers(&case),
            op => panic!("no operation {op}"),
        };
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
}

fn list<'a>(case: &'a Value, name: &str) -> impl Iterator<Item = &'a Vec<Value>> {
    case[name].as_array().unwrap().iter().map(|entry| entry.as_array().unwrap())
}

fn number<T: TryFrom<u64>>(value: &Value) -> T {
    T::try_from(value.as_u64().unwrap()).ok().unwrap()
}

fn payees(case: &Value) -> Value {
    let mut chain = Chain::new();
    chain.checks = false;
    let datanet = chain.datanet();
    for (place, work) in list(case, "works").enumerate() {
        let seq = chain.accepted(datanet, 1, &[place as u8; 300]);
        let mut found = chain.contribution(seq);
        found.author = account(number(&work[0]));
        found.status = match work[1].as_str().unwrap() {
            "accepted" => Status::Accepted,
            "withdrawn" => Status::Withdrawn,
            status => panic!("no status {status}"),
        };
        found.commons = work[2].as_bool().unwrap();
        if work[3].as_bool().unwrap() {
            found.reveal.as_mut().unwrap().rights = Rights::Custodial("somebody".into());
        }
        CONTRIBUTIONS.save(&mut chain.ctx().kv_mut(STORE), seq, &found).unwrap();
    }
    write(&mut chain, case);
    chain.block.time_seconds = case["now"].as_i64().unwrap();
    let keeper = chain.keeper;
    let payees = keeper.payees(&chain.ctx(), number(&case["seq"])).unwrap();
    shown(&payees, case["amount"].as_str().unwrap())
}

fn write(chain: &mut Chain, case: &Value) {
    let mut ctx = chain.ctx();
    let mut kv = ctx.kv_mut(STORE);
    for entry in list(case, "rulings") {
        let ruling = Ruling { source: entry[1].as_u64(), dispute: 1, height: 1 };
        RULINGS.save(&mut kv, number(&entry[0]), &ruling).unwrap();
    }
    for entry in list(case, "unavailable") {
        let unavailable = Unavailable { missed: 1, held_until: entry[1].as_i64().unwrap() };
        UNAVAILABLE.save(&mut kv, number(&entry[0]), &unavailable).unwrap();
    }
    for entry in list(case, "custodies") {
        let from = entry[2].as_i64().unwrap();
        let custody = Custody { account: account(number(&entry[1])), statement: String::new(), from };
        CUSTODIES.save(&mut kv, number(&entry[0]), &custody).unwrap();
    }
    for entry in list(case, "holds") {
        HOLDS.save(&mut kv, number(&entry[0]), &entry[1].as_i64().unwrap()).unwrap();
    }
    for entry in list(case, "pointers") {
        let key = (number(&entry[0]), number(&entry[1]), number(&entry[2]));
        PAID_POINTERS.save(&mut kv, key, &number(&entry[3])).unwrap();
    }
}

fn pointers(case: &Value) -> Value {
    let mut chain = Chain::new();
    let given: Vec<u32> = case["policy"].as_array().unwrap().iter().map(number).collect();
    let [corrections_bps, labels_bps, evaluations_bps, improvements_bps] = given[..] else { panic!("four kinds") };
    let pointers = Some(PointerPolicy { corrections_bps, labels_bps, evaluations_bps, improvements_bps });
    let datanet = chain.deliver(&create(Policy { pointers, ..policy() })).unwrap().datanet_id;
    let target = chain.accepted(datanet, 2, b"what others point at");
    for (place, entry) in list(case, "scores").enumerate() {
        let (author, content) = (number(&entry[1]), [place as u8 + 1; 40]);
        let seq = chain.commit(datanet, author, &content);
        chain.next_block();
        let mut shows = reveal(seq, author, &content);
        let kind = PointerKind::try_from(number::<i32>(&entry[0])).unwrap();
        shows.points_at = Some(Pointer { kind: kind.into(), seq: target });
        chain.deliver(&shows).unwrap();
        chain.deliver(&review(seq, 1, Some(number(&entry[2])))).unwrap();
    }
    let keeper = chain.keeper;
    let payees = keeper.payees(&chain.ctx(), target).unwrap();
    shown(&payees, case["amount"].as_str().unwrap())
}

/// Who, basis points, and the part of an amount.
fn shown(payees: &[(Payee, u32)], amount: &str) -> Value {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&amount[2 * at..2 * at + 2], 16).unwrap();
    }
    let Ok(parts) = divide_pay(Uint256::from_be_bytes(bytes), payees) else { return Value::Null };
    let shown = payees.iter().zip(parts).map(|((payee, bps), (_, part))| {
        let part: String = part.to_be_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        json!([who(payee), bps, part])
    });
    shown.collect()
}

fn who(payee: &Payee) -> Value {
    let number = |found: &Address| (0..=255).find(|n| account(*n) == *found).unwrap();
    match payee {
        Payee::Account(account) => json!(number(account)),
        Payee::Held => json!("held"),
        Payee::Baseline => json!("baseline"),
    }
}
