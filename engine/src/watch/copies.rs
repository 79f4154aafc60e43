//! Finding copies of earlier works of other authors, wherever on the chain they lie.
//!
//! Which works come into question is asked of an index over everything that is accepted and can be had; what is rare there and stands in
//! both points from one to the other. Then the chain's own measure is taken over regions spread evenly: only where the sixteen that it
//! will draw are all but certain to show the copy is it called one. The order is that of the commits: a work that comes to light when later
//! ones are accepted already, since its review took longer or its host was down, is their source all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openledger_provenance::duplicate::{
    NEEDED_REGIONS, NEEDED_SHINGLES, REGIONS, REGION_BYTES, SHINGLE_BYTES, SOURCE_CHUNKS,
};
use openledger_provenance::CHUNK_BYTES;

use crate::index::Index;
use crate::sync::Corpus;

/// Places of a work at which the index is asked for earlier works. Later ones may have copied any part of it: then it is asked at least once a region.
const PLACES: usize = 256;
/// Bytes that are asked for at each: the longest that occurs elsewhere says most.
const LENGTHS: [usize; 4] = [32, 24, 16, 12];
/// What occurs more often than this says nothing.
const RARE: usize = 64;
/// Earlier works that are looked at closely, and later ones.
const CANDIDATES: usize = 8;
const FOLLOWERS: usize = 64;
/// The part of a later work's regions that a work holds at least where it makes a difference: one of those that are drawn.
const SOME: f64 = 1.0 / REGIONS as f64;
/// Regions of a work that are measured.
const SAMPLES: usize = 128;
/// How sure a draw must be to show the copy before a bond is put in.
const SURE: f64 = 0.999;

/// The earlier works by others that a work copies, so that nearly every draw shows it; none where it is a work of its own.
pub fn sources(library: &Corpus, seq: u64) -> Option<Vec<u64>> {
    let later = library.index.document(seq)?;
    let others = others(library, seq)?;
    let found = candidates(&library.index, later, (PLACES, CANDIDATES), |of| of < seq && others(of));
    let texts: Vec<(u64, &[u8])> = found.iter().filter_map(|of| Some((*of, library.index.document(*of)?))).collect();
    let known: Vec<_> = texts.iter().map(|(_, text)| shingles(text)).collect();
    let held = held(later, &known);
    // One work alone, where it is enough; the earliest of several that are.
    let alone =
        texts.iter().zip(&held.by_text).filter(|(_, part)| chance(**part) >= SURE).map(|((of, _), _)| *of).min();
    match alone {
        Some(of) => Some(vec![of]),
        None if chance(held.any) >= SURE => Some(found),
        None => None,
    }
}

/// The later works by others that may have taken from a work: whether they copy it is for [`sources`] to say.
pub fn followers(library: &Corpus, seq: u64) -> Vec<u64> {
    let (Some(text), Some(others)) = (library.index.document(seq), others(library, seq)) else { return Vec::new() };
    let later = |of: u64| of > seq && others(of);
    if !library.contributions.range(seq..).any(|(of, _)| later(*of)) {
        return Vec::new();
    }
    let places = PLACES.max(text.len() / REGION_BYTES as usize);
    let mut found = candidates(&library.index, text, (places, FOLLOWERS), later);
    let known = [shingles(text)];
    found.retain(|of| library.index.document(*of).is_some_and(|later| held(later, &known).any >= SOME));
    found
}

/// Whether a work is by somebody else than this one.
fn others(library: &Corpus, seq: u64) -> Option<impl Fn(u64) -> bool + '_> {
    let author = &library.contributions.get(&seq)?.author;
    Some(move |of: u64| library.contributions.get(&of).is_some_and(|other| other.author != *author))
}

