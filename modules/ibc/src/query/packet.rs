//! Packets: what was sent, received and acknowledged, and what a relayer still has to bring.

use ibc_proto::ibc::core::channel::v1::*;
use openledger_core::query::paginate;
use openledger_core::{Context, Router, Status};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};

use super::{kv, read, Answer};
use crate::state;

/// Registers the queries.
pub(super) fn register(router: &mut Router) {
    let path = |method: &str| format!("/ibc.core.channel.v1.Query/{method}");
    router.query(&path("PacketCommitment"), packet_commitment);
    router.query(&path("PacketCommitments"), packet_commitments);
    router.query(&path("PacketReceipt"), packet_receipt);
    router.query(&path("PacketAcknowledgement"), packet_acknowledgement);
    router.query(&path("PacketAcknowledgements"), packet_acknowledgements);
    router.query(&path("UnreceivedPackets"), unreceived_packets);
    router.query(&path("UnreceivedAcks"), unreceived_acks);
    router.query(&path("NextSequenceReceive"), next_sequence_receive);
    router.query(&path("NextSequenceSend"), next_sequence_send);
}

/// What this end committed to as its answer to a packet.
fn ack(ctx: &Context, port: &str, channel: &str, sequence: u64) -> Option<Vec<u8>> {
    kv(ctx).get(&state::ack_key(port, channel, sequence))
}

fn commitment(ctx: &Context, port: &str, channel: &str, sequence: u64) -> Option<Vec<u8>> {
    kv(ctx).get(&state::commitment_key(port, channel, sequence))
}

fn is_received(ctx: &Context, port: &str, channel: &str, sequence: u64) -> bool {
    kv(ctx).get(&state::receipt_key(port, channel, sequence)).is_some()
}

fn check_packet(port: &str, channel: &str, sequence: u64) -> Answer<()> {
    read::check_channel_end(port, channel)?;
    if sequence == 0 {
        return Err(Status::invalid_argument("packet sequence cannot be 0"));
    }
    Ok(())
}

fn packet_commitment(ctx: &Context, request: QueryPacketCommitmentRequest) -> Answer<QueryPacketCommitmentResponse> {
    let QueryPacketCommitmentRequest { port_id, channel_id, sequence } = request;
    check_packet(&port_id, &channel_id, sequence)?;
    let commitment = commitment(ctx, &port_id, &channel_id, sequence);
    let commitment = commitment.ok_or_else(|| Status::not_found("packet commitment hash not found"))?;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryPacketCommitmentResponse { commitment, proof: Vec::new(), proof_height })
}

fn packet_receipt(ctx: &Context, request: QueryPacketReceiptRequest) -> Answer<QueryPacketReceiptResponse> {
    let QueryPacketReceiptRequest { port_id, channel_id, sequence } = request;
    check_packet(&port_id, &channel_id, sequence)?;
    let received = is_received(ctx, &port_id, &channel_id, sequence);
    Ok(QueryPacketReceiptResponse { received, proof: Vec::new(), proof_height: Some(read::self_height(ctx)) })
}

fn packet_acknowledgement(
    ctx: &Context,
    request: QueryPacketAcknowledgementRequest,
) -> Answer<QueryPacketAcknowledgementResponse> {
    let QueryPacketAcknowledgementRequest { port_id, channel_id, sequence } = request;
    check_packet(&port_id, &channel_id, sequence)?;
    let acknowledgement = ack(ctx, &port_id, &channel_id, sequence);
    let acknowledgement = acknowledgement.ok_or_else(|| Status::not_found("packet acknowledgement hash not found"))?;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryPacketAcknowledgementResponse { acknowledgement, proof: Vec::new(), proof_height })
}

/// A page of what stands for the packets of a channel's end, in the order of the keys: sequences as text.
fn states(
    ctx: &Context,
    kind: &[u8],
    (port, channel): (&str, &str),
    page: Option<&PageRequest>,
) -> Answer<(Vec<PacketState>, PageResponse)> {
    let prefix = state::sequences_prefix(kind, port, channel);
    paginate(&*kv(ctx), &prefix, page, |key, value| {
        let sequence = std::str::from_utf8(key).ok().and_then(|sequence| sequence.parse().ok());
        let sequence = sequence.ok_or_else(|| Status::internal("state: a packet without a sequence"))?;
        Ok(Some(PacketState { port_id: port.into(), channel_id: channel.into(), sequence, data: value.to_vec() }))
    })
}

fn packet_commitments(ctx: &Context, request: QueryPacketCommitmentsRequest) -> Answer<QueryPacketCommitmentsResponse> {
    let QueryPacketCommitmentsRequest { port_id, channel_id, pagination } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let (commitments, page) = states(ctx, state::COMMITMENTS, (&port_id, &channel_id), pagination.as_ref())?;
    let height = Some(read::self_height(ctx));
    Ok(QueryPacketCommitmentsResponse { commitments, pagination: Some(page), height })
}

