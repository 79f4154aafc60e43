//! One segment: documents under one suffix array, in a file that is mapped into memory.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use memmap2::{Advice, Mmap};

use super::build;
use super::format::{self, Key, Layout};
use super::{Document, Span, WINDOW};

/// Documents under one suffix array.
pub struct Segment {
    map: Mmap,
    layout: Layout,
}

impl Segment {
    /// Indexes documents into a new file, atomically: the file is whole or not there.
    pub fn create(path: &Path, documents: Vec<Document>) -> Result<Self> {
        let folder = path.parent().context("a segment's file lies in a folder")?;
        let temporary = tempfile::NamedTempFile::new_in(folder)?;
        build::build(temporary.as_file(), documents)?;
        temporary.as_file().sync_all()?;
        let file = temporary.persist(path).with_context(|| format!("writing {}", path.display()))?;
        Self::map(&file, format::read)
    }

    /// Indexes documents into a file that goes with this value.
    pub fn temporary(documents: Vec<Document>) -> Result<Self> {
        let file = tempfile::tempfile()?;
        build::build(&file, documents)?;
        Self::map(&file, format::read)
    }

    /// Opens a segment's file; an error where any of it is damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::options().read(true).write(true).open(path);
        let file = file.with_context(|| format!("opening {}", path.display()))?;
        let segment = Self::map(&file, format::check).with_context(|| format!("segment {}", path.display()))?;
        // When it was last used, for `Index::sweep`.
        file.set_modified(std::time::SystemTime::now())?;
        Ok(segment)
    }

    fn map(file: &File, read: impl Fn(&[u8]) -> Result<Layout>) -> Result<Self> {
        // SAFETY: a segment's file is written once, by us, and replaced by renaming, never changed in place. Whoever else may write
        // into the engine's folder can also change the engine.
        let map = unsafe { Mmap::map(file)? };
        map.advise(Advice::WillNeed)?;
        let layout = read(&map)?;
        map.advise(Advice::Random)?;
        Ok(Self { map, layout })
    }

    /// Its documents, in order of rank.
    pub fn spans(&self) -> &[Span] {
        &self.layout.spans
    }

    /// Bytes of its text, separators included.
    pub fn len(&self) -> usize {
        self.layout.length
    }

    /// Whether it holds no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a document.
    pub fn document(&self, span: Span) -> &[u8] {
        &self.text()[span.start..span.end]
    }

    /// The document that holds a position of the text, `None` on a separator or past the end.
    pub fn document_at(&self, position: usize) -> Option<Span> {
        let after = self.layout.spans.partition_point(|span| span.start <= position);
        let span = *self.layout.spans.get(after.checked_sub(1)?)?;
        (position < span.end).then_some(span)
    }

    /// The document of least rank that holds a window whole, and the least offset at which it does.
    pub fn owner(&self, window: &[u8; WINDOW]) -> Option<(Span, usize)> {
        let wanted = format::key(window, 0);
        let at = self.first(0, |key| key < wanted);
        if at == self.len() || self.key(at) != wanted {
            return None;
        }
        let position = self.position(at);
        let span = self.document_at(position).filter(|span| span.end - position >= WINDOW)?;
        Some((span, position - span.start))
    }

    /// The entries whose text begins with `pattern`, of at most 32 bytes.
    pub fn occurrences(&self, pattern: &[u8]) -> Range<usize> {
        let (mut low, mut high) = ([0; WINDOW], [0xff; WINDOW]);
        low[..pattern.len()].copy_from_slice(pattern);
        high[..pattern.len()].copy_from_slice(pattern);
        let (low, high) = (format::key(&low, 0), format::key(&high, 0));
        let start = self.first(0, |key| key < low);
        start..self.first(start, |key| key <= high)
    }

    /// The text position of an entry.
    pub fn position(&self, entry: usize) -> usize {
        let bytes = &self.map[self.layout.suffixes.clone()][4 * entry..4 * entry + 4];
        u32::from_le_bytes(bytes.try_into().unwrap_or_default()) as usize
    }

    /// A byte of a document, `None` on a separator or past the end.
    pub fn byte(&self, position: usize) -> Option<u8> {
        self.document_at(position)?;
        self.text().get(position).copied()
    }

    fn text(&self) -> &[u8] {
        &self.map[self.layout.text.clone()]
    }

    fn key(&self, entry: usize) -> Key {
        format::key(self.text(), self.position(entry))
    }

    /// The first entry from `from` on that is not `before`.
    fn first(&self, from: usize, before: impl Fn(Key) -> bool) -> usize {
        let (mut low, mut high) = (from, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if before(self.key(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}
