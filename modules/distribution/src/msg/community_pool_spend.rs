//! `cosmos.distribution.v1beta1.MsgCommunityPoolSpend`: the authority pays somebody from the community pool.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::distribution::v1beta1::{MsgCommunityPoolSpend, MsgCommunityPoolSpendResponse};

use super::{read_address, read_amount};
use crate::keeper::Distribution;

impl Handle<MsgCommunityPoolSpend> for Distribution {
    type Response = MsgCommunityPoolSpendResponse;

    fn validate(&self, msg: &MsgCommunityPoolSpend) -> Result<()> {
        check_authority(&msg.authority)?;
        read_amount(&msg.amount)?;
        read_address("recipient", &msg.recipient).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommunityPoolSpend) -> Result<MsgCommunityPoolSpendResponse> {
        self.validate(msg)?;
        let to = read_address("recipient", &msg.recipient)?;
        if self.bank.is_blocked(&to) {
            return Err(SdkError::Unauthorized(format!("{to} is not allowed to receive external funds")).into());
        }
        self.spend_community_pool(ctx, &to, &read_amount(&msg.amount)?)?;
        Ok(MsgCommunityPoolSpendResponse {})
    }
}
