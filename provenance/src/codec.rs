//! Canonical encoding of claims, openings and disputes, and the strict reader of it.
//!
//! Integers are unsigned LEB128 of least length, hashes stand bare, lists and byte strings carry their length.
//! Reading is total and refuses what writing never makes: longer varints, missing and trailing bytes; a list's
//! length is believed only as far as bytes are left for it, so hostile lengths allocate nothing.

use crate::hash::Hash;
use thiserror::Error;

/// Why bytes are not the canonical encoding of anything.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes end inside a value.
    #[error("the encoding ends inside {0}")]
    Truncated(&'static str),
    /// A varint is not minimal, or too large for its field.
    #[error("{0} is not a minimal varint in its range")]
    BadVarint(&'static str),
    /// Bytes are left after the last value.
    #[error("{0} bytes follow the last value")]
    Trailing(usize),
    /// A variant's number is unknown.
    #[error("{what} {value} is unknown")]
    UnknownVariant {
        /// What the number selects.
        what: &'static str,
        /// The number found.
        value: u64,
    },
    /// The encoding is longer than its kind may be.
    #[error("{got} bytes are over the limit of {limit}")]
    TooLong {
        /// Bytes given.
        got: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

/// A value with one canonical encoding.
pub trait Encode: Sized {
    /// Appends the encoding.
    fn write(&self, out: &mut Writer);
    /// Reads one value.
    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The canonical bytes.
    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.write(&mut out);
        out.0
    }

    /// The value whose canonical bytes these are; nothing may follow it.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader(bytes);
        let value = Self::read(&mut input)?;
        match input.0.len() {
            0 => Ok(value),
            left => Err(DecodeError::Trailing(left)),
        }
    }
}

/// Collects an encoding.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An unsigned LEB128 varint.
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Bytes whose length the reader knows.
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A length, then the bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.fixed(bytes);
    }

    /// A count, then the hashes.
    pub fn hashes(&mut self, hashes: &[Hash]) {
        self.varint(hashes.len() as u64);
        for hash in hashes {
            self.fixed(hash);
        }
    }
}

/// Reads an encoding from its front.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A varint of least length.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for shift in (0u32..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(DecodeError::Truncated(what))?;
            self.0 = rest;
            let part = u64::from(byte & 0x7f);
            let placed = part << shift;
            let last = byte & 0x80 == 0;
            // The tenth byte holds one bit; a zero last byte after others is not minimal.
            if placed >> shift != part || (last && part == 0 && shift > 0) {
                return Err(DecodeError::BadVarint(what));
            }
            value |= placed;
            if last {
                return Ok(value);
            }
        }
        Err(DecodeError::BadVarint(what))
    }

    /// A varint that fits 32 bits.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        u32::try_from(self.u64(what)?).map_err(|_| DecodeError::BadVarint(what))
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(DecodeError::Truncated(what))?;
        self.0 = rest;
        Ok(taken)
    }

    /// A hash or another 32-byte value.
    pub fn hash(&mut self, what: &'static str) -> Result<Hash, DecodeError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated(what))?;
        self.0 = rest;
        Ok(*taken)
    }

    /// A length, then that many bytes.
    pub fn bytes(&mut self, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let len = self.u64(what)?;
        let len = usize::try_from(len).map_err(|_| DecodeError::Truncated(what))?;
        self.take(len, what)
    }

    /// A count, then that many items of at least `least_bytes` (one or more) each.
    pub fn list<T>(
        &mut self,
        what: &'static str,
        least_bytes: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u64(what)?;
        let room = self.0.len().checked_div(least_bytes).unwrap_or(0);
        let count = usize::try_from(count).ok().filter(|n| *n <= room).ok_or(DecodeError::Truncated(what))?;
        (0..count).map(|_| item(self)).collect()
    }

    /// A count, then that many hashes.
    pub fn hashes(&mut self, what: &'static str) -> Result<Vec<Hash>, DecodeError> {
        self.list(what, 32, |input| input.hash(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: u64) -> Vec<u8> {
        let mut out = Writer::default();
        out.varint(value);
        out.0
    }

    proptest! {
        #[test]
        fn a_varint_reads_back(value: u64) {
            let bytes = written(value);
            let mut input = Reader(&bytes);
            prop_assert_eq!(input.u64("v"), Ok(value));
            prop_assert!(input.0.is_empty());
        }

        #[test]
        fn bytes_that_read_as_a_varint_are_the_ones_written_for_it(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let mut input = Reader(&bytes);
            if let Ok(value) = input.u64("v") {
                let used = bytes.len() - input.0.len();
                prop_assert_eq!(&bytes[..used], &written(value)[..]);
            }
        }
    }

    #[test]
    fn a_hostile_count_is_refused_before_anything_is_allocated() {
        let bytes = written(u64::MAX);
        assert_eq!(Reader(&bytes).hashes("path"), Err(DecodeError::Truncated("path")));
        assert_eq!(Reader(&bytes).bytes("path"), Err(DecodeError::Truncated("path")));
    }
}
