//! What stands behind a port: the callbacks of ICS-26, with a context instead of a store of the application's own.
//!
//! An application is a static object; `app/src/runtime.rs` lists those that there are. What a callback returns as an error fails the
//! message, with the application's own codespace and code, and takes back what was changed; [`Application::on_recv_packet`] alone
//! does not fail: what went wrong is said in an acknowledgement, and what the callback changed is taken back by this module.
//!
//! **A callback never executes messages of IBC**, neither itself nor by what it calls. A packet's commitment is gone before its
//! acknowledgement or timeout is told, as in ibc-go; but its receipt (or next sequence) and a channel's new state are written after the
//! callback, other than there, so that the same message executed within would be carried out twice. Sending packets and writing
//! acknowledgements that come later is what [`crate::Ibc`] is there for.

use std::fmt::Debug;

use ibc::core::channel::types::channel::{Counterparty, Order};
use ibc::core::channel::types::packet::Packet;
use ibc::core::channel::types::Version;
use ibc::core::host::types::identifiers::{ChannelId, ConnectionId, PortId};
use openledger_core::{Address, Context, Result};

/// What an application makes of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It was carried out: the acknowledgement.
    Success(Vec<u8>),
    /// It was not: the acknowledgement that says so. What the callback changed is taken back, its events are kept as ibc-go keeps
    /// them: each attribute's key led by `ibccallbackerror-`.
    Failure(Vec<u8>),
    /// The acknowledgement comes later, by [`crate::Ibc::write_acknowledgement`]; what the callback changed stays.
    Later,
}

/// An application of IBC.
#[allow(clippy::too_many_arguments, reason = "the callbacks are those of ICS-26")]
pub trait Application: Debug + Send + Sync {
    /// The port that it owns, e.g. `transfer`.
    fn port(&self) -> &'static str;

    /// A channel is opened from here; the version that it shall have. Refuses orders, ports and versions that it does not speak.
    fn on_chan_open_init(
        &self,
        ctx: &mut Context,
        order: Order,
        hops: &[ConnectionId],
        port: &PortId,
        channel: &ChannelId,
        counterparty: &Counterparty,
        version: &Version,
    ) -> Result<Version>;

    /// A channel is opened from there, with that version; the version that it shall have.
    fn on_chan_open_try(
        &self,
        ctx: &mut Context,
        order: Order,
        hops: &[ConnectionId],
        port: &PortId,
        channel: &ChannelId,
        counterparty: &Counterparty,
        counterparty_version: &Version,
    ) -> Result<Version>;

    /// The other side took part in the opening, with this version. The channel is open with the callback's end.
    fn on_chan_open_ack(
        &self,
        ctx: &mut Context,
        port: &PortId,
        channel: &ChannelId,
        counterparty_version: &Version,
    ) -> Result<()>;

    /// The other side has opened the channel. It is open here with the callback's end.
    fn on_chan_open_confirm(&self, ctx: &mut Context, port: &PortId, channel: &ChannelId) -> Result<()>;

    /// Somebody wants the channel closed.
    fn on_chan_close_init(&self, ctx: &mut Context, port: &PortId, channel: &ChannelId) -> Result<()>;

    /// The other side has closed the channel.
    fn on_chan_close_confirm(&self, ctx: &mut Context, port: &PortId, channel: &ChannelId) -> Result<()>;

    /// A packet that the other side sent.
    fn on_recv_packet(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Received;

    /// What the other side made of a packet of ours.
    fn on_acknowledgement_packet(
        &self,
        ctx: &mut Context,
        packet: &Packet,
        acknowledgement: &[u8],
        relayer: &Address,
    ) -> Result<()>;

    /// The other side did not receive a packet of ours in time, and never will.
    fn on_timeout_packet(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Result<()>;
}
