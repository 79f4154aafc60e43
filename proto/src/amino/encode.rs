//! Protobuf bytes to amino JSON.
//!
//! Source: `cosmossdk.io/x/tx` v0.13.8 `signing/aminojson` (`json_marshal.go`, `encoder.go`, `time.go`, `any.go`), ADR-050's
//! companion for legacy wallets.
//!
//! | field | amino JSON |
//! | --- | --- |
//! | empty | left out, unless `amino.dont_omitempty` |
//! | empty list that is kept | `null`; `[]` where `legacy_coins` |
//! | absent message that is kept | an error |
//! | 64-bit integer | string |
//! | enum | its number |
//! | bytes | base64; `null` where absent and kept |
//! | `Any` | `type` (`amino.name`, or the type URL) and `value` |
//! | `Timestamp`, `Duration` | RFC 3339 without trailing zeros; nanoseconds as a string |
//! | `cosmos.Int`, `cosmos.Dec` | text, `0` where empty; decimals with 18 places |
//! | oneof | its name in upper camel case, then `type` and `value`; `null` where no member is set |
//! | map, float, `optional` | an error |

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{Map, Value};

use super::table::{Field, FieldEncoding, Message, MessageEncoding, Oneof, TABLE};
use crate::walker::json_out::{clock, concat, slots, unzigzag};
use crate::walker::schema::{self, Kind, Label, Shape};
use crate::walker::wire::Raw;
use crate::walker::{any_parts, lookup_any, message_at, scalars, WalkError, MAX_DEPTH, SCHEMA};

/// The longest duration, in seconds, that the SDK signs: one below what 64 bits of nanoseconds hold.
const MAX_DURATION_SECONDS: i64 = i64::MAX / 1_000_000_000 - 1;

/// The amino JSON of the named message's bytes, its keys sorted. A message that has an `amino.name` stands under `type` and `value`.
/// `name` is a full name or a type URL.
pub fn json(name: &str, bytes: &[u8]) -> Result<Value, WalkError> {
    let index = SCHEMA.message(name).ok_or_else(|| WalkError::UnknownType(name.to_owned()))?;
    let value = message_json(index, bytes, 0)?;
    Ok(match table(index)?.name.as_deref() {
        Some(name) => named(name, value),
        None => value,
    })
}

/// The amino JSON of what an `Any` holds: always under `type` and `value`; without `amino.name` the type is the URL.
pub fn any_json(type_url: &str, value: &[u8]) -> Result<Value, WalkError> {
    packed_json(type_url, value, 0)
}

fn packed_json(type_url: &str, value: &[u8], depth: usize) -> Result<Value, WalkError> {
    let message = lookup_any(type_url)?;
    let index = SCHEMA.message(type_url).ok_or_else(|| WalkError::UnknownType(type_url.to_owned()))?;
    let value = message_json(index, value, depth.saturating_add(1))?;
    let url = format!("/{}", message.full_name);
    Ok(named(table(index)?.name.as_deref().unwrap_or(&url), value))
}

fn named(name: &str, value: Value) -> Value {
    object([("type", Value::String(name.to_owned())), ("value", value)])
}

/// An object with its members in this order.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn table(index: usize) -> Result<&'static Message, WalkError> {
    TABLE.get(index).ok_or(WalkError::Wire("unresolved message type"))
}

fn refused(field: &schema::Field, reason: impl Into<String>) -> WalkError {
    WalkError::Json { path: field.name.clone(), reason: reason.into() }
}

/// Puts a field's name before the path of an error that came from within it.
fn within(field: &schema::Field, error: WalkError) -> WalkError {
    match error {
        WalkError::Json { path, reason } => WalkError::Json { path: format!("{}.{path}", field.name), reason },
        other => other,
    }
}

