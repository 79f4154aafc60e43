//! What must hold after every block.
//!
//! Source: SDK v0.50 `x/staking/keeper/invariants.go` (the first four), and the indices of this module's own layout.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_auth::permissions::{BONDED_POOL, NOT_BONDED_POOL};
use openledger_core::{wire, Address, Context, Dec, Error, Result, SdkError};

use crate::genesis::{all_delegations, all_redelegations, all_unbondings};
use crate::keeper::Staking;
use crate::state::*;

/// Checks them all; the error says what is broken.
pub(crate) fn check(staking: &Staking, ctx: &Context) -> Result<()> {
    module_accounts(staking, ctx)?;
    power_index(staking, ctx)?;
    delegations(staking, ctx)?;
    indices(staking, ctx)
}

/// The pools hold what validators and unbondings say.
fn module_accounts(staking: &Staking, ctx: &Context) -> Result<()> {
    let (mut bonded, mut not_bonded) = (Uint256::zero(), Uint256::zero());
    for validator in staking.validators(ctx)? {
        let sum = if validator.is_bonded() { &mut bonded } else { &mut not_bonded };
        *sum = wire::add(*sum, validator.tokens)?;
    }
    for entry in all_unbondings(ctx)?.iter().flat_map(|unbonding| &unbonding.entries) {
        not_bonded = wire::add(not_bonded, entry.balance)?;
    }
    let denom = staking.bond_denom(ctx)?;
    for (pool, expected) in [(BONDED_POOL, bonded), (NOT_BONDED_POOL, not_bonded)] {
        let held = staking.bank.balance(ctx, &Address::module(pool), &denom)?;
        if held != expected {
            return Err(broken(format!("{pool} holds {held}, of which {expected} are accounted for")));
        }
    }
    Ok(())
}

/// Whoever is not jailed stands in the index by power, under its power, and nobody else; the bonded are those that CometBFT knows.
fn power_index(staking: &Staking, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let indexed = BY_POWER.keys(&*kv, None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
    let mut expected = Vec::new();
    let mut bonded = Vec::new();
    for validator in staking.validators(ctx)? {
        if staking.operator_by_cons(ctx, &validator.consensus_address())?.as_ref() != Some(&validator.operator) {
            return Err(broken(format!("{} is not found by its consensus address", validator.operator_text())));
        }
        if !validator.jailed {
            expected.push(power_key(&validator));
        }
        if validator.is_bonded() {
            bonded.push(validator.operator);
        }
    }
    expected.sort();
    if indexed != expected {
        return Err(broken(format!("the index by power has {indexed:?} instead of {expected:?}")));
    }
    // Between blocks, at least: a block's messages change tokens, the end block the set.
    let known: Vec<_> = staking.last_validator_powers(ctx)?.into_iter().map(|(operator, _)| operator).collect();
    if known != bonded {
        return Err(broken(format!("{} validators are bonded, CometBFT knows {}", bonded.len(), known.len())));
    }
    Ok(())
}

/// Delegations are positive, and a validator's shares are those of its delegations.
fn delegations(staking: &Staking, ctx: &Context) -> Result<()> {
    let mut sums: BTreeMap<Address, Dec> = BTreeMap::new();
    for delegation in all_delegations(ctx)? {
        if !delegation.shares.is_positive() {
            return Err(broken(format!("{delegation:?} is not positive")));
        }
        let sum = sums.entry(delegation.operator).or_default();
        *sum = sum.add(delegation.shares)?;
    }
    for validator in staking.validators(ctx)? {
        let sum = sums.remove(&validator.operator).unwrap_or_default();
        if sum != validator.delegator_shares {
            let text =
                format!("{} has {} shares, its delegations have {sum}", validator.operator, validator.delegator_shares);
            return Err(broken(text));
        }
    }
    match sums.first_key_value() {
        Some((operator, _)) => Err(broken(format!("there are delegations to {operator} and no such validator"))),
        None => Ok(()),
    }
}

/// Each index has an entry for each thing and no more; each number leads to what unbonds under it.
fn indices(staking: &Staking, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let (unbondings, redelegations) = (all_unbondings(ctx)?, all_redelegations(ctx)?);
    let pairs = [
        (
            "delegations_to",
            all_delegations(ctx)?.len(),
            count(DELEGATIONS_TO.keys(&*kv, None, None, Order::Ascending))?,
        ),
        ("unbondings_from", unbondings.len(), count(UNBONDINGS_FROM.keys(&*kv, None, None, Order::Ascending))?),
        (
            "redelegations_from",
            redelegations.len(),
            count(REDELEGATIONS_FROM.keys(&*kv, None, None, Order::Ascending))?,
        ),
        ("redelegations_to", redelegations.len(), count(REDELEGATIONS_TO.keys(&*kv, None, None, Order::Ascending))?),
    ];
    if let Some((name, there, indexed)) = pairs.iter().find(|(_, there, indexed)| there != indexed) {
        return Err(broken(format!("{name} has {indexed} entries where {there} are right")));
    }
    for validator in staking.validators(ctx)? {
        staking.delegations_to(ctx, &validator.operator)?;
    }
    if unbondings.iter().any(|unbonding| unbonding.entries.is_empty())
        || redelegations.iter().any(|redelegation| redelegation.entries.is_empty())
    {
        return Err(broken("something unbonds that has no entries".into()));
    }
    Ok(())
}

fn count<T>(keys: impl Iterator<Item = cosmwasm_std::StdResult<T>>) -> Result<usize> {
    Ok(keys.collect::<Result<Vec<_>, _>>()?.len())
}

fn broken(text: String) -> Error {
    SdkError::Logic(format!("staking: {text}")).into()
}
