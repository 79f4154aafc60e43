//! A segment's file, and the linear pass that tells whether it can be trusted.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `OLSEG`, two zeros, format 1 |
//! | 8 | documents d, little-endian like every number here |
//! | 8 | text bytes n |
//! | 24 d | each document: seq, first byte in the text, length with the highest bit set for the chain's commons |
//! | n | the documents in order of rank, a zero after each |
//! | 32 to 35 | zeros: every position has a window of 32 bytes, and what follows is aligned |
//! | 4 n | the text's positions in order of the 32 bytes there; of equal ones the least that a document holds whole comes first |
//! | 4 | CRC-32 of everything before |

use std::ops::Range;

use anyhow::{anyhow, ensure, Context, Result};

use super::memory::Memory;
use super::{Span, WINDOW};

/// How a segment's file begins.
const MAGIC: [u8; 8] = *b"OLSEG\0\0\x01";
/// Bytes before the documents.
const HEAD: usize = 24;
/// Bytes a document takes in the list.
const ENTRY: usize = 24;
/// Marks a document of the chain's commons.
const COMMONS: u64 = 1 << 63;
/// Windows that are read before they are compared, so that the memory fetches many at once.
pub const LOOKAHEAD: usize = 64;

/// A window as two numbers whose order is that of its bytes.
pub type Key = [u128; 2];

/// The window at a position of a padded text.
pub fn key(text: &[u8], position: usize) -> Key {
    let window = &text[position..position + WINDOW];
    let half = |at: usize| u128::from_be_bytes(window[at..at + WINDOW / 2].try_into().unwrap_or_default());
    [half(0), half(WINDOW / 2)]
}

/// Whether windows are the same; without a branch, as neighbours in a text's order often are the same in part.
pub fn same(one: &Key, other: &Key) -> bool {
    (one[0] ^ other[0]) | (one[1] ^ other[1]) == 0
}

/// Whether a window comes before another one; without a branch.
pub fn below(one: &Key, other: &Key) -> bool {
    (one[0] < other[0]) | ((one[0] == other[0]) & (one[1] < other[1]))
}

/// Where the parts of a segment lie in its file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The documents.
    pub spans: Vec<Span>,
    /// Bytes of text, the padding not counted.
    pub length: usize,
    /// Text and padding.
    pub text: Range<usize>,
    /// Positions.
    pub suffixes: Range<usize>,
}

/// Zeros after a text of this length that begins at this place of the file.
pub fn padding(documents: usize, length: usize) -> usize {
    let end = HEAD + ENTRY * documents + length + WINDOW;
    WINDOW + end.next_multiple_of(4) - end
}

/// What stands before the text.
pub fn head(spans: &[Span], length: usize) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&(spans.len() as u64).to_le_bytes());
    head.extend_from_slice(&(length as u64).to_le_bytes());
    for span in spans {
        let flag = if span.commons { COMMONS } else { 0 };
        head.extend_from_slice(&span.seq.to_le_bytes());
        head.extend_from_slice(&(span.start as u64).to_le_bytes());
        head.extend_from_slice(&((span.end - span.start) as u64 | flag).to_le_bytes());
    }
    head
}

/// Reads a segment's file and checks all of it: lengths, checksum, that the positions are a permutation in order of their windows, and
/// that the least whole one leads its group.
pub fn check(file: &[u8]) -> Result<Layout> {
    let layout = read(file)?;
    check_order(&file[layout.text.clone()], &layout.spans, &file[layout.suffixes.clone()], threads())?;
    Ok(layout)
}

/// Reads a segment's file and checks lengths and checksum: enough where what was written was checked before.
pub fn read(file: &[u8]) -> Result<Layout> {
    let (body, sum) = file.split_at(file.len().checked_sub(4).context("a segment of less than four bytes")?);
    ensure!(body.len() >= HEAD && body[..8] == MAGIC, "not a segment of this format");
    ensure!(crc32fast::hash(body).to_le_bytes() == sum, "the checksum does not match");
    let number = |at: usize| u64::from_le_bytes(body[at..at + 8].try_into().unwrap_or_default());
    let (documents, length) = (usize::try_from(number(8))?, usize::try_from(number(16))?);
    ensure!(documents <= body.len() / ENTRY && length <= body.len(), "more documents or text than the file holds");
    let text = HEAD + ENTRY * documents;
    let suffixes = text + length + padding(documents, length);
    ensure!(Some(body.len()) == length.checked_mul(4).and_then(|bytes| bytes.checked_add(suffixes)), "a wrong length");
    let mut spans = Vec::with_capacity(documents);
    let mut next = 0;
    for entry in (HEAD..text).step_by(ENTRY) {
        let (start, size) = (usize::try_from(number(entry + 8))?, number(entry + 16));
        let end = start.checked_add(usize::try_from(size & !COMMONS)?).context("a document without end")?;
        ensure!(start == next && end < length, "a document is not where the one before ends");
        spans.push(Span { seq: number(entry), commons: size & COMMONS != 0, start, end });
        next = end + 1;
    }
    ensure!(next == length, "the documents are not the text");
    Ok(Layout { spans, length, text: text..suffixes, suffixes: suffixes..body.len() })
}

