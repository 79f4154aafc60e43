//! Genesis: parameters, validators, delegations, and what is unbonding.
//!
//! Source: SDK v0.50 `x/staking/{genesis.go,keeper/genesis.go}`. An exported genesis brings the powers that CometBFT was told last, and
//! its hooks were called before; with another one the set is made and hooks are called. Beyond the SDK: the numbers of unbondings go
//! on after the greatest one, and what is unbonding is found by its number again.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Order, Uint256};
use openledger_auth::permissions::{BONDED_POOL, NOT_BONDED_POOL};
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{wire, Address, Coin, Coins, Context, Result};
use openledger_proto::cosmos::staking::v1beta1 as proto;
use openledger_proto::Message;

use crate::delegation::{Delegation, Redelegation, UnbondingDelegation};
use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::params::Params;
use crate::record::triplet_of;
use crate::state::*;
use crate::validator::{key_to_any, read_key, Validator};

/// A genesis that was read and checked.
pub(crate) struct Genesis {
    params: Params,
    last_total_power: u64,
    last_powers: Vec<(Address, u64)>,
    validators: Vec<Validator>,
    delegations: Vec<Delegation>,
    unbondings: Vec<UnbondingDelegation>,
    redelegations: Vec<Redelegation>,
    exported: bool,
}

