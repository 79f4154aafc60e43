//! A relayer between two chains: clients, handshakes, packets.

use ibc::clients::tendermint::types::{
    AllowUpdate, ClientState as TmClientState, ConsensusState as TmConsensusState, TrustThreshold,
};
use ibc::core::channel::types::timeout::{TimeoutHeight, TimeoutTimestamp};
use ibc::core::client::types::Height;
use ibc::core::commitment_types::specs::ProofSpecs;
use ibc_proto::ibc::core::channel::v1::*;
use ibc_proto::ibc::core::client::v1::{MsgCreateClient, MsgUpdateClient};
use ibc_proto::ibc::core::commitment::v1::MerklePrefix;
use ibc_proto::ibc::core::connection::v1::{
    Counterparty as ConnectionCounterparty, MsgConnectionOpenAck, MsgConnectionOpenConfirm, MsgConnectionOpenInit,
    MsgConnectionOpenTry, Version,
};
use openledger_core::{Error, Event};
use openledger_ibc::state;
use openledger_proto::{Any, Message};
use std::time::Duration;

use super::app::{PORT, VERSION};
use super::attribute;
use super::chain::{Chain, UNBONDING};

/// Two chains, by number, and what they know of each other.
pub struct Link {
    pub chains: [Chain; 2],
    pub clients: [String; 2],
    /// The height of the other chain that each client knows last.
    pub known: [u64; 2],
    pub connections: [String; 2],
    pub channels: [String; 2],
    pub order: Order,
}

pub const TRUSTING: i64 = UNBONDING / 3 * 2;
pub type Done = Result<(Vec<u8>, Vec<Event>), Error>;

/// A client of a chain that knows the height before its last.
pub fn client_of(chain: &Chain) -> (TmClientState, TmConsensusState) {
    let height = chain.block.height;
    let client = TmClientState::new(
        chain.id.parse().unwrap(),
        TrustThreshold::ONE_THIRD,
        Duration::from_secs(TRUSTING.try_into().unwrap()),
        Duration::from_secs(UNBONDING.try_into().unwrap()),
        Duration::from_secs(10),
        Height::new(chain.revision(), height).unwrap(),
        ProofSpecs::cosmos(),
        vec!["upgrade".into(), "upgradedIBCState".into()],
        AllowUpdate { after_expiry: false, after_misbehaviour: false },
    );
    (client.unwrap(), chain.header_at(height).into())
}

pub fn create(chain: &Chain, client: TmClientState, known: TmConsensusState) -> MsgCreateClient {
    let (client_state, consensus_state) = (Some(client.into()), Some(known.into()));
    MsgCreateClient { client_state, consensus_state, signer: chain.signer() }
}

impl Link {
    /// Two chains that have clients of each other.
    pub fn clients() -> Self {
        let mut chains = [Chain::new("north-1", 1), Chain::new("south-4", 2)];
        for _ in 0..3 {
            chains.iter_mut().for_each(Chain::next);
        }
        let mut link = Self {
            chains,
            clients: Default::default(),
            known: [0; 2],
            connections: Default::default(),
            channels: Default::default(),
            order: Order::Unordered,
        };
        for here in 0..2 {
            link.clients[here] = link.create(here);
        }
        link.tick();
        link
    }

    /// Creates a client of the other chain.
    pub fn create(&mut self, here: usize) -> String {
        let there = 1 - here;
        let (client, known) = client_of(&self.chains[there]);
        let msg = create(&self.chains[here], client, known);
        self.known[here] = self.chains[there].block.height;
        let (_, events) = self.chains[here].execute(&msg).unwrap();
        attribute(&events, "create_client", "client_id")
    }

    /// A block on both.
    pub fn tick(&mut self) {
        self.chains.iter_mut().for_each(Chain::next);
    }

    /// The header of the block that the other chain is making, for the client here.
    pub fn update_msg(&self, here: usize) -> MsgUpdateClient {
        let there = &self.chains[1 - here];
        let header = there.signed(there.header_at(there.block.height), self.known[here]);
        self.message(here, header.into())
    }

    pub fn message(&self, here: usize, client_message: Any) -> MsgUpdateClient {
        let client_id = self.clients[here].clone();
        MsgUpdateClient { client_id, client_message: Some(client_message), signer: self.chains[here].signer() }
    }

    /// Brings the client here up to the block that the other chain is making.
    pub fn update(&mut self, here: usize) -> Vec<Event> {
        let msg = self.update_msg(here);
        let (_, events) = self.chains[here].execute(&msg).unwrap();
        self.known[here] = self.chains[1 - here].block.height;
        events
    }

    /// Commits what was done, and lets each know of it: what stands on one can be proven to the other.
    pub fn sync(&mut self) {
        self.tick();
        for here in 0..2 {
            if self.known[here] < self.chains[1 - here].block.height {
                self.update(here);
            }
        }
    }

    /// A proof of the other chain's state, for the client here.
    pub fn proof(&self, here: usize, key: &[u8]) -> Vec<u8> {
        self.chains[1 - here].prove("ibc", key)
    }

