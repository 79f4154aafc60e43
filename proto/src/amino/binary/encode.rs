//! Amino JSON of a `StdTx` to its binary form.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{Map, Value};

use super::layout::{Kind, Member, Own, Slot, LAYOUTS};
use super::registry::{disfix, Accepts, Form, REGISTRY, STD_TX};
use super::{deeper, BinaryError, UNOPENED};
use crate::walker::scalars::{self, shown, GO_ZERO_SECONDS};
use crate::walker::wire::{put_bytes, put_tag, put_varint};

type Written = Result<(), BinaryError>;

/// The binary form of a `StdTx` that is given as amino JSON: `{"type":"cosmos-sdk/StdTx","value":{"msg":…,"fee":…,…}}`.
///
/// Keys that a struct does not have are passed over and those that are absent are empty, as Go reads them.
pub fn encode_std_tx(json: &str) -> Result<Vec<u8>, BinaryError> {
    let value: Value = serde_json::from_str(json).map_err(|error| at_top(BinaryError::new(error.to_string())))?;
    encode(&value).map_err(at_top)
}

fn at_top(error: BinaryError) -> BinaryError {
    error.within("StdTx")
}

fn encode(json: &Value) -> Result<Vec<u8>, BinaryError> {
    let (name, value) = named(json)?;
    if name != STD_TX {
        return Err(BinaryError::new(format!("expected the type {STD_TX}, got {}", shown(name))));
    }
    let mut out = disfix(STD_TX).1.to_vec();
    put_struct(Own::StdTx.index(), value, 0, &mut out)?;
    Ok(out)
}

/// The parts of `{"type":…,"value":…}`.
fn named(json: &Value) -> Result<(&str, &Value), BinaryError> {
    let name = json.get("type").and_then(Value::as_str).filter(|name| !name.is_empty());
    match (name, json.get("value")) {
        (Some(name), Some(value)) => Ok((name, value)),
        (None, _) => Err(mismatch("an object with the name of its type under \"type\"", json)),
        (_, None) => Err(BinaryError::new("nothing stands under \"value\" beside \"type\"")),
    }
}

fn mismatch(expected: &str, got: &Value) -> BinaryError {
    let text = got.to_string();
    let cut: String = text.chars().take(80).collect();
    let more = if cut.len() < text.len() { "..." } else { "" };
    BinaryError::new(format!("expected {expected}, got {cut}{more}"))
}

/// The fields of a struct; `null` is one that is empty.
fn put_struct(index: usize, json: &Value, depth: usize, out: &mut Vec<u8>) -> Written {
    let empty = Map::new();
    let object = match json {
        Value::Null => &empty,
        Value::Object(object) => object,
        other => return Err(mismatch("an object", other)),
    };
    let depth = deeper(depth)?;
    for slot in LAYOUTS.get(index).map(Vec::as_slice).unwrap_or_default() {
        put_slot(slot, object.get(&slot.key).unwrap_or(&Value::Null), depth, out)
            .map_err(|error| error.within(&slot.key))?;
    }
    Ok(())
}

fn put_slot(slot: &Slot, json: &Value, depth: usize, out: &mut Vec<u8>) -> Written {
    if let Kind::None(why) = slot.kind {
        return Err(BinaryError::new(why));
    }
    if slot.repeated {
        return put_list(slot, json, depth, out);
    }
    if slot.kind.is_varint() {
        let number = varint(&slot.kind, json)?;
        if number != 0 {
            put_tag(out, slot.number, 0);
            put_varint(out, number);
        }
        return Ok(());
    }
    match &slot.kind {
        Kind::Named { required: true, .. } => {}
        Kind::Named { .. } | Kind::Oneof(_) if json.is_null() => return Ok(()),
        _ if slot.pointer && json.is_null() => return Ok(()),
        _ => {}
    }
    let mut value = Vec::new();
    put_value(&slot.kind, json, depth, &mut value)?;
    // Where a pointer tells absence from an empty value, the empty value is written.
    if slot.pointer || !value.is_empty() {
        put_bytes(out, slot.number, &value);
    }
    Ok(())
}

fn put_list(slot: &Slot, json: &Value, depth: usize, out: &mut Vec<u8>) -> Written {
    let items = match json {
        Value::Null => return Ok(()),
        Value::Array(items) => items,
        other => return Err(mismatch("a list", other)),
    };
    let mut packed = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut value = Vec::new();
        match &slot.kind {
            Kind::Named { required: false, .. } if item.is_null() => {}
            kind => put_value(kind, item, depth, &mut value).map_err(|error| error.within(&format!("[{index}]")))?,
        }
        match slot.kind.is_varint() {
            true => packed.append(&mut value),
            false => put_bytes(out, slot.number, &value),
        }
    }
    if !packed.is_empty() {
        put_bytes(out, slot.number, &packed);
    }
    Ok(())
}