/// Checks in `parts` threads that the positions are a permutation in order of their windows, and each group's first one. A part begins
/// with a group, so each is judged alone; what they have seen must not meet.
fn check_order(text: &[u8], spans: &[Span], suffixes: &[u8], parts: usize) -> Result<()> {
    let count = suffixes.len() / 4;
    let whole = Whole::of(spans, count)?;
    let at = |entry: usize| position(&suffixes[4 * entry..]);
    // A position outside the text is found out by the part that it is in; till then it must not be looked up.
    let same = |entry: usize| at(entry - 1).max(at(entry)) < count && key(text, at(entry - 1)) == key(text, at(entry));
    let cuts = cuts(count, parts, same);
    let seen = std::thread::scope(|threads| {
        let check = |range: Range<usize>| {
            let before = range.start.checked_sub(1).map(at);
            let part = &suffixes[4 * range.start..4 * range.end];
            let whole = &whole;
            threads.spawn(move || check_part(text, whole, part, (count, before)))
        };
        let running: Vec<_> = cuts.windows(2).map(|cut| check(cut[0]..cut[1])).collect();
        let ended = running.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a check panicked"))?);
        ended.collect::<Result<Vec<Bits>>>()
    })?;
    let mut all = Bits::new(count)?;
    for part in seen {
        ensure!(all.join(&part), "the positions are not a permutation");
    }
    Ok(())
}

/// A part of [`check_order`]; `before` is the position that comes before it, of a lesser window.
fn check_part(text: &[u8], whole: &Whole, suffixes: &[u8], (count, before): (usize, Option<usize>)) -> Result<Bits> {
    let mut seen = Bits::new(count)?;
    let before = before.filter(|position| *position < count);
    let (mut last, mut lead) = (before.map(|position| key(text, position)), before.unwrap_or(usize::MAX));
    let mut keys = [Key::default(); LOOKAHEAD];
    for block in suffixes.chunks(4 * LOOKAHEAD) {
        for (key, bytes) in keys.iter_mut().zip(block.chunks_exact(4)) {
            let position = position(bytes);
            ensure!(position < count, "a position is outside the text");
            *key = self::key(text, position);
        }
        let positions = block.chunks_exact(4).map(position);
        ensure!(seen.set_all(positions), "the positions are not a permutation");
        for (key, bytes) in keys.iter().zip(block.chunks_exact(4)) {
            let position = position(bytes);
            match last {
                Some(last) if same(&last, key) => {
                    let better = whole.at(position) && (!whole.at(lead) || position < lead);
                    ensure!(!better, "a group's first position is not the least");
                }
                Some(last) => {
                    ensure!(below(&last, key), "the positions are not in order");
                    lead = position;
                }
                None => lead = position,
            }
            last = Some(*key);
        }
    }
    Ok(seen)
}

/// The position that four bytes say.
fn position(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize
}

/// Where to cut `count` entries into about `parts` parts: never between an entry and one before it of the `same` group.
fn cuts(count: usize, parts: usize, same: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut cuts = vec![0];
    for part in 1..parts.max(1) {
        let mut cut = count / parts * part;
        while cut > 0 && cut < count && same(cut) {
            cut += 1;
        }
        if cut > cuts.last().copied().unwrap_or(0) && cut < count {
            cuts.push(cut);
        }
    }
    cuts.push(count);
    cuts
}

/// Threads for passes over a segment, which wait for memory more than they compute.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(8)
}

/// Positions at which a document holds a whole window.
pub struct Whole(Bits);

impl Whole {
    /// Those of these documents in a text of this length.
    pub fn of(spans: &[Span], length: usize) -> std::io::Result<Self> {
        let mut bits = Bits::new(length)?;
        for span in spans.iter().filter(|span| span.end - span.start >= WINDOW) {
            bits.fill(span.start..span.end - WINDOW + 1);
        }
        Ok(Self(bits))
    }

