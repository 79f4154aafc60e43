//! The tree: one version of one store. Cloning it shares every node; what is then changed is copied.

use super::balance::balance;
use super::node::{Bytes, Hash, Kind, Node};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::sync::Arc;

/// One version of one store.
#[derive(Clone, Default)]
pub struct Tree {
    pub(crate) root: Option<Arc<Node>>,
}

/// The root hash of an empty tree: SHA-256 of nothing, as cosmos/iavl has it.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The way from a node down to a leaf: bit `i` is set where it turns right at depth `i`. An AVL tree of 2^64 leaves has fewer than
/// 128 levels.
type Turns = u128;

impl Tree {
    /// The number of keys.
    pub fn len(&self) -> u64 {
        self.root.as_ref().map_or(0, |root| root.size())
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The value under `key`.
    pub fn get(&self, key: &[u8]) -> Option<&Bytes> {
        let found = find(self.root.as_ref()?, key);
        (found.order.is_eq()).then_some(found.value)
    }

    /// Sets `key` to `value` in the tree of `version`. Returns false, and changes nothing, where it already has that value.
    pub fn set(&mut self, version: u64, key: &[u8], value: &[u8]) -> bool {
        let Some(root) = &mut self.root else {
            self.root = Some(Arc::new(Node::leaf(version, key.into(), value.into())));
            return true;
        };
        let found = find(root, key);
        let (turns, order) = (found.turns, found.order);
        let key = if order.is_eq() {
            if found.value.as_ref() == value {
                return false;
            }
            found.key.clone()
        } else {
            key.into()
        };
        put(root, turns, order, Arc::new(Node::leaf(version, key, value.into())));
        true
    }

    /// Removes `key` from the tree of `version`. Returns false, and changes nothing, where it is not there.
    pub fn remove(&mut self, version: u64, key: &[u8]) -> bool {
        let Some(root) = &mut self.root else { return false };
        let found = find(root, key);
        if found.order.is_ne() {
            return false;
        }
        let turns = found.turns;
        if root.is_leaf() {
            self.root = None;
        } else {
            take(root, turns, version);
        }
        true
    }

    /// Hashes what changed and returns the root hash. Runs in the rayon pool of the caller, on any number of threads alike.
    pub fn update_root(&mut self) -> Hash {
        match &mut self.root {
            Some(root) => Node::hash_subtree(root, &mut Vec::with_capacity(128)),
            None => empty_root(),
        }
    }

    /// The root hash, `None` where the tree changed since [`Tree::update_root`].
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

fn find<'a>(root: &'a Arc<Node>, key: &[u8]) -> Found<'a> {
    let (mut node, mut turns, mut turn) = (root, 0, 1u128);
    loop {
        match &node.kind {
            Kind::Leaf { key: at, value } => return Found { turns, key: at, value, order: key.cmp(at) },
            Kind::Inner(inner) if key < inner.key.as_ref() => node = &inner.left,
            Kind::Inner(inner) => {
                turns |= turn;
                node = &inner.right;
            }
        }
        turn = turn.wrapping_shl(1);
    }
}

/// Puts the leaf `new` at the end of `turns`: in place of the leaf there if `order` is equal, else beside it. Returns whether the
/// subtree grew by a leaf.
fn put(node: &mut Arc<Node>, turns: Turns, order: Ordering, new: Arc<Node>) -> bool {
    let version = new.version;
    if let (Kind::Leaf { key: old_key, .. }, Kind::Leaf { key: new_key, .. }) = (&node.kind, &new.kind) {
        *node = match order {
            Ordering::Equal => new,
            Ordering::Less => Arc::new(Node::inner(version, old_key.clone(), new, node.clone())),
            Ordering::Greater => Arc::new(Node::inner(version, new_key.clone(), node.clone(), new)),
        };
        return order.is_ne();
    }
    let Some(inner) = Node::inner_mut(node, version) else { return false };
    let child = if turns & 1 == 1 { &mut inner.right } else { &mut inner.left };
    let grew = put(child, turns >> 1, order, new);
    if grew {
        inner.recalculate();
        balance(node, version);
    }
    grew
}

/// Takes the leaf at the end of `turns` out of the subtree of an inner node. Returns the least key that is left below it where that
/// changed, for the ancestor whose right subtree this begins.
fn take(node: &mut Arc<Node>, turns: Turns, version: u64) -> Option<Bytes> {
    let right = turns & 1 == 1;
    let here = node.as_inner()?;
    if right && here.right.is_leaf() {
        *node = here.left.clone();
        return None;
    }
    if !right && here.left.is_leaf() {
        let least = here.key.clone();
        *node = here.right.clone();
        return Some(least);
    }
    let inner = Node::inner_mut(node, version)?;
    let mut least = take(if right { &mut inner.right } else { &mut inner.left }, turns >> 1, version);
    if right {
        if let Some(key) = least.take() {
            inner.key = key;
        }
    }
    inner.recalculate();
    balance(node, version);
    least
}
