//! Packets: sent, received, acknowledged, timed out.
//!
//! Source: ibc-go v8 `modules/core/keeper/msg_server.go`, `modules/core/04-channel/keeper/{packet,timeout}.go`. ibc-rs's handlers do
//! the work; what it does otherwise than ibc-go is put right here, since both ends of a channel have to agree on it:
//!
//! | of | ibc-rs 0.57 | here, as ibc-go |
//! | --- | --- | --- |
//! | a timeout | passes one height, one nanosecond later | passes with its height, its time. Else a packet could be received here and timed out there |
//! | a packet that was received before | fails where it was acknowledged | succeeds, does nothing and says `NOOP` |
//! | a timeout on an ordered channel | proves that the packet's sequence is the next one | proves the next sequence that the message names |
//! | a timeout on a closed channel | fails, so that what other packets hold is lost | succeeds |
//! | sending before a channel is open | is possible | fails |
//! | a packet that was acknowledged or timed out before | emits an event | emits none and says `NOOP` |
//! | a far end that ever began an upgrade | is not known: messages that name its `upgrade_sequence` are refused | is proven closed with it |

use ibc::core::channel::handler::{
    acknowledgement_packet_execute, acknowledgement_packet_validate, commit_packet_acknowledgment,
    emit_packet_acknowledgement_event, recv_packet_execute, recv_packet_validate, send_packet, timeout_packet_execute,
    TimeoutMsgType,
};
use ibc::core::channel::types::acknowledgement::Acknowledgement;
use ibc::core::channel::types::channel::{ChannelEnd, Counterparty, Order, State};
use ibc::core::channel::types::commitment::compute_packet_commitment;
use ibc::core::channel::types::error::ChannelError;
use ibc::core::channel::types::msgs::{
    MsgAcknowledgement, MsgChannelCloseConfirm, MsgRecvPacket, MsgTimeout, MsgTimeoutOnClose,
};
use ibc::core::channel::types::packet::Packet;
use ibc::core::channel::types::timeout::{TimeoutHeight, TimeoutTimestamp};
use ibc::core::client::context::prelude::*;
use ibc::core::client::types::Height;
use ibc::core::commitment_types::commitment::CommitmentProofBytes;
use ibc::core::connection::delay::verify_conn_delay_passed;
use ibc::core::connection::types::error::ConnectionError;
use ibc::core::connection::types::{ConnectionEnd, State as ConnectionState};
use ibc::core::host::types::identifiers::{ChannelId, PortId, Sequence};
use ibc::core::host::types::path::{
    ChannelEndPath, ClientConsensusStatePath, CommitmentPath, Path, ReceiptPath, SeqRecvPath,
};
use ibc::core::host::ValidationContext;
use ibc::primitives::Timestamp;
use ibc_proto::ibc::core::channel::v1::Channel;
use openledger_core::{Address, Context, Result};
use openledger_proto::Message;

use crate::adapter::Routed;
use crate::error::Kind;
use crate::faults::Fault;
use crate::host::{run, Host};
use crate::keeper::{nanoseconds, no_channel, Ibc};
use crate::state::{self, STORE};

/// What became of a packet's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relayed {
    /// Somebody else was faster: nothing was done.
    Before,
    /// It was carried out.
    Now,
}

/// Whether a packet is too late for a chain that is at this height and time. It is with its timeout, not one later: a block's state is
/// proven under the next height, so that whoever proves at the timeout that nothing was received has to be right for ever.
fn elapsed(height: &TimeoutHeight, timestamp: &TimeoutTimestamp, at: Height, time: Timestamp) -> bool {
    let by_height = matches!(height, TimeoutHeight::At(timeout) if at >= *timeout);
    let by_time = timestamp.is_set() && time.nanoseconds() >= timestamp.nanoseconds();
    by_height || by_time
}

fn too_late(at: Height, time: Timestamp) -> Fault {
    Kind::TimeoutElapsed.with(format!("current height: {at}, time {}", time.nanoseconds())).into()
}

