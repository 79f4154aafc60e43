//! The queries of `cosmos.distribution.v1beta1.Query`.
//!
//! Source of semantics and texts: SDK v0.50 `x/distribution/keeper/grpc_query.go`. There a query ends a validator's period in a copy of
//! the state; here the end is computed and nothing written.

use cw_storage_plus::Prefixer;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, DecCoins, Router, Status};
use openledger_proto::cosmos::distribution::v1beta1::*;
use openledger_staking::{Delegation, Validator};

use crate::keeper::Distribution;
use crate::state::{SlashEvent, SLASHES, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Distribution, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.distribution.v1beta1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(keeper.params(ctx)?.to_proto()) })
    });
    router.query(&path("ValidatorDistributionInfo"), move |ctx, request| distribution_info(&keeper, ctx, &request));
    router.query(&path("ValidatorOutstandingRewards"), move |ctx, request| outstanding(&keeper, ctx, &request));
    router.query(&path("ValidatorCommission"), move |ctx, request| commission(&keeper, ctx, &request));
    router.query(&path("ValidatorSlashes"), slashes);
    router.query(&path("DelegationRewards"), move |ctx, request| rewards(&keeper, ctx, &request));
    router.query(&path("DelegationTotalRewards"), move |ctx, request| total_rewards(&keeper, ctx, &request));
    router.query(&path("DelegatorValidators"), move |ctx, request: QueryDelegatorValidatorsRequest| {
        let delegations = keeper.staking.delegations_of(ctx, &read_delegator(&request.delegator_address)?)?;
        let validators = delegations.iter().map(|delegation| delegation.operator.to_bech32(VALOPER_PREFIX));
        Ok(QueryDelegatorValidatorsResponse { validators: validators.collect() })
    });
    router.query(&path("DelegatorWithdrawAddress"), move |ctx, request: QueryDelegatorWithdrawAddressRequest| {
        let address = keeper.withdraw_address(ctx, &read_delegator(&request.delegator_address)?)?;
        Ok(QueryDelegatorWithdrawAddressResponse { withdraw_address: address.to_string() })
    });
    router.query(&path("CommunityPool"), move |ctx, _: QueryCommunityPoolRequest| {
        Ok(QueryCommunityPoolResponse { pool: keeper.community_pool(ctx)?.to_proto() })
    });
}

fn distribution_info(
    keeper: &Distribution,
    ctx: &Context,
    request: &QueryValidatorDistributionInfoRequest,
) -> Answer<QueryValidatorDistributionInfoResponse> {
    let operator = read_operator(&request.validator_address)?;
    let validator = keeper.validator(ctx, &operator)?;
    // The operator's account has the operator's bytes.
    let own = keeper.delegation(ctx, &operator, &operator)?;
    Ok(QueryValidatorDistributionInfoResponse {
        operator_address: operator.to_string(),
        self_bond_rewards: due(keeper, ctx, &validator, &own)?.to_proto(),
        commission: keeper.commission(ctx, &operator)?.to_proto(),
    })
}

fn outstanding(
    keeper: &Distribution,
    ctx: &Context,
    request: &QueryValidatorOutstandingRewardsRequest,
) -> Answer<QueryValidatorOutstandingRewardsResponse> {
    let operator = read_operator(&request.validator_address)?;
    keeper.validator(ctx, &operator)?;
    let rewards = keeper.outstanding(ctx, &operator)?.to_proto();
    Ok(QueryValidatorOutstandingRewardsResponse { rewards: Some(ValidatorOutstandingRewards { rewards }) })
}

fn commission(
    keeper: &Distribution,
    ctx: &Context,
    request: &QueryValidatorCommissionRequest,
) -> Answer<QueryValidatorCommissionResponse> {
    let operator = read_operator(&request.validator_address)?;
    keeper.validator(ctx, &operator)?;
    let commission = keeper.commission(ctx, &operator)?.to_proto();
    Ok(QueryValidatorCommissionResponse { commission: Some(ValidatorAccumulatedCommission { commission }) })
}

/// The SDK filters by the *period* that a slash ended where its documentation says heights; so does this, since the answers are to be
/// the same.
fn slashes(ctx: &Context, request: QueryValidatorSlashesRequest) -> Answer<QueryValidatorSlashesResponse> {
    let QueryValidatorSlashesRequest { validator_address, starting_height, ending_height, pagination } = request;
    if validator_address.is_empty() {
        return Err(Status::invalid_argument("empty validator address"));
    }
    if ending_height < starting_height {
        let text = format!("starting height greater than ending height ({starting_height} > {ending_height})");
        return Err(Status::invalid_argument(text));
    }
    let operator = Address::from_bech32(&validator_address, VALOPER_PREFIX)
        .map_err(|_| Status::invalid_argument("invalid validator address"))?;
    let prefix = (SLASHES.namespace_bytes(), operator.as_bytes()).joined_prefix();
    let (slashes, pagination) = paginate(&*ctx.kv(STORE), &prefix, pagination.as_ref(), |_, value| {
        let event: SlashEvent = cosmwasm_std::from_json(value)?;
        Ok((starting_height..=ending_height).contains(&event.period).then(|| event.to_proto()))
    })?;
    Ok(QueryValidatorSlashesResponse { slashes, pagination: Some(pagination) })
}

fn rewards(
    keeper: &Distribution,
    ctx: &Context,
    request: &QueryDelegationRewardsRequest,
) -> Answer<QueryDelegationRewardsResponse> {
    if request.delegator_address.is_empty() {
        return Err(Status::invalid_argument("empty delegator address"));
    }
    let operator = read_operator(&request.validator_address)?;
    let validator = keeper.validator(ctx, &operator)?;
    let delegation = keeper.delegation(ctx, &read_delegator(&request.delegator_address)?, &operator)?;
    Ok(QueryDelegationRewardsResponse { rewards: due(keeper, ctx, &validator, &delegation)?.to_proto() })
}

fn total_rewards(
    keeper: &Distribution,
    ctx: &Context,
    request: &QueryDelegationTotalRewardsRequest,
) -> Answer<QueryDelegationTotalRewardsResponse> {
    let delegator = read_delegator(&request.delegator_address)?;
    let (mut rewards, mut total) = (Vec::new(), DecCoins::default());
    for delegation in keeper.staking.delegations_of(ctx, &delegator)? {
        let validator = keeper.validator(ctx, &delegation.operator)?;
        let reward = due(keeper, ctx, &validator, &delegation)?;
        total = total.add(&reward)?;
        let validator_address = delegation.operator.to_bech32(VALOPER_PREFIX);
        rewards.push(DelegationDelegatorReward { validator_address, reward: reward.to_proto() });
    }
    Ok(QueryDelegationTotalRewardsResponse { rewards, total: total.to_proto() })
}

fn due(keeper: &Distribution, ctx: &Context, validator: &Validator, delegation: &Delegation) -> Answer<DecCoins> {
    let ended = keeper.period_end(ctx, validator)?;
    Ok(keeper.rewards_until(ctx, validator, delegation, &ended)?)
}

fn read_operator(text: &str) -> Answer<Address> {
    if text.is_empty() {
        return Err(Status::invalid_argument("empty validator address"));
    }
    Ok(Address::from_bech32(text, VALOPER_PREFIX)?)
}

fn read_delegator(text: &str) -> Answer<Address> {
    if text.is_empty() {
        return Err(Status::invalid_argument("empty delegator address"));
    }
    Ok(text.parse::<Address>()?)
}
