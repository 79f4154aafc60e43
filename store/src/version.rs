//! One committed version of all stores in memory: what recent heights are read and proven from.

use crate::commit_info::CommitInfo;
use crate::error::Error;
use crate::iavl::{Hash, Tree};
use crate::overlay::{Pair, Snapshot, StoreName};
use prost::Message;
use std::collections::BTreeMap;

/// A step of a proof as ABCI's `ProofOp` carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofOp {
    /// `ics23:iavl` or `ics23:simple`.
    pub op_type: &'static str,
    /// The key that this step proves: the store's key, then the store's name.
    pub key: Vec<u8>,
    /// An ICS-23 `CommitmentProof`, in protobuf.
    pub data: Vec<u8>,
}

/// The trees and roots of a height. As a [`Snapshot`] it reads that height by walking the trees.
pub(crate) struct Version {
    pub(crate) height: u64,
    pub(crate) info: CommitInfo,
    pub(crate) app_hash: Hash,
    pub(crate) trees: BTreeMap<StoreName, Tree>,
}

impl Version {
    /// The version of `height` over trees that are hashed; those in `stores` are part of the commitment.
    pub(crate) fn new(height: u64, trees: BTreeMap<StoreName, Tree>) -> Self {
        let roots = trees.iter().filter_map(|(name, tree)| Some(((*name).to_string(), tree.root()?)));
        let info = CommitInfo::new(height, roots);
        Self { height, app_hash: info.app_hash(), info, trees }
    }

    fn tree(&self, store: &str) -> Result<&Tree, Error> {
        self.trees.get(store).ok_or_else(|| Error::UnknownStore(store.to_string()))
    }

    pub(crate) fn value(&self, store: &str, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.tree(store)?.get(key).map(|value| value.to_vec()))
    }

    /// Proves that `key` has its value in `store`, or is absent, and that the store is part of the app hash.
    pub(crate) fn prove(&self, store: &str, key: &[u8]) -> Result<[ProofOp; 2], Error> {
        let tree = self.tree(store)?;
        if tree.get(key).is_some_and(|value| value.is_empty()) {
            return Err(Error::EmptyValue(store.to_string()));
        }
        let in_tree = tree.prove(key).ok_or_else(|| Error::EmptyStore(store.to_string()))?;
        let in_stores = self.info.prove(store).ok_or_else(|| Error::UnknownStore(store.to_string()))?;
        let op = |op_type, key: &[u8], proof: ics23::CommitmentProof| ProofOp {
            op_type,
            key: key.to_vec(),
            data: proof.encode_to_vec(),
        };
        Ok([op("ics23:iavl", key, in_tree), op("ics23:simple", store.as_bytes(), in_stores)])
    }
}

impl Snapshot for Version {
    fn get(&self, store: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.trees.get(store)?.get(key).map(|value| value.to_vec())
    }

    fn range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a> {
        match self.trees.get(store) {
            Some(tree) => Box::new(tree.range(start, end, reverse).map(|(key, value)| (key.to_vec(), value.to_vec()))),
            None => Box::new(std::iter::empty()),
        }
    }
}
