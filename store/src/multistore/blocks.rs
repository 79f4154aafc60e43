//! A block's changes: hashed on trees of their own, and committed in one batch.

use super::published::Published;
use super::{Multistore, MAX_KEY_BYTES};
use crate::change_log::{log_key, StoreLog};
use crate::checkpoint::Draft;
use crate::disk::{height_key, Family, COMMIT_INFO, FIRST_KEY, LATEST_KEY, PRUNED_KEY};
use crate::error::Error;
use crate::flat::{state_prefix, FlatSnapshot};
use crate::history::{encode, put_history_key};
use crate::iavl::{Edit, Hash, Orphan, Tree};
use crate::overlay::{Changes, StoreName};
use crate::pruning::UNDO_HEIGHTS;
use crate::version::Version;
use prost::Message;
use rayon::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError};

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

impl Multistore {
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
}
