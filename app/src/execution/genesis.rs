//! InitChain: the state before the first block, kept in memory until that block commits.
//!
//! So an application that dies before then has written nothing, and CometBFT begins again with InitChain. A genesis without
//! validators, proposer or votes is accepted: whoever drives ABCI alone needs none.

use std::collections::BTreeMap;
use std::sync::Arc;

use openledger_core::{BlockInfo, Context, GasMeter, Mode, Result, SdkError};
use openledger_proto::tendermint::abci::RequestInitChain;
use openledger_proto::tendermint::types::ConsensusParams;
use openledger_store::{BlockState, Changes, MemSnapshot, Snapshot, StoreName};
use serde_json::{Map, Value};

use super::abci as convert;
use super::run::Executor;

/// The state that a genesis makes.
pub struct Genesis {
    /// As the base of the first block.
    pub snapshot: Arc<dyn Snapshot>,
    /// As changes of an empty state; they commit with the first block's.
    pub changes: BTreeMap<StoreName, Changes>,
    /// The genesis as if it were a block: its time, and no height.
    pub block: BlockInfo,
    /// The height of the first block.
    pub initial_height: u64,
    /// The consensus parameters of the first block.
    pub params: ConsensusParams,
}

impl Executor {
    /// Makes the state of a genesis.
    pub fn init(&self, request: &RequestInitChain) -> Result<Genesis> {
        let expected = &self.config.chain_id;
        if request.chain_id != *expected {
            let text = format!("invalid chain-id on InitChain; expected: {expected}, got: {}", request.chain_id);
            return Err(SdkError::InvalidRequest(text).into());
        }
        let initial_height = u64::try_from(request.initial_height)
            .map_err(|_| SdkError::InvalidRequest(format!("initial height {}", request.initial_height)))?
            .max(1);
        let app_state = read_app_state(&request.app_state_bytes)?;
        let validators = request.validators.iter().map(convert::validator).collect::<Result<Vec<_>>>()?;
        let time = request.time.unwrap_or_default();
        let block = BlockInfo {
            chain_id: request.chain_id.clone(),
            height: initial_height,
            time_seconds: time.seconds,
            time_nanos: u32::try_from(time.nanos).unwrap_or_default(),
            ..BlockInfo::default()
        };
        let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
        let mut ctx =
            Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite()).with_router(self.runtime.router());
        self.runtime.consensus.init(&mut ctx, request.consensus_params.as_ref(), &validators)?;
        self.runtime.init_genesis(&mut ctx, &app_state)?;
        let params = self.params(&state, &block)?;
        let changes = state.into_changes();
        let mut snapshot = MemSnapshot::default();
        snapshot.apply(&changes);
        let block = BlockInfo { height: 0, ..block };
        Ok(Genesis { snapshot: Arc::new(snapshot), changes, block, initial_height, params })
    }
}

fn read_app_state(bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(bytes)
        .map_err(|error| SdkError::InvalidRequest(format!("genesis: app_state is not a JSON object: {error}")).into())
}
