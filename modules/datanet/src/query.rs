//! The queries of `openledger.datanet.v1.Query`.

use cosmwasm_std::{from_json, Order};
use cw_storage_plus::Prefixer;
use openledger_core::query::paginate;
use openledger_core::wire::sub;
use openledger_core::{Address, Coin, Context, Router, Status, BASE_DENOM};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use openledger_proto::openledger::datanet::v1::*;

use crate::keeper::Datanets;
use crate::state::*;
use crate::{types, NAME};

type Answer<T> = Result<T, Status>;
type Contributions = (Vec<Contribution>, Option<PageResponse>);

/// Registers the queries.
pub(crate) fn register(keeper: Datanets, router: &mut Router) {
    let path = |method: &str| format!("/openledger.datanet.v1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(keeper.params(ctx)?.to_proto()) })
    });
    router.query(&path("Datanet"), move |ctx, request| datanet(&keeper, ctx, &request));
    router.query(&path("Datanets"), datanets);
    router.query(&path("AllowList"), move |ctx, request| allow_list(&keeper, ctx, &request));
    router.query(&path("Contribution"), move |ctx, request| contribution(&keeper, ctx, &request));
    router.query(&path("ContributionsByDatanet"), move |ctx, request| by_datanet(&keeper, ctx, &request));
    router.query(&path("ContributionsByAuthor"), move |ctx, request| by_author(&keeper, ctx, &request));
    router.query(&path("ContributionsByRoot"), move |ctx, request| by_root(&keeper, ctx, &request));
    router.query(&path("PendingCommits"), move |ctx, request| pending(&keeper, ctx, &request));
    router.query(&path("Version"), move |ctx, request: QueryVersionRequest| {
        let (number, version) = find_version(&keeper, ctx, request.datanet_id, request.version)?;
        Ok(QueryVersionResponse { version: Some(version.to_proto(request.datanet_id, number)) })
    });
    router.query(&path("Versions"), move |ctx, request| versions(&keeper, ctx, &request));
    router.query(&path("VersionContributions"), move |ctx, request| version_contributions(&keeper, ctx, &request));
    router.query(&path("VersionInclusion"), move |ctx, request| version_inclusion(&keeper, ctx, &request));
    router.query(&path("Commons"), commons);
    router.query(&path("Treasury"), move |ctx, request| treasury(&keeper, ctx, &request));
    router.query(&path("BaselineOwed"), move |ctx, request| baseline_owed(&keeper, ctx, &request));
    router.query(&path("Owed"), move |ctx, _: QueryOwedRequest| owed(&keeper, ctx));
}

fn find_datanet(keeper: &Datanets, ctx: &Context, id: u64) -> Answer<types::Datanet> {
    keeper.datanet(ctx, id)?.ok_or_else(|| Status::not_found(format!("there is no datanet {id}")))
}

pub(crate) fn find_contribution(keeper: &Datanets, ctx: &Context, seq: u64) -> Answer<types::Contribution> {
    keeper.contribution(ctx, seq)?.ok_or_else(|| Status::not_found(format!("there is no contribution {seq}")))
}

/// A version, the last one for number 0.
fn find_version(keeper: &Datanets, ctx: &Context, datanet: u64, number: u32) -> Answer<(u32, types::Version)> {
    find_datanet(keeper, ctx, datanet)?;
    let number = if number == 0 { keeper.last_version(ctx, datanet)? } else { number };
    let version = keeper.version(ctx, datanet, number)?;
    let version = version.ok_or_else(|| Status::not_found(format!("datanet {datanet} has no version {number}")))?;
    Ok((number, version))
}

fn datanet(keeper: &Datanets, ctx: &Context, request: &QueryDatanetRequest) -> Answer<QueryDatanetResponse> {
    let datanet = find_datanet(keeper, ctx, request.datanet_id)?;
    let growth = keeper.growth(ctx, datanet.id)?;
    Ok(QueryDatanetResponse {
        datanet: Some(datanet.to_proto()),
        accepted: growth.count,
        total_index: growth.total_index,
        peaks: growth.peaks.iter().map(|peak| peak.to_vec()).collect(),
        last_version: growth.last_version,
    })
}

fn datanets(ctx: &Context, request: QueryDatanetsRequest) -> Answer<QueryDatanetsResponse> {
    let prefix = DATANETS.namespace_bytes().joined_prefix();
    let (datanets, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |_, value| {
        let datanet: types::Datanet = from_json(value)?;
        Ok(Some(datanet.to_proto()))
    })?;
    Ok(QueryDatanetsResponse { datanets, pagination: Some(pagination) })
}

