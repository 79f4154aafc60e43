//! `MsgUnbondContributor`: starts to give back what is not locked of a contributor's bond; the end of a block pays it after the bond period.

use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgUnbondContributor, MsgUnbondContributorResponse};

use crate::governance::BondKind;
use crate::keeper::Datanets;

impl Handle<MsgUnbondContributor> for Datanets {
    type Response = MsgUnbondContributorResponse;

    fn validate(&self, msg: &MsgUnbondContributor) -> Result<()> {
        msg.account.parse::<Address>()?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUnbondContributor) -> Result<MsgUnbondContributorResponse> {
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        let due_seconds = self.unbond(ctx, msg.datanet_id, BondKind::Contributor, &msg.account.parse()?, amount)?;
        Ok(MsgUnbondContributorResponse { due_seconds })
    }
}
