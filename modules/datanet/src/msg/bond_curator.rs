//! `MsgBondCurator`: an account bonds to review; a review weighs what its curator has bonded.

use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgBondCurator, MsgBondCuratorResponse};

use crate::governance::BondKind;
use crate::keeper::Datanets;
use crate::lifecycle::{self, Act};

impl Handle<MsgBondCurator> for Datanets {
    type Response = MsgBondCuratorResponse;

    fn validate(&self, msg: &MsgBondCurator) -> Result<()> {
        msg.curator.parse::<Address>()?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgBondCurator) -> Result<MsgBondCuratorResponse> {
        let datanet = self.known_datanet(ctx, msg.datanet_id)?;
        lifecycle::check(&datanet, Act::Bond)?;
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        self.add_bond(ctx, datanet.id, BondKind::Curator, &msg.curator.parse()?, amount)?;
        Ok(MsgBondCuratorResponse {})
    }
}
