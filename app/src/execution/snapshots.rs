//! State sync: snapshots made beside the chain's work, offered to others, and taken in by a node that is empty (SDK v0.50
//! `baseapp/snapshots.go`, cosmossdk.io/store `snapshots/manager.go`).
//!
//! A node that restores trusts the app hash that CometBFT's light client has verified, and nobody else. What turns out wrong is refused
//! and deleted, and CometBFT offers the next snapshot; the SDK gives up there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use openledger_proto::tendermint::abci::{
    self, response_apply_snapshot_chunk as applied, response_offer_snapshot as offered, RequestApplySnapshotChunk,
    RequestLoadSnapshotChunk, RequestOfferSnapshot, ResponseApplySnapshotChunk, ResponseOfferSnapshot,
};
use openledger_proto::Message as _;
use openledger_store::snapshots::{check, check_chunk, ChunkHashes, Frozen, Restore, SnapshotMeta, Snapshots};
use openledger_store::Error;

use super::chain::Chain;
use super::metrics::Metrics;

/// The snapshots of a node, and what is done with them now.
pub struct StateSync {
    snapshots: Option<Arc<Snapshots>>,
    job: Mutex<Option<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
    restoring: Mutex<Option<Restoring>>,
}

/// A snapshot that is being taken in.
struct Restoring {
    meta: SnapshotMeta,
    app_hash: Vec<u8>,
    restore: Restore,
    /// The chunk that comes next.
    next: u32,
    /// Its chunks, kept for others.
    chunks: Option<Received>,
}

/// Chunks that arrive, kept in a folder beside the others.
type Received = openledger_store::snapshots::Receiving;

impl StateSync {
    /// A node that keeps its snapshots there; `None`: it neither makes nor takes any.
    pub(super) fn new(snapshots: Option<Arc<Snapshots>>) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        Self { snapshots, job: Mutex::default(), stopping, restoring: Mutex::default() }
    }

    fn restoring(&self) -> MutexGuard<'_, Option<Restoring>> {
        self.restoring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn job(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no snapshot is being made.
    fn finish(&self) {
        let job = self.job().take();
        if job.is_some_and(|job| job.join().is_err()) {
            tracing::error!("the thread that makes snapshots panicked");
        }
    }
}

/// A snapshot in the making ends with the chain: its thread holds the database open.
impl Drop for StateSync {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.finish();
    }
}

impl Chain {
    /// The node's snapshots, where it keeps any.
    pub fn snapshots(&self) -> Option<&Arc<Snapshots>> {
        self.sync.snapshots.as_ref()
    }

    /// Begins a snapshot of the height committed last, where it is one of `state-sync.snapshot-interval`, on a thread of its own.
    pub(super) fn snapshot_if_due(&self, height: u64) {
        let Some(snapshots) = &self.sync.snapshots else { return };
        if height.checked_rem(self.config().snapshot_interval) != Some(0) {
            return;
        }
        let mut job = self.sync.job();
        if job.as_ref().is_some_and(|job| !job.is_finished()) {
            tracing::warn!(height, "no snapshot is made of this height: that of an earlier one is still in the making");
            return;
        }
        let begun = self.store().freeze(height).and_then(|frozen| {
            let (snapshots, stopping) = (snapshots.clone(), self.sync.stopping.clone());
            let (keep, metrics) = (self.config().snapshot_keep_recent, self.metrics.clone());
            let work = move || make(&snapshots, &frozen, keep, &stopping, &metrics);
            std::thread::Builder::new().name("snapshot".into()).spawn(work).map_err(Error::Thread)
        });
        match begun {
            Ok(thread) => *job = Some(thread),
            Err(error) => tracing::error!(height, %error, "failed to create state snapshot"),
        }
    }

    /// Waits until no snapshot is being made.
    pub fn finish_snapshot(&self) {
        self.sync.finish();
    }

    /// ListSnapshots: those that are whole, the latest first.
    pub fn list_snapshots(&self) -> Vec<abci::Snapshot> {
        let list = self.sync.snapshots.as_ref().map_or_else(|| Ok(Vec::new()), |snapshots| snapshots.list());
        let list = list.unwrap_or_else(|error| {
            tracing::error!(%error, "failed to list snapshots");
            Vec::new()
        });
        let to_abci = |meta: &Arc<SnapshotMeta>| abci::Snapshot {
            height: meta.height,
            format: meta.format,
            chunks: meta.chunks,
            hash: meta.hash.clone().into(),
            metadata: meta.metadata.clone().unwrap_or_default().encode_to_vec().into(),
        };
        list.iter().map(to_abci).collect()
    }

    /// LoadSnapshotChunk: the chunk, empty where it is not there or no longer whole.
    pub fn load_snapshot_chunk(&self, request: &RequestLoadSnapshotChunk) -> Vec<u8> {
        let snapshots = self.sync.snapshots.as_ref();
        snapshots.and_then(|all| all.chunk(request.height, request.format, request.chunk)).unwrap_or_default()
    }

    /// OfferSnapshot: whether this node, which must be empty, takes the snapshot in. One that it was taking in is given up.
    pub fn offer_snapshot(&self, request: RequestOfferSnapshot) -> ResponseOfferSnapshot {
        let result = match self.begin_restore(request) {
            Ok(()) => offered::Result::Accept,
            Err(error) => {
                tracing::error!(%error, "a snapshot that was offered is not taken");
                match error {
                    Error::SnapshotFormat(_) => offered::Result::RejectFormat,
                    Error::Snapshot(_) => offered::Result::Reject,
                    _ => offered::Result::Abort,
                }
            }
        };
        ResponseOfferSnapshot { result: result.into() }
    }

