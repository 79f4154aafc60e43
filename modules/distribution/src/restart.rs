//! A chain that goes on in another one from height zero: everybody is paid, and rewards begin to be counted anew.
//!
//! Source: SDK v0.50 simapp, `export.go`, `prepForZeroHeightGenesis`.

use openledger_core::{Context, Result};

use crate::keeper::Distribution;
use crate::state::{HISTORICAL, SLASHES, STORE};

impl Distribution {
    /// Pays every commission and every delegation's rewards, at the height at which they are owed. [`Distribution::begin_anew`] is to
    /// follow: delegations have no start until then.
    pub fn pay_everybody(&self, ctx: &mut Context) -> Result<()> {
        for validator in self.staking.validators(ctx)? {
            if !self.commission(ctx, &validator.operator)?.is_empty() {
                self.withdraw_commission(ctx, &validator.operator)?;
            }
            for delegation in self.staking.delegations_to(ctx, &validator.operator)? {
                self.withdraw_rewards(ctx, &validator, &delegation)?;
            }
        }
        Ok(())
    }

    /// Forgets periods and slashes, gives what nobody was paid (less than a unit each) to the community, and begins each validator's
    /// periods and each delegation's rewards at the height of `ctx`.
    pub fn begin_anew(&self, ctx: &mut Context) -> Result<()> {
        SLASHES.clear(&mut ctx.kv_mut(STORE));
        HISTORICAL.clear(&mut ctx.kv_mut(STORE));
        let validators = self.staking.validators(ctx)?;
        for validator in &validators {
            let scraps = self.outstanding(ctx, &validator.operator)?;
            self.add_to_pool(ctx, &scraps)?;
            self.initialise_validator(ctx, &validator.operator)?;
        }
        for validator in &validators {
            for delegation in self.staking.delegations_to(ctx, &validator.operator)? {
                self.end_period(ctx, validator)?;
                self.initialise_delegation(ctx, &delegation.delegator, &delegation.operator)?;
            }
        }
        Ok(())
    }
}
