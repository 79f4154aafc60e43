//! The canonical encoding of disputes and of the openings they are made of: fields in order, variants by number.

use super::{BetterOwner, ByteOpening, Dispute, SettledOpening, SourceOpening};
use crate::claim::SegmentsOpening;
use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::content::ContentOpening;
use crate::receipt::SettledReceipt;
use crate::transcript::TranscriptOpening;

impl Encode for SettledOpening {
    fn write(&self, out: &mut Writer) {
        self.settled.write(out);
        out.hashes(&self.path);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { settled: SettledReceipt::read(input)?, path: input.hashes("a receipt's path")? })
    }
}

impl Encode for SourceOpening {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Echo(opening) => {
                out.varint(0);
                opening.write(out);
            }
            Self::Content(opening) => {
                out.varint(1);
                opening.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let what = "a source opening's kind";
        match input.u64(what)? {
            0 => TranscriptOpening::read(input).map(Self::Echo),
            1 => ContentOpening::read(input).map(Self::Content),
            value => Err(DecodeError::UnknownVariant { what, value }),
        }
    }
}

impl Encode for ByteOpening {
    fn write(&self, out: &mut Writer) {
        self.settled.write(out);
        self.segment.write(out);
        out.varint(u64::from(self.byte));
        self.transcript.write(out);
        self.source.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            settled: SettledOpening::read(input)?,
            segment: SegmentsOpening::read(input)?,
            byte: input.u32("a disputed byte")?,
            transcript: TranscriptOpening::read(input)?,
            source: SourceOpening::read(input)?,
        })
    }
}

impl Encode for BetterOwner {
    fn write(&self, out: &mut Writer) {
        self.settled.write(out);
        self.segments.write(out);
        out.varint(u64::from(self.window));
        out.varint(self.source);
        out.varint(u64::from(self.offset));
        self.transcript.write(out);
        self.witness.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            settled: SettledOpening::read(input)?,
            segments: SegmentsOpening::read(input)?,
            window: input.u32("a disputed window")?,
            source: input.u64("a better owner")?,
            offset: input.u32("a better owner's offset")?,
            transcript: TranscriptOpening::read(input)?,
            witness: SourceOpening::read(input)?,
        })
    }
}

impl Encode for Dispute {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::False(opening) => {
                out.varint(1);
                opening.write(out);
            }
            Self::Better(better) => {
                out.varint(2);
                better.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let what = "a dispute's kind";
        match input.u64(what)? {
            1 => ByteOpening::read(input).map(Self::False),
            2 => BetterOwner::read(input).map(Self::Better),
            value => Err(DecodeError::UnknownVariant { what, value }),
        }
    }
}
