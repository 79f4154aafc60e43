//! Snapshots: the state of a height as files that another node can begin from (ABCI's state sync).
//!
//! | file | what |
//! | --- | --- |
//! | `item.rs` | the messages |
//! | `frozen.rs` | a height that is exported while the chain goes on |
//! | `folder.rs` | snapshots on disk: made, listed, vouched for, received, deleted |
//! | `restore.rs` | an empty store that takes one in |
//!
//! # Format 3, the SDK's (cosmossdk.io/store v1.1, `snapshots/stream.go`, `rootmulti.Snapshot`)
//!
//! `SnapshotItem`s, each behind its length (uvarint); all of it compressed by zlib at level 7; the result cut into chunks of 10,000,000
//! bytes. For each store of the commitment, in order of names, an item with its name, then its IAVL nodes, children before their parent,
//! left before right: flat values alone could not tell the versions and the shape that are hashed. Nodes of one format and height are
//! the same bytes on every node of the chain, so that chunks of many senders fit together.
//!
//! # Whom a restoring node trusts
//!
//! Nobody but the app hash that CometBFT's light client has verified. A chunk that differs from its hash is fetched again; a list of nodes
//! that is no tree, or whose trees have another app hash, is refused when that is seen, and what was written of it is deleted. Until the one write that makes the
//! height visible, a start finds an empty store.

mod folder;
mod frozen;
mod item;
mod restore;

pub use folder::{check, check_chunk, Receiving, Snapshots};
pub use frozen::Frozen;
pub use item::{ChunkHashes, SnapshotMeta};
pub use restore::Restore;

use crate::error::Error;

/// The format that is written and read.
pub const FORMAT: u32 = 3;
/// The length of a chunk, in bytes; only the last is shorter. Part of the format.
pub const CHUNK_BYTES: usize = 10_000_000;
/// zlib's level. Part of the format: every node is to make the same bytes.
const LEVEL: u32 = 7;
/// The longest item, in bytes: the SDK's limit.
const MAX_ITEM_BYTES: usize = 64_000_000;
/// How many times as long as its chunks so far a snapshot may be unpacked. States pack three to ten times; zlib can a thousand times, and
/// whoever lies could fill a disk with what a few packets bring. Who makes a snapshot keeps it too, whatever people have written into
/// the state.
const MAX_EXPANSION: u64 = 100;
/// What it may be longer than that, so that one item may be anything. Many tiny items need no bound of their own: keys ascend and no store
/// comes twice, so that no item can be packed into less than about a byte.
const FREE_BYTES: u64 = MAX_ITEM_BYTES as u64;

/// A snapshot that is not taken, and why.
pub(crate) fn refused(why: impl Into<String>) -> Error {
    Error::Snapshot(why.into())
}
