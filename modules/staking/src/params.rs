//! The parameters of staking.
//!
//! Source: SDK v0.50 `x/staking/types/params.go`; the bond denomination is this chain's.

use std::time::Duration;

use openledger_core::{coin, Dec, Result, BASE_DENOM};
use openledger_proto::cosmos::staking::v1beta1::Params as Proto;
use openledger_proto::Duration as ProtoDuration;
use serde::{Deserialize, Serialize};

use crate::error::StakingError;

/// The parameters; fields as in `cosmos.staking.v1beta1.Params`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// How long stake that leaves may still be slashed.
    pub unbonding_time: Duration,
    /// The most validators in the set.
    pub max_validators: u32,
    /// The most entries that an undelegation or redelegation of one pair may have.
    pub max_entries: u32,
    /// How many heights the set and header are kept for.
    pub historical_entries: u32,
    /// The denomination that is staked.
    pub bond_denom: String,
    /// The least commission that a validator may ask.
    pub min_commission_rate: Dec,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            // Three weeks.
            unbonding_time: Duration::from_secs(1_814_400),
            max_validators: 100,
            max_entries: 7,
            historical_entries: 10_000,
            bond_denom: BASE_DENOM.into(),
            min_commission_rate: Dec::ZERO,
        }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: &Proto) -> Result<Self> {
        let invalid = |text: String| Err(StakingError::InvalidParams(text).into());
        let nanos = params.unbonding_time.as_ref().and_then(nanoseconds).unwrap_or_default();
        let unbonding_time = match u64::try_from(nanos) {
            Ok(nanos) if nanos > 0 => Duration::from_nanos(nanos),
            _ => return invalid(format!("unbonding time must be positive: {nanos}")),
        };
        for (value, name) in [(params.max_validators, "max validators"), (params.max_entries, "max entries")] {
            if value == 0 {
                return invalid(format!("{name} must be positive: {value}"));
            }
        }
        if params.bond_denom.trim().is_empty() {
            return invalid("bond denom cannot be blank".into());
        }
        coin::check_denom(&params.bond_denom)?;
        if params.min_commission_rate.is_empty() {
            return invalid("minimum commission rate cannot be nil: <nil>".into());
        }
        let rate = Dec::from_proto(&params.min_commission_rate)?;
        if rate.is_negative() {
            return invalid(format!("minimum commission rate cannot be negative: {rate}"));
        }
        if rate > Dec::one() {
            return invalid(format!("minimum commission rate cannot be greater than 100%: {rate}"));
        }
        Ok(Self {
            unbonding_time,
            max_validators: params.max_validators,
            max_entries: params.max_entries,
            historical_entries: params.historical_entries,
            bond_denom: params.bond_denom.clone(),
            min_commission_rate: rate,
        })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> Proto {
        let seconds = i64::try_from(self.unbonding_time.as_secs()).unwrap_or(i64::MAX);
        let nanos = i32::try_from(self.unbonding_time.subsec_nanos()).unwrap_or_default();
        Proto {
            unbonding_time: Some(ProtoDuration { seconds, nanos }),
            max_validators: self.max_validators,
            max_entries: self.max_entries,
            historical_entries: self.historical_entries,
            bond_denom: self.bond_denom.clone(),
            min_commission_rate: self.min_commission_rate.to_proto(),
        }
    }
}

/// A duration in Go's nanoseconds; `None` where 64 bits cannot hold it.
fn nanoseconds(duration: &ProtoDuration) -> Option<i64> {
    duration.seconds.checked_mul(1_000_000_000)?.checked_add(duration.nanos.into())
}
