//! Protobuf bytes to the SDK's JSON: what `codec.ProtoMarshalJSON` of the SDK v0.50 writes (gogoproto's `jsonpb`
//! with original names and defaults emitted).
//!
//! | field | JSON |
//! | --- | --- |
//! | absent message, absent `optional`, absent bytes | `null` |
//! | absent message with `nullable = false` | the message with its defaults |
//! | list, map | `[]`, `{}` when empty; keys of maps sorted, as strings |
//! | 64-bit integer | string |
//! | enum | its name; its number if it has none |
//! | bytes | base64 |
//! | `Any` | `@type` and the message's own fields; `@type` and `value` for well-known types |
//! | `Timestamp`, `Duration` | RFC 3339, seconds with `s` |
//! | `math.Int`, `math.LegacyDec` | decimal text, 18 places |
//! | member of a oneof that is not set | left out |
//!
//! Unknown fields are skipped, the last value of a field counts, messages merge: as every protobuf decoder does.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{Map, Number, Value};

use super::schema::{Custom, Field, Kind, Label, Message, Shape, SCHEMA};
use super::wire::{Raw, Reader, MAX_DEPTH};
use super::{any_parts, lookup, lookup_any, message_at, scalars, WalkError};

/// The SDK's JSON of the named message's bytes. `name` is a full name or a type URL.
pub fn to_json(name: &str, bytes: &[u8]) -> Result<Value, WalkError> {
    message_json(lookup(name)?, bytes, 0)
}

fn failed(field: &Field, reason: String) -> WalkError {
    WalkError::Json { path: field.name.clone(), reason }
}

/// Puts a field's name before the path of an error that came from within it.
fn within(field: &Field, error: WalkError) -> WalkError {
    match error {
        WalkError::Json { path, reason } => WalkError::Json { path: format!("{}.{path}", field.name), reason },
        other => other,
    }
}

fn message_json(message: &Message, bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    if depth > MAX_DEPTH {
        return Err(WalkError::Depth);
    }
    match message.shape {
        Shape::Plain | Shape::Empty => Ok(Value::Object(object(message, bytes, Map::new(), depth)?)),
        Shape::Any => any_json(bytes, depth),
        Shape::Timestamp => clock_json(bytes, scalars::timestamp_to_text),
        Shape::Duration => clock_json(bytes, scalars::duration_to_text),
        Shape::Wrapper => {
            let slots = slots(message, bytes)?;
            match (message.fields.first(), slots.first()) {
                (Some(field), Some(values)) => field_json(field, values, depth),
                _ => Ok(Value::Null),
            }
        }
    }
}

fn object(
    message: &Message,
    bytes: &[u8],
    mut out: Map<String, Value>,
    depth: usize,
) -> Result<Map<String, Value>, WalkError> {
    let slots = slots(message, bytes)?;
    for index in &message.order {
        let (Some(field), Some(values)) = (message.fields.get(*index), slots.get(*index)) else { continue };
        if field.oneof.is_some() && values.is_empty() {
            continue;
        }
        out.insert(field.name.clone(), field_json(field, values, depth)?);
    }
    Ok(out)
}

fn any_json(bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    let (url, value) = any_parts(bytes)?;
    let message = lookup_any(url)?;
    let deeper = depth.saturating_add(1);
    let mut out = Map::new();
    out.insert("@type".to_owned(), Value::String(url.to_owned()));
    if message.shape == Shape::Plain {
        if deeper > MAX_DEPTH {
            return Err(WalkError::Depth);
        }
        return Ok(Value::Object(object(message, value, out, deeper)?));
    }
    out.insert("value".to_owned(), message_json(message, value, deeper)?);
    Ok(Value::Object(out))
}

fn clock_json(bytes: &[u8], text: fn(i64, i32) -> Result<String, String>) -> Result<Value, WalkError> {
    let (seconds, nanos) = clock(bytes)?;
    let text = text(seconds, nanos).map_err(|reason| WalkError::Json { path: "time".to_owned(), reason })?;
    Ok(Value::String(text))
}

/// The (seconds, nanos) of a `Timestamp` or `Duration`.
pub(crate) fn clock(bytes: &[u8]) -> Result<(i64, i32), WalkError> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        match field {
            (1, Raw::Varint(value)) => seconds = value as i64,
            (2, Raw::Varint(value)) => nanos = value as i32,
            (1 | 2, _) => return Err(WalkError::Wire("wrong wire type in a Timestamp or Duration")),
            _ => {}
        }
    }
    Ok((seconds, nanos))
}

