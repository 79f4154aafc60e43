//! What the engine asks the chain: sessions, deployments, model versions and the contributions of datanet versions.

use anyhow::{Context, Result};
use openledger_client::{Error, Rpc};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use openledger_proto::openledger::attribution::v1 as attribution;
use openledger_proto::openledger::contributor::v1 as contributor;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::openledger::model::v1 as model;
use openledger_proto::Message;

/// Contributions asked for at once.
const PAGE: u64 = 500;

/// One session.
pub async fn session(rpc: &Rpc, id: u64) -> Result<attribution::Session> {
    let request = attribution::QuerySessionRequest { id };
    let answer: attribution::QuerySessionResponse =
        rpc.query("/openledger.attribution.v1.Query/Session", &request).await?;
    answer.session.context("the node answered without a session")
}

/// One settlement.
pub async fn settlement(rpc: &Rpc, id: u64) -> Result<attribution::Settlement> {
    let request = attribution::QuerySettlementRequest { id };
    let answer: attribution::QuerySettlementResponse =
        rpc.query("/openledger.attribution.v1.Query/Settlement", &request).await?;
    answer.settlement.context("the node answered without a settlement")
}

/// One deployment.
pub async fn deployment(rpc: &Rpc, id: u64) -> Result<model::Deployment> {
    let request = model::QueryDeploymentRequest { id };
    let answer: model::QueryDeploymentResponse = rpc.query("/openledger.model.v1.Query/Deployment", &request).await?;
    answer.deployment.context("the node answered without a deployment")
}

/// One agent, with its present terms.
pub async fn agent(rpc: &Rpc, id: u64) -> Result<(model::Agent, model::AgentTerms)> {
    let request = model::QueryAgentRequest { id };
    let answer: model::QueryAgentResponse = rpc.query("/openledger.model.v1.Query/Agent", &request).await?;
    answer.agent.zip(answer.terms).context("the node answered without an agent")
}

/// The sessions of a payer.
pub async fn sessions(rpc: &Rpc, payer: &str) -> Result<Vec<attribution::Session>> {
    let path = "/openledger.attribution.v1.Query/Sessions";
    let request =
        |page| attribution::QuerySessionsRequest { payer: payer.into(), deployment: 0, pagination: Some(page) };
    let read = |answer: attribution::QuerySessionsResponse| (answer.sessions, answer.pagination);
    pages(rpc, path, request, read).await
}

/// One model version.
pub async fn model_version(rpc: &Rpc, id: u64) -> Result<model::ModelVersion> {
    let request = model::QueryModelVersionRequest { id };
    let answer: model::QueryModelVersionResponse =
        rpc.query("/openledger.model.v1.Query/ModelVersion", &request).await?;
    answer.version.context("the node answered without a model version")
}

/// Everything that a datanet version holds, in order of acceptance.
pub async fn contributions(rpc: &Rpc, datanet_id: u64, version: u32) -> Result<Vec<datanet::Contribution>> {
    let path = "/openledger.datanet.v1.Query/VersionContributions";
    let request = |page| datanet::QueryVersionContributionsRequest { datanet_id, version, pagination: Some(page) };
    let read = |answer: datanet::QueryVersionContributionsResponse| (answer.contributions, answer.pagination);
    pages(rpc, path, request, read).await
}

/// The contributions on the chain's commons list at a height.
pub async fn commons(rpc: &Rpc, height: u64) -> Result<Vec<datanet::Contribution>> {
    let path = "/openledger.datanet.v1.Query/Commons";
    let request = |page| datanet::QueryCommonsRequest { pagination: Some(page) };
    let read = |answer: datanet::QueryCommonsResponse| (answer.entries, answer.pagination);
    let mut listed = Vec::new();
    for entry in pages(rpc, path, request, read).await? {
        let last = entry.changes.iter().rev().find(|change| change.height <= height);
        if last.is_some_and(|change| change.listed) {
            listed.push(contribution(rpc, entry.seq).await?);
        }
    }
    Ok(listed)
}

