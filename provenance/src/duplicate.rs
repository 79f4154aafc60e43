//! Duplicates: is a later work a copy of earlier ones? Judged by a few regions of it, drawn after the dispute was committed.
//!
//! A region of 64 bytes counts if at least half of its 8-byte shingles lie in one opening of at most two adjoining chunks of an earlier
//! work; fourteen of sixteen regions decide. So edits 18 bytes or more apart do not hide a copy, though they leave no 32-byte window of
//! it, and what a judge needs is a constant number of openings. The figures behind the numbers: `docs/decisions/0013-duplicates.md`,
//! measured by the example `duplicates`.
//!
//! One earlier work with fourteen regions is the source; else, if fourteen come from several, nobody alone is. Who judges says which
//! works may be named (earlier ones, by others) and gives their commitments.

use std::collections::btree_map::{BTreeMap, Entry};

use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::content::{Commitment, ContentOpening, OpeningError};
use crate::hash::{sha256, FieldTooLong, Hash, Preimage};
use crate::{tags, CHUNK_BYTES};
use thiserror::Error;

/// Regions that are drawn.
pub const REGIONS: u8 = 16;
/// Regions that must count.
pub const NEEDED_REGIONS: usize = 14;
/// Bytes in a region; shorter works cannot be disputed.
pub const REGION_BYTES: u64 = 64;
/// Bytes in a shingle.
pub const SHINGLE_BYTES: usize = 8;
/// Shingles of a region (it has 57) that must lie in what is opened of an earlier work.
pub const NEEDED_SHINGLES: usize = 29;
/// Most adjoining chunks of an earlier work that are opened for a region.
pub const SOURCE_CHUNKS: usize = 2;
/// Most bytes in an encoded proof.
pub const MAX_PROOF_BYTES: usize = 64 * 1024;

/// Why a proof shows no duplicate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DuplicateError {
    /// The work is shorter than a region.
    #[error("a work of {0} bytes is shorter than a region of {REGION_BYTES}")]
    TooShort(u64),
    /// Too few regions, or not in order, or of numbers that were not drawn.
    #[error("regions must be {NEEDED_REGIONS} to {REGIONS} of the numbers below {REGIONS}, ascending")]
    Regions,
    /// An earlier work that may not be named.
    #[error("contribution {0} is no earlier work by another author")]
    Source(u64),
    /// An opening does not show the region, or the earlier chunks.
    #[error("region {region}: {error}")]
    Opening {
        /// The region.
        region: u8,
        /// What is wrong.
        error: OpeningError,
    },
    /// The earlier chunks hold too little of the region.
    #[error("region {region}: {found} of its shingles lie in the opened chunks; {NEEDED_SHINGLES} are needed")]
    Unlike {
        /// The region.
        region: u8,
        /// Shingles found.
        found: usize,
    },
}

/// What the draw of a dispute's regions binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw<'a> {
    /// Chain of the dispute.
    pub chain_id: &'a str,
    /// The dispute's number.
    pub dispute: u64,
    /// The disputed contribution.
    pub seq: u64,
    /// The disputant's address, raw bytes.
    pub disputant: &'a [u8],
    /// Header time of the block after the commit's: whole seconds, as two's complement.
    pub seconds: i64,
    /// Its nanoseconds.
    pub nanos: u32,
}

