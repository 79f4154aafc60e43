//! Auditors, epochs and draws: whose reveals make the seed, which receipts it draws, what becomes of those that stay closed.

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

const AUDITOR: u8 = 21;
const SECOND: u8 = 22;
const BOND: u128 = 100 * OPEN;

#[test]
fn the_seed_of_the_next_epoch_draws_and_what_is_published_is_paid() {
    let mut world = World::new();
    world.bond_auditor(AUDITOR);
    world.next_epoch();
    let (settlement, settled) = world.settle_claims_only(6);
    let epoch = world.epoch().number;
    let openings = world.openings(settlement);
    assert_eq!((openings.sampling(), openings.epoch), (SamplingStatus::Waiting, epoch + 1));
    world.seed_next_epoch(AUDITOR);
    world.next_block();
    let drawn = world.demands(settlement);
    assert!(!drawn.is_empty() && drawn.len() <= SAMPLES as usize, "{drawn:?}");
    assert!(drawn.iter().all(|demand| demand.kind() == DemandKind::Sample && demand.deposit == "0"));
    assert_eq!(world.openings(settlement).sampling(), SamplingStatus::Drawn);
    assert!(world.openings(settlement).weights.is_empty());
    world.next_block();
    for demand in &drawn {
        let publication = world.publish(demand.id, &settled, demand.receipt as usize - 1);
        world.ok(&publication);
    }
    world.blocks(ANSWER + REVEAL - 1);
    assert_eq!(world.status(settlement), SettlementStatus::Pending, "what was published can be disputed");
    world.blocks(2);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn a_drawn_receipt_that_stays_closed_makes_the_claims_false_and_all_but_the_maker_s_eighth_is_burnt() {
    let mut world = World::new();
    world.bond_auditor(AUDITOR);
    let (settlement, _) = world.settle_claims_only(4);
    let bond: Uint256 = world.settlement(settlement).rounds[0].bond.parse().unwrap();
    world.seed_next_epoch(AUDITOR);
    world.next_block();
    assert!(!world.demands(settlement).is_empty());
    world.blocks(ANSWER);
    assert_eq!(world.status(settlement), SettlementStatus::False);
    let burnt = world.burnt;
    world.next_block();
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    assert_eq!(world.burnt - burnt, bond - bond / Uint256::from(8u8));
    assert!(world.demands(settlement).is_empty());
}

#[test]
fn three_epochs_without_reveals_close_a_settlement_unsampled() {
    let mut world = World::new();
    let (settlement, _) = world.settle_claims_only(4);
    for _ in 0..4 {
        assert_eq!(world.openings(settlement).sampling(), SamplingStatus::Waiting);
        assert_eq!(world.status(settlement), SettlementStatus::Pending);
        world.next_epoch();
    }
    world.next_block();
    assert_eq!(world.openings(settlement).sampling(), SamplingStatus::Unsampled);
    world.blocks(REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
}

#[test]
fn an_epoch_without_reveals_passes_the_draw_on_to_the_next_one() {
    let mut world = World::new();
    world.bond_auditor(AUDITOR);
    let (settlement, _) = world.settle_claims_only(4);
    world.next_epoch();
    world.next_block();
    let commit = world.commit_seed_msg(AUDITOR, [1; 32]);
    world.ok(&commit);
    world.next_epoch();
    world.next_block();
    assert_eq!(world.openings(settlement).tries, 1);
    let reveal = world.reveal_seed_msg(AUDITOR, [1; 32]);
    world.ok(&reveal);
    world.next_epoch();
    world.next_block();
    assert_eq!(world.openings(settlement).sampling(), SamplingStatus::Drawn);
}

#[test]
fn what_was_opened_on_arrival_or_pays_nobody_is_not_drawn() {
    let mut world = World::new();
    let existence = world.settle_honestly();
    assert_eq!(world.openings(existence).sampling(), SamplingStatus::Unspecified);
    let answer = world.make_answer(2, b"?", b"gratis", 0);
    world.answers.push(answer.clone());
    world.next_block();
    let free = world.settle_with(&answer, &Default::default(), Check::ClaimsOnly);
    assert_eq!(world.openings(free).sampling(), SamplingStatus::Unspecified);
}

#[test]
fn an_auditor_that_misses_its_reveal_loses_the_bond() {
    let mut world = World::new();
    world.bond_auditor(AUDITOR);
    world.bond_auditor(SECOND);
    for (auditor, value) in [(AUDITOR, [1; 32]), (SECOND, [2; 32])] {
        let commit = world.commit_seed_msg(auditor, value);
        world.ok(&commit);
    }
    world.next_epoch();
    let reveal = world.reveal_seed_msg(SECOND, [2; 32]);
    world.ok(&reveal);
    let burnt = world.burnt;
    let epoch = world.next_epoch();
    assert_eq!(world.burnt - burnt, Uint256::from(BOND));
    let auditors: QueryAuditorsResponse = world.ask("Auditors", &QueryAuditorsRequest::default()).unwrap();
    assert_eq!(auditors.auditors.iter().map(|one| one.address.clone()).collect::<Vec<_>>(), [text(SECOND)]);
    assert_eq!(world.epoch().last_seed.unwrap().epoch, epoch - 1);
    let again = world.reveal_seed_msg(AUDITOR, [1; 32]);
    assert_eq!(world.code(&again), ("attribution", 20));
}

#[test]
fn only_what_was_committed_for_this_epoch_is_revealed_in_it_and_once() {
    let mut world = World::new();
    let none = world.commit_seed_msg(AUDITOR, [1; 32]);
    assert_eq!(world.code(&none), ("attribution", 20), "no bond");
    world.bond_auditor(AUDITOR);
    let bond = MsgBondAuditor { auditor: text(AUDITOR) };
    assert_eq!(world.code(&bond), ("attribution", 20), "twice");
    let early = world.reveal_seed_msg(AUDITOR, [1; 32]);
    assert_eq!(world.code(&early), ("attribution", 20), "nothing is committed");
    world.ok(&none);
    assert_eq!(world.code(&none), ("attribution", 20), "twice");
    assert_eq!(world.code(&early), ("attribution", 20), "in the epoch of its commit");
    world.next_epoch();
    let other = world.reveal_seed_msg(AUDITOR, [2; 32]);
    assert_eq!(world.code(&other), ("attribution", 20));
    world.ok(&early);
    assert_eq!(world.code(&early), ("attribution", 20), "twice");
    let short = MsgRevealSeed { auditor: text(AUDITOR), value: vec![1; 31] };
    assert_eq!(world.code(&short), ("sdk", 18));
    // A commit copied from another auditor can't be opened by who copied it.
    world.bond_auditor(SECOND);
    let copied = MsgCommitSeed { auditor: text(SECOND), ..world.commit_seed_msg(AUDITOR, [3; 32]) };
    world.ok(&copied);
    world.next_epoch();
    let reveal = world.reveal_seed_msg(SECOND, [3; 32]);
    assert_eq!(world.code(&reveal), ("attribution", 20));
}

#[test]
fn a_bond_leaves_when_nothing_is_left_to_reveal() {
    let mut world = World::new();
    let unbond = MsgUnbondAuditor { auditor: text(AUDITOR) };
    assert_eq!(world.code(&unbond), ("attribution", 20));
    let before = world.balance(AUDITOR);
    world.bond_auditor(AUDITOR);
    let commit = world.commit_seed_msg(AUDITOR, [1; 32]);
    world.ok(&commit);
    assert_eq!(world.code(&unbond), ("attribution", 20), "committed");
    world.next_epoch();
    assert_eq!(world.code(&unbond), ("attribution", 20), "to be revealed");
    let reveal = world.reveal_seed_msg(AUDITOR, [1; 32]);
    world.ok(&reveal);
    assert_eq!(world.code(&unbond), ("attribution", 20), "a part of this epoch's seed");
    world.next_epoch();
    world.ok(&unbond);
    assert_eq!(world.balance(AUDITOR), before);
}

#[test]
fn an_auditor_that_never_commits_does_not_keep_another_s_place() {
    let mut world = World::new();
    world.bond_auditor(AUDITOR);
    for _ in 0..17 {
        world.next_epoch();
    }
    let auditors: QueryAuditorsResponse = world.ask("Auditors", &QueryAuditorsRequest::default()).unwrap();
    assert!(auditors.auditors.is_empty());
    assert_eq!(world.owed(AUDITOR), Uint256::from(BOND));
}

/// The next epoch's seed where one auditor reveals at once and the other one's reveal is left out of so many blocks of the first
/// validator, until the second validator takes it in; or for ever.
fn seed_with(left_out: Option<u64>) -> (Option<Vec<u8>>, Uint256) {
    let mut world = World::with_validators(&[10, 10]);
    for auditor in [AUDITOR, SECOND] {
        world.bond_auditor(auditor);
        let commit = world.commit_seed_msg(auditor, [auditor; 32]);
        world.ok(&commit);
    }
    let epoch = world.next_epoch();
    let reveals = [AUDITOR, SECOND].map(|auditor| world.reveal_seed_msg(auditor, [auditor; 32]));
    world.ok(&reveals[0]);
    if let Some(blocks) = left_out {
        for left in (0..blocks).rev() {
            world.next_block_by(usize::from(left == 0));
        }
        assert_eq!(world.epoch().number, epoch);
        world.ok(&reveals[1]);
    }
    let burnt = world.burnt;
    world.next_epoch();
    (world.epoch().last_seed.map(|last| last.seed), world.burnt - burnt)
}

#[test]
fn a_proposer_who_leaves_out_one_reveal_does_not_choose_the_seed() {
    // The reveal comes in another proposer's block, in the epoch's last at the latest, and the seed is the one that it would have been.
    let (both, burnt) = seed_with(Some(0));
    assert!(both.is_some() && burnt.is_zero());
    for blocks in 1..EPOCH {
        assert_eq!(seed_with(Some(blocks)), (both.clone(), burnt), "left out of {blocks} blocks");
    }
}

#[test]
fn a_reveal_that_is_in_no_block_of_its_epoch_changes_the_seed_and_costs_its_auditor_the_bond() {
    let (without, burnt) = seed_with(None);
    assert_ne!(without, seed_with(Some(0)).0);
    assert_eq!((without.is_some(), burnt), (true, Uint256::from(BOND)));
}

#[test]
fn the_seed_is_of_all_reveals_in_a_fixed_order_whoever_reveals_first() {
    let seed = |reveals: &[u8]| {
        let mut world = World::new();
        for auditor in [AUDITOR, SECOND] {
            world.bond_auditor(auditor);
            let commit = world.commit_seed_msg(auditor, [auditor; 32]);
            world.ok(&commit);
        }
        world.next_epoch();
        for auditor in reveals {
            let reveal = world.reveal_seed_msg(*auditor, [*auditor; 32]);
            world.ok(&reveal);
        }
        world.next_epoch();
        world.epoch().last_seed.map(|last| last.seed)
    };
    let both = seed(&[AUDITOR, SECOND]);
    assert_eq!(both, seed(&[SECOND, AUDITOR]));
    let seeds = [both, seed(&[AUDITOR]), seed(&[SECOND])];
    assert!(seeds.iter().all(Option::is_some));
    assert!(seeds[0] != seeds[1] && seeds[1] != seeds[2] && seeds[0] != seeds[2]);
    assert_eq!(seed(&[]), None);
}
