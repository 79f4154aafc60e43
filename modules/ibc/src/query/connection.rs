//! Connections, and the clients behind them.

use ibc_proto::ibc::core::client::v1::Height;
use ibc_proto::ibc::core::connection::v1::*;
use openledger_core::query::paginate_whole;
use openledger_core::{Context, Router, Status};

use super::{kv, read, Answer};
use crate::keeper::Ibc;
use crate::state;

/// Registers the queries.
pub(super) fn register(ibc: Ibc, router: &mut Router) {
    let path = |method: &str| format!("/ibc.core.connection.v1.Query/{method}");
    router.query(&path("Connection"), connection);
    router.query(&path("Connections"), connections);
    router.query(&path("ClientConnections"), client_connections);
    router.query(&path("ConnectionClientState"), connection_client_state);
    router.query(&path("ConnectionConsensusState"), connection_consensus_state);
    router.query(&path("ConnectionParams"), move |ctx, _: QueryConnectionParamsRequest| {
        Ok(QueryConnectionParamsResponse { params: Some(ibc.connection_params(ctx)?) })
    });
}

fn connection(ctx: &Context, request: QueryConnectionRequest) -> Answer<QueryConnectionResponse> {
    read::check_connection_id(&request.connection_id)?;
    let connection = state::connection(&*kv(ctx), &request.connection_id)?;
    let connection =
        connection.ok_or_else(|| Status::not_found(format!("{}: connection not found", request.connection_id)))?;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryConnectionResponse { connection: Some(connection), proof: Vec::new(), proof_height })
}

fn connections(ctx: &Context, request: QueryConnectionsRequest) -> Answer<QueryConnectionsResponse> {
    let (connections, pagination) =
        paginate_whole(&*kv(ctx), b"connections", request.pagination.as_ref(), |key, value| {
            let id = std::str::from_utf8(key).ok().and_then(|path| path.strip_prefix('/'));
            let id = id.ok_or_else(|| Status::internal("state: a connection's path is none"))?.to_string();
            let ConnectionEnd { client_id, versions, state, counterparty, delay_period } = read::decode(value)?;
            Ok(Some(IdentifiedConnection { id, client_id, versions, state, counterparty, delay_period }))
        })?;
    Ok(QueryConnectionsResponse { connections, pagination: Some(pagination), height: Some(read::self_height(ctx)) })
}

fn client_connections(ctx: &Context, request: QueryClientConnectionsRequest) -> Answer<QueryClientConnectionsResponse> {
    read::check_client_id(&request.client_id)?;
    let paths = state::client_connections(&*kv(ctx), &request.client_id)?;
    let text = || format!("{}: light client connection paths not found", request.client_id);
    let connection_paths = paths.ok_or_else(|| Status::not_found(text()))?.paths;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryClientConnectionsResponse { connection_paths, proof: Vec::new(), proof_height })
}

fn connection_client_state(
    ctx: &Context,
    request: QueryConnectionClientStateRequest,
) -> Answer<QueryConnectionClientStateResponse> {
    read::check_connection_id(&request.connection_id)?;
    let connection = read::connection_of(ctx, &request.connection_id)?;
    let client = read::identified_client(ctx, connection.client_id)?;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryConnectionClientStateResponse { identified_client_state: Some(client), proof: Vec::new(), proof_height })
}

fn connection_consensus_state(
    ctx: &Context,
    request: QueryConnectionConsensusStateRequest,
) -> Answer<QueryConnectionConsensusStateResponse> {
    let QueryConnectionConsensusStateRequest { connection_id, revision_number, revision_height } = request;
    read::check_connection_id(&connection_id)?;
    let client_id = read::connection_of(ctx, &connection_id)?.client_id;
    let state = read::consensus_state_of(ctx, &client_id, &Height { revision_number, revision_height })?;
    let proof_height = Some(read::self_height(ctx));
    let consensus_state = Some(state);
    Ok(QueryConnectionConsensusStateResponse { consensus_state, client_id, proof: Vec::new(), proof_height })
}
