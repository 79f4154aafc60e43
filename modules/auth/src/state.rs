//! Every key of the store `acc`.
//!
//! | key | value |
//! | --- | --- |
//! | `accounts` ‖ address bytes | [`Record`]: the account without its address |
//! | `numbers` ‖ number (8 bytes, big-endian) | the address bytes, as JSON base64 |
//! | `next_number` | the number that the next account gets |
//! | `params` | [`Params`] |
//!
//! Namespaces of maps are length-prefixed by cw-storage-plus; values are JSON.

use cosmwasm_std::Binary;
use cw_storage_plus::{Item, Map};
use openledger_core::Address;
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::account::{Account, Kind};
use crate::key::PublicKey;
use crate::params::Params;

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

/// An account as it is stored: its address is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    number: u64,
    sequence: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<PublicKey>,
    #[serde(default, skip_serializing_if = "is_base")]
    kind: Kind,
}

fn is_base(kind: &Kind) -> bool {
    *kind == Kind::Base
}

impl Record {
    pub(crate) fn of(account: &Account) -> Self {
        let Account { number, sequence, key, kind, .. } = account.clone();
        Self { number, sequence, key, kind }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn at(self, address: Address) -> Account {
        Account { address, number: self.number, sequence: self.sequence, key: self.key, kind: self.kind }
    }
}
