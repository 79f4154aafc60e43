//! The index over a datanet version's documents: a suffix array, and for each 32-byte window the first place that owns it.
//!
//! Documents are laid one after the other *in order of rank* (the chain's commons first, then by seq), so that of all places where a
//! window occurs the owner's least offset is simply the least position in the text. One linear pass over the suffix array finds that
//! position for each group of suffixes that share 32 bytes; a look-up is one binary search. Memory: nine bytes a byte of text.

use libsais::SuffixArrayConstruction;
use openledger_provenance::WINDOW_BYTES;

/// Bytes of a window.
const WINDOW: usize = WINDOW_BYTES as usize;

/// No document holds the window whole.
const NOWHERE: u32 = u32::MAX;
/// The separator after each document keeps the language model from running over its end.
const SEPARATOR: u8 = 0;
/// Positions are 31 bits wide: libsais' 32-bit arrays.
const MAX_TEXT: usize = i32::MAX as usize;

/// A document as it is indexed.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its contribution's place in the order of commits.
    pub seq: u64,
    /// Whether it is on the chain's commons list, which ranks before every author.
    pub commons: bool,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Where a document lies in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The contribution.
    pub seq: u64,
    /// Whether it is on the chain's commons list.
    pub commons: bool,
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// A suffix array over documents.
pub struct Index {
    text: Vec<u8>,
    spans: Vec<Span>,
    suffixes: Vec<i32>,
    first_of_group: Vec<u32>,
}

impl Index {
    /// Indexes documents; an error where they exceed 2 GiB together.
    pub fn build(mut documents: Vec<Document>) -> anyhow::Result<Self> {
        documents.sort_by_key(|document| (!document.commons, document.seq));
        let length: usize = documents.iter().map(|document| document.bytes.len() + 1).sum();
        anyhow::ensure!(length <= MAX_TEXT, "documents of {length} bytes exceed the index's {MAX_TEXT}");
        let (mut text, mut spans) = (Vec::with_capacity(length), Vec::with_capacity(documents.len()));
        for document in &documents {
            let start = text.len();
            text.extend_from_slice(&document.bytes);
            spans.push(Span { seq: document.seq, commons: document.commons, start, end: text.len() });
            text.push(SEPARATOR);
        }
        let suffixes = SuffixArrayConstruction::for_text(&text)
            .in_owned_buffer32()
            .single_threaded()
            .run()
            .map_err(|error| anyhow::anyhow!("suffix array: {error:?}"))?
            .into_vec();
        let first_of_group = first_of_groups(&text, &spans, &suffixes);
        Ok(Self { text, spans, suffixes, first_of_group })
    }

    /// The documents' bytes in order of rank, each followed by a separator.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The document that holds a position of the text, `None` on a separator or past the end.
    pub fn document_at(&self, position: usize) -> Option<Span> {
        let after = self.spans.partition_point(|span| span.start <= position);
        let span = *self.spans.get(after.checked_sub(1)?)?;
        (position < span.end).then_some(span)
    }

    /// The bytes of a contribution.
    pub fn document(&self, seq: u64) -> Option<&[u8]> {
        let span = self.spans.iter().find(|span| span.seq == seq)?;
        Some(&self.text[span.start..span.end])
    }

    /// Seq, whether it is commons, and bytes of each document, in order of rank.
    pub fn documents(&self) -> impl Iterator<Item = (u64, bool, &[u8])> {
        self.spans.iter().map(|span| (span.seq, span.commons, &self.text[span.start..span.end]))
    }

    /// The owner of a 32-byte window and its least offset there; ranks as the canonical attribution's.
    pub fn owner(&self, window: &[u8; WINDOW]) -> Option<(u64, usize)> {
        let at = self.suffixes.partition_point(|&suffix| self.prefix(suffix, WINDOW) < window.as_slice());
        let suffix = *self.suffixes.get(at)?;
        if self.prefix(suffix, WINDOW) != window || self.first_of_group[at] == NOWHERE {
            return None;
        }
        let position = self.first_of_group[at] as usize;
        let span = self.document_at(position)?;
        Some((span.seq, position - span.start))
    }

