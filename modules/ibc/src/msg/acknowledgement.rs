//! `MsgAcknowledgement`: what the other side made of a packet of ours, which is proven.

use ibc::core::channel::types::msgs::MsgAcknowledgement as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgAcknowledgement, MsgAcknowledgementResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, result_of, signer};
use crate::error::Kind;
use crate::keeper::Ibc;
use crate::packet;

pub(super) fn validate(msg: &MsgAcknowledgement) -> Result<()> {
    basics::proof(&msg.proof_acked, "acknowledgement")?;
    if msg.acknowledgement.is_empty() {
        return Err(Kind::InvalidAcknowledgement.with("ack bytes cannot be empty").into());
    }
    basics::packet(msg.packet.as_ref())?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgAcknowledgement) -> Result<MsgAcknowledgementResponse> {
    let (relayer, msg) = (signer(&msg.signer)?, domain::<_, Domain>(msg)?);
    let result = result_of(packet::acknowledge(keeper, ctx, msg, relayer)?);
    Ok(MsgAcknowledgementResponse { result })
}
