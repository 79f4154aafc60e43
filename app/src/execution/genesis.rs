//! InitChain: the state before the first block, kept in memory until that block commits.
//!
//! So an application that dies before then has written nothing, and CometBFT begins again with InitChain. A genesis without
//! validators, proposer or votes is accepted: whoever drives ABCI alone needs none.

use std::collections::BTreeMap;
use std::sync::Arc;

use openledger_core::{BlockInfo, Context, Error, GasMeter, Mode, Result, SdkError, ValidatorUpdate};
use openledger_proto::tendermint::abci::{self, RequestInitChain};
use openledger_proto::tendermint::types::ConsensusParams;
use openledger_store::{BlockState, Changes, MemSnapshot, Snapshot, StoreName};
use serde_json::{Map, Value};

use super::abci as convert;
use super::prepare::Prepared;
use super::run::{BlockGas, Executor};
use crate::genutil::GenTx;

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
    /// The validators of the first block as staking has them; none where it has none, so that CometBFT keeps its own.
    pub validators: Vec<abci::ValidatorUpdate>,
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
            // As in the SDK: genesis is what was before the first block, at height 0, but for a chain that goes on from another's height.
            height: if initial_height > 1 { initial_height } else { 0 },
            time_seconds: time.seconds,
            time_nanos: u32::try_from(time.nanos).unwrap_or_default(),
            ..BlockInfo::default()
        };
        let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
        let mut ctx =
            Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite()).with_router(self.runtime.router());
        self.runtime.consensus.init(&mut ctx, request.consensus_params.as_ref(), &validators)?;
        self.runtime.init_genesis(&mut ctx, &app_state)?;
        self.deliver_gen_txs(&mut state, &block, &app_state)?;
        let mut ctx =
            Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite()).with_router(self.runtime.router());
        let updates = self.staked(&mut ctx, &validators)?;
        // What modules say of each other fits, as after every block (SDK v0.50 `x/crisis`, which asserts it at InitGenesis).
        self.runtime.check_invariants(&ctx).map_err(|error| Error { message: format!("genesis: {error}"), ..error })?;
        let validators = updates.into_iter().map(convert::validator_update).collect::<Result<_>>()?;
        let params = self.params(&state, &block)?;
        let changes = state.into_changes();
        let mut snapshot = MemSnapshot::default();
        snapshot.apply(&changes);
        let block = BlockInfo { height: 0, ..block };
        Ok(Genesis { snapshot: Arc::new(snapshot), changes, block, initial_height, params, validators })
    }

    /// Executes the transactions of a genesis, all of which must succeed, and makes the set with their validators (SDK v0.50
    /// `x/genutil`, `DeliverGenTxs`). Their height is 0: signed over account number 0, without a limit of gas.
    fn deliver_gen_txs(&self, state: &mut BlockState, block: &BlockInfo, app_state: &Map<String, Value>) -> Result<()> {
        let txs = self.runtime.gen_txs(app_state)?;
        let block = BlockInfo { height: 0, ..block.clone() };
        for (index, GenTx { bytes, .. }) in txs.iter().enumerate() {
            let prepared = Prepared { tx: self.decode(bytes), proven: Vec::new() };
            let outcome = self.deliver(state, &block, &prepared, &mut BlockGas::new(None));
            outcome.result.map_err(|error| Error {
                message: format!("genesis of genutil: gen_txs[{index}]: {error}"),
                ..error
            })?;
            state.seal();
        }
        if !txs.is_empty() {
            let mut ctx = Context::new(state, &block, Mode::Deliver, GasMeter::infinite());
            self.runtime.staking.update_set(&mut ctx)?;
        }
        Ok(())
    }

    /// The set that staking has after genesis. Where InitChain names validators too, they must be the same (SDK v0.50
    /// `baseapp.InitChain`), or staking must have none: then they are guests (`docs/decisions/0016-guests.md`).
    fn staked(&self, ctx: &mut Context, named: &[ValidatorUpdate]) -> Result<Vec<ValidatorUpdate>> {
        let staked = self.runtime.staking.set_as_updates(ctx)?;
        if !named.is_empty() && !staked.is_empty() {
            let sorted = |updates: &[ValidatorUpdate]| {
                updates.iter().map(|update| (update.key.clone(), update.power)).collect::<BTreeMap<_, _>>()
            };
            if named.len() != staked.len() || sorted(named) != sorted(&staked) {
                let text = format!(
                    "genesis: consensus.validators and staking's validators must be the same, or one of them empty; they are {} and {}",
                    named.len(),
                    staked.len()
                );
                return Err(SdkError::InvalidRequest(text).into());
            }
        }
        self.runtime.consensus.apply_updates(ctx, &staked)?;
        Ok(staked)
    }
}

fn read_app_state(bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(bytes)
        .map_err(|error| SdkError::InvalidRequest(format!("genesis: app_state is not a JSON object: {error}")).into())
}
