//! What the multistore must be, kept by the tree alone, and blocks for both.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

use openledger_store::iavl::{empty_root, Edit, Tree};
use openledger_store::{Changes, CommitId, CommitInfo, Error, Hash, Multistore, StoreInfo, StoreName};
use prost::Message;
use std::collections::BTreeMap;

pub const STORES: [StoreName; 2] = ["bank", "model"];

pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A pseudo-random block that depends on its height alone; its keys have zeros and share beginnings.
pub fn block(height: u64) -> BTreeMap<StoreName, Changes> {
    let mut seed = height.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut changes = BTreeMap::new();
    for store in STORES {
        let count = next(12);
        let change = |_| {
            let mut key = vec![b'k', next(30) as u8];
            key.resize(2 + next(3) as usize, 0);
            (key, (next(4) > 0).then(|| vec![next(5) as u8; 9]))
        };
        changes.insert(store, (0..count).map(change).collect());
    }
    changes
}

pub fn pairs(tree: Option<&Tree>) -> Pairs {
    let pairs = tree.iter().flat_map(|tree| tree.range(None, None, false)).map(Result::unwrap);
    pairs.map(|(k, v)| (k.to_vec(), v.to_vec())).collect()
}

/// What the state must be at every height.
#[derive(Clone, Default)]
pub struct Reference {
    pub height: u64,
    trees: BTreeMap<u64, BTreeMap<StoreName, Tree>>,
}

impl Reference {
    pub fn apply(&mut self, changes: &BTreeMap<StoreName, Changes>) {
        let mut trees = self.trees.get(&self.height).cloned().unwrap_or_default();
        self.height += 1;
        for (store, changes) in changes {
            let (tree, mut edit) = (trees.entry(store).or_default(), Edit::new(self.height));
            for (key, value) in changes {
                match value {
                    Some(value) => tree.set(&mut edit, key, value).unwrap(),
                    None => tree.remove(&mut edit, key).unwrap(),
                };
            }
            tree.finish(&edit);
        }
        self.trees.insert(self.height, trees);
    }

    /// The state after [`block`]s up to a height.
    pub fn at(height: u64) -> Self {
        let mut reference = Self::default();
        (1..=height).for_each(|height| reference.apply(&block(height)));
        reference
    }

    /// The app hash of a height, of stores that are all there.
    pub fn app_hash(&self, height: u64) -> Hash {
        let root =
            |name: &StoreName| self.trees[&height].get(name).map_or_else(empty_root, |tree| tree.root().unwrap());
        let info = |name: &StoreName| StoreInfo {
            name: (*name).to_string(),
            commit_id: Some(CommitId { version: height as i64, hash: root(name).to_vec() }),
        };
        CommitInfo { version: height as i64, store_infos: STORES.iter().map(info).collect() }.app_hash()
    }

    /// Forgets the heights above.
    pub fn roll_back(&mut self, height: u64) {
        self.trees.split_off(&(height + 1));
        self.height = height;
    }

    /// The multistore is at this height; flat state, values and proofs of it are these, and the height before, if kept, is as it was.
    pub fn check(&self, store: &Multistore) {
        assert_eq!(store.height(), self.height);
        self.check_at(store, self.height).unwrap();
        if (store.kept().0..self.height).contains(&(self.height.saturating_sub(1))) {
            self.check_at(store, self.height - 1).unwrap();
        }
    }

    /// Values, ranges both ways and proofs of a height.
    pub fn check_at(&self, store: &Multistore, height: u64) -> Result<(), Error> {
        let Some(trees) = self.trees.get(&height) else { return Ok(()) };
        let state = store.snapshot_at(height)?;
        for name in STORES {
            let want = pairs(trees.get(name));
            assert_eq!(state.range(name, None, None, false).collect::<Pairs>(), want, "{name} at {height}");
            let middle = Some([b'k', 15].as_slice());
            let below: Pairs = want.iter().filter(|(key, _)| Some(key.as_slice()) < middle).cloned().rev().collect();
            let above: Pairs = want.iter().filter(|(key, _)| Some(key.as_slice()) >= middle).cloned().collect();
            assert_eq!(state.range(name, None, middle, true).collect::<Pairs>(), below, "{name} at {height}");
            assert_eq!(state.range(name, middle, None, false).collect::<Pairs>(), above, "{name} at {height}");
            for (key, value) in some_keys(&want) {
                assert_eq!(state.get(name, &key), value, "{name} at {height}");
            }
        }
        self.check_queries(store, height)
    }

    /// Values and proofs of a height.
    pub fn check_queries(&self, store: &Multistore, height: u64) -> Result<(), Error> {
        let Some(trees) = self.trees.get(&height) else { return Ok(()) };
        for name in STORES {
            let tree = trees.get(name);
            let want = pairs(tree);
            for (at, (key, value)) in some_keys(&want).into_iter().enumerate() {
                // Proofs are many: a third of them will do.
                let prove = !want.is_empty() && at % 3 == usize::try_from(height % 3).unwrap();
                let answer = store.query(name, &key, height, prove)?;
                assert_eq!((answer.height, answer.value), (height, value), "{name} at {height}");
                if prove {
                    let proof = tree.unwrap().prove(&key).unwrap().unwrap();
                    assert_eq!(answer.proof[0].data, proof.encode_to_vec(), "{name} at {height}");
                }
            }
        }
        Ok(())
    }
}

/// Keys that may be there, with their values.
fn some_keys(pairs: &Pairs) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let value = |key: &Vec<u8>| pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
    let keys = (0..30u8).flat_map(|i| [vec![b'k', i], vec![b'k', i, 0]]);
    keys.map(|key| (key.clone(), value(&key))).collect()
}

/// A folder where waiting for the disk costs nothing: these tests let processes die, not machines.
pub fn folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

pub fn commit(store: &Multistore, changes: BTreeMap<StoreName, Changes>) -> Result<(), Error> {
    let prepared = store.prepare(store.height() + 1, changes)?;
    store.commit(prepared)
}
