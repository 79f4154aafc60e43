//! ICS-23 proofs from one version of a tree, in the steps that ICS-23's `IavlSpec` demands: byte for byte cosmos/iavl's.

use super::node::{put_hash, put_hash_prefix, Kind, Node};
use super::Tree;
use crate::error::Error;
use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp, NonExistenceProof};

impl Tree {
    /// Proves that `key` has its value, or that it is absent. `None` if the tree is empty (it proves nothing) or is not hashed.
    ///
    /// # Errors
    /// A node that cannot be read.
    pub fn prove(&self, key: &[u8]) -> Result<Option<CommitmentProof>, Error> {
        let proof = match self.get(key)? {
            Some(_) => self.prove_leaf(key)?.map(Proof::Exist),
            None => {
                let left = self.range(None, Some(key), true).next().transpose()?;
                let right = self.range(Some(key), None, false).next().transpose()?;
                let neighbours = [left, right].map(|pair| pair.map(|(key, _)| self.prove_leaf(&key)).transpose());
                let [left, right] = neighbours;
                match (left?, right?) {
                    // Nothing to the left and right: there are no keys. A neighbour that has no proof is not hashed.
                    (None, None) | (Some(None), _) | (_, Some(None)) => None,
                    (left, right) => Some(Proof::Nonexist(NonExistenceProof {
                        key: key.to_vec(),
                        left: left.flatten(),
                        right: right.flatten(),
                    })),
                }
            }
        };
        Ok(proof.map(|proof| CommitmentProof { proof: Some(proof) }))
    }

    /// The steps from the leaf of `key`, which is in the tree, up to the root.
    fn prove_leaf(&self, key: &[u8]) -> Result<Option<ExistenceProof>, Error> {
        let Some(root) = &self.root else { return Ok(None) };
        let mut path = Vec::new();
        let mut node = Node::look(root, self.source())?;
        loop {
            let child = match &node.kind {
                Kind::Inner(inner) => {
                    let left = key < inner.key.as_ref();
                    let (child, sibling) = if left { (&inner.left, &inner.right) } else { (&inner.right, &inner.left) };
                    let Some(sibling) = sibling.hash() else { return Ok(None) };
                    let (mut prefix, mut suffix) = (Vec::new(), Vec::new());
                    put_hash_prefix(&mut prefix, node.height(), node.size(), node.version);
                    put_hash(if left { &mut suffix } else { &mut prefix }, sibling);
                    // The length of the child's own hash, which the verifier puts between prefix and suffix.
                    prefix.push(0x20);
                    path.push(InnerOp { hash: HashOp::Sha256.into(), prefix, suffix });
                    child
                }
                Kind::Leaf { key, value } => {
                    if node.hash().is_none() {
                        return Ok(None);
                    }
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
                    let (key, value) = (key.to_vec(), value.to_vec());
                    return Ok(Some(ExistenceProof { key, value, leaf: Some(leaf), path }));
                }
                // `look` gives none.
                Kind::Cold(_) => return Ok(None),
            };
            node = Node::look(child, self.source())?;
        }
    }
}
