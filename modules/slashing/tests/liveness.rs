//! Who misses blocks: counted in a window, slashed and jailed once it is too many.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use openledger_core::comet::VoteFlag;
use openledger_slashing::{Params, CHUNK_BITS};

#[test]
fn who_misses_more_of_the_window_than_allowed_is_slashed_and_jailed_and_its_window_begins_anew() {
    let mut chain = Chain::new(2, short());
    // Bonded at height 1: judged from height 12 on.
    for _ in 2..=9 {
        chain.block_without(&[]);
    }
    for missed in 1..=5 {
        let events = chain.block_without(&[1]);
        let height = 9 + missed;
        let liveness = format!("liveness{{address={},missed_blocks={missed},height={height}}}", cons_text(1));
        assert_eq!(shown(&events, &["liveness", "slash"]), [liveness]);
        assert!(!chain.validator(1).jailed);
    }
    let events = chain.block_without(&[1]);
    let (address, burned) = (cons_text(1), "1000000000000000000");
    assert_eq!(
        shown(&events, &["liveness", "slash"]),
        [
            format!("liveness{{address={address},missed_blocks=6,height=15}}"),
            format!(
                "slash{{address={address},power=100,reason=missing_signature,jailed={address},burned_coins={burned}}}"
            ),
        ]
    );
    let validator = chain.validator(1);
    assert!(validator.jailed && !validator.is_bonded());
    assert_eq!(validator.tokens.to_string(), "99000000000000000000");
    let info = chain.info(1);
    assert_eq!((info.index_offset, info.missed_blocks, info.tombstoned), (0, 0, false));
    assert_eq!(info.jailed_until.seconds, chain.block.time_seconds + 60);
    assert_eq!(chain.info(2).missed_blocks, 0);
}

#[test]
fn nobody_is_judged_before_a_whole_window_has_passed_since_it_was_bonded() {
    let mut chain = Chain::new(2, short());
    for _ in 2..=11 {
        chain.block_without(&[1]);
        assert!(!chain.validator(1).jailed, "at height {}", chain.block.height);
    }
    assert_eq!(chain.info(1).missed_blocks, 10);
    chain.block_without(&[1]);
    assert!(chain.validator(1).jailed);
}

#[test]
fn blocks_that_are_signed_take_the_place_of_those_that_were_missed() {
    let mut chain = Chain::new(1, short());
    // Half of the blocks, for ever: five of each ten are allowed.
    for round in 0..40 {
        chain.block_without(if round % 2 == 0 { &[1] } else { &[] });
    }
    assert!(!chain.validator(1).jailed);
    assert_eq!(chain.info(1).missed_blocks, 5);
    for _ in 0..10 {
        chain.block_without(&[]);
    }
    assert_eq!(chain.info(1).missed_blocks, 0);
}

#[test]
fn votes_of_a_guest_whose_key_somebody_registered_are_passed_over() {
    let mut chain = Chain::new(1, short());
    // Validator 3 is in CometBFT's set by genesis, and never was in staking's.
    chain.register(3);
    for _ in 0..30 {
        chain.vote(vec![vote(1, VoteFlag::Commit), vote(3, VoteFlag::Absent)]);
    }
    assert!(chain.with(|ctx| SLASHING.signing_info(ctx, &cons(3)).unwrap()).is_none());
    assert!(!chain.validator(3).jailed);
    assert_eq!(chain.validator(3).tokens.to_string(), "1");
}

#[test]
fn a_vote_for_no_block_is_a_sign_of_life() {
    let mut chain = Chain::new(1, short());
    for _ in 0..30 {
        chain.vote(vec![vote(1, VoteFlag::Nil)]);
    }
    assert_eq!(chain.info(1).missed_blocks, 0);
    assert_eq!(chain.info(1).index_offset, 30);
}

#[test]
fn a_jailed_validator_is_not_counted_and_starts_afresh_when_it_is_back() {
    let mut chain = Chain::new(2, short());
    while !chain.validator(1).jailed {
        chain.block_without(&[1]);
    }
    let before = chain.info(1);
    for _ in 0..5 {
        assert!(shown(&chain.block_without(&[1]), &["liveness"]).is_empty());
    }
    assert_eq!(chain.info(1), before);
    chain.skip(60);
    chain.unjail(1).unwrap();
    let height = chain.block.height;
    assert_eq!(chain.info(1).start_height, height);
    for _ in 0..10 {
        chain.block_without(&[1]);
        assert!(!chain.validator(1).jailed);
    }
    chain.block_without(&[1]);
    assert!(chain.validator(1).jailed, "a window after its return it is judged again");
}

#[test]
fn validators_that_staking_does_not_know_are_skipped() {
    let mut chain = Chain::new(1, short());
    for _ in 0..30 {
        let events = chain.vote(vec![vote(9, VoteFlag::Absent), vote(1, VoteFlag::Commit)]);
        assert!(shown(&events, &["liveness", "slash"]).is_empty());
    }
    assert_eq!(chain.info(1).index_offset, 30);
}

#[test]
fn a_window_may_be_longer_than_a_chunk_of_bits() {
    let window = CHUNK_BITS + 10;
    let mut chain = Chain::new(1, Params { signed_blocks_window: window, ..short() });
    for at in 0..window {
        chain.block_without(if at % 7 == 0 || at >= CHUNK_BITS { &[1] } else { &[] });
    }
    let expected = (0..window).filter(|at| at % 7 == 0 || *at >= CHUNK_BITS).count() as u64;
    assert_eq!(chain.info(1).missed_blocks, expected);
    for at in 0..window {
        let missed = (at..window).filter(|at| at % 7 == 0 || *at >= CHUNK_BITS).count() as u64;
        assert_eq!(chain.info(1).missed_blocks, missed, "bit {at}");
        chain.block_without(&[]);
    }
}

#[test]
fn a_window_that_shrinks_keeps_counting_what_lies_behind_its_new_end() {
    let mut chain = Chain::new(1, Params { signed_blocks_window: 20, ..short() });
    for at in 0..20 {
        chain.block_without(if at >= 15 { &[1] } else { &[] });
    }
    chain.set_params(short());
    for _ in 0..30 {
        chain.block_without(&[]);
    }
    // As in the SDK: the bits 15 to 19 are never overwritten.
    assert_eq!(chain.info(1).missed_blocks, 5);
    chain.block_without(&[1]);
    assert!(chain.validator(1).jailed);
    assert_eq!(chain.info(1).missed_blocks, 0);
}

#[test]
fn the_blocks_that_must_be_signed_are_rounded_half_to_even() {
    for (window, fraction, signed) in
        [(10, "0.5", 5), (5, "0.5", 2), (7, "0.5", 4), (3, "0.9", 3), (10, "0", 0), (10, "1", 10)]
    {
        let min_signed_per_window = fraction.parse().unwrap();
        let params = Params { signed_blocks_window: window, min_signed_per_window, ..Params::default() };
        assert_eq!(params.min_signed_blocks().unwrap(), signed, "{fraction} of {window}");
        assert_eq!(params.max_missed_blocks().unwrap(), window - signed);
    }
}
