//! The validator set: who enters it, who leaves it, and what CometBFT is told.
//!
//! Source: SDK v0.50 `x/staking/keeper/val_state_change.go`. Guarantees: at most `max_validators` are bonded, those of the highest power
//! that are not jailed; the last powers are those of the bonded; whoever enters or leaves takes its tokens from pool to pool.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use cw_storage_plus::PrefixBound;
use openledger_core::{wire, Address, Context, Result, SdkError, ValidatorUpdate};

use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::state::*;
use crate::time::Time;
use crate::validator::{BondStatus, Validator};

impl Staking {
    /// Brings the set up to date with powers and jails; what changed, as CometBFT is told.
    pub fn update_set(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        let mut last: BTreeMap<Address, u64> = self.last_validator_powers(ctx)?.into_iter().collect();
        let (mut entering, mut leaving) = (Uint256::zero(), Uint256::zero());
        let (mut updates, mut total) = (Vec::new(), 0u64);
        for operator in self.candidates(ctx)? {
            let mut validator = self.existing(ctx, &operator)?;
            if validator.jailed {
                let text = format!("staking: jailed {} is in the index by power", validator.operator_text());
                return Err(SdkError::Logic(text).into());
            }
            // From here on nobody has power.
            if validator.potential_power() == 0 {
                break;
            }
            if !validator.is_bonded() {
                self.bond(ctx, &mut validator)?;
                entering = wire::add(entering, validator.tokens)?;
            }
            let update = validator.update();
            if last.remove(&operator) != Some(update.power) {
                self.set_last_power(ctx, &operator, update.power)?;
                updates.push(update.clone());
            }
            total = total.checked_add(update.power).ok_or_else(too_much_power)?;
        }
        // CometBFT stops at an empty set: who is in it stays until somebody else comes.
        if total == 0 && !last.is_empty() {
            return Ok(Vec::new());
        }
        for operator in last.into_keys() {
            let mut validator = self.existing(ctx, &operator)?;
            self.begin_unbonding(ctx, &mut validator)?;
            leaving = wire::add(leaving, validator.tokens)?;
            self.remove_last_power(ctx, &operator);
            updates.push(ValidatorUpdate { key: validator.consensus_key, power: 0 });
        }
        // One transfer for all that enter and leave.
        if entering > leaving {
            self.not_bonded_to_bonded(ctx, wire::sub(entering, leaving)?)?;
        } else if leaving > entering {
            self.bonded_to_not_bonded(ctx, wire::sub(leaving, entering)?)?;
        }
        if !updates.is_empty() {
            self.set_last_total_power(ctx, total)?;
        }
        Ok(updates)
    }

    /// The operators that may be in the set, the highest power first.
    fn candidates(&self, ctx: &Context) -> Result<Vec<Address>> {
        let most = usize::try_from(self.params(ctx)?.max_validators).unwrap_or(usize::MAX);
        let kv = ctx.kv(STORE);
        let keys = BY_POWER.keys(&*kv, None, None, Order::Descending).take(most);
        keys.map(|key| operator_of_rank(&key?.1)).collect()
    }

    fn bond(&self, ctx: &mut Context, validator: &mut Validator) -> Result<()> {
        // Nobody holds its earlier unbondings, so that they are over; kept, they would grow with each exit.
        if validator.unbonding_on_hold_ref_count == 0 {
            for id in std::mem::take(&mut validator.unbonding_ids) {
                self.remove_unbonding_op(ctx, id);
            }
        }
        validator.status = BondStatus::Bonded;
        self.save_validator(ctx, validator)?;
        self.remove_from_validator_queue(ctx, validator);
        let (cons, operator) = (validator.consensus_address(), validator.operator.clone());
        hooks::call(self.hooks, ctx, |hook, ctx| hook.after_validator_bonded(ctx, &cons, &operator))
    }

    fn begin_unbonding(&self, ctx: &mut Context, validator: &mut Validator) -> Result<()> {
        if !validator.is_bonded() {
            let text = format!("staking: {} is in the set and not bonded", validator.operator_text());
            return Err(SdkError::Logic(text).into());
        }
        let id = self.next_unbonding_id(ctx)?;
        validator.status = BondStatus::Unbonding;
        validator.unbonding_time = Time::now(ctx).after(self.unbonding_time(ctx)?);
        validator.unbonding_height = ctx.height();
        validator.unbonding_ids.push(id);
        self.save_validator(ctx, validator)?;
        self.queue_validator(ctx, validator)?;
        let (cons, operator) = (validator.consensus_address(), validator.operator.clone());
        hooks::call(self.hooks, ctx, |hook, ctx| hook.after_validator_begin_unbonding(ctx, &cons, &operator))?;
        self.save_unbonding_op(ctx, id, &UnbondingOp::Validator(operator))?;
        hooks::call(self.hooks, ctx, |hook, ctx| hook.after_unbonding_initiated(ctx, id))
    }

    /// Ends the unbonding of validators whose time has come; those without delegations go.
    pub(crate) fn unbond_mature_validators(&self, ctx: &mut Context) -> Result<()> {
        for operator in self.mature_validators(ctx)? {
            let mut validator = self.existing(ctx, &operator)?;
            if !validator.is_unbonding() {
                let text = format!("staking: {} is queued and not unbonding", validator.operator_text());
                return Err(SdkError::Logic(text).into());
            }
            // On hold it stays in the queue, and is looked at again in the next block.
            if validator.unbonding_on_hold_ref_count > 0 {
                continue;
            }
            for id in validator.unbonding_ids.clone() {
                self.remove_unbonding_op(ctx, id);
            }
            // The numbers stay in the record, as they do in the SDK, which forgets them in memory alone.
            validator.status = BondStatus::Unbonded;
            self.save_validator(ctx, &validator)?;
            self.remove_from_validator_queue(ctx, &validator);
            if validator.delegator_shares.is_zero() {
                self.remove_validator(ctx, &operator)?;
            }
        }
        Ok(())
    }

    fn mature_validators(&self, ctx: &Context) -> Result<Vec<Address>> {
        let due = validator_due(Time::now(ctx), ctx.height());
        let kv = ctx.kv(STORE);
        let end = PrefixBound::inclusive(due.as_slice());
        let mut operators = Vec::new();
        for entry in VALIDATOR_QUEUE.prefix_range(&*kv, None, Some(end), Order::Ascending) {
            let (due, operator) = entry?.0;
            if height_of(&due) <= ctx.height() {
                operators.push(Address::new(operator)?);
            }
        }
        Ok(operators)
    }

    /// Lets a validator's unbonding go on that was put on hold.
    pub(crate) fn release_validator(&self, ctx: &mut Context, id: u64, operator: &Address) -> Result<()> {
        let mut validator = self.validator(ctx, operator)?.ok_or(StakingError::NoValidatorFound)?;
        let count = validator.unbonding_on_hold_ref_count.checked_sub(1);
        validator.unbonding_on_hold_ref_count = count.ok_or(StakingError::UnbondingOnHoldRefCountNegative(id))?;
        self.save_validator(ctx, &validator)
    }
}

/// The height of a key of the queue of validators.
fn height_of(due: &[u8]) -> u64 {
    due.iter().skip(crate::time::KEY_BYTES).fold(0, |height, byte| (height << 8) | u64::from(*byte))
}

fn too_much_power() -> SdkError {
    SdkError::Logic("staking: the set has more than 64 bits of power".into())
}
