//! An [`Application`] as ibc-rs's handlers call one. Each callback runs once, when the handler executes; that it may be refused needs
//! no rehearsal, since what a failed message changed is taken back.

use std::fmt;

use ibc::core::channel::types::acknowledgement::Acknowledgement;
use ibc::core::channel::types::channel::{Counterparty, Order};
use ibc::core::channel::types::error::ChannelError;
use ibc::core::channel::types::packet::Packet;
use ibc::core::channel::types::Version;
use ibc::core::host::types::identifiers::{ChannelId, ConnectionId, PortId};
use ibc::core::router::module::Module;
use ibc::core::router::types::module::ModuleExtras;
use ibc::primitives::Signer;
use openledger_core::{Address, Context, Error, Event, Result};

use crate::application::{Application, Received};
use crate::error::Kind;
use crate::host::Host;
use crate::state::{self, STORE};

/// What leads kinds and keys of the events of a callback that was taken back (ibc-go `modules/core/types/events.go`).
const TAKEN_BACK: &str = "ibccallbackerror-";

/// An application, with the state that its callbacks work on.
pub(crate) struct Routed<'r, 'c> {
    host: Host<'r, 'c>,
    application: &'static dyn Application,
    relayer: Address,
    /// An acknowledgement that cannot be written.
    refused: Option<Error>,
}

impl<'r, 'c> Routed<'r, 'c> {
    pub(crate) fn new(host: &Host<'r, 'c>, application: &'static dyn Application, relayer: Address) -> Self {
        Self { host: host.clone(), application, relayer, refused: None }
    }

    /// Fails where an acknowledgement could not be written.
    pub(crate) fn settle(self) -> Result<(), ChannelError> {
        match self.refused {
            None => Ok(()),
            Some(error) => Err(ChannelError::Host(self.host.lost(error))),
        }
    }

    fn call<T>(&self, callback: impl FnOnce(&mut Context<'c>) -> Result<T>) -> Result<T, ChannelError> {
        self.host.attempt(callback).map_err(ChannelError::Host)
    }

    /// The same, for callbacks whose events come after the core's.
    fn call_held(&self, callback: impl FnOnce(&mut Context<'c>) -> Result<()>) -> Result<(), ChannelError> {
        let events = self.call(|ctx| {
            let mark = ctx.event_count();
            callback(ctx)?;
            Ok(events_since(ctx, mark))
        })?;
        self.host.hold(events);
        Ok(())
    }
}

fn events_since(ctx: &mut Context, mark: usize) -> Vec<Event> {
    let mut all = ctx.take_events();
    let own = all.split_off(mark.min(all.len()));
    all.into_iter().for_each(|event| ctx.emit(event));
    own
}

/// Removes a packet's commitment before the application hears of its end, as ibc-go does; ibc-rs removes it after.
fn forget(ctx: &mut Context, packet: &Packet) {
    let (port, channel) = (packet.port_id_on_a.as_str(), packet.chan_id_on_a.as_str());
    let key = state::commitment_key(port, channel, packet.seq_on_a.value());
    state::remove(&mut ctx.kv_mut(STORE), &key);
}

fn taken_back(event: Event) -> Event {
    let led = |text: String| format!("{TAKEN_BACK}{text}");
    let attributes = event.attributes.into_iter().map(|(key, value)| (led(key), value)).collect();
    Event { kind: led(event.kind), attributes }
}

impl fmt::Debug for Routed<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Routed").field(&self.application).finish()
    }
}

impl<'r, 'c> Module for Routed<'r, 'c> {
    fn on_chan_open_init_validate(
        &self,
        _order: Order,
        _hops: &[ConnectionId],
        _port: &PortId,
        _channel: &ChannelId,
        _counterparty: &Counterparty,
        version: &Version,
    ) -> Result<Version, ChannelError> {
        Ok(version.clone())
    }

    fn on_chan_open_init_execute(
        &mut self,
        order: Order,
        hops: &[ConnectionId],
        port: &PortId,
        channel: &ChannelId,
        counterparty: &Counterparty,
        version: &Version,
    ) -> Result<(ModuleExtras, Version), ChannelError> {
        let application = self.application;
        let version =
            self.call(|ctx| application.on_chan_open_init(ctx, order, hops, port, channel, counterparty, version))?;
        self.host.set_version(version.clone());
        Ok((ModuleExtras::empty(), version))
    }

    fn on_chan_open_try_validate(
        &self,
        _order: Order,
        _hops: &[ConnectionId],
        _port: &PortId,
        _channel: &ChannelId,
        _counterparty: &Counterparty,
        version: &Version,
    ) -> Result<Version, ChannelError> {
        Ok(version.clone())
    }

