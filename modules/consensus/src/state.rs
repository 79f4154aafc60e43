//! Every key of the store `consensus`.
//!
//! | key | value |
//! | --- | --- |
//! | `Consensus` (text) | `tendermint.types.ConsensusParams`, as the SDK stores it |
//! | `validators` ‖ consensus address | [`Record`]: key and power |
//! | `total_power` | the sum of the powers |
//! | `guests` | that the validators are InitChain's, of whom staking knows nothing; absent once staking's stand there |

use cosmwasm_std::Binary;
use cw_storage_plus::{Item, Map};
use openledger_core::ConsensusKey;
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

/// The module's store.
pub const STORE: StoreName = "consensus";

/// The consensus parameters.
pub(crate) const PARAMS_KEY: &[u8] = b"Consensus";
/// The validators by consensus address.
pub(crate) const VALIDATORS: Map<&[u8], Record> = Map::new("validators");
/// The sum of the validators' powers.
pub(crate) const TOTAL_POWER: Item<u64> = Item::new("total_power");

/// Whether the validators are guests: InitChain's, until staking has some.
pub(crate) const GUESTS: Item<bool> = Item::new("guests");

/// A validator as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) key: StoredKey,
    pub(crate) power: u64,
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
