//! Amino's binary form against the Cosmos SDK's own results (`proto/vectors/amino_binary.json`, made by `go run ./amino` in
//! `proto/dump`), and over random transactions and bytes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{json, Map, Value};

use super::layout::{Kind, Own, Slot, LAYOUTS};
use super::registry::{disfix, Accepts, Form, Type, REGISTRY};
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

/// Random values, in the one text that the decoder writes.
struct Random(u64);

impl Random {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }

    fn object(&mut self, slots: &[Slot], depth: usize) -> Value {
        let mut object = Map::new();
        for slot in slots {
            let value = self.slot(slot, depth);
            if !value.is_null() || !slot.omit_empty {
                object.insert(slot.key.clone(), value);
            }
        }
        Value::Object(object)
    }

    /// `null` where it is left out.
    fn slot(&mut self, slot: &Slot, depth: usize) -> Value {
        if slot.repeated {
            let items: Vec<Value> = (0..self.below(3)).map(|_| self.value(&slot.kind, depth)).collect();
            // A pointer to an empty struct in a list reads back as one that points nowhere.
            let items = items.into_iter().filter(|item| !slot.pointer || *item != json!({}));
            let items: Vec<Value> = items.filter(|item| !item.is_null()).collect();
            return match items.is_empty() {
                true if slot.brackets && !slot.omit_empty => json!([]),
                true => Value::Null,
                false => Value::Array(items),
            };
        }
        let required = matches!(slot.kind, Kind::Named { required: true, .. });
        if slot.pointer && !required && self.below(3) == 0 {
            return Value::Null;
        }
        let value = self.value(&slot.kind, depth);
        let zero = [json!(0), json!("0"), json!(false), json!("")].contains(&value);
        // What is zero is left out by its tag; a pointer to a zero is lost in the binary form.
        let number = slot.kind.is_varint() || matches!(slot.kind, Kind::Text | Kind::Bytes);
        match zero && number && (slot.omit_empty || slot.pointer) {
            true => Value::Null,
            false => value,
        }
    }

    fn value(&mut self, kind: &Kind, depth: usize) -> Value {
        match kind {
            Kind::Bool => json!(self.below(2) == 1),
            Kind::Int32 => json!(self.next() as i32),
            Kind::Uint32 => json!(self.next() as u32),
            Kind::Int64 => json!((self.next() as i64).to_string()),
            Kind::Uint64 => json!(self.next().to_string()),
            Kind::Threshold => json!((self.next() as u32).to_string()),
            Kind::Text => json!(self.one(&["", "a", "<&>\u{2028}", "é\"\\\n", "\0"])),
            Kind::Bytes => self.one(&[json!("AQI="), json!("/w=="), Value::Null]),
            Kind::Integer => json!(self.one(&["0", "-1", "340282366920938463463374607431768211456"])),
            Kind::Decimal => json!(self.one(&["0.000000000000000000", "-1.500000000000000000"])),
            Kind::Time => json!(self.one(&["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-31T12:00:00.5Z"])),
            Kind::Struct(index) => self.object(&LAYOUTS[*index], depth),
            Kind::Named { accepts, .. } => self.named(accepts, depth.saturating_add(1)),
            Kind::Oneof(members) => {
                let member = &members[self.below(members.len() as u64) as usize];
                json!({"type": member.name, "value": self.object(std::slice::from_ref(&member.slot), depth)})
            }
            Kind::Unopened => Value::Null,
            Kind::None(why) => panic!("{why}"),
        }
    }

    fn named(&mut self, accepts: &Accepts, depth: usize) -> Value {
        let all: Vec<&Type> = REGISTRY.types().iter().filter(|known| known.accepted(accepts).is_ok()).collect();
        // Deep down, only what holds no other.
        let plain = |known: &&&Type| match known.form {
            Form::Struct(index) => !LAYOUTS[index].iter().any(|slot| matches!(slot.kind, Kind::Named { .. })),
            Form::Key(_) => true,
        };
        let all: Vec<&Type> = if depth > 4 { all.iter().filter(plain).copied().collect() } else { all };
        let known = self.one(&all);
        let value = match known.form {
            Form::Key(33) => json!("AhERERERERERERERERERERERERERERERERERERERERER"),
            Form::Key(_) => json!("MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="),
            Form::Struct(index) => self.object(&LAYOUTS[index], depth),
        };
        json!({"type": known.name, "value": value})
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encoded_is_decoded_to_the_same(seed: u64) {
        let value = Random(seed).object(&LAYOUTS[Own::StdTx.index()], 0);
        let text = crate::amino::text(&json!({"type": "cosmos-sdk/StdTx", "value": value}));
        let bytes = encode_std_tx(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        prop_assert_eq!(decode_std_tx(&bytes).unwrap(), text);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), known: bool) {
        let mut tx = if known { disfix("cosmos-sdk/StdTx").1.to_vec() } else { Vec::new() };
        tx.extend(&bytes);
        let _ = decode_std_tx(&tx);
        let _ = encode_std_tx(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_bytes_are_refused_or_can_be_encoded_again(
        pick in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..4),
    ) {
        let golden = GOLDEN.get_or_init(golden);
        let vectors = list(golden, "decode");
        let mut bytes = unhex(string(&vectors[pick.index(vectors.len())], "given"));
        for (at, byte, how) in damage {
            let at = at.index(bytes.len().saturating_add(1));
            match how {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        if let Ok(text) = decode_std_tx(&bytes) {
            stable(&text)?;
        }
    }

    #[test]
    fn any_json_is_encoded_or_refused(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in prop::sample::select(vec!["null", "[]", "{}", "\"\"", "-1", "\"5\"", "[null]", "true", "\"2026-01-31T12:00:00Z\""]),
    ) {
        let golden = GOLDEN.get_or_init(golden);
        let vectors = list(golden, "encode");
        if let Ok(mut value) = serde_json::from_str::<Value>(string(&vectors[pick.index(vectors.len())], "given")) {
            let mut places = Vec::new();
            collect(&value, String::new(), &mut places);
            let place = &places[at.index(places.len())];
            *value.pointer_mut(place).unwrap() = serde_json::from_str(with).unwrap();
            if encode_std_tx(&value.to_string()).is_ok() {
                stable(&value.to_string())?;
            }
        }
    }
}

/// What JSON is encoded to is decoded to JSON that is encoded to it. But for 1970 in a struct that has nothing else: Go leaves the struct
/// out, and reads year 1 of its absence.
fn stable(json: &str) -> Result<(), TestCaseError> {
    let bytes = encode_std_tx(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    let text = decode_std_tx(&bytes).unwrap_or_else(|error| panic!("{error}: {json}"));
    let again = encode_std_tx(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    prop_assert!(again == bytes || json.contains("1970-01-01T00:00:00Z"), "{} {}", json, text);
    Ok(())
}

static GOLDEN: std::sync::OnceLock<Value> = std::sync::OnceLock::new();

/// Every place in a value, as a JSON pointer.
fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                collect(inner, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                collect(inner, format!("{place}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}