fn allow_list(keeper: &Datanets, ctx: &Context, request: &QueryAllowListRequest) -> Answer<QueryAllowListResponse> {
    let id = find_datanet(keeper, ctx, request.datanet_id)?.id;
    let prefix = (ALLOWED.namespace_bytes(), id).joined_prefix();
    let (addresses, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, _| {
        Ok(Some(Address::new(key)?.to_string()))
    })?;
    Ok(QueryAllowListResponse { addresses, pagination: Some(pagination) })
}

fn contribution(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryContributionRequest,
) -> Answer<QueryContributionResponse> {
    let contribution = find_contribution(keeper, ctx, request.seq)?;
    let mut reviews = Vec::new();
    for pair in REVIEWS.prefix(request.seq).range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let (reviewer, review) = pair?;
        reviews.push(review.to_proto(request.seq, &Address::new(reviewer)?));
    }
    let content = keeper.content(ctx, request.seq)?.unwrap_or_default();
    Ok(QueryContributionResponse { contribution: Some(contribution.to_proto()), reviews, content })
}

/// A page of the contributions whose seqs an index holds in the last 8 bytes of its keys; `status` 0 is any.
fn listed(
    keeper: &Datanets,
    ctx: &Context,
    prefix: &[u8],
    status: i32,
    page: Option<&PageRequest>,
) -> Answer<Contributions> {
    let (contributions, pagination) = paginate(&*ctx.kv(STORE), prefix, page, |key, _| {
        let seq = key.last_chunk().copied().map(u64::from_be_bytes);
        let seq = seq.ok_or_else(|| Status::internal("an index holds no seq"))?;
        let contribution = find_contribution(keeper, ctx, seq)?.to_proto();
        Ok(Some(contribution).filter(|contribution| status == 0 || contribution.status == status))
    })?;
    Ok((contributions, Some(pagination)))
}

fn by_datanet(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryContributionsByDatanetRequest,
) -> Answer<QueryContributionsByDatanetResponse> {
    let id = find_datanet(keeper, ctx, request.datanet_id)?.id;
    let prefix = (BY_DATANET.namespace_bytes(), id).joined_prefix();
    let (contributions, pagination) = listed(keeper, ctx, &prefix, request.status, request.pagination.as_ref())?;
    Ok(QueryContributionsByDatanetResponse { contributions, pagination })
}

fn by_author(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryContributionsByAuthorRequest,
) -> Answer<QueryContributionsByAuthorResponse> {
    let author: Address = request.author.parse()?;
    let prefix = (BY_AUTHOR.namespace_bytes(), author.as_bytes()).joined_prefix();
    let (contributions, pagination) = listed(keeper, ctx, &prefix, request.status, request.pagination.as_ref())?;
    Ok(QueryContributionsByAuthorResponse { contributions, pagination })
}

fn by_root(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryContributionsByRootRequest,
) -> Answer<QueryContributionsByRootResponse> {
    let root = hash_of_hex(&request.root_hex)
        .ok_or_else(|| Status::invalid_argument("root_hex must be 64 hexadecimal digits"))?;
    let prefix = (BY_ROOT.namespace_bytes(), root.as_slice()).joined_prefix();
    let (contributions, pagination) = listed(keeper, ctx, &prefix, 0, request.pagination.as_ref())?;
    Ok(QueryContributionsByRootResponse { contributions, pagination })
}

fn hash_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().map(|byte| char::from(byte).to_digit(16)).collect::<Option<Vec<u32>>>()?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(high.checked_mul(16)?.checked_add(*low)?).ok(),
        _ => None,
    });
    bytes.collect::<Option<Vec<u8>>>().filter(|_| digits.len() == 64)
}

fn pending(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryPendingCommitsRequest,
) -> Answer<QueryPendingCommitsResponse> {
    let prefix = PENDING.namespace_bytes().joined_prefix();
    let (contributions, pagination) = listed(keeper, ctx, &prefix, 0, request.pagination.as_ref())?;
    Ok(QueryPendingCommitsResponse { contributions, pagination })
}

fn versions(keeper: &Datanets, ctx: &Context, request: &QueryVersionsRequest) -> Answer<QueryVersionsResponse> {
    let id = find_datanet(keeper, ctx, request.datanet_id)?.id;
    let prefix = (VERSIONS.namespace_bytes(), id).joined_prefix();
    let (versions, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let number = key.try_into().map(u32::from_be_bytes).map_err(|_| Status::internal("a version has no number"))?;
        let version: types::Version = from_json(value)?;
        Ok(Some(version.to_proto(id, number)))
    })?;
    Ok(QueryVersionsResponse { versions, pagination: Some(pagination) })
}

