//! Values as people write them on a command line, into the SDK's JSON.

use anyhow::{anyhow, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_core::{Coin, Coins, Dec};
use openledger_proto::walker::schema::{Field, Kind, Label};
use openledger_proto::walker::SCHEMA;
use serde_json::{json, Value};

/// What a help says of them.
pub const HELP: &str = "\
Fields are given in order or by their flags. Coins are written 10aopen, bytes in base64, as 0x… or as @FILE, lists with commas or as
JSON, other messages as JSON or the path of a file with it.";

const COIN: &str = "cosmos.base.v1beta1.Coin";
const VOTE_OPTION: &str = "cosmos.gov.v1.WeightedVoteOption";

/// Whether a message is a coin, which has a form of its own.
pub fn is_coin(index: usize) -> bool {
    SCHEMA.messages.get(index).is_some_and(|message| message.full_name == COIN)
}

/// A field's JSON from what was written.
pub fn read(field: &Field, text: &str) -> Result<Value> {
    let repeated = matches!(field.label, Label::Repeated(_));
    if repeated && text.trim_start().starts_with('[') || field.label == Label::Map {
        return Ok(serde_json::from_str(text)?);
    }
    if let (true, Kind::Message(index)) = (repeated, field.kind) {
        if is_coin(index) {
            let coins: Coins = text.parse().map_err(|error| anyhow!("{error}"))?;
            return Ok(coins.iter().map(coin).collect());
        }
        if SCHEMA.messages.get(index).is_some_and(|message| message.full_name == VOTE_OPTION) {
            return text.split(',').map(vote_option).collect::<Result<Vec<_>>>().map(Value::Array);
        }
    }
    if repeated {
        let parts = text.split(',').filter(|part| !part.is_empty());
        return parts.map(|part| one(field.kind, part.trim())).collect::<Result<Vec<_>>>().map(Value::Array);
    }
    one(field.kind, text)
}

fn one(kind: Kind, text: &str) -> Result<Value> {
    Ok(match kind {
        Kind::Bool => Value::Bool(text.parse().context("write true or false")?),
        Kind::Bytes => Value::String(BASE64.encode(bytes(text)?)),
        Kind::Message(index) if is_coin(index) => {
            coin(&text.parse::<Coin>().map_err(|error| anyhow!("{error}: write e.g. 10aopen"))?)
        }
        Kind::Enum(index) => Value::String(enum_value(index, text)),
        Kind::Message(_) => message(text)?,
        _ => Value::String(text.into()),
    })
}

/// JSON, or the file that has it: `@FILE`, or its path alone, as `simd` takes it.
fn message(text: &str) -> Result<Value> {
    let path = text.strip_prefix('@').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[', '"']) || path == text && !std::path::Path::new(path).is_file() {
        return serde_json::from_str(text).with_context(|| format!("{text:?} is neither JSON nor a file"));
    }
    let content = std::fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    serde_json::from_str(&content).with_context(|| format!("{path} is not JSON"))
}

/// A value of an enum by its name, or by what distinguishes it from the others in any case and with hyphens: `no-with-veto` is
/// `VOTE_OPTION_NO_WITH_VETO`.
fn enum_value(index: usize, text: &str) -> String {
    let names = SCHEMA.enums.get(index).map(|all| all.values.as_slice()).unwrap_or_default();
    let Some((first, _)) = names.first() else { return text.into() };
    let common = names.iter().fold(first.len(), |common, (name, _)| {
        first.bytes().zip(name.bytes()).take(common).take_while(|(a, b)| a == b).count()
    });
    let prefix =
        first.get(..common).and_then(|same| same.rfind('_').and_then(|at| same.get(..=at))).unwrap_or_default();
    let full = format!("{prefix}{}", text.to_uppercase().replace('-', "_"));
    if names.iter().any(|(name, _)| *name == full) {
        full
    } else {
        text.into()
    }
}

/// A part of a divided vote: `yes=0.6`. Its weight has 18 places on the wire, as the SDK writes it.
fn vote_option(text: &str) -> Result<Value> {
    let (option, weight) = text.split_once('=').with_context(|| format!("{text:?} is not like yes=0.6"))?;
    let weight: Dec = weight.trim().parse().map_err(|error| anyhow!("the weight {weight:?}: {error}"))?;
    let option = format!("VOTE_OPTION_{}", option.trim().to_uppercase().replace('-', "_"));
    Ok(json!({"option": option, "weight": weight.to_string()}))
}

fn coin(coin: &Coin) -> Value {
    json!({"denom": coin.denom, "amount": coin.amount.to_string()})
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    if let Some(path) = text.strip_prefix('@') {
        return std::fs::read(path).with_context(|| format!("reading {path}"));
    }
    match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).context("after 0x come hexadecimal digits, two a byte"),
        None => BASE64.decode(text).context("write bytes in base64, as 0x and hexadecimal digits, or as @file"),
    }
}
