//! The committed flat state as a [`Snapshot`]: what the modules and the queries of the latest height read.

use crate::codec::put_uvarint;
use crate::disk::{Family, View};
use crate::error::Error;
use crate::hot::Hot;
use crate::overlay::{Pair, Snapshot};

/// What every key of a store begins with in `state`: the length of its name and the name, so that no store's prefix begins another's.
pub(crate) fn state_prefix(store: &str) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(store.len().saturating_add(48));
    put_uvarint(&mut prefix, u64::try_from(store.len()).unwrap_or(u64::MAX));
    prefix.extend_from_slice(store.as_bytes());
    prefix
}

/// A key of `state`.
pub(crate) fn state_key(store: &str, key: &[u8]) -> Vec<u8> {
    let mut full = state_prefix(store);
    full.extend_from_slice(key);
    full
}

/// The least string above every string that begins with `prefix`, which does not end in 0xff (it ends with a store's name, in UTF-8).
pub(crate) fn after_prefix(mut prefix: Vec<u8>) -> Vec<u8> {
    if let Some(last) = prefix.last_mut() {
        *last = last.saturating_add(1);
    }
    prefix
}

/// The pairs of a range; each may be one that cannot be read.
pub(crate) type TryPairs<'a> = Box<dyn Iterator<Item = Result<Pair, Error>> + 'a>;

/// The flat state as it was committed when its view was made; later commits do not show in it.
pub(crate) struct FlatSnapshot {
    pub(crate) view: View,
    hot: Hot,
}

impl FlatSnapshot {
    pub(crate) fn new(view: View) -> Self {
        Self { view, hot: Hot::new() }
    }

    pub(crate) fn try_get(&self, store: &str, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.hot.get(state_key(store, key), |key| self.view.get(Family::State, key))
    }

    pub(crate) fn try_range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Result<TryPairs<'a>, Error> {
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Ok(Box::new(std::iter::empty()));
        }
        let prefix = state_prefix(store);
        let lower = [&prefix, start.unwrap_or_default()].concat();
        let upper = end.map_or_else(|| after_prefix(prefix.clone()), |end| [&prefix, end].concat());
        let records = self.view.scan(Family::State, lower, upper, reverse)?;
        let pair =
            move |(key, value): (Box<[u8]>, Vec<u8>)| (key.get(prefix.len()..).unwrap_or_default().to_vec(), value);
        Ok(Box::new(records.map(move |record| record.map(&pair))))
    }
}

impl Snapshot for FlatSnapshot {
    fn get(&self, store: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.try_get(store, key).unwrap_or_else(|error| fatal(&error))
    }

    fn range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a> {
        let pairs = self.try_range(store, start, end, reverse).unwrap_or_else(|error| fatal(&error));
        Box::new(pairs.map(|pair| pair.unwrap_or_else(|error| fatal(&error))))
    }
}

/// Ends the process. A failed read must not be taken for an absent key: this node would compute another state than the others, and
/// sign it. There is nothing to return an error to: reads happen inside modules.
fn fatal(error: &Error) -> ! {
    eprintln!("the state cannot be read, the node stops: {error}");
    std::process::abort()
}
