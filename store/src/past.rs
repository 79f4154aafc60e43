//! The trees of heights that are no longer in memory, for proofs: from the nearest checkpoint, through the log, one store at a time.
//!
//! Only the nodes that the changes and the proof touch are read, so the time depends on the changes since the checkpoint and not on the
//! size of the state. It is done on two threads, whoever asks; the trees built last are kept, and built on.

use crate::change_log::{read_log, replay};
use crate::checkpoint::{heights, Head};
use crate::commit_info::CommitInfo;
use crate::disk::{Disk, View, FIRST_KEY};
use crate::error::Error;
use crate::iavl::{Edit, Tree};
use crate::recover::{commit_info, compare};
use std::sync::{Arc, Mutex, PoisonError};

/// Threads that rebuild.
const THREADS: usize = 2;
/// How many trees are kept.
const KEPT: usize = 8;
/// How much they may take in memory together, in bytes.
const KEPT_BYTES: u64 = 64 << 20;

/// Rebuilds past trees.
pub(crate) struct Past {
    threads: rayon::ThreadPool,
    /// The latest used last.
    kept: Mutex<Vec<Arc<PastTree>>>,
}

/// The tree of a store at a height, and the commitment of that height.
pub(crate) struct PastTree {
    store: String,
    height: u64,
    pub(crate) info: CommitInfo,
    pub(crate) tree: Tree,
}

impl Past {
    pub(crate) fn new() -> Result<Self, Error> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(THREADS).thread_name(|at| format!("store-past-{at}"));
        Ok(Self { threads: threads.build()?, kept: Mutex::default() })
    }

    /// Forgets the trees kept, which keep deleted records on disk.
    pub(crate) fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The tree of a store at a height that is kept on disk.
    pub(crate) fn tree(&self, disk: &Arc<Disk>, store: &str, height: u64) -> Result<Arc<PastTree>, Error> {
        if let Some(found) = self.nearest(store, height).filter(|found| found.height == height) {
            return Ok(found);
        }
        let built = self.threads.install(|| {
            // Another thread may have built it while this one waited for its turn.
            let near = self.nearest(store, height);
            match near {
                Some(found) if found.height == height => Ok(found),
                near => build(disk, store, height, near.as_deref()).map(Arc::new),
            }
        })?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|tree| tree.height != height || tree.store != store);
        kept.push(built.clone());
        while kept.len() > KEPT || kept.iter().map(|past| past.tree.bytes()).sum::<u64>() > KEPT_BYTES && kept.len() > 1
        {
            kept.remove(0);
        }
        Ok(built)
    }

    /// The tree of a store that was kept, at a height or the nearest one below.
    fn nearest(&self, store: &str, height: u64) -> Option<Arc<PastTree>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let below = kept.iter().enumerate().filter(|(_, past)| past.store == store && past.height <= height);
        let (at, _) = below.max_by_key(|(_, past)| past.height)?;
        let found = kept.remove(at);
        kept.push(found.clone());
        Some(found)
    }
}

fn build(disk: &Arc<Disk>, store: &str, height: u64, near: Option<&PastTree>) -> Result<PastTree, Error> {
    // Of one moment: what is deleted meanwhile stays in it.
    let view = Arc::new(disk.view());
    let checkpoint = heights(&view, height, true)?.next().transpose()?;
    let (mut tree, from) = match (near, checkpoint) {
        (Some(near), base) if base.is_none_or(|base| base <= near.height) => (near.tree.clone(), near.height),
        (_, Some(base)) => (load(&view, store, base)?, base),
        (_, None) => {
            let first = view.number(FIRST_KEY)?.unwrap_or_default();
            (Tree::with_source(view.clone()), first.saturating_sub(1))
        }
    };
    for at in from.saturating_add(1)..=height {
        if let Some(record) = read_log(&view, at, store)? {
            let mut edit = Edit::new(at);
            replay(&mut tree, &mut edit, at, store, &record)?;
            tree.account(&edit);
        }
    }
    let root = tree.finish(&Edit::default());
    let info = commit_info(&view, height)?;
    compare(&info, store, root)?;
    Ok(PastTree { store: store.to_string(), height, info, tree })
}

/// The tree of a store in a checkpoint.
fn load(view: &Arc<View>, store: &str, height: u64) -> Result<Tree, Error> {
    match Head::read(view, height)?.roots.get(store) {
        None | Some(0) => Ok(Tree::with_source(view.clone())),
        Some(number) => Tree::load(view.clone(), *number),
    }
}