/// Works that share rare bytes with a text at some of so many places, those that share most first, so many at most; in order of seq.
fn candidates(index: &Index, text: &[u8], (places, most): (usize, usize), wanted: impl Fn(u64) -> bool) -> Vec<u64> {
    let mut shared: BTreeMap<u64, usize> = BTreeMap::new();
    let last = text.len().saturating_sub(LENGTHS[0]);
    for place in 0..places {
        let start = last * place / places;
        for length in LENGTHS {
            let Some(pattern) = text.get(start..start + length) else { continue };
            let found = index.occurrences(pattern);
            if found.len() > RARE {
                break;
            }
            let holders: BTreeSet<u64> = index.holders(&found).filter(|of| wanted(*of)).collect();
            if !holders.is_empty() {
                holders.into_iter().for_each(|of| *shared.entry(of).or_default() += length);
                break;
            }
        }
    }
    let mut shared: Vec<(u64, usize)> = shared.into_iter().collect();
    shared.sort_by_key(|(of, bytes)| (std::cmp::Reverse(*bytes), *of));
    let mut found: Vec<u64> = shared.into_iter().take(most).map(|(of, _)| of).collect();
    found.sort_unstable();
    found
}

/// The pairs of adjoining chunks of a text, by their first, in which each of its shingles lies whole; ascending, each once.
type Shingles<'a> = HashMap<&'a [u8], Vec<usize>>;

/// The part of a work's regions that each text holds, and that any holds.
struct HeldParts {
    by_text: Vec<f64>,
    any: f64,
}

fn held(later: &[u8], texts: &[Shingles]) -> HeldParts {
    let region = REGION_BYTES as usize;
    let Some(places) = (later.len() + 1).checked_sub(region).filter(|places| *places > 0) else {
        return HeldParts { by_text: vec![0.0; texts.len()], any: 0.0 };
    };
    let samples = SAMPLES.min(places);
    let (mut by_text, mut any) = (vec![0usize; texts.len()], 0usize);
    for sample in 0..samples {
        let start = sample * places / samples;
        let bytes = &later[start..start + region];
        let mut one = false;
        for (count, known) in by_text.iter_mut().zip(texts) {
            if counts(bytes, known) {
                *count += 1;
                one = true;
            }
        }
        any += usize::from(one);
    }
    let part = |count: usize| count as f64 / samples as f64;
    HeldParts { by_text: by_text.into_iter().map(part).collect(), any: part(any) }
}

fn shingles(text: &[u8]) -> Shingles<'_> {
    let mut known = Shingles::new();
    for (place, shingle) in text.windows(SHINGLE_BYTES).enumerate() {
        let (first, last) = (place / CHUNK_BYTES, (place + SHINGLE_BYTES - 1) / CHUNK_BYTES);
        let pairs = known.entry(shingle).or_default();
        for pair in (last + 1).saturating_sub(SOURCE_CHUNKS)..=first {
            if pairs.last().is_none_or(|before| *before < pair) {
                pairs.push(pair);
            }
        }
    }
    known
}

/// Whether two adjoining chunks of a text hold enough of a region's shingles.
fn counts(region: &[u8], known: &Shingles) -> bool {
    let mut found: HashMap<usize, usize> = HashMap::new();
    for shingle in region.windows(SHINGLE_BYTES) {
        for pair in known.get(shingle).into_iter().flatten() {
            *found.entry(*pair).or_default() += 1;
        }
    }
    found.values().any(|count| *count >= NEEDED_SHINGLES)
}

