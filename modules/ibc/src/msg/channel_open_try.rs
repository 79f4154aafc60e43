//! `MsgChannelOpenTry`: a channel is opened from there, which is proven.

use ibc::core::channel::handler::{chan_open_try_execute, chan_open_try_validate};
use ibc::core::channel::types::msgs::MsgChannelOpenTry as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgChannelOpenTry, MsgChannelOpenTryResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, signer};
use crate::adapter::Routed;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;

pub(super) fn validate(msg: &MsgChannelOpenTry) -> Result<()> {
    basics::proof(&msg.proof_init, "init")?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgChannelOpenTry) -> Result<MsgChannelOpenTryResponse> {
    let (relayer, application) = (signer(&msg.signer)?, keeper.application(&msg.port_id)?);
    let port = msg.port_id.clone();
    let channel_id = keeper.next_channel(ctx)?;
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        chan_open_try_validate(host, &routed, msg.clone())?;
        Ok::<_, Fault>(chan_open_try_execute(host, &mut routed, msg)?)
    })?;
    let version = keeper.channel(ctx, &port, &channel_id)?.map(|end| end.version).unwrap_or_default();
    Ok(MsgChannelOpenTryResponse { channel_id, version })
}
