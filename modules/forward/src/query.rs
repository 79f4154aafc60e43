//! The queries of `openledger.forward.v1.Query`.

use cosmwasm_std::from_json;
use cw_storage_plus::{KeyDeserialize, Prefixer};
use openledger_core::query::paginate;
use openledger_core::{Context, Router, Status};
use openledger_proto::openledger::forward::v1::*;

use crate::state::{Forward as Stored, FORWARDS, STORE};

/// Registers the queries.
pub(crate) fn register(router: &mut Router) {
    router.query("/openledger.forward.v1.Query/Forwards", forwards);
    router.query("/openledger.forward.v1.Query/Forward", |ctx, request: QueryForwardRequest| {
        let (channel, sequence) = (request.channel.as_str(), request.sequence);
        let forward = FORWARDS.may_load(&*ctx.kv(STORE), (channel, sequence))?;
        let missing = || Status::not_found(format!("packet {sequence} on {channel} is no forward that waits"));
        Ok(QueryForwardResponse { forward: Some(forward.ok_or_else(missing)?.to_proto(channel, sequence)) })
    });
}

fn forwards(ctx: &Context, request: QueryForwardsRequest) -> Result<QueryForwardsResponse, Status> {
    let prefix = FORWARDS.namespace_bytes().joined_prefix();
    let (forwards, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let (channel, sequence) = <(String, u64)>::from_vec(key.to_vec())?;
        Ok(Some(from_json::<Stored>(value)?.to_proto(&channel, sequence)))
    })?;
    Ok(QueryForwardsResponse { forwards, pagination: Some(pagination) })
}
