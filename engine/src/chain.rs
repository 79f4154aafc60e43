//! What the engine asks the chain: sessions, deployments, model versions and the contributions of datanet versions.

use anyhow::{Context, Result};
use openledger_client::Rpc;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::attribution::v1 as attribution;
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::openledger::model::v1 as model;

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

/// One model version.
pub async fn model_version(rpc: &Rpc, id: u64) -> Result<model::ModelVersion> {
    let request = model::QueryModelVersionRequest { id };
    let answer: model::QueryModelVersionResponse =
        rpc.query("/openledger.model.v1.Query/ModelVersion", &request).await?;
    answer.version.context("the node answered without a model version")
}

/// Everything that a datanet version holds, in order of acceptance.
pub async fn contributions(rpc: &Rpc, datanet_id: u64, version: u32) -> Result<Vec<datanet::Contribution>> {
    let mut all = Vec::new();
    let mut key = Default::default();
    loop {
        let pagination = PageRequest { key, limit: PAGE, ..Default::default() };
        let request = datanet::QueryVersionContributionsRequest { datanet_id, version, pagination: Some(pagination) };
        let path = "/openledger.datanet.v1.Query/VersionContributions";
        let answer: datanet::QueryVersionContributionsResponse = rpc.query(path, &request).await?;
        all.extend(answer.contributions);
        key = answer.pagination.unwrap_or_default().next_key;
        if key.is_empty() {
            return Ok(all);
        }
    }
}

/// The contributions on the chain's commons list at a height.
pub async fn commons(rpc: &Rpc, height: u64) -> Result<Vec<datanet::Contribution>> {
    let mut all = Vec::new();
    let mut key = Default::default();
    loop {
        let pagination = PageRequest { key, limit: PAGE, ..Default::default() };
        let request = datanet::QueryCommonsRequest { pagination: Some(pagination) };
        let answer: datanet::QueryCommonsResponse = rpc.query("/openledger.datanet.v1.Query/Commons", &request).await?;
        for entry in answer.entries {
            let listed = entry.changes.iter().rev().find(|change| change.height <= height);
            if listed.is_some_and(|change| change.listed) {
                all.push(contribution(rpc, entry.seq).await?);
            }
        }
        key = answer.pagination.unwrap_or_default().next_key;
        if key.is_empty() {
            return Ok(all);
        }
    }
}

/// One contribution.
pub async fn contribution(rpc: &Rpc, seq: u64) -> Result<datanet::Contribution> {
    let request = datanet::QueryContributionRequest { seq };
    let answer: datanet::QueryContributionResponse =
        rpc.query("/openledger.datanet.v1.Query/Contribution", &request).await?;
    answer.contribution.context("the node answered without a contribution")
}
