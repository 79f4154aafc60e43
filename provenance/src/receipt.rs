//! Receipts: what one paid output commits to, and the leaves that carry it.
//!
//! A session's receipts, numbered from 1, are the leaves of its `receipts_root` (a [`crate::frontier::Frontier`]). A settlement keeps
//! the RFC 6962 root over its own receipts' settled leaves, each with the root of the claim's segments; disputes open from there.

use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::hash::{Hash, Preimage};
use crate::merkle::leaf_hash;
use crate::transcript::TranscriptCommitment;
use crate::{tags, window_count, MAX_TRANSCRIPT_BYTES};
use thiserror::Error;

/// Why a receipt cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Receipts are numbered from 1.
    #[error("a receipt's index starts at 1")]
    ZeroIndex,
    /// The prompt is part of the transcript.
    #[error("a prompt of {prompt_len} bytes is longer than its transcript of {transcript_len}")]
    PromptTooLong {
        /// Bytes of the prompt.
        prompt_len: u32,
        /// Bytes of prompt and output.
        transcript_len: u32,
    },
    /// The transcript is over 64 KiB.
    #[error("a transcript of {0} bytes is over the limit of {MAX_TRANSCRIPT_BYTES}")]
    TranscriptTooLong(u32),
}

/// One paid output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Place in the session, from 1.
    pub index: u64,
    /// Model version that answered.
    pub model_version: u64,
    /// Height whose corpus the answer is attributed to.
    pub corpus_height: u64,
    /// Bytes of the prompt (`P`).
    pub prompt_len: u32,
    /// Bytes of prompt and output.
    pub transcript_len: u32,
    /// Root over the transcript's salted chunks.
    pub transcript_root: Hash,
    /// Fee in base units, 256 bits, big-endian.
    pub fee: [u8; 32],
}

/// Refuses a place and lengths that no receipt can have, a deployment's or an agent's.
pub(crate) fn check_shape(index: u64, prompt_len: u32, transcript_len: u32) -> Result<(), ReceiptError> {
    if index == 0 {
        return Err(ReceiptError::ZeroIndex);
    }
    if transcript_len > MAX_TRANSCRIPT_BYTES {
        return Err(ReceiptError::TranscriptTooLong(transcript_len));
    }
    if prompt_len > transcript_len {
        return Err(ReceiptError::PromptTooLong { prompt_len, transcript_len });
    }
    Ok(())
}

impl Receipt {
    /// Refuses what cannot be a receipt.
    pub fn check(&self) -> Result<(), ReceiptError> {
        check_shape(self.index, self.prompt_len, self.transcript_len)
    }

    /// Windows that are attributed (`n`).
    pub fn windows(&self) -> u32 {
        window_count(self.transcript_len.saturating_sub(self.prompt_len))
    }

    /// What the transcript's openings are checked against.
    pub fn transcript(&self) -> TranscriptCommitment {
        TranscriptCommitment { root: self.transcript_root, length: self.transcript_len }
    }

    /// `tag ‖ u64 index ‖ u64 model_version ‖ u64 corpus_height ‖ u32 prompt_len ‖ u32 transcript_len ‖ transcript_root ‖ u256 fee`.
    pub fn leaf_bytes(&self) -> Vec<u8> {
        Preimage::new(tags::RECEIPT)
            .u64(self.index)
            .u64(self.model_version)
            .u64(self.corpus_height)
            .u32(self.prompt_len)
            .u32(self.transcript_len)
            .fixed(&self.transcript_root)
            .fixed(&self.fee)
            .into_bytes()
    }

    /// The receipt's leaf of `receipts_root`.
    pub fn leaf(&self) -> Hash {
        leaf_hash(&[&self.leaf_bytes()])
    }
}

