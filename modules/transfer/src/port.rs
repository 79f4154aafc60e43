//! The port `transfer` as IBC core sees it, and IBC core as the stack sees it: the seam between this crate's types and ibc-rs's.

use ibc::core::channel::types::channel::{Counterparty, Order};
use ibc::core::channel::types::packet::Packet as CorePacket;
use ibc::core::channel::types::timeout::{TimeoutHeight, TimeoutTimestamp};
use ibc::core::channel::types::Version;
use ibc::core::host::types::identifiers::{ChannelId, ConnectionId, PortId};
use ibc_proto::ibc::core::channel::v1::{Packet, State};
use ibc_proto::ibc::core::client::v1::Height;
use openledger_core::query::prefix_end;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_ibc::{Application, Ibc, Received};

use crate::channels::{Channels, Outgoing};
use crate::error::IbcError;
use crate::keeper::Transfer;
use crate::stack::{Answer, Layer};
use crate::PORT;

/// The application behind the port: channels open as [`Transfer`] says, packets go through the stack.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    /// Transfers.
    pub transfer: Transfer,
    /// The uppermost layer.
    pub stack: &'static dyn Layer,
}

impl Application for Port {
    fn port(&self) -> &'static str {
        PORT
    }

    fn on_chan_open_init(
        &self,
        _ctx: &mut Context,
        order: Order,
        _hops: &[ConnectionId],
        port: &PortId,
        channel: &ChannelId,
        _counterparty: &Counterparty,
        version: &Version,
    ) -> Result<Version> {
        let version = self.transfer.on_open_init(order as i32, port.as_str(), channel.as_str(), version.as_str())?;
        Ok(Version::new(version))
    }

    fn on_chan_open_try(
        &self,
        _ctx: &mut Context,
        order: Order,
        _hops: &[ConnectionId],
        port: &PortId,
        channel: &ChannelId,
        _counterparty: &Counterparty,
        _counterparty_version: &Version,
    ) -> Result<Version> {
        Ok(Version::new(self.transfer.on_open_try(order as i32, port.as_str(), channel.as_str())?))
    }

    fn on_chan_open_ack(
        &self,
        _ctx: &mut Context,
        _port: &PortId,
        _channel: &ChannelId,
        counterparty_version: &Version,
    ) -> Result<()> {
        self.transfer.on_open_ack(counterparty_version.as_str())
    }

    fn on_chan_open_confirm(&self, _ctx: &mut Context, _port: &PortId, _channel: &ChannelId) -> Result<()> {
        Ok(())
    }

    fn on_chan_close_init(&self, _ctx: &mut Context, _port: &PortId, _channel: &ChannelId) -> Result<()> {
        self.transfer.on_close_init()
    }

    fn on_chan_close_confirm(&self, _ctx: &mut Context, _port: &PortId, _channel: &ChannelId) -> Result<()> {
        Ok(())
    }

    fn on_recv_packet(&self, ctx: &mut Context, packet: &CorePacket, relayer: &Address) -> Received {
        match self.stack.on_recv(ctx, &raw(packet), relayer) {
            Answer::Now(ack) if ack.is_success() => Received::Success(ack.to_bytes()),
            Answer::Now(ack) => Received::Failure(ack.to_bytes()),
            Answer::Later => Received::Later,
        }
    }

    fn on_acknowledgement_packet(
        &self,
        ctx: &mut Context,
        packet: &CorePacket,
        acknowledgement: &[u8],
        relayer: &Address,
    ) -> Result<()> {
        self.stack.on_ack(ctx, &raw(packet), acknowledgement, relayer)
    }

    fn on_timeout_packet(&self, ctx: &mut Context, packet: &CorePacket, relayer: &Address) -> Result<()> {
        self.stack.on_timeout(ctx, &raw(packet), relayer)
    }
}

fn raw(packet: &CorePacket) -> Packet {
    packet.clone().into()
}

/// IBC core as the stack's ground. Its keeper needs to know no applications, since only packets are sent and answered through it.
#[derive(Debug, Clone, Copy)]
pub struct Core(pub Ibc);

impl Channels for Core {
    fn has_channel(&self, ctx: &Context, port: &str, channel: &str) -> Result<bool> {
        Ok(self.0.channel(ctx, port, channel)?.is_some())
    }

    fn channels(&self, ctx: &Context, port: &str) -> Result<Vec<String>> {
        let prefix = format!("channelEnds/ports/{port}/channels/").into_bytes();
        let kv = ctx.kv(openledger_ibc::state::STORE);
        let ends = kv.range(Some(&prefix), prefix_end(&prefix).as_deref(), cosmwasm_std::Order::Ascending);
        let name = |key: Vec<u8>| String::from_utf8(key.get(prefix.len()..).unwrap_or_default().to_vec());
        let not_text = |_| SdkError::Logic("ibc state: a channel's identifier is not text".into()).into();
        ends.map(|(key, _)| name(key).map_err(not_text)).collect()
    }

    fn send_packet(&self, ctx: &mut Context, packet: Outgoing) -> Result<u64> {
        if packet.timeout_height == Height::default() && packet.timeout_timestamp == 0 {
            let text = "packet timeout height and packet timeout timestamp cannot both be 0";
            return Err(IbcError::InvalidPacket(text.into()).into());
        }
        let port: PortId = packet.port.parse().map_err(|_| not_an_id(packet.port))?;
        let channel: ChannelId = packet.channel.parse().map_err(|_| not_an_id(packet.channel))?;
        let height = TimeoutHeight::try_from(packet.timeout_height)
            .map_err(|error| IbcError::InvalidRequest(format!("invalid packet timeout height: {error}")))?;
        let time = TimeoutTimestamp::from(packet.timeout_timestamp);
        self.0.send_packet(ctx, &port, &channel, height, time, packet.data)
    }

    fn write_acknowledgement(&self, ctx: &mut Context, packet: &Packet, acknowledgement: Vec<u8>) -> Result<bool> {
        let end = self.0.channel(ctx, &packet.destination_port, &packet.destination_channel)?;
        if end.is_some_and(|end| end.state == State::Closed as i32) {
            return Ok(false);
        }
        let packet = CorePacket::try_from(packet.clone())
            .map_err(|error| IbcError::InvalidRequest(format!("packet that is answered later: {error}")))?;
        self.0.write_acknowledgement(ctx, &packet, acknowledgement).map(|()| true)
    }

    fn is_in_flight(&self, ctx: &Context, port: &str, channel: &str, sequence: u64) -> Result<bool> {
        Ok(self.0.packet_commitment(ctx, port, channel, sequence).is_some())
    }
}

fn not_an_id(text: &str) -> IbcError {
    IbcError::InvalidId(format!("identifier {text}"))
}
