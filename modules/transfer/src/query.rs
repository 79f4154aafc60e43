//! The queries of `ibc.applications.transfer.v1.Query`, and of `openledger.transfer.v1.Query`.
//!
//! Source of semantics and texts: ibc-go v8 `modules/apps/transfer/keeper/grpc_query.go`. A trace is also found by its full path.

use ibc_proto::ibc::applications::transfer::v1::*;
use openledger_core::coin::check_denom;
use openledger_core::query::paginate;
use openledger_core::{Context, Error, Router, Status};
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::openledger::transfer::v1::{QueryRemoteAccountRequest, QueryRemoteAccountResponse};

use crate::address::{escrow, remote_account};
use crate::denom::{check_channel_id, hash_text, parse_hash, Trace, VOUCHER_PREFIX};
use crate::error::TransferError;
use crate::keeper::Transfer;
use crate::state::{self, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(transfer: Transfer, router: &mut Router) {
    let path = |method: &str| format!("/ibc.applications.transfer.v1.Query/{method}");
    router.query(&path("DenomTrace"), move |ctx, request| denom_trace(&transfer, ctx, &request));
    router.query(&path("DenomTraces"), denom_traces);
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(transfer.params(ctx)?) })
    });
    router.query(&path("DenomHash"), move |ctx, request| denom_hash(&transfer, ctx, &request));
    router.query(&path("EscrowAddress"), |_, request: QueryEscrowAddressRequest| {
        let escrow_address = escrow(&request.port_id, &request.channel_id).to_string();
        Ok(QueryEscrowAddressResponse { escrow_address })
    });
    router.query(&path("TotalEscrowForDenom"), move |ctx, request: QueryTotalEscrowForDenomRequest| {
        check_denom(&request.denom).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let amount = transfer.total_escrow(ctx, &request.denom)?.to_string();
        Ok(QueryTotalEscrowForDenomResponse { amount: Some(Coin { denom: request.denom, amount }) })
    });
    let own = "/openledger.transfer.v1.Query/RemoteAccount";
    router.query(own, |_, request: QueryRemoteAccountRequest| {
        check_channel_id(&request.channel).map_err(|error| Status::invalid_argument(error.message))?;
        if request.sender.trim().is_empty() {
            return Err(Status::invalid_argument("a remote account has a sender"));
        }
        Ok(QueryRemoteAccountResponse { address: remote_account(&request.channel, &request.sender).to_string() })
    });
}

fn denom_trace(
    transfer: &Transfer,
    ctx: &Context,
    request: &QueryDenomTraceRequest,
) -> Answer<QueryDenomTraceResponse> {
    let text = request.hash.strip_prefix(VOUCHER_PREFIX).unwrap_or(&request.hash);
    let hash = if text.contains('/') { Ok(Trace::parse(text).hash()) } else { parse_hash(text) };
    let hash =
        hash.map_err(|why| Status::invalid_argument(format!("invalid denom trace hash: {text}, error: {why}")))?;
    let trace = transfer.trace(ctx, &hash)?.ok_or_else(|| not_found(&request.hash))?;
    Ok(QueryDenomTraceResponse { denom_trace: Some(state::to_proto(&trace)) })
}

/// A page in order of hashes, its traces in order of what they say, as ibc-go gives them.
fn denom_traces(ctx: &Context, request: QueryDenomTracesRequest) -> Answer<QueryDenomTracesResponse> {
    let page = request.pagination.as_ref();
    let (mut traces, page) =
        paginate(&*ctx.kv(STORE), &state::TRACES, page, |_, value| Ok(Some(state::read_trace(value)?)))?;
    traces.sort_by_key(Trace::full);
    let denom_traces = traces.iter().map(state::to_proto).collect();
    Ok(QueryDenomTracesResponse { denom_traces, pagination: Some(page) })
}

fn denom_hash(transfer: &Transfer, ctx: &Context, request: &QueryDenomHashRequest) -> Answer<QueryDenomHashResponse> {
    let trace = Trace::parse(&request.trace);
    trace.check().map_err(|error| Status::invalid_argument(error.message))?;
    let hash = trace.hash();
    transfer.trace(ctx, &hash)?.ok_or_else(|| not_found(&request.trace))?;
    Ok(QueryDenomHashResponse { hash: hash_text(&hash) })
}

fn not_found(what: &str) -> Status {
    Status::not_found(Error::from(TransferError::TraceNotFound(what.into())).message)
}
