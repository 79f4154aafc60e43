//! Licences: what a child, a price or a server must honour.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use openledger_proto::openledger::model::v1::*;

fn with(world: &World, parents: &[u64], change: impl FnOnce(&mut Terms)) -> MsgRegisterModelVersion {
    let mut msg = world.version_msg(parents, 0);
    change(msg.terms.as_mut().unwrap());
    msg
}

#[test]
fn terms_are_whole_and_do_not_contradict_themselves() {
    let mut world = World::new();
    let good = world.version_msg(&[], 0);
    assert_eq!(world.code(&MsgRegisterModelVersion { terms: None, ..good }), ("model", 4));
    let wrong: [fn(&mut Terms); 10] = [
        |terms| terms.licence = String::new(),
        |terms| terms.licence = "do what you like".into(),
        |terms| terms.serving = 0,
        |terms| terms.serving = 9,
        |terms| terms.feedback_bps = 10_001,
        |terms| terms.compatible = vec!["MIT".into()],
        |terms| (terms.share_alike, terms.derivatives_allowed) = (true, false),
        |terms| (terms.share_alike, terms.compatible) = (true, vec!["MIT".into(), "ISC".into()]),
        |terms| (terms.share_alike, terms.compatible) = (true, vec!["a b".into()]),
        |terms| (terms.share_alike, terms.compatible) = (true, (1..=9).map(|n| format!("A{n}")).collect()),
    ];
    for change in wrong {
        let msg = with(&world, &[], change);
        assert_eq!(world.code(&msg), ("model", 4));
    }
    let msg = with(&world, &[], |terms| terms.feedback_deposit = String::new());
    assert_eq!(world.code(&msg), ("sdk", 10));
}

#[test]
fn terms_do_not_contradict_a_creative_commons_licence() {
    let mut world = World::new();
    for licence in ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-SA-4.0"] {
        let msg = with(&world, &[], |terms| terms.licence = licence.into());
        assert_eq!(world.code(&msg), ("model", 4), "{licence}");
        let msg = with(&world, &[], |terms| terms.licence = format!("{licence} OR MIT"));
        world.register(&msg);
    }
    let msg = with(&world, &[], |terms| (terms.licence, terms.commercial) = ("CC-BY-NC-4.0".into(), false));
    world.register(&msg);
}

#[test]
fn a_version_without_derivatives_has_no_child_of_any_kind() {
    let mut world = World::new();
    let msg = with(&world, &[], |terms| terms.derivatives_allowed = false);
    let closed = world.register(&msg);
    let open = world.register_version(&[], 0);
    for parents in [vec![closed], vec![closed, open]] {
        let child = world.version_msg(&parents, 0);
        assert_eq!(world.code(&child), ("model", 12));
    }
    let mut distilled = world.version_msg(&[closed], 0);
    distilled.parents[0].kind = LineageKind::Distillation.into();
    assert_eq!(world.code(&distilled), ("model", 12));
}

#[test]
fn share_alike_keeps_the_licence_down_the_lineage() {
    let mut world = World::new();
    let msg = with(&world, &[], |terms| {
        terms.licence = "GPL-3.0-only".into();
        terms.share_alike = true;
        terms.compatible = vec!["AGPL-3.0-only".into()];
    });
    let root = world.register(&msg);
    let alike = |licence: &str, compatible: &[&str]| {
        let (licence, compatible) = (licence.to_string(), compatible.iter().map(|text| text.to_string()).collect());
        move |terms: &mut Terms| (terms.licence, terms.share_alike, terms.compatible) = (licence, true, compatible)
    };
    let refused = [
        with(&world, &[root], |_| {}),
        with(&world, &[root], |terms| terms.licence = "GPL-3.0-only".into()),
        with(&world, &[root], alike("MIT", &[])),
        with(&world, &[root], alike("AGPL-3.0-only", &["MIT"])),
    ];
    for msg in refused {
        assert_eq!(world.code(&msg), ("model", 12));
    }
    let msg = with(&world, &[root], alike("AGPL-3.0-only", &[]));
    let child = world.register(&msg);
    let back = with(&world, &[child], alike("GPL-3.0-only", &[]));
    assert_eq!(world.code(&back), ("model", 12), "the child named no other licence");
    let msg = with(&world, &[root], alike("GPL-3.0-only", &["AGPL-3.0-only", "GPL-3.0-only"]));
    let wide = world.register(&msg);
    let msg = with(&world, &[child, wide], alike("AGPL-3.0-only", &[]));
    world.register(&msg);
}

