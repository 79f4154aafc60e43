//! What staking tells of: rewards are settled before a stake changes and counted anew after.
//!
//! Source: SDK v0.50 `x/distribution/keeper/hooks.go`.

use openledger_core::{Address, Context, Dec, Result};
use openledger_staking::StakingHooks;

use crate::keeper::Distribution;

impl StakingHooks for Distribution {
    fn after_validator_created(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        self.initialise_validator(ctx, operator)
    }

    fn after_validator_removed(&self, ctx: &mut Context, _cons: &Address, operator: &Address) -> Result<()> {
        self.settle_removed(ctx, operator)?;
        self.forget_periods(ctx, operator)
    }

    fn before_delegation_created(&self, ctx: &mut Context, _delegator: &Address, operator: &Address) -> Result<()> {
        let validator = self.validator(ctx, operator)?;
        self.end_period(ctx, &validator).map(|_| ())
    }

    fn before_delegation_shares_modified(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
    ) -> Result<()> {
        let validator = self.validator(ctx, operator)?;
        let delegation = self.delegation(ctx, delegator, operator)?;
        self.withdraw_rewards(ctx, &validator, &delegation).map(|_| ())
    }

    fn after_delegation_modified(&self, ctx: &mut Context, delegator: &Address, operator: &Address) -> Result<()> {
        self.initialise_delegation(ctx, delegator, operator)
    }

    fn before_validator_slashed(&self, ctx: &mut Context, operator: &Address, fraction: Dec) -> Result<()> {
        self.record_slash(ctx, operator, fraction)
    }
}
