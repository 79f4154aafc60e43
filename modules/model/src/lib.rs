//! Models, their versions, lineage and terms; the deployments that answer with them, each behind a bond; agents composed of deployments;
//! and feedback, which earns from the versions that it goes into.
//!
//! | message | signer | file |
//! | --- | --- | --- |
//! | `MsgRegisterModel` | its owner | `msg/register_model.rs` |
//! | `MsgRegisterModelVersion` | the model's owner | `msg/register_model_version.rs` |
//! | `MsgDeploy` | the server | `msg/deploy.rs` |
//! | `MsgUpdateDeployment` | the server | `msg/update_deployment.rs` |
//! | `MsgAttestCorpus` | the server | `msg/attest_corpus.rs` |
//! | `MsgTopUpBond` | the server | `msg/top_up_bond.rs` |
//! | `MsgBeginUnbond` | the server | `msg/begin_unbond.rs` |
//! | `MsgWithdrawBond` | the server | `msg/withdraw_bond.rs` |
//! | `MsgSetServer` | the model's owner | `msg/set_server.rs` |
//! | `MsgRegisterAgent` | its operator | `msg/register_agent.rs` |
//! | `MsgUpdateAgent` | the operator | `msg/update_agent.rs` |
//! | `MsgRetireAgent` | the operator | `msg/retire_agent.rs` |
//! | `MsgSubmitFeedback` | its author | `msg/submit_feedback.rs` |
//! | `MsgDecideFeedback` | the model's owner | `msg/decide_feedback.rs` |
//! | `MsgReclaimFeedback` | the author | `msg/reclaim_feedback.rs` |
//! | `MsgUpdateParams` | governance | `msg/update_params.rs` |
//!
//! Queries: `query.rs` (models, versions, deployments), `query_more.rs` (lineage, servers, agents, feedback). Keys: [`state`].
//!
//! # Licences and royalties
//!
//! A version's terms are fixed with it and bind whatever comes from it; each rule is checked when a child is registered or a price is
//! set (`terms.rs`). A model's share of a fee is divided by [`Models::royalties`]: each ancestor gets the basis points that it set for
//! itself, each feedback that a version of the lineage incorporates those that the terms of the version it is on promise, the version's
//! owner the rest. Both are absolute, counted once, flattened at registration and never change ([`lineage`]): depth at most 16, at most
//! 64 that earn, together at most 10,000. So whoever derives knows before what it will pay, and dividing one fee is bounded work.
//! What the chain cannot see: a model that names no parent, or the same weights with one bit changed.
//!
//! # Bonds
//!
//! The bond API for settlements is [`Models::lock`], [`Models::unlock`], [`Models::slash`]. What a settlement locks can't leave before
//! its disputes are over, whatever the unbonding time is, and what unbonds can't be settled against; so no liability is ever without
//! money behind it. That the unbonding time outlasts notice, dispute windows and both repairs is checked where both modules' parameters
//! are known: attribution refuses parameters and opens no session where it does not.
//!
//! Invariants (`invariants.rs`): the module account holds exactly the sum of bonds, unbondings and feedback's deposits; no deployment
//! locks more than its bond; every ancestor exists and is older; nobody's stack passes 10,000 or 64; every incorporated feedback is accepted.

mod agent;
mod deployment;
mod error;
pub mod events;
mod feedback;
mod genesis;
mod genesis_check;
mod invariants;
mod keeper;
mod licence;
pub mod lineage;
mod msg;
mod params;
mod query;
mod query_more;
pub mod sequence;
pub mod state;
mod terms;
mod types;

pub use agent::{Agent, AgentTerms, MAX_PARTS, MAX_SPLITS};
pub use deployment::{Deployment, Unbonding};
pub use error::ModelError;
pub use feedback::{Body, Content, Evaluation, Feedback, FeedbackKind, FeedbackStatus, Subject};
pub use keeper::Models;
pub use params::{Params, MAX_FEEDBACK_SECONDS, MAX_UNBONDING_SECONDS};
pub use terms::{Serving, Terms};
pub use types::{Adapter, Ancestor, DatanetVersion, FeedbackShare, Model, ModelVersion, Parent};

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::openledger::model::v1::*;
use openledger_proto::Message;
use openledger_store::StoreName;

/// The module's name.
pub const NAME: &str = "model";

impl Module for Models {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(state::STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgRegisterModel, _>(NAME, self);
        router.msg::<MsgRegisterModelVersion, _>(NAME, self);
        router.msg::<MsgDeploy, _>(NAME, self);
        router.msg::<MsgUpdateDeployment, _>(NAME, self);
        router.msg::<MsgAttestCorpus, _>(NAME, self);
        router.msg::<MsgTopUpBond, _>(NAME, self);
        router.msg::<MsgBeginUnbond, _>(NAME, self);
        router.msg::<MsgWithdrawBond, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        router.msg::<MsgSetServer, _>(NAME, self);
        router.msg::<MsgRegisterAgent, _>(NAME, self);
        router.msg::<MsgUpdateAgent, _>(NAME, self);
        router.msg::<MsgRetireAgent, _>(NAME, self);
        router.msg::<MsgSubmitFeedback, _>(NAME, self);
        router.msg::<MsgDecideFeedback, _>(NAME, self);
        router.msg::<MsgReclaimFeedback, _>(NAME, self);
        query::register(*self, router);
        query_more::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "openledger.model.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        genesis::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(self, ctx)?.encode_to_vec())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        invariants::check(self, ctx)
    }
}
