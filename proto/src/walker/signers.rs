//! Who must sign a message, by its option `cosmos.msg.v1.signer` (SDK v0.50, `x/tx/signing`).
//!
//! The option names fields in order. A string field holds an address, a repeated one several; a message field
//! is looked into by its own option, which must then name exactly one field.

use std::borrow::Cow;

use super::schema::{Field, Kind, Label, Message};
use super::wire::{Raw, Reader, MAX_DEPTH};
use super::{lookup, message_at, WalkError};

/// The addresses that must sign, as text, in order, with duplicates; an absent address is an empty string,
/// which no address parses from. `name` is a full name or a type URL.
pub fn signers(name: &str, bytes: &[u8]) -> Result<Vec<String>, WalkError> {
    let message = lookup(name)?;
    let mut out = Vec::with_capacity(1);
    for index in fields(message)? {
        let field = message.fields.get(*index).ok_or_else(|| no_signer(message))?;
        collect(message, field, bytes, 0, &mut out)?;
    }
    Ok(out)
}

fn collect(
    message: &Message,
    field: &Field,
    bytes: &[u8],
    depth: usize,
    out: &mut Vec<String>,
) -> Result<(), WalkError> {
    if depth > MAX_DEPTH {
        return Err(WalkError::Depth);
    }
    let values = values(message, field, bytes)?;
    match (field.kind, field.label) {
        (_, Label::Map | Label::Optional) => Err(no_signer(message)),
        (Kind::String, Label::Repeated(_)) => values.iter().try_for_each(|value| push(value, out)),
        (Kind::String, Label::Single) => push(values.last().copied().unwrap_or_default(), out),
        (Kind::Message(index), label) => {
            let nested = message_at(index)?;
            let field = match fields(nested)? {
                [only] => nested.fields.get(*only).ok_or_else(|| no_signer(nested))?,
                _ => return Err(no_signer(nested)),
            };
            let deeper = depth.saturating_add(1);
            if label == Label::Single {
                return collect(nested, field, &merged(&values), deeper, out);
            }
            values.iter().try_for_each(|value| collect(nested, field, value, deeper, out))
        }
        _ => Err(no_signer(message)),
    }
}

/// Occurrences of one message field are one message: protobuf merges them.
fn merged<'a>(values: &[&'a [u8]]) -> Cow<'a, [u8]> {
    match values {
        [] => Cow::Borrowed(&[]),
        [only] => Cow::Borrowed(only),
        many => Cow::Owned(many.concat()),
    }
}

fn values<'a>(message: &Message, field: &Field, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>, WalkError> {
    let mut values = Vec::with_capacity(1);
    let mut reader = Reader::new(bytes);
    while let Some((number, raw)) = reader.next_field()? {
        match raw {
            Raw::Bytes(value) if number == field.number => values.push(value),
            raw if number == field.number => {
                let message = message.full_name.clone();
                return Err(WalkError::WireType { message, number, got: raw.wire_name(), want: "bytes" });
            }
            _ => {}
        }
    }
    Ok(values)
}

fn push(value: &[u8], out: &mut Vec<String>) -> Result<(), WalkError> {
    let text = std::str::from_utf8(value).map_err(|_| WalkError::Wire("a signer that is not UTF-8"))?;
    out.push(text.to_owned());
    Ok(())
}

fn fields(message: &Message) -> Result<&[usize], WalkError> {
    match message.signers.as_deref() {
        Some(fields) if !fields.is_empty() => Ok(fields),
        _ => Err(no_signer(message)),
    }
}

fn no_signer(message: &Message) -> WalkError {
    WalkError::NoSigner(message.full_name.clone())
}
