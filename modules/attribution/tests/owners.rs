//! Whose pay is: parts of those who correct, copies, and what was held before a ruling or a withdrawal; what paying them all costs a block.

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
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, GasMeter, Mode};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::{self as datanet, RightsKind};
use openledger_proto::{Message, Name};

const TARGET_AUTHOR: u8 = 31;
/// Whose custodial contributions are.
const WHOSE: u8 = 40;

/// A world in which contribution 4 shares its pay with as many corrections, and a model over all of it.
fn corrected(corrections: u8) -> (World, u64) {
    let mut world = World::new();
    world.share_with_corrections();
    assert_eq!(world.contribute(TARGET_AUTHOR, &prose(41, 500), RightsKind::Own, false), 4);
    for number in 0..corrections {
        world.correct(TARGET_AUTHOR + 1 + number, 4, &prose(50 + u64::from(number), 300));
    }
    let version = world.model_of_now();
    (world, version)
}

/// 163 bytes of the third contribution, 200 of the fourth.
fn output(world: &World) -> Vec<u8> {
    [&world.documents[&3][50..213], &world.documents[&4][100..300]].concat()
}

#[test]
fn who_corrects_is_paid_as_a_corrector_in_the_datanet_that_it_corrects_in() {
    let (mut world, version) = corrected(1);
    let sold = output(&world);
    world.sell(version, &sold);
    let (keeper, corrector) = (world.keeper, address(TARGET_AUTHOR + 1));
    assert!(world.owed(TARGET_AUTHOR + 1) > Uint256::zero());
    world.with(|ctx| {
        let contributors = keeper.contributors;
        let length = contributors.history_length(ctx, &corrector).unwrap();
        let last = contributors.entry(ctx, &corrector, length - 1).unwrap().unwrap();
        let (role, kind, outcome) = (Role::Corrector as u8, ObjectKind::Contribution as u8, Outcome::Paid as u8);
        assert_eq!((last.role, last.kind, last.object, last.outcome, last.datanet), (role, kind, 5, outcome, 1));
        let points = |who: &Address, datanet, role| contributors.reputation(ctx, who, datanet, role).unwrap();
        assert!(points(&corrector, 1, Role::Corrector) > 1_000, "accepted, and used");
        assert_eq!(points(&corrector, 1, Role::Author), 0);
        let author = address(TARGET_AUTHOR);
        assert!(points(&author, 1, Role::Author) > 1_000);
        assert_eq!(points(&author, 1, Role::Author), points(&author, 0, Role::Author), "there and on the chain");
    });
}

#[test]
fn a_row_counts_as_many_as_share_in_its_pay() {
    let (mut world, version) = corrected(3);
    let authority = Address::module("gov").to_string();
    let params = Params { rows_per_block: 4, ..demo_params() };
    world.ok(&MsgUpdateParams { authority, params: Some(params) });
    let sold = output(&world);
    let msg = world.sale(version, &sold);
    let id = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
    assert_eq!(world.rows(id).len(), 2);
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(
        world.rows(id).keys().copied().collect::<Vec<_>>(),
        [4],
        "one payee was credited; four more are one too many"
    );
    assert_eq!(world.owed(TARGET_AUTHOR + 3), Uint256::zero());
    world.next_block();
    assert!(world.rows(id).is_empty());
    assert!(world.owed(TARGET_AUTHOR + 3) > Uint256::zero());
    assert_eq!(world.status(id), SettlementStatus::Paying, "the end credits a datanet and counts two");
    world.next_block();
    assert_eq!(world.status(id), SettlementStatus::Paid);
}

#[test]
fn many_small_settlements_are_ended_a_bounded_number_a_block() {
    let (mut world, version) = corrected(0);
    let authority = Address::module("gov").to_string();
    let params = Params { rows_per_block: 5, ..demo_params() };
    world.ok(&MsgUpdateParams { authority, params: Some(params) });
    let mut ids = Vec::new();
    for _ in 0..4 {
        let mut answer = world.make_answer(world.answers.len() as u64 + 1, b"?", b"yes", OPEN);
        answer.receipt.model_version = version;
        world.answers.push(answer.clone());
        let claim = world.honest(&answer);
        ids.push(world.settle_with(&answer, &claim, Check::Existence));
    }
    let paid = |world: &World| ids.iter().filter(|id| world.status(**id) == SettlementStatus::Paid).count();
    world.blocks(WINDOW + REVEAL);
    assert_eq!(paid(&world), 0);
    world.next_block();
    assert_eq!(paid(&world), 4, "nobody is used: each end counts one");
    let output = world.documents[&4][100..300].to_vec();
    for _ in 0..4 {
        let mut answer = world.make_answer(world.answers.len() as u64 + 1, b"?", &output, OPEN);
        answer.receipt.model_version = version;
        world.answers.push(answer.clone());
        let claim = world.honest(&answer);
        ids.push(world.settle_with(&answer, &claim, Check::Existence));
    }
    let paid = |world: &World| ids[4..].iter().filter(|id| world.status(**id) == SettlementStatus::Paid).count();
    world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(paid(&world), 1, "a row, an end and its datanet count three; three more are one too many");
    world.next_block();
    assert_eq!(paid(&world), 3, "the second's row was credited before");
    world.next_block();
    assert_eq!(paid(&world), 4);
}