/// The values of each field, by index in `fields`; setting one member of a oneof clears the others.
pub(crate) fn slots<'a>(message: &Message, bytes: &'a [u8]) -> Result<Vec<Vec<Raw<'a>>>, WalkError> {
    let mut slots: Vec<Vec<Raw<'a>>> = vec![Vec::new(); message.fields.len()];
    let mut reader = Reader::new(bytes);
    while let Some((number, raw)) = reader.next_field()? {
        let Some(index) = message.index_of(number) else { continue };
        let Some(field) = message.fields.get(index) else { continue };
        if let Some(oneof) = field.oneof {
            for (other, slot) in message.fields.iter().zip(slots.iter_mut()) {
                if other.oneof == Some(oneof) {
                    slot.clear();
                }
            }
        }
        let Some(slot) = slots.get_mut(index) else { continue };
        let own = raw.wire_type() == field.kind.wire_type();
        match (raw, field.label) {
            (raw, _) if own => slot.push(raw),
            (Raw::Bytes(packed), Label::Repeated(_)) => unpack(field.kind, packed, slot)?,
            _ => return Err(WalkError::Wire("wrong wire type for a field")),
        }
    }
    Ok(slots)
}

fn unpack<'a>(kind: Kind, packed: &'a [u8], slot: &mut Vec<Raw<'a>>) -> Result<(), WalkError> {
    let mut reader = Reader::new(packed);
    while !reader.is_empty() {
        slot.push(match kind.wire_type() {
            1 => Raw::Fixed64(reader.fixed64()?),
            5 => Raw::Fixed32(reader.fixed32()?),
            _ => Raw::Varint(reader.varint()?),
        });
    }
    Ok(())
}