/// The chance that enough of the drawn regions count where a part `part` of all does.
fn chance(part: f64) -> f64 {
    let all = u32::from(REGIONS);
    let ways = |count: u32| (0..count).fold(1.0, |ways, i| ways * f64::from(all - i) / f64::from(i + 1));
    let of = |count: u32| ways(count) * part.powi(count as i32) * (1.0 - part).powi((all - count) as i32);
    (NEEDED_REGIONS as u32..=all).map(of).sum()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use openledger_proto::openledger::datanet::v1::Contribution;
    use openledger_provenance::duplicate;

    use super::*;
    use crate::index::Document;

    pub(crate) fn prose(number: u64, words: usize) -> Vec<u8> {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        // Words of their own: of a few common ones every two texts would hold each other's shingles.
        let mut word = || (0..5).map(|_| b'a' + (next() % 26) as u8).chain([b' ']).collect::<Vec<u8>>();
        (0..words).flat_map(|_| word()).collect()
    }

    /// Works by author and text, numbered from 1.
    pub(crate) fn library(works: &[(&str, Vec<u8>)]) -> Corpus {
        let documents =
            (1..).zip(works).map(|(seq, (_, bytes))| Document { seq, commons: false, bytes: bytes.clone() }).collect();
        let contributions = (1..)
            .zip(works)
            .map(|(seq, (author, _))| (seq, Contribution { seq, author: author.to_string(), ..Default::default() }));
        Corpus::over(0, 0, contributions.collect(), Arc::new(Index::build(documents).unwrap()))
    }

    #[test]
    fn a_copy_is_named_whole_in_part_behind_a_newline_and_edited_and_a_work_of_its_own_is_not() {
        let text = prose(1, 600);
        let edited: Vec<u8> =
            text.iter().enumerate().map(|(i, byte)| if i % 31 == 30 { b'#' } else { *byte }).collect();
        for copy in [text.clone(), text[500..2_500].to_vec(), [b"\n", &text[..]].concat(), edited] {
            let works = [("alice", prose(2, 600)), ("alice", text.clone()), ("bob", prose(3, 600)), ("bob", copy)];
            let library = library(&works);
            assert_eq!(sources(&library, 4), Some(vec![2]));
            assert_eq!(sources(&library, 2), None, "what comes later is no source");
            assert_eq!(sources(&library, 3), None, "a work of its own");
        }
    }

    #[test]
    fn ones_own_work_is_no_source_and_half_a_copy_is_none() {
        let text = prose(1, 600);
        let half = [&text[..text.len() / 2], &prose(9, 300)].concat();
        let library = library(&[("alice", text.clone()), ("alice", text.clone()), ("bob", half)]);
        assert_eq!((sources(&library, 2), sources(&library, 3)), (None, None));
    }

    #[test]
    fn what_is_taken_from_several_works_names_them_all() {
        let (one, other) = (prose(1, 600), prose(2, 600));
        // A region across a cut is too little of either: of pieces of 256 bytes a draw in eighty would not show the copy.
        let mixed = one.chunks(1_024).zip(other.chunks(1_024)).flat_map(|(a, b)| [a, b].concat()).collect();
        let library = library(&[("alice", one), ("carol", other), ("bob", mixed)]);
        assert_eq!(sources(&library, 3), Some(vec![1, 2]));
    }

    #[test]
    fn the_followers_of_a_work_are_the_later_ones_by_others_that_took_from_it_however_small_a_part() {
        let large = prose(1, 20_000);
        let edited: Vec<u8> =
            large.iter().enumerate().map(|(i, byte)| if i % 31 == 30 { b'#' } else { *byte }).collect();
        let library = library(&[
            ("bob", large[..3_000].to_vec()),
            ("alice", large.clone()),
            ("bob", large[50_000..50_300].to_vec()),
            ("alice", large[60_000..62_000].to_vec()),
            ("bob", prose(2, 600)),
            ("carol", edited),
        ]);
        assert_eq!(followers(&library, 2), [3, 6], "not the earlier one, the author's own, one of its own");
        assert_eq!([3, 6].map(|seq| sources(&library, seq)), [Some(vec![2]), Some(vec![2])]);
        assert!(followers(&library, 6).is_empty() && followers(&library, 99).is_empty());
    }

    #[test]
    fn the_measure_is_the_chains_own() {
        let (text, later) = (prose(1, 400), prose(5, 400));
        let edited: Vec<u8> =
            text.iter().enumerate().map(|(i, byte)| if i % 12 == 11 { b'#' } else { *byte }).collect();
        let known = shingles(&text);
        for region in edited.chunks_exact(64).chain(later.chunks_exact(64)) {
            let plain = (0..text.len().div_ceil(CHUNK_BYTES)).any(|chunk| {
                let end = ((chunk + SOURCE_CHUNKS) * CHUNK_BYTES).min(text.len());
                duplicate::shingles_found(region, &text[chunk * CHUNK_BYTES..end]) >= NEEDED_SHINGLES
            });
            assert_eq!(counts(region, &known), plain);
        }
        assert!((chance(1.0) - 1.0).abs() < 1e-9 && chance(0.5) < 0.01);
    }
}
