//! Capture: a model's owner declares a datanet of its own beside the one that the model draws from, to take what nobody owns.

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
use openledger_core::Address;
use openledger_proto::openledger::attribution::v1::{Check, MsgSettleResponse, SettlementStatus};
use openledger_proto::openledger::datanet::v1 as datanet;
use openledger_proto::openledger::model::v1 as model;
use openledger_provenance::commit::ContributionCommit;
use openledger_provenance::content::Commitment;

const OWN: u64 = 2;

/// The model's owner makes a datanet, accepts one long text of its own, freezes it, and sells a version over both; sessions are with it.
fn capture(own: &[u8]) -> World {
    let mut world = World::new();
    let policy = datanet::Policy {
        admission: datanet::Admission::Open.into(),
        deposit: coin(OPEN),
        max_length: 1_000_000,
        length_cap: 1_000_000,
        ..datanet::Policy::default()
    };
    world.ok(&datanet::MsgCreateDatanet {
        owner: text(MODEL_OWNER),
        title: "Mine".into(),
        modality: datanet::Modality::Text.into(),
        licence: "MIT".into(),
        policy: Some(policy),
        ..datanet::MsgCreateDatanet::default()
    });
    let (who, commitment, salt) = (address(MODEL_OWNER), Commitment::of(own), [9; 32]);
    let commit = ContributionCommit { chain_id: CHAIN_ID, datanet: OWN, author: who.as_bytes(), commitment, salt };
    let commit = commit.hash().unwrap().to_vec();
    let commit = datanet::MsgCommitContribution { author: text(MODEL_OWNER), datanet_id: OWN, commit };
    let seq = world.answer::<_, datanet::MsgCommitContributionResponse>(&commit).unwrap().seq;
    world.next_block();
    world.ok(&datanet::MsgRevealContribution {
        author: text(MODEL_OWNER),
        seq,
        root: commitment.root.to_vec(),
        length: commitment.length,
        salt: salt.to_vec(),
        rights: Some(datanet::Rights { kind: datanet::RightsKind::Own.into(), ..Default::default() }),
        location: "https://example.org/mine".into(),
        media_type: "text/plain".into(),
        ..datanet::MsgRevealContribution::default()
    });
    let accept = datanet::MsgReviewContribution {
        reviewer: text(MODEL_OWNER),
        seq,
        accept: true,
        score: 10_000,
        commons: false,
    };
    world.ok(&accept);
    world.ok(&datanet::MsgFreezeVersion { owner: text(MODEL_OWNER), datanet_id: OWN });
    world.documents.insert(seq, own.to_vec());
    sell_over_both(&mut world);
    world
}

fn sell_over_both(world: &mut World) {
    let datanets = [1, OWN].map(|datanet| model::DatanetVersion { datanet, version: 1 });
    let msg = model::MsgRegisterModelVersion {
        owner: text(MODEL_OWNER),
        model: 1,
        weights_hash: vec![8; 32],
        datanets: datanets.to_vec(),
        terms: Some(model::Terms {
            licence: "Apache-2.0".into(),
            commercial: true,
            serving: model::Serving::Open.into(),
            feedback_deposit: "0".into(),
            ..model::Terms::default()
        }),
        ..model::MsgRegisterModelVersion::default()
    };
    let version = world.answer::<_, model::MsgRegisterModelVersionResponse>(&msg).unwrap().model_version;
    assert_eq!(version, 2);
    world.deployment = world.deploy(version);
    let corpus = Some(datanets[1]);
    world.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: world.deployment, corpus });
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
}

/// One answer, settled, paid; its fee.
fn sell(world: &mut World, output: &[u8]) -> u128 {
    world.answers.clear();
    let mut answer = world.say(b"?", output);
    answer.receipt.model_version = 2;
    world.answers = vec![answer.clone()];
    world.next_block();
    let claim = world.honest(&answer);
    let msg = world.settle_msg(0, &[claim], Check::Existence);
    let settlement = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    world.settlement(settlement).fees.parse().unwrap()
}

/// What a datanet's baseline and treasury have had.
fn has(world: &mut World, datanet: u64) -> u128 {
    let keeper = world.keeper;
    let sum = world.with(|ctx| {
        let baseline = keeper.datanets.baseline(ctx, datanet).unwrap().credited;
        baseline + keeper.datanets.treasury(ctx, datanet).unwrap().owed().unwrap()
    });
    Uint256::to_string(&sum).parse().unwrap()
}

fn platform(world: &mut World) -> u128 {
    let keeper = world.keeper;
    world.with(|ctx| keeper.owed(ctx, &Address::module("gov")).unwrap()).to_string().parse().unwrap()
}

#[test]
fn a_datanet_that_no_output_draws_from_takes_nothing_however_high_its_own_index() {
    let mut world = capture(&prose(70, 500_000));
    let keeper = world.keeper;
    let index = |ctx: &mut openledger_core::Context, datanet| {
        keeper.datanets.version(ctx, datanet, 1).unwrap().unwrap().total_index
    };
    let (honest, own) = world.with(|ctx| (index(ctx, 1), index(ctx, OWN)));
    assert!(own > 99 * honest, "by index it would take more than 99 of 100: {own} against {honest}");
    let output = world.two_authors();
    let fee = sell(&mut world, &output);
    assert_eq!(has(&mut world, OWN), 0);
    // 131 of 364 windows are nobody's: less than the authors' 233, so all of them are matched; and the curators' share.
    let pool = fee * 4_000 / 10_000;
    let unowned = pool * 131 / 364;
    let expected = unowned + fee * 500 / 10_000;
    assert!(has(&mut world, 1).abs_diff(expected) <= 1);
}

#[test]
fn a_footer_of_one_s_own_earns_at_most_as_much_again_as_its_windows() {
    let own = prose(71, 200_000);
    let mut world = capture(&own);
    let before = platform(&mut world);
    // 400 bytes of nobody's, and 60 of the owner's text: 29 windows of 429.
    let output = [prose(99, 400).as_slice(), &own[1_000..1_060]].concat();
    let fee = sell(&mut world, &output);
    let pool = fee * 4_000 / 10_000;
    let windows = pool * 29 / 429;
    let curators = fee * 500 / 10_000;
    assert!(has(&mut world, OWN).abs_diff(windows + curators) <= 2, "by index it would take {}", pool * 400 / 429);
    assert_eq!(has(&mut world, 1), 0);
    let unmatched = pool - 2 * windows;
    assert!((platform(&mut world) - before).abs_diff(fee * 300 / 10_000 + unmatched) <= 3);
}

#[test]
fn where_outputs_draw_from_no_datanet_none_is_credited() {
    let mut world = capture(&prose(72, 200_000));
    let before = platform(&mut world);
    let fee = sell(&mut world, &prose(99, 500));
    assert_eq!((has(&mut world, 1), has(&mut world, OWN)), (0, 0));
    assert_eq!(platform(&mut world) - before, fee * (300 + 4_000 + 500) / 10_000);
}

#[test]
fn what_one_pays_oneself_for_moves_nothing_of_what_others_pay() {
    let own = prose(73, 200_000);
    let mut world = capture(&own);
    // The owner buys answers that quote nothing but the owner's own text, again and again.
    for _ in 0..3 {
        world.session = world.open_session(1_000 * OPEN);
        world.next_block();
        sell(&mut world, &own[5_000..5_900]);
    }
    let (before, honest) = (has(&mut world, OWN), has(&mut world, 1));
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
    let output = world.two_authors();
    sell(&mut world, &output);
    assert_eq!(has(&mut world, OWN), before);
    assert!(has(&mut world, 1) > honest);
}
