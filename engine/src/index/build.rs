//! Making a segment's file, each entry checked on its way.
//!
//! Documents are laid out in order of rank. libsais sorts their suffixes in two runs: each over a half of the text, which caches hold better
//! than the whole, and the windows that reach out of it; two cores sort both at once. One pass in order of windows merges them, puts the owner's place first in each group of equal
//! windows, and writes; threads share it, each from one window to another. It lets nothing out but what [`format::check`] would take: every
//! group's window is above the last one's, every position comes once. That the file holds what went out is left to its checksum.
//!
//! Of a byte of text it takes one byte for the text, four for the suffixes, and a bit for each thread and one more.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use anyhow::{anyhow, ensure, Result};
use crc32fast::Hasher;
use libsais::SuffixArrayConstruction;

use super::format::{self, Bits, Key, Whole, LOOKAHEAD};
use super::memory::Memory;
use super::{Document, Span, WINDOW};

/// Positions are 31 bits wide: libsais' 32-bit arrays.
const MAX_TEXT: usize = i32::MAX as usize - 2 * WINDOW;
/// A text of fewer bytes is sorted in one run.
const LEAST_HALVED: usize = 1 << 20;
/// Bytes that are written at once.
const CHUNK: usize = 1 << 20;

/// Indexes documents into a file that is empty.
pub fn build(file: &File, documents: Vec<Document>) -> Result<()> {
    let (text, spans) = lay_out(documents)?;
    let length = spans.last().map_or(0, |span| span.end + 1);
    let middle = if length >= LEAST_HALVED { length / 2 } else { length };
    let runs = sort(&text.as_slice()[..length], middle)?;
    write(file, &spans, text.as_slice(), &runs, format::threads())
}

/// The documents in order of rank, a zero after each, and as many zeros as are written behind them.
fn lay_out(mut documents: Vec<Document>) -> Result<(Memory, Vec<Span>)> {
    documents.sort_by_key(|document| (!document.commons, document.seq));
    let length: usize = documents.iter().map(|document| document.bytes.len() + 1).sum();
    ensure!(length <= MAX_TEXT, "documents of {length} bytes exceed a segment's {MAX_TEXT}");
    let mut text = Memory::new(length + format::padding(documents.len(), length))?;
    let mut spans: Vec<Span> = Vec::with_capacity(documents.len());
    for Document { seq, commons, bytes } in documents {
        // The separator keeps the language model from running over a document's end. Nothing was written there yet: it is zero.
        let start = spans.last().map_or(0, |before| before.end + 1);
        let end = start + bytes.len();
        text.as_mut_slice()[start..end].copy_from_slice(&bytes);
        spans.push(Span { seq, commons, start, end });
    }
    Ok((text, spans))
}

/// Some of a text's positions in order of their windows.
struct Run {
    /// Counted from `base`.
    entries: Memory,
    count: usize,
    base: usize,
}

impl Run {
    /// Sorts positions of a text that is not padded.
    fn of(text: &[u8], positions: Range<usize>) -> Result<Self> {
        let (base, count) = (positions.start, positions.len());
        let end = text.len().min(positions.end + WINDOW - 1);
        let mut entries = Memory::new(4 * (end - base))?;
        if count == 0 {
            return Ok(Self { entries, count, base });
        }
        let numbers: &mut [i32] = entries.as_mut_slice();
        let sorted = SuffixArrayConstruction::for_text(&text[base..end]).in_borrowed_buffer(numbers).single_threaded();
        sorted.run().map_err(|error| anyhow!("suffix array: {error:?}"))?;
        keep_below(numbers, count);
        Ok(Self { entries, count, base })
    }

    fn entries(&self) -> &[i32] {
        &self.entries.as_slice()[..self.count]
    }

    /// At the beginning of some of its entries; `count` are in both runs.
    fn cursor<'a>(&'a self, text: &'a [u8], whole: &'a Whole, count: usize, part: Range<usize>) -> Cursor<'a> {
        let (entries, ahead) = (&self.entries()[part], [Place::default(); LOOKAHEAD]);
        Cursor { text, whole, entries, base: self.base, count, next: 0, known: 0, ahead }
    }
}

