//! Amino's binary form against the Cosmos SDK's own results (`proto/vectors/amino_binary.json`, made by `go run ./amino` in
//! `proto/dump`); over random transactions and bytes in [`random`].

mod random;

use std::collections::BTreeMap;

use serde_json::{json, Value};

use super::decode::MAX_JSON_BYTES;
use super::layout::{Kind, Slot, LAYOUTS};
use super::registry::{disfix, Accepts, Form, REGISTRY};
use super::*;
use crate::test_vectors::{string, unhex};
use crate::walker::{message_at, SCHEMA};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../vectors/amino_binary.json")).unwrap()
}

fn list<'a>(golden: &'a Value, key: &str) -> &'a [Value] {
    let list = golden[key].as_array().unwrap();
    assert!(!list.is_empty());
    list
}

fn hexed(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What Go accepts and this chain refuses, by the vectors' notes: Go would lose the content of an `Any` that it does not open (bytes of
/// it become JSON that is none), and takes any type with a name for a message.
const STRICTER: [&str; 2] = ["an Any that is never opened", "a text proposal as a message"];

/// How results differ from Go's, all of them: neither may be refused where the other is not, but for [`STRICTER`].
fn differences<T>(
    vectors: &[Value],
    make: impl Fn(&str) -> Result<T, BinaryError>,
    shown: impl Fn(&T) -> String,
) -> Vec<String> {
    let differ = |vector: &Value| {
        let (note, refused) = (string(vector, "note"), string(vector, "refused"));
        match make(string(vector, "given")) {
            Ok(made) if !refused.is_empty() => Some(format!("{note}: {}, refused by the SDK: {refused}", shown(&made))),
            Ok(made) if shown(&made) == string(vector, "made") => None,
            Ok(made) => Some(format!("{note}: {}, by the SDK {}", shown(&made), string(vector, "made"))),
            Err(error) if !error.to_string().starts_with("StdTx") => Some(format!("{note}: {error}: where?")),
            Err(_) if !refused.is_empty() || STRICTER.contains(&note) => None,
            Err(error) => Some(format!("{note}: {error}")),
        }
    };
    vectors.iter().filter_map(differ).collect()
}

#[test]
fn json_becomes_the_bytes_that_the_sdk_makes_of_it_or_is_refused() {
    let differ = differences(list(&golden(), "encode"), encode_std_tx, |bytes| hexed(bytes));
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn bytes_become_the_json_that_the_sdk_makes_of_them_or_are_refused() {
    let differ = differences(list(&golden(), "decode"), |given| decode_std_tx(&unhex(given)), String::clone);
    // Of an expiration that is absent, Go's decoder makes 1970.
    let (times, others): (Vec<String>, _) = differ.into_iter().partition(|one| one.contains("1970-01-01T00:00:00Z"));
    assert!(others.is_empty(), "{others:#?}");
    for one in &times {
        let (ours, theirs) = one.split_once(", by the SDK ").unwrap();
        let (_, ours) = ours.split_once(": ").unwrap();
        let without = theirs.replace(",\"expiration\":\"1970-01-01T00:00:00Z\"", "");
        assert_eq!(ours, without.replace("\"expiration\":\"1970-01-01T00:00:00Z\"", ""));
    }
    assert_eq!(times.len(), 2, "{times:#?}");
}

/// What amino sees of a field, in the words of the vectors.
fn kind(slot: &Slot) -> String {
    let one = match &slot.kind {
        Kind::Bool => "bool",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Threshold => "threshold",
        Kind::Text => "string",
        Kind::Bytes => "bytes",
        Kind::Integer => "integer",
        Kind::Decimal => "decimal",
        Kind::Time => "time",
        Kind::Struct(index) => &message_at(*index).unwrap().full_name,
        Kind::Named { .. } | Kind::Unopened => "any",
        Kind::Oneof(_) => "oneof",
        Kind::None(why) => why,
    };
    let pointer = if slot.pointer { "*" } else { "" };
    let (coins, list) = (if slot.brackets { "coins:" } else { "" }, if slot.repeated { "[]" } else { "" });
    format!("{coins}{list}{pointer}{one}")
}

#[test]
fn every_struct_is_laid_out_as_go_s() {
    let golden = golden();
    let structs = golden["structs"].as_object().unwrap();
    assert!(structs.len() > 80, "{}", structs.len());
    for (name, fields) in structs {
        let index = SCHEMA.message(name).unwrap_or_else(|| panic!("{name} is not known"));
        let ours = LAYOUTS[index].iter().map(
            |slot| json!({"number": slot.number, "key": slot.key, "omit_empty": slot.omit_empty, "kind": kind(slot)}),
        );
        assert_eq!(Value::Array(ours.collect()), *fields, "{name}");
    }
}

#[test]
fn names_stand_for_the_types_and_prefixes_that_go_registers() {
    let golden = golden();
    let theirs: BTreeMap<&str, &Value> =
        list(&golden, "types").iter().map(|known| (string(known, "name"), known)).collect();
    let mut prefixes = BTreeMap::new();
    let mut both = 0;
    for known in REGISTRY.types() {
        assert_eq!(prefixes.insert(known.prefix, &known.name), None, "{} has another's prefix", known.name);
        let Some(theirs) = theirs.get(known.name.as_str()) else { continue };
        let (disamb, prefix) = disfix(&known.name);
        assert_eq!(hexed(&prefix), string(theirs, "prefix"));
        assert_eq!(hexed(&disamb), string(theirs, "disamb"));
        assert_eq!(prefix, known.prefix);
        if let Form::Struct(index) = known.form {
            let name =
                message_at(index).map_or("cosmos.crypto.multisig.LegacyAminoPubKey", |message| &message.full_name);
            assert_eq!(name, string(theirs, "proto"));
        }
        both += 1;
    }
    assert!(both > 50, "{both}");
    // What Go registers and this chain does not know: accounts, private keys, parameters, kinds of keys that it has not.
    for (name, known) in theirs {
        let message = string(known, "proto").rsplit('.').next().unwrap_or_default().starts_with("Msg");
        assert!(!message || REGISTRY.named(name, &Accepts::Msg).is_ok(), "{name} is a message");
    }
}

#[test]
fn every_message_that_is_signed_as_amino_json_has_a_binary_form() {
    let mut count = 0;
    for known in REGISTRY.types().iter().filter(|known| known.accepted(&Accepts::Msg).is_ok()) {
        let Form::Struct(index) = known.form else { panic!("{} is no message", known.name) };
        let none = LAYOUTS[index].iter().find(|slot| matches!(slot.kind, Kind::None(_)));
        assert!(none.is_none(), "{}: {none:?}", known.name);
        count += 1;
    }
    assert!(count > 100, "{count}");
    assert!(REGISTRY.named("openledger/MsgSettle", &Accepts::Msg).is_ok());
}

#[test]
fn what_is_empty_can_be_told_wherever_json_leaves_it_out() {
    for slot in LAYOUTS.iter().flatten().filter(|slot| slot.omit_empty && !slot.repeated && !slot.pointer) {
        let struct_like = matches!(slot.kind, Kind::Struct(_) | Kind::Time | Kind::Integer | Kind::Decimal);
        // Go compares such values with their zero; none that stands in a message is tagged so.
        let of_message = REGISTRY.types().iter().any(|known| match known.form {
            Form::Struct(index) => LAYOUTS[index].iter().any(|other| std::ptr::eq(other, slot)),
            Form::Key(_) => false,
        });
        assert!(!struct_like || !of_message, "{slot:?}");
    }
}

#[test]
fn errors_say_where_and_what() {
    let of = |text: &str| encode_std_tx(text).unwrap_err().to_string();
    let send = |amount: &str| {
        of(&format!(
            r#"{{"type":"cosmos-sdk/StdTx","value":{{"msg":[{{"type":"cosmos-sdk/MsgSend","value":{{"amount":{amount}}}}}]}}}}"#
        ))
    };
    assert_eq!(
        send(r#"[{"denom":"a","amount":"1"},{"amount":5}]"#),
        "StdTx.msg[0].amount[1].amount: expected text, got 5"
    );
    assert_eq!(send("7"), "StdTx.msg[0].amount: expected a list, got 7");
    let circuit = r#"{"type":"cosmos-sdk/StdTx","value":{"msg":[{"type":"/cosmos.circuit.v1.MsgTripCircuitBreaker","value":{}}]}}"#;
    assert_eq!(of(circuit), "StdTx.msg[0]: no type has the amino name \"/cosmos.circuit.v1.MsgTripCircuitBreaker\"");
    assert_eq!(decode_std_tx(&[1, 2, 3, 4]).unwrap_err().to_string().split_once(": ").unwrap().0, "StdTx");
}

#[test]
fn nesting_ends_at_the_limit() {
    let prefix = |name: &str| disfix(name).1.to_vec();
    let mut message = prefix("cosmos-sdk/MsgSend");
    let mut last = String::new();
    for depth in 0..100 {
        let mut tx = prefix("cosmos-sdk/StdTx");
        crate::walker::wire::put_bytes(&mut tx, 1, &message);
        match decode_std_tx(&tx) {
            Ok(text) => last = text,
            Err(error) => {
                assert!(error.to_string().ends_with("nested deeper than 64 levels"), "{error}");
                assert!(depth > 20, "{depth}");
                // What is decoded is never too deep to be encoded again.
                assert!(encode_std_tx(&last).is_ok());
                return;
            }
        }
        let mut exec = prefix("cosmos-sdk/MsgExec");
        crate::walker::wire::put_bytes(&mut exec, 2, &message);
        message = exec;
    }
    panic!("nothing ends it");
}

#[test]
fn few_bytes_do_not_become_json_without_end() {
    let mut tx = disfix("cosmos-sdk/StdTx").1.to_vec();
    tx.extend([0x1a, 0].repeat(MAX_JSON_BYTES / 16));
    let error = decode_std_tx(&tx).unwrap_err().to_string();
    let over = format!("its JSON is over {MAX_JSON_BYTES} bytes");
    assert!(error.ends_with(&over), "{error}");
    let mut tx = disfix("cosmos-sdk/StdTx").1.to_vec();
    let memo = vec![1; MAX_JSON_BYTES / 5];
    tx.extend([0x22]);
    prost::encoding::encode_varint(memo.len() as u64, &mut tx);
    tx.extend(memo);
    let error = decode_std_tx(&tx).unwrap_err().to_string();
    assert!(error.ends_with(&over), "a control character takes six bytes: {error}");
}
