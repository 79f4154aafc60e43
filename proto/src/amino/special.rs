//! Messages with an amino JSON of their own: times, durations, keys, multisigs and modules' accounts.
//!
//! Source: `cosmossdk.io/x/tx` v0.13.8 `signing/aminojson/{time,encoder}.go`.

use super::encode::{write_base64, write_list, write_quoted, Written};
use super::table::Field;
use super::text::write_text;
use crate::walker::json_out::{clock, concat, slots};
use crate::walker::schema::{self, Kind};
use crate::walker::wire::Raw;
use crate::walker::{message_at, scalars, WalkError};

/// The longest duration, in seconds, that the SDK signs: one below what 64 bits of nanoseconds hold.
const MAX_DURATION_SECONDS: i64 = i64::MAX / 1_000_000_000 - 1;

/// RFC 3339 with as many places as there are.
pub(super) fn write_timestamp(bytes: &[u8], out: &mut String) -> Written {
    let (seconds, nanos) = clock(bytes)?;
    write_time(seconds, nanos, out)
}

/// [`write_timestamp`] of what was read.
pub(super) fn write_time(seconds: i64, nanos: i32, out: &mut String) -> Written {
    let failed = |reason| WalkError::Json { path: "time".to_owned(), reason };
    let text = scalars::timestamp_to_text(seconds, nanos).map_err(failed)?;
    // 0, 3, 6 or 9 places, without the zeros at their end.
    let text = match text.trim_end_matches('Z').split_once('.') {
        Some((whole, places)) => format!("{whole}.{}Z", places.trim_end_matches('0')),
        None => text,
    };
    write_text(&text, out);
    Ok(())
}

/// Nanoseconds, as far as 64 bits hold them; seconds and the rest are of one sign, as Go demands when it decodes.
pub(super) fn write_duration(bytes: &[u8], out: &mut String) -> Written {
    let failed = |reason| WalkError::Json { path: "duration".to_owned(), reason };
    let (seconds, nanos) = clock(bytes)?;
    scalars::duration_to_text(seconds, nanos).map_err(failed)?;
    let total = seconds.checked_mul(1_000_000_000).and_then(|total| total.checked_add(i64::from(nanos)));
    let total = total.filter(|_| seconds <= MAX_DURATION_SECONDS);
    let overflow = || failed(format!("{seconds}s {nanos}ns would overflow 64 bits of nanoseconds"));
    write_quoted(total.ok_or_else(overflow)?, out);
    Ok(())
}

/// The values of the field with this name, and where it is.
fn named_values<'s, 'a>(
    message: &schema::Message,
    slots: &'s [Vec<Raw<'a>>],
    name: &str,
) -> (Option<usize>, &'s [Raw<'a>]) {
    let index = message.fields.iter().position(|field| field.name == name);
    (index, index.and_then(|index| slots.get(index)).map_or(&[], Vec::as_slice))
}

/// A key: the bytes of its field `key` alone.
pub(super) fn write_key(message: &schema::Message, bytes: &[u8], out: &mut String) -> Written {
    let slots = slots(message, bytes)?;
    match named_values(message, &slots, "key").1.last() {
        Some(Raw::Bytes(key)) if !key.is_empty() => write_base64(key, out),
        _ => out.push_str("null"),
    }
    Ok(())
}

/// A multisig: its threshold is text.
pub(super) fn write_threshold(message: &schema::Message, bytes: &[u8], depth: usize, out: &mut String) -> Written {
    let slots = slots(message, bytes)?;
    let (index, keys) = named_values(message, &slots, "public_keys");
    let field = index.and_then(|index| message.fields.get(index)).ok_or(WalkError::Wire("a multisig without keys"))?;
    out.push_str("{\"pubkeys\":");
    write_list(field, &Field::default(), keys, depth, out)?;
    out.push_str(",\"threshold\":");
    match named_values(message, &slots, "threshold").1.last() {
        Some(Raw::Varint(threshold)) => write_quoted(*threshold as u32, out),
        _ => write_quoted(0, out),
    }
    out.push('}');
    Ok(())
}

/// A module's account, as the SDK prints it: flat, its numbers not quoted.
pub(super) fn write_module_account(message: &schema::Message, bytes: &[u8], out: &mut String) -> Written {
    let outer = slots(message, bytes)?;
    let (index, base) = named_values(message, &outer, "base_account");
    let base_bytes = concat(base);
    let base = match index.and_then(|index| message.fields.get(index)).map(|field| field.kind) {
        Some(Kind::Message(index)) => message_at(index)?,
        _ => return Err(WalkError::Wire("a module account without a base account")),
    };
    let inner = slots(base, &base_bytes)?;
    let number = |name| match named_values(base, &inner, name).1.last() {
        Some(Raw::Varint(number)) => number.to_string(),
        _ => "0".to_owned(),
    };
    let text = |raw: Option<&Raw<'_>>, out: &mut String| {
        let bytes = match raw {
            Some(Raw::Bytes(bytes)) => *bytes,
            _ => &[],
        };
        write_text(std::str::from_utf8(bytes).map_err(|_| WalkError::Wire("text that is not UTF-8"))?, out);
        Ok::<(), WalkError>(())
    };
    out.push_str(&format!("{{\"account_number\":{},\"address\":", number("account_number")));
    text(named_values(base, &inner, "address").1.last(), out)?;
    out.push_str(",\"name\":");
    text(named_values(message, &outer, "name").1.last(), out)?;
    out.push_str(",\"permissions\":");
    match named_values(message, &outer, "permissions").1 {
        [] => out.push_str("null"),
        some => {
            for (index, permission) in some.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                text(Some(permission), out)?;
            }
            out.push(']');
        }
    }
    out.push_str(&format!(",\"public_key\":\"\",\"sequence\":{}}}", number("sequence")));
    Ok(())
}
