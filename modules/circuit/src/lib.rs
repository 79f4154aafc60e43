//! The circuit breaker: types of message that are switched off, at once and without a new version, when one of them is found to be
//! broken.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.circuit.v1.MsgAuthorizeCircuitBreaker` | the authority or a super admin says who may switch what | `msg/authorize.rs` |
//! | `cosmos.circuit.v1.MsgTripCircuitBreaker` | types of message are switched off | `msg/trip.rs` |
//! | `cosmos.circuit.v1.MsgResetCircuitBreaker` | and on again | `msg/reset.rs` |
//!
//! A type that is off is refused everywhere: [`Circuit::register`] puts a gate before the router, through which the ante handler, the
//! execution of a transaction, of a proposal and of a grant all pass. `MsgResetCircuitBreaker` cannot be switched off, so that what is
//! off can always be switched on again. Queries (`query.rs`): all of `cosmos.circuit.v1.Query`. Keys: [`state`].
//!
//! Invariants: every level of permission is one of the four; `MsgResetCircuitBreaker` is not off.
//!
//! Semantics: SDK v0.50 `cosmossdk.io/x/circuit` v0.1.1.

mod error;
mod events;
mod genesis;
mod keeper;
mod msg;
mod query;
pub mod state;

pub use error::CircuitError;
pub use keeper::{Circuit, RESET};
pub use state::{Level, Permissions};

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::cosmos::circuit::v1::{
    GenesisState, MsgAuthorizeCircuitBreaker, MsgResetCircuitBreaker, MsgTripCircuitBreaker,
};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "circuit";

impl Module for Circuit {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgAuthorizeCircuitBreaker, _>(NAME, self);
        router.msg::<MsgTripCircuitBreaker, _>(NAME, self);
        router.msg::<MsgResetCircuitBreaker, _>(NAME, self);
        query::register(router);
        let circuit = *self;
        router.gate(move |ctx, type_url| circuit.check_allowed(ctx, type_url));
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.circuit.v1.GenesisState"
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
        state::check(ctx)
    }
}
