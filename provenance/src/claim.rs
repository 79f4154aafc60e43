//! Claims: which windows of an output come from which source.
//!
//! A claim is a sorted list of disjoint segments; window `start + i` of the output is said to be the source's bytes at `offset + i`, and windows
//! in no segment are said to be NONE's. [`Claim::check`] refuses all that can be refused without anyone's bytes; what remains
//! wrong falls to an opening ([`crate::dispute`]).

use crate::canonical::{Class, Rank};
use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::content::Commitment;
use crate::hash::Hash;
use crate::merkle::{empty_root, leaf_hash, verify_range, ProofError, Tree};
use crate::receipt::Receipt;
use crate::{tags, ECHO, WINDOW_BYTES};
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a claim is refused on arrival; each names the segment by its place in the list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// A segment covers at least one window.
    #[error("segment {index} covers no window")]
    Empty {
        /// Place in the list.
        index: u32,
    },
    /// Segments are sorted and disjoint.
    #[error("segment {index} starts at window {start}, before the end {end} of the one before it")]
    Order {
        /// Place in the list.
        index: u32,
        /// First window.
        start: u32,
        /// First window after the segment before.
        end: u64,
    },
    /// A segment that continues the one before is part of it.
    #[error("segment {index} continues the one before it: they are one segment")]
    Unmerged {
        /// Place in the list.
        index: u32,
    },
    /// The segment leaves the output.
    #[error("segment {index} ends at window {end}; the output has {windows}")]
    BeyondOutput {
        /// Place in the list.
        index: u32,
        /// First window after the segment.
        end: u64,
        /// Windows of the output.
        windows: u32,
    },
    /// The source is not in the corpus of the receipt.
    #[error("segment {index} names source {source_seq}, which is not in the receipt's corpus")]
    NotInCorpus {
        /// Place in the list.
        index: u32,
        /// The source.
        source_seq: u64,
    },
    /// The segment leaves its source.
    #[error("segment {index} ends at byte {end} of source {source_seq}, which has {length}")]
    BeyondSource {
        /// Place in the list.
        index: u32,
        /// The source.
        source_seq: u64,
        /// First byte after the segment's last window.
        end: u64,
        /// Bytes of the source.
        length: u64,
    },
    /// An echo comes from before its own place.
    #[error("segment {index} echoes byte {offset}, which is not before its own place {place}")]
    EchoNotBefore {
        /// Place in the list.
        index: u32,
        /// Where the echo is said to come from.
        offset: u32,
        /// Where it stands.
        place: u64,
    },
}

/// What the chain knows about a source of a receipt's corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceInfo {
    /// Its content.
    pub commitment: Commitment,
    /// The list it stands on at the receipt's corpus height.
    pub class: Class,
}

/// Windows `start .. start + count` of the output, said to stand at `offset ..` of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First window.
    pub start: u32,
    /// Windows covered, one or more.
    pub count: u32,
    /// [`ECHO`] or a contribution's seq.
    pub source: u64,
    /// First byte of the first window in the source; for ECHO, in the transcript.
    pub offset: u32,
}

impl Segment {
    /// First window after the segment.
    pub fn end(&self) -> u64 {
        u64::from(self.start).saturating_add(u64::from(self.count))
    }

    /// Bytes that the windows cover together: `count + 31`.
    pub fn span(&self) -> u64 {
        u64::from(self.count).saturating_add(u64::from(WINDOW_BYTES.saturating_sub(1)))
    }

    /// First transcript byte of the segment, after a prompt of `prompt_len` bytes.
    pub fn place(&self, prompt_len: u32) -> u64 {
        u64::from(prompt_len).saturating_add(u64::from(self.start))
    }

    /// The segment's leaf of `segments_root`, over `tag ‖ encoding`.
    pub fn leaf(&self) -> Hash {
        leaf_hash(&[tags::SEGMENT, &self.encode()])
    }

    fn continues(&self, last: &Segment) -> bool {
        let offset = u64::from(last.offset).saturating_add(u64::from(last.count));
        self.source == last.source && u64::from(self.start) == last.end() && u64::from(self.offset) == offset
    }
}

