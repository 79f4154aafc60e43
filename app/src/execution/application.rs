//! The ABCI application: CometBFT's calls, each handed to the [`Chain`].
//!
//! A fault of ours, or a call out of turn, unwinds with its text ([`halt`]): the server ends the process, and CometBFT with it.
//! Nothing that a transaction or a query holds leads there.

use std::ops::Deref;
use std::sync::Arc;

use openledger_proto::tendermint::abci::response_process_proposal::ProposalStatus;
use openledger_proto::tendermint::abci::response_verify_vote_extension::VerifyStatus;
use openledger_proto::tendermint::abci::{
    RequestApplySnapshotChunk, RequestCheckTx, RequestExtendVote, RequestFinalizeBlock, RequestInfo, RequestInitChain,
    RequestLoadSnapshotChunk, RequestOfferSnapshot, RequestPrepareProposal, RequestProcessProposal, RequestQuery,
    RequestVerifyVoteExtension, ResponseApplySnapshotChunk, ResponseCheckTx, ResponseCommit, ResponseExtendVote,
    ResponseFinalizeBlock, ResponseInfo, ResponseInitChain, ResponseListSnapshots, ResponseLoadSnapshotChunk,
    ResponseOfferSnapshot, ResponsePrepareProposal, ResponseProcessProposal, ResponseQuery,
    ResponseVerifyVoteExtension,
};

use super::abci as convert;
use super::chain::Chain;
use super::panics::halt;
use crate::abci::AbciApplication;

/// The chain as CometBFT sees it; clones share it.
#[derive(Clone)]
pub struct Application(Arc<Chain>);

impl Application {
    /// The application of a chain.
    pub fn new(chain: Arc<Chain>) -> Self {
        Self(chain)
    }

    /// The chain.
    pub fn chain(&self) -> &Arc<Chain> {
        &self.0
    }
}

impl Deref for Application {
    type Target = Chain;

    fn deref(&self) -> &Chain {
        &self.0
    }
}

impl tendermint_abci::Application for Application {
    fn info(&self, _request: RequestInfo) -> ResponseInfo {
        self.0.info()
    }

    fn init_chain(&self, request: RequestInitChain) -> ResponseInitChain {
        self.0.init_chain(&request).unwrap_or_else(|error| halt(error))
    }

    fn query(&self, request: RequestQuery) -> ResponseQuery {
        self.0.query(&request)
    }

    fn check_tx(&self, request: RequestCheckTx) -> ResponseCheckTx {
        convert::check_result(self.0.check_tx(&request))
    }

    fn prepare_proposal(&self, request: RequestPrepareProposal) -> ResponsePrepareProposal {
        self.0.prepare_proposal(request)
    }

    fn process_proposal(&self, request: RequestProcessProposal) -> ResponseProcessProposal {
        let accepted = self.0.process_proposal(&request);
        let status = if accepted { ProposalStatus::Accept } else { ProposalStatus::Reject };
        ResponseProcessProposal { status: status.into() }
    }

    fn extend_vote(&self, _request: RequestExtendVote) -> ResponseExtendVote {
        // This chain has no vote extensions; the consensus parameters never enable them.
        ResponseExtendVote::default()
    }

    fn verify_vote_extension(&self, request: RequestVerifyVoteExtension) -> ResponseVerifyVoteExtension {
        let empty = request.vote_extension.is_empty();
        let status = if empty { VerifyStatus::Accept } else { VerifyStatus::Reject };
        ResponseVerifyVoteExtension { status: status.into() }
    }

    fn finalize_block(&self, request: RequestFinalizeBlock) -> ResponseFinalizeBlock {
        self.0.finalize_block(&request).unwrap_or_else(|error| halt(error))
    }

    fn list_snapshots(&self) -> ResponseListSnapshots {
        ResponseListSnapshots { snapshots: self.0.list_snapshots() }
    }

    fn offer_snapshot(&self, request: RequestOfferSnapshot) -> ResponseOfferSnapshot {
        self.0.offer_snapshot(request)
    }

    fn load_snapshot_chunk(&self, request: RequestLoadSnapshotChunk) -> ResponseLoadSnapshotChunk {
        ResponseLoadSnapshotChunk { chunk: self.0.load_snapshot_chunk(&request).into() }
    }

    fn apply_snapshot_chunk(&self, request: RequestApplySnapshotChunk) -> ResponseApplySnapshotChunk {
        self.0.apply_snapshot_chunk(&request)
    }

    fn commit(&self) -> ResponseCommit {
        let retain_height = self.0.commit().unwrap_or_else(|error| halt(error));
        ResponseCommit { retain_height: i64::try_from(retain_height).unwrap_or_default() }
    }
}

impl AbciApplication for Application {
    fn check_tx_batch(&self, requests: Vec<RequestCheckTx>) -> Vec<ResponseCheckTx> {
        let outcomes = self.0.check_all(&requests);
        outcomes.into_iter().map(convert::check_result).collect()
    }

    fn try_init_chain(&self, request: RequestInitChain) -> Result<ResponseInitChain, String> {
        self.0.init_chain(&request).map_err(|error| error.to_string())
    }

    fn try_finalize_block(&self, request: RequestFinalizeBlock) -> Result<ResponseFinalizeBlock, String> {
        self.0.finalize_block(&request).map_err(|error| error.to_string())
    }

    fn try_commit(&self) -> Result<ResponseCommit, String> {
        let retain_height = self.0.commit().map_err(|error| error.to_string())?;
        Ok(ResponseCommit { retain_height: i64::try_from(retain_height).unwrap_or_default() })
    }
}
