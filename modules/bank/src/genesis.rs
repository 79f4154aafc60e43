//! Genesis: balances, metadata, and what may be sent; the supply is the sum of the balances.
//!
//! Source: SDK v0.50 `x/bank/types/genesis.go`, `x/bank/keeper/genesis.go`. An empty supply is computed, another one must be right.

use std::collections::BTreeSet;

use cosmwasm_std::Order;
use openledger_core::coin::check_denom;
use openledger_core::query::prefix_end;
use openledger_core::{Address, Coin, Coins, Context, Result};
use openledger_proto::cosmos::bank::v1beta1::{Balance, GenesisState, SendEnabled};
use openledger_proto::Message;

use crate::error::BankError;
use crate::keeper::Bank;
use crate::state::{self, STORE};
use crate::{metadata, params};

/// A checked genesis.
pub(crate) struct Checked {
    balances: Vec<(Address, Coins)>,
    default_send_enabled: bool,
    genesis: GenesisState,
}

/// No balances; everything may be sent.
pub(crate) fn default() -> GenesisState {
    GenesisState { params: Some(params::default()), ..GenesisState::default() }
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Checked> {
    let genesis = GenesisState::decode(genesis).map_err(|error| BankError::InvalidGenesis(error.to_string()))?;
    let params = genesis.params.as_ref().ok_or_else(|| BankError::InvalidGenesis("params are missing".into()))?;
    let default_send_enabled = params::read(params)?;
    check_send_enabled(&genesis)?;
    check_metadata(&genesis)?;
    let balances = read_balances(&genesis)?;
    check_supply(&genesis, &balances)?;
    Ok(Checked { balances, default_send_enabled, genesis })
}

fn check_send_enabled(genesis: &GenesisState) -> Result<()> {
    let mut seen = BTreeSet::new();
    for entry in &genesis.send_enabled {
        if !seen.insert(&entry.denom) {
            return Err(refusal(format!("duplicate send enabled found: '{}'", entry.denom)).into());
        }
        check_denom(&entry.denom)?;
    }
    Ok(())
}

fn check_metadata(genesis: &GenesisState) -> Result<()> {
    let mut seen = BTreeSet::new();
    for entry in &genesis.denom_metadata {
        if !seen.insert(&entry.base) {
            return Err(refusal(format!("duplicate client metadata for denom {}", entry.base)).into());
        }
        metadata::check_in_genesis(entry)?;
    }
    Ok(())
}

fn read_balances(genesis: &GenesisState) -> Result<Vec<(Address, Coins)>> {
    let mut seen = BTreeSet::new();
    let mut balances = Vec::with_capacity(genesis.balances.len());
    for balance in &genesis.balances {
        let address: Address = balance.address.parse()?;
        let coins = Coins::from_proto(&balance.coins)
            .map_err(|error| refusal(format!("coins of {address} are not sorted, distinct and positive: {error}")))?;
        if !seen.insert(address.clone()) {
            return Err(refusal(format!("duplicate balance for address {address}")).into());
        }
        balances.push((address, coins));
    }
    Ok(balances)
}

fn check_supply(genesis: &GenesisState, balances: &[(Address, Coins)]) -> Result<()> {
    let total = Coins::sum(balances.iter().flat_map(|(_, coins)| coins.iter().cloned()))?;
    if genesis.supply.is_empty() {
        return Ok(());
    }
    let supply = Coins::from_proto(&genesis.supply)?;
    if supply != total {
        return Err(refusal(format!("genesis supply is incorrect, expected {supply}, got {total}")).into());
    }
    Ok(())
}

fn refusal(text: String) -> BankError {
    BankError::InvalidGenesis(text)
}

/// Takes a genesis over.
pub(crate) fn init(bank: &Bank, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let Checked { balances, default_send_enabled, genesis } = read(genesis)?;
    state::set_default_send_enabled(&mut ctx.kv_mut(STORE), default_send_enabled);
    for entry in &genesis.send_enabled {
        state::set_send_enabled(&mut ctx.kv_mut(STORE), &entry.denom, Some(entry.enabled));
    }
    for (address, coins) in &balances {
        bank.credit_genesis(ctx, address, coins)?;
    }
    for entry in &genesis.denom_metadata {
        state::set_metadata(&mut ctx.kv_mut(STORE), entry);
    }
    Ok(())
}

/// The state as a genesis; balances in order of their keys.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let mut balances: Vec<Balance> = Vec::new();
    for_each_balance(ctx, |address, coin| {
        let address = address.to_string();
        match balances.last_mut() {
            Some(last) if last.address == address => last.coins.push(coin.to_proto()),
            _ => balances.push(Balance { address, coins: vec![coin.to_proto()] }),
        }
        Ok(())
    })?;
    let supply = under(ctx, state::SUPPLY, |denom, value| {
        Ok(Coin { denom: state::denom_of(denom)?, amount: state::read_amount(value)? }.to_proto())
    })?;
    let denom_metadata = under(ctx, state::METADATA, |_, value| state::read_metadata(value))?;
    let send_enabled = under(ctx, state::SEND_ENABLED, |denom, value| {
        Ok(SendEnabled { denom: state::denom_of(denom)?, enabled: state::read_bool(value)? })
    })?;
    Ok(GenesisState { params: Some(params::current(ctx)?), balances, supply, denom_metadata, send_enabled })
}

/// Every balance, in order of keys: by length of address, address, denomination.
pub(crate) fn for_each_balance(ctx: &Context, mut visit: impl FnMut(Address, Coin) -> Result<()>) -> Result<()> {
    under(ctx, state::BALANCES, |key, value| {
        let (address, denom) = state::split_address(key)?;
        visit(address, Coin { denom: state::denom_of(denom)?, amount: state::read_amount(value)? })
    })
    .map(|_| ())
}

/// Reads every entry whose key begins with `prefix`; keys are given without it.
pub(crate) fn under<T>(ctx: &Context, prefix: u8, mut read: impl FnMut(&[u8], &[u8]) -> Result<T>) -> Result<Vec<T>> {
    let kv = ctx.kv(STORE);
    let entries = kv.range(Some(&[prefix]), prefix_end(&[prefix]).as_deref(), Order::Ascending);
    entries.map(|(key, value)| read(key.get(1..).unwrap_or_default(), &value)).collect()
}
