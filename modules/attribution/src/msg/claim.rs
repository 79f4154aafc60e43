//! `MsgClaim`: whoever is owed pulls it, to itself or to another account. What nobody pulls stays owed.

use openledger_core::{wire, Address, Coin, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgClaim, MsgClaimResponse};

use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::{events, NAME};

impl Handle<MsgClaim> for Attribution {
    type Response = MsgClaimResponse;

    fn validate(&self, msg: &MsgClaim) -> Result<()> {
        wire::address("claimant", &msg.claimant)?;
        if !msg.recipient.is_empty() {
            wire::address("recipient", &msg.recipient)?;
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgClaim) -> Result<Self::Response> {
        let claimant = wire::address("claimant", &msg.claimant)?;
        let recipient: Address = match msg.recipient.is_empty() {
            true => claimant.clone(),
            false => wire::address("recipient", &msg.recipient)?,
        };
        let amount = self.pay_out(ctx, &claimant)?;
        if amount.is_zero() {
            return Err(AttributionError::NothingOwed(msg.claimant.clone()).into());
        }
        self.bank.send_from_module(ctx, NAME, &recipient, &Coin::base(amount).into())?;
        ctx.emit(
            Event::new(events::CLAIMED)
                .attr("claimant", &msg.claimant)
                .attr("recipient", &recipient)
                .attr("amount", amount),
        );
        Ok(MsgClaimResponse { amount: Some(Coin::base(amount).to_proto()) })
    }
}
