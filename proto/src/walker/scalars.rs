//! Text forms of values: `math.Int`, `math.LegacyDec`, time and duration, as Go's `jsonpb` writes and reads them.
//!
//! Integers only, each function total. Errors are reasons; the caller adds the field's path.

use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

/// 2^256 - 1, the bound of `math.Int` in both directions.
const MAX_INT: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
/// 2^315 - 1, the bound of `math.LegacyDec` counted in units of 10^-18.
const MAX_DEC: &str = "66749594872528440074844428317798503581334516323645399060845050244444366430645017188217565216767";
const DEC_PLACES: usize = 18;
const NANOS: i64 = 1_000_000_000;
/// Seconds of the largest `google.protobuf.Duration` (10,000 years).
const MAX_DURATION_SECONDS: i64 = 315_576_000_000;
/// Seconds from 1970 to the start of year 1: Go's zero time.
pub const GO_ZERO_SECONDS: i64 = -62_135_596_800;

type Reason = String;

/// Checks a `math.Int`: decimal digits with an optional minus, no leading zeros, within 256 bits.
pub fn check_int(text: &str) -> Result<(), Reason> {
    check_integer(text, MAX_INT, 256)
}

/// Checks a `math.LegacyDec` on the wire: units of 10^-18, within 315 bits.
pub fn check_units(text: &str) -> Result<(), Reason> {
    check_integer(text, MAX_DEC, 315)
}

fn check_integer(text: &str, max: &str, bits: u32) -> Result<(), Reason> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" && text == "0" || !digits.starts_with('0');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || !canonical {
        return Err(format!("{} is not an integer in decimal digits", shown(text)));
    }
    if (digits.len(), digits) > (max.len(), max) {
        return Err(format!("{} is out of range: at most {bits} bits", shown(text)));
    }
    Ok(())
}

/// A `LegacyDec` on the wire (units of 10^-18) to its 18 places.
pub fn dec_to_text(units: &str) -> Result<String, Reason> {
    check_units(units)?;
    let (sign, digits) = match units.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", units),
    };
    let padded = format!("{digits:0>19}");
    let (whole, places) = padded.split_at(padded.len().saturating_sub(DEC_PLACES));
    Ok(format!("{sign}{whole}.{places}"))
}

/// A decimal of at most 18 places to a `LegacyDec` on the wire.
pub fn dec_from_text(text: &str) -> Result<String, Reason> {
    let bad = || format!("{} is not a decimal such as 0.25", shown(text));
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, places) = match rest.split_once('.') {
        Some((_, "")) => return Err(bad()),
        Some(parts) => parts,
        None => (rest, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(places.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    if places.len() > DEC_PLACES {
        return Err(format!("{} has more than {DEC_PLACES} decimal places", shown(text)));
    }
    let units = format!("{whole}{places:0<18}");
    let units = units.trim_start_matches('0');
    if units.is_empty() {
        return Ok("0".to_owned());
    }
    let units = format!("{sign}{units}");
    check_units(&units)?;
    Ok(units)
}

/// RFC 3339 in UTC with 0, 3, 6 or 9 places.
pub fn timestamp_to_text(seconds: i64, nanos: i32) -> Result<String, Reason> {
    let bad = || format!("the time {seconds}s {nanos}ns is outside of the years 1 to 9999");
    if !(0..1_000_000_000).contains(&nanos) || seconds < GO_ZERO_SECONDS {
        return Err(bad());
    }
    let time = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| bad())?;
    let (date, clock) = (time.date(), time.time());
    let stem = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    );
    Ok(format!("{stem}{}Z", places(nanos.unsigned_abs())))
}

/// RFC 3339 with any offset and at most 9 places to (seconds, nanos).
pub fn timestamp_from_text(text: &str) -> Result<(i64, i32), Reason> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("{} is not a time in RFC 3339 such as 2026-01-31T12:00:00Z", shown(text)))?;
    let nanos = i32::try_from(time.nanosecond()).unwrap_or(0);
    Ok((time.unix_timestamp(), nanos))
}

/// Seconds with 0, 3, 6 or 9 places, and `s`.
pub fn duration_to_text(seconds: i64, nanos: i32) -> Result<String, Reason> {
    let signs_differ = (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0);
    let nanos_fit = nanos.unsigned_abs() < 1_000_000_000;
    if seconds.unsigned_abs() > MAX_DURATION_SECONDS.unsigned_abs() || !nanos_fit || signs_differ {
        return Err(format!("{seconds}s {nanos}ns is no duration: within 10,000 years, both of one sign"));
    }
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    Ok(format!("{sign}{}{}s", seconds.unsigned_abs(), places(nanos.unsigned_abs())))
}

fn places(nanos: u32) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    }
}

/// Go's `time.ParseDuration`: a sum of decimals with units (`1h30m`, `1.5s`, `-2ms`), within 64 bits of nanoseconds.
pub fn duration_from_text(text: &str) -> Result<(i64, i32), Reason> {
    let bad = || format!("{} is not a duration such as 1.5s or 336h", shown(text));
    let (negative, mut rest) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..).unwrap_or_default()),
        [b'+', ..] => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok((0, 0));
    }
    if rest.is_empty() {
        return Err(bad());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (nanos, after) = duration_part(rest).ok_or_else(bad)?;
        total = total.checked_add(nanos).ok_or_else(bad)?;
        rest = after;
    }
    let signed = if negative { total.checked_neg().ok_or_else(bad)? } else { total };
    let nanos = i64::try_from(signed).map_err(|_| bad())?;
    let part = i32::try_from(nanos.checked_rem(NANOS).unwrap_or(0)).unwrap_or(0);
    Ok((nanos.checked_div(NANOS).unwrap_or(0), part))
}

/// One decimal with its unit, in nanoseconds (rounded down), and what follows.
fn duration_part(text: &str) -> Option<(i128, &str)> {
    let number_len = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, rest) = text.split_at_checked(number_len)?;
    let unit_len = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(unit_len)?;
    let scale: i128 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // Beyond 18 places nothing is left of an hour in nanoseconds.
    let fraction = fraction.get(..fraction.len().min(18)).unwrap_or_default();
    let digits: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let divisor = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let nanos = whole.checked_mul(scale)?.checked_add(digits.checked_mul(scale)?.checked_div(divisor)?)?;
    Some((nanos, rest))
}

/// A text as an error shows it: quoted and cut.
pub fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(80).collect();
    if cut.len() < text.len() {
        cut.push_str("...");
    }
    format!("{cut:?}")
}
