//! `ibc.core.client.v1.MsgUpdateParams`: governance says which types of client are allowed.

use ibc_proto::ibc::core::client::v1::{MsgUpdateParams, MsgUpdateParamsResponse, Params};
use openledger_core::{Context, Result};

use super::check_authority;
use crate::error::Kind;
use crate::keeper::{check_client_params, Ibc};
use crate::state::{self, STORE};

fn params(msg: &MsgUpdateParams) -> Result<&Params> {
    let params = msg.params.as_ref().ok_or_else(|| Kind::InvalidRequest.with("the parameters are missing"))?;
    check_client_params(params)?;
    Ok(params)
}

pub(super) fn validate(msg: &MsgUpdateParams) -> Result<()> {
    params(msg).map(|_| ())
}

pub(super) fn handle(_keeper: Ibc, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
    check_authority(&msg.signer)?;
    state::set_client_params(&mut ctx.kv_mut(STORE), params(msg)?);
    Ok(MsgUpdateParamsResponse {})
}