fn gas<M: Message + Name>(world: &mut World, msg: &M) -> u64 {
    let mut ctx = Context::new(&mut world.state, &world.block, Mode::Deliver, GasMeter::infinite());
    let point = ctx.checkpoint();
    let route = world.router.msg_route(&M::type_url()).unwrap();
    let msg = route.decode(&msg.encode_to_vec()).unwrap();
    route.handle(&mut ctx, &msg).unwrap();
    let gas = ctx.gas().consumed();
    ctx.revert(point);
    gas
}

#[test]
fn who_settles_pays_for_all_who_share_in_its_rows() {
    let cost = |corrections: u8| {
        let (mut world, version) = corrected(corrections);
        let sold = output(&world);
        let msg = world.sale(version, &sold);
        gas(&mut world, &msg)
    };
    let (alone, shared) = (cost(0), cost(3));
    assert!(shared >= alone + 3 * 40_000, "{alone} gas where one is paid, {shared} where four are");
}

/// Contribution 4: a custodial copy of the third with every 20th byte changed, of which it owns each window.
fn custodial_copy(world: &mut World) -> u64 {
    let mut copy = world.documents[&3].clone();
    copy.iter_mut().step_by(20).for_each(|byte| *byte = b'#');
    world.contribute(TARGET_AUTHOR, &copy, RightsKind::Custodial, false)
}

#[test]
fn what_was_held_before_a_ruling_stays_with_whom_it_was_held_for() {
    let mut world = World::new();
    let copy = custodial_copy(&mut world);
    let version = world.model_of_now();
    let sold = world.documents[&copy][100..400].to_vec();
    world.sell(version, &sold);
    let before = world.held(copy);
    assert!(!before.is_zero());
    world.rule_copy(OTHER, copy, 3);
    let release = MsgReleaseHeld { sender: text(OTHER), contribution: copy };
    assert_eq!(world.code(&release), ("attribution", 4), "it still waits for whose the copy is");
    world.sell(version, &sold);
    assert_eq!(world.held(copy), before, "what comes after the ruling is the first author's");
    assert!(world.owed(FIRST_AUTHOR + 2) > Uint256::zero());
    let owed = world.owed(FIRST_AUTHOR + 2);
    world.ok(&datanet::MsgProveCustody { author: text(WHOSE), seq: copy });
    let moved: MsgReleaseHeldResponse = world.answer(&release).unwrap();
    assert_eq!((moved.amount, moved.account), (before.to_string(), text(WHOSE)));
    assert_eq!(world.owed(FIRST_AUTHOR + 2), owed);
    world.sell(version, &sold);
    assert_eq!(world.owed(WHOSE), before, "nothing of what comes");
}

#[test]
fn what_a_copy_earns_for_a_custodial_source_waits_for_whose_the_source_is() {
    let mut world = World::new();
    let source = world.contribute(TARGET_AUTHOR, &prose(41, 600), RightsKind::Custodial, false);
    let mut bytes = world.documents[&source].clone();
    bytes.iter_mut().step_by(20).for_each(|byte| *byte = b'#');
    let copy = world.contribute(TARGET_AUTHOR + 1, &bytes, RightsKind::Own, false);
    let version = world.model_of_now();
    world.rule_copy(OTHER, copy, source);
    world.sell(version, &bytes[100..400]);
    assert_eq!(world.held(copy), Uint256::zero());
    let waits = world.held(source);
    assert!(!waits.is_zero());
    let genesis = world.reborn();
    assert!(genesis.earnings.iter().any(|earnings| earnings.contribution == source && earnings.total == "0"));
    world.ok(&datanet::MsgProveCustody { author: text(WHOSE), seq: source });
    world.ok(&MsgReleaseHeld { sender: text(OTHER), contribution: source });
    assert_eq!(world.owed(WHOSE), waits);
}

#[test]
fn what_was_held_of_an_unavailable_work_is_its_author_s_when_it_is_shown_though_it_was_withdrawn() {
    let mut world = World::new();
    let keeper = world.keeper;
    let mut params = world.with(|ctx| keeper.datanets.params(ctx).unwrap()).to_proto();
    params.content.as_mut().unwrap().availability_answer_blocks = 2;
    let authority = Address::module("gov").to_string();
    world.ok(&datanet::MsgUpdateParams { authority, params: Some(params) });
    let seq = world.contribute(TARGET_AUTHOR, &prose(41, 200), RightsKind::Own, false);
    let version = world.model_of_now();
    world.ok(&datanet::MsgChallengeAvailability { challenger: text(OTHER), seq, chunk: 0 });
    world.blocks(4);
    let sold = world.documents[&seq].clone();
    world.sell(version, &sold);
    let waits = world.held(seq);
    assert!(!waits.is_zero());
    world.ok(&datanet::MsgWithdrawContribution { author: text(TARGET_AUTHOR), seq });
    let release = MsgReleaseHeld { sender: text(OTHER), contribution: seq };
    assert_eq!(world.code(&release).0, "attribution", "nobody has shown it");
    let bytes = world.documents[&seq].clone();
    world.ok(&datanet::MsgAnswerAvailability { answerer: text(OTHER), seq, chunk: 0, bytes, path: Vec::new() });
    world.ok(&release);
    assert_eq!(world.owed(TARGET_AUTHOR), waits);
}
