//! The queries of `cosmos.gov.v1beta1.Query`: v1's, in the words of old.
//!
//! Source: SDK v0.50 `x/gov/keeper/grpc_query.go` (`legacyQueryServer`).

use openledger_core::{Context, Router, Status};
use openledger_proto::cosmos::gov::v1;
use openledger_proto::cosmos::gov::v1beta1::*;

use crate::keeper::Gov;
use crate::legacy;
use crate::query::{self, Answer};

/// Registers the queries.
pub(crate) fn register(gov: Gov, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.gov.v1beta1.Query/{method}");
    router.query(&path("Proposal"), move |ctx, request: QueryProposalRequest| {
        let proposal = query::proposal(&gov, ctx, request.proposal_id)?;
        Ok(QueryProposalResponse { proposal: Some(legacy::proposal(&proposal)?) })
    });
    router.query(&path("Proposals"), proposals);
    router.query(&path("Vote"), |ctx, request: QueryVoteRequest| {
        let vote = query::vote(ctx, request.proposal_id, &request.voter)?;
        Ok(QueryVoteResponse { vote: Some(legacy::vote(&vote)?) })
    });
    router.query(&path("Votes"), |ctx, request: QueryVotesRequest| {
        let QueryVotesRequest { proposal_id, pagination } = request;
        let answer = query::votes(ctx, &v1::QueryVotesRequest { proposal_id, pagination })?;
        let votes = answer.votes.iter().map(legacy::vote).collect::<openledger_core::Result<_>>()?;
        Ok(QueryVotesResponse { votes, pagination: answer.pagination })
    });
    router.query(&path("Params"), move |ctx, request: QueryParamsRequest| params(&gov, ctx, &request.params_type));
    router.query(&path("Deposit"), |ctx, request: QueryDepositRequest| {
        let deposit = query::deposit(ctx, request.proposal_id, &request.depositor)?;
        Ok(QueryDepositResponse { deposit: Some(legacy::deposit(&deposit)) })
    });
    router.query(&path("Deposits"), |ctx, request: QueryDepositsRequest| {
        let QueryDepositsRequest { proposal_id, pagination } = request;
        let answer = query::deposits(ctx, &v1::QueryDepositsRequest { proposal_id, pagination })?;
        let deposits = answer.deposits.iter().map(legacy::deposit).collect();
        Ok(QueryDepositsResponse { deposits, pagination: answer.pagination })
    });
    router.query(&path("TallyResult"), move |ctx, request: QueryTallyResultRequest| {
        let tally = query::tally_result(&gov, ctx, request.proposal_id)?;
        Ok(QueryTallyResultResponse { tally: Some(legacy::tally(&tally)) })
    });
}

/// One proposal that has not exactly one message makes the whole answer an error, as in the SDK.
fn proposals(ctx: &Context, request: QueryProposalsRequest) -> Answer<QueryProposalsResponse> {
    let QueryProposalsRequest { proposal_status, voter, depositor, pagination } = request;
    let request = v1::QueryProposalsRequest { proposal_status, voter, depositor, pagination };
    let answer = query::proposals(ctx, &request)?;
    let proposals = answer.proposals.iter().map(legacy::proposal).collect::<openledger_core::Result<_>>()?;
    Ok(QueryProposalsResponse { proposals, pagination: answer.pagination })
}

#[allow(deprecated, reason = "the parts that a type of parameters asks for are fields of old")]
fn params(gov: &Gov, ctx: &Context, kind: &str) -> Answer<QueryParamsResponse> {
    let v1::QueryParamsResponse { voting_params, deposit_params, tally_params, .. } = query::params(gov, ctx, kind)?;
    if voting_params.is_none() && deposit_params.is_none() && tally_params.is_none() {
        return Err(Status::invalid_argument(format!("{kind} is not a valid parameter type")));
    }
    let tally = |params: v1::TallyParams| -> Answer<TallyParams> {
        Ok(TallyParams {
            quorum: legacy::share(&params.quorum)?,
            threshold: legacy::share(&params.threshold)?,
            veto_threshold: legacy::share(&params.veto_threshold)?,
        })
    };
    Ok(QueryParamsResponse {
        voting_params: voting_params.map(|params| VotingParams { voting_period: params.voting_period }),
        deposit_params: deposit_params.map(|params| DepositParams {
            min_deposit: params.min_deposit,
            max_deposit_period: params.max_deposit_period,
        }),
        tally_params: tally_params.map(tally).transpose()?,
    })
}
