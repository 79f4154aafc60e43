//! The commit info of a height and the app hash over it: CometBFT's simple Merkle tree (RFC 6962) over the stores in order of names.
//!
//! ```text
//! leaf  = SHA-256(0x00 ‖ uvarint len(name) ‖ name ‖ 0x20 ‖ SHA-256(root of the store))
//! inner = SHA-256(0x01 ‖ left ‖ right), split at the greatest power of two below the number of leaves
//! ```
//!
//! Source: cosmossdk.io/store v1.1, `types/commit_info.go` and `internal/maps`. Stored as protobuf, as the SDK's `CommitInfo`.

use crate::codec::put_bytes;
use crate::iavl::{empty_root, Hash};
use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp};
use sha2::{Digest, Sha256};

/// The roots of every store at a height (`cosmos.base.store.v1beta1.CommitInfo`).
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct CommitInfo {
    /// The height.
    #[prost(int64, tag = "1")]
    pub version: i64,
    /// The stores in ascending order of names.
    #[prost(message, repeated, tag = "2")]
    pub store_infos: Vec<StoreInfo>,
}

/// One store of a [`CommitInfo`].
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StoreInfo {
    /// The store's name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its root.
    #[prost(message, optional, tag = "2")]
    pub commit_id: Option<CommitId>,
}

/// A version and its hash.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct CommitId {
    /// The height.
    #[prost(int64, tag = "1")]
    pub version: i64,
    /// The root hash.
    #[prost(bytes = "vec", tag = "2")]
    pub hash: Vec<u8>,
}

impl CommitInfo {
    /// The commit info of `height` with the roots of the stores, whose names ascend.
    pub(crate) fn new(height: u64, roots: impl IntoIterator<Item = (String, Hash)>) -> Self {
        let version = i64::try_from(height).unwrap_or(i64::MAX);
        let commit_id = |hash: Hash| Some(CommitId { version, hash: hash.to_vec() });
        let store_infos =
            roots.into_iter().map(|(name, root)| StoreInfo { name, commit_id: commit_id(root) }).collect();
        Self { version, store_infos }
    }

    /// The root of a store, empty if it has none.
    pub fn root(&self, store: &str) -> Option<&[u8]> {
        self.store_infos.iter().find(|info| info.name == store).map(StoreInfo::root)
    }

    /// The app hash; that of no stores at all is the hash of nothing.
    pub fn app_hash(&self) -> Hash {
        merkle_root(&self.leaves())
    }

    /// Proves the root of a store under the app hash; `None` if there is no such store.
    pub fn prove(&self, store: &str) -> Option<CommitmentProof> {
        let index = self.store_infos.iter().position(|info| info.name == store)?;
        let mut path = Vec::new();
        merkle_path(&self.leaves(), index, &mut path);
        let leaf = LeafOp {
            hash: HashOp::Sha256.into(),
            prehash_key: HashOp::NoHash.into(),
            prehash_value: HashOp::Sha256.into(),
            length: LengthOp::VarProto.into(),
            prefix: vec![0],
        };
        let value = self.root(store)?.to_vec();
        let proof = ExistenceProof { key: store.as_bytes().to_vec(), value, leaf: Some(leaf), path };
        Some(CommitmentProof { proof: Some(Proof::Exist(proof)) })
    }

    fn leaves(&self) -> Vec<Hash> {
        let leaf = |info: &StoreInfo| {
            let mut bytes = vec![0];
            put_bytes(&mut bytes, info.name.as_bytes());
            put_bytes(&mut bytes, &Sha256::digest(info.root()));
            Sha256::digest(&bytes).into()
        };
        self.store_infos.iter().map(leaf).collect()
    }
}

impl StoreInfo {
    fn root(&self) -> &[u8] {
        self.commit_id.as_ref().map_or(&[], |id| &id.hash)
    }
}

/// The two halves of a list of two or more: the left one has the greatest power of two below its length.
fn halves(leaves: &[Hash]) -> Option<(&[Hash], &[Hash])> {
    let len = leaves.len();
    if len < 2 {
        return None;
    }
    leaves.split_at_checked(len.div_ceil(2).next_power_of_two())
}

fn merkle_root(leaves: &[Hash]) -> Hash {
    match (halves(leaves), leaves.first()) {
        (Some((left, right)), _) => Sha256::new()
            .chain_update([1])
            .chain_update(merkle_root(left))
            .chain_update(merkle_root(right))
            .finalize()
            .into(),
        (None, Some(leaf)) => *leaf,
        (None, None) => empty_root(),
    }
}

/// The steps from leaf `index` up to the root.
fn merkle_path(leaves: &[Hash], index: usize, path: &mut Vec<InnerOp>) {
    let Some((left, right)) = halves(leaves) else { return };
    let (prefix, suffix) = match index.checked_sub(left.len()) {
        None => {
            merkle_path(left, index, path);
            (vec![1], merkle_root(right).to_vec())
        }
        Some(index) => {
            merkle_path(right, index, path);
            ([&[1], merkle_root(left).as_slice()].concat(), Vec::new())
        }
    };
    path.push(InnerOp { hash: HashOp::Sha256.into(), prefix, suffix });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ics23::HostFunctionsManager;

    #[test]
    fn every_store_is_proven_under_the_app_hash_for_any_number_of_stores() {
        let empty = CommitInfo::new(1, []);
        assert_eq!(empty.app_hash(), empty_root());
        assert!(empty.prove("bank").is_none());
        for count in 1..20u8 {
            let info = CommitInfo::new(1, (0..count).map(|i| (format!("store{i:02}"), [i; 32])));
            for i in 0..count {
                let name = format!("store{i:02}");
                let proof = info.prove(&name).unwrap();
                let spec = ics23::tendermint_spec();
                let verify = |root: Hash| {
                    ics23::verify_membership::<HostFunctionsManager>(
                        &proof,
                        &spec,
                        &root.to_vec(),
                        name.as_bytes(),
                        &[i; 32],
                    )
                };
                assert!(verify(info.app_hash()) && !verify([7; 32]), "store {i} of {count}");
            }
        }
    }
}
