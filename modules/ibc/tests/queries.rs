//! The queries of IBC core, over a store as ibc-go would have written it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use cosmwasm_std::Storage;
use ibc_proto::ibc::core::channel::v1::*;
use ibc_proto::ibc::core::client::v1::*;
use ibc_proto::ibc::core::commitment::v1::MerkleRoot;
use ibc_proto::ibc::core::connection::v1::{
    ClientPaths, ConnectionEnd, QueryClientConnectionsRequest, QueryClientConnectionsResponse,
    QueryConnectionClientStateRequest, QueryConnectionClientStateResponse, QueryConnectionConsensusStateRequest,
    QueryConnectionConsensusStateResponse, QueryConnectionRequest, QueryConnectionResponse, QueryConnectionsRequest,
    QueryConnectionsResponse,
};
use ibc_proto::ibc::lightclients::tendermint::v1::{ClientState, ConsensusState, Fraction};
use openledger_core::query::Code;
use openledger_core::{BlockInfo, Context, GasMeter, Mode, Module, Router, Status};
use openledger_ibc::{state, Ibc};
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::{Any, Duration, Message, Timestamp};
use openledger_store::{BlockState, MemSnapshot};

const CLIENT: &str = "07-tendermint-0";
const NOW: i64 = 1_800_000_000;
const PORT: &str = "transfer";

fn any(kind: &str, message: &impl Message) -> Vec<u8> {
    let type_url = format!("/ibc.lightclients.tendermint.v1.{kind}");
    Any { type_url, value: message.encode_to_vec() }.encode_to_vec()
}

fn height(revision_height: u64) -> Height {
    Height { revision_number: 2, revision_height }
}

/// A client that trusts for an hour.
#[allow(deprecated, reason = "the retired fields are part of the encoding")]
fn client(latest: u64) -> ClientState {
    ClientState {
        chain_id: "theirs-2".into(),
        trust_level: Some(Fraction { numerator: 1, denominator: 3 }),
        trusting_period: Some(Duration { seconds: 3_600, nanos: 0 }),
        unbonding_period: Some(Duration { seconds: 7_200, nanos: 0 }),
        max_clock_drift: Some(Duration { seconds: 10, nanos: 0 }),
        frozen_height: Some(Height::default()),
        latest_height: Some(height(latest)),
        proof_specs: vec![ics23::iavl_spec(), ics23::tendermint_spec()],
        upgrade_path: vec!["upgrade".into(), "upgradedIBCState".into()],
        ..Default::default()
    }
}

fn consensus(seconds: i64) -> ConsensusState {
    ConsensusState {
        timestamp: Some(Timestamp { seconds, nanos: 0 }),
        root: Some(MerkleRoot { hash: vec![7; 32] }),
        next_validators_hash: vec![8; 32],
    }
}

struct Chain {
    state: BlockState,
    block: BlockInfo,
    router: Router,
}

impl Chain {
    fn new() -> Self {
        let ibc = Ibc::default();
        let mut router = Router::default();
        ibc.register(&mut router);
        let block = BlockInfo { height: 9, chain_id: "ours-4".into(), time_seconds: NOW, ..Default::default() };
        let mut chain = Self { state: BlockState::new(Arc::new(MemSnapshot::default())), block, router };
        let block = chain.block.clone();
        let mut ctx = Context::new(&mut chain.state, &block, Mode::Deliver, GasMeter::infinite());
        ibc.init_genesis(&mut ctx, &ibc.default_genesis()).unwrap();
        chain
    }

    fn set(&mut self, key: impl AsRef<[u8]>, value: &[u8]) {
        let mut ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        ctx.kv_mut(state::STORE).set(key.as_ref(), value);
    }

    fn set_client(&mut self, id: &str, state: &ClientState, known: &[(u64, i64)]) {
        self.set(state::client_state_key(id), &any("ClientState", state));
        for (at, seconds) in known {
            let at = height(*at);
            self.set(state::consensus_state_key(id, &at), &any("ConsensusState", &consensus(*seconds)));
            self.set(state::processed_time_key(id, &at), &1_u64.to_be_bytes());
            self.set(state::processed_height_key(id, &at), b"4-3");
            self.set(state::iteration_key(id, &at), b"consensusStates/2-1");
        }
    }

