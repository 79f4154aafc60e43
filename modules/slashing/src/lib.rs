//! Liveness: who of the validators signs blocks, and what happens to one that is away for too long or signs two blocks of one height.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.slashing.v1beta1.MsgUnjail` | an operator lets its validator take part again | `msg/unjail.rs` |
//! | `cosmos.slashing.v1beta1.MsgUpdateParams` | the authority replaces the parameters | `msg/update_params.rs` |
//!
//! Queries (`query.rs`): all of `cosmos.slashing.v1beta1.Query`. Keys: [`state`]. Genesis: `cosmos.slashing.v1beta1.GenesisState`. Before
//! each block (`block.rs`) every vote of the block before is written into its validator's window of signed blocks; who has missed too
//! many of the window is slashed and jailed. `hooks.rs` hears from staking who was bonded, made and removed; evidence uses the keeper's
//! [`Slashing::slash`], [`Slashing::jail`], [`Slashing::jail_until`] and [`Slashing::tombstone`].
//!
//! Invariants: no validator's window has more bits set than its counter of missed blocks says; a bit stands under an address that has
//! a signing info.
//!
//! Semantics: SDK v0.50 `x/slashing`. One difference: a vote of a validator that staking does not know is skipped, where the SDK stops
//! the chain; so a chain whose genesis lists validators for CometBFT alone runs.

mod block;
mod error;
mod events;
mod genesis;
mod hooks;
mod keeper;
mod msg;
mod params;
mod query;
mod restart;
pub mod state;
mod window;

pub use error::SlashingError;
pub use events::Reason;
pub use keeper::Slashing;
pub use params::Params;
pub use state::SigningInfo;
pub use window::CHUNK_BITS;

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Module, Result, Router, SdkError};
use openledger_proto::cosmos::slashing::v1beta1::{GenesisState, MsgUnjail, MsgUpdateParams};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::{MISSED, SIGNING_INFOS, STORE};

/// The module's name.
pub const NAME: &str = "slashing";

impl Module for Slashing {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgUnjail, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.slashing.v1beta1.GenesisState"
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

    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        block::begin(self, ctx)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        let kv = ctx.kv(STORE);
        for entry in MISSED.keys(&*kv, None, None, Order::Ascending) {
            let (validator, _) = entry?;
            if !SIGNING_INFOS.has(&*kv, &validator) {
                let text = format!("slashing: a window of {validator:?} stands without its signing info");
                return Err(SdkError::Logic(text).into());
            }
        }
        for entry in SIGNING_INFOS.range(&*kv, None, None, Order::Ascending) {
            let (validator, info) = entry?;
            let missed = window::missed(ctx, &Address::new(validator)?)?.len();
            if u64::try_from(missed).unwrap_or(u64::MAX) > info.missed_blocks {
                let text =
                    format!("slashing: {missed} blocks are marked as missed, {} are counted", info.missed_blocks);
                return Err(SdkError::Logic(text).into());
            }
        }
        Ok(())
    }
}
