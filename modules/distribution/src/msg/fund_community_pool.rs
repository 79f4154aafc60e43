//! `cosmos.distribution.v1beta1.MsgFundCommunityPool`: an account gives coins to the community.

use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::distribution::v1beta1::{MsgFundCommunityPool, MsgFundCommunityPoolResponse};

use super::{read_address, read_amount};
use crate::keeper::Distribution;

impl Handle<MsgFundCommunityPool> for Distribution {
    type Response = MsgFundCommunityPoolResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgFundCommunityPool) -> Result<MsgFundCommunityPoolResponse> {
        let depositor = read_address("depositor", &msg.depositor)?;
        self.fund_community_pool(ctx, &depositor, &read_amount(&msg.amount)?)?;
        Ok(MsgFundCommunityPoolResponse {})
    }
}
