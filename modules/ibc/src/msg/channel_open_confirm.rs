//! `MsgChannelOpenConfirm`: the channel is open there, which is proven: open here.

use ibc::core::channel::handler::{chan_open_confirm_execute, chan_open_confirm_validate};
use ibc::core::channel::types::msgs::MsgChannelOpenConfirm as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgChannelOpenConfirm, MsgChannelOpenConfirmResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, signer};
use crate::adapter::Routed;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::packet::check_end;

pub(super) fn validate(msg: &MsgChannelOpenConfirm) -> Result<()> {
    basics::proof(&msg.proof_ack, "ack")?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgChannelOpenConfirm,
) -> Result<MsgChannelOpenConfirmResponse> {
    let (relayer, application) = (signer(&msg.signer)?, keeper.application(&msg.port_id)?);
    check_end(&keeper, ctx, &msg.port_id, &msg.channel_id)?;
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        chan_open_confirm_validate(host, &routed, msg.clone())?;
        Ok::<_, Fault>(chan_open_confirm_execute(host, &mut routed, msg)?)
    })?;
    Ok(MsgChannelOpenConfirmResponse {})
}
