//! Agents: deployments composed under one price.

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
use openledger_proto::openledger::model::v1::*;

const OPERATOR: u8 = 5;

fn world() -> World {
    let mut world = World::new();
    world.register_version(&[], 0);
    for _ in 0..2 {
        let msg = world.deploy_msg(100 * OPEN);
        world.ok(&msg);
    }
    world
}

fn split(account: u8, bps: u32) -> AgentSplit {
    AgentSplit { account: text(account), bps }
}

fn agent() -> MsgRegisterAgent {
    MsgRegisterAgent {
        operator: text(OPERATOR),
        name: "Librarian".into(),
        description: "Looks up, then answers".into(),
        deployments: vec![1, 2],
        base_price: "7".into(),
        byte_price: "3".into(),
        splits: vec![split(5, 9_000), split(6, 1_000)],
    }
}

fn update() -> MsgUpdateAgent {
    MsgUpdateAgent {
        operator: text(OPERATOR),
        agent: 1,
        description: String::new(),
        deployments: vec![2],
        base_price: "8".into(),
        byte_price: "4".into(),
        splits: vec![split(5, 10_000)],
    }
}

fn set_active(world: &mut World, deployment: u64, active: bool) {
    world.ok(&MsgUpdateDeployment {
        server: text(SERVER),
        deployment,
        endpoint: String::new(),
        base_price: "0".into(),
        byte_price: "0".into(),
        active,
    });
}

