//! What other modules do when validators and delegations change: the cycle of crates is broken here.
//!
//! Source: SDK v0.50 `x/staking/types/hooks.go`. Hooks are called in the order in which `app/src/runtime.rs` lists them; the first
//! error ends them.

use std::fmt::Debug;

use openledger_core::{Address, Context, Dec, Result};

/// The modules that are told, in order.
pub type Hooks = &'static [&'static dyn StakingHooks];

/// What a module does about staking's events; by default nothing. `operator` is a validator's operator address, `cons` its consensus
/// address.
#[allow(unused_variables, reason = "the names are the documentation of what is passed")]
pub trait StakingHooks: Send + Sync + Debug {
    /// A validator was made; its self-delegation follows.
    fn after_validator_created(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A validator's commission changes, or it is about to be slashed.
    fn before_validator_modified(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A validator without delegations is gone.
    fn after_validator_removed(&self, ctx: &mut Context, cons: &Address, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A validator entered the set.
    fn after_validator_bonded(&self, ctx: &mut Context, cons: &Address, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A validator left the set.
    fn after_validator_begin_unbonding(&self, ctx: &mut Context, cons: &Address, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A delegation comes into being.
    fn before_delegation_created(&self, ctx: &mut Context, delegator: &Address, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A delegation's shares change.
    fn before_delegation_shares_modified(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
    ) -> Result<()> {
        Ok(())
    }
    /// A delegation has no shares left and goes.
    fn before_delegation_removed(&self, ctx: &mut Context, delegator: &Address, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A delegation was made, or its shares changed.
    fn after_delegation_modified(&self, ctx: &mut Context, delegator: &Address, operator: &Address) -> Result<()> {
        Ok(())
    }
    /// A validator loses this fraction of its tokens.
    fn before_validator_slashed(&self, ctx: &mut Context, operator: &Address, fraction: Dec) -> Result<()> {
        Ok(())
    }
    /// An undelegation, redelegation or a validator's unbonding began, under this number.
    fn after_unbonding_initiated(&self, ctx: &mut Context, id: u64) -> Result<()> {
        Ok(())
    }
}

/// Calls one hook of each module, in order.
pub(crate) fn call(
    hooks: Hooks,
    ctx: &mut Context,
    hook: impl Fn(&dyn StakingHooks, &mut Context) -> Result<()>,
) -> Result<()> {
    hooks.iter().try_for_each(|module| hook(*module, ctx))
}

/// Calls one hook of each module where the SDK goes on whatever they answer; what a failing one did is undone.
pub(crate) fn call_and_go_on(
    hooks: Hooks,
    ctx: &mut Context,
    hook: impl Fn(&dyn StakingHooks, &mut Context) -> Result<()>,
) {
    let point = ctx.checkpoint();
    if call(hooks, ctx, hook).is_err() {
        ctx.revert(point);
    }
}
