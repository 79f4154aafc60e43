//! `cosmos.upgrade.v1beta1.MsgSoftwareUpgrade`: the authority schedules a plan.

use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::upgrade::v1beta1::{MsgSoftwareUpgrade, MsgSoftwareUpgradeResponse, Plan};

use super::check_authority;
use crate::keeper::{check_plan, Upgrade};

impl Handle<MsgSoftwareUpgrade> for Upgrade {
    type Response = MsgSoftwareUpgradeResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSoftwareUpgrade) -> Result<MsgSoftwareUpgradeResponse> {
        self.schedule(ctx, read(msg)?)?;
        Ok(MsgSoftwareUpgradeResponse {})
    }
}

fn read(msg: &MsgSoftwareUpgrade) -> Result<&Plan> {
    check_authority(&msg.authority)?;
    let plan = msg.plan.as_ref().ok_or_else(|| SdkError::InvalidRequest("the plan is missing".into()))?;
    check_plan(plan)?;
    Ok(plan)
}
