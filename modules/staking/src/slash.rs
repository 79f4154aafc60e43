//! Slashing: stake that stood behind an infraction is burnt, wherever it has gone since.
//!
//! Source: SDK v0.50 `x/staking/keeper/slash.go`. The amount is that of the power at the infraction's height. First what has left the
//! validator since then pays, each with its own part; what remains is taken from the validator, that is from all who stayed.

use cosmwasm_std::Uint256;
use openledger_auth::permissions::{BONDED_POOL, NOT_BONDED_POOL};
use openledger_core::{wire, Address, Context, Dec, Result};

use crate::delegation::{Entry, Redelegation, RedelegationEntry, UnbondingDelegation};
use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::record::least;
use crate::time::Time;
use crate::validator::{Validator, POWER_REDUCTION};

impl Staking {
    /// Slashes a validator for what it did at `infraction_height` with `power`; what was burnt of its own tokens. A validator that is
    /// not there any more has been slashed of everything, so that nothing is done.
    pub fn slash(
        &self,
        ctx: &mut Context,
        cons: &Address,
        infraction_height: u64,
        power: u64,
        fraction: Dec,
    ) -> Result<Uint256> {
        if fraction.is_negative() {
            let text = format!("attempted to slash with a negative slash factor: {fraction}");
            return Err(StakingError::BadSlash(text).into());
        }
        let stake = Uint256::from(power).checked_mul(Uint256::from(POWER_REDUCTION)).unwrap_or(Uint256::MAX);
        let amount = Dec::from_int(stake).mul(fraction)?.truncate_int()?;
        let Some(validator) = self.validator_by_cons(ctx, cons)? else { return Ok(Uint256::zero()) };
        if validator.is_unbonded() {
            let text = format!("should not be slashing unbonded validator: {}", validator.operator_text());
            return Err(StakingError::BadSlash(text).into());
        }
        let operator = validator.operator.clone();
        hooks::call_and_go_on(self.hooks, ctx, |hook, ctx| hook.before_validator_modified(ctx, &operator));
        let height = ctx.height();
        if infraction_height > height {
            let text = format!(
                "impossible attempt to slash future infraction at height {infraction_height} but we are at height {height}"
            );
            return Err(StakingError::BadSlash(text).into());
        }
        let mut rest = amount;
        // At this very height nothing can have left yet.
        if infraction_height < height {
            for unbonding in self.unbondings_from(ctx, &operator)? {
                rest = rest.saturating_sub(self.slash_unbonding(ctx, unbonding, infraction_height, fraction)?);
            }
            for redelegation in self.redelegations_from(ctx, &operator)? {
                let point = ctx.checkpoint();
                match self.slash_redelegation(ctx, &redelegation, infraction_height, fraction) {
                    Ok(part) => rest = rest.saturating_sub(part),
                    // An error here would stop the chain: then the validator pays this part too.
                    Err(_) => ctx.revert(point),
                }
            }
        }
        self.slash_validator(ctx, validator, rest)
    }

    fn slash_validator(&self, ctx: &mut Context, mut validator: Validator, amount: Uint256) -> Result<Uint256> {
        let burnt = least(amount, validator.tokens);
        if burnt.is_zero() {
            return Ok(burnt);
        }
        // Distribution counts with the fraction that was really taken, rounded up so that it never promises too much.
        let fraction = Dec::from_int(burnt).quo_round_up(Dec::from_int(validator.tokens))?.min(Dec::one());
        let operator = validator.operator.clone();
        hooks::call_and_go_on(self.hooks, ctx, |hook, ctx| hook.before_validator_slashed(ctx, &operator, fraction));
        self.change_tokens(ctx, &mut validator, |validator| validator.remove_tokens(burnt))?;
        let pool = if validator.is_bonded() { BONDED_POOL } else { NOT_BONDED_POOL };
        self.burn_from(ctx, pool, burnt)?;
        Ok(burnt)
    }

    /// Slashes what unbonds since the infraction; its part of the whole amount, of which less is burnt where less is left.
    fn slash_unbonding(
        &self,
        ctx: &mut Context,
        mut unbonding: UnbondingDelegation,
        infraction_height: u64,
        fraction: Dec,
    ) -> Result<Uint256> {
        let now = Time::now(ctx);
        let (mut total, mut burnt) = (Uint256::zero(), Uint256::zero());
        for entry in &mut unbonding.entries {
            if entry.creation_height < infraction_height || entry.is_complete(now) {
                continue;
            }
            let amount = fraction.mul_int(entry.initial_balance)?.truncate_int()?;
            total = wire::add(total, amount)?;
            let taken = least(amount, entry.balance);
            burnt = wire::add(burnt, taken)?;
            entry.balance = wire::sub(entry.balance, taken)?;
        }
        if !burnt.is_zero() {
            self.save_unbonding(ctx, &unbonding)?;
            self.burn_from(ctx, NOT_BONDED_POOL, burnt)?;
        }
        Ok(total)
    }

