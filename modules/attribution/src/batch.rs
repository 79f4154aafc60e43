//! Reading a batch of receipts with their claims: all that can be refused without the chain's state.

use cosmwasm_std::Uint256;
use openledger_core::wire;
use openledger_core::Result;
use openledger_proto::openledger::attribution::v1 as proto;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::codec::Encode;
use openledger_provenance::content::ContentOpening;
use openledger_provenance::receipt::Receipt;
use openledger_provenance::transcript::ReceiptKey;
use openledger_provenance::Hash;

use crate::error::AttributionError;
use crate::types::Check;

/// Most receipts whose segments are opened on arrival.
pub const MAX_RECEIPTS_EXISTENCE: usize = 64;
/// Most receipts with claims only.
pub const MAX_RECEIPTS_CLAIMS_ONLY: usize = 256;
/// Most bytes of a message that settles or replaces.
pub const MAX_BATCH_BYTES: usize = 700_000;

/// A receipt, the claim for it, and what was opened for it.
pub(crate) struct Claimed {
    pub receipt: Receipt,
    pub claim: Claim,
    /// What is given back of the fee.
    pub credit: Uint256,
    /// With existence checks only.
    pub published: Option<Published>,
}

/// What an existence check needs.
pub(crate) struct Published {
    pub transcript: Vec<u8>,
    pub key: ReceiptKey,
    pub openings: Vec<ContentOpening>,
}

/// Reads receipts and claims, in the shape that `check` asks for.
pub(crate) fn read(receipts: &[proto::ClaimedReceipt], check: Check, message_bytes: usize) -> Result<Vec<Claimed>> {
    let most = match check {
        Check::Existence => MAX_RECEIPTS_EXISTENCE,
        Check::ClaimsOnly => MAX_RECEIPTS_CLAIMS_ONLY,
    };
    if receipts.is_empty() || receipts.len() > most {
        let text = format!("a batch has 1 to {most} receipts when checked so, not {}", receipts.len());
        return Err(AttributionError::TooLarge(text).into());
    }
    if message_bytes > MAX_BATCH_BYTES {
        let text = format!("{message_bytes} bytes of receipts and claims are over the limit of {MAX_BATCH_BYTES}");
        return Err(AttributionError::TooLarge(text).into());
    }
    receipts.iter().map(|receipt| read_claimed(receipt, check)).collect()
}

fn read_claimed(claimed: &proto::ClaimedReceipt, check: Check) -> Result<Claimed> {
    let receipt = claimed.receipt.as_ref().ok_or_else(|| AttributionError::Invalid("a receipt is missing".into()))?;
    let receipt = read_receipt(receipt)?;
    let segment = |s: &proto::Segment| Segment { start: s.start, count: s.count, source: s.source, offset: s.offset };
    let claim = Claim { segments: claimed.segments.iter().map(segment).collect() };
    let published = match check {
        Check::Existence => Some(read_published(claimed, receipt.index)?),
        Check::ClaimsOnly => {
            let nothing =
                claimed.transcript.is_empty() && claimed.receipt_key.is_empty() && claimed.openings.is_empty();
            if !nothing {
                let reason = "claims only carry no transcript, key or openings".into();
                return Err(AttributionError::Existence { index: receipt.index, reason }.into());
            }
            None
        }
    };
    let credit = match claimed.credit.as_str() {
        "" => Uint256::zero(),
        text => wire::amount("credit", text)?,
    };
    let fee = Uint256::from_be_bytes(receipt.fee);
    if credit > fee {
        return Err(AttributionError::Credit(format!(
            "{credit} of receipt {} is more than its fee of {fee}",
            receipt.index
        ))
        .into());
    }
    Ok(Claimed { receipt, claim, credit, published })
}

fn read_receipt(receipt: &proto::Receipt) -> Result<Receipt> {
    let read = Receipt {
        index: receipt.index,
        model_version: receipt.model_version,
        corpus_height: receipt.corpus_height,
        prompt_len: receipt.prompt_len,
        transcript_len: receipt.transcript_len,
        transcript_root: wire::hash("transcript_root", &receipt.transcript_root)?,
        fee: wire::amount("fee", &receipt.fee)?.to_be_bytes(),
    };
    read.check().map_err(|error| AttributionError::Receipt { index: receipt.index, reason: error.to_string() })?;
    Ok(read)
}

fn read_published(claimed: &proto::ClaimedReceipt, index: u64) -> Result<Published> {
    let key: Hash = wire::hash("receipt_key", &claimed.receipt_key)?;
    let opening = |bytes: &Vec<u8>| {
        let refused = |error: openledger_provenance::codec::DecodeError| AttributionError::Existence {
            index,
            reason: error.to_string(),
        };
        ContentOpening::decode(bytes).map_err(refused)
    };
    let openings = claimed.openings.iter().map(opening).collect::<Result<_, _>>()?;
    Ok(Published { transcript: claimed.transcript.clone(), key: ReceiptKey(key), openings })
}
