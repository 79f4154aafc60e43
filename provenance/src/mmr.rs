//! A datanet's accepted contributions as a Merkle mountain range; a version is a prefix of it.
//!
//! State is a [`Frontier`]: leaf count and peaks. The peaks are bagged from the right with the node hash, which is exactly the RFC 6962
//! root over the leaves, so inclusion in a version is a path of [`crate::merkle`] against that version's count and root.

use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::content::Commitment;
use crate::frontier::Frontier;
use crate::hash::{FieldTooLong, Hash, Preimage};
use crate::merkle::{leaf_hash, verify_range, ProofError, Tree};
use crate::tags;

/// An accepted contribution, a leaf of its datanet's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The contribution: its place among all commits.
    pub seq: u64,
    /// Its content.
    pub commitment: Commitment,
}

impl Accepted {
    /// The leaf, over `tag ‖ u64 seq ‖ root ‖ u64 length`.
    pub fn leaf(&self) -> Hash {
        let data = Preimage::new(tags::ACCEPTED)
            .u64(self.seq)
            .fixed(&self.commitment.root)
            .u64(self.commitment.length)
            .into_bytes();
        leaf_hash(&[&data])
    }
}

/// A frozen version: a prefix of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionRoot {
    /// Contributions in it.
    pub count: u64,
    /// Root over their leaves.
    pub root: Hash,
}

impl VersionRoot {
    /// The version that freezes everything accepted so far.
    pub fn freeze(range: &Frontier) -> Self {
        Self { count: range.count(), root: range.root() }
    }

    /// What is signed or shown for this version elsewhere: `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 datanet ‖ u64 count ‖ root)`.
    pub fn digest(&self, chain_id: &str, datanet: u64) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::VERSION)
            .var(chain_id.as_bytes())?
            .u64(datanet)
            .u64(self.count)
            .fixed(&self.root)
            .sha256())
    }
}

/// Shows that a contribution was accepted at an index of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Place in the range, from 0.
    pub accept_index: u64,
    /// Roots of the subtrees beside the leaf, left to right.
    pub path: Vec<Hash>,
}

impl Inclusion {
    /// Proves the leaf at `accept_index` of a version whose leaves are given.
    pub fn prove(version: &Tree, accept_index: u64) -> Result<Self, ProofError> {
        Ok(Self { accept_index, path: version.prove(accept_index, 1)? })
    }

    /// Checks that this contribution is in this version.
    pub fn verify(&self, version: &VersionRoot, accepted: &Accepted) -> Result<(), ProofError> {
        verify_range(&version.root, version.count, self.accept_index, &[accepted.leaf()], &self.path)
    }
}

impl Encode for Inclusion {
    fn write(&self, out: &mut Writer) {
        out.varint(self.accept_index);
        out.hashes(&self.path);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { accept_index: input.u64("an accept index")?, path: input.hashes("an inclusion's path")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepted(i: u64) -> Accepted {
        Accepted { seq: i * 3 + 1, commitment: Commitment { root: [i as u8; 32], length: i } }
    }

    #[test]
    fn every_contribution_of_every_version_is_proven_and_no_other() {
        let mut range = Frontier::default();
        for count in 1..20u64 {
            range.append(accepted(count - 1).leaf()).unwrap();
            let version = VersionRoot::freeze(&range);
            let tree = Tree::new((0..count).map(|i| accepted(i).leaf()).collect());
            for i in 0..count {
                let proof = Inclusion::prove(&tree, i).unwrap();
                assert_eq!(proof.verify(&version, &accepted(i)), Ok(()));
                assert!(proof.verify(&version, &accepted(i + 1)).is_err());
            }
            assert!(Inclusion::prove(&tree, count).is_err());
        }
    }

    proptest! {
        #[test]
        fn an_encoded_inclusion_with_one_bit_changed_proves_nothing(count in 1u64..60, at: u64, flip: usize) {
            let tree = Tree::new((0..count).map(|i| accepted(i).leaf()).collect());
            let version = VersionRoot { count, root: tree.root() };
            let at = at % count;
            let mut encoded = Inclusion::prove(&tree, at).unwrap().encode();
            let bit = flip % (encoded.len() * 8);
            encoded[bit / 8] ^= 1 << (bit % 8);
            if let Ok(proof) = Inclusion::decode(&encoded) {
                prop_assert!(proof.verify(&version, &accepted(at)).is_err());
            }
        }
    }

    #[test]
    fn a_versions_digest_is_bound_to_chain_and_datanet() {
        let version = VersionRoot { count: 1, root: [1; 32] };
        assert_ne!(version.digest("a", 1), version.digest("b", 1));
        assert_ne!(version.digest("a", 1), version.digest("a", 2));
    }
}