/// Moves what is below a bound to the front, in its order: what lies behind a run's positions was there for the sake of their windows.
fn keep_below(numbers: &mut [i32], bound: usize) {
    let mut kept = 0;
    for at in 0..numbers.len() {
        if kept == bound {
            return;
        }
        let number = numbers[at];
        numbers[kept] = number;
        kept += usize::from((number as usize) < bound);
    }
}

/// Sorts a text's positions in two runs, the first of those before `middle`.
fn sort(text: &[u8], middle: usize) -> Result<[Run; 2]> {
    std::thread::scope(|threads| {
        let second = threads.spawn(|| Run::of(text, middle..text.len()));
        let first = Run::of(text, 0..middle)?;
        Ok([first, second.join().map_err(|_| anyhow!("sorting panicked"))??])
    })
}

/// Writes a segment of a padded text whose positions are in these runs, in about so many parts at once.
fn write(file: &File, spans: &[Span], text: &[u8], runs: &[Run; 2], parts: usize) -> Result<()> {
    let count = runs[0].count + runs[1].count;
    let inside = |run: &Run| run.entries().iter().all(|entry| (*entry as usize) < run.count);
    ensure!(runs.iter().all(inside), "a position is outside the text");
    let head = format::head(spans, count);
    let begin = (head.len() + text.len()) as u64;
    let whole = Whole::of(spans, count)?;
    let cuts = cuts(text, runs, parts);
    let mut sum = Hasher::new();
    let merged = std::thread::scope(|threads| {
        let start = |from: [usize; 2], to: [usize; 2]| {
            let cursors = [0, 1].map(|run| runs[run].cursor(text, &whole, count, from[run]..to[run]));
            let sink = Sink {
                file,
                at: begin + 4 * (from[0] + from[1]) as u64,
                buffer: Vec::with_capacity(CHUNK / 4),
                sum: Hasher::new(),
            };
            threads.spawn(move || merge(cursors, sink))
        };
        let running: Vec<_> = cuts.windows(2).map(|cut| start(cut[0], cut[1])).collect();
        for (bytes, at) in [(head.as_slice(), 0), (text, head.len() as u64)] {
            sum.update(bytes);
            file.write_all_at(bytes, at)?;
        }
        let ended = running.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("merging panicked"))?);
        ended.collect::<Result<Vec<_>>>()
    })?;
    let (mut seen, mut last) = (Bits::new(count)?, None);
    for part in merged {
        ensure!(last.is_none() || last < part.first, "the positions are not in order");
        ensure!(seen.join(&part.seen), "the positions are not a permutation");
        sum.combine(&part.sum);
        last = part.last;
    }
    file.write_all_at(&sum.finalize().to_le_bytes(), begin + 4 * count as u64)?;
    Ok(())
}

/// Where to cut both runs into about so many parts: at a window, so that no group is cut.
fn cuts(text: &[u8], runs: &[Run; 2], parts: usize) -> Vec<[usize; 2]> {
    let mut cuts = vec![[0, 0]];
    let key = |run: &Run, entry: i32| format::key(text, run.base + entry as usize);
    for part in 1..parts {
        let Some(entry) = runs[0].entries().get(runs[0].count / parts * part) else { break };
        let at = key(&runs[0], *entry);
        let cut = [0, 1].map(|run| runs[run].entries().partition_point(|entry| key(&runs[run], *entry) < at));
        if cuts.last().is_some_and(|[one, other]| cut[0] > *one && cut[1] >= *other) {
            cuts.push(cut);
        }
    }
    cuts.push([runs[0].count, runs[1].count]);
    cuts
}

/// What a part of the merging has seen.
struct Part {
    first: Option<Key>,
    last: Option<Key>,
    seen: Bits,
    sum: Hasher,
}

