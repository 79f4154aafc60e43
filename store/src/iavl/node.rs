//! A node of the tree and its hash.
//!
//! A node is immutable once its hash is set: versions share it by `Arc`. A node without a hash belongs to the version in the making,
//! which alone holds it, so it is changed in place ([`super::Edit::own`] copies a shared node, and only a shared one).
//!
//! A node that a checkpoint has on disk may be *cold*: of it, only the record's number, hash, height and size are in memory. It is read
//! when it is touched, and what is read must have that hash, height and size.
//!
//! What is hashed (cosmos/iavl v1, `writeHashBytes`; varints are zigzag):
//!
//! ```text
//! leaf:  varint 0, varint 1, varint version, uvarint len(key) ‖ key, 0x20 ‖ SHA-256(value)
//! inner: varint height, varint size, varint version, 0x20 ‖ hash(left), 0x20 ‖ hash(right)
//! ```
//!
//! The key of an inner node steers the search and is not hashed; it is the least key of its right subtree.

use super::record::{read_node, NodeSource};
use crate::codec::put_uvarint;
use crate::error::Error;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// A key or value, shared between versions.
pub type Bytes = Arc<[u8]>;

/// Subtrees of at least this height are hashed by two threads where both halves changed; below it a task costs more than it saves.
const FORK_HEIGHT: u8 = 8;

/// What an inner or cold node takes in memory, in bytes: itself, its counters and what the allocator adds.
pub(super) const NODE_BYTES: u64 = 128;
/// What a key or value takes beside its own bytes.
const STRING_BYTES: u64 = 32;

pub(crate) struct Node {
    /// The block height that made this node; 0 in a cold node, of which it is not known.
    pub(crate) version: u64,
    /// The number of this node's record in the checkpoints, 0 while it has none.
    record: AtomicU64,
    hash: Hash,
    hashed: bool,
    height: u8,
    /// The number of leaves in this subtree.
    size: u64,
    pub(crate) kind: Kind,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Leaf {
        key: Bytes,
        value: Bytes,
    },
    Inner(Inner),
    /// On disk, and here once it was read.
    Cold(OnceLock<Arc<Node>>),
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) key: Bytes,
    pub(crate) left: Arc<Node>,
    pub(crate) right: Arc<Node>,
}

/// The copy of a node is a new node: it has neither hash nor record yet.
impl Clone for Node {
    fn clone(&self) -> Self {
        Self { height: self.height, size: self.size, ..Self::new(self.version, self.kind.clone()) }
    }
}

impl Node {
    fn new(version: u64, kind: Kind) -> Self {
        Self { version, record: AtomicU64::new(0), hash: [0; 32], hashed: false, height: 0, size: 1, kind }
    }

    pub(crate) fn leaf(version: u64, key: Bytes, value: Bytes) -> Self {
        Self::new(version, Kind::Leaf { key, value })
    }

    /// An inner node over two subtrees; `key` is the least key of `right`.
    pub(crate) fn inner(version: u64, key: Bytes, left: Arc<Node>, right: Arc<Node>) -> Self {
        let mut node = Self::new(version, Kind::Inner(Inner { key, left, right }));
        node.recalculate();
        node
    }

    /// The node of record `number`, which is not read yet.
    pub(super) fn cold(number: u64, hash: Hash, height: u8, size: u64) -> Self {
        let record = AtomicU64::new(number);
        Self { record, hash, hashed: true, height, size, ..Self::new(0, Kind::Cold(OnceLock::new())) }
    }

    /// The node without what is below it. It has a record.
    pub(super) fn to_cold(&self) -> Self {
        Self::cold(self.record(), self.hash, self.height, self.size)
    }

    pub(crate) fn is_leaf(&self) -> bool {
        self.height == 0
    }

    /// The key, and a leaf's value, of a node that is in memory.
    pub(super) fn pair(&self) -> (Bytes, Option<Bytes>) {
        match &self.kind {
            Kind::Leaf { key, value } => (key.clone(), Some(value.clone())),
            Kind::Inner(inner) => (inner.key.clone(), None),
            Kind::Cold(_) => ([].into(), None),
        }
    }

    /// The inner part of a node that is in memory.
    pub(crate) fn as_inner(&self) -> Option<&Inner> {
        match &self.kind {
            Kind::Inner(inner) => Some(inner),
            Kind::Leaf { .. } | Kind::Cold(_) => None,
        }
    }

    pub(super) fn as_inner_mut(&mut self) -> Option<&mut Inner> {
        match &mut self.kind {
            Kind::Inner(inner) => Some(inner),
            Kind::Leaf { .. } | Kind::Cold(_) => None,
        }
    }

    /// Makes this, which nothing else refers to, a node of `version` that is not hashed.
    pub(super) fn renew(&mut self, version: u64) {
        self.version = version;
        self.hashed = false;
        self.record = AtomicU64::new(0);
    }

    /// Height and size from the children's.
    pub(crate) fn recalculate(&mut self) {
        if let Kind::Inner(inner) = &self.kind {
            self.height = inner.left.height.max(inner.right.height).saturating_add(1);
            self.size = inner.left.size.saturating_add(inner.right.size);
        }
    }

