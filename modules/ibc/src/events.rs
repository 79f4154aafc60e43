//! Events as ibc-go v8 emits them, which relayers look for: kinds, keys, their order, and a `message` after each.
//!
//! Sources: ibc-go `modules/core/{02-client,03-connection,04-channel}/keeper/events.go`. ibc-rs's own encoding refuses data that is
//! not text; here it is shown as Go's JSON shows such text, the bytes being in `packet_data_hex` and `packet_ack_hex`.

use ibc::core::channel::types::channel::Order;
use ibc::core::channel::types::timeout::{TimeoutHeight, TimeoutTimestamp};
use ibc::core::handler::types::events::IbcEvent;
use ibc::core::host::types::identifiers::{ChannelId, ConnectionId, PortId, Sequence};
use openledger_core::Event;

const CLIENT: &str = "ibc_client";
const CONNECTION: &str = "ibc_connection";
const CHANNEL: &str = "ibc_channel";

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn with_message(event: Event, module: &str) -> Option<Vec<Event>> {
    Some(vec![event, Event::new("message").attr("module", module)])
}

/// What ibc-go emits where ibc-rs emits this; nothing for its `message`, which comes before. `find` is a channel's order and connection,
/// of which ibc-rs does not tell in all events.
pub(crate) fn of(
    event: IbcEvent,
    find: impl FnOnce(&PortId, &ChannelId) -> Option<(Order, ConnectionId)>,
) -> Option<Vec<Event>> {
    let event = &event;
    client(event).or_else(|| connection(event)).or_else(|| channel(event)).or_else(|| packet(event, find))
}

fn client(event: &IbcEvent) -> Option<Vec<Event>> {
    let event = match event {
        IbcEvent::CreateClient(e) => Event::new("create_client")
            .attr("client_id", e.client_id())
            .attr("client_type", e.client_type())
            .attr("consensus_height", e.consensus_height()),
        IbcEvent::UpdateClient(e) => {
            let heights: Vec<String> = e.consensus_heights().iter().map(ToString::to_string).collect();
            Event::new("update_client")
                .attr("client_id", e.client_id())
                .attr("client_type", e.client_type())
                .attr("consensus_height", e.consensus_height())
                .attr("consensus_heights", heights.join(","))
                .attr("header", hex(e.header()))
        }
        IbcEvent::UpgradeClient(e) => Event::new("upgrade_client")
            .attr("client_id", e.client_id())
            .attr("client_type", e.client_type())
            .attr("consensus_height", e.consensus_height()),
        IbcEvent::ClientMisbehaviour(e) => {
            Event::new("client_misbehaviour").attr("client_id", e.client_id()).attr("client_type", e.client_type())
        }
        _ => return None,
    };
    with_message(event, CLIENT)
}

/// A client was recovered.
pub(crate) fn recover_client(client: &str, kind: &str) -> [Event; 2] {
    [
        Event::new("recover_client").attr("subject_client_id", client).attr("client_type", kind),
        Event::new("message").attr("module", CLIENT),
    ]
}

/// An upgrade that others follow was scheduled.
pub(crate) fn schedule_upgrade(title: &str, height: i64) -> [Event; 2] {
    [
        Event::new("schedule_ibc_software_upgrade").attr("title", title).attr("upgrade_plan_height", height),
        Event::new("message").attr("module", CLIENT),
    ]
}

/// What the chain will be after its upgrade stands in the store `upgrade`.
pub(crate) fn upgrade_chain(height: i64) -> [Event; 2] {
    [
        Event::new("upgrade_chain").attr("upgrade_plan_height", height).attr("upgrade_store", "upgrade"),
        Event::new("message").attr("module", CLIENT),
    ]
}

fn connection(event: &IbcEvent) -> Option<Vec<Event>> {
    fn far(event: Event, id: Option<&ConnectionId>) -> Event {
        event.attr("counterparty_connection_id", id.map(ToString::to_string).unwrap_or_default())
    }
    let event = match event {
        IbcEvent::OpenInitConnection(e) => Event::new("connection_open_init")
            .attr("connection_id", e.conn_id_on_a())
            .attr("client_id", e.client_id_on_a())
            .attr("counterparty_client_id", e.client_id_on_b()),
        IbcEvent::OpenTryConnection(e) => far(
            Event::new("connection_open_try")
                .attr("connection_id", e.conn_id_on_b())
                .attr("client_id", e.client_id_on_b())
                .attr("counterparty_client_id", e.client_id_on_a()),
            e.conn_id_on_a(),
        ),
        IbcEvent::OpenAckConnection(e) => far(
            Event::new("connection_open_ack")
                .attr("connection_id", e.conn_id_on_a())
                .attr("client_id", e.client_id_on_a())
                .attr("counterparty_client_id", e.client_id_on_b()),
            e.conn_id_on_b(),
        ),
        IbcEvent::OpenConfirmConnection(e) => far(
            Event::new("connection_open_confirm")
                .attr("connection_id", e.conn_id_on_b())
                .attr("client_id", e.client_id_on_b())
                .attr("counterparty_client_id", e.client_id_on_a()),
            e.conn_id_on_a(),
        ),
        _ => return None,
    };
    with_message(event, CONNECTION)
}

/// The attributes that all events of channels begin with.
fn end(kind: &str, port: &PortId, channel: &ChannelId, far_port: &PortId) -> Event {
    Event::new(kind).attr("port_id", port).attr("channel_id", channel).attr("counterparty_port_id", far_port)
}

