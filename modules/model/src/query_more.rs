//! The queries of lineage, servers, agents and feedback.

use cosmwasm_std::from_json;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::openledger::model::v1::*;

use crate::agent;
use crate::feedback;
use crate::keeper::Models;
use crate::query::{missing, Answer};
use crate::sequence::{id_of, prefix};
use crate::state::*;
use crate::types;

/// Registers the queries.
pub(crate) fn register(models: Models, router: &mut Router) {
    let path = |method: &str| format!("/openledger.model.v1.Query/{method}");
    router.query(&path("Lineage"), move |ctx, request| lineage(&models, ctx, &request));
    router.query(&path("Descendants"), descendants);
    router.query(&path("Servers"), servers);
    router.query(&path("Agent"), move |ctx, request| one_agent(&models, ctx, &request));
    router.query(&path("Agents"), move |ctx, request| agents(&models, ctx, &request));
    router.query(&path("AgentTerms"), agent_terms);
    router.query(&path("Feedback"), move |ctx, request: QueryFeedbackRequest| {
        let feedback = models.feedback(ctx, request.id)?.ok_or_else(|| missing("feedback", request.id))?;
        Ok(QueryFeedbackResponse { feedback: Some(feedback.to_proto()) })
    });
    router.query(&path("FeedbackByVersion"), move |ctx, request| by_version(&models, ctx, &request));
    router.query(&path("FeedbackByAuthor"), move |ctx, request| by_author(&models, ctx, &request));
}

fn lineage(models: &Models, ctx: &Context, request: &QueryLineageRequest) -> Answer<QueryLineageResponse> {
    let id = request.version;
    let version = models.version(ctx, id)?.ok_or_else(|| missing("model version", id))?;
    let royalty = |(account, bps): &(Address, u32)| Royalty { account: account.to_string(), bps: *bps };
    Ok(QueryLineageResponse {
        parents: version.parents.iter().map(types::Parent::to_proto).collect(),
        ancestors: version.ancestors.iter().map(types::Ancestor::to_proto).collect(),
        feedback: version.feedback.iter().map(types::FeedbackShare::to_proto).collect(),
        royalties: models.royalties(ctx, &version)?.iter().map(royalty).collect(),
    })
}

fn descendants(ctx: &Context, request: QueryDescendantsRequest) -> Answer<QueryDescendantsResponse> {
    let index = if request.children { &CHILDREN } else { &DESCENDANTS };
    let (versions, pagination) =
        paginate(&*ctx.kv(STORE), &prefix(index, request.version), request.pagination.as_ref(), |key, _| {
            Ok(Some(id_of(key)?))
        })?;
    Ok(QueryDescendantsResponse { versions, pagination: Some(pagination) })
}

fn servers(ctx: &Context, request: QueryServersRequest) -> Answer<QueryServersResponse> {
    let model_version = request.version;
    let (servers, pagination) =
        paginate(&*ctx.kv(STORE), &prefix(&SERVERS, model_version), request.pagination.as_ref(), |key, value| {
            let server = Address::new(key)?.to_string();
            Ok(Some(Server { model_version, server, height: from_json(value)? }))
        })?;
    Ok(QueryServersResponse { servers, pagination: Some(pagination) })
}

fn one_agent(models: &Models, ctx: &Context, request: &QueryAgentRequest) -> Answer<QueryAgentResponse> {
    let id = request.id;
    let agent = models.agent(ctx, id)?.ok_or_else(|| missing("agent", id))?;
    let terms = models.agent_terms(ctx, id, agent.terms)?.ok_or_else(|| missing("terms of agent", id))?;
    Ok(QueryAgentResponse { terms: Some(terms.to_proto(id, agent.terms)), agent: Some(agent.to_proto()) })
}

fn agents(models: &Models, ctx: &Context, request: &QueryAgentsRequest) -> Answer<QueryAgentsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (agents, pagination) = if request.operator.is_empty() {
        paginate(&*kv, &prefix(&AGENTS, ()), page, |_, value| Ok(Some(from_json::<agent::Agent>(value)?.to_proto())))?
    } else {
        let operator: Address = request.operator.parse()?;
        paginate(&*kv, &prefix(&AGENTS_BY_OPERATOR, operator.as_bytes()), page, |key, _| {
            Ok(Some(models.agent_or_error(ctx, id_of(key)?)?.to_proto()))
        })?
    };
    Ok(QueryAgentsResponse { agents, pagination: Some(pagination) })
}

fn agent_terms(ctx: &Context, request: QueryAgentTermsRequest) -> Answer<QueryAgentTermsResponse> {
    let agent = request.agent;
    let (terms, pagination) =
        paginate(&*ctx.kv(STORE), &prefix(&AGENT_TERMS, agent), request.pagination.as_ref(), |key, value| {
            let number = key.try_into().map_err(|_| Status::internal("the key of an agent's terms is malformed"))?;
            let terms = from_json::<agent::AgentTerms>(value)?;
            Ok(Some(terms.to_proto(agent, u32::from_be_bytes(number))))
        })?;
    Ok(QueryAgentTermsResponse { terms, pagination: Some(pagination) })
}

fn by_version(
    models: &Models,
    ctx: &Context,
    request: &QueryFeedbackByVersionRequest,
) -> Answer<QueryFeedbackByVersionResponse> {
    let prefix = match request.kind {
        0 => prefix(&FEEDBACK_BY_VERSION, request.version),
        kind => prefix(&FEEDBACK_BY_VERSION, (request.version, feedback::FeedbackKind::from_proto(kind)?.key())),
    };
    let (feedback, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, _| {
        // The number comes last, after the kind where that was not asked for.
        let number = key.len().checked_sub(8).and_then(|at| key.get(at..)).unwrap_or_default();
        Ok(Some(models.feedback_or_error(ctx, id_of(number)?)?.to_proto()))
    })?;
    Ok(QueryFeedbackByVersionResponse { feedback, pagination: Some(pagination) })
}

fn by_author(
    models: &Models,
    ctx: &Context,
    request: &QueryFeedbackByAuthorRequest,
) -> Answer<QueryFeedbackByAuthorResponse> {
    let author: Address = request.author.parse()?;
    let prefix = prefix(&FEEDBACK_BY_AUTHOR, author.as_bytes());
    let (feedback, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, _| {
        Ok(Some(models.feedback_or_error(ctx, id_of(key)?)?.to_proto()))
    })?;
    Ok(QueryFeedbackByAuthorResponse { feedback, pagination: Some(pagination) })
}