    /// Slashes what was redelegated since the infraction, where it is now; its part of the whole amount, as above.
    fn slash_redelegation(
        &self,
        ctx: &mut Context,
        redelegation: &Redelegation,
        infraction_height: u64,
        fraction: Dec,
    ) -> Result<Uint256> {
        let now = Time::now(ctx);
        let mut total = Uint256::zero();
        let (mut bonded, mut not_bonded) = (Uint256::zero(), Uint256::zero());
        for entry in &redelegation.entries {
            if entry.creation_height < infraction_height || entry.is_complete(now) {
                continue;
            }
            let amount = fraction.mul_int(entry.initial_balance)?.truncate_int()?;
            total = wire::add(total, amount)?;
            let (taken, rest) = self.take_from_unbonding(ctx, redelegation, infraction_height, amount)?;
            not_bonded = wire::add(not_bonded, taken)?;
            let (of_bonded, tokens) = self.take_redelegated(ctx, redelegation, entry, rest, fraction)?;
            let sum = if of_bonded { &mut bonded } else { &mut not_bonded };
            *sum = wire::add(*sum, tokens)?;
        }
        self.burn_from(ctx, BONDED_POOL, bonded)?;
        self.burn_from(ctx, NOT_BONDED_POOL, not_bonded)?;
        Ok(total)
    }

    /// Redelegated stake that was undelegated afterwards pays first. What was taken, and what of the amount remains.
    fn take_from_unbonding(
        &self,
        ctx: &mut Context,
        redelegation: &Redelegation,
        infraction_height: u64,
        mut amount: Uint256,
    ) -> Result<(Uint256, Uint256)> {
        let now = Time::now(ctx);
        let mut sum = Uint256::zero();
        let unbonding = self.unbonding(ctx, &redelegation.delegator, &redelegation.destination)?;
        let Some(mut unbonding) = unbonding else { return Ok((sum, amount)) };
        for entry in &mut unbonding.entries {
            let taken = least(amount, entry.balance);
            if taken.is_zero() || entry.creation_height < infraction_height || entry.is_complete(now) {
                continue;
            }
            amount = wire::sub(amount, taken)?;
            sum = wire::add(sum, taken)?;
            entry.balance = wire::sub(entry.balance, taken)?;
        }
        if !sum.is_zero() {
            self.save_unbonding(ctx, &unbonding)?;
        }
        Ok((sum, amount))
    }

    /// Takes the redelegated shares' part from their new validator; whether the tokens lie in the bonded pool, and how many.
    fn take_redelegated(
        &self,
        ctx: &mut Context,
        redelegation: &Redelegation,
        entry: &RedelegationEntry,
        rest: Uint256,
        fraction: Dec,
    ) -> Result<(bool, Uint256)> {
        let nothing = (false, Uint256::zero());
        let shares = fraction.mul(entry.shares_dst)?;
        if shares.is_zero() || rest.is_zero() {
            return Ok(nothing);
        }
        let Redelegation { delegator, destination, .. } = redelegation;
        let Some(delegation) = self.delegation(ctx, delegator, destination)? else { return Ok(nothing) };
        let bonded = self.validator(ctx, destination)?.is_some_and(|validator| validator.is_bonded());
        let tokens = self.unbond(ctx, delegator, destination, shares.min(delegation.shares))?;
        Ok((bonded, tokens))
    }

    /// Keeps a validator out of the set until it is let out.
    pub fn jail(&self, ctx: &mut Context, cons: &Address) -> Result<()> {
        let mut validator = self.validator_by_cons(ctx, cons)?.ok_or(StakingError::NoValidatorFound)?;
        self.jail_validator(ctx, &mut validator)
    }

    /// Lets a validator into the set again.
    pub fn unjail(&self, ctx: &mut Context, cons: &Address) -> Result<()> {
        let mut validator = self.validator_by_cons(ctx, cons)?.ok_or(StakingError::NoValidatorFound)?;
        if !validator.jailed {
            return Err(StakingError::NotJailed(validator.operator_text()).into());
        }
        validator.jailed = false;
        self.save_validator(ctx, &validator)?;
        self.index_by_power(ctx, &validator)
    }

    pub(crate) fn jail_validator(&self, ctx: &mut Context, validator: &mut Validator) -> Result<()> {
        if validator.jailed {
            return Err(StakingError::ValidatorJailed.into());
        }
        validator.jailed = true;
        self.save_validator(ctx, validator)?;
        self.remove_from_power_index(ctx, validator);
        Ok(())
    }
}
