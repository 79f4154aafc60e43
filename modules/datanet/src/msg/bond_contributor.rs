//! `MsgBondContributor`: an account bonds to contribute where the policy asks for it.

use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgBondContributor, MsgBondContributorResponse};

use crate::governance::BondKind;
use crate::keeper::Datanets;
use crate::lifecycle::{self, Act};

impl Handle<MsgBondContributor> for Datanets {
    type Response = MsgBondContributorResponse;

    fn validate(&self, msg: &MsgBondContributor) -> Result<()> {
        msg.account.parse::<Address>()?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgBondContributor) -> Result<MsgBondContributorResponse> {
        let datanet = self.known_datanet(ctx, msg.datanet_id)?;
        lifecycle::check(&datanet, Act::Bond)?;
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        self.add_bond(ctx, datanet.id, BondKind::Contributor, &msg.account.parse()?, amount)?;
        Ok(MsgBondContributorResponse {})
    }
}
