//! The state of the block in the making: a committed [`Snapshot`], one ordered map of changes a store, and an undo journal.
//!
//! A checkpoint is a journal length, so a transaction's two checkpoints (after the ante handler, after each message) cost nothing to
//! take and only what was changed to undo. Reads see the changes first, then the snapshot. Nothing here is metered: gas is the
//! business of `openledger-core`'s view of it.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// The name of a store of the multistore, e.g. `"bank"`.
pub type StoreName = &'static str;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The changes of one store in ascending key order; `None` removes the key.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Committed state at one version: immutable, shared between threads, never waiting for consensus.
pub trait Snapshot: Send + Sync {
    /// The value under `key`, `None` where there is none or the store is unknown.
    fn get(&self, store: &str, key: &[u8]) -> Option<Vec<u8>>;

    /// The pairs of `start <= key < end` (an absent bound is open) in ascending order, or in descending order if `reverse`.
    fn range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a>;
}

/// A snapshot in memory: tests, and the state before genesis (an empty one).
#[derive(Debug, Clone, Default)]
pub struct MemSnapshot {
    stores: BTreeMap<String, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemSnapshot {
    /// Applies the changes of a block, as Commit does to the real state.
    pub fn apply(&mut self, changes: &BTreeMap<StoreName, Changes>) {
        for (name, changed) in changes {
            let store = self.stores.entry((*name).to_string()).or_default();
            for (key, value) in changed {
                match value {
                    Some(value) => {
                        store.insert(key.clone(), value.clone());
                    }
                    None => {
                        store.remove(key);
                    }
                }
            }
        }
    }
}

impl Snapshot for MemSnapshot {
    fn get(&self, store: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.stores.get(store)?.get(key).cloned()
    }

    fn range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a> {
        let Some((store, bounds)) = self.stores.get(store).zip(bounds(start, end)) else {
            return Box::new(std::iter::empty());
        };
        let pairs = store.range::<[u8], _>(bounds).map(|(k, v)| (k.clone(), v.clone()));
        if reverse {
            Box::new(pairs.rev())
        } else {
            Box::new(pairs)
        }
    }
}

/// A change to take back: the store, the key, and what the map of changes held for it before.
struct Undo {
    store: StoreName,
    key: Vec<u8>,
    before: Option<Option<Vec<u8>>>,
}

/// A point in the journal to which [`BlockState::revert`] goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checkpoint(usize);

/// Committed state plus the changes of the block in the making.
pub struct BlockState {
    base: Arc<dyn Snapshot>,
    changes: BTreeMap<StoreName, Changes>,
    journal: Vec<Undo>,
}

impl BlockState {
    /// An unchanged view of `base`.
    pub fn new(base: Arc<dyn Snapshot>) -> Self {
        Self { base, changes: BTreeMap::new(), journal: Vec::new() }
    }

    /// The value under `key`.
    pub fn get(&self, store: StoreName, key: &[u8]) -> Option<Vec<u8>> {
        match self.changes.get(store).and_then(|changed| changed.get(key)) {
            Some(changed) => changed.clone(),
            None => self.base.get(store, key),
        }
    }

    /// Sets `key` to `value`.
    pub fn set(&mut self, store: StoreName, key: &[u8], value: &[u8]) {
        self.put(store, key, Some(value.to_vec()));
    }

    /// Removes `key`; removing a key that is not there changes nothing at commit.
    pub fn remove(&mut self, store: StoreName, key: &[u8]) {
        self.put(store, key, None);
    }

    fn put(&mut self, store: StoreName, key: &[u8], value: Option<Vec<u8>>) {
        let before = self.changes.entry(store).or_default().insert(key.to_vec(), value);
        self.journal.push(Undo { store, key: key.to_vec(), before });
    }

    /// The pairs of `start <= key < end`, changes merged over the snapshot, ascending or (`reverse`) descending.
    pub fn range<'a>(
        &'a self,
        store: StoreName,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a> {
        let Some(bounds) = bounds(start, end) else {
            return Box::new(std::iter::empty());
        };
        let base = self.base.range(store, start, end, reverse);
        let Some(changed) = self.changes.get(store).filter(|changed| !changed.is_empty()) else {
            return base;
        };
        let changed = changed.range::<[u8], _>(bounds);
        let changed: Box<dyn Iterator<Item = _> + 'a> =
            if reverse { Box::new(changed.rev()) } else { Box::new(changed) };
        Box::new(Merged { base: base.peekable(), changed: changed.peekable(), reverse })
    }

    /// The present point in the journal.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.journal.len())
    }

    /// Takes back every change made since `checkpoint`.
    pub fn revert(&mut self, checkpoint: Checkpoint) {
        while self.journal.len() > checkpoint.0 {
            let Some(undo) = self.journal.pop() else { return };
            let Some(changed) = self.changes.get_mut(undo.store) else { continue };
            match undo.before {
                Some(before) => {
                    changed.insert(undo.key, before);
                }
                None => {
                    changed.remove(&undo.key);
                }
            }
        }
    }