    fn set_channel(&mut self, id: &str, connection: &str, ordering: Order) {
        let channel = Channel {
            state: State::Open.into(),
            ordering: ordering.into(),
            connection_hops: vec![connection.into()],
            version: "ics20-1".into(),
            ..Default::default()
        };
        self.set(state::channel_key(PORT, id), &channel.encode_to_vec());
    }

    fn ask<A: Message + Default>(&self, path: &str, request: &impl Message) -> Result<A, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = path.replacen("client/", "/ibc.core.client.v1.Query/", 1);
        let path = path.replacen("connection/", "/ibc.core.connection.v1.Query/", 1);
        let path = path.replacen("channel/", "/ibc.core.channel.v1.Query/", 1);
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec())?;
        Ok(A::decode(answer.as_slice()).unwrap())
    }

    fn status(&self, id: &str) -> String {
        let request = QueryClientStatusRequest { client_id: id.into() };
        self.ask::<QueryClientStatusResponse>("client/ClientStatus", &request).unwrap().status
    }
}

const OURS: Option<Height> = Some(Height { revision_number: 4, revision_height: 9 });

/// Clients 0 to 2, each with three consensus states; connections 0 to 2; channel 0 unordered, 1 ordered, 2 of another connection.
fn chain() -> Chain {
    let mut chain = Chain::new();
    for id in 0..3 {
        chain.set_client(&format!("07-tendermint-{id}"), &client(30), &[(9, NOW - 20), (10, NOW - 10), (30, NOW - 1)]);
        let end = ConnectionEnd { client_id: CLIENT.into(), delay_period: id, ..Default::default() };
        chain.set(state::connection_key(&format!("connection-{id}")), &end.encode_to_vec());
    }
    let paths = ClientPaths { paths: vec!["connection-0".into(), "connection-1".into()] };
    chain.set(state::client_connections_key(CLIENT), &paths.encode_to_vec());
    chain.set_channel("channel-0", "connection-0", Order::Unordered);
    chain.set_channel("channel-1", "connection-0", Order::Ordered);
    chain.set_channel("channel-2", "connection-1", Order::Unordered);
    chain.set(state::next_send_key(PORT, "channel-0"), &8_u64.to_be_bytes());
    chain.set(state::next_recv_key(PORT, "channel-1"), &5_u64.to_be_bytes());
    for sequence in [1_u64, 2, 10, 11] {
        chain.set(state::commitment_key(PORT, "channel-0", sequence), &[sequence as u8; 32]);
        chain.set(state::receipt_key(PORT, "channel-0", sequence), &state::PRESENT);
        chain.set(state::ack_key(PORT, "channel-0", sequence), &[sequence as u8 + 100; 32]);
    }
    // A channel whose name begins with another's.
    chain.set(state::commitment_key(PORT, "channel-01", 77), &[1; 32]);
    chain
}

fn page(limit: u64, key: &[u8]) -> Option<PageRequest> {
    Some(PageRequest { limit, key: key.to_vec(), ..Default::default() })
}

#[test]
fn a_client_and_what_it_knows_are_told_with_the_height_of_the_state() {
    let chain = chain();
    let client_id = CLIENT.to_string();
    let state: QueryClientStateResponse =
        chain.ask("client/ClientState", &QueryClientStateRequest { client_id: client_id.clone() }).unwrap();
    assert_eq!(state.proof_height, OURS);
    assert_eq!(ClientState::decode(state.client_state.unwrap().value.as_slice()).unwrap(), client(30));

    let ask = |revision_height, latest_height| {
        let request =
            QueryConsensusStateRequest { client_id: CLIENT.into(), revision_number: 2, revision_height, latest_height };
        let answer = chain.ask::<QueryConsensusStateResponse>("client/ConsensusState", &request)?;
        assert_eq!(answer.proof_height, OURS);
        let known = ConsensusState::decode(answer.consensus_state.unwrap().value.as_slice()).unwrap();
        Ok::<i64, Status>(known.timestamp.unwrap().seconds)
    };
    assert_eq!(ask(10, false), Ok(NOW - 10));
    assert_eq!(ask(0, true), Ok(NOW - 1));
    assert_eq!(ask(0, false), Err(Status::invalid_argument("consensus state height cannot be 0")));
    let text = "client-id: 07-tendermint-0, height: 2-11: consensus state not found";
    assert_eq!(ask(11, false), Err(Status::not_found(text)));
}

