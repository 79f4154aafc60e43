//! Reading validators and delegations.
//!
//! Relies on [`Bank`] for what the pools hold. Writing is in `record.rs`; what changes together is written together there.

use std::cmp::Reverse;
use std::time::Duration;

use cosmwasm_std::{Order, Uint256};
use openledger_auth::permissions::{BONDED_POOL, NOT_BONDED_POOL};
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_consensus::Consensus;
use openledger_core::{Address, Context, Dec, Result, SdkError, ValidatorUpdate};

use crate::delegation::{Delegation, Redelegation, UnbondingDelegation};
use crate::hooks::Hooks;
use crate::params::Params;
use crate::state::*;
use crate::validator::Validator;

/// The keeper of validators and delegations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Staking {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
    /// Consensus parameters, which say what keys validators may have.
    pub consensus: Consensus,
    /// Who is told of changes.
    pub hooks: Hooks,
}

/// Parameters and sums.
impl Staking {
    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<Params> {
        Ok(PARAMS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// The denomination that is staked.
    pub fn bond_denom(&self, ctx: &Context) -> Result<String> {
        Ok(self.params(ctx)?.bond_denom)
    }

    /// How long stake that leaves may still be slashed.
    pub fn unbonding_time(&self, ctx: &Context) -> Result<Duration> {
        Ok(self.params(ctx)?.unbonding_time)
    }

    /// What bonded validators have: the bonded pool's balance.
    pub fn total_bonded(&self, ctx: &Context) -> Result<Uint256> {
        self.bank.balance(ctx, &Address::module(BONDED_POOL), &self.bond_denom(ctx)?)
    }

    /// What is unbonding or lies with validators that are not bonded: the other pool's balance.
    pub fn total_not_bonded(&self, ctx: &Context) -> Result<Uint256> {
        self.bank.balance(ctx, &Address::module(NOT_BONDED_POOL), &self.bond_denom(ctx)?)
    }

    /// How much there is of the denomination that is staked.
    pub fn staking_token_supply(&self, ctx: &Context) -> Result<Uint256> {
        self.bank.supply(ctx, &self.bond_denom(ctx)?)
    }

    /// The bonded part of the supply; 0 where there is none.
    pub fn bonded_ratio(&self, ctx: &Context) -> Result<Dec> {
        let supply = self.staking_token_supply(ctx)?;
        if supply.is_zero() {
            return Ok(Dec::ZERO);
        }
        Ok(Dec::from_int(self.total_bonded(ctx)?).quo_int(supply)?)
    }
}

/// Validators.
impl Staking {
    /// The validator of an operator.
    pub fn validator(&self, ctx: &Context, operator: &Address) -> Result<Option<Validator>> {
        Ok(VALIDATORS.may_load(&*ctx.kv(STORE), operator.as_bytes())?)
    }

    /// The validator with a consensus address.
    pub fn validator_by_cons(&self, ctx: &Context, cons: &Address) -> Result<Option<Validator>> {
        match self.operator_by_cons(ctx, cons)? {
            Some(operator) => self.validator(ctx, &operator),
            None => Ok(None),
        }
    }

    /// The operator of the validator with a consensus address.
    pub fn operator_by_cons(&self, ctx: &Context, cons: &Address) -> Result<Option<Address>> {
        let operator = BY_CONS.may_load(&*ctx.kv(STORE), cons.as_bytes())?;
        Ok(operator.map(|operator| Address::new(operator.as_slice())).transpose()?)
    }

    /// All validators, in order of their operators.
    pub fn validators(&self, ctx: &Context) -> Result<Vec<Validator>> {
        let kv = ctx.kv(STORE);
        let all = VALIDATORS.range(&*kv, None, None, Order::Ascending).map(|entry| Ok(entry?.1));
        all.collect()
    }

    /// The bonded validators that are not jailed, the highest power first; at most as many as the set may have. They are found among those
    /// that CometBFT knows, so that the many that stand by without being bonded cost nothing.
    pub fn bonded_by_power(&self, ctx: &Context) -> Result<Vec<Validator>> {
        let most = usize::try_from(self.params(ctx)?.max_validators).unwrap_or(usize::MAX);
        let mut bonded = self.last_validators(ctx)?;
        bonded.retain(|validator| validator.is_bonded() && !validator.jailed);
        bonded.sort_by_cached_key(|validator| Reverse(power_key(validator)));
        bonded.truncate(most);
        Ok(bonded)
    }

    /// Operators and powers of the set as CometBFT knows it, in order of the operators.
    pub fn last_validator_powers(&self, ctx: &Context) -> Result<Vec<(Address, u64)>> {
        let kv = ctx.kv(STORE);
        let powers = LAST_POWERS.range(&*kv, None, None, Order::Ascending).map(|entry| {
            let (operator, power) = entry?;
            Ok((Address::new(operator)?, power))
        });
        powers.collect()
    }

    /// The validators of the set as CometBFT knows it, in order of their operators.
    pub fn last_validators(&self, ctx: &Context) -> Result<Vec<Validator>> {
        let powers = self.last_validator_powers(ctx)?;
        powers.into_iter().map(|(operator, _)| self.existing(ctx, &operator)).collect()
    }

    /// The set as CometBFT knows it, as updates of an empty one; for InitChain.
    pub fn set_as_updates(&self, ctx: &Context) -> Result<Vec<ValidatorUpdate>> {
        let update = |(operator, power)| {
            let key = self.existing(ctx, &operator)?.consensus_key;
            Ok(ValidatorUpdate { key, power })
        };
        self.last_validator_powers(ctx)?.into_iter().map(update).collect()
    }

    /// The sum of the powers of the set as CometBFT knows it.
    pub fn last_total_power(&self, ctx: &Context) -> Result<u64> {
        Ok(LAST_TOTAL_POWER.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// A validator that an index names, so that it must be there.
    pub(crate) fn existing(&self, ctx: &Context, operator: &Address) -> Result<Validator> {
        let missing = || SdkError::Logic(format!("staking: validator {operator} is in an index and not there"));
        Ok(self.validator(ctx, operator)?.ok_or_else(missing)?)
    }
}

/// Delegations.
impl Staking {
    /// A delegation.
    pub fn delegation(&self, ctx: &Context, delegator: &Address, operator: &Address) -> Result<Option<Delegation>> {
        let shares = DELEGATIONS.may_load(&*ctx.kv(STORE), (delegator.as_bytes(), operator.as_bytes()))?;
        let delegation = |shares| Delegation { delegator: delegator.clone(), operator: operator.clone(), shares };
        Ok(shares.map(delegation))
    }

    /// All delegations of a delegator, in order of the operators.
    pub fn delegations_of(&self, ctx: &Context, delegator: &Address) -> Result<Vec<Delegation>> {
        let kv = ctx.kv(STORE);
        let delegations = DELEGATIONS.prefix(delegator.as_bytes()).range(&*kv, None, None, Order::Ascending);
        let delegation = |entry: cosmwasm_std::StdResult<(Vec<u8>, Dec)>| {
            let (operator, shares) = entry?;
            Ok(Delegation { delegator: delegator.clone(), operator: Address::new(operator)?, shares })
        };
        delegations.map(delegation).collect()
    }

    /// All delegations to a validator, in order of the delegators.
    pub fn delegations_to(&self, ctx: &Context, operator: &Address) -> Result<Vec<Delegation>> {
        let kv = ctx.kv(STORE);
        let delegators = DELEGATIONS_TO.prefix(operator.as_bytes()).keys(&*kv, None, None, Order::Ascending);
        let delegation = |delegator: cosmwasm_std::StdResult<Vec<u8>>| {
            let delegator = Address::new(delegator?)?;
            let missing =
                || SdkError::Logic(format!("staking: {delegator}'s delegation is in the index and not there"));
            Ok(self.delegation(ctx, &delegator, operator)?.ok_or_else(missing)?)
        };
        delegators.map(delegation).collect()
    }

    /// What a delegator's delegations are worth together (SDK `GetDelegatorBonded`).
    pub fn bonded_of(&self, ctx: &Context, delegator: &Address) -> Result<Uint256> {
        let mut bonded = Dec::ZERO;
        for delegation in self.delegations_of(ctx, delegator)? {
            if let Some(validator) = self.validator(ctx, &delegation.operator)? {
                bonded = bonded.add(validator.tokens_from_shares_truncated(delegation.shares)?)?;
            }
        }
        Ok(bonded.round_int()?)
    }

    /// What a delegator has unbonding from a validator.
    pub fn unbonding(
        &self,
        ctx: &Context,
        delegator: &Address,
        operator: &Address,
    ) -> Result<Option<UnbondingDelegation>> {
        let entries = UNBONDINGS.may_load(&*ctx.kv(STORE), (delegator.as_bytes(), operator.as_bytes()))?;
        let unbonding =
            |entries| UnbondingDelegation { delegator: delegator.clone(), operator: operator.clone(), entries };
        Ok(entries.map(unbonding))
    }

    /// What unbonds from a validator, in order of the delegators.
    pub fn unbondings_from(&self, ctx: &Context, operator: &Address) -> Result<Vec<UnbondingDelegation>> {
        let kv = ctx.kv(STORE);
        let delegators = UNBONDINGS_FROM.prefix(operator.as_bytes()).keys(&*kv, None, None, Order::Ascending);
        let unbonding = |delegator: cosmwasm_std::StdResult<Vec<u8>>| {
            let delegator = Address::new(delegator?)?;
            let missing = || SdkError::Logic(format!("staking: {delegator}'s unbonding is in the index and not there"));
            Ok(self.unbonding(ctx, &delegator, operator)?.ok_or_else(missing)?)
        };
        delegators.map(unbonding).collect()
    }

    /// What a delegator has on its way from one validator to another.
    pub fn redelegation(
        &self,
        ctx: &Context,
        delegator: &Address,
        source: &Address,
        destination: &Address,
    ) -> Result<Option<Redelegation>> {
        let key = (delegator.as_bytes(), source.as_bytes(), destination.as_bytes());
        let entries = REDELEGATIONS.may_load(&*ctx.kv(STORE), key)?;
        let redelegation = |entries| Redelegation {
            delegator: delegator.clone(),
            source: source.clone(),
            destination: destination.clone(),
            entries,
        };
        Ok(entries.map(redelegation))
    }

    /// What is on its way from a validator, in order of delegators and destinations.
    pub fn redelegations_from(&self, ctx: &Context, source: &Address) -> Result<Vec<Redelegation>> {
        let kv = ctx.kv(STORE);
        let parties = REDELEGATIONS_FROM.sub_prefix(source.as_bytes()).keys(&*kv, None, None, Order::Ascending);
        let redelegation = |parties: cosmwasm_std::StdResult<(Vec<u8>, Vec<u8>)>| {
            let (delegator, destination) = parties?;
            let (delegator, destination) = (Address::new(delegator)?, Address::new(destination)?);
            let missing =
                || SdkError::Logic(format!("staking: {delegator}'s redelegation is in the index and not there"));
            Ok(self.redelegation(ctx, &delegator, source, &destination)?.ok_or_else(missing)?)
        };
        parties.map(redelegation).collect()
    }

    /// Whether a delegator has anything on its way to a validator.
    pub fn has_redelegation_to(&self, ctx: &Context, delegator: &Address, destination: &Address) -> Result<bool> {
        let kv = ctx.kv(STORE);
        let prefix = REDELEGATIONS_TO.prefix((delegator.as_bytes(), destination.as_bytes()));
        let first = prefix.keys(&*kv, None, None, Order::Ascending).next();
        Ok(first.transpose()?.is_some())
    }
}
