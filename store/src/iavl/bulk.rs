//! A block's changes to one tree at once.
//!
//! The result is that of one operation a key in ascending order, as cosmos/iavl does them. New values of keys that are there change no
//! node's place, so they are set first, in one descent that visits each node once and its halves in parallel; then keys are added and
//! removed, one after the other. Which nodes are new does not depend on that: those above a new value, and those that a rotation moves,
//! which are new in any case.

use super::edit::Edit;
use super::node::{Bytes, Kind, Node};
use super::record::NodeSource;
use super::Tree;
use crate::error::Error;
use std::sync::Arc;

/// As many changes are worth a task of their own.
const FORK_CHANGES: usize = 128;

/// A change of one key.
pub struct Change {
    /// The key.
    pub key: Vec<u8>,
    /// Its value; `None` removes it.
    pub value: Option<Vec<u8>>,
    /// Once it was applied: what the key held before.
    pub before: Option<Bytes>,
    /// Once it was applied: whether it changed anything.
    pub changed: bool,
    set: bool,
}

impl Change {
    /// A change that is to be applied.
    pub fn new(key: Vec<u8>, value: Option<Vec<u8>>) -> Self {
        Self { key, value, before: None, changed: false, set: false }
    }
}

impl Tree {
    /// Applies changes, in ascending order of keys and at most one a key, to the tree of the edit's version. Runs in the rayon pool of
    /// the caller, on any number of threads alike.
    ///
    /// # Errors
    /// A node that cannot be read; the tree must not be used any more then.
    pub fn apply(&mut self, edit: &mut Edit, changes: &mut [Change]) -> Result<(), Error> {
        if let Some(root) = &mut self.root {
            if let Some(new) = update(edit, self.source.as_deref(), root, changes)? {
                *root = new;
            }
        }
        for change in changes.iter_mut().filter(|change| !change.set) {
            let before = match &change.value {
                Some(value) => self.set(edit, &change.key, value)?,
                None => self.remove(edit, &change.key)?,
            };
            change.changed = before.is_some();
            change.before = before.flatten();
        }
        Ok(())
    }
}

/// Sets the keys that are in the subtree of `node`; the subtree that this makes, if it makes one.
fn update(
    edit: &mut Edit,
    source: Option<&dyn NodeSource>,
    node: &Arc<Node>,
    changes: &mut [Change],
) -> Result<Option<Arc<Node>>, Error> {
    if changes.is_empty() {
        return Ok(None);
    }
    let node = edit.visit(node, source)?;
    let inner = match &node.kind {
        Kind::Leaf { key, value } => return Ok(set_leaf(edit, node, key, value, changes)),
        Kind::Inner(inner) => inner,
        // `visit` gives none.
        Kind::Cold(_) => return Ok(None),
    };
    let fork = changes.len() >= FORK_CHANGES;
    let (low, high) =
        changes.split_at_mut(changes.partition_point(|change| change.key.as_slice() < inner.key.as_ref()));
    let (left, right) = if fork && !low.is_empty() && !high.is_empty() {
        let mut other = edit.fork();
        let halves =
            rayon::join(|| update(edit, source, &inner.left, low), || update(&mut other, source, &inner.right, high));
        edit.join(other);
        (halves.0?, halves.1?)
    } else {
        (update(edit, source, &inner.left, low)?, update(edit, source, &inner.right, high)?)
    };
    if left.is_none() && right.is_none() {
        return Ok(None);
    }
    let half = |edit: &mut Edit, new: Option<Arc<Node>>, old: &Arc<Node>| {
        new.unwrap_or_else(|| {
            let mut old = old.clone();
            edit.cool(&mut old);
            old
        })
    };
    let (left, right) = (half(edit, left, &inner.left), half(edit, right, &inner.right));
    edit.replace(node);
    Ok(Some(Arc::new(Node::inner(edit.version, inner.key.clone(), left, right))))
}

fn set_leaf(
    edit: &mut Edit,
    node: &Arc<Node>,
    key: &Bytes,
    value: &Bytes,
    changes: &mut [Change],
) -> Option<Arc<Node>> {
    let at = changes.binary_search_by(|change| change.key.as_slice().cmp(key)).ok()?;
    let change = changes.get_mut(at)?;
    let new = change.value.as_ref()?;
    change.set = true;
    if new.as_slice() == value.as_ref() {
        return None;
    }
    change.changed = true;
    change.before = Some(value.clone());
    let leaf = Node::leaf(edit.version, key.clone(), new.as_slice().into());
    edit.count(&leaf);
    edit.drop_node(node);
    Some(Arc::new(leaf))
}
