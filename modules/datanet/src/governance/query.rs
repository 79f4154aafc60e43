//! The queries of councils, bonds, quotas, applications, hidden reviews and the curators' pot.

use cosmwasm_std::from_json;
use cw_storage_plus::Prefixer;
use openledger_core::query::paginate;
use openledger_core::{Address, Coin, Context, Router, Status};
use openledger_proto::openledger::datanet::v1::*;

use super::{Application, Bond as StoredBond, BondKind, CuratorShare as StoredShare, ReviewCommit as StoredCommit};
use super::{Proposal as StoredProposal, Vote as StoredVote};
use crate::keeper::Datanets;
use crate::state::*;

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Datanets, router: &mut Router) {
    let path = |method: &str| format!("/openledger.datanet.v1.Query/{method}");
    router.query(&path("Policy"), move |ctx, request| policy(&keeper, ctx, &request));
    router.query(&path("Council"), move |ctx, request| council(&keeper, ctx, &request));
    router.query(&path("Proposal"), move |ctx, request: QueryProposalRequest| {
        Ok(QueryProposalResponse { proposal: Some(find_proposal(&keeper, ctx, request.proposal_id)?) })
    });
    router.query(&path("Proposals"), move |ctx, request| proposals(&keeper, ctx, &request));
    router.query(&path("Votes"), move |ctx, request| votes(&keeper, ctx, &request));
    router.query(&path("Bond"), move |ctx, request| bond(&keeper, ctx, &request));
    router.query(&path("Bonds"), move |ctx, request| bonds(&keeper, ctx, &request));
    router.query(&path("Quota"), move |ctx, request| quota(&keeper, ctx, &request));
    router.query(&path("Applications"), move |ctx, request| applications(&keeper, ctx, &request));
    router.query(&path("ReviewCommits"), move |ctx, request| review_commits(&keeper, ctx, &request));
    router.query(&path("Curators"), move |ctx, request| curators(&keeper, ctx, &request));
    router.query(&path("CurationOwed"), move |ctx, request| curation_owed(&keeper, ctx, &request));
}

fn check_datanet(keeper: &Datanets, ctx: &Context, id: u64) -> Answer<()> {
    keeper.datanet(ctx, id)?.map(|_| ()).ok_or_else(|| Status::not_found(format!("there is no datanet {id}")))
}

fn find_proposal(keeper: &Datanets, ctx: &Context, id: u64) -> Answer<Proposal> {
    let proposal: Option<StoredProposal> = keeper.proposal(ctx, id)?;
    let proposal = proposal.ok_or_else(|| Status::not_found(format!("there is no open proposal {id}")))?;
    Ok(proposal.to_proto(id))
}

fn policy(keeper: &Datanets, ctx: &Context, request: &QueryPolicyRequest) -> Answer<QueryPolicyResponse> {
    let (id, mut number) = (request.datanet_id, request.number);
    let datanet = keeper.datanet(ctx, id)?.ok_or_else(|| Status::not_found(format!("there is no datanet {id}")))?;
    if number == 0 {
        number = datanet.policy_number;
    }
    let policy = keeper.policy(ctx, id, number)?;
    let policy = policy.ok_or_else(|| Status::not_found(format!("datanet {id} has no policy {number}")))?;
    Ok(QueryPolicyResponse { number, policy: Some(policy.to_proto()) })
}

fn council(keeper: &Datanets, ctx: &Context, request: &QueryCouncilRequest) -> Answer<QueryCouncilResponse> {
    let id = request.datanet_id;
    check_datanet(keeper, ctx, id)?;
    let council = keeper.council(ctx, id)?;
    let council = council.ok_or_else(|| Status::not_found(format!("datanet {id} has no council")))?;
    Ok(QueryCouncilResponse { council: Some(council.to_proto(id)) })
}

fn proposals(keeper: &Datanets, ctx: &Context, request: &QueryProposalsRequest) -> Answer<QueryProposalsResponse> {
    check_datanet(keeper, ctx, request.datanet_id)?;
    let prefix = (PROPOSALS_OF.namespace_bytes(), request.datanet_id).joined_prefix();
    let (proposals, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, _| {
        let id = key.try_into().map(u64::from_be_bytes).map_err(|_| Status::internal("a proposal has no number"))?;
        Ok(Some(find_proposal(keeper, ctx, id)?))
    })?;
    Ok(QueryProposalsResponse { proposals, pagination: Some(pagination) })
}

