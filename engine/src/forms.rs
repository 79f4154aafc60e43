//! Receipts and claims between the forms that are computed with and those that messages carry.

use anyhow::{Context, Result};
use cosmwasm_std::Uint256;
use openledger_core::coin::parse_amount;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::receipt::Receipt;
use openledger_provenance::Hash;

/// A receipt as a message carries it.
pub fn receipt_message(receipt: &Receipt) -> pb::Receipt {
    pb::Receipt {
        index: receipt.index,
        model_version: receipt.model_version,
        corpus_height: receipt.corpus_height,
        prompt_len: receipt.prompt_len,
        transcript_len: receipt.transcript_len,
        transcript_root: receipt.transcript_root.to_vec(),
        fee: Uint256::from_be_bytes(receipt.fee).to_string(),
    }
}

/// Reads a receipt.
pub fn read_receipt(receipt: &pb::Receipt) -> Result<Receipt> {
    Ok(Receipt {
        index: receipt.index,
        model_version: receipt.model_version,
        corpus_height: receipt.corpus_height,
        prompt_len: receipt.prompt_len,
        transcript_len: receipt.transcript_len,
        transcript_root: read_hash(&receipt.transcript_root, "a transcript root")?,
        fee: parse_amount(&receipt.fee)?.to_be_bytes(),
    })
}

/// A claim's segments as a message carries them.
pub fn segment_messages(claim: &Claim) -> Vec<pb::Segment> {
    let message = |segment: &Segment| pb::Segment {
        start: segment.start,
        count: segment.count,
        source: segment.source,
        offset: segment.offset,
    };
    claim.segments.iter().map(message).collect()
}

/// Reads a claim's segments.
pub fn read_claim(segments: &[pb::Segment]) -> Claim {
    let read = |segment: &pb::Segment| Segment {
        start: segment.start,
        count: segment.count,
        source: segment.source,
        offset: segment.offset,
    };
    Claim { segments: segments.iter().map(read).collect() }
}

/// Reads 32 bytes.
pub fn read_hash(bytes: &[u8], what: &str) -> Result<Hash> {
    Hash::try_from(bytes).with_context(|| format!("{what} has {} bytes, not 32", bytes.len()))
}
