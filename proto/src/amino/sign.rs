//! The documents that are signed as amino JSON: a transaction's (`StdSignDoc`), and ADR-036's over arbitrary data.
//!
//! Source: `cosmossdk.io/x/tx` v0.13.8 `signing/aminojson/aminojson.go`; ADR-036 as Keplr's `signArbitrary` makes it.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::{Map, Value};

use super::encode::{any_json, object};
use super::text::text;
use crate::cosmos::base::v1beta1::Coin;
use crate::cosmos::tx::v1beta1::{Fee, TxBody};
use crate::walker::{self, WalkError};
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

/// The document of a transaction with this body (its bytes as they will be sent) and fee, for one signer. Refuses what the document
/// would leave out: unknown fields, non-critical ones too (ADR-020), and extension options.
pub fn sign_doc(signer: Signer<'_>, body_bytes: &[u8], fee: &Fee) -> Result<Value, AminoError> {
    walker::reject_unknown(&TxBody::full_name(), body_bytes, false)?;
    let body = TxBody::decode(body_bytes).map_err(|_| WalkError::Wire("the body is no TxBody"))?;
    if !body.extension_options.is_empty() || !body.non_critical_extension_options.is_empty() {
        return Err(AminoError::ExtensionOptions);
    }
    let messages = body.messages.iter().map(|message| any_json(&message.type_url, &message.value));
    let msgs = messages.collect::<Result<Value, _>>()?;
    Ok(document(signer, fee_json(fee)?, &body.memo, msgs, body.timeout_height))
}

/// The bytes of [`sign_doc`], whose SHA-256 is what a secp256k1 key signs.
pub fn sign_bytes(signer: Signer<'_>, body_bytes: &[u8], fee: &Fee) -> Result<Vec<u8>, AminoError> {
    Ok(text(&sign_doc(signer, body_bytes, fee)?).into_bytes())
}

/// The bytes that a wallet signs over data that is no transaction (ADR-036, `sign/MsgSignData`). They are no transaction's on any
/// chain: chain id, account number, sequence, fee and gas are empty. `signer` is the address in bech32.
pub fn adr036_sign_bytes(signer: &str, data: &[u8]) -> Vec<u8> {
    let nobody = Signer { chain_id: "", account_number: 0, sequence: 0 };
    let value = object([("data", Value::String(STANDARD.encode(data))), ("signer", Value::String(signer.to_owned()))]);
    let message = object([("type", Value::String("sign/MsgSignData".to_owned())), ("value", value)]);
    let fee = object([("amount", Value::Array(Vec::new())), ("gas", Value::String("0".to_owned()))]);
    text(&document(nobody, fee, "", Value::Array(vec![message]), 0)).into_bytes()
}

/// `StdSignDoc`, its members sorted.
fn document(signer: Signer<'_>, fee: Value, memo: &str, msgs: Value, timeout_height: u64) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("account_number", Value::String(signer.account_number.to_string()));
    put("chain_id", Value::String(signer.chain_id.to_owned()));
    put("fee", fee);
    put("memo", Value::String(memo.to_owned()));
    put("msgs", msgs);
    put("sequence", Value::String(signer.sequence.to_string()));
    if timeout_height > 0 {
        put("timeout_height", Value::String(timeout_height.to_string()));
    }
    Value::Object(out)
}

/// `StdFee`: payer and granter where they are named.
fn fee_json(fee: &Fee) -> Result<Value, WalkError> {
    let coins = fee.amount.iter().map(|coin| super::json(&Coin::full_name(), &coin.encode_to_vec()));
    let mut out = Map::new();
    out.insert("amount".to_owned(), coins.collect::<Result<Value, _>>()?);
    out.insert("gas".to_owned(), Value::String(fee.gas_limit.to_string()));
    for (key, who) in [("granter", &fee.granter), ("payer", &fee.payer)] {
        if !who.is_empty() {
            out.insert(key.to_owned(), Value::String(who.clone()));
        }
    }
    Ok(Value::Object(out))
}
