//! The append-only state of an RFC 6962 tree: its leaf count and the roots of its perfect subtrees.
//!
//! The perfect subtrees ("peaks") follow the binary digits of the count, largest first; folded from the right they give
//! exactly the RFC 6962 root. So a session's `receipts_root` and a datanet's mountain range grow in logarithmic state,
//! and anyone with all leaves proves inclusion with [`crate::merkle::Tree`].

use crate::codec::{DecodeError, Encode, Reader, Writer};
use crate::hash::Hash;
use crate::merkle::{empty_root, node_hash};
use thiserror::Error;

/// Why a frontier cannot be, or cannot grow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrontierError {
    /// There must be one peak for each binary one of the count.
    #[error("{count} leaves have {expected} peaks, not {got}")]
    PeakCount {
        /// Leaves.
        count: u64,
        /// Peaks that this count has.
        expected: u32,
        /// Peaks given.
        got: usize,
    },
    /// The count has reached 2^64 − 1.
    #[error("the tree is full")]
    Full,
}

/// An append-only tree's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    count: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A frontier from its stored parts.
    pub fn new(count: u64, peaks: Vec<Hash>) -> Result<Self, FrontierError> {
        let expected = count.count_ones();
        if peaks.len() as u64 != u64::from(expected) {
            return Err(FrontierError::PeakCount { count, expected, got: peaks.len() });
        }
        Ok(Self { count, peaks })
    }

    /// Leaves so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Roots of the perfect subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf hash, merging equal-sized peaks as a binary counter carries.
    pub fn append(&mut self, leaf: Hash) -> Result<(), FrontierError> {
        let count = self.count.checked_add(1).ok_or(FrontierError::Full)?;
        let mut carry = leaf;
        for _ in 0..self.count.trailing_ones() {
            // `new` guarantees a peak for every one of the count.
            let Some(left) = self.peaks.pop() else { break };
            carry = node_hash(&left, &carry);
        }
        self.peaks.push(carry);
        self.count = count;
        Ok(())
    }

    /// The RFC 6962 root over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

impl Encode for Frontier {
    fn write(&self, out: &mut Writer) {
        out.varint(self.count);
        for peak in &self.peaks {
            out.fixed(peak);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = input.u64("a frontier's count")?;
        let peaks = (0..count.count_ones()).map(|_| input.hash("a frontier's peak")).collect::<Result<_, _>>()?;
        Ok(Self { count, peaks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf_hash, root};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_frontier_has_the_plain_trees_root_after_every_append(n in 0u32..200) {
            let leaves: Vec<Hash> = (0..n).map(|i| leaf_hash(&[&i.to_be_bytes()])).collect();
            let mut frontier = Frontier::default();
            prop_assert_eq!(frontier.root(), root(&[]));
            for (i, leaf) in leaves.iter().enumerate() {
                frontier.append(*leaf).unwrap();
                prop_assert_eq!(frontier.root(), root(&leaves[..=i]));
                prop_assert_eq!(Frontier::new(frontier.count(), frontier.peaks().to_vec()), Ok(frontier.clone()));
                prop_assert_eq!(Frontier::decode(&frontier.encode()), Ok(frontier.clone()));
            }
        }

        #[test]
        fn reading_any_bytes_gives_a_frontier_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(frontier) = Frontier::decode(&bytes) {
                prop_assert_eq!(frontier.encode(), bytes);
                prop_assert!(Frontier::new(frontier.count(), frontier.peaks().to_vec()).is_ok());
            }
        }
    }

    #[test]
    fn a_wrong_number_of_peaks_and_a_full_tree_are_refused() {
        assert!(matches!(Frontier::new(3, vec![[0; 32]]), Err(FrontierError::PeakCount { expected: 2, .. })));
        let mut full = Frontier::new(u64::MAX, vec![[0; 32]; 64]).unwrap();
        assert_eq!(full.append([1; 32]), Err(FrontierError::Full));
    }
}
