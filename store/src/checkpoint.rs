//! Checkpoints: the trees of a height on disk, written beside the chain's work from immutable nodes. A start replays at most the changes
//! since the latest one, the proofs of a past height those since the one before it, and what a checkpoint has may go cold in memory.
//!
//! A node is written once, at the first checkpoint that has it, under the next record number; children come before their parent. Its
//! record is described in `iavl/record.rs`.
//!
//! ```text
//! nodes:  number (8 bytes, big endian, from 1) → node
//! meta:   'k' ‖ height (8 bytes, big endian) →
//!         uvarint next number, uvarint count, count × (bytes store, uvarint root's number or 0 if empty)
//!         'o' ‖ height → uvarint steps: the numbers, ascending, that the checkpoint before has and this one has not
//! ```
//!
//! The record of a checkpoint is written with its last nodes in one batch, so a crash leaves the checkpoints that there were, and unused
//! numbers above them. The oldest one is deleted together with the nodes that its successor has not (`prune.rs`).

use crate::codec::{put_bytes, put_uvarint, Flaw, Reader};
use crate::disk::{height_key, height_of, Batch, Disk, Family, View, CHECKPOINT, DAMAGED_KEY, ORPHANS};
use crate::error::Error;
use crate::iavl::{encode, Kind, Node, Orphan, Tree};
use crate::overlay::StoreName;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Records are written in batches of about this many bytes.
const BATCH_BYTES: usize = 4 << 20;

/// The latest checkpoint on disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    pub(crate) height: u64,
    /// The number of the next node.
    pub(crate) next: u64,
}

/// The trees of a height that are to be a checkpoint.
pub(crate) struct Draft {
    pub(crate) height: u64,
    pub(crate) trees: BTreeMap<StoreName, Tree>,
    /// What the checkpoint before has and these trees have not.
    pub(crate) orphans: Vec<Orphan>,
}

impl Checkpoint {
    /// The state of things before the first checkpoint.
    pub(crate) fn none() -> Self {
        Self { height: 0, next: 1 }
    }

    /// Writes a checkpoint after `self`, which is the latest so far.
    pub(crate) fn write_next(self, disk: &Disk, draft: &Draft) -> Result<Self, Error> {
        let mut writer = Writer { disk, batch: disk.batch(), next: self.next, written: Vec::new() };
        let mut roots = Vec::new();
        for (name, tree) in &draft.trees {
            roots.push((*name, tree.root.as_ref().map_or(Ok(0), |root| writer.put(root))?));
        }
        let orphans: BTreeSet<u64> = draft.orphans.iter().map(Orphan::number).filter(|number| *number > 0).collect();
        let orphans: Vec<u64> = orphans.into_iter().collect();
        let made = Self { height: draft.height, next: writer.next };
        put_head(&mut writer.batch, made, roots.into_iter(), &orphans)?;
        writer.flush()?;
        Ok(made)
    }

    /// Makes this the latest checkpoint on disk: later ones, and numbers that it does not use, are deleted.
    pub(crate) fn delete_after(&self, batch: &mut Batch) -> Result<(), Error> {
        for prefix in [CHECKPOINT, ORPHANS] {
            let after = height_key(prefix, self.height.saturating_add(1));
            batch.delete_range(Family::Meta, &after, &[prefix.saturating_add(1)])?;
        }
        batch.delete(Family::Meta, DAMAGED_KEY)?;
        batch.delete_range(Family::Nodes, &self.next.to_be_bytes(), &u64::MAX.to_be_bytes())
    }
}

/// Puts the records of a checkpoint, whose nodes are on disk or before them in the batch: its roots' numbers, and, ascending, the numbers
/// that the checkpoint before has and this one has not.
pub(crate) fn put_head<'a>(
    batch: &mut Batch,
    checkpoint: Checkpoint,
    roots: impl ExactSizeIterator<Item = (&'a str, u64)>,
    orphans: &[u64],
) -> Result<(), Error> {
    let mut head = Vec::new();
    put_uvarint(&mut head, checkpoint.next);
    put_uvarint(&mut head, len(roots.len()));
    for (name, number) in roots {
        put_bytes(&mut head, name.as_bytes());
        put_uvarint(&mut head, number);
    }
    let (mut list, mut before) = (Vec::new(), 0u64);
    for orphan in orphans {
        put_uvarint(&mut list, orphan.saturating_sub(before));
        before = *orphan;
    }
    batch.put(Family::Meta, &height_key(ORPHANS, checkpoint.height), &list)?;
    batch.put(Family::Meta, &height_key(CHECKPOINT, checkpoint.height), &head)
}

