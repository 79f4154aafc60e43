//! FinalizeBlock's work: a block executed, and the state after it hashed, in memory.
//!
//! Relies on the executor and the store alone. Guarantees that it changes neither: the result is a pure function of the committed state
//! (before the first block, of genesis) and the request, so it may be computed early, twice, or for nothing
//! ([`super::optimistic`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use openledger_core::{BlockInfo, Result, SdkError};
use openledger_proto::tendermint::abci::{RequestFinalizeBlock, ResponseFinalizeBlock};
use openledger_proto::tendermint::types::ConsensusParams;
use openledger_store::{Changes, Multistore, Prepared, Snapshot, StoreName};

use super::abci as convert;
use super::optimistic::Cancel;
use super::prepare::Decoded;
use super::run::Executor;

/// What a block is made with.
#[derive(Clone)]
pub struct Maker {
    /// Executes.
    pub executor: Arc<Executor>,
    /// Hashes.
    pub store: Arc<Multistore>,
}

/// What a block is made on.
#[derive(Clone)]
pub struct Base {
    /// The state before it.
    pub snapshot: Arc<dyn Snapshot>,
    /// Genesis's changes, which are committed with the first block's; empty for every other.
    pub genesis: BTreeMap<StoreName, Changes>,
    /// Transactions that were decoded already.
    pub decoded: Arc<Decoded>,
}

/// A block whose result is known, to be committed.
pub struct Finalized {
    /// Its trees and their app hash.
    pub prepared: Prepared,
    /// The block.
    pub block: BlockInfo,
    /// The consensus parameters of the next one.
    pub params: ConsensusParams,
    /// What it did, in numbers.
    pub summary: Summary,
}

/// A block in numbers, for the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    /// Its transactions.
    pub txs: usize,
    /// Those that failed.
    pub failed: usize,
    /// The gas that they used.
    pub gas_used: i64,
    /// The keys of the state that it changed.
    pub changed_keys: usize,
}

impl Maker {
    /// Makes the block of `request`, whose height has been checked.
    pub fn make(
        &self,
        base: &Base,
        request: &RequestFinalizeBlock,
        cancel: &Cancel,
    ) -> Result<(Finalized, ResponseFinalizeBlock)> {
        let block = self.block(request);
        let executed = self.executor.execute(base.snapshot.clone(), &block, &request.txs, &base.decoded, cancel)?;
        cancel.check()?;
        let mut changes = base.genesis.clone();
        for (store, changed) in executed.changes {
            changes.entry(store).or_default().extend(changed);
        }
        let prepared = self.store.prepare(block.height, changes).map_err(|error| SdkError::Logic(error.to_string()))?;
        let summary = Summary {
            txs: executed.tx_results.len(),
            failed: executed.tx_results.iter().filter(|result| result.code != 0).count(),
            gas_used: executed.tx_results.iter().fold(0, |sum, result| sum.saturating_add(result.gas_used)),
            changed_keys: prepared.changed_keys(),
        };
        let response = ResponseFinalizeBlock {
            events: executed.events,
            tx_results: executed.tx_results,
            validator_updates: executed.validator_updates,
            consensus_param_updates: executed.params_changed.then(|| executed.params.clone()),
            app_hash: prepared.app_hash().to_vec().into(),
        };
        Ok((Finalized { prepared, block, params: executed.params, summary }, response))
    }

    fn block(&self, request: &RequestFinalizeBlock) -> BlockInfo {
        let time = request.time.unwrap_or_default();
        BlockInfo {
            chain_id: self.executor.config.chain_id.clone(),
            height: u64::try_from(request.height).unwrap_or_default(),
            time_seconds: time.seconds,
            time_nanos: u32::try_from(time.nanos).unwrap_or_default(),
            proposer: request.proposer_address.to_vec(),
            next_validators_hash: request.next_validators_hash.to_vec(),
            app_hash: self.store.app_hash().to_vec(),
            last_commit: convert::last_commit(request.decided_last_commit.as_ref()),
            misbehavior: request.misbehavior.iter().map(convert::misbehavior).collect(),
        }
    }
}
