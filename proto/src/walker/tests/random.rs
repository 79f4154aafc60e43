//! Properties: every visitor ends on any bytes, and JSON keeps all that a message says.

use proptest::prelude::*;

use super::super::schema::{Custom, Field, Kind, Label, Shape};
use super::super::wire::{put_bytes, put_tag, put_varint};
use super::super::*;
use super::{json_vectors, string, unhex};

/// A small generator, so that a message is a function of one seed that proptest picks and prints.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn message(&mut self, index: usize, depth: usize) -> Vec<u8> {
        let message = &SCHEMA.messages[index];
        let mut out = Vec::new();
        if message.shape == Shape::Any {
            let url = ["/cosmos.bank.v1beta1.MsgSend", "/cosmos.auth.v1beta1.BaseAccount"][self.roll(2) as usize];
            put_bytes(&mut out, 1, url.as_bytes());
            put_bytes(&mut out, 2, &self.message(SCHEMA.message(url).unwrap(), depth + 1));
            return out;
        }
        let clock = matches!(message.shape, Shape::Timestamp | Shape::Duration);
        for field in &message.fields {
            // An absent decimal reads `0` and comes back with its 18 places, as in Go: fill what is never absent.
            let filled = field.non_null && field.label == Label::Single;
            let too_deep = depth > 4 && matches!(field.kind, Kind::Message(_));
            if !filled && (self.roll(3) == 0 || too_deep) {
                continue;
            }
            let count = if matches!(field.label, Label::Repeated(_)) { self.roll(3) } else { 1 };
            for _ in 0..count {
                let small = if clock { 1 + self.roll(999_999_999) } else { self.0 };
                self.value(field, small, depth, &mut out);
            }
        }
        out
    }

    fn value(&mut self, field: &Field, number: u64, depth: usize, out: &mut Vec<u8>) {
        let text = match field.custom {
            Custom::Int => self.roll(1 << 40).to_string(),
            Custom::Dec => format!("-{}", 1 + self.roll(1 << 40)),
            _ => format!("t{}", self.roll(1000)),
        };
        match field.kind {
            Kind::Message(index) => put_bytes(out, field.number, &self.message(index, depth + 1)),
            Kind::String | Kind::Bytes => put_bytes(out, field.number, text.as_bytes()),
            kind if kind.wire_type() == 1 => {
                put_tag(out, field.number, 1);
                out.extend((number >> 12).to_le_bytes());
            }
            kind if kind.wire_type() == 5 => {
                put_tag(out, field.number, 5);
                out.extend((number as u32 >> 9).to_le_bytes());
            }
            kind => {
                put_tag(out, field.number, 0);
                put_varint(out, if kind == Kind::Bool { 1 } else { number });
            }
        }
    }
}

fn walk_all(name: &str, bytes: &[u8]) {
    let _ = reject_unknown(name, bytes, true);
    let _ = reject_unknown(name, bytes, false);
    let _ = signers(name, bytes);
    if let Ok(json) = to_json(name, bytes) {
        let _ = from_json(name, &json);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_visitor_ends_on_any_bytes(pick in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        walk_all(&SCHEMA.messages[pick.index(SCHEMA.messages.len())].full_name, &bytes);
    }

    #[test]
    fn every_visitor_ends_on_damaged_messages(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let vectors = json_vectors();
        let vector = &vectors[pick.index(vectors.len())];
        let mut bytes = unhex(string(vector, "hex"));
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
        }
        walk_all(string(vector, "type"), &bytes);
    }

    #[test]
    fn json_keeps_all_that_a_message_says(pick in any::<prop::sample::Index>(), seed in 1u64..) {
        let chosen: Vec<&schema::Message> = SCHEMA
            .messages
            .iter()
            .filter(|m| ["openledger.", "cosmos.", "ibc."].iter().any(|p| m.full_name.starts_with(p)))
            .filter(|m| !m.full_name.contains("eflection"))
            .collect();
        let name = &chosen[pick.index(chosen.len())].full_name;
        let bytes = Dice(seed).message(SCHEMA.message(name).unwrap(), 0);
        prop_assert!(reject_unknown(name, &bytes, false).is_ok(), "{name}");
        let json = to_json(name, &bytes).map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
        let again = from_json(name, &json).map_err(|error| TestCaseError::fail(format!("{name}: {error}: {json}")))?;
        prop_assert_eq!(to_json(name, &again).unwrap(), json, "{}", name);
    }

    #[test]
    fn decimals_and_durations_read_what_they_write(units in any::<i64>(), seconds in -9_000_000_000i64..9_000_000_000, nanos in 0i32..1_000_000_000) {
        let text = scalars::dec_to_text(&units.to_string()).unwrap();
        prop_assert_eq!(scalars::dec_from_text(&text).unwrap(), units.to_string());
        let nanos = if seconds < 0 { -nanos } else { nanos };
        let text = scalars::duration_to_text(seconds, nanos).unwrap();
        prop_assert_eq!(scalars::duration_from_text(&text).unwrap(), (seconds, nanos));
        let text = scalars::timestamp_to_text(seconds, nanos.abs()).unwrap();
        prop_assert_eq!(scalars::timestamp_from_text(&text).unwrap(), (seconds, nanos.abs()));
    }
}
