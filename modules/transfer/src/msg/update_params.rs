//! `ibc.applications.transfer.v1.MsgUpdateParams`: the authority says whether anything may be sent and received.
//!
//! Source: ibc-go v8 `modules/apps/transfer/keeper/msg_server.go`.

use ibc_proto::ibc::applications::transfer::v1::{MsgUpdateParams, MsgUpdateParamsResponse};
use openledger_auth::authority;
use openledger_core::{Address, Context, Handle, Result, SdkError};

use crate::error::IbcError;
use crate::keeper::Transfer;
use crate::state::{self, STORE};

impl Handle<MsgUpdateParams> for Transfer {
    type Response = MsgUpdateParamsResponse;

    fn validate(&self, msg: &MsgUpdateParams) -> Result<()> {
        let signer = msg.signer.parse::<Address>().map_err(|error: SdkError| {
            IbcError::InvalidAddress(format!("string could not be parsed as address: {error}"))
        })?;
        let expected = authority();
        if signer != expected {
            return Err(IbcError::Unauthorized(format!("expected {expected}, got {signer}")).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        self.validate(msg)?;
        state::set_params(&mut ctx.kv_mut(STORE), &msg.params.unwrap_or_default());
        Ok(MsgUpdateParamsResponse {})
    }
}
