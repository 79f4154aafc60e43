//! The module accounts of the chain: one table of who may hold money and what else it may do with it.
//!
//! A module that holds money has a row here. Source of the terms: SDK v0.50 `x/auth/types/permissions.go` and simapp's `maccPerms`;
//! as there, no transaction may send to a module account, except to governance's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use openledger_core::{Address, Result};

use crate::authority::GOV_MODULE;
use crate::error::AuthError;

/// Where transaction fees wait.
pub const FEE_COLLECTOR: &str = "fee_collector";
/// May create coins: vouchers of coins that are locked on another chain. The base denomination is never created after genesis.
pub const MINTER: &str = "minter";
/// May destroy coins that it holds.
pub const BURNER: &str = "burner";

/// Holds coins that are delegated to it, and gives them back.
pub const STAKING: &str = "staking";
/// Where the stake of bonded validators lies.
pub const BONDED_POOL: &str = "bonded_tokens_pool";
/// Where stake lies that is unbonding, or whose validator is not bonded.
pub const NOT_BONDED_POOL: &str = "not_bonded_tokens_pool";

/// A row: the account's name and what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleAccess {
    /// The name that its address is derived from.
    pub name: &'static str,
    /// [`MINTER`], [`BURNER`], [`STAKING`] or nothing.
    pub permissions: &'static [&'static str],
}

/// Every module account, in the order of their names.
pub const MODULE_ACCOUNTS: &[ModuleAccess] = &[
    ModuleAccess { name: "attribution", permissions: &[BURNER] },
    ModuleAccess { name: BONDED_POOL, permissions: &[BURNER, STAKING] },
    ModuleAccess { name: "contributor", permissions: &[BURNER] },
    ModuleAccess { name: "datanet", permissions: &[BURNER] },
    ModuleAccess { name: "distribution", permissions: &[] },
    ModuleAccess { name: FEE_COLLECTOR, permissions: &[] },
    ModuleAccess { name: GOV_MODULE, permissions: &[BURNER] },
    ModuleAccess { name: "mint", permissions: &[] },
    ModuleAccess { name: "model", permissions: &[BURNER] },
    ModuleAccess { name: NOT_BONDED_POOL, permissions: &[BURNER, STAKING] },
    ModuleAccess { name: "transfer", permissions: &[MINTER, BURNER] },
];

static BY_ADDRESS: LazyLock<BTreeMap<Address, &'static ModuleAccess>> =
    LazyLock::new(|| MODULE_ACCOUNTS.iter().map(|access| (Address::module(access.name), access)).collect());

/// The row of a name.
pub fn by_name(name: &str) -> Option<&'static ModuleAccess> {
    MODULE_ACCOUNTS.iter().find(|access| access.name == name)
}

/// The row of an address.
pub fn by_address(address: &Address) -> Option<&'static ModuleAccess> {
    BY_ADDRESS.get(address).copied()
}

/// Whether transactions may not send to this address.
pub fn is_blocked(address: &Address) -> bool {
    by_address(address).is_some_and(|access| access.name != GOV_MODULE)
}

/// Refuses a module that lacks a permission.
pub fn check_permission(name: &str, permission: &str) -> Result<()> {
    let granted = by_name(name).is_some_and(|access| access.permissions.contains(&permission));
    if granted {
        Ok(())
    } else {
        Err(AuthError::ModuleAccount(format!("module account {name} does not have the permission {permission}")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_module_but_governance_is_blocked() {
        assert!(MODULE_ACCOUNTS.windows(2).all(|pair| pair[0].name < pair[1].name));
        for access in MODULE_ACCOUNTS {
            assert_eq!(is_blocked(&Address::module(access.name)), access.name != "gov", "{}", access.name);
        }
        assert!(!is_blocked(&Address::module("nobody")));
    }

    #[test]
    fn only_a_row_s_permissions_are_granted() {
        assert!(check_permission("gov", BURNER).is_ok());
        assert!(check_permission("gov", MINTER).is_err());
        assert!(check_permission(FEE_COLLECTOR, BURNER).is_err());
        assert!(check_permission("nobody", BURNER).is_err());
    }
}
