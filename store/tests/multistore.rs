//! The multistore's behaviour: publishing, discarding, snapshots, queries, and what it refuses.
#![allow(clippy::unwrap_used)]

use openledger_store::{Changes, Error, Multistore, MultistoreOptions, StoreName};
use std::collections::BTreeMap;

const BANK: StoreName = "bank";
const AUTH: StoreName = "auth";

fn open(path: &std::path::Path) -> Multistore {
    let options = MultistoreOptions { sync: false, keep_versions: 3, ..MultistoreOptions::new([BANK, AUTH]) };
    Multistore::open(path, options).unwrap()
}

fn changes(pairs: &[(&str, Option<&str>)]) -> BTreeMap<StoreName, Changes> {
    let change = |(key, value): &(&str, Option<&str>)| (key.as_bytes().to_vec(), value.map(|v| v.as_bytes().to_vec()));
    BTreeMap::from([(BANK, pairs.iter().map(change).collect())])
}

fn commit(store: &Multistore, height: u64, pairs: &[(&str, Option<&str>)]) -> [u8; 32] {
    let prepared = store.prepare(height, changes(pairs)).unwrap();
    let hash = prepared.app_hash();
    store.commit(prepared).unwrap();
    hash
}

#[test]
fn a_new_store_has_height_0_and_the_app_hash_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(store.height(), 0);
    assert_eq!(hex::encode(store.app_hash()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(store.snapshot().get(BANK, b"a"), None);
    assert!(matches!(store.query(BANK, b"a", 0, false), Err(Error::HeightNotAvailable { .. })));
}

#[test]
fn a_prepared_block_changes_nothing_until_it_is_committed_and_may_be_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = commit(&store, 1, &[("a", Some("1"))]);
    let other = store.prepare(2, changes(&[("a", Some("other"))])).unwrap();
    assert_ne!(other.app_hash(), first);
    drop(other);
    assert_eq!((store.height(), store.app_hash()), (1, first));
    let decided = store.prepare(2, changes(&[("a", Some("2"))])).unwrap();
    let again = store.prepare(2, changes(&[("a", Some("2"))])).unwrap();
    assert_eq!(decided.app_hash(), again.app_hash());
    store.commit(decided).unwrap();
    assert_eq!(store.snapshot().get(BANK, b"a"), Some(b"2".to_vec()));
    assert!(matches!(store.commit(again), Err(Error::Stale { height: 2, latest: 2 })));
}

#[test]
fn snapshots_stay_as_they_were_while_later_heights_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, 1, &[("a", Some("1")), ("b", Some("1"))]);
    let before = store.committed();
    let recent = store.snapshot_at(1).unwrap();
    commit(&store, 2, &[("a", Some("2")), ("b", None), ("c", Some("2"))]);
    let by_height = store.snapshot_at(1).unwrap();
    for state in [before.state, recent, by_height] {
        let pairs: Vec<_> = state.range(BANK, None, None, false).collect();
        assert_eq!(pairs, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"1".to_vec())]);
        assert_eq!(state.get(BANK, b"c"), None);
    }
    let pairs: Vec<_> = store.snapshot().range(BANK, None, None, true).collect();
    assert_eq!(pairs, [(b"c".to_vec(), b"2".to_vec()), (b"a".to_vec(), b"2".to_vec())]);
}

#[test]
fn ranges_keep_to_their_store_and_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut both = changes(&[("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]);
    both.insert(
        AUTH,
        BTreeMap::from([(b"a".to_vec(), Some(b"auth".to_vec())), (vec![0xff; 3], Some(b"last".to_vec()))]),
    );
    store.commit(store.prepare(1, both).unwrap()).unwrap();
    let tree = store.query(BANK, b"a", 0, false).unwrap();
    assert_eq!(tree.value, Some(b"1".to_vec()));
    let state = store.snapshot();
    let keys = |start: Option<&[u8]>, end: Option<&[u8]>, reverse| -> Vec<u8> {
        state.range(BANK, start, end, reverse).flat_map(|(key, _)| key).collect()
    };
    assert_eq!(keys(None, None, false), b"abc");
    assert_eq!(keys(None, None, true), b"cba");
    assert_eq!(keys(Some(b"b"), None, true), b"cb");
    assert_eq!(keys(Some(b"a"), Some(b"c"), true), b"ba");
    assert_eq!(keys(Some(b"a\0"), Some(b"c"), false), b"b");
    assert_eq!(keys(Some(b"c"), Some(b"a"), false), b"");
    assert_eq!(state.range(AUTH, None, None, true).count(), 2);
    assert_eq!(state.range("unknown", None, None, false).count(), 0);
}

#[test]
fn unchanged_values_and_missing_keys_leave_the_root_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = commit(&store, 1, &[("a", Some("1"))]);
    let prepared = store.prepare(2, changes(&[("a", Some("1")), ("b", None)])).unwrap();
    assert_eq!((prepared.changed_keys(), prepared.app_hash()), (0, first));
}

#[test]
fn heights_before_the_first_and_after_the_latest_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for height in 7..=11 {
        commit(&store, height, &[("a", Some(&height.to_string()))]);
    }
    for height in 7..=11 {
        let answer = store.query(BANK, b"a", height, true).unwrap();
        assert_eq!((answer.height, answer.value), (height, Some(height.to_string().into_bytes())));
        assert_eq!(store.snapshot_at(height).unwrap().get(BANK, b"a"), Some(height.to_string().into_bytes()));
    }
    assert_eq!(store.query(BANK, b"a", 0, false).unwrap().height, 11);
    for height in [6, 12] {
        let error = store.query(BANK, b"a", height, false).unwrap_err();
        assert!(matches!(error, Error::HeightNotAvailable { first: 7, latest: 11, .. }), "{error}");
        assert!(store.snapshot_at(height).is_err());
    }
}

#[test]
fn what_cannot_be_proven_or_applied_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, 1, &[("empty", Some(""))]);
    assert!(matches!(store.query(BANK, b"empty", 0, true), Err(Error::EmptyValue(_))));
    assert_eq!(store.query(BANK, b"empty", 0, false).unwrap().value, Some(Vec::new()));
    assert!(matches!(store.query(AUTH, b"a", 0, true), Err(Error::EmptyStore(_))));
    assert!(matches!(store.query("gone", b"a", 0, true), Err(Error::UnknownStore(_))));
    for height in [0, 1, 3, u64::MAX] {
        assert!(matches!(store.prepare(height, BTreeMap::new()), Err(Error::Height { latest: 1, .. })));
    }
    let unknown = BTreeMap::from([("gone", Changes::new())]);
    assert!(matches!(store.prepare(2, unknown), Err(Error::UnknownStore(_))));
    assert!(matches!(store.prepare(2, changes(&[("", Some("1"))])), Err(Error::KeyLength { len: 0, .. })));
}

#[test]
fn opening_checks_the_names_of_the_stores() {
    let folder = tempfile::tempdir().unwrap();
    let open = |names: &[StoreName]| Multistore::open(folder.path(), MultistoreOptions::new(names.iter().copied()));
    assert!(matches!(open(&["a", "b", "a"]), Err(Error::StoreNames(name)) if name == "a"));
    assert!(matches!(open(&["", "b"]), Err(Error::StoreNames(_))));
    let store = open(&["a", "b"]).unwrap();
    store.commit(store.prepare(1, BTreeMap::new()).unwrap()).unwrap();
    drop(store);
    assert!(matches!(open(&["a"]), Err(Error::UndeclaredStore(name)) if name == "b"));
}
