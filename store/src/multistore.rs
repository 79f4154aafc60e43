//! The multistore: every store of the chain at its latest height, and the only way to change it.
//!
//! FinalizeBlock calls [`Multistore::prepare`], which computes the app hash on trees of its own and changes nothing; any number of
//! blocks may be prepared, and dropped. Commit calls [`Multistore::commit`], which writes one batch, height included, and publishes the
//! new height. Readers take a [`Committed`] and keep it as long as they like.

mod blocks;
mod published;
mod snapshots;

pub use blocks::Prepared;

use crate::disk::{Disk, Family, LATEST_KEY};
use crate::error::Error;
use crate::history::PastSnapshot;
use crate::iavl::{empty_root, Hash};
use crate::options::MultistoreOptions;
use crate::overlay::Snapshot;
use crate::past::Past;
use crate::rollback::roll_back;
use crate::upkeep::Upkeep;
use crate::version::{look_up, ProofOp};
use published::{read, Published};
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
    /// Those of [`Multistore::open`], and [`Error::Rollback`] for a height that cannot be gone back to: the last [`UNDO_HEIGHTS`](crate::UNDO_HEIGHTS) can.
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

    /// Notes a node that was found damaged in the latest trees, for the next start.
    fn noting<T>(&self, result: Result<T, Error>, latest: bool) -> Result<T, Error> {
        if let (Err(Error::DamagedNode { number, .. }), true) = (&result, latest) {
            self.disk.note_damage(*number)?;
        }
        result
    }

    /// Waits until nothing is written or deleted in the background.
    ///
    /// # Errors
    /// What the job met.
    pub fn finish_upkeep(&self) -> Result<(), Error> {
        self.upkeep().finish()
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