    pub fn proof_height(&self, here: usize) -> Option<ibc_proto::ibc::core::client::v1::Height> {
        let there = &self.chains[1 - here];
        Some(there.height(there.block.height))
    }

    fn side(&self, here: usize, connection: &str) -> ConnectionCounterparty {
        let prefix = Some(MerklePrefix { key_prefix: b"ibc".to_vec() });
        ConnectionCounterparty { client_id: self.clients[here].clone(), connection_id: connection.into(), prefix }
    }

    /// What the other chain says of this one: the client that it has, what that knows, and proofs of both.
    fn witness(&self, here: usize) -> (Any, Vec<u8>, Vec<u8>, Option<ibc_proto::ibc::core::client::v1::Height>) {
        let there = &self.chains[1 - here];
        let id = &self.clients[1 - here];
        let key = state::client_state_key(id);
        let client = Any::decode(there.committed("ibc", &key).unwrap().as_slice()).unwrap();
        let latest = TmClientState::try_from(client.clone()).unwrap().latest_height.into();
        let known = self.proof(here, &state::consensus_state_key(id, &latest));
        (client, self.proof(here, &key), known, Some(latest))
    }

    fn versions() -> Vec<Version> {
        vec![Version { identifier: "1".into(), features: vec!["ORDER_ORDERED".into(), "ORDER_UNORDERED".into()] }]
    }

    pub fn connection_try(&mut self, delay_period: u64) -> MsgConnectionOpenTry {
        self.sync();
        self.sync();
        let (client, proof_client, proof_consensus, consensus_height) = self.witness(1);
        #[allow(deprecated)]
        MsgConnectionOpenTry {
            client_id: self.clients[1].clone(),
            previous_connection_id: String::new(),
            client_state: Some(client),
            counterparty: Some(self.side(0, &self.connections[0])),
            delay_period,
            counterparty_versions: Self::versions(),
            proof_height: self.proof_height(1),
            proof_init: self.proof(1, &state::connection_key(&self.connections[0])),
            proof_client,
            proof_consensus,
            consensus_height,
            signer: self.chains[1].signer(),
            host_consensus_state_proof: Vec::new(),
        }
    }

    pub fn connection_init(&mut self, delay_period: u64) {
        let msg = MsgConnectionOpenInit {
            client_id: self.clients[0].clone(),
            counterparty: Some(self.side(1, "")),
            version: None,
            delay_period,
            signer: self.chains[0].signer(),
        };
        let (_, events) = self.chains[0].execute(&msg).unwrap();
        self.connections[0] = attribute(&events, "connection_open_init", "connection_id");
    }

    /// Opens a connection.
    pub fn connect(&mut self, delay_period: u64) {
        self.connection_init(delay_period);
        let msg = self.connection_try(delay_period);
        let (_, events) = self.chains[1].execute(&msg).unwrap();
        self.connections[1] = attribute(&events, "connection_open_try", "connection_id");
        self.sync();
        self.sync();
        let (client, proof_client, proof_consensus, consensus_height) = self.witness(0);
        let msg = MsgConnectionOpenAck {
            connection_id: self.connections[0].clone(),
            counterparty_connection_id: self.connections[1].clone(),
            version: Self::versions().pop(),
            client_state: Some(client),
            proof_height: self.proof_height(0),
            proof_try: self.proof(0, &state::connection_key(&self.connections[1])),
            proof_client,
            proof_consensus,
            consensus_height,
            signer: self.chains[0].signer(),
            host_consensus_state_proof: Vec::new(),
        };
        self.chains[0].execute(&msg).unwrap();
        self.sync();
        let msg = MsgConnectionOpenConfirm {
            connection_id: self.connections[1].clone(),
            proof_ack: self.proof(1, &state::connection_key(&self.connections[0])),
            proof_height: self.proof_height(1),
            signer: self.chains[1].signer(),
        };
        self.chains[1].execute(&msg).unwrap();
    }

    pub fn channel_init(&self, version: &str) -> MsgChannelOpenInit {
        let channel = Channel {
            state: State::Init.into(),
            ordering: self.order.into(),
            counterparty: Some(Counterparty { port_id: PORT.into(), channel_id: String::new() }),
            connection_hops: vec![self.connections[0].clone()],
            version: version.into(),
            upgrade_sequence: 0,
        };
        MsgChannelOpenInit { port_id: PORT.into(), channel: Some(channel), signer: self.chains[0].signer() }
    }

    pub fn channel_try(&mut self) -> MsgChannelOpenTry {
        self.sync();
        let channel = Channel {
            state: State::Tryopen.into(),
            ordering: self.order.into(),
            counterparty: Some(Counterparty { port_id: PORT.into(), channel_id: self.channels[0].clone() }),
            connection_hops: vec![self.connections[1].clone()],
            version: String::new(),
            upgrade_sequence: 0,
        };
        #[allow(deprecated)]
        MsgChannelOpenTry {
            port_id: PORT.into(),
            previous_channel_id: String::new(),
            channel: Some(channel),
            counterparty_version: VERSION.into(),
            proof_init: self.proof(1, &state::channel_key(PORT, &self.channels[0])),
            proof_height: self.proof_height(1),
            signer: self.chains[1].signer(),
        }
    }

