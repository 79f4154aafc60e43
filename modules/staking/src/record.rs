//! Writing validators and delegations together with their indices.
//!
//! Source: SDK v0.50 `x/staking/keeper/{validator,delegation,unbonding}.go`. Guarantees: what is in an index is there, and what is
//! there is in its indices; a jailed validator is in no index by power.

use cosmwasm_std::{Empty, Uint256};
use openledger_core::{Address, Context, Dec, Result, SdkError};

use crate::delegation::{Delegation, Redelegation, UnbondingDelegation};
use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::params::Params;
use crate::state::*;
use crate::time::Time;
use crate::validator::Validator;

const NOTHING: Empty = Empty {};

impl Staking {
    pub(crate) fn set_params(&self, ctx: &mut Context, params: &Params) -> Result<()> {
        PARAMS.save(&mut ctx.kv_mut(STORE), params)?;
        Ok(())
    }
}

/// Validators.
impl Staking {
    /// Writes a validator's record alone; whoever changes tokens or jails keeps the index by power.
    pub(crate) fn save_validator(&self, ctx: &mut Context, validator: &Validator) -> Result<()> {
        VALIDATORS.save(&mut ctx.kv_mut(STORE), validator.operator.as_bytes(), validator)?;
        Ok(())
    }

    pub(crate) fn index_by_cons(&self, ctx: &mut Context, validator: &Validator) -> Result<()> {
        let cons = validator.consensus_address();
        BY_CONS.save(&mut ctx.kv_mut(STORE), cons.as_bytes(), &validator.operator.as_bytes().into())?;
        Ok(())
    }

    pub(crate) fn index_by_power(&self, ctx: &mut Context, validator: &Validator) -> Result<()> {
        if !validator.jailed {
            let (power, rank) = power_key(validator);
            BY_POWER.save(&mut ctx.kv_mut(STORE), (power, &rank), &NOTHING)?;
        }
        Ok(())
    }

    pub(crate) fn remove_from_power_index(&self, ctx: &mut Context, validator: &Validator) {
        let (power, rank) = power_key(validator);
        BY_POWER.remove(&mut ctx.kv_mut(STORE), (power, &rank));
    }

    /// Changes a validator's tokens or shares and keeps the index by power.
    pub(crate) fn change_tokens<T>(
        &self,
        ctx: &mut Context,
        validator: &mut Validator,
        change: impl FnOnce(&mut Validator) -> Result<T>,
    ) -> Result<T> {
        self.remove_from_power_index(ctx, validator);
        let result = change(validator)?;
        self.save_validator(ctx, validator)?;
        self.index_by_power(ctx, validator)?;
        Ok(result)
    }

    /// Removes a validator that is out of the set and has no tokens.
    pub(crate) fn remove_validator(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        let Some(validator) = self.validator(ctx, operator)? else { return Ok(()) };
        if !validator.is_unbonded() {
            let why = "cannot call RemoveValidator on bonded or unbonding validators";
            return Err(StakingError::BadRemoveValidator(why).into());
        }
        if !validator.tokens.is_zero() {
            let why = "attempting to remove a validator which still contains tokens";
            return Err(StakingError::BadRemoveValidator(why).into());
        }
        let cons = validator.consensus_address();
        VALIDATORS.remove(&mut ctx.kv_mut(STORE), operator.as_bytes());
        BY_CONS.remove(&mut ctx.kv_mut(STORE), cons.as_bytes());
        self.remove_from_power_index(ctx, &validator);
        hooks::call_and_go_on(self.hooks, ctx, |hook, ctx| hook.after_validator_removed(ctx, &cons, operator));
        Ok(())
    }

    /// Puts a validator where it is found when its unbonding ends.
    pub(crate) fn queue_validator(&self, ctx: &mut Context, validator: &Validator) -> Result<()> {
        let due = validator_due(validator.unbonding_time, validator.unbonding_height);
        VALIDATOR_QUEUE.save(&mut ctx.kv_mut(STORE), (&due, validator.operator.as_bytes()), &NOTHING)?;
        Ok(())
    }

    pub(crate) fn remove_from_validator_queue(&self, ctx: &mut Context, validator: &Validator) {
        let due = validator_due(validator.unbonding_time, validator.unbonding_height);
        VALIDATOR_QUEUE.remove(&mut ctx.kv_mut(STORE), (&due, validator.operator.as_bytes()));
    }
}

/// Delegations.
impl Staking {
    pub(crate) fn save_delegation(&self, ctx: &mut Context, delegation: &Delegation) -> Result<()> {
        let (delegator, operator) = (delegation.delegator.as_bytes(), delegation.operator.as_bytes());
        let mut kv = ctx.kv_mut(STORE);
        DELEGATIONS.save(&mut kv, (delegator, operator), &delegation.shares)?;
        DELEGATIONS_TO.save(&mut kv, (operator, delegator), &NOTHING)?;
        Ok(())
    }

    pub(crate) fn remove_delegation(&self, ctx: &mut Context, delegation: &Delegation) -> Result<()> {
        let Delegation { delegator, operator, .. } = delegation;
        hooks::call(self.hooks, ctx, |hook, ctx| hook.before_delegation_removed(ctx, delegator, operator))?;
        let mut kv = ctx.kv_mut(STORE);
        DELEGATIONS.remove(&mut kv, (delegator.as_bytes(), operator.as_bytes()));
        DELEGATIONS_TO.remove(&mut kv, (operator.as_bytes(), delegator.as_bytes()));
        Ok(())
    }

