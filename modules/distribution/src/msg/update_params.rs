//! `cosmos.distribution.v1beta1.MsgUpdateParams`: the authority replaces all parameters.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::distribution::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::error::DistributionError;
use crate::keeper::Distribution;
use crate::params::Params;

impl Handle<MsgUpdateParams> for Distribution {
    type Response = MsgUpdateParamsResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<MsgUpdateParamsResponse> {
        let params = read(msg)?;
        self.set_params(ctx, &params)?;
        Ok(MsgUpdateParamsResponse {})
    }
}

#[allow(deprecated, reason = "the retired rewards are a part of the message")]
fn read(msg: &MsgUpdateParams) -> Result<Params> {
    check_authority(&msg.authority)?;
    let params = msg.params.as_ref().ok_or_else(|| DistributionError::InvalidParams("params are missing".into()))?;
    let retired = [&params.base_proposer_reward, &params.bonus_proposer_reward];
    if retired.iter().any(|reward| !matches!(reward.as_str(), "" | "0")) {
        let text = "cannot update base or bonus proposer reward because these are deprecated fields";
        return Err(SdkError::InvalidRequest(text.into()).into());
    }
    Ok(Params::from_proto(params)?)
}
