//! `MsgTimeoutOnClose`: the other side closed the channel before it received a packet of ours, which is proven.

use ibc::core::channel::types::msgs::MsgTimeoutOnClose as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgTimeoutOnClose, MsgTimeoutOnCloseResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, result_of, signer};
use crate::keeper::Ibc;
use crate::packet;

pub(super) fn validate(msg: &MsgTimeoutOnClose) -> Result<()> {
    basics::next_sequence_receive(msg.next_sequence_recv)?;
    basics::proof(&msg.proof_unreceived, "unreceived")?;
    basics::proof(&msg.proof_close, "closed counterparty channel end")?;
    basics::packet(msg.packet.as_ref())?;
    known(msg).map(|_| ())
}

/// The message as ibc-rs knows it, which refuses the number of upgrades that the far end began; that is proven in `packet.rs`.
fn known(msg: &MsgTimeoutOnClose) -> Result<Domain> {
    domain(&MsgTimeoutOnClose { counterparty_upgrade_sequence: 0, ..msg.clone() })
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgTimeoutOnClose) -> Result<MsgTimeoutOnCloseResponse> {
    let (relayer, upgrades) = (signer(&msg.signer)?, msg.counterparty_upgrade_sequence);
    let result = result_of(packet::timeout_on_close(keeper, ctx, known(msg)?, upgrades, relayer)?);
    Ok(MsgTimeoutOnCloseResponse { result })
}
