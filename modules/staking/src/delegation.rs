//! Delegations, and what of them is on its way: back to the delegator, or from one validator to another.
//!
//! Source: SDK v0.50 `x/staking/types/delegation.go`.

use cosmwasm_std::Uint256;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{wire, Address, Dec, Result};
use openledger_proto::cosmos::staking::v1beta1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::StakingError;
use crate::time::Time;
use crate::validator::shares;

/// The shares that somebody has of a validator's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Who delegates.
    pub delegator: Address,
    /// To which validator.
    pub operator: Address,
    /// The shares; positive.
    pub shares: Dec,
}

impl Delegation {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Delegation {
        proto::Delegation {
            delegator_address: self.delegator.to_string(),
            validator_address: self.operator.to_bech32(VALOPER_PREFIX),
            shares: self.shares.to_proto(),
        }
    }

    pub(crate) fn from_proto(delegation: &proto::Delegation) -> Result<Self> {
        Ok(Self {
            delegator: delegation.delegator_address.parse()?,
            operator: Address::from_bech32(&delegation.validator_address, VALOPER_PREFIX)?,
            shares: shares(&delegation.shares)?,
        })
    }
}

/// One undelegation that is not paid yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnbondingEntry {
    /// The height at which it began.
    pub creation_height: u64,
    /// When it is paid.
    pub completion_time: Time,
    /// What was undelegated.
    pub initial_balance: Uint256,
    /// What is left of it after slashes.
    pub balance: Uint256,
    /// Its number.
    pub id: u64,
    /// How often it is put on hold.
    pub on_hold: u64,
}

/// One redelegation that is not over yet: its shares may be slashed for what the validator did that they came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedelegationEntry {
    /// The height at which it began, or the one at which the validator left the set that it came from.
    pub creation_height: u64,
    /// When it is over.
    pub completion_time: Time,
    /// The tokens that moved.
    pub initial_balance: Uint256,
    /// The shares that they bought.
    pub shares_dst: Dec,
    /// Its number.
    pub id: u64,
    /// How often it is put on hold.
    pub on_hold: u64,
}

/// What both kinds of entry have in common.
pub(crate) trait Entry {
    /// When it ends.
    fn completion_time(&self) -> Time;
    /// Its number.
    fn id(&self) -> u64;
    /// How often it is put on hold.
    fn on_hold(&mut self) -> &mut u64;
    /// Whether it is put on hold.
    fn is_on_hold(&self) -> bool;
    /// Whether it ended and nothing holds it.
    fn is_complete(&self, now: Time) -> bool {
        self.completion_time() <= now && !self.is_on_hold()
    }
}

impl Entry for UnbondingEntry {
    fn completion_time(&self) -> Time {
        self.completion_time
    }
    fn id(&self) -> u64 {
        self.id
    }
    fn on_hold(&mut self) -> &mut u64 {
        &mut self.on_hold
    }
    fn is_on_hold(&self) -> bool {
        self.on_hold > 0
    }
}

impl Entry for RedelegationEntry {
    fn completion_time(&self) -> Time {
        self.completion_time
    }
    fn id(&self) -> u64 {
        self.id
    }
    fn on_hold(&mut self) -> &mut u64 {
        &mut self.on_hold
    }
    fn is_on_hold(&self) -> bool {
        self.on_hold > 0
    }
}

/// All that one delegator has unbonding from one validator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbondingDelegation {
    /// Who undelegated.
    pub delegator: Address,
    /// From which validator.
    pub operator: Address,
    /// The undelegations, in order.
    pub entries: Vec<UnbondingEntry>,
}