/// Asks page after page; everything that they hold, in order.
async fn pages<Request: Message, Response: Message + Default, Item>(
    rpc: &Rpc,
    path: &str,
    request: impl Fn(PageRequest) -> Request,
    read: impl Fn(Response) -> (Vec<Item>, Option<PageResponse>),
) -> Result<Vec<Item>> {
    let (mut all, mut key) = (Vec::new(), Default::default());
    loop {
        let page = PageRequest { key, limit: PAGE, ..Default::default() };
        let (items, next) = read(rpc.query(path, &request(page)).await?);
        all.extend(items);
        key = next.unwrap_or_default().next_key;
        if key.is_empty() {
            return Ok(all);
        }
    }
}

/// The content of a contribution that lies on chain.
pub async fn content(rpc: &Rpc, seq: u64) -> Result<Vec<u8>> {
    let request = datanet::QueryContributionRequest { seq };
    let answer: datanet::QueryContributionResponse =
        rpc.query("/openledger.datanet.v1.Query/Contribution", &request).await?;
    Ok(answer.content.to_vec())
}

/// The parameters of attribution under a version, 0 for the last.
pub async fn params(rpc: &Rpc, version: u64) -> Result<attribution::Params> {
    let request = attribution::QueryParamsRequest { version };
    let answer: attribution::QueryParamsResponse =
        rpc.query("/openledger.attribution.v1.Query/Params", &request).await?;
    answer.params.context("the node answered without parameters")
}

/// The settlements of a session.
pub async fn settlements(rpc: &Rpc, session: u64) -> Result<Vec<attribution::Settlement>> {
    let path = "/openledger.attribution.v1.Query/Settlements";
    let request = |page| attribution::QuerySettlementsRequest { session, deployment: 0, pagination: Some(page) };
    let read = |answer: attribution::QuerySettlementsResponse| (answer.settlements, answer.pagination);
    pages(rpc, path, request, read).await
}

/// All open demands.
pub async fn demands(rpc: &Rpc) -> Result<Vec<attribution::Demand>> {
    let path = "/openledger.attribution.v1.Query/Demands";
    let request = |page| attribution::QueryDemandsRequest { settlement: 0, pagination: Some(page) };
    let read = |answer: attribution::QueryDemandsResponse| (answer.demands, answer.pagination);
    pages(rpc, path, request, read).await
}

/// All chunks that are asked for, or missing.
pub async fn challenges(rpc: &Rpc) -> Result<Vec<datanet::Challenge>> {
    let path = "/openledger.datanet.v1.Query/Challenges";
    let request = |page| datanet::QueryChallengesRequest { seq: 0, pagination: Some(page) };
    let read = |answer: datanet::QueryChallengesResponse| (answer.challenges, answer.pagination);
    pages(rpc, path, request, read).await
}

/// All datanets.
pub async fn datanets(rpc: &Rpc) -> Result<Vec<datanet::Datanet>> {
    let path = "/openledger.datanet.v1.Query/Datanets";
    let request = |page| datanet::QueryDatanetsRequest { pagination: Some(page) };
    let read = |answer: datanet::QueryDatanetsResponse| (answer.datanets, answer.pagination);
    pages(rpc, path, request, read).await
}

/// Everything that a datanet has accepted and its authors have not taken back.
pub async fn accepted(rpc: &Rpc, datanet_id: u64) -> Result<Vec<datanet::Contribution>> {
    let path = "/openledger.datanet.v1.Query/ContributionsByDatanet";
    let status = datanet::ContributionStatus::Accepted.into();
    let request = |page| datanet::QueryContributionsByDatanetRequest { datanet_id, status, pagination: Some(page) };
    let read = |answer: datanet::QueryContributionsByDatanetResponse| (answer.contributions, answer.pagination);
    pages(rpc, path, request, read).await
}

