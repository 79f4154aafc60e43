//! The queries of `cosmos.authz.v1beta1.Query`.
//!
//! Source of semantics and codes: SDK v0.50 `x/authz/keeper/grpc_query.go`. What was granted to someone is found by an index here, where
//! the SDK goes through everybody's grants.

use cosmwasm_std::from_json;
use openledger_core::query::paginate;
use openledger_core::time::Time;
use openledger_core::{Address, Context, Error, Router, Status};
use openledger_proto::cosmos::authz::v1beta1::{Grant as ProtoGrant, *};

use crate::error::AuthzError;
use crate::genesis::proto;
use crate::state::{self, Grant, Place, BY_GRANTEE, GRANTS, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(router: &mut Router) {
    let path = |method: &str| format!("/cosmos.authz.v1beta1.Query/{method}");
    router.query(&path("Grants"), grants);
    router.query(&path("GranterGrants"), granter_grants);
    router.query(&path("GranteeGrants"), grantee_grants);
}

fn grants(ctx: &Context, request: QueryGrantsRequest) -> Answer<QueryGrantsResponse> {
    let granter: Address = request.granter.parse()?;
    let grantee: Address = request.grantee.parse()?;
    let msg_type = request.msg_type_url;
    if !msg_type.is_empty() {
        let place = Place { granter, grantee, msg_type };
        let grant = state::load(ctx, &place)?.ok_or_else(|| {
            Error::from(AuthzError::NotFound(format!("authorization not found for {} type", place.msg_type)))
        })?;
        return Ok(QueryGrantsResponse { grants: vec![without_names(&grant)], pagination: None });
    }
    let prefix = GRANTS.key((granter.as_bytes(), grantee.as_bytes(), "")).to_vec();
    let page = request.pagination.as_ref();
    let (grants, pagination) =
        paginate(&*ctx.kv(STORE), &prefix, page, |_, value| Ok(Some(without_names(&from_json(value)?))))?;
    Ok(QueryGrantsResponse { grants, pagination: Some(pagination) })
}

fn without_names(grant: &Grant) -> ProtoGrant {
    let expiration = grant.expiration.map(Time::to_proto);
    ProtoGrant { authorization: Some(grant.authorization.to_any()), expiration }
}

fn granter_grants(ctx: &Context, request: QueryGranterGrantsRequest) -> Answer<QueryGranterGrantsResponse> {
    let granter: Address = request.granter.parse()?;
    let prefix = first_part(&GRANTS.key((granter.as_bytes(), &[], "")));
    let page = request.pagination.as_ref();
    let (grants, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |key, value| {
        let (grantee, _) = split(key)?;
        Ok(Some(proto(&granter, &grantee, &from_json(value)?)))
    })?;
    Ok(QueryGranterGrantsResponse { grants, pagination: Some(pagination) })
}

fn grantee_grants(ctx: &Context, request: QueryGranteeGrantsRequest) -> Answer<QueryGranteeGrantsResponse> {
    let grantee: Address = request.grantee.parse()?;
    let prefix = first_part(&BY_GRANTEE.key((grantee.as_bytes(), &[], "")));
    let page = request.pagination.as_ref();
    let (grants, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |key, _| {
        let (granter, msg_type) = split(key)?;
        let place = Place { granter, grantee: grantee.clone(), msg_type };
        let grant = state::load(ctx, &place)?;
        Ok(grant.map(|grant| proto(&place.granter, &grantee, &grant)))
    })?;
    Ok(QueryGranteeGrantsResponse { grants, pagination: Some(pagination) })
}

/// What the keys of a first address begin with: the key of an empty second one, without that one's length.
fn first_part(key: &[u8]) -> Vec<u8> {
    key.get(..key.len().saturating_sub(2)).unwrap_or_default().to_vec()
}

/// The second address and the type URL that follow the first address in a key.
fn split(key: &[u8]) -> Answer<(Address, String)> {
    let split = key.split_first_chunk::<2>().and_then(|(length, rest)| {
        let length = usize::from(u16::from_be_bytes(*length));
        rest.split_at_checked(length)
    });
    let (address, msg_type) = split.ok_or_else(|| Status::internal("authz state: a key is cut short"))?;
    let msg_type = String::from_utf8(msg_type.to_vec());
    let msg_type = msg_type.map_err(|_| Status::internal("authz state: a type URL is not text"))?;
    Ok((Address::new(address)?, msg_type))
}
