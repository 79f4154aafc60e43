//! The tree: one version of one store. Cloning it shares every node; what is then changed is copied.
//!
//! Cold nodes are read from the tree's source when they are touched. A change keeps what it read; a look at one key or a range does
//! not, so that queries never fill the memory.

use super::balance::balance;
use super::edit::Edit;
use super::node::{Bytes, Hash, Kind, Node};
use super::record::{read_node, NodeSource};
use crate::error::Error;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::sync::Arc;

/// One version of one store.
#[derive(Clone, Default)]
pub struct Tree {
    pub(crate) root: Option<Arc<Node>>,
    pub(super) source: Option<Arc<dyn NodeSource>>,
    /// What the tree takes in memory, in bytes: an estimate.
    bytes: u64,
}

/// The root hash of an empty tree: SHA-256 of nothing, as cosmos/iavl has it.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The way from a node down to a leaf: bit `i` is set where it turns right at depth `i`. An AVL tree of 2^64 leaves has fewer than
/// 128 levels.
type Turns = u128;

/// What a key held before a change: `Some(None)` where it is new, `None` where the change changes nothing.
pub type Before = Option<Option<Bytes>>;

impl Tree {
    /// An empty tree whose nodes may go cold.
    pub(crate) fn with_source(source: Arc<dyn NodeSource>) -> Self {
        Self { root: None, source: Some(source), bytes: 0 }
    }

    /// The tree whose root is the record `number`; only the root is read.
    pub(crate) fn load(source: Arc<dyn NodeSource>, number: u64) -> Result<Self, Error> {
        let root = read_node(Some(source.as_ref()), number)?;
        let bytes = root.bytes();
        Ok(Self { root: Some(Arc::new(root)), source: Some(source), bytes })
    }

    pub(super) fn source(&self) -> Option<&dyn NodeSource> {
        self.source.as_deref()
    }

    /// What the tree takes in memory, in bytes: an estimate.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The number of keys.
    pub fn len(&self) -> u64 {
        self.root.as_ref().map_or(0, |root| root.size())
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// A node that cannot be read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let Some(root) = &self.root else { return Ok(None) };
        let mut node = Node::look(root, self.source())?;
        loop {
            let child = match &node.kind {
                Kind::Leaf { key: at, value } => return Ok((at.as_ref() == key).then(|| value.clone())),
                Kind::Inner(inner) if key < inner.key.as_ref() => &inner.left,
                Kind::Inner(inner) => &inner.right,
                // `look` gives none.
                Kind::Cold(_) => return Ok(None),
            };
            node = Node::look(child, self.source())?;
        }
    }

    /// Sets `key` to `value` in the tree of the edit's version. Changes nothing where it already has that value.
    ///
    /// # Errors
    /// A node that cannot be read; the tree must not be used any more then.
    pub fn set(&mut self, edit: &mut Edit, key: &[u8], value: &[u8]) -> Result<Before, Error> {
        let source = self.source.as_deref();
        let Some(root) = &mut self.root else {
            let leaf = Node::leaf(edit.version, key.into(), value.into());
            edit.count(&leaf);
            self.root = Some(Arc::new(leaf));
            return Ok(Some(None));
        };
        let found = find(edit, source, root, key)?;
        let (turns, order) = (found.turns, found.order);
        let (key, before) = if order.is_eq() {
            if found.value.as_ref() == value {
                return Ok(None);
            }
            (found.key.clone(), Some(found.value.clone()))
        } else {
            (key.into(), None)
        };
        let leaf = Node::leaf(edit.version, key, value.into());
        edit.count(&leaf);
        put(edit, source, root, turns, order, Arc::new(leaf))?;
        Ok(Some(before))
    }

    /// Removes `key` from the tree of the edit's version. Changes nothing where it is not there.
    ///
    /// # Errors
    /// A node that cannot be read; the tree must not be used any more then.
    pub fn remove(&mut self, edit: &mut Edit, key: &[u8]) -> Result<Before, Error> {
        let source = self.source.as_deref();
        let Some(root) = &mut self.root else { return Ok(None) };
        let found = find(edit, source, root, key)?;
        if found.order.is_ne() {
            return Ok(None);
        }
        let (turns, before) = (found.turns, found.value.clone());
        if root.is_leaf() {
            edit.drop_node(root);
            self.root = None;
        } else {
            take(edit, source, root, turns)?;
        }
        Ok(Some(Some(before)))
    }

