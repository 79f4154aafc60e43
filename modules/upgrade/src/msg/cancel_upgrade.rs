//! `cosmos.upgrade.v1beta1.MsgCancelUpgrade`: the authority drops the plan that is scheduled.

use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::upgrade::v1beta1::{MsgCancelUpgrade, MsgCancelUpgradeResponse};

use super::check_authority;
use crate::keeper::Upgrade;

impl Handle<MsgCancelUpgrade> for Upgrade {
    type Response = MsgCancelUpgradeResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgCancelUpgrade) -> Result<MsgCancelUpgradeResponse> {
        check_authority(&msg.authority)?;
        self.clear(ctx)?;
        Ok(MsgCancelUpgradeResponse {})
    }
}
