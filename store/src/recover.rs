//! Start-up: from the latest usable checkpoint, through the change log, to exactly the roots that were committed.
//!
//! Of a checkpoint only the roots are read, and what the changes since touch: each node is checked by its hash when it is. The root of
//! every store is compared with the commit info of every height on the way, so damage to the log is found. A checkpoint that fails, or
//! in which a node was found damaged earlier, falls back to the one before, then to the log alone, which is whole until the second
//! checkpoint.

use crate::change_log::{read_log, replay};
use crate::checkpoint::{heights, Checkpoint, Head};
use crate::commit_info::CommitInfo;
use crate::disk::{height_key, Disk, Family, View, COMMIT_INFO, DAMAGED_KEY, FIRST_KEY, LATEST_KEY, PRUNED_KEY};
use crate::error::Error;
use crate::iavl::{empty_root, Edit, Hash, Orphan, Tree};
use crate::overlay::StoreName;
use crate::version::Version;
use prost::Message;
use rayon::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The state of the trees after a start.
pub(crate) struct Recovered {
    /// The latest versions, oldest first; empty before the first commit.
    pub(crate) versions: VecDeque<Arc<Version>>,
    pub(crate) checkpoint: Checkpoint,
    /// The number of changes in the log since the checkpoint.
    pub(crate) changes: u64,
    /// The checkpoint's nodes that were replaced since.
    pub(crate) orphans: Vec<Orphan>,
    /// The height committed first, and that up to which heights are pruned; 0 where there is none.
    pub(crate) first: u64,
    pub(crate) pruned: u64,
}

/// Rebuilds the trees of the latest height, keeping up to `keep` versions.
pub(crate) fn recover(disk: &Arc<Disk>, stores: &[StoreName], keep: usize) -> Result<Recovered, Error> {
    let view = disk.view();
    let (Some(first), Some(latest)) = (view.number(FIRST_KEY)?, view.number(LATEST_KEY)?) else {
        let checkpoint = Checkpoint::none();
        let (versions, orphans) = (VecDeque::new(), Vec::new());
        return Ok(Recovered { versions, checkpoint, changes: 0, orphans, first: 0, pruned: 0 });
    };
    check_declared(&commit_info(&view, latest)?, stores)?;
    let pruned = view.number(PRUNED_KEY)?.unwrap_or_default();
    let mut tried = Vec::new();
    for height in heights(&view, u64::MAX, true)?.map(|height| height.map(Some)).chain([Ok(None)]) {
        let height = height?;
        let replay = Replay { disk, view: &view, stores, first, latest, keep };
        match replay.run(height) {
            Ok(mut recovered) => {
                if !tried.is_empty() {
                    let mut batch = disk.batch();
                    recovered.checkpoint.delete_after(&mut batch)?;
                    batch.write(true)?;
                }
                (recovered.first, recovered.pruned) = (first, pruned);
                return Ok(recovered);
            }
            // What RocksDB itself reports (a failing disk) is no reason to try another way.
            Err(Error::Database(error)) if error.kind() == rocksdb::ErrorKind::IOError => return Err(error.into()),
            Err(error) => tried.push(match height {
                Some(height) => format!("from the checkpoint at {height}: {error}"),
                None => format!("from the log alone: {error}"),
            }),
        }
    }
    Err(Error::Unrecoverable { height: latest, tried: tried.join("; ") })
}

/// Every committed store must be declared: dropping one silently would change the app hash.
fn check_declared(info: &CommitInfo, stores: &[StoreName]) -> Result<(), Error> {
    match info.store_infos.iter().find(|info| !stores.contains(&info.name.as_str())) {
        Some(info) => Err(Error::UndeclaredStore(info.name.clone())),
        None => Ok(()),
    }
}

/// The stored commit info of a height.
pub(crate) fn commit_info(view: &View, height: u64) -> Result<CommitInfo, Error> {
    let damaged = |why| Error::Damaged { what: format!("commit info of height {height}"), why };
    let bytes = view.get(Family::Meta, &height_key(COMMIT_INFO, height))?.ok_or_else(|| damaged("it is missing"))?;
    CommitInfo::decode(bytes.as_slice()).map_err(|_| damaged("it is not a CommitInfo"))
}

