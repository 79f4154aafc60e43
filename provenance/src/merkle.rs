//! RFC 6962 Merkle trees over SHA-256 and proofs of ranges of consecutive leaves.
//!
//! Leaf `SHA-256(0x00 ‖ data)`, node `SHA-256(0x01 ‖ left ‖ right)`, the empty tree `SHA-256("")`; a tree of n leaves splits at
//! the largest power of two below n. A range proof holds the roots of the subtrees beside the range, in order
//! from left to right; a single inclusion is a range of one. The number of leaves always comes from what was
//! committed, never from the proof, so that depth and work are bounded by it.

use crate::hash::{sha256, Hash};
use thiserror::Error;

/// Why a proof does not open what it claims to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The range is empty or leaves the tree.
    #[error("leaves {first}..+{count} are not in a tree of {total}")]
    OutOfRange {
        /// First leaf of the range.
        first: u64,
        /// Leaves in the range.
        count: u64,
        /// Leaves in the tree.
        total: u64,
    },
    /// The path holds too few or too many nodes.
    #[error("the path's number of nodes does not fit the tree")]
    PathLength,
    /// The recomputed root is not the committed one.
    #[error("the opening does not lead to the committed root")]
    RootMismatch,
}

/// Hash of a leaf whose data is the concatenation of `parts`.
pub fn leaf_hash(parts: &[&[u8]]) -> Hash {
    let mut all: Vec<&[u8]> = vec![&[0]];
    all.extend_from_slice(parts);
    sha256(&all)
}

/// Hash of an inner node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// Root of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// Root over leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split_point(many.len() as u64) as usize);
            node_hash(&root(left), &root(right))
        }
    }
}

/// A whole tree, kept by whoever proves: level 0 holds the leaves, each next level half as many nodes, an odd last one moved up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over these leaf hashes.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = Vec::new();
        let mut level = leaves;
        while level.len() > 1 {
            let next = level
                .chunks(2)
                .filter_map(|pair| match pair {
                    [left, right] => Some(node_hash(left, right)),
                    other => other.first().copied(),
                })
                .collect();
            levels.push(std::mem::replace(&mut level, next));
        }
        levels.push(level);
        Self { levels }
    }

    /// Number of leaves.
    pub fn count(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The RFC 6962 root.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_else(empty_root)
    }

    /// The proof for leaves `first .. first + count`: roots of the subtrees beside them, left to right.
    pub fn prove(&self, first: u64, count: u64) -> Result<Vec<Hash>, ProofError> {
        let end = range_end(first, count, self.count())?;
        let mut path = Vec::new();
        self.collect(0, self.count(), first, end, &mut path);
        Ok(path)
    }

    fn collect(&self, at: u64, stop: u64, first: u64, end: u64, path: &mut Vec<Hash>) {
        let size = stop.saturating_sub(at);
        if stop <= first || end <= at {
            path.extend(self.subtree(at, size));
        } else if size > 1 {
            let middle = at.saturating_add(split_point(size));
            self.collect(at, middle, first, end, path);
            self.collect(middle, stop, first, end, path);
        }
    }

    /// Root of the subtree over `size` leaves from `at`: it stands at the level of the least power of two that holds it.
    fn subtree(&self, at: u64, size: u64) -> Option<Hash> {
        let level = size.checked_next_power_of_two()?.trailing_zeros();
        self.levels.get(level as usize)?.get(usize::try_from(at >> level).ok()?).copied()
    }
}

/// Checks that `leaves` stand at `first ..` in the tree of `total` leaves with this root.
///
/// Recomputing consumes each node of the path once, in order; a node too many or too few is refused.
pub fn verify_range(expected: &Hash, total: u64, first: u64, leaves: &[Hash], path: &[Hash]) -> Result<(), ProofError> {
    let end = range_end(first, leaves.len() as u64, total)?;
    let mut rest = Rest { leaves, path };
    let root = rest.recompute(0, total, first, end)?;
    if !rest.path.is_empty() {
        return Err(ProofError::PathLength);
    }
    if root != *expected {
        return Err(ProofError::RootMismatch);
    }
    Ok(())
}

fn range_end(first: u64, count: u64, total: u64) -> Result<u64, ProofError> {
    first.checked_add(count).filter(|end| count > 0 && *end <= total).ok_or(ProofError::OutOfRange {
        first,
        count,
        total,
    })
}

/// The largest power of two below `n`, for `n ≥ 2`.
fn split_point(n: u64) -> u64 {
    let below = n.saturating_sub(1);
    1u64 << below.checked_ilog2().unwrap_or(0)
}

