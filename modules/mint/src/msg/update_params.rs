//! `cosmos.mint.v1beta1.MsgUpdateParams`: the authority changes what is shown; inflation is refused, whoever asks for it.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::mint::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::error::MintError;
use crate::keeper::Mint;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Mint {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let params = read(msg)?;
        self.set_params(ctx, &params)?;
        Ok(MsgUpdateParamsResponse {})
    }
}

fn read(msg: &MsgUpdateParams) -> Result<Params> {
    check_authority(&msg.authority)?;
    let params = msg.params.as_ref().ok_or_else(|| MintError::InvalidParams("params are missing".into()))?;
    Params::from_proto(params)
}
