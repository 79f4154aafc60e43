//! The SDK's JSON to protobuf bytes: what `codec.UnmarshalJSON` of the SDK v0.50 reads, marshalled as gogoproto does.
//!
//! Accepts original names and lowerCamelCase, integers as numbers or strings, enums by name or number, `null` for
//! absence. Refuses unknown fields and whatever doesn't fit, with the field's path. Fields are written in order of
//! their numbers, defaults left out; as in Go, what is `nullable = false` is written even when it is absent.
//! Stricter than Go: two members of one oneof, and integers that are not canonical decimal, are refused.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{Map, Value};

use super::schema::{Custom, Field, Kind, Label, Message, Shape, SCHEMA};
use super::wire::{put_bytes, put_tag, put_varint, MAX_DEPTH};
use super::{lookup, lookup_any, message_at, scalars, WalkError};

/// The protobuf bytes of the named message from its JSON. `name` is a full name or a type URL.
pub fn from_json(name: &str, json: &Value) -> Result<Vec<u8>, WalkError> {
    let mut path = Path::default();
    let mut out = Vec::new();
    message_bytes(lookup(name)?, json, &mut path, &mut out)?;
    Ok(out)
}

/// Where in the JSON the walk is; its length is the depth.
#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    fn error(&self, reason: impl Into<String>) -> WalkError {
        let mut path = self.0.concat();
        let start = if path.starts_with('.') { 1 } else { 0 };
        path.drain(..start);
        let path = if path.is_empty() { "message".to_owned() } else { path };
        WalkError::Json { path, reason: reason.into() }
    }

    fn mismatch(&self, wanted: &str, json: &Value) -> WalkError {
        self.error(format!("{} where {wanted} belongs", scalars::shown(&json.to_string())))
    }

    fn inside<T>(
        &mut self,
        part: String,
        walk: impl FnOnce(&mut Path) -> Result<T, WalkError>,
    ) -> Result<T, WalkError> {
        // A list adds two parts to the path, so its elements are half as deep.
        if self.0.len() > MAX_DEPTH.saturating_mul(2) {
            return Err(WalkError::Depth);
        }
        self.0.push(part);
        let result = walk(self);
        self.0.pop();
        result
    }
}

fn message_bytes(message: &Message, json: &Value, path: &mut Path, out: &mut Vec<u8>) -> Result<(), WalkError> {
    match message.shape {
        Shape::Plain | Shape::Empty => {
            let fields = json.as_object().ok_or_else(|| path.mismatch("an object", json))?;
            object_bytes(message, fields, &[], path, out)
        }
        Shape::Any => any_bytes(json, path, out),
        Shape::Timestamp => clock_bytes(json, "a time", scalars::timestamp_from_text, path, out),
        Shape::Duration => clock_bytes(json, "a duration", scalars::duration_from_text, path, out),
        Shape::Wrapper => match message.fields.first() {
            Some(field) => field_bytes(field, json, path, out),
            None => Ok(()),
        },
    }
}

/// Writes a message's fields from its object; `skip` names members that are not fields.
fn object_bytes(
    message: &Message,
    object: &Map<String, Value>,
    skip: &[&str],
    path: &mut Path,
    out: &mut Vec<u8>,
) -> Result<(), WalkError> {
    let known = |name: &str| message.fields.iter().any(|field| field.name == name || field.json_name == name);
    if let Some(name) = object.keys().find(|name| !skip.contains(&name.as_str()) && !known(name)) {
        let reason = format!("unknown field in {}", message.full_name);
        return path.inside(format!(".{name}"), |path| Err(path.error(reason)));
    }
    let mut set: Vec<(usize, &str)> = Vec::new();
    for field in &message.fields {
        // As in Go, of two spellings the camel-case one counts.
        let value = object.get(&field.json_name).or_else(|| object.get(&field.name)).unwrap_or(&Value::Null);
        if let (Some(oneof), false) = (field.oneof, value.is_null()) {
            if let Some((_, other)) = set.iter().find(|(taken, _)| *taken == oneof) {
                return Err(path.error(format!("only one of {other} and {} may be set", field.name)));
            }
            set.push((oneof, &field.name));
        }
        path.inside(format!(".{}", field.name), |path| field_bytes(field, value, path, out))?;
    }
    Ok(())
}

fn any_bytes(json: &Value, path: &mut Path, out: &mut Vec<u8>) -> Result<(), WalkError> {
    let object = json.as_object().ok_or_else(|| path.mismatch("an object with @type", json))?;
    let url = object.get("@type").and_then(Value::as_str).ok_or_else(|| path.error("an Any without @type"))?;
    let message = lookup_any(url).map_err(|error| path.error(error.to_string()))?;
    let mut value = Vec::new();
    if message.shape == Shape::Plain {
        object_bytes(message, object, &["@type"], path, &mut value)?;
    } else {
        if let Some(name) = object.keys().find(|name| !["@type", "value"].contains(&name.as_str())) {
            return Err(path.error(format!("unknown field {name} beside @type and value")));
        }
        let inner = object.get("value").ok_or_else(|| path.error("an Any of a well-known type without value"))?;
        path.inside(".value".to_owned(), |path| message_bytes(message, inner, path, &mut value))?;
    }
    put_bytes(out, 1, url.as_bytes());
    if !value.is_empty() {
        put_bytes(out, 2, &value);
    }
    Ok(())
}

