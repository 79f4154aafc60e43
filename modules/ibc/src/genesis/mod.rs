//! Genesis: `ibc.core.types.v1.GenesisState`, as ibc-go exports it.
//!
//! What is exported is the whole store, and a chain that begins with it has the same keys and values. Other than ibc-go this chain has
//! no client of itself (`09-localhost`), and takes none over.

mod check;
mod export;

pub(crate) use check::check;
pub(crate) use export::export;

use cosmwasm_std::Storage;
use ibc_proto::ibc::core::channel::v1::{self as channel, Channel, PacketSequence, PacketState};
use ibc_proto::ibc::core::client::v1 as client;
use ibc_proto::ibc::core::connection::v1::{self as connection, ClientPaths, ConnectionEnd};
use ibc_proto::ibc::core::types::v1::GenesisState;
use openledger_core::{Context, Result};
use openledger_proto::{Any, Message};

use crate::error::Kind;
use crate::keeper::encode;
use crate::state::{self, STORE};

/// ibc-go's default: 30 seconds.
const MAX_TIME_PER_BLOCK: u64 = 30_000_000_000;

/// The genesis of a chain that knows no other.
pub(crate) fn default() -> GenesisState {
    let params = client::Params { allowed_clients: vec!["*".into()] };
    let client_genesis = client::GenesisState { params: Some(params), ..Default::default() };
    let params = connection::Params { max_expected_time_per_block: MAX_TIME_PER_BLOCK };
    let connection_genesis = connection::GenesisState { params: Some(params), ..Default::default() };
    let params = Some(state::default_channel_params());
    let channel_genesis = channel::GenesisState { params, ..Default::default() };
    GenesisState {
        client_genesis: Some(client_genesis),
        connection_genesis: Some(connection_genesis),
        channel_genesis: Some(channel_genesis),
    }
}

/// Reads a genesis; a part that is absent is the default.
pub(crate) fn read(bytes: &[u8]) -> Result<GenesisState> {
    let read = GenesisState::decode(bytes).map_err(|error| Kind::InvalidRequest.with(error.to_string()))?;
    let default = default();
    Ok(GenesisState {
        client_genesis: read.client_genesis.or(default.client_genesis),
        connection_genesis: read.connection_genesis.or(default.connection_genesis),
        channel_genesis: read.channel_genesis.or(default.channel_genesis),
    })
}

/// Writes a genesis that was checked.
pub(crate) fn init(ctx: &mut Context, genesis: GenesisState) -> Result<()> {
    let mut kv = ctx.kv_mut(STORE);
    init_clients(&mut kv, genesis.client_genesis.unwrap_or_default());
    init_connections(&mut kv, genesis.connection_genesis.unwrap_or_default());
    init_channels(&mut kv, genesis.channel_genesis.unwrap_or_default());
    Ok(())
}

fn put_any(kv: &mut dyn Storage, key: &[u8], any: Option<&Any>) {
    if let Some(any) = any {
        kv.set(key, &encode(any));
    }
}

fn init_clients(kv: &mut dyn Storage, genesis: client::GenesisState) {
    state::set_client_params(kv, &genesis.params.unwrap_or_default());
    for of in &genesis.clients_metadata {
        for entry in &of.client_metadata {
            kv.set(&[state::client_prefix(&of.client_id), entry.key.clone()].concat(), &entry.value);
        }
    }
    for client in &genesis.clients {
        put_any(kv, &state::client_state_key(&client.client_id), client.client_state.as_ref());
    }
    for of in &genesis.clients_consensus {
        for known in &of.consensus_states {
            let height = known.height.unwrap_or_default();
            put_any(kv, &state::consensus_state_key(&of.client_id, &height), known.consensus_state.as_ref());
        }
    }
    state::set_number(kv, state::NEXT_CLIENT, genesis.next_client_sequence);
}

fn init_connections(kv: &mut dyn Storage, genesis: connection::GenesisState) {
    for known in genesis.connections {
        let key = state::connection_key(&known.id);
        let end = ConnectionEnd {
            client_id: known.client_id,
            versions: known.versions,
            state: known.state,
            counterparty: known.counterparty,
            delay_period: known.delay_period,
        };
        kv.set(&key, &end.encode_to_vec());
    }
    for of in genesis.client_connection_paths {
        let paths = ClientPaths { paths: of.paths };
        kv.set(&state::client_connections_key(&of.client_id), &paths.encode_to_vec());
    }
    state::set_number(kv, state::NEXT_CONNECTION, genesis.next_connection_sequence);
    state::set_connection_params(kv, &genesis.params.unwrap_or_default());
}

fn init_channels(kv: &mut dyn Storage, genesis: channel::GenesisState) {
    state::set_channel_params(kv, &genesis.params.unwrap_or_default());
    for known in genesis.channels {
        let key = state::channel_key(&known.port_id, &known.channel_id);
        let end = Channel {
            state: known.state,
            ordering: known.ordering,
            counterparty: known.counterparty,
            connection_hops: known.connection_hops,
            version: known.version,
            upgrade_sequence: known.upgrade_sequence,
        };
        kv.set(&key, &end.encode_to_vec());
    }
    let mut packets = |states: &[PacketState], key: fn(&str, &str, u64) -> Vec<u8>| {
        for packet in states {
            kv.set(&key(&packet.port_id, &packet.channel_id, packet.sequence), &packet.data);
        }
    };
    packets(&genesis.acknowledgements, state::ack_key);
    packets(&genesis.commitments, state::commitment_key);
    for receipt in &genesis.receipts {
        kv.set(&state::receipt_key(&receipt.port_id, &receipt.channel_id, receipt.sequence), &state::PRESENT);
    }
    let mut sequences = |known: &[PacketSequence], key: fn(&str, &str) -> Vec<u8>| {
        for next in known {
            state::set_number(kv, &key(&next.port_id, &next.channel_id), next.sequence);
        }
    };
    sequences(&genesis.send_sequences, state::next_send_key);
    sequences(&genesis.recv_sequences, state::next_recv_key);
    sequences(&genesis.ack_sequences, state::next_ack_key);
    state::set_number(kv, state::NEXT_CHANNEL, genesis.next_channel_sequence);
}