    /// Counts what an edit added to memory, and does not hash it yet.
    pub(crate) fn account(&mut self, edit: &Edit) {
        self.bytes = self.bytes.saturating_add_signed(edit.grown);
    }

    /// Ends an edit: hashes what changed and returns the root hash. Runs in the rayon pool of the caller, on any number of threads alike.
    pub fn finish(&mut self, edit: &Edit) -> Hash {
        self.account(edit);
        match &mut self.root {
            Some(root) => Node::hash_subtree(root, &mut Vec::with_capacity(128)),
            None => empty_root(),
        }
    }

    /// The root hash, `None` where the tree changed since [`Tree::finish`].
    pub fn root(&self) -> Option<Hash> {
        match &self.root {
            Some(root) => root.hash().copied(),
            None => Some(empty_root()),
        }
    }
}

/// The leaf where the search for a key ends.
struct Found<'a> {
    turns: Turns,
    key: &'a Bytes,
    value: &'a Bytes,
    /// The order of the key sought relative to the leaf's key.
    order: Ordering,
}

fn find<'a>(
    edit: &mut Edit,
    source: Option<&dyn NodeSource>,
    root: &'a Arc<Node>,
    key: &[u8],
) -> Result<Found<'a>, Error> {
    let (mut node, mut turns, mut turn) = (root, 0, 1u128);
    loop {
        match &node.kind {
            Kind::Leaf { key: at, value } => return Ok(Found { turns, key: at, value, order: key.cmp(at) }),
            Kind::Inner(inner) => {
                if key < inner.key.as_ref() {
                    node = &inner.left;
                } else {
                    turns |= turn;
                    node = &inner.right;
                }
                turn = turn.wrapping_shl(1);
            }
            Kind::Cold(_) => node = edit.visit(node, source)?,
        }
    }
}

/// Puts the leaf `new` at the end of `turns`: in place of the leaf there if `order` is equal, else beside it. Returns whether the
/// subtree grew by a leaf.
fn put(
    edit: &mut Edit,
    source: Option<&dyn NodeSource>,
    node: &mut Arc<Node>,
    turns: Turns,
    order: Ordering,
    new: Arc<Node>,
) -> Result<bool, Error> {
    edit.warm(node, source)?;
    if let (Kind::Leaf { key: old_key, .. }, Kind::Leaf { key: new_key, .. }) = (&node.kind, &new.kind) {
        let inner = match order {
            Ordering::Equal => {
                edit.drop_node(node);
                *node = new;
                return Ok(false);
            }
            Ordering::Less => Node::inner(new.version, old_key.clone(), new, node.clone()),
            Ordering::Greater => Node::inner(new.version, new_key.clone(), node.clone(), new),
        };
        edit.count(&inner);
        *node = Arc::new(inner);
        return Ok(true);
    }
    let Some(inner) = edit.own(node).as_inner_mut() else { return Ok(false) };
    let (child, other) =
        if turns & 1 == 1 { (&mut inner.right, &mut inner.left) } else { (&mut inner.left, &mut inner.right) };
    edit.cool(other);
    let grew = put(edit, source, child, turns >> 1, order, new)?;
    if grew {
        edit.own(node).recalculate();
        balance(edit, source, node)?;
    }
    Ok(grew)
}

/// Takes the leaf at the end of `turns` out of the subtree of an inner node. Returns the least key that is left below it where that
/// changed, for the ancestor whose right subtree this begins.
fn take(
    edit: &mut Edit,
    source: Option<&dyn NodeSource>,
    node: &mut Arc<Node>,
    turns: Turns,
) -> Result<Option<Bytes>, Error> {
    edit.warm(node, source)?;
    let right = turns & 1 == 1;
    let Some(here) = node.as_inner() else { return Ok(None) };
    let (child, stays) = if right { (&here.right, &here.left) } else { (&here.left, &here.right) };
    if child.is_leaf() {
        let (stays, least) = (stays.clone(), (!right).then(|| here.key.clone()));
        edit.drop_node(child);
        edit.drop_node(node);
        *node = stays;
        return Ok(least);
    }
    let Some(inner) = edit.own(node).as_inner_mut() else { return Ok(None) };
    let mut least = take(edit, source, if right { &mut inner.right } else { &mut inner.left }, turns >> 1)?;
    if right {
        if let Some(key) = least.take() {
            inner.key = key;
        }
    }
    edit.own(node).recalculate();
    balance(edit, source, node)?;
    Ok(least)
}