impl Draw<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 dispute ‖ u64 seq ‖ u16 len ‖ disputant ‖ u64 seconds ‖ u32 nanos)`.
    pub fn seed(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::DUPLICATE)
            .var(self.chain_id.as_bytes())?
            .u64(self.dispute)
            .u64(self.seq)
            .var(self.disputant)?
            .u64(u64::from_be_bytes(self.seconds.to_be_bytes()))
            .u32(self.nanos)
            .sha256())
    }
}

/// Where region `region` starts in a work of `length` bytes: the first 8 bytes of `SHA-256(seed ‖ u8 region)` modulo the places.
pub fn region_start(seed: &Hash, region: u8, length: u64) -> Result<u64, DuplicateError> {
    let last = length.checked_sub(REGION_BYTES).ok_or(DuplicateError::TooShort(length))?;
    let hash = sha256(&[seed, &[region]]);
    let number = hash.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
    // At most 5 MiB of places out of 2^64: the modulus favours none that anybody could use.
    Ok(number.checked_rem(last.saturating_add(1)).unwrap_or_default())
}

/// How many of the region's shingles, by place, occur in `source`.
pub fn shingles_found(region: &[u8], source: &[u8]) -> usize {
    let mut known: Vec<&[u8]> = source.windows(SHINGLE_BYTES).collect();
    known.sort_unstable();
    region.windows(SHINGLE_BYTES).filter(|shingle| known.binary_search(shingle).is_ok()).count()
}

/// One region shown to lie in an earlier work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Which of the regions that were drawn.
    pub number: u8,
    /// Its bytes in the later work.
    pub later: ContentOpening,
    /// The earlier work's seq.
    pub source: u64,
    /// One or two adjoining chunks of it.
    pub earlier: ContentOpening,
}

/// What shows a duplicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The regions that count, by number.
    pub regions: Vec<Region>,
}

impl Proof {
    /// Judges the proof against the later work: the one earlier work that it copies, or none alone. `earlier` gives the commitment of a
    /// work that may be named.
    pub fn judge<E: From<DuplicateError>>(
        &self,
        later: &Commitment,
        seed: &Hash,
        mut earlier: impl FnMut(u64) -> Result<Option<Commitment>, E>,
    ) -> Result<Option<u64>, E> {
        let ascending = self.regions.windows(2).all(|pair| match pair {
            [before, after] => before.number < after.number,
            _ => false,
        });
        let known = self.regions.iter().all(|region| region.number < REGIONS);
        if !ascending || !known || self.regions.len() < NEEDED_REGIONS {
            return Err(DuplicateError::Regions.into());
        }
        let mut sources: BTreeMap<u64, (Commitment, usize)> = BTreeMap::new();
        for region in &self.regions {
            let (commitment, count) = match sources.entry(region.source) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let commitment = earlier(region.source)?.ok_or(DuplicateError::Source(region.source))?;
                    new.insert((commitment, 0))
                }
            };
            region.check(later, seed, commitment)?;
            *count = count.saturating_add(1);
        }
        Ok(sources.iter().find(|(_, (_, count))| *count >= NEEDED_REGIONS).map(|(seq, _)| *seq))
    }
}

impl Region {
    fn check(&self, later: &Commitment, seed: &Hash, earlier: &Commitment) -> Result<(), DuplicateError> {
        let region = self.number;
        let wrong = |error| DuplicateError::Opening { region, error };
        let start = region_start(seed, region, later.length)?;
        let bytes = self.later.open(later, start, REGION_BYTES).map_err(wrong)?;
        let chunk = CHUNK_BYTES as u64;
        let offset = u64::from(self.earlier.first_chunk).saturating_mul(chunk);
        let len = self.earlier.bytes.len();
        if len > SOURCE_CHUNKS.saturating_mul(CHUNK_BYTES) {
            let expected = chunk.saturating_mul(SOURCE_CHUNKS as u64);
            return Err(wrong(OpeningError::WrongBytes { expected, got: len as u64 }));
        }
        let source = self.earlier.open(earlier, offset, len as u64).map_err(wrong)?;
        match shingles_found(bytes, source) {
            found if found < NEEDED_SHINGLES => Err(DuplicateError::Unlike { region, found }),
            _ => Ok(()),
        }
    }
}

/// Makes a proof from the works themselves, `earlier` by seq; none where it cannot be shown. The work named for each region is the one
/// that holds most regions, then the first: so one source is shown where one can be.
pub fn prove(later: &[u8], seed: &Hash, earlier: &[(u64, &[u8])]) -> Result<Option<Proof>, DuplicateError> {
    let length = later.len() as u64;
    let mut found = Vec::new();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for number in 0..REGIONS {
        let start = region_start(seed, number, length)?;
        let at = usize::try_from(start).unwrap_or(usize::MAX);
        let Some(region) = later.get(at..).and_then(|rest| rest.get(..REGION_BYTES as usize)) else { continue };
        let mut holders = Vec::new();
        for (place, (_, text)) in earlier.iter().enumerate() {
            if let Some(chunk) = best_chunk(region, text) {
                holders.push((place, chunk));
                let count = counts.entry(place).or_default();
                *count = count.saturating_add(1);
            }
        }
        if !holders.is_empty() {
            found.push((number, start, holders));
        }
    }
    if found.len() < NEEDED_REGIONS {
        return Ok(None);
    }
    let tree = crate::content::tree(later);
    let mut regions = Vec::new();
    for (number, start, holders) in found {
        let best = holders.iter().max_by_key(|(place, _)| (counts.get(place).copied(), std::cmp::Reverse(*place)));
        let Some((place, chunk)) = best else { continue };
        let Some((source, text)) = earlier.get(*place) else { continue };
        let wrong = |error| DuplicateError::Opening { region: number, error };
        let offset = chunk.saturating_mul(CHUNK_BYTES);
        let len = text.len().saturating_sub(offset).min(SOURCE_CHUNKS.saturating_mul(CHUNK_BYTES));
        let opened = ContentOpening::prove(&crate::content::tree(text), text, offset as u64, len as u64);
        regions.push(Region {
            number,
            later: ContentOpening::prove(&tree, later, start, REGION_BYTES).map_err(wrong)?,
            source: *source,
            earlier: opened.map_err(wrong)?,
        });
    }
    Ok(Some(Proof { regions }))
}

/// The first chunk from which two adjoining chunks of `text` hold enough of the region.
fn best_chunk(region: &[u8], text: &[u8]) -> Option<usize> {
    let chunks = text.len().div_ceil(CHUNK_BYTES);
    (0..chunks).find(|chunk| {
        let start = chunk.saturating_mul(CHUNK_BYTES);
        let end = start.saturating_add(SOURCE_CHUNKS.saturating_mul(CHUNK_BYTES)).min(text.len());
        text.get(start..end).is_some_and(|opened| shingles_found(region, opened) >= NEEDED_SHINGLES)
    })
}

impl Encode for Proof {
    fn write(&self, out: &mut Writer) {
        out.varint(self.regions.len() as u64);
        for region in &self.regions {
            out.varint(region.number.into());
            region.later.write(out);
            out.varint(region.source);
            region.earlier.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let regions = input.list("a proof's regions", 8, |input| {
            let what = "a region's number";
            Ok(Region {
                number: u8::try_from(input.u32(what)?).map_err(|_| DecodeError::BadVarint(what))?,
                later: ContentOpening::read(input)?,
                source: input.u64("a region's source")?,
                earlier: ContentOpening::read(input)?,
            })
        })?;
        Ok(Self { regions })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEED: Hash = [7; 32];

    /// Text without repetitions, of its own for each number.
    fn text(number: u64, len: usize) -> Vec<u8> {
        (0..len as u64)
            .flat_map(|i| hex::encode(&sha256(&[&(number * 1_000_003 + i).to_be_bytes()])[..4]).into_bytes())
            .take(len)
            .collect()
    }

    fn verdict(later: &[u8], earlier: &[(u64, &[u8])]) -> Result<Option<u64>, DuplicateError> {
        let proof = prove(later, &SEED, earlier).unwrap().ok_or(DuplicateError::Regions)?;
        assert_eq!(Proof::decode(&proof.encode()).unwrap(), proof);
        assert!(proof.encode().len() <= MAX_PROOF_BYTES);
        let commitment =
            |seq| Ok(earlier.iter().find(|(known, _)| *known == seq).map(|(_, text)| Commitment::of(text)));
        proof.judge(&Commitment::of(later), &SEED, commitment)
    }

    #[test]
    fn a_copy_is_found_whole_in_part_behind_a_newline_and_edited() {
        let source = text(1, 4_000);
        let every = |n: usize| -> Vec<u8> {
            source.iter().enumerate().map(|(i, b)| if i % n == n - 1 { b'~' } else { *b }).collect()
        };
        let inserted: Vec<u8> = source.chunks(31).flat_map(|part| [part, b"~"].concat()).collect();
        let copies = [
            source.clone(),
            source[700..1_900].to_vec(),
            [b"\n", &source[..]].concat(),
            every(31),
            every(20),
            inserted,
        ];
        for (number, copy) in copies.iter().enumerate() {
            assert_eq!(verdict(copy, &[(5, &text(2, 3_000)), (3, &source)]), Ok(Some(3)), "copy {number}");
        }
    }

    #[test]
    fn what_is_taken_from_several_works_is_no_works_alone() {
        let (one, other) = (text(1, 2_000), text(2, 2_000));
        let mixed: Vec<u8> = one.chunks(200).zip(other.chunks(200)).flat_map(|(a, b)| [a, b].concat()).collect();
        assert_eq!(verdict(&mixed, &[(1, &one), (2, &other)]), Ok(None));
    }

    #[test]
    fn a_work_of_its_own_is_nobodys_copy() {
        let half = [text(1, 2_000), text(3, 2_000)].concat();
        assert_eq!(verdict(&half, &[(1, &text(1, 2_000))]), Err(DuplicateError::Regions));
    }

    #[test]
    fn proofs_of_too_little_are_refused_and_say_why() {
        let source = text(1, 3_000);
        let commitment = Commitment::of(&source);
        let good = prove(&source, &SEED, &[(1, &source)]).unwrap().unwrap();
        let judge = |proof: &Proof| proof.judge(&commitment, &SEED, |seq| Ok((seq == 1).then_some(commitment)));
        assert_eq!(judge(&good), Ok(Some(1)));
        let mut few = good.clone();
        few.regions.truncate(NEEDED_REGIONS - 1);
        assert_eq!(judge(&few), Err(DuplicateError::Regions));
        let mut twice = good.clone();
        twice.regions[1] = twice.regions[0].clone();
        assert_eq!(judge(&twice), Err(DuplicateError::Regions));
        let mut later = good.clone();
        later.regions[0].source = 2;
        assert_eq!(judge(&later), Err(DuplicateError::Source(2)));
        let other = good.judge(&commitment, &[8; 32], |_| Ok::<_, DuplicateError>(Some(commitment)));
        assert!(matches!(other, Err(DuplicateError::Opening { .. })), "the regions of another draw");
        let elsewhere = Commitment::of(&text(9, 3_000));
        let lie = good.judge(&commitment, &SEED, |_| Ok::<_, DuplicateError>(Some(elsewhere)));
        assert!(matches!(lie, Err(DuplicateError::Opening { .. })));
        let mut wide = good.clone();
        wide.regions[0].earlier = ContentOpening::prove(&crate::content::tree(&source), &source, 0, 700).unwrap();
        assert!(matches!(judge(&wide), Err(DuplicateError::Opening { .. })), "three chunks");
        let mut unlike = good;
        let start = region_start(&SEED, 0, 3_000).unwrap();
        let far = if start < 1_500 { 2_560 } else { 0 };
        unlike.regions[0].earlier = ContentOpening::prove(&crate::content::tree(&source), &source, far, 1).unwrap();
        assert!(matches!(judge(&unlike), Err(DuplicateError::Unlike { region: 0, .. })));
    }

    #[test]
    fn a_work_shorter_than_a_region_has_none() {
        assert_eq!(region_start(&SEED, 0, 63), Err(DuplicateError::TooShort(63)));
        assert_eq!(region_start(&SEED, 0, 64), Ok(0));
    }

    /// The rule word for word, as slowly as it can be done.
    fn found_naively(region: &[u8], source: &[u8]) -> usize {
        (0..region.len().saturating_sub(SHINGLE_BYTES - 1))
            .filter(|i| {
                (0..source.len().saturating_sub(SHINGLE_BYTES - 1))
                    .any(|j| (0..SHINGLE_BYTES).all(|k| region[i + k] == source[j + k]))
            })
            .count()
    }

    proptest! {
        #[test]
        fn shingles_are_counted_as_the_naive_count_does(region in prop::collection::vec(0u8..2, 0..70), source in prop::collection::vec(0u8..2, 0..200)) {
            prop_assert_eq!(shingles_found(&region, &source), found_naively(&region, &source));
        }

        #[test]
        fn regions_lie_in_the_work(seed: [u8; 32], region in 0u8..REGIONS, length in 64u64..6_000_000) {
            prop_assert!(region_start(&seed, region, length).unwrap() + REGION_BYTES <= length);
        }

        #[test]
        fn any_bytes_are_a_proof_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let commitment = Commitment { root: [1; 32], length: 1_000 };
            if let Ok(proof) = Proof::decode(&bytes) {
                let _ = proof.judge(&commitment, &SEED, |_| Ok::<_, DuplicateError>(Some(commitment)));
            }
        }
    }
}
