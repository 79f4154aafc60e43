//! Accounts whose coins become theirs to spend over time, but theirs to delegate from the start.
//!
//! What such an account holds is not kept apart: of its whole balance, the coins that are still vesting and not delegated are *locked*.
//! So coins that it receives later are free, and what it delegates comes out of the vesting coins first. The module `bank` keeps locked
//! coins from being spent; the forms on the wire stand in `wire.rs`.
//!
//! Source: SDK v0.50 `x/auth/vesting/types/vesting_account.go`; results and roundings are the same to the last unit (`tests/vesting.rs`
//! holds them against the SDK's own).

mod wire;

use openledger_core::{Coin, Coins, Dec, Result, SdkError};
use serde::{Deserialize, Serialize};

use crate::error::AuthError;

/// What vests in an account, and by which schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vesting {
    /// Everything that vests; never changes.
    pub original: Coins,
    /// Of what is delegated, the part that was free; with the vesting part it is all that is delegated, less what slashing took.
    pub delegated_free: Coins,
    /// Of what is delegated, the part that was vesting.
    pub delegated_vesting: Coins,
    /// When it vests.
    pub schedule: Schedule,
}

/// When coins vest. Times are header times in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Evenly between two times.
    Continuous {
        /// Nothing has vested up to this time.
        start: i64,
        /// Everything has vested from this time on.
        end: i64,
    },
    /// All at once.
    Delayed {
        /// Everything has vested from this time on.
        end: i64,
    },
    /// A part at the end of each of several periods.
    Periodic {
        /// When the first period begins.
        start: i64,
        /// The periods, one after the other.
        periods: Vec<Period>,
    },
    /// Never.
    PermanentLocked,
}

/// A stretch of a periodic schedule and what vests at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Seconds.
    pub length: i64,
    /// What vests when they are over.
    pub amount: Coins,
}

impl Schedule {
    /// When it begins; 0 for those that have no beginning.
    pub fn start(&self) -> i64 {
        match self {
            Self::Continuous { start, .. } | Self::Periodic { start, .. } => *start,
            Self::Delayed { .. } | Self::PermanentLocked => 0,
        }
    }

    /// When everything has vested; 0 where that is never. An error where periods end after the end of time.
    pub fn end(&self) -> Result<i64> {
        match self {
            Self::Continuous { end, .. } | Self::Delayed { end } => Ok(*end),
            Self::PermanentLocked => Ok(0),
            Self::Periodic { start, periods } => {
                let end = periods.iter().try_fold(*start, |end, period| end.checked_add(period.length));
                end.ok_or_else(|| invalid("cumulative endTime overflowed, and/or is less than startTime".into()))
            }
        }
    }
}

impl Vesting {
    /// `original` vests by `schedule`, nothing of it is delegated. Refuses what [`Vesting::check`] does.
    pub fn new(original: Coins, schedule: Schedule) -> Result<Self> {
        let none = Coins::default();
        let vesting = Self { original, delegated_free: none.clone(), delegated_vesting: none, schedule };
        vesting.check()?;
        Ok(vesting)
    }

    /// Refuses a schedule that is not one. As with the SDK's `MsgCreateVestingAccount`, a continuous one may end before it begins: then
    /// everything has vested.
    pub fn check(&self) -> Result<()> {
        if let Schedule::Periodic { start, periods } = &self.schedule {
            for (index, period) in periods.iter().enumerate() {
                if period.length < 0 {
                    return Err(invalid(format!("period #{index} has a negative length: {}", period.length)));
                }
                if period.amount.is_empty() {
                    return Err(invalid(format!("period #{index} has invalid coins: {}", period.amount)));
                }
            }
            if *start >= self.schedule.end()? {
                return Err(invalid("vesting start-time cannot be before end-time".into()));
            }
            let sum = Coins::sum(periods.iter().flat_map(|period| period.amount.iter().cloned()))?;
            if sum != self.original {
                let text = format!(
                    "original vesting coins ({}) does not match the sum of all coins in vesting periods ({sum})",
                    self.original
                );
                return Err(invalid(text));
            }
        }
        if self.schedule.end()? < 0 {
            return Err(invalid("end time cannot be negative".into()));
        }
        if self.original.is_empty() {
            return Err(invalid(format!("invalid coins: {}", self.original)));
        }
        if !self.original.covers(&self.delegated_vesting) {
            let text = "delegated vesting amount cannot be greater than original vesting amount";
            return Err(invalid(text.into()));
        }
        Ok(())
    }

