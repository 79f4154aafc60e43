//! Every key of the store `slashing`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `signing_infos` ‖ consensus address | [`SigningInfo`] |
//! | `missed` ‖ consensus address ‖ chunk (8 bytes, big-endian) | 1,024 bits of the validator's window, base64; a set bit is a missed block |
//! | `pubkeys` ‖ consensus address | the key of a validator that staking has |
//!
//! Namespaces of maps are length-prefixed by cw-storage-plus; values are JSON.

use cosmwasm_std::Binary;
use cw_storage_plus::{Item, Map};
use openledger_core::ConsensusKey;
use openledger_staking::Time;
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::params::Params;

/// The module's store, named as in the SDK.
pub const STORE: StoreName = "slashing";

/// The parameters.
pub(crate) const PARAMS: Item<Params> = Item::new("params");
/// What is known of each validator that was ever bonded, by consensus address; never removed, so that a tombstone outlives the
/// validator that earned it.
pub(crate) const SIGNING_INFOS: Map<&[u8], SigningInfo> = Map::new("signing_infos");
/// Which blocks of the window a validator missed: by consensus address and chunk of [`CHUNK_BITS`](crate::CHUNK_BITS) blocks.
pub(crate) const MISSED: Map<(&[u8], u64), Binary> = Map::new("missed");
/// The consensus keys of staking's validators, by consensus address.
pub(crate) const PUBKEYS: Map<&[u8], StoredKey> = Map::new("pubkeys");

/// How a validator signs (`cosmos.slashing.v1beta1.ValidatorSigningInfo`); its consensus address is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningInfo {
    /// The height at which it was bonded last; a whole window must have passed since, before it is judged.
    pub start_height: u64,
    /// How many blocks it was expected to sign since the window began anew; its remainder by the window is the next bit.
    pub index_offset: u64,
    /// The time until which it stays jailed.
    pub jailed_until: Time,
    /// Whether it signed two blocks of one height, and never comes back.
    pub tombstoned: bool,
    /// How many of the window's blocks it missed.
    pub missed_blocks: u64,
}

impl Default for SigningInfo {
    /// Somebody who was never bonded; out of jail since 1970, as the SDK has it.
    fn default() -> Self {
        Self { start_height: 0, index_offset: 0, jailed_until: Time::EPOCH, tombstoned: false, missed_blocks: 0 }
    }
}

/// A consensus key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredKey {
    Ed25519(Binary),
    Secp256k1(Binary),
}

impl From<&ConsensusKey> for StoredKey {
    fn from(key: &ConsensusKey) -> Self {
        match key {
            ConsensusKey::Ed25519(key) => Self::Ed25519(key.as_slice().into()),
            ConsensusKey::Secp256k1(key) => Self::Secp256k1(key.as_slice().into()),
        }
    }
}

impl From<StoredKey> for ConsensusKey {
    fn from(key: StoredKey) -> Self {
        match key {
            StoredKey::Ed25519(key) => Self::Ed25519(key.into()),
            StoredKey::Secp256k1(key) => Self::Secp256k1(key.into()),
        }
    }
}
