//! The store as a genesis, in the order of ibc-go's export: clients by name, the rest by key.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Record, Storage};
use ibc_proto::ibc::core::channel::v1::{self as channel, Channel, IdentifiedChannel, PacketSequence, PacketState};
use ibc_proto::ibc::core::client::v1::{
    self as client, ClientConsensusStates, ConsensusStateWithHeight, GenesisMetadata, IdentifiedClientState,
    IdentifiedGenesisMetadata,
};
use ibc_proto::ibc::core::connection::v1::{
    self as connection, ClientPaths, ConnectionEnd, ConnectionPaths, IdentifiedConnection,
};
use ibc_proto::ibc::core::types::v1::GenesisState;
use openledger_core::query::prefix_end;
use openledger_core::{Context, Result, SdkError};

use crate::state::{self, STORE};

/// The state as a genesis.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let (client_genesis, client_connection_paths) = clients(&*kv)?;
    let connection_genesis = connection::GenesisState {
        connections: connections(&*kv)?,
        client_connection_paths,
        next_connection_sequence: state::number(&*kv, state::NEXT_CONNECTION)?.unwrap_or_default(),
        params: Some(state::connection_params(&*kv)?),
    };
    let channel_genesis = channel::GenesisState {
        channels: channels(&*kv)?,
        acknowledgements: packets(&*kv, state::ACKS)?,
        commitments: packets(&*kv, state::COMMITMENTS)?,
        receipts: packets(&*kv, state::RECEIPTS)?,
        send_sequences: sequences(&*kv, state::NEXT_SEND)?,
        recv_sequences: sequences(&*kv, state::NEXT_RECV)?,
        ack_sequences: sequences(&*kv, state::NEXT_ACK)?,
        next_channel_sequence: state::number(&*kv, state::NEXT_CHANNEL)?.unwrap_or_default(),
        params: Some(state::channel_params(&*kv)?),
    };
    Ok(GenesisState {
        client_genesis: Some(client_genesis),
        connection_genesis: Some(connection_genesis),
        channel_genesis: Some(channel_genesis),
    })
}

fn under<'a>(kv: &'a dyn Storage, prefix: &[u8]) -> Box<dyn Iterator<Item = Record> + 'a> {
    kv.range(Some(prefix), prefix_end(prefix).as_deref(), Order::Ascending)
}

fn foreign(key: &[u8]) -> SdkError {
    SdkError::Logic(format!("state of ibc: an unknown key {}", String::from_utf8_lossy(key)))
}

/// One client, as its keys are met.
#[derive(Default)]
struct Found {
    client: Option<IdentifiedClientState>,
    known: Vec<ConsensusStateWithHeight>,
    /// In ibc-go's order: what is of consensus states, then the index.
    metadata: (Vec<GenesisMetadata>, Vec<GenesisMetadata>),
    connections: Option<Vec<String>>,
}

fn clients(kv: &dyn Storage) -> Result<(client::GenesisState, Vec<ConnectionPaths>)> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (key, value) in under(kv, state::CLIENTS) {
        let rest = key.get(state::CLIENTS.len()..).unwrap_or_default();
        let slash = rest.iter().position(|byte| *byte == b'/').ok_or_else(|| foreign(&key))?;
        let (id, rest) = rest.split_at(slash);
        let (id, within) = (String::from_utf8_lossy(id).into_owned(), rest.get(1..).unwrap_or_default());
        note(found.entry(id.clone()).or_default(), id, within, &value)?;
    }
    let mut genesis = client::GenesisState {
        params: Some(state::client_params(kv)?),
        next_client_sequence: state::number(kv, state::NEXT_CLIENT)?.unwrap_or_default(),
        ..Default::default()
    };
    let mut paths = Vec::new();
    for (client_id, found) in found {
        genesis.clients.extend(found.client);
        if !found.known.is_empty() {
            let (client_id, consensus_states) = (client_id.clone(), found.known);
            genesis.clients_consensus.push(ClientConsensusStates { client_id, consensus_states });
        }
        let client_metadata = [found.metadata.0, found.metadata.1].concat();
        if !client_metadata.is_empty() {
            let client_id = client_id.clone();
            genesis.clients_metadata.push(IdentifiedGenesisMetadata { client_id, client_metadata });
        }
        paths.extend(found.connections.map(|paths| ConnectionPaths { client_id, paths }));
    }
    Ok((genesis, paths))
}

