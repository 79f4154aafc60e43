//! The one encoding of a message (ADR-027): fields in ascending order, each that is not repeated once, numbers as short as can be,
//! defaults left out, lists of numbers packed as declared; inside `Any`s too.
//!
//! Where a signature is over what a transaction says and not over its bytes (amino JSON), anybody could say the same in other bytes and
//! give it another hash. (That a message is there and empty, and that it is absent, are two different things to say.)

use prost::encoding::encoded_len_varint;

use super::schema::{Field, Kind, Label, Message, Shape};
use super::wire::{Raw, Reader, MAX_DEPTH};
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
    // What was read, written as short as can be, would have as many bytes.
    let (mut shortest, mut previous) = (0usize, 0);
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
        shortest = shortest.saturating_add(tag_len(number)).saturating_add(value_len(message, field, raw)?);
        if let (Kind::Message(index), Raw::Bytes(inner)) = (field.kind, raw) {
            check(message_at(index)?, inner, depth.saturating_add(1))?;
        }
    }
    if shortest != bytes.len() {
        return Err(refused(message, "a number or a length is longer than need be"));
    }
    if message.shape == Shape::Any && depth > 0 {
        let (url, value) = any_parts(bytes)?;
        check(lookup_any(url)?, value, depth.saturating_add(1))?;
    }
    Ok(())
}

fn tag_len(number: u32) -> usize {
    encoded_len_varint(u64::from(number) << 3)
}

/// The bytes that a field's value needs; refuses a default that need not be written, and numbers that decoders cut.
fn value_len(message: &Message, field: &Field, raw: Raw<'_>) -> Result<usize, WalkError> {
    let packed = matches!(field.label, Label::Repeated(true));
    if let (true, Raw::Bytes(items)) = (packed, raw) {
        return packed_len(message, field.kind, items);
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
        Raw::Bytes(bytes) => Ok(with_length(bytes.len())),
        Raw::Varint(value) => varint_len(message, field.kind, value),
        Raw::Fixed64(_) => Ok(8),
        Raw::Fixed32(_) => Ok(4),
        Raw::Group => Err(refused(message, "a group")),
    }
}

fn packed_len(message: &Message, kind: Kind, items: &[u8]) -> Result<usize, WalkError> {
    if items.is_empty() {
        return Err(refused(message, "an empty list is written out"));
    }
    let mut shortest = 0usize;
    let mut reader = Reader::new(items);
    while !reader.is_empty() {
        let len = match kind.wire_type() {
            1 => reader.fixed64().map(|_| 8)?,
            5 => reader.fixed32().map(|_| 4)?,
            _ => varint_len(message, kind, reader.varint()?)?,
        };
        shortest = shortest.saturating_add(len);
    }
    Ok(with_length(shortest))
}

fn with_length(len: usize) -> usize {
    encoded_len_varint(u64::try_from(len).unwrap_or(u64::MAX)).saturating_add(len)
}

fn varint_len(message: &Message, kind: Kind, value: u64) -> Result<usize, WalkError> {
    let kept = match kind {
        Kind::Bool => u64::from(value != 0),
        Kind::Int32 | Kind::Enum(_) => i64::from(value as i32) as u64,
        Kind::Uint32 | Kind::Sint32 => u64::from(value as u32),
        _ => value,
    };
    if kept != value {
        return Err(refused(message, "a number that its type cannot hold"));
    }
    Ok(encoded_len_varint(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEND: &str = "cosmos.bank.v1beta1.MsgSend";

    fn refused(name: &str, bytes: &[u8], why: &str) {
        let error = check_canonical(name, bytes).unwrap_err().to_string();
        assert!(error.contains(why), "{error}, not {why}");
    }

    #[test]
    fn a_message_has_one_encoding() {
        check_canonical(SEND, &[0x0a, 1, b'a', 0x12, 1, b'b', 0x1a, 3, 0x0a, 1, b'x', 0x1a, 0]).unwrap();
        refused(SEND, &[0x12, 1, b'b', 0x0a, 1, b'a'], "ascending");
        refused(SEND, &[0x0a, 1, b'a', 0x0a, 1, b'a'], "more than once");
        refused(SEND, &[0x0a, 0], "a default is written out");
        refused(SEND, &[0x0a, 0x81, 0x00, b'a'], "longer than need be");
        refused(SEND, &[0x8a, 0x00, 1, b'a'], "longer than need be");
        refused(SEND, &[0x1a, 4, 0x0a, 0x81, 0x00, b'x'], "longer than need be");
        refused(SEND, &[0x22, 0], "an unknown field");
        refused(SEND, &[0x08, 1], "another wire type");
    }

    #[test]
    fn numbers_and_lists_of_them_have_one_encoding() {
        let account = "cosmos.auth.v1beta1.BaseAccount";
        check_canonical(account, &[0x18, 3]).unwrap();
        refused(account, &[0x18, 0], "a default is written out");
        refused(account, &[0x18, 0x83, 0x00], "longer than need be");
        // A mode of -1: ten bytes; five bytes would be cut to the same.
        let mode = "cosmos.tx.v1beta1.ModeInfo.Single";
        check_canonical(mode, &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).unwrap();
        refused(mode, &[0x08, 0xff, 0xff, 0xff, 0xff, 0x0f], "cannot hold");
        // A list of numbers that is declared packed.
        let location = "google.protobuf.SourceCodeInfo.Location";
        check_canonical(location, &[0x0a, 2, 1, 2]).unwrap();
        refused(location, &[0x08, 1], "another wire type");
        refused(location, &[0x0a, 2, 0x81, 0x00], "longer than need be");
        refused(location, &[0x0a, 0], "an empty list");
    }

    #[test]
    fn what_an_any_holds_has_one_encoding_too() {
        let any = |value: &[u8]| {
            let mut any = Vec::new();
            super::super::wire::put_bytes(&mut any, 1, b"/cosmos.bank.v1beta1.MsgSend");
            super::super::wire::put_bytes(&mut any, 2, value);
            let mut body = Vec::new();
            super::super::wire::put_bytes(&mut body, 1, &any);
            body
        };
        let body = "cosmos.tx.v1beta1.TxBody";
        check_canonical(body, &any(&[0x0a, 1, b'a'])).unwrap();
        refused(body, &any(&[0x12, 1, b'b', 0x0a, 1, b'a']), "the bytes of /cosmos.bank.v1beta1.MsgSend");
    }
}
