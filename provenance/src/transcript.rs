//! A transcript `S = prompt ‖ output`, its salted root, and openings of parts of it.
//!
//! Chunks are as in [`crate::content`], but each leaf's data is `salt ‖ chunk`, so that a short prompt cannot be guessed from its
//! root. Salts come from a receipt's key, the key from the session's secret: to open one chunk shows one salt, to open a
//! receipt shows one key, and neither says anything about another.

use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::content::{ChunkRange, OpeningError};
use crate::hash::{hmac_sha256, Hash};
use crate::merkle::{leaf_hash, verify_range, Tree};
use crate::{tags, CHUNK_BYTES, MAX_TRANSCRIPT_BYTES};

/// A chunk's salt.
pub type Salt = [u8; 32];

/// The key from which a receipt's salts come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiptKey(pub [u8; 32]);

impl std::fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiptKey(..)")
    }
}

impl ReceiptKey {
    /// The key of one receipt: `HMAC(session_secret, tag ‖ u64 receipt_index)`. The secret is agreed when the session opens.
    pub fn derive(session_secret: &[u8; 32], receipt_index: u64) -> Self {
        Self(hmac_sha256(session_secret, &[tags::RECEIPT_KEY, &receipt_index.to_be_bytes()]))
    }

    /// The salt of one chunk: `HMAC(receipt_key, tag ‖ u32 chunk_index)`.
    pub fn salt(&self, chunk: u32) -> Salt {
        hmac_sha256(&self.0, &[tags::SALT, &chunk.to_be_bytes()])
    }
}

/// What a receipt commits to: where the transcript's chunks lead, and its lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TranscriptCommitment {
    /// RFC 6962 root over the salted chunks.
    pub root: Hash,
    /// Bytes of prompt and output together.
    pub length: u32,
}

impl TranscriptCommitment {
    /// The commitment to a transcript of at most 64 KiB under a receipt's key.
    pub fn of(transcript: &[u8], key: &ReceiptKey) -> Result<Self, OpeningError> {
        let length = checked_length(transcript)?;
        Ok(Self { root: tree(transcript, key)?.root(), length })
    }
}

/// The tree over a transcript's salted chunks, for whoever opens parts of it.
pub fn tree(transcript: &[u8], key: &ReceiptKey) -> Result<Tree, OpeningError> {
    checked_length(transcript)?;
    let chunks = transcript.chunks(CHUNK_BYTES).zip(0u32..);
    Ok(Tree::new(chunks.map(|(chunk, index)| leaf_hash(&[&key.salt(index), chunk])).collect()))
}

fn checked_length(transcript: &[u8]) -> Result<u32, OpeningError> {
    u32::try_from(transcript.len())
        .ok()
        .filter(|length| *length <= MAX_TRANSCRIPT_BYTES)
        .ok_or(OpeningError::TooLong { length: transcript.len() as u64, limit: u64::from(MAX_TRANSCRIPT_BYTES) })
}

/// Consecutive chunks of a transcript with their salts, and the path from them to its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptOpening {
    /// Index of the first chunk.
    pub first_chunk: u32,
    /// One salt a chunk.
    pub salts: Vec<Salt>,
    /// The chunks' bytes, one after the other.
    pub bytes: Vec<u8>,
    /// Roots of the subtrees beside the chunks, left to right.
    pub path: Vec<Hash>,
}

impl TranscriptOpening {
    /// Opens bytes `offset .. offset + len` of a transcript, whose tree is [`tree`] under the same key.
    pub fn prove(
        tree: &Tree,
        transcript: &[u8],
        key: &ReceiptKey,
        offset: u64,
        len: u64,
    ) -> Result<Self, OpeningError> {
        let length = u64::from(checked_length(transcript)?);
        let range = ChunkRange::covering(length, offset, len)?;
        let out_of_range = OpeningError::OutOfRange { offset, len, length };
        let first_chunk = u32::try_from(range.first).map_err(|_| out_of_range.clone())?;
        Ok(Self {
            first_chunk,
            salts: (first_chunk..).take(range.count as usize).map(|chunk| key.salt(chunk)).collect(),
            bytes: transcript.get(range.start as usize..range.end as usize).ok_or(out_of_range)?.to_vec(),
            path: tree.prove(range.first, range.count)?,
        })
    }

