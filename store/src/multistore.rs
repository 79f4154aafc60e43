//! The multistore: every store of the chain at its latest height, and the only way to change it.
//!
//! FinalizeBlock calls [`Multistore::prepare`], which computes the app hash on trees of its own and changes nothing; any number of
//! blocks may be prepared, and dropped. Commit calls [`Multistore::commit`], which writes one batch, height included, and publishes the
//! new height. Readers take a [`Committed`] and keep it as long as they like.

use crate::change_log::StoreLog;
use crate::checkpoint::Checkpoint;
use crate::error::Error;
use crate::iavl::{empty_root, Hash, Tree};
use crate::overlay::{Changes, Snapshot, StoreName};
use crate::recover::recover;
use crate::rocks::{self, cf, height_key, log_key, state_key, FlatSnapshot};
use crate::rocks::{COMMIT_INFO, FIRST_KEY, LATEST_KEY, LOG, META, STATE};
use crate::version::{ProofOp, Version};
use prost::Message;
use rayon::prelude::*;
use rocksdb::{WriteBatch, WriteOptions, DB};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

/// The longest key, in bytes: the SDK's limit (cosmossdk.io/store, `types/validity.go`).
const MAX_KEY_BYTES: usize = (1 << 17) - 1;

/// How a multistore is opened.
#[derive(Debug, Clone)]
pub struct MultistoreOptions {
    /// Every store, in any order. A store that the database does not have yet begins empty and joins the commitment at the next height.
    pub stores: Vec<StoreName>,
    /// Whether Commit waits for the disk. Without it a crash of the machine may lose the last heights, which CometBFT then replays.
    pub sync: bool,
    /// The number of latest heights that are read and proven from memory, at least 1.
    pub keep_versions: usize,
    /// The number of changes after which the trees are checkpointed. What a start replays is at most this, the changes of one block,
    /// and what is committed while a checkpoint is written; a commit that would begin a third one waits.
    pub checkpoint_changes: u64,
    /// Threads for applying and hashing; 0 takes one a core. The result does not depend on it.
    pub threads: usize,
}

impl MultistoreOptions {
    /// The defaults for these stores.
    pub fn new(stores: impl IntoIterator<Item = StoreName>) -> Self {
        Self {
            stores: stores.into_iter().collect(),
            sync: true,
            keep_versions: 100,
            checkpoint_changes: 25_000,
            threads: 0,
        }
    }
}

/// The state committed last, consistent in itself and unaffected by later commits.
#[derive(Clone)]
pub struct Committed {
    /// The height; 0 before the first commit.
    pub height: u64,
    /// The app hash; before the first commit that of no stores, as the SDK answers InitChain.
    pub app_hash: Hash,
    /// The state.
    pub state: Arc<dyn Snapshot>,
}

/// A block that was executed and hashed but not committed. Dropping it discards it.
pub struct Prepared {
    base: Option<Arc<Version>>,
    version: Version,
    logs: Vec<(StoreName, StoreLog)>,
}

impl Prepared {
    /// The height of the block.
    pub fn height(&self) -> u64 {
        self.version.height
    }

    /// The app hash after the block.
    pub fn app_hash(&self) -> Hash {
        self.version.app_hash
    }

    /// The number of keys that the block changes.
    pub fn changed_keys(&self) -> usize {
        self.logs.iter().map(|(_, log)| log.changes.len()).sum()
    }
}

/// The answer to a store query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The height that was read.
    pub height: u64,
    /// The value, `None` where the key is absent.
    pub value: Option<Vec<u8>>,
    /// Where asked for: the proof under the app hash of `height` (which the header of `height + 1` holds), store first.
    pub proof: Vec<ProofOp>,
}

/// All stores of the chain. Its methods may be called from any thread; readers never wait for a block in the making.
pub struct Multistore {
    db: Arc<DB>,
    options: MultistoreOptions,
    threads: rayon::ThreadPool,
    published: RwLock<Arc<Published>>,
    checkpoints: Mutex<Checkpoints>,
}

struct Published {
    /// Oldest first; empty before the first commit.
    versions: VecDeque<Arc<Version>>,
    flat: Arc<FlatSnapshot>,
}

struct Checkpoints {
    /// Changes committed since the last checkpoint began.
    changes: u64,
    last: Option<Checkpoint>,
    running: Option<JoinHandle<Result<Checkpoint, Error>>>,
}

