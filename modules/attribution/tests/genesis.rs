//! A rich till is exported and taken over key by key, at every height, and goes on as if nothing had happened.

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

#[test]
fn demands_that_were_answered_keep_their_numbers() {
    let mut world = World::new();
    let (settlement, settled) = world.settle_claims_only(1);
    let ask = world.ask_transcript(PAYER, settlement, &settled, (0, 0));
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    let publication = world.publish(demand, &settled, 0);
    world.ok(&publication);
    assert!(world.demands(settlement).is_empty());
    assert_eq!(world.reborn().dispute_seq, demand);
    let ask = world.ask_opening(OTHER, settlement, &settled, (0, 0, 0));
    let next = world.answer::<_, MsgDemandOpeningResponse>(&ask).unwrap().demand;
    assert_eq!(next, demand + 1, "no number twice");
}

#[test]
fn everything_at_once_is_the_same_after_it_was_taken_over_at_every_height() {
    let mut world = World::new();
    let held = world.contribute(31, &prose(41, 500), RightsKind::Custodial, false);
    assert_eq!(held, 4);
    world.bond_auditor(21);
    let honest = world.settle_honestly();
    world.commit(DISPUTANT, honest, b"something");
    let (claims, settled) = world.settle_claims_only(3);
    let seed = world.commit_seed_msg(21, [1; 32]);
    world.ok(&seed);
    let ask = world.ask_transcript(PAYER, claims, &settled, (0, 0));
    let demand = world.answer::<_, MsgDemandTranscriptResponse>(&ask).unwrap().demand;
    let publication = world.publish(demand, &settled, 0);
    world.ok(&publication);
    // Nobody opens this one: the round falls.
    let ask = world.ask_opening(OTHER, claims, &settled, (1, 0, 0));
    world.ok(&ask);
    world.ok(&MsgNoticeClose { payer: text(PAYER), session: world.session });
    let mut committed = false;
    for _ in 0..60 {
        let genesis = world.reborn();
        committed |= !genesis.audit.unwrap().replacement_commits.is_empty();
        world.next_block();
        if world.status(claims) == SettlementStatus::AwaitingReplacement && !committed {
            let receipts =
                settled.iter().map(|(answer, claim)| world.claimed(answer, claim, Check::ClaimsOnly)).collect();
            let (check, salt) = (Check::ClaimsOnly.into(), SALT.to_vec());
            let msg = MsgReplaceClaim { maker: text(OTHER), settlement: claims, receipts, check, number: 0, salt };
            let commit = world.replacement_commit(&msg, &settled);
            world.ok(&commit);
        }
    }
    assert!(committed);
    assert_eq!((world.status(honest), world.status(claims)), (SettlementStatus::Paid, SettlementStatus::Baselined));
}
