//! `MsgIBCSoftwareUpgrade`: governance schedules an upgrade that others' clients of this chain shall survive.

use ibc_proto::ibc::core::client::v1::{MsgIbcSoftwareUpgrade, MsgIbcSoftwareUpgradeResponse};
use openledger_core::{Context, Error, Result};
use openledger_upgrade::Upgrade;

use super::check_authority;
use crate::error::Kind;
use crate::events;
use crate::keeper::{encode, Ibc};
use crate::light_client;

pub(super) fn validate(msg: &MsgIbcSoftwareUpgrade) -> Result<()> {
    light_client::read(msg.upgraded_client_state.as_ref())?;
    if msg.plan.is_none() {
        return Err(Kind::InvalidRequest.with("the plan is missing").into());
    }
    Ok(())
}

/// The plan is the upgrade module's; what it schedules does not depend on which handlers a binary has.
pub(super) fn handle(
    _keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgIbcSoftwareUpgrade,
) -> Result<MsgIbcSoftwareUpgradeResponse> {
    check_authority(&msg.signer)?;
    let client = light_client::without_choices(msg.upgraded_client_state.as_ref())?;
    let plan = msg.plan.as_ref().ok_or_else(|| Kind::InvalidRequest.with("the plan is missing"))?;
    let upgrade = Upgrade::default();
    let failed = |error: Error| Error { message: format!("failed to schedule upgrade: {error}"), ..error };
    upgrade.schedule(ctx, plan).map_err(failed)?;
    let height = u64::try_from(plan.height).map_err(|_| Kind::InvalidRequest.with("height must be positive"))?;
    upgrade.set_upgraded_client(ctx, height, &encode(&client));
    events::schedule_upgrade(&plan.name, plan.height).into_iter().for_each(|event| ctx.emit(event));
    Ok(MsgIbcSoftwareUpgradeResponse {})
}