impl Encode for Receipt {
    fn write(&self, out: &mut Writer) {
        out.varint(self.index);
        out.varint(self.model_version);
        out.varint(self.corpus_height);
        out.varint(u64::from(self.prompt_len));
        out.varint(u64::from(self.transcript_len));
        out.fixed(&self.transcript_root);
        out.fixed(&self.fee);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            index: input.u64("a receipt's index")?,
            model_version: input.u64("a receipt's model version")?,
            corpus_height: input.u64("a receipt's corpus height")?,
            prompt_len: input.u32("a receipt's prompt length")?,
            transcript_len: input.u32("a receipt's transcript length")?,
            transcript_root: input.hash("a receipt's transcript root")?,
            fee: input.hash("a receipt's fee")?,
        })
    }
}

/// A receipt with the claim that was settled for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// Segments of the claim.
    pub segment_count: u32,
    /// Root over the segments' leaves.
    pub segments_root: Hash,
}

impl SettledReceipt {
    /// The leaf of a settlement's root, over `tag ‖ receipt's leaf ‖ u32 segment_count ‖ segments_root`.
    pub fn leaf(&self) -> Hash {
        let data = Preimage::new(tags::SETTLED)
            .fixed(&self.receipt.leaf())
            .u32(self.segment_count)
            .fixed(&self.segments_root)
            .into_bytes();
        leaf_hash(&[&data])
    }
}

impl Encode for SettledReceipt {
    fn write(&self, out: &mut Writer) {
        self.receipt.write(out);
        out.varint(u64::from(self.segment_count));
        out.fixed(&self.segments_root);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            receipt: Receipt::read(input)?,
            segment_count: input.u32("a claim's number of segments")?,
            segments_root: input.hash("a claim's segments root")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn receipt() -> Receipt {
        Receipt {
            index: 1,
            model_version: 2,
            corpus_height: 3,
            prompt_len: 4,
            transcript_len: 100,
            transcript_root: [5; 32],
            fee: [6; 32],
        }
    }

    #[test]
    fn only_a_prompt_inside_a_transcript_of_at_most_64_kibibytes_counted_from_one_is_accepted() {
        let base = receipt();
        assert_eq!(base.check(), Ok(()));
        assert_eq!(Receipt { index: 0, ..base }.check(), Err(ReceiptError::ZeroIndex));
        assert!(Receipt { prompt_len: 101, ..base }.check().is_err());
        assert_eq!(Receipt { transcript_len: 65537, ..base }.check(), Err(ReceiptError::TranscriptTooLong(65537)));
    }

    #[test]
    fn an_output_shorter_than_a_window_has_none() {
        let base = receipt();
        assert_eq!(base.windows(), 96 - 31);
        assert_eq!(Receipt { transcript_len: 4 + 31, ..base }.windows(), 0);
        assert_eq!(Receipt { transcript_len: 4 + 32, ..base }.windows(), 1);
        assert_eq!(Receipt { transcript_len: 0, ..base }.windows(), 0);
    }

    #[test]
    fn every_field_changes_the_leaf() {
        let base = receipt();
        for other in [
            Receipt { index: 9, ..base },
            Receipt { model_version: 9, ..base },
            Receipt { corpus_height: 9, ..base },
            Receipt { prompt_len: 9, ..base },
            Receipt { transcript_len: 99, ..base },
            Receipt { transcript_root: [9; 32], ..base },
            Receipt { fee: [9; 32], ..base },
        ] {
            assert_ne!(base.leaf(), other.leaf());
        }
    }

    proptest! {
        #[test]
        fn a_settled_receipt_survives_encoding_and_any_bytes_are_answered(
            index: u64, model_version: u64, corpus_height: u64, prompt_len: u32, transcript_len: u32, segment_count: u32,
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let receipt = Receipt { index, model_version, corpus_height, prompt_len, transcript_len, ..receipt() };
            let settled = SettledReceipt { receipt, segment_count, segments_root: [8; 32] };
            prop_assert_eq!(SettledReceipt::decode(&settled.encode()), Ok(settled));
            if let Ok(read) = SettledReceipt::decode(&noise) {
                prop_assert_eq!(read.encode(), noise);
            }
        }
    }
}
