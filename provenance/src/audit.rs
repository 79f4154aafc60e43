//! Checking a claim as anyone can who holds the bytes: the first deviation from the canonical attribution, and what refutes it.
//!
//! A window that the claim gives to a source which does not hold it is *false* (D1); a window with an owner before the claim's is
//! overlooked, *better* (D2). A window is one of these or canonical: a source that holds the window ranks no lower than its owner.

use crate::canonical::{owners, Owner, Source};
use crate::claim::{Claim, Segment};
use crate::{ECHO, WINDOW_BYTES};
use std::collections::BTreeMap;

/// What is wrong with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// D1: this byte of the segment is another one in its source.
    False {
        /// Place in the claim.
        segment: u32,
        /// Byte under its windows.
        byte: u32,
    },
    /// D2: this window has a better owner.
    Better {
        /// The window.
        window: u32,
        /// Its owner, and where that holds it.
        owner: Owner,
    },
}

/// The first window at which a checked claim deviates from the canonical attribution against these sources.
pub fn audit(transcript: &[u8], prompt_len: u32, claim: &Claim, sources: &[Source<'_>]) -> Option<Finding> {
    let by_seq: BTreeMap<u64, &[u8]> = sources.iter().map(|source| (source.seq, source.bytes)).collect();
    let owners = owners(transcript, prompt_len, sources);
    audit_with(transcript, prompt_len, claim, &owners, |seq| by_seq.get(&seq).copied())
}

/// [`audit`] by who has the owners already, from an index; `bytes_of` gives the content of a contribution of the corpus.
pub fn audit_with<'a>(
    transcript: &'a [u8],
    prompt_len: u32,
    claim: &Claim,
    owners: &[Option<Owner>],
    bytes_of: impl Fn(u64) -> Option<&'a [u8]>,
) -> Option<Finding> {
    (0u32..).zip(owners).find_map(|(window, owner)| {
        let claimed = claim.covering(window).ok();
        if let Some((index, segment)) = claimed {
            let bytes = match segment.source {
                ECHO => transcript,
                seq => bytes_of(seq).unwrap_or_default(),
            };
            if let Some(byte) = differing_byte(transcript, prompt_len, &segment, window, bytes) {
                return Some(Finding::False { segment: index, byte });
            }
        }
        // The claim's source holds the window, so only a lower rank can be the owner's.
        let named = claimed.map(|(_, segment)| segment.source);
        owner.filter(|owner| named != Some(owner.source)).map(|owner| Finding::Better { window, owner })
    })
}

/// The first byte under the window that the segment's source lacks, counted from the segment's start.
fn differing_byte(transcript: &[u8], prompt_len: u32, segment: &Segment, window: u32, source: &[u8]) -> Option<u32> {
    let first = window.saturating_sub(segment.start);
    (first..first.saturating_add(WINDOW_BYTES)).find(|byte| {
        let at = |base: u64| usize::try_from(base.saturating_add(u64::from(*byte))).ok();
        let ours = at(segment.place(prompt_len)).and_then(|at| transcript.get(at));
        let theirs = at(u64::from(segment.offset)).and_then(|at| source.get(at));
        ours != theirs
    })
}
