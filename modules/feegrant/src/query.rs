//! The queries of `cosmos.feegrant.v1beta1.Query`.
//!
//! Source of semantics and codes: `cosmossdk.io/x/feegrant` v0.1.1, `keeper/grpc_query.go`. A granter's allowances are found by an index
//! here, where the SDK goes through everybody's.

use cosmwasm_std::from_json;
use openledger_core::query::{paginate, Code};
use openledger_core::{Address, Context, Router, SdkError, Status};
use openledger_proto::cosmos::feegrant::v1beta1::*;

use crate::genesis::proto;
use crate::keeper::Feegrants;
use crate::state::{self, ALLOWANCES, BY_GRANTER, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(feegrants: Feegrants, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.feegrant.v1beta1.Query/{method}");
    router.query(&path("Allowance"), move |ctx, request| allowance(&feegrants, ctx, &request));
    router.query(&path("Allowances"), allowances);
    router.query(&path("AllowancesByGranter"), allowances_by_granter);
}

fn allowance(feegrants: &Feegrants, ctx: &Context, request: &QueryAllowanceRequest) -> Answer<QueryAllowanceResponse> {
    let granter: Address = request.granter.parse()?;
    let grantee: Address = request.grantee.parse()?;
    let allowance = feegrants.allowance(ctx, &granter, &grantee)?;
    let missing = || Status::new(Code::Internal, SdkError::NotFound("fee-grant not found".into()).to_string());
    Ok(QueryAllowanceResponse { allowance: Some(proto(&granter, &grantee, &allowance.ok_or_else(missing)?)) })
}

fn allowances(ctx: &Context, request: QueryAllowancesRequest) -> Answer<QueryAllowancesResponse> {
    let grantee: Address = request.grantee.parse()?;
    let prefix = ALLOWANCES.key((grantee.as_bytes(), &[])).to_vec();
    let page = request.pagination.as_ref();
    let (allowances, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |granter, value| {
        Ok(Some(proto(&Address::new(granter)?, &grantee, &from_json(value)?)))
    })?;
    Ok(QueryAllowancesResponse { allowances, pagination: Some(pagination) })
}

fn allowances_by_granter(
    ctx: &Context,
    request: QueryAllowancesByGranterRequest,
) -> Answer<QueryAllowancesByGranterResponse> {
    let granter: Address = request.granter.parse()?;
    let prefix = BY_GRANTER.key((granter.as_bytes(), &[])).to_vec();
    let page = request.pagination.as_ref();
    let (allowances, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |grantee, _| {
        let grantee = Address::new(grantee)?;
        let allowance = state::load(ctx, &granter, &grantee)?;
        Ok(allowance.map(|allowance| proto(&granter, &grantee, &allowance)))
    })?;
    Ok(QueryAllowancesByGranterResponse { allowances, pagination: Some(pagination) })
}
