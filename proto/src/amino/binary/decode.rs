//! The binary form of a `StdTx` to its amino JSON.
//!
//! Fields stand in the order of their numbers, each once (a list's elements side by side); numbers beyond the last field are passed
//! over, as Go does.

use super::layout::{Kind, Member, Own, Slot, LAYOUTS};
use super::registry::{disfix, split, Accepts, Form, REGISTRY, STD_TX};
use super::{deeper, BinaryError, UNOPENED};
use crate::amino::encode::{write_base64, write_quoted};
use crate::amino::special::write_time;
use crate::amino::text::write_text;
use crate::walker::scalars::{self, GO_ZERO_SECONDS};
use crate::walker::wire::{Raw, Reader};
use crate::walker::WalkError;

type Written = Result<(), BinaryError>;

/// The most JSON that is made, in bytes: two bytes may stand for an element whose JSON is a hundred times as long. As much as Go's clients
/// of gRPC take.
pub(super) const MAX_JSON_BYTES: usize = 4 << 20;

fn bounded(length: usize) -> Written {
    if length > MAX_JSON_BYTES {
        return Err(BinaryError::new(format!("its JSON is over {MAX_JSON_BYTES} bytes")));
    }
    Ok(())
}

/// The amino JSON of a `StdTx` that is given in its binary form, its keys in the order of Go's structs.
pub fn decode_std_tx(bytes: &[u8]) -> Result<String, BinaryError> {
    decode(bytes).map_err(|error| error.within("StdTx"))
}

fn decode(bytes: &[u8]) -> Result<String, BinaryError> {
    let prefix = disfix(STD_TX).1;
    let rest = bytes.strip_prefix(&prefix);
    let rest = rest.ok_or_else(|| BinaryError::new(format!("the bytes do not begin with its prefix {prefix:02X?}")))?;
    let mut out = String::new();
    open(STD_TX, &mut out);
    write_struct(Own::StdTx.index(), Some(rest), 0, &mut out)?;
    out.push('}');
    Ok(out)
}

fn open(name: &str, out: &mut String) {
    out.push_str("{\"type\":");
    write_text(name, out);
    out.push_str(",\"value\":");
}

/// What stands in the bytes for one field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found<'a> {
    Absent,
    Varint(u64),
    /// Of a packed list, all of it.
    Bytes(&'a [u8]),
    /// Of another list, each element.
    Items(Vec<&'a [u8]>),
}

/// What stands for each field.
fn fields<'a>(slots: &[Slot], bytes: &'a [u8]) -> Result<Vec<Found<'a>>, BinaryError> {
    let mut reader = Reader::new(bytes);
    let mut last = 0;
    let read = |slot: &Slot| {
        let found = match (&slot.kind, slot.is_unpacked()) {
            (Kind::None(why), _) => Err(BinaryError::new(*why)),
            (_, true) => items(&mut reader, slot.number),
            (_, false) => single(&mut reader, slot, &mut last),
        };
        found.map_err(|error| error.within(&slot.key))
    };
    let found = slots.iter().map(read).collect::<Result<_, _>>()?;
    while let Some((number, raw)) = reader.next_field()? {
        last = ascending(last, number)?;
        if raw == Raw::Group {
            return Err(wrong_wire_type(&raw));
        }
    }
    Ok(found)
}

fn ascending(last: u32, number: u32) -> Result<u32, BinaryError> {
    if number <= last {
        return Err(BinaryError::new(format!("field {number} follows field {last}")));
    }
    Ok(number)
}

fn items<'a>(reader: &mut Reader<'a>, number: u32) -> Result<Found<'a>, BinaryError> {
    let mut items = Vec::new();
    while !reader.is_empty() {
        let mut ahead = *reader;
        match ahead.next_field()? {
            Some((found, Raw::Bytes(item))) if found == number => items.push(item),
            Some((found, raw)) if found == number => return Err(wrong_wire_type(&raw)),
            Some((found, _)) if found < number => {
                return Err(BinaryError::new(format!("field {found} stands where {number} or greater must")));
            }
            _ => break,
        }
        *reader = ahead;
    }
    Ok(Found::Items(items))
}

fn single<'a>(reader: &mut Reader<'a>, slot: &Slot, last: &mut u32) -> Result<Found<'a>, BinaryError> {
    let mut ahead = *reader;
    let Some((number, raw)) = ahead.next_field()? else { return Ok(Found::Absent) };
    if number > slot.number {
        return Ok(Found::Absent);
    }
    *last = ascending(*last, number)?;
    if number < slot.number {
        return Err(BinaryError::new(format!("field {number} stands where {} or greater must", slot.number)));
    }
    *reader = ahead;
    match raw {
        Raw::Varint(value) if slot.kind.is_varint() && !slot.repeated => Ok(Found::Varint(value)),
        Raw::Bytes(bytes) if slot.repeated || !slot.kind.is_varint() => Ok(Found::Bytes(bytes)),
        other => Err(wrong_wire_type(&other)),
    }
}

