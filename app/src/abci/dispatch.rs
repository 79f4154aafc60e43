//! From a request to the application's method and back.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{
    request::Value as Request, response::Value as Response, RequestCheckTx, RequestFinalizeBlock, RequestInitChain,
    ResponseCheckTx, ResponseCommit, ResponseFinalizeBlock, ResponseInitChain,
};

/// What the server asks of an application beyond [`Application`]; every method has a default in terms of it.
pub trait AbciApplication: Application {
    /// Checks transactions that arrived together, in their order: the place to verify signatures in parallel before applying
    /// one after the other. Returns one answer a request, in the same order.
    fn check_tx_batch(&self, requests: Vec<RequestCheckTx>) -> Vec<ResponseCheckTx> {
        requests.into_iter().map(|request| self.check_tx(request)).collect()
    }

    /// InitChain, which a bad genesis makes fail. An error of this and the next two is answered as an exception and ends the
    /// process: no consensus engine can go on after it.
    fn try_init_chain(&self, request: RequestInitChain) -> Result<ResponseInitChain, String> {
        Ok(self.init_chain(request))
    }

    /// FinalizeBlock, which a broken invariant or disk makes fail.
    fn try_finalize_block(&self, request: RequestFinalizeBlock) -> Result<ResponseFinalizeBlock, String> {
        Ok(self.finalize_block(request))
    }

    /// Commit, which a broken disk makes fail.
    fn try_commit(&self) -> Result<ResponseCommit, String> {
        Ok(self.commit())
    }
}

/// Why a call has no answer: the text for the log and for the exception. Ends the process.
#[derive(Debug)]
pub(super) struct Fault(pub(super) String);

/// Calls the method that belongs to `request`.
pub(super) fn dispatch<A: AbciApplication>(app: &A, request: Request) -> Result<Response, Fault> {
    let method = name(&request);
    guarded(method, || call(app, request))?.map_err(|error| Fault(format!("{method} failed: {error}")))
}

/// [`AbciApplication::check_tx_batch`], held to one answer a request.
pub(super) fn dispatch_check_txs<A: AbciApplication>(
    app: &A,
    batch: Vec<RequestCheckTx>,
) -> Result<Vec<ResponseCheckTx>, Fault> {
    let asked = batch.len();
    let answers = guarded("CheckTx", || app.check_tx_batch(batch))?;
    if answers.len() != asked {
        return Err(Fault(format!("CheckTx gave {} answers to {asked} requests", answers.len())));
    }
    Ok(answers)
}

fn guarded<T>(method: &str, call: impl FnOnce() -> T) -> Result<T, Fault> {
    // The process ends after a panic, so nobody sees state that it left half-changed.
    catch_unwind(AssertUnwindSafe(call))
        .map_err(|payload| Fault(format!("{method} panicked: {}", panic_text(&*payload))))
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}

fn call<A: AbciApplication>(app: &A, request: Request) -> Result<Response, String> {
    Ok(match request {
        Request::Echo(request) => Response::Echo(app.echo(request)),
        Request::Flush(_) => Response::Flush(app.flush()),
        Request::Info(request) => Response::Info(app.info(request)),
        Request::InitChain(request) => Response::InitChain(app.try_init_chain(request)?),
        Request::Query(request) => Response::Query(app.query(request)),
        Request::CheckTx(request) => Response::CheckTx(app.check_tx(request)),
        Request::Commit(_) => Response::Commit(app.try_commit()?),
        Request::ListSnapshots(_) => Response::ListSnapshots(app.list_snapshots()),
        Request::OfferSnapshot(request) => Response::OfferSnapshot(app.offer_snapshot(request)),
        Request::LoadSnapshotChunk(request) => Response::LoadSnapshotChunk(app.load_snapshot_chunk(request)),
        Request::ApplySnapshotChunk(request) => Response::ApplySnapshotChunk(app.apply_snapshot_chunk(request)),
        Request::PrepareProposal(request) => Response::PrepareProposal(app.prepare_proposal(request)),
        Request::ProcessProposal(request) => Response::ProcessProposal(app.process_proposal(request)),
        Request::ExtendVote(request) => Response::ExtendVote(app.extend_vote(request)),
        Request::VerifyVoteExtension(request) => Response::VerifyVoteExtension(app.verify_vote_extension(request)),
        Request::FinalizeBlock(request) => Response::FinalizeBlock(app.try_finalize_block(request)?),
    })
}

fn name(request: &Request) -> &'static str {
    match request {
        Request::Echo(_) => "Echo",
        Request::Flush(_) => "Flush",
        Request::Info(_) => "Info",
        Request::InitChain(_) => "InitChain",
        Request::Query(_) => "Query",
        Request::CheckTx(_) => "CheckTx",
        Request::Commit(_) => "Commit",
        Request::ListSnapshots(_) => "ListSnapshots",
        Request::OfferSnapshot(_) => "OfferSnapshot",
        Request::LoadSnapshotChunk(_) => "LoadSnapshotChunk",
        Request::ApplySnapshotChunk(_) => "ApplySnapshotChunk",
        Request::PrepareProposal(_) => "PrepareProposal",
        Request::ProcessProposal(_) => "ProcessProposal",
        Request::ExtendVote(_) => "ExtendVote",
        Request::VerifyVoteExtension(_) => "VerifyVoteExtension",
        Request::FinalizeBlock(_) => "FinalizeBlock",
    }
}
