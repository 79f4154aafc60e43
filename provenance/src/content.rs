//! A contribution's bytes as 256-byte chunks under a Merkle root, and openings of parts of them.
//!
//! A commitment is (root, length). Chunk leaves are bare: the leaf's data is the chunk. Every chunk but the last has 256 bytes,
//! the last has the rest, and content of no bytes has no chunks and the empty tree's root. An opening shows
//! exactly the chunks that a range of bytes touches, so that each range has one opening.

use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::hash::Hash;
use crate::merkle::{empty_root, leaf_hash, verify_range, ProofError, Tree};
use crate::{CHUNK_BYTES, MAX_CONTRIBUTION_BYTES};
use thiserror::Error;

/// Why a commitment cannot be, or an opening does not show what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpeningError {
    /// Longer than this kind of content may be.
    #[error("{length} bytes are over the limit of {limit}")]
    TooLong {
        /// Length found.
        length: u64,
        /// Length allowed.
        limit: u64,
    },
    /// No bytes, yet a root of some.
    #[error("content of no bytes has the root of the empty tree")]
    EmptyRoot,
    /// The bytes asked for are none, or not in the content.
    #[error("bytes {offset}..+{len} are not in content of {length}")]
    OutOfRange {
        /// First byte asked for.
        offset: u64,
        /// Bytes asked for.
        len: u64,
        /// Bytes of the content.
        length: u64,
    },
    /// Other chunks are opened than the range touches.
    #[error("the opening starts at chunk {got}; the range starts in chunk {expected}")]
    WrongChunk {
        /// Chunk in which the range starts.
        expected: u64,
        /// Chunk at which the opening starts.
        got: u64,
    },
    /// The chunks' bytes are more or fewer than the range's chunks hold.
    #[error("the opening holds {got} bytes; the range's chunks hold {expected}")]
    WrongBytes {
        /// Bytes of the chunks that the range touches.
        expected: u64,
        /// Bytes given.
        got: u64,
    },
    /// A transcript's opening holds another number of salts than chunks.
    #[error("the opening holds {got} salts for {expected} chunks")]
    WrongSalts {
        /// Chunks opened.
        expected: u64,
        /// Salts given.
        got: u64,
    },
    /// The path does not lead to the root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// What a contribution commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// RFC 6962 root over the chunks.
    pub root: Hash,
    /// Bytes of the content.
    pub length: u64,
}

impl Commitment {
    /// The commitment to these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { root: tree(bytes).root(), length: bytes.len() as u64 }
    }

    /// Refuses what cannot be a contribution's commitment: over 5 MiB, or no bytes under another root than the empty tree's.
    pub fn check(&self) -> Result<(), OpeningError> {
        if self.length > MAX_CONTRIBUTION_BYTES {
            return Err(OpeningError::TooLong { length: self.length, limit: MAX_CONTRIBUTION_BYTES });
        }
        if self.length == 0 && self.root != empty_root() {
            return Err(OpeningError::EmptyRoot);
        }
        Ok(())
    }
}

/// The tree over a content's chunks, for whoever opens parts of it.
pub fn tree(bytes: &[u8]) -> Tree {
    Tree::new(bytes.chunks(CHUNK_BYTES).map(|chunk| leaf_hash(&[chunk])).collect())
}

/// The chunks that a range of bytes touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkRange {
    /// First chunk.
    pub first: u64,
    /// Chunks touched, one or more.
    pub count: u64,
    /// Chunks of the whole content.
    pub total: u64,
    /// First byte of the first chunk.
    pub start: u64,
    /// End of the last chunk.
    pub end: u64,
}

impl ChunkRange {
    /// The chunks under bytes `offset .. offset + len` (`len ≥ 1`) of content with this length.
    pub fn covering(length: u64, offset: u64, len: u64) -> Result<Self, OpeningError> {
        let out_of_range = OpeningError::OutOfRange { offset, len, length };
        const CHUNK: u64 = CHUNK_BYTES as u64;
        let end = offset.checked_add(len).filter(|end| len > 0 && *end <= length).ok_or(out_of_range)?;
        let first = offset / CHUNK;
        let stop = end.div_ceil(CHUNK);
        Ok(Self {
            first,
            count: stop.saturating_sub(first),
            total: length.div_ceil(CHUNK),
            start: first.saturating_mul(CHUNK),
            end: stop.saturating_mul(CHUNK).min(length),
        })
    }

    /// Checks that an opening starts where this range does and holds exactly its bytes.
    pub fn check_shape(&self, first_chunk: u32, bytes: &[u8]) -> Result<(), OpeningError> {
        if u64::from(first_chunk) != self.first {
            return Err(OpeningError::WrongChunk { expected: self.first, got: u64::from(first_chunk) });
        }
        let (expected, got) = (self.end.saturating_sub(self.start), bytes.len() as u64);
        if expected != got {
            return Err(OpeningError::WrongBytes { expected, got });
        }
        Ok(())
    }

    /// Bytes `offset .. offset + len` out of this range's chunks.
    pub fn cut<'a>(&self, bytes: &'a [u8], offset: u64, len: u64) -> Option<&'a [u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        bytes.get(from..from.checked_add(usize::try_from(len).ok()?)?)
    }
}

/// Consecutive chunks of a content and the path from them to its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentOpening {
    /// Index of the first chunk.
    pub first_chunk: u32,
    /// The chunks' bytes, one after the other.
    pub bytes: Vec<u8>,
    /// Roots of the subtrees beside the chunks, left to right.
    pub path: Vec<Hash>,
}

