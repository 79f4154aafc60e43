//! Grants to execute messages for another account: a granter lets a grantee do what the granter could sign, until the granter takes it
//! back or it expires.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.authz.v1beta1.MsgGrant` | a granter authorises a grantee for a type of message | `msg/grant.rs` |
//! | `cosmos.authz.v1beta1.MsgRevoke` | the granter takes it back | `msg/revoke.rs` |
//! | `cosmos.authz.v1beta1.MsgExec` | the grantee executes messages whose signer is the granter | `msg/exec.rs` |
//!
//! What sorts of authorizations there are, and which messages each accepts: `authorization.rs` (any message of a type, sends up to a
//! limit, staking with some validators); their forms on the wire: `wire.rs`. Every message of the chain can be executed so, as long as it
//! has one signer. Queries (`query.rs`): all of `cosmos.authz.v1beta1.Query`. Keys: [`state`]. The beginning of each block removes up to
//! 200 expired grants.
//!
//! Invariants: a grant stands in the index of its grantee, and in the queue exactly at the time at which it expires; nothing else
//! stands there.
//!
//! Semantics: SDK v0.50 `x/authz`, `x/bank/types/send_authorization.go`, `x/staking/types/authz.go`.

mod authorization;
mod block;
mod error;
mod events;
mod genesis;
mod keeper;
mod msg;
mod query;
pub mod state;
mod wire;

pub use authorization::{Authorization, StakeKind, Validators};
pub use error::AuthzError;
pub use keeper::Authz;
pub use state::Grant;

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::cosmos::authz::v1beta1::{GenesisState, MsgExec, MsgGrant, MsgRevoke};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "authz";

impl Module for Authz {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgGrant, _>(NAME, self);
        router.msg::<MsgExec, _>(NAME, self);
        router.msg::<MsgRevoke, _>(NAME, self);
        query::register(router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.authz.v1beta1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        GenesisState::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(ctx)?.encode_to_vec())
    }

    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        block::begin(ctx)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        state::check(ctx)
    }
}
