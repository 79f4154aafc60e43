//! A delegation's rewards: from which period they are due, how many they are, and their payment.
//!
//! Source: SDK v0.50 `x/distribution/keeper/delegation.go`, operation by operation. Where the SDK panics, an error is returned.

use cosmwasm_std::{Order, Uint256};
use cw_storage_plus::Bound;
use openledger_core::{Address, Coin, Coins, Context, Dec, DecCoins, Result, BASE_DENOM};
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use openledger_staking::{Delegation, Validator};

use crate::error::DistributionError;
use crate::events;
use crate::keeper::{fault, Distribution};
use crate::period::{previous, Ended};
use crate::state::{SlashEvent, StartingInfo, SLASHES, STARTING, STORE};

impl Distribution {
    /// From now on the delegation's rewards are due as of the period that ended last.
    pub(crate) fn initialise_delegation(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
    ) -> Result<()> {
        let previous_period = previous(self.current(ctx, operator)?.period)?;
        self.retain(ctx, operator, previous_period)?;
        let validator = self.validator(ctx, operator)?;
        let delegation = self.delegation(ctx, delegator, operator)?;
        // Truncated, so that never more is paid than is owed.
        let stake = validator.tokens_from_shares_truncated(delegation.shares)?;
        let info = StartingInfo { previous_period, stake, height: ctx.height() };
        STARTING.save(&mut ctx.kv_mut(STORE), (operator.as_bytes(), delegator.as_bytes()), &info)?;
        Ok(())
    }

    /// The rewards that a delegation is due at the end of a period.
    pub(crate) fn rewards_until(
        &self,
        ctx: &Context,
        validator: &Validator,
        delegation: &Delegation,
        ended: &Ended,
    ) -> Result<DecCoins> {
        let operator = &validator.operator;
        let info = self.starting(ctx, &delegation.delegator, operator)?;
        let info = info.ok_or(DistributionError::NoDelegationInfo)?;
        if info.height == ctx.height() {
            // It began in this block, and rewards are shared out before a block's messages.
            return Ok(DecCoins::default());
        }
        let (mut stake, mut period, mut rewards) = (info.stake, info.previous_period, DecCoins::default());
        let mut ratio = self.historical(ctx, operator, period)?.ratio;
        // Those of this block came after its rewards were shared out, yet the stake must be counted through them.
        for slash in self.slashes_between(ctx, operator, info.height, ctx.height())? {
            if slash.period > period {
                let then = self.historical(ctx, operator, slash.period)?.ratio;
                rewards = rewards.add(&earned(&ratio, &then, stake)?)?;
                stake = stake.mul_truncate(Dec::one().sub(slash.fraction)?)?;
                (period, ratio) = (slash.period, then);
            }
        }
        if period > ended.period {
            return Err(fault("startingPeriod cannot be greater than endingPeriod"));
        }
        let stake = self.check_stake(validator, delegation, stake)?;
        Ok(rewards.add(&earned(&ratio, &ended.ratio, stake)?)?)
    }

    /// The stake counted slash by slash cannot be more than the stake counted at once, but for a few units of the last place.
    fn check_stake(&self, validator: &Validator, delegation: &Delegation, stake: Dec) -> Result<Dec> {
        let now = validator.tokens_from_shares(delegation.shares)?;
        // Undelegations round against those who stay, and enough of them pass the SDK's margin, where it panics: that would stop the
        // chain where a slash takes a redelegation back. What there is now is never too much.
        Ok(stake.min(now))
    }

    /// Pays a delegation's rewards and forgets from where they counted: the caller begins anew or removes the delegation. What is
    /// less than a unit is the community's. The answer names the base denomination even where nothing is paid, as the SDK's does.
    pub(crate) fn withdraw_rewards(
        &self,
        ctx: &mut Context,
        validator: &Validator,
        delegation: &Delegation,
    ) -> Result<Vec<ProtoCoin>> {
        let (operator, delegator) = (&validator.operator, &delegation.delegator);
        let info = self.starting(ctx, delegator, operator)?.ok_or(DistributionError::NoDelegationInfo)?;
        let ended = self.end_period(ctx, validator)?;
        let rewards = self.rewards_until(ctx, validator, delegation, &ended)?;
        let outstanding = self.outstanding(ctx, operator)?;
        // The last places may not add up, so never more than is there.
        let rewards = rewards.intersect(&outstanding);
        let (paid, rest) = rewards.truncate()?;
        self.pay(ctx, delegator, &paid)?;
        self.set_outstanding(ctx, operator, &outstanding.sub(&rewards)?)?;
        self.add_to_pool(ctx, &rest)?;
        self.release(ctx, operator, info.previous_period)?;
        STARTING.remove(&mut ctx.kv_mut(STORE), (operator.as_bytes(), delegator.as_bytes()));
        let paid = or_zero(&paid);
        let amount = paid.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect::<Vec<_>>().join(",");
        ctx.emit(events::withdraw_rewards(&amount, operator, delegator));
        Ok(paid)
    }

    /// Where a delegation's unpaid rewards begin.
    pub(crate) fn starting(
        &self,
        ctx: &Context,
        delegator: &Address,
        operator: &Address,
    ) -> Result<Option<StartingInfo>> {
        Ok(STARTING.may_load(&*ctx.kv(STORE), (operator.as_bytes(), delegator.as_bytes()))?)
    }

    /// A validator's slashes of these heights, both included; none where the first is not the less.
    fn slashes_between(&self, ctx: &Context, operator: &Address, from: u64, to: u64) -> Result<Vec<SlashEvent>> {
        if to <= from {
            return Ok(Vec::new());
        }
        let (from, to) = (Bound::inclusive((from, 0)), Bound::inclusive((to, u64::MAX)));
        let kv = ctx.kv(STORE);
        let slashes = SLASHES.sub_prefix(operator.as_bytes()).range(&*kv, Some(from), Some(to), Order::Ascending);
        slashes.map(|entry| Ok(entry?.1)).collect()
    }
}

/// What a stake earned between two sums; truncated, so that never more is paid than is owed.
fn earned(from: &DecCoins, to: &DecCoins, stake: Dec) -> Result<DecCoins> {
    if stake.is_negative() {
        return Err(fault("stake should not be negative"));
    }
    let difference = to.sub(from).map_err(|_| fault("negative rewards should not be possible"))?;
    Ok(difference.mul_truncate(stake)?)
}

/// The coins, or zero of the base denomination.
fn or_zero(coins: &Coins) -> Vec<ProtoCoin> {
    if coins.is_empty() {
        return vec![Coin { denom: BASE_DENOM.into(), amount: Uint256::zero() }.to_proto()];
    }
    coins.to_proto()
}
