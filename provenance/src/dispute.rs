//! Disputes: one opening of at most 4 KiB that refutes a settled claim, in constant work.
//!
//! *False* (D1) opens one byte of a segment in the transcript and in its source: they differ. *Better* (D2) opens a window of the transcript
//! and the same 32 bytes in a source of lower rank than the claim's owner of that window. Every deviation from the canonical attribution
//! falls to one of them, and no canonical claim to either. The same opening as D1's, with equal bytes, answers
//! *open or lose* (D3).

use crate::canonical::Rank;
use crate::claim::{rank_of, NotAtWindow, Segment, SegmentsOpening, SourceInfo};
use crate::codec::{DecodeError, Encode};
use crate::content::{ContentOpening, OpeningError};
use crate::hash::Hash;
use crate::merkle::{verify_range, ProofError};
use crate::receipt::{Receipt, SettledReceipt};
use crate::transcript::TranscriptOpening;
use crate::{ECHO, MAX_DISPUTE_BYTES, WINDOW_BYTES};
use thiserror::Error;

mod encoding;

/// Why a dispute refutes nothing, or an answer answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DisputeError {
    /// The bytes are no dispute.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The receipt is not of this settlement.
    #[error("receipt {index} is not in the settlement of receipts {first}..+{count}")]
    OtherSettlement {
        /// The receipt's index.
        index: u64,
        /// First index of the settlement.
        first: u64,
        /// Receipts of the settlement.
        count: u32,
    },
    /// The receipt's path does not hold.
    #[error("the settled receipt: {0}")]
    Receipt(ProofError),
    /// The segments' path does not hold.
    #[error("the segments: {0}")]
    Segments(ProofError),
    /// Not exactly one segment is opened where one must be.
    #[error("{0} segments are opened; one is disputed")]
    OneSegment(usize),
    /// The byte is not under the segment's windows.
    #[error("byte {byte} is not among the segment's {span}")]
    NoSuchByte {
        /// Byte asked for.
        byte: u32,
        /// Bytes under the segment's windows.
        span: u64,
    },
    /// The window is not in the output.
    #[error("window {window} is not among the output's {windows}")]
    NoSuchWindow {
        /// Window asked for.
        window: u32,
        /// Windows of the output.
        windows: u32,
    },
    /// The opened segments say nothing about the window.
    #[error(transparent)]
    NotAtWindow(#[from] NotAtWindow),
    /// The source is not in the receipt's corpus.
    #[error("source {0} is not in the receipt's corpus")]
    NotInCorpus(u64),
    /// ECHO is opened in the transcript, everything else in a contribution.
    #[error("the source's opening is of the wrong kind: ECHO opens the transcript, a seq its contribution")]
    SourceKind,
    /// The transcript's opening does not hold.
    #[error("the transcript: {0}")]
    Transcript(OpeningError),
    /// The source's opening does not hold.
    #[error("the source: {0}")]
    Source(OpeningError),
    /// The witness is no better owner.
    #[error("{witness:?} does not come before {claimed:?}")]
    NotBetter {
        /// Owner that the claim names.
        claimed: Rank,
        /// Owner that the dispute names.
        witness: Rank,
    },
    /// The echo is not from before the window.
    #[error("an echo at byte {offset} is not before the window's own place {place}")]
    EchoNotBefore {
        /// Where the echo is said to come from.
        offset: u32,
        /// Where the window stands.
        place: u64,
    },
    /// The bytes agree where a dispute needs them to differ.
    #[error("the bytes agree: the claim holds there")]
    Agrees,
    /// The bytes differ where a witness or an answer needs them to agree.
    #[error("the bytes differ: the source does not hold them")]
    Differs,
    /// The answer opens something else than was asked.
    #[error("the answer opens another receipt, segment or byte than was asked")]
    OtherQuestion,
}

/// What the chain keeps of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// RFC 6962 root over the settled leaves.
    pub root: Hash,
    /// Index of its first receipt in the session.
    pub first_index: u64,
    /// Receipts in it.
    pub count: u32,
}

/// A settled receipt and its path to the settlement's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledOpening {
    /// The receipt and its claim's root.
    pub settled: SettledReceipt,
    /// Roots of the subtrees beside its leaf, left to right.
    pub path: Vec<Hash>,
}