    pub(crate) fn height(&self) -> u8 {
        self.height
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The hash, `None` in the version in the making.
    pub(crate) fn hash(&self) -> Option<&Hash> {
        self.hashed.then_some(&self.hash)
    }

    pub(crate) fn record(&self) -> u64 {
        self.record.load(Ordering::Acquire)
    }

    pub(crate) fn set_record(&self, record: u64) {
        self.record.store(record, Ordering::Release);
    }

    /// What this node alone takes in memory, in bytes. An inner node shares its key with a leaf.
    pub(super) fn own_bytes(&self) -> u64 {
        let string = |bytes: &Bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX).saturating_add(STRING_BYTES);
        match &self.kind {
            Kind::Leaf { key, value } => NODE_BYTES.saturating_add(string(key)).saturating_add(string(value)),
            Kind::Inner(_) | Kind::Cold(_) => NODE_BYTES,
        }
    }

    /// What the subtree takes in memory, in bytes. Recurses as deep as the tree is high.
    pub(super) fn bytes(&self) -> u64 {
        let below = match &self.kind {
            Kind::Leaf { .. } => 0,
            Kind::Inner(inner) => inner.left.bytes().saturating_add(inner.right.bytes()),
            Kind::Cold(slot) => slot.get().map_or(0, |node| node.bytes()),
        };
        self.own_bytes().saturating_add(below)
    }

    /// The node itself where `node` is cold, read from `source` and kept as long as `node` is; the second value is what reading it
    /// added to memory, in bytes.
    pub(super) fn warm<'a>(
        node: &'a Arc<Self>,
        source: Option<&dyn NodeSource>,
    ) -> Result<(&'a Arc<Self>, u64), Error> {
        let Kind::Cold(slot) = &node.kind else { return Ok((node, 0)) };
        if let Some(node) = slot.get() {
            return Ok((node, 0));
        }
        let read = node.read(source)?;
        let bytes = read.bytes();
        Ok((slot.get_or_init(|| read), bytes))
    }

    /// The node itself where `node` is cold, read from `source` and not kept.
    pub(super) fn look(node: &Arc<Self>, source: Option<&dyn NodeSource>) -> Result<Arc<Self>, Error> {
        match &node.kind {
            Kind::Cold(slot) => slot.get().map_or_else(|| node.read(source), |node| Ok(node.clone())),
            Kind::Leaf { .. } | Kind::Inner(_) => Ok(node.clone()),
        }
    }

    fn read(&self, source: Option<&dyn NodeSource>) -> Result<Arc<Self>, Error> {
        let number = self.record();
        let found = read_node(source, number)?;
        if (found.hash, found.height, found.size) != (self.hash, self.height, self.size) {
            return Err(Error::DamagedNode { number, why: "it is not the node that its parent names" });
        }
        Ok(Arc::new(found))
    }

    /// Hashes the subtree of `node`: what already has a hash is not visited. The result does not depend on the threads at hand.
    pub(crate) fn hash_subtree(node: &mut Arc<Node>, scratch: &mut Vec<u8>) -> Hash {
        if node.hashed {
            return node.hash;
        }
        let node = Arc::make_mut(node);
        if let Kind::Inner(inner) = &mut node.kind {
            inner.hash_children(node.height, scratch);
        }
        node.set_hash(scratch)
    }

    /// Hashes this node, whose children are hashed.
    pub(super) fn set_hash(&mut self, scratch: &mut Vec<u8>) -> Hash {
        scratch.clear();
        match &self.kind {
            Kind::Leaf { key, value } => {
                put_hash_prefix(scratch, 0, 1, self.version);
                put_uvarint(scratch, u64::try_from(key.len()).unwrap_or(u64::MAX));
                scratch.extend_from_slice(key);
                put_hash(scratch, &Sha256::digest(value));
            }
            Kind::Inner(inner) => {
                put_hash_prefix(scratch, self.height, self.size, self.version);
                put_hash(scratch, &inner.left.hash);
                put_hash(scratch, &inner.right.hash);
            }
            Kind::Cold(_) => return self.hash,
        }
        self.hash = Sha256::digest(&scratch).into();
        self.hashed = true;
        self.hash
    }
}

impl Inner {
    fn hash_children(&mut self, height: u8, scratch: &mut Vec<u8>) {
        let (left, right) = (&mut self.left, &mut self.right);
        if height >= FORK_HEIGHT && !left.hashed && !right.hashed {
            let other = || Node::hash_subtree(right, &mut Vec::with_capacity(128));
            rayon::join(|| Node::hash_subtree(left, scratch), other);
            return;
        }
        Node::hash_subtree(left, scratch);
        Node::hash_subtree(right, scratch);
    }
}

/// Height, size and version as zigzag varints: the start of what is hashed, and of an ICS-23 step.
pub(super) fn put_hash_prefix(out: &mut Vec<u8>, height: u8, size: u64, version: u64) {
    for number in [u64::from(height), size, version] {
        // Zigzag of a number that is not negative doubles it; `Tree`'s versions and sizes stay below 2^63.
        put_uvarint(out, number.wrapping_shl(1));
    }
}

/// A hash with its length before it.
pub(super) fn put_hash(out: &mut Vec<u8>, hash: &[u8]) {
    out.push(0x20);
    out.extend_from_slice(hash);
}
