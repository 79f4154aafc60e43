//! The queries of `cosmos.gov.v1.Query`; v1beta1's are in `query_legacy.rs` and ask these.
//!
//! Source of semantics and texts: SDK v0.50 `x/gov/keeper/grpc_query.go`.

use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::cosmos::gov::v1::*;

use crate::keeper::Gov;
use crate::state::{self, STORE};
use crate::tally;

pub(crate) type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(gov: Gov, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.gov.v1.Query/{method}");
    router.query(&path("Constitution"), |ctx, _: QueryConstitutionRequest| {
        Ok(QueryConstitutionResponse { constitution: state::constitution(&*ctx.kv(STORE))? })
    });
    router.query(&path("Proposal"), move |ctx, request: QueryProposalRequest| {
        Ok(QueryProposalResponse { proposal: Some(proposal(&gov, ctx, request.proposal_id)?) })
    });
    router.query(&path("Proposals"), |ctx, request| proposals(ctx, &request));
    router.query(&path("Vote"), |ctx, request: QueryVoteRequest| {
        Ok(QueryVoteResponse { vote: Some(vote(ctx, request.proposal_id, &request.voter)?) })
    });
    router.query(&path("Votes"), |ctx, request| votes(ctx, &request));
    router.query(&path("Params"), move |ctx, request: QueryParamsRequest| params(&gov, ctx, &request.params_type));
    router.query(&path("Deposit"), |ctx, request: QueryDepositRequest| {
        Ok(QueryDepositResponse { deposit: Some(deposit(ctx, request.proposal_id, &request.depositor)?) })
    });
    router.query(&path("Deposits"), |ctx, request| deposits(ctx, &request));
    router.query(&path("TallyResult"), move |ctx, request: QueryTallyResultRequest| {
        Ok(QueryTallyResultResponse { tally: Some(tally_result(&gov, ctx, request.proposal_id)?) })
    });
}

pub(crate) fn proposal(gov: &Gov, ctx: &Context, id: u64) -> Answer<Proposal> {
    check_id(id)?;
    gov.proposal(ctx, id)?.ok_or_else(|| Status::not_found(format!("proposal {id} doesn't exist")))
}

pub(crate) fn proposals(ctx: &Context, request: &QueryProposalsRequest) -> Answer<QueryProposalsResponse> {
    let person = |text: &str| -> Answer<Option<Address>> {
        if text.is_empty() {
            return Ok(None);
        }
        Ok(Some(text.parse().map_err(|error: openledger_core::SdkError| Status::internal(error.to_string()))?))
    };
    let (voter, depositor) = (person(&request.voter)?, person(&request.depositor)?);
    // A status that there is not asks for all, as in the SDK.
    let status = ProposalStatus::try_from(request.proposal_status).ok();
    let status = status.filter(|status| *status != ProposalStatus::Unspecified);
    let kv = ctx.kv(STORE);
    let (proposals, page) = paginate(&*kv, &[state::PROPOSALS], request.pagination.as_ref(), |_, value| {
        let proposal: Proposal = state::read(value)?;
        if status.is_some_and(|status| status != proposal.status()) {
            return Ok(None);
        }
        if let Some(voter) = &voter {
            if state::vote(&*ctx.kv(STORE), proposal.id, voter)?.is_none() {
                return Ok(None);
            }
        }
        if let Some(depositor) = &depositor {
            if state::deposit(&*ctx.kv(STORE), proposal.id, depositor)?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(proposal))
    })?;
    Ok(QueryProposalsResponse { proposals, pagination: Some(page) })
}

pub(crate) fn vote(ctx: &Context, id: u64, voter: &str) -> Answer<Vote> {
    check_id(id)?;
    if voter.is_empty() {
        return Err(Status::invalid_argument("empty voter address"));
    }
    let address: Address = voter.parse()?;
    state::vote(&*ctx.kv(STORE), id, &address)?
        .ok_or_else(|| Status::invalid_argument(format!("voter: {voter} not found for proposal: {id}")))
}

pub(crate) fn votes(ctx: &Context, request: &QueryVotesRequest) -> Answer<QueryVotesResponse> {
    check_id(request.proposal_id)?;
    let prefix = state::votes_prefix(request.proposal_id);
    let page = request.pagination.as_ref();
    let (votes, page) = paginate(&*ctx.kv(STORE), &prefix, page, |_, value| Ok(Some(state::read(value)?)))?;
    Ok(QueryVotesResponse { votes, pagination: Some(page) })
}

#[allow(deprecated, reason = "the parts that a type of parameters asks for are fields of old")]
pub(crate) fn params(gov: &Gov, ctx: &Context, kind: &str) -> Answer<QueryParamsResponse> {
    let params = gov.params(ctx)?;
    let mut response = QueryParamsResponse::default();
    match kind {
        "deposit" => {
            let (min_deposit, max_deposit_period) = (params.min_deposit.clone(), params.max_deposit_period);
            response.deposit_params = Some(DepositParams { min_deposit, max_deposit_period });
        }
        "voting" => response.voting_params = Some(VotingParams { voting_period: params.voting_period }),
        "tallying" => {
            response.tally_params = Some(TallyParams {
                quorum: params.quorum.clone(),
                threshold: params.threshold.clone(),
                veto_threshold: params.veto_threshold.clone(),
            });
        }
        "" => {}
        _ => return Err(Status::invalid_argument(format!("unknown params type: {kind}"))),
    }
    response.params = Some(params);
    Ok(response)
}

pub(crate) fn deposit(ctx: &Context, id: u64, depositor: &str) -> Answer<Deposit> {
    check_id(id)?;
    if depositor.is_empty() {
        return Err(Status::invalid_argument("empty depositor address"));
    }
    let address: Address = depositor.parse()?;
    state::deposit(&*ctx.kv(STORE), id, &address)?
        .ok_or_else(|| Status::not_found(format!("depositor: {depositor} not found for proposal: {id}")))
}

pub(crate) fn deposits(ctx: &Context, request: &QueryDepositsRequest) -> Answer<QueryDepositsResponse> {
    check_id(request.proposal_id)?;
    let prefix = state::deposits_prefix(request.proposal_id);
    let page = request.pagination.as_ref();
    let (deposits, page) = paginate(&*ctx.kv(STORE), &prefix, page, |_, value| Ok(Some(state::read(value)?)))?;
    Ok(QueryDepositsResponse { deposits, pagination: Some(page) })
}

/// The votes as they stand while the proposal is voted on, and as they were counted after that.
pub(crate) fn tally_result(gov: &Gov, ctx: &Context, id: u64) -> Answer<TallyResult> {
    let proposal = proposal(gov, ctx, id)?;
    Ok(match proposal.status() {
        ProposalStatus::VotingPeriod => gov.tally(ctx, &proposal)?.result,
        ProposalStatus::DepositPeriod => tally::empty_result(),
        _ => proposal.final_tally_result.unwrap_or_else(tally::empty_result),
    })
}

fn check_id(id: u64) -> Answer<()> {
    if id == 0 {
        return Err(Status::invalid_argument("proposal id can not be 0"));
    }
    Ok(())
}