fn wrong_wire_type(raw: &Raw<'_>) -> BinaryError {
    BinaryError::new(format!("{} is not the wire type of the field", raw.wire_name()))
}

/// A struct; `None` is one that Go left as it begins, whose times are of year 1, not 1970.
fn write_struct(index: usize, bytes: Option<&[u8]>, depth: usize, out: &mut String) -> Written {
    let depth = deeper(depth)?;
    let slots = LAYOUTS.get(index).map(Vec::as_slice).unwrap_or_default();
    let found = fields(slots, bytes.unwrap_or_default())?;
    let mut comma = "";
    out.push('{');
    for (slot, found) in slots.iter().zip(found) {
        if slot.omit_empty && is_empty(slot, &found) {
            required(slot, &found).map_err(|error| error.within(&slot.key))?;
            continue;
        }
        out.push_str(comma);
        comma = ",";
        write_text(&slot.key, out);
        out.push(':');
        write_slot(slot, found, bytes.is_none(), depth, out).map_err(|error| error.within(&slot.key))?;
        bounded(out.len())?;
    }
    out.push('}');
    Ok(())
}

fn is_empty(slot: &Slot, found: &Found<'_>) -> bool {
    match found {
        Found::Absent => true,
        Found::Varint(value) => *value == 0 && !slot.pointer,
        Found::Bytes(bytes) => bytes.is_empty() && (slot.repeated || matches!(slot.kind, Kind::Text | Kind::Bytes)),
        Found::Items(items) => items.is_empty(),
    }
}

fn required(slot: &Slot, found: &Found<'_>) -> Written {
    match (&slot.kind, found) {
        (Kind::Named { required: true, accepts }, Found::Absent) => {
            Err(BinaryError::new(format!("it is absent: expected {}", accepts.shown())))
        }
        _ => Ok(()),
    }
}

fn write_slot(slot: &Slot, found: Found<'_>, zero: bool, depth: usize, out: &mut String) -> Written {
    required(slot, &found)?;
    let empty_list = if slot.brackets { "[]" } else { "null" };
    match found {
        Found::Absent if slot.repeated => out.push_str(empty_list),
        Found::Absent if slot.pointer => out.push_str("null"),
        Found::Absent => return write_absent(&slot.kind, zero, depth, out),
        Found::Items(items) if items.is_empty() => out.push_str(empty_list),
        Found::Items(items) => return write_items(slot, &items, depth, out),
        Found::Varint(value) => return write_varint(&slot.kind, value, out),
        Found::Bytes([]) if slot.repeated => out.push_str(empty_list),
        Found::Bytes(packed) if slot.repeated => return write_packed(&slot.kind, packed, out),
        Found::Bytes(bytes) => return write_value(&slot.kind, bytes, depth, out),
    }
    Ok(())
}

fn write_absent(kind: &Kind, zero: bool, depth: usize, out: &mut String) -> Written {
    match kind {
        Kind::Named { .. } | Kind::Oneof(_) => out.push_str("null"),
        Kind::Struct(index) => return write_struct(*index, None, depth, out),
        Kind::Time => write_time(if zero { GO_ZERO_SECONDS } else { 0 }, 0, out)?,
        kind if kind.is_varint() => return write_varint(kind, 0, out),
        kind => return write_value(kind, &[], depth, out),
    }
    Ok(())
}

fn write_items(slot: &Slot, items: &[&[u8]], depth: usize, out: &mut String) -> Written {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        // No bytes are what an element begins as: a pointer that points nowhere, an interface of nothing.
        let written = match &slot.kind {
            Kind::Struct(_) if item.is_empty() && slot.pointer => {
                out.push_str("null");
                Ok(())
            }
            Kind::Struct(index) if item.is_empty() => write_struct(*index, None, depth, out),
            Kind::Named { required: false, .. } if item.is_empty() => {
                out.push_str("null");
                Ok(())
            }
            kind => write_value(kind, item, depth, out),
        };
        written.map_err(|error| error.within(&format!("[{index}]")))?;
        bounded(out.len())?;
    }
    out.push(']');
    Ok(())
}

fn write_packed(kind: &Kind, bytes: &[u8], out: &mut String) -> Written {
    let mut reader = Reader::new(bytes);
    let mut before = '[';
    while !reader.is_empty() {
        out.push(before);
        before = ',';
        write_varint(kind, reader.varint()?, out)?;
        bounded(out.len())?;
    }
    out.push(']');
    Ok(())
}

