//! Validators and delegations: shares, unbonding, the validator set.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.staking.v1beta1.MsgCreateValidator` | an account becomes a validator's operator | `msg/create_validator.rs` |
//! | `cosmos.staking.v1beta1.MsgEditValidator` | an operator changes texts, commission, least self-delegation | `msg/edit_validator.rs` |
//! | `cosmos.staking.v1beta1.MsgDelegate` | an account delegates | `msg/delegate.rs` |
//! | `cosmos.staking.v1beta1.MsgUndelegate` | a delegator takes tokens back, paid after the unbonding time | `msg/undelegate.rs` |
//! | `cosmos.staking.v1beta1.MsgBeginRedelegate` | a delegator moves tokens to another validator | `msg/begin_redelegate.rs` |
//! | `cosmos.staking.v1beta1.MsgCancelUnbondingDelegation` | a delegator gives back what is unbonding | `msg/cancel_unbonding.rs` |
//! | `cosmos.staking.v1beta1.MsgUpdateParams` | the authority changes the parameters | `msg/update_params.rs` |
//!
//! Queries: all of `cosmos.staking.v1beta1.Query` (`query.rs`, `query_delegations.rs`). Keys: [`state`]. Genesis:
//! `cosmos.staking.v1beta1.GenesisState`. Other modules: [`Staking`] and [`StakingHooks`].
//!
//! | file | what |
//! | --- | --- |
//! | `validator.rs`, `commission.rs`, `description.rs`, `delegation.rs` | what there is, and its arithmetic |
//! | `keeper.rs`, `record.rs` | reading, and writing with all indices |
//! | `delegate.rs`, `unbond.rs` | shares come and go |
//! | `slash.rs` | slashing and jailing |
//! | `set.rs` | the validator set |
//! | `hold.rs` | unbondings on hold |
//! | `history.rs`, `block.rs` | begin and end block |
//!
//! Invariants (`invariants.rs`): the pools hold what validators and unbondings say; the index by power has whoever is not jailed, under
//! its power; delegations are positive; a validator's shares are those of its delegations; CometBFT knows those that are bonded.
//!
//! Semantics: SDK v0.50 `x/staking`, to the last unit of each rounding.

mod block;
mod commission;
mod delegate;
mod delegation;
mod description;
mod error;
mod genesis;
mod history;
mod hold;
mod hooks;
mod invariants;
mod keeper;
mod msg;
mod params;
mod query;
mod query_delegations;
mod record;
mod restart;
mod set;
mod slash;
pub mod state;
mod time;
mod unbond;
mod validator;

pub use commission::Commission;
pub use delegate::Source;
pub use delegation::{Delegation, Redelegation, RedelegationEntry, UnbondingDelegation, UnbondingEntry};
pub use description::{Description, DO_NOT_MODIFY};
pub use error::StakingError;
pub use hooks::{Hooks, StakingHooks};
pub use keeper::Staking;
pub use params::Params;
pub use time::Time;
pub use validator::{key_to_any, BondStatus, Validator, POWER_REDUCTION};

use openledger_core::{Context, Module, Result, Router, ValidatorUpdate};
use openledger_proto::cosmos::staking::v1beta1::{
    MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgCreateValidator, MsgDelegate, MsgEditValidator, MsgUndelegate,
    MsgUpdateParams,
};
use openledger_proto::Message;
use openledger_store::StoreName;

/// The module's name.
pub const NAME: &str = "staking";

impl Module for Staking {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(state::STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgCreateValidator, _>(NAME, self);
        router.msg::<MsgEditValidator, _>(NAME, self);
        router.msg::<MsgDelegate, _>(NAME, self);
        router.msg::<MsgUndelegate, _>(NAME, self);
        router.msg::<MsgBeginRedelegate, _>(NAME, self);
        router.msg::<MsgCancelUnbondingDelegation, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        query::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.staking.v1beta1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
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
        self.begin(ctx)
    }

    fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        self.end(ctx)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        invariants::check(self, ctx)
    }
}
