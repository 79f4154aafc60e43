//! What a settlement's openings prove on arrival: that each segment's windows stand where the claim says.
//!
//! The transcript is published with its receipt's key; each segment that names a contribution comes with an opening of the bytes that it names,
//! ECHO needs none. This proves what is there, never that nothing is missing: an overlooked owner falls to
//! [`crate::dispute`].

use crate::claim::{Claim, Segment};
use crate::content::{Commitment, ContentOpening, OpeningError};
use crate::receipt::Receipt;
use crate::transcript::{ReceiptKey, TranscriptCommitment};
use crate::ECHO;
use thiserror::Error;

/// Why openings do not show that a claim's segments exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExistenceError {
    /// The published transcript is not the receipt's.
    #[error("the transcript and key do not give the receipt's transcript root and length")]
    Transcript,
    /// One opening for each segment that names a contribution.
    #[error("{expected} segments name a contribution, {got} openings are given")]
    OpeningCount {
        /// Segments that name a contribution.
        expected: u64,
        /// Openings given.
        got: u64,
    },
    /// The segment leaves the transcript.
    #[error("segment {0} leaves the transcript")]
    BeyondTranscript(u32),
    /// The source is not in the corpus.
    #[error("segment {segment} names source {source_seq}, which is not in the receipt's corpus")]
    NotInCorpus {
        /// Place in the claim.
        segment: u32,
        /// The source.
        source_seq: u64,
    },
    /// An opening is not of the segment's bytes.
    #[error("segment {segment}: {error}")]
    Opening {
        /// Place in the claim.
        segment: u32,
        /// What is wrong with it.
        error: OpeningError,
    },
    /// The source holds other bytes there.
    #[error("segment {0}: its source holds other bytes")]
    Differs(u32),
}

/// Checks that a published transcript is the one that a receipt commits to.
pub fn check_transcript(receipt: &Receipt, transcript: &[u8], key: &ReceiptKey) -> Result<(), ExistenceError> {
    match TranscriptCommitment::of(transcript, key) {
        Ok(commitment) if commitment == receipt.transcript() => Ok(()),
        _ => Err(ExistenceError::Transcript),
    }
}

/// Checks that every segment's windows stand where a checked claim says, in a transcript that [`check_transcript`] accepted.
///
/// `openings` has one entry for each segment that names a contribution, in order. `commitment_of` answers for the receipt's corpus.
pub fn check_segments(
    receipt: &Receipt,
    transcript: &[u8],
    claim: &Claim,
    openings: &[ContentOpening],
    mut commitment_of: impl FnMut(u64) -> Option<Commitment>,
) -> Result<(), ExistenceError> {
    let expected = claim.segments.iter().filter(|segment| segment.source != ECHO).count() as u64;
    let got = openings.len() as u64;
    let mut openings = openings.iter();
    for (index, segment) in (0u32..).zip(&claim.segments) {
        let place = segment.place(receipt.prompt_len);
        let windows = bytes_at(transcript, place, segment).ok_or(ExistenceError::BeyondTranscript(index))?;
        let found = if segment.source == ECHO {
            bytes_at(transcript, u64::from(segment.offset), segment).ok_or(ExistenceError::BeyondTranscript(index))?
        } else {
            let opening = openings.next().ok_or(ExistenceError::OpeningCount { expected, got })?;
            let not_in_corpus = ExistenceError::NotInCorpus { segment: index, source_seq: segment.source };
            let commitment = commitment_of(segment.source).ok_or(not_in_corpus)?;
            opening
                .open(&commitment, u64::from(segment.offset), segment.span())
                .map_err(|error| ExistenceError::Opening { segment: index, error })?
        };
        if windows != found {
            return Err(ExistenceError::Differs(index));
        }
    }
    match openings.next() {
        Some(_) => Err(ExistenceError::OpeningCount { expected, got }),
        None => Ok(()),
    }
}

/// The bytes under a segment's windows, from `at` in the transcript.
fn bytes_at<'a>(transcript: &'a [u8], at: u64, segment: &Segment) -> Option<&'a [u8]> {
    let end = at.checked_add(segment.span())?;
    transcript.get(usize::try_from(at).ok()?..usize::try_from(end).ok()?)
}