    /// The suffixes that begin with `pattern`, as a range of the suffix array.
    pub fn occurrences(&self, pattern: &[u8]) -> std::ops::Range<usize> {
        let start = self.suffixes.partition_point(|&suffix| self.prefix(suffix, pattern.len()) < pattern);
        let count = self.suffixes[start..].partition_point(|&suffix| self.prefix(suffix, pattern.len()) == pattern);
        start..start + count
    }

    /// The text position of an entry of the suffix array.
    pub fn position(&self, entry: usize) -> usize {
        self.suffixes[entry] as usize
    }

    fn prefix(&self, suffix: i32, length: usize) -> &[u8] {
        prefix(&self.text, suffix, length)
    }
}

fn prefix(text: &[u8], suffix: i32, length: usize) -> &[u8] {
    let start = suffix as usize;
    &text[start..text.len().min(start + length)]
}

/// For the first entry of each group of suffixes that share a window: the least position at which a document holds it whole.
fn first_of_groups(text: &[u8], spans: &[Span], suffixes: &[i32]) -> Vec<u32> {
    let mut first = vec![NOWHERE; suffixes.len()];
    let mut whole = vec![false; text.len()];
    for span in spans.iter().filter(|span| span.end - span.start >= WINDOW) {
        whole[span.start..=span.end - WINDOW].fill(true);
    }
    let mut group = 0;
    for (entry, &suffix) in suffixes.iter().enumerate() {
        if entry > 0 && prefix(text, suffix, WINDOW) != prefix(text, suffixes[entry - 1], WINDOW) {
            group = entry;
        }
        if whole[suffix as usize] {
            first[group] = first[group].min(suffix as u32);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(seq: u64, bytes: &[u8]) -> Document {
        Document { seq, commons: false, bytes: bytes.to_vec() }
    }

    #[test]
    fn the_commons_rank_before_every_author_whatever_their_seq() {
        let text = b"a licence of more than thirty-two bytes, word for word";
        let mut commons = document(9, text);
        commons.commons = true;
        let index = Index::build(vec![document(1, text), commons]).unwrap();
        let window: [u8; WINDOW] = text[3..3 + WINDOW].try_into().unwrap();
        assert_eq!(index.owner(&window), Some((9, 3)));
    }

    #[test]
    fn a_window_never_spans_two_documents() {
        let index = Index::build(vec![document(1, &[7; 20]), document(2, &[7; 20])]).unwrap();
        assert_eq!(index.owner(&[7; WINDOW]), None);
        let empty = Index::build(Vec::new()).unwrap();
        assert_eq!(empty.owner(&[7; WINDOW]), None);
        assert!(empty.occurrences(b"x").is_empty());
    }

    proptest! {
        #[test]
        fn owners_and_occurrences_are_those_of_a_plain_search(
            texts in prop::collection::vec(prop::collection::vec(0u8..3, 0..90), 1..5),
            probe in prop::collection::vec(0u8..3, WINDOW),
        ) {
            let documents: Vec<_> = texts.iter().zip(1..).map(|(text, seq)| document(seq, text)).collect();
            let index = Index::build(documents).unwrap();
            let mut windows: Vec<Vec<u8>> = texts.iter().flat_map(|text| text.windows(WINDOW).map(<[u8]>::to_vec)).collect();
            windows.push(probe);
            for window in windows {
                let plain = texts.iter().zip(1u64..).find_map(|(text, seq)| {
                    text.windows(WINDOW).position(|found| found == window).map(|offset| (seq, offset))
                });
                prop_assert_eq!(index.owner(&window.as_slice().try_into().unwrap()), plain);
                let count = index.text().windows(5).filter(|found| *found == &window[..5]).count();
                prop_assert_eq!(index.occurrences(&window[..5]).len(), count);
            }
        }
    }
}
