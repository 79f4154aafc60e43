//! Models and their versions: what may be declared, and which ancestors earn.

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

#[test]
fn ancestors_are_flattened_once_each_over_a_diamond() {
    let mut world = World::new();
    let root = world.register_version(&[], 1_000);
    let left = world.register_version(&[root], 200);
    let right = world.register_version(&[root], 300);
    let child = world.register_version(&[left, right], 0);
    let version = world.version(child);
    let ancestors: Vec<_> = version.ancestors.iter().map(|ancestor| (ancestor.version, ancestor.royalty_bps)).collect();
    assert_eq!(ancestors, [(root, 1_000), (left, 200), (right, 300)]);
    assert_eq!(version.depth, 2);
    let models = world.models;
    let shares = world.with(|ctx| {
        let version = models.version(ctx, child).unwrap().unwrap();
        models.royalties(ctx, &version).unwrap()
    });
    assert_eq!(shares.iter().map(|(_, bps)| *bps).collect::<Vec<_>>(), [1_000, 200, 300, 8_500]);
}

#[test]
fn a_lineage_is_bounded_in_depth_in_ancestors_and_in_royalties() {
    let mut world = World::new();
    let mut last = world.register_version(&[], 0);
    for _ in 0..16 {
        last = world.register_version(&[last], 0);
    }
    let deeper = world.version_msg(&[last], 0);
    assert_eq!(world.code(&deeper), ("model", 5));
    let roots: Vec<_> = (0..65).map(|_| world.register_version(&[], 0)).collect();
    let groups: Vec<_> = roots.chunks(13).map(|chunk| world.register_version(chunk, 0)).collect();
    let wide = world.version_msg(&groups, 0);
    assert_eq!(world.code(&wide), ("model", 5));
    let dear = world.register_version(&[], 6_000);
    let dearer = world.register_version(&[], 4_001);
    let both = world.version_msg(&[dear, dearer], 0);
    assert_eq!(world.code(&both), ("model", 5));
    let mut unknown = world.version_msg(&[9_999], 0);
    assert_eq!(world.code(&unknown), ("model", 2));
    unknown.parents[0].kind = 0;
    assert_eq!(world.code(&unknown), ("model", 4));
    let twice = world.version_msg(&[dear, dear], 0);
    assert_eq!(world.code(&twice), ("model", 4));
}