#[test]
fn an_agent_has_a_name_parts_prices_and_a_split_of_the_whole() {
    let mut world = world();
    type Wrong = (fn(&mut MsgRegisterAgent), (&'static str, u32));
    let wrong: [Wrong; 13] = [
        (|msg| msg.name = String::new(), ("model", 4)),
        (|msg| msg.description = "x".repeat(1_025), ("sdk", 18)),
        (|msg| msg.deployments = Vec::new(), ("model", 4)),
        (|msg| msg.deployments = vec![2, 1], ("model", 4)),
        (|msg| msg.deployments = vec![1, 1], ("model", 4)),
        (|msg| msg.deployments = (1..=17).collect(), ("model", 4)),
        (|msg| msg.base_price = String::new(), ("sdk", 10)),
        (|msg| msg.splits = Vec::new(), ("model", 4)),
        (|msg| msg.splits = vec![split(5, 9_999)], ("model", 4)),
        (|msg| msg.splits = vec![split(5, 10_000), split(6, 0)], ("model", 4)),
        (|msg| msg.splits = vec![split(6, 5_000), split(5, 5_000)], ("model", 4)),
        (|msg| msg.splits = vec![split(5, 5_000), split(5, 5_000)], ("model", 4)),
        (|msg| msg.deployments = vec![1, 3], ("model", 2)),
    ];
    for (change, code) in wrong {
        let mut msg = agent();
        change(&mut msg);
        assert_eq!(world.code(&msg), code);
    }
    let mut most = agent();
    most.splits = (1..=17).map(|account| split(account, 10_000 / 17)).collect();
    assert_eq!(world.code(&most), ("model", 4));
    most.splits = (1..=16).map(|account| split(account, 625)).collect();
    world.ok(&most);
    let answer: QueryAgentResponse = world.ask("Agent", &QueryAgentRequest { id: 1 }).unwrap();
    assert_eq!(answer.terms.unwrap().splits, most.splits);
    assert_eq!(answer.agent.unwrap().operator, text(OPERATOR));
}

#[test]
fn new_terms_leave_the_old_ones_as_they_were() {
    let mut world = world();
    world.ok(&agent());
    assert_eq!(world.code(&MsgUpdateAgent { operator: text(OTHER), ..update() }), ("model", 3));
    assert_eq!(world.code(&MsgUpdateAgent { agent: 2, ..update() }), ("model", 2));
    world.ok(&update());
    let models = world.models;
    let (first, second) = world.with(|ctx| {
        let terms = |number| models.agent_terms(ctx, 1, number).unwrap().unwrap();
        (terms(1), terms(2))
    });
    assert_eq!((first.base_price, first.deployments.as_slice()), (Uint256::from(7u32), [1, 2].as_slice()));
    assert_eq!(first.splits(), [(address(5), 9_000), (address(6), 1_000)]);
    assert_eq!((second.base_price, second.deployments.as_slice()), (Uint256::from(8u32), [2].as_slice()));
    let listed: QueryAgentTermsResponse =
        world.ask("AgentTerms", &QueryAgentTermsRequest { agent: 1, pagination: None }).unwrap();
    assert_eq!(listed.terms.iter().map(|terms| terms.number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn parts_take_sessions_when_an_agent_is_composed_of_them() {
    let mut world = world();
    set_active(&mut world, 2, false);
    assert_eq!(world.code(&agent()), ("model", 13));
    set_active(&mut world, 2, true);
    world.ok(&agent());
    world.ok(&MsgBeginUnbond { server: text(SERVER), deployment: 2, amount: coin(1) });
    assert_eq!(world.code(&update()), ("model", 13), "its bond is below the least one");
}

#[test]
fn an_agent_with_a_part_that_may_not_be_sold_asks_nothing_on_top() {
    let mut world = world();
    let mut msg = world.version_msg(&[], 0);
    msg.terms.as_mut().unwrap().commercial = false;
    let model_version = world.register(&msg);
    let deploy = world.deploy_msg(100 * OPEN);
    world.ok(&MsgDeploy { model_version, base_price: "0".into(), byte_price: "0".into(), ..deploy });
    let paid = MsgRegisterAgent { deployments: vec![1, 3], ..agent() };
    assert_eq!(world.code(&paid), ("model", 12));
    assert_eq!(world.code(&MsgRegisterAgent { base_price: "0".into(), ..paid.clone() }), ("model", 12));
    world.ok(&MsgRegisterAgent { base_price: "0".into(), byte_price: "0".into(), ..paid });
}

#[test]
fn a_retired_agent_never_comes_back() {
    let mut world = world();
    world.ok(&agent());
    let retire = |operator| MsgRetireAgent { operator: text(operator), agent: 1 };
    assert_eq!(world.code(&retire(OTHER)), ("model", 3));
    world.ok(&retire(OPERATOR));
    assert_eq!(world.code(&retire(OPERATOR)), ("model", 4));
    assert_eq!(world.code(&update()), ("model", 4));
    let models = world.models;
    assert!(!world.with(|ctx| models.agent(ctx, 1).unwrap().unwrap().active));
}

#[test]
fn agents_are_listed_by_operator_and_deployments_by_server() {
    let mut world = world();
    world.ok(&agent());
    world.ok(&MsgRegisterAgent { operator: text(OTHER), ..agent() });
    let ids = |world: &World, operator: String| -> Vec<u64> {
        let answer: QueryAgentsResponse =
            world.ask("Agents", &QueryAgentsRequest { operator, pagination: None }).unwrap();
        answer.agents.iter().map(|agent| agent.id).collect()
    };
    assert_eq!(ids(&world, text(OTHER)), [2]);
    assert_eq!(ids(&world, String::new()), [1, 2]);
    let deployments = |world: &World, model_version, server| {
        let request = QueryDeploymentsRequest { model_version, server, pagination: None };
        let answer: Result<QueryDeploymentsResponse, _> = world.ask("Deployments", &request);
        answer.map(|answer| answer.deployments.iter().map(|deployment| deployment.id).collect::<Vec<_>>())
    };
    assert_eq!(deployments(&world, 0, text(SERVER)).unwrap(), [1, 2]);
    assert_eq!(deployments(&world, 1, String::new()).unwrap(), [1, 2]);
    assert_eq!(deployments(&world, 0, text(OTHER)).unwrap(), [] as [u64; 0]);
    assert!(deployments(&world, 1, text(SERVER)).is_err(), "by one of them");
}