impl UnbondingDelegation {
    /// Adds an undelegation; one that began at the same height and ends at the same time takes it up. Whether it is a new one.
    pub(crate) fn add(
        &mut self,
        creation_height: u64,
        completion_time: Time,
        balance: Uint256,
        id: u64,
    ) -> Result<bool> {
        let alike = |entry: &&mut UnbondingEntry| {
            entry.creation_height == creation_height && entry.completion_time == completion_time
        };
        if let Some(entry) = self.entries.iter_mut().find(alike) {
            entry.balance = wire::add(entry.balance, balance)?;
            entry.initial_balance = wire::add(entry.initial_balance, balance)?;
            return Ok(false);
        }
        let entry =
            UnbondingEntry { creation_height, completion_time, initial_balance: balance, balance, id, on_hold: 0 };
        self.entries.push(entry);
        Ok(true)
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::UnbondingDelegation {
        let entry = |entry: &UnbondingEntry| proto::UnbondingDelegationEntry {
            creation_height: signed(entry.creation_height),
            completion_time: Some(entry.completion_time.to_proto()),
            initial_balance: entry.initial_balance.to_string(),
            balance: entry.balance.to_string(),
            unbonding_id: entry.id,
            unbonding_on_hold_ref_count: signed(entry.on_hold),
        };
        proto::UnbondingDelegation {
            delegator_address: self.delegator.to_string(),
            validator_address: self.operator.to_bech32(VALOPER_PREFIX),
            entries: self.entries.iter().map(entry).collect(),
        }
    }

    pub(crate) fn from_proto(unbonding: &proto::UnbondingDelegation) -> Result<Self> {
        let entry = |entry: &proto::UnbondingDelegationEntry| {
            Ok(UnbondingEntry {
                creation_height: unsigned("creation_height", entry.creation_height)?,
                completion_time: Time::from_proto(entry.completion_time.as_ref()),
                initial_balance: wire::amount("initial_balance", &entry.initial_balance)?,
                balance: wire::amount("balance", &entry.balance)?,
                id: entry.unbonding_id,
                on_hold: unsigned("unbonding_on_hold_ref_count", entry.unbonding_on_hold_ref_count)?,
            })
        };
        Ok(Self {
            delegator: unbonding.delegator_address.parse()?,
            operator: Address::from_bech32(&unbonding.validator_address, VALOPER_PREFIX)?,
            entries: unbonding.entries.iter().map(entry).collect::<Result<_>>()?,
        })
    }
}

/// All that one delegator has on its way from one validator to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redelegation {
    /// Who redelegated.
    pub delegator: Address,
    /// From which validator.
    pub source: Address,
    /// To which validator.
    pub destination: Address,
    /// The redelegations, in order.
    pub entries: Vec<RedelegationEntry>,
}

impl Redelegation {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Redelegation {
        proto::Redelegation {
            delegator_address: self.delegator.to_string(),
            validator_src_address: self.source.to_bech32(VALOPER_PREFIX),
            validator_dst_address: self.destination.to_bech32(VALOPER_PREFIX),
            entries: self.entries.iter().map(RedelegationEntry::to_proto).collect(),
        }
    }

    pub(crate) fn from_proto(redelegation: &proto::Redelegation) -> Result<Self> {
        let entry = |entry: &proto::RedelegationEntry| {
            Ok(RedelegationEntry {
                creation_height: unsigned("creation_height", entry.creation_height)?,
                completion_time: Time::from_proto(entry.completion_time.as_ref()),
                initial_balance: wire::amount("initial_balance", &entry.initial_balance)?,
                shares_dst: shares(&entry.shares_dst)?,
                id: entry.unbonding_id,
                on_hold: unsigned("unbonding_on_hold_ref_count", entry.unbonding_on_hold_ref_count)?,
            })
        };
        Ok(Self {
            delegator: redelegation.delegator_address.parse()?,
            source: Address::from_bech32(&redelegation.validator_src_address, VALOPER_PREFIX)?,
            destination: Address::from_bech32(&redelegation.validator_dst_address, VALOPER_PREFIX)?,
            entries: redelegation.entries.iter().map(entry).collect::<Result<_>>()?,
        })
    }
}

impl RedelegationEntry {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::RedelegationEntry {
        proto::RedelegationEntry {
            creation_height: signed(self.creation_height),
            completion_time: Some(self.completion_time.to_proto()),
            initial_balance: self.initial_balance.to_string(),
            shares_dst: self.shares_dst.to_proto(),
            unbonding_id: self.id,
            unbonding_on_hold_ref_count: signed(self.on_hold),
        }
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(field: &str, number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| StakingError::InvalidGenesis(format!("{field} is {number}")).into())
}
