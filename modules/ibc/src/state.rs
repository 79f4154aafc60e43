//! Every key of the store `ibc`, byte for byte ICS-24's and, beside it, ibc-go v8's (`modules/core/24-host`,
//! `modules/light-clients/07-tendermint/store.go`), since other chains prove what stands here.
//!
//! | key | value |
//! | --- | --- |
//! | `clients/{client}/clientState` | the client, `Any` |
//! | `clients/{client}/consensusStates/{revision}-{height}` | what the client knows of that height, `Any` |
//! | `clients/{client}/consensusStates/{revision}-{height}/processedTime` | when this chain learnt it, nanoseconds |
//! | `clients/{client}/consensusStates/{revision}-{height}/processedHeight` | in which block of this chain, `{revision}-{height}` |
//! | `clients/{client}/iterateConsensusStates` ‖ revision ‖ height | `consensusStates/{revision}-{height}`: heights in their order |
//! | `clients/{client}/connections` | `ClientPaths`: the client's connections |
//! | `connections/{connection}` | `ConnectionEnd` |
//! | `channelEnds/ports/{port}/channels/{channel}` | `Channel` |
//! | `nextSequenceSend/ports/{port}/channels/{channel}`, `nextSequenceRecv/…`, `nextSequenceAck/…` | number |
//! | `commitments/ports/{port}/channels/{channel}/sequences/{sequence}` | commitment of a packet that was sent, 32 bytes |
//! | `receipts/ports/{port}/channels/{channel}/sequences/{sequence}` | `01`: a packet of an unordered channel was received |
//! | `acks/ports/{port}/channels/{channel}/sequences/{sequence}` | hash of the acknowledgement of a packet that was received |
//! | `nextClientSequence`, `nextConnectionSequence`, `nextChannelSequence` | number that the next one gets |
//! | `clientParams`, `connectionParams`, `channelParams` | `Params` of that package |
//!
//! Numbers are 8 bytes, big-endian; what stands in braces is text, numbers decimal.

use cosmwasm_std::Storage;
use ibc_proto::ibc::core::channel::v1::{self as channel, Channel, Timeout};
use ibc_proto::ibc::core::client::v1::{self as client, Height};
use ibc_proto::ibc::core::connection::v1::{self as connection, ClientPaths, ConnectionEnd};
use openledger_core::{Result, SdkError};
use openledger_proto::{Any, Message};
use openledger_store::StoreName;

/// The module's store, and the prefix under which other chains look for what they prove.
pub const STORE: StoreName = "ibc";

/// Under which all clients stand.
pub const CLIENTS: &[u8] = b"clients/";
/// Under which all connections stand.
pub const CONNECTIONS: &[u8] = b"connections/";
/// Under which all channels stand.
pub const CHANNELS: &[u8] = b"channelEnds/";
/// Under which the next sequences to send stand.
pub const NEXT_SEND: &[u8] = b"nextSequenceSend/";
/// Under which the next sequences to receive stand.
pub const NEXT_RECV: &[u8] = b"nextSequenceRecv/";
/// Under which the next sequences to acknowledge stand.
pub const NEXT_ACK: &[u8] = b"nextSequenceAck/";
/// Under which the commitments of packets stand.
pub const COMMITMENTS: &[u8] = b"commitments/";
/// Under which the receipts of packets stand.
pub const RECEIPTS: &[u8] = b"receipts/";
/// Under which the acknowledgements of packets stand.
pub const ACKS: &[u8] = b"acks/";
/// The number that the next client gets.
pub const NEXT_CLIENT: &[u8] = b"nextClientSequence";
/// The number that the next connection gets.
pub const NEXT_CONNECTION: &[u8] = b"nextConnectionSequence";
/// The number that the next channel gets.
pub const NEXT_CHANNEL: &[u8] = b"nextChannelSequence";

const CLIENT_PARAMS: &[u8] = b"clientParams";
const CONNECTION_PARAMS: &[u8] = b"connectionParams";
const CHANNEL_PARAMS: &[u8] = b"channelParams";
/// The value of a key that says all by being there.
pub const PRESENT: [u8; 1] = [1];
/// What leads a client's index of heights.
pub const ITERATE: &str = "iterateConsensusStates";

/// `{revision}-{height}`.
pub fn height_text(height: &Height) -> String {
    format!("{}-{}", height.revision_number, height.revision_height)
}

