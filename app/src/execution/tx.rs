//! Transactions as bytes: strict decoding, once, into what every phase shares.
//!
//! Relies on the walker of `openledger-proto` for unknown fields (ADR-020), numbers and signers (`cosmos.msg.v1.signer`), and on the [`Router`]
//! for the messages. Guarantees that a [`Tx`] is canonical at its root (ADR-027), that all its messages are known and passed their
//! stateless checks, and that its signers are addresses. Nothing here depends on state. Source: Cosmos SDK v0.50 `x/auth/tx/decoder.go`.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use bytes::Bytes;
use openledger_core::router::AnyMsg;
use openledger_core::{Address, Error, Result, Router, SdkError};
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, SignerInfo, TxBody};
use openledger_proto::{amino, walker, Message as _, Name as _};
use sha2::{Digest, Sha256};

use super::signature_data::SignatureData;

/// The most messages a transaction may have.
pub const MAX_MESSAGES: usize = 1_000;

/// A decoded message with what its execution needs.
pub struct Message {
    /// Its type URL, by which the router finds the handler.
    pub type_url: String,
    /// The decoded message.
    pub decoded: AnyMsg,
    /// Who must sign it, in the order of the descriptor.
    pub signers: Vec<Address>,
}

/// A decoded transaction; shared by `Arc` between check, proposal and execution.
pub struct Tx {
    /// SHA-256 of the bytes, by which CometBFT knows it.
    pub hash: [u8; 32],
    /// How many bytes it has.
    pub size: usize,
    /// The body as it was signed.
    pub body_bytes: Bytes,
    /// The authentication info as it was signed.
    pub auth_info_bytes: Bytes,
    /// One signature a signer.
    pub signatures: Vec<Bytes>,
    /// For each signer's info, its signature as its mode says, or why it cannot be read.
    pub signature_data: Vec<Result<SignatureData, String>>,
    /// The decoded body; its messages are in [`Tx::messages`].
    pub body: TxBody,
    /// The decoded authentication info.
    pub auth_info: AuthInfo,
    /// The messages in order.
    pub messages: Vec<Message>,
    /// Who must sign: the messages' signers in order, each once, then the fee payer where it is another.
    pub signers: Vec<Address>,
    /// Who pays the fee: the named payer, or the first signer.
    pub fee_payer: Address,
    /// What signers in SIGN_MODE_LEGACY_AMINO_JSON sign alike, or why there is none; made when the first of them is verified.
    pub amino: OnceLock<Result<amino::Shared, String>>,
}

impl Tx {
    /// Decodes a transaction. The error is code 2 where the bytes are wrong, and a message's own where its stateless checks fail.
    pub fn decode(bytes: &Bytes, router: &Router) -> Result<Self> {
        Self::decode_hashed(hash(bytes), bytes, router)
    }

    /// [`Tx::decode`] of bytes whose [`hash`] is known.
    pub fn decode_hashed(hash: [u8; 32], bytes: &Bytes, router: &Router) -> Result<Self> {
        let raw = Raw::split(bytes).map_err(|why| Error::from(SdkError::TxDecode(why)))?;
        reject_undecodable(&TxBody::full_name(), &raw.body, true)?;
        reject_undecodable(&AuthInfo::full_name(), &raw.auth_info, false)?;
        let body = TxBody::decode(raw.body.clone()).map_err(parse_error)?;
        let auth_info = AuthInfo::decode(raw.auth_info.clone()).map_err(parse_error)?;
        let messages = decode_messages(&body, router)?;
        let (signers, fee_payer) = signers(&messages, &auth_info)?;
        let signature_data = signature_data(&auth_info, &raw.signatures);
        Ok(Self {
            hash,
            size: bytes.len(),
            body_bytes: raw.body,
            auth_info_bytes: raw.auth_info,
            signatures: raw.signatures,
            signature_data,
            body,
            auth_info,
            messages,
            signers,
            fee_payer,
            amino: OnceLock::new(),
        })
    }

    /// The gas that the sender allows, 0 where there is no fee.
    pub fn gas_limit(&self) -> u64 {
        self.auth_info.fee.as_ref().map_or(0, |fee| fee.gas_limit)
    }
}

/// The hash by which CometBFT knows a transaction.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn parse_error(error: impl std::fmt::Display) -> Error {
    SdkError::TxDecode(error.to_string()).into()
}

fn reject_undecodable(name: &str, bytes: &[u8], allow_non_critical: bool) -> Result<()> {
    // Whether there are non-critical ones matters to amino's sign mode alone, which looks again.
    walker::reject_undecodable(name, bytes, allow_non_critical).map(|_non_critical| ()).map_err(parse_error)
}

fn signature_data(auth_info: &AuthInfo, signatures: &[Bytes]) -> Vec<Result<SignatureData, String>> {
    let none = Bytes::new();
    let signatures = signatures.iter().chain(std::iter::repeat(&none));
    let read = |(info, signature): (&SignerInfo, &Bytes)| SignatureData::read(info.mode_info.as_ref(), signature);
    auth_info.signer_infos.iter().zip(signatures).map(read).collect()
}

fn decode_messages(body: &TxBody, router: &Router) -> Result<Vec<Message>> {
    if body.messages.is_empty() {
        return Err(SdkError::InvalidRequest("must contain at least one message".into()).into());
    }
    if body.messages.len() > MAX_MESSAGES {
        let text = format!("{} messages where at most {MAX_MESSAGES} are allowed", body.messages.len());
        return Err(SdkError::InvalidRequest(text).into());
    }
    let decode = |any: &openledger_proto::Any| {
        let route = router
            .msg_route(&any.type_url)
            .ok_or_else(|| SdkError::TxDecode(format!("unable to resolve type URL {}", any.type_url)))?;
        let decoded = route.decode(&any.value)?;
        let name = any.type_url.trim_start_matches('/');
        let signers = walker::signers(name, &any.value).map_err(parse_error)?;
        let signers = signers.iter().map(|text| Ok(Address::from_signer(text)?)).collect::<Result<Vec<_>>>()?;
        Ok(Message { type_url: any.type_url.clone(), decoded, signers })
    };
    body.messages.iter().map(decode).collect()
}

