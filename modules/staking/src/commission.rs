//! What a validator keeps of its delegators' rewards, and how fast that may change.
//!
//! Source: SDK v0.50 `x/staking/types/commission.go`.

use std::time::Duration;

use openledger_core::{Dec, Result};
use openledger_proto::cosmos::staking::v1beta1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::StakingError;
use crate::time::Time;

/// A rate changes at most once in this time.
const UPDATE_INTERVAL: Duration = Duration::from_secs(86_400);

/// A commission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commission {
    /// The part that it keeps.
    pub rate: Dec,
    /// The most that it may ever keep.
    pub max_rate: Dec,
    /// The most by which the rate may rise at once.
    pub max_change_rate: Dec,
    /// When the rate changed last.
    pub update_time: Time,
}

impl Commission {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Commission {
        proto::Commission {
            commission_rates: Some(proto::CommissionRates {
                rate: self.rate.to_proto(),
                max_rate: self.max_rate.to_proto(),
                max_change_rate: self.max_change_rate.to_proto(),
            }),
            update_time: Some(self.update_time.to_proto()),
        }
    }

    pub(crate) fn from_proto(commission: Option<&proto::Commission>) -> Result<Self> {
        let time = Time::from_proto(commission.and_then(|commission| commission.update_time.as_ref()));
        let rates = commission.and_then(|commission| commission.commission_rates.clone()).unwrap_or_default();
        Self::from_rates(&rates, time)
    }

    /// Reads rates; whether they are sound is for [`Commission::check`].
    pub(crate) fn from_rates(rates: &proto::CommissionRates, update_time: Time) -> Result<Self> {
        Ok(Self {
            rate: Dec::from_proto(&rates.rate)?,
            max_rate: Dec::from_proto(&rates.max_rate)?,
            max_change_rate: Dec::from_proto(&rates.max_change_rate)?,
            update_time,
        })
    }

    /// Refuses rates that no validator may begin with.
    pub(crate) fn check(&self) -> Result<(), StakingError> {
        if self.max_rate.is_negative() {
            return Err(StakingError::CommissionNegative);
        }
        if self.max_rate > Dec::one() {
            return Err(StakingError::CommissionHuge);
        }
        if self.rate.is_negative() {
            return Err(StakingError::CommissionNegative);
        }
        if self.rate > self.max_rate {
            return Err(StakingError::CommissionGtMaxRate);
        }
        if self.max_change_rate.is_negative() {
            return Err(StakingError::CommissionChangeRateNegative);
        }
        if self.max_change_rate > self.max_rate {
            return Err(StakingError::CommissionChangeRateGtMaxRate);
        }
        Ok(())
    }

    /// The commission with another rate, where it may change to it now.
    pub(crate) fn changed(&self, rate: Dec, now: Time) -> Result<Self> {
        if now < self.update_time.after(UPDATE_INTERVAL) {
            return Err(StakingError::CommissionUpdateTime.into());
        }
        if rate.is_negative() {
            return Err(StakingError::CommissionNegative.into());
        }
        if rate > self.max_rate {
            return Err(StakingError::CommissionGtMaxRate.into());
        }
        // A rate may fall by any step.
        if rate.sub(self.rate)? > self.max_change_rate {
            return Err(StakingError::CommissionGtMaxChangeRate.into());
        }
        Ok(Self { rate, update_time: now, ..self.clone() })
    }

    /// As the event `edit_validator` shows it.
    pub(crate) fn text(&self) -> String {
        // Go's `fmt` of the embedded rates, then of the time.
        format!(
            "rate: \"{}\"\nmax_rate: \"{}\"\nmax_change_rate: \"{}\"\nupdate_time: {}\n",
            self.rate, self.max_rate, self.max_change_rate, self.update_time
        )
    }
}