/// Reads `{revision}-{height}`.
pub fn read_height(text: &str) -> Option<Height> {
    let (revision, height) = text.split_once('-')?;
    Some(Height { revision_number: revision.parse().ok()?, revision_height: height.parse().ok()? })
}

/// Under which all that is of a client stands.
pub fn client_prefix(client: &str) -> Vec<u8> {
    format!("clients/{client}/").into_bytes()
}

/// The key of a client.
pub fn client_state_key(client: &str) -> Vec<u8> {
    format!("clients/{client}/clientState").into_bytes()
}

/// The key of what a client knows of a height.
pub fn consensus_state_key(client: &str, height: &Height) -> Vec<u8> {
    format!("clients/{client}/consensusStates/{}", height_text(height)).into_bytes()
}

/// The key of when that was learnt.
pub fn processed_time_key(client: &str, height: &Height) -> Vec<u8> {
    format!("clients/{client}/consensusStates/{}/processedTime", height_text(height)).into_bytes()
}

/// The key of the block in which that was learnt.
pub fn processed_height_key(client: &str, height: &Height) -> Vec<u8> {
    format!("clients/{client}/consensusStates/{}/processedHeight", height_text(height)).into_bytes()
}

/// Under which a client's heights stand in their order.
pub fn iteration_prefix(client: &str) -> Vec<u8> {
    format!("clients/{client}/{ITERATE}").into_bytes()
}

/// The key of a height among them.
pub fn iteration_key(client: &str, height: &Height) -> Vec<u8> {
    let mut key = iteration_prefix(client);
    key.extend(height.revision_number.to_be_bytes());
    key.extend(height.revision_height.to_be_bytes());
    key
}

/// The height that such a key ends with.
pub fn iterated_height(key: &[u8]) -> Option<Height> {
    let (rest, height) = key.split_last_chunk::<8>()?;
    let (_, revision) = rest.split_last_chunk::<8>()?;
    Some(Height { revision_number: u64::from_be_bytes(*revision), revision_height: u64::from_be_bytes(*height) })
}

/// The key of a client's connections.
pub fn client_connections_key(client: &str) -> Vec<u8> {
    format!("clients/{client}/connections").into_bytes()
}

/// The key of a connection.
pub fn connection_key(connection: &str) -> Vec<u8> {
    format!("connections/{connection}").into_bytes()
}

fn end(kind: &[u8], port: &str, channel: &str) -> Vec<u8> {
    [kind, format!("ports/{port}/channels/{channel}").as_bytes()].concat()
}

/// Under which a channel's entries of a kind ([`COMMITMENTS`], [`RECEIPTS`], [`ACKS`]) stand.
pub fn sequences_prefix(kind: &[u8], port: &str, channel: &str) -> Vec<u8> {
    [end(kind, port, channel).as_slice(), b"/sequences/"].concat()
}

fn sequence_key(kind: &[u8], port: &str, channel: &str, sequence: u64) -> Vec<u8> {
    [sequences_prefix(kind, port, channel).as_slice(), sequence.to_string().as_bytes()].concat()
}

/// The key of a channel.
pub fn channel_key(port: &str, channel: &str) -> Vec<u8> {
    end(CHANNELS, port, channel)
}

/// The key of the next sequence that a channel sends.
pub fn next_send_key(port: &str, channel: &str) -> Vec<u8> {
    end(NEXT_SEND, port, channel)
}

/// The key of the next sequence that a channel receives.
pub fn next_recv_key(port: &str, channel: &str) -> Vec<u8> {
    end(NEXT_RECV, port, channel)
}

/// The key of the next sequence that is acknowledged to a channel.
pub fn next_ack_key(port: &str, channel: &str) -> Vec<u8> {
    end(NEXT_ACK, port, channel)
}

/// The key of a sent packet's commitment.
pub fn commitment_key(port: &str, channel: &str, sequence: u64) -> Vec<u8> {
    sequence_key(COMMITMENTS, port, channel, sequence)
}

/// The key of a received packet's receipt.
pub fn receipt_key(port: &str, channel: &str, sequence: u64) -> Vec<u8> {
    sequence_key(RECEIPTS, port, channel, sequence)
}

/// The key of a received packet's acknowledgement.
pub fn ack_key(port: &str, channel: &str, sequence: u64) -> Vec<u8> {
    sequence_key(ACKS, port, channel, sequence)
}

