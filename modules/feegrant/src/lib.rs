//! Allowances to pay fees from another account: a granter lets a grantee spend up to some coins, for some time, on some messages.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.feegrant.v1beta1.MsgGrantAllowance` | a granter makes an allowance | `msg/grant_allowance.rs` |
//! | `cosmos.feegrant.v1beta1.MsgRevokeAllowance` | the granter takes it back | `msg/revoke_allowance.rs` |
//! | `cosmos.feegrant.v1beta1.MsgPruneAllowances` | anyone removes up to 75 expired ones | `msg/prune_allowances.rs` |
//!
//! An allowance is used by a transaction whose fee names the granter: the ante handler calls [`Feegrants::use_granted_fees`] and takes
//! the fee from the granter. What sorts there are and what each accepts: `allowance.rs`; their forms on the wire: `wire.rs`. Queries
//! (`query.rs`): all of `cosmos.feegrant.v1beta1.Query`. Keys: [`state`]. The end of each block removes up to 200 expired allowances.
//!
//! Invariants: an allowance stands in the index of its granter, and in the queue exactly at the time at which it expires; nothing else
//! stands there.
//!
//! Semantics: SDK v0.50 `cosmossdk.io/x/feegrant` v0.1.1.

mod allowance;
mod block;
mod error;
mod events;
mod genesis;
mod keeper;
mod msg;
mod query;
pub mod state;
mod wire;

pub use allowance::{Allowance, Basic, Periodic};
pub use error::FeegrantError;
pub use keeper::Feegrants;

use openledger_core::{Context, Module, Result, Router, ValidatorUpdate};
use openledger_proto::cosmos::feegrant::v1beta1::{
    GenesisState, MsgGrantAllowance, MsgPruneAllowances, MsgRevokeAllowance,
};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "feegrant";

impl Module for Feegrants {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgGrantAllowance, _>(NAME, self);
        router.msg::<MsgRevokeAllowance, _>(NAME, self);
        router.msg::<MsgPruneAllowances, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.feegrant.v1beta1.GenesisState"
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

    fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        block::end(ctx)?;
        Ok(Vec::new())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        state::check(ctx)
    }
}
