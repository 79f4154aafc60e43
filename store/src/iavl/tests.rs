//! The tree against cosmos/iavl's own results (`tests/iavl-vectors` makes them again), against `BTreeMap`, and under ICS-23's verifier.
#![allow(clippy::arithmetic_side_effects)]

use super::*;
use ics23::HostFunctionsManager;
use proptest::prelude::*;
use prost::Message;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Scenario {
    name: String,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
    ops: Vec<(String, Option<String>)>,
    root: String,
    #[serde(default)]
    proofs: Vec<Proof>,
}

#[derive(Deserialize)]
struct Proof {
    key: String,
    proof: String,
}

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

/// Makes the version and returns its root.
fn apply(tree: &mut Tree, version: u64, changes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Hash {
    let mut edit = Edit::new(version);
    change(tree, &mut edit, changes);
    tree.finish(&edit)
}

fn change(tree: &mut Tree, edit: &mut Edit, changes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
    let list = changes.iter().map(|(key, value)| Change::new(key.clone(), value.clone()));
    let mut list: Vec<_> = list.collect();
    tree.apply(edit, &mut list).unwrap();
}

/// The same, one operation after the other.
fn change_singly(tree: &mut Tree, edit: &mut Edit, changes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
    for (key, value) in changes {
        match value {
            Some(value) => tree.set(edit, key, value).unwrap(),
            None => tree.remove(edit, key).unwrap(),
        };
    }
}

#[test]
fn roots_and_proofs_of_every_version_are_those_of_cosmos_iavl() {
    let scenarios: Vec<Scenario> = serde_json::from_str(include_str!("../../tests/vectors/iavl.json")).unwrap();
    let (mut roots, mut proofs) = (0, 0);
    for scenario in scenarios {
        let mut tree = Tree::default();
        for version in scenario.versions {
            let changes = version.ops.iter().map(|(key, value)| (bytes(key), value.as_deref().map(bytes))).collect();
            let root = apply(&mut tree, version.version, &changes);
            assert_eq!(hex::encode(root), version.root, "{} at version {}", scenario.name, version.version);
            roots += 1;
            for proof in version.proofs {
                let ours = tree.prove(&bytes(&proof.key)).unwrap().unwrap().encode_to_vec();
                assert_eq!(hex::encode(ours), proof.proof, "{} at version {}", scenario.name, version.version);
                proofs += 1;
            }
        }
    }
    assert!(roots > 100 && proofs > 100, "{roots} roots, {proofs} proofs");
}

#[test]
fn an_empty_tree_has_the_hash_of_nothing_and_proves_nothing() {
    let mut tree = Tree::default();
    assert_eq!(
        hex::encode(tree.finish(&Edit::new(1))),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert!(tree.prove(b"k").unwrap().is_none());
}

#[test]
fn a_tree_that_is_not_hashed_proves_nothing() {
    let mut tree = Tree::default();
    tree.set(&mut Edit::new(1), b"a", b"1").unwrap();
    assert!(tree.root().is_none());
    assert!(tree.prove(b"a").unwrap().is_none() && tree.prove(b"b").unwrap().is_none());
}

#[test]
fn the_root_does_not_depend_on_the_number_of_threads() {
    let build = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let mut tree = Tree::default();
            let mut roots = Vec::new();
            for version in 1..4u64 {
                let value = Some(vec![u8::try_from(version).unwrap()]);
                let key = |i: u32| i.wrapping_mul(2654435761).to_be_bytes().to_vec();
                roots.push(apply(&mut tree, version, &(0..3000).map(|i| (key(i), value.clone())).collect()));
            }
            roots
        })
    };
    assert_eq!(build(1), build(4));
}

/// Balanced, sizes right, each inner key the least key of its right subtree; returns (least key, height, size).
fn check(node: &Node) -> (Bytes, u8, u64) {
    let Some(inner) = node.as_inner() else {
        let Kind::Leaf { key, .. } = &node.kind else { unreachable!() };
        return (key.clone(), 0, 1);
    };
    let (least, left_height, left_size) = check(&inner.left);
    let (middle, right_height, right_size) = check(&inner.right);
    assert_eq!(inner.key, middle);
    assert!(left_height.abs_diff(right_height) <= 1, "not balanced");
    assert_eq!((node.height(), node.size()), (left_height.max(right_height) + 1, left_size + right_size));
    (least, node.height(), node.size())
}

