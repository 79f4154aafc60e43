//! The memo that says where a transfer goes on to.
//!
//! `{"forward": {"receiver", "port", "channel", "timeout", "retries", "next"}}`, as ibc-apps' `packet-forward-middleware` v8 reads it
//! (`types/forward.go`): `timeout` is nanoseconds or Go's text of a duration (`10m`), `next` the memo for the further chain, an object or
//! its text. Memos without `forward` are not for this layer; one that begins as an object, names `"forward"` and cannot be read is refused.

use openledger_core::Result;
use openledger_transfer::denom::{check_channel_id, check_port_id};
use serde_json::{Map, Value};

use crate::error::ForwardError;

/// How long the further chain has to receive a transfer where the memo does not say: ten minutes, in nanoseconds.
pub const DEFAULT_TIMEOUT_NANOS: u64 = 600_000_000_000;

/// Where a transfer goes on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memo {
    /// Who receives it there.
    pub receiver: String,
    /// This chain's port.
    pub port: String,
    /// This chain's channel.
    pub channel: String,
    /// How long it may take, in nanoseconds.
    pub timeout: u64,
    /// How often it is tried again after a timeout.
    pub retries: u8,
    /// The memo for the further chain; empty for none.
    pub next: String,
}

/// Reads a memo; `None` where it asks for no forward.
pub fn read(memo: &str) -> Result<Option<Memo>> {
    let forward = match serde_json::from_str::<Map<String, Value>>(memo) {
        Ok(mut memo) => memo.remove("forward"),
        // Whoever wrote it wanted a forward: the tokens are not to stay with a receiver who was only to pass them on.
        Err(error) if memo.trim_start().starts_with('{') && memo.contains("\"forward\"") => {
            return Err(wrong(&format!("the memo is no JSON: {error}")));
        }
        Err(_) => None,
    };
    let forward = match forward {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(forward)) => forward,
        Some(_) => return Err(wrong("forward is not an object")),
    };
    let text = |name: &str| match forward.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(wrong(&format!("{name} is {other}, not a text"))),
    };
    let (receiver, port, channel) = (text("receiver")?, text("port")?, text("channel")?);
    if receiver.is_empty() {
        return Err(wrong("receiver cannot be empty"));
    }
    check_port_id(&port).map_err(|error| wrong(&format!("port: {error}")))?;
    check_channel_id(&channel).map_err(|error| wrong(&format!("channel: {error}")))?;
    let retries = match forward.get("retries") {
        None | Some(Value::Null) => 0,
        Some(number) => number
            .as_u64()
            .and_then(|number| u8::try_from(number).ok())
            .ok_or_else(|| wrong(&format!("retries is {number}, not a number from 0 to 255")))?,
    };
    let (timeout, next) = (timeout(forward.get("timeout"))?, next(forward.get("next"))?);
    Ok(Some(Memo { receiver, port, channel, timeout, retries, next }))
}

fn timeout(value: Option<&Value>) -> Result<u64> {
    let nanos = match value {
        None | Some(Value::Null) => return Ok(DEFAULT_TIMEOUT_NANOS),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => duration(text),
        Some(_) => None,
    };
    match nanos.filter(|nanos| i64::try_from(*nanos).is_ok()) {
        // As ibc-apps reads it, nothing is the default.
        Some(0) => Ok(DEFAULT_TIMEOUT_NANOS),
        Some(nanos) => Ok(nanos),
        None => Err(wrong("timeout is neither nanoseconds nor a duration such as 10m")),
    }
}

fn next(value: Option<&Value>) -> Result<String> {
    let next = match value {
        None | Some(Value::Null) => return Ok(String::new()),
        Some(Value::String(text)) if text.is_empty() => return Ok(String::new()),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|error| wrong(&format!("next: {error}")))?,
        Some(other) => other.clone(),
    };
    if !next.is_object() {
        return Err(wrong("next is neither an object nor the text of one"));
    }
    check_numbers(&next)?;
    Ok(next.to_string())
}

/// Numbers that are no integers of 64 bits might be written otherwise than they were read.
fn check_numbers(value: &Value) -> Result<()> {
    match value {
        Value::Number(number) if number.is_f64() => Err(wrong(&format!("next: {number} is no integer of 64 bits"))),
        Value::Array(values) => values.iter().try_for_each(check_numbers),
        Value::Object(values) => values.values().try_for_each(check_numbers),
        _ => Ok(()),
    }
}