    /// Writes what is unbonding, or removes it where nothing is left.
    pub(crate) fn save_unbonding(&self, ctx: &mut Context, unbonding: &UnbondingDelegation) -> Result<()> {
        let (delegator, operator) = (unbonding.delegator.as_bytes(), unbonding.operator.as_bytes());
        let mut kv = ctx.kv_mut(STORE);
        if unbonding.entries.is_empty() {
            UNBONDINGS.remove(&mut kv, (delegator, operator));
            UNBONDINGS_FROM.remove(&mut kv, (operator, delegator));
            return Ok(());
        }
        UNBONDINGS.save(&mut kv, (delegator, operator), &unbonding.entries)?;
        UNBONDINGS_FROM.save(&mut kv, (operator, delegator), &NOTHING)?;
        Ok(())
    }

    /// Writes what is on its way, or removes it where nothing is left.
    pub(crate) fn save_redelegation(&self, ctx: &mut Context, redelegation: &Redelegation) -> Result<()> {
        let delegator = redelegation.delegator.as_bytes();
        let (source, destination) = (redelegation.source.as_bytes(), redelegation.destination.as_bytes());
        let mut kv = ctx.kv_mut(STORE);
        if redelegation.entries.is_empty() {
            REDELEGATIONS.remove(&mut kv, (delegator, source, destination));
            REDELEGATIONS_FROM.remove(&mut kv, (source, delegator, destination));
            REDELEGATIONS_TO.remove(&mut kv, (delegator, destination, source));
            return Ok(());
        }
        REDELEGATIONS.save(&mut kv, (delegator, source, destination), &redelegation.entries)?;
        REDELEGATIONS_FROM.save(&mut kv, (source, delegator, destination), &NOTHING)?;
        REDELEGATIONS_TO.save(&mut kv, (delegator, destination, source), &NOTHING)?;
        Ok(())
    }

    pub(crate) fn queue_unbonding(&self, ctx: &mut Context, unbonding: &UnbondingDelegation, due: Time) -> Result<()> {
        let number = self.next_queued(ctx)?;
        let pair = Pair { delegator: unbonding.delegator.clone(), operator: unbonding.operator.clone() };
        UNBONDING_QUEUE.save(&mut ctx.kv_mut(STORE), (&due.key(), number), &pair)?;
        Ok(())
    }

    pub(crate) fn queue_redelegation(&self, ctx: &mut Context, redelegation: &Redelegation, due: Time) -> Result<()> {
        let number = self.next_queued(ctx)?;
        let triplet = triplet_of(redelegation);
        REDELEGATION_QUEUE.save(&mut ctx.kv_mut(STORE), (&due.key(), number), &triplet)?;
        Ok(())
    }

    fn next_queued(&self, ctx: &mut Context) -> Result<u64> {
        let number = NEXT_QUEUED.may_load(&*ctx.kv(STORE))?.unwrap_or_default();
        NEXT_QUEUED.save(&mut ctx.kv_mut(STORE), &number.saturating_add(1))?;
        Ok(number)
    }

    /// A new unbonding's number.
    pub(crate) fn next_unbonding_id(&self, ctx: &mut Context) -> Result<u64> {
        let last = UNBONDING_ID.may_load(&*ctx.kv(STORE))?.unwrap_or_default();
        let id = last.checked_add(1).ok_or_else(|| SdkError::Logic("staking: no number for an unbonding".into()))?;
        UNBONDING_ID.save(&mut ctx.kv_mut(STORE), &id)?;
        Ok(id)
    }

    pub(crate) fn save_unbonding_op(&self, ctx: &mut Context, id: u64, op: &UnbondingOp) -> Result<()> {
        UNBONDING_OPS.save(&mut ctx.kv_mut(STORE), id, op)?;
        Ok(())
    }

    pub(crate) fn remove_unbonding_op(&self, ctx: &mut Context, id: u64) {
        UNBONDING_OPS.remove(&mut ctx.kv_mut(STORE), id);
    }
}

/// Powers that CometBFT was told.
impl Staking {
    pub(crate) fn set_last_power(&self, ctx: &mut Context, operator: &Address, power: u64) -> Result<()> {
        LAST_POWERS.save(&mut ctx.kv_mut(STORE), operator.as_bytes(), &power)?;
        Ok(())
    }

    pub(crate) fn remove_last_power(&self, ctx: &mut Context, operator: &Address) {
        LAST_POWERS.remove(&mut ctx.kv_mut(STORE), operator.as_bytes());
    }

    pub(crate) fn set_last_total_power(&self, ctx: &mut Context, power: u64) -> Result<()> {
        LAST_TOTAL_POWER.save(&mut ctx.kv_mut(STORE), &power)?;
        Ok(())
    }
}

/// A redelegation's parties.
pub(crate) fn triplet_of(redelegation: &Redelegation) -> Triplet {
    Triplet {
        delegator: redelegation.delegator.clone(),
        source: redelegation.source.clone(),
        destination: redelegation.destination.clone(),
    }
}

/// The delegation of a delegator that has none yet.
pub(crate) fn no_delegation(delegator: &Address, operator: &Address) -> Delegation {
    Delegation { delegator: delegator.clone(), operator: operator.clone(), shares: Dec::ZERO }
}

/// The lesser amount.
pub(crate) fn least(a: Uint256, b: Uint256) -> Uint256 {
    if a < b {
        a
    } else {
        b
    }
}
