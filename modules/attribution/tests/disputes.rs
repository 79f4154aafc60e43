//! Disputes: what is false or passed over falls, what is honest stands, and every bond goes where it should.

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
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::dispute::Dispute as Evidence;

const FEE: u128 = OPEN + (OPEN / 100) * 395;
const POOL: u128 = FEE * 4_000 / 10_000;
const BOND: u128 = 2 * POOL;
const DISPUTE_BOND: u128 = 10 * OPEN;

/// An answer whose claim passes over the first author for the second one, who copied: settled, existence-checked.
fn passed_over(world: &mut World) -> (Answer, Claim, u64) {
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = world.claim_from(&answer, &[2, 3]);
    let settlement = world.settle_with(&answer, &claim, Check::Existence);
    assert_eq!(world.rows(settlement).keys().copied().collect::<Vec<_>>(), [2, 3]);
    (answer, claim, settlement)
}

/// Evidence that the first contribution holds window 0 of the answer.
fn better(world: &World, answer: &Answer, claim: &Claim) -> Vec<u8> {
    let first = world.documents[&1].clone();
    world.prove(answer, claim, |prover| Evidence::Better(prover.open_better(0, 1, 100, Some(&first)).unwrap()))
}

/// An answer settled with claims only, one of which names a source that lacks the bytes.
fn lied(world: &mut World) -> (Answer, Claim, u64) {
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    claim.segments[0].source = 3;
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    (answer, claim, settlement)
}

/// Evidence that byte 0 of segment 0 is another one in contribution 3.
fn differs(world: &World, answer: &Answer, claim: &Claim) -> Vec<u8> {
    let third = world.documents[&3].clone();
    world.prove(answer, claim, |prover| Evidence::False(prover.open_byte(0, 0, Some(&third)).unwrap()))
}

#[test]
fn passing_over_the_first_author_is_refuted_and_forfeits_the_bond() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let (bond, locked) = world.bond();
    assert_eq!(locked, Uint256::from(BOND));
    let evidence = better(&world, &answer, &claim);
    assert!(evidence.len() <= 4_096);
    let found = world.dispute(DISPUTANT, settlement, &evidence);
    assert!(found.valid, "{}", found.finding);
    assert_eq!(world.status(settlement), SettlementStatus::False);
    let burnt = world.burnt;
    world.blocks(REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    assert_eq!(world.bond(), (bond - Uint256::from(BOND), Uint256::zero()));
    assert_eq!(world.owed(DISPUTANT), Uint256::from(DISPUTE_BOND + BOND / 4));
    assert_eq!(world.burnt - burnt, Uint256::from(BOND - BOND / 4 - BOND / 8));
    assert_eq!(world.dispute_of(1).status(), DisputeStatus::Won);
    // Nobody replaces the claim: no use is shown, the pool is the platform's, and the second author has nothing.
    let burnt = world.burnt;
    world.blocks(ANSWER + 1);
    assert_eq!(world.status(settlement), SettlementStatus::Baselined);
    assert_eq!(world.burnt - burnt, Uint256::from(BOND / 8));
    assert!(world.rows(settlement).is_empty());
    assert_eq!(world.owed(FIRST_AUTHOR + 1), Uint256::zero());
}

#[test]
fn a_false_segment_among_claims_only_is_refuted_by_one_byte() {
    let mut world = World::new();
    let (answer, claim, settlement) = lied(&mut world);
    let evidence = differs(&world, &answer, &claim);
    assert!(world.dispute(DISPUTANT, settlement, &evidence).valid);
    world.blocks(REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
}

#[test]
fn disputes_of_honest_settlements_fail_and_lose_their_bonds() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let answer = world.answers[0].clone();
    let claim = world.honest(&answer);
    let (first, second) = (world.documents[&1].clone(), world.documents[&2].clone());
    let equal = world.prove(&answer, &claim, |p| Evidence::False(p.open_byte(0, 0, Some(&first)).unwrap()));
    let later = world.prove(&answer, &claim, |p| Evidence::Better(p.open_better(0, 2, 100, Some(&second)).unwrap()));
    let elsewhere = world.prove(&answer, &claim, |p| Evidence::Better(p.open_better(110, 1, 0, Some(&first)).unwrap()));
    let burnt = world.burnt;
    let before = world.balance(DISPUTANT);
    let disputes: Vec<_> = [equal, later, elsewhere, b"no evidence".to_vec(), Vec::new()]
        .into_iter()
        .map(|evidence| (world.commit(DISPUTANT, settlement, &evidence), evidence))
        .collect();
    world.next_block();
    for (dispute, evidence) in &disputes {
        assert!(!world.reveal(DISPUTANT, *dispute, evidence).valid);
        assert_eq!(world.dispute_of(*dispute).status(), DisputeStatus::Rejected);
    }
    assert_eq!(world.burnt - burnt, Uint256::from(5 * DISPUTE_BOND));
    assert_eq!(world.owed(DISPUTANT), Uint256::zero());
    assert_eq!(world.balance(DISPUTANT), before - Uint256::from(5 * DISPUTE_BOND));
    assert_eq!(world.status(settlement), SettlementStatus::Pending);
    world.blocks(WINDOW + REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn evidence_against_another_settlement_refutes_nothing() {
    let mut world = World::new();
    let (answer, claim, _) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let honest = world.settle_honestly();
    assert!(!world.dispute(DISPUTANT, honest, &evidence).valid);
}

#[test]
fn commits_are_refused_from_the_height_at_which_the_window_closes() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    world.blocks(WINDOW - 1);
    let in_time = world.commit(DISPUTANT, settlement, &evidence);
    world.next_block();
    let late = world.commit_msg(OTHER, settlement, &evidence);
    assert_eq!(world.code(&late), ("attribution", 14));
    world.blocks(REVEAL - 1);
    assert_eq!(world.status(settlement), SettlementStatus::Pending, "payment waits for the last reveal");
    assert!(world.reveal(DISPUTANT, in_time, &evidence).valid);
    world.next_block();
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
}

#[test]
fn a_reveal_in_the_commits_own_block_or_too_late_is_refused_and_an_unrevealed_bond_burns() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let dispute = world.commit(DISPUTANT, settlement, &evidence);
    let reveal = world.reveal_msg(DISPUTANT, dispute, &evidence);
    assert_eq!(world.code(&reveal), ("attribution", 14));
    let burnt = world.burnt;
    world.blocks(REVEAL + 1);
    assert_eq!(world.dispute_of(dispute).status(), DisputeStatus::Expired);
    assert_eq!(world.burnt - burnt, Uint256::from(DISPUTE_BOND));
    assert_eq!(world.code(&reveal), ("attribution", 15));
    world.blocks(WINDOW + REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Paid, "nobody showed anything in time");
}

