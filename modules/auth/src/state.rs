//! Every key of the store `acc`.
//!
//! | key | value |
//! | --- | --- |
//! | `accounts` ‖ address bytes | [`Record`]: the account without its address |
//! | `numbers` ‖ number (8 bytes, big-endian) | the address bytes, as JSON base64 |
//! | `next_number` | the number that the next account gets |
//! | `params` | [`Params`] |
//! | `vesting` ‖ address bytes | [`Vesting`]; there for vesting accounts alone, so that a payment asks for this and not for the account |
//!
//! Namespaces of maps are length-prefixed by cw-storage-plus; values are JSON.

use cosmwasm_std::Binary;
use cw_storage_plus::{Item, Map};
use openledger_core::{Address, Result, SdkError};
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::account::{Account, Kind};
use crate::key::PublicKey;
use crate::params::Params;
use crate::vesting::Vesting;

/// The module's store, named as in the SDK.
pub const STORE: StoreName = "acc";

/// Accounts by address.
pub(crate) const ACCOUNTS: Map<&[u8], Record> = Map::new("accounts");
/// Addresses by account number; written once, with the account.
pub(crate) const NUMBERS: Map<u64, Binary> = Map::new("numbers");
/// The next account's number; 0 where there is none yet.
pub(crate) const NEXT_NUMBER: Item<u64> = Item::new("next_number");
/// The parameters.
pub(crate) const PARAMS: Item<Params> = Item::new("params");
/// What vests, by account.
pub(crate) const VESTING: Map<&[u8], Vesting> = Map::new("vesting");

/// An account as it is stored: its address is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    number: u64,
    sequence: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<PublicKey>,
    #[serde(default, skip_serializing_if = "is_base")]
    kind: StoredKind,
}

/// A [`Kind`] as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredKind {
    #[default]
    Base,
    Module {
        name: String,
        permissions: Vec<String>,
    },
    /// What vests stands in [`VESTING`].
    Vesting,
}

fn is_base(kind: &StoredKind) -> bool {
    *kind == StoredKind::Base
}

impl Record {
    pub(crate) fn of(account: &Account) -> Self {
        let kind = match &account.kind {
            Kind::Base => StoredKind::Base,
            Kind::Module { name, permissions } => {
                StoredKind::Module { name: name.clone(), permissions: permissions.clone() }
            }
            Kind::Vesting(_) => StoredKind::Vesting,
        };
        Self { number: account.number, sequence: account.sequence, key: account.key.clone(), kind }
    }

    pub(crate) fn is_vesting(&self) -> bool {
        self.kind == StoredKind::Vesting
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The account that this is of; `vesting` is what [`VESTING`] has for it.
    pub(crate) fn at(self, address: Address, vesting: Option<Vesting>) -> Result<Account> {
        let kind = match (self.kind, vesting) {
            (StoredKind::Base, None) => Kind::Base,
            (StoredKind::Module { name, permissions }, None) => Kind::Module { name, permissions },
            (StoredKind::Vesting, Some(vesting)) => Kind::Vesting(Box::new(vesting)),
            (kind, _) => {
                return Err(SdkError::Logic(format!("auth state: what vests of {address} does not fit {kind:?}")).into())
            }
        };
        Ok(Account { address, number: self.number, sequence: self.sequence, key: self.key, kind })
    }
}
