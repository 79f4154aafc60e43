//! Rotations, in cosmos/iavl's order of cases: which node moves up decides the hashes.

use super::edit::Edit;
use super::node::Node;
use super::record::NodeSource;
use crate::error::Error;
use std::sync::Arc;

type Source<'a> = Option<&'a dyn NodeSource>;

/// Restores the AVL property at `node`, which is in memory and whose subtrees differ in height by at most two. A rotation makes the
/// nodes that it moves new nodes of the edit's version.
pub(super) fn balance(edit: &mut Edit, source: Source, node: &mut Arc<Node>) -> Result<(), Error> {
    match lean(node) {
        2.. => {
            // Left-right: first turn the left child. A child that is even takes the single rotation.
            if let Some(inner) = edit.own(node).as_inner_mut() {
                edit.warm(&mut inner.left, source)?;
                if lean(&inner.left) < 0 {
                    rotate_left(edit, source, &mut inner.left)?;
                }
            }
            rotate_right(edit, source, node)
        }
        ..=-2 => {
            if let Some(inner) = edit.own(node).as_inner_mut() {
                edit.warm(&mut inner.right, source)?;
                if lean(&inner.right) > 0 {
                    rotate_right(edit, source, &mut inner.right)?;
                }
            }
            rotate_left(edit, source, node)
        }
        _ => Ok(()),
    }
}

/// The left subtree's height less the right one's.
fn lean(node: &Node) -> i16 {
    node.as_inner().map_or(0, |inner| i16::from(inner.left.height()).saturating_sub(i16::from(inner.right.height())))
}

/// `node(up(a, b), c)` becomes `up(a, node(b, c))`.
fn rotate_right(edit: &mut Edit, source: Source, node: &mut Arc<Node>) -> Result<(), Error> {
    let down = edit.own(node);
    let Some(inner) = down.as_inner_mut() else { return Ok(()) };
    edit.warm(&mut inner.left, source)?;
    let Some(middle) = inner.left.as_inner().map(|up| up.right.clone()) else { return Ok(()) };
    let mut up = std::mem::replace(&mut inner.left, middle);
    down.recalculate();
    let top = edit.own(&mut up);
    if let Some(inner) = top.as_inner_mut() {
        std::mem::swap(&mut inner.right, node);
    }
    top.recalculate();
    *node = up;
    Ok(())
}

/// `node(a, up(b, c))` becomes `up(node(a, b), c)`.
fn rotate_left(edit: &mut Edit, source: Source, node: &mut Arc<Node>) -> Result<(), Error> {
    let down = edit.own(node);
    let Some(inner) = down.as_inner_mut() else { return Ok(()) };
    edit.warm(&mut inner.right, source)?;
    let Some(middle) = inner.right.as_inner().map(|up| up.left.clone()) else { return Ok(()) };
    let mut up = std::mem::replace(&mut inner.right, middle);
    down.recalculate();
    let top = edit.own(&mut up);
    if let Some(inner) = top.as_inner_mut() {
        std::mem::swap(&mut inner.left, node);
    }
    top.recalculate();
    *node = up;
    Ok(())
}
