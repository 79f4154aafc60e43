//! Sessions: opening, topping up, notice, closing.

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
use openledger_proto::openledger::datanet::v1::{MsgFreezeVersion, RightsKind};
use openledger_proto::openledger::model::v1::{
    DatanetVersion, Mode, MsgAttestCorpus, MsgDeploy, MsgDeployResponse, MsgUpdateDeployment,
};

#[test]
fn opening_a_session_takes_the_deposit_and_pins_price_and_parameters() {
    let mut world = World::new();
    let before = world.balance(PAYER);
    let session = world.open_session(7 * OPEN);
    assert_eq!(world.balance(PAYER), before - Uint256::from(7 * OPEN));
    let answer: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id: session }).unwrap();
    let session = answer.session.unwrap();
    assert_eq!((session.deposit, session.spent), ((7 * OPEN).to_string(), "0".into()));
    assert_eq!((session.base_price, session.byte_price), (OPEN.to_string(), (OPEN / 100).to_string()));
    assert_eq!((session.params_version, session.opened_height), (1, world.block.height));
    assert_eq!(session.voucher_key.len(), 33);
}

#[test]
fn a_dearer_deployment_than_the_payer_would_pay_is_refused() {
    let mut world = World::new();
    let mut msg = world.open_session_msg(OPEN);
    msg.max_byte_price = (OPEN / 100 - 1).to_string();
    assert_eq!(world.code(&msg), ("attribution", 6));
    let mut msg = world.open_session_msg(OPEN);
    msg.max_base_price = "0".into();
    assert_eq!(world.code(&msg), ("attribution", 6));
}

#[test]
fn a_price_raised_later_does_not_reach_an_open_session() {
    let mut world = World::new();
    let update = |world: &World, active| MsgUpdateDeployment {
        server: text(SERVER),
        deployment: world.deployment,
        endpoint: "http://localhost".into(),
        base_price: (5 * OPEN).to_string(),
        byte_price: OPEN.to_string(),
        active,
    };
    let msg = update(&world, true);
    world.ok(&msg);
    let answer: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id: world.session }).unwrap();
    assert_eq!(answer.session.unwrap().byte_price, (OPEN / 100).to_string());
    world.settle_honestly();
}

#[test]
fn sessions_with_bad_keys_modes_deposits_or_unknown_or_retired_deployments_are_refused() {
    let mut world = World::new();
    let good = world.open_session_msg(OPEN);
    let mut key = good.clone();
    key.voucher_key = vec![2; 32];
    assert_eq!(world.code(&key), ("attribution", 8));
    key.voucher_key = vec![0xff; 33];
    assert_eq!(world.code(&key), ("attribution", 8));
    let mode = MsgOpenSession { mode: 0, ..good.clone() };
    assert_eq!(world.code(&mode), ("attribution", 4));
    let mode = MsgOpenSession { mode: 9, ..good.clone() };
    assert_eq!(world.code(&mode), ("attribution", 4));
    let secret = MsgOpenSession { secret_commitment: vec![1; 31], ..good.clone() };
    assert_eq!(world.code(&secret), ("sdk", 18));
    let nothing = MsgOpenSession { deposit: coin(0), ..good.clone() };
    assert_eq!(world.code(&nothing), ("sdk", 10));
    let too_much = MsgOpenSession { deposit: coin(u128::MAX), ..good.clone() };
    assert_eq!(world.code(&too_much), ("sdk", 5));
    let unknown = MsgOpenSession { deployment: 99, ..good.clone() };
    assert_eq!(world.code(&unknown), ("attribution", 2));
    let retire = MsgUpdateDeployment {
        server: text(SERVER),
        deployment: world.deployment,
        endpoint: String::new(),
        base_price: "0".into(),
        byte_price: "0".into(),
        active: false,
    };
    world.ok(&retire);
    assert_eq!(world.code(&good), ("model", 13));
}

#[test]
fn a_server_that_has_not_attested_to_hold_a_corpus_whole_sells_no_answer_of_it() {
    let mut world = World::new();
    // A content that nobody can have: whoever made it would be the witness against every server.
    world.contribute(31, &prose(41, 500), RightsKind::Own, false);
    world.ok(&MsgFreezeVersion { owner: text(OWNER), datanet_id: 1 });
    let model_version = world.register_version(2, &[], 0);
    let deploy = MsgDeploy {
        server: text(SERVER),
        model_version,
        endpoint: "https://example.org".into(),
        base_price: "0".into(),
        byte_price: "0".into(),
        bond: coin(100 * OPEN),
        modes: vec![Mode::Public.into()],
    };
    let deployment = world.answer::<_, MsgDeployResponse>(&deploy).unwrap().deployment;
    let open = MsgOpenSession { deployment, ..world.open_session_msg(OPEN) };
    assert_eq!(world.code(&open), ("attribution", 5), "what it does not hold it answers for to nobody");
    let corpus = Some(DatanetVersion { datanet: 1, version: 2 });
    world.ok(&MsgAttestCorpus { server: text(SERVER), deployment, corpus });
    world.ok(&open);
}

#[test]
fn only_the_payer_tops_up_and_only_an_open_session() {
    let mut world = World::new();
    let session = world.session;
    let top_up = |payer| MsgTopUpSession { payer: text(payer), session, amount: coin(OPEN) };
    world.ok(&top_up(PAYER));
    assert_eq!(world.code(&top_up(OTHER)), ("attribution", 3));
    world.ok(&MsgNoticeClose { payer: text(PAYER), session });
    assert_eq!(world.code(&top_up(PAYER)), ("attribution", 7));
}

