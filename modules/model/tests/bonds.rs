//! Deployments and the money behind them.

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
use openledger_core::{Address, Module};
use openledger_proto::openledger::model::v1::*;
use proptest::prelude::*;

fn deployed(bond: u128) -> World {
    let mut world = World::new();
    world.register_version(&[], 0);
    let msg = world.deploy_msg(bond);
    world.ok(&msg);
    world
}

fn unbond(amount: u128) -> MsgBeginUnbond {
    MsgBeginUnbond { server: text(SERVER), deployment: 1, amount: coin(amount) }
}

const WITHDRAW: fn() -> MsgWithdrawBond = || MsgWithdrawBond { server: text(SERVER), deployment: 1 };

#[test]
fn a_deployment_needs_the_least_bond_a_version_and_a_mode() {
    let mut world = World::new();
    let early = world.deploy_msg(100 * OPEN);
    assert_eq!(world.code(&early), ("model", 2));
    world.register_version(&[], 0);
    let small = world.deploy_msg(100 * OPEN - 1);
    assert_eq!(world.code(&small), ("model", 7));
    assert_eq!(world.code(&MsgDeploy { modes: Vec::new(), ..early.clone() }), ("model", 4));
    assert_eq!(world.code(&MsgDeploy { modes: vec![1, 1], ..early.clone() }), ("model", 4));
    assert_eq!(world.code(&MsgDeploy { modes: vec![7], ..early.clone() }), ("model", 4));
    assert_eq!(world.code(&MsgDeploy { endpoint: "x".repeat(257), ..early.clone() }), ("sdk", 18));
    assert_eq!(world.code(&MsgDeploy { base_price: "-1".into(), ..early.clone() }), ("sdk", 10));
    let dear = MsgDeploy { base_price: (Uint256::from(u128::MAX) + Uint256::one()).to_string(), ..early.clone() };
    assert_eq!(world.code(&dear), ("model", 4));
    let poor = MsgDeploy { bond: coin(20_000 * OPEN), ..early.clone() };
    assert_eq!(world.code(&poor), ("sdk", 5));
    world.ok(&early);
}

#[test]
fn only_the_server_changes_a_deployment() {
    let mut world = deployed(100 * OPEN);
    let update = MsgUpdateDeployment {
        server: text(SERVER),
        deployment: 1,
        endpoint: "http://elsewhere".into(),
        base_price: "3".into(),
        byte_price: "4".into(),
        active: false,
    };
    assert_eq!(world.code(&MsgUpdateDeployment { server: text(OTHER), ..update.clone() }), ("model", 3));
    world.ok(&update);
    assert!(!world.deployment().active);
    let stranger = MsgTopUpBond { server: text(OTHER), deployment: 1, amount: coin(1) };
    assert_eq!(world.code(&stranger), ("model", 3));
    let stranger = MsgBeginUnbond { server: text(OTHER), ..unbond(1) };
    assert_eq!(world.code(&stranger), ("model", 3));
    let stranger = MsgWithdrawBond { server: text(OTHER), ..WITHDRAW() };
    assert_eq!(world.code(&stranger), ("model", 3));
}

#[test]
fn a_corpus_is_attested_once_and_only_if_it_is_declared() {
    let mut world = deployed(100 * OPEN);
    let attest = |version| MsgAttestCorpus {
        server: text(SERVER),
        deployment: 1,
        corpus: Some(DatanetVersion { datanet: 1, version }),
    };
    assert_eq!(world.code(&attest(2)), ("model", 6));
    world.ok(&attest(1));
    assert_eq!(world.code(&attest(1)), ("model", 6));
    let listed: QueryAttestationsResponse =
        world.ask("Attestations", &QueryAttestationsRequest { deployment: 1, pagination: None }).unwrap();
    assert_eq!(listed.attestations.len(), 1);
    assert_eq!(listed.attestations[0].corpus, Some(DatanetVersion { datanet: 1, version: 1 }));
}

#[test]
fn bond_leaves_after_the_unbonding_time_and_not_before() {
    let mut world = deployed(100 * OPEN);
    world.ok(&unbond(40 * OPEN));
    assert_eq!(world.deployment().bond, Uint256::from(60 * OPEN));
    assert_eq!(world.code(&WITHDRAW()), ("model", 9));
    world.block.time_seconds += 1_814_399;
    assert_eq!(world.code(&WITHDRAW()), ("model", 9), "a second too early");
    world.block.time_seconds += 1;
    let before = world.balance(&address(SERVER));
    world.ok(&WITHDRAW());
    assert_eq!(world.balance(&address(SERVER)), before + Uint256::from(40 * OPEN));
    assert_eq!(world.code(&WITHDRAW()), ("model", 9), "once");
}

