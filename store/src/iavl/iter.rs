//! Ordered ranges over one version of a tree.

use super::node::{Bytes, Kind, Node};
use super::record::NodeSource;
use super::Tree;
use crate::error::Error;
use std::sync::Arc;

/// The pairs of a range in order; made by [`Tree::range`]. Ends after an error.
pub struct Range<'a> {
    /// Subtrees still to visit, the next one last.
    stack: Vec<Arc<Node>>,
    source: Option<&'a dyn NodeSource>,
    start: Option<Vec<u8>>,
    end: Option<Vec<u8>>,
    reverse: bool,
}

impl Tree {
    /// The pairs of `start <= key < end` (an absent bound is open), ascending or (`reverse`) descending.
    pub fn range(&self, start: Option<&[u8]>, end: Option<&[u8]>, reverse: bool) -> Range<'_> {
        Range {
            stack: self.root.iter().cloned().collect(),
            source: self.source(),
            start: start.map(<[u8]>::to_vec),
            end: end.map(<[u8]>::to_vec),
            reverse,
        }
    }
}

impl Range<'_> {
    fn step(&mut self) -> Result<Option<(Bytes, Bytes)>, Error> {
        while let Some(node) = self.stack.pop() {
            match &Node::look(&node, self.source)?.kind {
                Kind::Leaf { key, value } => {
                    let after_start = self.start.as_deref().is_none_or(|start| start <= key.as_ref());
                    let before_end = self.end.as_deref().is_none_or(|end| key.as_ref() < end);
                    if after_start && before_end {
                        return Ok(Some((key.clone(), value.clone())));
                    }
                }
                Kind::Inner(inner) => {
                    // Keys on the left are below the inner key, those on the right are not.
                    let left = self.start.as_deref().is_none_or(|start| start < inner.key.as_ref());
                    let right = self.end.as_deref().is_none_or(|end| inner.key.as_ref() < end);
                    let mut sides = [right.then_some(&inner.right), left.then_some(&inner.left)];
                    if self.reverse {
                        sides.reverse();
                    }
                    self.stack.extend(sides.into_iter().flatten().cloned());
                }
                // `look` gives none.
                Kind::Cold(_) => {}
            }
        }
        Ok(None)
    }
}

impl Iterator for Range<'_> {
    type Item = Result<(Bytes, Bytes), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.stack.clear();
        }
        step.transpose()
    }
}
