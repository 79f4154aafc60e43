//! A tree as a list of its nodes, and back: depth first, children before their parent, left before right, as cosmos/iavl v1 exports and
//! imports them. Versions are part of the list, so the tree that is built from it has the same hashes.

use super::node::{Bytes, Hash, Node};
use super::record::{encode, NodeSource};
use super::Tree;
use crate::codec::Flaw;
use crate::error::Error;
use crate::multistore::MAX_KEY_BYTES;
use std::sync::Arc;

/// A node of such a list.
pub(crate) struct ExportNode {
    pub(crate) key: Bytes,
    /// A leaf's value, `None` in an inner node.
    pub(crate) value: Option<Bytes>,
    pub(crate) version: u64,
    pub(crate) height: u8,
}

/// The nodes of a tree in order; ends after an error. Cold nodes are read and not kept, so it takes no more memory than a way down.
pub(crate) struct Export<'a> {
    /// What is still to visit, the next one last; true where its children are done.
    stack: Vec<(Arc<Node>, bool)>,
    source: Option<&'a dyn NodeSource>,
}

impl Tree {
    /// The same tree, with cold nodes read from another source that has them.
    pub(crate) fn reading(&self, source: Arc<dyn NodeSource>) -> Self {
        let mut same = self.clone();
        same.source = Some(source);
        same
    }

    /// The nodes, for an import.
    pub(crate) fn export(&self) -> Export<'_> {
        Export { stack: self.root.iter().map(|root| (root.clone(), false)).collect(), source: self.source() }
    }
}

impl Export<'_> {
    fn step(&mut self) -> Result<Option<ExportNode>, Error> {
        while let Some((node, done)) = self.stack.pop() {
            let node = if done { node } else { Node::look(&node, self.source)? };
            match node.as_inner() {
                Some(inner) if !done => {
                    let (left, right) = (inner.left.clone(), inner.right.clone());
                    self.stack.extend([(node, true), (right, false), (left, false)]);
                }
                _ => {
                    let (key, value) = node.pair();
                    return Ok(Some(ExportNode { key, value, version: node.version, height: node.height() }));
                }
            }
        }
        Ok(None)
    }
}

impl Iterator for Export<'_> {
    type Item = Result<ExportNode, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.stack.clear();
        }
        step.transpose()
    }
}

/// In post-order at most two subtrees of a height wait for their parent, and no tree is as high as half of this.
const MAX_PENDING: usize = 256;

/// Builds the records of a tree from such a list, whoever it is from: each step is checked, and the root's hash vouches for all that is
/// hashed. Inner keys are not, so they are compared with the leaves.
pub(crate) struct Importer {
    /// No node is younger.
    version: u64,
    /// The subtrees that have no parent yet, from left to right: at most [`MAX_PENDING`].
    stack: Vec<Built>,
}

/// A subtree that was built.
struct Built {
    node: Arc<Node>,
    least: Bytes,
    greatest: Bytes,
}

impl Importer {
    /// An importer of a tree as it was at `version`.
    pub(crate) fn new(version: u64) -> Self {
        Self { version, stack: Vec::new() }
    }

    /// Takes the next node, whose record is to have this number; the record.
    pub(crate) fn add(&mut self, node: ExportNode, number: u64) -> Result<Vec<u8>, Flaw> {
        if node.version == 0 || node.version > self.version {
            return Err("a node is of no version up to the snapshot's");
        }
        let mut scratch = Vec::with_capacity(128);
        let (mut made, least, greatest) = match (node.height, node.value) {
            (0, Some(value)) => {
                if node.key.is_empty() || node.key.len() > MAX_KEY_BYTES {
                    return Err("a key is empty or too long");
                }
                if self.stack.last().is_some_and(|before| before.greatest >= node.key) {
                    return Err("keys do not ascend");
                }
                if self.stack.len() >= MAX_PENDING {
                    return Err("more subtrees wait for a parent than a balanced tree has");
                }
                (Node::leaf(node.version, node.key.clone(), value), node.key.clone(), node.key)
            }
            (_, Some(_)) => return Err("an inner node has a value"),
            (height, None) => {
                let (Some(right), Some(left)) = (self.stack.pop(), self.stack.pop()) else {
                    return Err("an inner node comes before its children");
                };
                if right.least != node.key {
                    return Err("an inner key is not the least on its right");
                }
                if left.node.height().abs_diff(right.node.height()) > 1 {
                    return Err("a node is not balanced");
                }
                let made = Node::inner(node.version, node.key, left.node.clone(), right.node.clone());
                if made.height() != height {
                    return Err("a node has another height than its children give it");
                }
                (made, left.least, right.greatest)
            }
        };
        made.set_hash(&mut scratch);
        made.set_record(number);
        let children = made.as_inner().map_or([0; 2], |inner| [inner.left.record(), inner.right.record()]);
        let record = encode(&made, number, children);
        // What is above needs the hash, the size and the number alone.
        self.stack.push(Built { node: Arc::new(made.to_cold()), least, greatest });
        Ok(record)
    }