impl SettledOpening {
    /// The settled receipt, proven to be in the settlement at the place that its index gives.
    pub fn open(&self, settlement: &Settlement) -> Result<&SettledReceipt, DisputeError> {
        let Settlement { root, first_index: first, count } = *settlement;
        let index = self.settled.receipt.index;
        let other = DisputeError::OtherSettlement { index, first, count };
        let place = index.checked_sub(first).filter(|place| *place < u64::from(count)).ok_or(other)?;
        verify_range(&root, u64::from(count), place, &[self.settled.leaf()], &self.path)
            .map_err(DisputeError::Receipt)?;
        Ok(&self.settled)
    }
}

/// An opening of a source: of the transcript itself for ECHO, of a contribution for a seq.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceOpening {
    /// Of the transcript.
    Echo(TranscriptOpening),
    /// Of a contribution.
    Content(ContentOpening),
}

impl SourceOpening {
    /// Bytes `offset .. offset + len` of the source, proven.
    fn open(
        &self,
        receipt: &Receipt,
        source: u64,
        offset: u32,
        len: u32,
        source_of: &mut impl FnMut(u64) -> Option<SourceInfo>,
    ) -> Result<&[u8], DisputeError> {
        let (offset, len) = (u64::from(offset), u64::from(len));
        match self {
            Self::Echo(opening) if source == ECHO => {
                opening.open(&receipt.transcript(), offset, len).map_err(DisputeError::Source)
            }
            Self::Content(opening) if source != ECHO => {
                let info = source_of(source).ok_or(DisputeError::NotInCorpus(source))?;
                opening.open(&info.commitment, offset, len).map_err(DisputeError::Source)
            }
            _ => Err(DisputeError::SourceKind),
        }
    }
}

/// One byte of a segment, opened on both sides: D1 where they differ, D3's answer where they agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteOpening {
    /// The receipt.
    pub settled: SettledOpening,
    /// The segment, alone.
    pub segment: SegmentsOpening,
    /// Byte under its windows, `0 .. count + 31`.
    pub byte: u32,
    /// That byte's chunk of the transcript.
    pub transcript: TranscriptOpening,
    /// That byte's chunk of the source.
    pub source: SourceOpening,
}

impl ByteOpening {
    /// The transcript's byte and the source's, each proven.
    fn open(
        &self,
        settlement: &Settlement,
        source_of: &mut impl FnMut(&Receipt, u64) -> Option<SourceInfo>,
    ) -> Result<(u8, u8), DisputeError> {
        let SettledReceipt { receipt, segment_count, segments_root } = self.settled.open(settlement)?;
        self.segment.verify(*segment_count, segments_root).map_err(DisputeError::Segments)?;
        let [segment] = self.segment.segments.as_slice() else {
            return Err(DisputeError::OneSegment(self.segment.segments.len()));
        };
        let no_such_byte = DisputeError::NoSuchByte { byte: self.byte, span: segment.span() };
        if u64::from(self.byte) >= segment.span() {
            return Err(no_such_byte);
        }
        let place = segment.place(receipt.prompt_len).saturating_add(u64::from(self.byte));
        let ours = self.transcript.open(&receipt.transcript(), place, 1).map_err(DisputeError::Transcript)?;
        let offset = segment.offset.checked_add(self.byte).ok_or(no_such_byte.clone())?;
        let theirs = self.source.open(receipt, segment.source, offset, 1, &mut |seq| source_of(receipt, seq))?;
        ours.first().copied().zip(theirs.first().copied()).ok_or(no_such_byte)
    }
}

/// A window and a better owner of it: D2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BetterOwner {
    /// The receipt.
    pub settled: SettledOpening,
    /// The segment over the window, or the neighbours of the gap it lies in.
    pub segments: SegmentsOpening,
    /// The window (`p`).
    pub window: u32,
    /// The better owner: [`ECHO`] or a seq.
    pub source: u64,
    /// Where it holds the window.
    pub offset: u32,
    /// The window in the transcript.
    pub transcript: TranscriptOpening,
    /// The window in the better owner.
    pub witness: SourceOpening,
}

