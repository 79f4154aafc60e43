//! Queries of the audit.

use cosmwasm_std::from_json;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, SdkError, Status};
use openledger_model::sequence::{id_of, prefix};
use openledger_proto::openledger::attribution::v1::*;

use super::types;
use super::undeclared::read_place;
use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::state::*;

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Attribution, router: &mut Router) {
    let path = |method: &str| format!("/openledger.attribution.v1.Query/{method}");
    router.query(&path("Demand"), move |ctx, request: QueryDemandRequest| {
        let missing = AttributionError::NotFound { what: "open demand", id: request.id };
        let demand = keeper.demand(ctx, request.id)?.ok_or_else(|| Status::not_found(missing.to_string()))?;
        Ok(QueryDemandResponse { demand: Some(demand.to_proto()) })
    });
    router.query(&path("Demands"), move |ctx, request| demands(&keeper, ctx, &request));
    router.query(&path("Openings"), move |ctx, request: QueryOpeningsRequest| {
        keeper.known_settlement(ctx, request.settlement)?;
        let openings = keeper.openings(ctx, request.settlement)?.to_proto(request.settlement);
        Ok(QueryOpeningsResponse { openings: Some(openings) })
    });
    router.query(&path("ReplacementCommits"), replacement_commits);
    router.query(&path("UndeclaredSources"), undeclared_sources);
    router.query(&path("Auditors"), auditors);
    router.query(&path("Epoch"), move |ctx, _: QueryEpochRequest| {
        Ok(QueryEpochResponse { epoch: Some(keeper.epoch(ctx)?.to_proto()) })
    });
}

fn demands(keeper: &Attribution, ctx: &Context, request: &QueryDemandsRequest) -> Answer<QueryDemandsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (demands, pagination) = match request.settlement {
        0 => paginate(&*kv, &prefix(&DEMANDS, ()), page, |_, value| {
            Ok(Some(from_json::<types::Demand>(value)?.to_proto()))
        })?,
        settlement => paginate(&*kv, &prefix(&DEMANDS_BY_SETTLEMENT, settlement), page, |key, _| {
            Ok(keeper.demand(ctx, id_of(key)?)?.map(|demand| demand.to_proto()))
        })?,
    };
    Ok(QueryDemandsResponse { demands, pagination: Some(pagination) })
}

fn replacement_commits(
    ctx: &Context,
    request: QueryReplacementCommitsRequest,
) -> Answer<QueryReplacementCommitsResponse> {
    let (kv, page, id) = (ctx.kv(STORE), request.pagination.as_ref(), request.settlement);
    let (commits, pagination) = paginate(&*kv, &prefix(&REPLACEMENT_COMMITS, id), page, |key, value| {
        Ok(Some(from_json::<types::ReplacementCommit>(value)?.to_proto(id, u32_of(key)?)))
    })?;
    Ok(QueryReplacementCommitsResponse { commits, pagination: Some(pagination) })
}

fn undeclared_sources(ctx: &Context, request: QueryUndeclaredSourcesRequest) -> Answer<QueryUndeclaredSourcesResponse> {
    let (kv, page, id) = (ctx.kv(STORE), request.pagination.as_ref(), request.settlement);
    let (undeclared, pagination) = paginate(&*kv, &prefix(&UNDECLARED, id), page, |key, value| {
        // The round's length, the round, then receipt and window.
        let short = || SdkError::Logic("a key is too short".into());
        let (round, place) = key.get(2..).and_then(|key| key.split_first_chunk::<4>()).ok_or_else(short)?;
        let place = place.try_into().map(read_place).map_err(|_| short())?;
        Ok(Some(from_json::<types::Undeclared>(value)?.to_proto((id, u32::from_be_bytes(*round)), place)))
    })?;
    Ok(QueryUndeclaredSourcesResponse { undeclared, pagination: Some(pagination) })
}

fn auditors(ctx: &Context, request: QueryAuditorsRequest) -> Answer<QueryAuditorsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (auditors, pagination) = paginate(&*kv, &prefix(&AUDITORS, ()), page, |key, value| {
        Ok(Some(from_json::<types::Auditor>(value)?.to_proto(&Address::new(key)?)))
    })?;
    Ok(QueryAuditorsResponse { auditors, pagination: Some(pagination) })
}

fn u32_of(key: &[u8]) -> Answer<u32> {
    let bytes: [u8; 4] = key.try_into().map_err(|_| SdkError::Logic("a key does not end with a number".into()))?;
    Ok(u32::from_be_bytes(bytes))
}