fn packet_acknowledgements(
    ctx: &Context,
    request: QueryPacketAcknowledgementsRequest,
) -> Answer<QueryPacketAcknowledgementsResponse> {
    let QueryPacketAcknowledgementsRequest { port_id, channel_id, pagination, packet_commitment_sequences } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let height = Some(read::self_height(ctx));
    if packet_commitment_sequences.is_empty() {
        let (acknowledgements, page) = states(ctx, state::ACKS, (&port_id, &channel_id), pagination.as_ref())?;
        return Ok(QueryPacketAcknowledgementsResponse { acknowledgements, pagination: Some(page), height });
    }
    // Those asked for by name come unpaged, and those that are not there are left out.
    let found = packet_commitment_sequences.into_iter().filter_map(|sequence| {
        let data = ack(ctx, &port_id, &channel_id, sequence)?;
        Some(PacketState { port_id: port_id.clone(), channel_id: channel_id.clone(), sequence, data })
    });
    Ok(QueryPacketAcknowledgementsResponse { acknowledgements: found.collect(), pagination: None, height })
}

/// Of sequences that the other end sent: those that this end has yet to receive.
fn unreceived_packets(ctx: &Context, request: QueryUnreceivedPacketsRequest) -> Answer<QueryUnreceivedPacketsResponse> {
    let QueryUnreceivedPacketsRequest { port_id, channel_id, packet_commitment_sequences } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let channel = read::channel_of(ctx, &port_id, &channel_id)?;
    let next = match Order::try_from(channel.ordering) {
        Ok(Order::Unordered) => None,
        Ok(Order::Ordered) => {
            let text = || {
                format!("destination port: {port_id}, destination channel: {channel_id}: sequence receive not found")
            };
            Some(next_receive(ctx, &port_id, &channel_id)?.ok_or_else(|| Status::not_found(text()))?)
        }
        _ => {
            let text = "channel order ORDER_NONE_UNSPECIFIED is not supported: invalid channel ordering";
            return Err(Status::invalid_argument(text));
        }
    };
    let sequences = only(packet_commitment_sequences, |sequence| match next {
        Some(next) => sequence >= next,
        None => !is_received(ctx, &port_id, &channel_id, sequence),
    })?;
    Ok(QueryUnreceivedPacketsResponse { sequences, height: Some(read::self_height(ctx)) })
}

/// Of sequences that the other end acknowledged: those whose acknowledgement this end has yet to receive, which removes the commitment.
fn unreceived_acks(ctx: &Context, request: QueryUnreceivedAcksRequest) -> Answer<QueryUnreceivedAcksResponse> {
    let QueryUnreceivedAcksRequest { port_id, channel_id, packet_ack_sequences } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let is_open = |sequence| commitment(ctx, &port_id, &channel_id, sequence).is_some();
    let sequences = only(packet_ack_sequences, is_open)?;
    Ok(QueryUnreceivedAcksResponse { sequences, height: Some(read::self_height(ctx)) })
}

/// Those of `sequences` that are wanted; ibc-go names the place of one that is 0.
fn only(sequences: Vec<u64>, wanted: impl Fn(u64) -> bool) -> Answer<Vec<u64>> {
    if let Some(place) = sequences.iter().position(|sequence| *sequence == 0) {
        return Err(Status::invalid_argument(format!("packet sequence {place} cannot be 0")));
    }
    Ok(sequences.into_iter().filter(|sequence| wanted(*sequence)).collect())
}

fn next_receive(ctx: &Context, port: &str, channel: &str) -> Answer<Option<u64>> {
    Ok(state::number(&*kv(ctx), &state::next_recv_key(port, channel))?)
}

fn next_sequence_receive(
    ctx: &Context,
    request: QueryNextSequenceReceiveRequest,
) -> Answer<QueryNextSequenceReceiveResponse> {
    let QueryNextSequenceReceiveRequest { port_id, channel_id } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let channel = read::channel_of(ctx, &port_id, &channel_id)?;
    // Unordered channels receive in any order and have no next one.
    let next_sequence_receive = if channel.ordering == i32::from(Order::Unordered) {
        0
    } else {
        let text = || format!("port-id: {port_id}, channel-id {channel_id}: sequence receive not found");
        next_receive(ctx, &port_id, &channel_id)?.ok_or_else(|| Status::not_found(text()))?
    };
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryNextSequenceReceiveResponse { next_sequence_receive, proof: Vec::new(), proof_height })
}

fn next_sequence_send(ctx: &Context, request: QueryNextSequenceSendRequest) -> Answer<QueryNextSequenceSendResponse> {
    let QueryNextSequenceSendRequest { port_id, channel_id } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let next = state::number(&*kv(ctx), &state::next_send_key(&port_id, &channel_id))?;
    let text = || format!("port-id: {port_id}, channel-id {channel_id}: sequence send not found");
    let next_sequence_send = next.ok_or_else(|| Status::not_found(text()))?;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryNextSequenceSendResponse { next_sequence_send, proof: Vec::new(), proof_height })
}
