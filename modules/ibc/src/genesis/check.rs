//! What a genesis has to be like: what handlers could have written.
//!
//! Source: ibc-go v8 `modules/core/{02-client,03-connection,04-channel}/types/genesis.go`. Beside its checks: proof specifications are
//! the SDK's, metadata is of the kinds that a client of this chain has, nothing is there twice, and what names something else names what
//! is there. Of its checks one is not made: that the parameters allow the clients. Governance may forbid clients that there are, which
//! are `Unauthorized` from then on, and the chain goes on and can be exported.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use ibc::core::channel::types::channel::{ChannelEnd, State};
use ibc::core::connection::types::ConnectionEnd;
use ibc::core::host::types::identifiers::{ChannelId, ClientId, ConnectionId, PortId};
use ibc_proto::ibc::core::channel::v1::{self as channel, Channel, PacketSequence, PacketState};
use ibc_proto::ibc::core::client::v1::{self as client, GenesisMetadata};
use ibc_proto::ibc::core::connection::v1::{self as connection, ConnectionEnd as RawConnectionEnd};
use ibc_proto::ibc::core::types::v1::GenesisState;
use openledger_core::Result;

use crate::error::{IbcError, Kind};
use crate::keeper::{check_client_params, check_connection_params, TENDERMINT};
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
    let connections = match &genesis.connection_genesis {
        Some(genesis) => check_connections(genesis, &clients)?,
        None => BTreeSet::new(),
    };
    genesis.channel_genesis.as_ref().map_or(Ok(()), |genesis| check_channels(genesis, &connections))
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
        let client = light_client::read(known.client_state.as_ref())?;
        client.validate().map_err(|error| wrong(id, error))?;
        light_client::check_specs(&client)?;
        once(&mut clients, id.clone(), id)?;
    }
    let of = |id: &String| clients.get(id).map(|_| ()).ok_or_else(|| refuse(format!("there is no client {id}")));
    let (mut seen, mut heights) = (BTreeSet::new(), BTreeSet::new());
    for known in &genesis.clients_consensus {
        let id = &known.client_id;
        of(id)?;
        once(&mut seen, id, &format!("what {id} knows"))?;
        for entry in &known.consensus_states {
            let height = entry.height.unwrap_or_default();
            if height.revision_height == 0 {
                return Err(refuse(format!("{id}: consensus state height cannot be zero")).into());
            }
            let place = (id, height.revision_number, height.revision_height);
            once(&mut heights, place, &format!("{id}: a consensus state"))?;
            light_client::read_consensus_state(entry.consensus_state.as_ref())?;
        }
    }
    let (mut seen, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for known in &genesis.clients_metadata {
        let id = &known.client_id;
        of(id)?;
        once(&mut seen, id, &format!("metadata of {id}"))?;
        for entry in &known.client_metadata {
            check_metadata(id, entry)?;
            once(&mut keys, (id, &entry.key), &format!("{id}: an entry of its metadata"))?;
        }
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

fn check_connections(genesis: &connection::GenesisState, clients: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let params = genesis.params.as_ref().ok_or_else(|| refuse("the parameters of connections are missing"))?;
    check_connection_params(params)?;
    let (mut connections, mut of_clients) = (BTreeSet::new(), BTreeSet::new());
    for known in genesis.connections.iter().cloned() {
        let id = known.id;
        ConnectionId::from_str(&id).map_err(|error| wrong(&id, error))?;
        numbered(&id, "connection-", genesis.next_connection_sequence)?;
        if !clients.contains(&known.client_id) {
            return Err(refuse(format!("{id}: there is no client {}", known.client_id)).into());
        }
        of_clients.insert((known.client_id.clone(), id.clone()));
        let end = RawConnectionEnd {
            client_id: known.client_id,
            versions: known.versions,
            state: known.state,
            counterparty: known.counterparty,
            delay_period: known.delay_period,
        };
        ConnectionEnd::try_from(end).map_err(|error| wrong(&id, error))?;
        once(&mut connections, id.clone(), &id)?;
    }
    check_paths(genesis, clients, of_clients)?;
    Ok(connections)
}

/// Refuses lists of clients' connections that are not those which the connections say: of each client one, of each connection one entry.
fn check_paths(
    genesis: &connection::GenesisState,
    clients: &BTreeSet<String>,
    mut of_clients: BTreeSet<(String, String)>,
) -> Result<(), IbcError> {
    let mut seen = BTreeSet::new();
    for of in &genesis.client_connection_paths {
        let id = &of.client_id;
        if !clients.contains(id) {
            return Err(refuse(format!("connections of {id}, which is no client")));
        }
        once(&mut seen, id, &format!("connections of {id}"))?;
        for path in &of.paths {
            if !of_clients.remove(&(id.clone(), path.clone())) {
                return Err(refuse(format!("{id}: {path} is no connection of it, or is there twice")));
            }
        }
    }
    match of_clients.first() {
        None => Ok(()),
        Some((client, connection)) => Err(refuse(format!("{connection} is missing among the connections of {client}"))),
    }
}

/// The ends of channels that there are, by port and name.
type Ends = BTreeSet<(String, String)>;

fn check_channels(genesis: &channel::GenesisState, connections: &BTreeSet<String>) -> Result<()> {
    let params = genesis.params.as_ref().ok_or_else(|| refuse("the parameters of channels are missing"))?;
    let timeout = params.upgrade_timeout.unwrap_or_default();
    let height = timeout.height.unwrap_or_default();
    if height.revision_height != 0 || height.revision_number != 0 || timeout.timestamp == 0 {
        return Err(refuse("the timeout of channel upgrades is a time and no height").into());
    }
    let mut ends = Ends::new();
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
        check_end(&id, end, connections)?;
        once(&mut ends, (port, id.clone()), &id)?;
    }
    let kinds = [
        (&genesis.acknowledgements, true, "acknowledgement"),
        (&genesis.commitments, true, "commitment"),
        (&genesis.receipts, false, "receipt"),
    ];
    for (packets, with_data, what) in kinds {
        check_packets(packets, with_data, what, &ends)?;
    }
    for next in [&genesis.send_sequences, &genesis.recv_sequences, &genesis.ack_sequences] {
        check_sequences(next, &ends)?;
    }
    Ok(())
}

/// Refuses a channel that goes over no connection of this chain, or over more than one, or that got further than its first step without
/// knowing its counterparty.
fn check_end(id: &str, end: Channel, connections: &BTreeSet<String>) -> Result<(), IbcError> {
    match end.connection_hops.as_slice() {
        [hop] if connections.contains(hop) => {}
        [hop] => return Err(refuse(format!("{id}: there is no connection {hop}"))),
        hops => return Err(refuse(format!("{id}: a channel has one connection, not {}", hops.len()))),
    }
    let end = ChannelEnd::try_from(end).map_err(|error| wrong(id, error))?;
    if end.counterparty().channel_id().is_none() && *end.state() != State::Init {
        return Err(refuse(format!("{id}: an end in state {} without counterparty", end.state())));
    }
    Ok(())
}

fn check_names(port: &str, channel: &str) -> Result<(), IbcError> {
    PortId::from_str(port).map_err(|error| wrong(port, error))?;
    ChannelId::from_str(channel).map_err(|error| wrong(channel, error))?;
    Ok(())
}

fn known_end(ends: &Ends, port: &str, channel: &str) -> Result<(), IbcError> {
    if ends.contains(&(port.to_string(), channel.to_string())) {
        return Ok(());
    }
    Err(refuse(format!("there is no channel {channel} of port {port}")))
}

fn check_packets(packets: &[PacketState], with_data: bool, what: &str, ends: &Ends) -> Result<(), IbcError> {
    let mut seen = BTreeSet::new();
    for packet in packets {
        known_end(ends, &packet.port_id, &packet.channel_id)?;
        if packet.sequence == 0 || (with_data && packet.data.is_empty()) {
            return Err(refuse(format!("{what} of {}: no sequence or no data", packet.channel_id)));
        }
        once(&mut seen, (&packet.port_id, &packet.channel_id, packet.sequence), what)?;
    }
    Ok(())
}

fn check_sequences(known: &[PacketSequence], ends: &Ends) -> Result<(), IbcError> {
    let mut seen = BTreeSet::new();
    for next in known {
        known_end(ends, &next.port_id, &next.channel_id)?;
        if next.sequence == 0 {
            return Err(refuse(format!("{}: a sequence cannot be 0", next.channel_id)));
        }
        once(&mut seen, (&next.port_id, &next.channel_id), "a sequence")?;
    }
    Ok(())
}
