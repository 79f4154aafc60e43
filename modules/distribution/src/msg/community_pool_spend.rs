//! `cosmos.distribution.v1beta1.MsgCommunityPoolSpend`: the authority pays somebody from the community pool.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::distribution::v1beta1::{MsgCommunityPoolSpend, MsgCommunityPoolSpendResponse};

use super::{read_address, read_amount};
use crate::keeper::Distribution;

impl Handle<MsgCommunityPoolSpend> for Distribution {
    type Response = MsgCommunityPoolSpendResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgCommunityPoolSpend) -> Result<MsgCommunityPoolSpendResponse> {
        check_authority(&msg.authority)?;
        let amount = read_amount(&msg.amount)?;
        let to = read_address("recipient", &msg.recipient)?;
        if self.bank.is_blocked(&to) {
            return Err(SdkError::Unauthorized(format!("{to} is not allowed to receive external funds")).into());
        }
        self.spend_community_pool(ctx, &to, &amount)?;
        Ok(MsgCommunityPoolSpendResponse {})
    }
}
