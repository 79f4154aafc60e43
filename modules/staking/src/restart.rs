//! A chain that goes on in another one from height zero: what counts from heights counts from zero, and the set is made again.
//!
//! Source: SDK v0.50 simapp, `export.go`, `prepForZeroHeightGenesis`. There a validator that is sent to jail stays in the index by power,
//! so that making the set panics; here it is taken out.

use std::collections::BTreeSet;

use openledger_core::{Address, Context, Result, SdkError, ValidatorUpdate};

use crate::genesis::{all_redelegations, all_unbondings};
use crate::keeper::Staking;

impl Staking {
    /// Brings all heights to zero and sends every validator to jail that `allowed` does not name (`None`: nobody is sent); what changes
    /// in the set. `ctx` is at height zero.
    pub fn restart(&self, ctx: &mut Context, allowed: Option<&BTreeSet<Address>>) -> Result<Vec<ValidatorUpdate>> {
        for mut redelegation in all_redelegations(ctx)? {
            redelegation.entries.iter_mut().for_each(|entry| entry.creation_height = 0);
            self.save_redelegation(ctx, &redelegation)?;
        }
        for mut unbonding in all_unbondings(ctx)? {
            unbonding.entries.iter_mut().for_each(|entry| entry.creation_height = 0);
            self.save_unbonding(ctx, &unbonding)?;
        }
        for mut validator in self.validators(ctx)? {
            // Its place in the queue has the height in it.
            let queued = validator.is_unbonding();
            if queued {
                self.remove_from_validator_queue(ctx, &validator);
            }
            validator.unbonding_height = 0;
            self.save_validator(ctx, &validator)?;
            if queued {
                self.queue_validator(ctx, &validator)?;
            }
            if !validator.jailed && allowed.is_some_and(|allowed| !allowed.contains(&validator.operator)) {
                self.jail_validator(ctx, &mut validator)?;
            }
        }
        let updates = self.update_set(ctx)?;
        if allowed.is_some() && self.last_validators(ctx)?.iter().any(|validator| validator.jailed) {
            let text =
                "of the validators that may go on, none is out of jail and has power: CometBFT would have nobody";
            return Err(SdkError::InvalidRequest(text.into()).into());
        }
        Ok(updates)
    }
}