#[test]
fn lists_of_clients_leave_out_what_else_stands_under_a_client() {
    let chain = chain();
    let states = |pagination| {
        let request = QueryClientStatesRequest { pagination };
        chain.ask::<QueryClientStatesResponse>("client/ClientStates", &request).unwrap()
    };
    let ids = |answer: &QueryClientStatesResponse| -> Vec<String> {
        answer.client_states.iter().map(|client| client.client_id.clone()).collect()
    };
    let all = states(None);
    assert_eq!(ids(&all), ["07-tendermint-0", "07-tendermint-1", "07-tendermint-2"]);
    assert_eq!(all.pagination.unwrap().total, 3);
    let first = states(page(2, b""));
    assert_eq!(ids(&first), ["07-tendermint-0", "07-tendermint-1"]);
    let rest = states(page(2, &first.pagination.unwrap().next_key));
    assert_eq!(ids(&rest), ["07-tendermint-2"]);
    assert!(rest.pagination.unwrap().next_key.is_empty());

    let request = QueryConsensusStateHeightsRequest { client_id: CLIENT.into(), pagination: None };
    let heights: QueryConsensusStateHeightsResponse = chain.ask("client/ConsensusStateHeights", &request).unwrap();
    // In the order of their keys, which are text.
    assert_eq!(heights.consensus_state_heights, [height(10), height(30), height(9)]);
    let pagination = Some(PageRequest { reverse: true, limit: 1, offset: 1, count_total: true, ..Default::default() });
    let request = QueryConsensusStatesRequest { client_id: CLIENT.into(), pagination };
    let known: QueryConsensusStatesResponse = chain.ask("client/ConsensusStates", &request).unwrap();
    assert_eq!(known.consensus_states.len(), 1);
    assert_eq!(known.consensus_states[0].height, Some(height(30)));
    assert_eq!(known.pagination.unwrap().total, 3);
}

#[test]
fn a_client_is_active_until_its_time_is_over_or_it_is_frozen_or_forbidden() {
    let mut chain = chain();
    assert_eq!(chain.status(CLIENT), "Active");
    chain.set_client(CLIENT, &client(31), &[(31, NOW - 3_599)]);
    assert_eq!(chain.status(CLIENT), "Active");
    chain.set_client(CLIENT, &client(32), &[(32, NOW - 3_600)]);
    assert_eq!(chain.status(CLIENT), "Expired");
    chain.set_client(CLIENT, &client(33), &[]);
    assert_eq!(chain.status(CLIENT), "Expired", "it knows nothing of its latest height");
    let frozen = ClientState { frozen_height: Some(Height { revision_number: 0, revision_height: 1 }), ..client(30) };
    chain.set_client(CLIENT, &frozen, &[]);
    assert_eq!(chain.status(CLIENT), "Frozen");
    let missing = QueryClientStatusRequest { client_id: "07-tendermint-9".into() };
    let answer = chain.ask::<QueryClientStatusResponse>("client/ClientStatus", &missing);
    assert_eq!(answer.unwrap_err(), Status::not_found("07-tendermint-9: light client not found"));
    let params = ibc_proto::ibc::core::client::v1::Params { allowed_clients: vec!["06-solomachine".into()] };
    chain.set("clientParams", &params.encode_to_vec());
    assert_eq!(chain.status("07-tendermint-1"), "Unauthorized");
}

