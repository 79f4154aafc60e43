//! The index over a corpus: suffix arrays by segment, and for each 32-byte window the first place that owns it.
//!
//! A corpus is cut into segments of at most 32 MiB, each with a suffix array of its own in a file ([`format`]) that is mapped into memory
//! ([`segment`]). The cuts follow the order of acceptance, so what a datanet takes in later touches its last segment alone, and
//! versions of one datanet share all others. The chain's commons have segments of their own. A segment's name is the hash of what is in
//! it: a file is right or it is built anew.
//!
//! In a segment documents lie one after the other *in order of rank*, so that of all places where a window occurs the owner's least
//! offset is simply the least position in the text; it is put first among the suffixes that share 32 bytes, and a look-up is one
//! binary search a segment. The least rank over all segments owns the window. While it is built ([`build`]) a segment takes five bytes of
//! memory a byte of text and a bit; afterwards it is mapped.

mod build;
mod format;
mod memory;
mod segment;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use openledger_provenance::hash::sha256;
use openledger_provenance::WINDOW_BYTES;

use crate::progress::Progress;
pub use segment::Segment;

/// Bytes of a window, and of the longest pattern that is looked for.
pub const WINDOW: usize = WINDOW_BYTES as usize;
/// Bytes of text in a segment, unless one document alone has more.
pub const SEGMENT_BYTES: u64 = 32 << 20;
/// How long a segment's file is kept that nothing uses.
const KEPT_UNUSED: Duration = Duration::from_secs(7 * 24 * 3600);
/// The ending of a segment's file.
const ENDING: &str = "seg";

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

/// A document that is to be indexed, by its commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its contribution's place in the order of commits.
    pub seq: u64,
    /// Whether it is on the chain's commons list.
    pub commons: bool,
    /// The content's root.
    pub root: Vec<u8>,
    /// The content's bytes.
    pub length: u64,
}

/// Where a document lies in a segment's text.
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

impl Span {
    /// Order of precedence: the chain's commons, then by seq.
    fn rank(&self) -> (bool, u64) {
        (!self.commons, self.seq)
    }
}

/// Suffix arrays over a corpus.
pub struct Index {
    segments: Vec<Segment>,
    /// Segment and span of each contribution.
    documents: BTreeMap<u64, (usize, Span)>,
}

/// Where a pattern occurs: ranges of entries, segment by segment.
#[derive(Debug, Clone, Default)]
pub struct Occurrences {
    ranges: Vec<(usize, std::ops::Range<usize>)>,
}