/// The parameters' defaults and nobody.
pub(crate) fn default() -> proto::GenesisState {
    proto::GenesisState {
        params: Some(Params::default().to_proto()),
        last_total_power: b"0".to_vec(),
        ..proto::GenesisState::default()
    }
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Genesis> {
    let genesis = proto::GenesisState::decode(genesis).map_err(|error| invalid(error.to_string()))?;
    let params = genesis.params.as_ref().ok_or_else(|| invalid("params are missing".into()))?;
    let params = Params::from_proto(params)?;
    let last_power = |last: &proto::LastValidatorPower| {
        let power =
            u64::try_from(last.power).map_err(|_| invalid(format!("the power of {} is negative", last.address)))?;
        Ok((Address::from_bech32(&last.address, VALOPER_PREFIX)?, power))
    };
    let read = Genesis {
        params,
        last_total_power: read_power(&genesis.last_total_power)?,
        last_powers: genesis.last_validator_powers.iter().map(last_power).collect::<Result<_>>()?,
        validators: genesis.validators.iter().map(Validator::from_proto).collect::<Result<_>>()?,
        delegations: genesis.delegations.iter().map(Delegation::from_proto).collect::<Result<_>>()?,
        unbondings: genesis.unbonding_delegations.iter().map(UnbondingDelegation::from_proto).collect::<Result<_>>()?,
        redelegations: genesis.redelegations.iter().map(Redelegation::from_proto).collect::<Result<_>>()?,
        exported: genesis.exported,
    };
    check(&read)?;
    Ok(read)
}

/// The bytes are a decimal number's text, as gogoproto writes an `Int`; none at all are 0.
fn read_power(bytes: &[u8]) -> Result<u64> {
    if bytes.is_empty() {
        return Ok(0);
    }
    let power = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    power.ok_or_else(|| invalid("last_total_power is not a number of at most 64 bits".into()))
}

fn check(genesis: &Genesis) -> Result<()> {
    let (mut keys, mut operators) = (BTreeSet::new(), BTreeSet::new());
    for validator in &genesis.validators {
        let moniker = &validator.description.moniker;
        if !keys.insert(&validator.consensus_key) || !operators.insert(&validator.operator) {
            let text = format!(
                "duplicate validator in genesis state: moniker {moniker}, address {}",
                validator.operator_text()
            );
            return Err(invalid(text));
        }
        validator.commission.check()?;
        // The last of a set stay in it though they are in jail or have nothing left, and are exported so.
        let stays = genesis.exported && validator.is_bonded();
        if validator.jailed && validator.is_bonded() && !stays {
            let text = format!("validator is bonded and jailed in genesis state: moniker {moniker}");
            return Err(invalid(text));
        }
        if validator.delegator_shares.is_zero() && !validator.is_unbonding() && !(stays && validator.tokens.is_zero()) {
            let text =
                format!("bonded/unbonded genesis validator cannot have zero delegator shares, moniker {moniker}");
            return Err(invalid(text));
        }
    }
    // What belongs to a validator that is not there could never be paid.
    let known = |operator: &Address| match operators.contains(operator) {
        true => Ok(()),
        false => Err(invalid(format!("there is no validator {}", text(operator)))),
    };
    genesis.delegations.iter().try_for_each(|delegation| known(&delegation.operator))?;
    genesis.last_powers.iter().try_for_each(|(operator, _)| known(operator))?;
    check_once(genesis)?;
    check_last_powers(genesis)?;
    check_shares(genesis)
}

/// What stands twice would be counted twice and kept once.
fn check_once(genesis: &Genesis) -> Result<()> {
    once(
        &genesis.delegations,
        |one| (&one.delegator, &one.operator),
        |one| format!("delegations of {} to {}", one.delegator, text(&one.operator)),
    )?;
    once(
        &genesis.unbondings,
        |one| (&one.delegator, &one.operator),
        |one| format!("unbonding delegations of {} from {}", one.delegator, text(&one.operator)),
    )?;
    once(
        &genesis.redelegations,
        |one| (&one.delegator, &one.source, &one.destination),
        |one| format!("redelegations of {} from {} to {}", one.delegator, text(&one.source), text(&one.destination)),
    )
}

/// Refuses two of one key.
fn once<'a, T, K: Ord>(all: &'a [T], key: impl Fn(&'a T) -> K, named: impl Fn(&T) -> String) -> Result<()> {
    let mut seen = BTreeSet::new();
    match all.iter().find(|one| !seen.insert(key(one))) {
        Some(second) => Err(invalid(format!("two {}", named(second)))),
        None => Ok(()),
    }
}

/// The powers of an exported chain are those of its bonded validators: whoever else had one would be in CometBFT's set, and who had none
/// would never leave it.
fn check_last_powers(genesis: &Genesis) -> Result<()> {
    if !genesis.exported {
        return Ok(());
    }
    let (mut seen, mut total) = (BTreeSet::new(), 0u64);
    for (operator, power) in &genesis.last_powers {
        if !seen.insert(operator) {
            return Err(invalid(format!("two last_validator_powers of {}", text(operator))));
        }
        if *power == 0 {
            return Err(invalid(format!("last_validator_powers: the power of {} is 0", text(operator))));
        }
        total = total.checked_add(*power).ok_or_else(|| invalid("last_validator_powers exceed 64 bits".into()))?;
    }
    for validator in &genesis.validators {
        if validator.is_bonded() != seen.contains(&validator.operator) {
            let (whose, is) = (validator.operator_text(), if validator.is_bonded() { "is" } else { "is not" });
            let has = if validator.is_bonded() { "has none" } else { "has one" };
            return Err(invalid(format!("{whose} {is} bonded, and {has} of last_validator_powers")));
        }
    }
    if total != genesis.last_total_power {
        let said = genesis.last_total_power;
        return Err(invalid(format!("last_total_power is {said}, last_validator_powers come to {total}")));
    }
    Ok(())
}

fn text(operator: &Address) -> String {
    operator.to_bech32(VALOPER_PREFIX)
}

/// The shares of a validator are those of its delegations.
fn check_shares(genesis: &Genesis) -> Result<()> {
    let mut sums: BTreeMap<&Address, openledger_core::Dec> = BTreeMap::new();
    for Delegation { operator, shares, delegator } in &genesis.delegations {
        if shares.is_zero() {
            return Err(invalid(format!("the delegation of {delegator} has no shares")));
        }
        let sum = sums.entry(operator).or_default();
        *sum = sum.add(*shares)?;
    }
    for validator in &genesis.validators {
        let sum = sums.get(&validator.operator).copied().unwrap_or_default();
        if sum != validator.delegator_shares {
            let text = format!(
                "validator {} has {} shares, its delegations have {sum}",
                validator.operator_text(),
                validator.delegator_shares
            );
            return Err(invalid(text));
        }
    }
    Ok(())
}

/// Takes a genesis over.
pub(crate) fn init(staking: &Staking, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let genesis = read(genesis)?;
    check_key_types(staking, ctx, &genesis)?;
    staking.set_params(ctx, &genesis.params)?;
    staking.set_last_total_power(ctx, genesis.last_total_power)?;
    for validator in &genesis.validators {
        init_validator(staking, ctx, validator, genesis.exported)?;
    }
    for delegation in &genesis.delegations {
        init_delegation(staking, ctx, delegation, genesis.exported)?;
    }
    init_unbondings(staking, ctx, &genesis)?;
    check_pools(staking, ctx, &genesis)?;
    if !genesis.exported {
        return staking.update_set(ctx).map(|_| ());
    }
    genesis.last_powers.iter().try_for_each(|(operator, power)| staking.set_last_power(ctx, operator, *power))
}

/// CometBFT refuses a set with keys of a type that the consensus parameters do not name.
fn check_key_types(staking: &Staking, ctx: &Context, genesis: &Genesis) -> Result<()> {
    for validator in &genesis.validators {
        let key = read_key(&key_to_any(&validator.consensus_key))?;
        staking
            .check_key_type(ctx, &key)
            .map_err(|error| invalid(format!("validator {}: {}", validator.operator_text(), error.message)))?;
    }
    Ok(())
}

fn init_validator(staking: &Staking, ctx: &mut Context, validator: &Validator, exported: bool) -> Result<()> {
    staking.save_validator(ctx, validator)?;
    staking.index_by_cons(ctx, validator)?;
    staking.index_by_power(ctx, validator)?;
    if !exported {
        let operator = &validator.operator;
        hooks::call(staking.hooks, ctx, |hook, ctx| hook.after_validator_created(ctx, operator))?;
    }
    if validator.is_unbonding() {
        staking.queue_validator(ctx, validator)?;
        for id in &validator.unbonding_ids {
            staking.restore_unbonding_op(ctx, *id, &UnbondingOp::Validator(validator.operator.clone()))?;
        }
    }
    Ok(())
}

fn init_delegation(staking: &Staking, ctx: &mut Context, delegation: &Delegation, exported: bool) -> Result<()> {
    let Delegation { delegator, operator, .. } = delegation;
    if !exported {
        hooks::call(staking.hooks, ctx, |hook, ctx| hook.before_delegation_created(ctx, delegator, operator))?;
    }
    staking.save_delegation(ctx, delegation)?;
    if !exported {
        hooks::call(staking.hooks, ctx, |hook, ctx| hook.after_delegation_modified(ctx, delegator, operator))?;
    }
    Ok(())
}

fn init_unbondings(staking: &Staking, ctx: &mut Context, genesis: &Genesis) -> Result<()> {
    for unbonding in &genesis.unbondings {
        staking.save_unbonding(ctx, unbonding)?;
        for entry in &unbonding.entries {
            staking.queue_unbonding(ctx, unbonding, entry.completion_time)?;
            let pair = Pair { delegator: unbonding.delegator.clone(), operator: unbonding.operator.clone() };
            staking.restore_unbonding_op(ctx, entry.id, &UnbondingOp::Undelegation(pair))?;
        }
    }
    for redelegation in &genesis.redelegations {
        staking.save_redelegation(ctx, redelegation)?;
        for entry in &redelegation.entries {
            staking.queue_redelegation(ctx, redelegation, entry.completion_time)?;
            staking.restore_unbonding_op(ctx, entry.id, &UnbondingOp::Redelegation(triplet_of(redelegation)))?;
        }
    }
    Ok(())
}

impl Staking {
    /// Finds an unbonding by its number again, and keeps the next number above it; 0 is the number of those that have none.
    fn restore_unbonding_op(&self, ctx: &mut Context, id: u64, op: &UnbondingOp) -> Result<()> {
        if id == 0 {
            return Ok(());
        }
        self.save_unbonding_op(ctx, id, op)?;
        let last = UNBONDING_ID.may_load(&*ctx.kv(STORE))?.unwrap_or_default();
        UNBONDING_ID.save(&mut ctx.kv_mut(STORE), &last.max(id))?;
        Ok(())
    }
}

/// The pools hold exactly what validators and unbondings say.
fn check_pools(staking: &Staking, ctx: &Context, genesis: &Genesis) -> Result<()> {
    let (mut bonded, mut not_bonded) = (Uint256::zero(), Uint256::zero());
    for validator in &genesis.validators {
        let sum = if validator.is_bonded() { &mut bonded } else { &mut not_bonded };
        *sum = wire::add(*sum, validator.tokens)?;
    }
    for entry in genesis.unbondings.iter().flat_map(|unbonding| &unbonding.entries) {
        not_bonded = wire::add(not_bonded, entry.balance)?;
    }
    for (pool, name, expected) in [(BONDED_POOL, "bonded", bonded), (NOT_BONDED_POOL, "not bonded", not_bonded)] {
        let held = staking.bank.balances(ctx, &Address::module(pool))?;
        let coins = Coins::from(Coin { denom: genesis.params.bond_denom.clone(), amount: expected });
        if held != coins {
            return Err(invalid(format!("{name} pool balance is different from {name} coins: {held} <-> {coins}")));
        }
    }
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(staking: &Staking, ctx: &Context) -> Result<proto::GenesisState> {
    let power = |(operator, power): (Address, u64)| proto::LastValidatorPower {
        address: operator.to_bech32(VALOPER_PREFIX),
        power: i64::try_from(power).unwrap_or(i64::MAX),
    };
    Ok(proto::GenesisState {
        params: Some(staking.params(ctx)?.to_proto()),
        last_total_power: staking.last_total_power(ctx)?.to_string().into_bytes(),
        last_validator_powers: staking.last_validator_powers(ctx)?.into_iter().map(power).collect(),
        validators: staking.validators(ctx)?.iter().map(Validator::to_proto).collect(),
        delegations: all_delegations(ctx)?.iter().map(Delegation::to_proto).collect(),
        unbonding_delegations: all_unbondings(ctx)?.iter().map(UnbondingDelegation::to_proto).collect(),
        redelegations: all_redelegations(ctx)?.iter().map(Redelegation::to_proto).collect(),
        exported: true,
    })
}

/// Every delegation, in order of delegators and operators.
pub(crate) fn all_delegations(ctx: &Context) -> Result<Vec<Delegation>> {
    let kv = ctx.kv(STORE);
    let all = DELEGATIONS.range(&*kv, None, None, Order::Ascending).map(|entry| {
        let ((delegator, operator), shares) = entry?;
        Ok(Delegation { delegator: Address::new(delegator)?, operator: Address::new(operator)?, shares })
    });
    all.collect()
}

/// Everything that unbonds, in order of delegators and operators.
pub(crate) fn all_unbondings(ctx: &Context) -> Result<Vec<UnbondingDelegation>> {
    let kv = ctx.kv(STORE);
    let all = UNBONDINGS.range(&*kv, None, None, Order::Ascending).map(|entry| {
        let ((delegator, operator), entries) = entry?;
        Ok(UnbondingDelegation { delegator: Address::new(delegator)?, operator: Address::new(operator)?, entries })
    });
    all.collect()
}

/// Everything that is on its way, in order of delegators, sources and destinations.
pub(crate) fn all_redelegations(ctx: &Context) -> Result<Vec<Redelegation>> {
    let kv = ctx.kv(STORE);
    let all = REDELEGATIONS.range(&*kv, None, None, Order::Ascending).map(|entry| {
        let ((delegator, source, destination), entries) = entry?;
        let (source, destination) = (Address::new(source)?, Address::new(destination)?);
        Ok(Redelegation { delegator: Address::new(delegator)?, source, destination, entries })
    });
    all.collect()
}

fn invalid(text: String) -> openledger_core::Error {
    StakingError::InvalidGenesis(text).into()
}
