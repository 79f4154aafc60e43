//! `cosmos.staking.v1beta1.MsgDelegate`: an account delegates to a validator.
//!
//! Source: SDK v0.50 `x/staking/keeper/msg_server.go`.

use openledger_core::{Address, Coin, Context, Event, Handle, Result};
use openledger_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgDelegateResponse};

use super::{read_coin, read_delegator};
use crate::delegate::Source;
use crate::error::StakingError;
use crate::keeper::Staking;
use crate::validator::read_operator;

impl Handle<MsgDelegate> for Staking {
    type Response = MsgDelegateResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgDelegate) -> Result<MsgDelegateResponse> {
        let (operator, delegator, amount) = read(msg)?;
        self.validator(ctx, &operator)?.ok_or(StakingError::NoValidatorFound)?;
        self.check_denom(ctx, &amount)?;
        let shares = self.delegate(ctx, &delegator, amount.amount, Source::Account, &operator)?;
        let event = Event::new("delegate").attr("validator", &msg.validator_address);
        let event = event.attr("delegator", &msg.delegator_address);
        ctx.emit(event.attr("amount", amount).attr("new_shares", shares));
        Ok(MsgDelegateResponse {})
    }
}

fn read(msg: &MsgDelegate) -> Result<(Address, Address, Coin)> {
    let operator = read_operator("validator", &msg.validator_address)?;
    let delegator = read_delegator(&msg.delegator_address)?;
    Ok((operator, delegator, read_coin(msg.amount.as_ref(), "invalid delegation amount")?))
}