/// Writes the positions of both runs in order of their windows, each group's least whole one first.
fn merge([mut one, mut other]: [Cursor; 2], mut sink: Sink) -> Result<Part> {
    let (mut seen, mut first) = (Bits::new(one.count)?, None);
    let mut group: Option<Group> = None;
    loop {
        for cursor in [&mut one, &mut other] {
            cursor.look_ahead(&mut seen)?;
        }
        if !one.is_left() && !other.is_left() {
            break;
        }
        let begun = [one.next, other.next];
        let next = match one.is_left() && !(other.is_left() && format::below(&other.front().key, &one.front().key)) {
            true => one.take(),
            false => other.take(),
        };
        match &mut group {
            Some(group) if format::same(&group.lead.key, &next.key) => {
                group.alone = false;
                if next.rank < group.lead.rank {
                    group.lead = next;
                }
            }
            before => {
                if let Some(before) = before {
                    ensure!(format::below(&before.lead.key, &next.key), "the positions are not in order");
                    sink.put_group(before, [&one, &other], begun)?;
                }
                first = first.or(Some(next.key));
                *before = Some(Group { lead: next, alone: true, begun });
            }
        }
    }
    if let Some(last) = &group {
        sink.put_group(last, [&one, &other], [one.next, other.next])?;
    }
    sink.flush()?;
    Ok(Part { first, last: group.map(|last| last.lead.key), seen, sum: sink.sum })
}

/// A window at a position.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    key: Key,
    /// The position; with [`PARTED`] where no document holds the window whole, so that the least leads.
    rank: u64,
}

/// Above every position.
const PARTED: u64 = 1 << 32;

impl Place {
    fn position(&self) -> usize {
        (self.rank % PARTED) as usize
    }
}

/// Positions of one window.
struct Group {
    lead: Place,
    alone: bool,
    /// Where it begins in both runs.
    begun: [usize; 2],
}

/// How far a run is merged. What lies ahead is looked up for many entries before they are compared, so that the memory fetches it at once.
struct Cursor<'a> {
    text: &'a [u8],
    whole: &'a Whole,
    entries: &'a [i32],
    base: usize,
    /// Positions in both runs.
    count: usize,
    next: usize,
    /// Entries that were looked at.
    known: usize,
    ahead: [Place; LOOKAHEAD],
}

impl Cursor<'_> {
    /// Looks at as many entries as fit, where none is known that is next. Each kind of memory in a pass of its own: a short one has more on the way
    /// at once.
    fn look_ahead(&mut self, seen: &mut Bits) -> Result<()> {
        if self.next < self.known {
            return Ok(());
        }
        let entries = &self.entries[self.next..];
        let entries = &entries[..entries.len().min(LOOKAHEAD)];
        let position = |entry: &i32| self.base + *entry as usize;
        ensure!(seen.set_all(entries.iter().map(position)), "the positions are not a permutation");
        for (place, position) in self.ahead.iter_mut().zip(entries.iter().map(position)) {
            place.rank = position as u64 | if self.whole.at(position) { 0 } else { PARTED };
        }
        for (place, position) in self.ahead.iter_mut().zip(entries.iter().map(position)) {
            place.key = format::key(self.text, position);
        }
        self.known += entries.len();
        Ok(())
    }

    fn is_left(&self) -> bool {
        self.next < self.entries.len()
    }

    /// What is next; anything where nothing is left.
    fn front(&self) -> &Place {
        &self.ahead[self.next % LOOKAHEAD]
    }

    fn take(&mut self) -> Place {
        let taken = *self.front();
        self.next += 1;
        taken
    }

    /// The positions of some entries.
    fn positions(&self, entries: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        self.entries[entries].iter().map(|entry| self.base + *entry as usize)
    }
}

/// Where a part of the positions is written.
struct Sink<'a> {
    file: &'a File,
    at: u64,
    buffer: Vec<u32>,
    sum: Hasher,
}

impl Sink<'_> {
    /// Writes a group that ends at these entries: the one that leads, then the others.
    fn put_group(&mut self, group: &Group, runs: [&Cursor; 2], end: [usize; 2]) -> io::Result<()> {
        let lead = group.lead.position();
        self.put(lead)?;
        if group.alone {
            return Ok(());
        }
        for ((run, begun), end) in runs.into_iter().zip(group.begun).zip(end) {
            for position in run.positions(begun..end).filter(|position| *position != lead) {
                self.put(position)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, position: usize) -> io::Result<()> {
        if self.buffer.len() >= CHUNK / 4 {
            self.flush()?;
        }
        self.buffer.push((position as u32).to_le());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(&self.buffer);
        self.sum.update(bytes);
        self.file.write_all_at(bytes, self.at)?;
        self.at += bytes.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
