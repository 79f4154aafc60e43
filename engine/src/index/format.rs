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

use std::io::{self, Write};
use std::ops::Range;

use anyhow::{anyhow, ensure, Context, Result};

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
const LOOKAHEAD: usize = 64;

/// A window as four numbers whose order is that of its bytes.
pub type Key = [u64; 4];

/// The window at a position of a padded text.
pub fn key(text: &[u8], position: usize) -> Key {
    let window = &text[position..position + WINDOW];
    let mut key = [0; 4];
    for (number, bytes) in key.iter_mut().zip(window.chunks_exact(8)) {
        *number = u64::from_be_bytes(bytes.try_into().unwrap_or_default());
    }
    key
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
fn padding(documents: usize, length: usize) -> usize {
    let end = HEAD + ENTRY * documents + length + WINDOW;
    WINDOW + end.next_multiple_of(4) - end
}

/// Writes a segment; `text` is padded by a window of zeros.
pub fn write(mut out: impl Write, spans: &[Span], text: &[u8], suffixes: &[i32]) -> io::Result<()> {
    let mut crc = crc32fast::Hasher::new();
    let mut put = |bytes: &[u8]| {
        crc.update(bytes);
        out.write_all(bytes)
    };
    let length = suffixes.len();
    put(&MAGIC)?;
    put(&(spans.len() as u64).to_le_bytes())?;
    put(&(length as u64).to_le_bytes())?;
    for span in spans {
        let flag = if span.commons { COMMONS } else { 0 };
        put(&span.seq.to_le_bytes())?;
        put(&(span.start as u64).to_le_bytes())?;
        put(&((span.end - span.start) as u64 | flag).to_le_bytes())?;
    }
    put(&text[..length])?;
    put(&vec![0; padding(spans.len(), length)])?;
    let mut buffer = Vec::with_capacity(1 << 16);
    for part in suffixes.chunks(1 << 14) {
        buffer.clear();
        part.iter().for_each(|suffix| buffer.extend_from_slice(&suffix.to_le_bytes()));
        put(&buffer)?;
    }
    let sum = crc.finalize();
    out.write_all(&sum.to_le_bytes())
}

/// Reads a segment's file and checks all of it: lengths, checksum, that the positions are a permutation in order of their windows, and
/// that the least whole one leads its group.
pub fn check(file: &[u8]) -> Result<Layout> {
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
    let layout = Layout { spans, length, text: text..suffixes, suffixes: suffixes..body.len() };
    check_order(&body[layout.text.clone()], &layout.spans, &body[layout.suffixes.clone()], threads())?;
    Ok(layout)
}

/// Checks in `parts` threads that the positions are a permutation in order of their windows, and each group's first one. A part begins
/// with a group, so each is judged alone; what they have seen must not meet.
fn check_order(text: &[u8], spans: &[Span], suffixes: &[u8], parts: usize) -> Result<()> {
    let count = suffixes.len() / 4;
    let whole = Whole::of(spans, count);
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
    let mut all = Bits::new(count);
    for part in seen {
        ensure!(all.join(&part), "the positions are not a permutation");
    }
    Ok(())
}

/// A part of [`check_order`]; `before` is the position that comes before it, of a lesser window.
fn check_part(text: &[u8], whole: &Whole, suffixes: &[u8], (count, before): (usize, Option<usize>)) -> Result<Bits> {
    let mut seen = Bits::new(count);
    let before = before.filter(|position| *position < count);
    let (mut last, mut lead) = (before.map(|position| key(text, position)), before.unwrap_or(usize::MAX));
    let mut keys = [[0; 4]; LOOKAHEAD];
    for block in suffixes.chunks(4 * LOOKAHEAD) {
        for (key, bytes) in keys.iter_mut().zip(block.chunks_exact(4)) {
            let position = position(bytes);
            ensure!(position < count && seen.set(position), "the positions are not a permutation");
            *key = self::key(text, position);
        }
        for (key, bytes) in keys.iter().zip(block.chunks_exact(4)) {
            let position = position(bytes);
            match last {
                Some(last) if last == *key => {
                    let better = whole.at(position) && (!whole.at(lead) || position < lead);
                    ensure!(!better, "a group's first position is not the least");
                }
                Some(last) => {
                    ensure!(last < *key, "the positions are not in order");
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

/// Puts the least whole position of each group of equal windows first in it, in `parts` threads.
pub fn lead_groups(text: &[u8], spans: &[Span], suffixes: &mut [i32], parts: usize) {
    let whole = Whole::of(spans, suffixes.len());
    let same = |entry: usize| key(text, suffixes[entry - 1] as usize) == key(text, suffixes[entry] as usize);
    let cuts = cuts(suffixes.len(), parts, same);
    std::thread::scope(|threads| {
        let mut rest = suffixes;
        for cut in cuts.windows(2) {
            let (part, others) = rest.split_at_mut(cut[1] - cut[0]);
            rest = others;
            let whole = &whole;
            threads.spawn(move || lead_part(text, whole, part));
        }
    });
}

fn lead_part(text: &[u8], whole: &Whole, suffixes: &mut [i32]) {
    let mut keys = [[0; 4]; LOOKAHEAD];
    let (mut last, mut group): (Option<Key>, usize) = (None, 0);
    for block in (0..suffixes.len()).step_by(LOOKAHEAD) {
        let end = suffixes.len().min(block + LOOKAHEAD);
        for (key, &suffix) in keys.iter_mut().zip(&suffixes[block..end]) {
            *key = self::key(text, suffix as usize);
        }
        for (entry, key) in (block..end).zip(keys) {
            if last != Some(key) {
                (last, group) = (Some(key), entry);
                continue;
            }
            let (lead, here) = (suffixes[group] as usize, suffixes[entry] as usize);
            if whole.at(here) && (!whole.at(lead) || here < lead) {
                suffixes.swap(group, entry);
            }
        }
    }
}

/// Positions at which a document holds a whole window.
pub struct Whole(Bits);

impl Whole {
    fn of(spans: &[Span], length: usize) -> Self {
        let mut bits = Bits::new(length);
        for span in spans.iter().filter(|span| span.end - span.start >= WINDOW) {
            (span.start..=span.end - WINDOW).for_each(|position| {
                bits.set(position);
            });
        }
        Self(bits)
    }

    fn at(&self, position: usize) -> bool {
        self.0.get(position)
    }
}

struct Bits(Vec<u64>);

impl Bits {
    fn new(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    fn get(&self, bit: usize) -> bool {
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Sets a bit; whether it was not set before.
    fn set(&mut self, bit: usize) -> bool {
        let word = &mut self.0[bit / 64];
        let before = *word;
        *word |= 1 << (bit % 64);
        before != *word
    }
    /// Adds other bits; whether none of them was set already.
    fn join(&mut self, other: &Self) -> bool {
        self.0.iter_mut().zip(&other.0).all(|(word, more)| {
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

    /// A padded text of documents over two letters, its spans, and its positions in order of their windows.
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
        suffixes.sort_by_key(|suffix| (key(&text, *suffix as usize), std::cmp::Reverse(*suffix)));
        (text, spans, suffixes)
    }

    fn bytes(suffixes: &[i32]) -> Vec<u8> {
        suffixes.iter().flat_map(|suffix| suffix.to_le_bytes()).collect()
    }

    proptest! {
        #[test]
        fn parts_come_to_what_one_pass_does(
            documents in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![b'a', b'a', b'a', b'b']), 0..90), 1..6),
            (parts, a, b) in (1usize..9, any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let (text, spans, unled) = sorted(&documents);
            let (mut one, mut many) = (unled.clone(), unled.clone());
            lead_groups(&text, &spans, &mut one, 1);
            lead_groups(&text, &spans, &mut many, parts);
            prop_assert_eq!(&one, &many);
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