fn write_varint(kind: &Kind, value: u64, out: &mut String) -> Written {
    let over = |_| BinaryError::new(format!("{value} does not fit into 32 bits"));
    match kind {
        Kind::Bool if value > 1 => return Err(BinaryError::new(format!("{value} is neither true nor false"))),
        Kind::Bool => out.push_str(if value == 0 { "false" } else { "true" }),
        Kind::Int32 => out.push_str(&i32::try_from(value as i64).map_err(over)?.to_string()),
        Kind::Uint32 => out.push_str(&u32::try_from(value).map_err(over)?.to_string()),
        Kind::Threshold => write_quoted(u32::try_from(value).map_err(over)?, out),
        Kind::Int64 => write_quoted(value as i64, out),
        _ => write_quoted(value, out),
    }
    Ok(())
}

fn write_value(kind: &Kind, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    let text = || std::str::from_utf8(bytes).map_err(|_| BinaryError::new("text that is not UTF-8"));
    if matches!(kind, Kind::Text | Kind::Bytes) {
        bounded(bytes.len())?;
    }
    match kind {
        Kind::Struct(index) => return write_struct(*index, Some(bytes), depth, out),
        Kind::Named { accepts, .. } => return write_named(accepts, bytes, deeper(depth)?, out),
        Kind::Oneof(members) => return write_member(members, bytes, deeper(depth)?, out),
        Kind::Text => write_text(text()?, out),
        Kind::Bytes if bytes.is_empty() => out.push_str("null"),
        Kind::Bytes => write_base64(bytes, out),
        Kind::Integer | Kind::Decimal if bytes.is_empty() => out.push_str("\"0\""),
        Kind::Integer => {
            scalars::check_int(text()?).map_err(BinaryError::new)?;
            write_text(text()?, out);
        }
        Kind::Decimal => write_text(&scalars::dec_to_text(text()?).map_err(BinaryError::new)?, out),
        Kind::Time => {
            let (seconds, nanos) = time(bytes)?;
            write_time(seconds, nanos, out)?;
        }
        Kind::Unopened => return Err(BinaryError::new(UNOPENED)),
        Kind::None(why) => return Err(BinaryError::new(*why)),
        kind => return write_varint(kind, Reader::new(bytes).varint()?, out),
    }
    Ok(())
}

/// Seconds and nanoseconds, in this order and each at most once.
fn time(bytes: &[u8]) -> Result<(i64, i32), BinaryError> {
    let (mut seconds, mut nanos, mut last) = (0, 0, 0);
    let mut reader = Reader::new(bytes);
    while let Some((number, raw)) = reader.next_field()? {
        last = ascending(last, number)?;
        match (number, raw) {
            (1, Raw::Varint(value)) => seconds = value as i64,
            (2, Raw::Varint(value)) => {
                let over = |_| BinaryError::new(format!("{value} are too many nanoseconds"));
                nanos = i32::try_from(value).map_err(over)?;
            }
            _ => return Err(WalkError::Wire("a time is seconds and nanoseconds").into()),
        }
    }
    Ok((seconds, nanos))
}

fn write_named(accepts: &Accepts, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    let (known, rest) = REGISTRY.prefixed(bytes, accepts)?;
    open(&known.name, out);
    match known.form {
        Form::Struct(index) => write_struct(index, Some(rest), depth, out)?,
        Form::Key(len) => {
            let key = u8::try_from(len).ok().and_then(|len| rest.strip_prefix(&[len])).filter(|key| key.len() == len);
            let key = key.ok_or_else(|| BinaryError::new(format!("{} has {len} bytes", known.name)))?;
            write_base64(key, out);
        }
    }
    out.push('}');
    Ok(())
}

fn write_member(members: &[Member], bytes: &[u8], depth: usize, out: &mut String) -> Written {
    let (disamb, prefix, rest) = split(bytes)?;
    let is = |member: &&Member| {
        let (own_disamb, own_prefix) = disfix(&member.name);
        own_prefix == prefix && disamb.is_none_or(|disamb| disamb == own_disamb)
    };
    let member = members.iter().find(is);
    let member = member.ok_or_else(|| BinaryError::new(format!("no member of the oneof begins with {prefix:02X?}")))?;
    open(&member.name, out);
    out.push('{');
    for found in fields(std::slice::from_ref(&member.slot), rest)? {
        if !(member.slot.omit_empty && is_empty(&member.slot, &found)) {
            write_text(&member.slot.key, out);
            out.push(':');
            write_slot(&member.slot, found, false, depth, out).map_err(|error| error.within(&member.slot.key))?;
        }
    }
    out.push_str("}}");
    Ok(())
}