/// Takes one key of a client; `within` is what follows the client's name.
fn note(found: &mut Found, client_id: String, within: &[u8], value: &[u8]) -> Result<()> {
    let entry = || GenesisMetadata { key: within.to_vec(), value: value.to_vec() };
    if within == b"clientState" {
        let client_state = Some(state::decode(value)?);
        found.client = Some(IdentifiedClientState { client_id, client_state });
    } else if within == b"connections" {
        found.connections = Some(state::decode::<ClientPaths>(value)?.paths);
    } else if within.starts_with(state::ITERATE.as_bytes()) {
        found.metadata.1.push(entry());
    } else {
        let text = std::str::from_utf8(within).map_err(|_| foreign(within))?;
        let height = text.strip_prefix("consensusStates/").ok_or_else(|| foreign(within))?;
        match height.split_once('/') {
            Some(_) => found.metadata.0.push(entry()),
            None => {
                let height = Some(state::read_height(height).ok_or_else(|| foreign(within))?);
                let consensus_state = Some(state::decode(value)?);
                found.known.push(ConsensusStateWithHeight { height, consensus_state });
            }
        }
    }
    Ok(())
}

fn connections(kv: &dyn Storage) -> Result<Vec<IdentifiedConnection>> {
    let read = |(key, value): Record| {
        let end: ConnectionEnd = state::decode(&value)?;
        let id = String::from_utf8_lossy(key.get(state::CONNECTIONS.len()..).unwrap_or_default()).into_owned();
        Ok(IdentifiedConnection {
            id,
            client_id: end.client_id,
            versions: end.versions,
            state: end.state,
            counterparty: end.counterparty,
            delay_period: end.delay_period,
        })
    };
    under(kv, state::CONNECTIONS).map(read).collect()
}

fn channels(kv: &dyn Storage) -> Result<Vec<IdentifiedChannel>> {
    let read = |(key, value): Record| {
        let (port_id, channel_id, _) = state::split_end(state::CHANNELS, &key).ok_or_else(|| foreign(&key))?;
        let end: Channel = state::decode(&value)?;
        Ok(IdentifiedChannel {
            state: end.state,
            ordering: end.ordering,
            counterparty: end.counterparty,
            connection_hops: end.connection_hops,
            version: end.version,
            port_id,
            channel_id,
            upgrade_sequence: end.upgrade_sequence,
        })
    };
    under(kv, state::CHANNELS).map(read).collect()
}

fn packets(kv: &dyn Storage, kind: &[u8]) -> Result<Vec<PacketState>> {
    let read = |(key, data): Record| match state::split_end(kind, &key) {
        Some((port_id, channel_id, Some(sequence))) => Ok(PacketState { port_id, channel_id, sequence, data }),
        _ => Err(foreign(&key).into()),
    };
    under(kv, kind).map(read).collect()
}

fn sequences(kv: &dyn Storage, kind: &[u8]) -> Result<Vec<PacketSequence>> {
    let read = |(key, value): Record| {
        let (port_id, channel_id, _) = state::split_end(kind, &key).ok_or_else(|| foreign(&key))?;
        let bytes = value.as_slice().try_into().map_err(|_| foreign(&key))?;
        Ok(PacketSequence { port_id, channel_id, sequence: u64::from_be_bytes(bytes) })
    };
    under(kv, kind).map(read).collect()
}