#[test]
fn a_payer_closes_after_its_notice_and_a_higher_voucher_settles_meanwhile() {
    let mut world = World::new();
    let (session, before) = (world.session, world.balance(PAYER));
    let close = MsgCloseSession { sender: text(PAYER), session };
    assert_eq!(world.code(&close), ("attribution", 7), "no notice yet");
    let notice = MsgNoticeClose { payer: text(PAYER), session };
    assert_eq!(world.code(&MsgNoticeClose { payer: text(OTHER), session }), ("attribution", 3));
    world.ok(&notice);
    assert_eq!(world.code(&notice), ("attribution", 7), "twice");
    world.settle_honestly();
    world.blocks(NOTICE as u64 - 2);
    assert_eq!(world.code(&close), ("attribution", 7), "a second too early");
    world.next_block();
    world.ok(&close);
    let fee = OPEN + (OPEN / 100) * 395;
    assert_eq!(world.balance(PAYER), before + Uint256::from(1_000 * OPEN - fee));
    assert_eq!(world.code(&close), ("attribution", 7), "closed already");
}

#[test]
fn a_server_closes_at_once_and_strangers_never() {
    let mut world = World::new();
    let session = world.session;
    assert_eq!(world.code(&MsgCloseSession { sender: text(OTHER), session }), ("attribution", 3));
    world.ok(&MsgCloseSession { sender: text(SERVER), session });
    assert_eq!(world.code(&MsgNoticeClose { payer: text(PAYER), session }), ("attribution", 7));
}

#[test]
fn sessions_are_listed_by_payer_and_by_deployment() {
    let mut world = World::new();
    let second = world.open_session(OPEN);
    let list = |world: &World, payer: &str, deployment| {
        let request = QuerySessionsRequest { payer: payer.into(), deployment, pagination: None };
        let answer: Result<QuerySessionsResponse, _> = world.ask("Sessions", &request);
        answer.map(|answer| answer.sessions.iter().map(|session| session.id).collect::<Vec<_>>())
    };
    let all = vec![world.session, second];
    assert_eq!(list(&world, "", 0).unwrap(), all);
    assert_eq!(list(&world, &text(PAYER), 0).unwrap(), all);
    assert_eq!(list(&world, "", world.deployment).unwrap(), all);
    assert_eq!(list(&world, &text(OTHER), 0).unwrap(), Vec::<u64>::new());
    assert!(list(&world, &text(PAYER), 1).is_err());
}

#[test]
fn a_session_that_nobody_touches_expires_and_its_deposit_returns() {
    let mut world = World::new();
    let idle = demo_params().session_idle_seconds as i64;
    let before = world.balance(PAYER);
    let session = world.session;
    let settle = {
        let answer = world.say(b"?", &world.two_authors());
        world.next_block();
        world.settle_msg(0, &[world.honest(&answer)], Check::Existence)
    };
    world.block.time_seconds = expires_at(&world, session) - 1;
    world.ok(&MsgTopUpSession { payer: text(PAYER), session, amount: coin(OPEN) });
    assert_eq!(expires_at(&world, session), world.block.time_seconds + idle, "touched");
    world.block.time_seconds = expires_at(&world, session);
    assert_eq!(world.code(&settle), ("attribution", 7), "by time, before end block came to it");
    assert_eq!(world.code(&MsgNoticeClose { payer: text(PAYER), session }), ("attribution", 7));
    world.next_block();
    assert_eq!(world.balance(PAYER), before + Uint256::from(1_000 * OPEN));
    assert_eq!(world.code(&MsgCloseSession { sender: text(SERVER), session }), ("attribution", 7), "closed");
    let record = record(&world);
    assert_eq!((record.expired_sessions, record.unsettled_sessions), (1, 1));
}

fn expires_at(world: &World, id: u64) -> i64 {
    let answer: QuerySessionResponse = world.ask("Session", &QuerySessionRequest { id }).unwrap();
    answer.session.unwrap().expires_at
}

fn record(world: &World) -> DeploymentRecord {
    let request = QueryDeploymentRecordRequest { deployment: world.deployment };
    world.ask::<QueryDeploymentRecordResponse>("DeploymentRecord", &request).unwrap().record.unwrap()
}

#[test]
fn many_sessions_that_expire_at_once_end_a_bounded_number_a_block() {
    let mut world = World::new();
    for _ in 0..150 {
        world.open_session(OPEN);
    }
    world.block.time_seconds += demo_params().session_idle_seconds as i64;
    world.next_block();
    assert_eq!(record(&world).expired_sessions, 100);
    world.next_block();
    assert_eq!(record(&world).expired_sessions, 151);
}

#[test]
fn no_session_opens_where_servers_could_unbond_before_the_last_repair_is_over() {
    let mut world = World::new();
    let authority = openledger_core::Address::module("gov").to_string();
    let mut params = demo_params();
    params.block_seconds = 60;
    params.answer_window = 100_000;
    let update = MsgUpdateParams { authority: authority.clone(), params: Some(params) };
    assert_eq!(world.code(&update), ("attribution", 17), "windows that outlast the unbonding");
    let keeper = world.keeper;
    let short = keeper.models;
    let model = world.with(|ctx| short.params(ctx).unwrap()).to_proto();
    let model = openledger_proto::openledger::model::v1::Params { unbonding_seconds: 20, ..model };
    world.ok(&openledger_proto::openledger::model::v1::MsgUpdateParams { authority, params: Some(model) });
    let msg = world.open_session_msg(OPEN);
    assert_eq!(world.code(&msg), ("attribution", 17));
}