    /// The root's number and hash; `None` for a tree without keys.
    pub(crate) fn finish(mut self) -> Result<Option<(u64, Hash)>, Flaw> {
        let root = self.stack.pop();
        if !self.stack.is_empty() {
            return Err("a tree has more than one root");
        }
        Ok(root.and_then(|root| Some((root.node.record(), *root.node.hash()?))))
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::iavl::Edit;
    use proptest::prelude::*;

    fn tree(rounds: &[Vec<(u8, Option<u8>)>]) -> Tree {
        let mut tree = Tree::default();
        for (at, changes) in rounds.iter().enumerate() {
            let mut edit = Edit::new(at as u64 + 1);
            for (key, value) in changes {
                match value {
                    Some(value) => tree.set(&mut edit, &[*key], &[*value]).unwrap(),
                    None => tree.remove(&mut edit, &[*key]).unwrap(),
                };
            }
            tree.finish(&edit);
        }
        tree
    }

    fn import(nodes: Vec<ExportNode>, version: u64) -> Result<Option<(u64, Hash)>, Flaw> {
        let mut importer = Importer::new(version);
        for (at, node) in nodes.into_iter().enumerate() {
            importer.add(node, at as u64 + 1)?;
        }
        importer.finish()
    }

    proptest! {
        #[test]
        fn any_tree_is_built_again_with_its_hash(
            rounds in prop::collection::vec(prop::collection::vec((0u8..60, any::<Option<u8>>()), 0..30), 1..12),
        ) {
            let tree = tree(&rounds);
            let nodes: Vec<_> = tree.export().map(Result::unwrap).collect();
            prop_assert_eq!(nodes.len() as u64, (tree.len() * 2).saturating_sub(1));
            let root = import(nodes, rounds.len() as u64).unwrap();
            prop_assert_eq!(root.map(|(_, hash)| hash), (!tree.is_empty()).then(|| tree.root().unwrap()));
        }
    }

    #[test]
    fn a_list_that_is_no_tree_is_refused() {
        let good = || {
            let tree = tree(&[(0..9).map(|key| (key, Some(key))).collect()]);
            tree.export().map(Result::unwrap).collect::<Vec<_>>()
        };
        assert!(import(good(), 1).is_ok());
        let refused = |change: fn(&mut Vec<ExportNode>), why: &str| {
            let mut nodes = good();
            change(&mut nodes);
            assert_eq!(import(nodes, 1).unwrap_err(), why);
        };
        refused(|nodes| drop(nodes.pop()), "a tree has more than one root");
        refused(|nodes| nodes.swap(0, 1), "keys do not ascend");
        refused(|nodes| nodes[0].version = 2, "a node is of no version up to the snapshot's");
        refused(|nodes| nodes[0].version = 0, "a node is of no version up to the snapshot's");
        refused(|nodes| drop(nodes.remove(0)), "an inner node comes before its children");
        refused(|nodes| nodes[0].key = [].into(), "a key is empty or too long");
        refused(|nodes| nodes.last_mut().unwrap().key = [1].into(), "an inner key is not the least on its right");
        refused(|nodes| nodes.last_mut().unwrap().height = 3, "a node has another height than its children give it");
        refused(|nodes| nodes.last_mut().unwrap().value = Some([1].into()), "an inner node has a value");
    }

    #[test]
    fn no_more_subtrees_wait_for_a_parent_than_a_tree_can_have() {
        let leaves = |count: u16| {
            let leaf = |key: u16| ExportNode {
                key: key.to_be_bytes().to_vec().into(),
                value: Some([1].into()),
                version: 1,
                height: 0,
            };
            import((0..count).map(leaf).collect(), 1).unwrap_err()
        };
        assert_eq!(leaves(256), "a tree has more than one root", "as many as are kept");
        assert_eq!(leaves(257), "more subtrees wait for a parent than a balanced tree has");
    }
}
