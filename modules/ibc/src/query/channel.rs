//! Channels, and the clients behind them.

use ibc_proto::ibc::core::channel::v1::*;
use ibc_proto::ibc::core::client::v1::Height;
use openledger_core::query::paginate_whole;
use openledger_core::{Context, Router, Status};

use super::{kv, read, Answer};
use crate::state;

/// Registers the queries.
pub(super) fn register(router: &mut Router) {
    let path = |method: &str| format!("/ibc.core.channel.v1.Query/{method}");
    router.query(&path("Channel"), |ctx, request: QueryChannelRequest| {
        read::check_channel_end(&request.port_id, &request.channel_id)?;
        let channel = Some(read::channel_of(ctx, &request.port_id, &request.channel_id)?);
        Ok(QueryChannelResponse { channel, proof: Vec::new(), proof_height: Some(read::self_height(ctx)) })
    });
    router.query(&path("Channels"), channels);
    router.query(&path("ConnectionChannels"), connection_channels);
    router.query(&path("ChannelClientState"), channel_client_state);
    router.query(&path("ChannelConsensusState"), channel_consensus_state);
    router.query(&path("UpgradeError"), |ctx, request: QueryUpgradeErrorRequest| {
        no_upgrade::<QueryUpgradeErrorResponse>(ctx, &request.port_id, &request.channel_id, |port, channel| {
            format!("port-id {port}, channel-id {channel}: upgrade error receipt not found")
        })
    });
    router.query(&path("Upgrade"), |ctx, request: QueryUpgradeRequest| {
        no_upgrade::<QueryUpgradeResponse>(ctx, &request.port_id, &request.channel_id, |port, channel| {
            format!("port-id: {port}, channel-id {channel}: upgrade not found")
        })
    });
    router.query(&path("ChannelParams"), |ctx, _: QueryChannelParamsRequest| {
        Ok(QueryChannelParamsResponse { params: Some(state::channel_params(&*kv(ctx))?) })
    });
}

/// Channels of this chain are never upgraded in place, so there is nothing to find.
fn no_upgrade<T>(ctx: &Context, port: &str, channel: &str, text: impl Fn(&str, &str) -> String) -> Answer<T> {
    read::check_channel_end(port, channel)?;
    read::channel_of(ctx, port, channel)?;
    Err(Status::not_found(text(port, channel)))
}

/// The channel under `/ports/{port}/channels/{channel}`.
fn identify(key: &[u8], channel: Channel) -> Answer<IdentifiedChannel> {
    let path = std::str::from_utf8(key).ok().and_then(|path| path.strip_prefix("/ports/"));
    let end = path.and_then(|path| path.split_once("/channels/"));
    let (port_id, channel_id) = end.ok_or_else(|| Status::internal("state: a channel's path is none"))?;
    let (port_id, channel_id) = (port_id.to_string(), channel_id.to_string());
    let Channel { state, ordering, counterparty, connection_hops, version, upgrade_sequence } = channel;
    Ok(IdentifiedChannel {
        state,
        ordering,
        counterparty,
        connection_hops,
        version,
        port_id,
        channel_id,
        upgrade_sequence,
    })
}

fn channels(ctx: &Context, request: QueryChannelsRequest) -> Answer<QueryChannelsResponse> {
    let (channels, pagination) =
        paginate_whole(&*kv(ctx), b"channelEnds", request.pagination.as_ref(), |key, value| {
            identify(key, read::decode(value)?).map(Some)
        })?;
    Ok(QueryChannelsResponse { channels, pagination: Some(pagination), height: Some(read::self_height(ctx)) })
}

fn connection_channels(
    ctx: &Context,
    request: QueryConnectionChannelsRequest,
) -> Answer<QueryConnectionChannelsResponse> {
    read::check_connection_id(&request.connection)?;
    let (channels, pagination) =
        paginate_whole(&*kv(ctx), b"channelEnds", request.pagination.as_ref(), |key, value| {
            let channel: Channel = read::decode(value)?;
            if read::first_hop(&channel)? != request.connection {
                return Ok(None);
            }
            identify(key, channel).map(Some)
        })?;
    let height = Some(read::self_height(ctx));
    Ok(QueryConnectionChannelsResponse { channels, pagination: Some(pagination), height })
}

fn channel_client_state(
    ctx: &Context,
    request: QueryChannelClientStateRequest,
) -> Answer<QueryChannelClientStateResponse> {
    let QueryChannelClientStateRequest { port_id, channel_id } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    // The one place where ibc-go puts a colon after `channel-id`.
    let text = || format!("port-id: {port_id}, channel-id: {channel_id}: channel not found");
    let channel = state::channel(&*kv(ctx), &port_id, &channel_id)?.ok_or_else(|| Status::not_found(text()))?;
    let connection = read::connection_of(ctx, read::first_hop(&channel)?)?;
    let identified_client_state = Some(read::identified_client(ctx, connection.client_id)?);
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryChannelClientStateResponse { identified_client_state, proof: Vec::new(), proof_height })
}

fn channel_consensus_state(
    ctx: &Context,
    request: QueryChannelConsensusStateRequest,
) -> Answer<QueryChannelConsensusStateResponse> {
    let QueryChannelConsensusStateRequest { port_id, channel_id, revision_number, revision_height } = request;
    read::check_channel_end(&port_id, &channel_id)?;
    let channel = read::channel_of(ctx, &port_id, &channel_id)?;
    let client_id = read::connection_of(ctx, read::first_hop(&channel)?)?.client_id;
    let state = read::consensus_state_of(ctx, &client_id, &Height { revision_number, revision_height })?;
    let proof_height = Some(read::self_height(ctx));
    let consensus_state = Some(state);
    Ok(QueryChannelConsensusStateResponse { consensus_state, client_id, proof: Vec::new(), proof_height })
}