    /// Whether this is one of them.
    pub fn at(&self, position: usize) -> bool {
        self.0.get(position)
    }
}

/// A bit a position.
pub struct Bits(Memory);

impl Bits {
    /// None of them set.
    pub fn new(length: usize) -> std::io::Result<Self> {
        Ok(Self(Memory::new(length.div_ceil(64) * 8)?))
    }

    /// Sets a range of bits.
    fn fill(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let (first, last) = (range.start / 64, range.end / 64);
        let (from, upto) = (u64::MAX << (range.start % 64), !(u64::MAX << (range.end % 64)));
        let words: &mut [u64] = self.0.as_mut_slice();
        if first == last {
            words[first] |= from & upto;
            return;
        }
        words[first] |= from;
        words[first + 1..last].fill(u64::MAX);
        // A range that ends with a word has nothing in the one behind it, which need not be there.
        if let Some(word) = words.get_mut(last) {
            *word |= upto;
        }
    }

    fn get(&self, bit: usize) -> bool {
        self.0.as_slice::<u64>()[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Sets bits; whether none of them was set before, nor is named twice.
    pub fn set_all(&mut self, bits: impl Iterator<Item = usize>) -> bool {
        let words: &mut [u64] = self.0.as_mut_slice();
        bits.fold(true, |once, bit| {
            let word = &mut words[bit / 64];
            let before = *word;
            *word |= 1 << (bit % 64);
            once & (before != *word)
        })
    }

    /// Adds other bits; whether none of them was set already.
    pub fn join(&mut self, other: &Self) -> bool {
        self.0.as_mut_slice::<u64>().iter_mut().zip(other.0.as_slice::<u64>()).all(|(word, more)| {
            let apart = *word & *more == 0;
            *word |= *more;
            apart
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A padded text of documents over two letters, its spans, and its positions in order of their windows, whole ones first.
    fn sorted(documents: &[Vec<u8>]) -> (Vec<u8>, Vec<Span>, Vec<i32>) {
        let (mut text, mut spans) = (Vec::new(), Vec::new());
        for (document, seq) in documents.iter().zip(1..) {
            let start = text.len();
            text.extend_from_slice(document);
            spans.push(Span { seq, commons: false, start, end: text.len() });
            text.push(0);
        }
        let mut suffixes: Vec<i32> = (0..text.len() as i32).collect();
        text.resize(text.len() + WINDOW, 0);
        let whole = |at: usize| spans.iter().any(|span| span.start <= at && at + WINDOW <= span.end);
        suffixes.sort_by_key(|suffix| {
            let at = *suffix as usize;
            (key(&text, at), !whole(at), at)
        });
        (text, spans, suffixes)
    }

    fn bytes(suffixes: &[i32]) -> Vec<u8> {
        suffixes.iter().flat_map(|suffix| suffix.to_le_bytes()).collect()
    }

    proptest! {
        #[test]
        fn a_range_of_bits_is_filled_as_bit_by_bit(length in 1usize..400, (a, b) in (0usize..400, 0usize..400)) {
            let range = a.min(b).min(length)..a.max(b).min(length);
            let (mut filled, mut plain) = (Bits::new(length).unwrap(), Bits::new(length).unwrap());
            filled.fill(range.clone());
            prop_assert!(plain.set_all(range));
            prop_assert_eq!(filled.0.as_slice::<u64>(), plain.0.as_slice::<u64>());
        }

        #[test]
        fn parts_judge_as_one_pass_does(
            documents in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![b'a', b'a', b'a', b'b']), 0..90), 1..6),
            (parts, a, b) in (1usize..9, any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let (text, spans, one) = sorted(&documents);
            prop_assert!(check_order(&text, &spans, &bytes(&one), parts).is_ok());
            // Whatever is changed, one thread and several judge alike; and no changed permutation of other windows passes.
            let (a, b) = (a.index(one.len()), b.index(one.len()));
            let mut swapped = one.clone();
            swapped.swap(a, b);
            let mut twice = one.clone();
            twice[a] = one[b];
            let mut outside = one.clone();
            outside[a] = one.len() as i32;
            for (changed, always) in [(swapped, false), (twice, a != b), (outside, true)] {
                let verdicts = [1, parts].map(|parts| check_order(&text, &spans, &bytes(&changed), parts).is_ok());
                prop_assert_eq!(verdicts[0], verdicts[1]);
                prop_assert!(!(always && verdicts[0]));
            }
        }
    }
}