    fn begin_restore(&self, request: RequestOfferSnapshot) -> Result<(), Error> {
        let mut restoring = self.sync.restoring();
        *restoring = None;
        let snapshots = self.sync.snapshots.as_ref();
        let snapshots = snapshots.ok_or_else(|| Error::Io(std::io::Error::other("this node keeps no snapshots")))?;
        let refused = |why: &str| Error::Snapshot(why.into());
        let offered = request.snapshot.ok_or_else(|| refused("there is none in the offer"))?;
        let hashes = ChunkHashes::decode(offered.metadata).map_err(|error| refused(&error.to_string()))?;
        let meta = SnapshotMeta {
            height: offered.height,
            format: offered.format,
            chunks: offered.chunks,
            hash: offered.hash.to_vec(),
            metadata: Some(hashes),
        };
        check(&meta)?;
        if request.app_hash.len() != 32 {
            return Err(refused("the app hash that is trusted does not have 32 bytes"));
        }
        let restore = self.store().restore(meta.height)?;
        // It may have been at a height that was restored before a kill, and of which CometBFT knows nothing.
        self.reload().map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
        // They are kept for others, as far as there is no such snapshot yet; a restore goes on without that.
        let chunks = snapshots.receive(meta.clone()).ok();
        tracing::info!(height = meta.height, chunks = meta.chunks, "restoring the state from a snapshot");
        *restoring = Some(Restoring { meta, app_hash: request.app_hash.to_vec(), restore, next: 0, chunks });
        Ok(())
    }

    /// A chain that begins at its genesis has nothing of a snapshot that came half: CometBFT gave it up without a word. What was written of it
    /// would be read as state.
    pub(super) fn give_up_restore(&self) -> Result<(), Error> {
        let mut restoring = self.sync.restoring();
        if let Some(given_up) = restoring.take() {
            tracing::warn!(
                height = given_up.meta.height,
                "the restore of a snapshot is given up: the chain begins at its genesis"
            );
        }
        self.store().clear()
    }

    /// ApplySnapshotChunk: a chunk that differs from its hash is asked for again, of somebody else; a snapshot that is none, or of
    /// another state than the one trusted, is refused, and nothing of it stays.
    pub fn apply_snapshot_chunk(&self, request: &RequestApplySnapshotChunk) -> ResponseApplySnapshotChunk {
        let mut restoring = self.sync.restoring();
        let answer =
            |result: applied::Result| ResponseApplySnapshotChunk { result: result.into(), ..Default::default() };
        let error = match self.restore_chunk(&mut restoring, request) {
            Ok(()) => return answer(applied::Result::Accept),
            Err(error) => error,
        };
        tracing::error!(chunk = request.index, sender = request.sender, %error, "failed to restore a snapshot");
        if let Error::ChunkHash { index } = error {
            let reject_senders = Some(request.sender.clone()).filter(|sender| !sender.is_empty());
            return ResponseApplySnapshotChunk {
                refetch_chunks: vec![index],
                reject_senders: reject_senders.into_iter().collect(),
                ..answer(applied::Result::Retry)
            };
        }
        *restoring = None;
        match (error, self.store().clear()) {
            (Error::Snapshot(_), Ok(())) => answer(applied::Result::RejectSnapshot),
            _ => answer(applied::Result::Abort),
        }
    }

    fn restore_chunk(
        &self,
        restoring: &mut Option<Restoring>,
        request: &RequestApplySnapshotChunk,
    ) -> Result<(), Error> {
        let refused = |why: String| Error::Snapshot(why);
        let now = restoring.as_mut().ok_or_else(|| refused("no restore operation in progress".into()))?;
        if request.index != now.next {
            return Err(refused(format!("chunk {} came, and {} is next", request.index, now.next)));
        }
        check_chunk(&now.meta, request.index, &request.chunk)?;
        if now.chunks.as_ref().is_some_and(|chunks| chunks.put(request.index, &request.chunk).is_err()) {
            now.chunks = None;
        }
        let _timer = self.metrics.work("restore_chunk");
        now.restore.feed(&request.chunk)?;
        now.next = now.next.saturating_add(1);
        if now.next < now.meta.chunks {
            return Ok(());
        }
        let Some(Restoring { meta, app_hash, restore, chunks, .. }) = restoring.take() else { return Ok(()) };
        self.store().finish_restore(restore, Some(&app_hash))?;
        self.reload().map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
        tracing::info!(height = meta.height, "the state was restored from a snapshot");
        if let Some(Err(error)) = chunks.map(Received::keep) {
            tracing::warn!(%error, "the snapshot that was restored is not kept for others");
        }
        Ok(())
    }
}

/// The job: a snapshot, then the older ones that are too many.
fn make(snapshots: &Snapshots, frozen: &Frozen, keep: u32, stopping: &AtomicBool, metrics: &Metrics) {
    let height = frozen.height();
    tracing::info!(height, "creating state snapshot");
    let timer = metrics.work("snapshot");
    match snapshots.create(frozen, &|| !stopping.load(Ordering::Relaxed)) {
        Ok(meta) => {
            timer.observe_duration();
            metrics.snapshot_made(height);
            tracing::info!(height, format = meta.format, chunks = meta.chunks, "completed state snapshot");
        }
        Err(error) => {
            timer.stop_and_discard();
            return tracing::error!(height, %error, "failed to create state snapshot");
        }
    }
    // 0 keeps all, as in the SDK.
    if let Some(Err(error)) = (keep > 0).then(|| snapshots.prune(keep)) {
        tracing::error!(%error, "failed to prune state snapshots");
    }
}