fn clock_bytes(
    json: &Value,
    wanted: &str,
    parse: fn(&str) -> Result<(i64, i32), String>,
    path: &mut Path,
    out: &mut Vec<u8>,
) -> Result<(), WalkError> {
    let text = json.as_str().ok_or_else(|| path.mismatch(wanted, json))?;
    let (seconds, nanos) = parse(text).map_err(|reason| path.error(reason))?;
    put_clock(seconds, nanos, out);
    Ok(())
}

fn put_clock(seconds: i64, nanos: i32, out: &mut Vec<u8>) {
    for (number, value) in [(1, seconds), (2, i64::from(nanos))] {
        if value != 0 {
            put_tag(out, number, 0);
            put_varint(out, value as u64);
        }
    }
}

fn field_bytes(field: &Field, json: &Value, path: &mut Path, out: &mut Vec<u8>) -> Result<(), WalkError> {
    if json.is_null() {
        return absent_bytes(field, path, out);
    }
    match field.label {
        Label::Single => {
            let value = value_bytes(field, json, path)?;
            let always = field.non_null || matches!(field.kind, Kind::Message(_)) || field.oneof.is_some();
            if always || !is_default(field.kind, &value) {
                put_value(field, &value, out);
            }
            Ok(())
        }
        Label::Optional => {
            put_value(field, &value_bytes(field, json, path)?, out);
            Ok(())
        }
        Label::Map => map_bytes(field, json, path, out),
        Label::Repeated(packed) => {
            let items = json.as_array().ok_or_else(|| path.mismatch("a list", json))?;
            let mut all = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let value = path.inside(format!("[{index}]"), |path| value_bytes(field, item, path))?;
                match packed {
                    true => all.extend_from_slice(&value),
                    false => put_value(field, &value, out),
                }
            }
            if !all.is_empty() {
                put_bytes(out, field.number, &all);
            }
            Ok(())
        }
    }
}

/// What Go writes for a field that is absent: nothing, unless its Go type cannot be absent.
fn absent_bytes(field: &Field, path: &mut Path, out: &mut Vec<u8>) -> Result<(), WalkError> {
    if field.label != Label::Single || !field.non_null || field.oneof.is_some() {
        return Ok(());
    }
    let mut value = Vec::new();
    match (field.kind, field.custom) {
        (_, Custom::Int | Custom::Dec) => value.push(b'0'),
        (Kind::Message(_), Custom::Time) => put_clock(scalars::GO_ZERO_SECONDS, 0, &mut value),
        (Kind::Message(index), _) => {
            let nested = message_at(index)?;
            if matches!(nested.shape, Shape::Plain) {
                object_bytes(nested, &Map::new(), &[], path, &mut value)?;
            }
        }
        _ => return Ok(()),
    }
    put_value(field, &value, out);
    Ok(())
}

fn map_bytes(field: &Field, json: &Value, path: &mut Path, out: &mut Vec<u8>) -> Result<(), WalkError> {
    let Kind::Message(index) = field.kind else { return Err(WalkError::Wire("a map without entries")) };
    let entry = message_at(index)?;
    let [key_field, value_field] = entry.fields.as_slice() else {
        return Err(WalkError::Wire("a map entry has a key and a value"));
    };
    let object = json.as_object().ok_or_else(|| path.mismatch("an object", json))?;
    let mut entries = Vec::with_capacity(object.len());
    for (key, value) in object {
        path.inside(format!("[{key:?}]"), |path| {
            let key = match (key_field.kind, key.as_str()) {
                (Kind::Bool, "true") => Value::Bool(true),
                (Kind::Bool, "false") => Value::Bool(false),
                (_, text) => Value::String(text.to_owned()),
            };
            let mut bytes = Vec::new();
            put_value(key_field, &value_bytes(key_field, &key, path)?, &mut bytes);
            put_value(value_field, &value_bytes(value_field, value, path)?, &mut bytes);
            entries.push(bytes);
            Ok(())
        })?;
    }
    // One order, whatever order the JSON has.
    entries.sort();
    entries.iter().for_each(|bytes| put_bytes(out, field.number, bytes));
    Ok(())
}

fn put_value(field: &Field, value: &[u8], out: &mut Vec<u8>) {
    match field.kind.wire_type() {
        2 => put_bytes(out, field.number, value),
        wire_type => {
            put_tag(out, field.number, wire_type);
            out.extend_from_slice(value);
        }
    }
}

