//! A validator's periods: how one ends, who counts from it, and what a slash leaves behind.
//!
//! Source: SDK v0.50 `x/distribution/keeper/validator.go`. Where the SDK panics, an error is returned.

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Dec, DecCoins, Result};
use openledger_staking::Validator;

use crate::keeper::{fault, Distribution};
use crate::state::{Current, Historical, SlashEvent, CURRENT, HISTORICAL, SLASHES, STORE};

/// Most that may count from one period when one more comes: a delegation, a slash and the validator itself.
const MOST_REFERENCES: u32 = 2;

/// The end of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The period.
    pub period: u64,
    /// Rewards per unit of stake up to its end.
    pub ratio: DecCoins,
}

impl Distribution {
    /// A validator's present period.
    pub(crate) fn current(&self, ctx: &Context, operator: &Address) -> Result<Current> {
        let current = CURRENT.may_load(&*ctx.kv(STORE), operator.as_bytes())?;
        current.ok_or_else(|| fault(format!("the validator {operator} has no period")))
    }

    /// The sum of a period that somebody counts from.
    pub(crate) fn historical(&self, ctx: &Context, operator: &Address, period: u64) -> Result<Historical> {
        let historical = HISTORICAL.may_load(&*ctx.kv(STORE), (operator.as_bytes(), period))?;
        historical.ok_or_else(|| fault(format!("period {period} of the validator {operator} is not kept")))
    }

    /// A new validator begins with period 1, after an empty period 0.
    pub(crate) fn initialise_validator(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        let nothing = DecCoins::default();
        self.set_historical(ctx, operator, 0, &Historical { ratio: nothing.clone(), references: 1 })?;
        self.set_current(ctx, operator, &Current { rewards: nothing.clone(), period: 1 })?;
        self.set_commission(ctx, operator, &nothing)?;
        self.set_outstanding(ctx, operator, &nothing)
    }

    /// What ending the present period would leave, without ending it: for queries, which cannot write.
    pub(crate) fn period_end(&self, ctx: &Context, validator: &Validator) -> Result<Ended> {
        let current = self.current(ctx, &validator.operator)?;
        let before = self.historical(ctx, &validator.operator, previous(current.period)?)?;
        Ok(Ended { period: current.period, ratio: before.ratio.add(&per_stake(validator, &current)?)? })
    }

    /// Ends the present period and begins the next one.
    pub(crate) fn end_period(&self, ctx: &mut Context, validator: &Validator) -> Result<Ended> {
        let operator = &validator.operator;
        let ended = self.period_end(ctx, validator)?;
        if validator.tokens.is_zero() {
            // Nobody has a stake in it, so what it got is the community's.
            let unclaimed = self.current(ctx, operator)?.rewards;
            self.add_to_pool(ctx, &unclaimed)?;
            let outstanding = self.outstanding(ctx, operator)?.sub(&unclaimed)?;
            self.set_outstanding(ctx, operator, &outstanding)?;
        }
        self.release(ctx, operator, previous(ended.period)?)?;
        self.set_historical(ctx, operator, ended.period, &Historical { ratio: ended.ratio.clone(), references: 1 })?;
        let next = ended.period.checked_add(1).ok_or_else(|| fault("periods exceed 64 bits"))?;
        self.set_current(ctx, operator, &Current { rewards: DecCoins::default(), period: next })?;
        Ok(ended)
    }

    /// One more counts from a period.
    pub(crate) fn retain(&self, ctx: &mut Context, operator: &Address, period: u64) -> Result<()> {
        let mut historical = self.historical(ctx, operator, period)?;
        if historical.references > MOST_REFERENCES {
            return Err(fault("reference count should never exceed 2"));
        }
        historical.references = historical.references.saturating_add(1);
        self.set_historical(ctx, operator, period, &historical)
    }

    /// One less counts from a period; with the last it is forgotten.
    pub(crate) fn release(&self, ctx: &mut Context, operator: &Address, period: u64) -> Result<()> {
        let mut historical = self.historical(ctx, operator, period)?;
        let references = historical.references.checked_sub(1);
        historical.references = references.ok_or_else(|| fault("cannot set negative reference count"))?;
        if historical.references == 0 {
            HISTORICAL.remove(&mut ctx.kv_mut(STORE), (operator.as_bytes(), period));
            return Ok(());
        }
        self.set_historical(ctx, operator, period, &historical)
    }

    /// A validator is about to lose `fraction` of its stake: the period ends here, so that rewards until now are counted with the stake
    /// until now.
    pub(crate) fn record_slash(&self, ctx: &mut Context, operator: &Address, fraction: Dec) -> Result<()> {
        if fraction > Dec::one() || fraction.is_negative() {
            return Err(fault(format!("fraction must be >=0 and <=1, current fraction: {fraction}")));
        }
        let validator = self.validator(ctx, operator)?;
        let period = self.end_period(ctx, &validator)?.period;
        self.retain(ctx, operator, period)?;
        let key = (operator.as_bytes(), ctx.height(), period);
        SLASHES.save(&mut ctx.kv_mut(STORE), key, &SlashEvent { period, fraction })?;
        Ok(())
    }

    /// Forgets a removed validator's periods and slashes.
    pub(crate) fn forget_periods(&self, ctx: &mut Context, operator: &Address) -> Result<()> {
        let bytes = operator.as_bytes();
        let (slashes, periods) = {
            let kv = ctx.kv(STORE);
            let slashes = SLASHES.sub_prefix(bytes).keys(&*kv, None, None, Order::Ascending);
            let slashes = slashes.collect::<Result<Vec<(u64, u64)>, _>>()?;
            let periods = HISTORICAL.prefix(bytes).keys(&*kv, None, None, Order::Ascending);
            (slashes, periods.collect::<Result<Vec<u64>, _>>()?)
        };
        let mut kv = ctx.kv_mut(STORE);
        for (height, period) in slashes {
            SLASHES.remove(&mut kv, (bytes, height, period));
        }
        for period in periods {
            HISTORICAL.remove(&mut kv, (bytes, period));
        }
        CURRENT.remove(&mut kv, bytes);
        Ok(())
    }

    fn set_current(&self, ctx: &mut Context, operator: &Address, current: &Current) -> Result<()> {
        CURRENT.save(&mut ctx.kv_mut(STORE), operator.as_bytes(), current)?;
        Ok(())
    }

    fn set_historical(&self, ctx: &mut Context, operator: &Address, period: u64, value: &Historical) -> Result<()> {
        HISTORICAL.save(&mut ctx.kv_mut(STORE), (operator.as_bytes(), period), value)?;
        Ok(())
    }
}

/// What one unit of stake got in the present period; nothing where there is no stake. Truncated, so that never more is paid than came in.
fn per_stake(validator: &Validator, current: &Current) -> Result<DecCoins> {
    if validator.tokens.is_zero() {
        return Ok(DecCoins::default());
    }
    Ok(current.rewards.quo_truncate(Dec::from_int(validator.tokens))?)
}

/// The period before; present periods begin with 1.
pub(crate) fn previous(period: u64) -> Result<u64> {
    period.checked_sub(1).ok_or_else(|| fault("a validator's present period is 0"))
}
