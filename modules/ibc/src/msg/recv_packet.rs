//! `MsgRecvPacket`: a packet that the other side sent, which is proven.

use ibc::core::channel::types::msgs::MsgRecvPacket as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgRecvPacket, MsgRecvPacketResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, result_of, signer};
use crate::keeper::Ibc;
use crate::packet;

pub(super) fn validate(msg: &MsgRecvPacket) -> Result<()> {
    basics::proof(&msg.proof_commitment, "commitment")?;
    basics::packet(msg.packet.as_ref())?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgRecvPacket) -> Result<MsgRecvPacketResponse> {
    let (relayer, msg) = (signer(&msg.signer)?, domain::<_, Domain>(msg)?);
    let result = result_of(packet::receive(keeper, ctx, msg, relayer)?);
    Ok(MsgRecvPacketResponse { result })
}
