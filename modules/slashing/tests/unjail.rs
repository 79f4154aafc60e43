//! MsgUnjail: who may come back, when, and what the others are told.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::{Dec, Error};
use openledger_proto::cosmos::slashing::v1beta1::MsgUnjail;
use openledger_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgUndelegate};
use openledger_slashing::Params;

fn jailed() -> Chain {
    let mut chain = Chain::new(2, short());
    while !chain.validator(1).jailed {
        chain.block_without(&[1]);
    }
    chain
}

fn told(result: Result<(), Error>) -> (&'static str, u32, String) {
    let error = result.unwrap_err();
    (error.codespace, error.code, error.message)
}

#[test]
fn a_validator_comes_back_once_its_time_in_jail_is_over() {
    let mut chain = jailed();
    chain.skip(59);
    assert_eq!(told(chain.unjail(1)), ("slashing", 4, "validator still jailed; cannot be unjailed".into()));
    chain.skip(1);
    chain.unjail(1).unwrap();
    let validator = chain.validator(1);
    assert!(!validator.jailed && validator.is_bonded());
}

#[test]
fn who_is_not_in_jail_cannot_be_let_out() {
    let mut chain = jailed();
    assert_eq!(told(chain.unjail(2)), ("slashing", 5, "validator not jailed; cannot be unjailed".into()));
}

#[test]
fn who_is_tombstoned_never_comes_back() {
    let mut chain = jailed();
    chain.with(|ctx| SLASHING.tombstone(ctx, &cons(1)).unwrap());
    chain.skip(1_000_000);
    assert_eq!(told(chain.unjail(1)).1, 4);
    let again = chain.with(|ctx| SLASHING.tombstone(ctx, &cons(1))).unwrap_err();
    assert_eq!((again.codespace, again.code), ("slashing", 9));
    let unknown = chain.with(|ctx| SLASHING.tombstone(ctx, &cons(7))).unwrap_err();
    assert_eq!((unknown.codespace, unknown.code), ("slashing", 8));
}

#[test]
fn who_does_not_validate_is_told_so_with_staking_s_code() {
    let mut chain = jailed();
    assert_eq!(told(chain.unjail(7)), ("staking", 3, "validator does not exist".into()));
}

#[test]
fn an_operator_needs_what_its_validator_promised_of_its_own_at_stake() {
    let mut chain = jailed();
    // 99 OPEN are left, 50 were promised.
    chain.undelegate(1, 50);
    chain.skip(60);
    let text = "49000000000000000000 less than 50000000000000000000: validator's self delegation less than minimum; cannot be \
                unjailed";
    assert_eq!(told(chain.unjail(1)), ("slashing", 7, text.into()));
}

#[test]
fn an_operator_without_a_delegation_is_told_so_with_staking_s_code() {
    // Nothing is lost, so that shares are whole tokens and all of them can be taken out.
    let mut chain = Chain::new(2, Params { slash_fraction_downtime: Dec::ZERO, ..short() });
    while !chain.validator(1).jailed {
        chain.block_without(&[1]);
    }
    let (delegator_address, validator_address) = (operator(2).to_string(), operator_text(1));
    chain.execute(&MsgDelegate { delegator_address, validator_address, amount: Some(coin(1)) }).unwrap();
    chain.undelegate(1, 100);
    chain.skip(60);
    assert_eq!(told(chain.unjail(1)), ("staking", 19, "no delegation for (address, validator) tuple".into()));
}

#[test]
fn a_validator_that_staking_jailed_for_too_little_of_its_own_has_no_time_to_wait() {
    let mut chain = Chain::new(2, short());
    // Its stake falls below its promise: staking jails it, and slashing sets no time.
    chain.undelegate(1, 60);
    assert!(chain.validator(1).jailed);
    assert_eq!(told(chain.unjail(1)).1, 7);
    let (delegator_address, validator_address) = (operator(1).to_string(), operator_text(1));
    chain.execute(&MsgDelegate { delegator_address, validator_address, amount: Some(coin(60)) }).unwrap();
    chain.unjail(1).unwrap();
    assert!(chain.validator(1).is_bonded());
}

#[test]
fn an_address_of_another_kind_is_refused() {
    let mut chain = jailed();
    for (text, why) in [
        (operator(1).to_string(), "invalid Bech32 prefix; expected openvaloper, got open"),
        (String::new(), "empty address string is not allowed"),
    ] {
        let error = chain.execute(&MsgUnjail { validator_addr: text }).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 7));
        assert_eq!(error.message, format!("validator input address: {why}: invalid address"));
    }
}

#[test]
fn a_key_that_is_tombstoned_cannot_be_that_of_a_new_validator() {
    let mut chain = jailed();
    chain.with(|ctx| SLASHING.tombstone(ctx, &cons(1)).unwrap());
    let left = chain.validator(1).tokens.to_string();
    let amount = Some(openledger_proto::cosmos::base::v1beta1::Coin { denom: "aopen".into(), amount: left });
    let (delegator_address, validator_address) = (operator(1).to_string(), operator_text(1));
    chain.execute(&MsgUndelegate { delegator_address, validator_address, amount }).unwrap();
    chain.skip(30 * 24 * 3_600);
    chain.vote(vec![vote(2, openledger_core::comet::VoteFlag::Commit)]);
    assert!(chain.with(|ctx| STAKING.validator(ctx, &operator(1)).unwrap()).is_none(), "nothing is left of it");
    let error = chain.execute(&create(1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("slashing", 9));
    // The operator may come back with a key of its own, and it alone is barred.
    let other =
        openledger_proto::cosmos::staking::v1beta1::MsgCreateValidator { pubkey: create(5).pubkey, ..create(1) };
    chain.execute(&other).unwrap();
}
