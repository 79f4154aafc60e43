//! Asking a claimant to open: the question of *open or lose* (D3), and the receipt whose transcript is demanded (S-open).
//!
//! Whoever asks opens what it asks about, so that the chain asks for nothing that is not there. Constant work, at most 4 KiB.

use crate::claim::SegmentsOpening;
use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::dispute::{DisputeError, Question, SettledOpening, Settlement};
use crate::receipt::SettledReceipt;
use crate::MAX_DISPUTE_BYTES;

/// A segment of a settled receipt, opened, and a byte under its windows: what a D3 challenger sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// The receipt.
    pub settled: SettledOpening,
    /// The segment, alone.
    pub segment: SegmentsOpening,
    /// Byte under its windows, `0 .. count + 31`.
    pub byte: u32,
}

impl Inquiry {
    /// Reads an inquiry of at most [`MAX_DISPUTE_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        limited(bytes)
    }

    /// The question, once receipt and segment are proven to be the settlement's and the byte to be under the segment.
    pub fn question(&self, settlement: &Settlement) -> Result<Question, DisputeError> {
        let SettledReceipt { receipt, segment_count, segments_root } = self.settled.open(settlement)?;
        self.segment.verify(*segment_count, segments_root).map_err(DisputeError::Segments)?;
        let [segment] = self.segment.segments.as_slice() else {
            return Err(DisputeError::OneSegment(self.segment.segments.len()));
        };
        if u64::from(self.byte) >= segment.span() {
            return Err(DisputeError::NoSuchByte { byte: self.byte, span: segment.span() });
        }
        Ok(Question { receipt: receipt.index, segment: self.segment.first, byte: self.byte })
    }
}

impl SettledOpening {
    /// Reads a settled receipt's opening of at most [`MAX_DISPUTE_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        limited(bytes)
    }
}

fn limited<T: Encode>(bytes: &[u8]) -> Result<T, DecodeError> {
    match bytes.len() {
        got if got > MAX_DISPUTE_BYTES => Err(DecodeError::TooLong { got, limit: MAX_DISPUTE_BYTES }),
        _ => T::decode(bytes),
    }
}

impl Encode for Inquiry {
    fn write(&self, out: &mut Writer) {
        self.settled.write(out);
        self.segment.write(out);
        out.varint(u64::from(self.byte));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            settled: SettledOpening::read(input)?,
            segment: SegmentsOpening::read(input)?,
            byte: input.u32("a byte that is asked for")?,
        })
    }
}