#[test]
fn connections_are_told_alone_by_pages_and_by_client() {
    let chain = chain();
    let one: QueryConnectionResponse =
        chain.ask("connection/Connection", &QueryConnectionRequest { connection_id: "connection-2".into() }).unwrap();
    assert_eq!((one.connection.unwrap().delay_period, one.proof_height), (2, OURS));
    let all: QueryConnectionsResponse =
        chain.ask("connection/Connections", &QueryConnectionsRequest { pagination: page(2, b"") }).unwrap();
    let ids: Vec<_> = all.connections.iter().map(|connection| connection.id.as_str()).collect();
    assert_eq!((ids, all.height), (vec!["connection-0", "connection-1"], OURS));
    let next = all.pagination.unwrap().next_key;
    let rest: QueryConnectionsResponse =
        chain.ask("connection/Connections", &QueryConnectionsRequest { pagination: page(2, &next) }).unwrap();
    assert_eq!(rest.connections[0].id, "connection-2");
    let of_client: QueryClientConnectionsResponse =
        chain.ask("connection/ClientConnections", &QueryClientConnectionsRequest { client_id: CLIENT.into() }).unwrap();
    assert_eq!(of_client.connection_paths, ["connection-0", "connection-1"]);
    let none = chain.ask::<QueryClientConnectionsResponse>(
        "connection/ClientConnections",
        &QueryClientConnectionsRequest { client_id: "07-tendermint-2".into() },
    );
    let text = "07-tendermint-2: light client connection paths not found";
    assert_eq!(none.unwrap_err(), Status::not_found(text));
    let request = QueryConnectionClientStateRequest { connection_id: "connection-1".into() };
    let behind: QueryConnectionClientStateResponse = chain.ask("connection/ConnectionClientState", &request).unwrap();
    assert_eq!(behind.identified_client_state.unwrap().client_id, CLIENT);
    let known = |revision_height| {
        let connection_id = "connection-1".into();
        let request = QueryConnectionConsensusStateRequest { connection_id, revision_number: 2, revision_height };
        chain.ask::<QueryConnectionConsensusStateResponse>("connection/ConnectionConsensusState", &request)
    };
    assert_eq!(known(9).unwrap().client_id, CLIENT);
    assert_eq!(known(8).unwrap_err(), Status::not_found("client-id: 07-tendermint-0: consensus state not found"));
}

#[test]
fn channels_are_told_alone_by_pages_and_by_connection() {
    let chain = chain();
    let all: QueryChannelsResponse = chain.ask("channel/Channels", &QueryChannelsRequest { pagination: None }).unwrap();
    let ids: Vec<_> = all.channels.iter().map(|channel| channel.channel_id.as_str()).collect();
    assert_eq!((ids, all.height), (vec!["channel-0", "channel-1", "channel-2"], OURS));
    assert!(all.channels.iter().all(|channel| channel.port_id == PORT && channel.version == "ics20-1"));
    let request = QueryConnectionChannelsRequest { connection: "connection-0".into(), pagination: page(1, b"") };
    let first: QueryConnectionChannelsResponse = chain.ask("channel/ConnectionChannels", &request).unwrap();
    assert_eq!(first.channels[0].channel_id, "channel-0");
    let pagination = page(5, &first.pagination.unwrap().next_key);
    let request = QueryConnectionChannelsRequest { connection: "connection-0".into(), pagination };
    let rest: QueryConnectionChannelsResponse = chain.ask("channel/ConnectionChannels", &request).unwrap();
    let ids: Vec<_> = rest.channels.iter().map(|channel| channel.channel_id.as_str()).collect();
    assert_eq!(ids, ["channel-1"]);

    let end = |channel: &str| (PORT.to_string(), channel.to_string());
    let (port_id, channel_id) = end("channel-2");
    let request = QueryChannelClientStateRequest { port_id, channel_id };
    let behind: QueryChannelClientStateResponse = chain.ask("channel/ChannelClientState", &request).unwrap();
    assert_eq!(behind.identified_client_state.unwrap().client_id, CLIENT);
    let (port_id, channel_id) = end("channel-9");
    let missing = chain.ask::<QueryChannelResponse>("channel/Channel", &QueryChannelRequest { port_id, channel_id });
    let text = "port-id: transfer, channel-id channel-9: channel not found";
    assert_eq!(missing.unwrap_err(), Status::not_found(text));
    for (channel, text) in [
        ("channel-0", "port-id: transfer, channel-id channel-0: upgrade not found"),
        ("channel-9", "port-id: transfer, channel-id channel-9: channel not found"),
    ] {
        let (port_id, channel_id) = end(channel);
        let upgrade =
            chain.ask::<QueryUpgradeResponse>("channel/Upgrade", &QueryUpgradeRequest { port_id, channel_id });
        assert_eq!(upgrade.unwrap_err(), Status::not_found(text));
    }
    let (port_id, channel_id) = end("channel-0");
    let request = QueryUpgradeErrorRequest { port_id, channel_id };
    let error = chain.ask::<QueryUpgradeErrorResponse>("channel/UpgradeError", &request).unwrap_err();
    let text = "port-id transfer, channel-id channel-0: upgrade error receipt not found";
    assert_eq!(error, Status::not_found(text));
}

