//! `MsgUpdateParams`: the authority replaces all parameters. What was committed, locked or made before keeps what it was promised:
//! deadlines, deposits and unlocking times are stored with it.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::keeper::Datanets;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Datanets {
    type Response = MsgUpdateParamsResponse;

    fn validate(&self, msg: &MsgUpdateParams) -> Result<()> {
        check_authority(&msg.authority)?;
        Params::from_proto(msg.params.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        check_authority(&msg.authority)?;
        self.set_params(ctx, &Params::from_proto(msg.params.as_ref())?)?;
        Ok(MsgUpdateParamsResponse {})
    }
}