impl Encode for Segment {
    fn write(&self, out: &mut Writer) {
        out.varint(u64::from(self.start));
        out.varint(u64::from(self.count));
        out.varint(self.source);
        out.varint(u64::from(self.offset));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            start: input.u32("a segment's start")?,
            count: input.u32("a segment's count")?,
            source: input.u64("a segment's source")?,
            offset: input.u32("a segment's offset")?,
        })
    }
}

/// Reads a list of segments: each takes four bytes at least.
fn read_segments(input: &mut Reader<'_>) -> Result<Vec<Segment>, DecodeError> {
    input.list("a claim's segments", 4, Segment::read)
}

fn write_segments(segments: &[Segment], out: &mut Writer) {
    out.varint(segments.len() as u64);
    for segment in segments {
        segment.write(out);
    }
}

/// An attribution of one output, as the server states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// Sorted, disjoint, and not continuing one another.
    pub segments: Vec<Segment>,
}

/// Windows by owner; together they are all windows of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights {
    /// Windows that echo the transcript.
    pub echo: u32,
    /// Windows of each source, commons included, by seq.
    pub sources: BTreeMap<u64, u32>,
    /// Windows that nobody owns.
    pub none: u32,
}

impl Claim {
    /// Refuses a claim that is wrong without anyone's bytes. `source_of` answers for the receipt's corpus: nothing where a seq is not in it.
    ///
    /// One call of `source_of` a segment; a claim that passes has at most as many segments as the output has windows.
    pub fn check(
        &self,
        receipt: &Receipt,
        mut source_of: impl FnMut(u64) -> Option<SourceInfo>,
    ) -> Result<(), ClaimError> {
        let mut last: Option<&Segment> = None;
        for (index, segment) in (0u32..).zip(&self.segments) {
            let Segment { start, count, source, offset } = *segment;
            if count == 0 {
                return Err(ClaimError::Empty { index });
            }
            if let Some(last) = last {
                if u64::from(start) < last.end() {
                    return Err(ClaimError::Order { index, start, end: last.end() });
                }
                if segment.continues(last) {
                    return Err(ClaimError::Unmerged { index });
                }
            }
            if segment.end() > u64::from(receipt.windows()) {
                return Err(ClaimError::BeyondOutput { index, end: segment.end(), windows: receipt.windows() });
            }
            if source == ECHO {
                // Before its place, it also ends before its place's end, so inside the transcript.
                let place = segment.place(receipt.prompt_len);
                if u64::from(offset) >= place {
                    return Err(ClaimError::EchoNotBefore { index, offset, place });
                }
            } else {
                let info = source_of(source).ok_or(ClaimError::NotInCorpus { index, source_seq: source })?;
                let end = u64::from(offset).saturating_add(segment.span());
                let length = info.commitment.length;
                if end > length {
                    return Err(ClaimError::BeyondSource { index, source_seq: source, end, length });
                }
            }
            last = Some(segment);
        }
        Ok(())
    }

    /// Windows by owner, of an output with `windows` windows, as a checked claim says.
    pub fn weights(&self, windows: u32) -> Weights {
        let mut weights = Weights { none: windows, ..Weights::default() };
        for segment in &self.segments {
            let slot = match segment.source {
                ECHO => &mut weights.echo,
                seq => weights.sources.entry(seq).or_default(),
            };
            *slot = slot.saturating_add(segment.count);
            weights.none = weights.none.saturating_sub(segment.count);
        }
        weights
    }

    /// The segment over a window, with its place in the list; or the place of the first segment after the gap it lies in.
    pub fn covering(&self, window: u32) -> Result<(u32, Segment), u32> {
        let next = self.segments.partition_point(|segment| segment.end() <= u64::from(window));
        let index = u32::try_from(next).unwrap_or(u32::MAX);
        self.segments.get(next).filter(|segment| segment.start <= window).map(|segment| (index, *segment)).ok_or(index)
    }