    /// Bytes `offset .. offset + len` of the committed transcript, proven by this opening, which must hold no other chunks.
    pub fn open(&self, commitment: &TranscriptCommitment, offset: u64, len: u64) -> Result<&[u8], OpeningError> {
        let length = u64::from(commitment.length);
        let range = ChunkRange::covering(length, offset, len)?;
        range.check_shape(self.first_chunk, &self.bytes)?;
        if self.salts.len() as u64 != range.count {
            return Err(OpeningError::WrongSalts { expected: range.count, got: self.salts.len() as u64 });
        }
        let chunks = self.bytes.chunks(CHUNK_BYTES).zip(&self.salts);
        let leaves: Vec<Hash> = chunks.map(|(chunk, salt)| leaf_hash(&[salt, chunk])).collect();
        verify_range(&commitment.root, range.total, range.first, &leaves, &self.path)?;
        range.cut(&self.bytes, offset, len).ok_or(OpeningError::OutOfRange { offset, len, length })
    }
}

impl Encode for TranscriptOpening {
    fn write(&self, out: &mut Writer) {
        out.varint(u64::from(self.first_chunk));
        out.hashes(&self.salts);
        out.bytes(&self.bytes);
        out.hashes(&self.path);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            first_chunk: input.u32("an opening's first chunk")?,
            salts: input.hashes("an opening's salts")?,
            bytes: input.bytes("an opening's chunks")?.to_vec(),
            path: input.hashes("an opening's path")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: ReceiptKey = ReceiptKey([5; 32]);

    fn transcript(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 11 + i / 256) as u8).collect()
    }

    #[test]
    fn keys_differ_by_receipt_and_salts_by_chunk() {
        let (one, two) = (ReceiptKey::derive(&[1; 32], 1), ReceiptKey::derive(&[1; 32], 2));
        assert_ne!(one, two);
        assert_ne!(one.salt(0), one.salt(1));
        assert_ne!(one.salt(0), two.salt(0));
    }

    #[test]
    fn the_same_words_under_two_keys_have_two_roots() {
        let words = b"yes";
        let root = |key| TranscriptCommitment::of(words, &key).unwrap().root;
        assert_ne!(root(KEY), root(ReceiptKey([6; 32])));
    }

    #[test]
    fn a_transcript_over_64_kibibytes_is_refused() {
        let most = transcript(MAX_TRANSCRIPT_BYTES as usize);
        assert_eq!(TranscriptCommitment::of(&most, &KEY).unwrap().length, MAX_TRANSCRIPT_BYTES);
        let over = transcript(MAX_TRANSCRIPT_BYTES as usize + 1);
        assert!(matches!(TranscriptCommitment::of(&over, &KEY), Err(OpeningError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn any_range_opens_to_its_bytes_and_survives_encoding(len in 1usize..3000, at in 0usize..3000, size in 1usize..300) {
            let bytes = transcript(len);
            let commitment = TranscriptCommitment::of(&bytes, &KEY).unwrap();
            let at = at % len;
            let size = size.min(len - at);
            let tree = tree(&bytes, &KEY).unwrap();
            let opening = TranscriptOpening::prove(&tree, &bytes, &KEY, at as u64, size as u64).unwrap();
            prop_assert_eq!(opening.open(&commitment, at as u64, size as u64), Ok(&bytes[at..at + size]));
            prop_assert_eq!(TranscriptOpening::decode(&opening.encode()), Ok(opening));
        }

        #[test]
        fn an_encoded_opening_with_one_bit_changed_opens_nothing(len in 1usize..2000, at in 0usize..2000, flip: usize) {
            let bytes = transcript(len);
            let commitment = TranscriptCommitment::of(&bytes, &KEY).unwrap();
            let at = (at % len) as u64;
            let size = 32.min(len as u64 - at);
            let tree = tree(&bytes, &KEY).unwrap();
            let mut encoded = TranscriptOpening::prove(&tree, &bytes, &KEY, at, size).unwrap().encode();
            let bit = flip % (encoded.len() * 8);
            encoded[bit / 8] ^= 1 << (bit % 8);
            if let Ok(opening) = TranscriptOpening::decode(&encoded) {
                prop_assert!(opening.open(&commitment, at, size).is_err());
            }
        }

        #[test]
        fn decoding_any_bytes_gives_an_opening_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(opening) = TranscriptOpening::decode(&bytes) {
                prop_assert_eq!(opening.encode(), bytes);
            }
        }
    }
}
