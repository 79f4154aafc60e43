//! The queries of `openledger.attribution.v1.Query`.

use cosmwasm_std::from_json;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status, BASE_DENOM};
use openledger_model::sequence::{id_of, prefix};
use openledger_proto::openledger::attribution::v1::*;

use crate::audit;
use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::record::Sold;
use crate::state::*;
use crate::types;
use crate::NAME;

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Attribution, router: &mut Router) {
    audit::query::register(keeper, router);
    let path = |method: &str| format!("/openledger.attribution.v1.Query/{method}");
    router.query(&path("Params"), move |ctx, request| params(&keeper, ctx, &request));
    router.query(&path("Session"), move |ctx, request: QuerySessionRequest| {
        let session = keeper.session(ctx, request.id)?.ok_or_else(|| missing("session", request.id))?;
        let assurance = session.assurance().into();
        Ok(QuerySessionResponse { session: Some(session.to_proto()), assurance })
    });
    router.query(&path("Sessions"), move |ctx, request| sessions(&keeper, ctx, &request));
    router.query(&path("Settlement"), move |ctx, request| settlement(&keeper, ctx, &request));
    router.query(&path("Settlements"), move |ctx, request| settlements(&keeper, ctx, &request));
    router.query(&path("SettlementRows"), move |ctx, request| settlement_rows(&keeper, ctx, &request));
    router.query(&path("Dispute"), move |ctx, request: QueryDisputeRequest| {
        let dispute = keeper.dispute(ctx, request.id)?.ok_or_else(|| missing("dispute", request.id))?;
        Ok(QueryDisputeResponse { dispute: Some(dispute.to_proto()) })
    });
    router.query(&path("Disputes"), move |ctx, request| disputes(&keeper, ctx, &request));
    router.query(&path("Owed"), move |ctx, request: QueryOwedRequest| {
        let address: Address = request.address.parse()?;
        let amount = keeper.owed(ctx, &address)?.to_string();
        Ok(QueryOwedResponse { owed: Some(Owed { address: request.address, amount }) })
    });
    router.query(&path("Earnings"), |ctx, request: QueryEarningsRequest| {
        let earnings = EARNINGS.may_load(&*ctx.kv(STORE), request.contribution)?.unwrap_or_default();
        Ok(QueryEarningsResponse { earnings: Some(earnings.to_proto(request.contribution)) })
    });
    router.query(&path("AllEarnings"), all_earnings);
    router.query(&path("Usage"), |ctx, request: QueryUsageRequest| {
        let usage = USAGE.may_load(&*ctx.kv(STORE), request.model_version)?.unwrap_or_default();
        Ok(QueryUsageResponse { usage: Some(usage.to_proto(request.model_version)) })
    });
    router.query(&path("DeploymentRecord"), move |ctx, request: QueryDeploymentRecordRequest| {
        let record = keeper.deployment_record(ctx, request.deployment)?;
        Ok(QueryDeploymentRecordResponse { record: Some(record.to_proto(request.deployment)) })
    });
    router.query(&path("SettledPrices"), move |ctx, request: QuerySettledPricesRequest| {
        let of = match (request.model_version, request.deployment) {
            (version @ 1.., 0) => Sold::ModelVersion(version),
            (0, deployment @ 1..) => Sold::Deployment(deployment),
            _ => return Err(Status::invalid_argument("give a model version or a deployment, and not both")),
        };
        let prices = keeper.settled_prices(ctx, of)?;
        Ok(QuerySettledPricesResponse { prices: prices.iter().map(types::SettledPrice::to_proto).collect() })
    });
    router.query(&path("PayoutProof"), move |ctx, request| keeper.payout_proof(ctx, &request));
    router.query(&path("Solvency"), move |ctx, _: QuerySolvencyRequest| {
        let totals = keeper.totals(ctx)?;
        let held = keeper.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?;
        let owed = totals.sum()?.to_string();
        Ok(QuerySolvencyResponse { totals: Some(totals.to_proto()), owed, held: held.to_string() })
    });
}

fn missing(what: &'static str, id: u64) -> Status {
    Status::not_found(AttributionError::NotFound { what, id }.to_string())
}

fn params(keeper: &Attribution, ctx: &Context, request: &QueryParamsRequest) -> Answer<QueryParamsResponse> {
    let (version, params) = match request.version {
        0 => keeper.params(ctx)?,
        version => {
            let params = keeper.params_version(ctx, version)?;
            (version, params.ok_or_else(|| missing("version of the parameters", version))?)
        }
    };
    Ok(QueryParamsResponse { params: Some(params.to_proto()), version })
}

