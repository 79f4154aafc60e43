//! Models and their versions: what may be declared.

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

#[test]
fn models_have_an_owner_and_a_name_within_bounds() {
    let mut world = World::new();
    let named = |name: &str| MsgRegisterModel { owner: text(OTHER), name: name.into(), description: String::new() };
    world.ok(&named(&"é".repeat(64)));
    for bad in ["", " padded", &"x".repeat(65)] {
        assert_eq!(world.code(&named(bad)), ("model", 4));
    }
    let long = MsgRegisterModel { description: "x".repeat(1_025), ..named("a") };
    assert_eq!(world.code(&long), ("sdk", 18));
    let mine: QueryModelsResponse =
        world.ask("Models", &QueryModelsRequest { owner: text(OTHER), pagination: None }).unwrap();
    assert_eq!(mine.models.iter().map(|model| model.id).collect::<Vec<_>>(), [2]);
    let all: QueryModelsResponse = world.ask("Models", &QueryModelsRequest::default()).unwrap();
    assert_eq!(all.models.len(), 2);
}

#[test]
fn a_version_declares_frozen_datanet_versions_that_exist_each_datanet_once() {
    let mut world = World::new();
    let good = world.version_msg(&[], 0);
    let declared = |datanets: &[(u64, u32)]| MsgRegisterModelVersion {
        datanets: datanets
            .iter()
            .map(|(datanet, version)| DatanetVersion { datanet: *datanet, version: *version })
            .collect(),
        ..good.clone()
    };
    assert_eq!(world.code(&declared(&[])), ("model", 4));
    assert_eq!(world.code(&declared(&[(1, 1), (1, 1)])), ("model", 4));
    assert_eq!(world.code(&declared(&[(1, 2)])), ("model", 6));
    assert_eq!(world.code(&declared(&[(1, 1), (2, 1)])), ("model", 6));
    assert_eq!(world.code(&MsgRegisterModelVersion { weights_hash: vec![1; 31], ..good.clone() }), ("sdk", 18));
    assert_eq!(world.code(&MsgRegisterModelVersion { owner: text(OTHER), ..good.clone() }), ("model", 3));
    assert_eq!(world.code(&MsgRegisterModelVersion { model: 9, ..good.clone() }), ("model", 2));
    assert_eq!(world.code(&MsgRegisterModelVersion { royalty_bps: 10_001, ..good.clone() }), ("model", 4));
    world.ok(&good);
    let listed: QueryModelVersionsResponse =
        world.ask("ModelVersions", &QueryModelVersionsRequest { model: 1, pagination: None }).unwrap();
    assert_eq!(listed.versions.len(), 1);
}