#[test]
fn packets_are_told_alone_and_by_pages_and_only_those_of_the_channel() {
    let chain = chain();
    let (port_id, channel_id) = (PORT.to_string(), "channel-0".to_string());
    let states = |pagination| {
        let request =
            QueryPacketCommitmentsRequest { port_id: PORT.into(), channel_id: "channel-0".into(), pagination };
        chain.ask::<QueryPacketCommitmentsResponse>("channel/PacketCommitments", &request).unwrap()
    };
    let numbers = |answer: &[PacketState]| answer.iter().map(|packet| packet.sequence).collect::<Vec<_>>();
    let all = states(None);
    assert_eq!((numbers(&all.commitments), all.height), (vec![1, 10, 11, 2], OURS));
    assert_eq!(all.commitments[1].data, [10; 32]);
    let first = states(page(3, b""));
    assert_eq!(numbers(&states(page(3, &first.pagination.unwrap().next_key)).commitments), [2]);

    let acks = |packet_commitment_sequences: &[u64]| {
        let request = QueryPacketAcknowledgementsRequest {
            port_id: PORT.into(),
            channel_id: "channel-0".into(),
            packet_commitment_sequences: packet_commitment_sequences.to_vec(),
            ..Default::default()
        };
        chain.ask::<QueryPacketAcknowledgementsResponse>("channel/PacketAcknowledgements", &request).unwrap()
    };
    assert_eq!(numbers(&acks(&[]).acknowledgements), [1, 10, 11, 2]);
    let named = acks(&[11, 5, 1]);
    assert_eq!((numbers(&named.acknowledgements), named.pagination), (vec![11, 1], None));

    let commitment = |sequence| {
        let (port_id, channel_id) = (port_id.clone(), channel_id.clone());
        let request = QueryPacketCommitmentRequest { port_id, channel_id, sequence };
        chain.ask::<QueryPacketCommitmentResponse>("channel/PacketCommitment", &request)
    };
    assert_eq!(commitment(2).unwrap().commitment, [2; 32]);
    assert_eq!(commitment(3).unwrap_err(), Status::not_found("packet commitment hash not found"));
    assert_eq!(commitment(0).unwrap_err(), Status::invalid_argument("packet sequence cannot be 0"));
    let received = |sequence| {
        let (port_id, channel_id) = (port_id.clone(), channel_id.clone());
        let request = QueryPacketReceiptRequest { port_id, channel_id, sequence };
        chain.ask::<QueryPacketReceiptResponse>("channel/PacketReceipt", &request).unwrap().received
    };
    assert_eq!((received(10), received(12)), (true, false));
    let request =
        QueryPacketAcknowledgementRequest { port_id: port_id.clone(), channel_id: channel_id.clone(), sequence: 3 };
    let ack = chain.ask::<QueryPacketAcknowledgementResponse>("channel/PacketAcknowledgement", &request);
    assert_eq!(ack.unwrap_err(), Status::not_found("packet acknowledgement hash not found"));
    let next: QueryNextSequenceSendResponse =
        chain.ask("channel/NextSequenceSend", &QueryNextSequenceSendRequest { port_id, channel_id }).unwrap();
    assert_eq!(next.next_sequence_send, 8);
}

