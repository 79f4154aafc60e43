//! Death between any two writes: every write of a scenario of commits, checkpoints, deletions and rollbacks is the one that fails, with
//! all that come after it. Whatever was written is opened again: it must be the state of a committed height, and lead on to the app
//! hashes of a run that nothing disturbed. And the same with every kind of record damaged: mended, or refused, never another state.
//!
//! `PROPTEST_CASES` lengthens both.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods)]

mod common;

use common::reference::{block, commit, folder, Reference, STORES};
use openledger_store::{Error, Fuse, Multistore, MultistoreOptions, Pruning};
use rocksdb::{IteratorMode, Options, DB};
use std::path::Path;

/// How much of everything is done, compared with the short form.
fn longer() -> u64 {
    std::env::var("PROPTEST_CASES").map_or(1, |cases| (cases.parse::<u64>().unwrap() / 64).clamp(1, 20))
}

fn options(fuse: Option<&Fuse>) -> MultistoreOptions {
    MultistoreOptions {
        sync: false,
        keep_versions: 3,
        checkpoint_changes: 40,
        memory_limit: 20_000,
        pruning: Pruning::EVERYTHING,
        threads: 1,
        fuse: fuse.cloned(),
        ..MultistoreOptions::new(STORES)
    }
}

/// What the scenario does: goes on to a height, or back to one.
enum Step {
    On(u64),
    Back(u64),
}

/// The height from which the scenario starts: what is older than can be gone back to is deleted from then on.
const BEFORE: u64 = 96;

fn scenario() -> Vec<Step> {
    let end = 124 + 60 * (longer() - 1);
    let mut steps = vec![Step::On(112), Step::Back(109), Step::On(end), Step::Back(end - 6), Step::On(end)];
    steps.push(Step::Back(end - 1));
    steps
}

/// Does the scenario; before each commit and after it, `seen` is told the height that is asked for.
fn play(path: &Path, fuse: Option<&Fuse>, mut seen: impl FnMut(u64)) -> Result<(), Error> {
    let mut store = Multistore::open(path, options(fuse))?;
    for step in scenario() {
        match step {
            Step::On(height) => {
                while store.height() < height {
                    let next = store.height() + 1;
                    seen(next);
                    commit(&store, block(next))?;
                    store.finish_upkeep()?;
                }
            }
            Step::Back(height) => {
                drop(store);
                seen(height);
                store = Multistore::roll_back(path, options(fuse), height)?;
            }
        }
    }
    Ok(())
}

