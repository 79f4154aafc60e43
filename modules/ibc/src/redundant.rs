//! Transactions of relayers that lost a race are refused before they enter a block and cost their fee.
//!
//! Source: ibc-go v8 `modules/core/ante/ante.go` (RedundantRelayDecorator). It stands in CheckTx alone: in a block such messages do
//! nothing and say `NOOP`.
//!
//! Other than ibc-go's it executes nothing: it reads the state of the last block and looks for receipts, next sequences and commitments.
//! So of two relayers who are in the mempool for the same block both are let in; the second becomes a `NOOP` there and pays its fee. And
//! updates and proofs that are wrong are found when the block is executed, not before; who brings them pays for them.

use ibc_proto::ibc::core::channel::v1::{
    MsgAcknowledgement, MsgRecvPacket, MsgTimeout, MsgTimeoutOnClose, Order, Packet,
};
use ibc_proto::ibc::core::client::v1::MsgUpdateClient;
use openledger_core::{Context, Result};
use openledger_proto::{Any, Message, Name};

use crate::error::Kind;
use crate::keeper::Ibc;
use crate::state::{self, STORE};

/// What a message is to the check.
enum Part {
    /// A packet that somebody else relayed before.
    Redundant,
    /// It only prepares what comes with it.
    Update,
    /// Worth a transaction.
    Other,
}

impl Ibc {
    /// Refuses messages that are all packets which were relayed before, and updates of clients for them.
    pub fn check_not_redundant<'m>(&self, ctx: &Context, messages: impl IntoIterator<Item = &'m Any>) -> Result<()> {
        let mut redundant = false;
        for message in messages {
            match self.part(ctx, message)? {
                Part::Redundant => redundant = true,
                Part::Update => {}
                Part::Other => return Ok(()),
            }
        }
        if redundant {
            return Err(Kind::RedundantTx.with("each packet was relayed before").into());
        }
        Ok(())
    }

    fn part(&self, ctx: &Context, message: &Any) -> Result<Part> {
        let (url, value) = (message.type_url.as_str(), message.value.as_slice());
        if !url.starts_with("/ibc.core.") {
            return Ok(Part::Other);
        }
        let done = if url == MsgUpdateClient::type_url() {
            return Ok(Part::Update);
        } else if url == MsgRecvPacket::type_url() {
            match MsgRecvPacket::decode(value).ok().and_then(|msg| msg.packet) {
                Some(packet) => self.was_received(ctx, &packet)?,
                None => false,
            }
        } else if url == MsgAcknowledgement::type_url() {
            is_settled(ctx, MsgAcknowledgement::decode(value).ok().and_then(|msg| msg.packet))
        } else if url == MsgTimeout::type_url() {
            is_settled(ctx, MsgTimeout::decode(value).ok().and_then(|msg| msg.packet))
        } else if url == MsgTimeoutOnClose::type_url() {
            is_settled(ctx, MsgTimeoutOnClose::decode(value).ok().and_then(|msg| msg.packet))
        } else {
            false
        };
        Ok(if done { Part::Redundant } else { Part::Other })
    }

    /// Whether a packet of the other side was received before.
    pub(crate) fn was_received(&self, ctx: &Context, packet: &Packet) -> Result<bool> {
        let (port, channel) = (packet.destination_port.as_str(), packet.destination_channel.as_str());
        let end = self.channel(ctx, port, channel)?;
        let kv = ctx.kv(STORE);
        if end.is_some_and(|end| end.ordering == Order::Ordered as i32) {
            let next = state::number(&*kv, &state::next_recv_key(port, channel))?.unwrap_or_default();
            return Ok(packet.sequence < next);
        }
        Ok(kv.get(&state::receipt_key(port, channel, packet.sequence)).is_some())
    }
}

/// Whether a packet of ours was acknowledged or timed out before, or never sent.
fn is_settled(ctx: &Context, packet: Option<Packet>) -> bool {
    packet.is_some_and(|packet| {
        let key = state::commitment_key(&packet.source_port, &packet.source_channel, packet.sequence);
        ctx.kv(STORE).get(&key).is_none()
    })
}
