//! Making disputes and answers: what a watcher, a payer or a challenged server sends, from bytes it holds.
//!
//! Off chain only. Whatever is made here is checked by [`crate::dispute`] as if a stranger had made it.

use crate::claim::{Claim, SegmentsOpening};
use crate::content::{self, ContentOpening, OpeningError};
use crate::dispute::{BetterOwner, ByteOpening, SettledOpening, SourceOpening};
use crate::inquiry::Inquiry;
use crate::merkle::{ProofError, Tree};
use crate::receipt::SettledReceipt;
use crate::transcript::{self, ReceiptKey, TranscriptOpening};
use crate::undeclared::UndeclaredSource;
use crate::{ECHO, WINDOW_BYTES};
use thiserror::Error;

/// Why something cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProverError {
    /// Not in the transcript or the source.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// Not in the settlement or the claim.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The claim has no such segment.
    #[error("the claim has no segment {0}")]
    NoSuchSegment(u32),
    /// The source's bytes are needed.
    #[error("the bytes of source {0} are needed")]
    SourceBytes(u64),
}

/// Everything about one settled receipt that its openings are made from.
#[derive(Debug, Clone, Copy)]
pub struct Prover<'a> {
    /// Prompt and output.
    pub transcript: &'a [u8],
    /// The receipt's key.
    pub key: ReceiptKey,
    /// The claim.
    pub claim: &'a Claim,
    /// The receipt as it was settled.
    pub settled: SettledReceipt,
    /// The tree over the settlement's leaves.
    pub settlement: &'a Tree,
    /// Place of this receipt in the settlement, from 0.
    pub place: u64,
}

impl Prover<'_> {
    /// Opens a byte of a segment on both sides; `source` holds the bytes of the segment's source, nothing for ECHO.
    pub fn open_byte(&self, segment: u32, byte: u32, source: Option<&[u8]>) -> Result<ByteOpening, ProverError> {
        let claimed = self.claim.segments.get(segment as usize).ok_or(ProverError::NoSuchSegment(segment))?;
        let byte_at = |base: u64| base.saturating_add(u64::from(byte));
        let place = byte_at(claimed.place(self.settled.receipt.prompt_len));
        Ok(ByteOpening {
            settled: self.open_settled()?,
            segment: SegmentsOpening::prove(self.claim, segment, 1)?,
            byte,
            transcript: self.open_transcript(place, 1)?,
            source: self.open_source(claimed.source, byte_at(u64::from(claimed.offset)), 1, source)?,
        })
    }

    /// Opens a window of the output and of a better owner; `bytes` holds that owner's bytes, nothing for ECHO.
    pub fn open_better(
        &self,
        window: u32,
        source: u64,
        offset: u32,
        bytes: Option<&[u8]>,
    ) -> Result<BetterOwner, ProverError> {
        let count = u32::try_from(self.claim.segments.len()).unwrap_or(u32::MAX);
        let (first, opened) = match self.claim.covering(window) {
            Ok((index, _)) => (index, 1),
            Err(_) if count == 0 => (0, 0),
            Err(0) => (0, 1),
            Err(next) if next == count => (next.saturating_sub(1), 1),
            Err(next) => (next.saturating_sub(1), 2),
        };
        let place = u64::from(self.settled.receipt.prompt_len).saturating_add(u64::from(window));
        let len = u64::from(WINDOW_BYTES);
        Ok(BetterOwner {
            settled: self.open_settled()?,
            segments: SegmentsOpening::prove(self.claim, first, opened)?,
            window,
            source,
            offset,
            transcript: self.open_transcript(place, len)?,
            witness: self.open_source(source, u64::from(offset), len, bytes)?,
        })
    }

    /// Asks for a byte of a segment (D3).
    pub fn inquire(&self, segment: u32, byte: u32) -> Result<Inquiry, ProverError> {
        let segment = SegmentsOpening::prove(self.claim, segment, 1)?;
        Ok(Inquiry { settled: self.open_settled()?, segment, byte })
    }

    /// Shows windows `start .. start + count`, which the claim leaves to nobody, in a contribution's bytes at `offset`.
    pub fn open_undeclared(
        &self,
        start: u32,
        count: u32,
        offset: u32,
        bytes: &[u8],
    ) -> Result<UndeclaredSource, ProverError> {
        let place = u64::from(self.settled.receipt.prompt_len).saturating_add(u64::from(start));
        let len = u64::from(count).saturating_add(u64::from(WINDOW_BYTES)).saturating_sub(1);
        let source = ContentOpening::prove(&content::tree(bytes), bytes, u64::from(offset), len)?;
        Ok(UndeclaredSource { start, count, offset, transcript: self.open_transcript(place, len)?, source })
    }

    /// Opens the receipt in its settlement.
    pub fn open_settled(&self) -> Result<SettledOpening, ProverError> {
        Ok(SettledOpening { settled: self.settled, path: self.settlement.prove(self.place, 1)? })
    }

    fn open_transcript(&self, offset: u64, len: u64) -> Result<TranscriptOpening, ProverError> {
        let tree = transcript::tree(self.transcript, &self.key)?;
        Ok(TranscriptOpening::prove(&tree, self.transcript, &self.key, offset, len)?)
    }

    fn open_source(
        &self,
        source: u64,
        offset: u64,
        len: u64,
        bytes: Option<&[u8]>,
    ) -> Result<SourceOpening, ProverError> {
        if source == ECHO {
            return Ok(SourceOpening::Echo(self.open_transcript(offset, len)?));
        }
        let bytes = bytes.ok_or(ProverError::SourceBytes(source))?;
        let tree = content::tree(bytes);
        Ok(SourceOpening::Content(ContentOpening::prove(&tree, bytes, offset, len)?))
    }
}
