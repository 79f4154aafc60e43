//! The queries of `cosmos.bank.v1beta1.Query`.
//!
//! Source of semantics and texts: SDK v0.50 `x/bank/keeper/grpc_query.go`.

use openledger_core::query::paginate;
use openledger_core::{coin, Address, Coin, Context, Router, Status};
use openledger_proto::cosmos::bank::v1beta1::*;

use crate::keeper::Bank;
use crate::params;
use crate::state::{self, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(bank: Bank, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.bank.v1beta1.Query/{method}");
    router.query(&path("Balance"), move |ctx, request| balance(&bank, ctx, &request));
    router.query(&path("AllBalances"), move |ctx, request| all_balances(&bank, ctx, &request));
    router.query(&path("SpendableBalances"), move |ctx, request| spendable_balances(&bank, ctx, &request));
    router.query(&path("SpendableBalanceByDenom"), move |ctx, request| spendable_by_denom(&bank, ctx, &request));
    router.query(&path("TotalSupply"), total_supply);
    router.query(&path("SupplyOf"), move |ctx, request: QuerySupplyOfRequest| {
        check_denom(&request.denom)?;
        let amount = bank.supply(ctx, &request.denom)?;
        Ok(QuerySupplyOfResponse { amount: Some(Coin { denom: request.denom, amount }.to_proto()) })
    });
    router.query(&path("Params"), |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(params::current(ctx)?) })
    });
    router.query(&path("DenomMetadata"), move |ctx, request: QueryDenomMetadataRequest| {
        Ok(QueryDenomMetadataResponse { metadata: Some(metadata(&bank, ctx, &request.denom)?) })
    });
    router.query(&path("DenomMetadataByQueryString"), move |ctx, request: QueryDenomMetadataByQueryStringRequest| {
        Ok(QueryDenomMetadataByQueryStringResponse { metadata: Some(metadata(&bank, ctx, &request.denom)?) })
    });
    router.query(&path("DenomsMetadata"), denoms_metadata);
    router.query(&path("DenomOwners"), move |ctx, request| denom_owners(&bank, ctx, request));
    router.query(&path("DenomOwnersByQuery"), move |ctx, request: QueryDenomOwnersByQueryRequest| {
        let QueryDenomOwnersByQueryRequest { denom, pagination } = request;
        let owners = denom_owners(&bank, ctx, QueryDenomOwnersRequest { denom, pagination })?;
        let QueryDenomOwnersResponse { denom_owners, pagination } = owners;
        Ok(QueryDenomOwnersByQueryResponse { denom_owners, pagination })
    });
    router.query(&path("SendEnabled"), send_enabled);
}

fn balance(bank: &Bank, ctx: &Context, request: &QueryBalanceRequest) -> Answer<QueryBalanceResponse> {
    check_denom(&request.denom)?;
    let address = read_address(&request.address)?;
    Ok(QueryBalanceResponse { balance: Some(held(bank, ctx, &address, &request.denom)?.to_proto()) })
}

fn all_balances(bank: &Bank, ctx: &Context, request: &QueryAllBalancesRequest) -> Answer<QueryAllBalancesResponse> {
    let prefix = state::account_prefix(&read_address(&request.address)?);
    let (balances, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |denom, value| {
        let mut denom = state::denom_of(denom)?;
        if request.resolve_denom {
            if let Some(metadata) = bank.metadata(ctx, &denom)? {
                denom = metadata.display;
            }
        }
        Ok(Some(Coin { denom, amount: state::read_amount(value)? }.to_proto()))
    })?;
    Ok(QueryAllBalancesResponse { balances, pagination: Some(pagination) })
}

fn spendable_balances(
    bank: &Bank,
    ctx: &Context,
    request: &QuerySpendableBalancesRequest,
) -> Answer<QuerySpendableBalancesResponse> {
    let address = read_address(&request.address)?;
    let spendable = bank.spendable(ctx, &address)?;
    let prefix = state::account_prefix(&address);
    let (balances, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |denom, _| {
        let denom = state::denom_of(denom)?;
        let amount = spendable.amount_of(&denom);
        Ok(Some(Coin { denom, amount }.to_proto()))
    })?;
    Ok(QuerySpendableBalancesResponse { balances, pagination: Some(pagination) })
}

