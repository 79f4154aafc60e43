//! Protobuf bytes to amino JSON, written as text at once: a transaction of a megabyte may have half a million empty coins.
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
use serde_json::Value;

use super::special::{write_duration, write_key, write_module_account, write_threshold, write_timestamp};
use super::table::{Field, FieldEncoding, Message, MessageEncoding, Oneof, TABLE};
use super::text::write_text;
use crate::walker::json_out::{concat, slots, unzigzag};
use crate::walker::schema::{self, Kind, Label, Shape};
use crate::walker::wire::Raw;
use crate::walker::{any_parts, lookup_any, message_at, scalars, WalkError, MAX_DEPTH, SCHEMA};

/// Nothing, once it is written.
pub(super) type Written = Result<(), WalkError>;

/// The amino JSON of the named message's bytes, its keys sorted. A message that has an `amino.name` stands under `type` and `value`.
/// `name` is a full name or a type URL.
pub fn json(name: &str, bytes: &[u8]) -> Result<Value, WalkError> {
    let index = SCHEMA.message(name).ok_or_else(|| WalkError::UnknownType(name.to_owned()))?;
    let mut out = String::new();
    match table(index)?.name.as_deref() {
        Some(name) => write_named(name, &mut out, |out| write_message(index, bytes, 0, out))?,
        None => write_message(index, bytes, 0, &mut out)?,
    }
    value(&out)
}

/// The amino JSON of what an `Any` holds: always under `type` and `value`; without `amino.name` the type is the URL.
pub fn any_json(type_url: &str, bytes: &[u8]) -> Result<Value, WalkError> {
    let mut out = String::new();
    write_any(type_url, bytes, 0, &mut out)?;
    value(&out)
}

/// What was written, as a value. It is JSON; a reader refuses it where it nests too deep.
pub(super) fn value(text: &str) -> Result<Value, WalkError> {
    serde_json::from_str(text).map_err(|_| WalkError::Depth)
}

/// Writes what an `Any` holds.
pub(super) fn write_any(type_url: &str, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    let message = lookup_any(type_url)?;
    let index = SCHEMA.message(type_url).ok_or_else(|| WalkError::UnknownType(type_url.to_owned()))?;
    let url = format!("/{}", message.full_name);
    let name = table(index)?.name.as_deref().unwrap_or(&url);
    write_named(name, out, |out| write_message(index, bytes, depth.saturating_add(1), out))
}

fn write_named(name: &str, out: &mut String, inner: impl FnOnce(&mut String) -> Written) -> Written {
    out.push_str("{\"type\":");
    write_text(name, out);
    out.push_str(",\"value\":");
    inner(out)?;
    out.push('}');
    Ok(())
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

/// Writes a message of [`SCHEMA`] by its index.
pub(super) fn write_message(index: usize, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    if depth > MAX_DEPTH {
        return Err(WalkError::Depth);
    }
    let (message, table) = (message_at(index)?, table(index)?);
    match (message.shape, table.encoding) {
        (Shape::Any, _) => {
            let (url, value) = any_parts(bytes)?;
            write_any(url, value, depth, out)
        }
        (Shape::Timestamp, _) => write_timestamp(bytes, out),
        (Shape::Duration, _) => write_duration(bytes, out),
        (_, MessageEncoding::KeyField) => write_key(message, bytes, out),
        (_, MessageEncoding::Threshold) => write_threshold(message, bytes, depth, out),
        (_, MessageEncoding::ModuleAccount) => write_module_account(message, bytes, out),
        (_, MessageEncoding::Plain) => write_fields(message, table, bytes, depth, out),
    }
}

fn write_fields(message: &schema::Message, table: &Message, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    let slots = slots(message, bytes)?;
    let mut nulls = Vec::new();
    let mut comma = "";
    out.push('{');
    for index in &table.order {
        let parts = (message.fields.get(*index), table.fields.get(*index), slots.get(*index));
        let (Some(field), Some(options), Some(values)) = parts else { continue };
        let before = out.len();
        out.push_str(comma);
        let written = match &options.oneof {
            Some(oneof) if values.is_empty() => write_unset(oneof, field, (table, &slots), &mut nulls, out)?,
            Some(oneof) => write_member(oneof, field, options, values, depth, out).map(|()| true)?,
            None if has(field, values) || options.keep_empty => {
                write_text(&options.key, out);
                out.push(':');
                write_field(field, options, values, depth, out)?;
                true
            }
            None => false,
        };
        if written {
            comma = ",";
        } else {
            out.truncate(before);
        }
    }
    out.push('}');
    Ok(())
}

fn name_of<'a>(oneof: &'a Oneof, field: &schema::Field) -> Result<&'a str, WalkError> {
    let name = oneof.name.as_deref();
    name.ok_or_else(|| refused(field, "a member of a oneof without amino.oneof_name has no amino JSON"))
}

