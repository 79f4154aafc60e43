//! ADR-020: refuses what a message's type doesn't know, as `codec/unknownproto` of the SDK v0.50 does.
//!
//! Signers must not sign what this node cannot read. Field numbers with bit 11 set are non-critical: a
//! `TxBody` may carry them, `TxRaw` and `AuthInfo` may not. The hot path of every check: it allocates nothing.

use super::schema::{Custom, Field, Kind, Label, Message, Shape};
use super::wire::{Raw, Reader, MAX_DEPTH};
use super::{any_parts, lookup, lookup_any, message_at, scalars, WalkError};

/// Bit 11 of a field number, counted from one.
const NON_CRITICAL: u32 = 1 << 10;

/// [`reject_unknown`], and refuses numbers (`math.Int`, `math.LegacyDec`) that are none or out of range: Go's types are read by these
/// rules when a transaction is decoded, before anything else is looked at. An empty number is none yet.
pub fn reject_undecodable(name: &str, bytes: &[u8], allow_non_critical: bool) -> Result<bool, WalkError> {
    let mut visitor = Visitor { allow_non_critical, numbers: true, found: false };
    visitor.message(lookup(name)?, bytes, 0)?;
    Ok(visitor.found)
}

/// Refuses unknown fields and wrong wire types in the bytes of the named message and in all that it nests,
/// `Any`s included; fields with bit 11 pass where `allow_non_critical`. True if there were such fields.
pub fn reject_unknown(name: &str, bytes: &[u8], allow_non_critical: bool) -> Result<bool, WalkError> {
    let mut visitor = Visitor { allow_non_critical, numbers: false, found: false };
    visitor.message(lookup(name)?, bytes, 0)?;
    Ok(visitor.found)
}

struct Visitor {
    allow_non_critical: bool,
    numbers: bool,
    found: bool,
}

impl Visitor {
    fn message(&mut self, message: &Message, bytes: &[u8], depth: usize) -> Result<(), WalkError> {
        if depth > MAX_DEPTH {
            return Err(WalkError::Depth);
        }
        let deeper = depth.saturating_add(1);
        let mut reader = Reader::new(bytes);
        while let Some((number, raw)) = reader.next_field()? {
            let Some(field) = message.index_of(number).and_then(|index| message.fields.get(index)) else {
                self.unknown(message, number, raw)?;
                continue;
            };
            check_wire_type(message, field, raw)?;
            if self.numbers {
                check_number(message, field, raw)?;
            }
            if let (Kind::Message(index), Raw::Bytes(bytes)) = (field.kind, raw) {
                self.message(message_at(index)?, bytes, deeper)?;
            }
        }
        if message.shape == Shape::Any && depth > 0 {
            let (url, value) = any_parts(bytes)?;
            self.message(lookup_any(url)?, value, deeper)?;
        }
        Ok(())
    }

    fn unknown(&mut self, message: &Message, number: u32, raw: Raw<'_>) -> Result<(), WalkError> {
        let critical = number & NON_CRITICAL == 0;
        self.found |= !critical;
        if critical || !self.allow_non_critical {
            let message = message.full_name.clone();
            return Err(WalkError::UnknownField { message, number, wire_type: raw.wire_name() });
        }
        Ok(())
    }
}

fn check_number(message: &Message, field: &Field, raw: Raw<'_>) -> Result<(), WalkError> {
    let check = match field.custom {
        Custom::Int => scalars::check_int,
        Custom::Dec => scalars::check_units,
        _ => return Ok(()),
    };
    let Raw::Bytes(bytes) = raw else { return Ok(()) };
    let text = std::str::from_utf8(bytes).map_err(|_| WalkError::Wire("a number that is not UTF-8"))?;
    if text.is_empty() {
        return Ok(());
    }
    let path = || format!("/{}.{}", message.full_name, field.name);
    check(text).map_err(|reason| WalkError::Number { path: path(), reason })
}

/// Numbers may always be packed (wire type 2), but for floats: so the SDK's table of wire types has it.
fn check_wire_type(message: &Message, field: &Field, raw: Raw<'_>) -> Result<(), WalkError> {
    let want = field.kind.wire_type();
    let packable = !matches!(field.kind, Kind::Float | Kind::Fixed32 | Kind::Sfixed32);
    if raw.wire_type() == want || (raw.wire_type() == 2 && packable && !matches!(field.label, Label::Map)) {
        return Ok(());
    }
    let want = match want {
        0 => "varint",
        1 => "fixed64",
        2 => "bytes",
        _ => "fixed32",
    };
    let message = message.full_name.clone();
    Err(WalkError::WireType { message, number: field.number, got: raw.wire_name(), want })
}