    fn on_chan_open_try_execute(
        &mut self,
        order: Order,
        hops: &[ConnectionId],
        port: &PortId,
        channel: &ChannelId,
        counterparty: &Counterparty,
        version: &Version,
    ) -> Result<(ModuleExtras, Version), ChannelError> {
        let application = self.application;
        let version =
            self.call(|ctx| application.on_chan_open_try(ctx, order, hops, port, channel, counterparty, version))?;
        Ok((ModuleExtras::empty(), version))
    }

    fn on_chan_open_ack_execute(
        &mut self,
        port: &PortId,
        channel: &ChannelId,
        version: &Version,
    ) -> Result<ModuleExtras, ChannelError> {
        let application = self.application;
        self.call_held(|ctx| application.on_chan_open_ack(ctx, port, channel, version))?;
        Ok(ModuleExtras::empty())
    }

    fn on_chan_open_confirm_execute(
        &mut self,
        port: &PortId,
        channel: &ChannelId,
    ) -> Result<ModuleExtras, ChannelError> {
        let application = self.application;
        self.call_held(|ctx| application.on_chan_open_confirm(ctx, port, channel))?;
        Ok(ModuleExtras::empty())
    }

    fn on_chan_close_init_execute(&mut self, port: &PortId, channel: &ChannelId) -> Result<ModuleExtras, ChannelError> {
        let application = self.application;
        self.call(|ctx| application.on_chan_close_init(ctx, port, channel))?;
        Ok(ModuleExtras::empty())
    }

    fn on_chan_close_confirm_execute(
        &mut self,
        port: &PortId,
        channel: &ChannelId,
    ) -> Result<ModuleExtras, ChannelError> {
        let application = self.application;
        self.call(|ctx| application.on_chan_close_confirm(ctx, port, channel))?;
        Ok(ModuleExtras::empty())
    }

    fn on_recv_packet_execute(
        &mut self,
        packet: &Packet,
        _relayer: &Signer,
    ) -> (ModuleExtras, Option<Acknowledgement>) {
        let (application, relayer) = (self.application, &self.relayer);
        let (events, answer) = self.host.with(|ctx| {
            let (point, mark) = (ctx.checkpoint(), ctx.event_count());
            let received = application.on_recv_packet(ctx, packet, relayer);
            let events = events_since(ctx, mark);
            match received {
                Received::Success(bytes) => (events, Some(bytes)),
                Received::Later => (events, None),
                Received::Failure(bytes) => {
                    ctx.revert(point);
                    (events.into_iter().map(taken_back).collect(), Some(bytes))
                }
            }
        });
        self.host.hold(events);
        let written = answer.map(|bytes| {
            let empty = |_| Kind::InvalidAcknowledgement.with("acknowledgement cannot be empty");
            Acknowledgement::try_from(bytes).map_err(empty)
        });
        let acknowledgement = match written.transpose() {
            Ok(acknowledgement) => acknowledgement,
            Err(error) => {
                self.refused = Some(error.into());
                None
            }
        };
        (ModuleExtras::empty(), acknowledgement)
    }

    fn on_acknowledgement_packet_validate(
        &self,
        _packet: &Packet,
        _acknowledgement: &Acknowledgement,
        _relayer: &Signer,
    ) -> Result<(), ChannelError> {
        Ok(())
    }

    fn on_acknowledgement_packet_execute(
        &mut self,
        packet: &Packet,
        acknowledgement: &Acknowledgement,
        _relayer: &Signer,
    ) -> (ModuleExtras, Result<(), ChannelError>) {
        let (application, relayer) = (self.application, &self.relayer);
        let result = self.call_held(|ctx| {
            forget(ctx, packet);
            application.on_acknowledgement_packet(ctx, packet, acknowledgement.as_bytes(), relayer)
        });
        (ModuleExtras::empty(), result)
    }

    fn on_timeout_packet_validate(&self, _packet: &Packet, _relayer: &Signer) -> Result<(), ChannelError> {
        Ok(())
    }

    fn on_timeout_packet_execute(
        &mut self,
        packet: &Packet,
        _relayer: &Signer,
    ) -> (ModuleExtras, Result<(), ChannelError>) {
        let (application, relayer) = (self.application, &self.relayer);
        let result = self.call_held(|ctx| {
            forget(ctx, packet);
            application.on_timeout_packet(ctx, packet, relayer)
        });
        (ModuleExtras::empty(), result)
    }
}