    /// What has vested at a time.
    pub fn vested(&self, time: i64) -> Result<Coins> {
        match &self.schedule {
            Schedule::PermanentLocked => Ok(Coins::default()),
            Schedule::Delayed { end } if time >= *end => Ok(self.original.clone()),
            Schedule::Delayed { .. } => Ok(Coins::default()),
            schedule if time <= schedule.start() => Ok(Coins::default()),
            schedule if time >= schedule.end()? => Ok(self.original.clone()),
            Schedule::Continuous { start, end } => {
                // Here start < time < end. The share is rounded before it is multiplied, as in the SDK.
                let share = Dec::from_u64(time.abs_diff(*start)).quo(Dec::from_u64(end.abs_diff(*start)))?;
                let vested = self.original.iter().map(|coin| {
                    let amount = Dec::from_int(coin.amount).mul(share)?.round_int()?;
                    Ok(Coin { denom: coin.denom.clone(), amount })
                });
                Ok(Coins::sum(vested.collect::<Result<Vec<_>>>()?)?)
            }
            Schedule::Periodic { start, periods } => {
                let mut ends = *start;
                let over = periods.iter().take_while(|period| {
                    ends = ends.saturating_add(period.length);
                    ends <= time
                });
                Ok(Coins::sum(over.flat_map(|period| period.amount.iter().cloned()))?)
            }
        }
    }

    /// What has not vested at a time.
    pub fn vesting(&self, time: i64) -> Result<Coins> {
        Ok(self.original.sub(&self.vested(time)?)?)
    }

    /// What cannot be spent at a time: what is vesting and not delegated. It may be more than the account holds.
    pub fn locked(&self, time: i64) -> Result<Coins> {
        let vesting = self.vesting(time)?;
        let delegated = Coins::sum(vesting.iter().map(|coin| {
            let amount = coin.amount.min(self.delegated_vesting.amount_of(&coin.denom));
            Coin { denom: coin.denom.clone(), amount }
        }))?;
        Ok(vesting.sub(&delegated)?)
    }

    /// Notes that `amount` is delegated from `balance`: vesting coins first, then free ones.
    pub fn track_delegation(&mut self, time: i64, balance: &Coins, amount: &Coins) -> Result<()> {
        if amount.is_empty() || !balance.covers(amount) {
            return Err(SdkError::Logic("delegation attempt with zero coins or insufficient funds".into()).into());
        }
        let vesting = self.vesting(time)?;
        for Coin { denom, amount } in amount.iter() {
            let undelegated = vesting.amount_of(denom).saturating_sub(self.delegated_vesting.amount_of(denom));
            let locked = undelegated.min(*amount);
            let free = amount.saturating_sub(locked);
            self.delegated_vesting = self.delegated_vesting.add(&of(denom, locked))?;
            self.delegated_free = self.delegated_free.add(&of(denom, free))?;
        }
        Ok(())
    }

    /// Notes that `amount` comes back from delegation: free coins first, then vesting ones. It may be more than was noted, since the
    /// value of shares grows by what undelegations cut off.
    pub fn track_undelegation(&mut self, amount: &Coins) -> Result<()> {
        if amount.is_empty() {
            return Err(SdkError::Logic("undelegation attempt with zero coins".into()).into());
        }
        for Coin { denom, amount } in amount.iter() {
            let free = self.delegated_free.amount_of(denom).min(*amount);
            let rest = amount.saturating_sub(free);
            let locked = self.delegated_vesting.amount_of(denom).min(rest);
            self.delegated_free = self.delegated_free.sub(&of(denom, free))?;
            self.delegated_vesting = self.delegated_vesting.sub(&of(denom, locked))?;
        }
        Ok(())
    }
}

fn of(denom: &str, amount: cosmwasm_std::Uint256) -> Coins {
    Coin { denom: denom.into(), amount }.into()
}

fn invalid(text: String) -> openledger_core::Error {
    AuthError::InvalidVesting(text).into()
}
