//! `cosmos.auth.v1beta1.MsgUpdateParams`: the authority replaces all parameters.

use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::auth::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::authority::check_authority;
use crate::error::AuthError;
use crate::keeper::Auth;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Auth {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let params = read(msg)?;
        self.set_params(ctx, &params)?;
        Ok(MsgUpdateParamsResponse {})
    }
}

fn read(msg: &MsgUpdateParams) -> Result<Params> {
    check_authority(&msg.authority)?;
    let params = msg.params.as_ref().ok_or_else(|| AuthError::InvalidParams("params are missing".into()))?;
    Params::from_proto(params)
}
