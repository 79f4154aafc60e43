//! `MsgTimeout`: the other side was too late for a packet of ours, and has not received it, which is proven.

use ibc::core::channel::types::msgs::MsgTimeout as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgTimeout, MsgTimeoutResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, result_of, signer};
use crate::keeper::Ibc;
use crate::packet;

pub(super) fn validate(msg: &MsgTimeout) -> Result<()> {
    basics::proof(&msg.proof_unreceived, "unreceived")?;
    basics::next_sequence_receive(msg.next_sequence_recv)?;
    basics::packet(msg.packet.as_ref())?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgTimeout) -> Result<MsgTimeoutResponse> {
    let (relayer, msg) = (signer(&msg.signer)?, domain::<_, Domain>(msg)?);
    let result = result_of(packet::timeout(keeper, ctx, msg, relayer)?);
    Ok(MsgTimeoutResponse { result })
}
