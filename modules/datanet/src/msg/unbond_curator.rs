//! `MsgUnbondCurator`: starts to give back what is not locked of a curator's bond; the end of a block pays it after the bond period.

use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgUnbondCurator, MsgUnbondCuratorResponse};

use crate::governance::BondKind;
use crate::keeper::Datanets;

impl Handle<MsgUnbondCurator> for Datanets {
    type Response = MsgUnbondCuratorResponse;

    fn validate(&self, msg: &MsgUnbondCurator) -> Result<()> {
        msg.curator.parse::<Address>()?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUnbondCurator) -> Result<MsgUnbondCuratorResponse> {
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        let due_seconds = self.unbond(ctx, msg.datanet_id, BondKind::Curator, &msg.curator.parse()?, amount)?;
        Ok(MsgUnbondCuratorResponse { due_seconds })
    }
}
