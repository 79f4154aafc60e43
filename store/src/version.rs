//! One committed version of all stores in memory: what recent heights are read and proven from.

use crate::commit_info::CommitInfo;
use crate::error::Error;
use crate::iavl::{Hash, Tree};
use crate::overlay::StoreName;
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

/// The trees and roots of a height.
pub(crate) struct Version {
    pub(crate) height: u64,
    pub(crate) info: CommitInfo,
    pub(crate) app_hash: Hash,
    pub(crate) trees: BTreeMap<StoreName, Tree>,
    /// The bytes of nodes that the height made: what keeping it costs memory.
    pub(crate) made: u64,
}

impl Version {
    /// The version of `height` over trees that are hashed; those in `stores` are part of the commitment.
    pub(crate) fn new(height: u64, trees: BTreeMap<StoreName, Tree>, made: u64) -> Self {
        let roots = trees.iter().filter_map(|(name, tree)| Some(((*name).to_string(), tree.root()?)));
        let info = CommitInfo::new(height, roots);
        Self { height, app_hash: info.app_hash(), info, trees, made }
    }

    pub(crate) fn tree(&self, store: &str) -> Result<&Tree, Error> {
        self.trees.get(store).ok_or_else(|| Error::UnknownStore(store.to_string()))
    }

    /// What the trees take in memory, in bytes: an estimate.
    pub(crate) fn bytes(&self) -> u64 {
        self.trees.values().fold(0, |sum, tree| sum.saturating_add(tree.bytes()))
    }
}

/// A key's value in a store's tree and, if `prove`, the proof of it or of its absence, and that the store is part of the app hash.
pub(crate) fn look_up(
    info: &CommitInfo,
    tree: &Tree,
    store: &str,
    key: &[u8],
    prove: bool,
) -> Result<(Option<Vec<u8>>, Vec<ProofOp>), Error> {
    let value = tree.get(key)?.map(|value| value.to_vec());
    if !prove {
        return Ok((value, Vec::new()));
    }
    if value.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::EmptyValue(store.to_string()));
    }
    let in_tree = tree.prove(key)?.ok_or_else(|| Error::EmptyStore(store.to_string()))?;
    let in_stores = info.prove(store).ok_or_else(|| Error::UnknownStore(store.to_string()))?;
    let op = |op_type, key: &[u8], proof: ics23::CommitmentProof| ProofOp {
        op_type,
        key: key.to_vec(),
        data: proof.encode_to_vec(),
    };
    let proof = vec![op("ics23:iavl", key, in_tree), op("ics23:simple", store.as_bytes(), in_stores)];
    Ok((value, proof))
}
