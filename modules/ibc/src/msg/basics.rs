//! What ibc-go's `ValidateBasic` looks at before a message's parts are read, each with its code.

use std::str::FromStr;

use ibc::core::host::types::error::IdentifierError;
use ibc::core::host::types::identifiers::{ChannelId, PortId};
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_core::Result;

use crate::error::Kind;

/// Refuses a message without a proof.
pub(super) fn proof(bytes: &[u8], of: &str) -> Result<()> {
    if bytes.is_empty() {
        return Err(Kind::InvalidProof.with(format!("cannot submit an empty {of} proof")).into());
    }
    Ok(())
}

/// Refuses 0 as the next sequence that the other side receives.
pub(super) fn next_sequence_receive(next: u64) -> Result<()> {
    if next == 0 {
        return Err(Kind::InvalidSequence.with("next sequence receive cannot be 0").into());
    }
    Ok(())
}

/// Refuses a packet that nobody can have sent.
pub(super) fn packet(packet: Option<&Packet>) -> Result<()> {
    let empty = Packet::default();
    let packet = packet.unwrap_or(&empty);
    let wrong = |what: &str, error: IdentifierError| Kind::InvalidId.with(format!("invalid {what} ID: {error}"));
    PortId::from_str(&packet.source_port).map_err(|error| wrong("source port", error))?;
    PortId::from_str(&packet.destination_port).map_err(|error| wrong("destination port", error))?;
    ChannelId::from_str(&packet.source_channel).map_err(|error| wrong("source channel", error))?;
    ChannelId::from_str(&packet.destination_channel).map_err(|error| wrong("destination channel", error))?;
    let refuse = |text| Err(Kind::InvalidPacket.with(text).into());
    if packet.sequence == 0 {
        return refuse("packet sequence cannot be 0");
    }
    if packet.timeout_height.unwrap_or_default() == Default::default() && packet.timeout_timestamp == 0 {
        return refuse("packet timeout height and packet timeout timestamp cannot both be 0");
    }
    if packet.data.is_empty() {
        return refuse("packet data bytes cannot be empty");
    }
    Ok(())
}