#[test]
fn relayers_are_told_which_packets_and_answers_are_still_to_be_brought() {
    let chain = chain();
    let packets = |channel: &str, sequences: &[u64]| {
        let request = QueryUnreceivedPacketsRequest {
            port_id: PORT.into(),
            channel_id: channel.into(),
            packet_commitment_sequences: sequences.to_vec(),
        };
        let answer = chain.ask::<QueryUnreceivedPacketsResponse>("channel/UnreceivedPackets", &request)?;
        assert_eq!(answer.height, OURS);
        Ok::<_, Status>(answer.sequences)
    };
    assert_eq!(packets("channel-0", &[1, 3, 10, 4]), Ok(vec![3, 4]));
    assert_eq!(packets("channel-1", &[4, 5, 6]), Ok(vec![5, 6]), "ordered: from the next on");
    let text = "packet sequence 1 cannot be 0";
    assert_eq!(packets("channel-0", &[1, 0]), Err(Status::invalid_argument(text)));
    assert_eq!(packets("channel-9", &[1]).unwrap_err().code, Code::NotFound);
    let request = QueryUnreceivedAcksRequest {
        port_id: PORT.into(),
        channel_id: "channel-0".into(),
        packet_ack_sequences: vec![2, 3, 11],
    };
    let acks: QueryUnreceivedAcksResponse = chain.ask("channel/UnreceivedAcks", &request).unwrap();
    assert_eq!((acks.sequences, acks.height), (vec![2, 11], OURS));
    let next = |channel: &str| {
        let request = QueryNextSequenceReceiveRequest { port_id: PORT.into(), channel_id: channel.into() };
        chain.ask::<QueryNextSequenceReceiveResponse>("channel/NextSequenceReceive", &request).unwrap()
    };
    assert_eq!((next("channel-0").next_sequence_receive, next("channel-1").next_sequence_receive), (0, 5));
}

#[test]
fn what_is_no_identifier_is_refused_by_every_query() {
    let chain = chain();
    let code = |path: &str, request: &dyn Fn(&str) -> Vec<u8>| {
        for bad in ["", "a", "with/slash-0", "with space-0", &"x".repeat(129)] {
            let ctx = Context::query(&chain.state, &chain.block, GasMeter::infinite());
            let error = chain.router.answer(&ctx, path, &request(bad)).unwrap_err();
            assert_eq!(error.code, Code::InvalidArgument, "{path} {bad}: {error}");
            assert!(error.message.ends_with("invalid identifier"), "{path} {bad}: {error}");
        }
    };
    // Each of these has its identifier in the first field.
    let first = |bad: &str| QueryClientStateRequest { client_id: bad.into() }.encode_to_vec();
    for path in [
        "ClientState",
        "ConsensusState",
        "ConsensusStates",
        "ConsensusStateHeights",
        "ClientStatus",
        "VerifyMembership",
    ] {
        code(&format!("/ibc.core.client.v1.Query/{path}"), &first);
    }
    for path in ["Connection", "ClientConnections", "ConnectionClientState", "ConnectionConsensusState"] {
        code(&format!("/ibc.core.connection.v1.Query/{path}"), &first);
    }
    code("/ibc.core.channel.v1.Query/ConnectionChannels", &first);
    let second = |bad: &str| QueryChannelRequest { port_id: PORT.into(), channel_id: bad.into() }.encode_to_vec();
    for path in [
        "Channel",
        "ChannelClientState",
        "ChannelConsensusState",
        "PacketCommitment",
        "PacketCommitments",
        "PacketReceipt",
        "PacketAcknowledgement",
        "PacketAcknowledgements",
        "UnreceivedPackets",
        "UnreceivedAcks",
        "NextSequenceReceive",
        "NextSequenceSend",
        "UpgradeError",
        "Upgrade",
    ] {
        code(&format!("/ibc.core.channel.v1.Query/{path}"), &first);
        code(&format!("/ibc.core.channel.v1.Query/{path}"), &second);
    }
}

