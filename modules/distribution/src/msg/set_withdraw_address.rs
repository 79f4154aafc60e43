//! `cosmos.distribution.v1beta1.MsgSetWithdrawAddress`: a delegator says which account rewards (and a validator's commission) go to.

use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::distribution::v1beta1::{MsgSetWithdrawAddress, MsgSetWithdrawAddressResponse};

use super::read_address;
use crate::error::DistributionError;
use crate::events;
use crate::keeper::Distribution;

impl Handle<MsgSetWithdrawAddress> for Distribution {
    type Response = MsgSetWithdrawAddressResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSetWithdrawAddress) -> Result<MsgSetWithdrawAddressResponse> {
        let delegator = read_address("delegator", &msg.delegator_address)?;
        let to = read_address("withdraw", &msg.withdraw_address)?;
        // A payment to a module's account would fail, and with it every change of the delegation.
        if self.bank.is_blocked(&to) {
            return Err(SdkError::Unauthorized(format!("{to} is not allowed to receive external funds")).into());
        }
        if !self.params(ctx)?.withdraw_addr_enabled {
            return Err(DistributionError::WithdrawAddressDisabled.into());
        }
        ctx.emit(events::set_withdraw_address(&to));
        self.set_withdraw_address(ctx, &delegator, &to)?;
        Ok(MsgSetWithdrawAddressResponse {})
    }
}
