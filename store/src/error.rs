//! What can go wrong in the store. None of these is the answer to a transaction: a failing `prepare` or `commit` ends the node.

/// An error of the multistore.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// RocksDB failed.
    #[error("database: {0}")]
    Database(#[from] rocksdb::Error),
    /// A thread pool could not be made.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The database was written in a format that this program does not read.
    #[error("the database has format {found}, this program reads format {expected}")]
    Format {
        /// The format found.
        found: u64,
        /// The format this program reads and writes.
        expected: u64,
    },
    /// A file could not be read or written.
    #[error("disk: {0}")]
    Io(#[from] std::io::Error),
    /// A snapshot that is not made or not taken.
    #[error("snapshot: {0}")]
    Snapshot(String),
    /// A snapshot of a format that this program does not know.
    #[error("unknown snapshot format: {0}")]
    SnapshotFormat(u32),
    /// A chunk of a snapshot that does not have its hash.
    #[error("chunk {index} does not have its hash")]
    ChunkHash {
        /// The chunk.
        index: u32,
    },
    /// A snapshot can be restored into an empty store only.
    #[error("a snapshot is restored into an empty store, and this one is at height {0}")]
    NotEmpty(u64),
    /// A thread could not be started.
    #[error("thread: {0}")]
    Thread(std::io::Error),
    /// The pruning strategy keeps too little.
    #[error("{0}")]
    Pruning(&'static str),
    /// A fuse has blown: see [`crate::Fuse`].
    #[error("this write was made to fail")]
    Fuse,
    /// The store is being closed: only the work in the background ends with this.
    #[error("the store is being closed")]
    Closing,
    /// The record of a tree's node cannot be read back.
    #[error("damaged tree node {number}: {why}; the next start goes back to a checkpoint without it, if there is one")]
    DamagedNode {
        /// The record's number.
        number: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A record cannot be read back.
    #[error("damaged record of {what}: {why}")]
    Damaged {
        /// Which record.
        what: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The recovered tree of a store does not have the root that was committed.
    #[error("at height {height} store {store} has root {found}, but {expected} was committed")]
    RootMismatch {
        /// The height replayed.
        height: u64,
        /// The store.
        store: String,
        /// The root recovered, in hex.
        found: String,
        /// The root committed, in hex.
        expected: String,
    },
    /// No way is left to rebuild the trees.
    #[error(
        "the trees cannot be rebuilt to height {height}: {tried}; restore the node from a snapshot or another node"
    )]
    Unrecoverable {
        /// The height committed last.
        height: u64,
        /// Each way that was tried, with why it failed.
        tried: String,
    },
    /// The same name was given twice, or a name is empty or longer than 255 bytes.
    #[error("store names must be distinct and have 1 to 255 bytes: {0:?}")]
    StoreNames(String),
    /// The database holds a store that this program does not declare.
    #[error("the database holds store {0}, which this program does not declare")]
    UndeclaredStore(String),
    /// A store that is not declared.
    #[error("no such store: {0}")]
    UnknownStore(String),
    /// A height out of turn.
    #[error("height {height} does not follow the committed height {latest}")]
    Height {
        /// The height given.
        height: u64,
        /// The height committed last.
        latest: u64,
    },
    /// A block was prepared on a state that is no longer the latest.
    #[error("height {height} was prepared on another state than the one committed at {latest}")]
    Stale {
        /// The height of the prepared block.
        height: u64,
        /// The height committed last.
        latest: u64,
    },
    /// A key of a change that is empty or too long.
    #[error("store {store}: a key must have 1 to {max} bytes, this one has {len}")]
    KeyLength {
        /// The store.
        store: String,
        /// The length found, in bytes.
        len: usize,
        /// The greatest length allowed, in bytes.
        max: usize,
    },
    /// A height that is not, or no longer, or not yet, served.
    #[error("height {height} is not available: this node serves {first} to {latest}")]
    HeightNotAvailable {
        /// The height asked for.
        height: u64,
        /// The first height served.
        first: u64,
        /// The latest height.
        latest: u64,
    },
    /// A height that cannot be gone back to.
    #[error(
        "the state cannot be rolled back to height {height}: this node can go back to heights {lowest} to {latest}"
    )]
    Rollback {
        /// The height asked for.
        height: u64,
        /// The lowest height that can be gone back to.
        lowest: u64,
        /// The latest height.
        latest: u64,
    },
    /// An empty tree proves nothing.
    #[error("store {0} is empty, so nothing can be proven from it")]
    EmptyStore(String),
    /// A value of no bytes exists but ICS-23 has no proof for it.
    #[error("the value under this key of store {0} is empty, which ICS-23 cannot prove")]
    EmptyValue(String),
}