#[test]
fn only_what_was_committed_by_whom_it_was_committed_is_revealed_once() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let dispute = world.commit(DISPUTANT, settlement, &evidence);
    world.next_block();
    let stolen = world.reveal_msg(OTHER, dispute, &evidence);
    assert_eq!(world.code(&stolen), ("attribution", 3));
    let mut other = world.reveal_msg(DISPUTANT, dispute, &evidence);
    other.salt[0] ^= 1;
    assert_eq!(world.code(&other), ("attribution", 15));
    let unknown = world.reveal_msg(DISPUTANT, 99, &evidence);
    assert_eq!(world.code(&unknown), ("attribution", 2));
    let mut long = world.reveal_msg(DISPUTANT, dispute, &evidence);
    long.evidence = vec![0; 4_097];
    assert_eq!(world.code(&long), ("attribution", 12));
    let good = world.reveal_msg(DISPUTANT, dispute, &evidence);
    world.ok(&good);
    assert_eq!(world.code(&good), ("attribution", 15), "twice");
}

#[test]
fn a_copied_commit_is_of_no_use_to_whoever_copied_it() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let mut copied = world.commit_msg(DISPUTANT, settlement, &evidence);
    copied.disputant = text(OTHER);
    let dispute = world.answer::<_, MsgCommitDisputeResponse>(&copied).unwrap().dispute;
    world.next_block();
    let reveal = world.reveal_msg(OTHER, dispute, &evidence);
    assert_eq!(world.code(&reveal), ("attribution", 15));
}

#[test]
fn the_earliest_valid_commit_has_the_bounty_whoever_reveals_first() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let first = world.commit(DISPUTANT, settlement, &evidence);
    let second = world.commit(OTHER, settlement, &evidence);
    world.next_block();
    assert!(world.reveal(OTHER, second, &evidence).valid);
    let late = world.commit_msg(PAYER, settlement, &evidence);
    assert_eq!(world.code(&late), ("attribution", 13), "false is absorbing");
    world.next_block();
    assert!(world.reveal(DISPUTANT, first, &evidence).valid);
    world.blocks(REVEAL);
    assert_eq!(world.owed(DISPUTANT), Uint256::from(DISPUTE_BOND + BOND / 4));
    assert_eq!(world.owed(OTHER), Uint256::from(DISPUTE_BOND), "valid, but not first: the bond comes back");
    assert_eq!(world.dispute_of(first).status(), DisputeStatus::Won);
    assert_eq!(world.dispute_of(second).status(), DisputeStatus::Valid);
}

fn replace_msg(world: &World, maker: u8, settlement: u64, answer: &Answer, claim: &Claim) -> MsgReplaceClaim {
    let receipts = vec![world.claimed(answer, claim, Check::Existence)];
    let (check, salt) = (Check::Existence.into(), SALT.to_vec());
    MsgReplaceClaim { maker: text(maker), settlement, receipts, check, number: 1, salt }
}

