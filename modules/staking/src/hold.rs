//! Unbondings on hold: other modules may keep one from ending, as often as they let it go again.
//!
//! Source: SDK v0.50 `x/staking/keeper/unbonding.go`.

use openledger_core::{Context, Result};

use crate::delegation::Entry;
use crate::error::StakingError;
use crate::keeper::Staking;
use crate::state::{Pair, Triplet, UnbondingOp, STORE, UNBONDING_OPS};
use crate::time::Time;

impl Staking {
    /// Keeps an unbonding from ending.
    pub fn put_unbonding_on_hold(&self, ctx: &mut Context, id: u64) -> Result<()> {
        match self.unbonding_op(ctx, id)? {
            UnbondingOp::Undelegation(Pair { delegator, operator }) => {
                let unbonding = self.unbonding(ctx, &delegator, &operator)?;
                let mut unbonding = unbonding.ok_or(StakingError::NoUnbondingDelegation)?;
                hold(find(&mut unbonding.entries, id).ok_or(StakingError::NoUnbondingDelegation)?);
                self.save_unbonding(ctx, &unbonding)
            }
            UnbondingOp::Redelegation(Triplet { delegator, source, destination }) => {
                let redelegation = self.redelegation(ctx, &delegator, &source, &destination)?;
                let mut redelegation = redelegation.ok_or(StakingError::NoRedelegation)?;
                hold(find(&mut redelegation.entries, id).ok_or(StakingError::NoRedelegation)?);
                self.save_redelegation(ctx, &redelegation)
            }
            UnbondingOp::Validator(operator) => {
                let mut validator = self.validator(ctx, &operator)?.ok_or(StakingError::NoValidatorFound)?;
                validator.unbonding_on_hold_ref_count = validator.unbonding_on_hold_ref_count.saturating_add(1);
                self.save_validator(ctx, &validator)
            }
        }
    }

    /// Takes one hold back. An entry whose time has passed ends at once; a validator's unbonding in the next end block.
    pub fn unbonding_can_complete(&self, ctx: &mut Context, id: u64) -> Result<()> {
        match self.unbonding_op(ctx, id)? {
            UnbondingOp::Undelegation(pair) => self.release_undelegation(ctx, id, &pair),
            UnbondingOp::Redelegation(triplet) => self.release_redelegation(ctx, id, &triplet),
            UnbondingOp::Validator(operator) => self.release_validator(ctx, id, &operator),
        }
    }

    fn release_undelegation(&self, ctx: &mut Context, id: u64, pair: &Pair) -> Result<()> {
        let Pair { delegator, operator } = pair;
        let unbonding = self.unbonding(ctx, delegator, operator)?;
        let mut unbonding = unbonding.ok_or(StakingError::NoUnbondingDelegation)?;
        let entry = find(&mut unbonding.entries, id).ok_or(StakingError::NoUnbondingDelegation)?;
        release(entry)?;
        let (complete, balance) = (entry.is_complete(Time::now(ctx)), entry.balance);
        if complete {
            self.pay_unbonded(ctx, delegator, balance)?;
            unbonding.entries.retain(|entry| entry.id != id);
            self.remove_unbonding_op(ctx, id);
        }
        self.save_unbonding(ctx, &unbonding)
    }

    fn release_redelegation(&self, ctx: &mut Context, id: u64, triplet: &Triplet) -> Result<()> {
        let Triplet { delegator, source, destination } = triplet;
        let redelegation = self.redelegation(ctx, delegator, source, destination)?;
        let mut redelegation = redelegation.ok_or(StakingError::NoRedelegation)?;
        let entry = find(&mut redelegation.entries, id).ok_or(StakingError::NoRedelegation)?;
        release(entry)?;
        if entry.is_complete(Time::now(ctx)) {
            redelegation.entries.retain(|entry| entry.id != id);
            self.remove_unbonding_op(ctx, id);
        }
        self.save_redelegation(ctx, &redelegation)
    }

    fn unbonding_op(&self, ctx: &Context, id: u64) -> Result<UnbondingOp> {
        Ok(UNBONDING_OPS.may_load(&*ctx.kv(STORE), id)?.ok_or(StakingError::NoUnbondingType)?)
    }
}

fn find<E: Entry>(entries: &mut [E], id: u64) -> Option<&mut E> {
    entries.iter_mut().find(|entry| entry.id() == id)
}

fn hold(entry: &mut impl Entry) {
    let count = entry.on_hold();
    *count = count.saturating_add(1);
}

fn release(entry: &mut impl Entry) -> Result<()> {
    let id = entry.id();
    let count = entry.on_hold();
    *count = count.checked_sub(1).ok_or(StakingError::UnbondingOnHoldRefCountNegative(id))?;
    Ok(())
}
