//! Delegating, undelegating, redelegating and cancelling: shares and tokens to the last unit, queues, limits, codes.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use std::sync::Arc;

use common::*;
use openledger_auth::Auth;
use openledger_consensus::Consensus;
use openledger_core::{Dec, Module};
use openledger_proto::cosmos::staking::v1beta1::GenesisState;
use openledger_proto::Message;
use openledger_staking::StakingHooks;
use openledger_store::{BlockState, MemSnapshot};

static RECORDER: Recorder = Recorder::new();
static HOOKS: [&dyn StakingHooks; 1] = [&RECORDER];

/// Two bonded validators of 10 and 20 OPEN.
fn two() -> Chain {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.create(2, 20 * OPEN);
    chain.next(1);
    chain
}

#[test]
fn shares_are_tokens_until_a_slash_and_worth_less_after_it() {
    let mut chain = two();
    let events = chain.delegate(3, 1, 5).unwrap();
    assert_eq!(attribute(&events, "delegate", "new_shares"), "5.000000000000000000");
    assert_eq!(attribute(&events, "delegate", "delegator"), text(3));
    // A third is lost: a token costs one and a half shares from then on, rounded as the SDK rounds.
    let height = chain.block.height;
    chain.slash(1, height, 10, "0.333333333333333333").unwrap();
    let before = chain.validator(1);
    let events = chain.delegate(4, 1, 1_000).unwrap();
    let expected = before.delegator_shares.mul_int(1_000u128.into()).unwrap().quo_int(before.tokens).unwrap();
    assert_eq!(attribute(&events, "delegate", "new_shares"), expected.to_string());
    assert_eq!(chain.shares(4, 1), expected);
    assert!(expected > Dec::from_u64(1_499) && expected < Dec::from_u64(1_501));
}

#[test]
fn the_last_shares_of_a_validator_that_is_not_bonded_cannot_be_redelegated() {
    let mut chain = two();
    // Less than one unit of power: never bonded, and gone with its last share.
    chain.create(4, 5);
    assert_eq!(code(chain.redelegate(4, 4, 1, 5)), 3);
    assert_eq!((chain.shares(4, 4), chain.shares(4, 1)), (Dec::from_u64(5), Dec::ZERO));
    chain.redelegate(4, 4, 1, 4).unwrap();
    assert_eq!(chain.shares(4, 1), Dec::from_u64(4));
}

#[test]
fn what_buys_no_share_is_not_taken() {
    let mut chain = Chain::new();
    chain.create(1, 10 * OPEN);
    chain.next(1);
    let staking = chain.staking;
    // Roundings may leave many tokens to few shares: here all of them to the smallest part of one.
    let mut genesis = GenesisState::decode(chain.with(|ctx| staking.export_genesis(ctx).unwrap()).as_slice()).unwrap();
    genesis.validators[0].delegator_shares = "1".into();
    genesis.delegations[0].shares = "1".into();
    let bank = chain.with(|ctx| BANK.export_genesis(ctx).unwrap());
    let auth = chain.with(|ctx| Auth.export_genesis(ctx).unwrap());
    chain.state = BlockState::new(Arc::new(MemSnapshot::default()));
    chain.with(|ctx| {
        Auth.init_genesis(ctx, &auth).unwrap();
        BANK.init_genesis(ctx, &bank).unwrap();
        Consensus.init(ctx, None, &[]).unwrap();
        staking.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
    });
    let held = chain.balance(3);
    assert_eq!(code(chain.delegate(3, 1, OPEN)), 22);
    assert_eq!((chain.balance(3), chain.shares(3, 1)), (held, Dec::ZERO));
    chain.delegate(3, 1, 10 * OPEN).unwrap();
}

#[test]
fn what_is_undelegated_is_paid_when_the_time_is_over_and_not_before() {
    let mut chain = two();
    chain.delegate(3, 1, 7 * OPEN).unwrap();
    let held = chain.balance(3);
    let due = chain.block.time_seconds + UNBONDING;
    let events = chain.undelegate(3, 1, 3 * OPEN).unwrap();
    assert_eq!(attribute(&events, "unbond", "amount"), "3000000000000000000aopen");
    assert_eq!(attribute(&events, "unbond", "completion_time"), "1970-01-12T14:03:21Z");
    assert_eq!(due, 1_001_001, "and that is this time");
    chain.next(UNBONDING - 1);
    chain.next(0);
    assert_eq!(chain.balance(3), held);
    chain.next(1);
    let (_, events) = chain.next(1);
    assert_eq!(chain.balance(3), held + 3 * OPEN);
    assert_eq!(attribute(&events, "complete_unbonding", "amount"), "3000000000000000000aopen");
    assert_eq!(attribute(&events, "complete_unbonding", "validator"), operator(1));
}