/// Sends a packet; its sequence.
pub(crate) fn send(
    keeper: Ibc,
    ctx: &mut Context,
    port: &PortId,
    channel: &ChannelId,
    timeout_height: TimeoutHeight,
    timeout_timestamp: TimeoutTimestamp,
    data: Vec<u8>,
) -> Result<u64> {
    let end = keeper.open_channel(ctx, port.as_str(), channel.as_str())?;
    let sequence = keeper.next_sequence_send(ctx, port.as_str(), channel.as_str())?;
    let sequence = sequence.ok_or_else(|| Kind::SequenceSendNotFound.with(format!("{port}/{channel}")))?;
    if data.is_empty() {
        return Err(Kind::InvalidPacket.with("packet data bytes cannot be empty").into());
    }
    let end = ChannelEnd::try_from(end).map_err(|error| Kind::InvalidChannel.with(error.to_string()))?;
    let far = end.counterparty().clone();
    let far_channel =
        far.channel_id.ok_or_else(|| Kind::InvalidChannel.with("an open channel without counterparty"))?;
    let packet = Packet {
        seq_on_a: sequence.into(),
        port_id_on_a: port.clone(),
        chan_id_on_a: channel.clone(),
        port_id_on_b: far.port_id,
        chan_id_on_b: far_channel,
        data,
        timeout_height_on_b: timeout_height,
        timeout_timestamp_on_b: timeout_timestamp,
    };
    run(keeper, ctx, |host| {
        let connection = connection_of(host, &end)?;
        let client = host.client_state(connection.client_id())?;
        let status = client.status(host, connection.client_id())?;
        if !status.is_active() {
            let text = format!("cannot send packet using client ({}) with status {status}", connection.client_id());
            return Err(Kind::ClientNotActive.with(text).into());
        }
        let latest = client.latest_height();
        let time = consensus_time(host, &connection, latest)?;
        if elapsed(&packet.timeout_height_on_b, &packet.timeout_timestamp_on_b, latest, time) {
            return Err(too_late(latest, time));
        }
        send_packet(host, packet)?;
        Ok(sequence)
    })
}

/// Writes the acknowledgement of a packet that was received before.
pub(crate) fn write_acknowledgement(keeper: Ibc, ctx: &mut Context, packet: &Packet, bytes: Vec<u8>) -> Result<()> {
    let (port, channel) = (packet.port_id_on_b.as_str(), packet.chan_id_on_b.as_str());
    keeper.open_channel(ctx, port, channel)?;
    let known = ctx.kv(STORE).get(&state::ack_key(port, channel, packet.seq_on_a.value()));
    if known.is_some() {
        return Err(Kind::AcknowledgementExists.with(format!("packet {} of {port}/{channel}", packet.seq_on_a)).into());
    }
    let empty = |_| Kind::InvalidAcknowledgement.with("acknowledgement cannot be empty");
    let acknowledgement = Acknowledgement::try_from(bytes).map_err(empty)?;
    run(keeper, ctx, |host| {
        commit_packet_acknowledgment(host, packet, &acknowledgement)?;
        emit_packet_acknowledgement_event(host, packet.clone(), acknowledgement)?;
        Ok(())
    })
}

/// A packet that the other side sent.
pub(crate) fn receive(keeper: Ibc, ctx: &mut Context, msg: MsgRecvPacket, relayer: Address) -> Result<Relayed> {
    let packet = msg.packet.clone();
    check_end(&keeper, ctx, packet.port_id_on_b.as_str(), packet.chan_id_on_b.as_str())?;
    let application = keeper.application(packet.port_id_on_b.as_str())?;
    let received = keeper.was_received(ctx, &packet.clone().into())?;
    let now = Timestamp::from_nanoseconds(nanoseconds(ctx)?);
    run(keeper, ctx, |host| {
        match recv_packet_validate(host, msg.clone()) {
            Err(ChannelError::DuplicateAcknowledgment(_)) if received => return Ok(Relayed::Before),
            other => other?,
        }
        let height = ValidationContext::host_height(host)?;
        if elapsed(&packet.timeout_height_on_b, &packet.timeout_timestamp_on_b, height, now) {
            return Err(too_late(height, now));
        }
        if received {
            return Ok(Relayed::Before);
        }
        let mut routed = Routed::new(host, application, relayer);
        recv_packet_execute(host, &mut routed, msg)?;
        routed.settle()?;
        Ok(Relayed::Now)
    })
}

/// Refuses what names a channel that is not there.
pub(crate) fn check_end(keeper: &Ibc, ctx: &Context, port: &str, channel: &str) -> Result<()> {
    match keeper.channel(ctx, port, channel)? {
        Some(_) => Ok(()),
        None => Err(no_channel(port, channel).into()),
    }
}

/// What the other side made of a packet of ours.
pub(crate) fn acknowledge(
    keeper: Ibc,
    ctx: &mut Context,
    msg: MsgAcknowledgement,
    relayer: Address,
) -> Result<Relayed> {
    let packet = msg.packet.clone();
    check_end(&keeper, ctx, packet.port_id_on_a.as_str(), packet.chan_id_on_a.as_str())?;
    let application = keeper.application(packet.port_id_on_a.as_str())?;
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        acknowledgement_packet_validate(host, &routed, msg.clone())?;
        if !is_pending(host, &packet) {
            return Ok(Relayed::Before);
        }
        acknowledgement_packet_execute(host, &mut routed, msg)?;
        Ok(Relayed::Now)
    })
}