impl Multistore {
    /// Opens the multistore in the folder `path`, made if missing, at the height committed last.
    pub fn open(path: &Path, mut options: MultistoreOptions) -> Result<Self, Error> {
        options.stores.sort_unstable();
        let double = options.stores.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[_]>::first);
        let odd = options.stores.iter().find(|name| name.is_empty() || name.len() > 255);
        if let Some(name) = double.or(odd) {
            return Err(Error::StoreNames((*name).to_string()));
        }
        options.keep_versions = options.keep_versions.max(1);
        let threads = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
        let db = rocks::open(path)?;
        let recovered = threads.install(|| recover(&db, &options.stores, options.keep_versions))?;
        let published = Published { versions: recovered.versions, flat: Arc::new(FlatSnapshot::new(db.clone())) };
        let checkpoints = Checkpoints { changes: recovered.changes, last: Some(recovered.checkpoint), running: None };
        Ok(Self {
            db,
            options,
            threads,
            published: RwLock::new(Arc::new(published)),
            checkpoints: Mutex::new(checkpoints),
        })
    }

    fn published(&self) -> Arc<Published> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The state committed last.
    pub fn committed(&self) -> Committed {
        let published = self.published();
        let (height, app_hash) =
            published.versions.back().map_or((0, empty_root()), |last| (last.height, last.app_hash));
        Committed { height, app_hash, state: published.flat.clone() }
    }

    /// The height committed last; 0 before the first commit.
    pub fn height(&self) -> u64 {
        self.committed().height
    }

    /// The app hash committed last; before the first commit that of no stores.
    pub fn app_hash(&self) -> Hash {
        self.committed().app_hash
    }

    /// The state committed last.
    pub fn snapshot(&self) -> Arc<dyn Snapshot> {
        self.committed().state
    }

    /// The state of a recent height.
    ///
    /// # Errors
    /// [`Error::HeightNotAvailable`] if the height is not among the latest `keep_versions`.
    pub fn snapshot_at(&self, height: u64) -> Result<Arc<dyn Snapshot>, Error> {
        let published = self.published();
        if published.versions.back().is_some_and(|last| last.height == height) {
            return Ok(published.flat.clone());
        }
        Ok(published.version(height)?)
    }

    /// Reads a key of a store at a recent height (0: the latest), with a proof of its value or absence if `prove`.
    ///
    /// # Errors
    /// An unknown store, a height that is not kept, and with `prove` an empty store or value.
    pub fn query(&self, store: &str, key: &[u8], height: u64, prove: bool) -> Result<Answer, Error> {
        let published = self.published();
        let version = match height {
            0 => published.versions.back().cloned().ok_or(Error::HeightNotAvailable { height, first: 0, latest: 0 })?,
            height => published.version(height)?,
        };
        let value = version.value(store, key)?;
        let proof = if prove { version.prove(store, key)?.to_vec() } else { Vec::new() };
        Ok(Answer { height: version.height, value, proof })
    }

    /// Computes the state after a block from its changes, without committing it. The first block of a chain may have any height from 1,
    /// and carries the changes of genesis with its own.
    ///
    /// # Errors
    /// A height out of turn, an unknown store, a bad key: each means that the caller is wrong, and none changes anything.
    pub fn prepare(&self, height: u64, mut changes: BTreeMap<StoreName, Changes>) -> Result<Prepared, Error> {
        let base = self.published().versions.back().cloned();
        let latest = base.as_ref().map_or(0, |base| base.height);
        // Versions are signed 64-bit numbers in a node's hash.
        if height == 0 || i64::try_from(height).is_err() || (latest > 0 && height.checked_sub(1) != Some(latest)) {
            return Err(Error::Height { height, latest });
        }
        for (store, changes) in &changes {
            if !self.options.stores.contains(store) {
                return Err(Error::UnknownStore((*store).to_string()));
            }
            if let Some(key) = changes.keys().find(|key| key.is_empty() || key.len() > MAX_KEY_BYTES) {
                return Err(Error::KeyLength { store: (*store).to_string(), len: key.len(), max: MAX_KEY_BYTES });
            }
        }
        let work: Vec<_> = self
            .options
            .stores
            .iter()
            .map(|name| {
                let tree = base.as_ref().and_then(|base| base.trees.get(name)).cloned().unwrap_or_default();
                (*name, tree, changes.remove(name).unwrap_or_default())
            })
            .collect();
        let done: Vec<(StoreName, Tree, StoreLog)> = self.threads.install(|| {
            let run = |(name, mut tree, changes): (StoreName, Tree, Changes)| {
                let log = StoreLog::apply(&mut tree, height, changes);
                tree.update_root();
                (name, tree, log)
            };
            work.into_par_iter().map(run).collect()
        });
        let (mut trees, mut logs) = (BTreeMap::new(), Vec::new());
        for (name, tree, log) in done {
            trees.insert(name, tree);
            logs.push((name, log));
        }
        Ok(Prepared { base, version: Version::new(height, trees), logs })
    }

    /// Commits a prepared block: one atomic write, then the new height is visible.
    ///
    /// # Errors
    /// [`Error::Stale`] if another block was committed since it was prepared. After a database error the node must stop.
    pub fn commit(&self, prepared: Prepared) -> Result<(), Error> {
        let mut checkpoints = self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.published();
        let height = prepared.version.height;
        let same = match (&prepared.base, before.versions.back()) {
            (None, None) => true,
            (Some(base), Some(last)) => Arc::ptr_eq(base, last),
            _ => false,
        };
        if !same {
            return Err(Error::Stale { height, latest: before.versions.back().map_or(0, |last| last.height) });
        }
        let changed = u64::try_from(prepared.changed_keys()).unwrap_or(u64::MAX);
        self.write(&prepared)?;

        let trees = prepared.version.trees.clone();
        let mut versions = before.versions.clone();
        versions.push_back(Arc::new(prepared.version));
        let surplus = versions.len().saturating_sub(self.options.keep_versions);
        let retired: Vec<_> = versions.drain(..surplus).collect();
        let flat = Arc::new(FlatSnapshot::new(self.db.clone()));
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Published { versions, flat });
        // Freeing a version's nodes takes about a fifth of the time to make them: not on the caller's thread, where this frees them last.
        drop(before);
        self.threads.spawn(move || drop(retired));

        checkpoints.changes = checkpoints.changes.saturating_add(changed);
        if checkpoints.changes >= self.options.checkpoint_changes {
            checkpoints.begin(self.db.clone(), height, trees)?;
        }
        Ok(())
    }

    /// The one batch of a block: flat state, change log, commit info and height.
    fn write(&self, prepared: &Prepared) -> Result<(), Error> {
        let height = prepared.version.height;
        let (state, log, meta) = (cf(&self.db, STATE)?, cf(&self.db, LOG)?, cf(&self.db, META)?);
        let mut batch = WriteBatch::default();
        for (name, changed) in prepared.logs.iter().filter(|(_, log)| !log.changes.is_empty()) {
            for (key, value) in &changed.changes {
                match value {
                    Some(value) => batch.put_cf(state, state_key(name, key), value),
                    None => batch.delete_cf(state, state_key(name, key)),
                }
            }
            batch.put_cf(log, log_key(height, name), changed.encode());
        }
        if prepared.base.is_none() {
            batch.put_cf(meta, FIRST_KEY, height.to_be_bytes());
        }
        batch.put_cf(meta, height_key(COMMIT_INFO, height), prepared.version.info.encode_to_vec());
        batch.put_cf(meta, LATEST_KEY, height.to_be_bytes());
        let mut options = WriteOptions::default();
        options.set_sync(self.options.sync);
        Ok(self.db.write_opt(batch, &options)?)
    }

    /// Waits until no checkpoint is being written.
    ///
    /// # Errors
    /// What the checkpoint met.
    pub fn finish_checkpoint(&self) -> Result<(), Error> {
        self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner).finish()
    }
}