fn spendable_by_denom(
    bank: &Bank,
    ctx: &Context,
    request: &QuerySpendableBalanceByDenomRequest,
) -> Answer<QuerySpendableBalanceByDenomResponse> {
    let address = read_address(&request.address)?;
    check_denom(&request.denom)?;
    let mut balance = held(bank, ctx, &address, &request.denom)?;
    // Where more is locked than is there, the SDK's answer is a panic; nothing can be spent.
    balance.amount = balance.amount.saturating_sub(bank.locked(ctx, &address)?.amount_of(&request.denom));
    Ok(QuerySpendableBalanceByDenomResponse { balance: Some(balance.to_proto()) })
}

fn total_supply(ctx: &Context, request: QueryTotalSupplyRequest) -> Answer<QueryTotalSupplyResponse> {
    let (supply, pagination) =
        paginate(&*ctx.kv(STORE), &[state::SUPPLY], request.pagination.as_ref(), |denom, value| {
            Ok(Some(Coin { denom: state::denom_of(denom)?, amount: state::read_amount(value)? }.to_proto()))
        })?;
    Ok(QueryTotalSupplyResponse { supply, pagination: Some(pagination) })
}

fn metadata(bank: &Bank, ctx: &Context, denom: &str) -> Answer<Metadata> {
    check_denom(denom)?;
    bank.metadata(ctx, denom)?.ok_or_else(|| Status::not_found(format!("client metadata for denom {denom}")))
}

fn denoms_metadata(ctx: &Context, request: QueryDenomsMetadataRequest) -> Answer<QueryDenomsMetadataResponse> {
    let (metadatas, pagination) =
        paginate(&*ctx.kv(STORE), &[state::METADATA], request.pagination.as_ref(), |_, value| {
            Ok(Some(state::read_metadata(value)?))
        })?;
    Ok(QueryDenomsMetadataResponse { metadatas, pagination: Some(pagination) })
}

fn denom_owners(bank: &Bank, ctx: &Context, request: QueryDenomOwnersRequest) -> Answer<QueryDenomOwnersResponse> {
    check_denom(&request.denom)?;
    let prefix = state::holders_prefix(&request.denom);
    let (denom_owners, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |holder, _| {
        let (address, _) = state::split_address(holder)?;
        let balance = held(bank, ctx, &address, &request.denom)?.to_proto();
        Ok(Some(DenomOwner { address: address.to_string(), balance: Some(balance) }))
    })?;
    Ok(QueryDenomOwnersResponse { denom_owners, pagination: Some(pagination) })
}

/// Entries that are set; those asked for by name come unpaged, as in the SDK.
fn send_enabled(ctx: &Context, request: QuerySendEnabledRequest) -> Answer<QuerySendEnabledResponse> {
    let kv = ctx.kv(STORE);
    if !request.denoms.is_empty() {
        let mut entries = Vec::new();
        for denom in request.denoms {
            if let Some(enabled) = state::send_enabled(&*kv, &denom)? {
                entries.push(SendEnabled { denom, enabled });
            }
        }
        return Ok(QuerySendEnabledResponse { send_enabled: entries, pagination: None });
    }
    let (send_enabled, pagination) =
        paginate(&*kv, &[state::SEND_ENABLED], request.pagination.as_ref(), |denom, value| {
            Ok(Some(SendEnabled { denom: state::denom_of(denom)?, enabled: state::read_bool(value)? }))
        })?;
    Ok(QuerySendEnabledResponse { send_enabled, pagination: Some(pagination) })
}

fn held(bank: &Bank, ctx: &Context, address: &Address, denom: &str) -> Answer<Coin> {
    Ok(Coin { denom: denom.into(), amount: bank.balance(ctx, address, denom)? })
}

fn read_address(text: &str) -> Answer<Address> {
    text.parse::<Address>().map_err(|error| Status::invalid_argument(format!("invalid address: {error}")))
}

fn check_denom(denom: &str) -> Answer<()> {
    coin::check_denom(denom).map_err(|_| Status::invalid_argument(format!("invalid denom: {denom}")))
}
