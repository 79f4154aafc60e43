//! Slashing finds stake wherever it went since the infraction, and burns it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::*;
use cosmwasm_std::Uint256;
use openledger_core::{Address, Context, Dec, Module, Result, SdkError};
use openledger_staking::StakingHooks;

/// Two bonded validators of 100 OPEN each, at a height at which an infraction is long known.
fn two() -> Chain {
    let mut chain = Chain::new();
    chain.create(1, 100 * OPEN);
    chain.create(2, 100 * OPEN);
    chain.next(1);
    chain.next(1);
    chain
}

fn open(amount: u128) -> Uint256 {
    (amount * OPEN).into()
}

#[test]
fn a_slash_at_this_height_burns_a_part_of_the_power_from_the_bonded_pool() {
    let mut chain = two();
    let (supply, height) = (chain.supply(), chain.block.height);
    assert_eq!(chain.slash(1, height, 100, "0.05").unwrap(), open(5));
    assert_eq!(chain.validator(1).tokens, open(95));
    assert_eq!(chain.validator(1).delegator_shares, Dec::from_int(open(100)));
    assert_eq!(chain.supply(), supply - open(5));
    let (updates, _) = chain.next(1);
    assert_eq!((updates.len(), updates[0].power), (1, 95));
}

#[test]
fn what_is_unbonding_when_its_validator_is_slashed_is_slashed_too() {
    let mut chain = two();
    let infraction = chain.block.height;
    chain.next(1);
    chain.undelegate(1, 1, 40 * OPEN).unwrap();
    chain.next(1);
    // A tenth of the 100 of then: 4 from what unbonds, 6 from the validator.
    assert_eq!(chain.slash(1, infraction, 100, "0.1").unwrap(), open(6));
    assert_eq!(chain.validator(1).tokens, open(54));
    let held = chain.balance(1);
    chain.next(UNBONDING);
    chain.next(1);
    assert_eq!(chain.balance(1), held + 36 * OPEN);
}

#[test]
fn what_unbonded_before_the_infraction_is_not_slashed() {
    let mut chain = two();
    chain.undelegate(1, 1, 40 * OPEN).unwrap();
    chain.next(1);
    let infraction = chain.block.height;
    chain.next(1);
    assert_eq!(chain.slash(1, infraction, 60, "0.1").unwrap(), open(6));
    let held = chain.balance(1);
    chain.next(UNBONDING);
    chain.next(1);
    assert_eq!(chain.balance(1), held + 40 * OPEN);
}

#[test]
fn redelegated_stake_is_slashed_at_its_new_validator() {
    let mut chain = two();
    chain.delegate(3, 1, 50 * OPEN).unwrap();
    let infraction = chain.block.height;
    chain.next(1);
    chain.redelegate(3, 1, 2, 50 * OPEN).unwrap();
    chain.next(1);
    let supply = chain.supply();
    assert_eq!(chain.slash(1, infraction, 150, "0.1").unwrap(), open(10));
    assert_eq!(chain.shares(3, 2), Dec::from_int(open(45)));
    assert_eq!(chain.validator(2).tokens, open(145));
    assert_eq!(chain.validator(1).tokens, open(90));
    assert_eq!(chain.supply(), supply - open(15));
}

#[test]
fn redelegated_stake_that_unbonds_from_its_new_validator_pays_first() {
    let mut chain = two();
    chain.delegate(3, 1, 50 * OPEN).unwrap();
    let infraction = chain.block.height;
    chain.next(1);
    chain.redelegate(3, 1, 2, 50 * OPEN).unwrap();
    chain.undelegate(3, 2, 3 * OPEN).unwrap();
    chain.next(1);
    let supply = chain.supply();
    chain.slash(1, infraction, 150, "0.1").unwrap();
    // Of the 5 that are due, 3 unbond; the SDK then takes the whole part of the shares, not what remains.
    assert_eq!(chain.shares(3, 2), Dec::from_int(open(42)));
    assert_eq!(chain.supply(), supply - open(10 + 3 + 5));
    let held = chain.balance(3);
    chain.next(UNBONDING);
    chain.next(1);
    assert_eq!(chain.balance(3), held, "nothing is left of what unbonded");
}

