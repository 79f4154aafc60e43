//! Reading models, deployments, agents and feedback, and the bonds behind deployments.
//!
//! Relies on bank for the module account that holds every bond and deposit. Guarantees: the account holds exactly the sum of bonds,
//! unbondings and feedback's deposits; `locked` never passes `bond`; only the free part of a bond can leave it.

use cosmwasm_std::Uint256;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_contributor::Contributors;
use openledger_core::{wire, Address, Coin, Context, Event, Result};
use openledger_datanet::Datanets;

use crate::agent::{Agent, AgentTerms};
use crate::deployment::Deployment;
use crate::error::ModelError;
use crate::feedback::Feedback;
use crate::params::Params;
use crate::state::{
    AGENTS, AGENT_TERMS, ATTESTATIONS, DEPLOYMENTS, FEEDBACK, MODELS, PARAMS, SERVERS, STORE, VERSIONS,
};
use crate::terms::Serving;
use crate::types::{DatanetVersion, Model, ModelVersion};
use crate::{events, NAME};

/// The keeper of models.
#[derive(Debug, Clone, Copy, Default)]
pub struct Models {
    /// Accounts.
    pub auth: Auth,
    /// Money.
    pub bank: Bank,
    /// The history of who did what.
    pub contributors: Contributors,
    /// Datanets and their versions.
    pub datanets: Datanets,
}

