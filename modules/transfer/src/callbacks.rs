//! What IBC core tells the application of a port (ICS-26): channels that open, packets that arrive, are answered or time out.
//!
//! Semantics and events: ibc-go v8 `modules/apps/transfer/ibc_module.go`. What a refused packet changed is taken back by IBC core.

use ibc_proto::ibc::core::channel::v1::{Order, Packet};
use openledger_core::{Context, Error, Result};

use crate::ack::Ack;
use crate::denom::channel_number;
use crate::error::{IbcError, TransferError};
use crate::events;
use crate::keeper::Transfer;
use crate::packet::PacketData;
use crate::PORT;

/// The version of every transfer channel.
pub const VERSION: &str = "ics20-1";

/// Channels open.
impl Transfer {
    /// Refuses a channel that transfers cannot use: ordered, of another port, of too great a number.
    pub fn check_channel(&self, order: i32, port: &str, channel: &str) -> Result<()> {
        let number = channel_number(channel)
            .ok_or_else(|| IbcError::InvalidId("channel identifier is not in the format: `channel-{N}`".into()))?;
        if number > u64::from(u32::MAX) {
            let most = u32::MAX;
            let text = format!("channel sequence {number} is greater than max allowed transfer channels {most}");
            return Err(TransferError::MaxChannels(text).into());
        }
        if order != i32::from(Order::Unordered) {
            let got = Order::try_from(order).map_or_else(|_| order.to_string(), |order| order.as_str_name().into());
            return Err(IbcError::ChannelOrdering(format!("expected ORDER_UNORDERED channel, got {got} ")).into());
        }
        if port != PORT {
            return Err(IbcError::InvalidPort(format!("invalid port: {port}, expected {PORT}")).into());
        }
        Ok(())
    }

    /// This chain opens a channel; its version.
    pub fn on_open_init(&self, order: i32, port: &str, channel: &str, version: &str) -> Result<String> {
        self.check_channel(order, port, channel)?;
        if !version.trim().is_empty() {
            check_version("", version)?;
        }
        Ok(VERSION.into())
    }

    /// The other chain opens a channel; the version that is proposed to it.
    pub fn on_open_try(&self, order: i32, port: &str, channel: &str) -> Result<String> {
        self.check_channel(order, port, channel)?;
        Ok(VERSION.into())
    }

    /// The other chain agreed to a channel.
    pub fn on_open_ack(&self, version: &str) -> Result<()> {
        check_version("invalid counterparty version: ", version)
    }

    /// Somebody wants to close a channel: nobody may.
    pub fn on_close_init(&self) -> Result<()> {
        Err(IbcError::InvalidRequest("user cannot close channel".into()).into())
    }
}

fn check_version(what: &str, version: &str) -> Result<()> {
    if version == VERSION {
        return Ok(());
    }
    Err(TransferError::InvalidVersion(format!("{what}expected {VERSION}, got {version}")).into())
}

/// Packets.
impl Transfer {
    /// A packet arrived; its answer.
    pub(crate) fn received(&self, ctx: &mut Context, packet: &Packet) -> Ack {
        let data = match PacketData::read(&packet.data) {
            Ok(data) => data,
            Err(_) => {
                let error = IbcError::InvalidType("cannot unmarshal ICS-20 transfer packet data".into()).into();
                return refuse(ctx, &PacketData::default(), &error);
            }
        };
        match self.receive(ctx, packet, &data) {
            Ok(()) => {
                ctx.emit(events::received(&data, None));
                Ack::success()
            }
            Err(error) => refuse(ctx, &data, &error),
        }
    }

    /// A packet of ours was answered.
    pub(crate) fn acknowledged(&self, ctx: &mut Context, packet: &Packet, acknowledgement: &[u8]) -> Result<()> {
        let ack = Ack::read(acknowledgement)?;
        let data = sent(packet)?;
        self.settle(ctx, packet, &data, &ack)?;
        events::acknowledged(&data, &ack).into_iter().flatten().for_each(|event| ctx.emit(event));
        Ok(())
    }

    /// A packet of ours was never received.
    pub(crate) fn timed_out(&self, ctx: &mut Context, packet: &Packet) -> Result<()> {
        let data = sent(packet)?;
        self.refund(ctx, packet, &data)?;
        ctx.emit(events::timed_out(&data));
        Ok(())
    }
}

fn refuse(ctx: &mut Context, data: &PacketData, error: &Error) -> Ack {
    ctx.emit(events::received(data, Some(error)));
    Ack::failure(error)
}

/// The data of a packet that this chain sent.
fn sent(packet: &Packet) -> Result<PacketData> {
    PacketData::read(&packet.data)
        .map_err(|why| IbcError::UnknownRequest(format!("cannot unmarshal ICS-20 transfer packet data: {why}")).into())
}