#[test]
fn undelegations_of_one_block_are_one_entry_and_others_are_limited() {
    let mut chain = two();
    chain.params(|params| params.max_entries = 2);
    chain.delegate(3, 1, 100).unwrap();
    chain.undelegate(3, 1, 1).unwrap();
    chain.undelegate(3, 1, 1).unwrap();
    chain.next(1);
    chain.undelegate(3, 1, 1).unwrap();
    assert_eq!(code(chain.undelegate(3, 1, 1)), 27);
    // Another block, another validator: other entries.
    chain.delegate(3, 2, 100).unwrap();
    chain.undelegate(3, 2, 1).unwrap();
    // When the first has ended there is room again.
    chain.next(UNBONDING);
    chain.next(1);
    chain.undelegate(3, 1, 1).unwrap();
}

#[test]
fn more_than_there_is_cannot_be_undelegated() {
    let mut chain = two();
    chain.delegate(3, 1, 100).unwrap();
    let error = chain.undelegate(3, 1, 101).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 18));
    assert!(error.message.contains("invalid shares amount"));
    assert_eq!(code(chain.undelegate(4, 1, 1)), 19);
    assert_eq!(code(chain.undelegate(4, 9, 1)), 3);
    assert_eq!(code(chain.delegate(4, 9, 1)), 3);
    let error = chain.delegate(3, 1, 2_000_000 * OPEN).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 5));
}

#[test]
fn redelegated_stake_moves_at_once_and_not_further_before_the_time_is_over() {
    let mut chain = two();
    chain.create(5, OPEN);
    chain.next(1);
    chain.delegate(3, 1, 7 * OPEN).unwrap();
    chain.redelegate(3, 1, 2, 3 * OPEN).unwrap();
    assert_eq!(chain.shares(3, 2), Dec::from_int((3 * OPEN).into()));
    assert_eq!(code(chain.redelegate(3, 2, 5, OPEN)), 32, "transitive");
    assert_eq!(code(chain.redelegate(3, 1, 1, OPEN)), 29);
    assert_eq!(code(chain.redelegate(3, 1, 9, OPEN)), 31);
    chain.params(|params| params.max_entries = 1);
    assert_eq!(code(chain.redelegate(3, 1, 2, OPEN)), 33);
    chain.next(UNBONDING);
    let (_, events) = chain.next(1);
    assert_eq!(attribute(&events, "complete_redelegation", "amount"), "3000000000000000000aopen");
    chain.redelegate(3, 2, 5, OPEN).unwrap();
}

#[test]
fn from_a_validator_out_of_the_set_stake_moves_without_waiting() {
    let mut chain = two();
    chain.params(|params| params.max_validators = 2);
    chain.create(5, OPEN);
    chain.next(1);
    assert!(chain.validator(5).is_unbonded());
    chain.delegate(3, 5, 100).unwrap();
    let events = chain.redelegate(3, 5, 1, 50).unwrap();
    assert_eq!(attribute(&events, "redelegate", "completion_time"), "0001-01-01T00:00:00Z");
    // Nothing is on its way, so that it may move on.
    chain.redelegate(3, 1, 2, 50).unwrap();
}

#[test]
fn a_cancelled_undelegation_is_a_delegation_again() {
    let mut chain = two();
    chain.delegate(3, 1, 10).unwrap();
    let height = chain.block.height;
    chain.undelegate(3, 1, 6).unwrap();
    chain.next(1);
    let error = chain.cancel(3, 1, 7, height).unwrap_err();
    assert!(error.message.contains("greater than the unbonding delegation entry balance"), "{error}");
    let error = chain.cancel(3, 1, 1, height + 1).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 38));
    let error = chain.cancel(4, 1, 1, height).unwrap_err();
    assert_eq!((error.codespace, error.code), ("undefined", 1));
    let events = chain.cancel(3, 1, 2, height).unwrap();
    assert_eq!(attribute(&events, "cancel_unbonding_delegation", "creation_height"), height.to_string());
    assert_eq!(chain.shares(3, 1), Dec::from_u64(6));
    chain.cancel(3, 1, 4, height).unwrap();
    assert_eq!(chain.shares(3, 1), Dec::from_u64(10));
    let held = chain.balance(3);
    chain.next(UNBONDING);
    let (_, events) = chain.next(1);
    assert!(events.is_empty(), "nothing is left to be paid: {events:?}");
    assert_eq!(chain.balance(3), held);
    chain.jail(1).unwrap();
    assert_eq!(code(chain.cancel(3, 1, 1, height)), 7);
}

