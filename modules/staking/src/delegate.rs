//! Delegating, and taking shares back.
//!
//! Source of the order of steps and hooks: SDK v0.50 `x/staking/keeper/delegation.go` (`Delegate`, `Unbond`, `ValidateUnbondAmount`).

use cosmwasm_std::Uint256;
use openledger_auth::permissions::{BONDED_POOL, NOT_BONDED_POOL};
use openledger_core::{Address, Coin, Coins, Context, Dec, Result, SdkError};

use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::record::no_delegation;
use crate::validator::{BondStatus, Validator};

/// Where the tokens of a delegation come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The delegator's account.
    Account,
    /// A pool: the bonded one where the status is `Bonded`, else the other.
    Pool(BondStatus),
}

impl Staking {
    /// Delegates to a validator as it is in state; the shares that the tokens bought.
    pub fn delegate(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        tokens: Uint256,
        source: Source,
        operator: &Address,
    ) -> Result<Dec> {
        let mut validator = self.validator(ctx, operator)?.ok_or(StakingError::NoValidatorFound)?;
        if validator.has_invalid_rate() {
            return Err(StakingError::DelegatorShareExRateInvalid.into());
        }
        let mut delegation = match self.delegation(ctx, delegator, operator)? {
            Some(delegation) => {
                hooks::call(self.hooks, ctx, |hook, ctx| {
                    hook.before_delegation_shares_modified(ctx, delegator, operator)
                })?;
                delegation
            }
            None => {
                hooks::call(self.hooks, ctx, |hook, ctx| hook.before_delegation_created(ctx, delegator, operator))?;
                no_delegation(delegator, operator)
            }
        };
        self.take_tokens(ctx, delegator, tokens, source, &validator)?;
        let shares = self.change_tokens(ctx, &mut validator, |validator| validator.add_tokens(tokens))?;
        // After slashes and roundings a share may be worth more than what is delegated.
        if shares.is_zero() {
            return Err(StakingError::InsufficientShares.into());
        }
        delegation.shares = delegation.shares.add(shares)?;
        self.save_delegation(ctx, &delegation)?;
        hooks::call(self.hooks, ctx, |hook, ctx| hook.after_delegation_modified(ctx, delegator, operator))?;
        Ok(shares)
    }

    /// Brings a delegation's tokens to the pool in which its validator's lie.
    fn take_tokens(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        tokens: Uint256,
        source: Source,
        validator: &Validator,
    ) -> Result<()> {
        match source {
            Source::Account => {
                let pool = if validator.is_bonded() { BONDED_POOL } else { NOT_BONDED_POOL };
                let coins = self.coins(ctx, tokens)?;
                self.bank.delegate(ctx, delegator, pool, &coins)
            }
            Source::Pool(status) => match (status == BondStatus::Bonded, validator.is_bonded()) {
                (true, false) => self.bonded_to_not_bonded(ctx, tokens),
                (false, true) => self.not_bonded_to_bonded(ctx, tokens),
                (true, true) | (false, false) => Ok(()),
            },
        }
    }

    /// Takes shares from a delegation and its validator; the tokens that they were worth, which still lie in the pool of a validator
    /// of the status that it had before. An operator that goes below its least self-delegation has its validator jailed.
    pub(crate) fn unbond(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
        shares: Dec,
    ) -> Result<Uint256> {
        let delegation = self.delegation(ctx, delegator, operator)?;
        let mut delegation = delegation.ok_or(StakingError::NoDelegatorForAddress)?;
        hooks::call(self.hooks, ctx, |hook, ctx| hook.before_delegation_shares_modified(ctx, delegator, operator))?;
        if delegation.shares < shares {
            return Err(StakingError::NotEnoughDelegationShares(delegation.shares.to_string()).into());
        }
        let mut validator = self.validator(ctx, operator)?.ok_or(StakingError::NoValidatorFound)?;
        delegation.shares = delegation.shares.sub(shares)?;
        if delegator == operator && !validator.jailed {
            let left = validator.tokens_from_shares(delegation.shares)?.truncate_int()?;
            if left < validator.min_self_delegation {
                self.jail_validator(ctx, &mut validator)?;
            }
        }
        if delegation.shares.is_zero() {
            self.remove_delegation(ctx, &delegation)?;
        } else {
            self.save_delegation(ctx, &delegation)?;
            hooks::call(self.hooks, ctx, |hook, ctx| hook.after_delegation_modified(ctx, delegator, operator))?;
        }
        let tokens = self.change_tokens(ctx, &mut validator, |validator| validator.remove_shares(shares))?;
        // One that is not unbonded yet is removed when it is.
        if validator.delegator_shares.is_zero() && validator.is_unbonded() {
            self.remove_validator(ctx, operator)?;
        }
        Ok(tokens)
    }

    /// The shares that an amount of tokens is worth, at most those that the delegation has: by rounding it could be a little more,
    /// and who takes all shall get all.
    pub(crate) fn shares_to_unbond(
        &self,
        ctx: &Context,
        delegator: &Address,
        operator: &Address,
        amount: Uint256,
    ) -> Result<Dec> {
        let validator = self.validator(ctx, operator)?.ok_or(StakingError::NoValidatorFound)?;
        let delegation = self.delegation(ctx, delegator, operator)?.ok_or(StakingError::NoDelegation)?;
        let shares = validator.shares_from_tokens(amount)?;
        if validator.shares_from_tokens_truncated(amount)? > delegation.shares {
            return Err(SdkError::InvalidRequest("invalid shares amount".into()).into());
        }
        Ok(shares.min(delegation.shares))
    }
}

/// The pools.
impl Staking {
    pub(crate) fn bonded_to_not_bonded(&self, ctx: &mut Context, tokens: Uint256) -> Result<()> {
        let coins = self.coins(ctx, tokens)?;
        self.bank.send_between_modules(ctx, BONDED_POOL, NOT_BONDED_POOL, &coins)
    }

    pub(crate) fn not_bonded_to_bonded(&self, ctx: &mut Context, tokens: Uint256) -> Result<()> {
        let coins = self.coins(ctx, tokens)?;
        self.bank.send_between_modules(ctx, NOT_BONDED_POOL, BONDED_POOL, &coins)
    }

    pub(crate) fn burn_from(&self, ctx: &mut Context, pool: &str, tokens: Uint256) -> Result<()> {
        if tokens.is_zero() {
            return Ok(());
        }
        let coins = self.coins(ctx, tokens)?;
        self.bank.burn(ctx, pool, &coins)
    }

    pub(crate) fn coins(&self, ctx: &Context, amount: Uint256) -> Result<Coins> {
        Ok(Coins::from(Coin { denom: self.bond_denom(ctx)?, amount }))
    }
}
