//! `MsgChannelCloseInit`: a channel is closed from here, where its application lets it.

use ibc::core::channel::handler::{chan_close_init_execute, chan_close_init_validate};
use ibc::core::channel::types::msgs::MsgChannelCloseInit as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgChannelCloseInit, MsgChannelCloseInitResponse};
use openledger_core::{Context, Result};

use super::{domain, signer};
use crate::adapter::Routed;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::packet::check_end;

pub(super) fn validate(msg: &MsgChannelCloseInit) -> Result<()> {
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgChannelCloseInit) -> Result<MsgChannelCloseInitResponse> {
    let (relayer, application) = (signer(&msg.signer)?, keeper.application(&msg.port_id)?);
    check_end(&keeper, ctx, &msg.port_id, &msg.channel_id)?;
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        chan_close_init_validate(host, &routed, msg.clone())?;
        Ok::<_, Fault>(chan_close_init_execute(host, &mut routed, msg)?)
    })?;
    Ok(MsgChannelCloseInitResponse {})
}
