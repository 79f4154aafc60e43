//! `cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward`: the rewards of one delegation are paid, and count anew from here.

use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::distribution::v1beta1::{MsgWithdrawDelegatorReward, MsgWithdrawDelegatorRewardResponse};

use super::{read_address, read_operator};
use crate::keeper::Distribution;

impl Handle<MsgWithdrawDelegatorReward> for Distribution {
    type Response = MsgWithdrawDelegatorRewardResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgWithdrawDelegatorReward,
    ) -> Result<MsgWithdrawDelegatorRewardResponse> {
        let operator = read_operator(&msg.validator_address)?;
        let delegator = read_address("delegator", &msg.delegator_address)?;
        let validator = self.validator(ctx, &operator)?;
        let delegation = self.delegation(ctx, &delegator, &operator)?;
        let amount = self.withdraw_rewards(ctx, &validator, &delegation)?;
        self.initialise_delegation(ctx, &delegator, &operator)?;
        Ok(MsgWithdrawDelegatorRewardResponse { amount })
    }
}
