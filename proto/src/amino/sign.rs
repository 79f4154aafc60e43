//! The documents that are signed as amino JSON: a transaction's (`StdSignDoc`), and ADR-036's over arbitrary data.
//!
//! Source: `cosmossdk.io/x/tx` v0.13.8 `signing/aminojson/aminojson.go`; ADR-036 as Keplr's `signArbitrary` makes it.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::Value;

use super::encode::{value, write_any, write_message};
use super::text::write_text;
use crate::cosmos::base::v1beta1::Coin;
use crate::cosmos::tx::v1beta1::{Fee, TxBody};
use crate::walker::{self, WalkError, SCHEMA};
use crate::{Message as _, Name as _};

/// Whose signature a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer<'a> {
    /// The chain.
    pub chain_id: &'a str,
    /// The signer's account number.
    pub account_number: u64,
    /// The signer's sequence.
    pub sequence: u64,
}

/// Why a transaction cannot be signed as amino JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AminoError {
    /// The document would not say all that the body does.
    #[error("SIGN_MODE_LEGACY_AMINO_JSON does not support protobuf extension options: invalid request")]
    ExtensionOptions,
    /// A message has no amino JSON, or the body has fields that the document would leave out.
    #[error(transparent)]
    Walk(#[from] WalkError),
}

/// What all signers of a transaction sign alike: the document but for account number and sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    fee: String,
    memo: String,
    msgs: String,
    timeout_height: u64,
}

impl Shared {
    /// Of a transaction with this body (its bytes as they will be sent) and fee. Refuses what the document would leave out: unknown
    /// fields, non-critical ones too (ADR-020), and extension options.
    pub fn new(body_bytes: &[u8], fee: &Fee) -> Result<Self, AminoError> {
        walker::reject_unknown(&TxBody::full_name(), body_bytes, false)?;
        let body = TxBody::decode(body_bytes).map_err(|_| WalkError::Wire("the body is no TxBody"))?;
        if !body.extension_options.is_empty() || !body.non_critical_extension_options.is_empty() {
            return Err(AminoError::ExtensionOptions);
        }
        let mut msgs = String::from("[");
        for (index, message) in body.messages.iter().enumerate() {
            if index > 0 {
                msgs.push(',');
            }
            write_any(&message.type_url, &message.value, 0, &mut msgs)?;
        }
        msgs.push(']');
        Ok(Self { fee: fee_text(fee)?, memo: quoted(&body.memo), msgs, timeout_height: body.timeout_height })
    }

    /// The bytes for one signer, whose SHA-256 is what a secp256k1 key signs.
    pub fn bytes(&self, signer: Signer<'_>) -> Vec<u8> {
        let Self { fee, memo, msgs, timeout_height } = self;
        let Signer { account_number, sequence, .. } = signer;
        let chain_id = quoted(signer.chain_id);
        let mut out = format!(
            "{{\"account_number\":\"{account_number}\",\"chain_id\":{chain_id},\"fee\":{fee},\"memo\":{memo},\"msgs\":{msgs},\"sequence\":\"{sequence}\""
        );
        if *timeout_height > 0 {
            out.push_str(&format!(",\"timeout_height\":\"{timeout_height}\""));
        }
        out.push('}');
        out.into_bytes()
    }
}

/// The document (`StdSignDoc`) of a transaction with this body and fee for one signer, refused as [`Shared::new`] refuses it.
pub fn sign_doc(signer: Signer<'_>, body_bytes: &[u8], fee: &Fee) -> Result<Value, AminoError> {
    let bytes = sign_bytes(signer, body_bytes, fee)?;
    Ok(value(&String::from_utf8_lossy(&bytes))?)
}

/// The bytes of [`sign_doc`].
pub fn sign_bytes(signer: Signer<'_>, body_bytes: &[u8], fee: &Fee) -> Result<Vec<u8>, AminoError> {
    Ok(Shared::new(body_bytes, fee)?.bytes(signer))
}

/// The bytes that a wallet signs over data that is no transaction (ADR-036, `sign/MsgSignData`). They are no transaction's on any
/// chain: chain id, account number, sequence, fee and gas are empty. `signer` is the address in bech32.
pub fn adr036_sign_bytes(signer: &str, data: &[u8]) -> Vec<u8> {
    let (data, signer) = (quoted(&STANDARD.encode(data)), quoted(signer));
    let document = Shared {
        fee: "{\"amount\":[],\"gas\":\"0\"}".to_owned(),
        memo: quoted(""),
        msgs: format!("[{{\"type\":\"sign/MsgSignData\",\"value\":{{\"data\":{data},\"signer\":{signer}}}}}]"),
        timeout_height: 0,
    };
    document.bytes(Signer { chain_id: "", account_number: 0, sequence: 0 })
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_text(text, &mut out);
    out
}

/// `StdFee`: payer and granter where they are named.
fn fee_text(fee: &Fee) -> Result<String, WalkError> {
    let coin = SCHEMA.message(&Coin::full_name()).ok_or_else(|| WalkError::UnknownType(Coin::full_name()))?;
    let mut out = String::from("{\"amount\":[");
    for (index, amount) in fee.amount.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_message(coin, &amount.encode_to_vec(), 0, &mut out)?;
    }
    out.push_str(&format!("],\"gas\":\"{}\"", fee.gas_limit));
    for (key, who) in [("granter", &fee.granter), ("payer", &fee.payer)] {
        if !who.is_empty() {
            out.push_str(&format!(",\"{key}\":"));
            write_text(who, &mut out);
        }
    }
    out.push('}');
    Ok(out)
}
