//! The IAVL tree: a balanced binary tree with keys and values in its leaves, equal hash for hash to cosmos/iavl v1.
//!
//! | file | what |
//! | --- | --- |
//! | `node.rs` | nodes, shared by `Arc` between versions or cold, and their hashes |
//! | `record.rs` | a node on disk |
//! | `tree.rs` | get, set, remove, root hash |
//! | `bulk.rs` | a block's changes at once |
//! | `edit.rs` | a version in the making |
//! | `balance.rs` | rotations |
//! | `iter.rs` | ordered ranges |
//! | `export.rs` | a tree as a list of nodes, and back |
//! | `proof.rs` | ICS-23 proofs of existence and absence |
//!
//! Equality with cosmos/iavl needs more than the same pairs: a node's hash covers the version that made it, and the shape depends on
//! the order of operations. The chain's order is one operation a key and block, keys ascending, no operation for an unchanged value.

mod balance;
mod bulk;
mod edit;
mod export;
mod iter;
mod node;
mod proof;
mod record;
mod tree;

#[cfg(test)]
mod tests;

pub use bulk::Change;
pub use edit::Edit;
pub(crate) use edit::Orphan;
pub(crate) use export::{ExportNode, Importer};
pub use iter::Range;
pub use node::{Bytes, Hash};
pub(crate) use node::{Kind, Node};
pub(crate) use record::encode;
pub use record::NodeSource;
pub use tree::{empty_root, Before, Tree};
