//! `cosmos.consensus.v1.MsgUpdateParams`: the authority changes how CometBFT makes blocks.
//!
//! Source: SDK v0.50 `x/consensus/keeper/keeper.go`. Execution hands what [`Consensus::params`] then says to CometBFT with the
//! block's results. The application version is not part of the message and stays as it is.

use openledger_auth::check_authority;
use openledger_core::{Context, Event, Handle, Result, SdkError};
use openledger_proto::cosmos::consensus::v1::{MsgUpdateParams, MsgUpdateParamsResponse};
use openledger_proto::tendermint::types::ConsensusParams;

use crate::error::ConsensusError;
use crate::keeper::Consensus;
use crate::{params, text};

impl Handle<MsgUpdateParams> for Consensus {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let update = read(msg)?;
        let current = self.params(ctx)?;
        let next = params::updated(&current, &update);
        params::check(&next)?;
        let height = i64::try_from(ctx.height()).map_err(|_| SdkError::Logic("height exceeds 63 bits".into()))?;
        params::check_update(&current, &update, height)?;
        self.set_params(ctx, &next);
        let event = Event::new("update_consensus_params").attr("authority", &msg.authority);
        ctx.emit(event.attr("parameters", text::of_update(&update)));
        Ok(MsgUpdateParamsResponse {})
    }
}

/// What the message changes; block, evidence and validator parameters must be there.
fn read(msg: &MsgUpdateParams) -> Result<ConsensusParams> {
    check_authority(&msg.authority)?;
    if msg.block.is_none() || msg.evidence.is_none() || msg.validator.is_none() {
        return Err(ConsensusError::InvalidParams("all parameters must be present".into()).into());
    }
    Ok(ConsensusParams {
        block: msg.block,
        evidence: msg.evidence,
        validator: msg.validator.clone(),
        version: None,
        abci: msg.abci,
    })
}