/// What a verification has not consumed yet.
struct Rest<'a> {
    leaves: &'a [Hash],
    path: &'a [Hash],
}

impl Rest<'_> {
    /// Root of the subtree over leaves `at .. stop`; the range is `first .. end`.
    fn recompute(&mut self, at: u64, stop: u64, first: u64, end: u64) -> Result<Hash, ProofError> {
        if stop <= first || end <= at {
            return take(&mut self.path);
        }
        let size = stop.saturating_sub(at);
        if size == 1 {
            return take(&mut self.leaves);
        }
        let middle = at.saturating_add(split_point(size));
        let left = self.recompute(at, middle, first, end)?;
        let right = self.recompute(middle, stop, first, end)?;
        Ok(node_hash(&left, &right))
    }
}

fn take(from: &mut &[Hash]) -> Result<Hash, ProofError> {
    let (next, rest) = from.split_first().ok_or(ProofError::PathLength)?;
    *from = rest;
    Ok(*next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&[&i.to_be_bytes()])).collect()
    }

    /// Merkle tree hash of RFC 6962, section 2.1, over data, written as the RFC's text defines it.
    fn rfc_root(data: &[Vec<u8>]) -> Hash {
        if data.is_empty() {
            return sha256(&[]);
        }
        if data.len() == 1 {
            return sha256(&[&[0], &data[0]]);
        }
        let mut k = 1;
        while k * 2 < data.len() {
            k *= 2;
        }
        sha256(&[&[1], &rfc_root(&data[..k]), &rfc_root(&data[k..])])
    }

    #[test]
    fn roots_are_those_of_the_certificate_transparency_test_tree() {
        // The eight leaves and roots used by the certificate-transparency project's own tests.
        let data: Vec<Vec<u8>> =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
                .iter()
                .map(|h| hex::decode(h).unwrap())
                .collect();
        let hashes: Vec<Hash> = data.iter().map(|d| leaf_hash(&[d])).collect();
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (n, expected) in roots.iter().enumerate() {
            assert_eq!(hex::encode(root(&hashes[..n])), *expected, "{n} leaves");
        }
    }

    #[test]
    fn every_range_of_small_trees_is_proven() {
        for n in 1..18usize {
            let all = leaves(n);
            let expected = root(&all);
            for first in 0..n {
                for count in 1..=n - first {
                    let path = Tree::new(all.clone()).prove(first as u64, count as u64).unwrap();
                    let range = &all[first..first + count];
                    assert_eq!(verify_range(&expected, n as u64, first as u64, range, &path), Ok(()));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_rfc(data in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..40)) {
            let hashes: Vec<Hash> = data.iter().map(|d| leaf_hash(&[d])).collect();
            prop_assert_eq!(root(&hashes), rfc_root(&data));
            prop_assert_eq!(Tree::new(hashes).root(), rfc_root(&data));
        }

        #[test]
        fn a_proof_with_one_bit_changed_or_a_node_more_or_less_is_refused(
            n in 1usize..70, at in 0usize..70, size in 1usize..4, flip in 0usize..100_000,
        ) {
            let all = leaves(n);
            let expected = root(&all);
            let first = at % n;
            let count = size.min(n - first);
            let path = Tree::new(all.clone()).prove(first as u64, count as u64).unwrap();
            let range = all[first..first + count].to_vec();
            let verify = |range: &[Hash], path: &[Hash]| verify_range(&expected, n as u64, first as u64, range, path);
            prop_assert_eq!(verify(&range, &path), Ok(()));

            let mut both: Vec<Hash> = range.iter().chain(&path).copied().collect();
            let bit = flip % (both.len() * 256);
            both[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify(&both[..count], &both[count..]), Err(ProofError::RootMismatch));

            let longer: Vec<Hash> = path.iter().copied().chain([[0; 32]]).collect();
            prop_assert_eq!(verify(&range, &longer), Err(ProofError::PathLength));
            if let Some((_, shorter)) = path.split_last() {
                prop_assert_eq!(verify(&range, shorter), Err(ProofError::PathLength));
            }
        }

        #[test]
        fn any_numbers_are_answered(total: u64, first: u64, count in 0usize..3, path in 0usize..80) {
            let range = vec![[1; 32]; count];
            prop_assert!(verify_range(&[0; 32], total, first, &range, &vec![[2; 32]; path]).is_err());
        }
    }
}
