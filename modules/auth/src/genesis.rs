//! Genesis: parameters and accounts.
//!
//! Source: SDK v0.50 `x/auth/types/genesis.go`, `x/auth/keeper/genesis.go`. Numbers that occur twice are replaced by the lowest
//! free ones, so a genesis made by hand may leave them all at 0.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Result};
use openledger_proto::cosmos::auth::v1beta1::GenesisState;
use openledger_proto::Message;

use crate::account::Account;
use crate::error::AuthError;
use crate::keeper::Auth;
use crate::params::Params;
use crate::permissions::{FEE_COLLECTOR, MODULE_ACCOUNTS};
use crate::state::{ACCOUNTS, STORE};

/// The parameters' defaults and no accounts.
pub(crate) fn default() -> GenesisState {
    GenesisState { params: Some(Params::default().to_proto()), accounts: Vec::new() }
}

/// Decodes and checks a genesis: parameters in range, accounts sound, no address twice.
pub(crate) fn read(genesis: &[u8]) -> Result<(Params, Vec<Account>)> {
    let genesis = GenesisState::decode(genesis).map_err(|error| AuthError::InvalidGenesis(error.to_string()))?;
    let params = genesis.params.ok_or_else(|| AuthError::InvalidGenesis("params are missing".into()))?;
    let params = Params::from_proto(&params)?;
    let accounts = genesis.accounts.iter().map(Account::from_any).collect::<Result<Vec<_>>>()?;
    let mut seen = BTreeSet::new();
    for account in &accounts {
        if !seen.insert(&account.address) {
            let text = format!("duplicate account found in genesis state; address: {}", account.address);
            return Err(AuthError::InvalidGenesis(text).into());
        }
    }
    Ok((params, accounts))
}

/// Takes a genesis over and makes the module accounts that it lacks.
pub(crate) fn init(auth: &Auth, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let (params, mut accounts) = read(genesis)?;
    auth.set_params(ctx, &params)?;
    sanitise(&mut accounts);
    for account in &accounts {
        auth.insert(ctx, account)?;
    }
    auth.ensure_module(ctx, FEE_COLLECTOR)?;
    for access in MODULE_ACCOUNTS {
        auth.ensure_module(ctx, access.name)?;
    }
    Ok(())
}

/// Gives every account but the first with a number the lowest number that is free, in order of the numbers, then sorts by number.
fn sanitise(accounts: &mut [Account]) {
    let mut used = BTreeSet::new();
    let mut twice: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (index, account) in accounts.iter().enumerate() {
        if !used.insert(account.number) {
            twice.entry(account.number).or_default().push(index);
        }
    }
    let mut free = 0u64;
    for index in twice.into_values().flatten() {
        // There are fewer accounts than numbers, so a free one is found before the end.
        while used.contains(&free) {
            free = free.saturating_add(1);
        }
        used.insert(free);
        if let Some(account) = accounts.get_mut(index) {
            account.number = free;
        }
    }
    accounts.sort_by_key(|account| account.number);
}

/// The state as a genesis, accounts in order of addresses.
pub(crate) fn export(auth: &Auth, ctx: &Context) -> Result<GenesisState> {
    let params = Some(auth.params(ctx)?.to_proto());
    let kv = ctx.kv(STORE);
    let mut accounts = Vec::new();
    for entry in ACCOUNTS.range(&*kv, None, None, Order::Ascending) {
        let (address, record) = entry?;
        accounts.push(auth.with_vesting(ctx, Address::new(address)?, record)?.to_any());
    }
    Ok(GenesisState { params, accounts })
}
