//! Validators and delegations: shares, unbonding, the validator set.

mod commission;
mod delegate;
mod delegation;
mod description;
mod error;
mod hooks;
mod keeper;
mod params;
mod record;
mod slash;
pub mod state;
mod time;
mod validator;

pub use commission::Commission;
pub use delegate::Source;
pub use delegation::{Delegation, Redelegation, RedelegationEntry, UnbondingDelegation, UnbondingEntry};
pub use description::Description;
pub use error::StakingError;
pub use hooks::{Hooks, StakingHooks};
pub use keeper::Staking;
pub use params::Params;
pub use time::Time;
pub use validator::{key_to_any, BondStatus, Validator, POWER_REDUCTION};

/// The module's name.
pub const NAME: &str = "staking";
