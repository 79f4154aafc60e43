//! The queries of delegations, unbondings and redelegations.
//!
//! Source of semantics and texts: SDK v0.50 `x/staking/keeper/grpc_query.go`.

use openledger_core::query::paginate;
use openledger_core::{Address, Coin, Context, Router, SdkError, Status};
use openledger_proto::cosmos::base::query::v1beta1::PageResponse;
use openledger_proto::cosmos::staking::v1beta1::*;

use crate::delegation;
use crate::error::StakingError;
use crate::keeper::Staking;
use crate::query::{internal, plain, read_delegator, read_operator, Answer};
use crate::state::*;

/// Registers the queries.
pub(crate) fn register(staking: Staking, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.staking.v1beta1.Query/{method}");
    router.query(&path("ValidatorDelegations"), move |ctx, request| validator_delegations(&staking, ctx, &request));
    router.query(&path("ValidatorUnbondingDelegations"), move |ctx, request| {
        validator_unbondings(&staking, ctx, &request)
    });
    router.query(&path("Delegation"), move |ctx, request| one_delegation(&staking, ctx, &request));
    router.query(&path("UnbondingDelegation"), move |ctx, request| one_unbonding(&staking, ctx, &request));
    router.query(&path("DelegatorDelegations"), move |ctx, request| delegator_delegations(&staking, ctx, &request));
    router.query(&path("DelegatorUnbondingDelegations"), move |ctx, request| {
        delegator_unbondings(&staking, ctx, &request)
    });
    router.query(&path("Redelegations"), move |ctx, request| redelegations(&staking, ctx, &request));
    router.query(&path("DelegatorValidators"), move |ctx, request| delegator_validators(&staking, ctx, &request));
    router.query(&path("DelegatorValidator"), move |ctx, request| delegator_validator(&staking, ctx, &request));
}

fn validator_delegations(
    staking: &Staking,
    ctx: &Context,
    request: &QueryValidatorDelegationsRequest,
) -> Answer<QueryValidatorDelegationsResponse> {
    let operator = read_operator(&request.validator_addr)?;
    let under = prefix(&DELEGATIONS_TO, &[operator.as_bytes()]);
    let (delegation_responses, pagination) =
        paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |delegator, _| {
            let delegator = Address::new(delegator)?;
            let delegation = staking.delegation(ctx, &delegator, &operator)?.ok_or(StakingError::NoDelegation);
            Ok(Some(response(staking, ctx, &delegation.map_err(internal)?)?))
        })?;
    Ok(QueryValidatorDelegationsResponse { delegation_responses, pagination: Some(pagination) })
}

fn validator_unbondings(
    staking: &Staking,
    ctx: &Context,
    request: &QueryValidatorUnbondingDelegationsRequest,
) -> Answer<QueryValidatorUnbondingDelegationsResponse> {
    let operator = read_operator(&request.validator_addr)?;
    let under = prefix(&UNBONDINGS_FROM, &[operator.as_bytes()]);
    let (unbonding_responses, pagination) =
        paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |delegator, _| {
            let unbonding = staking.unbonding(ctx, &Address::new(delegator)?, &operator)?;
            Ok(unbonding.map(|unbonding| unbonding.to_proto()))
        })?;
    Ok(QueryValidatorUnbondingDelegationsResponse { unbonding_responses, pagination: Some(pagination) })
}

fn one_delegation(
    staking: &Staking,
    ctx: &Context,
    request: &QueryDelegationRequest,
) -> Answer<QueryDelegationResponse> {
    let QueryDelegationRequest { delegator_addr, validator_addr } = request;
    let (delegator, operator) = read_pair(delegator_addr, validator_addr)?;
    let missing = || {
        let text = format!("delegation with delegator {delegator_addr} not found for validator {validator_addr}");
        Status::not_found(text)
    };
    let delegation = staking.delegation(ctx, &delegator, &operator)?.ok_or_else(missing)?;
    Ok(QueryDelegationResponse { delegation_response: Some(response(staking, ctx, &delegation)?) })
}

fn one_unbonding(
    staking: &Staking,
    ctx: &Context,
    request: &QueryUnbondingDelegationRequest,
) -> Answer<QueryUnbondingDelegationResponse> {
    let QueryUnbondingDelegationRequest { delegator_addr, validator_addr } = request;
    let (delegator, operator) = read_pair(delegator_addr, validator_addr)?;
    let missing = || {
        let text =
            format!("unbonding delegation with delegator {delegator_addr} not found for validator {validator_addr}");
        Status::not_found(text)
    };
    let unbonding = staking.unbonding(ctx, &delegator, &operator)?.ok_or_else(missing)?;
    Ok(QueryUnbondingDelegationResponse { unbond: Some(unbonding.to_proto()) })
}