fn votes(keeper: &Datanets, ctx: &Context, request: &QueryVotesRequest) -> Answer<QueryVotesResponse> {
    let id = request.proposal_id;
    find_proposal(keeper, ctx, id)?;
    let prefix = (VOTES.namespace_bytes(), id).joined_prefix();
    let (votes, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let vote: StoredVote = from_json(value)?;
        Ok(Some(vote.to_proto(id, &Address::new(key)?)))
    })?;
    Ok(QueryVotesResponse { votes, pagination: Some(pagination) })
}

fn bond(keeper: &Datanets, ctx: &Context, request: &QueryBondRequest) -> Answer<QueryBondResponse> {
    let (id, kind) = (request.datanet_id, read_kind(request.kind)?);
    check_datanet(keeper, ctx, id)?;
    let account: Address = request.account.parse()?;
    Ok(QueryBondResponse { bond: Some(keeper.bond(ctx, id, kind, &account)?.to_proto(id, kind, &account)) })
}

fn read_kind(kind: i32) -> Answer<BondKind> {
    BondKind::from_proto(kind).map_err(|error| Status::invalid_argument(error.message))
}

fn bonds(keeper: &Datanets, ctx: &Context, request: &QueryBondsRequest) -> Answer<QueryBondsResponse> {
    let (id, kind) = (request.datanet_id, read_kind(request.kind)?);
    check_datanet(keeper, ctx, id)?;
    let prefix = (BONDS.namespace_bytes(), (id, kind.number())).joined_prefix();
    let (bonds, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let bond: StoredBond = from_json(value)?;
        Ok(Some(bond.to_proto(id, kind, &Address::new(key)?)))
    })?;
    Ok(QueryBondsResponse { bonds, pagination: Some(pagination) })
}

fn quota(keeper: &Datanets, ctx: &Context, request: &QueryQuotaRequest) -> Answer<QueryQuotaResponse> {
    check_datanet(keeper, ctx, request.datanet_id)?;
    let (account, now): (Address, _) = (request.account.parse()?, ctx.block().time_seconds);
    let quota = keeper.quota(ctx, request.datanet_id, &account)?.at(now);
    let (used_count, used_bytes) = quota.used(now);
    Ok(QueryQuotaResponse { quota: Some(quota.to_proto(request.datanet_id, &account)), used_count, used_bytes })
}

fn applications(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryApplicationsRequest,
) -> Answer<QueryApplicationsResponse> {
    let id = request.datanet_id;
    check_datanet(keeper, ctx, id)?;
    let prefix = (APPLICATIONS.namespace_bytes(), id).joined_prefix();
    let (applications, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let application: Application = from_json(value)?;
        Ok(Some(application.to_proto(id, &Address::new(key)?)))
    })?;
    Ok(QueryApplicationsResponse { applications, pagination: Some(pagination) })
}

fn review_commits(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryReviewCommitsRequest,
) -> Answer<QueryReviewCommitsResponse> {
    let seq = request.seq;
    keeper.contribution(ctx, seq)?.ok_or_else(|| Status::not_found(format!("there is no contribution {seq}")))?;
    let prefix = (REVIEW_COMMITS.namespace_bytes(), seq).joined_prefix();
    let (commits, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let commit: StoredCommit = from_json(value)?;
        Ok(Some(commit.to_proto(seq, &Address::new(key)?)))
    })?;
    Ok(QueryReviewCommitsResponse { commits, pagination: Some(pagination) })
}

fn curators(keeper: &Datanets, ctx: &Context, request: &QueryCuratorsRequest) -> Answer<QueryCuratorsResponse> {
    let id = request.datanet_id;
    check_datanet(keeper, ctx, id)?;
    let prefix = (CURATORS.namespace_bytes(), id).joined_prefix();
    let (curators, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let share: StoredShare = from_json(value)?;
        Ok(Some(share.to_proto(id, &Address::new(key)?)))
    })?;
    let pot = keeper.curation(ctx, id)?.to_proto(id);
    Ok(QueryCuratorsResponse { pot: Some(pot), curators, pagination: Some(pagination) })
}

fn curation_owed(
    keeper: &Datanets,
    ctx: &Context,
    request: &QueryCurationOwedRequest,
) -> Answer<QueryCurationOwedResponse> {
    let (id, curator): (_, Address) = (request.datanet_id, request.curator.parse()?);
    check_datanet(keeper, ctx, id)?;
    let owed = keeper.curation_owed(ctx, id, &curator)?;
    let shares = keeper.curator_share(ctx, id, &curator)?.shares;
    Ok(QueryCurationOwedResponse { owed: Some(Coin::base(owed).to_proto()), shares })
}
