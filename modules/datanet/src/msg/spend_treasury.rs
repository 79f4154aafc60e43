//! `MsgSpendTreasury`: the owner pays from what is unlocked of the datanet's treasury.

use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgSpendTreasury, MsgSpendTreasuryResponse};

use crate::events;
use crate::keeper::Datanets;

impl Handle<MsgSpendTreasury> for Datanets {
    type Response = MsgSpendTreasuryResponse;

    fn validate(&self, msg: &MsgSpendTreasury) -> Result<()> {
        msg.owner.parse::<Address>()?;
        self.bank.check_not_blocked(&msg.recipient.parse()?)?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSpendTreasury) -> Result<MsgSpendTreasuryResponse> {
        let datanet = self.owned_datanet(ctx, msg.datanet_id, &msg.owner)?.id;
        let recipient: Address = msg.recipient.parse()?;
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        self.spend(ctx, datanet, &recipient, amount)?;
        ctx.emit(events::treasury_spent(datanet, &recipient, amount));
        Ok(MsgSpendTreasuryResponse {})
    }
}
