//! The embedded model: a byte-level infini-gram language model over a corpus' suffix arrays. No weights, no GPU.
//!
//! The next byte follows the longest suffix of the context, of at most 32 bytes, that occurs often enough (Liu et al., *Infini-gram*,
//! 2024, with back-off to shorter suffixes). Sampled as it is, one of the occurrences is drawn and the byte behind it taken, which
//! is sampling by the counts without counting; at other temperatures the bytes behind evenly spaced occurrences are counted. It never
//! runs over a document's end.

use std::ops::{ControlFlow, Deref};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::index::{Index, Occurrences, WINDOW};
use crate::model::{Model, Sampling};

/// The longest context that is looked at, in bytes.
const LONGEST_CONTEXT: usize = WINDOW;
/// A context must occur this often, unless it is as short as [`SHORTEST_CONTEXT`].
const LEAST_OCCURRENCES: usize = 2;
/// The shortest context that is backed off to, in bytes, before any byte of the text may follow.
const SHORTEST_CONTEXT: usize = 4;
/// Occurrences that are counted at most.
const COUNTED: usize = 512;

/// The model over an index.
#[derive(Debug, Clone)]
pub struct InfiniGram<I>(pub I);

impl<I: Deref<Target = Index> + Send + Sync> Model for InfiniGram<I> {
    fn generate(
        &self,
        context: &[u8],
        sampling: &Sampling,
        on_token: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Vec<u8>> {
        let mut random = StdRng::seed_from_u64(sampling.seed);
        let start = context.len().saturating_sub(LONGEST_CONTEXT);
        let mut text = context[start..].to_vec();
        let known = text.len();
        while text.len() < known + sampling.max_bytes {
            let Some(byte) = next_byte(&self.0, &text, sampling, &mut random) else { break };
            text.push(byte);
            if on_token(&[byte]).is_break() {
                break;
            }
        }
        Ok(text.split_off(known))
    }
}

/// Draws the byte that follows the context; `None` only where there is no text.
fn next_byte(index: &Index, context: &[u8], sampling: &Sampling, random: &mut StdRng) -> Option<u8> {
    let longest = longest_suffix(index, context);
    (0..=longest).rev().find_map(|length| {
        let found = index.occurrences(&context[context.len() - length..]);
        if sampling.temperature == 1.0 && sampling.top_p >= 1.0 {
            drawn(index, &found, length, random)
        } else {
            counted(index, &found, length, sampling, random)
        }
    })
}

/// One occurrence's next byte. A few draws suffice unless all occurrences end their documents; then a shorter context has others.
fn drawn(index: &Index, found: &Occurrences, length: usize, random: &mut StdRng) -> Option<u8> {
    let count = found.len();
    (0..count.min(8)).find_map(|_| index.byte_after(found, random.gen_range(0..count), length))
}

/// Samples from the next bytes' counts, sharpened or flattened by the temperature and cut by `top_p`.
fn counted(index: &Index, found: &Occurrences, length: usize, sampling: &Sampling, random: &mut StdRng) -> Option<u8> {
    let count = found.len();
    let mut counts = [0u32; 256];
    for step in 0..count.min(COUNTED) {
        let which = if count <= COUNTED { step } else { step * count / COUNTED };
        if let Some(byte) = index.byte_after(found, which, length) {
            counts[usize::from(byte)] += 1;
        }
    }
    let mut ranked: Vec<(u8, f64)> = (0..=u8::MAX)
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(byte, count)| (byte, f64::from(count)))
        .collect();
    // The order of equals is that of the bytes, so that the same question has the same answer.
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
    let (likeliest, most) = *ranked.first()?;
    if sampling.temperature <= 0.0 {
        return Some(likeliest);
    }
    // Relative to the likeliest, so that no power overflows.
    ranked.iter_mut().for_each(|(_, weight)| *weight = (*weight / most).powf(1.0 / sampling.temperature));
    let mut enough = sampling.top_p.clamp(0.0, 1.0) * ranked.iter().map(|(_, weight)| weight).sum::<f64>();
    let kept = ranked.iter().take_while(|(_, weight)| {
        let wanted = enough > 0.0;
        enough -= weight;
        wanted
    });
    let kept = kept.count().max(1);
    ranked.truncate(kept);
    let mut at = random.gen::<f64>() * ranked.iter().map(|(_, weight)| weight).sum::<f64>();
    let chosen = ranked.iter().find(|(_, weight)| {
        at -= weight;
        at < 0.0
    });
    Some(chosen.map_or(likeliest, |(byte, _)| *byte))
}

/// The length of the longest suffix of the context that occurs often enough: occurrences only fall with length, so it is bisected.
fn longest_suffix(index: &Index, context: &[u8]) -> usize {
    let occurs = |length: usize| {
        let needed = if length <= SHORTEST_CONTEXT { 1 } else { LEAST_OCCURRENCES };
        index.occurrences(&context[context.len() - length..]).len() >= needed
    };
    let (mut low, mut high) = (0, context.len().min(LONGEST_CONTEXT));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if occurs(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Document;
    use crate::model::complete;

    fn index() -> Index {
        let texts = ["the quick brown fox jumps over the lazy dog. ", "the quick brown cat sleeps. the quick end. "];
        let documents = texts.iter().zip(1..).map(|(text, seq)| Document {
            seq,
            commons: false,
            bytes: text.repeat(3).into_bytes(),
        });
        Index::build(documents.collect()).unwrap()
    }

    fn say(index: &Index, prompt: &str, sampling: Sampling) -> Vec<u8> {
        let quiet = &mut |_: &[u8]| ControlFlow::Continue(());
        complete(&InfiniGram(index), prompt.as_bytes(), &sampling, &[], quiet).unwrap().output
    }

    #[test]
    fn the_same_seed_gives_the_same_text_and_another_seed_another() {
        let index = index();
        let run = |seed| say(&index, "the quick ", Sampling { seed, max_bytes: 200, ..Sampling::default() });
        assert_eq!(run(1), run(1));
        assert!((2..20).any(|seed| run(seed) != run(1)));
        assert_eq!(run(1).len(), 200);
    }

    #[test]
    fn at_temperature_zero_the_seed_does_not_matter_and_the_likeliest_follows() {
        let index = index();
        let run =
            |seed| say(&index, "the quick ", Sampling { seed, max_bytes: 40, temperature: 0.0, ..Sampling::default() });
        assert_eq!(run(1), run(2));
        assert!(run(1).starts_with(b"brown "), "{:?}", String::from_utf8(run(1)));
        let narrow = |seed| say(&index, "the quick ", Sampling { seed, max_bytes: 40, temperature: 0.9, top_p: 0.01 });
        assert_eq!(narrow(1), run(1));
        let wide = |seed| say(&index, "the quick ", Sampling { seed, max_bytes: 40, temperature: 2.0, top_p: 1.0 });
        assert!((2..20).any(|seed| wide(seed) != wide(1)));
    }

    #[test]
    fn what_it_says_follows_what_it_read() {
        let output = say(&index(), "jumps over the ", Sampling { max_bytes: 4, ..Sampling::default() });
        assert_eq!(output, b"lazy");
    }

    #[test]
    fn an_unknown_context_backs_off_and_an_empty_index_says_nothing() {
        let fifty = Sampling { max_bytes: 50, ..Sampling::default() };
        assert_eq!(say(&index(), "日本語", fifty).len(), 50);
        let empty = Index::build(Vec::new()).unwrap();
        assert!(say(&empty, "anything", fifty).is_empty());
    }
}