fn channel(event: &IbcEvent) -> Option<Vec<Event>> {
    let far = "counterparty_channel_id";
    let event = match event {
        IbcEvent::OpenInitChannel(e) => end("channel_open_init", e.port_id_on_a(), e.chan_id_on_a(), e.port_id_on_b())
            .attr("connection_id", e.conn_id_on_a())
            .attr("version", e.version_on_a()),
        IbcEvent::OpenTryChannel(e) => end("channel_open_try", e.port_id_on_b(), e.chan_id_on_b(), e.port_id_on_a())
            .attr(far, e.chan_id_on_a())
            .attr("connection_id", e.conn_id_on_b())
            .attr("version", e.version_on_b()),
        IbcEvent::OpenAckChannel(e) => end("channel_open_ack", e.port_id_on_a(), e.chan_id_on_a(), e.port_id_on_b())
            .attr(far, e.chan_id_on_b())
            .attr("connection_id", e.conn_id_on_a()),
        IbcEvent::OpenConfirmChannel(e) => {
            end("channel_open_confirm", e.port_id_on_b(), e.chan_id_on_b(), e.port_id_on_a())
                .attr(far, e.chan_id_on_a())
                .attr("connection_id", e.conn_id_on_b())
        }
        IbcEvent::CloseInitChannel(e) => {
            end("channel_close_init", e.port_id_on_a(), e.chan_id_on_a(), e.port_id_on_b())
                .attr(far, e.chan_id_on_b())
                .attr("connection_id", e.conn_id_on_a())
        }
        IbcEvent::CloseConfirmChannel(e) => {
            end("channel_close_confirm", e.port_id_on_b(), e.chan_id_on_b(), e.port_id_on_a())
                .attr(far, e.chan_id_on_a())
                .attr("connection_id", e.conn_id_on_b())
        }
        // The accessors name sides as if the packet came from there; the fields are the closed end's own, in the order of `new`.
        IbcEvent::ChannelClosed(e) => {
            let far_channel = e.chan_id_on_a().map(ToString::to_string).unwrap_or_default();
            end("channel_close", e.port_id_on_b(), e.chan_id_on_b(), e.port_id_on_a())
                .attr(far, far_channel)
                .attr("connection_id", e.conn_id_on_b())
                .attr("packet_channel_ordering", e.channel_ordering().as_str())
        }
        _ => return None,
    };
    with_message(event, CHANNEL)
}

/// What all events of packets show.
struct Route<'a> {
    height: &'a TimeoutHeight,
    timestamp: &'a TimeoutTimestamp,
    sequence: &'a Sequence,
    from: (&'a PortId, &'a ChannelId),
    to: (&'a PortId, &'a ChannelId),
}

impl Route<'_> {
    fn on(&self, event: Event) -> Event {
        event
            .attr("packet_timeout_height", self.height.to_event_attribute_value())
            .attr("packet_timeout_timestamp", self.timestamp.nanoseconds())
            .attr("packet_sequence", self.sequence)
            .attr("packet_src_port", self.from.0)
            .attr("packet_src_channel", self.from.1)
            .attr("packet_dst_port", self.to.0)
            .attr("packet_dst_channel", self.to.1)
    }
}

fn data(kind: &str, data: &[u8]) -> Event {
    Event::new(kind).attr("packet_data", String::from_utf8_lossy(data)).attr("packet_data_hex", hex(data))
}

fn over(event: Event, order: &Order, connection: &ConnectionId) -> Event {
    event
        .attr("packet_channel_ordering", order.as_str())
        .attr("packet_connection", connection)
        .attr("connection_id", connection)
}

macro_rules! route {
    ($e:expr, $sequence:ident) => {
        Route {
            height: $e.timeout_height_on_b(),
            timestamp: $e.timeout_timestamp_on_b(),
            sequence: $e.$sequence(),
            from: ($e.port_id_on_a(), $e.chan_id_on_a()),
            to: ($e.port_id_on_b(), $e.chan_id_on_b()),
        }
    };
}

fn packet(
    event: &IbcEvent,
    find: impl FnOnce(&PortId, &ChannelId) -> Option<(Order, ConnectionId)>,
) -> Option<Vec<Event>> {
    let event = match event {
        IbcEvent::WriteAcknowledgement(e) => {
            let (order, connection) = find(e.port_id_on_b(), e.chan_id_on_b())?;
            let acknowledgement = e.acknowledgement().as_bytes();
            let event = route!(e, seq_on_a)
                .on(data("write_acknowledgement", e.packet_data()))
                .attr("packet_ack", String::from_utf8_lossy(acknowledgement))
                .attr("packet_ack_hex", hex(acknowledgement));
            over(event, &order, &connection)
        }
        IbcEvent::TimeoutPacket(e) => {
            let (order, connection) = find(e.port_id_on_a(), e.chan_id_on_a())?;
            route!(e, seq_on_a)
                .on(Event::new("timeout_packet"))
                .attr("connection_id", connection)
                .attr("packet_channel_ordering", order.as_str())
        }
        IbcEvent::SendPacket(e) => {
            let event = route!(e, seq_on_a).on(data("send_packet", e.packet_data()));
            over(event, e.channel_ordering(), e.conn_id_on_a())
        }
        IbcEvent::ReceivePacket(e) => {
            let event = route!(e, seq_on_b).on(data("recv_packet", e.packet_data()));
            over(event, e.channel_ordering(), e.conn_id_on_a())
        }
        IbcEvent::AcknowledgePacket(e) => {
            let event = route!(e, seq_on_a).on(Event::new("acknowledge_packet"));
            over(event, e.channel_ordering(), e.conn_id_on_a())
        }
        _ => return None,
    };
    with_message(event, CHANNEL)
}
