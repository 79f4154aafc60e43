//! The parameters: the community's part of all rewards, and whether delegators may choose where theirs go.
//!
//! Source: SDK v0.50 `x/distribution/types/params.go`. The proposer's extra reward is retired there: nothing reads it, the message
//! that would set it is refused, and a genesis may carry it.

use openledger_core::Dec;
use openledger_proto::cosmos::distribution::v1beta1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::DistributionError;

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// The part of all rewards that goes to the community pool: 0 to 1.
    pub community_tax: Dec,
    /// Retired; kept as it stood in genesis.
    pub base_proposer_reward: Dec,
    /// Retired; kept as it stood in genesis.
    pub bonus_proposer_reward: Dec,
    /// Whether delegators may choose where their rewards go.
    pub withdraw_addr_enabled: bool,
}

impl Default for Params {
    /// 2 % for the community.
    fn default() -> Self {
        Self {
            community_tax: Dec::from_units(20_000_000_000_000_000),
            base_proposer_reward: Dec::ZERO,
            bonus_proposer_reward: Dec::ZERO,
            withdraw_addr_enabled: true,
        }
    }
}

impl Params {
    /// Reads and checks protobuf's form.
    #[allow(deprecated, reason = "the retired rewards are a part of the message")]
    pub fn from_proto(params: &ProtoParams) -> Result<Self, DistributionError> {
        let read =
            |text: &str| Dec::from_proto(text).map_err(|error| DistributionError::InvalidParams(error.to_string()));
        if params.community_tax.is_empty() {
            return Err(DistributionError::InvalidParams("community tax must be not nil".into()));
        }
        let community_tax = read(&params.community_tax)?;
        if community_tax.is_negative() {
            return Err(DistributionError::InvalidParams(format!("community tax must be positive: {community_tax}")));
        }
        if community_tax > Dec::one() {
            return Err(DistributionError::InvalidParams(format!("community tax too large: {community_tax}")));
        }
        Ok(Self {
            community_tax,
            base_proposer_reward: read(&params.base_proposer_reward)?,
            bonus_proposer_reward: read(&params.bonus_proposer_reward)?,
            withdraw_addr_enabled: params.withdraw_addr_enabled,
        })
    }

    /// Protobuf's form.
    #[allow(deprecated, reason = "the retired rewards are a part of the message")]
    pub fn to_proto(&self) -> ProtoParams {
        ProtoParams {
            community_tax: self.community_tax.to_proto(),
            base_proposer_reward: self.base_proposer_reward.to_proto(),
            bonus_proposer_reward: self.bonus_proposer_reward.to_proto(),
            withdraw_addr_enabled: self.withdraw_addr_enabled,
        }
    }
}
