//! Undeclared sources: text of an answer that the corpus does not explain, and that a contribution outside the corpus holds.
//!
//! It never refutes a claim: the claim owes nothing to documents that the model version does not declare. It only says whose text
//! the unexplained windows are.

use crate::claim::Claim;
use crate::content::{Commitment, ContentOpening, OpeningError};
use crate::receipt::Receipt;
use crate::transcript::TranscriptOpening;
use crate::WINDOW_BYTES;
use thiserror::Error;

/// The fewest bytes at a stretch that count.
pub const MIN_UNDECLARED_BYTES: u32 = 256;
/// The most bytes that one showing opens.
pub const MAX_UNDECLARED_BYTES: u32 = 4096;

/// Why a showing shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UndeclaredError {
    /// Too few or too many bytes.
    #[error("{0} windows: a showing has 225 to 4,065, which are 256 to 4,096 bytes")]
    Size(u32),
    /// The windows are not in the output.
    #[error("windows {start}..+{count} are not among the output's {windows}")]
    BeyondOutput {
        /// First window.
        start: u32,
        /// Windows.
        count: u32,
        /// Windows of the output.
        windows: u32,
    },
    /// The claim gives a window to somebody.
    #[error("the claim's segment {0} covers one of the windows")]
    Owned(u32),
    /// The transcript's opening does not hold.
    #[error("the transcript: {0}")]
    Transcript(OpeningError),
    /// The source's opening does not hold.
    #[error("the source: {0}")]
    Source(OpeningError),
    /// Other bytes.
    #[error("the source holds other bytes there")]
    Differs,
}

/// Windows that a claim leaves to nobody, opened in the transcript and in a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeclaredSource {
    /// First window.
    pub start: u32,
    /// Windows.
    pub count: u32,
    /// Where the contribution holds the first one.
    pub offset: u32,
    /// The bytes in the transcript.
    pub transcript: TranscriptOpening,
    /// The bytes in the contribution.
    pub source: ContentOpening,
}

impl UndeclaredSource {
    /// Whether the claim of a receipt leaves the windows to nobody and the contribution holds their bytes.
    pub fn verify(&self, receipt: &Receipt, claim: &Claim, commitment: &Commitment) -> Result<(), UndeclaredError> {
        let Self { start, count, offset, .. } = *self;
        let bytes = count.saturating_add(WINDOW_BYTES.saturating_sub(1));
        if count == 0 || !(MIN_UNDECLARED_BYTES..=MAX_UNDECLARED_BYTES).contains(&bytes) {
            return Err(UndeclaredError::Size(count));
        }
        let (windows, end) = (receipt.windows(), u64::from(start).saturating_add(u64::from(count)));
        if end > u64::from(windows) {
            return Err(UndeclaredError::BeyondOutput { start, count, windows });
        }
        let over =
            |place: &(u32, &crate::claim::Segment)| u64::from(place.1.start) < end && place.1.end() > u64::from(start);
        if let Some((index, _)) = (0u32..).zip(&claim.segments).find(over) {
            return Err(UndeclaredError::Owned(index));
        }
        let place = u64::from(receipt.prompt_len).saturating_add(u64::from(start));
        let bytes = u64::from(bytes);
        let ours = self.transcript.open(&receipt.transcript(), place, bytes).map_err(UndeclaredError::Transcript)?;
        let theirs = self.source.open(commitment, u64::from(offset), bytes).map_err(UndeclaredError::Source)?;
        if ours != theirs {
            return Err(UndeclaredError::Differs);
        }
        Ok(())
    }
}
