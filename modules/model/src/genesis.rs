//! Genesis: all objects; indices and numbers follow from them.

use cosmwasm_std::{Empty, Order};
use openledger_core::{wire, Address, Context, Result};
use openledger_proto::openledger::model::v1::{self as proto, Attestation, GenesisState, Server};
use openledger_proto::Message;

use crate::agent::{Agent, AgentTerms};
use crate::deployment::Deployment;
use crate::error::ModelError;
use crate::feedback::Feedback;
use crate::invariants;
use crate::keeper::Models;
use crate::params::Params;
use crate::state::*;
use crate::types::{DatanetVersion, Model, ModelVersion};
use crate::NAME;

/// A genesis, read and checked as far as it goes without the other modules.
pub(crate) struct Genesis {
    pub params: Params,
    pub models: Vec<Model>,
    pub versions: Vec<ModelVersion>,
    pub deployments: Vec<Deployment>,
    pub attestations: Vec<(u64, DatanetVersion, u64)>,
    pub servers: Vec<(u64, Address, u64)>,
    pub agents: Vec<Agent>,
    pub agent_terms: Vec<(u64, u32, AgentTerms)>,
    pub feedback: Vec<Feedback>,
}

/// The parameters' defaults and nothing else.
pub(crate) fn default() -> GenesisState {
    GenesisState { params: Some(Params::default().to_proto()), ..GenesisState::default() }
}

/// Decodes and checks.
pub(crate) fn read(genesis: &[u8]) -> Result<Genesis> {
    let genesis = GenesisState::decode(genesis).map_err(|error| invalid(error.to_string()))?;
    let attestation = |a: &Attestation| {
        let corpus = a.corpus.as_ref().map(DatanetVersion::from_proto);
        corpus
            .map(|corpus| (a.deployment, corpus, a.height))
            .ok_or_else(|| invalid("an attestation has no corpus".into()))
    };
    let server = |s: &Server| Ok((s.model_version, wire::address("servers", &s.server)?, s.height));
    let terms = |t: &proto::AgentTerms| Ok((t.agent, t.number, AgentTerms::from_proto(t)?));
    let read = Genesis {
        params: Params::from_proto(genesis.params.as_ref())?,
        models: genesis.models.iter().map(Model::from_proto).collect::<Result<_>>()?,
        versions: genesis.versions.iter().map(ModelVersion::from_proto).collect::<Result<_>>()?,
        deployments: genesis.deployments.iter().map(Deployment::from_proto).collect::<Result<_>>()?,
        attestations: genesis.attestations.iter().map(attestation).collect::<Result<_, _>>()?,
        servers: genesis.servers.iter().map(server).collect::<Result<_>>()?,
        agents: genesis.agents.iter().map(Agent::from_proto).collect::<Result<_>>()?,
        agent_terms: genesis.agent_terms.iter().map(terms).collect::<Result<_>>()?,
        feedback: genesis.feedback.iter().map(Feedback::from_proto).collect::<Result<_>>()?,
    };
    read.check()?;
    Ok(read)
}

pub(crate) fn invalid(text: String) -> ModelError {
    ModelError::InvalidGenesis(text)
}

/// Takes a genesis over; the bank's must be there already.
pub(crate) fn init(models: &Models, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let genesis = read(genesis)?;
    models.auth.ensure_module(ctx, NAME)?;
    let kv = &mut ctx.kv_mut(STORE);
    PARAMS.save(kv, &genesis.params)?;
    for model in &genesis.models {
        MODELS.save(kv, model.id, model)?;
        MODELS_BY_OWNER.save(kv, (model.owner.as_bytes(), model.id), &Empty {})?;
        MODEL_SEQ.save(kv, &model.id)?;
    }
    for version in &genesis.versions {
        for DatanetVersion { datanet, version } in &version.datanets {
            if models.datanets.version(ctx, *datanet, *version)?.is_none() {
                return Err(invalid(format!("datanet {datanet} has no version {version}")).into());
            }
        }
        models.save_version(ctx, version)?;
        VERSION_SEQ.save(&mut ctx.kv_mut(STORE), &version.id)?;
    }
    for deployment in &genesis.deployments {
        models.save_deployment(ctx, deployment)?;
        models.index_deployment(ctx, deployment)?;
        DEPLOYMENT_SEQ.save(&mut ctx.kv_mut(STORE), &deployment.id)?;
    }
    for feedback in &genesis.feedback {
        models.save_feedback(ctx, feedback)?;
        FEEDBACK_SEQ.save(&mut ctx.kv_mut(STORE), &feedback.id)?;
    }
    let kv = &mut ctx.kv_mut(STORE);
    for (deployment, corpus, height) in &genesis.attestations {
        ATTESTATIONS.save(kv, (*deployment, corpus.datanet, corpus.version), height)?;
    }
    for (version, server, height) in &genesis.servers {
        SERVERS.save(kv, (*version, server.as_bytes()), height)?;
    }
    for agent in &genesis.agents {
        AGENTS.save(kv, agent.id, agent)?;
        AGENTS_BY_OPERATOR.save(kv, (agent.operator.as_bytes(), agent.id), &Empty {})?;
        AGENT_SEQ.save(kv, &agent.id)?;
    }
    for (agent, number, terms) in &genesis.agent_terms {
        AGENT_TERMS.save(kv, (*agent, *number), terms)?;
    }
    invariants::check(models, ctx)
}

/// The state as a genesis.
pub(crate) fn export(models: &Models, ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let mut genesis = GenesisState { params: Some(models.params(ctx)?.to_proto()), ..GenesisState::default() };
    for entry in MODELS.range(&*kv, None, None, Order::Ascending) {
        genesis.models.push(entry?.1.to_proto());
    }
    for entry in VERSIONS.range(&*kv, None, None, Order::Ascending) {
        genesis.versions.push(entry?.1.to_proto());
    }
    for entry in DEPLOYMENTS.range(&*kv, None, None, Order::Ascending) {
        genesis.deployments.push(entry?.1.to_proto());
    }
    for entry in ATTESTATIONS.range(&*kv, None, None, Order::Ascending) {
        let ((deployment, datanet, version), height) = entry?;
        let corpus = Some(DatanetVersion { datanet, version }.to_proto());
        genesis.attestations.push(Attestation { deployment, corpus, height });
    }
    for entry in SERVERS.range(&*kv, None, None, Order::Ascending) {
        let ((model_version, server), height) = entry?;
        genesis.servers.push(Server { model_version, server: Address::new(server)?.to_string(), height });
    }
    for entry in AGENTS.range(&*kv, None, None, Order::Ascending) {
        genesis.agents.push(entry?.1.to_proto());
    }
    for entry in AGENT_TERMS.range(&*kv, None, None, Order::Ascending) {
        let ((agent, number), terms) = entry?;
        genesis.agent_terms.push(terms.to_proto(agent, number));
    }
    for entry in FEEDBACK.range(&*kv, None, None, Order::Ascending) {
        genesis.feedback.push(entry?.1.to_proto());
    }
    Ok(genesis)
}
