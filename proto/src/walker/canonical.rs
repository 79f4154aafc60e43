//! The one encoding of a message (ADR-027): fields in ascending order, each that is not repeated once, numbers as short as can be,
//! defaults left out, lists of numbers packed as declared; inside `Any`s too.
//!
//! Where a signature is over what a transaction says and not over its bytes (amino JSON), anybody could say the same in other bytes and
//! give it another hash. (That a message is there and empty, and that it is absent, are two different things to say.)

use super::schema::{Field, Kind, Label, Message, Shape};
use super::wire::{put_bytes, put_tag, put_varint, Raw, Reader, MAX_DEPTH};
use super::{any_parts, lookup, lookup_any, message_at, WalkError};

/// Refuses bytes that are not the one encoding of what they say. `name` is a full name or a type URL.
pub fn check_canonical(name: &str, bytes: &[u8]) -> Result<(), WalkError> {
    check(lookup(name)?, bytes, 0)
}

fn refused(message: &Message, why: &'static str) -> WalkError {
    WalkError::NotCanonical { message: message.full_name.clone(), why }
}

fn check(message: &Message, bytes: &[u8], depth: usize) -> Result<(), WalkError> {
    if depth > MAX_DEPTH {
        return Err(WalkError::Depth);
    }
    let mut shortest = Vec::with_capacity(bytes.len());
    let mut previous = 0;
    let mut reader = Reader::new(bytes);
    while let Some((number, raw)) = reader.next_field()? {
        let field = message.index_of(number).and_then(|index| message.fields.get(index));
        let field = field.ok_or_else(|| refused(message, "an unknown field"))?;
        if number < previous {
            return Err(refused(message, "fields are not in ascending order"));
        }
        if number == previous && !matches!(field.label, Label::Repeated(false) | Label::Map) {
            return Err(refused(message, "a field stands more than once"));
        }
        previous = number;
        put_field(message, field, raw, &mut shortest)?;
        if let (Kind::Message(index), Raw::Bytes(inner)) = (field.kind, raw) {
            check(message_at(index)?, inner, depth.saturating_add(1))?;
        }
    }
    if shortest != bytes {
        return Err(refused(message, "a number or a length is longer than need be"));
    }
    if message.shape == Shape::Any && depth > 0 {
        let (url, value) = any_parts(bytes)?;
        check(lookup_any(url)?, value, depth.saturating_add(1))?;
    }
    Ok(())
}

/// Writes a field as short as can be; refuses a default that need not be written.
fn put_field(message: &Message, field: &Field, raw: Raw<'_>, out: &mut Vec<u8>) -> Result<(), WalkError> {
    let packed = matches!(field.label, Label::Repeated(true));
    if let (true, Raw::Bytes(items)) = (packed, raw) {
        let mut short = Vec::with_capacity(items.len());
        let mut reader = Reader::new(items);
        while !reader.is_empty() {
            match field.kind.wire_type() {
                1 => short.extend(reader.fixed64()?.to_le_bytes()),
                5 => short.extend(reader.fixed32()?.to_le_bytes()),
                _ => put_varint(&mut short, fitting(field.kind, reader.varint()?)),
            }
        }
        if short.is_empty() {
            return Err(refused(message, "an empty list is written out"));
        }
        put_bytes(out, field.number, &short);
        return Ok(());
    }
    if packed || raw.wire_type() != field.kind.wire_type() {
        return Err(refused(message, "a field is in another wire type than declared"));
    }
    let may_be_default = field.label != Label::Single || matches!(field.kind, Kind::Message(_));
    let is_default = match raw {
        Raw::Bytes(bytes) => bytes.is_empty(),
        Raw::Varint(value) | Raw::Fixed64(value) => value == 0,
        Raw::Fixed32(value) => value == 0,
        Raw::Group => false,
    };
    if is_default && !may_be_default {
        return Err(refused(message, "a default is written out"));
    }
    match raw {
        Raw::Bytes(bytes) => put_bytes(out, field.number, bytes),
        Raw::Varint(value) => {
            put_tag(out, field.number, 0);
            put_varint(out, fitting(field.kind, value));
        }
        Raw::Fixed64(value) => {
            put_tag(out, field.number, 1);
            out.extend(value.to_le_bytes());
        }
        Raw::Fixed32(value) => {
            put_tag(out, field.number, 5);
            out.extend(value.to_le_bytes());
        }
        Raw::Group => return Err(refused(message, "a group")),
    }
    Ok(())
}

/// The number as its type keeps it: decoders cut what is too long.
fn fitting(kind: Kind, value: u64) -> u64 {
    match kind {
        Kind::Bool => u64::from(value != 0),
        Kind::Int32 | Kind::Enum(_) => i64::from(value as i32) as u64,
        Kind::Uint32 | Kind::Sint32 => u64::from(value as u32),
        _ => value,
    }
}
