//! Light clients: their states, whether they can be used, and what an upgrade will make of this chain's.

use cosmwasm_std::{Order, Record, Storage};
use ibc_proto::ibc::core::client::v1::*;
use ibc_proto::ibc::lightclients::tendermint::v1::ClientState as TmClientState;
use openledger_core::query::{paginate_seeking, paginate_whole, prefix_end};
use openledger_core::{Context, Router, Status};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use openledger_proto::Any;
use openledger_upgrade::Upgrade;

use super::{kv, membership, read, Answer};
use crate::keeper::{ClientStatus, Ibc};
use crate::state;

/// The type URL of the states of clients of Tendermint and CometBFT.
const TENDERMINT: &str = "/ibc.lightclients.tendermint.v1.ClientState";

/// Registers the queries.
pub(super) fn register(ibc: Ibc, router: &mut Router) {
    let path = |method: &str| format!("/ibc.core.client.v1.Query/{method}");
    router.query(&path("ClientState"), client_state);
    router.query(&path("ClientStates"), client_states);
    router.query(&path("ConsensusState"), consensus_state);
    router.query(&path("ConsensusStates"), consensus_states);
    router.query(&path("ConsensusStateHeights"), consensus_state_heights);
    router.query(&path("ClientStatus"), move |ctx, request: QueryClientStatusRequest| {
        read::check_client_id(&request.client_id)?;
        let state = client_of(ctx, &request.client_id)?;
        Ok(QueryClientStatusResponse { status: status(ibc, ctx, &request.client_id, &state)?.as_str().into() })
    });
    router.query(&path("ClientParams"), move |ctx, _: QueryClientParamsRequest| {
        Ok(QueryClientParamsResponse { params: Some(ibc.client_params(ctx)?) })
    });
    // What is read of upgrades does not depend on which of them this binary can carry out.
    let upgrade = Upgrade::default();
    router.query(&path("UpgradedClientState"), move |ctx, _: QueryUpgradedClientStateRequest| {
        let plan = upgrade.plan(ctx)?.ok_or_else(|| Status::not_found("upgrade plan not found"))?;
        let height = u64::try_from(plan.height).unwrap_or_default();
        let state = upgrade.upgraded_client(ctx, height);
        let state = state.ok_or_else(|| Status::not_found("upgraded client not found"))?;
        Ok(QueryUpgradedClientStateResponse { upgraded_client_state: Some(read::decode(&state)?) })
    });
    let upgrade = Upgrade::default();
    router.query(&path("UpgradedConsensusState"), move |ctx, _: QueryUpgradedConsensusStateRequest| {
        let state = upgrade.upgraded_consensus_state(ctx, ctx.height());
        let text = || format!("upgraded consensus state not found, height {}", ctx.height());
        let state = state.ok_or_else(|| Status::not_found(text()))?;
        Ok(QueryUpgradedConsensusStateResponse { upgraded_consensus_state: Some(read::decode(&state)?) })
    });
    router.query(&path("VerifyMembership"), move |ctx, request| membership::verify(ibc, ctx, request));
}

/// A client's state, or that there is no such client.
pub(super) fn client_of(ctx: &Context, id: &str) -> Answer<Any> {
    state::client_state(&*kv(ctx), id)?.ok_or_else(|| Status::not_found(format!("{id}: light client not found")))
}

fn client_state(ctx: &Context, request: QueryClientStateRequest) -> Answer<QueryClientStateResponse> {
    read::check_client_id(&request.client_id)?;
    let client_state = Some(client_of(ctx, &request.client_id)?);
    Ok(QueryClientStateResponse { client_state, proof: Vec::new(), proof_height: Some(read::self_height(ctx)) })
}

fn client_states(ctx: &Context, request: QueryClientStatesRequest) -> Answer<QueryClientStatesResponse> {
    let kv = kv(ctx);
    let walk = |start: Option<&[u8]>, end: Option<&[u8]>, order| Clients::between(&*kv, start, end, order);
    let (mut client_states, pagination) =
        paginate_seeking(b"clients", request.pagination.as_ref(), walk, |key, value| {
            let Some(client_id) = client_of_key(key) else { return Ok(None) };
            Ok(Some(IdentifiedClientState { client_id, client_state: Some(read::decode(value)?) }))
        })?;
    client_states.sort_by(|a, b| a.client_id.cmp(&b.client_id));
    Ok(QueryClientStatesResponse { client_states, pagination: Some(pagination) })
}

/// The states of the clients between two keys. Under a client stand its consensus states and their metadata too, thousands of keys;
/// they are leapt over, from client to client.
struct Clients<'a> {
    kv: &'a dyn Storage,
    start: Vec<u8>,
    end: Option<Vec<u8>>,
    /// What is left to look at.
    from: Vec<u8>,
    to: Option<Vec<u8>>,
    order: Order,
}

