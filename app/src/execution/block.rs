//! A block through the state machine: begin block, transactions, end block. A pure function of the state before it and the block.
//!
//! Transactions are prepared in parallel and executed one after the other. Whatever bytes they have, each gets a result. An error
//! here is a fault of ours in begin or end block, on which the node stops.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use openledger_core::{BlockInfo, Context, GasMeter, Mode, Result, SdkError};
use openledger_proto::tendermint::abci;
use openledger_proto::tendermint::types::ConsensusParams;
use openledger_store::{BlockState, Changes, Snapshot, StoreName};

use super::optimistic::Cancel;
use super::prepare::Decoded;
use super::run::{BlockGas, Executor};
use super::{abci as convert, header};

/// A block that was executed and neither hashed nor committed.
pub struct Executed {
    /// Events of begin and end block.
    pub events: Vec<abci::Event>,
    /// One result a transaction.
    pub tx_results: Vec<abci::ExecTxResult>,
    /// What changes in the validator set.
    pub validator_updates: Vec<abci::ValidatorUpdate>,
    /// The consensus parameters from the next height on.
    pub params: ConsensusParams,
    /// Whether the block changed them.
    pub params_changed: bool,
    /// What it changed in the stores.
    pub changes: BTreeMap<StoreName, Changes>,
}

impl Executor {
    /// Executes a block on `base`; [`Cancel`] ends it between two transactions.
    pub fn execute(
        &self,
        base: Arc<dyn Snapshot>,
        block: &BlockInfo,
        txs: &[Bytes],
        decoded: &Decoded,
        cancel: &Cancel,
    ) -> Result<Executed> {
        let mut state = BlockState::new(base);
        let before = self.params(&state, block)?;
        let prepared = self.prepare_all(txs, decoded, &state, block);

        let mut events = Vec::new();
        let mut ctx =
            Context::new(&mut state, block, Mode::Deliver, GasMeter::infinite()).with_router(self.runtime.router());
        header::record(&mut ctx)?;
        self.runtime.begin_block(&mut ctx)?;
        events.extend(ctx.take_events().into_iter().map(|event| convert::block_event("BeginBlock", event)));
        state.seal();

        let mut gas = BlockGas::new(max_gas(&self.params(&state, block)?));
        let mut tx_results = Vec::with_capacity(prepared.len());
        for prepared in &prepared {
            cancel.check()?;
            tx_results.push(convert::tx_result(self.deliver(&mut state, block, prepared, &mut gas)));
            state.seal();
        }

        let mut ctx =
            Context::new(&mut state, block, Mode::Deliver, GasMeter::infinite()).with_router(self.runtime.router());
        let updates = self.runtime.end_block(&mut ctx)?;
        events.extend(ctx.take_events().into_iter().map(|event| convert::block_event("EndBlock", event)));
        let validator_updates = updates.into_iter().map(convert::validator_update).collect::<Result<_>>()?;
        let params = self.params(&state, block)?;
        let params_changed = params != before;
        self.check_invariants(&state, block)?;
        Ok(Executed { events, tx_results, validator_updates, params, params_changed, changes: state.into_changes() })
    }

    /// Every `inv-check-period` blocks: a chain whose books are wrong must not go on, so the error ends the node before it votes.
    fn check_invariants(&self, state: &BlockState, block: &BlockInfo) -> Result<()> {
        if block.height.checked_rem(self.config.inv_check_period) != Some(0) {
            return Ok(());
        }
        let ctx = Context::query(state, block, GasMeter::infinite()).with_router(self.runtime.router());
        self.runtime.check_invariants(&ctx).map_err(|error| {
            let text = format!("at height {}, {}; the node stops (inv-check-period)", block.height, error.message);
            SdkError::Logic(text).into()
        })
    }

    /// The consensus parameters in `state`.
    pub fn params(&self, state: &BlockState, block: &BlockInfo) -> Result<ConsensusParams> {
        self.runtime.consensus.params(&Context::query(state, block, GasMeter::infinite()))
    }
}

/// `block.max_gas`; -1 and 0 are no limit, as in the SDK.
pub fn max_gas(params: &ConsensusParams) -> Option<u64> {
    let max = params.block.as_ref().map_or(-1, |block| block.max_gas);
    u64::try_from(max).ok().filter(|max| *max > 0)
}

/// `block.max_bytes`; -1 is CometBFT's own limit, 100 MiB.
pub fn max_bytes(params: &ConsensusParams) -> u64 {
    const COMETBFT_MAX_BLOCK_BYTES: u64 = 104_857_600;
    let max = params.block.as_ref().map_or(-1, |block| block.max_bytes);
    u64::try_from(max).ok().filter(|max| *max > 0).unwrap_or(COMETBFT_MAX_BLOCK_BYTES)
}
