//! The multistore: IAVL trees under one simple Merkle root, the block overlay, RocksDB, proofs.
//!
//! # A block's way through the store
//!
//! 1. [`BlockState`] gathers the block's changes over the committed [`Snapshot`]; a failed message is undone by its journal.
//! 2. [`Multistore::prepare`] applies them to the IAVL trees, in ascending key order and without those that change nothing, and hashes
//!    what changed. The trees share every other node with the committed ones. Dropping the result discards the block.
//! 3. [`Multistore::commit`] writes one batch and publishes the height. Nothing else writes consensus data, so a crash at any moment
//!    leaves the state of a committed height, never one ahead of what Commit was asked for.
//! 4. After enough changes a thread writes the trees' new nodes (`checkpoint.rs`), and deletes what is pruned (`prune.rs`): what can be
//!    derived again, and what nothing needs.
//!
//! # Commitment
//!
//! Each store is an IAVL tree with cosmos/iavl v1's hashes (`iavl/node.rs`); the app hash is CometBFT's simple Merkle root over the
//! sorted pairs (store name, SHA-256 of the root) (`commit_info.rs`). So every key is proven under ICS-23's `[IavlSpec, TendermintSpec]`.
//! A node's version is the height of the block that made it. A store with no keys has the root SHA-256("") and proves nothing; an empty
//! value has no ICS-23 proof.
//!
//! # On disk: format 2
//!
//! One RocksDB database. Numbers in keys are 8 bytes, big endian; `uvarint` is LEB128; `bytes` is a uvarint length and the bytes. After
//! every value but the format's come 4 bytes: the CRC-32 (IEEE), big endian, of key and value.
//!
//! | column family | key | value |
//! | --- | --- | --- |
//! | `state` | uvarint length of the store's name ‖ name ‖ key | the latest value |
//! | `history` | uvarint length of the store's name ‖ name ‖ key, escaped ‖ height | what the height replaced, see `history.rs` |
//! | `log` | height ‖ store's name | the store's changes at that height, ascending: (bytes key, `0`) or (bytes key, `1`, bytes value) |
//! | `nodes` | record number | a tree node of a checkpoint, see `iavl/record.rs` |
//! | `meta` | `format` | 2 |
//! | | `first`, `latest` | the first and the latest height committed |
//! | | `pruned` | the height up to which heights are pruned |
//! | | `forgotten` | the height up to which `history` was deleted |
//! | | `restored` | the height at which a snapshot was restored |
//! | | `damaged` | the least number of a node that was found damaged |
//! | | `c` ‖ height | the `cosmos.base.store.v1beta1.CommitInfo` of that height, in protobuf |
//! | | `k` ‖ height | a checkpoint: its roots, see `checkpoint.rs` |
//! | | `o` ‖ height | the nodes that the checkpoint before has and this one has not |
//!
//! # What is kept
//!
//! Heights are pruned by the SDK's strategies ([`Pruning`]). Of the heights that are kept, and always of the last [`UNDO_HEIGHTS`],
//! `history` is kept, so that their values can be read and they can be gone back to; and so are the latest checkpoint at or below them,
//! the log and commit infos since, and all later checkpoints, so that they can be proven.
//!
//! # In memory
//!
//! The trees of the latest `keep_versions` heights, which share what did not change: a height costs about six nodes of 130 bytes a
//! changed key. Above `memory_limit`, subtrees that have not changed for long, and are in a checkpoint, go cold when a change passes by
//! them: only their root's hash stays (`iavl/node.rs`). Reads of the latest height go to `state`, of past ones to `history` and `state`,
//! proofs of past ones to trees that are built again (`past.rs`).
//!
//! # Starting
//!
//! `recover.rs` reads the roots of the latest checkpoint, replays the log, and compares every root of every height on the way with the
//! commit info; a node is read, and checked by its hash, when it is touched. A damaged checkpoint falls back to the one before, then to
//! the log alone; where neither leads to the committed roots, opening fails and says what was tried. A node that is found damaged later
//! stops the block that needs it, and the next start goes back to a checkpoint without it.

mod change_log;
mod checkpoint;
mod codec;
mod commit_info;
mod disk;
mod error;
mod flat;
mod history;
mod hot;
pub mod iavl;
mod multistore;
mod options;
pub mod overlay;
mod past;
mod prune;
mod pruning;
mod recover;
mod rollback;
pub mod snapshots;
mod upkeep;
mod version;

pub use commit_info::{CommitId, CommitInfo, StoreInfo};
pub use disk::Fuse;
pub use error::Error;
pub use iavl::Hash;
pub use multistore::{Answer, Committed, Multistore, Prepared, MAX_KEY_BYTES};
pub use options::{MultistoreOptions, Observer};
pub use overlay::{BlockState, Changes, Checkpoint, MemSnapshot, Pair, Snapshot, StoreName};
pub use pruning::{Pruning, UNDO_HEIGHTS};
pub use version::ProofOp;
