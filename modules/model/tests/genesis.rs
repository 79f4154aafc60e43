//! Genesis: what is exported is taken over unchanged, and what no chain could have come to is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use openledger_core::Module;
use openledger_proto::openledger::model::v1::*;
use openledger_proto::Message;

/// A world with everything that the module keeps.
fn full() -> World {
    let mut world = World::new();
    let mut root = world.version_msg(&[], 500);
    let terms = root.terms.as_mut().unwrap();
    (terms.feedback_bps, terms.serving) = (300, Serving::Permitted.into());
    let root = world.register(&root);
    world.ok(&MsgSetServer { owner: text(OWNER), model_version: root, server: text(SERVER), allowed: true });
    let accepted = world.accepted_feedback(OTHER, root);
    world.ok(&feedback_msg(OTHER, root));
    world.ok(&MsgSubmitFeedback {
        kind: FeedbackKind::Evaluation.into(),
        evaluation: Some(Evaluation { metric: "F1".into(), value: -7, decimals: 1, evidence: vec![2; 32] }),
        content: Some(Commitment { root: vec![3; 32], length: 77 }),
        ..feedback_msg(4, root)
    });
    world.ok(&decide(3, false));
    let adapter = MsgRegisterModelVersion {
        weights_hash: world.version(root).weights_hash,
        parents: vec![Parent { version: root, kind: LineageKind::Adapter.into() }],
        adapter: Some(Adapter { hash: vec![4; 32], rank: 16, target: "all".into() }),
        incorporates: vec![accepted],
        ..world.version_msg(&[], 100)
    };
    let adapter = world.register(&adapter);
    let deploy = world.deploy_msg(150 * OPEN);
    world.ok(&deploy);
    world.ok(&MsgDeploy { model_version: adapter, ..deploy });
    world.ok(&MsgBeginUnbond { server: text(SERVER), deployment: 1, amount: coin(OPEN) });
    let corpus = Some(DatanetVersion { datanet: 1, version: 1 });
    world.ok(&MsgAttestCorpus { server: text(SERVER), deployment: 1, corpus });
    let splits = vec![AgentSplit { account: text(OWNER), bps: 10_000 }];
    world.ok(&MsgRegisterAgent {
        operator: text(5),
        name: "Librarian".into(),
        description: String::new(),
        deployments: vec![1, 2],
        base_price: "1".into(),
        byte_price: "1".into(),
        splits: splits.clone(),
    });
    world.ok(&MsgUpdateAgent {
        operator: text(5),
        agent: 1,
        description: "new".into(),
        deployments: vec![2],
        base_price: "2".into(),
        byte_price: "1".into(),
        splits,
    });
    world
}

fn export(world: &mut World) -> Vec<u8> {
    let models = world.models;
    world.with(|ctx| models.export_genesis(ctx).unwrap())
}

#[test]
fn an_exported_genesis_is_taken_over_unchanged() {
    let mut world = full();
    let models = world.models;
    let genesis = export(&mut world);
    let entries = |ctx: &openledger_core::Context| {
        ctx.kv("model").range(None, None, cosmwasm_std::Order::Ascending).collect::<Vec<_>>()
    };
    let (before, after) = world.with(|ctx| {
        let before = entries(ctx);
        for (key, _) in &before {
            cosmwasm_std::Storage::remove(&mut ctx.kv_mut("model"), key);
        }
        models.init_genesis(ctx, &genesis).unwrap();
        (before, entries(ctx))
    });
    assert_eq!(after, before, "every key, indices included");
    assert_eq!(export(&mut world), genesis);
    assert_eq!(world.register_version(&[], 0), 3, "numbers go on");
    assert_eq!(world.accepted_feedback(OTHER, 3), 4);
}

#[test]
fn a_genesis_that_no_chain_could_have_come_to_is_refused() {
    let mut world = full();
    let models = world.models;
    let good = GenesisState::decode(export(&mut world).as_slice()).unwrap();
    models.validate_genesis(&good.encode_to_vec()).unwrap();
    type Wrong = (&'static str, fn(&mut GenesisState));
    let wrong: Vec<Wrong> = vec![
        ("numbers descend", |g| g.models[0].id = 0),
        ("a nameless model", |g| g.models[0].name = String::new()),
        ("another model's version", |g| g.versions[0].model = 7),
        ("no terms", |g| g.versions[0].terms = None),
        ("no derivatives, and a child", |g| g.versions[0].terms.as_mut().unwrap().derivatives_allowed = false),
        ("a parent to come", |g| g.versions[1].parents[0].version = 3),
        ("a royalty changed under a child", |g| g.versions[0].royalty_bps = 501),
        ("a royalty forgotten", |g| g.versions[1].ancestors.clear()),
        ("feedback that does not earn", |g| g.versions[1].feedback.clear()),
        ("another author", |g| g.versions[1].feedback[0].author = text(9)),
        ("another depth", |g| g.versions[1].depth = 3),
        ("open feedback incorporated", |g| g.versions[1].incorporates = vec![2]),
        ("weights that an adapter changed", |g| g.versions[1].weights_hash = vec![8; 32]),
        ("a deployment of nothing", |g| g.deployments[0].model_version = 9),
        ("more locked than bonded", |g| g.deployments[0].locked = (150 * OPEN).to_string()),
        ("no mode", |g| g.deployments[0].modes.clear()),
        ("an attestation of what is not declared", |g| {
            g.attestations[0].corpus = Some(DatanetVersion { datanet: 2, version: 1 })
        }),
        ("a server of nothing", |g| g.servers[0].model_version = 9),
        ("a server that needs no permission", |g| g.servers[0].model_version = 2),
        ("an agent of unknown deployments", |g| g.agent_terms[0].deployments = vec![9]),
        ("an agent without its first terms", |g| _ = g.agent_terms.remove(0)),
        ("nobody's terms", |g| g.agents.clear()),
        ("feedback on nothing", |g| g.feedback[0].model_version = 9),
        ("decided feedback with a deposit", |g| g.feedback[0].deposit = "1".into()),
        ("feedback without a status", |g| g.feedback[0].status = 0),
        ("an evaluation without a result", |g| g.feedback[2].evaluation = None),
    ];
    for (what, change) in wrong {
        let mut genesis = good.clone();
        change(&mut genesis);
        assert!(models.validate_genesis(&genesis.encode_to_vec()).is_err(), "{what}");
    }
}

#[test]
fn a_genesis_is_refused_where_the_account_holds_another_sum() {
    let mut world = full();
    let models = world.models;
    let mut genesis = GenesisState::decode(export(&mut world).as_slice()).unwrap();
    genesis.feedback[1].deposit = (2 * OPEN).to_string();
    let genesis = genesis.encode_to_vec();
    models.validate_genesis(&genesis).unwrap();
    assert!(world.with(|ctx| models.init_genesis(ctx, &genesis)).is_err());
}
