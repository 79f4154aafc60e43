//! Genesis: who may switch what, and what is off.
//!
//! Source: `cosmossdk.io/x/circuit` v0.1.1, `types/genesis.go`, `keeper/genesis.go`. An account whose permissions were taken away is not
//! exported, since a genesis has none of that level there.

use std::collections::BTreeSet;

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Result};
use openledger_proto::cosmos::circuit::v1::{GenesisAccountPermissions, GenesisState};
use openledger_proto::Message;

use crate::error::CircuitError;
use crate::keeper::{Circuit, RESET};
use crate::state::{self, Level, Permissions, PERMISSIONS, STORE};

/// A checked genesis.
pub(crate) struct Checked {
    permissions: Vec<(Address, Permissions)>,
    disabled: Vec<String>,
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Checked> {
    let refused = |text: String| CircuitError::InvalidGenesis(text);
    let genesis = GenesisState::decode(genesis).map_err(|error| refused(error.to_string()))?;
    let mut seen = BTreeSet::new();
    let mut permissions = Vec::with_capacity(genesis.account_permissions.len());
    for account in &genesis.account_permissions {
        let address: Address = account.address.parse()?;
        let proto = account.permissions.as_ref();
        let proto =
            proto.ok_or_else(|| refused(format!("account has empty permissions, account address: {address}")))?;
        let read = Permissions::from_proto(proto)?;
        if read.level == Level::None {
            return Err(refused(format!(
                "invalid permission level account address: {address}, permission level: none"
            ))
            .into());
        }
        if !seen.insert(address.clone()) {
            return Err(refused(format!("{address} stands twice")).into());
        }
        permissions.push((address, read));
    }
    // As the messages do: they become keys.
    crate::msg::check_lengths(&genesis.disabled_type_urls).map_err(|error| refused(error.message))?;
    if genesis.disabled_type_urls.iter().any(|url| url == RESET) {
        return Err(CircuitError::CannotDisable(RESET.into()).into());
    }
    Ok(Checked { permissions, disabled: genesis.disabled_type_urls })
}

/// Takes a genesis over.
pub(crate) fn init(ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let Checked { permissions, disabled } = read(genesis)?;
    for (address, permissions) in &permissions {
        Circuit.set_permissions(ctx, address, permissions)?;
    }
    disabled.iter().try_for_each(|type_url| Circuit.disable(ctx, type_url))
}

/// The state as a genesis.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let mut account_permissions = Vec::new();
    for entry in PERMISSIONS.range(&*kv, None, None, Order::Ascending) {
        let (address, permissions) = entry?;
        if permissions.level != Level::None {
            account_permissions.push(proto(&Address::new(address)?, &permissions));
        }
    }
    Ok(GenesisState { account_permissions, disabled_type_urls: state::disabled(ctx)? })
}

/// Permissions with whose they are.
pub(crate) fn proto(address: &Address, permissions: &Permissions) -> GenesisAccountPermissions {
    GenesisAccountPermissions { address: address.to_string(), permissions: Some(permissions.to_proto()) }
}
