//! Transfers that are passed on: what arrives with a memo that names a further chain is sent there at once, and answered when that
//! chain has answered.
//!
//! It has no messages: packets drive it, as a layer of the stack behind the port `transfer` ([`Forwards`]). Queries (`query.rs`):
//! Forwards, Forward. Keys: [`state`]. Genesis: `openledger.forward.v1.GenesisState`. What memos say: [`memo`].
//!
//! Invariant: every forward's packet is on its way. What the escrow of the channel that it left through has says nothing: whoever receives
//! the tokens there may send them home before the answer is brought here.
//!
//! Semantics: ibc-apps `packet-forward-middleware` v8, but for two things. A retry that cannot be sent gives up, instead of failing the
//! timeout for ever. Refunds go through the same functions as all others, so that one place says where money is. The crate
//! `ibc-middleware-packet-forward` was not taken: it wraps an application of ibc-rs's router and asks each step of a context of its own
//! kind, while here applications are ICS-26's callbacks over a [`Context`]; what would be shared is the reading of a memo and three cases.

mod error;
mod genesis;
mod keeper;
pub mod memo;
mod query;
pub mod state;

pub use error::ForwardError;
pub use keeper::{intermediate, Forwards};

use cosmwasm_std::Order;
use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::openledger::forward::v1::GenesisState;
use openledger_proto::{Message, Name};
use openledger_store::StoreName;
use openledger_transfer::PORT;

use crate::state::{FORWARDS, STORE};

/// The module's name.
pub const NAME: &str = "forward";

impl Module for Forwards {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        query::register(router);
    }

    fn genesis_type(&self) -> &'static str {
        "openledger.forward.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        GenesisState::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(ctx)?.encode_to_vec())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        for entry in FORWARDS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
            let ((channel, sequence), _) = entry?;
            if !self.transfer.channels.is_in_flight(ctx, PORT, &channel, sequence)? {
                let text = format!("forward: packet {sequence} on {channel} is not on its way");
                return Err(SdkError::Logic(text).into());
            }
        }
        Ok(())
    }
}