fn sessions(keeper: &Attribution, ctx: &Context, request: &QuerySessionsRequest) -> Answer<QuerySessionsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let indexed = |key: &[u8]| -> Answer<_> { Ok(Some(keeper.known_session(ctx, id_of(key)?)?.to_proto())) };
    let (sessions, pagination) = match (request.payer.as_str(), request.deployment) {
        ("", 0) => paginate(&*kv, &prefix(&SESSIONS, ()), page, |_, value| {
            Ok(Some(from_json::<types::Session>(value)?.to_proto()))
        })?,
        ("", deployment) => paginate(&*kv, &prefix(&SESSIONS_BY_DEPLOYMENT, deployment), page, |key, _| indexed(key))?,
        (payer, 0) => {
            let payer: Address = payer.parse()?;
            paginate(&*kv, &prefix(&SESSIONS_BY_PAYER, payer.as_bytes()), page, |key, _| indexed(key))?
        }
        _ => return Err(Status::invalid_argument("give a payer or a deployment, not both")),
    };
    Ok(QuerySessionsResponse { sessions, pagination: Some(pagination) })
}

fn settlement(
    keeper: &Attribution,
    ctx: &Context,
    request: &QuerySettlementRequest,
) -> Answer<QuerySettlementResponse> {
    let settlement = keeper.settlement(ctx, request.id)?.ok_or_else(|| missing("settlement", request.id))?;
    let params = keeper.kept_params(ctx, settlement.params_version)?;
    let disputable = keeper.is_disputable(ctx, &settlement, &params)?;
    let assurance = types::assurance(settlement.mode).into();
    Ok(QuerySettlementResponse { settlement: Some(settlement.to_proto()), disputable, assurance })
}

fn settlements(
    keeper: &Attribution,
    ctx: &Context,
    request: &QuerySettlementsRequest,
) -> Answer<QuerySettlementsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let indexed = |key: &[u8]| -> Answer<_> { Ok(Some(keeper.known_settlement(ctx, id_of(key)?)?.to_proto())) };
    let (settlements, pagination) = match (request.session, request.deployment) {
        (0, 0) => paginate(&*kv, &prefix(&SETTLEMENTS, ()), page, |_, value| {
            Ok(Some(from_json::<types::Settlement>(value)?.to_proto()))
        })?,
        (session, 0) => paginate(&*kv, &prefix(&SETTLEMENTS_BY_SESSION, session), page, |key, _| indexed(key))?,
        (0, deployment) => {
            paginate(&*kv, &prefix(&SETTLEMENTS_BY_DEPLOYMENT, deployment), page, |key, _| indexed(key))?
        }
        _ => return Err(Status::invalid_argument("give a session or a deployment, not both")),
    };
    Ok(QuerySettlementsResponse { settlements, pagination: Some(pagination) })
}

fn settlement_rows(
    keeper: &Attribution,
    ctx: &Context,
    request: &QuerySettlementRowsRequest,
) -> Answer<QuerySettlementRowsResponse> {
    let id = request.settlement;
    let settlement = keeper.settlement(ctx, id)?.ok_or_else(|| missing("settlement", id))?;
    let round = settlement.round();
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (rows, pagination) = paginate(&*kv, &prefix(&ROWS, (id, round)), page, |key, value| {
        let amount = from_json::<cosmwasm_std::Uint256>(value)?.to_string();
        Ok(Some(Row { settlement: id, round, contribution: id_of(key)?, amount }))
    })?;
    Ok(QuerySettlementRowsResponse { rows, pagination: Some(pagination) })
}

fn disputes(keeper: &Attribution, ctx: &Context, request: &QueryDisputesRequest) -> Answer<QueryDisputesResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (disputes, pagination) = match request.settlement {
        0 => paginate(&*kv, &prefix(&DISPUTES, ()), page, |_, value| {
            Ok(Some(from_json::<types::Dispute>(value)?.to_proto()))
        })?,
        settlement => paginate(&*kv, &prefix(&DISPUTES_BY_SETTLEMENT, settlement), page, |key, _| {
            Ok(Some(keeper.known_dispute(ctx, id_of(key)?)?.to_proto()))
        })?,
    };
    Ok(QueryDisputesResponse { disputes, pagination: Some(pagination) })
}

fn all_earnings(ctx: &Context, request: QueryAllEarningsRequest) -> Answer<QueryAllEarningsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (earnings, pagination) = paginate(&*kv, &prefix(&EARNINGS, ()), page, |key, value| {
        Ok(Some(from_json::<types::Earnings>(value)?.to_proto(id_of(key)?)))
    })?;
    Ok(QueryAllEarningsResponse { earnings, pagination: Some(pagination) })
}