#[test]
fn an_operator_below_its_least_self_delegation_is_jailed_and_leaves_the_set() {
    let mut chain = two();
    chain.undelegate(1, 1, 10 * OPEN).unwrap();
    let validator = chain.validator(1);
    assert!(validator.jailed && validator.is_bonded(), "until the block ends");
    let (updates, _) = chain.next(1);
    assert_eq!((updates.len(), updates[0].power), (1, 0));
    assert!(chain.validator(1).is_unbonding());
    // Nobody delegates to it, so that it is gone when its unbonding is over.
    chain.next(UNBONDING);
    chain.next(1);
    let staking = chain.staking;
    assert!(chain.with(|ctx| staking.validator(ctx, &address(1)).unwrap()).is_none());
    let cons = chain.cons(1);
    assert!(chain.with(|ctx| staking.validator_by_cons(ctx, &cons).unwrap()).is_none());
}

#[test]
fn hooks_are_called_in_the_sdk_s_order() {
    let mut chain = Chain::with_hooks(&HOOKS);
    chain.create(1, 10 * OPEN);
    chain.create(2, 10 * OPEN);
    chain.next(1);
    RECORDER.take();
    chain.delegate(3, 1, 10).unwrap();
    assert_eq!(RECORDER.take(), ["delegation 3-1", "delegated 3-1"]);
    chain.delegate(3, 1, 10).unwrap();
    assert_eq!(RECORDER.take(), ["shares 3-1", "delegated 3-1"]);
    chain.undelegate(3, 1, 5).unwrap();
    assert_eq!(RECORDER.take(), ["shares 3-1", "delegated 3-1", "initiated 1"]);
    chain.redelegate(3, 1, 2, 15).unwrap();
    assert_eq!(RECORDER.take(), ["shares 3-1", "undelegated 3-1", "delegation 3-2", "delegated 3-2", "initiated 2"]);
    let height = chain.block.height;
    chain.slash(1, height, 10, "0.5").unwrap();
    assert_eq!(RECORDER.take(), ["modified 1", "slashed 1 0.500000000000000000"]);
    chain.jail(1).unwrap();
    chain.next(1);
    assert_eq!(RECORDER.take(), ["unbonding 1", "initiated 3"]);
}

#[test]
fn an_unbonding_on_hold_is_paid_when_it_is_let_go() {
    let mut chain = two();
    let staking = chain.staking;
    chain.delegate(3, 1, 10).unwrap();
    chain.undelegate(3, 1, 6).unwrap();
    let held = chain.balance(3);
    chain.with(|ctx| staking.put_unbonding_on_hold(ctx, 1)).unwrap();
    chain.next(UNBONDING);
    chain.next(1);
    assert_eq!(chain.balance(3), held, "on hold");
    chain.with(|ctx| staking.unbonding_can_complete(ctx, 1)).unwrap();
    assert_eq!(chain.balance(3), held + 6);
    assert_eq!(code(chain.with(|ctx| staking.unbonding_can_complete(ctx, 1))), 45);
    // A validator's, too; it ends with the block.
    chain.jail(1).unwrap();
    chain.next(1);
    chain.with(|ctx| staking.put_unbonding_on_hold(ctx, 2)).unwrap();
    chain.next(UNBONDING);
    chain.next(1);
    assert!(chain.validator(1).is_unbonding());
    chain.with(|ctx| staking.unbonding_can_complete(ctx, 2)).unwrap();
    assert_eq!(code(chain.with(|ctx| staking.unbonding_can_complete(ctx, 2))), 42);
    chain.next(1);
    assert!(chain.validator(1).is_unbonded());
}
