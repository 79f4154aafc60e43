//! The multistore: every store of the chain at its latest height, and the only way to change it.
//!
//! FinalizeBlock calls [`Multistore::prepare`], which computes the app hash on trees of its own and changes nothing; any number of
//! blocks may be prepared, and dropped. Commit calls [`Multistore::commit`], which writes one batch, height included, and publishes the
//! new height. Readers take a [`Committed`] and keep it as long as they like.

use crate::change_log::{log_key, StoreLog};
use crate::checkpoint::Draft;
use crate::disk::{height_key, number, Disk, Family, COMMIT_INFO, FIRST_KEY, LATEST_KEY, PRUNED_KEY, RESTORED_KEY};
use crate::error::Error;
use crate::flat::{state_prefix, FlatSnapshot};
use crate::history::{encode, put_history_key, PastSnapshot};
use crate::iavl::{empty_root, Edit, Hash, Orphan, Tree};
use crate::options::MultistoreOptions;
use crate::overlay::{Changes, Snapshot, StoreName};
use crate::past::Past;
use crate::pruning::UNDO_HEIGHTS;
use crate::recover::{commit_info, recover, Recovered};
use crate::rollback::roll_back;
use crate::snapshots::{Frozen, Restore};
use crate::upkeep::Upkeep;
use crate::version::{look_up, ProofOp, Version};
use prost::Message;
use rayon::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// The longest key, in bytes: the SDK's limit (cosmossdk.io/store, `types/validity.go`).
pub const MAX_KEY_BYTES: usize = (1 << 17) - 1;

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
    /// The nodes of the last checkpoint that the block replaced.
    orphans: Vec<Orphan>,
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
    disk: Arc<Disk>,
    options: MultistoreOptions,
    threads: rayon::ThreadPool,
    published: RwLock<Arc<Published>>,
    upkeep: Mutex<Upkeep>,
    past: Past,
}

struct Published {
    /// Oldest first; empty before the first commit.
    versions: VecDeque<Arc<Version>>,
    flat: Arc<FlatSnapshot>,
    /// The first height that was ever committed, 0 before it.
    first: u64,
    /// The height up to which heights are pruned, 0 for none.
    pruned: u64,
    /// The height of the checkpoint begun last, 0 before it.
    checkpoint: u64,
}

impl Multistore {
    /// Opens the multistore in the folder `path`, made if missing, at the height committed last.
    ///
    /// # Errors
    /// Names that cannot be stores', another format, and damage that cannot be mended.
    pub fn open(path: &Path, options: MultistoreOptions) -> Result<Self, Error> {
        let options = options.checked()?;
        let disk = Disk::open(path, options.fuse.clone())?;
        Self::start(disk, options)
    }

    /// Opens the multistore in the folder `path` after undoing every height above `height`, as if they had never been committed. May
    /// be interrupted anywhere and called again.
    ///
    /// # Errors
    /// Those of [`Multistore::open`], and [`Error::Rollback`] for a height that cannot be gone back to: the last [`UNDO_HEIGHTS`] can.
    pub fn roll_back(path: &Path, options: MultistoreOptions, height: u64) -> Result<Self, Error> {
        let options = options.checked()?;
        let disk = Disk::open(path, options.fuse.clone())?;
        roll_back(&disk, height)?;
        Self::start(disk, options)
    }

