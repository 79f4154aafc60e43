//! People: a handle and a profile for an account, and the permanent history of who did what.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `MsgSetProfile` | replaces the sender's profile, takes or gives up a handle | `msg/set_profile.rs` |
//! | `MsgUpdateParams` | the authority replaces the parameters | `msg/update_params.rs` |
//!
//! Queries (`query.rs`): Params, Profile, ProfileByHandle, History (by actor, by actor and role), HistoryByObject. Keys: [`state`].
//!
//! Other modules append to the history with [`Contributors::record`]; nothing ever changes or removes an entry.
//!
//! Invariants: a held handle and its holder's profile name each other; each account's entries are numbered from 0 without gaps; every
//! entry stands in both indices and nothing else does.

mod error;
pub mod events;
mod genesis;
mod handle;
mod invariants;
mod keeper;
mod msg;
mod params;
mod query;
pub mod state;

pub use error::ContributorError;
pub use handle::Handle;
pub use keeper::Contributors;
pub use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
pub use params::Params;

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::openledger::contributor::v1::{GenesisState, MsgSetProfile, MsgUpdateParams};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

/// The module's name.
pub const NAME: &str = "contributor";

impl Module for Contributors {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(state::STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgSetProfile, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "openledger.contributor.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
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
        invariants::check(ctx)
    }
}
