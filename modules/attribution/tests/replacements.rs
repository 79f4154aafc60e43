//! Replacement claims: committed to with their bond, revealed in the order of commits, so that a copy comes too late.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::Uint256;
use openledger_attribution::MAX_REPLACEMENT_COMMITS;
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::claim::Claim;
use openledger_provenance::dispute::Dispute as Evidence;

/// A settlement whose claims passed over the first author, refuted and divided; its bond.
fn refuted(world: &mut World) -> (u64, Answer, Uint256) {
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = world.claim_from(&answer, &[2, 3]);
    let settlement = world.settle_with(&answer, &claim, Check::Existence);
    let first = world.documents[&1].clone();
    let evidence = world.prove(&answer, &claim, |p| Evidence::Better(p.open_better(0, 1, 100, Some(&first)).unwrap()));
    assert!(world.dispute(DISPUTANT, settlement, &evidence).valid);
    world.blocks(REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    let bond = world.settlement(settlement).rounds[0].bond.parse().unwrap();
    (settlement, answer, bond)
}

fn replace(world: &World, maker: u8, settlement: u64, answer: &Answer, claim: &Claim) -> MsgReplaceClaim {
    let receipts = vec![world.claimed(answer, claim, Check::ClaimsOnly)];
    let (check, salt) = (Check::ClaimsOnly.into(), SALT.to_vec());
    MsgReplaceClaim { maker: text(maker), settlement, receipts, check, number: 1, salt }
}

#[test]
fn a_copy_of_a_revealed_replacement_is_not_revealed_before_the_original_had_its_time() {
    let mut world = World::new();
    let (settlement, answer, bond) = refuted(&mut world);
    let honest = world.honest(&answer);
    let settled = [(answer.clone(), honest.clone())];
    let original = replace(&world, OTHER, settlement, &answer, &honest);
    let commit = world.replacement_commit(&original, &settled);
    world.ok(&commit);
    // Whoever sees the reveal in the mempool commits to the same.
    let mut copy = replace(&world, PAYER, settlement, &answer, &honest);
    world.commit_replacement(&mut copy, &settled);
    assert_eq!(copy.number, 2);
    for _ in 0..REVEAL - 1 {
        assert_eq!(world.code(&copy), ("attribution", 14), "the first commit may still be revealed");
        world.next_block();
    }
    world.ok(&original);
    assert_eq!(world.code(&copy), ("attribution", 13));
    assert_eq!(world.settlement(settlement).rounds[1].maker, text(OTHER));
    assert_eq!(world.owed(PAYER), bond, "it could not be revealed: the bond goes back");
}

#[test]
fn a_commit_that_is_not_revealed_in_time_is_burnt_and_the_next_one_has_its_turn() {
    let mut world = World::new();
    let (settlement, answer, bond) = refuted(&mut world);
    let honest = world.honest(&answer);
    let settled = [(answer.clone(), honest.clone())];
    let silent = replace(&world, PAYER, settlement, &answer, &honest);
    let commit = world.replacement_commit(&silent, &settled);
    world.ok(&commit);
    let mut second = replace(&world, OTHER, settlement, &answer, &honest);
    let deadline = world.commit_replacement(&mut second, &settled);
    world.blocks(REVEAL);
    assert_eq!(world.code(&silent), ("attribution", 14), "too late");
    let burnt = world.burnt;
    assert!(world.block.height <= deadline);
    world.ok(&second);
    assert_eq!(world.burnt - burnt, bond);
    assert_eq!(world.status(settlement), SettlementStatus::Pending);
}

#[test]
fn only_what_was_committed_by_whom_it_was_committed_replaces_claims() {
    let mut world = World::new();
    let (settlement, answer, _) = refuted(&mut world);
    let (honest, other) = (world.honest(&answer), world.claim_from(&answer, &[1]));
    let settled = [(answer.clone(), honest.clone())];
    let mut good = replace(&world, OTHER, settlement, &answer, &honest);
    assert_eq!(world.code(&good), ("attribution", 2), "nothing is committed");
    world.commit_replacement(&mut good, &settled);
    let stolen = MsgReplaceClaim { maker: text(PAYER), ..good.clone() };
    assert_eq!(world.code(&stolen), ("attribution", 3));
    let salted = MsgReplaceClaim { salt: vec![8; 32], ..good.clone() };
    assert_eq!(world.code(&salted), ("attribution", 21));
    let changed = MsgReplaceClaim { receipts: vec![world.claimed(&answer, &other, Check::ClaimsOnly)], ..good.clone() };
    assert_eq!(world.code(&changed), ("attribution", 21));
    let checked = MsgReplaceClaim {
        receipts: vec![world.claimed(&answer, &honest, Check::Existence)],
        check: Check::Existence.into(),
        ..good.clone()
    };
    assert_eq!(world.code(&checked), ("attribution", 21), "looked at otherwise than was committed");
    let unknown = MsgReplaceClaim { number: 2, ..good.clone() };
    assert_eq!(world.code(&unknown), ("attribution", 2));
    let short = MsgReplaceClaim { salt: vec![7; 31], ..good.clone() };
    assert_eq!(world.code(&short), ("sdk", 18));
    world.ok(&good);
}

#[test]
fn a_replacement_is_not_revealed_in_the_block_of_its_commit() {
    let mut world = World::new();
    let (settlement, answer, _) = refuted(&mut world);
    let honest = world.honest(&answer);
    let good = replace(&world, OTHER, settlement, &answer, &honest);
    let commit = world.replacement_commit(&good, &[(answer, honest)]);
    world.ok(&commit);
    assert_eq!(world.code(&good), ("attribution", 14));
    world.next_block();
    world.ok(&good);
}

#[test]
fn a_flood_of_commits_is_bounded_and_burnt_and_ends_with_the_baseline() {
    let mut world = World::new();
    let (settlement, answer, bond) = refuted(&mut world);
    let honest = world.honest(&answer);
    let junk = replace(&world, OTHER, settlement, &answer, &honest);
    let commit = world.replacement_commit(&junk, &[(answer, honest)]);
    for _ in 0..MAX_REPLACEMENT_COMMITS {
        world.ok(&commit);
    }
    assert_eq!(world.code(&commit), ("attribution", 21));
    let burnt = world.burnt;
    world.blocks(ANSWER + 1);
    assert_eq!(world.code(&commit), ("attribution", 14));
    world.blocks(u64::from(MAX_REPLACEMENT_COMMITS) * REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Baselined);
    let eighth = bond / Uint256::from(8u8);
    assert_eq!(world.burnt - burnt, bond * Uint256::from(MAX_REPLACEMENT_COMMITS) + eighth);
}

#[test]
fn a_sampled_replacement_of_a_hidden_transcript_is_published_or_falls_too() {
    let mut world = World::new();
    world.bond_auditor(30);
    let (settlement, settled) = world.settle_claims_only(1);
    world.seed_next_epoch(30);
    world.next_block();
    world.blocks(ANSWER + 1);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    let (answer, honest) = settled[0].clone();
    let mut claims = replace(&world, OTHER, settlement, &answer, &honest);
    world.commit_replacement(&mut claims, &settled);
    world.ok(&claims);
    assert_eq!(world.openings(settlement).sampling(), SamplingStatus::Waiting);
    world.seed_next_epoch(30);
    world.next_block();
    let drawn = world.demands(settlement);
    assert_eq!(drawn.len(), 1);
    let by_server = world.publish(drawn[0].id, &settled, 0);
    assert_eq!(world.code(&by_server), ("attribution", 3), "the replacement's maker answers for it");
    world.ok(&MsgPublishTranscript { claimant: text(OTHER), ..by_server });
    world.blocks(ANSWER + REVEAL + 2);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}
