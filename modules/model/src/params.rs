//! The module's parameters and their ranges.

use cosmwasm_std::Uint256;
use openledger_core::Result;
use openledger_proto::openledger::model::v1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use openledger_core::wire;

/// The longest unbonding that governance may set: a year, in seconds.
pub const MAX_UNBONDING_SECONDS: u64 = 31_536_000;

/// Parameters of the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Least bond of a deployment, base units.
    pub min_bond: Uint256,
    /// Seconds of header time between the beginning of an unbonding and its withdrawal.
    pub unbonding_seconds: u64,
}

impl Default for Params {
    /// Mainnet's: 100 OPEN and 21 days.
    fn default() -> Self {
        Self { min_bond: Uint256::from(100_000_000_000_000_000_000u128), unbonding_seconds: 1_814_400 }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&ProtoParams>) -> Result<Self> {
        let params = params.ok_or_else(|| ModelError::InvalidParams("params are missing".into()))?;
        if params.unbonding_seconds == 0 || params.unbonding_seconds > MAX_UNBONDING_SECONDS {
            let text = format!("unbonding_seconds is 1 to {MAX_UNBONDING_SECONDS}, not {}", params.unbonding_seconds);
            return Err(ModelError::InvalidParams(text).into());
        }
        let min_bond = wire::amount("min_bond", &params.min_bond)?;
        Ok(Self { min_bond, unbonding_seconds: params.unbonding_seconds })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> ProtoParams {
        ProtoParams { min_bond: self.min_bond.to_string(), unbonding_seconds: self.unbonding_seconds }
    }
}
