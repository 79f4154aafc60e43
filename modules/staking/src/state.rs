//! Every key of the store `staking`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `validators` ‖ operator | [`Validator`] |
//! | `by_cons` ‖ consensus address | the operator |
//! | `by_power` ‖ power ‖ rank | nothing: what may be bonded, see [`power_key`] |
//! | `last_powers` ‖ operator | the power that CometBFT was told |
//! | `last_total_power` | their sum |
//! | `delegations` ‖ delegator ‖ operator | shares |
//! | `delegations_to` ‖ operator ‖ delegator | nothing: index |
//! | `unbondings` ‖ delegator ‖ operator | the [`UnbondingEntry`]s |
//! | `unbondings_from` ‖ operator ‖ delegator | nothing: index |
//! | `redelegations` ‖ delegator ‖ source ‖ destination | the [`RedelegationEntry`]s |
//! | `redelegations_from` ‖ source ‖ delegator ‖ destination | nothing: index |
//! | `redelegations_to` ‖ delegator ‖ destination ‖ source | nothing: index |
//! | `unbonding_queue` ‖ time ‖ number | a [`Pair`] of which an entry ends then |
//! | `redelegation_queue` ‖ time ‖ number | a [`Triplet`] of which an entry ends then |
//! | `validator_queue` ‖ time · height ‖ operator | nothing: a validator whose unbonding ends then |
//! | `next_queued` | the number of the next entry of a queue |
//! | `unbonding_id` | the number of the last unbonding |
//! | `unbonding_ops` ‖ number | what is unbonding under it |
//! | `history` ‖ height | header and number of the set, see [`Past`] |
//! | `history_sets` ‖ number | the validators of a set, as protobuf |
//!
//! A time in a key is seconds (the sign turned, so that it sorts) and nanoseconds (u32). Numbers in keys are big-endian; namespaces,
//! and all parts of a key but the last, carry their length (cw-storage-plus). Values are JSON.

#![allow(clippy::type_complexity, reason = "tests/spec/state_keys.py reads each key's parts where it is declared")]

use cosmwasm_std::{Binary, Empty};
use cw_storage_plus::{Item, Map};
use openledger_core::{Address, Dec, Result};
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::delegation::{RedelegationEntry, UnbondingEntry};
use crate::params::Params;
use crate::time::Time;
use crate::validator::Validator;

/// The module's store.
pub const STORE: StoreName = "staking";

/// The parameters.
pub(crate) const PARAMS: Item<Params> = Item::new("params");
/// Validators by operator.
pub(crate) const VALIDATORS: Map<&[u8], Validator> = Map::new("validators");
/// Operators by consensus address.
pub(crate) const BY_CONS: Map<&[u8], Binary> = Map::new("by_cons");
/// Validators that are not jailed, by power and rank.
pub(crate) const BY_POWER: Map<(u64, &[u8]), Empty> = Map::new("by_power");
/// Powers of the set as CometBFT knows it.
pub(crate) const LAST_POWERS: Map<&[u8], u64> = Map::new("last_powers");
/// The sum of these.
pub(crate) const LAST_TOTAL_POWER: Item<u64> = Item::new("last_total_power");
/// Shares by delegator and operator.
pub(crate) const DELEGATIONS: Map<(&[u8], &[u8]), Dec> = Map::new("delegations");
/// Delegators by operator.
pub(crate) const DELEGATIONS_TO: Map<(&[u8], &[u8]), Empty> = Map::new("delegations_to");
/// Undelegations by delegator and operator.
pub(crate) const UNBONDINGS: Map<(&[u8], &[u8]), Vec<UnbondingEntry>> = Map::new("unbondings");
/// Those by operator.
pub(crate) const UNBONDINGS_FROM: Map<(&[u8], &[u8]), Empty> = Map::new("unbondings_from");
/// Redelegations by delegator, source and destination.
pub(crate) const REDELEGATIONS: Map<(&[u8], &[u8], &[u8]), Vec<RedelegationEntry>> = Map::new("redelegations");
/// Those by source.
pub(crate) const REDELEGATIONS_FROM: Map<(&[u8], &[u8], &[u8]), Empty> = Map::new("redelegations_from");
/// Those by delegator and destination.
pub(crate) const REDELEGATIONS_TO: Map<(&[u8], &[u8], &[u8]), Empty> = Map::new("redelegations_to");
/// Undelegations by their ends.
pub(crate) const UNBONDING_QUEUE: Map<(&[u8], u64), Pair> = Map::new("unbonding_queue");
/// Redelegations by their ends.
pub(crate) const REDELEGATION_QUEUE: Map<(&[u8], u64), Triplet> = Map::new("redelegation_queue");
/// Validators by the ends of their unbondings.
pub(crate) const VALIDATOR_QUEUE: Map<(&[u8], &[u8]), Empty> = Map::new("validator_queue");
/// The number of the next entry of a queue; within a time, entries end in the order in which they began.
pub(crate) const NEXT_QUEUED: Item<u64> = Item::new("next_queued");
/// The number of the last unbonding.
pub(crate) const UNBONDING_ID: Item<u64> = Item::new("unbonding_id");
/// What is unbonding, by number.
pub(crate) const UNBONDING_OPS: Map<u64, UnbondingOp> = Map::new("unbonding_ops");
/// Past headers.
pub(crate) const HISTORY: Map<u64, Past> = Map::new("history");
/// Past sets; a set that lasts many heights is there once.
pub(crate) const HISTORY_SETS: Map<u64, Binary> = Map::new("history_sets");

/// An undelegation's parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) delegator: Address,
    #[serde(with = "crate::validator::operator_text")]
    pub(crate) operator: Address,
}

/// A redelegation's parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Triplet {
    pub(crate) delegator: Address,
    #[serde(with = "crate::validator::operator_text")]
    pub(crate) source: Address,
    #[serde(with = "crate::validator::operator_text")]
    pub(crate) destination: Address,
}

/// What is unbonding under a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnbondingOp {
    /// An entry of an undelegation.
    Undelegation(Pair),
    /// An entry of a redelegation.
    Redelegation(Triplet),
    /// A validator.
    Validator(#[serde(with = "crate::validator::operator_text")] Address),
}

/// A past height.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Past {
    /// `tendermint.types.Header`.
    pub(crate) header: Binary,
    /// The number of its set: the height from which on it was as it is.
    pub(crate) set: u64,
}

/// The key of a validator in the index by power. Read downwards, higher powers come first, and among equals the lower operator address:
/// the address is inverted, and its length stands before it as in the SDK's key.
pub(crate) fn power_key(validator: &Validator) -> (u64, Vec<u8>) {
    let address = validator.operator.as_bytes();
    let length = u8::try_from(address.len()).unwrap_or(u8::MAX);
    let rank = std::iter::once(length).chain(address.iter().map(|byte| !byte)).collect();
    (validator.potential_power(), rank)
}

/// The operator of a rank.
pub(crate) fn operator_of_rank(rank: &[u8]) -> Result<Address> {
    Ok(Address::new(rank.iter().skip(1).map(|byte| !byte).collect::<Vec<u8>>())?)
}

/// The time and height at which a validator's unbonding ends, as a key.
pub(crate) fn validator_due(time: Time, height: u64) -> Vec<u8> {
    [time.key().as_slice(), &height.to_be_bytes()].concat()
}

/// The raw bytes with which a map's keys begin that have these first parts.
pub(crate) fn prefix<K, T>(map: &Map<K, T>, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in std::iter::once(map.namespace_bytes()).chain(parts.iter().copied()) {
        // Names and addresses have at most 255 bytes.
        bytes.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
