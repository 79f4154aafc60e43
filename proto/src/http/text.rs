//! One field's value as text in a path or a query, into the JSON that the walker reads (grpc-gateway v1 `runtime/convert.go`).

use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use base64::{DecodeError, Engine as _};
use serde_json::Value;

use crate::walker::schema::{Custom, Field, Kind, Message, Shape, SCHEMA};

/// One value as the JSON that the walker reads.
pub(super) fn scalar(field: &Field, text: &str) -> Result<Value, String> {
    match field.kind {
        Kind::Bool => boolean(text),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => integer("ParseInt", text, i32::MIN.into(), i32::MAX.into()),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => integer("ParseInt", text, i64::MIN.into(), i64::MAX.into()),
        Kind::Uint32 | Kind::Fixed32 => integer("ParseUint", text, 0, u32::MAX.into()),
        Kind::Uint64 | Kind::Fixed64 => integer("ParseUint", text, 0, u64::MAX.into()),
        // Checked where the JSON is read.
        Kind::Float | Kind::Double | Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Bytes if field.custom == Custom::Hex => Ok(Value::String(text.to_owned())),
        Kind::Bytes => bytes(text),
        Kind::Enum(index) => enumeration(index, text),
        Kind::Message(index) => match SCHEMA.messages.get(index) {
            Some(message) => well_known(message, text),
            None => Err("unresolved message type".to_owned()),
        },
    }
}

/// Go's `strconv.ParseBool`.
fn boolean(text: &str) -> Result<Value, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Value::Bool(true)),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Value::Bool(false)),
        _ => Err(format!("strconv.ParseBool: parsing {text:?}: invalid syntax")),
    }
}

/// Go's `strconv.ParseInt` and `ParseUint` with the base that the text's prefix says.
fn integer(function: &str, text: &str, low: i128, high: i128) -> Result<Value, String> {
    let invalid = || format!("strconv.{function}: parsing {text:?}: invalid syntax");
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') if low < 0 => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') if low < 0 => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)),
        [b'0', b'o', ..] => (8, lower.get(2..)),
        [b'0', b'b', ..] => (2, lower.get(2..)),
        [b'0', _, ..] => (8, lower.get(1..)),
        _ => (10, Some(lower.as_str())),
    };
    let digits = digits.filter(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix)));
    let digits = digits.ok_or_else(invalid)?;
    // What 128 bits do not hold is out of range as well.
    let number = i128::from_str_radix(digits, radix).unwrap_or(i128::MAX);
    let number = if negative { number.saturating_neg() } else { number };
    if !(low..=high).contains(&number) {
        return Err(format!("strconv.{function}: parsing {text:?}: value out of range"));
    }
    Ok(Value::String(number.to_string()))
}

/// Base64 of either alphabet, in Go's words where it is none. A blank is a `+` that was not escaped.
fn bytes(text: &str) -> Result<Value, String> {
    let text = text.replace(' ', "+");
    let bytes = STANDARD.decode(&text).or_else(|_| URL_SAFE.decode(&text)).map_err(|error| {
        let at = match error {
            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => at,
            // Go counts to the last whole group of four.
            _ => text.len() & !3,
        };
        format!("illegal base64 data at input byte {at}")
    })?;
    Ok(Value::String(STANDARD.encode(bytes)))
}

/// By name, or by a number that the enum has.
fn enumeration(index: usize, text: &str) -> Result<Value, String> {
    let (name, values) =
        SCHEMA.enums.get(index).map_or(("", &[][..]), |known| (known.full_name.as_str(), known.values.as_slice()));
    let number = text.parse::<i32>().ok();
    let known = values.iter().find(|(name, value)| name == text || Some(*value) == number);
    match known {
        Some((_, number)) => Ok(Value::Number((*number).into())),
        None => {
            let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
            Err(format!("{text} is not a valid {name}; known: {}", names.join(", ")))
        }
    }
}

fn well_known(message: &Message, text: &str) -> Result<Value, String> {
    match message.shape {
        Shape::Timestamp | Shape::Duration if text == "null" => Ok(Value::Null),
        Shape::Timestamp | Shape::Duration => Ok(Value::String(text.to_owned())),
        Shape::Wrapper => match message.fields.first() {
            Some(field) => scalar(field, text),
            None => Ok(Value::Null),
        },
        _ => Err(format!("field type {} is not supported in query parameters", message.full_name)),
    }
}
