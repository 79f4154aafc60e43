//! Ordered ranges over one version of a tree.

use super::node::{Bytes, Kind, Node};
use super::Tree;

/// The pairs of a range in order; made by [`Tree::range`].
pub struct Range<'a> {
    /// Subtrees still to visit, the next one last.
    stack: Vec<&'a Node>,
    start: Option<Vec<u8>>,
    end: Option<Vec<u8>>,
    reverse: bool,
}

impl Tree {
    /// The pairs of `start <= key < end` (an absent bound is open), ascending or (`reverse`) descending.
    pub fn range(&self, start: Option<&[u8]>, end: Option<&[u8]>, reverse: bool) -> Range<'_> {
        Range {
            stack: self.root.iter().map(AsRef::as_ref).collect(),
            start: start.map(<[u8]>::to_vec),
            end: end.map(<[u8]>::to_vec),
            reverse,
        }
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = (&'a Bytes, &'a Bytes);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match &self.stack.pop()?.kind {
                Kind::Leaf { key, value } => {
                    let after_start = self.start.as_deref().is_none_or(|start| start <= key.as_ref());
                    let before_end = self.end.as_deref().is_none_or(|end| key.as_ref() < end);
                    if after_start && before_end {
                        return Some((key, value));
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
                    self.stack.extend(sides.into_iter().flatten().map(AsRef::as_ref));
                }
            }
        }
    }
}
