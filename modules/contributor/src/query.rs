//! The queries of `openledger.contributor.v1.Query`.

use cosmwasm_std::from_json;
use cw_storage_plus::Prefixer;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::openledger::contributor::v1::*;

use crate::keeper::{byte, Contributors};
use crate::state::{Entry, StoredProfile, BY_OBJECT, BY_ROLE, ENTRIES, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Contributors, router: &mut Router) {
    let path = |method: &str| format!("/openledger.contributor.v1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(keeper.params(ctx)?.to_proto()) })
    });
    router.query(&path("Profile"), move |ctx, request| profile(&keeper, ctx, &request));
    router.query(&path("ProfileByHandle"), move |ctx, request| profile_by_handle(&keeper, ctx, &request));
    router.query(&path("History"), move |ctx, request| history(&keeper, ctx, &request));
    router.query(&path("HistoryByObject"), move |ctx, request| history_by_object(&keeper, ctx, &request));
}

/// An account without a profile that has a history is answered with an empty profile.
fn profile(keeper: &Contributors, ctx: &Context, request: &QueryProfileRequest) -> Answer<QueryProfileResponse> {
    let account: Address = request.address.parse()?;
    let profile = keeper.profile(ctx, &account)?;
    let history_length = keeper.history_length(ctx, &account)?;
    if profile.is_none() && history_length == 0 {
        return Err(Status::not_found(format!("{account} has neither a profile nor a history")));
    }
    let profile = profile.unwrap_or_default().to_proto(&account);
    Ok(QueryProfileResponse { profile: Some(profile), history_length })
}

fn profile_by_handle(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryProfileByHandleRequest,
) -> Answer<QueryProfileByHandleResponse> {
    let handle = &request.handle;
    let record =
        keeper.handle(ctx, handle)?.ok_or_else(|| Status::not_found(format!("nobody ever held handle {handle:?}")))?;
    let profile: StoredProfile = keeper.profile(ctx, &record.holder)?.unwrap_or_default();
    Ok(QueryProfileByHandleResponse {
        profile: Some(profile.to_proto(&record.holder)),
        record: Some(record.to_proto(handle)),
    })
}

fn history(keeper: &Contributors, ctx: &Context, request: &QueryHistoryRequest) -> Answer<QueryHistoryResponse> {
    let actor: Address = request.actor.parse()?;
    let page = request.pagination.as_ref();
    let number_of = |key: &[u8]| number(key).ok_or_else(|| Status::invalid_argument("pagination.key is not of a page"));
    let kv = ctx.kv(STORE);
    let (entries, pagination) = if request.role == 0 {
        let prefix = (ENTRIES.namespace_bytes(), actor.as_bytes()).joined_prefix();
        paginate(&*kv, &prefix, page, |key, value| {
            let entry: Entry = from_json(value)?;
            Ok(Some(entry.to_proto(&actor, number_of(key)?)))
        })?
    } else {
        let role = byte(request.role).map_err(|_| Status::invalid_argument(format!("{} is no role", request.role)))?;
        let prefix = (BY_ROLE.namespace_bytes(), actor.as_bytes(), role).joined_prefix();
        paginate(&*kv, &prefix, page, |key, _| {
            let number = number_of(key)?;
            Ok(Some(load(keeper, ctx, &actor, number)?))
        })?
    };
    Ok(QueryHistoryResponse { entries, pagination: Some(pagination) })
}

fn history_by_object(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryHistoryByObjectRequest,
) -> Answer<QueryHistoryByObjectResponse> {
    let kind =
        byte(request.kind).map_err(|_| Status::invalid_argument(format!("{} is no kind of object", request.kind)))?;
    let prefix = (BY_OBJECT.namespace_bytes(), kind, request.object).joined_prefix();
    let (entries, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, _| {
        // Height, number, actor: see `state`.
        let (number, actor) = key.get(8..).and_then(|rest| rest.split_at_checked(8)).unwrap_or_default();
        let number = self::number(number).ok_or_else(|| Status::invalid_argument("pagination.key is not of a page"))?;
        Ok(Some(load(keeper, ctx, &Address::new(actor)?, number)?))
    })?;
    Ok(QueryHistoryByObjectResponse { entries, pagination: Some(pagination) })
}

fn load(keeper: &Contributors, ctx: &Context, actor: &Address, number: u64) -> Answer<HistoryEntry> {
    let entry = keeper.entry(ctx, actor, number)?;
    let entry = entry.ok_or_else(|| Status::internal(format!("entry {number} of {actor} is indexed and not there")))?;
    Ok(entry.to_proto(actor, number))
}

fn number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.try_into().ok()?))
}
