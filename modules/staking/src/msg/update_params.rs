//! `cosmos.staking.v1beta1.MsgUpdateParams`: the authority changes the parameters.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::staking::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::error::StakingError;
use crate::keeper::Staking;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Staking {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let params = read(msg)?;
        let denom = self.bond_denom(ctx)?;
        if params.bond_denom != denom {
            let text = format!("bond denom cannot change from {denom} to {}: stake is held in it", params.bond_denom);
            return Err(StakingError::InvalidParams(text).into());
        }
        self.set_params(ctx, &params)?;
        Ok(MsgUpdateParamsResponse {})
    }
}

fn read(msg: &MsgUpdateParams) -> Result<Params> {
    check_authority(&msg.authority)?;
    Params::from_proto(msg.params.as_ref().ok_or_else(|| StakingError::InvalidParams("params are missing".into()))?)
}
