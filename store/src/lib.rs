//! The multistore: IAVL trees under one simple Merkle root, the block overlay, RocksDB, proofs.
//!
//! # A block's way through the store
//!
//! 1. [`BlockState`] gathers the block's changes over the committed [`Snapshot`]; a failed message is undone by its journal.
//! 2. [`Multistore::prepare`] applies them to the IAVL trees, in ascending key order and without those that change nothing, and hashes
//!    what changed. The trees share every other node with the committed ones. Dropping the result discards the block.
//! 3. [`Multistore::commit`] writes one batch and publishes the height. Nothing else writes consensus data, so a crash at any moment
//!    leaves the state of a committed height, never one ahead of what Commit was asked for.
//! 4. After enough changes a thread writes the trees' new nodes (`checkpoint.rs`): data that can be derived again.
//!
//! # Commitment
//!
//! Each store is an IAVL tree with cosmos/iavl v1's hashes (`iavl/node.rs`); the app hash is CometBFT's simple Merkle root over the
//! sorted pairs (store name, SHA-256 of the root) (`commit_info.rs`). So every key is proven under ICS-23's `[IavlSpec, TendermintSpec]`.
//! A node's version is the height of the block that made it. A store with no keys has the root SHA-256("") and proves nothing; an empty
//! value has no ICS-23 proof.
//!
//! # On disk: format 1
//!
//! One RocksDB database. Numbers in keys are 8 bytes, big endian; `uvarint` is LEB128; `bytes` is a uvarint length and the bytes.
//!
//! | column family | key | value |
//! | --- | --- | --- |
//! | `state` | uvarint length of the store's name ‖ name ‖ key | the latest value |
//! | `log` | height ‖ store's name | the store's changes at that height, ascending: (bytes key, `0`) or (bytes key, `1`, bytes value) |
//! | `nodes` | record number | a tree node of the latest two checkpoints, see `checkpoint.rs` |
//! | `meta` | `format` | 1 |
//! | | `first`, `latest` | the first and the latest height committed |
//! | | `c` ‖ height | the `cosmos.base.store.v1beta1.CommitInfo` of that height, in protobuf |
//! | | `k` ‖ height | a checkpoint: its roots and what it no longer needs, see `checkpoint.rs` |
//!
//! `log` and `c` reach back to the checkpoint before the latest; until there are two, to the first height.
//!
//! A later format adds column families, which RocksDB makes at the next opening: values by height for archive nodes (`history`), and
//! the values that each height replaced, for going back (`undo`).
//!
//! # In memory
//!
//! The trees of the latest `keep_versions` heights, which share what did not change: a height costs about six nodes of 150 bytes a
//! changed key. Reads of the latest height go to RocksDB, reads and proofs of the other heights walk the trees.
//!
//! # Starting
//!
//! `recover.rs` loads the latest checkpoint, hashes its trees, replays the log, and compares every root of every height on the way with
//! the commit info. A damaged checkpoint falls back to the one before, then to the log alone; where neither leads to the committed
//! roots, opening fails and says what was tried.

mod change_log;
mod checkpoint;
mod codec;
mod commit_info;
mod error;
pub mod iavl;
mod multistore;
pub mod overlay;
mod recover;
mod rocks;
mod version;

pub use commit_info::{CommitId, CommitInfo, StoreInfo};
pub use error::Error;
pub use iavl::Hash;
pub use multistore::{Answer, Committed, Multistore, MultistoreOptions, Prepared};
pub use overlay::{BlockState, Changes, Checkpoint, MemSnapshot, Pair, Snapshot, StoreName};
pub use version::ProofOp;
