//! What the queries share: identifiers, heights, and the values under ICS-24 paths.

use ibc_proto::ibc::core::channel::v1::Channel;
use ibc_proto::ibc::core::client::v1::{Height, IdentifiedClientState};
use ibc_proto::ibc::core::connection::v1::ConnectionEnd;
use openledger_core::{Context, Status};
use openledger_proto::{Any, Message};

use super::{kv, Answer};
use crate::keeper::revision;
use crate::state;

/// The height of the state that is read, with the revision that the chain's id ends with.
pub(super) fn self_height(ctx: &Context) -> Height {
    Height { revision_number: revision(&ctx.block().chain_id), revision_height: ctx.height() }
}

fn check_id(id: &str, least: usize, most: usize) -> Answer<()> {
    let refuse = |text: String| Err(Status::invalid_argument(format!("{text}: invalid identifier")));
    if id.trim().is_empty() {
        return refuse("identifier cannot be blank".into());
    }
    if id.contains('/') {
        return refuse(format!("identifier {id} cannot contain separator '/'"));
    }
    if id.len() < least || id.len() > most {
        let text =
            format!("identifier {id} has invalid length: {}, must be between {least}-{most} characters", id.len());
        return refuse(text);
    }
    if !id.chars().all(|letter| letter.is_ascii_alphanumeric() || "._+-#[]<>".contains(letter)) {
        return refuse(format!(
            "identifier {id} must contain only alphanumeric or the following characters: \
             '.', '_', '+', '-', '#', '[', ']', '<', '>'"
        ));
    }
    Ok(())
}

/// Refuses what is no client's identifier.
pub(super) fn check_client_id(id: &str) -> Answer<()> {
    check_id(id, 9, 64)
}

/// Refuses what is no connection's identifier.
pub(super) fn check_connection_id(id: &str) -> Answer<()> {
    check_id(id, 10, 64)
}

/// Refuses what is no channel's end.
pub(super) fn check_channel_end(port: &str, channel: &str) -> Answer<()> {
    check_id(port, 2, 128)?;
    check_id(channel, 8, 64)
}

/// What a value is that this chain wrote; one that cannot be read is a fault of ours.
pub(super) fn decode<M: Message + Default>(bytes: &[u8]) -> Answer<M> {
    M::decode(bytes).map_err(|error| Status::internal(format!("state: {error}")))
}

/// The client of a connection, for those who ask by connection or channel.
pub(super) fn identified_client(ctx: &Context, id: String) -> Answer<IdentifiedClientState> {
    match state::client_state(&*kv(ctx), &id)? {
        Some(client_state) => Ok(IdentifiedClientState { client_id: id, client_state: Some(client_state) }),
        None => Err(Status::not_found(format!("client-id: {id}: light client not found"))),
    }
}

/// The consensus state of a connection's client.
pub(super) fn consensus_state_of(ctx: &Context, client: &str, height: &Height) -> Answer<Any> {
    state::consensus_state(&*kv(ctx), client, height)?
        .ok_or_else(|| Status::not_found(format!("client-id: {client}: consensus state not found")))
}

/// A connection's end here, for those who ask by something else.
pub(super) fn connection_of(ctx: &Context, id: &str) -> Answer<ConnectionEnd> {
    state::connection(&*kv(ctx), id)?
        .ok_or_else(|| Status::not_found(format!("connection-id: {id}: connection not found")))
}

/// A channel's end here, which has to be there.
pub(super) fn channel_of(ctx: &Context, port: &str, id: &str) -> Answer<Channel> {
    state::channel(&*kv(ctx), port, id)?
        .ok_or_else(|| Status::not_found(format!("port-id: {port}, channel-id {id}: channel not found")))
}

/// The connection of a channel; handshakes let no channel be without one.
pub(super) fn first_hop(channel: &Channel) -> Answer<&str> {
    let hop = channel.connection_hops.first().map(String::as_str);
    hop.ok_or_else(|| Status::internal("state: a channel without a connection"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_refused_as_ibc_go_refuses_them() {
        for good in ["07-tendermint-0", "connection", "a[1]<x>#+._-y"] {
            assert_eq!(check_client_id(good), Ok(()), "{good}");
        }
        let text = |id: &str| check_client_id(id).unwrap_err().message;
        assert_eq!(text(" "), "identifier cannot be blank: invalid identifier");
        assert_eq!(text("clients/one"), "identifier clients/one cannot contain separator '/': invalid identifier");
        let want = "identifier short has invalid length: 5, must be between 9-64 characters: invalid identifier";
        assert_eq!(text("short"), want);
        assert!(text("07-tendermint-ü").contains("must contain only alphanumeric"));
        assert!(check_channel_end("transfer", "channel").unwrap_err().message.contains("8-64"));
        assert!(check_channel_end(&"p".repeat(128), "channel-0").is_ok());
    }
}
