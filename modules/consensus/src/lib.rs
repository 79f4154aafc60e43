//! How CometBFT makes blocks, and for whom: consensus parameters and the validators of InitChain.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.consensus.v1.MsgUpdateParams` | the authority changes the parameters | `msg/update_params.rs` |
//!
//! Query (`query.rs`): `cosmos.consensus.v1.Query/Params`. Keys: [`state`]. Genesis: none, as in the SDK; [`Consensus::init`] takes over
//! what InitChain brings, and in an exported genesis the parameters and validators stand in `consensus`, outside `app_state`.
//!
//! Invariants: the parameters are such that CometBFT takes them; the total power is the sum of the powers, each positive.
//!
//! Semantics: SDK v0.50 `x/consensus`, CometBFT v0.38 `types/params.go`.

mod error;
mod keeper;
mod msg;
pub mod params;
mod query;
pub mod state;
mod text;
mod validators;

pub use error::ConsensusError;
pub use keeper::Consensus;
pub use validators::{consensus_address, Validator, MAX_TOTAL_POWER};

use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::consensus::v1::MsgUpdateParams;
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "consensus";

impl Module for Consensus {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "google.protobuf.Empty"
    }

    fn default_genesis(&self) -> Vec<u8> {
        Vec::new()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        if genesis.is_empty() {
            Ok(())
        } else {
            Err(ConsensusError::InvalidGenesis.into())
        }
    }

    /// Nothing to take over: execution calls [`Consensus::init`] before the modules' genesis.
    fn init_genesis(&self, _ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        self.validate_genesis(genesis)
    }

    fn export_genesis(&self, _ctx: &Context) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        params::check(&self.params(ctx)?)?;
        let mut sum = 0u64;
        for validator in self.validator_set(ctx)? {
            if validator.power == 0 || validator.address != consensus_address(&validator.key) {
                return Err(SdkError::Logic(format!("consensus: {validator:?} is unsound")).into());
            }
            sum = sum.saturating_add(validator.power);
        }
        let total = self.total_power(ctx)?;
        if total != sum {
            return Err(SdkError::Logic(format!("consensus: total power is {total}, powers sum to {sum}")).into());
        }
        Ok(())
    }
}