/// The heights of the checkpoints on disk up to a height, ascending or (`reverse`) latest first.
pub(crate) fn heights(
    view: &View,
    up_to: u64,
    reverse: bool,
) -> Result<impl Iterator<Item = Result<u64, Error>> + '_, Error> {
    let end = match up_to.checked_add(1) {
        Some(end) => height_key(CHECKPOINT, end).to_vec(),
        None => vec![CHECKPOINT.saturating_add(1)],
    };
    let mut records = view.raw(Family::Meta, vec![CHECKPOINT], end)?;
    if reverse {
        records.seek_to_last();
    } else {
        records.seek_to_first();
    }
    // Only where they are: whether a record is sound is seen when it is read.
    Ok(std::iter::from_fn(move || {
        let Some(height) = records.key().and_then(height_of) else {
            return records.status().err().map(|error| Err(error.into()));
        };
        if reverse {
            records.prev();
        } else {
            records.next();
        }
        Some(Ok(height))
    }))
}

/// The numbers that the checkpoint before has and the one of `height` has not.
pub(crate) fn orphans(view: &View, height: u64) -> Result<Vec<u64>, Error> {
    let damaged = |why| Error::Damaged { what: format!("list of what checkpoint {height} replaced"), why };
    let record = view.get(Family::Meta, &height_key(ORPHANS, height))?.ok_or_else(|| damaged("it is missing"))?;
    let mut reader = Reader(&record);
    let (mut orphans, mut before) = (Vec::new(), 0u64);
    while !reader.is_empty() {
        before = before.saturating_add(reader.uvarint().map_err(damaged)?);
        orphans.push(before);
    }
    Ok(orphans)
}

/// The record of a checkpoint.
pub(crate) struct Head {
    pub(crate) next: u64,
    /// The roots' numbers, 0 for an empty store.
    pub(crate) roots: BTreeMap<String, u64>,
}

impl Head {
    /// Reads the record of the checkpoint of `height`.
    pub(crate) fn read(view: &View, height: u64) -> Result<Self, Error> {
        let damaged = |why| Error::Damaged { what: format!("checkpoint {height}"), why };
        let record = view.get(Family::Meta, &height_key(CHECKPOINT, height))?;
        Self::decode(&record.ok_or_else(|| damaged("it is missing"))?).map_err(damaged)
    }

    fn decode(record: &[u8]) -> Result<Self, Flaw> {
        let mut reader = Reader(record);
        let next = reader.uvarint()?;
        let mut roots = BTreeMap::new();
        for _ in 0..reader.uvarint()? {
            let name = String::from_utf8(reader.bytes()?.to_vec()).map_err(|_| "a name is not UTF-8")?;
            roots.insert(name, reader.uvarint()?);
        }
        reader.end()?;
        Ok(Self { next, roots })
    }
}

fn len(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Writes the nodes that have no record yet.
struct Writer<'a> {
    disk: &'a Disk,
    batch: Batch<'a>,
    next: u64,
    /// What the batch holds. A node gets its number once it is on disk: from then on it may go cold.
    written: Vec<(Arc<Node>, u64)>,
}

impl Writer<'_> {
    fn put(&mut self, node: &Arc<Node>) -> Result<u64, Error> {
        let known = node.record();
        if known != 0 {
            return Ok(known);
        }
        let children = match &node.kind {
            Kind::Inner(inner) => [self.put(&inner.left)?, self.put(&inner.right)?],
            Kind::Leaf { .. } | Kind::Cold(_) => [0; 2],
        };
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.batch.put(Family::Nodes, &number.to_be_bytes(), &encode(node, number, children))?;
        self.written.push((node.clone(), number));
        if self.batch.bytes() > BATCH_BYTES {
            self.flush()?;
        }
        Ok(number)
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.disk.is_stopping() {
            return Err(Error::Closing);
        }
        self.batch.write(false)?;
        self.written.drain(..).for_each(|(node, number)| node.set_record(number));
        Ok(())
    }
}