/// A duplicate dispute, and what draws its regions: empty before the draw, and after its end.
pub async fn duplicate(rpc: &Rpc, dispute_id: u64) -> Result<(datanet::DuplicateDispute, Vec<u8>)> {
    let request = datanet::QueryDuplicateRequest { dispute_id };
    let answer: datanet::QueryDuplicateResponse = rpc.query("/openledger.datanet.v1.Query/Duplicate", &request).await?;
    Ok((answer.dispute.context("the node answered without a dispute")?, answer.seed.to_vec()))
}

/// The ruling that stands over a contribution, if it was shown to be a copy.
pub async fn ruling(rpc: &Rpc, seq: u64) -> Result<Option<datanet::Ruling>> {
    let request = datanet::QueryPayeesRequest { seq };
    let answer: datanet::QueryPayeesResponse = rpc.query("/openledger.datanet.v1.Query/Payees", &request).await?;
    Ok(answer.ruling)
}

/// The duplicate disputes of a contribution.
pub async fn duplicates(rpc: &Rpc, seq: u64) -> Result<Vec<datanet::DuplicateDispute>> {
    let path = "/openledger.datanet.v1.Query/Duplicates";
    let request = |page| datanet::QueryDuplicatesRequest { seq, pagination: Some(page) };
    let read = |answer: datanet::QueryDuplicatesResponse| (answer.disputes, answer.pagination);
    pages(rpc, path, request, read).await
}

/// One dispute.
pub async fn dispute(rpc: &Rpc, id: u64) -> Result<attribution::Dispute> {
    let request = attribution::QueryDisputeRequest { id };
    let answer: attribution::QueryDisputeResponse =
        rpc.query("/openledger.attribution.v1.Query/Dispute", &request).await?;
    answer.dispute.context("the node answered without a dispute")
}

/// The disputes of a settlement.
pub async fn disputes(rpc: &Rpc, settlement: u64) -> Result<Vec<attribution::Dispute>> {
    let path = "/openledger.attribution.v1.Query/Disputes";
    let request = |page| attribution::QueryDisputesRequest { settlement, pagination: Some(page) };
    let read = |answer: attribution::QueryDisputesResponse| (answer.disputes, answer.pagination);
    pages(rpc, path, request, read).await
}

/// One model.
pub async fn model(rpc: &Rpc, id: u64) -> Result<model::Model> {
    let request = model::QueryModelRequest { id };
    let answer: model::QueryModelResponse = rpc.query("/openledger.model.v1.Query/Model", &request).await?;
    answer.model.context("the node answered without a model")
}

/// One datanet.
pub async fn datanet(rpc: &Rpc, id: u64) -> Result<datanet::Datanet> {
    let request = datanet::QueryDatanetRequest { datanet_id: id };
    let answer: datanet::QueryDatanetResponse = rpc.query("/openledger.datanet.v1.Query/Datanet", &request).await?;
    answer.datanet.context("the node answered without a datanet")
}

/// The handle that an account holds, empty where it holds none.
pub async fn handle(rpc: &Rpc, address: &str) -> Result<String> {
    let request = contributor::QueryProfileRequest { address: address.into() };
    let path = "/openledger.contributor.v1.Query/Profile";
    match rpc.query::<_, contributor::QueryProfileResponse>(path, &request).await {
        Ok(answer) => Ok(answer.profile.unwrap_or_default().handle),
        // An account without a profile.
        Err(Error::Query { .. }) => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}

/// One contribution.
pub async fn contribution(rpc: &Rpc, seq: u64) -> Result<datanet::Contribution> {
    let request = datanet::QueryContributionRequest { seq };
    let answer: datanet::QueryContributionResponse =
        rpc.query("/openledger.datanet.v1.Query/Contribution", &request).await?;
    answer.contribution.context("the node answered without a contribution")
}
