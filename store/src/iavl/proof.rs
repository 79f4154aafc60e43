//! ICS-23 proofs from one version of a tree, in the steps that ICS-23's `IavlSpec` demands: byte for byte cosmos/iavl's.

use super::node::{put_hash, put_hash_prefix, Kind, Node};
use super::Tree;
use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp, NonExistenceProof};

impl Tree {
    /// Proves that `key` has its value, or that it is absent. `None` if the tree is empty (it proves nothing) or is not hashed.
    pub fn prove(&self, key: &[u8]) -> Option<CommitmentProof> {
        let proof = match self.get(key) {
            Some(_) => Proof::Exist(self.prove_leaf(key)?),
            None => {
                let left = self.range(None, Some(key), true).next();
                let right = self.range(Some(key), None, false).next();
                if left.is_none() && right.is_none() {
                    return None;
                }
                let neighbour = |pair: Option<(&super::Bytes, _)>| pair.map(|(key, _)| self.prove_leaf(key));
                Proof::Nonexist(NonExistenceProof {
                    key: key.to_vec(),
                    left: flip(neighbour(left))?,
                    right: flip(neighbour(right))?,
                })
            }
        };
        Some(CommitmentProof { proof: Some(proof) })
    }

    /// The steps from the leaf of `key`, which is in the tree, up to the root.
    fn prove_leaf(&self, key: &[u8]) -> Option<ExistenceProof> {
        let mut path = Vec::new();
        let mut node: &Node = self.root.as_ref()?;
        loop {
            match &node.kind {
                Kind::Inner(inner) => {
                    let left = key < inner.key.as_ref();
                    let (child, sibling) = if left { (&inner.left, &inner.right) } else { (&inner.right, &inner.left) };
                    let (mut prefix, mut suffix) = (Vec::new(), Vec::new());
                    put_hash_prefix(&mut prefix, inner.height, inner.size, node.version);
                    put_hash(if left { &mut suffix } else { &mut prefix }, sibling.hash()?);
                    // The length of the child's own hash, which the verifier puts between prefix and suffix.
                    prefix.push(0x20);
                    path.push(InnerOp { hash: HashOp::Sha256.into(), prefix, suffix });
                    node = child;
                }
                Kind::Leaf { key, value } => {
                    node.hash()?;
                    let mut prefix = Vec::new();
                    put_hash_prefix(&mut prefix, 0, 1, node.version);
                    path.reverse();
                    let leaf = LeafOp {
                        hash: HashOp::Sha256.into(),
                        prehash_key: HashOp::NoHash.into(),
                        prehash_value: HashOp::Sha256.into(),
                        length: LengthOp::VarProto.into(),
                        prefix,
                    };
                    return Some(ExistenceProof { key: key.to_vec(), value: value.to_vec(), leaf: Some(leaf), path });
                }
            }
        }
    }
}

/// An absent neighbour is fine (the key is beyond the edge), one that cannot be proven is not.
fn flip<T>(neighbour: Option<Option<T>>) -> Option<Option<T>> {
    match neighbour {
        None => Some(None),
        Some(None) => None,
        Some(Some(proof)) => Some(Some(proof)),
    }
}