/// A store's root must be the one committed, or that of nothing where nothing was committed for it yet.
pub(crate) fn compare(info: &CommitInfo, store: &str, root: Hash) -> Result<(), Error> {
    let empty = empty_root();
    let expected = info.root(store).unwrap_or(&empty);
    if root == expected {
        return Ok(());
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Err(Error::RootMismatch {
        height: u64::try_from(info.version).unwrap_or_default(),
        store: store.to_string(),
        found: hex(&root),
        expected: hex(expected),
    })
}

#[derive(Clone, Copy)]
struct Replay<'a> {
    disk: &'a Arc<Disk>,
    view: &'a View,
    stores: &'a [StoreName],
    first: u64,
    latest: u64,
    keep: usize,
}

impl Replay<'_> {
    /// Replays the heights after a checkpoint, or all, to the latest.
    fn run(self, checkpoint: Option<u64>) -> Result<Recovered, Error> {
        let mut versions = VecDeque::new();
        let (checkpoint, mut trees) = match checkpoint {
            Some(height) => {
                let (checkpoint, trees) = self.load(height)?;
                let info = commit_info(self.view, height)?;
                trees.iter().try_for_each(|(name, tree)| compare(&info, name, tree.root().unwrap_or_default()))?;
                let (app_hash, trees_then) = (info.app_hash(), trees.clone());
                versions.push_back(Arc::new(Version { height, app_hash, info, trees: trees_then, made: 0 }));
                (checkpoint, trees)
            }
            None => (Checkpoint::none(), self.stores.iter().map(|name| (*name, self.empty())).collect()),
        };
        let after = if checkpoint.height == 0 { self.first } else { checkpoint.height.saturating_add(1) };
        let (mut changes, mut orphans) = (0u64, Vec::new());
        for height in after..=self.latest {
            let info = commit_info(self.view, height)?;
            let one = |(name, tree): (&StoreName, &mut Tree)| {
                let mut edit = Edit::new(height);
                edit.checkpoint = checkpoint.height;
                let record = read_log(self.view, height, name)?;
                let count = record.map_or(Ok(0), |record| replay(tree, &mut edit, height, name, &record))?;
                compare(&info, name, tree.finish(&edit))?;
                Ok((count, edit))
            };
            let done: Vec<_> = trees.par_iter_mut().map(one).collect::<Result<_, Error>>()?;
            let mut made = 0u64;
            for (count, edit) in done {
                changes = changes.saturating_add(count);
                made = made.saturating_add(edit.made);
                orphans.extend(edit.orphans);
            }
            let app_hash = info.app_hash();
            versions.push_back(Arc::new(Version { height, app_hash, info, trees: trees.clone(), made }));
            if versions.len() > self.keep {
                versions.pop_front();
            }
        }
        Ok(Recovered { versions, checkpoint, changes, orphans, first: self.first, pruned: 0 })
    }

    fn empty(&self) -> Tree {
        Tree::with_source(self.disk.records())
    }

    /// The trees of a checkpoint, of which only the roots are read.
    fn load(&self, height: u64) -> Result<(Checkpoint, BTreeMap<StoreName, Tree>), Error> {
        let head = Head::read(self.view, height)?;
        let damaged = self.view.number(DAMAGED_KEY)?.filter(|number| *number < head.next);
        if let Some(number) = damaged {
            return Err(Error::DamagedNode { number, why: "it was found damaged earlier" });
        }
        let mut trees = BTreeMap::new();
        for name in self.stores {
            let tree = match head.roots.get(*name) {
                None | Some(0) => self.empty(),
                Some(number) => Tree::load(self.disk.records(), *number)?,
            };
            trees.insert(*name, tree);
        }
        Ok((Checkpoint { height, next: head.next }, trees))
    }
}