impl BetterOwner {
    fn refute(
        &self,
        settlement: &Settlement,
        source_of: &mut impl FnMut(&Receipt, u64) -> Option<SourceInfo>,
    ) -> Result<(Option<Segment>, Rank), DisputeError> {
        let SettledReceipt { receipt, segment_count, segments_root } = self.settled.open(settlement)?;
        let mut source_of = |seq| source_of(receipt, seq);
        let Self { window, source, offset, .. } = *self;
        if window >= receipt.windows() {
            return Err(DisputeError::NoSuchWindow { window, windows: receipt.windows() });
        }
        self.segments.verify(*segment_count, segments_root).map_err(DisputeError::Segments)?;
        let segment = self.segments.at_window(*segment_count, window)?;
        let claimed = rank_of(segment.as_ref(), &mut source_of).map_err(DisputeError::NotInCorpus)?;
        let place = u64::from(receipt.prompt_len).saturating_add(u64::from(window));
        let witness = if source == ECHO {
            if u64::from(offset) >= place {
                return Err(DisputeError::EchoNotBefore { offset, place });
            }
            Rank::Echo
        } else {
            source_of(source).map(|info| Rank::of(info.class, source)).ok_or(DisputeError::NotInCorpus(source))?
        };
        if witness >= claimed {
            return Err(DisputeError::NotBetter { claimed, witness });
        }
        let len = u64::from(WINDOW_BYTES);
        let ours = self.transcript.open(&receipt.transcript(), place, len).map_err(DisputeError::Transcript)?;
        let theirs = self.witness.open(receipt, source, offset, WINDOW_BYTES, &mut source_of)?;
        if ours != theirs {
            return Err(DisputeError::Differs);
        }
        Ok((segment, witness))
    }
}

/// What a valid dispute has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refutation {
    /// A segment's source holds another byte than the transcript.
    False {
        /// The receipt's index.
        receipt: u64,
        /// The segment's place in the claim.
        segment: u32,
        /// The byte under its windows.
        byte: u32,
    },
    /// A window has an owner before the one that the claim names.
    Better {
        /// The receipt's index.
        receipt: u64,
        /// The window.
        window: u32,
        /// The segment over it, nothing where the claim says NONE.
        claimed: Option<Segment>,
        /// The better owner.
        owner: Rank,
    },
}

/// A dispute, as it is revealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispute {
    /// D1: a segment's byte differs.
    False(ByteOpening),
    /// D2: a window has a better owner.
    Better(BetterOwner),
}

impl Dispute {
    /// Reads a revealed dispute of at most [`MAX_DISPUTE_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        check_size(bytes)?;
        Self::decode(bytes)
    }

    /// The index of the receipt that it disputes.
    pub fn receipt_index(&self) -> u64 {
        match self {
            Self::False(opening) => opening.settled.settled.receipt.index,
            Self::Better(better) => better.settled.settled.receipt.index,
        }
    }

    /// What the dispute refutes in this settlement, or why nothing.
    ///
    /// `source_of` answers for a receipt's corpus: a seq's commitment and class, nothing where it is not in it. It is called at most three times.
    pub fn verify(
        &self,
        settlement: &Settlement,
        mut source_of: impl FnMut(&Receipt, u64) -> Option<SourceInfo>,
    ) -> Result<Refutation, DisputeError> {
        let receipt = self.receipt_index();
        match self {
            Self::False(opening) => match opening.open(settlement, &mut source_of)? {
                (ours, theirs) if ours == theirs => Err(DisputeError::Agrees),
                _ => Ok(Refutation::False { receipt, segment: opening.segment.first, byte: opening.byte }),
            },
            Self::Better(better) => {
                let (claimed, owner) = better.refute(settlement, &mut source_of)?;
                Ok(Refutation::Better { receipt, window: better.window, claimed, owner })
            }
        }
    }
}

/// What an *open or lose* challenge (D3) asks a claimant to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The receipt's index.
    pub receipt: u64,
    /// The segment's place in the claim.
    pub segment: u32,
    /// The byte under its windows.
    pub byte: u32,
}

impl ByteOpening {
    /// Reads an answer of at most [`MAX_DISPUTE_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        check_size(bytes)?;
        Self::decode(bytes)
    }

    /// Checks that this answers a question: it opens the byte that was asked for, equal on both sides.
    pub fn verify_answer(
        &self,
        question: &Question,
        settlement: &Settlement,
        mut source_of: impl FnMut(&Receipt, u64) -> Option<SourceInfo>,
    ) -> Result<(), DisputeError> {
        let (receipt, segment, byte) = (self.settled.settled.receipt.index, self.segment.first, self.byte);
        if (Question { receipt, segment, byte }) != *question {
            return Err(DisputeError::OtherQuestion);
        }
        match self.open(settlement, &mut source_of)? {
            (ours, theirs) if ours == theirs => Ok(()),
            _ => Err(DisputeError::Differs),
        }
    }
}

fn check_size(bytes: &[u8]) -> Result<(), DecodeError> {
    match bytes.len() {
        got if got > MAX_DISPUTE_BYTES => Err(DecodeError::TooLong { got, limit: MAX_DISPUTE_BYTES }),
        _ => Ok(()),
    }
}
