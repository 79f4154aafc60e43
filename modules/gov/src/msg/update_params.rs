//! `cosmos.gov.v1.MsgUpdateParams`: governance changes its own parameters. They hold from then on for open proposals too, but for the
//! ends of periods that have begun.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::gov::v1::{MsgUpdateParams, MsgUpdateParamsResponse, Params};

use crate::error::GovError;
use crate::keeper::Gov;
use crate::params::Rules;
use crate::state::{self, STORE};

impl Handle<MsgUpdateParams> for Gov {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let params = read(msg)?;
        state::set_params(&mut ctx.kv_mut(STORE), params);
        Ok(MsgUpdateParamsResponse {})
    }
}

fn read(msg: &MsgUpdateParams) -> Result<&Params> {
    check_authority(&msg.authority)?;
    let params = msg.params.as_ref().ok_or_else(|| GovError::InvalidParams("params are missing".into()))?;
    Rules::read(params)?;
    Ok(params)
}
