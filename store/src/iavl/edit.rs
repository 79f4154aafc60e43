//! The making of one version of a tree: what may be changed in place, what a checkpoint will no longer need, what goes cold.

use super::node::{Node, NODE_BYTES};
use super::record::NodeSource;
use crate::error::Error;
use std::sync::Arc;

/// One version of one tree in the making.
#[derive(Default)]
pub struct Edit {
    /// The version.
    pub(super) version: u64,
    /// The height of the checkpoint begun last: nodes up to it that are replaced were written, or will be.
    pub(crate) checkpoint: u64,
    /// What has not changed since before this version goes cold when its parent is copied; 0: nothing does.
    pub(crate) cold_before: u64,
    /// The nodes of the last checkpoint that the new version has not.
    pub(crate) orphans: Vec<Orphan>,
    /// By how much the tree in memory grew or shrank, in bytes.
    pub(super) grown: i64,
    /// The bytes of nodes that were made.
    pub(crate) made: u64,
}

/// A node that the next checkpoint will not have.
pub(crate) enum Orphan {
    /// By its record.
    Number(u64),
    /// The checkpoint that has it is still being written: it has its record when that is done.
    Node(Arc<Node>),
}

impl Orphan {
    /// The number of its record, 0 if it never got one.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Number(number) => *number,
            Self::Node(node) => node.record(),
        }
    }
}

impl Edit {
    /// Changes that make `version`.
    pub fn new(version: u64) -> Self {
        Self { version, ..Self::default() }
    }

    fn grow(&mut self, bytes: u64) {
        self.grown = self.grown.saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    fn shrink(&mut self, bytes: u64) {
        self.grown = self.grown.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts a node that the version has and the one before has not.
    pub(super) fn count(&mut self, node: &Node) {
        self.grow(node.own_bytes());
        self.made = self.made.saturating_add(node.own_bytes());
    }

    /// The node itself where `node` is cold; it stays in memory.
    pub(super) fn visit<'n>(
        &mut self,
        node: &'n Arc<Node>,
        source: Option<&dyn NodeSource>,
    ) -> Result<&'n Arc<Node>, Error> {
        let (node, bytes) = Node::warm(node, source)?;
        self.grow(bytes);
        Ok(node)
    }

    /// Puts the node itself in the place of a cold one.
    pub(super) fn warm(&mut self, node: &mut Arc<Node>, source: Option<&dyn NodeSource>) -> Result<(), Error> {
        let warm = self.visit(node, source)?;
        if !Arc::ptr_eq(warm, node) {
            *node = warm.clone();
            self.shrink(NODE_BYTES);
        }
        Ok(())
    }

    /// The version has this node no longer, of which the one before has it.
    pub(super) fn drop_node(&mut self, node: &Arc<Node>) {
        self.shrink(node.own_bytes());
        self.orphan(node);
    }

    fn orphan(&mut self, node: &Arc<Node>) {
        if node.version > self.checkpoint {
            return;
        }
        self.orphans.push(match node.record() {
            0 => Orphan::Node(node.clone()),
            number => Orphan::Number(number),
        });
    }

    /// Makes `node`, which is in memory, a node of this version that may be changed: itself if nothing else refers to it, else a copy.
    pub(super) fn own<'n>(&mut self, node: &'n mut Arc<Node>) -> &'n mut Node {
        if node.hash().is_some() {
            self.replace(node);
        }
        let node = Arc::make_mut(node);
        node.renew(self.version);
        node
    }

    /// Counts that a new node takes the place of an inner one, of which the version before has it.
    pub(super) fn replace(&mut self, node: &Arc<Node>) {
        self.orphan(node);
        self.made = self.made.saturating_add(NODE_BYTES);
    }

    /// The edit of another part of the tree, to be joined again.
    pub(super) fn fork(&self) -> Self {
        Self { checkpoint: self.checkpoint, cold_before: self.cold_before, ..Self::new(self.version) }
    }

    /// Counts what the edit of another part did.
    pub(super) fn join(&mut self, other: Self) {
        self.orphans.extend(other.orphans);
        self.grown = self.grown.saturating_add(other.grown);
        self.made = self.made.saturating_add(other.made);
    }

    /// Lets a subtree go cold that has not changed for long and is on disk.
    pub(super) fn cool(&mut self, node: &mut Arc<Node>) {
        // Without a look at the node, which is not in the processor's cache.
        if self.cold_before == 0 {
            return;
        }
        if node.version >= self.cold_before || node.record() == 0 {
            return;
        }
        let bytes = node.bytes();
        if bytes > NODE_BYTES || !matches!(node.kind, super::Kind::Cold(_)) {
            self.shrink(bytes.saturating_sub(NODE_BYTES));
            *node = Arc::new(node.to_cold());
        }
    }
}