fn delegator_delegations(
    staking: &Staking,
    ctx: &Context,
    request: &QueryDelegatorDelegationsRequest,
) -> Answer<QueryDelegatorDelegationsResponse> {
    let delegator = read_delegator(&request.delegator_addr)?;
    let under = prefix(&DELEGATIONS, &[delegator.as_bytes()]);
    let (delegation_responses, pagination) =
        paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |operator, value| {
            let (operator, shares) = (Address::new(operator)?, cosmwasm_std::from_json(value)?);
            let delegation = delegation::Delegation { delegator: delegator.clone(), operator, shares };
            Ok(Some(response(staking, ctx, &delegation)?))
        })?;
    Ok(QueryDelegatorDelegationsResponse { delegation_responses, pagination: Some(pagination) })
}

fn delegator_unbondings(
    staking: &Staking,
    ctx: &Context,
    request: &QueryDelegatorUnbondingDelegationsRequest,
) -> Answer<QueryDelegatorUnbondingDelegationsResponse> {
    let delegator = read_delegator(&request.delegator_addr)?;
    let under = prefix(&UNBONDINGS, &[delegator.as_bytes()]);
    let (unbonding_responses, pagination) =
        paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |operator, _| {
            let unbonding = staking.unbonding(ctx, &delegator, &Address::new(operator)?)?;
            Ok(unbonding.map(|unbonding| unbonding.to_proto()))
        })?;
    Ok(QueryDelegatorUnbondingDelegationsResponse { unbonding_responses, pagination: Some(pagination) })
}

fn delegator_validators(
    staking: &Staking,
    ctx: &Context,
    request: &QueryDelegatorValidatorsRequest,
) -> Answer<QueryDelegatorValidatorsResponse> {
    let delegator = read_delegator(&request.delegator_addr)?;
    let under = prefix(&DELEGATIONS, &[delegator.as_bytes()]);
    let (validators, pagination) = paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |operator, _| {
        let validator = staking.validator(ctx, &Address::new(operator)?)?.ok_or(StakingError::NoValidatorFound);
        Ok(Some(validator.map_err(internal)?.to_proto()))
    })?;
    Ok(QueryDelegatorValidatorsResponse { validators, pagination: Some(pagination) })
}

fn delegator_validator(
    staking: &Staking,
    ctx: &Context,
    request: &QueryDelegatorValidatorRequest,
) -> Answer<QueryDelegatorValidatorResponse> {
    let (delegator, operator) = read_pair(&request.delegator_addr, &request.validator_addr)?;
    let delegation = staking.delegation(ctx, &delegator, &operator)?;
    delegation.ok_or(StakingError::NoDelegation).map_err(internal)?;
    let validator = staking.validator(ctx, &operator)?.ok_or(StakingError::NoValidatorFound).map_err(internal)?;
    Ok(QueryDelegatorValidatorResponse { validator: Some(validator.to_proto()) })
}

/// All parties named: that redelegation. The source alone: whatever leaves it. Else: all of a delegator.
fn redelegations(
    staking: &Staking,
    ctx: &Context,
    request: &QueryRedelegationsRequest,
) -> Answer<QueryRedelegationsResponse> {
    let named = |text: &str| !text.is_empty();
    let QueryRedelegationsRequest { delegator_addr, src_validator_addr, dst_validator_addr, .. } = request;
    let (found, pagination) = match (named(delegator_addr), named(src_validator_addr), named(dst_validator_addr)) {
        (true, true, true) => (vec![one_redelegation(staking, ctx, request)?], None),
        (false, true, false) => redelegations_from(staking, ctx, request).map(|(found, page)| (found, Some(page)))?,
        _ => redelegations_of(staking, ctx, request).map(|(found, page)| (found, Some(page)))?,
    };
    let responses = found.iter().map(|redelegation| redelegation_response(staking, ctx, redelegation));
    Ok(QueryRedelegationsResponse { redelegation_responses: responses.collect::<Answer<_>>()?, pagination })
}

