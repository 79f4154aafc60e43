//! The keeper: what it needs of other modules, and reading its objects.

use cosmwasm_std::Empty;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_consensus::Consensus;
use openledger_contributor::Contributors;
use openledger_core::{Address, Context, Result};
use openledger_datanet::Datanets;
use openledger_model::{Deployment, ModelVersion, Models};

use crate::error::AttributionError;
use crate::params::Params;
use crate::state::{DISPUTES, DUE, PARAMS, PARAMS_VERSION, SESSIONS, SETTLEMENTS, STORE};
use crate::types::{Dispute, Session, Settlement};

/// The keeper of sessions, settlements, disputes and pay.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attribution {
    /// Accounts.
    pub auth: Auth,
    /// Money.
    pub bank: Bank,
    /// Who has which power.
    pub consensus: Consensus,
    /// The history of who did what.
    pub contributors: Contributors,
    /// Contributions, versions, baselines and treasuries.
    pub datanets: Datanets,
    /// Models, deployments and their bonds.
    pub models: Models,
}

impl Attribution {
    /// The parameters of new sessions and their version; the defaults as version 1 before genesis.
    pub fn params(&self, ctx: &Context) -> Result<(u64, Params)> {
        let version = PARAMS_VERSION.may_load(&*ctx.kv(STORE))?.unwrap_or(1);
        Ok((version, self.params_version(ctx, version)?.unwrap_or_default()))
    }

    /// The parameters of a version.
    pub fn params_version(&self, ctx: &Context, version: u64) -> Result<Option<Params>> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE), version)?)
    }

    /// A session.
    pub fn session(&self, ctx: &Context, id: u64) -> Result<Option<Session>> {
        Ok(SESSIONS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// A settlement.
    pub fn settlement(&self, ctx: &Context, id: u64) -> Result<Option<Settlement>> {
        Ok(SETTLEMENTS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// A dispute.
    pub fn dispute(&self, ctx: &Context, id: u64) -> Result<Option<Dispute>> {
        Ok(DISPUTES.may_load(&*ctx.kv(STORE), id)?)
    }

    /// The parameters that an object keeps.
    pub(crate) fn kept_params(&self, ctx: &Context, version: u64) -> Result<Params> {
        let what = "version of the parameters";
        Ok(self.params_version(ctx, version)?.ok_or(AttributionError::NotFound { what, id: version })?)
    }

    pub(crate) fn known_session(&self, ctx: &Context, id: u64) -> Result<Session> {
        Ok(self.session(ctx, id)?.ok_or(AttributionError::NotFound { what: "session", id })?)
    }

    pub(crate) fn known_settlement(&self, ctx: &Context, id: u64) -> Result<Settlement> {
        Ok(self.settlement(ctx, id)?.ok_or(AttributionError::NotFound { what: "settlement", id })?)
    }

    pub(crate) fn known_dispute(&self, ctx: &Context, id: u64) -> Result<Dispute> {
        Ok(self.dispute(ctx, id)?.ok_or(AttributionError::NotFound { what: "dispute", id })?)
    }

    pub(crate) fn known_deployment(&self, ctx: &Context, id: u64) -> Result<Deployment> {
        Ok(self.models.deployment(ctx, id)?.ok_or(AttributionError::NotFound { what: "deployment", id })?)
    }

    /// Who sells in a session: its deployment's server, or its agent's operator.
    pub(crate) fn seller(&self, ctx: &Context, session: &Session) -> Result<Address> {
        if session.agent != 0 {
            return Ok(self.known_agent(ctx, session.agent)?.operator);
        }
        Ok(self.known_deployment(ctx, session.deployment)?.server)
    }

    pub(crate) fn known_version(&self, ctx: &Context, id: u64) -> Result<ModelVersion> {
        Ok(self.models.version(ctx, id)?.ok_or(AttributionError::NotFound { what: "model version", id })?)
    }

    pub(crate) fn save_session(&self, ctx: &mut Context, session: &Session) -> Result<()> {
        Ok(SESSIONS.save(&mut ctx.kv_mut(STORE), session.id, session)?)
    }

    pub(crate) fn save_settlement(&self, ctx: &mut Context, settlement: &Settlement) -> Result<()> {
        Ok(SETTLEMENTS.save(&mut ctx.kv_mut(STORE), settlement.id, settlement)?)
    }

    pub(crate) fn save_dispute(&self, ctx: &mut Context, dispute: &Dispute) -> Result<()> {
        Ok(DISPUTES.save(&mut ctx.kv_mut(STORE), dispute.id, dispute)?)
    }

    /// Has end block look at a settlement at a height, 0 for not at all, instead of when it would have. Saves nothing else.
    pub(crate) fn schedule(&self, ctx: &mut Context, settlement: &mut Settlement, due: u64) -> Result<()> {
        let kv = &mut ctx.kv_mut(STORE);
        if settlement.due != 0 {
            DUE.remove(kv, (settlement.due, settlement.id));
        }
        settlement.due = due;
        if due != 0 {
            DUE.save(kv, (due, settlement.id), &Empty {})?;
        }
        Ok(())
    }
}
