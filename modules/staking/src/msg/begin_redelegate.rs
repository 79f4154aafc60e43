//! `cosmos.staking.v1beta1.MsgBeginRedelegate`: a delegator moves tokens to another validator, at once.
//!
//! Source: SDK v0.50 `x/staking/keeper/msg_server.go`.

use openledger_core::{Address, Coin, Context, Event, Handle, Result};
use openledger_proto::cosmos::staking::v1beta1::{MsgBeginRedelegate, MsgBeginRedelegateResponse};

use super::{read_coin, read_delegator};
use crate::keeper::Staking;
use crate::unbond::Move;
use crate::validator::read_operator;

/// What the message says.
struct Redelegate {
    source: Address,
    destination: Address,
    delegator: Address,
    amount: Coin,
}

impl Handle<MsgBeginRedelegate> for Staking {
    type Response = MsgBeginRedelegateResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgBeginRedelegate) -> Result<MsgBeginRedelegateResponse> {
        let Redelegate { source, destination, delegator, amount } = read(msg)?;
        let shares = self.shares_to_unbond(ctx, &delegator, &source, amount.amount)?;
        self.check_denom(ctx, &amount)?;
        let what = Move { delegator: &delegator, source: &source, destination: &destination, shares };
        let due = self.begin_redelegation(ctx, &what)?;
        let event = Event::new("redelegate").attr("source_validator", &msg.validator_src_address);
        let event = event.attr("destination_validator", &msg.validator_dst_address);
        ctx.emit(event.attr("amount", amount).attr("completion_time", due));
        Ok(MsgBeginRedelegateResponse { completion_time: Some(due.to_proto()) })
    }
}

fn read(msg: &MsgBeginRedelegate) -> Result<Redelegate> {
    let source = read_operator("source validator", &msg.validator_src_address)?;
    let destination = read_operator("destination validator", &msg.validator_dst_address)?;
    let delegator = read_delegator(&msg.delegator_address)?;
    let amount = read_coin(msg.amount.as_ref(), "invalid shares amount")?;
    Ok(Redelegate { source, destination, delegator, amount })
}
