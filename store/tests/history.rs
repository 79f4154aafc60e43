//! Past heights: pruning, archives, going back, and the bounds of disk and memory. The reference is the tree alone, over the same blocks.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods)]

mod common;

use common::heavily::heavily;
use common::reference::{block, commit, Reference, STORES};
use openledger_store::{Error, Multistore, MultistoreOptions, Pruning, UNDO_HEIGHTS};
use proptest::prelude::*;
use rocksdb::{IteratorMode, Options, DB};
use std::collections::BTreeMap;
use std::path::Path;

fn options(pruning: Pruning) -> MultistoreOptions {
    let options = MultistoreOptions::new(STORES);
    MultistoreOptions { sync: false, keep_versions: 4, checkpoint_changes: 30, pruning, ..options }
}

fn open(path: &Path, pruning: Pruning) -> Multistore {
    Multistore::open(path, options(pruning)).unwrap()
}

/// Commits blocks up to a height, each job in the background finished as soon as it began.
fn go_on(store: &Multistore, to: u64) {
    while store.height() < to {
        commit(store, block(store.height() + 1)).unwrap();
        store.finish_upkeep().unwrap();
    }
}

fn refused(store: &Multistore, height: u64) {
    let (first, latest) = store.kept();
    for error in [store.snapshot_at(height).err(), store.query("bank", b"k", height, true).err()] {
        match error.unwrap() {
            Error::HeightNotAvailable { height: asked, first: least, latest: most } => {
                assert_eq!((asked, least, most), (height, first, latest));
            }
            error => panic!("{error}"),
        }
    }
}

/// How many records each column family has.
fn records(path: &Path) -> BTreeMap<&'static str, usize> {
    let families = ["state", "history", "log", "nodes", "meta"];
    let db = DB::open_cf(&Options::default(), path, families).unwrap();
    let count = |name| db.iterator_cf(db.cf_handle(name).unwrap(), IteratorMode::Start).count();
    families.into_iter().map(|name| (name, count(name))).collect()
}

#[test]
fn an_archive_reads_and_proves_every_height_also_after_a_restart() {
    let (folder, reference) = (common::reference::folder(), Reference::at(150));
    let store = open(folder.path(), Pruning::NOTHING);
    go_on(&store, 150);
    // Backwards, so that trees are built from checkpoints, then forwards, so that they are built on.
    for height in (1..=150).rev().step_by(7).chain((1..=150).step_by(3)) {
        reference.check_at(&store, height).unwrap();
    }
    drop(store);
    let store = open(folder.path(), Pruning::NOTHING);
    assert_eq!(store.kept(), (1, 150));
    (1..=150).for_each(|height| reference.check_at(&store, height).unwrap());
    refused(&store, 151);
}

#[test]
fn what_is_pruned_is_refused_and_what_is_kept_is_served() {
    let (folder, reference) = (common::reference::folder(), Reference::at(200));
    let custom = Pruning::custom(25, 10).unwrap();
    let store = open(folder.path(), custom);
    for (to, first) in [(26, 1), (29, 1), (30, 5), (39, 5), (140, 115), (149, 115), (200, 175)] {
        go_on(&store, to);
        assert_eq!(store.kept(), (first, to));
        (first..=to).for_each(|height| reference.check_at(&store, height).unwrap());
        (1..first).chain([to + 1, u64::MAX]).for_each(|height| refused(&store, height));
    }
    drop(store);
    // Another strategy begins with what the former one left.
    let store = open(folder.path(), Pruning::NOTHING);
    assert_eq!(store.kept(), (175, 200));
    go_on(&store, 230);
    assert_eq!(store.kept(), (175, 230));
    Reference::at(230).check_at(&store, 176).unwrap();
    drop(store);
    let store = open(folder.path(), Pruning::EVERYTHING);
    go_on(&store, 240);
    assert_eq!(store.kept(), (238, 240));
}

#[test]
fn the_disk_is_bounded_under_pruning() {
    let sizes = |to| {
        let folder = common::reference::folder();
        go_on(&open(folder.path(), Pruning::EVERYTHING), to);
        records(folder.path())
    };
    let (early, late) = (sizes(400), sizes(1_200));
    for (name, count) in late {
        assert!(count < early[name] * 5 / 4 + 10, "{name}: {} records at 400, {count} at 1200", early[name]);
    }
}

