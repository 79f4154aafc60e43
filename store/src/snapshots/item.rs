//! What a snapshot is made of: the messages of `cosmos.store.snapshots.v1` that this chain writes and reads.

use prost::{Message, Oneof};

/// A snapshot as it is offered and kept (`cosmos.store.snapshots.v1.Snapshot`).
#[derive(Clone, PartialEq, Eq, Message)]
pub struct SnapshotMeta {
    /// The height whose state it holds.
    #[prost(uint64, tag = "1")]
    pub height: u64,
    /// The format, [`super::FORMAT`].
    #[prost(uint32, tag = "2")]
    pub format: u32,
    /// The number of chunks.
    #[prost(uint32, tag = "3")]
    pub chunks: u32,
    /// SHA-256 of all chunks, one after the other.
    #[prost(bytes = "vec", tag = "4")]
    pub hash: Vec<u8>,
    /// What vouches for each chunk.
    #[prost(message, optional, tag = "5")]
    pub metadata: Option<ChunkHashes>,
}

/// The SHA-256 of each chunk (`cosmos.store.snapshots.v1.Metadata`).
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ChunkHashes {
    /// In order of the chunks.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub chunk_hashes: Vec<Vec<u8>>,
}

impl SnapshotMeta {
    /// The hashes of the chunks.
    pub fn chunk_hashes(&self) -> &[Vec<u8>] {
        self.metadata.as_ref().map_or(&[], |metadata| &metadata.chunk_hashes)
    }
}

/// `cosmos.store.snapshots.v1.SnapshotItem`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Item {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4")]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(super) enum Kind {
    /// The nodes that follow are of this store.
    #[prost(message, tag = "1")]
    Store(StoreItem),
    #[prost(message, tag = "2")]
    Iavl(IavlItem),
    /// What other chains add beside their stores; this one has nothing such.
    #[prost(message, tag = "3")]
    Extension(Other),
    #[prost(message, tag = "4")]
    ExtensionPayload(Other),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct StoreItem {
    #[prost(string, tag = "1")]
    pub(super) name: String,
}

/// A node of an IAVL tree, as it is exported.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct IavlItem {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) version: i64,
    #[prost(int32, tag = "4")]
    pub(super) height: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Other {}