/// Refuses that a delegation's shares change, while it is told to.
#[derive(Debug)]
struct Stubborn(AtomicBool);

impl StakingHooks for Stubborn {
    fn before_delegation_shares_modified(&self, _: &mut Context, _: &Address, _: &Address) -> Result<()> {
        match self.0.load(Ordering::SeqCst) {
            true => Err(SdkError::Logic("these shares stay".into()).into()),
            false => Ok(()),
        }
    }
}

#[test]
fn a_redelegation_that_cannot_be_slashed_leaves_its_part_to_the_validator_and_stops_nothing() {
    static STUBBORN: Stubborn = Stubborn(AtomicBool::new(false));
    static HOOKS: [&dyn StakingHooks; 1] = [&STUBBORN];
    let mut chain = Chain::with_hooks(&HOOKS);
    chain.create(1, 100 * OPEN);
    chain.create(2, 100 * OPEN);
    chain.next(1);
    chain.delegate(3, 1, 50 * OPEN).unwrap();
    let infraction = chain.block.height;
    chain.next(1);
    chain.redelegate(3, 1, 2, 50 * OPEN).unwrap();
    chain.next(1);
    let supply = chain.supply();
    STUBBORN.0.store(true, Ordering::SeqCst);
    // A tenth of the 150 of then, all of it from the validator: 5 of it would have been the redelegation's.
    assert_eq!(chain.slash(1, infraction, 150, "0.1").unwrap(), open(15));
    STUBBORN.0.store(false, Ordering::SeqCst);
    assert_eq!((chain.shares(3, 2), chain.validator(2).tokens), (Dec::from_int(open(50)), open(150)));
    assert_eq!((chain.validator(1).tokens, chain.supply()), (open(85), supply - open(15)));
    let staking = chain.staking;
    chain.with(|ctx| staking.check_invariants(ctx).unwrap());
}

#[test]
fn no_more_is_burnt_than_there_is_and_then_nobody_can_delegate() {
    let mut chain = two();
    let height = chain.block.height;
    assert_eq!(chain.slash(1, height, 1_000, "1").unwrap(), open(100));
    assert_eq!(code(chain.delegate(3, 1, 1)), 34);
    assert_eq!(code(chain.undelegate(1, 1, 1)), 22);
    let (updates, _) = chain.next(1);
    assert_eq!((updates.len(), updates[0].power), (1, 0));
    assert_eq!(chain.slash(1, height, 10, "0.5").unwrap(), Uint256::zero());
}

#[test]
fn what_must_not_be_slashed_is_refused() {
    let mut chain = two();
    let height = chain.block.height;
    assert_eq!(code(chain.slash(1, height, 10, "-0.1")), 102);
    assert_eq!(code(chain.slash(1, height + 1, 10, "0.1")), 102);
    assert_eq!(chain.slash(7, height, 10, "0.1").unwrap(), Uint256::zero(), "nobody has that address");
    chain.create(4, 1);
    assert_eq!(code(chain.slash(4, height, 10, "0.1")), 102, "not bonded, not unbonding");
}

#[test]
fn a_jailed_validator_is_out_of_the_set_until_it_is_let_out() {
    let mut chain = two();
    assert_eq!(code(chain.unjail(1)), 103);
    chain.jail(1).unwrap();
    assert_eq!(code(chain.jail(1)), 7);
    let (updates, _) = chain.next(1);
    assert_eq!((updates.len(), updates[0].power, &updates[0].key), (1, 0, &key(1)));
    // Its stake lies in the other pool and can still be slashed.
    let staking = chain.staking;
    assert_eq!(chain.with(|ctx| staking.total_not_bonded(ctx)).unwrap(), open(100));
    let height = chain.block.height;
    chain.slash(1, height, 100, "0.01").unwrap();
    chain.unjail(1).unwrap();
    let (updates, _) = chain.next(1);
    assert_eq!((updates.len(), updates[0].power), (1, 99));
    assert_eq!(chain.with(|ctx| staking.total_bonded(ctx)).unwrap(), open(199));
}
