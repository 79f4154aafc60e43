//! The queries of `cosmos.circuit.v1.Query`.
//!
//! Source of semantics: `cosmossdk.io/x/circuit` v0.1.1, `keeper/query.go`.

use cosmwasm_std::from_json;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::cosmos::circuit::v1::*;

use crate::genesis::proto;
use crate::keeper::Circuit;
use crate::state::{self, PERMISSIONS, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(router: &mut Router) {
    let path = |method: &str| format!("/cosmos.circuit.v1.Query/{method}");
    router.query(&path("Account"), |ctx, request| account(ctx, &request));
    router.query(&path("Accounts"), accounts);
    router.query(&path("DisabledList"), |ctx, _: QueryDisabledListRequest| {
        Ok(DisabledListResponse { disabled_list: state::disabled(ctx)? })
    });
}

fn account(ctx: &Context, request: &QueryAccountRequest) -> Answer<AccountResponse> {
    let address: Address = request.address.parse()?;
    let permissions = Circuit.permissions(ctx, &address)?;
    let missing = || Status::not_found(format!("no permissions of {address}"));
    Ok(AccountResponse { permission: Some(permissions.ok_or_else(missing)?.to_proto()) })
}

fn accounts(ctx: &Context, request: QueryAccountsRequest) -> Answer<AccountsResponse> {
    let prefix = PERMISSIONS.key(&[]).to_vec();
    let page = request.pagination.as_ref();
    let (accounts, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |address, value| {
        Ok(Some(proto(&Address::new(address)?, &from_json(value)?)))
    })?;
    Ok(AccountsResponse { accounts, pagination: Some(pagination) })
}
