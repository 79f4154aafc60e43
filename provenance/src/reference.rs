//! The rule of attribution as plainly as it can be said, for tests: every window against every place, nothing indexed.
//!
//! Quadratic. Other implementations, [`crate::canonical`] and the engine's among them, are tested against it.

use crate::canonical::{Owner, Rank, Source};
use crate::{window_count, ECHO, WINDOW_BYTES};

const WINDOW: usize = WINDOW_BYTES as usize;

/// The owner of every window of the output, nothing standing for NONE.
pub fn owners(transcript: &[u8], prompt_len: u32, sources: &[Source<'_>]) -> Vec<Option<Owner>> {
    let prompt = prompt_len as usize;
    let output_len = u32::try_from(transcript.len().saturating_sub(prompt)).unwrap_or(0);
    (0..window_count(output_len) as usize).map(|p| own(transcript, prompt.saturating_add(p), sources)).collect()
}

/// The owner of the window that starts at `at` in the transcript.
fn own(transcript: &[u8], at: usize, sources: &[Source<'_>]) -> Option<Owner> {
    let window = transcript.get(at..at.checked_add(WINDOW)?)?;
    let owner = |source: u64, offset: usize| Some(Owner { source, offset: u32::try_from(offset).ok()? });
    let echo = (0..at).find(|start| transcript.get(*start..).is_some_and(|rest| rest.starts_with(window)));
    if let Some(start) = echo {
        return owner(ECHO, start);
    }
    let mut ranked: Vec<&Source<'_>> = sources.iter().collect();
    ranked.sort_by_key(|source| Rank::of(source.class, source.seq));
    ranked.iter().find_map(|source| {
        let offset = source.bytes.windows(WINDOW).position(|held| held == window)?;
        owner(source.seq, offset)
    })
}
