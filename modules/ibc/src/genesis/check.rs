//! What a genesis has to be like: what handlers could have written.
//!
//! Source: ibc-go v8 `modules/core/{02-client,03-connection,04-channel}/types/genesis.go`. Beside its checks: proof specifications are
//! the SDK's, metadata is of the kinds that a client of this chain has, and nothing is there twice.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use ibc::core::channel::types::channel::ChannelEnd;
use ibc::core::connection::types::ConnectionEnd;
use ibc::core::host::types::identifiers::{ChannelId, ClientId, ConnectionId, PortId};
use ibc_proto::ibc::core::channel::v1::{self as channel, Channel, PacketSequence, PacketState};
use ibc_proto::ibc::core::client::v1::{self as client, GenesisMetadata};
use ibc_proto::ibc::core::connection::v1::{self as connection, ConnectionEnd as RawConnectionEnd};
use ibc_proto::ibc::core::types::v1::GenesisState;
use openledger_core::Result;

use crate::error::{IbcError, Kind};
use crate::keeper::{allows, check_client_params, check_connection_params, TENDERMINT};
use crate::{light_client, state};

fn refuse(text: impl Into<String>) -> IbcError {
    Kind::InvalidRequest.with(text)
}

fn wrong(what: &str, error: impl Display) -> IbcError {
    refuse(format!("{what}: {error}"))
}

/// Refuses a genesis that no chain could have exported.
pub(crate) fn check(genesis: &GenesisState) -> Result<()> {
    let clients = match &genesis.client_genesis {
        Some(genesis) => check_clients(genesis)?,
        None => BTreeSet::new(),
    };
    if let Some(genesis) = &genesis.connection_genesis {
        check_connections(genesis, &clients)?;
    }
    genesis.channel_genesis.as_ref().map_or(Ok(()), check_channels)
}

/// Refuses a name whose number was not given yet.
fn numbered(name: &str, prefix: &str, next: u64) -> Result<(), IbcError> {
    let number = name.strip_prefix(prefix).and_then(|number| number.parse::<u64>().ok());
    match number {
        Some(number) if number < next => Ok(()),
        Some(number) => Err(refuse(format!("{name}: the next sequence {next} must be greater than {number}"))),
        None => Err(refuse(format!("{name} is not {prefix} and a number"))),
    }
}

fn once<T: Ord>(seen: &mut BTreeSet<T>, key: T, what: &str) -> Result<(), IbcError> {
    if seen.insert(key) {
        Ok(())
    } else {
        Err(refuse(format!("{what} is there twice")))
    }
}

fn check_clients(genesis: &client::GenesisState) -> Result<BTreeSet<String>> {
    let params = genesis.params.as_ref().ok_or_else(|| refuse("the parameters of clients are missing"))?;
    check_client_params(params)?;
    let mut clients = BTreeSet::new();
    for known in &genesis.clients {
        let id = &known.client_id;
        ClientId::from_str(id).map_err(|error| wrong(id, error))?;
        let prefix = format!("{TENDERMINT}-");
        numbered(id, &prefix, genesis.next_client_sequence)?;
        if !allows(params, TENDERMINT) {
            return Err(refuse(format!("client type {TENDERMINT} not allowed by genesis params")).into());
        }
        let client = light_client::read(known.client_state.as_ref())?;
        client.validate().map_err(|error| wrong(id, error))?;
        light_client::check_specs(&client)?;
        once(&mut clients, id.clone(), id)?;
    }
    let of = |id: &String| clients.get(id).map(|_| ()).ok_or_else(|| refuse(format!("there is no client {id}")));
    for known in &genesis.clients_consensus {
        of(&known.client_id)?;
        for entry in &known.consensus_states {
            if entry.height.unwrap_or_default().revision_height == 0 {
                return Err(refuse(format!("{}: consensus state height cannot be zero", known.client_id)).into());
            }
            light_client::read_consensus_state(entry.consensus_state.as_ref())?;
        }
    }
    for known in &genesis.clients_metadata {
        of(&known.client_id)?;
        known.client_metadata.iter().try_for_each(|entry| check_metadata(&known.client_id, entry))?;
    }
    Ok(clients)
}

fn check_metadata(client: &str, entry: &GenesisMetadata) -> Result<(), IbcError> {
    let refuse = || Kind::InvalidClientMetadata.with(format!("{client}: {:?}", String::from_utf8_lossy(&entry.key)));
    if entry.value.is_empty() {
        return Err(refuse());
    }
    if let Some(height) = entry.key.strip_prefix(state::ITERATE.as_bytes()) {
        return if height.len() == 16 { Ok(()) } else { Err(refuse()) };
    }
    let text = std::str::from_utf8(&entry.key).map_err(|_| refuse())?;
    let of = text.strip_prefix("consensusStates/").and_then(|rest| rest.split_once('/'));
    match of {
        Some((height, "processedTime")) if state::read_height(height).is_some() && entry.value.len() == 8 => Ok(()),
        Some((height, "processedHeight")) if state::read_height(height).is_some() => Ok(()),
        _ => Err(refuse()),
    }
}

