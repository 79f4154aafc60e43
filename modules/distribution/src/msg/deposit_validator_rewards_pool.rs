//! `cosmos.distribution.v1beta1.MsgDepositValidatorRewardsPool`: an account gives coins to a validator's stakers, and to the validator
//! its commission of them.

use openledger_core::{Context, DecCoins, Handle, Result};
use openledger_proto::cosmos::distribution::v1beta1::{
    MsgDepositValidatorRewardsPool, MsgDepositValidatorRewardsPoolResponse,
};

use super::{read_address, read_coins, read_operator};
use crate::keeper::Distribution;
use crate::NAME;

impl Handle<MsgDepositValidatorRewardsPool> for Distribution {
    type Response = MsgDepositValidatorRewardsPoolResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgDepositValidatorRewardsPool,
    ) -> Result<MsgDepositValidatorRewardsPoolResponse> {
        let depositor = read_address("depositor", &msg.depositor)?;
        let coins = read_coins(&msg.amount)?;
        self.bank.send_to_module(ctx, &depositor, NAME, &coins)?;
        let validator = self.validator(ctx, &read_operator(&msg.validator_address)?)?;
        self.allocate_to(ctx, &validator, &DecCoins::from_coins(&coins))?;
        Ok(MsgDepositValidatorRewardsPoolResponse {})
    }
}
