//! An application that does what a packet's data says, and writes down what it was asked.

use cosmwasm_std::Storage;
use ibc::core::channel::types::channel::{Counterparty, Order};
use ibc::core::channel::types::packet::Packet;
use ibc::core::channel::types::Version;
use ibc::core::host::types::identifiers::{ChannelId, ConnectionId, PortId};
use openledger_core::{Address, Context, Event, Result, SdkError};
use openledger_ibc::{Application, Ibc, Received};

pub const PORT: &str = "probe";
pub const VERSION: &str = "probe-1";
pub static APPLICATIONS: &[&dyn Application] = &[&Probe];

#[derive(Debug)]
pub struct Probe;

/// Whether a packet's commitment is there while the application hears of it.
fn is_pending(ctx: &Context, packet: &Packet) -> bool {
    let sequence = packet.seq_on_a.value();
    let (port, channel) = (packet.port_id_on_a.as_str(), packet.chan_id_on_a.as_str());
    Ibc::default().packet_commitment(ctx, port, channel, sequence).is_some()
}

/// What the application wrote down last.
pub fn noted(ctx: &Context) -> String {
    String::from_utf8(ctx.kv("bank").get(b"probe").unwrap_or_default()).unwrap()
}

fn note(ctx: &mut Context, text: &str) {
    ctx.kv_mut("bank").set(b"probe", text.as_bytes());
    ctx.emit(Event::new("probe").attr("did", text));
}

impl Application for Probe {
    fn port(&self) -> &'static str {
        PORT
    }

    fn on_chan_open_init(
        &self,
        ctx: &mut Context,
        _order: Order,
        _hops: &[ConnectionId],
        _port: &PortId,
        _channel: &ChannelId,
        _counterparty: &Counterparty,
        version: &Version,
    ) -> Result<Version> {
        note(ctx, "init");
        match version.as_str() {
            "" | VERSION => Ok(Version::new(VERSION.into())),
            other => Err(SdkError::InvalidRequest(format!("version {other}")).into()),
        }
    }

    fn on_chan_open_try(
        &self,
        ctx: &mut Context,
        _order: Order,
        _hops: &[ConnectionId],
        _port: &PortId,
        _channel: &ChannelId,
        _counterparty: &Counterparty,
        version: &Version,
    ) -> Result<Version> {
        note(ctx, "try");
        Ok(version.clone())
    }

    fn on_chan_open_ack(&self, ctx: &mut Context, _: &PortId, _: &ChannelId, version: &Version) -> Result<()> {
        note(ctx, &format!("ack {version}"));
        Ok(())
    }

    fn on_chan_open_confirm(&self, ctx: &mut Context, _: &PortId, _: &ChannelId) -> Result<()> {
        note(ctx, "confirm");
        Ok(())
    }

    fn on_chan_close_init(&self, ctx: &mut Context, _: &PortId, _: &ChannelId) -> Result<()> {
        note(ctx, "close");
        Ok(())
    }

    fn on_chan_close_confirm(&self, ctx: &mut Context, _: &PortId, _: &ChannelId) -> Result<()> {
        note(ctx, "closed");
        Ok(())
    }

    fn on_recv_packet(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Received {
        assert_eq!(relayer.as_bytes(), [9; 20]);
        note(ctx, &format!("received {}", String::from_utf8_lossy(&packet.data)));
        match packet.data.as_slice() {
            b"fail" => Received::Failure(b"{\"error\":\"as asked\"}".to_vec()),
            b"later" => Received::Later,
            b"nothing" => Received::Success(Vec::new()),
            _ => Received::Success(b"{\"result\":\"AQ==\"}".to_vec()),
        }
    }

    fn on_acknowledgement_packet(&self, ctx: &mut Context, packet: &Packet, ack: &[u8], _: &Address) -> Result<()> {
        if packet.data == b"refuse ack" {
            return Err(SdkError::InsufficientFunds("as asked".into()).into());
        }
        if packet.data == b"look" {
            let pending = is_pending(ctx, packet);
            note(ctx, &format!("acknowledged, pending: {pending}"));
            return Ok(());
        }
        note(ctx, &format!("acknowledged {}", String::from_utf8_lossy(ack)));
        Ok(())
    }

    fn on_timeout_packet(&self, ctx: &mut Context, packet: &Packet, _: &Address) -> Result<()> {
        if packet.data == b"look" {
            let pending = is_pending(ctx, packet);
            note(ctx, &format!("timed out, pending: {pending}"));
            return Ok(());
        }
        note(ctx, &format!("timed out {}", packet.seq_on_a));
        Ok(())
    }
}
