//! The change log: what a height changed in one store, in ascending key order, with nothing in it that changed nothing.
//!
//! A record is a sequence of `bytes key, 0` (removed) or `bytes key, 1, bytes value` (set); `bytes` is a uvarint length and the bytes.

use crate::codec::{put_bytes, Flaw, Reader};
use crate::iavl::Tree;
use crate::overlay::Changes;

const REMOVED: u8 = 0;
const SET: u8 = 1;

/// What a block really changed in one store.
#[derive(Default)]
pub(crate) struct StoreLog {
    pub(crate) changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl StoreLog {
    /// Applies `changes` to the tree of `version`, and keeps those that changed it.
    pub(crate) fn apply(tree: &mut Tree, version: u64, changes: Changes) -> Self {
        let changed = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| match value {
            Some(value) => tree.set(version, key, value),
            None => tree.remove(version, key),
        };
        Self { changes: changes.into_iter().filter(changed).collect() }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (key, value) in &self.changes {
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

    /// Applies a record to the tree of `version`; each of its changes must change something.
    pub(crate) fn replay(tree: &mut Tree, version: u64, record: &[u8]) -> Result<u64, Flaw> {
        let mut reader = Reader(record);
        let mut count = 0u64;
        while !reader.is_empty() {
            let key = reader.bytes()?;
            let changed = match reader.byte()? {
                SET => tree.set(version, key, reader.bytes()?),
                REMOVED => tree.remove(version, key),
                _ => return Err("unknown kind of change"),
            };
            if !changed {
                return Err("a change that changes nothing");
            }
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}
