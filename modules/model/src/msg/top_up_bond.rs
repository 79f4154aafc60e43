//! `MsgTopUpBond`: more bond, so that more can be settled at once.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::model::v1::{MsgTopUpBond, MsgTopUpBondResponse};

use crate::events;
use crate::keeper::Models;

impl Handle<MsgTopUpBond> for Models {
    type Response = MsgTopUpBondResponse;

    fn validate(&self, msg: &MsgTopUpBond) -> Result<()> {
        wire::address("server", &msg.server)?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgTopUpBond) -> Result<Self::Response> {
        let mut deployment = self.deployment_or_error(ctx, msg.deployment)?;
        deployment.check_server(&msg.server)?;
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        self.take(ctx, &deployment.server, amount)?;
        deployment.bond = wire::add(deployment.bond, amount)?;
        self.save_deployment(ctx, &deployment)?;
        ctx.emit(
            Event::new(events::BOND_ADDED)
                .attr("deployment", deployment.id)
                .attr("server", &msg.server)
                .attr("amount", amount)
                .attr("bond", deployment.bond),
        );
        Ok(MsgTopUpBondResponse {})
    }
}