fn one_redelegation(
    staking: &Staking,
    ctx: &Context,
    request: &QueryRedelegationsRequest,
) -> Answer<delegation::Redelegation> {
    let QueryRedelegationsRequest { delegator_addr, src_validator_addr, dst_validator_addr, .. } = request;
    let delegator = delegator_addr.parse().map_err(wrapped)?;
    let (source, destination) = (read_operator(src_validator_addr)?, read_operator(dst_validator_addr)?);
    let missing = || {
        // The SDK wraps its own status once more.
        let text = format!(
            "rpc error: code = NotFound desc = redelegation not found for delegator address {delegator_addr} from validator \
             address {src_validator_addr}"
        );
        Status::internal(text)
    };
    staking.redelegation(ctx, &delegator, &source, &destination)?.ok_or_else(missing)
}

type Found = (Vec<delegation::Redelegation>, PageResponse);

fn redelegations_from(staking: &Staking, ctx: &Context, request: &QueryRedelegationsRequest) -> Answer<Found> {
    let source = read_operator(&request.src_validator_addr).map_err(|error| Status::internal(error.message))?;
    let under = prefix(&REDELEGATIONS_FROM, &[source.as_bytes()]);
    paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |key, _| {
        let (delegator, destination) = split(key)?;
        Ok(staking.redelegation(ctx, &delegator, &source, &destination)?)
    })
}

fn redelegations_of(staking: &Staking, ctx: &Context, request: &QueryRedelegationsRequest) -> Answer<Found> {
    let delegator: Address = request.delegator_addr.parse().map_err(wrapped)?;
    let under = prefix(&REDELEGATIONS, &[delegator.as_bytes()]);
    paginate(&*ctx.kv(STORE), &under, request.pagination.as_ref(), |key, _| {
        let (source, destination) = split(key)?;
        Ok(staking.redelegation(ctx, &delegator, &source, &destination)?)
    })
}

/// The two addresses at the end of a key of three.
fn split(key: &[u8]) -> Answer<(Address, Address)> {
    let bad = || Status::internal("a key of a redelegation is not two addresses");
    let (length, rest) = key.split_first_chunk::<2>().ok_or_else(bad)?;
    let (first, second) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or_else(bad)?;
    Ok((Address::new(first)?, Address::new(second)?))
}

/// A delegation with what it is worth.
fn response(staking: &Staking, ctx: &Context, delegation: &delegation::Delegation) -> Answer<DelegationResponse> {
    let validator = staking.validator(ctx, &delegation.operator)?.ok_or(StakingError::NoValidatorFound);
    let tokens = validator.map_err(internal)?.tokens_from_shares(delegation.shares)?.truncate_int()?;
    let balance = Coin { denom: staking.bond_denom(ctx)?, amount: tokens };
    Ok(DelegationResponse { delegation: Some(delegation.to_proto()), balance: Some(balance.to_proto()) })
}

/// A redelegation whose entries have what they are worth; within, the SDK leaves its own entries out.
fn redelegation_response(
    staking: &Staking,
    ctx: &Context,
    redelegation: &delegation::Redelegation,
) -> Answer<RedelegationResponse> {
    let validator = staking.validator(ctx, &redelegation.destination)?.ok_or(StakingError::NoValidatorFound);
    let validator = validator.map_err(internal)?;
    let entry = |entry: &delegation::RedelegationEntry| {
        let balance = validator.tokens_from_shares(entry.shares_dst)?.truncate_int()?;
        // As the SDK's constructor, which knows nothing of holds.
        let entry = delegation::RedelegationEntry { on_hold: 0, ..entry.clone() };
        Ok(RedelegationEntryResponse { redelegation_entry: Some(entry.to_proto()), balance: balance.to_string() })
    };
    let entries = redelegation.entries.iter().map(entry).collect::<Answer<Vec<_>>>()?;
    let redelegation = Redelegation { entries: Vec::new(), ..redelegation.to_proto() };
    Ok(RedelegationResponse { redelegation: Some(redelegation), entries })
}

fn read_pair(delegator: &str, operator: &str) -> Answer<(Address, Address)> {
    if operator.is_empty() && !delegator.is_empty() {
        return Err(Status::invalid_argument("validator address cannot be empty"));
    }
    Ok((read_delegator(delegator)?, read_operator(operator)?))
}

/// An address that cannot be read, as the SDK wraps it here.
fn wrapped(error: SdkError) -> Status {
    Status::internal(plain(error).message)
}
