//! Values as people write them on a command line, into the SDK's JSON.

use anyhow::{anyhow, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_core::{Coin, Coins};
use openledger_proto::walker::schema::{Field, Kind, Label};
use openledger_proto::walker::SCHEMA;
use serde_json::{json, Value};

/// What a help says of them.
pub const HELP: &str = "\
Fields are given in order or by their flags. Coins are written 10aopen, bytes in base64, as 0x… or as @FILE, lists with commas or as
JSON, other messages as JSON.";

const COIN: &str = "cosmos.base.v1beta1.Coin";

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
        Kind::Message(_) => serde_json::from_str(text).with_context(|| format!("{text:?} is not JSON"))?,
        _ => Value::String(text.into()),
    })
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