impl Occurrences {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ranges.iter().map(|(_, range)| range.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

impl Index {
    /// Indexes documents in files that go with this value.
    pub fn build(documents: Vec<Document>) -> Result<Self> {
        let (commons, others): (Vec<_>, Vec<_>) = documents.into_iter().partition(|document| document.commons);
        let mut segments = Vec::new();
        for list in [commons, others] {
            let mut rest = list.into_iter().peekable();
            while rest.peek().is_some() {
                let mut size = 0;
                let mut part: Vec<Document> = Vec::new();
                while let Some(document) = rest.next_if(|next| part.is_empty() || fits(size, next.bytes.len() as u64)) {
                    size += document.bytes.len() as u64 + 1;
                    part.push(document);
                }
                segments.push(Segment::temporary(part)?);
            }
        }
        Ok(Self::over(segments))
    }

    /// The index over these entries, each list in order of acceptance: files in `folder` that are whole are taken, the others built
    /// from the bytes that `content` gives.
    pub fn open(
        folder: &Path,
        lists: &[Vec<Entry>],
        content: impl Fn(&Entry) -> Result<Vec<u8>>,
        progress: &Progress,
    ) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let parts: Vec<&[Entry]> = lists.iter().flat_map(|list| cut(list)).collect();
        let total = parts.iter().flat_map(|part| part.iter()).map(|entry| entry.length).sum();
        let bar = progress.bytes("indexing", total);
        let mut segments = Vec::with_capacity(parts.len());
        for part in parts {
            segments.push(open_or_build(folder, part, &content)?);
            bar.inc(part.iter().map(|entry| entry.length).sum());
        }
        bar.finish_and_clear();
        sweep(folder)?;
        Ok(Self::over(segments))
    }

    fn over(segments: Vec<Segment>) -> Self {
        let mut documents = BTreeMap::new();
        for (place, segment) in segments.iter().enumerate() {
            documents.extend(segment.spans().iter().map(|span| (span.seq, (place, *span))));
        }
        Self { segments, documents }
    }

    /// Bytes of text.
    pub fn len(&self) -> usize {
        self.segments.iter().map(Segment::len).sum()
    }

    /// Whether it holds no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its segments.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The bytes of a contribution.
    pub fn document(&self, seq: u64) -> Option<&[u8]> {
        let (segment, span) = *self.documents.get(&seq)?;
        Some(self.segments[segment].document(span))
    }

    /// Whether a contribution stands on the chain's commons list, `None` where it is not in the corpus.
    pub fn is_commons(&self, seq: u64) -> Option<bool> {
        self.documents.get(&seq).map(|(_, span)| span.commons)
    }

    /// Seq, whether it is commons, and bytes of each document, in order of seq.
    pub fn documents(&self) -> impl Iterator<Item = (u64, bool, &[u8])> {
        let bytes = |segment: usize, span: Span| self.segments[segment].document(span);
        self.documents.values().map(move |(segment, span)| (span.seq, span.commons, bytes(*segment, *span)))
    }

    /// The owner of a 32-byte window and its least offset there; ranks as the canonical attribution's.
    pub fn owner(&self, window: &[u8; WINDOW]) -> Option<(u64, usize)> {
        let owners = self.segments.iter().filter_map(|segment| segment.owner(window));
        let (span, offset) = owners.min_by_key(|(span, _)| span.rank())?;
        Some((span.seq, offset))
    }

    /// Where a pattern of at most 32 bytes occurs.
    pub fn occurrences(&self, pattern: &[u8]) -> Occurrences {
        let found = self.segments.iter().enumerate().map(|(place, segment)| (place, segment.occurrences(pattern)));
        Occurrences { ranges: found.filter(|(_, range)| !range.is_empty()).collect() }
    }

    /// The contributions that hold the occurrences of a pattern, one for each.
    pub fn holders<'a>(&'a self, occurrences: &'a Occurrences) -> impl Iterator<Item = u64> + 'a {
        occurrences.ranges.iter().flat_map(|(segment, range)| {
            let segment = &self.segments[*segment];
            range.clone().filter_map(|entry| Some(segment.document_at(segment.position(entry))?.seq))
        })
    }

    /// The byte that follows an occurrence of a pattern of this length; `None` where its document ends.
    pub fn byte_after(&self, occurrences: &Occurrences, mut which: usize, length: usize) -> Option<u8> {
        for (segment, range) in &occurrences.ranges {
            if which < range.len() {
                let segment = &self.segments[*segment];
                return segment.byte(segment.position(range.start + which) + length);
            }
            which -= range.len();
        }
        None
    }
}

/// Whether a document of this length goes into a segment that has `size` bytes already.
fn fits(size: u64, length: u64) -> bool {
    size + length < SEGMENT_BYTES
}

/// Cuts a list into segments.
fn cut(list: &[Entry]) -> Vec<&[Entry]> {
    let (mut parts, mut start, mut size) = (Vec::new(), 0, 0);
    for (place, entry) in list.iter().enumerate() {
        if place > start && !fits(size, entry.length) {
            parts.push(&list[start..place]);
            (start, size) = (place, 0);
        }
        size += entry.length + 1;
    }
    if start < list.len() {
        parts.push(&list[start..]);
    }
    parts
}

fn open_or_build(folder: &Path, part: &[Entry], content: &impl Fn(&Entry) -> Result<Vec<u8>>) -> Result<Segment> {
    let path = folder.join(name(part));
    if path.exists() {
        match Segment::open(&path) {
            Ok(segment) => return Ok(segment),
            Err(error) => tracing::warn!("{error:#}; it is built again"),
        }
    }
    let mut documents = Vec::with_capacity(part.len());
    for entry in part {
        documents.push(Document { seq: entry.seq, commons: entry.commons, bytes: content(entry)? });
    }
    Segment::create(&path, documents)
}

/// A segment's file by what is in it.
fn name(part: &[Entry]) -> String {
    let mut bytes = Vec::with_capacity(part.len() * 49);
    for entry in part {
        bytes.extend(entry.seq.to_be_bytes());
        bytes.push(u8::from(entry.commons));
        bytes.extend(entry.length.to_be_bytes());
        bytes.extend(&entry.root);
    }
    format!("{}.{ENDING}", hex::encode(sha256(&[b"openledger/segment/v1", &bytes])))
}

/// Removes files that nothing has opened for a week.
fn sweep(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.path().extension().is_some_and(|ending| ending == ENDING);
        let idle = SystemTime::now().duration_since(entry.metadata()?.modified()?).unwrap_or_default();
        if ours && idle > KEPT_UNUSED {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
