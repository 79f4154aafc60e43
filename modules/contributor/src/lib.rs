//! People: a handle and a profile for an account, the permanent history of who did what, the reputation that follows from it, and
//! statements of who was paid.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `MsgSetProfile` | replaces the sender's profile | `msg/set_profile.rs` |
//! | `MsgCommitHandle` | promises to claim a handle, without saying which | `msg/commit_handle.rs` |
//! | `MsgClaimHandle` | reveals it, takes the handle, burns its rent | `msg/claim_handle.rs` |
//! | `MsgRenewHandle` | pays the handle held for more years | `msg/renew_handle.rs` |
//! | `MsgReleaseHandle` | gives the handle held up | `msg/release_handle.rs` |
//! | `MsgClaimProof` | says by which domain or repository the handle is proven | `msg/claim_proof.rs` |
//! | `MsgWithdrawProof` | takes that back | `msg/withdraw_proof.rs` |
//! | `MsgUpdateParams` | the authority replaces the parameters | `msg/update_params.rs` |
//!
//! Queries (`query.rs`, `query/`): Params, Profile, ProfileByHandle, HandleCommit, HandleProofs; History (of an account), HistoryByObject,
//! HistoryByDatanet, each by role, kind, outcome and time; Reputation, Reputations; Statement, Statements. Keys: [`state`].
//!
//! | other modules tell | with | file |
//! | --- | --- | --- |
//! | what somebody did, and what came of it; nothing ever changes or removes an entry | [`Contributors::record_in`] | `keeper.rs` |
//! | what usage burnt | [`Contributors::credit_usage`] | `reputation.rs` |
//! | what somebody was paid | [`Contributors::record_income`] | `statement.rs` |
//!
//! Outcomes are worth points ([`points()`], `points.rs`), points fade (`decay.rs`), and [`Contributors::reputation`] is what is left.
//!
//! Handles are rented (`rent.rs`) and may be tied to a domain or a repository (`proof.rs`).
//!
//! Invariants: the module holds no money; whoever holds a handle is found by it and finds it, and holds one; each account's entries are numbered from 0 without gaps; every
//! entry stands in both indices and nothing else does; so does every reputation in its index, each of a known role; every line of a
//! statement is of a known kind, of a positive amount, and its times are of its year and in order.

mod calendar;
mod decay;
mod error;
pub mod events;
mod genesis;
mod handle;
mod invariants;
mod keeper;
mod msg;
mod params;
mod points;
mod proof;
mod query;
mod rent;
mod reputation;
pub mod state;
mod statement;

pub use calendar::year_of;
pub use decay::{Clock, Moment, Sums};
pub use error::ContributorError;
pub use handle::Handle;
pub use keeper::Contributors;
pub use openledger_proto::openledger::contributor::v1::{IncomeKind, ObjectKind, Outcome, Role};
pub use params::Params;
pub use points::points;
pub use proof::{text as proof_text, Place};
pub use rent::YEAR_SECONDS;
pub use reputation::WHOLE_CHAIN;
pub use statement::Line;

use openledger_core::{Context, Module, Result, Router};
use openledger_proto::openledger::contributor::v1::{
    GenesisState, MsgClaimHandle, MsgClaimProof, MsgCommitHandle, MsgReleaseHandle, MsgRenewHandle, MsgSetProfile,
    MsgUpdateParams, MsgWithdrawProof,
};
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
        router.msg::<MsgCommitHandle, _>(NAME, self);
        router.msg::<MsgClaimHandle, _>(NAME, self);
        router.msg::<MsgRenewHandle, _>(NAME, self);
        router.msg::<MsgReleaseHandle, _>(NAME, self);
        router.msg::<MsgClaimProof, _>(NAME, self);
        router.msg::<MsgWithdrawProof, _>(NAME, self);
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
        invariants::check(self, ctx)
    }
}
