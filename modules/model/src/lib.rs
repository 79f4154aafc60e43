//! Models, their versions and lineage, and the deployments that answer with them, each behind a bond.
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
//! | `MsgUpdateParams` | governance | `msg/update_params.rs` |
//!
//! Queries: Params, Model(s), ModelVersion(s), Deployment(s), Attestations (`query.rs`). Keys: [`state`]. Lineage: [`lineage`].
//!
//! Invariants: the module account holds exactly the sum of bonds and unbondings; no deployment locks more than its bond. The bond
//! API for settlements is [`Models::lock`], [`Models::unlock`], [`Models::slash`].

mod error;
pub mod events;
mod genesis;
mod keeper;
pub mod lineage;
mod msg;
mod params;
mod query;
pub mod sequence;
pub mod state;
mod types;

pub use error::ModelError;
pub use keeper::Models;
pub use params::{Params, MAX_UNBONDING_SECONDS};
pub use types::{Ancestor, DatanetVersion, Deployment, Model, ModelVersion, Parent, Unbonding};

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
        query::register(*self, router);
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
        genesis::check_solvency(self, ctx)
    }
}
