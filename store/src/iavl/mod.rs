//! The IAVL tree: a balanced binary tree with keys and values in its leaves, equal hash for hash to cosmos/iavl v1.
//!
//! | file | what |
//! | --- | --- |
//! | `node.rs` | nodes, shared by `Arc` between versions, and their hashes |
//! | `tree.rs` | get, set, remove, root hash |
//! | `balance.rs` | rotations |
//! | `iter.rs` | ordered ranges |
//! | `proof.rs` | ICS-23 proofs of existence and absence |
//!
//! Equality with cosmos/iavl needs more than the same pairs: a node's hash covers the version that made it, and the shape depends on
//! the order of operations. The chain's order is one operation a key and block, keys ascending, no operation for an unchanged value.

mod balance;
mod iter;
mod node;
mod proof;
mod tree;

#[cfg(test)]
mod tests;

pub use iter::Range;
pub use node::{Bytes, Hash};
pub(crate) use node::{Kind, Node};
pub use tree::{empty_root, Tree};