fn message_json(index: usize, bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    if depth > MAX_DEPTH {
        return Err(WalkError::Depth);
    }
    let (message, table) = (message_at(index)?, table(index)?);
    match (message.shape, table.encoding) {
        (Shape::Any, _) => {
            let (url, value) = any_parts(bytes)?;
            packed_json(url, value, depth)
        }
        (Shape::Timestamp, _) => timestamp(bytes),
        (Shape::Duration, _) => duration(bytes),
        (_, MessageEncoding::KeyField) => key_field(message, bytes),
        (_, MessageEncoding::Threshold) => threshold(message, bytes, depth),
        (_, MessageEncoding::ModuleAccount) => module_account(message, bytes),
        (_, MessageEncoding::Plain) => fields_json(message, table, bytes, depth),
    }
}

fn fields_json(message: &schema::Message, table: &Message, bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    let slots = slots(message, bytes)?;
    let mut out = Map::new();
    for index in &table.order {
        let parts = (message.fields.get(*index), table.fields.get(*index), slots.get(*index));
        let (Some(field), Some(options), Some(values)) = parts else { continue };
        let present = has(field, values);
        if let Some(oneof) = &options.oneof {
            oneof_json(oneof, field, options, values, (table, &slots), depth, &mut out)?;
        } else if present || options.keep_empty {
            out.insert(options.key.clone(), field_json(field, options, values, depth)?);
        }
    }
    Ok(Value::Object(out))
}