fn is_pending(host: &Host, packet: &Packet) -> bool {
    let path = CommitmentPath::new(&packet.port_id_on_a, &packet.chan_id_on_a, packet.seq_on_a);
    host.get_packet_commitment(&path).is_ok()
}

/// The other side was too late for a packet of ours.
pub(crate) fn timeout(keeper: Ibc, ctx: &mut Context, msg: MsgTimeout, relayer: Address) -> Result<Relayed> {
    let packet = msg.packet.clone();
    check_end(&keeper, ctx, packet.port_id_on_a.as_str(), packet.chan_id_on_a.as_str())?;
    let application = keeper.application(packet.port_id_on_a.as_str())?;
    run(keeper, ctx, |host| {
        let (end, connection) = sent_over(host, &packet)?;
        let at = msg.proof_height_on_b;
        let time = consensus_time(host, &connection, at)?;
        if !elapsed(&packet.timeout_height_on_b, &packet.timeout_timestamp_on_b, at, time) {
            let text = format!("packet timeout not reached: proof height {at}, time {}", time.nanoseconds());
            return Err(Kind::TimeoutNotReached.with(text).into());
        }
        if !is_pending(host, &packet) {
            return Ok(Relayed::Before);
        }
        check_commitment(host, &packet)?;
        if end.ordering == Order::Ordered && msg.next_seq_recv_on_b > packet.seq_on_a {
            return Err(received_there(Kind::PacketReceived, msg.next_seq_recv_on_b, &packet));
        }
        let proof = Proof { connection: &connection, height: at, bytes: &msg.proof_unreceived_on_b };
        proof.of_absence(host, &end, &packet, msg.next_seq_recv_on_b)?;
        let mut routed = Routed::new(host, application, relayer);
        timeout_packet_execute(host, &mut routed, TimeoutMsgType::Timeout(msg))?;
        Ok(Relayed::Now)
    })
}

/// The other side closed the channel before it received a packet of ours; `upgrades` is its end's `upgrade_sequence`.
pub(crate) fn timeout_on_close(
    keeper: Ibc,
    ctx: &mut Context,
    msg: MsgTimeoutOnClose,
    upgrades: u64,
    relayer: Address,
) -> Result<Relayed> {
    let packet = msg.packet.clone();
    check_end(&keeper, ctx, packet.port_id_on_a.as_str(), packet.chan_id_on_a.as_str())?;
    let application = keeper.application(packet.port_id_on_a.as_str())?;
    run(keeper, ctx, |host| {
        let (end, connection) = sent_over(host, &packet)?;
        if !is_pending(host, &packet) {
            return Ok(Relayed::Before);
        }
        check_commitment(host, &packet)?;
        let proof = Proof { connection: &connection, height: msg.proof_height_on_b, bytes: &msg.proof_close_on_b };
        proof.of_close(host, &end, (&packet.port_id_on_a, &packet.chan_id_on_a), upgrades)?;
        if end.ordering == Order::Ordered && msg.next_seq_recv_on_b > packet.seq_on_a {
            return Err(received_there(Kind::InvalidPacket, msg.next_seq_recv_on_b, &packet));
        }
        let proof = Proof { bytes: &msg.proof_unreceived_on_b, ..proof };
        proof.of_absence(host, &end, &packet, msg.next_seq_recv_on_b)?;
        let mut routed = Routed::new(host, application, relayer);
        timeout_packet_execute(host, &mut routed, TimeoutMsgType::TimeoutOnClose(msg))?;
        Ok(Relayed::Now)
    })
}

/// That the other side closed a channel which is not closed here; `upgrades` is its end's `upgrade_sequence`.
pub(crate) fn check_closed_there(host: &Host, msg: &MsgChannelCloseConfirm, upgrades: u64) -> Result<(), Fault> {
    let end = host.channel_end(&ChannelEndPath::new(&msg.port_id_on_b, &msg.chan_id_on_b))?;
    end.verify_not_closed()?;
    let connection = connection_of(host, &end)?;
    connection.verify_state_matches(&ConnectionState::Open)?;
    let proof = Proof { connection: &connection, height: msg.proof_height_on_a, bytes: &msg.proof_chan_end_on_a };
    proof.of_close(host, &end, (&msg.port_id_on_b, &msg.chan_id_on_b), upgrades)
}

fn received_there(kind: Kind, next: Sequence, packet: &Packet) -> Fault {
    let sequence = packet.seq_on_a;
    kind.with(format!("packet already received, next sequence receive > packet sequence ({next} > {sequence})")).into()
}