fn signers(messages: &[Message], auth_info: &AuthInfo) -> Result<(Vec<Address>, Address)> {
    let payer = auth_info.fee.as_ref().map_or("", |fee| fee.payer.as_str());
    let payer = match payer {
        "" => None,
        text => Some(
            text.parse::<Address>()
                .map_err(|error| SdkError::InvalidAddress(format!("Invalid fee payer address ({error})")))?,
        ),
    };
    let mut seen = BTreeSet::new();
    let all = messages.iter().flat_map(|message| &message.signers).chain(&payer);
    let signers: Vec<Address> = all.filter(|signer| seen.insert(*signer)).cloned().collect();
    let first = signers.first().cloned();
    let fee_payer = payer
        .clone()
        .or(first)
        .ok_or_else(|| SdkError::Unauthorized("the messages name nobody who must sign them".into()))?;
    Ok((signers, fee_payer))
}

/// The three fields of `TxRaw`, as slices of the transaction.
struct Raw {
    body: Bytes,
    auth_info: Bytes,
    signatures: Vec<Bytes>,
}

impl Raw {
    /// Splits the root of a transaction as ADR-027 demands: fields 1, 2 and any number of 3, in this order, each tag one byte, each
    /// length as short as can be. Stricter than the SDK in one point: fields 1 and 2 stand once, so that nobody can put a second
    /// body before the signed one and change the hash.
    fn split(bytes: &Bytes) -> Result<Self, String> {
        let mut raw = Self { body: Bytes::new(), auth_info: Bytes::new(), signatures: Vec::new() };
        let (mut at, mut previous) = (0usize, 0u8);
        while let Some(tag) = bytes.get(at).copied() {
            let (field, wire_type) = (tag >> 3, tag & 7);
            if wire_type != 2 {
                return Err(format!("expected 2 wire type, got {wire_type}"));
            }
            if field == 0 || field > 3 {
                return Err(format!("errUnknownField \"TxRaw\": {{TagNum: {field}, WireType:\"bytes\"}}"));
            }
            if field < previous || (field == previous && field != 3) {
                return Err(format!("txRaw must follow ADR-027, got tagNum {field} after tagNum {previous}"));
            }
            previous = field;
            let (start, end) = value_bounds(bytes, at.saturating_add(1), field)?;
            let value = bytes.slice(start..end);
            match field {
                1 => raw.body = value,
                2 => raw.auth_info = value,
                _ => raw.signatures.push(value),
            }
            at = end;
        }
        Ok(raw)
    }
}

/// Reads the length at `at`; where the value starts and ends.
fn value_bounds(bytes: &[u8], at: usize, field: u8) -> Result<(usize, usize), String> {
    let mut rest = bytes.get(at..).unwrap_or_default();
    let before = rest.len();
    let length = prost::encoding::decode_varint(&mut rest).map_err(|error| format!("invalid length; {error}"))?;
    let read = before.saturating_sub(rest.len());
    let needed = prost::encoding::encoded_len_varint(length);
    if read != needed {
        return Err(format!(
            "length prefix varint for tagNum {field} is not as short as possible, read {read}, only need {needed}"
        ));
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
    let length = length.ok_or_else(|| format!("invalid length; field {field} ends after the transaction"))?;
    let start = at.saturating_add(read);
    Ok((start, start.saturating_add(length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_proto::cosmos::tx::v1beta1::TxRaw;
    use proptest::prelude::*;

    #[test]
    fn the_root_is_canonical_or_refused() {
        let bad: &[&[u8]] = &[
            &[0x12, 0x00, 0x0a, 0x00], // auth info before body
            &[0x0a, 0x00, 0x0a, 0x00], // two bodies
            &[0x0a, 0x80, 0x00],       // a length of two bytes where one does
            &[0x0a, 0x05, 0x01],       // ends early
            &[0x08, 0x01],             // a varint
            &[0x22, 0x00],             // field 4
            &[0x8a, 0x00, 0x00],       // a tag of two bytes
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ];
        for bytes in bad {
            assert!(Raw::split(&Bytes::copy_from_slice(bytes)).is_err(), "{bytes:?}");
        }
        assert!(Raw::split(&Bytes::from_static(&[0x0a, 0x00, 0x1a, 0x01, 0x07, 0x1a, 0x00])).is_ok());
    }

    proptest! {
        #[test]
        fn what_prost_writes_is_split_alike(body: Vec<u8>, auth_info: Vec<u8>, signatures in prop::collection::vec(any::<Vec<u8>>(), 0..4)) {
            let raw = TxRaw { body_bytes: body.clone(), auth_info_bytes: auth_info.clone(), signatures: signatures.clone() };
            let split = Raw::split(&Bytes::from(raw.encode_to_vec())).unwrap();
            prop_assert_eq!(split.body.to_vec(), body);
            prop_assert_eq!(split.auth_info.to_vec(), auth_info);
            prop_assert_eq!(split.signatures.iter().map(|s| s.to_vec()).collect::<Vec<_>>(), signatures);
        }

        #[test]
        fn any_bytes_are_split_or_refused(bytes: Vec<u8>) {
            let _ = Raw::split(&Bytes::from(bytes));
        }
    }
}