/// A copy of a closed database.
fn copy(from: &Path) -> tempfile::TempDir {
    let to = folder();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

fn base() -> tempfile::TempDir {
    let folder = folder();
    let store = Multistore::open(folder.path(), options(None)).unwrap();
    while store.height() < BEFORE {
        commit(&store, block(store.height() + 1)).unwrap();
        store.finish_upkeep().unwrap();
    }
    drop(store);
    folder
}

#[test]
fn death_between_any_two_writes_leaves_a_committed_height_from_which_the_chain_goes_on_alike() {
    let base = base();
    let whole = copy(base.path());
    let (fuse, reference) = (Fuse::new(u64::MAX), Reference::at(200 + 60 * longer()));
    play(whole.path(), Some(&fuse), |_| {}).unwrap();
    let writes = u64::MAX - fuse.left();
    assert!(writes > 60, "{writes} writes");
    for fails in 0..writes {
        let copied = copy(base.path());
        // The heights that the scenario was at and going to when it died.
        let (mut at, mut to) = (BEFORE, BEFORE);
        let died = play(copied.path(), Some(&Fuse::new(fails)), |height| (at, to) = (to, height)).unwrap_err();
        assert!(matches!(died, Error::Fuse), "write {fails}: {died}");
        let store = Multistore::open(copied.path(), options(None)).unwrap_or_else(|error| panic!("{fails}: {error}"));
        let height = store.height();
        assert!((at.min(to)..=at.max(to)).contains(&height), "write {fails}: {height} is not within {at} and {to}");
        assert_eq!(store.app_hash(), reference.app_hash(height), "write {fails}");
        reference.check_at(&store, height).unwrap();
        while store.height() < height + 12 {
            commit(&store, block(store.height() + 1)).unwrap();
            store.finish_upkeep().unwrap();
            assert_eq!(store.app_hash(), reference.app_hash(store.height()), "write {fails}");
        }
        let (first, latest) = store.kept();
        (first..=latest).for_each(|height| reference.check_at(&store, height).unwrap());
        drop(store);
        // What was begun and not finished does not grow into anything.
        let store = Multistore::roll_back(copied.path(), options(None), latest - 9).unwrap();
        reference.check_at(&store, latest - 9).unwrap();
    }
}

/// Seals a record as the store does.
fn seal(key: &[u8], value: &[u8]) -> Vec<u8> {
    [value, &crc32fast::hash(&[key, value].concat()).to_be_bytes()].concat()
}

type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// A database and some of its records, evenly chosen.
fn raw(path: &Path, family: &str, count: usize) -> (DB, Records) {
    let db = DB::open_cf(&Options::default(), path, ["state", "history", "log", "nodes", "meta"]).unwrap();
    let all = db.iterator_cf(db.cf_handle(family).unwrap(), IteratorMode::Start).map(Result::unwrap);
    let all: Records = all.map(|(key, value)| (key.into_vec(), value.into_vec())).collect();
    let step = all.len().div_ceil(count).max(1);
    // From the end, where what is read most is.
    let chosen = all.into_iter().rev().step_by(step).collect();
    (db, chosen)
}

/// How many bytes of a node's record begin an inner one up to the key that steers the search, which is in no hash: only the checksum
/// vouches for it.
fn unhashed(record: &[u8]) -> usize {
    if record[0] != 1 {
        return 0;
    }
    let version = record[1..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let length = usize::from(record[1 + version]);
    assert!(length < 0x80, "a length of one byte");
    1 + version + 1 + length
}

/// Reads everything that is kept, and goes on.
fn use_it(store: &Multistore, reference: &Reference) -> Result<(), Error> {
    let (first, latest) = store.kept();
    for height in [first, latest - 1, latest] {
        reference.check_queries(store, height)?;
    }
    while store.height() < latest + 8 {
        commit(store, block(store.height() + 1))?;
        store.finish_upkeep()?;
        assert_eq!(store.app_hash(), reference.app_hash(store.height()));
    }
    reference.check_queries(store, store.height())
}

/// Whether the store, after some starts, does what it did before the damage; otherwise it refused, and was never wrong.
fn mended(path: &Path, reference: &Reference, what: &str) -> bool {
    for _ in 0..3 {
        let used = Multistore::open(path, options(None)).and_then(|store| use_it(&store, reference));
        match used {
            Ok(()) => return true,
            Err(Error::Damaged { .. } | Error::DamagedNode { .. } | Error::Unrecoverable { .. }) => {}
            Err(Error::RootMismatch { .. } | Error::Format { .. }) => {}
            Err(error) => panic!("{what}: {error}"),
        }
    }
    false
}

#[test]
fn a_damaged_record_of_any_kind_is_mended_or_refused_and_never_another_state() {
    let (base, reference) = (base(), Reference::at(BEFORE + 60));
    let count = usize::try_from(10 * longer()).unwrap();
    // What hashes vouch for is damaged under a right checksum as well.
    for (family, hashed) in [("state", false), ("history", false), ("log", true), ("nodes", true), ("meta", false)] {
        let (mut done, mut mends) = (0, 0);
        for (key, sealed) in raw(copy(base.path()).path(), family, count).1 {
            for forged in [false, true].into_iter().filter(|forged| !forged || hashed) {
                let copied = copy(base.path());
                let (db, _) = raw(copied.path(), family, 1);
                let mut at = (key.last().copied().unwrap_or_default() as usize * 31 + done) % (sealed.len() - 4).max(1);
                if forged && family == "nodes" {
                    at = at.max(unhashed(&sealed));
                }
                let mut damaged = sealed.clone();
                damaged[at] ^= 1 << (done % 8);
                if forged {
                    damaged = seal(&key, &damaged[..sealed.len() - 4]);
                }
                db.put_cf(db.cf_handle(family).unwrap(), &key, damaged).unwrap();
                drop(db);
                done += 1;
                mends += usize::from(mended(copied.path(), &reference, &format!("{family} {key:?} byte {at}")));
            }
        }
        assert!(done >= 8, "{family}: {done}");
        // There is more than one way to rebuild a tree, and one record only of the rest.
        assert!(family != "nodes" || mends * 2 > done, "{family}: {mends} of {done} mended");
    }
}
