//! What staking tells of validators: each has its key here while staking has it, and a signing info from its first bonding on.
//!
//! Source: SDK v0.50 `x/slashing/keeper/hooks.go`.

use openledger_core::{Address, Context, Result, SdkError};
use openledger_staking::StakingHooks;

use crate::error::SlashingError;
use crate::keeper::Slashing;
use crate::state::SigningInfo;

impl StakingHooks for Slashing {
    fn after_validator_created(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        let missing = || SdkError::Logic(format!("the new validator of {operator} is not in staking"));
        let validator = self.staking.validator(ctx, operator)?.ok_or_else(missing)?;
        let cons = validator.consensus_address();
        // Barred for ever, also as the key of a new validator: its evidence is not looked at any more.
        if self.signing_info(ctx, &cons)?.is_some_and(|info| info.tombstoned) {
            return Err(SlashingError::Tombstoned.into());
        }
        self.set_pubkey(ctx, &cons, &validator.consensus_key)
    }

    fn after_validator_removed(&self, ctx: &mut Context, cons: &Address, _operator: &Address) -> Result<()> {
        self.remove_pubkey(ctx, cons);
        Ok(())
    }

    /// The window goes on where it was; only the time for which it is not judged begins again.
    fn after_validator_bonded(&self, ctx: &mut Context, cons: &Address, _operator: &Address) -> Result<()> {
        let known = self.signing_info(ctx, cons)?.unwrap_or_default();
        let info = SigningInfo { start_height: ctx.height(), ..known };
        self.set_signing_info(ctx, cons, &info)
    }
}
