//! The work beside the chain's: checkpoints and deletions, one job at a time on a thread of its own. Commit never waits for it: what is
//! due while a job runs is done by the next one.

use crate::checkpoint::{Checkpoint, Draft};
use crate::disk::Disk;
use crate::error::Error;
use crate::iavl::Orphan;
use crate::options::Observer;
use crate::prune::prune;
use std::sync::Arc;
use std::thread::JoinHandle;

/// What was committed since the last checkpoint, and the job that runs.
pub(crate) struct Upkeep {
    /// Changes committed since the last checkpoint began.
    pub(crate) changes: u64,
    /// Nodes of the last checkpoint that were replaced since it began.
    pub(crate) orphans: Vec<Orphan>,
    /// The height below which nothing is needed, and the one up to which a job was begun.
    pub(crate) floor: u64,
    pruned: u64,
    /// The latest checkpoint; `None` while a job runs.
    last: Option<Checkpoint>,
    running: Option<JoinHandle<Result<Checkpoint, Error>>>,
}

impl Upkeep {
    /// After a start.
    pub(crate) fn new(last: Checkpoint, changes: u64, orphans: Vec<Orphan>) -> Self {
        Self { changes, orphans, floor: 0, pruned: 0, last: Some(last), running: None }
    }

    /// Takes the result of a job that has ended.
    fn reap(&mut self) -> Result<(), Error> {
        if self.running.as_ref().is_some_and(JoinHandle::is_finished) {
            return self.finish();
        }
        Ok(())
    }

    /// Waits until no job runs.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let Some(running) = self.running.take() else { return Ok(()) };
        let failed = |_| Error::Damaged { what: "background job".to_string(), why: "its thread panicked" };
        self.last = Some(running.join().map_err(failed)??);
        // Nodes that have a record by now need not be held any longer: all that they hold would stay in memory with them.
        for orphan in &mut self.orphans {
            if let number @ 1.. = orphan.number() {
                *orphan = Orphan::Number(number);
            }
        }
        Ok(())
    }

    /// Whether a checkpoint is to begin now: enough has changed, and no job runs.
    pub(crate) fn wants_checkpoint(&mut self, enough: u64) -> Result<bool, Error> {
        self.reap()?;
        Ok(self.last.is_some() && self.changes >= enough)
    }

    /// Begins a job that writes the checkpoint, if there is one, and then deletes what is not needed, if there is anything.
    pub(crate) fn begin(
        &mut self,
        disk: &Arc<Disk>,
        mut draft: Option<Draft>,
        observer: Option<&Observer>,
    ) -> Result<(), Error> {
        if draft.is_none() && self.floor <= self.pruned {
            return Ok(());
        }
        let Some(last) = self.last.take() else { return Ok(()) };
        if let Some(draft) = &mut draft {
            self.changes = 0;
            draft.orphans = std::mem::take(&mut self.orphans);
        }
        let (disk, floor) = (disk.clone(), (self.floor > self.pruned).then_some(self.floor));
        self.pruned = self.floor;
        let observer = observer.cloned();
        let job = move || {
            let checkpoint = match draft {
                Some(draft) => timed(observer.as_ref(), "checkpoint", || last.write_next(&disk, &draft))?,
                None => last,
            };
            // What could not be deleted costs room and nothing else: the next job tries again.
            let pruned = floor.map_or(Ok(()), |floor| timed(observer.as_ref(), "prune", || prune(&disk, floor)));
            if let Err(error) = pruned {
                tracing::error!(%error, "past heights could not be deleted");
            }
            Ok(checkpoint)
        };
        let thread = std::thread::Builder::new().name("store-upkeep".to_string()).spawn(job);
        self.running = Some(thread.map_err(Error::Thread)?);
        Ok(())
    }
}

/// Tells the observer how long a work took.
#[allow(clippy::disallowed_types, reason = "the clock is shown to operators and decides nothing")]
pub(crate) fn timed<T>(observer: Option<&Observer>, what: &'static str, work: impl FnOnce() -> T) -> T {
    let began = std::time::Instant::now();
    let result = work();
    if let Some(observer) = observer {
        observer.tell(what, began.elapsed());
    }
    result
}