    /// Opens a channel.
    pub fn open(&mut self, order: Order) {
        self.order = order;
        let (response, _) = self.chains[0].execute(&self.channel_init("")).unwrap();
        self.channels[0] = MsgChannelOpenInitResponse::decode(response.as_slice()).unwrap().channel_id;
        let msg = self.channel_try();
        let (response, _) = self.chains[1].execute(&msg).unwrap();
        self.channels[1] = MsgChannelOpenTryResponse::decode(response.as_slice()).unwrap().channel_id;
        self.sync();
        let msg = MsgChannelOpenAck {
            port_id: PORT.into(),
            channel_id: self.channels[0].clone(),
            counterparty_channel_id: self.channels[1].clone(),
            counterparty_version: VERSION.into(),
            proof_try: self.proof(0, &state::channel_key(PORT, &self.channels[1])),
            proof_height: self.proof_height(0),
            signer: self.chains[0].signer(),
        };
        self.chains[0].execute(&msg).unwrap();
        self.sync();
        let msg = MsgChannelOpenConfirm {
            port_id: PORT.into(),
            channel_id: self.channels[1].clone(),
            proof_ack: self.proof(1, &state::channel_key(PORT, &self.channels[0])),
            proof_height: self.proof_height(1),
            signer: self.chains[1].signer(),
        };
        self.chains[1].execute(&msg).unwrap();
    }

    /// Two chains with an open channel.
    pub fn channel(order: Order) -> Self {
        let mut link = Self::clients();
        link.connect(0);
        link.open(order);
        link
    }

    /// Sends a packet from chain 0 that is in time for a hundred blocks.
    pub fn send(&mut self, data: &[u8]) -> Packet {
        self.send_until(data, self.chains[1].block.height + 100, 0).unwrap()
    }

    /// Sends a packet from chain 0 that is too late at a height or time of chain 1.
    pub fn send_until(&mut self, data: &[u8], height: u64, timestamp: u64) -> Result<Packet, Error> {
        let timeout_height = match height {
            0 => TimeoutHeight::Never,
            height => TimeoutHeight::At(Height::new(self.chains[1].revision(), height).unwrap()),
        };
        let (ibc, channel) = (self.chains[0].ibc, self.channels[0].parse().unwrap());
        let port = PORT.parse().unwrap();
        let timeout_timestamp = TimeoutTimestamp::from_nanoseconds(timestamp);
        let sequence = self.chains[0]
            .with(|ctx| ibc.send_packet(ctx, &port, &channel, timeout_height, timeout_timestamp, data.to_vec()))?;
        Ok(Packet {
            sequence,
            source_port: PORT.into(),
            source_channel: self.channels[0].clone(),
            destination_port: PORT.into(),
            destination_channel: self.channels[1].clone(),
            data: data.to_vec(),
            timeout_height: Some(timeout_height).and_then(Into::into).or(Some(Default::default())),
            timeout_timestamp: timestamp,
        })
    }

    pub fn recv_msg(&self, packet: &Packet) -> MsgRecvPacket {
        let key = state::commitment_key(PORT, &packet.source_channel, packet.sequence);
        MsgRecvPacket {
            packet: Some(packet.clone()),
            proof_commitment: self.proof(1, &key),
            proof_height: self.proof_height(1),
            signer: self.chains[1].signer(),
        }
    }

    pub fn recv(&mut self, packet: &Packet) -> Done {
        let msg = self.recv_msg(packet);
        self.chains[1].execute(&msg)
    }

    pub fn ack_msg(&self, packet: &Packet, acknowledgement: &[u8]) -> MsgAcknowledgement {
        let key = state::ack_key(PORT, &packet.destination_channel, packet.sequence);
        MsgAcknowledgement {
            packet: Some(packet.clone()),
            acknowledgement: acknowledgement.to_vec(),
            proof_acked: self.proof(0, &key),
            proof_height: self.proof_height(0),
            signer: self.chains[0].signer(),
        }
    }

    /// That a packet was not received; on an ordered channel, with the next sequence that is.
    pub fn timeout_msg(&self, packet: &Packet, next: u64) -> MsgTimeout {
        MsgTimeout {
            packet: Some(packet.clone()),
            proof_unreceived: self.unreceived(packet),
            proof_height: self.proof_height(0),
            next_sequence_recv: next,
            signer: self.chains[0].signer(),
        }
    }

    pub fn unreceived(&self, packet: &Packet) -> Vec<u8> {
        let channel = &packet.destination_channel;
        self.proof(
            0,
            &match self.order {
                Order::Ordered => state::next_recv_key(PORT, channel),
                _ => state::receipt_key(PORT, channel, packet.sequence),
            },
        )
    }
}
