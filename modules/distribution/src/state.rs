//! Every key of the store `distribution`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `community_pool` | decimal coins: what is the community's |
//! | `previous_proposer` | consensus address of the proposer of the block executed last; empty where there was none |
//! | `outstanding` ‖ operator | decimal coins: what was shared out to the validator's stakers and itself and is not paid yet |
//! | `withdraw_addresses` ‖ delegator | the account that the delegator's rewards go to, where it is another |
//! | `starting` ‖ operator ‖ delegator | [`StartingInfo`]: from which period on the delegation's rewards are unpaid |
//! | `historical` ‖ operator ‖ period | [`Historical`]: rewards per unit of stake up to the end of the period |
//! | `current` ‖ operator | [`Current`]: the validator's present period and its rewards so far |
//! | `commissions` ‖ operator | decimal coins: the validator's commission that is not paid yet |
//! | `slashes` ‖ operator ‖ height ‖ period | [`SlashEvent`]: a slash, and the period that it ended |
//!
//! Names of maps and all parts of a key but the last are length-prefixed by cw-storage-plus; integers are big-endian; values are JSON.

use cosmwasm_std::Binary;
use cw_storage_plus::{Item, Map};
use openledger_core::{Address, Dec, DecCoins};
use openledger_proto::cosmos::distribution::v1beta1 as proto;
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::params::Params;

/// The module's store.
pub const STORE: StoreName = "distribution";

pub(crate) const PARAMS: Item<Params> = Item::new("params");
/// What is the community's; a part of the module account's balance.
pub(crate) const COMMUNITY_POOL: Item<DecCoins> = Item::new("community_pool");
/// Who proposed the block executed last.
pub(crate) const PREVIOUS_PROPOSER: Item<Binary> = Item::new("previous_proposer");
/// What a validator and its stakers have not been paid yet, commission included.
pub(crate) const OUTSTANDING: Map<&[u8], DecCoins> = Map::new("outstanding");
/// Where a delegator's rewards go, where that is not the delegator.
pub(crate) const WITHDRAW_ADDRESSES: Map<&[u8], Address> = Map::new("withdraw_addresses");
/// Where a delegation's unpaid rewards begin: operator, delegator.
pub(crate) const STARTING: Map<(&[u8], &[u8]), StartingInfo> = Map::new("starting");
/// Sums of rewards per unit of stake: operator, period.
pub(crate) const HISTORICAL: Map<(&[u8], u64), Historical> = Map::new("historical");
/// A validator's present period.
pub(crate) const CURRENT: Map<&[u8], Current> = Map::new("current");
/// A validator's unpaid commission.
pub(crate) const COMMISSIONS: Map<&[u8], DecCoins> = Map::new("commissions");
/// Slashes: operator, height, period.
pub(crate) const SLASHES: Map<(&[u8], u64, u64), SlashEvent> = Map::new("slashes");

/// Rewards per unit of stake, summed up to the end of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Historical {
    /// The sum.
    pub ratio: DecCoins,
    /// How many count from this period: each delegation that began in the next one, each slash that ended it, and the validator
    /// itself for its last one. It goes with the last of them.
    pub references: u32,
}

impl Historical {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::ValidatorHistoricalRewards {
        proto::ValidatorHistoricalRewards {
            cumulative_reward_ratio: self.ratio.to_proto(),
            reference_count: self.references,
        }
    }
}

/// A validator's present period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// What its stakers got in it so far.
    pub rewards: DecCoins,
    /// Its number, from 1.
    pub period: u64,
}

impl Current {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::ValidatorCurrentRewards {
        proto::ValidatorCurrentRewards { rewards: self.rewards.to_proto(), period: self.period }
    }
}

/// Where a delegation's unpaid rewards begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartingInfo {
    /// The period after whose end they begin.
    pub previous_period: u64,
    /// The delegation's stake then, in base units.
    pub stake: Dec,
    /// The height then.
    pub height: u64,
}

impl StartingInfo {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::DelegatorStartingInfo {
        proto::DelegatorStartingInfo {
            previous_period: self.previous_period,
            stake: self.stake.to_proto(),
            height: self.height,
        }
    }
}

/// A slash of a validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlashEvent {
    /// The period that it ended.
    pub period: u64,
    /// The part of its stake that the validator lost.
    pub fraction: Dec,
}

impl SlashEvent {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::ValidatorSlashEvent {
        proto::ValidatorSlashEvent { validator_period: self.period, fraction: self.fraction.to_proto() }
    }
}