impl ContentOpening {
    /// Opens bytes `offset .. offset + len` of `content`, whose tree is [`tree`].
    pub fn prove(tree: &Tree, content: &[u8], offset: u64, len: u64) -> Result<Self, OpeningError> {
        let length = content.len() as u64;
        let range = ChunkRange::covering(length, offset, len)?;
        let out_of_range = OpeningError::OutOfRange { offset, len, length };
        Ok(Self {
            first_chunk: u32::try_from(range.first).map_err(|_| out_of_range.clone())?,
            bytes: content.get(range.start as usize..range.end as usize).ok_or(out_of_range)?.to_vec(),
            path: tree.prove(range.first, range.count)?,
        })
    }

    /// Bytes `offset .. offset + len` of the committed content, proven by this opening, which must hold no other chunks.
    pub fn open(&self, commitment: &Commitment, offset: u64, len: u64) -> Result<&[u8], OpeningError> {
        let range = ChunkRange::covering(commitment.length, offset, len)?;
        range.check_shape(self.first_chunk, &self.bytes)?;
        let leaves: Vec<Hash> = self.bytes.chunks(CHUNK_BYTES).map(|chunk| leaf_hash(&[chunk])).collect();
        verify_range(&commitment.root, range.total, range.first, &leaves, &self.path)?;
        range.cut(&self.bytes, offset, len).ok_or(OpeningError::OutOfRange { offset, len, length: commitment.length })
    }
}

impl Encode for ContentOpening {
    fn write(&self, out: &mut Writer) {
        out.varint(u64::from(self.first_chunk));
        out.bytes(&self.bytes);
        out.hashes(&self.path);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            first_chunk: input.u32("an opening's first chunk")?,
            bytes: input.bytes("an opening's chunks")?.to_vec(),
            path: input.hashes("an opening's path")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 7 + i / 256) as u8).collect()
    }

    #[test]
    fn content_of_no_bytes_has_the_empty_root_and_opens_nothing() {
        let empty = Commitment::of(&[]);
        assert_eq!(hex::encode(empty.root), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(empty.check(), Ok(()));
        assert_eq!(Commitment { root: [1; 32], length: 0 }.check(), Err(OpeningError::EmptyRoot));
        let opening = ContentOpening { first_chunk: 0, bytes: vec![], path: vec![] };
        assert!(matches!(opening.open(&empty, 0, 1), Err(OpeningError::OutOfRange { .. })));
        assert!(matches!(opening.open(&empty, 0, 0), Err(OpeningError::OutOfRange { .. })));
    }

    #[test]
    fn a_contribution_over_five_mebibytes_is_refused() {
        let most = Commitment { root: [1; 32], length: MAX_CONTRIBUTION_BYTES };
        assert_eq!(most.check(), Ok(()));
        assert!(Commitment { length: MAX_CONTRIBUTION_BYTES + 1, ..most }.check().is_err());
    }

    #[test]
    fn an_author_who_commits_to_chunks_of_other_lengths_can_open_none_of_them() {
        // A root over chunks of 255 bytes, declared as 510 bytes of content.
        let bytes = content(510);
        let tree = Tree::new(bytes.chunks(255).map(|c| leaf_hash(&[c])).collect());
        let commitment = Commitment { root: tree.root(), length: 510 };
        let opening = ContentOpening { first_chunk: 0, bytes: bytes[..255].to_vec(), path: tree.prove(0, 1).unwrap() };
        assert_eq!(opening.open(&commitment, 0, 32), Err(OpeningError::WrongBytes { expected: 256, got: 255 }));
    }

    proptest! {
        #[test]
        fn any_range_opens_to_its_bytes_and_survives_encoding(len in 1usize..3000, at in 0usize..3000, size in 1usize..700) {
            let bytes = content(len);
            let commitment = Commitment::of(&bytes);
            let at = at % len;
            let size = size.min(len - at);
            let opening = ContentOpening::prove(&tree(&bytes), &bytes, at as u64, size as u64).unwrap();
            prop_assert_eq!(opening.open(&commitment, at as u64, size as u64), Ok(&bytes[at..at + size]));
            prop_assert_eq!(ContentOpening::decode(&opening.encode()), Ok(opening));
        }

        #[test]
        fn an_encoded_opening_with_one_bit_changed_opens_nothing(len in 1usize..2000, at in 0usize..2000, flip: usize) {
            let bytes = content(len);
            let commitment = Commitment::of(&bytes);
            let at = (at % len) as u64;
            let size = 32.min(len as u64 - at);
            let mut encoded = ContentOpening::prove(&tree(&bytes), &bytes, at, size).unwrap().encode();
            let bit = flip % (encoded.len() * 8);
            encoded[bit / 8] ^= 1 << (bit % 8);
            if let Ok(opening) = ContentOpening::decode(&encoded) {
                prop_assert!(opening.open(&commitment, at, size).is_err());
            }
        }

        #[test]
        fn any_opening_of_any_commitment_is_answered(
            root: [u8; 32], length: u64, offset: u64, len: u64, first_chunk: u32,
            bytes in prop::collection::vec(any::<u8>(), 0..600), path in 0usize..70,
        ) {
            let opening = ContentOpening { first_chunk, bytes, path: vec![[3; 32]; path] };
            let commitment = Commitment { root, length };
            prop_assert!(opening.open(&commitment, offset, len).is_err());
        }

        #[test]
        fn decoding_any_bytes_gives_an_opening_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(opening) = ContentOpening::decode(&bytes) {
                prop_assert_eq!(opening.encode(), bytes);
            }
        }
    }
}
