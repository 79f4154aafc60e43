//! Start-up: from the latest usable checkpoint, through the change log, to exactly the roots that were committed.
//!
//! Every root of every height on the way is compared with the commit info of that height, so damage anywhere is found. A checkpoint
//! that fails falls back to the one before, then to the log alone, which is complete until the second checkpoint.

use crate::change_log::StoreLog;
use crate::checkpoint::Checkpoint;
use crate::commit_info::CommitInfo;
use crate::error::Error;
use crate::iavl::{empty_root, Tree};
use crate::overlay::StoreName;
use crate::rocks::{cf, get_number, height_key, log_key, COMMIT_INFO, FIRST_KEY, LATEST_KEY, LOG, META};
use crate::version::Version;
use prost::Message;
use rayon::prelude::*;
use rocksdb::DB;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The state of the trees after a start.
pub(crate) struct Recovered {
    /// The latest versions, oldest first; empty before the first commit.
    pub(crate) versions: VecDeque<Arc<Version>>,
    pub(crate) checkpoint: Checkpoint,
    /// The number of changes in the log since the checkpoint.
    pub(crate) changes: u64,
}

/// Rebuilds the trees of the latest height, keeping up to `keep` versions.
pub(crate) fn recover(db: &DB, stores: &[StoreName], keep: usize) -> Result<Recovered, Error> {
    let nothing = Recovered { versions: VecDeque::new(), checkpoint: Checkpoint::none(), changes: 0 };
    let (Some(first), Some(latest)) = (get_number(db, FIRST_KEY)?, get_number(db, LATEST_KEY)?) else {
        return Ok(nothing);
    };
    check_declared(&commit_info(db, latest)?, stores)?;
    let mut tried = Vec::new();
    let checkpoints = Checkpoint::heights(db)?.into_iter().map(Some);
    for (attempt, height) in checkpoints.chain([None]).enumerate() {
        let replay = Replay { db, stores, latest, keep };
        let recovered = match height {
            Some(height) => replay.after_checkpoint(height),
            None => replay.run(Checkpoint::none(), first, empty_trees(stores), VecDeque::new()),
        };
        match recovered {
            Ok(recovered) => {
                if attempt > 0 {
                    recovered.checkpoint.delete_after(db)?;
                }
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

fn empty_trees(stores: &[StoreName]) -> BTreeMap<StoreName, Tree> {
    stores.iter().map(|name| (*name, Tree::default())).collect()
}

/// Every committed store must be declared: dropping one silently would change the app hash.
fn check_declared(info: &CommitInfo, stores: &[StoreName]) -> Result<(), Error> {
    match info.store_infos.iter().find(|info| !stores.contains(&info.name.as_str())) {
        Some(info) => Err(Error::UndeclaredStore(info.name.clone())),
        None => Ok(()),
    }
}

/// The stored commit info of a height.
fn commit_info(db: &DB, height: u64) -> Result<CommitInfo, Error> {
    let damaged = |why| Error::Damaged { what: format!("commit info of height {height}"), why };
    let bytes = db.get_cf(cf(db, META)?, height_key(COMMIT_INFO, height))?.ok_or_else(|| damaged("it is missing"))?;
    CommitInfo::decode(bytes.as_slice()).map_err(|_| damaged("it is not a CommitInfo"))
}

#[derive(Clone, Copy)]
struct Replay<'a> {
    db: &'a DB,
    stores: &'a [StoreName],
    latest: u64,
    keep: usize,
}

impl Replay<'_> {
    fn after_checkpoint(self, height: u64) -> Result<Recovered, Error> {
        let mut checkpoint = Checkpoint::load(self.db, height, self.stores)?;
        let info = commit_info(self.db, height)?;
        hash_and_compare(&info, &mut checkpoint.trees)?;
        let trees = checkpoint.trees.clone();
        let version = Version { height, app_hash: info.app_hash(), info, trees: trees.clone() };
        self.run(checkpoint, height.saturating_add(1), trees, [Arc::new(version)].into())
    }

    /// Replays the heights from `first` to the latest over `trees`.
    fn run(
        self,
        checkpoint: Checkpoint,
        first: u64,
        mut trees: BTreeMap<StoreName, Tree>,
        mut versions: VecDeque<Arc<Version>>,
    ) -> Result<Recovered, Error> {
        let mut changes = 0u64;
        for height in first..=self.latest {
            for (name, tree) in &mut trees {
                if let Some(record) = self.db.get_cf(cf(self.db, LOG)?, log_key(height, name))? {
                    let damaged =
                        |why| Error::Damaged { what: format!("change log of {name} at height {height}"), why };
                    let count = StoreLog::replay(tree, height, &record).map_err(damaged)?;
                    changes = changes.saturating_add(count);
                }
            }
            let info = commit_info(self.db, height)?;
            hash_and_compare(&info, &mut trees)?;
            versions.push_back(Arc::new(Version { height, app_hash: info.app_hash(), info, trees: trees.clone() }));
            if versions.len() > self.keep {
                versions.pop_front();
            }
        }
        Ok(Recovered { versions, checkpoint, changes })
    }
}

/// Hashes the trees; each must have the root committed, or be empty where nothing was committed for it yet.
fn hash_and_compare(info: &CommitInfo, trees: &mut BTreeMap<StoreName, Tree>) -> Result<(), Error> {
    let roots: Vec<_> = trees.par_iter_mut().map(|(name, tree)| (*name, tree.update_root())).collect();
    for (name, root) in roots {
        let empty = empty_root();
        let expected = info.root(name).unwrap_or(&empty);
        if root != expected {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            return Err(Error::RootMismatch {
                height: u64::try_from(info.version).unwrap_or_default(),
                store: name.to_string(),
                found: hex(&root),
                expected: hex(expected),
            });
        }
    }
    Ok(())
}
