//! Optimistic execution: a proposed block is executed while the votes on it still travel (SDK v0.50 `baseapp/oe`).
//!
//! Relies on the work being a pure function of what is committed and of the request, so that a guess that was wrong leaves nothing
//! behind. Guarantees that a result is handed out only for a request that is equal in every field, not in its hash alone; that whoever
//! drops a guess waits for its thread, so that no two executions ever run beside each other; and that a panic of the work surfaces
//! where it would have without a guess: in FinalizeBlock.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use openledger_core::{Result, SdkError};
use openledger_proto::tendermint::abci::{RequestFinalizeBlock, RequestProcessProposal};

/// Tells work that nobody waits for its result any more.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// An error once the result is not wanted any more. It is never seen: whoever cancels drops the result.
    pub fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return Err(SdkError::Logic("the block was given up".into()).into());
        }
        Ok(())
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The block that a proposal becomes if it is decided on.
pub fn decided(proposal: &RequestProcessProposal) -> RequestFinalizeBlock {
    RequestFinalizeBlock {
        txs: proposal.txs.clone(),
        decided_last_commit: proposal.proposed_last_commit.clone(),
        misbehavior: proposal.misbehavior.clone(),
        hash: proposal.hash.clone(),
        height: proposal.height,
        time: proposal.time,
        next_validators_hash: proposal.next_validators_hash.clone(),
        proposer_address: proposal.proposer_address.clone(),
    }
}

/// A block that is executed before it is decided on; dropping it gives it up.
pub struct Guess<T> {
    request: RequestFinalizeBlock,
    cancel: Cancel,
    /// There until the result is taken or the guess is dropped.
    thread: Option<JoinHandle<T>>,
}

impl<T: Send + 'static> Guess<T> {
    /// Begins `work` for `request` on a thread of its own.
    ///
    /// # Errors
    /// The system has no thread to spare.
    pub fn begin(
        request: RequestFinalizeBlock,
        work: impl FnOnce(&RequestFinalizeBlock, &Cancel) -> T + Send + 'static,
    ) -> io::Result<Self> {
        let cancel = Cancel::default();
        let (theirs, cancelled) = (request.clone(), cancel.clone());
        let work = move || work(&theirs, &cancelled);
        let thread = thread::Builder::new().name("optimistic".into()).spawn(work)?;
        Ok(Self { request, cancel, thread: Some(thread) })
    }
}

impl<T> Guess<T> {
    /// Whether this is a guess at exactly that block.
    pub fn is_for(&self, request: &RequestFinalizeBlock) -> bool {
        self.request == *request
    }

    /// Waits for the result if it is that of `request`; otherwise gives the work up, waits for its end, and has none.
    pub fn result_for(mut self, request: &RequestFinalizeBlock) -> Option<T> {
        if !self.is_for(request) {
            return None;
        }
        let result = self.thread.take()?.join();
        Some(result.unwrap_or_else(|payload| resume_unwind(payload)))
    }
}

impl<T> Drop for Guess<T> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.cancel.set();
            // A panic in work that nobody wanted means nothing: where it is in the block, the block's own execution meets it again.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{catch_unwind, AssertUnwindSafe};
    use std::sync::mpsc;

    fn request(height: i64) -> RequestFinalizeBlock {
        RequestFinalizeBlock { height, hash: vec![7].into(), ..RequestFinalizeBlock::default() }
    }

    #[test]
    fn the_result_is_handed_out_for_the_same_request_alone() {
        let guess = |height| Guess::begin(request(height), |request, _| request.height).unwrap();
        assert_eq!(guess(3).result_for(&request(3)), Some(3));
        // The same hash is not enough.
        assert_eq!(guess(3).result_for(&request(4)), None);
    }

    #[test]
    fn a_guess_that_is_dropped_is_told_so_and_waited_for() {
        let (send, ended) = mpsc::channel();
        let work = move |_: &RequestFinalizeBlock, cancel: &Cancel| {
            while cancel.check().is_ok() {
                thread::yield_now();
            }
            send.send(()).unwrap();
        };
        drop(Guess::begin(request(1), work).unwrap());
        ended.try_recv().unwrap();
    }

    #[test]
    fn a_panic_surfaces_where_the_result_is_taken_and_not_where_it_is_dropped() {
        let guess = || Guess::begin(request(1), |_, _| panic!("as asked")).unwrap();
        drop(guess());
        assert_eq!(guess().result_for(&request(2)), None::<()>);
        let payload = catch_unwind(AssertUnwindSafe(|| guess().result_for(&request(1)))).unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"as asked"));
    }
}
