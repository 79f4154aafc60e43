//! `MsgWithdrawBond`: what has unbonded goes back to the server.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Address, Coin, Context, Event, Handle, Result};
use openledger_proto::openledger::model::v1::{MsgWithdrawBond, MsgWithdrawBondResponse};

use crate::deployment::Unbonding;
use crate::error::ModelError;
use crate::keeper::Models;
use crate::{events, NAME};

impl Handle<MsgWithdrawBond> for Models {
    type Response = MsgWithdrawBondResponse;

    fn validate(&self, msg: &MsgWithdrawBond) -> Result<()> {
        wire::address("server", &msg.server).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgWithdrawBond) -> Result<Self::Response> {
        let mut deployment = self.deployment_or_error(ctx, msg.deployment)?;
        deployment.check_server(&msg.server)?;
        let now = ctx.block().time_seconds;
        let (done, left): (Vec<Unbonding>, Vec<Unbonding>) =
            deployment.unbondings.iter().partition(|unbonding| unbonding.completion_time <= now);
        let amount = done.iter().try_fold(Uint256::zero(), |sum, unbonding| wire::add(sum, unbonding.amount))?;
        if amount.is_zero() {
            let text = match deployment.unbondings.first() {
                None => "nothing is unbonding".to_string(),
                Some(first) => format!("nothing has unbonded before {}; it is {now}", first.completion_time),
            };
            return Err(ModelError::Unbonding(text).into());
        }
        deployment.unbondings = left;
        self.save_deployment(ctx, &deployment)?;
        self.bank.send(ctx, &Address::module(NAME), &deployment.server, &Coin::base(amount).into())?;
        ctx.emit(
            Event::new(events::BOND_WITHDRAWN)
                .attr("deployment", deployment.id)
                .attr("server", &msg.server)
                .attr("amount", amount),
        );
        Ok(MsgWithdrawBondResponse { amount: Some(Coin::base(amount).to_proto()) })
    }
}
