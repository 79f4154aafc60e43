//! The queries of `openledger.ratelimit.v1.Query`. Limits are shown as they are now: one whose window is over has counted nothing.

use cosmwasm_std::from_json;
use cw_storage_plus::{KeyDeserialize, Prefixer};
use openledger_core::query::paginate;
use openledger_core::{Context, Error, Router, Status};
use openledger_proto::openledger::ratelimit::v1::*;

use crate::error::RateLimitError;
use crate::keeper::RateLimits;
use crate::state::{Direction, Limit, Pending, LIMITS, PAIRS, PENDING, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(limits: RateLimits, router: &mut Router) {
    let path = |method: &str| format!("/openledger.ratelimit.v1.Query/{method}");
    router.query(&path("RateLimits"), move |ctx, request| rate_limits(&limits, ctx, &request));
    router.query(&path("RateLimitsByChannel"), move |ctx, request| by_channel(&limits, ctx, &request));
    router.query(&path("RateLimit"), move |ctx, request: QueryRateLimitRequest| {
        let limit = limits.limit(ctx, &request.channel, &request.denom)?;
        let text = format!("{} on {}", request.denom, request.channel);
        let limit = limit.ok_or_else(|| Status::not_found(Error::from(RateLimitError::NotFound(text)).message))?;
        Ok(QueryRateLimitResponse { rate_limit: Some(limit.to_proto(&request.channel, &request.denom)) })
    });
    router.query(&path("WhitelistedPairs"), pairs);
    router.query(&path("PendingPackets"), pending);
}

fn rate_limits(
    limits: &RateLimits,
    ctx: &Context,
    request: &QueryRateLimitsRequest,
) -> Answer<QueryRateLimitsResponse> {
    let prefix = LIMITS.namespace_bytes().joined_prefix();
    let (rate_limits, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let (channel, denom) = <(String, String)>::from_vec(key.to_vec())?;
        Ok(Some(shown(limits, ctx, &channel, &denom, value)?))
    })?;
    Ok(QueryRateLimitsResponse { rate_limits, pagination: Some(pagination) })
}

fn by_channel(
    limits: &RateLimits,
    ctx: &Context,
    request: &QueryRateLimitsByChannelRequest,
) -> Answer<QueryRateLimitsByChannelResponse> {
    let channel = request.channel.as_str();
    let prefix = (LIMITS.namespace_bytes(), channel).joined_prefix();
    let (rate_limits, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let denom = String::from_vec(key.to_vec())?;
        Ok(Some(shown(limits, ctx, channel, &denom, value)?))
    })?;
    Ok(QueryRateLimitsByChannelResponse { rate_limits, pagination: Some(pagination) })
}

fn shown(limits: &RateLimits, ctx: &Context, channel: &str, denom: &str, value: &[u8]) -> Answer<RateLimit> {
    let limit: Limit = from_json(value)?;
    Ok(limits.turned(ctx, denom, limit)?.to_proto(channel, denom))
}

fn pairs(ctx: &Context, request: QueryWhitelistedPairsRequest) -> Answer<QueryWhitelistedPairsResponse> {
    let prefix = PAIRS.namespace_bytes().joined_prefix();
    let page = request.pagination.as_ref();
    let (whitelisted_pairs, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |key, _| {
        let (sender, receiver) = <(String, String)>::from_vec(key.to_vec())?;
        Ok(Some(WhitelistedPair { sender, receiver }))
    })?;
    Ok(QueryWhitelistedPairsResponse { whitelisted_pairs, pagination: Some(pagination) })
}

fn pending(ctx: &Context, request: QueryPendingPacketsRequest) -> Answer<QueryPendingPacketsResponse> {
    let prefix = PENDING.namespace_bytes().joined_prefix();
    let page = request.pagination.as_ref();
    let (pending_packets, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |key, value| {
        let (direction, channel, sequence) = <(u8, String, u64)>::from_vec(key.to_vec())?;
        let counted: Pending = from_json(value)?;
        Ok(Some(counted.to_proto(direction == Direction::Received as u8, &channel, sequence)))
    })?;
    Ok(QueryPendingPacketsResponse { pending_packets, pagination: Some(pagination) })
}
