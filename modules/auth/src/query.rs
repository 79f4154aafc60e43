//! The queries of `cosmos.auth.v1beta1.Query`.
//!
//! Source of semantics and texts: SDK v0.50 `x/auth/keeper/grpc_query.go`; clients match on `account … not found`.

use cosmwasm_std::from_json;
use openledger_core::address::ACCOUNT_PREFIX;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::cosmos::auth::v1beta1::*;

use crate::account::Account;
use crate::keeper::Auth;
use crate::permissions::MODULE_ACCOUNTS;
use crate::state::{Record, ACCOUNTS, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(auth: Auth, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.auth.v1beta1.Query/{method}");
    router.query(&path("Account"), move |ctx, request| account(&auth, ctx, &request));
    router.query(&path("Accounts"), move |ctx, request| accounts(&auth, ctx, &request));
    router.query(&path("AccountInfo"), move |ctx, request| account_info(&auth, ctx, &request));
    router.query(&path("AccountAddressByID"), move |ctx, request| account_address_by_id(&auth, ctx, &request));
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(auth.params(ctx)?.to_proto()) })
    });
    router.query(&path("ModuleAccounts"), move |ctx, _: QueryModuleAccountsRequest| module_accounts(&auth, ctx));
    router.query(&path("ModuleAccountByName"), move |ctx, request| module_account_by_name(&auth, ctx, &request));
    router.query(&path("Bech32Prefix"), |_, _: Bech32PrefixRequest| {
        Ok(Bech32PrefixResponse { bech32_prefix: ACCOUNT_PREFIX.into() })
    });
    router.query(&path("AddressBytesToString"), |_, request| address_bytes_to_string(request));
    router.query(&path("AddressStringToBytes"), |_, request| address_string_to_bytes(&request));
}

fn account(auth: &Auth, ctx: &Context, request: &QueryAccountRequest) -> Answer<QueryAccountResponse> {
    if request.address.is_empty() {
        return Err(Status::invalid_argument("Address cannot be empty"));
    }
    let account = find(auth, ctx, &request.address)?;
    Ok(QueryAccountResponse { account: Some(account.to_any()) })
}

fn account_info(auth: &Auth, ctx: &Context, request: &QueryAccountInfoRequest) -> Answer<QueryAccountInfoResponse> {
    if request.address.is_empty() {
        return Err(Status::invalid_argument("address cannot be empty"));
    }
    let account = find(auth, ctx, &request.address)?;
    Ok(QueryAccountInfoResponse { info: Some(account.to_base()) })
}

fn find(auth: &Auth, ctx: &Context, text: &str) -> Answer<Account> {
    let address: Address = text.parse()?;
    auth.account(ctx, &address)?.ok_or_else(|| not_found(text))
}

fn not_found(who: &str) -> Status {
    Status::not_found(format!("account {who} not found"))
}

fn accounts(auth: &Auth, ctx: &Context, request: &QueryAccountsRequest) -> Answer<QueryAccountsResponse> {
    let prefix = ACCOUNTS.key(&[]).to_vec();
    let (accounts, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let record: Record = from_json(value)?;
        Ok(Some(auth.with_vesting(ctx, Address::new(key)?, record)?.to_any()))
    })?;
    Ok(QueryAccountsResponse { accounts, pagination: Some(pagination) })
}

fn account_address_by_id(
    auth: &Auth,
    ctx: &Context,
    request: &QueryAccountAddressByIdRequest,
) -> Answer<QueryAccountAddressByIdResponse> {
    #[allow(deprecated)]
    if request.id != 0 {
        let text = "requesting with id isn't supported, try to request using account-id";
        return Err(Status::invalid_argument(text));
    }
    let number = request.account_id;
    let address = auth
        .address_of_number(ctx, number)?
        .ok_or_else(|| Status::not_found(format!("account address not found with account number {number}")))?;
    Ok(QueryAccountAddressByIdResponse { account_address: address.to_string() })
}

fn module_accounts(auth: &Auth, ctx: &Context) -> Answer<QueryModuleAccountsResponse> {
    let accounts = MODULE_ACCOUNTS.iter().map(|access| {
        let account = auth.account(ctx, &Address::module(access.name))?.ok_or_else(|| not_found(access.name))?;
        Ok(account.to_any())
    });
    Ok(QueryModuleAccountsResponse { accounts: accounts.collect::<Answer<_>>()? })
}

fn module_account_by_name(
    auth: &Auth,
    ctx: &Context,
    request: &QueryModuleAccountByNameRequest,
) -> Answer<QueryModuleAccountByNameResponse> {
    if request.name.is_empty() {
        return Err(Status::invalid_argument("module name is empty"));
    }
    let access = MODULE_ACCOUNTS.iter().find(|access| access.name == request.name);
    let access = access.ok_or_else(|| not_found(&request.name))?;
    let account = auth.account(ctx, &Address::module(access.name))?.ok_or_else(|| not_found(access.name))?;
    Ok(QueryModuleAccountByNameResponse { account: Some(account.to_any()) })
}

fn address_bytes_to_string(request: AddressBytesToStringRequest) -> Answer<AddressBytesToStringResponse> {
    if request.address_bytes.is_empty() {
        return Err(Status::invalid_argument("empty address bytes is not allowed"));
    }
    let address = Address::new(request.address_bytes)?;
    Ok(AddressBytesToStringResponse { address_string: address.to_string() })
}

fn address_string_to_bytes(request: &AddressStringToBytesRequest) -> Answer<AddressStringToBytesResponse> {
    if request.address_string.trim().is_empty() {
        return Err(Status::invalid_argument("empty address string is not allowed"));
    }
    let address: Address = request.address_string.parse()?;
    Ok(AddressStringToBytesResponse { address_bytes: address.as_bytes().to_vec() })
}
