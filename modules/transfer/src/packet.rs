//! What a transfer's packet says, as the bytes that every ICS-20 chain writes.
//!
//! ibc-go marshals the protobuf message as JSON, sorts its keys and leaves an empty memo out; Go's JSON writes `<`, `>`, `&` and the
//! two line separators as escapes. The counterparty proves these bytes, so they are written here exactly so.
//!
//! Reading is as strict as ibc-go's: fields that ICS-20 does not have are refused. Amounts are decimal: ibc-go also reads Go's other
//! notations (`0x10`, `010` as eight), which no chain writes and on which chains would differ; they are refused.

use cosmwasm_std::Uint256;
use openledger_core::coin::parse_amount;
use openledger_core::Result;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::denom::check_packet_denom;
use crate::error::{IbcError, TransferError};

/// The longest receiver a message may name, in bytes.
pub const MAX_RECEIVER_BYTES: usize = 2_048;
/// The longest memo of a message, in bytes.
pub const MAX_MEMO_BYTES: usize = 32_768;

/// The data of a transfer's packet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PacketData {
    /// The token's whole trace, as the sender's chain sees it.
    #[serde(deserialize_with = "text")]
    pub denom: String,
    /// How much of it.
    #[serde(deserialize_with = "text")]
    pub amount: String,
    /// Who sent it, in the sender's chain's form.
    #[serde(deserialize_with = "text")]
    pub sender: String,
    /// Who gets it, in the receiver's chain's form.
    #[serde(deserialize_with = "text")]
    pub receiver: String,
    /// Whatever else.
    #[serde(deserialize_with = "text")]
    pub memo: String,
}

/// Protobuf's JSON takes `null` for what is absent.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

impl PacketData {
    /// Reads a packet's bytes; the text says why they are none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice(bytes).map_err(|error| error.to_string())? {
            Value::Null => Ok(Self::default()),
            // Of an array, serde would take the fields in order.
            fields @ Value::Object(_) => serde_json::from_value(fields).map_err(|error| error.to_string()),
            _ => Err("packet data are an object".into()),
        }
    }

    /// The bytes that are sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let fields = [
            ("amount", &self.amount),
            ("denom", &self.denom),
            ("memo", &self.memo),
            ("receiver", &self.receiver),
            ("sender", &self.sender),
        ];
        let written = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let written: Vec<String> = written.map(|(name, value)| format!("\"{name}\":{}", quoted(value))).collect();
        format!("{{{}}}", written.join(",")).into_bytes()
    }

    /// What the memo holds under a key, where it is a JSON object that has it.
    pub fn memo_field(&self, key: &str) -> Option<Value> {
        serde_json::from_str::<Map<String, Value>>(&self.memo).ok()?.remove(key)
    }

    /// What a receiver checks before anything else; the amount.
    pub fn check(&self) -> Result<Uint256> {
        let amount = read_amount(&self.amount)?;
        if amount.is_zero() {
            return Err(
                TransferError::InvalidAmount(format!("amount must be strictly positive: got {}", self.amount)).into()
            );
        }
        if self.sender.trim().is_empty() {
            return Err(IbcError::InvalidAddress("sender address cannot be blank".into()).into());
        }
        if self.receiver.trim().is_empty() {
            return Err(IbcError::InvalidAddress("receiver address cannot be blank".into()).into());
        }
        check_packet_denom(&self.denom)?;
        Ok(amount)
    }
}

/// Reads a packet's amount: decimal, without leading zeros.
pub fn read_amount(text: &str) -> Result<Uint256> {
    let plain = text == "0" || !text.starts_with('0');
    parse_amount(text).ok().filter(|_| plain).ok_or_else(|| {
        TransferError::InvalidAmount(format!("unable to parse transfer amount ({text}) into math.Int")).into()
    })
}

/// A JSON string as Go's `encoding/json` writes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
