//! How a multistore is opened.

use crate::disk::Fuse;
use crate::error::Error;
use crate::overlay::StoreName;
use crate::pruning::{Pruning, UNDO_HEIGHTS};
use std::sync::Arc;
use std::time::Duration;

/// Told of work beside the chain's: what it was (`checkpoint`, `prune`), and how long it took.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&'static str, Duration) + Send + Sync>);

impl Observer {
    /// Calls `observe` on the thread that did the work.
    pub fn new(observe: impl Fn(&'static str, Duration) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    pub(crate) fn tell(&self, work: &'static str, took: Duration) {
        (self.0)(work, took);
    }
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

/// How a multistore is opened.
#[derive(Debug, Clone)]
pub struct MultistoreOptions {
    /// Every store, in any order. A store that the database does not have yet begins empty and joins the commitment at the next height.
    pub stores: Vec<StoreName>,
    /// Whether Commit waits for the disk. Without it a crash of the machine may lose the last heights, which CometBFT then replays.
    pub sync: bool,
    /// Which heights are kept for queries and proofs.
    pub pruning: Pruning,
    /// The most latest heights that are proven from memory, at least 1 and at most [`UNDO_HEIGHTS`].
    pub keep_versions: usize,
    /// What trees and recent heights may take in memory, in bytes; 0: no limit. It is kept to by estimate, and only what is in a
    /// checkpoint can leave the memory.
    pub memory_limit: u64,
    /// The number of changes after which the trees are checkpointed. A start replays at most this, the changes of one block, and what
    /// is committed while a checkpoint is written; so does the first proof of a past height.
    pub checkpoint_changes: u64,
    /// Threads for applying and hashing; 0 takes one a core. The result does not depend on it.
    pub threads: usize,
    /// Who is told of work in the background.
    pub observer: Option<Observer>,
    /// For tests: makes writes fail.
    pub fuse: Option<Fuse>,
}

impl MultistoreOptions {
    /// The defaults for these stores.
    pub fn new(stores: impl IntoIterator<Item = StoreName>) -> Self {
        Self {
            stores: stores.into_iter().collect(),
            sync: true,
            pruning: Pruning::DEFAULT,
            keep_versions: 100,
            memory_limit: 1 << 30,
            checkpoint_changes: 5_000,
            threads: 0,
            observer: None,
            fuse: None,
        }
    }

    /// The options in order, if they can be used.
    pub(crate) fn checked(mut self) -> Result<Self, Error> {
        self.stores.sort_unstable();
        let double = self.stores.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[_]>::first);
        let odd = self.stores.iter().find(|name| name.is_empty() || name.len() > 255);
        if let Some(name) = double.or(odd) {
            return Err(Error::StoreNames((*name).to_string()));
        }
        // A version in memory may need what a checkpoint below the height that can be gone back to has.
        let most = usize::try_from(UNDO_HEIGHTS).unwrap_or(usize::MAX);
        self.keep_versions = self.keep_versions.clamp(1, most);
        Ok(self)
    }
}