    /// Forgets how to undo what was done so far; earlier checkpoints must not be used any more. Called between transactions, so
    /// that the journal is bounded by one transaction.
    pub fn seal(&mut self) {
        self.journal.clear();
    }

    /// The changes of every store, in order of names and keys.
    pub fn changes(&self) -> &BTreeMap<StoreName, Changes> {
        &self.changes
    }

    /// Ends the block: its changes.
    pub fn into_changes(self) -> BTreeMap<StoreName, Changes> {
        self.changes
    }
}

type Bounds<'k> = (Bound<&'k [u8]>, Bound<&'k [u8]>);

/// Map bounds for `start <= key < end`, or `None` where the range is empty (which `BTreeMap::range` would answer with a panic).
fn bounds<'k>(start: Option<&'k [u8]>, end: Option<&'k [u8]>) -> Option<Bounds<'k>> {
    if let (Some(start), Some(end)) = (start, end) {
        if start >= end {
            return None;
        }
    }
    Some((start.map_or(Bound::Unbounded, Bound::Included), end.map_or(Bound::Unbounded, Bound::Excluded)))
}

type ChangedIter<'a> = Box<dyn Iterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)> + 'a>;

/// Two ordered streams as one; on equal keys the change wins.
struct Merged<'a> {
    base: std::iter::Peekable<Box<dyn Iterator<Item = Pair> + 'a>>,
    changed: std::iter::Peekable<ChangedIter<'a>>,
    reverse: bool,
}

impl Iterator for Merged<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        loop {
            let order = match (self.base.peek(), self.changed.peek()) {
                (None, None) => return None,
                (Some(_), None) => return self.base.next(),
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((base, _)), Some((changed, _))) => {
                    let order = base.as_slice().cmp(changed.as_slice());
                    if self.reverse {
                        order.reverse()
                    } else {
                        order
                    }
                }
            };
            if order.is_lt() {
                return self.base.next();
            }
            if order.is_eq() {
                self.base.next();
            }
            if let Some((key, Some(value))) = self.changed.next() {
                return Some((key.clone(), value.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STORE: StoreName = "test";

    fn all(state: &BlockState, reverse: bool) -> Vec<Pair> {
        state.range(STORE, None, None, reverse).collect()
    }

    #[test]
    fn an_empty_or_inverted_range_yields_nothing() {
        let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
        state.set(STORE, b"b", b"1");
        assert_eq!(state.range(STORE, Some(b"c"), Some(b"a"), false).count(), 0);
        assert_eq!(state.range(STORE, Some(b"b"), Some(b"b"), true).count(), 0);
        assert_eq!(state.range(STORE, Some(b"b"), None, true).count(), 1);
    }

    proptest! {
        #[test]
        fn reads_ranges_and_reverts_agree_with_a_plain_map(
            base in prop::collection::btree_map(0u8..24, any::<u8>(), 0..16),
            first in prop::collection::vec((0u8..24, any::<Option<u8>>()), 0..24),
            second in prop::collection::vec((0u8..24, any::<Option<u8>>()), 0..24),
            from in 0u8..24, to in 0u8..24,
        ) {
            let mut model: BTreeMap<Vec<u8>, Vec<u8>> = base.iter().map(|(k, v)| (vec![*k], vec![*v])).collect();
            let mut snapshot = MemSnapshot::default();
            snapshot.apply(&BTreeMap::from([(STORE, model.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect())]));
            let mut state = BlockState::new(Arc::new(snapshot));
            for (key, value) in &first {
                match value {
                    Some(value) => { state.set(STORE, &[*key], &[*value]); model.insert(vec![*key], vec![*value]); }
                    None => { state.remove(STORE, &[*key]); model.remove(&vec![*key]); }
                }
            }
            let checkpoint = state.checkpoint();
            for (key, value) in &second {
                match value {
                    Some(value) => state.set(STORE, &[*key], &[*value]),
                    None => state.remove(STORE, &[*key]),
                }
            }
            state.revert(checkpoint);
            let want: Vec<Pair> = model.clone().into_iter().collect();
            prop_assert_eq!(all(&state, false), want.clone());
            prop_assert_eq!(all(&state, true), want.into_iter().rev().collect::<Vec<_>>());
            let (from, to) = (vec![from], vec![to]);
            let within: Vec<Pair> = model.iter().filter(|(k, _)| **k >= from && **k < to).map(|(k, v)| (k.clone(), v.clone())).collect();
            prop_assert_eq!(state.range(STORE, Some(&from), Some(&to), false).collect::<Vec<_>>(), within);
            for key in 0u8..24 {
                prop_assert_eq!(state.get(STORE, &[key]), model.get(&vec![key]).cloned());
            }
        }
    }
}