/// Writes a member of a oneof if it is the one that is set, and `null` once where none is.
fn oneof_json(
    oneof: &Oneof,
    field: &schema::Field,
    options: &Field,
    values: &[Raw<'_>],
    (table, slots): (&Message, &[Vec<Raw<'_>>]),
    depth: usize,
    out: &mut Map<String, Value>,
) -> Result<(), WalkError> {
    let Some(name) = &oneof.name else {
        return Err(refused(field, "a member of a oneof without amino.oneof_name has no amino JSON"));
    };
    if values.is_empty() {
        let in_same = |other: &Field| other.oneof.as_ref().is_some_and(|other| other.index == oneof.index);
        let any_set = table.fields.iter().zip(slots).any(|(other, values)| in_same(other) && !values.is_empty());
        if !any_set {
            out.insert(oneof.key.clone(), Value::Null);
        }
        return Ok(());
    }
    let member = object([(options.key.as_str(), field_json(field, options, values, depth)?)]);
    out.insert(oneof.key.clone(), named(name, member));
    Ok(())
}

/// Whether Go's protobuf says that a field has a value: where absence is not told from the default, the default is none.
fn has(field: &schema::Field, values: &[Raw<'_>]) -> bool {
    match (field.label, field.kind, values.last()) {
        (_, _, None) => false,
        (Label::Single, Kind::Message(_), _) => true,
        (Label::Single, _, Some(Raw::Bytes(bytes))) => !bytes.is_empty(),
        (Label::Single, _, Some(Raw::Varint(value) | Raw::Fixed64(value))) => *value != 0,
        (Label::Single, _, Some(Raw::Fixed32(value))) => *value != 0,
        _ => true,
    }
}

fn field_json(field: &schema::Field, options: &Field, values: &[Raw<'_>], depth: usize) -> Result<Value, WalkError> {
    if matches!(field.label, Label::Map) {
        return Err(refused(field, "maps have no amino JSON"));
    }
    if matches!(field.label, Label::Repeated(_)) {
        return match (options.encoding, values) {
            (FieldEncoding::LegacyCoins, []) => Ok(Value::Array(Vec::new())),
            (FieldEncoding::Int | FieldEncoding::Dec, _) => Err(refused(field, "lists of numbers have no amino JSON")),
            (_, []) => Ok(Value::Null),
            _ => values.iter().map(|value| one_json(field, options, *value, depth)).collect(),
        };
    }
    match (values, field.kind) {
        ([], Kind::Message(_)) => {
            Err(refused(field, "it is absent, and amino JSON cannot say so; write it, empty if need be"))
        }
        ([], _) => absent(field, options),
        ([only], _) => one_json(field, options, *only, depth),
        (many, Kind::Message(_)) => one_json(field, options, Raw::Bytes(&concat(many)), depth),
        ([.., last], _) => one_json(field, options, *last, depth),
    }
}

fn absent(field: &schema::Field, options: &Field) -> Result<Value, WalkError> {
    Ok(match (options.encoding, field.kind) {
        (FieldEncoding::Int | FieldEncoding::Dec, _) => Value::String("0".to_owned()),
        (_, Kind::String) => Value::String(String::new()),
        (_, Kind::Bytes) => Value::Null,
        (_, kind) => number(field, kind, 0)?,
    })
}

fn one_json(field: &schema::Field, options: &Field, raw: Raw<'_>, depth: usize) -> Result<Value, WalkError> {
    match raw {
        Raw::Bytes(bytes) => bytes_json(field, options, bytes, depth),
        Raw::Varint(value) | Raw::Fixed64(value) => number(field, field.kind, value),
        Raw::Fixed32(value) => number(field, field.kind, u64::from(value)),
        Raw::Group => Err(WalkError::Wire("groups are not supported")),
    }
}

fn bytes_json(field: &schema::Field, options: &Field, bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    if let Kind::Message(index) = field.kind {
        return message_json(index, bytes, depth.saturating_add(1)).map_err(|error| within(field, error));
    }
    let text = || std::str::from_utf8(bytes).map_err(|_| refused(field, "text that is not UTF-8"));
    match (options.encoding, field.kind) {
        (FieldEncoding::InlineJson, _) => Err(refused(field, "inline JSON is not supported")),
        (FieldEncoding::Int | FieldEncoding::Dec, _) if bytes.is_empty() => Ok(Value::String("0".to_owned())),
        (FieldEncoding::Dec, _) => {
            scalars::dec_to_text(text()?).map(Value::String).map_err(|reason| refused(field, reason))
        }
        (FieldEncoding::Int, Kind::Bytes) => {
            scalars::check_int(text()?).map_err(|reason| refused(field, reason))?;
            Ok(Value::String(text()?.to_owned()))
        }
        (_, Kind::String) => Ok(Value::String(text()?.to_owned())),
        _ => Ok(Value::String(STANDARD.encode(bytes))),
    }
}

fn number(field: &schema::Field, kind: Kind, value: u64) -> Result<Value, WalkError> {
    Ok(match kind {
        Kind::Bool => Value::Bool(value != 0),
        Kind::Int32 | Kind::Sfixed32 | Kind::Enum(_) => Value::Number((value as i32).into()),
        Kind::Uint32 | Kind::Fixed32 => Value::Number((value as u32).into()),
        Kind::Sint32 => Value::Number((unzigzag(u64::from(value as u32)) as i32).into()),
        Kind::Int64 | Kind::Sfixed64 => Value::String((value as i64).to_string()),
        Kind::Sint64 => Value::String(unzigzag(value).to_string()),
        Kind::Uint64 | Kind::Fixed64 => Value::String(value.to_string()),
        Kind::Float | Kind::Double => return Err(refused(field, "floating-point numbers have no amino JSON")),
        Kind::String | Kind::Bytes | Kind::Message(_) => return Err(WalkError::Wire("wrong wire type for a field")),
    })
}

/// RFC 3339 with as many places as there are.
fn timestamp(bytes: &[u8]) -> Result<Value, WalkError> {
    let failed = |reason| WalkError::Json { path: "time".to_owned(), reason };
    let (seconds, nanos) = clock(bytes)?;
    let text = scalars::timestamp_to_text(seconds, nanos).map_err(failed)?;
    // 0, 3, 6 or 9 places, without the zeros at their end.
    let text = match text.trim_end_matches('Z').split_once('.') {
        Some((whole, places)) => format!("{whole}.{}Z", places.trim_end_matches('0')),
        None => text,
    };
    Ok(Value::String(text))
}

/// Nanoseconds, as far as 64 bits hold them; seconds and the rest are of one sign, as Go demands when it decodes.
fn duration(bytes: &[u8]) -> Result<Value, WalkError> {
    let failed = |reason| WalkError::Json { path: "duration".to_owned(), reason };
    let (seconds, nanos) = clock(bytes)?;
    scalars::duration_to_text(seconds, nanos).map_err(failed)?;
    let total = seconds.checked_mul(1_000_000_000).and_then(|total| total.checked_add(i64::from(nanos)));
    let total = total.filter(|_| seconds <= MAX_DURATION_SECONDS);
    let overflow = || failed(format!("{seconds}s {nanos}ns would overflow 64 bits of nanoseconds"));
    Ok(Value::String(total.ok_or_else(overflow)?.to_string()))
}

/// The values of the field with this name.
fn named_values<'s, 'a>(
    message: &schema::Message,
    slots: &'s [Vec<Raw<'a>>],
    name: &str,
) -> (Option<usize>, &'s [Raw<'a>]) {
    let index = message.fields.iter().position(|field| field.name == name);
    (index, index.and_then(|index| slots.get(index)).map_or(&[], Vec::as_slice))
}

fn key_field(message: &schema::Message, bytes: &[u8]) -> Result<Value, WalkError> {
    let slots = slots(message, bytes)?;
    Ok(match named_values(message, &slots, "key").1.last() {
        Some(Raw::Bytes(key)) if !key.is_empty() => Value::String(STANDARD.encode(key)),
        _ => Value::Null,
    })
}

fn threshold(message: &schema::Message, bytes: &[u8], depth: usize) -> Result<Value, WalkError> {
    let slots = slots(message, bytes)?;
    let (index, keys) = named_values(message, &slots, "public_keys");
    let field = index.and_then(|index| message.fields.get(index)).ok_or(WalkError::Wire("a multisig without keys"))?;
    let keys: Result<Value, _> = keys.iter().map(|key| one_json(field, &Field::default(), *key, depth)).collect();
    let threshold = match named_values(message, &slots, "threshold").1.last() {
        Some(Raw::Varint(threshold)) => *threshold as u32,
        _ => 0,
    };
    Ok(object([("pubkeys", keys?), ("threshold", Value::String(threshold.to_string()))]))
}

fn module_account(message: &schema::Message, bytes: &[u8]) -> Result<Value, WalkError> {
    let text = |raw: Option<&Raw<'_>>| match raw {
        Some(Raw::Bytes(bytes)) => {
            let text = std::str::from_utf8(bytes).map_err(|_| WalkError::Wire("text that is not UTF-8"));
            text.map(|text| Value::String(text.to_owned()))
        }
        _ => Ok(Value::String(String::new())),
    };
    let unsigned = |raw: Option<&Raw<'_>>| match raw {
        Some(Raw::Varint(number)) => Value::Number((*number).into()),
        _ => Value::Number(0.into()),
    };
    let outer = slots(message, bytes)?;
    let (index, base) = named_values(message, &outer, "base_account");
    let base_bytes = concat(base);
    let base = match index.and_then(|index| message.fields.get(index)).map(|field| field.kind) {
        Some(Kind::Message(index)) => message_at(index)?,
        _ => return Err(WalkError::Wire("a module account without a base account")),
    };
    let inner = slots(base, &base_bytes)?;
    let permissions: Value = match named_values(message, &outer, "permissions").1 {
        [] => Value::Null,
        some => some.iter().map(|raw| text(Some(raw))).collect::<Result<_, _>>()?,
    };
    Ok(object([
        ("account_number", unsigned(named_values(base, &inner, "account_number").1.last())),
        ("address", text(named_values(base, &inner, "address").1.last())?),
        ("name", text(named_values(message, &outer, "name").1.last())?),
        ("permissions", permissions),
        ("public_key", Value::String(String::new())),
        ("sequence", unsigned(named_values(base, &inner, "sequence").1.last())),
    ]))
}
