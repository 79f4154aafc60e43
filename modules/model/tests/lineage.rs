//! Lineage: what each kind asks for, and who earns of a version.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::*;
use openledger_proto::openledger::model::v1::*;
use proptest::prelude::*;

fn shares(world: &mut World, version: u64) -> Vec<u32> {
    world.royalties(version).iter().map(|(_, bps)| *bps).collect()
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
    assert_eq!(shares(&mut world, child), [1_000, 200, 300, 8_500]);
    let answer: QueryLineageResponse = world.ask("Lineage", &QueryLineageRequest { version: child }).unwrap();
    assert_eq!(answer.parents, version.parents);
    assert_eq!(answer.ancestors, version.ancestors);
    assert_eq!(answer.royalties.iter().map(|royalty| royalty.bps).sum::<u32>(), 10_000);
    assert_eq!(answer.royalties[3], Royalty { account: text(OWNER), bps: 8_500 });
}

#[test]
fn sixteen_generations_may_stand_above_a_version_and_not_seventeen() {
    let mut world = World::new();
    let mut last = world.register_version(&[], 0);
    for _ in 0..16 {
        last = world.register_version(&[last], 0);
    }
    assert_eq!(world.version(last).depth, 16);
    let deeper = world.version_msg(&[last], 0);
    assert_eq!(world.code(&deeper), ("model", 5));
}

#[test]
fn sixty_four_ancestors_may_earn_and_not_sixty_five() {
    let mut world = World::new();
    let roots: Vec<_> = (0..61).map(|_| world.register_version(&[], 0)).collect();
    let groups: Vec<_> = roots[..60].chunks(15).map(|chunk| world.register_version(chunk, 0)).collect();
    assert_eq!(groups.len(), 4);
    let full = world.register_version(&groups, 0);
    assert_eq!(world.version(full).ancestors.len(), 64);
    let mut one_more = groups;
    one_more.insert(0, roots[60]);
    let wide = world.version_msg(&one_more, 0);
    assert_eq!(world.code(&wide), ("model", 5));
}

#[test]
fn a_stack_may_take_the_whole_and_not_a_basis_point_more() {
    let mut world = World::new();
    let dear = world.register_version(&[], 6_000);
    let rest = world.register_version(&[], 4_000);
    let too_much = world.register_version(&[], 4_001);
    let whole = world.register_version(&[dear, rest], 0);
    assert_eq!(shares(&mut world, whole), [6_000, 4_000, 0]);
    let both = world.version_msg(&[dear, too_much], 0);
    assert_eq!(world.code(&both), ("model", 5));
    // Its own royalty burdens descendants alone: this one may be registered, and none may come from it.
    let greedy = world.register_version(&[dear, rest], 1);
    let child = world.version_msg(&[greedy], 0);
    assert_eq!(world.code(&child), ("model", 5));
}

#[test]
fn parents_are_known_in_order_and_each_once() {
    let mut world = World::new();
    let (a, b) = (world.register_version(&[], 0), world.register_version(&[], 0));
    let mut unknown = world.version_msg(&[9_999], 0);
    assert_eq!(world.code(&unknown), ("model", 2));
    unknown.parents[0].kind = 0;
    assert_eq!(world.code(&unknown), ("model", 4));
    for wrong in [vec![a, a], vec![b, a], (1..=17).collect()] {
        let msg = world.version_msg(&wrong, 0);
        assert_eq!(world.code(&msg), ("model", 4));
    }
}

#[test]
fn each_kind_of_lineage_has_its_own_rule() {
    let mut world = World::new();
    let (a, b) = (world.register_version(&[], 0), world.register_version(&[], 0));
    use LineageKind::{Adapter, Base, Distillation, Merge};
    let msg = world.version_msg(&[], 0);
    let from = |parents: &[(u64, LineageKind)]| MsgRegisterModelVersion {
        parents: parents.iter().map(|(version, kind)| Parent { version: *version, kind: *kind as i32 }).collect(),
        ..msg.clone()
    };
    assert_eq!(world.code(&from(&[(a, Base), (b, Base)])), ("model", 4), "one base");
    assert_eq!(world.code(&from(&[(a, Merge)])), ("model", 4), "a merge of one");
    assert_eq!(world.code(&from(&[(a, Base), (b, Adapter)])), ("model", 4));
    assert_eq!(world.code(&from(&[(a, Adapter)])), ("model", 4), "without an adapter");
    let mut same = from(&[(a, Distillation)]);
    same.weights_hash = world.version(a).weights_hash;
    assert_eq!(world.code(&same), ("model", 5), "its teacher's weights");
    let child = world.register(&from(&[(a, Base), (b, Distillation)]));
    assert_eq!(world.version(child).ancestors.len(), 2);
}

