//! The change log: what a height changed in one store, in ascending key order, with nothing in it that changed nothing.
//!
//! A record is a sequence of `bytes key, 0` (removed) or `bytes key, 1, bytes value` (set); `bytes` is a uvarint length and the bytes.
//! Its key is the height (8 bytes, big endian) and the store's name.

use crate::codec::{put_bytes, Flaw, Reader};
use crate::disk::{Family, View};
use crate::error::Error;
use crate::iavl::{Change, Edit, Tree};
use crate::overlay::Changes;

const REMOVED: u8 = 0;
const SET: u8 = 1;

/// What a block really changed in one store.
#[derive(Default)]
pub(crate) struct StoreLog {
    pub(crate) changes: Vec<Change>,
}

/// The key of a record.
pub(crate) fn log_key(height: u64, store: &str) -> Vec<u8> {
    [&height.to_be_bytes(), store.as_bytes()].concat()
}

/// The record of a height and store; `None` where nothing changed.
pub(crate) fn read_log(view: &View, height: u64, store: &str) -> Result<Option<Vec<u8>>, Error> {
    view.get(Family::Log, &log_key(height, store))
}

/// The stores that a height changed, with their records.
pub(crate) fn read_height(view: &View, height: u64) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let (from, to) = (height.to_be_bytes().to_vec(), height.saturating_add(1).to_be_bytes().to_vec());
    let mut records = Vec::new();
    for record in view.scan(Family::Log, from, to, false)? {
        let (key, record) = record?;
        let store = String::from_utf8(key.get(8..).unwrap_or_default().to_vec());
        records.push((store.map_err(|_| damaged(height, "?", "its store's name is not UTF-8"))?, record));
    }
    Ok(records)
}

/// A record of the log that cannot be used.
pub(crate) fn damaged(height: u64, store: &str, why: Flaw) -> Error {
    Error::Damaged { what: format!("change log of {store} at height {height}"), why }
}

impl StoreLog {
    /// Applies `changes` to the tree, and keeps those that changed it.
    pub(crate) fn apply(tree: &mut Tree, edit: &mut Edit, changes: Changes) -> Result<Self, Error> {
        let mut changes: Vec<_> = changes.into_iter().map(|(key, value)| Change::new(key, value)).collect();
        tree.apply(edit, &mut changes)?;
        changes.retain(|change| change.changed);
        Ok(Self { changes })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for Change { key, value, .. } in &self.changes {
            put_bytes(&mut out, key);
            match value {
                Some(value) => {
                    out.push(SET);
                    put_bytes(&mut out, value);
                }
                None => out.push(REMOVED),
            }
        }
        out
    }
}

/// The changes of a record, in order: key, and value where it was set.
pub(crate) fn changes(record: &[u8]) -> impl Iterator<Item = Result<(&[u8], Option<&[u8]>), Flaw>> {
    let mut reader = Reader(record);
    std::iter::from_fn(move || (!reader.is_empty()).then(|| change(&mut reader)))
}

fn change<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], Option<&'a [u8]>), Flaw> {
    let key = reader.bytes()?;
    match reader.byte()? {
        SET => Ok((key, Some(reader.bytes()?))),
        REMOVED => Ok((key, None)),
        _ => Err("unknown kind of change"),
    }
}

/// Applies the record of a height and store to the store's tree; each of its changes must change something. Returns their number.
pub(crate) fn replay(tree: &mut Tree, edit: &mut Edit, height: u64, store: &str, record: &[u8]) -> Result<u64, Error> {
    let mut list = Vec::new();
    for change in changes(record) {
        let (key, value) = change.map_err(|why| damaged(height, store, why))?;
        list.push(Change::new(key.to_vec(), value.map(<[u8]>::to_vec)));
    }
    if !list.is_sorted_by(|a, b| a.key < b.key) {
        return Err(damaged(height, store, "its keys do not ascend"));
    }
    tree.apply(edit, &mut list)?;
    if list.iter().any(|change| !change.changed) {
        return Err(damaged(height, store, "a change that changes nothing"));
    }
    Ok(u64::try_from(list.len()).unwrap_or(u64::MAX))
}
