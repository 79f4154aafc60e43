//! `MsgUpdateParams`: the authority replaces all parameters.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::keeper::Contributors;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Contributors {
    type Response = MsgUpdateParamsResponse;

    fn validate(&self, msg: &MsgUpdateParams) -> Result<()> {
        check_authority(&msg.authority)?;
        Params::from_proto(msg.params.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        check_authority(&msg.authority)?;
        self.keep_epoch(ctx, &self.params(ctx)?)?;
        self.set_params(ctx, &Params::from_proto(msg.params.as_ref())?)?;
        Ok(MsgUpdateParamsResponse {})
    }
}
