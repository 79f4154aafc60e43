//! Rotations, in cosmos/iavl's order of cases: which node moves up decides the hashes.

use super::node::Node;
use std::sync::Arc;

/// Restores the AVL property at `node`, whose subtrees differ in height by at most two. A rotation makes the nodes that it moves new
/// nodes of `version`.
pub(super) fn balance(node: &mut Arc<Node>, version: u64) {
    match lean(node) {
        2.. => {
            // Left-right: first turn the left child. A child that is even takes the single rotation.
            if node.as_inner().is_some_and(|inner| lean(&inner.left) < 0) {
                if let Some(inner) = Node::inner_mut(node, version) {
                    rotate_left(&mut inner.left, version);
                }
            }
            rotate_right(node, version);
        }
        ..=-2 => {
            if node.as_inner().is_some_and(|inner| lean(&inner.right) > 0) {
                if let Some(inner) = Node::inner_mut(node, version) {
                    rotate_right(&mut inner.right, version);
                }
            }
            rotate_left(node, version);
        }
        _ => {}
    }
}

/// The left subtree's height less the right one's.
fn lean(node: &Node) -> i16 {
    node.as_inner().map_or(0, |inner| i16::from(inner.left.height()).saturating_sub(i16::from(inner.right.height())))
}

/// `node(up(a, b), c)` becomes `up(a, node(b, c))`.
fn rotate_right(node: &mut Arc<Node>, version: u64) {
    let Some(down) = Node::inner_mut(node, version) else { return };
    let Some(middle) = down.left.as_inner().map(|up| up.right.clone()) else { return };
    let mut up = std::mem::replace(&mut down.left, middle);
    down.recalculate();
    if let Some(inner) = Node::inner_mut(&mut up, version) {
        std::mem::swap(&mut inner.right, node);
        inner.recalculate();
    }
    *node = up;
}

/// `node(a, up(b, c))` becomes `up(node(a, b), c)`.
fn rotate_left(node: &mut Arc<Node>, version: u64) {
    let Some(down) = Node::inner_mut(node, version) else { return };
    let Some(middle) = down.right.as_inner().map(|up| up.left.clone()) else { return };
    let mut up = std::mem::replace(&mut down.right, middle);
    down.recalculate();
    if let Some(inner) = Node::inner_mut(&mut up, version) {
        std::mem::swap(&mut inner.left, node);
        inner.recalculate();
    }
    *node = up;
}
