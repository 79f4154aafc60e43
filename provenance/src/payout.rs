//! What a settlement owes each contribution, under one root that stays when the rows are credited and gone.
//!
//! Rows are sorted by contribution, each once. A row's inclusion is a path of [`crate::merkle`] against the number of rows and the root.

use crate::amount::Amount;
use crate::hash::{Hash, Preimage};
use crate::merkle::{leaf_hash, verify_range, ProofError, Tree};
use crate::tags;
use std::collections::BTreeMap;

/// One row: a contribution and what it is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The contribution's seq.
    pub contribution: u64,
    /// What it is owed, in base units.
    pub amount: Amount,
}

impl Row {
    /// The row's leaf, over `tag ‖ u64 contribution ‖ u256 amount`.
    pub fn leaf(&self) -> Hash {
        let data = Preimage::new(tags::PAYOUT).u64(self.contribution).fixed(&self.amount.to_be_bytes()).into_bytes();
        leaf_hash(&[&data])
    }

    /// Checks that this row stands at `place` among the `count` rows under `root`.
    pub fn verify(&self, root: &Hash, count: u64, place: u64, path: &[Hash]) -> Result<(), ProofError> {
        verify_range(root, count, place, &[self.leaf()], path)
    }
}

/// The tree over a settlement's rows, in the order of their contributions.
pub fn tree(owed: &BTreeMap<u64, Amount>) -> Tree {
    let rows = owed.iter().map(|(contribution, amount)| Row { contribution: *contribution, amount: *amount });
    Tree::new(rows.map(|row| row.leaf()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_proven_at_its_place_with_its_amount_alone() {
        let owed: BTreeMap<u64, Amount> = (1..6).map(|i| (i * 10, Amount::from(u128::from(i)))).collect();
        let tree = tree(&owed);
        for (place, (contribution, amount)) in (0u64..).zip(owed) {
            let row = Row { contribution, amount };
            let path = tree.prove(place, 1).unwrap();
            assert_eq!(row.verify(&tree.root(), 5, place, &path), Ok(()));
            let more = Row { amount: amount.checked_add(Amount::from(1)).unwrap(), ..row };
            assert_eq!(more.verify(&tree.root(), 5, place, &path), Err(ProofError::RootMismatch));
            assert!(row.verify(&tree.root(), 5, (place + 1) % 5, &path).is_err());
        }
    }
}
