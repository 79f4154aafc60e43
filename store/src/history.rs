//! The state of a past height: the latest values, with what later heights replaced put back.
//!
//! `history` holds, under a key and the height that changed it, the value *before* that height. So the value at height `h` is that of
//! the least height above `h` that is there, or the latest value where there is none. And a height's entries are needed only for
//! heights below it, so they go when those are pruned, whatever became of the key since.
//!
//! ```text
//! history: uvarint length of the store's name ‖ name ‖ key, escaped (`codec.rs`) ‖ height (8 bytes, big endian) →
//!          0: the key was absent; 1, value
//! ```

use crate::codec::{put_escaped, Flaw, Reader};
use crate::disk::{named, unsealed, Family};
use crate::error::Error;
use crate::flat::{after_prefix, state_prefix, FlatSnapshot, TryPairs};
use crate::overlay::{Pair, Snapshot};
use rocksdb::DBRawIterator;
use std::iter::Peekable;
use std::sync::Arc;

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// The key in `history` without the height.
fn stem(store: &str, key: &[u8]) -> Vec<u8> {
    let mut stem = state_prefix(store);
    put_escaped(&mut stem, key);
    stem
}

/// The key in `history` of what `height` replaced.
pub(crate) fn history_key(store: &str, key: &[u8], height: u64) -> Vec<u8> {
    let mut full = state_prefix(store);
    put_history_key(&mut full, key, height);
    full
}

/// Appends what follows the store's prefix in such a key.
pub(crate) fn put_history_key(full: &mut Vec<u8>, key: &[u8], height: u64) {
    put_escaped(full, key);
    full.extend_from_slice(&height.to_be_bytes());
}

/// What is stored of the value that a height replaced, in parts.
pub(crate) fn encode(before: Option<&[u8]>) -> [&[u8]; 2] {
    before.map_or([&[ABSENT], &[]], |value| [&[PRESENT], value])
}

/// The value that a height replaced.
pub(crate) fn decode(record: &[u8]) -> Result<Option<Vec<u8>>, Flaw> {
    match record.split_first() {
        Some((&ABSENT, [])) => Ok(None),
        Some((&PRESENT, value)) => Ok(Some(value.to_vec())),
        _ => Err("unknown kind of value"),
    }
}

/// The state of a height, read from a view of the database that is at least as late.
pub(crate) struct PastSnapshot {
    flat: Arc<FlatSnapshot>,
    height: u64,
}

impl PastSnapshot {
    /// The state of `height`, whose successors' entries are all kept.
    pub(crate) fn new(flat: Arc<FlatSnapshot>, height: u64) -> Self {
        Self { flat, height }
    }

    pub(crate) fn try_get(&self, store: &str, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let stem = stem(store, key);
        let from = [stem.as_slice(), &self.height.saturating_add(1).to_be_bytes()].concat();
        let to = [stem.as_slice(), &[0xff; 9]].concat();
        match self.flat.view.scan(Family::History, from, to, false)?.next() {
            Some(record) => {
                let (key, record) = record?;
                decode(&record).map_err(|why| Error::Damaged { what: named(Family::History, &key), why })
            }
            None => self.flat.try_get(store, key),
        }
    }

    fn try_range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Result<TryPairs<'a>, Error> {
        let latest = self.flat.try_range(store, start, end, reverse)?;
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Ok(latest);
        }
        let prefix = state_prefix(store);
        let from = start.map_or_else(|| prefix.clone(), |start| stem(store, start));
        let to = end.map_or_else(|| after_prefix(prefix.clone()), |end| stem(store, end));
        let mut records = self.flat.view.raw(Family::History, from, to)?;
        if reverse {
            records.seek_to_last();
        } else {
            records.seek_to_first();
        }
        let changed = Changed { records, prefix: prefix.len(), height: self.height, reverse };
        Ok(Box::new(Merged { latest: latest.peekable(), changed: changed.peekable(), reverse }))
    }
}