/// The channel over which a packet of ours went, and its connection.
fn sent_over(host: &Host, packet: &Packet) -> Result<(ChannelEnd, ConnectionEnd), Fault> {
    let end = host.channel_end(&ChannelEndPath::new(&packet.port_id_on_a, &packet.chan_id_on_a))?;
    end.verify_counterparty_matches(&Counterparty::new(
        packet.port_id_on_b.clone(),
        Some(packet.chan_id_on_b.clone()),
    ))?;
    let connection = connection_of(host, &end)?;
    Ok((end, connection))
}

fn connection_of(host: &Host, end: &ChannelEnd) -> Result<ConnectionEnd, Fault> {
    let hop = end.connection_hops().first().ok_or_else(|| Kind::InvalidChannel.with("a channel has no connection"))?;
    Ok(host.connection_end(hop)?)
}

fn check_commitment(host: &Host, packet: &Packet) -> Result<(), Fault> {
    let path = CommitmentPath::new(&packet.port_id_on_a, &packet.chan_id_on_a, packet.seq_on_a);
    let (height, timestamp) = (&packet.timeout_height_on_b, &packet.timeout_timestamp_on_b);
    if host.get_packet_commitment(&path)? != compute_packet_commitment(&packet.data, height, timestamp) {
        return Err(Kind::InvalidPacket
            .with("packet commitment bytes are not equal to those of the packet sent")
            .into());
    }
    Ok(())
}

fn consensus_path(connection: &ConnectionEnd, height: Height) -> ClientConsensusStatePath {
    ClientConsensusStatePath::new(connection.client_id().clone(), height.revision_number(), height.revision_height())
}

fn consensus_time(host: &Host, connection: &ConnectionEnd, height: Height) -> Result<Timestamp, Fault> {
    let known = ClientValidationContext::consensus_state(host, &consensus_path(connection, height))?;
    Ok(ConsensusState::timestamp(&known)?)
}

/// A proof of the other side's state.
struct Proof<'a> {
    connection: &'a ConnectionEnd,
    height: Height,
    bytes: &'a CommitmentProofBytes,
}

impl Proof<'_> {
    /// The client and its root for the proof's height; refuses one that is not active or too new.
    fn ground(&self, host: &Host) -> Result<(TmClient, Root), Fault> {
        let id = self.connection.client_id();
        let client = host.client_state(id)?;
        client.status(host, id)?.verify_is_active()?;
        client.validate_proof_height(self.height)?;
        let known = ClientValidationContext::consensus_state(host, &consensus_path(self.connection, self.height))?;
        Ok((client, ConsensusState::root(&known).clone()))
    }

    /// That the other side's end of a channel of ours is closed. ibc-rs knows no upgrades of channels, so that the number of them is set
    /// on what it encodes.
    fn of_close(
        &self,
        host: &Host,
        end: &ChannelEnd,
        (port, channel): (&PortId, &ChannelId),
        upgrades: u64,
    ) -> Result<(), Fault> {
        let (client, root) = self.ground(host)?;
        let far = end.counterparty();
        let far_channel = far.channel_id().ok_or(ChannelError::MissingCounterparty)?;
        let far_connection =
            self.connection.counterparty().connection_id().ok_or(ConnectionError::MissingCounterparty)?;
        let closed = ChannelEnd::new(
            State::Closed,
            *end.ordering(),
            Counterparty::new(port.clone(), Some(channel.clone())),
            vec![far_connection.clone()],
            end.version().clone(),
        )?;
        let closed = Channel { upgrade_sequence: upgrades, ..closed.into() };
        let path = Path::ChannelEnd(ChannelEndPath::new(&far.port_id, far_channel));
        let prefix = self.connection.counterparty().prefix();
        Ok(client.verify_membership(prefix, self.bytes, &root, path, closed.encode_to_vec())?)
    }

    /// That the other side has not received a packet: no receipt; on an ordered channel, that its next sequence is `next`.
    fn of_absence(&self, host: &Host, end: &ChannelEnd, packet: &Packet, next: Sequence) -> Result<(), Fault> {
        let (client, root) = self.ground(host)?;
        verify_conn_delay_passed(host, self.height, self.connection)?;
        let (port, channel) = (&packet.port_id_on_b, &packet.chan_id_on_b);
        let prefix = self.connection.counterparty().prefix();
        match end.ordering {
            Order::Ordered => {
                let path = Path::SeqRecv(SeqRecvPath::new(port, channel));
                Ok(client.verify_membership(prefix, self.bytes, &root, path, next.to_vec())?)
            }
            Order::Unordered => {
                let path = Path::Receipt(ReceiptPath::new(port, channel, packet.seq_on_a));
                Ok(client.verify_non_membership(prefix, self.bytes, &root, path)?)
            }
            Order::None => Err(Kind::InvalidChannelOrdering.with("a channel without order").into()),
        }
    }
}

type TmClient = ibc::clients::tendermint::client_state::ClientState;
type Root = ibc::core::commitment_types::commitment::CommitmentRoot;
