//! `cosmos.slashing.v1beta1.MsgUpdateParams`: the authority replaces all parameters.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::slashing::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::error::SlashingError;
use crate::keeper::Slashing;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Slashing {
    type Response = MsgUpdateParamsResponse;

    /// Windows stay as they are: a new length counts from the next vote on.
    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let params = read(msg)?;
        self.set_params(ctx, &params)?;
        Ok(MsgUpdateParamsResponse {})
    }
}

fn read(msg: &MsgUpdateParams) -> Result<Params> {
    check_authority(&msg.authority)?;
    let params = msg.params.as_ref().ok_or_else(|| SlashingError::InvalidParams("params are missing".into()))?;
    Params::from_proto(params)
}
