//! `MsgChannelCloseConfirm`: the channel is closed there, which is proven: closed here.

use ibc::core::channel::handler::{chan_close_confirm_execute, chan_close_confirm_validate};
use ibc::core::channel::types::msgs::MsgChannelCloseConfirm as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgChannelCloseConfirm, MsgChannelCloseConfirmResponse};
use openledger_core::{Context, Result};

use super::{domain, signer};
use crate::adapter::Routed;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::packet::check_end;

pub(super) fn validate(msg: &MsgChannelCloseConfirm) -> Result<()> {
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgChannelCloseConfirm,
) -> Result<MsgChannelCloseConfirmResponse> {
    let (relayer, application) = (signer(&msg.signer)?, keeper.application(&msg.port_id)?);
    check_end(&keeper, ctx, &msg.port_id, &msg.channel_id)?;
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        chan_close_confirm_validate(host, &routed, msg.clone())?;
        Ok::<_, Fault>(chan_close_confirm_execute(host, &mut routed, msg)?)
    })?;
    Ok(MsgChannelCloseConfirmResponse {})
}
