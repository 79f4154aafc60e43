//! `cosmos.bank.v1beta1.MsgUpdateParams`: the authority says whether denominations may be sent by default.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::bank::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::error::BankError;
use crate::keeper::Bank;
use crate::params;
use crate::state::{self, STORE};

impl Handle<MsgUpdateParams> for Bank {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let default_send_enabled = read(msg)?;
        state::set_default_send_enabled(&mut ctx.kv_mut(STORE), default_send_enabled);
        Ok(MsgUpdateParamsResponse {})
    }
}

fn read(msg: &MsgUpdateParams) -> Result<bool> {
    check_authority(&msg.authority)?;
    let params = msg.params.as_ref().ok_or_else(|| BankError::InvalidParams("params are missing".into()))?;
    params::read(params)
}
