//! Statements: whatever an account is paid stands in its statement of the year, as what it was paid for.

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
use openledger_proto::openledger::contributor::v1::IncomeKind;
use openledger_proto::openledger::datanet::v1::{self as datanet, RightsKind};
use openledger_proto::openledger::model::v1 as model;

const CHILD_OWNER: u8 = 8;

#[test]
fn accepted_feedback_is_paid_in_a_settlement_and_is_no_royalty_in_the_statement() {
    let mut world = World::new();
    let mut base = world.version_msg(MODEL_OWNER, 1, 1, &[], 2_000);
    base.weights_hash = vec![8; 32];
    base.terms.as_mut().unwrap().feedback_bps = 1_000;
    let base = world.answer::<_, model::MsgRegisterModelVersionResponse>(&base).unwrap().model_version;
    let say = model::MsgSubmitFeedback {
        author: text(OTHER),
        model_version: base,
        kind: model::FeedbackKind::Improvement.into(),
        text: "Say it shorter.".into(),
        deposit: coin(OPEN),
        ..model::MsgSubmitFeedback::default()
    };
    let feedback = world.answer::<_, model::MsgSubmitFeedbackResponse>(&say).unwrap().feedback;
    let owner = text(MODEL_OWNER);
    world.ok(&model::MsgDecideFeedback { owner, feedback, accept: true, ..Default::default() });
    let name = "Child".into();
    world.ok(&model::MsgRegisterModel { owner: text(CHILD_OWNER), name, ..Default::default() });
    let mut child = world.version_msg(CHILD_OWNER, 2, 1, &[base], 0);
    child.incorporates = vec![feedback];
    let child = world.answer::<_, model::MsgRegisterModelVersionResponse>(&child).unwrap().model_version;
    world.deployment = world.deploy(child);
    world.session = world.open_session(100 * OPEN);
    world.next_block();
    let said = world.two_authors();
    let sale = world.sale(child, &said);
    world.ok(&sale);
    let fee = OPEN + OPEN / 100 * said.len() as u128;
    let share = fee * 1_500 / 10_000;
    let parts = [(MODEL_OWNER, 2_000), (OTHER, 1_000), (CHILD_OWNER, 7_000)];
    let parts = parts.map(|(who, bps)| (who, Uint256::from(share * bps / 10_000)));
    let kinds = [IncomeKind::Royalty, IncomeKind::Feedback, IncomeKind::Royalty];
    for ((who, part), kind) in parts.into_iter().zip(kinds) {
        assert_eq!(world.owed(who), part);
        assert_eq!(world.statement(who), [(kind, part, 1)], "{who}");
    }
}

#[test]
fn what_was_held_for_an_author_stands_in_the_statement_once_it_is_released() {
    let mut world = World::new();
    let document = prose(8, 500);
    let seq = world.contribute(FIRST_AUTHOR + 3, &document, RightsKind::Custodial, false);
    let version = world.model_of_now();
    world.sell(version, &document[..300]);
    let held = world.held(seq);
    assert!(!held.is_zero());
    world.ok(&datanet::MsgProveCustody { author: text(40), seq });
    assert!(world.statement(40).is_empty());
    world.ok(&MsgReleaseHeld { sender: text(OTHER), contribution: seq });
    assert_eq!(world.owed(40), held);
    assert_eq!(world.statement(40), [(IncomeKind::Custody, held, 1)]);
}
