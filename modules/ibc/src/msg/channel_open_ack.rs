//! `MsgChannelOpenAck`: the other side took part in the opening, which is proven: open here.

use ibc::core::channel::handler::{chan_open_ack_execute, chan_open_ack_validate};
use ibc::core::channel::types::msgs::MsgChannelOpenAck as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgChannelOpenAck, MsgChannelOpenAckResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, signer};
use crate::adapter::Routed;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::packet::check_end;

pub(super) fn validate(msg: &MsgChannelOpenAck) -> Result<()> {
    basics::proof(&msg.proof_try, "try")?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgChannelOpenAck) -> Result<MsgChannelOpenAckResponse> {
    let (relayer, application) = (signer(&msg.signer)?, keeper.application(&msg.port_id)?);
    check_end(&keeper, ctx, &msg.port_id, &msg.channel_id)?;
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        chan_open_ack_validate(host, &routed, msg.clone())?;
        Ok::<_, Fault>(chan_open_ack_execute(host, &mut routed, msg)?)
    })?;
    Ok(MsgChannelOpenAckResponse {})
}