#[test]
fn an_adapter_leaves_its_parent_s_weights_as_they_are() {
    let mut world = World::new();
    let base = world.register_version(&[], 700);
    let adapter =
        openledger_proto::openledger::model::v1::Adapter { hash: vec![3; 32], rank: 8, target: "q_proj".into() };
    let good = MsgRegisterModelVersion {
        weights_hash: world.version(base).weights_hash,
        parents: vec![Parent { version: base, kind: LineageKind::Adapter.into() }],
        adapter: Some(adapter.clone()),
        ..world.version_msg(&[], 0)
    };
    assert_eq!(world.code(&MsgRegisterModelVersion { weights_hash: vec![9; 32], ..good.clone() }), ("model", 5));
    assert_eq!(world.code(&MsgRegisterModelVersion { parents: Vec::new(), ..good.clone() }), ("model", 4));
    for (wrong, code) in [
        (Adapter { hash: vec![3; 31], ..adapter.clone() }, ("sdk", 18)),
        (Adapter { rank: 0, ..adapter.clone() }, ("model", 4)),
        (Adapter { rank: 65_537, ..adapter.clone() }, ("model", 4)),
        (Adapter { target: String::new(), ..adapter.clone() }, ("model", 4)),
        (Adapter { target: "x".repeat(257), ..adapter.clone() }, ("sdk", 18)),
    ] {
        assert_eq!(world.code(&MsgRegisterModelVersion { adapter: Some(wrong), ..good.clone() }), code);
    }
    let id = world.register(&good);
    assert_eq!(world.version(id).adapter, Some(adapter));
    assert_eq!(shares(&mut world, id), [700, 9_300]);
    // An adapter on the adapter: other than the one below it.
    let stacked = MsgRegisterModelVersion {
        parents: vec![Parent { version: id, kind: LineageKind::Adapter.into() }],
        ..good.clone()
    };
    assert_eq!(world.code(&stacked), ("model", 5));
}

#[test]
fn children_and_descendants_are_listed_by_page() {
    let mut world = World::new();
    let root = world.register_version(&[], 0);
    let children: Vec<_> = (0..3).map(|_| world.register_version(&[root], 0)).collect();
    let grandchild = world.register_version(&[children[0]], 0);
    let ask = |world: &World, children, key: Vec<u8>| -> QueryDescendantsResponse {
        let page = openledger_proto::cosmos::base::query::v1beta1::PageRequest { key, limit: 2, ..Default::default() };
        let request = QueryDescendantsRequest { version: root, children, pagination: Some(page) };
        world.ask("Descendants", &request).unwrap()
    };
    let first = ask(&world, true, Vec::new());
    assert_eq!(first.versions, children[..2]);
    let second = ask(&world, true, first.pagination.unwrap().next_key);
    assert_eq!(second.versions, children[2..]);
    let all = ask(&world, false, second.pagination.unwrap().next_key);
    assert_eq!(all.versions, children[..2]);
    let rest = ask(&world, false, all.pagination.unwrap().next_key);
    assert_eq!(rest.versions, [children[2], grandchild]);
}

/// What the rules say, word for word: every ancestor by walking up, and each feedback that any of them or the version incorporates.
fn naive(graph: &BTreeMap<u64, (Vec<u64>, Vec<u64>)>, version: u64) -> (BTreeSet<u64>, BTreeSet<u64>, u32) {
    let (parents, own) = &graph[&version];
    let (mut ancestors, mut feedback, mut depth) = (BTreeSet::new(), BTreeSet::from_iter(own.iter().copied()), 0);
    for parent in parents {
        let (above, inherited, deep) = naive(graph, *parent);
        ancestors.insert(*parent);
        ancestors.extend(above);
        feedback.extend(inherited);
        depth = depth.max(deep + 1);
    }
    (ancestors, feedback, depth)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn flattening_is_what_walking_up_gives_and_royalties_are_always_the_whole(
        steps in prop::collection::vec((prop::collection::btree_set(0usize..24, 0..4), 0u32..3_000, any::<bool>()), 1..24)
    ) {
        const FEEDBACK_BPS: u32 = 250;
        let mut world = World::new();
        let (mut graph, mut royalty, mut ids, mut accepted) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), Vec::new());
        for (parents, bps, incorporate) in steps {
            let parents: Vec<u64> = parents.iter().filter_map(|at| ids.get(*at).copied()).collect();
            let own: Vec<u64> = accepted.iter().copied().filter(|_| incorporate).take(2).collect();
            let mut msg = world.version_msg(&parents, bps);
            msg.incorporates = own.clone();
            msg.terms.as_mut().unwrap().feedback_bps = FEEDBACK_BPS;
            let next = ids.len() as u64 + 1;
            graph.insert(next, (parents, own));
            let (ancestors, feedback, depth) = naive(&graph, next);
            let stack: u32 = ancestors.iter().map(|id| royalty[id]).sum::<u32>() + feedback.len() as u32 * FEEDBACK_BPS;
            let fits = stack <= 10_000 && ancestors.len() + feedback.len() <= 64 && depth <= 16;
            if !fits {
                prop_assert_eq!(world.code(&msg), ("model", 5));
                graph.remove(&next);
                continue;
            }
            let id = world.register(&msg);
            prop_assert_eq!(id, next);
            let version = world.version(id);
            prop_assert_eq!(version.ancestors.iter().map(|a| (a.version, a.royalty_bps)).collect::<Vec<_>>(),
                ancestors.iter().map(|id| (*id, royalty[id])).collect::<Vec<_>>());
            prop_assert_eq!(version.feedback.iter().map(|share| share.feedback).collect::<BTreeSet<_>>(), feedback);
            prop_assert_eq!(version.depth, depth);
            let parts = shares(&mut world, id);
            prop_assert_eq!(parts.iter().sum::<u32>(), 10_000);
            prop_assert_eq!(*parts.last().unwrap(), 10_000 - stack);
            royalty.insert(id, bps);
            ids.push(id);
            let author = 3 + (id % 3) as u8;
            accepted.insert(0, world.accepted_feedback(author, id));
            accepted.truncate(2);
            accepted.sort_unstable();
        }
    }
}
