//! The embedded model: a byte-level infini-gram language model over a datanet version's suffix array. No weights, no GPU.
//!
//! The next byte follows the longest suffix of the context that occurs often enough (Liu et al., *Infini-gram*, 2024, with
//! back-off to shorter suffixes): one of its occurrences is drawn, seeded, and the byte behind it taken, which is sampling by the
//! counts without counting. It never runs over a document's end.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::index::Index;

/// How the model samples.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Seed: the same seed, prompt and index give the same output.
    pub seed: u64,
    /// The longest context that is looked at, in bytes.
    pub longest_context: usize,
    /// A context must occur this often, unless it is as short as `shortest_context`.
    pub least_occurrences: usize,
    /// The shortest context that is backed off to, in bytes, before any byte of the text may follow.
    pub shortest_context: usize,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { seed: 0, longest_context: 48, least_occurrences: 2, shortest_context: 4 }
    }
}

/// Continues `prompt` by at most `length` bytes; ends on a whole UTF-8 character where the text is UTF-8.
pub fn generate(index: &Index, prompt: &[u8], length: usize, sampling: Sampling) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(sampling.seed);
    let mut context = prompt.to_vec();
    while context.len() < prompt.len() + length {
        let Some(byte) = next_byte(index, &context, sampling, &mut random) else { break };
        context.push(byte);
    }
    let output = &context[prompt.len()..];
    let incomplete = match std::str::from_utf8(output) {
        Err(error) if error.error_len().is_none() => output.len() - error.valid_up_to(),
        _ => 0,
    };
    output[..output.len() - incomplete].to_vec()
}

/// Draws the byte that follows the context; `None` only where there is no text.
fn next_byte(index: &Index, context: &[u8], sampling: Sampling, random: &mut StdRng) -> Option<u8> {
    let longest = longest_suffix(index, context, sampling);
    for length in (0..=longest).rev() {
        let found = index.occurrences(&context[context.len() - length..]);
        // A few draws suffice unless all occurrences end their documents; then a shorter context has others.
        for _ in 0..found.len().min(8) {
            let position = index.position(random.gen_range(found.clone())) + length;
            if index.document_at(position).is_some() {
                return Some(index.text()[position]);
            }
        }
    }
    None
}

/// The length of the longest suffix of the context that occurs often enough: occurrences only fall with length, so it is bisected.
fn longest_suffix(index: &Index, context: &[u8], sampling: Sampling) -> usize {
    let occurs = |length: usize| {
        let needed = if length <= sampling.shortest_context { 1 } else { sampling.least_occurrences };
        index.occurrences(&context[context.len() - length..]).len() >= needed
    };
    let (mut low, mut high) = (0, context.len().min(sampling.longest_context));
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

    fn index() -> Index {
        let texts = ["the quick brown fox jumps over the lazy dog. ", "the quick brown cat sleeps. the quick end. "];
        let documents = texts.iter().zip(1..).map(|(text, seq)| Document {
            seq,
            commons: false,
            bytes: text.repeat(3).into_bytes(),
        });
        Index::build(documents.collect()).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_text_and_another_seed_another() {
        let index = index();
        let run = |seed| generate(&index, b"the quick ", 200, Sampling { seed, ..Sampling::default() });
        assert_eq!(run(1), run(1));
        assert!((2..20).any(|seed| run(seed) != run(1)));
        assert_eq!(run(1).len(), 200);
    }

    #[test]
    fn what_it_says_follows_what_it_read() {
        let output = generate(&index(), b"jumps over the ", 4, Sampling::default());
        assert_eq!(output, b"lazy");
    }

    #[test]
    fn an_unknown_context_backs_off_and_an_empty_index_says_nothing() {
        assert_eq!(generate(&index(), "日本語".as_bytes(), 50, Sampling::default()).len(), 50);
        let empty = Index::build(Vec::new()).unwrap();
        assert!(generate(&empty, b"anything", 10, Sampling::default()).is_empty());
    }
}