impl<'a> Clients<'a> {
    fn between(
        kv: &'a dyn Storage,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        let start = start.unwrap_or(state::CLIENTS).to_vec();
        let end = end.map_or_else(|| prefix_end(state::CLIENTS), |end| Some(end.to_vec()));
        let (from, to) = (start.clone(), end.clone());
        Box::new(Self { kv, start, end, from, to, order })
    }
}

impl Iterator for Clients<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            if self.to.as_ref().is_some_and(|to| self.from >= *to) {
                return None;
            }
            let (met, _) = self.kv.range(Some(&self.from), self.to.as_deref(), self.order).next()?;
            let id = met.strip_prefix(state::CLIENTS)?.split(|byte| *byte == b'/').next()?;
            let under = [state::CLIENTS, id, b"/"].concat();
            let key = [under.as_slice(), b"clientState"].concat();
            match self.order {
                Order::Ascending => self.from = prefix_end(&under)?,
                Order::Descending => self.to = Some(under.min(met)),
            }
            if key < self.start || self.end.as_ref().is_some_and(|end| key >= *end) {
                continue;
            }
            if let Some(value) = self.kv.get(&key) {
                return Some((key, value));
            }
        }
    }
}

/// The client in `/{client}/clientState`.
fn client_of_key(key: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(key).ok()?;
    Some(path.strip_prefix('/')?.strip_suffix("/clientState")?.to_string())
}

fn consensus_state(ctx: &Context, request: QueryConsensusStateRequest) -> Answer<QueryConsensusStateResponse> {
    let QueryConsensusStateRequest { client_id, revision_number, revision_height, latest_height } = request;
    read::check_client_id(&client_id)?;
    let asked = Height { revision_number, revision_height };
    let found = if latest_height {
        match state::client_state(&*kv(ctx), &client_id)?.map(|client| latest(&client)).transpose()?.flatten() {
            Some(latest) => state::consensus_state(&*kv(ctx), &client_id, &latest)?,
            None => None,
        }
    } else if revision_height == 0 {
        return Err(Status::invalid_argument("consensus state height cannot be 0"));
    } else {
        state::consensus_state(&*kv(ctx), &client_id, &asked)?
    };
    let text = || format!("client-id: {client_id}, height: {}: consensus state not found", state::height_text(&asked));
    let state = found.ok_or_else(|| Status::not_found(text()))?;
    let proof_height = Some(read::self_height(ctx));
    Ok(QueryConsensusStateResponse { consensus_state: Some(state), proof: Vec::new(), proof_height })
}

/// The greatest height that a client knows.
fn latest(client: &Any) -> Answer<Option<Height>> {
    Ok(tendermint(client)?.and_then(|state| state.latest_height))
}

/// The state of a client of Tendermint's kind; `None` for another kind.
pub(super) fn tendermint(client: &Any) -> Answer<Option<TmClientState>> {
    (client.type_url == TENDERMINT).then(|| read::decode(&client.value)).transpose()
}

fn consensus_states(ctx: &Context, request: QueryConsensusStatesRequest) -> Answer<QueryConsensusStatesResponse> {
    let page = request.pagination.as_ref();
    let (consensus_states, pagination) = by_height(ctx, &request.client_id, page, |height, value| {
        Ok(ConsensusStateWithHeight { height: Some(height), consensus_state: Some(read::decode(value)?) })
    })?;
    Ok(QueryConsensusStatesResponse { consensus_states, pagination: Some(pagination) })
}

fn consensus_state_heights(
    ctx: &Context,
    request: QueryConsensusStateHeightsRequest,
) -> Answer<QueryConsensusStateHeightsResponse> {
    let page = request.pagination.as_ref();
    let (consensus_state_heights, pagination) = by_height(ctx, &request.client_id, page, |height, _| Ok(height))?;
    Ok(QueryConsensusStateHeightsResponse { consensus_state_heights, pagination: Some(pagination) })
}

/// A page of a client's consensus states, in the order of their keys; their metadata, one level below, is passed over.
fn by_height<T>(
    ctx: &Context,
    client: &str,
    page: Option<&PageRequest>,
    make: impl Fn(Height, &[u8]) -> Answer<T>,
) -> Answer<(Vec<T>, PageResponse)> {
    read::check_client_id(client)?;
    let prefix = format!("clients/{client}/consensusStates/");
    paginate_whole(&*kv(ctx), prefix.as_bytes(), page, |key, value| {
        if key.contains(&b'/') {
            return Ok(None);
        }
        let height = std::str::from_utf8(key).ok().and_then(state::read_height);
        let height = height.ok_or_else(|| Status::internal("state: a consensus state without a height"))?;
        make(height, value).map(Some)
    })
}

/// How a client stands. ibc-go does not allow a client of a kind that it does not know; there is none here.
pub(super) fn status(ibc: Ibc, ctx: &Context, id: &str, client: &Any) -> Answer<ClientStatus> {
    match client.type_url.as_str() {
        TENDERMINT => Ok(ibc.client_status(ctx, id)?),
        _ => Ok(ClientStatus::Unauthorized),
    }
}