/// Writes `null` for a oneof of which nothing is set, once; whether it did.
fn write_unset(
    oneof: &Oneof,
    field: &schema::Field,
    (table, slots): (&Message, &[Vec<Raw<'_>>]),
    nulls: &mut Vec<usize>,
    out: &mut String,
) -> Result<bool, WalkError> {
    name_of(oneof, field)?;
    let in_same = |other: &Field| other.oneof.as_ref().is_some_and(|other| other.index == oneof.index);
    let any_set = table.fields.iter().zip(slots).any(|(other, values)| in_same(other) && !values.is_empty());
    if any_set || nulls.contains(&oneof.index) {
        return Ok(false);
    }
    nulls.push(oneof.index);
    write_text(&oneof.key, out);
    out.push_str(":null");
    Ok(true)
}

fn write_member(
    oneof: &Oneof,
    field: &schema::Field,
    options: &Field,
    values: &[Raw<'_>],
    depth: usize,
    out: &mut String,
) -> Written {
    let name = name_of(oneof, field)?;
    write_text(&oneof.key, out);
    out.push(':');
    write_named(name, out, |out| {
        out.push('{');
        write_text(&options.key, out);
        out.push(':');
        write_field(field, options, values, depth, out)?;
        out.push('}');
        Ok(())
    })
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

fn write_field(field: &schema::Field, options: &Field, values: &[Raw<'_>], depth: usize, out: &mut String) -> Written {
    if matches!(field.label, Label::Map) {
        return Err(refused(field, "maps have no amino JSON"));
    }
    if matches!(field.label, Label::Repeated(_)) {
        match (options.encoding, values) {
            (FieldEncoding::Int | FieldEncoding::Dec, _) => {
                return Err(refused(field, "lists of numbers have no amino JSON"));
            }
            (FieldEncoding::LegacyCoins, []) => out.push_str("[]"),
            (_, []) => out.push_str("null"),
            _ => write_list(field, options, values, depth, out)?,
        }
        return Ok(());
    }
    match (values, field.kind) {
        ([], Kind::Message(_)) => {
            Err(refused(field, "it is absent, and amino JSON cannot say so; write it, empty if need be"))
        }
        ([], _) => write_absent(field, options, out),
        ([only], _) => write_one(field, options, *only, depth, out),
        (many, Kind::Message(_)) => write_one(field, options, Raw::Bytes(&concat(many)), depth, out),
        ([.., last], _) => write_one(field, options, *last, depth, out),
    }
}

pub(super) fn write_list(
    field: &schema::Field,
    options: &Field,
    values: &[Raw<'_>],
    depth: usize,
    out: &mut String,
) -> Written {
    out.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_one(field, options, *value, depth, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_absent(field: &schema::Field, options: &Field, out: &mut String) -> Written {
    match (options.encoding, field.kind) {
        (FieldEncoding::Int | FieldEncoding::Dec, _) => out.push_str("\"0\""),
        (_, Kind::String) => out.push_str("\"\""),
        (_, Kind::Bytes) => out.push_str("null"),
        (_, kind) => write_number(field, kind, 0, out)?,
    }
    Ok(())
}

fn write_one(field: &schema::Field, options: &Field, raw: Raw<'_>, depth: usize, out: &mut String) -> Written {
    match raw {
        Raw::Bytes(bytes) => write_bytes(field, options, bytes, depth, out),
        Raw::Varint(value) | Raw::Fixed64(value) => write_number(field, field.kind, value, out),
        Raw::Fixed32(value) => write_number(field, field.kind, u64::from(value), out),
        Raw::Group => Err(WalkError::Wire("groups are not supported")),
    }
}

fn write_bytes(field: &schema::Field, options: &Field, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    if let Kind::Message(index) = field.kind {
        return write_message(index, bytes, depth.saturating_add(1), out).map_err(|error| within(field, error));
    }
    let text = || std::str::from_utf8(bytes).map_err(|_| refused(field, "text that is not UTF-8"));
    match (options.encoding, field.kind) {
        (FieldEncoding::InlineJson, _) => return Err(refused(field, "inline JSON is not supported")),
        (FieldEncoding::Int | FieldEncoding::Dec, _) if bytes.is_empty() => out.push_str("\"0\""),
        (FieldEncoding::Dec, _) => {
            write_text(&scalars::dec_to_text(text()?).map_err(|reason| refused(field, reason))?, out);
        }
        (FieldEncoding::Int, Kind::Bytes) => {
            scalars::check_int(text()?).map_err(|reason| refused(field, reason))?;
            write_text(text()?, out);
        }
        (_, Kind::String) => write_text(text()?, out),
        _ => write_base64(bytes, out),
    }
    Ok(())
}

pub(super) fn write_base64(bytes: &[u8], out: &mut String) {
    out.push('"');
    STANDARD.encode_string(bytes, out);
    out.push('"');
}

pub(super) fn write_quoted(number: impl ToString, out: &mut String) {
    out.push('"');
    out.push_str(&number.to_string());
    out.push('"');
}

fn write_number(field: &schema::Field, kind: Kind, value: u64, out: &mut String) -> Written {
    match kind {
        Kind::Bool => out.push_str(if value == 0 { "false" } else { "true" }),
        Kind::Int32 | Kind::Sfixed32 | Kind::Enum(_) => out.push_str(&(value as i32).to_string()),
        Kind::Uint32 | Kind::Fixed32 => out.push_str(&(value as u32).to_string()),
        Kind::Sint32 => out.push_str(&(unzigzag(u64::from(value as u32)) as i32).to_string()),
        Kind::Int64 | Kind::Sfixed64 => write_quoted(value as i64, out),
        Kind::Sint64 => write_quoted(unzigzag(value), out),
        Kind::Uint64 | Kind::Fixed64 => write_quoted(value, out),
        Kind::Float | Kind::Double => return Err(refused(field, "floating-point numbers have no amino JSON")),
        Kind::String | Kind::Bytes | Kind::Message(_) => return Err(WalkError::Wire("wrong wire type for a field")),
    }
    Ok(())
}
