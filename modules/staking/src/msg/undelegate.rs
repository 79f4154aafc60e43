//! `cosmos.staking.v1beta1.MsgUndelegate`: a delegator takes tokens back; they are paid when the unbonding time is over.
//!
//! Source: SDK v0.50 `x/staking/keeper/msg_server.go`.

use openledger_core::{Address, Coin, Context, Event, Handle, Result};
use openledger_proto::cosmos::staking::v1beta1::{MsgUndelegate, MsgUndelegateResponse};

use super::{read_coin, read_delegator};
use crate::keeper::Staking;
use crate::validator::read_operator;

impl Handle<MsgUndelegate> for Staking {
    type Response = MsgUndelegateResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgUndelegate) -> Result<MsgUndelegateResponse> {
        let (operator, delegator, amount) = read(msg)?;
        let shares = self.shares_to_unbond(ctx, &delegator, &operator, amount.amount)?;
        self.check_denom(ctx, &amount)?;
        let (due, tokens) = self.undelegate(ctx, &delegator, &operator, shares)?;
        // By rounding it may be a unit less than was asked for.
        let undelegated = Coin { denom: amount.denom, amount: tokens };
        let event = Event::new("unbond").attr("validator", &msg.validator_address);
        let event = event.attr("delegator", &msg.delegator_address).attr("amount", &undelegated);
        ctx.emit(event.attr("completion_time", due));
        Ok(MsgUndelegateResponse { completion_time: Some(due.to_proto()), amount: Some(undelegated.to_proto()) })
    }
}

fn read(msg: &MsgUndelegate) -> Result<(Address, Address, Coin)> {
    let operator = read_operator("validator", &msg.validator_address)?;
    let delegator = read_delegator(&msg.delegator_address)?;
    Ok((operator, delegator, read_coin(msg.amount.as_ref(), "invalid shares amount")?))
}
