//! The module's parameters and their ranges.

use cosmwasm_std::Uint256;
use openledger_core::Result;
use openledger_proto::openledger::model::v1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use openledger_core::wire;

/// The longest unbonding that governance may set: a year, in seconds.
pub const MAX_UNBONDING_SECONDS: u64 = 31_536_000;

/// The longest time to decide a feedback that governance may set: a year, in seconds.
pub const MAX_FEEDBACK_SECONDS: u64 = 31_536_000;

/// Parameters of the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Least bond of a deployment that takes new sessions, base units.
    pub min_bond: Uint256,
    /// Seconds of header time between the beginning of an unbonding and its withdrawal.
    pub unbonding_seconds: u64,
    /// Least deposit of a feedback, base units.
    pub feedback_deposit: Uint256,
    /// Seconds of header time within which an owner may decide a feedback.
    pub feedback_window_seconds: u64,
}

impl Default for Params {
    /// Mainnet's: 100 OPEN and 21 days; 1 OPEN and 30 days.
    fn default() -> Self {
        Self {
            min_bond: Uint256::from(100_000_000_000_000_000_000u128),
            unbonding_seconds: 1_814_400,
            feedback_deposit: Uint256::from(1_000_000_000_000_000_000u128),
            feedback_window_seconds: 2_592_000,
        }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&ProtoParams>) -> Result<Self> {
        let params = params.ok_or_else(|| ModelError::InvalidParams("params are missing".into()))?;
        let seconds = |name: &str, value: u64, most: u64| match (1..=most).contains(&value) {
            true => Ok(value),
            false => Err(ModelError::InvalidParams(format!("{name} is 1 to {most}, not {value}"))),
        };
        Ok(Self {
            min_bond: wire::amount("min_bond", &params.min_bond)?,
            unbonding_seconds: seconds("unbonding_seconds", params.unbonding_seconds, MAX_UNBONDING_SECONDS)?,
            feedback_deposit: wire::amount("feedback_deposit", &params.feedback_deposit)?,
            feedback_window_seconds: seconds(
                "feedback_window_seconds",
                params.feedback_window_seconds,
                MAX_FEEDBACK_SECONDS,
            )?,
        })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> ProtoParams {
        ProtoParams {
            min_bond: self.min_bond.to_string(),
            unbonding_seconds: self.unbonding_seconds,
            feedback_deposit: self.feedback_deposit.to_string(),
            feedback_window_seconds: self.feedback_window_seconds,
        }
    }
}
