//! Floods of demands: what they cost, and that they keep nobody from asking.

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

fn asked(world: &mut World, msg: &MsgDemandOpening) -> MsgDemandOpeningResponse {
    world.answer(msg).unwrap()
}

fn amount(text: &str) -> Uint256 {
    text.parse().unwrap()
}

/// What the answer to an opening costs at the default gas price.
const COST: u128 = 150_000 * 25_000_000_000;

#[test]
fn a_flood_of_demands_is_bounded_and_paid_for() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(2);
    let mut demands = Vec::new();
    for byte in 0..MOST_DEMANDS + 5 {
        let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, byte));
        let demand = asked(&mut world, &ask);
        let dearer = byte / MOST_DEMANDS;
        assert_eq!(amount(&demand.deposit), Uint256::from(COST << dearer), "{byte} are open");
        demands.push(demand);
    }
    // Words are asked for once a receipt, at their own price, by those whom they concern.
    let words = [(PAYER, (0, 0)), (FIRST_AUTHOR, (1, 1))];
    let deposits = words.map(|(who, which)| {
        let ask = world.ask_transcript(who, settlement, &settled, which);
        amount(&world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().deposit)
    });
    assert_eq!(deposits[0], deposits[1]);
    let (server, burnt) = (world.owed(SERVER), world.burnt);
    let (last, others) = demands.split_last().unwrap();
    let answer = world.answer_opening(last.demand, &settled, (0, 0, MOST_DEMANDS + 4));
    world.ok(&answer);
    assert_eq!(world.owed(SERVER) - server, Uint256::from(COST), "no more than it costs");
    assert_eq!(world.burnt - burnt, Uint256::from((COST << ((MOST_DEMANDS + 4) / MOST_DEMANDS)) - COST));
    for (demand, byte) in others.iter().zip(0..) {
        let answer = world.answer_opening(demand.demand, &settled, (0, 0, byte));
        world.ok(&answer);
    }
    assert_eq!(world.owed(SERVER) - server, Uint256::from(COST * u128::from(MOST_DEMANDS + 5)));
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    assert_eq!(amount(&asked(&mut world, &ask).deposit), Uint256::from(COST), "words do not count");
}

#[test]
fn an_accomplice_who_asks_for_all_that_may_be_asked_keeps_nobody_from_asking_about_the_lie() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    claim.segments[0].source = 3;
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    let settled = [(answer, claim)];
    // About the segment that is true, and again whenever the server answers.
    let mut burnt = world.burnt;
    for byte in 0..3 * MOST_DEMANDS {
        let ask = world.ask_opening(OTHER, settlement, &settled, (0, 1, byte));
        asked(&mut world, &ask);
    }
    let refill = world.demands(settlement)[0].clone();
    let answer = world.answer_opening(refill.id, &settled, (0, 1, refill.byte));
    world.ok(&answer);
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 1, 50));
    asked(&mut world, &ask);
    let balance = world.balance(DISPUTANT);
    let ask = world.ask_opening(DISPUTANT, settlement, &settled, (0, 0, 0));
    let demand = asked(&mut world, &ask);
    assert_eq!(balance - world.balance(DISPUTANT), Uint256::from(COST << 3));
    for other in world.demands(settlement).iter().filter(|other| other.id != demand.demand) {
        let answer = world.answer_opening(other.id, &settled, (0, 1, other.byte));
        world.ok(&answer);
    }
    burnt = world.burnt - burnt;
    // Of the second so many one cost each, of the third three; and the one that was asked for again.
    let accomplice = COST * (u128::from(MOST_DEMANDS) * 4 + 3) - 3 * COST;
    assert!(burnt >= Uint256::from(accomplice), "the accomplice burnt {burnt}");
    assert!(accomplice > (COST << 3) - COST, "more than asking became dearer by");
    world.blocks(ANSWER + 2);
    let bond = amount(&world.settlement(settlement).rounds[0].bond);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    assert_eq!(
        world.owed(DISPUTANT),
        Uint256::from(COST << 3) + bond / Uint256::from(4u8),
        "all of the deposit, and L/4"
    );
}

#[test]
fn deadlines_of_many_demands_in_one_block_are_worked_off_in_bounded_passes() {
    let mut world = World::new();
    let mut settlements = Vec::new();
    for _ in 0..45 {
        let (settlement, settled) = world.settle_claims_only(1);
        settlements.push((settlement, settled));
        // All of them at one height.
        world.block.height -= 1;
    }
    let height = world.block.height;
    for (settlement, settled) in &settlements {
        for byte in 0..MOST_DEMANDS {
            let ask = world.ask_opening(OTHER, *settlement, settled, (0, 0, byte));
            world.ok(&ask);
        }
    }
    world.blocks(ANSWER);
    assert_eq!(world.block.height, height + ANSWER);
    let open =
        |world: &World| world.ask::<QueryDemandsResponse>("Demands", &QueryDemandsRequest::default()).unwrap().demands;
    assert_eq!(open(&world).len(), 100, "a page");
    world.next_block();
    let left = open(&world);
    assert_eq!(left.len(), 45 * MOST_DEMANDS as usize - 100);
    // An answer to what the pass has not reached is refused all the same.
    let late = world.answer_opening(left[0].id, &settlements[44].1, (0, 0, 0));
    assert_eq!(world.code(&late), ("attribution", 14));
    world.blocks(REVEAL + 2);
    assert!(open(&world).is_empty());
    assert!(settlements.iter().all(|(id, _)| world.status(*id) != SettlementStatus::Pending));
}