impl Models {
    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// A model.
    pub fn model(&self, ctx: &Context, id: u64) -> Result<Option<Model>> {
        Ok(MODELS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// A model version.
    pub fn version(&self, ctx: &Context, id: u64) -> Result<Option<ModelVersion>> {
        Ok(VERSIONS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// A deployment.
    pub fn deployment(&self, ctx: &Context, id: u64) -> Result<Option<Deployment>> {
        Ok(DEPLOYMENTS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// Whether a deployment attested that it holds every byte of a datanet version.
    pub fn has_attested(&self, ctx: &Context, deployment: u64, corpus: DatanetVersion) -> bool {
        ATTESTATIONS.has(&*ctx.kv(STORE), (deployment, corpus.datanet, corpus.version))
    }

    /// An agent.
    pub fn agent(&self, ctx: &Context, id: u64) -> Result<Option<Agent>> {
        Ok(AGENTS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// An agent's terms by their number; they never change, so a session that pins the number pins prices, parts and split.
    pub fn agent_terms(&self, ctx: &Context, agent: u64, number: u32) -> Result<Option<AgentTerms>> {
        Ok(AGENT_TERMS.may_load(&*ctx.kv(STORE), (agent, number))?)
    }

    /// A feedback.
    pub fn feedback(&self, ctx: &Context, id: u64) -> Result<Option<Feedback>> {
        Ok(FEEDBACK.may_load(&*ctx.kv(STORE), id)?)
    }

    /// Refuses a deployment that takes no new sessions: it was retired, its bond is below the least one (slashed or taken out), or the
    /// model's owner lets its server no longer.
    pub fn check_takes_sessions(&self, ctx: &Context, deployment: &Deployment) -> Result<()> {
        let id = deployment.id;
        if !deployment.active {
            return Err(ModelError::NotServing(format!("deployment {id} is retired")).into());
        }
        let least = self.params(ctx)?.min_bond;
        if deployment.bond < least {
            let text = format!("deployment {id} has a bond of {}, new sessions need {least}", deployment.bond);
            return Err(ModelError::NotServing(text).into());
        }
        let version = self.version_or_error(ctx, deployment.model_version)?;
        self.check_may_serve(ctx, &version, &deployment.server)
    }

    /// Refuses a server that the model's owner has not let, where the version's terms ask for that.
    pub(crate) fn check_may_serve(&self, ctx: &Context, version: &ModelVersion, server: &Address) -> Result<()> {
        let open = version.terms.serving == Serving::Open;
        if open || SERVERS.has(&*ctx.kv(STORE), (version.id, server.as_bytes())) {
            return Ok(());
        }
        let owner = self.model_or_error(ctx, version.model)?.owner;
        if owner == *server {
            return Ok(());
        }
        let text = format!("model version {} is served by {owner} and whom they let, not by {server}", version.id);
        Err(ModelError::NotServing(text).into())
    }

    /// Who shares in a model version's income, in basis points of the model share: the owners of its ancestors' models in
    /// ascending order of ancestors, then the authors of the feedback that earns, then its own model's owner with the rest.
    /// Together 10,000. An account stands in it as often as it earns.
    pub fn royalties(&self, ctx: &Context, version: &ModelVersion) -> Result<Vec<(Address, u32)>> {
        let mut shares = Vec::new();
        let mut rest = crate::lineage::WHOLE;
        for ancestor in &version.ancestors {
            let of = self.version_or_error(ctx, ancestor.version)?;
            rest = rest.saturating_sub(ancestor.royalty_bps);
            shares.push((self.model_or_error(ctx, of.model)?.owner, ancestor.royalty_bps));
        }
        for share in &version.feedback {
            rest = rest.saturating_sub(share.bps);
            shares.push((share.author.clone(), share.bps));
        }
        shares.push((self.model_or_error(ctx, version.model)?.owner, rest));
        Ok(shares)
    }

    /// Locks a part of the free bond behind a settlement.
    pub fn lock(&self, ctx: &mut Context, deployment: u64, amount: Uint256) -> Result<()> {
        let mut deployment = self.deployment_or_error(ctx, deployment)?;
        let free = deployment.free();
        if free < amount {
            return Err(ModelError::InsufficientBond { deployment: deployment.id, free, needed: amount }.into());
        }
        deployment.locked = wire::add(deployment.locked, amount)?;
        self.save_deployment(ctx, &deployment)
    }

    /// Frees a part of the bond that [`Models::lock`] locked.
    pub fn unlock(&self, ctx: &mut Context, deployment: u64, amount: Uint256) -> Result<()> {
        let mut deployment = self.deployment_or_error(ctx, deployment)?;
        deployment.locked = wire::sub(deployment.locked, amount)?;
        self.save_deployment(ctx, &deployment)
    }

    /// Takes a part of the bond that [`Models::lock`] locked, and pays it to a module account, which disposes of it.
    pub fn slash(&self, ctx: &mut Context, deployment: u64, amount: Uint256, to_module: &str) -> Result<()> {
        let mut deployment = self.deployment_or_error(ctx, deployment)?;
        deployment.locked = wire::sub(deployment.locked, amount)?;
        deployment.bond = wire::sub(deployment.bond, amount)?;
        self.save_deployment(ctx, &deployment)?;
        if !amount.is_zero() {
            self.bank.send_between_modules(ctx, NAME, to_module, &Coin::base(amount).into())?;
        }
        ctx.emit(
            Event::new(events::SLASHED)
                .attr("deployment", deployment.id)
                .attr("server", &deployment.server)
                .attr("amount", amount)
                .attr("bond", deployment.bond),
        );
        Ok(())
    }

    pub(crate) fn model_or_error(&self, ctx: &Context, id: u64) -> Result<Model> {
        Ok(self.model(ctx, id)?.ok_or(ModelError::NotFound { what: "model", id })?)
    }

    pub(crate) fn version_or_error(&self, ctx: &Context, id: u64) -> Result<ModelVersion> {
        Ok(self.version(ctx, id)?.ok_or(ModelError::NotFound { what: "model version", id })?)
    }

    pub(crate) fn deployment_or_error(&self, ctx: &Context, id: u64) -> Result<Deployment> {
        Ok(self.deployment(ctx, id)?.ok_or(ModelError::NotFound { what: "deployment", id })?)
    }

    pub(crate) fn agent_or_error(&self, ctx: &Context, id: u64) -> Result<Agent> {
        Ok(self.agent(ctx, id)?.ok_or(ModelError::NotFound { what: "agent", id })?)
    }

    pub(crate) fn feedback_or_error(&self, ctx: &Context, id: u64) -> Result<Feedback> {
        Ok(self.feedback(ctx, id)?.ok_or(ModelError::NotFound { what: "feedback", id })?)
    }

    /// A model that must be `got`'s.
    pub(crate) fn owned_model(&self, ctx: &Context, id: u64, got: &str) -> Result<Model> {
        let model = self.model_or_error(ctx, id)?;
        let owner = model.owner.to_string();
        if owner != got {
            return Err(ModelError::NotOwner { what: "model", id, owner, got: got.into() }.into());
        }
        Ok(model)
    }

    pub(crate) fn save_deployment(&self, ctx: &mut Context, deployment: &Deployment) -> Result<()> {
        Ok(DEPLOYMENTS.save(&mut ctx.kv_mut(STORE), deployment.id, deployment)?)
    }

    /// Takes money from an account into the bonds or deposits.
    pub(crate) fn take(&self, ctx: &mut Context, from: &Address, amount: Uint256) -> Result<()> {
        self.bank.send_to_module(ctx, from, NAME, &Coin::base(amount).into())
    }
}
