//! Checkpoints: the trees of a height on disk, written beside the chain's work from immutable nodes, so that a start replays at most
//! the changes since the checkpoint.
//!
//! A node is written once, at the first checkpoint that has it, under the next record number; children come before their parent, so
//! reading the numbers upwards builds the trees from the leaves. No hash is stored: a load computes them all and compares the roots
//! with the commit info of the height.
//!
//! ```text
//! nodes:  number (8 bytes, big endian, from 1) →
//!         leaf:  0, uvarint version, bytes key, bytes value
//!         inner: 1, uvarint version, uvarint number − left's number, uvarint number − right's number
//! meta:   'k' ‖ height (8 bytes, big endian) →
//!         uvarint next number, uvarint count, count × (bytes store, uvarint root's number or 0 if empty),
//!         uvarint count, count × uvarint step: the numbers, ascending, that the checkpoint before has and this one has not
//! ```
//!
//! The two latest checkpoints are kept. The record of a checkpoint is written last, in one batch with the deletion of what only the
//! checkpoint before the previous one needs, so a crash leaves either the old pair or the new one, and unused numbers above it.

use crate::codec::{put_bytes, put_uvarint, Flaw, Reader};
use crate::error::Error;
use crate::iavl::{Bytes, Kind, Node, Tree};
use crate::overlay::StoreName;
use crate::rocks::{cf, height_key, CHECKPOINT, COMMIT_INFO, LOG, META, NODES};
use rocksdb::{IteratorMode, ReadOptions, WriteBatch, DB};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LEAF: u8 = 0;
const INNER: u8 = 1;

/// Records are written in batches of about this many bytes.
const BATCH_BYTES: usize = 4 << 20;

/// A checkpoint on disk, with its trees in memory.
pub(crate) struct Checkpoint {
    pub(crate) height: u64,
    pub(crate) trees: BTreeMap<StoreName, Tree>,
    next: u64,
    orphans: Vec<u64>,
}

impl Checkpoint {
    /// The state of things before the first checkpoint.
    pub(crate) fn none() -> Self {
        Self { height: 0, trees: BTreeMap::new(), next: 1, orphans: Vec::new() }
    }

    /// Writes the checkpoint of `height` after `self`, which is the latest so far.
    pub(crate) fn write_next(self, db: &DB, height: u64, trees: BTreeMap<StoreName, Tree>) -> Result<Self, Error> {
        let mut writer = Writer { db, batch: WriteBatch::default(), next: self.next, kept: BTreeSet::new() };
        let mut record = Vec::new();
        for (name, tree) in &trees {
            put_bytes(&mut record, name.as_bytes());
            put_uvarint(&mut record, tree.root.as_ref().map_or(Ok(0), |root| writer.put(root))?);
        }
        let mut orphans = BTreeSet::new();
        for root in self.trees.values().filter_map(|tree| tree.root.as_ref()) {
            collect_orphans(root, &writer.kept, &mut orphans);
        }
        let mut head = Vec::new();
        put_uvarint(&mut head, writer.next);
        put_uvarint(&mut head, len(trees.len()));
        head.append(&mut record);
        put_uvarint(&mut head, len(orphans.len()));
        let mut before = 0u64;
        for orphan in &orphans {
            put_uvarint(&mut head, orphan.saturating_sub(before));
            before = *orphan;
        }
        let next = writer.next;
        let mut batch = writer.batch;
        batch.put_cf(cf(db, META)?, height_key(CHECKPOINT, height), head);
        self.delete_before(db, &mut batch)?;
        db.write(batch)?;
        Ok(Self { height, trees, next, orphans: orphans.into_iter().collect() })
    }

    /// Deletes what only checkpoints before `self` need: their records, the nodes that `self` no longer has, and the log up to `self`.
    fn delete_before(&self, db: &DB, batch: &mut WriteBatch) -> Result<(), Error> {
        for number in &self.orphans {
            batch.delete_cf(cf(db, NODES)?, number.to_be_bytes());
        }
        for prefix in [CHECKPOINT, COMMIT_INFO] {
            batch.delete_range_cf(cf(db, META)?, height_key(prefix, 0), height_key(prefix, self.height));
        }
        let after = self.height.saturating_add(1);
        batch.delete_range_cf(cf(db, LOG)?, 0u64.to_be_bytes(), after.to_be_bytes());
        Ok(())
    }

    /// Makes this the latest checkpoint on disk: later ones, and numbers that it does not use, are deleted.
    pub(crate) fn delete_after(&self, db: &DB) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        let after = height_key(CHECKPOINT, self.height.saturating_add(1));
        batch.delete_range_cf(cf(db, META)?, after.as_slice(), &[CHECKPOINT.saturating_add(1)]);
        batch.delete_range_cf(cf(db, NODES)?, self.next.to_be_bytes(), u64::MAX.to_be_bytes());
        Ok(db.write(batch)?)
    }

    /// Reads the checkpoint of `height` back. The trees are not hashed yet: whoever loads compares their roots with the commit info.
    pub(crate) fn load(db: &DB, height: u64, stores: &[StoreName]) -> Result<Self, Error> {
        let damaged = |why| Error::Damaged { what: format!("checkpoint {height}"), why };
        let record =
            db.get_cf(cf(db, META)?, height_key(CHECKPOINT, height))?.ok_or_else(|| damaged("it is missing"))?;
        let head = Head::decode(&record).map_err(damaged)?;
        let built = Built::read(db, head.next)?;
        let mut trees = BTreeMap::new();
        for name in stores {
            let root = match head.roots.get(*name) {
                None | Some(0) => None,
                Some(number) => {
                    Some(built.node(*number).ok_or_else(|| damaged("a node is missing or damaged"))?.0.clone())
                }
            };
            trees.insert(*name, Tree { root });
        }
        Ok(Self { height, trees, next: head.next, orphans: head.orphans })
    }

    /// The heights of the checkpoints on disk, latest first.
    pub(crate) fn heights(db: &DB) -> Result<Vec<u64>, Error> {
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound([CHECKPOINT]);
        options.set_iterate_upper_bound([CHECKPOINT.saturating_add(1)]);
        let mut heights = Vec::new();
        for pair in db.iterator_cf_opt(cf(db, META)?, options, IteratorMode::End) {
            let (key, _) = pair?;
            if let Some(Ok(height)) = key.get(1..).map(TryInto::try_into) {
                heights.push(u64::from_be_bytes(height));
            }
        }
        Ok(heights)
    }
}