fn verifies(tree: &Tree, root: Hash, key: &[u8], value: Option<&Vec<u8>>) -> bool {
    let (proof, spec) = (tree.prove(key).unwrap().unwrap(), ics23::iavl_spec());
    match value {
        Some(value) => ics23::verify_membership::<HostFunctionsManager>(&proof, &spec, &root.to_vec(), key, value),
        None => ics23::verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root.to_vec(), key),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_version_agrees_with_a_plain_map_and_stays_as_it_was(
        versions in prop::collection::vec(prop::collection::btree_map(0u8..64, any::<Option<[u8; 1]>>(), 0..40), 1..10),
        start in any::<Option<u8>>(), end in any::<Option<u8>>(),
    ) {
        let mut tree = Tree::default();
        let mut model = Model::new();
        let mut history = Vec::new();
        for (version, changes) in (1u64..).zip(&versions) {
            let changes: BTreeMap<_, _> = changes.iter().map(|(k, v)| (vec![*k], v.map(|v| v.to_vec()))).collect();
            let root = apply(&mut tree, version, &changes);
            for (key, value) in changes {
                match value {
                    Some(value) => model.insert(key, value),
                    None => model.remove(&key),
                };
            }
            history.push((tree.clone(), root, model.clone()));
        }
        for (tree, root, model) in &history {
            prop_assert_eq!(tree.root(), Some(*root));
            prop_assert_eq!(tree.len(), model.len() as u64);
            if let Some(node) = &tree.root { check(node); }
            let (start, end) = (start.map(|k| vec![k / 4]), end.map(|k| vec![k / 4]));
            let want: Vec<_> = model.iter()
                .filter(|(k, _)| start.as_ref().is_none_or(|s| s <= *k) && end.as_ref().is_none_or(|e| *k < e))
                .map(|(k, v)| (k.clone(), v.clone())).collect();
            let got = |reverse| -> Vec<_> {
                let pairs = tree.range(start.as_deref(), end.as_deref(), reverse).map(Result::unwrap);
                pairs.map(|(k, v)| (k.to_vec(), v.to_vec())).collect()
            };
            prop_assert_eq!(got(false), want.clone());
            prop_assert_eq!(got(true), want.into_iter().rev().collect::<Vec<_>>());
            for key in (0u8..65).step_by(3) {
                let value = model.get(&vec![key]);
                prop_assert_eq!(tree.get(&[key]).unwrap().map(|v| v.to_vec()), value.cloned());
                if !model.is_empty() {
                    prop_assert!(verifies(tree, *root, &[key], value));
                }
            }
        }
    }

    #[test]
    fn changes_at_once_make_the_tree_that_they_make_one_after_the_other(
        versions in prop::collection::vec(
            prop::collection::btree_map(0u16..400, prop::option::weighted(0.7, any::<[u8; 1]>()), 0..250), 1..12,
        ),
    ) {
        let (mut tree, mut single) = (Tree::default(), Tree::default());
        for (version, changes) in (1u64..).zip(&versions) {
            let key = |key: &u16| key.to_be_bytes().to_vec();
            let changes: BTreeMap<_, _> = changes.iter().map(|(k, v)| (key(k), v.map(|v| v.to_vec()))).collect();
            let before: Vec<_> = changes.keys().map(|key| tree.get(key).unwrap()).collect();
            let mut list: Vec<_> = changes.iter().map(|(key, value)| Change::new(key.clone(), value.clone())).collect();
            let (mut edit, mut singly) = (Edit::new(version), Edit::new(version));
            tree.apply(&mut edit, &mut list).unwrap();
            change_singly(&mut single, &mut singly, &changes);
            prop_assert_eq!(tree.finish(&edit), single.finish(&singly));
            prop_assert_eq!(tree.bytes(), single.bytes());
            for (change, before) in list.iter().zip(before) {
                prop_assert_eq!(change.changed, before.as_deref() != change.value.as_deref());
                if change.changed {
                    prop_assert_eq!(&change.before, &before);
                }
            }
        }
    }

    #[test]
    fn what_is_set_to_its_own_value_or_removed_twice_changes_nothing(keys in prop::collection::btree_set(any::<[u8; 2]>(), 1..50)) {
        let (mut tree, mut edit) = (Tree::default(), Edit::new(1));
        for key in &keys {
            prop_assert_eq!(tree.set(&mut edit, key, b"v").unwrap(), Some(None));
        }
        let root = tree.finish(&edit);
        let mut edit = Edit::new(2);
        for key in &keys {
            prop_assert_eq!(tree.set(&mut edit, key, b"v").unwrap(), None);
            prop_assert_eq!(tree.remove(&mut edit, &[key.as_slice(), b"x"].concat()).unwrap(), None);
        }
        prop_assert_eq!(tree.root(), Some(root));
        for key in &keys {
            let before = tree.remove(&mut edit, key).unwrap().flatten();
            prop_assert_eq!(before.as_deref(), Some(b"v".as_slice()));
        }
        prop_assert!(tree.is_empty());
    }
}