    fn start(disk: Arc<Disk>, options: MultistoreOptions) -> Result<Self, Error> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
        if disk.get(Family::Meta, LATEST_KEY)?.is_none() {
            disk.clear()?;
        }
        let (published, upkeep) = read(&disk, &options, &threads)?;
        Ok(Self {
            disk,
            options,
            threads,
            published: RwLock::new(Arc::new(published)),
            upkeep: Mutex::new(upkeep),
            past: Past::new()?,
        })
    }

    /// The state of a height that is kept (0: the latest), held still for an export.
    ///
    /// # Errors
    /// [`Error::HeightNotAvailable`]; for a height that is no longer in memory those of rebuilding its trees.
    pub fn freeze(&self, height: u64) -> Result<Frozen, Error> {
        let published = self.published();
        let height = if height == 0 { published.kept().1 } else { height };
        published.expect(height)?;
        // Of a moment after the trees: what they have on disk is in it, whatever is pruned from now on.
        let view = Arc::new(self.disk.view());
        let in_memory = published.versions.iter().rev().find(|version| version.height == height);
        let info = in_memory.map_or_else(|| commit_info(&view, height), |version| Ok(version.info.clone()))?;
        let mut trees = Vec::new();
        for store in &info.store_infos {
            let tree = match in_memory {
                Some(version) => version.tree(&store.name)?.reading(view.clone()),
                None => self.past.tree(&self.disk, &store.name, height)?.tree.clone(),
            };
            trees.push((store.name.clone(), tree));
        }
        Ok(Frozen { height, info, trees })
    }

    /// Begins to restore the snapshot of a height into this store, which must be empty, or have nothing but what it was restored from;
    /// what a former restore left is deleted.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], and those of the disk.
    pub fn restore(&self, height: u64) -> Result<Restore, Error> {
        self.clear()?;
        Ok(Restore::new(self.disk.clone(), self.options.stores.clone(), height))
    }

    /// Deletes what a restore has written: one that was given up, or one that ended and after which no block was committed. CometBFT
    /// offers snapshots only while it has no block itself, so that a height without it leads nowhere.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], and those of the disk.
    pub fn clear(&self) -> Result<(), Error> {
        let mut upkeep = self.upkeep();
        let height = self.height();
        if height == 0 {
            return self.disk.clear();
        }
        let restored =
            self.disk.get(Family::Meta, RESTORED_KEY)?.map(|bytes| number(RESTORED_KEY, &bytes)).transpose()?;
        if restored != Some(height) {
            return Err(Error::NotEmpty(height));
        }
        upkeep.finish()?;
        self.disk.forget(height)?;
        self.disk.clear()?;
        let (published, begun) = read(&self.disk, &self.options, &self.threads)?;
        *upkeep = begun;
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        self.past.forget();
        Ok(())
    }

    /// Ends a restore: the store is at its height, if its app hash is `app_hash`; `None` takes any, for who trusts the snapshot.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for another app hash, or an incomplete snapshot: [`Multistore::clear`] is to be called then.
    pub fn finish_restore(&self, restore: Restore, app_hash: Option<&[u8]>) -> Result<(), Error> {
        let mut upkeep = self.upkeep();
        if self.height() > 0 {
            return Err(Error::NotEmpty(self.height()));
        }
        restore.finish(app_hash)?;
        let (published, begun) = read(&self.disk, &self.options, &self.threads)?;
        *upkeep = begun;
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        Ok(())
    }

    fn published(&self) -> Arc<Published> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn upkeep(&self) -> MutexGuard<'_, Upkeep> {
        self.upkeep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state committed last.
    pub fn committed(&self) -> Committed {
        let published = self.published();
        let (height, app_hash) = published.latest().map_or((0, empty_root()), |last| (last.height, last.app_hash));
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

    /// The heights that are kept, first and last; 0 and 0 before the first commit.
    pub fn kept(&self) -> (u64, u64) {
        self.published().kept()
    }

    /// The state of a height that is kept.
    ///
    /// # Errors
    /// [`Error::HeightNotAvailable`] if the height was pruned, or is not there yet.
    pub fn snapshot_at(&self, height: u64) -> Result<Arc<dyn Snapshot>, Error> {
        let published = self.published();
        published.expect(height)?;
        if published.latest().is_some_and(|latest| latest.height == height) {
            return Ok(published.flat.clone());
        }
        Ok(Arc::new(PastSnapshot::new(published.flat.clone(), height)))
    }

    /// Reads a key of a store at a height that is kept (0: the latest), with a proof of its value or absence if `prove`.
    ///
    /// # Errors
    /// An unknown store, a height that is not kept, and with `prove` an empty store or value.
    pub fn query(&self, store: &str, key: &[u8], height: u64, prove: bool) -> Result<Answer, Error> {
        let published = self.published();
        let height = if height == 0 { published.kept().1 } else { height };
        published.expect(height)?;
        let (value, proof) = match published.versions.iter().rev().find(|version| version.height == height) {
            Some(version) => {
                let found = look_up(&version.info, version.tree(store)?, store, key, prove);
                // Of the latest height, nothing that is missing was pruned.
                self.noting(found, height == published.kept().1)?
            }
            None if !self.options.stores.contains(&store) => {
                return Err(Error::UnknownStore(store.to_string()));
            }
            None if prove => {
                let past = self.past.tree(&self.disk, store, height)?;
                look_up(&past.info, &past.tree, store, key, true)?
            }
            None => (PastSnapshot::new(published.flat.clone(), height).try_get(store, key)?, Vec::new()),
        };
        Ok(Answer { height, value, proof })
    }

    /// Computes the state after a block from its changes, without committing it. The first block of a chain may have any height from 1,
    /// and carries the changes of genesis with its own.
    ///
    /// # Errors
    /// A height out of turn, an unknown store, a bad key: each means that the caller is wrong, and none changes anything. Nodes that
    /// cannot be read: the node must stop, and its next start goes back to a checkpoint without them.
    pub fn prepare(&self, height: u64, changes: BTreeMap<StoreName, Changes>) -> Result<Prepared, Error> {
        let published = self.published();
        let base = published.latest().cloned();
        self.check(height, base.as_ref().map_or(0, |base| base.height), &changes)?;
        let prepared = self.work(height, &published, base, changes);
        self.noting(prepared, true)
    }

    /// Notes a node that was found damaged in the latest trees, for the next start.
    fn noting<T>(&self, result: Result<T, Error>, latest: bool) -> Result<T, Error> {
        if let (Err(Error::DamagedNode { number, .. }), true) = (&result, latest) {
            self.disk.note_damage(*number)?;
        }
        result
    }

    fn check(&self, height: u64, latest: u64, changes: &BTreeMap<StoreName, Changes>) -> Result<(), Error> {
        // Versions are signed 64-bit numbers in a node's hash.
        if height == 0 || i64::try_from(height).is_err() || (latest > 0 && height.checked_sub(1) != Some(latest)) {
            return Err(Error::Height { height, latest });
        }
        for (store, changes) in changes {
            if !self.options.stores.contains(store) {
                return Err(Error::UnknownStore((*store).to_string()));
            }
            if let Some(key) = changes.keys().find(|key| key.is_empty() || key.len() > MAX_KEY_BYTES) {
                return Err(Error::KeyLength { store: (*store).to_string(), len: key.len(), max: MAX_KEY_BYTES });
            }
        }
        Ok(())
    }

    fn work(
        &self,
        height: u64,
        published: &Published,
        base: Option<Arc<Version>>,
        mut changes: BTreeMap<StoreName, Changes>,
    ) -> Result<Prepared, Error> {
        let cold_before = self.cold_before(published);
        let stores = self.options.stores.iter();
        let work: Vec<_> = stores.map(|name| (*name, changes.remove(name).unwrap_or_default())).collect();
        let one = |(name, changes): (StoreName, Changes)| {
            let tree = base.as_ref().and_then(|base| base.trees.get(name)).cloned();
            let mut tree = tree.unwrap_or_else(|| Tree::with_source(self.disk.records()));
            let mut edit = Edit::new(height);
            (edit.checkpoint, edit.cold_before) = (published.checkpoint, cold_before);
            let log = StoreLog::apply(&mut tree, &mut edit, changes)?;
            tree.finish(&edit);
            Ok((name, tree, log, edit))
        };
        let done: Vec<_> = self.threads.install(|| work.into_par_iter().map(one).collect::<Result<_, Error>>())?;
        let (mut trees, mut logs, mut orphans, mut made) = (BTreeMap::new(), Vec::new(), Vec::new(), 0u64);
        for (name, tree, log, edit) in done {
            trees.insert(name, tree);
            logs.push((name, log));
            orphans.extend(edit.orphans);
            made = made.saturating_add(edit.made);
        }
        Ok(Prepared { base, version: Version::new(height, trees, made), logs, orphans })
    }

    /// The version since before which nothing needs to stay in memory: where the trees take more than three quarters of the limit, what
    /// the versions in memory have not touched. The last quarter is those versions'.
    fn cold_before(&self, published: &Published) -> u64 {
        let (limit, latest) = (self.options.memory_limit, published.latest());
        let over = limit > 0 && latest.is_some_and(|latest| latest.bytes() > limit.saturating_sub(limit / 4));
        published.versions.front().filter(|_| over).map_or(0, |oldest| oldest.height)
    }

    /// Commits a prepared block: one atomic write, then the new height is visible.
    ///
    /// # Errors
    /// [`Error::Stale`] if another block was committed since it was prepared. After a database error, also one of the work in the
    /// background, the node must stop.
    pub fn commit(&self, prepared: Prepared) -> Result<(), Error> {
        let mut upkeep = self.upkeep();
        let before = self.published();
        let height = prepared.version.height;
        let same = match (&prepared.base, before.latest()) {
            (None, None) => true,
            (Some(base), Some(last)) => Arc::ptr_eq(base, last),
            _ => false,
        };
        if !same {
            return Err(Error::Stale { height, latest: before.kept().1 });
        }
        let first = if before.first == 0 { height } else { before.first };
        let due = self.options.pruning.prunes(height).filter(|pruned| *pruned >= first && *pruned > before.pruned);
        self.write(&prepared, due)?;

        let changed = u64::try_from(prepared.changed_keys()).unwrap_or(u64::MAX);
        upkeep.changes = upkeep.changes.saturating_add(changed);
        upkeep.orphans.extend(prepared.orphans);
        let pruned = due.unwrap_or(before.pruned);
        if due.is_some() {
            // Whatever is pruned for queries, the last heights can be gone back to.
            upkeep.floor = upkeep.floor.max(pruned.saturating_add(1).min(height.saturating_sub(UNDO_HEIGHTS)));
        }
        if due.is_some() || height.is_multiple_of(UNDO_HEIGHTS) {
            self.past.forget();
        }
        let draft = upkeep.wants_checkpoint(self.options.checkpoint_changes)?.then(|| Draft {
            height,
            trees: prepared.version.trees.clone(),
            orphans: Vec::new(),
        });
        let checkpoint = if draft.is_some() { height } else { before.checkpoint };

        let mut versions = before.versions.clone();
        versions.push_back(Arc::new(prepared.version));
        let retired = self.retire(&mut versions);
        let flat = Arc::new(FlatSnapshot::new(self.disk.view()));
        let published = Published { versions, flat, first, pruned, checkpoint };
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        // Freeing a version's nodes takes about a fifth of the time to make them: not on the caller's thread, where this frees them last.
        drop(before);
        self.threads.spawn(move || drop(retired));
        upkeep.begin(&self.disk, draft, self.options.observer.as_ref())
    }

    /// Takes out the versions that are too many, or too much for the memory.
    fn retire(&self, versions: &mut VecDeque<Arc<Version>>) -> Vec<Arc<Version>> {
        let mut made = versions.iter().fold(0u64, |sum, version| sum.saturating_add(version.made));
        let (mut retired, limit) = (Vec::new(), self.options.memory_limit);
        while versions.len() > self.options.keep_versions || (versions.len() > 1 && limit > 0 && made > limit / 4) {
            let Some(oldest) = versions.pop_front() else { break };
            made = made.saturating_sub(oldest.made);
            retired.push(oldest);
        }
        retired
    }

    /// The one batch of a block: flat state, what it replaced, change log, commit info, heights.
    fn write(&self, prepared: &Prepared, pruned: Option<u64>) -> Result<(), Error> {
        let height = prepared.version.height;
        let mut batch = self.disk.batch();
        for (name, changed) in prepared.logs.iter().filter(|(_, log)| !log.changes.is_empty()) {
            let mut full = state_prefix(name);
            let prefix = full.len();
            for change in &changed.changes {
                full.truncate(prefix);
                full.extend_from_slice(&change.key);
                match &change.value {
                    Some(value) => batch.put(Family::State, &full, value)?,
                    None => batch.delete(Family::State, &full)?,
                }
                // There is no height before the first.
                if prepared.base.is_some() {
                    full.truncate(prefix);
                    put_history_key(&mut full, &change.key, height);
                    batch.put_parts(Family::History, &full, encode(change.before.as_deref()))?;
                }
            }
            batch.put(Family::Log, &log_key(height, name), &changed.encode())?;
        }
        if prepared.base.is_none() {
            batch.put(Family::Meta, FIRST_KEY, &height.to_be_bytes())?;
        }
        if let Some(pruned) = pruned {
            batch.put(Family::Meta, PRUNED_KEY, &pruned.to_be_bytes())?;
        }
        let info = prepared.version.info.encode_to_vec();
        batch.put(Family::Meta, &height_key(COMMIT_INFO, height), &info)?;
        batch.put(Family::Meta, LATEST_KEY, &height.to_be_bytes())?;
        batch.write(self.options.sync)
    }

    /// Waits until nothing is written or deleted in the background.
    ///
    /// # Errors
    /// What the job met.
    pub fn finish_upkeep(&self) -> Result<(), Error> {
        self.upkeep().finish()
    }
}

