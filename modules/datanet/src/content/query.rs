//! The queries about contents after their reveal.

use cosmwasm_std::from_json;
use cw_storage_plus::Prefixer;
use openledger_core::query::paginate;
use openledger_core::{Context, Router, Status};
use openledger_proto::openledger::datanet::v1::*;
use openledger_provenance::duplicate::{region_start, REGIONS};

use super::state::{CHALLENGES, DUPLICATES, DUPLICATES_OF, POINTERS};
use super::types;
use crate::keeper::Datanets;
use crate::payees;
use crate::query::find_contribution;
use crate::state::STORE;

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Datanets, router: &mut Router) {
    let path = |method: &str| format!("/openledger.datanet.v1.Query/{method}");
    router.query(&path("Payees"), move |ctx, request| payees(&keeper, ctx, &request));
    router.query(&path("Pointers"), move |ctx, request| pointers(&keeper, ctx, &request));
    router.query(&path("Duplicate"), move |ctx, request| duplicate(&keeper, ctx, &request));
    router.query(&path("Duplicates"), move |ctx, request| duplicates(&keeper, ctx, &request));
    router.query(&path("Challenges"), move |ctx, request| challenges(ctx, &request));
}

fn payees(keeper: &Datanets, ctx: &Context, request: &QueryPayeesRequest) -> Answer<QueryPayeesResponse> {
    let seq = find_contribution(keeper, ctx, request.seq)?.seq;
    let payees = keeper.payees(ctx, seq)?;
    let held = payees.iter().any(|(payee, _)| *payee == payees::Payee::Held);
    let waits_for = keeper.payments(ctx, seq)?.first().map_or(seq, |payment| payment.seq);
    let held_until = if held { keeper.held_until(ctx, waits_for)? } else { None };
    let payees = payees.into_iter().map(|(payee, bps)| match payee {
        payees::Payee::Account(account) => Payee { account: account.to_string(), bps, held: false },
        payees::Payee::Held => Payee { account: String::new(), bps, held: true },
        payees::Payee::Baseline => Payee { account: String::new(), bps, held: false },
    });
    Ok(QueryPayeesResponse {
        payees: payees.collect(),
        ruling: keeper.ruling(ctx, seq)?.map(|ruling| ruling.to_proto(seq)),
        unavailable: keeper.unavailable(ctx, seq)?.map(|unavailable| unavailable.to_proto(seq)),
        custody: keeper.custody(ctx, seq)?.map(|custody| custody.to_proto(seq)),
        held_until_seconds: held_until.unwrap_or_default(),
    })
}

fn pointers(keeper: &Datanets, ctx: &Context, request: &QueryPointersRequest) -> Answer<QueryPointersResponse> {
    let seq = find_contribution(keeper, ctx, request.seq)?.seq;
    let prefix = (POINTERS.namespace_bytes(), seq).joined_prefix();
    let (contributions, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, _| {
        let pointer = key.try_into().map(u64::from_be_bytes).map_err(|_| Status::internal("a pointer has no seq"))?;
        Ok(Some(find_contribution(keeper, ctx, pointer)?.to_proto()))
    })?;
    Ok(QueryPointersResponse { contributions, pagination: Some(pagination) })
}

fn find_duplicate(keeper: &Datanets, ctx: &Context, id: u64) -> Answer<types::DuplicateDispute> {
    keeper.duplicate(ctx, id)?.ok_or_else(|| Status::not_found(format!("there is no duplicate dispute {id}")))
}

fn duplicate(keeper: &Datanets, ctx: &Context, request: &QueryDuplicateRequest) -> Answer<QueryDuplicateResponse> {
    let dispute = find_duplicate(keeper, ctx, request.dispute_id)?;
    let length = find_contribution(keeper, ctx, dispute.seq)?.reveal.map_or(0, |reveal| reveal.length);
    let seed = keeper.draw(ctx, &dispute)?;
    let regions = match &seed {
        Some(seed) => (0..REGIONS).map(|region| region_start(seed, region, length)).collect::<Result<Vec<_>, _>>(),
        None => Ok(Vec::new()),
    };
    Ok(QueryDuplicateResponse {
        dispute: Some(dispute.to_proto()),
        seed: seed.map(|seed| seed.to_vec()).unwrap_or_default(),
        regions: regions.map_err(|error| Status::internal(error.to_string()))?,
    })
}

fn duplicates(keeper: &Datanets, ctx: &Context, request: &QueryDuplicatesRequest) -> Answer<QueryDuplicatesResponse> {
    let page = request.pagination.as_ref();
    let kv = ctx.kv(STORE);
    let (disputes, pagination) = if request.seq == 0 {
        let prefix = DUPLICATES.namespace_bytes().joined_prefix();
        paginate(&*kv, &prefix, page, |_, value| {
            let dispute: types::DuplicateDispute = from_json(value)?;
            Ok(Some(dispute.to_proto()))
        })?
    } else {
        let prefix = (DUPLICATES_OF.namespace_bytes(), request.seq).joined_prefix();
        paginate(&*kv, &prefix, page, |key, _| {
            let id = key.try_into().map(u64::from_be_bytes).map_err(|_| Status::internal("a dispute has no number"))?;
            Ok(Some(find_duplicate(keeper, ctx, id)?.to_proto()))
        })?
    };
    Ok(QueryDuplicatesResponse { disputes, pagination: Some(pagination) })
}

fn challenges(ctx: &Context, request: &QueryChallengesRequest) -> Answer<QueryChallengesResponse> {
    let prefix = match request.seq {
        0 => CHALLENGES.namespace_bytes().joined_prefix(),
        seq => (CHALLENGES.namespace_bytes(), seq).joined_prefix(),
    };
    let known = request.seq;
    let page = request.pagination.as_ref();
    let (challenges, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |key, value| {
        let broken = || Status::internal("a challenge has no chunk");
        let (rest, chunk) = key.split_last_chunk().ok_or_else(broken)?;
        let seq = match known {
            0 => rest.last_chunk().copied().map(u64::from_be_bytes).ok_or_else(broken)?,
            seq => seq,
        };
        let challenge: types::Challenge = from_json(value)?;
        Ok(Some(challenge.to_proto(seq, u32::from_be_bytes(*chunk))))
    })?;
    Ok(QueryChallengesResponse { challenges, pagination: Some(pagination) })
}
