//! Acknowledgements: what a receiving chain says of a packet, in the bytes that ibc-go writes.
//!
//! Source: ibc-go v8 `modules/core/04-channel/types/acknowledgement.go`. An error's text has the code alone, since texts may differ
//! between versions of a program and acknowledgements are proven.

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_core::{Error, Result};
use serde::Deserialize;

use crate::error::IbcError;
use crate::packet::quoted;

/// What the counterparty answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ack {
    /// It worked.
    Result(Vec<u8>),
    /// It did not; whatever was sent is to be given back.
    Error(String),
    /// Neither, `{}`: ibc-go takes it, and does nothing.
    Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    result: Option<String>,
    error: Option<String>,
}

impl Ack {
    /// The answer of a transfer that worked: one byte, 1.
    pub fn success() -> Self {
        Self::Result(vec![1])
    }

    /// The answer of one that failed.
    pub fn failure(error: &Error) -> Self {
        Self::Error(format!("ABCI code: {}: error handling packet: see events for details", error.code))
    }

    /// Whether it worked.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Result(_))
    }

    /// The bytes that are committed to.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Result(result) => format!("{{\"result\":\"{}\"}}", BASE64.encode(result)),
            Self::Error(error) => format!("{{\"error\":{}}}", quoted(error)),
            Self::Nothing => "{}".into(),
        }
        .into_bytes()
    }

    /// Reads an answer; refuses bytes that ibc-go would not have written for it.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let refuse = |why: String| {
            let text = format!("cannot unmarshal ICS-20 transfer packet acknowledgement: {why}");
            Error::from(IbcError::UnknownRequest(text))
        };
        let written: Written = serde_json::from_slice(bytes).map_err(|error| refuse(error.to_string()))?;
        let ack = match written {
            Written { result: Some(_), error: Some(_) } => return Err(refuse("both a result and an error".into())),
            Written { result: Some(result), .. } => {
                Self::Result(BASE64.decode(&result).map_err(|error| refuse(error.to_string()))?)
            }
            Written { error: Some(error), .. } => Self::Error(error),
            Written { .. } => Self::Nothing,
        };
        let expected = ack.to_bytes();
        if expected != bytes {
            let (expected, got) = (hex::encode_upper(&expected), hex::encode_upper(bytes));
            let text = format!("acknowledgement did not marshal to expected bytes: {expected} ≠ {got}");
            return Err(IbcError::InvalidType(text).into());
        }
        Ok(ack)
    }

    /// As Go's text form of the protobuf message shows it, in the attribute `acknowledgement`.
    pub fn text(&self) -> String {
        match self {
            Self::Result(result) => format!("result:\"{}\" ", escaped(result)),
            Self::Error(error) => format!("error:\"{}\" ", escaped(error.as_bytes())),
            Self::Nothing => String::new(),
        }
    }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out
}