/// What is committed on disk.
fn read(
    disk: &Arc<Disk>,
    options: &MultistoreOptions,
    threads: &rayon::ThreadPool,
) -> Result<(Published, Upkeep), Error> {
    let recovered = threads.install(|| recover(disk, &options.stores, options.keep_versions))?;
    let Recovered { versions, checkpoint, changes, orphans, first, pruned } = recovered;
    let flat = Arc::new(FlatSnapshot::new(disk.view()));
    let published = Published { versions, flat, first, pruned, checkpoint: checkpoint.height };
    Ok((published, Upkeep::new(checkpoint, changes, orphans)))
}

impl Published {
    fn latest(&self) -> Option<&Arc<Version>> {
        self.versions.back()
    }

    /// The heights that are kept, first and last.
    fn kept(&self) -> (u64, u64) {
        let latest = self.latest().map_or(0, |latest| latest.height);
        (self.first.max(self.pruned.saturating_add(1)).min(latest), latest)
    }

    fn expect(&self, height: u64) -> Result<(), Error> {
        let (first, latest) = self.kept();
        if height > 0 && (first..=latest).contains(&height) {
            return Ok(());
        }
        Err(Error::HeightNotAvailable { height, first, latest })
    }
}

/// Closing ends a job in the background at its next batch, and waits for it: its thread holds the database open. What it had not done,
/// the next one does.
impl Drop for Multistore {
    fn drop(&mut self) {
        self.disk.stop();
        let _ = self.finish_upkeep();
    }
}
