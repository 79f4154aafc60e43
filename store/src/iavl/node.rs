//! A node of the tree and its hash.
//!
//! A node is immutable once its hash is set: versions share it by `Arc`. A node without a hash belongs to the version in the making,
//! which alone holds it, so it is changed in place (`Arc::make_mut` copies a shared node, and only a shared one).
//!
//! What is hashed (cosmos/iavl v1, `writeHashBytes`; varints are zigzag):
//!
//! ```text
//! leaf:  varint 0, varint 1, varint version, uvarint len(key) ‖ key, 0x20 ‖ SHA-256(value)
//! inner: varint height, varint size, varint version, 0x20 ‖ hash(left), 0x20 ‖ hash(right)
//! ```
//!
//! The key of an inner node steers the search and is not hashed; it is the least key of its right subtree.

use crate::codec::put_uvarint;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// A key or value, shared between versions.
pub type Bytes = Arc<[u8]>;

/// Subtrees of at least this height are hashed by two threads where both halves changed; below it a task costs more than it saves.
const FORK_HEIGHT: u8 = 8;

pub(crate) struct Node {
    /// The block height that made this node.
    pub(crate) version: u64,
    hash: Option<Hash>,
    /// The number of this node's record in the checkpoints, 0 while it has none.
    record: AtomicU64,
    pub(crate) kind: Kind,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Leaf { key: Bytes, value: Bytes },
    Inner(Inner),
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) key: Bytes,
    pub(crate) height: u8,
    /// The number of leaves below.
    pub(crate) size: u64,
    pub(crate) left: Arc<Node>,
    pub(crate) right: Arc<Node>,
}

/// The copy of a node is a new node: it has neither hash nor record yet.
impl Clone for Node {
    fn clone(&self) -> Self {
        Self::new(self.version, self.kind.clone())
    }
}

impl Node {
    fn new(version: u64, kind: Kind) -> Self {
        Self { version, hash: None, record: AtomicU64::new(0), kind }
    }

    pub(crate) fn leaf(version: u64, key: Bytes, value: Bytes) -> Self {
        Self::new(version, Kind::Leaf { key, value })
    }

    /// An inner node over two subtrees; `key` is the least key of `right`.
    pub(crate) fn inner(version: u64, key: Bytes, left: Arc<Node>, right: Arc<Node>) -> Self {
        let mut inner = Inner { key, height: 0, size: 0, left, right };
        inner.recalculate();
        Self::new(version, Kind::Inner(inner))
    }

    pub(crate) fn is_leaf(&self) -> bool {
        matches!(self.kind, Kind::Leaf { .. })
    }

    pub(crate) fn as_inner(&self) -> Option<&Inner> {
        match &self.kind {
            Kind::Inner(inner) => Some(inner),
            Kind::Leaf { .. } => None,
        }
    }

    /// Makes `node` one of `version` that may be changed, and gives its inner part.
    pub(crate) fn inner_mut(node: &mut Arc<Node>, version: u64) -> Option<&mut Inner> {
        let node = Arc::make_mut(node);
        node.version = version;
        node.hash = None;
        node.record = AtomicU64::new(0);
        match &mut node.kind {
            Kind::Inner(inner) => Some(inner),
            Kind::Leaf { .. } => None,
        }
    }

    pub(crate) fn height(&self) -> u8 {
        self.as_inner().map_or(0, |inner| inner.height)
    }

    pub(crate) fn size(&self) -> u64 {
        self.as_inner().map_or(1, |inner| inner.size)
    }

    /// The hash, `None` in the version in the making.
    pub(crate) fn hash(&self) -> Option<&Hash> {
        self.hash.as_ref()
    }

    pub(crate) fn record(&self) -> u64 {
        self.record.load(Ordering::Acquire)
    }

    pub(crate) fn set_record(&self, record: u64) {
        self.record.store(record, Ordering::Release);
    }

    /// Hashes the subtree of `node`: what already has a hash is not visited. The result does not depend on the threads at hand.
    pub(crate) fn hash_subtree(node: &mut Arc<Node>, scratch: &mut Vec<u8>) -> Hash {
        if let Some(hash) = node.hash {
            return hash;
        }
        let node = Arc::make_mut(node);
        let hash: Hash = match &mut node.kind {
            Kind::Leaf { key, value } => {
                let value = Sha256::digest(value);
                scratch.clear();
                put_hash_prefix(scratch, 0, 1, node.version);
                put_uvarint(scratch, u64::try_from(key.len()).unwrap_or(u64::MAX));
                scratch.extend_from_slice(key);
                put_hash(scratch, &value);
                Sha256::digest(&scratch).into()
            }
            Kind::Inner(inner) => {
                let (left, right) = inner.hash_children(scratch);
                scratch.clear();
                put_hash_prefix(scratch, inner.height, inner.size, node.version);
                put_hash(scratch, &left);
                put_hash(scratch, &right);
                Sha256::digest(&scratch).into()
            }
        };
        node.hash = Some(hash);
        hash
    }
}

impl Inner {
    /// Height and size from the children's.
    pub(crate) fn recalculate(&mut self) {
        self.height = self.left.height().max(self.right.height()).saturating_add(1);
        self.size = self.left.size().saturating_add(self.right.size());
    }

    fn hash_children(&mut self, scratch: &mut Vec<u8>) -> (Hash, Hash) {
        let (left, right) = (&mut self.left, &mut self.right);
        if self.height >= FORK_HEIGHT && left.hash.is_none() && right.hash.is_none() {
            let other = || Node::hash_subtree(right, &mut Vec::with_capacity(128));
            return rayon::join(|| Node::hash_subtree(left, scratch), other);
        }
        (Node::hash_subtree(left, scratch), Node::hash_subtree(right, scratch))
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