#[test]
fn whoever_asks_once_for_all_gets_all_however_much_junk_others_made() {
    const MANY: usize = 1_100;
    let mut chain = Chain::new();
    let known: Vec<_> = (1..=MANY as u64).map(|at| (at, NOW - 1)).collect();
    chain.set_client(CLIENT, &client(MANY as u64), &known);
    for number in 1..=MANY {
        chain.set_client(&format!("07-tendermint-{number}"), &client(1), &[]);
        let end = ConnectionEnd { client_id: CLIENT.into(), ..Default::default() };
        chain.set(state::connection_key(&format!("connection-{number}")), &end.encode_to_vec());
        chain.set_channel(&format!("channel-{number}"), "connection-1", Order::Unordered);
    }
    // What hermes asks for.
    let pagination = page(u32::MAX.into(), b"");
    let request = QueryClientStatesRequest { pagination: pagination.clone() };
    let clients: QueryClientStatesResponse = chain.ask("client/ClientStates", &request).unwrap();
    assert_eq!(clients.client_states.len(), MANY + 1);
    let request = QueryConsensusStateHeightsRequest { client_id: CLIENT.into(), pagination: pagination.clone() };
    let heights: QueryConsensusStateHeightsResponse = chain.ask("client/ConsensusStateHeights", &request).unwrap();
    assert_eq!(heights.consensus_state_heights.len(), MANY);
    let request = QueryConnectionsRequest { pagination: pagination.clone() };
    let connections: QueryConnectionsResponse = chain.ask("connection/Connections", &request).unwrap();
    assert_eq!(connections.connections.len(), MANY);
    let request = QueryChannelsRequest { pagination: pagination.clone() };
    let channels: QueryChannelsResponse = chain.ask("channel/Channels", &request).unwrap();
    assert_eq!(channels.channels.len(), MANY);
    let request = QueryConnectionChannelsRequest { connection: "connection-1".into(), pagination };
    let of_one: QueryConnectionChannelsResponse = chain.ask("channel/ConnectionChannels", &request).unwrap();
    assert_eq!(of_one.channels.len(), MANY);
    assert!(of_one.pagination.unwrap().next_key.is_empty());
}

#[test]
fn a_list_of_clients_costs_the_same_however_much_they_know() {
    let cost = |known: u64| {
        let mut chain = Chain::new();
        let known: Vec<_> = (10..10 + known).map(|at| (at, NOW - 1)).collect();
        for number in 0..3 {
            chain.set_client(&format!("07-tendermint-{number}"), &client(30), &known);
        }
        let ask = |reverse: bool, key: &[u8]| {
            let pagination = Some(PageRequest { reverse, key: key.to_vec(), limit: 2, ..Default::default() });
            let ctx = Context::query(&chain.state, &chain.block, GasMeter::infinite());
            let request = QueryClientStatesRequest { pagination }.encode_to_vec();
            let answer = chain.router.answer(&ctx, "/ibc.core.client.v1.Query/ClientStates", &request).unwrap();
            let answer = QueryClientStatesResponse::decode(answer.as_slice()).unwrap();
            let ids: Vec<_> = answer.client_states.into_iter().map(|client| client.client_id).collect();
            (ids.join(" "), answer.pagination.unwrap().next_key, ctx.gas().consumed())
        };
        let (first, next, up) = ask(false, b"");
        assert_eq!(first, "07-tendermint-0 07-tendermint-1");
        assert_eq!(ask(false, &next).0, "07-tendermint-2");
        let (last, next, down) = ask(true, b"");
        assert_eq!(last, "07-tendermint-1 07-tendermint-2");
        assert_eq!(ask(true, &next).0, "07-tendermint-0");
        (up, down)
    };
    assert_eq!(cost(10), cost(80));
}
