//! The consensus parameters in state.

use cosmwasm_std::Storage;
use openledger_core::{Context, Result, SdkError, ValidatorUpdate};
use openledger_proto::tendermint::types::ConsensusParams;
use openledger_proto::Message;

use crate::params;
use crate::state::{PARAMS_KEY, STORE};

/// The keeper of consensus parameters and validators.
#[derive(Debug, Clone, Copy, Default)]
pub struct Consensus;

impl Consensus {
    /// Takes over what InitChain brings; where it names no parameters, or not all groups of them, CometBFT's defaults stand in.
    pub fn init(
        &self,
        ctx: &mut Context,
        params: Option<&ConsensusParams>,
        validators: &[ValidatorUpdate],
    ) -> Result<()> {
        let params = params.map_or_else(params::default, |given| params::updated(&params::default(), given));
        params::check(&params)?;
        self.set_params(ctx, &params);
        self.set_validators(ctx, validators)?;
        if !validators.is_empty() {
            self.mark_guests(ctx)?;
        }
        Ok(())
    }

    /// The parameters with all their groups; CometBFT's defaults before InitChain.
    pub fn params(&self, ctx: &Context) -> Result<ConsensusParams> {
        let Some(bytes) = ctx.kv(STORE).get(PARAMS_KEY) else { return Ok(params::default()) };
        let params = ConsensusParams::decode(bytes.as_slice());
        params.map_err(|error| SdkError::Logic(format!("consensus parameters in state: {error}")).into())
    }

    /// The gas that a block may use, `None` where it is not limited.
    pub fn max_block_gas(&self, ctx: &Context) -> Result<Option<u64>> {
        Ok(self.params(ctx)?.block.and_then(|block| u64::try_from(block.max_gas).ok()))
    }

    pub(crate) fn set_params(&self, ctx: &mut Context, params: &ConsensusParams) {
        ctx.kv_mut(STORE).set(PARAMS_KEY, &params.encode_to_vec());
    }
}
