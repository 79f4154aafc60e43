//! The canonical attribution: who owns each 32-byte window of an output.
//!
//! `own(p)` is the lowest rank among those that hold the window `S[P+p .. P+p+32)`: ECHO (it starts in S somewhere before `P+p`), then
//! commons, then contributions, each by least seq, else NONE. Each window is judged alone, never across two documents. This is the
//! indexed form, for anyone who holds the sources' bytes; [`crate::reference`] is the plain one that it is tested against.

use crate::claim::{Claim, Segment};
use crate::{window_count, ECHO, WINDOW_BYTES};
use std::collections::BTreeMap;

const WINDOW: usize = WINDOW_BYTES as usize;

/// On which list a source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The chain's own commons: licences, templates, boilerplate; before every author.
    Commons,
    /// A contribution, a datanet's own commons included.
    Contribution,
}

/// Who may own a window, in the order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The transcript itself, earlier.
    Echo,
    /// The chain's commons, by seq.
    Commons(u64),
    /// A contribution, by seq.
    Contribution(u64),
    /// Nobody.
    None,
}

impl Rank {
    /// The rank of a source on a list.
    pub fn of(class: Class, seq: u64) -> Self {
        match class {
            Class::Commons => Self::Commons(seq),
            Class::Contribution => Self::Contribution(seq),
        }
    }
}

/// A source's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// Its place among all commits, from 1.
    pub seq: u64,
    /// The list it stands on.
    pub class: Class,
    /// Its content.
    pub bytes: &'a [u8],
}

/// The owner of a window: a source and the least offset at which it holds the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// [`ECHO`] or a seq.
    pub source: u64,
    /// Where the source (for ECHO, the transcript) holds it first.
    pub offset: u32,
}

/// The owner of every window, nothing standing for NONE.
///
/// One pass over the transcript and one over each source, in order of rank.
pub fn owners(transcript: &[u8], prompt_len: u32, sources: &[Source<'_>]) -> Vec<Option<Owner>> {
    let prompt = prompt_len as usize;
    let output_len = u32::try_from(transcript.len().saturating_sub(prompt)).unwrap_or(0);
    let mut owners = vec![None; window_count(output_len) as usize];
    let mut first_start = BTreeMap::new();
    let mut wanted: BTreeMap<&[u8], usize> = BTreeMap::new();
    for (start, window) in transcript.windows(WINDOW).enumerate() {
        let first = *first_start.entry(window).or_insert(start);
        let Some(p) = start.checked_sub(prompt) else { continue };
        if first < start {
            set(&mut owners, p, ECHO, first);
        } else {
            // Its first start, so no other position waits for the same window.
            wanted.insert(window, p);
        }
    }
    let mut ranked: Vec<&Source<'_>> = sources.iter().collect();
    ranked.sort_by_key(|source| Rank::of(source.class, source.seq));
    for source in ranked {
        for (offset, window) in source.bytes.windows(WINDOW).enumerate() {
            if let Some(p) = wanted.remove(window) {
                set(&mut owners, p, source.seq, offset);
            }
        }
    }
    owners
}

fn set(owners: &mut [Option<Owner>], p: usize, source: u64, offset: usize) {
    if let (Some(slot), Ok(offset)) = (owners.get_mut(p), u32::try_from(offset)) {
        *slot = Some(Owner { source, offset });
    }
}

/// The canonical claim of given owners: as few choices as there are, so that everyone makes the same one.
///
/// A window continues the segment before it where it has the same source and the next byte agrees; otherwise it starts a
/// segment at the owner's least offset. `bytes_of` gives a contribution's content by seq.
pub fn claim_from_owners<'a>(
    transcript: &[u8],
    prompt_len: u32,
    owners: &[Option<Owner>],
    bytes_of: impl Fn(u64) -> Option<&'a [u8]>,
) -> Claim {
    let mut segments: Vec<Segment> = Vec::new();
    for (p, owner) in (0u32..).zip(owners) {
        let Some(owner) = owner else { continue };
        let last = segments.last_mut().filter(|s| s.source == owner.source && s.end() == u64::from(p));
        if let Some(segment) = last {
            // The window before agrees, so its last byte alone decides this one.
            let next = |base: u32| usize::try_from(u64::from(base).saturating_add(segment.span())).ok();
            let wanted = next(prompt_len.saturating_add(segment.start)).and_then(|at| transcript.get(at));
            let found = match owner.source {
                ECHO => next(segment.offset).and_then(|at| transcript.get(at)),
                seq => bytes_of(seq).and_then(|bytes| bytes.get(next(segment.offset)?)),
            };
            if wanted.is_some() && wanted == found {
                segment.count = segment.count.saturating_add(1);
                continue;
            }
        }
        segments.push(Segment { start: p, count: 1, source: owner.source, offset: owner.offset });
    }
    Claim { segments }
}

/// The canonical claim for a transcript against these sources.
pub fn canonical_claim(transcript: &[u8], prompt_len: u32, sources: &[Source<'_>]) -> Claim {
    let by_seq: BTreeMap<u64, &[u8]> = sources.iter().map(|source| (source.seq, source.bytes)).collect();
    let owners = owners(transcript, prompt_len, sources);
    claim_from_owners(transcript, prompt_len, &owners, |seq| by_seq.get(&seq).copied())
}