#[test]
fn what_may_not_be_sold_is_served_for_nothing_and_so_is_what_comes_from_it() {
    let mut world = World::new();
    let msg = with(&world, &[], |terms| terms.commercial = false);
    let free = world.register(&msg);
    let sold = world.version_msg(&[free], 0);
    assert_eq!(world.code(&sold), ("model", 12));
    let msg = with(&world, &[free], |terms| terms.commercial = false);
    let child = world.register(&msg);
    let deploy = MsgDeploy { model_version: child, ..world.deploy_msg(100 * OPEN) };
    assert_eq!(world.code(&deploy), ("model", 12));
    assert_eq!(world.code(&MsgDeploy { base_price: "0".into(), ..deploy.clone() }), ("model", 12));
    world.ok(&MsgDeploy { base_price: "0".into(), byte_price: "0".into(), ..deploy });
    let update = MsgUpdateDeployment {
        server: text(SERVER),
        deployment: 1,
        endpoint: String::new(),
        base_price: "0".into(),
        byte_price: "1".into(),
        active: true,
    };
    assert_eq!(world.code(&update), ("model", 12));
    world.ok(&MsgUpdateDeployment { byte_price: "0".into(), ..update });
}

#[test]
fn a_version_over_a_datanet_that_forbids_money_is_not_commercial() {
    let mut world = World::new();
    let datanet = world.make_datanet("CC-BY-NC-4.0");
    let mut msg = world.version_msg(&[], 0);
    msg.datanets.push(DatanetVersion { datanet, version: 1 });
    assert_eq!(world.code(&msg), ("model", 12));
    msg.terms.as_mut().unwrap().commercial = false;
    world.register(&msg);
}

#[test]
fn where_serving_is_permitted_the_owner_says_who_serves() {
    let mut world = World::new();
    let msg = with(&world, &[], |terms| terms.serving = Serving::Permitted.into());
    let version = world.register(&msg);
    let deploy = MsgDeploy { model_version: version, ..world.deploy_msg(100 * OPEN) };
    assert_eq!(world.code(&deploy), ("model", 13));
    world.ok(&MsgDeploy { server: text(OWNER), ..deploy.clone() });
    let set = |allowed| MsgSetServer { owner: text(OWNER), model_version: version, server: text(SERVER), allowed };
    assert_eq!(world.code(&MsgSetServer { owner: text(OTHER), ..set(true) }), ("model", 3));
    assert_eq!(world.code(&set(false)), ("model", 4), "was not let before");
    world.ok(&set(true));
    assert_eq!(world.code(&set(true)), ("model", 4));
    world.ok(&deploy);
    let listed: QueryServersResponse =
        world.ask("Servers", &QueryServersRequest { version, pagination: None }).unwrap();
    assert_eq!(listed.servers.iter().map(|server| server.server.clone()).collect::<Vec<_>>(), [text(SERVER)]);
    let models = world.models;
    let takes = |world: &mut World| {
        world.with(|ctx| {
            let deployment = models.deployment(ctx, 2).unwrap().unwrap();
            models.check_takes_sessions(ctx, &deployment).map_err(|error| (error.codespace, error.code))
        })
    };
    assert_eq!(takes(&mut world), Ok(()));
    world.ok(&set(false));
    assert_eq!(takes(&mut world), Err(("model", 13)));
    let open = world.register_version(&[], 0);
    assert_eq!(world.code(&MsgSetServer { model_version: open, ..set(true) }), ("model", 4));
}