fn field_json(field: &Field, values: &[Raw<'_>], depth: usize) -> Result<Value, WalkError> {
    match field.label {
        Label::Repeated(_) => {
            let items = values.iter().map(|value| one_json(field, *value, depth));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        Label::Map => map_json(field, values, depth),
        Label::Single | Label::Optional => match values {
            [] => absent_json(field, depth),
            [only] => one_json(field, *only, depth),
            [.., last] => match field.kind {
                Kind::Message(_) if field.custom == Custom::Plain => {
                    one_json(field, Raw::Bytes(&concat(values)), depth)
                }
                _ => one_json(field, *last, depth),
            },
        },
    }
}

pub(crate) fn concat(values: &[Raw<'_>]) -> Vec<u8> {
    let parts = values.iter().filter_map(|value| match value {
        Raw::Bytes(bytes) => Some(*bytes),
        _ => None,
    });
    parts.flatten().copied().collect()
}

fn absent_json(field: &Field, depth: usize) -> Result<Value, WalkError> {
    match (field.kind, field.custom) {
        _ if field.label == Label::Optional => Ok(Value::Null),
        (_, Custom::Int | Custom::Dec) if field.non_null => Ok(Value::String("0".to_owned())),
        (_, Custom::Int | Custom::Dec) => Ok(Value::Null),
        (Kind::Message(_), Custom::Time) if field.non_null => Ok(Value::String("0001-01-01T00:00:00Z".to_owned())),
        (Kind::Message(_), _) if field.non_null => one_json(field, Raw::Bytes(&[]), depth),
        (Kind::Message(_), _) => Ok(Value::Null),
        (Kind::Bytes, Custom::Hex) => Ok(Value::String(String::new())),
        (Kind::Bytes, _) => Ok(Value::Null),
        (Kind::String, _) => Ok(Value::String(String::new())),
        (kind, _) if kind.wire_type() == 0 => one_json(field, Raw::Varint(0), depth),
        (kind, _) if kind.wire_type() == 1 => one_json(field, Raw::Fixed64(0), depth),
        _ => one_json(field, Raw::Fixed32(0), depth),
    }
}

fn map_json(field: &Field, values: &[Raw<'_>], depth: usize) -> Result<Value, WalkError> {
    let Kind::Message(index) = field.kind else { return Err(WalkError::Wire("a map without entries")) };
    let entry = message_at(index)?;
    let [key_field, value_field] = entry.fields.as_slice() else {
        return Err(WalkError::Wire("a map entry has a key and a value"));
    };
    let mut pairs: Vec<(MapKey, Value)> = Vec::with_capacity(values.len());
    for value in values {
        let Raw::Bytes(bytes) = value else { continue };
        let slots = slots(entry, bytes)?;
        let [keys, items] = slots.as_slice() else { continue };
        let key = MapKey::new(key_field.kind, field_json(key_field, keys, depth)?);
        pairs.push((key, field_json(value_field, items, depth).map_err(|error| within(field, error))?));
    }
    // Stable: of equal keys the last stays last, and overwrites.
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Value::Object(pairs.into_iter().map(|(key, value)| (key.text, value)).collect()))
}

/// Keys sort as Go sorts them: numbers by value, text by bytes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct MapKey {
    number: Option<i128>,
    text: String,
}

impl MapKey {
    fn new(kind: Kind, json: Value) -> MapKey {
        let text = match json {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let number = if kind == Kind::String { None } else { text.parse().ok() };
        MapKey { number, text }
    }
}

fn one_json(field: &Field, raw: Raw<'_>, depth: usize) -> Result<Value, WalkError> {
    match raw {
        Raw::Bytes(bytes) => bytes_json(field, bytes, depth),
        Raw::Varint(value) => Ok(varint_json(field.kind, value)),
        Raw::Fixed64(value) => Ok(match field.kind {
            Kind::Sfixed64 => Value::String((value as i64).to_string()),
            Kind::Double => float_json(f64::from_bits(value)),
            _ => Value::String(value.to_string()),
        }),
        Raw::Fixed32(value) => Ok(match field.kind {
            Kind::Sfixed32 => Value::Number((value as i32).into()),
            Kind::Float => float32_json(f32::from_bits(value)),
            _ => Value::Number(value.into()),
        }),
        Raw::Group => Err(WalkError::Wire("groups are not supported")),
    }
}

fn bytes_json(field: &Field, bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    if let Kind::Message(index) = field.kind {
        let nested = message_json(message_at(index)?, bytes, depth.saturating_add(1));
        return nested.map_err(|error| within(field, error));
    }
    let text = || std::str::from_utf8(bytes).map_err(|_| failed(field, "text that is not UTF-8".to_owned()));
    let number = |convert: fn(&str) -> Result<String, String>| match text()? {
        "" => Ok(Value::String("0".to_owned())),
        digits => convert(digits).map(Value::String).map_err(|reason| failed(field, reason)),
    };
    match (field.custom, field.kind) {
        (Custom::Int, _) => number(|digits| scalars::check_int(digits).map(|()| digits.to_owned())),
        (Custom::Dec, _) => number(scalars::dec_to_text),
        (Custom::Hex, _) => Ok(Value::String(bytes.iter().map(|byte| format!("{byte:02X}")).collect())),
        (_, Kind::String) => Ok(Value::String(text()?.to_owned())),
        _ => Ok(Value::String(STANDARD.encode(bytes))),
    }
}

fn varint_json(kind: Kind, value: u64) -> Value {
    match kind {
        Kind::Bool => Value::Bool(value != 0),
        Kind::Int32 => Value::Number((value as i32).into()),
        Kind::Uint32 => Value::Number((value as u32).into()),
        Kind::Sint32 => Value::Number((unzigzag(u64::from(value as u32)) as i32).into()),
        Kind::Int64 => Value::String((value as i64).to_string()),
        Kind::Sint64 => Value::String(unzigzag(value).to_string()),
        Kind::Enum(index) => enum_json(index, value as i32),
        _ => Value::String(value.to_string()),
    }
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ ((value & 1) as i64).wrapping_neg()
}

fn enum_json(index: usize, number: i32) -> Value {
    let values = SCHEMA.enums.get(index).map(|e| e.values.as_slice()).unwrap_or_default();
    match values.iter().find(|(_, other)| *other == number) {
        Some((name, _)) => Value::String(name.clone()),
        None => Value::Number(number.into()),
    }
}

fn float_json(value: f64) -> Value {
    match Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => Value::String("NaN".to_owned()),
        None if value.is_sign_positive() => Value::String("Infinity".to_owned()),
        None => Value::String("-Infinity".to_owned()),
    }
}

/// By way of its shortest decimal text, which is what Go prints for 32 bits.
fn float32_json(value: f32) -> Value {
    float_json(value.to_string().parse().unwrap_or(f64::from(value)))
}