/// In order of places, so a page ends the list when the version's count is reached.
fn version_contributions(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryVersionContributionsRequest,
) -> Answer<QueryVersionContributionsResponse> {
    let (number, version) = find_version(keeper, ctx, request.datanet_id, request.version)?;
    let prefix = (ACCEPTED.namespace_bytes(), request.datanet_id).joined_prefix();
    let page = request.pagination.as_ref();
    let (contributions, pagination) = paginate(&*ctx.kv(STORE), &prefix, page, |key, value| {
        let index = key.try_into().map(u64::from_be_bytes).map_err(|_| Status::internal("a place has no number"))?;
        if index >= version.count {
            return Ok(None);
        }
        let contribution = find_contribution(keeper, ctx, from_json(value)?)?;
        Ok(Some(contribution).filter(|found| found.is_in(number, version.count)).map(|found| found.to_proto()))
    })?;
    Ok(QueryVersionContributionsResponse { contributions, pagination: Some(pagination) })
}

fn version_inclusion(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryVersionInclusionRequest,
) -> Answer<QueryVersionInclusionResponse> {
    let (number, version) = find_version(keeper, ctx, request.datanet_id, request.version)?;
    let contribution = find_contribution(keeper, ctx, request.seq)?;
    let here = contribution.datanet == request.datanet_id && contribution.is_in(number, version.count);
    let place = contribution.accept_index().filter(|_| here).ok_or_else(|| {
        let (seq, id) = (request.seq, request.datanet_id);
        Status::not_found(format!("contribution {seq} is not in version {number} of datanet {id}"))
    })?;
    let path = keeper.inclusion_path(ctx, request.datanet_id, place, version.count)?;
    Ok(QueryVersionInclusionResponse {
        version: Some(version.to_proto(request.datanet_id, number)),
        accept_index: place,
        path: path.iter().map(|hash| hash.to_vec()).collect(),
    })
}

fn commons(ctx: &Context, request: QueryCommonsRequest) -> Answer<QueryCommonsResponse> {
    let prefix = COMMONS.namespace_bytes().joined_prefix();
    let (entries, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let seq = key.try_into().map(u64::from_be_bytes).map_err(|_| Status::internal("an entry has no seq"))?;
        let changes: Vec<types::CommonsChange> = from_json(value)?;
        let changes = changes.iter().map(|change| CommonsChange { height: change.height, listed: change.listed });
        Ok(Some(CommonsEntry { seq, changes: changes.collect() }))
    })?;
    Ok(QueryCommonsResponse { entries, pagination: Some(pagination) })
}

fn treasury(keeper: &Datanets, ctx: &Context, request: &QueryTreasuryRequest) -> Answer<QueryTreasuryResponse> {
    let id = find_datanet(keeper, ctx, request.datanet_id)?.id;
    let treasury = keeper.treasury(ctx, id)?;
    let mut now = treasury.clone();
    now.unlock(ctx.block().time_seconds)?;
    Ok(QueryTreasuryResponse {
        treasury: Some(treasury.to_proto(id)),
        spendable: Some(Coin::base(now.available).to_proto()),
        baseline: Some(keeper.baseline(ctx, id)?.to_proto(id)),
    })
}

fn baseline_owed(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryBaselineOwedRequest,
) -> Answer<QueryBaselineOwedResponse> {
    let contribution = find_contribution(keeper, ctx, request.seq)?;
    let earned = keeper.earned(ctx, &contribution)?;
    let claimed = keeper.share(ctx, request.seq)?.claimed;
    Ok(QueryBaselineOwedResponse {
        earned: Some(Coin::base(earned).to_proto()),
        claimed: Some(Coin::base(claimed).to_proto()),
        owed: Some(Coin::base(sub(earned, claimed)?).to_proto()),
    })
}

fn owed(keeper: &Datanets, ctx: &Context) -> Answer<QueryOwedResponse> {
    let totals = keeper.totals(ctx)?;
    let held = keeper.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?;
    Ok(QueryOwedResponse {
        deposits: Some(Coin::base(totals.deposits).to_proto()),
        treasuries: Some(Coin::base(totals.treasuries).to_proto()),
        baselines: Some(Coin::base(totals.baselines).to_proto()),
        challenges: Some(Coin::base(totals.challenges).to_proto()),
        held: Some(Coin::base(held).to_proto()),
        bonds: Some(Coin::base(totals.bonds).to_proto()),
        proposals: Some(Coin::base(totals.proposals).to_proto()),
        curation: Some(Coin::base(totals.curation).to_proto()),
    })
}