impl Snapshot for PastSnapshot {
    fn get(&self, store: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.try_get(store, key).unwrap_or_else(|error| unreadable(&error))
    }

    fn range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a> {
        let pairs = self.try_range(store, start, end, reverse).unwrap_or_else(|error| unreadable(&error));
        Box::new(pairs.map(|pair| pair.unwrap_or_else(|error| unreadable(&error))))
    }
}

/// Unwinds out of the query that reads: nothing else reads a past height, and the node goes on.
fn unreadable(error: &Error) -> ! {
    eprintln!("a past state cannot be read: {error}");
    std::panic::resume_unwind(Box::new(error.to_string()))
}

/// A key and the value that it had.
type Was = (Vec<u8>, Option<Vec<u8>>);

/// The keys of a range that changed after a height, with their values at it.
struct Changed<'a> {
    records: DBRawIterator<'a>,
    /// The length of what comes before the escaped key.
    prefix: usize,
    height: u64,
    reverse: bool,
}

impl Changed<'_> {
    fn step(&mut self) -> Result<Option<Was>, Error> {
        loop {
            let Some(at) = self.records.key() else { return Ok(self.records.status().map(|()| None)?) };
            let damaged = |why| Error::Damaged { what: named(Family::History, at), why };
            let mut reader = Reader(at.get(self.prefix..).unwrap_or_default());
            let key = reader.escaped().map_err(damaged)?;
            let height = u64::from_be_bytes(reader.array().map_err(damaged)?);
            reader.end().map_err(damaged)?;
            let stem = at.get(..at.len().saturating_sub(8)).unwrap_or_default().to_vec();
            // Ascending, a key's lowest height comes first; descending, its highest.
            let changed = height > self.height;
            if changed == self.reverse {
                self.records.seek([stem.as_slice(), &self.height.saturating_add(1).to_be_bytes()].concat());
                if !changed {
                    continue;
                }
            }
            let found = if changed { Some(self.value()?) } else { None };
            self.leave(&stem);
            if let Some(value) = found {
                return Ok(Some((key, value)));
            }
        }
    }

    /// The value under the iterator.
    fn value(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some((key, sealed)) = self.records.item() else {
            self.records.status()?;
            return Err(Error::Damaged { what: "history".to_string(), why: "an entry has gone" });
        };
        let record = unsealed(Family::History, key, sealed)?;
        decode(record).map_err(|why| Error::Damaged { what: named(Family::History, key), why })
    }

    /// Goes on to the next key.
    fn leave(&mut self, stem: &[u8]) {
        if self.reverse {
            // No height is 0.
            self.records.seek_for_prev([stem, &[0; 8]].concat());
        } else {
            self.records.seek([stem, &[0xff; 9]].concat());
        }
    }
}

impl Iterator for Changed<'_> {
    type Item = Result<Was, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// Two ordered streams as one; on equal keys what was is taken.
struct Merged<'a> {
    latest: Peekable<TryPairs<'a>>,
    changed: Peekable<Changed<'a>>,
    reverse: bool,
}

impl Iterator for Merged<'_> {
    type Item = Result<Pair, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let order = match (self.latest.peek(), self.changed.peek()) {
                (None, None) => return None,
                (Some(_), None) => return self.latest.next(),
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(Ok((latest, _))), Some(Ok((changed, _)))) if self.reverse => changed.cmp(latest),
                (Some(Ok((latest, _))), Some(Ok((changed, _)))) => latest.cmp(changed),
                (Some(Err(_)), _) => std::cmp::Ordering::Less,
                (_, Some(Err(_))) => std::cmp::Ordering::Greater,
            };
            if order.is_lt() {
                return self.latest.next();
            }
            if order.is_eq() {
                self.latest.next();
            }
            match self.changed.next()? {
                Ok((key, Some(value))) => return Some(Ok((key, value))),
                Ok((_, None)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