/// Port and channel of a key of [`CHANNELS`] and of the next sequences; port, channel and sequence of one of a packet's.
pub fn split_end(kind: &[u8], key: &[u8]) -> Option<(String, String, Option<u64>)> {
    let text = std::str::from_utf8(key.strip_prefix(kind)?).ok()?;
    let mut parts = text.split('/');
    let ("ports", port) = (parts.next()?, parts.next()?) else { return None };
    let ("channels", channel) = (parts.next()?, parts.next()?) else { return None };
    let sequence = match parts.next() {
        None => None,
        Some("sequences") => Some(parts.next()?.parse().ok()?),
        Some(_) => return None,
    };
    Some((port.into(), channel.into(), sequence))
}

/// Reads a message.
pub(crate) fn read<M: Message + Default>(kv: &dyn Storage, key: &[u8]) -> Result<Option<M>> {
    kv.get(key).map(|value| decode(&value)).transpose()
}

/// Decodes a message that stands in the store.
pub(crate) fn decode<M: Message + Default>(value: &[u8]) -> Result<M> {
    M::decode(value).map_err(|error| SdkError::Logic(format!("state of ibc: {error}")).into())
}

/// Reads a number.
pub fn number(kv: &dyn Storage, key: &[u8]) -> Result<Option<u64>> {
    let read = |value: Vec<u8>| {
        let bytes = value.as_slice().try_into();
        bytes
            .map(u64::from_be_bytes)
            .map_err(|_| SdkError::Logic("state of ibc: a number has not 8 bytes".into()).into())
    };
    kv.get(key).map(read).transpose()
}

/// Writes a number.
pub(crate) fn set_number(kv: &mut dyn Storage, key: &[u8], value: u64) {
    kv.set(key, &value.to_be_bytes());
}

/// Removes a key that may not be there.
pub(crate) fn remove(kv: &mut dyn Storage, key: &[u8]) {
    if kv.get(key).is_some() {
        kv.remove(key);
    }
}

/// A client.
pub fn client_state(kv: &dyn Storage, client: &str) -> Result<Option<Any>> {
    read(kv, &client_state_key(client))
}

/// What a client knows of a height.
pub fn consensus_state(kv: &dyn Storage, client: &str, height: &Height) -> Result<Option<Any>> {
    read(kv, &consensus_state_key(client, height))
}

/// A client's connections.
pub fn client_connections(kv: &dyn Storage, client: &str) -> Result<Option<ClientPaths>> {
    read(kv, &client_connections_key(client))
}

/// A connection.
pub fn connection(kv: &dyn Storage, connection: &str) -> Result<Option<ConnectionEnd>> {
    read(kv, &connection_key(connection))
}

/// A channel.
pub fn channel(kv: &dyn Storage, port: &str, channel: &str) -> Result<Option<Channel>> {
    read(kv, &channel_key(port, channel))
}

/// Which clients are allowed. What is not there allows none, since an empty value has no proof.
pub fn client_params(kv: &dyn Storage) -> Result<client::Params> {
    Ok(read(kv, CLIENT_PARAMS)?.unwrap_or_default())
}

/// Sets which clients are allowed.
pub(crate) fn set_client_params(kv: &mut dyn Storage, params: &client::Params) {
    set_or_remove(kv, CLIENT_PARAMS, &params.encode_to_vec());
}

/// How long a block may take.
pub fn connection_params(kv: &dyn Storage) -> Result<connection::Params> {
    Ok(read(kv, CONNECTION_PARAMS)?.unwrap_or_default())
}

/// Sets how long a block may take.
pub(crate) fn set_connection_params(kv: &mut dyn Storage, params: &connection::Params) {
    set_or_remove(kv, CONNECTION_PARAMS, &params.encode_to_vec());
}

/// How long the upgrade of a channel may take.
pub fn channel_params(kv: &dyn Storage) -> Result<channel::Params> {
    Ok(read(kv, CHANNEL_PARAMS)?.unwrap_or_else(default_channel_params))
}

/// Sets how long the upgrade of a channel may take.
pub(crate) fn set_channel_params(kv: &mut dyn Storage, params: &channel::Params) {
    set_or_remove(kv, CHANNEL_PARAMS, &params.encode_to_vec());
}

/// ibc-go's default: ten minutes.
pub fn default_channel_params() -> channel::Params {
    let timeout = Timeout { height: Some(Height::default()), timestamp: 600_000_000_000 };
    channel::Params { upgrade_timeout: Some(timeout) }
}

fn set_or_remove(kv: &mut dyn Storage, key: &[u8], value: &[u8]) {
    if value.is_empty() {
        remove(kv, key);
    } else {
        kv.set(key, value);
    }
}