#[test]
fn a_rollback_brings_back_the_state_of_each_of_the_last_hundred_heights() {
    for pruning in [Pruning::EVERYTHING, Pruning::NOTHING] {
        let folder = common::reference::folder();
        go_on(&open(folder.path(), pruning), 260);
        let mut reference = Reference::at(260);
        for target in [260, 259, 258, 240, 239, 200, 260 - UNDO_HEIGHTS] {
            reference.roll_back(target);
            let store = Multistore::roll_back(folder.path(), options(pruning), target).unwrap();
            assert_eq!(store.height(), target);
            reference.check(&store);
        }
        let store = open(folder.path(), pruning);
        // The same blocks give the same hashes again, others others.
        go_on(&store, 300);
        Reference::at(300).check(&store);
    }
}

#[test]
fn a_height_that_cannot_be_gone_back_to_is_refused_and_nothing_changes() {
    let folder = common::reference::folder();
    go_on(&open(folder.path(), Pruning::EVERYTHING), 300);
    for target in [0, 1, 150, 301] {
        let error = Multistore::roll_back(folder.path(), options(Pruning::EVERYTHING), target).err().unwrap();
        let Error::Rollback { height, lowest, latest: 300 } = error else { panic!("{error}") };
        assert!(height == target && lowest <= 200 && lowest > 150, "{lowest}");
    }
    Reference::at(300).check(&open(folder.path(), Pruning::EVERYTHING));
}

#[test]
fn other_blocks_after_a_rollback_leave_nothing_of_those_undone() {
    let folder = common::reference::folder();
    go_on(&open(folder.path(), Pruning::NOTHING), 80);
    let mut reference = Reference::at(40);
    let store = Multistore::roll_back(folder.path(), options(Pruning::NOTHING), 40).unwrap();
    for height in 41..=120 {
        let other = block(height * 1_000);
        reference.apply(&other);
        commit(&store, other).unwrap();
        store.finish_upkeep().unwrap();
    }
    drop(store);
    let store = open(folder.path(), Pruning::NOTHING);
    (1..=120).for_each(|height| reference.check_at(&store, height).unwrap());
}

#[test]
fn cold_nodes_are_read_back_where_they_are_touched() {
    let folder = common::reference::folder();
    // So little that after each checkpoint nearly all goes cold.
    let options = MultistoreOptions { memory_limit: 20_000, ..options(Pruning::EVERYTHING) };
    let store = Multistore::open(folder.path(), options.clone()).unwrap();
    let mut reference = Reference::default();
    for height in 1..=400 {
        reference.apply(&block(height));
        commit(&store, block(height)).unwrap();
        if height % 3 == 0 {
            store.finish_upkeep().unwrap();
        }
        if height % 20 == 0 {
            reference.check(&store);
        }
    }
    drop(store);
    reference.check(&Multistore::open(folder.path(), options).unwrap());
}

#[derive(Debug, Clone)]
enum Step {
    Commit(u64),
    Finish,
    Reopen(u64),
    RollBack(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => any::<u64>().prop_map(Step::Commit),
        2 => Just(Step::Finish),
        1 => (0u64..40_000).prop_map(Step::Reopen),
        1 => (0u64..12).prop_map(Step::RollBack),
    ]
}

#[test]
fn any_history_with_restarts_and_rollbacks_agrees_with_the_tree_alone_at_every_height() {
    heavily(6, &prop::collection::vec(step(), 20..160), |steps| {
        let folder = common::reference::folder();
        let mut store = Some(open(folder.path(), Pruning::NOTHING));
        let mut reference = Reference::default();
        for step in steps {
            match step {
                Step::Commit(seed) => {
                    reference.apply(&block(seed));
                    commit(store.as_ref().unwrap(), block(seed)).unwrap();
                }
                Step::Finish => store.as_ref().unwrap().finish_upkeep().unwrap(),
                Step::Reopen(memory_limit) => {
                    drop(store.take());
                    let options = MultistoreOptions { memory_limit, ..options(Pruning::NOTHING) };
                    store = Some(Multistore::open(folder.path(), options).unwrap());
                }
                Step::RollBack(by) if reference.height > by => {
                    drop(store.take());
                    reference.roll_back(reference.height - by);
                    let rolled = Multistore::roll_back(folder.path(), options(Pruning::NOTHING), reference.height);
                    store = Some(rolled.unwrap());
                }
                Step::RollBack(_) => {}
            }
            let height = store.as_ref().unwrap().height();
            prop_assert_eq!(height, reference.height);
        }
        let store = store.unwrap();
        for height in 1..=reference.height {
            reference.check_at(&store, height).unwrap();
        }
        Ok(())
    });
}