fn len(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Writes the nodes that have no record yet.
struct Writer<'a> {
    db: &'a DB,
    batch: WriteBatch,
    next: u64,
    /// The tops of the subtrees that had records already: all that is shared with the checkpoint before.
    kept: BTreeSet<u64>,
}

impl Writer<'_> {
    fn put(&mut self, node: &Arc<Node>) -> Result<u64, Error> {
        let known = node.record();
        if known != 0 {
            self.kept.insert(known);
            return Ok(known);
        }
        let mut record = Vec::new();
        let number = match &node.kind {
            Kind::Leaf { key, value } => {
                record.push(LEAF);
                put_uvarint(&mut record, node.version);
                put_bytes(&mut record, key);
                put_bytes(&mut record, value);
                self.next
            }
            Kind::Inner(inner) => {
                let children = [self.put(&inner.left)?, self.put(&inner.right)?];
                record.push(INNER);
                put_uvarint(&mut record, node.version);
                for child in children {
                    put_uvarint(&mut record, self.next.saturating_sub(child));
                }
                self.next
            }
        };
        self.next = self.next.saturating_add(1);
        self.batch.put_cf(cf(self.db, NODES)?, number.to_be_bytes(), record);
        if self.batch.size_in_bytes() > BATCH_BYTES {
            self.db.write(std::mem::take(&mut self.batch))?;
        }
        node.set_record(number);
        Ok(number)
    }
}

/// The numbers of the old tree's nodes that are not below a kept top.
fn collect_orphans(node: &Node, kept: &BTreeSet<u64>, orphans: &mut BTreeSet<u64>) {
    if kept.contains(&node.record()) {
        return;
    }
    orphans.insert(node.record());
    if let Some(inner) = node.as_inner() {
        collect_orphans(&inner.left, kept, orphans);
        collect_orphans(&inner.right, kept, orphans);
    }
}

/// The record of a checkpoint.
struct Head {
    next: u64,
    roots: BTreeMap<String, u64>,
    orphans: Vec<u64>,
}

impl Head {
    fn decode(record: &[u8]) -> Result<Self, Flaw> {
        let mut reader = Reader(record);
        let next = reader.uvarint()?;
        let mut roots = BTreeMap::new();
        for _ in 0..reader.uvarint()? {
            let name = String::from_utf8(reader.bytes()?.to_vec()).map_err(|_| "a name is not UTF-8")?;
            roots.insert(name, reader.uvarint()?);
        }
        let mut orphans = Vec::new();
        let mut before = 0u64;
        for _ in 0..reader.uvarint()? {
            before = before.checked_add(reader.uvarint()?).ok_or("a number over 64 bits")?;
            orphans.push(before);
        }
        reader.end()?;
        Ok(Self { next, roots, orphans })
    }
}

/// The nodes of both checkpoints, built from the leaves up, in ascending order of numbers. A node whose record or child is missing or
/// damaged is left out: it matters only if a root needs it.
struct Built(Vec<(u64, (Arc<Node>, Bytes))>);

impl Built {
    fn read(db: &DB, next: u64) -> Result<Self, Error> {
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound(next.to_be_bytes());
        options.set_readahead_size(4 << 20);
        let mut built = Self(Vec::new());
        for pair in db.iterator_cf_opt(cf(db, NODES)?, options, IteratorMode::Start) {
            let (key, record) = pair?;
            let Ok(number) = key.as_ref().try_into().map(u64::from_be_bytes) else { continue };
            if let Ok(node) = built.decode(number, &record) {
                built.0.push((number, node));
            }
        }
        Ok(built)
    }

    /// A node and the least key below it.
    fn node(&self, number: u64) -> Option<&(Arc<Node>, Bytes)> {
        let at = self.0.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.0.get(at).map(|(_, node)| node)
    }

    fn decode(&self, number: u64, record: &[u8]) -> Result<(Arc<Node>, Bytes), Flaw> {
        let mut reader = Reader(record);
        let kind = reader.byte()?;
        let version = reader.uvarint()?;
        let (node, least) = match kind {
            LEAF => {
                let key: Bytes = reader.bytes()?.into();
                (Node::leaf(version, key.clone(), reader.bytes()?.into()), key)
            }
            INNER => {
                let mut child = || -> Result<_, Flaw> {
                    let number = number.checked_sub(reader.uvarint()?).ok_or("a child's number is below zero")?;
                    self.node(number).ok_or("a child is missing")
                };
                let (left, least) = child()?;
                let (right, middle) = child()?;
                (Node::inner(version, middle.clone(), left.clone(), right.clone()), least.clone())
            }
            _ => return Err("unknown kind of node"),
        };
        reader.end()?;
        node.set_record(number);
        Ok((Arc::new(node), least))
    }
}