impl Published {
    fn version(&self, height: u64) -> Result<Arc<Version>, Error> {
        let found = self.versions.iter().rev().find(|version| version.height == height);
        let edge = |version: Option<&Arc<Version>>| version.map_or(0, |version| version.height);
        found.cloned().ok_or_else(|| Error::HeightNotAvailable {
            height,
            first: edge(self.versions.front()),
            latest: edge(self.versions.back()),
        })
    }
}

impl Checkpoints {
    /// Begins to write the checkpoint of `height` on a thread of its own, after the one before is done.
    fn begin(&mut self, db: Arc<DB>, height: u64, trees: BTreeMap<StoreName, Tree>) -> Result<(), Error> {
        self.finish()?;
        let Some(last) = self.last.take() else { return Ok(()) };
        self.changes = 0;
        self.running = Some(std::thread::spawn(move || last.write_next(&db, height, trees)));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        let Some(running) = self.running.take() else { return Ok(()) };
        let failed = |_| Error::Damaged { what: "checkpoint".to_string(), why: "its thread panicked" };
        self.last = Some(running.join().map_err(failed)??);
        Ok(())
    }
}

/// Closing waits for a checkpoint in the making: its thread holds the database open. If it failed, the next start replays more.
impl Drop for Multistore {
    fn drop(&mut self) {
        let _ = self.finish_checkpoint();
    }
}