fn check_connections(genesis: &connection::GenesisState, clients: &BTreeSet<String>) -> Result<()> {
    let params = genesis.params.as_ref().ok_or_else(|| refuse("the parameters of connections are missing"))?;
    check_connection_params(params)?;
    let mut seen = BTreeSet::new();
    for known in genesis.connections.iter().cloned() {
        let id = known.id;
        ConnectionId::from_str(&id).map_err(|error| wrong(&id, error))?;
        numbered(&id, "connection-", genesis.next_connection_sequence)?;
        if !clients.contains(&known.client_id) {
            return Err(refuse(format!("{id}: there is no client {}", known.client_id)).into());
        }
        let end = RawConnectionEnd {
            client_id: known.client_id,
            versions: known.versions,
            state: known.state,
            counterparty: known.counterparty,
            delay_period: known.delay_period,
        };
        ConnectionEnd::try_from(end).map_err(|error| wrong(&id, error))?;
        once(&mut seen, id.clone(), &id)?;
    }
    for of in &genesis.client_connection_paths {
        if !clients.contains(&of.client_id) {
            return Err(refuse(format!("connections of {}, which is no client", of.client_id)).into());
        }
        if let Some(unknown) = of.paths.iter().find(|path| !seen.contains(*path)) {
            return Err(refuse(format!("{}: there is no connection {unknown}", of.client_id)).into());
        }
    }
    Ok(())
}

fn check_channels(genesis: &channel::GenesisState) -> Result<()> {
    let params = genesis.params.as_ref().ok_or_else(|| refuse("the parameters of channels are missing"))?;
    let timeout = params.upgrade_timeout.unwrap_or_default();
    let height = timeout.height.unwrap_or_default();
    if height.revision_height != 0 || height.revision_number != 0 || timeout.timestamp == 0 {
        return Err(refuse("the timeout of channel upgrades is a time and no height").into());
    }
    let mut ends = BTreeSet::new();
    for known in genesis.channels.iter().cloned() {
        let (port, id) = (known.port_id, known.channel_id);
        check_names(&port, &id)?;
        numbered(&id, "channel-", genesis.next_channel_sequence)?;
        let end = Channel {
            state: known.state,
            ordering: known.ordering,
            counterparty: known.counterparty,
            connection_hops: known.connection_hops,
            version: known.version,
            upgrade_sequence: known.upgrade_sequence,
        };
        ChannelEnd::try_from(end).map_err(|error| wrong(&id, error))?;
        once(&mut ends, (port, id.clone()), &id)?;
    }
    let kinds = [
        (&genesis.acknowledgements, true, "acknowledgement"),
        (&genesis.commitments, true, "commitment"),
        (&genesis.receipts, false, "receipt"),
    ];
    for (packets, with_data, what) in kinds {
        check_packets(packets, with_data, what)?;
    }
    for next in [&genesis.send_sequences, &genesis.recv_sequences, &genesis.ack_sequences] {
        check_sequences(next)?;
    }
    Ok(())
}

fn check_names(port: &str, channel: &str) -> Result<(), IbcError> {
    PortId::from_str(port).map_err(|error| wrong(port, error))?;
    ChannelId::from_str(channel).map_err(|error| wrong(channel, error))?;
    Ok(())
}

fn check_packets(packets: &[PacketState], with_data: bool, what: &str) -> Result<(), IbcError> {
    let mut seen = BTreeSet::new();
    for packet in packets {
        check_names(&packet.port_id, &packet.channel_id)?;
        if packet.sequence == 0 || (with_data && packet.data.is_empty()) {
            return Err(refuse(format!("{what} of {}: no sequence or no data", packet.channel_id)));
        }
        once(&mut seen, (&packet.port_id, &packet.channel_id, packet.sequence), what)?;
    }
    Ok(())
}

fn check_sequences(known: &[PacketSequence]) -> Result<(), IbcError> {
    let mut seen = BTreeSet::new();
    for next in known {
        check_names(&next.port_id, &next.channel_id)?;
        if next.sequence == 0 {
            return Err(refuse(format!("{}: a sequence cannot be 0", next.channel_id)));
        }
        once(&mut seen, (&next.port_id, &next.channel_id), "a sequence")?;
    }
    Ok(())
}
