//! `cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission`: a validator's commission is paid.

use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::distribution::v1beta1::{
    MsgWithdrawValidatorCommission, MsgWithdrawValidatorCommissionResponse,
};

use super::read_operator;
use crate::keeper::Distribution;

impl Handle<MsgWithdrawValidatorCommission> for Distribution {
    type Response = MsgWithdrawValidatorCommissionResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgWithdrawValidatorCommission,
    ) -> Result<MsgWithdrawValidatorCommissionResponse> {
        let paid = self.withdraw_commission(ctx, &read_operator(&msg.validator_address)?)?;
        Ok(MsgWithdrawValidatorCommissionResponse { amount: paid.to_proto() })
    }
}
