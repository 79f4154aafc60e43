//! Rate limits: how much of a denomination may leave and come through a channel in a window of time, so that a broken or captured chain
//! on the other side cannot empty an escrow, nor flood this chain with vouchers, before anybody has looked.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `openledger.ratelimit.v1.MsgAddRateLimit` | a limit of a denomination on a channel | `msg/add.rs` |
//! | `openledger.ratelimit.v1.MsgUpdateRateLimit` | another quota; what was counted is forgotten | `msg/update.rs` |
//! | `openledger.ratelimit.v1.MsgRemoveRateLimit` | no limit any more | `msg/remove.rs` |
//! | `openledger.ratelimit.v1.MsgResetRateLimit` | what was counted is forgotten | `msg/reset.rs` |
//! | `openledger.ratelimit.v1.MsgAddWhitelistedPair`, `MsgRemoveWhitelistedPair` | whose transfers are not counted | `msg/pairs.rs` |
//!
//! All are the authority's. Queries (`query.rs`): RateLimits, RateLimitsByChannel, RateLimit, WhitelistedPairs, PendingPackets. Keys:
//! [`state`]. Genesis: `openledger.ratelimit.v1.GenesisState`.
//!
//! [`RateLimits`] stands between transfers and the channels and counts what leaves; [`Limited`] is a layer of the port's stack that
//! counts what comes. A packet that times out or is refused is taken back out of the window in which it was counted. Listed pairs do not
//! free a transfer that goes on to a further chain.
//!
//! What limits do not bound: refunds. As in Stride's module, what was sent and came to nothing goes back to its sender whatever the
//! quotas are, and counts in no later window. So a captured chain that keeps its answers back, window after window, and then refuses all
//! of it at once, lets an escrow be emptied of all that was sent meanwhile, though only towards those who sent it. To count refunds as
//! arrivals would lock honest ones up: one that is greater than the receive quota could never be paid.
//!
//! Invariants: what may be taken back of a window was counted in it; every quota is one that a message could set; no counting has a
//! number that is still to be given.
//!
//! Semantics: Stride's `x/ratelimit` (ibc-apps `modules/rate-limiting`), but for windows that begin when they are first asked for.

mod error;
mod genesis;
mod invariants;
mod keeper;
mod msg;
mod query;
pub mod state;

pub use error::RateLimitError;
pub use keeper::{Limited, RateLimits};

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::openledger::ratelimit::v1::*;
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

/// The module's name.
pub const NAME: &str = "ratelimit";

impl Module for RateLimits {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(state::STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgAddRateLimit, _>(NAME, self);
        router.msg::<MsgUpdateRateLimit, _>(NAME, self);
        router.msg::<MsgRemoveRateLimit, _>(NAME, self);
        router.msg::<MsgResetRateLimit, _>(NAME, self);
        router.msg::<MsgAddWhitelistedPair, _>(NAME, self);
        router.msg::<MsgRemoveWhitelistedPair, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "openledger.ratelimit.v1.GenesisState"
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
        invariants::check(self, ctx)
    }
}
