//! What a model has said, registered as a contribution: it comes after every author, and owns what nobody owned.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::RightsKind;

/// Who registers what the model said.
const PARROT: u8 = 31;

/// Windows of [`World::two_authors`]: 101 of the first author's, 131 that touch the 100 bytes of nobody's, 132 of the third's.
const WINDOWS: [(u64, u128); 3] = [(1, 101), (4, 131), (3, 132)];

#[test]
fn an_output_that_is_registered_earns_the_windows_that_were_nobody_s_and_takes_none_of_its_authors() {
    let mut world = World::new();
    let said = world.two_authors();
    let first = world.settle_honestly();
    let (before, round) = (world.rows(first), world.settlement(first).rounds[0].clone());
    assert_eq!(world.contribute(PARROT, &said, RightsKind::Own, false), 4);
    let version = world.model_of_now();
    let msg = world.sale(version, &said);
    let again = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
    let after = world.rows(again);
    let (pool, second) = (world.settlement(again).pool, world.settlement(again).rounds[0].clone());
    assert_eq!(pool, world.settlement(first).pool, "the same answer at the same price");
    let pool: u128 = pool.parse().unwrap();
    for (seq, windows) in WINDOWS {
        let exact = pool * windows / 364;
        assert!(
            after[&seq].abs_diff(exact) <= 1,
            "contribution {seq} has {} for {windows} of 364 windows",
            after[&seq]
        );
    }
    for author in [1, 3] {
        assert!(after[&author].abs_diff(before[&author]) <= 1, "author {author} loses nothing but a rounded unit");
    }
    let unowned = |round: &Round| round.baseline.parse::<u128>().unwrap() + round.treasury.parse::<u128>().unwrap();
    assert!(unowned(&second) == 0, "every window is somebody's now");
    assert!((before[&1] + before[&3] + unowned(&round)).abs_diff(pool) == 0);
    assert!(after[&4].abs_diff(unowned(&round)) <= 2, "what it has is what the baseline and the treasuries had");
}

#[test]
fn an_output_that_says_only_what_others_wrote_earns_nothing() {
    let mut world = World::new();
    let said = world.documents[&1][100..400].to_vec();
    assert_eq!(world.contribute(PARROT, &said, RightsKind::Own, false), 4);
    let version = world.model_of_now();
    let msg = world.sale(version, &said);
    let id = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
    assert_eq!(world.rows(id).keys().copied().collect::<Vec<_>>(), [1]);
    // And who claims it for the later one is refuted by the first author's bytes.
    let answer = world.say(b"?", &said);
    let mut answer = answer;
    answer.receipt.model_version = version;
    *world.answers.last_mut().unwrap() = answer.clone();
    world.next_block();
    let claim = world.claim_from(&answer, &[4]);
    let lie = world.settle_with(&answer, &claim, Check::Existence);
    let first = world.documents[&1].clone();
    let evidence = world.prove(&answer, &claim, |prover| {
        openledger_provenance::dispute::Dispute::Better(prover.open_better(0, 1, 100, Some(&first)).unwrap())
    });
    assert!(world.dispute(DISPUTANT, lie, &evidence).valid);
}