#[test]
fn what_is_locked_cannot_leave_and_what_is_not_locked_cannot_be_slashed() {
    let mut world = deployed(100 * OPEN);
    let models = world.models;
    let amount = |open: u128| Uint256::from(open * OPEN);
    world.with(|ctx| models.lock(ctx, 1, amount(70)).unwrap());
    assert_eq!(world.code(&unbond(31 * OPEN)), ("model", 8));
    world.ok(&unbond(30 * OPEN));
    assert!(world.with(|ctx| models.lock(ctx, 1, Uint256::one())).is_err());
    assert!(world.with(|ctx| models.slash(ctx, 1, amount(71), "attribution")).is_err());
    world.with(|ctx| models.slash(ctx, 1, amount(50), "attribution").unwrap());
    assert_eq!(world.balance(&Address::module("attribution")), amount(50));
    assert!(world.with(|ctx| models.unlock(ctx, 1, amount(21))).is_err());
    world.with(|ctx| models.unlock(ctx, 1, amount(20)).unwrap());
    let deployment = world.deployment();
    assert_eq!((deployment.bond, deployment.locked), (amount(20), Uint256::zero()));
    world.with(|ctx| models.check_invariants(ctx).unwrap());
}

#[test]
fn seven_unbondings_may_be_under_way() {
    let mut world = deployed(100 * OPEN);
    for _ in 0..7 {
        world.ok(&unbond(1));
    }
    assert_eq!(world.code(&unbond(1)), ("model", 9));
}

#[test]
fn only_governance_sets_parameters_within_their_range() {
    let mut world = World::new();
    let msg = |authority: String, unbonding_seconds| MsgUpdateParams {
        authority,
        params: Some(Params {
            min_bond: "1".into(),
            unbonding_seconds,
            feedback_deposit: "1".into(),
            feedback_window_seconds: 60,
        }),
    };
    let gov = Address::module("gov").to_string();
    assert_eq!(world.code(&msg(text(OTHER), 60)), ("gov", 13));
    assert_eq!(world.code(&msg(gov.clone(), 0)), ("model", 10));
    assert_eq!(world.code(&msg(gov.clone(), 31_536_001)), ("model", 10));
    let endless = |seconds| {
        let mut msg = msg(gov.clone(), 60);
        msg.params.as_mut().unwrap().feedback_window_seconds = seconds;
        msg
    };
    assert_eq!(world.code(&endless(0)), ("model", 10));
    assert_eq!(world.code(&endless(31_536_001)), ("model", 10));
    world.ok(&msg(gov.clone(), 60));
    let params: QueryParamsResponse = world.ask("Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(params.params.unwrap().unbonding_seconds, 60);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn bonds_are_never_locked_beyond_themselves_nor_lost(
        steps in prop::collection::vec((0u8..6, 0u128..150), 1..30)
    ) {
        let mut world = deployed(100 * OPEN);
        let models = world.models;
        for (kind, open) in steps {
            let amount = Uint256::from(open * OPEN);
            let point = world.with(|ctx| ctx.checkpoint());
            let failed = match kind {
                0 => world.with(|ctx| models.lock(ctx, 1, amount)).is_err(),
                1 => world.with(|ctx| models.unlock(ctx, 1, amount)).is_err(),
                2 => world.with(|ctx| models.slash(ctx, 1, amount, "attribution")).is_err(),
                3 => world.execute(&unbond(open * OPEN)).is_err(),
                4 => world.execute(&MsgTopUpBond { server: text(SERVER), deployment: 1, amount: coin(open * OPEN) }).is_err(),
                _ => {
                    world.block.time_seconds += 1_000_000;
                    world.execute(&WITHDRAW()).is_err()
                }
            };
            if failed {
                world.with(|ctx| ctx.revert(point));
            }
            let deployment = world.deployment();
            prop_assert!(deployment.locked <= deployment.bond);
            world.with(|ctx| models.check_invariants(ctx).unwrap());
        }
    }
}