/// One value, without tag and length. `null` is the value that Go's types begin with.
fn put_value(kind: &Kind, json: &Value, depth: usize, out: &mut Vec<u8>) -> Written {
    let text = || json.as_str().ok_or_else(|| mismatch("text", json));
    match (kind, json) {
        (Kind::Struct(index), _) => return put_struct(*index, json, depth, out),
        (Kind::Named { accepts, .. }, _) => return put_named(accepts, json, deeper(depth)?, out),
        (Kind::Oneof(members), _) => return put_member(members, json, deeper(depth)?, out),
        (Kind::Text | Kind::Bytes, Value::Null) => {}
        (Kind::Integer | Kind::Decimal, Value::Null) => out.push(b'0'),
        (Kind::Time, Value::Null) => put_time(GO_ZERO_SECONDS, 0, out),
        (Kind::Text, _) => out.extend_from_slice(text()?.as_bytes()),
        (Kind::Bytes, _) => out.extend(STANDARD.decode(text()?).map_err(|_| mismatch("base64", json))?),
        (Kind::Integer, _) => {
            scalars::check_int(text()?).map_err(BinaryError::new)?;
            out.extend_from_slice(text()?.as_bytes());
        }
        (Kind::Decimal, _) => out.extend(scalars::dec_from_text(text()?).map_err(BinaryError::new)?.into_bytes()),
        (Kind::Time, _) => {
            let utc = Some(text()?).filter(|text| text.ends_with('Z'));
            let utc = utc.ok_or_else(|| mismatch("a time in UTC such as 2026-01-31T12:00:00Z", json))?;
            let (seconds, nanos) = scalars::timestamp_from_text(utc).map_err(BinaryError::new)?;
            scalars::timestamp_to_text(seconds, nanos).map_err(BinaryError::new)?;
            put_time(seconds, nanos, out);
        }
        (Kind::Unopened, _) => return Err(BinaryError::new(UNOPENED)),
        (Kind::None(why), _) => return Err(BinaryError::new(*why)),
        _ => put_varint(out, varint(kind, json)?),
    }
    Ok(())
}

fn put_time(seconds: i64, nanos: i32, out: &mut Vec<u8>) {
    for (number, value) in [(1, seconds), (2, i64::from(nanos))] {
        if value != 0 {
            put_tag(out, number, 0);
            put_varint(out, value as u64);
        }
    }
}

/// A type with a name: its prefix, then its content.
fn put_named(accepts: &Accepts, json: &Value, depth: usize, out: &mut Vec<u8>) -> Written {
    let (name, value) = named(json)?;
    let known = REGISTRY.named(name, accepts)?;
    out.extend_from_slice(&known.prefix);
    match known.form {
        Form::Struct(index) => put_struct(index, value, depth, out),
        Form::Key(len) => {
            let key = value.as_str().and_then(|text| STANDARD.decode(text).ok()).filter(|key| key.len() == len);
            let key = key.ok_or_else(|| mismatch(&format!("a key of {len} bytes in base64"), value))?;
            put_varint(out, key.len() as u64);
            out.extend_from_slice(&key);
            Ok(())
        }
    }
}

fn put_member(members: &[Member], json: &Value, depth: usize, out: &mut Vec<u8>) -> Written {
    let (name, value) = named(json)?;
    let member = members.iter().find(|member| member.name == name);
    let member = member.ok_or_else(|| BinaryError::new(format!("no member of the oneof is named {}", shown(name))))?;
    out.extend_from_slice(&disfix(&member.name).1);
    let inner = match value {
        Value::Null | Value::Object(_) => value.get(&member.slot.key).unwrap_or(&Value::Null),
        other => return Err(mismatch("an object", other)),
    };
    put_slot(&member.slot, inner, depth, out).map_err(|error| error.within(&member.slot.key))
}

/// An integer as the 64 bits that are written: a number of 32 bits or fewer, text of 64.
fn varint(kind: &Kind, json: &Value) -> Result<u64, BinaryError> {
    if json.is_null() {
        return Ok(0);
    }
    let signed = |low: i64, high: i64| json.as_i64().filter(|number| (low..=high).contains(number));
    let digits = json.as_str().filter(|text| scalars::check_int(text).is_ok());
    let (number, expected) = match kind {
        Kind::Bool => (json.as_bool().map(u64::from), "true or false"),
        Kind::Int32 => (signed(i32::MIN.into(), i32::MAX.into()).map(|number| number as u64), "a number of 32 bits"),
        Kind::Uint32 => (signed(0, u32::MAX.into()).map(|number| number as u64), "a number of 32 bits without sign"),
        Kind::Int64 => {
            let number = digits.and_then(|text| text.parse::<i64>().ok());
            (number.map(|number| number as u64), "a number of 64 bits as text")
        }
        Kind::Threshold => {
            let number = digits.and_then(|text| text.parse::<u32>().ok());
            (number.map(u64::from), "a number of 32 bits without sign, as text")
        }
        _ => (digits.and_then(|text| text.parse().ok()), "a number of 64 bits without sign, as text"),
    };
    number.ok_or_else(|| mismatch(expected, json))
}
