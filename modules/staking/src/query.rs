//! The queries of `cosmos.staking.v1beta1.Query`: validators, parameters, history; those of delegations are in `query_delegations.rs`.
//!
//! Source of semantics and texts: SDK v0.50 `x/staking/keeper/grpc_query.go`.

use cosmwasm_std::from_json;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::query::{paginate, Code};
use openledger_core::{Address, Context, Error, Router, SdkError, Status};
use openledger_proto::cosmos::staking::v1beta1::*;

use crate::keeper::Staking;
use crate::query_delegations;
use crate::state::{prefix, STORE, VALIDATORS};
use crate::validator;

pub(crate) type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(staking: Staking, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.staking.v1beta1.Query/{method}");
    router.query(&path("Validators"), validators);
    router.query(&path("Validator"), move |ctx, request: QueryValidatorRequest| {
        let operator = read_operator(&request.validator_addr)?;
        let missing = || Status::not_found(format!("validator {} not found", request.validator_addr));
        let validator = staking.validator(ctx, &operator)?.ok_or_else(missing)?;
        Ok(QueryValidatorResponse { validator: Some(validator.to_proto()) })
    });
    router.query(&path("HistoricalInfo"), move |ctx, request| historical_info(&staking, ctx, &request));
    router.query(&path("Pool"), move |ctx, _: QueryPoolRequest| {
        let (bonded, not_bonded) = (staking.total_bonded(ctx)?, staking.total_not_bonded(ctx)?);
        let pool = Pool { not_bonded_tokens: not_bonded.to_string(), bonded_tokens: bonded.to_string() };
        Ok(QueryPoolResponse { pool: Some(pool) })
    });
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(staking.params(ctx)?.to_proto()) })
    });
    query_delegations::register(staking, router);
}

fn validators(ctx: &Context, request: QueryValidatorsRequest) -> Answer<QueryValidatorsResponse> {
    let status = match request.status.as_str() {
        "" => None,
        text => match BondStatus::from_str_name(text) {
            Some(BondStatus::Unspecified) | None => {
                return Err(Status::invalid_argument(format!("invalid validator status {text}")))
            }
            status => status,
        },
    };
    let page = request.pagination.as_ref();
    let (validators, pagination) = paginate(&*ctx.kv(STORE), &prefix(&VALIDATORS, &[]), page, |_, value| {
        let validator: validator::Validator = from_json(value)?;
        let asked = status.is_none_or(|status| status == validator.status.to_proto());
        Ok(asked.then(|| validator.to_proto()))
    })?;
    Ok(QueryValidatorsResponse { validators, pagination: Some(pagination) })
}

fn historical_info(
    staking: &Staking,
    ctx: &Context,
    request: &QueryHistoricalInfoRequest,
) -> Answer<QueryHistoricalInfoResponse> {
    let height = request.height;
    let unsigned = u64::try_from(height).map_err(|_| Status::invalid_argument("height cannot be negative"))?;
    let info = staking.historical_info(ctx, unsigned)?;
    let info = info.ok_or_else(|| Status::not_found(format!("historical info for height {height} not found")))?;
    Ok(QueryHistoricalInfoResponse { hist: Some(info) })
}

/// A validator's address of a request.
pub(crate) fn read_operator(text: &str) -> Answer<Address> {
    if text.is_empty() {
        return Err(Status::invalid_argument("validator address cannot be empty"));
    }
    Address::from_bech32(text, VALOPER_PREFIX).map_err(plain)
}

/// A delegator's address of a request.
pub(crate) fn read_delegator(text: &str) -> Answer<Address> {
    if text.is_empty() {
        return Err(Status::invalid_argument("delegator address cannot be empty"));
    }
    text.parse().map_err(plain)
}

/// An address that cannot be read: the SDK returns the codec's own error, which gRPC shows as unknown.
pub(crate) fn plain(error: SdkError) -> Status {
    match error {
        SdkError::InvalidAddress(why) => Status::new(Code::Unknown, why),
        other => other.into(),
    }
}

/// An error that the SDK wraps as internal.
pub(crate) fn internal(error: impl Into<Error>) -> Status {
    Status::internal(error.into().message)
}