#[test]
fn a_replacement_that_stands_pays_the_true_authors_and_its_maker() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    world.dispute(DISPUTANT, settlement, &evidence);
    let honest = world.honest(&answer);
    let mut replace = replace_msg(&world, OTHER, settlement, &answer, &honest);
    assert_eq!(world.code(&replace), ("attribution", 13), "the bounty is not settled yet");
    world.blocks(REVEAL);
    let before = world.balance(OTHER);
    world.commit_replacement(&mut replace, &[(answer, honest)]);
    world.ok(&replace);
    assert_eq!(world.balance(OTHER), before - Uint256::from(BOND));
    assert_eq!(world.code(&replace), ("attribution", 13), "one at a time");
    world.blocks(WINDOW + REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Pending);
    world.next_block();
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    assert_eq!(world.owed(OTHER), Uint256::from(BOND + BOND / 8));
    assert!(world.owed(FIRST_AUTHOR) > Uint256::zero());
    assert_eq!(world.owed(FIRST_AUTHOR + 1), Uint256::zero());
}

#[test]
fn a_replacement_of_other_receipts_or_after_the_answer_window_is_refused() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    world.dispute(DISPUTANT, settlement, &evidence);
    world.blocks(REVEAL);
    let honest = world.honest(&answer);
    let other = world.make_answer(1, b"!", &world.two_authors(), FEE);
    let mut msg = replace_msg(&world, OTHER, settlement, &other, &honest);
    world.commit_replacement(&mut msg, &[(other, honest.clone())]);
    assert_eq!(world.code(&msg), ("attribution", 4));
    world.blocks(ANSWER);
    let late = replace_msg(&world, OTHER, settlement, &answer, &honest);
    let late = world.replacement_commit(&late, &[(answer, honest)]);
    assert_eq!(world.code(&late), ("attribution", 14));
}

#[test]
fn after_two_false_replacements_nobodys_use_is_shown_and_the_pool_is_the_platforms() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let keeper = world.keeper;
    let platform = |world: &mut World| world.with(|ctx| keeper.owed(ctx, &openledger_auth::authority()).unwrap());
    for round in 0..3 {
        assert_eq!(world.settlement(settlement).rounds.len(), round + 1);
        assert!(world.dispute(DISPUTANT, settlement, &evidence).valid);
        world.blocks(REVEAL - 1);
        let before = platform(&mut world);
        world.next_block();
        if round < 2 {
            let mut replace = replace_msg(&world, OTHER, settlement, &answer, &claim);
            world.commit_replacement(&mut replace, &[(answer.clone(), claim.clone())]);
            world.ok(&replace);
        } else {
            assert_eq!(platform(&mut world) - before, Uint256::from(POOL));
        }
    }
    assert_eq!(world.status(settlement), SettlementStatus::Baselined);
    assert_eq!(world.owed(DISPUTANT), Uint256::from(3 * (DISPUTE_BOND + BOND / 4)));
    assert_eq!(world.owed(OTHER), Uint256::zero());
    world.next_block();
    let request = QuerySolvencyRequest {};
    let solvency: QuerySolvencyResponse = world.ask("Solvency", &request).unwrap();
    assert_eq!(solvency.owed, solvency.held);
    assert_eq!(solvency.totals.unwrap().pools, "0");
}

#[test]
fn a_window_stays_open_until_proposers_with_two_thirds_of_the_power_had_a_block() {
    let mut world = World::with_validators(&[10, 10, 10]);
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    // One proposer alone, for long: it could leave every commit out.
    world.blocks(WINDOW + REVEAL + 20);
    assert_eq!(world.status(settlement), SettlementStatus::Pending);
    let dispute = world.commit(DISPUTANT, settlement, &evidence);
    world.next_block_by(1);
    let late = world.commit_msg(OTHER, settlement, &evidence);
    assert_eq!(world.code(&late), ("attribution", 14), "two of three are two thirds");
    assert!(world.reveal(DISPUTANT, dispute, &evidence).valid);
}

#[test]
fn an_overlooked_echo_is_a_better_owner_than_any_contribution() {
    let mut world = World::new();
    let prompt = world.documents[&1][100..160].to_vec();
    let answer = world.say(&prompt, &world.two_authors());
    world.next_block();
    let segment = Segment { start: 0, count: 101, source: 1, offset: 100 };
    let claim = Claim { segments: vec![segment] };
    let settlement = world.settle_with(&answer, &claim, Check::Existence);
    let evidence = world.prove(&answer, &claim, |p| Evidence::Better(p.open_better(0, 0, 0, None).unwrap()));
    assert!(world.dispute(DISPUTANT, settlement, &evidence).valid);
}

#[test]
fn nobody_disputes_without_the_bond_or_what_does_not_exist() {
    let mut world = World::new();
    let (answer, claim, settlement) = passed_over(&mut world);
    let evidence = better(&world, &answer, &claim);
    let mut poor = world.commit_msg(DISPUTANT, settlement, &evidence);
    poor.disputant = text(200);
    assert_eq!(world.code(&poor), ("sdk", 5));
    let nothing = world.commit_msg(DISPUTANT, 77, &evidence);
    assert_eq!(world.code(&nothing), ("attribution", 2));
    let mut short = world.commit_msg(DISPUTANT, settlement, &evidence);
    short.commit.pop();
    assert_eq!(world.code(&short), ("sdk", 18));
}