fn is_default(kind: Kind, value: &[u8]) -> bool {
    match kind {
        Kind::String | Kind::Bytes | Kind::Message(_) => value.is_empty(),
        _ => value.iter().all(|byte| *byte == 0),
    }
}

/// One value as it stands on the wire, without tag and length.
fn value_bytes(field: &Field, json: &Value, path: &mut Path) -> Result<Vec<u8>, WalkError> {
    let mut out = Vec::new();
    match (field.kind, field.custom) {
        (Kind::Message(index), _) => message_bytes(message_at(index)?, json, path, &mut out)?,
        (_, Custom::Int | Custom::Dec) => {
            let text = json.as_str().ok_or_else(|| path.mismatch("a number as text", json))?;
            let number = match field.custom {
                Custom::Dec => scalars::dec_from_text(text),
                _ => scalars::check_int(text).map(|()| text.to_owned()),
            };
            out = number.map_err(|reason| path.error(reason))?.into_bytes();
        }
        (Kind::String, _) => out = json.as_str().ok_or_else(|| path.mismatch("text", json))?.as_bytes().to_vec(),
        (Kind::Bytes, custom) => {
            let text = json.as_str().ok_or_else(|| path.mismatch("bytes as text", json))?;
            out = decode_bytes(text, custom).ok_or_else(|| path.mismatch(bytes_form(custom), json))?;
        }
        (Kind::Bool, _) => out.push(json.as_bool().ok_or_else(|| path.mismatch("true or false", json))?.into()),
        (Kind::Enum(index), _) => put_varint(&mut out, i64::from(enum_number(index, json, path)?) as u64),
        (Kind::Float, _) => out.extend((float(json, path)? as f32).to_le_bytes()),
        (Kind::Double, _) => out.extend(float(json, path)?.to_le_bytes()),
        (kind, _) => put_integer(kind, json, path, &mut out)?,
    }
    Ok(out)
}

fn bytes_form(custom: Custom) -> &'static str {
    if custom == Custom::Hex {
        "hexadecimal"
    } else {
        "base64"
    }
}

fn decode_bytes(text: &str, custom: Custom) -> Option<Vec<u8>> {
    if custom != Custom::Hex {
        return STANDARD.decode(text).ok();
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

fn enum_number(index: usize, json: &Value, path: &Path) -> Result<i32, WalkError> {
    let Some(text) = json.as_str() else {
        let number = json.as_i64().and_then(|number| i32::try_from(number).ok());
        return number.ok_or_else(|| path.mismatch("an enum's name or number", json));
    };
    let (name, values) = match SCHEMA.enums.get(index) {
        Some(known) => (known.full_name.as_str(), known.values.as_slice()),
        None => ("", Default::default()),
    };
    let found = values.iter().find(|(other, _)| other == text);
    let Some((_, number)) = found else {
        let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
        let reason = format!("unknown value {} for enum {name}; known: {}", scalars::shown(text), names.join(", "));
        return Err(path.error(reason));
    };
    Ok(*number)
}

fn put_integer(kind: Kind, json: &Value, path: &Path, out: &mut Vec<u8>) -> Result<(), WalkError> {
    let parsed = match json {
        Value::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        Value::String(text) if scalars::check_int(text).is_ok() => text.parse().ok(),
        _ => None,
    };
    let number: i128 = parsed.ok_or_else(|| path.mismatch("an integer", json))?;
    let (low, high): (i128, i128) = match kind {
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => (i32::MIN.into(), i32::MAX.into()),
        Kind::Uint32 | Kind::Fixed32 => (0, u32::MAX.into()),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => (i64::MIN.into(), i64::MAX.into()),
        _ => (0, u64::MAX.into()),
    };
    if !(low..=high).contains(&number) {
        return Err(path.error(format!("{number} is out of range: {low} to {high}")));
    }
    // In range, so that each cast below keeps the value; negative ones extend their sign to 64 bits.
    match kind {
        Kind::Fixed32 | Kind::Sfixed32 => out.extend((number as u32).to_le_bytes()),
        Kind::Fixed64 | Kind::Sfixed64 => out.extend((number as u64).to_le_bytes()),
        Kind::Sint32 | Kind::Sint64 => put_varint(out, (((number << 1) ^ (number >> 127)) as u64) & zigzag_mask(kind)),
        _ => put_varint(out, number as u64),
    }
    Ok(())
}

fn zigzag_mask(kind: Kind) -> u64 {
    if kind == Kind::Sint32 {
        u64::from(u32::MAX)
    } else {
        u64::MAX
    }
}

fn float(json: &Value, path: &Path) -> Result<f64, WalkError> {
    let parsed = match json {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok(),
        },
        _ => None,
    };
    parsed.ok_or_else(|| path.mismatch("a number", json))
}
