//! Plans at whose height the next binary takes over: the old one ends before that block, the new one begins with it.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.upgrade.v1beta1.MsgSoftwareUpgrade` | the authority schedules a plan | `msg/software_upgrade.rs` |
//! | `cosmos.upgrade.v1beta1.MsgCancelUpgrade` | the authority drops it | `msg/cancel_upgrade.rs` |
//!
//! | at a block's begin | a binary without the plan's handler | a binary with it |
//! | --- | --- | --- |
//! | before the plan's height | goes on | ends: `BINARY UPDATED BEFORE TRIGGER` |
//! | from the plan's height on | ends: `UPGRADE … NEEDED` | runs the handler, once, and goes on |
//! | after an upgrade that it does not know | ends: `wrong app version` | – |
//!
//! An end is an error of the block, of which nothing is kept: CometBFT has stored it and hands it to the binary that comes after.
//! The handlers of a binary stand in `app/src/upgrades.rs`; the binary of a later release keeps those of the releases before.
//!
//! Queries (`query.rs`): all of `cosmos.upgrade.v1beta1.Query`. Keys: [`state`]. Genesis: none, as in the SDK; a new chain's modules
//! have this binary's versions.
//!
//! Invariants: the plan is one that could be scheduled, and no plan of its name was carried out.
//!
//! Semantics: `cosmossdk.io/x/upgrade` v0.1.

mod error;
mod keeper;
mod migrations;
mod msg;
mod query;
pub mod state;

pub use error::{UpgradeError, NEEDED};
pub use keeper::Upgrade;
pub use migrations::{Handler, Migrations, VersionMap};

use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::upgrade::v1beta1::{MsgCancelUpgrade, MsgSoftwareUpgrade};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "upgrade";
/// The version of this module's own state.
pub(crate) const VERSION: u64 = 1;

impl Module for Upgrade {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgSoftwareUpgrade, _>(NAME, self);
        router.msg::<MsgCancelUpgrade, _>(NAME, self);
        query::register(self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "google.protobuf.Empty"
    }

    fn default_genesis(&self) -> Vec<u8> {
        Vec::new()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        if genesis.is_empty() {
            return Ok(());
        }
        Err(SdkError::InvalidRequest("the upgrade module has no genesis; write {}".into()).into())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        self.validate_genesis(genesis)?;
        state::set_versions(&mut ctx.kv_mut(STORE), &self.migrations.versions());
        Ok(())
    }

    fn export_genesis(&self, _ctx: &Context) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        self.begin(ctx)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        let Some(plan) = self.plan(ctx)? else { return Ok(()) };
        keeper::check_plan(&plan)?;
        match self.done_height(ctx, &plan.name)? {
            None => Ok(()),
            Some(height) => {
                let text = format!("upgrade: the plan {} was carried out at {height}", plan.name);
                Err(SdkError::Logic(text).into())
            }
        }
    }
}
