//! The multistore: IAVL trees under one simple Merkle root, the block overlay, RocksDB, proofs.

pub mod overlay;

pub use overlay::{BlockState, Changes, Checkpoint, MemSnapshot, Pair, Snapshot, StoreName};