/// Go's text of a duration that is not negative, in nanoseconds: `1h30m`, `1.5h`, `500ms`.
fn duration(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    let mut sum = 0u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (digits, after) = rest.split_at(number);
        let length = after.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(length);
        let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        sum = sum.checked_add(whole.checked_mul(*nanos)?)?.checked_add(fraction(part, *nanos)?)?;
        rest = after;
    }
    Some(sum)
}

/// The decimals of a unit, rounded down.
fn fraction(digits: &str, unit: u64) -> Option<u64> {
    let (mut value, mut scale) = (0u128, 1u128);
    for digit in digits.chars().take(18) {
        value = value.checked_mul(10)?.checked_add(u128::from(digit.to_digit(10)?))?;
        scale = scale.checked_mul(10)?;
    }
    u64::try_from(value.checked_mul(u128::from(unit))?.checked_div(scale)?).ok()
}

fn wrong(text: &str) -> openledger_core::Error {
    ForwardError::Metadata(text.into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("10m", Some(600_000_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            ("1.5h", Some(5_400_000_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("+3µs2ns", Some(3_002)),
            ("", None),
            ("10", None),
            (".s", None),
            ("-1s", None),
            ("1d", None),
            ("1.2.3s", None),
            ("99999999999999h", None),
        ] {
            assert_eq!(duration(text), nanos, "{text}");
        }
    }

    #[test]
    fn memos_without_a_forward_are_not_for_this_layer_and_wrong_ones_are_refused() {
        for memo in ["", "hello", "[]", "{}", r#"{"wasm":{}}"#, r#""forward""#] {
            assert_eq!(read(memo).unwrap(), None, "{memo}");
        }
        let good = r#"{"forward":{"receiver":"r","port":"transfer","channel":"channel-1","timeout":"2m","retries":2,"next":{"b":1,"a":"x"}}}"#;
        let want = Memo {
            receiver: "r".into(),
            port: "transfer".into(),
            channel: "channel-1".into(),
            timeout: 120_000_000_000,
            retries: 2,
            next: r#"{"b":1,"a":"x"}"#.into(),
        };
        assert_eq!(read(good).unwrap(), Some(want.clone()));
        let as_text = good.replace(r#"{"b":1,"a":"x"}"#, r#""{\"b\":1,\"a\":\"x\"}""#);
        assert_eq!(read(&as_text).unwrap(), Some(want));
        let plain = r#"{"forward":{"receiver":"r","port":"transfer","channel":"channel-1"}}"#;
        let read_plain = read(plain).unwrap().unwrap();
        assert_eq!((read_plain.timeout, read_plain.retries, read_plain.next.as_str()), (DEFAULT_TIMEOUT_NANOS, 0, ""));
        for (from, to) in [
            (r#""receiver":"r""#, r#""receiver":"""#),
            (r#""port":"transfer""#, r#""port":"x""#),
            (r#""channel-1""#, r#""channel""#),
            (r#""channel-1""#, "7"),
            (r#""2m""#, r#""soon""#),
            (r#""2m""#, "-1"),
            (r#""retries":2"#, r#""retries":256"#),
            (r#"{"b":1,"a":"x"}"#, "5"),
            (r#"{"b":1"#, r#"{"b":1.5"#),
        ] {
            assert!(read(&good.replacen(from, to, 1)).is_err(), "{to}");
        }
        assert!(read(r#"{"forward":"r"}"#).is_err());
    }

    #[test]
    fn a_forward_that_is_null_is_none_and_one_that_cannot_be_read_is_refused() {
        assert_eq!(read(r#"{"forward":null}"#).unwrap(), None);
        for memo in [r#"{"forward":{"receiver":"r""#, r#" {"forward":{},}"#, r#"{'a':1,"forward":{}}"#] {
            assert!(read(memo).is_err(), "{memo}");
        }
        for memo in [r#"please "forward" this"#, "{forward}", "{"] {
            assert_eq!(read(memo).unwrap(), None, "{memo}");
        }
    }
}
