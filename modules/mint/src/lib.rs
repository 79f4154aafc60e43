//! The supply is fixed: this module mints nothing, ever, and says so where explorers and wallets ask `x/mint`.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.mint.v1beta1.MsgUpdateParams` | the authority changes what is shown: the ratio aimed at, blocks a year | `msg/update_params.rs` |
//!
//! Queries (`query.rs`): all of `cosmos.mint.v1beta1.Query`: inflation and annual provisions are 0. Keys: [`state`]. Genesis:
//! `cosmos.mint.v1beta1.GenesisState`; one with inflation is refused, so no chain of this program ever has any.
//!
//! Invariants: the parameters have no inflation; the module's account, which has no permission to mint, is empty.

mod error;
mod genesis;
mod keeper;
mod msg;
mod params;
mod query;
pub mod state;

pub use error::MintError;
pub use keeper::Mint;
pub use params::Params;

use openledger_core::{Address, Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::mint::v1beta1::{GenesisState, MsgUpdateParams};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name, and its account's.
pub const NAME: &str = "mint";

impl Module for Mint {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.mint.v1beta1.GenesisState"
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
        self.params(ctx)?.check()?;
        let held = self.bank.balances(ctx, &Address::module(NAME))?;
        if held.is_empty() {
            return Ok(());
        }
        Err(SdkError::Logic(format!("mint: the module holds {held}")).into())
    }
}