    /// The tree over the segments' leaves.
    pub fn tree(&self) -> Tree {
        Tree::new(self.segments.iter().map(Segment::leaf).collect())
    }

    /// Root over the segments' leaves: what a settled receipt carries, with the number of segments.
    pub fn segments_root(&self) -> Hash {
        self.tree().root()
    }
}

impl Encode for Claim {
    fn write(&self, out: &mut Writer) {
        write_segments(&self.segments, out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { segments: read_segments(input)? })
    }
}

/// Consecutive segments of a claim and the path from them to its root; none of them for a claim that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentsOpening {
    /// Place of the first of them in the list.
    pub first: u32,
    /// The segments.
    pub segments: Vec<Segment>,
    /// Roots of the subtrees beside them, left to right.
    pub path: Vec<Hash>,
}

impl SegmentsOpening {
    /// Opens `count` segments from `first`; `count` is zero only for a claim without segments.
    pub fn prove(claim: &Claim, first: u32, count: u32) -> Result<Self, ProofError> {
        let segments: Vec<Segment> = claim.segments.iter().skip(first as usize).take(count as usize).copied().collect();
        let path = match claim.segments.is_empty() && first == 0 && count == 0 {
            true => Vec::new(),
            false => claim.tree().prove(u64::from(first), u64::from(count))?,
        };
        Ok(Self { first, segments, path })
    }

    /// Checks that these segments stand at their place in the claim with this count and root.
    pub fn verify(&self, segment_count: u32, segments_root: &Hash) -> Result<(), ProofError> {
        if segment_count == 0 {
            let nothing = self.first == 0 && self.segments.is_empty() && self.path.is_empty();
            let (first, count) = (u64::from(self.first), self.segments.len() as u64);
            return match nothing {
                true if *segments_root == empty_root() => Ok(()),
                true => Err(ProofError::RootMismatch),
                false => Err(ProofError::OutOfRange { first, count, total: 0 }),
            };
        }
        let leaves: Vec<Hash> = self.segments.iter().map(Segment::leaf).collect();
        verify_range(segments_root, u64::from(segment_count), u64::from(self.first), &leaves, &self.path)
    }

    /// What the opened segments say about a window: the segment over it, or nothing where they show that it lies in a gap.
    /// An error where they show neither: exactly the segment over it, or exactly the neighbours of its gap, must be open.
    pub fn at_window(&self, segment_count: u32, window: u32) -> Result<Option<Segment>, NotAtWindow> {
        let p = u64::from(window);
        let is_first = self.first == 0;
        let is_last = u64::from(self.first).saturating_add(1) == u64::from(segment_count);
        match self.segments.as_slice() {
            [] if segment_count == 0 => Ok(None),
            [one] if u64::from(one.start) <= p && p < one.end() => Ok(Some(*one)),
            [one] if is_first && p < u64::from(one.start) => Ok(None),
            [one] if is_last && p >= one.end() => Ok(None),
            [left, right] if left.end() <= p && p < u64::from(right.start) => Ok(None),
            _ => Err(NotAtWindow(window)),
        }
    }
}

/// The opened segments are not the ones at the window.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the opened segments neither cover window {0} nor are the neighbours of its gap")]
pub struct NotAtWindow(pub u32);

impl Encode for SegmentsOpening {
    fn write(&self, out: &mut Writer) {
        out.varint(u64::from(self.first));
        write_segments(&self.segments, out);
        out.hashes(&self.path);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            first: input.u32("an opening's first segment")?,
            segments: read_segments(input)?,
            path: input.hashes("an opening's path")?,
        })
    }
}

/// The rank of a segment's source in a receipt's corpus, or of nothing in a gap.
pub(crate) fn rank_of(
    segment: Option<&Segment>,
    source_of: &mut impl FnMut(u64) -> Option<SourceInfo>,
) -> Result<Rank, u64> {
    match segment.map(|segment| segment.source) {
        None => Ok(Rank::None),
        Some(ECHO) => Ok(Rank::Echo),
        Some(seq) => source_of(seq).map(|info| Rank::of(info.class, seq)).ok_or(seq),
    }
}
