//! Random transactions go both ways and stay the same; random and damaged bytes and JSON are read or refused.

use proptest::prelude::*;
use serde_json::{json, Map, Value};

use super::{golden, list};
use crate::amino::binary::layout::{Kind, Own, Slot, LAYOUTS};
use crate::amino::binary::registry::{disfix, Accepts, Form, Type, REGISTRY};
use crate::amino::{decode_std_tx, encode_std_tx};
use crate::test_vectors::{string, unhex};

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
