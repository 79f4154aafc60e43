//! What a settlement owes each contribution, why, and the root over it that stays when the rows are credited and gone.
//!
//! Rows are sorted by contribution, each once. [`divide`] is the one rule by which a receipt's fee becomes shares and a pool's parts:
//! the chain settles by it and [`explain`] checks a payment by it. [`explain`] takes what the chain's state proves of a settlement
//! ([`Facts`]) and its receipts with their claims from an engine, recomputes every leaf, every division and every sum, and answers
//! only if all of it is the settlement's, to the unit. [`explain_receipt`] does so for one receipt by its path.

use crate::amount::Amount;
use crate::claim::Claim;
use crate::credit::credits_root;
use crate::hash::{Hash, Preimage};
use crate::merkle::{leaf_hash, root, verify_range, ProofError, Tree};
use crate::receipt::{Receipt, SettledReceipt};
use crate::split::{cap_baseline, split_pool, FeeShares, FeeSplit, SplitError};
use crate::tags;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why an explanation is not the settlement's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PayoutError {
    /// The receipts are not those that were settled.
    #[error("the receipts are not the settlement's {0}")]
    Receipts(u32),
    /// Receipts and claims are not under the settlement's root.
    #[error("receipts and claims are not under the settlement's root")]
    Root,
    /// The path does not lead to the settlement's root.
    #[error("receipt {index}: {error}")]
    Path {
        /// The receipt's index.
        index: u64,
        /// What is wrong.
        error: ProofError,
    },
    /// The credits are not those under the settlement's root.
    #[error("the credits are not under the settlement's credits_root")]
    Credits,
    /// More is given back than a receipt costs.
    #[error("the credit of receipt {0} is more than its fee")]
    Credit(u64),
    /// A fee or a pool does not divide.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// Some amounts pass 256 bits.
    #[error("the amounts exceed 256 bits")]
    Overflow,
    /// The rows are not those under the settlement's root.
    #[error("the rows are not the settlement's")]
    Rows,
    /// A sum is not what the settlement says.
    #[error("{what} come to {got}, the settlement says {said}")]
    Sum {
        /// Of what.
        what: &'static str,
        /// What was computed.
        got: Amount,
        /// What the chain says.
        said: Amount,
    },
}

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

/// How one receipt's fee was divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// What was taken: the fee without the credit.
    pub taken: Amount,
    /// Its shares.
    pub shares: FeeShares,
    /// What each paid contribution has of the pool; none has nothing.
    pub parts: BTreeMap<u64, Amount>,
    /// What the baseline has.
    pub baseline: Amount,
    /// What the treasuries have of the pool.
    pub treasury: Amount,
}

/// Divides what is taken for a receipt by its claim. Windows of sources that are not paid are the baseline's.
pub fn divide(
    receipt: &Receipt,
    claim: &Claim,
    credit: Amount,
    (split, cap): (&FeeSplit, u32),
    is_paid: impl Fn(u64) -> bool,
) -> Result<Division, PayoutError> {
    let fee = Amount::from_be_bytes(receipt.fee);
    let taken = fee.checked_sub(credit).ok_or(PayoutError::Credit(receipt.index))?;
    let shares = split.divide(taken)?;
    let windows = receipt.windows();
    let paid = claim.weights(windows).sources.into_iter().filter(|(seq, _)| is_paid(*seq));
    let weights = paid.map(|(seq, weight)| (seq, u64::from(weight))).collect();
    let pool = split_pool(shares.contributors, u64::from(windows), &weights)?;
    let (baseline, treasury) = cap_baseline(shares.contributors, pool.baseline, cap)?;
    let parts = pool.parts.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
    Ok(Division { taken, shares, parts, baseline, treasury })
}

/// What the chain's state says of a settlement and of the rules that divided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its first receipt.
    pub first_receipt: u64,
    /// Receipts.
    pub receipts: u32,
    /// Root over the receipts' leaves.
    pub receipts_root: Hash,
    /// Root over the settled receipts' leaves, of the claims that were paid.
    pub root: Hash,
    /// Root over the credits.
    pub credits_root: Hash,
    /// Root over the rows.
    pub rows_root: Hash,
    /// What was taken.
    pub fees: Amount,
    /// Of it burnt.
    pub burnt: Amount,
    /// Of it the contributor pool.
    pub pool: Amount,
    /// Of the pool the baseline's; less than the receipts gave it where undeclared sources had a share of it.
    pub baseline: Amount,
    /// How fees divide.
    pub split: FeeSplit,
    /// What the baseline keeps of a receipt's pool at most, in basis points.
    pub baseline_cap: u32,
}

/// A receipt with the claim that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// The claim.
    pub claim: Claim,
}

impl PaidReceipt {
    /// Its leaf of the settlement's root.
    pub fn leaf(&self) -> Hash {
        let segment_count = u32::try_from(self.claim.segments.len()).unwrap_or(u32::MAX);
        SettledReceipt { receipt: self.receipt, segment_count, segments_root: self.claim.segments_root() }.leaf()
    }
}

/// A settlement, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Each receipt's division, by index.
    pub receipts: BTreeMap<u64, Division>,
    /// What each contribution is owed.
    pub rows: BTreeMap<u64, Amount>,
    /// What the treasuries have of the pools.
    pub treasury: Amount,
}

impl Explained {
    /// What a contribution is owed, and of it each receipt's part, by index. They sum to it.
    pub fn of(&self, contribution: u64) -> (Amount, BTreeMap<u64, Amount>) {
        let part = |(index, division): (&u64, &Division)| Some((*index, *division.parts.get(&contribution)?));
        let parts = self.receipts.iter().filter_map(part).collect();
        (self.rows.get(&contribution).copied().unwrap_or_default(), parts)
    }
}

/// What an engine adds: a settlement's credits by receipt, and the sources whose windows the baseline has (both kinds of commons).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// What was given back, by receipt's index.
    pub credits: BTreeMap<u64, Amount>,
    /// Sources that are not paid.
    pub unpaid: BTreeSet<u64>,
}

impl Beside {
    fn divide(&self, facts: &Facts, paid: &PaidReceipt) -> Result<Division, PayoutError> {
        let credit = self.credits.get(&paid.receipt.index).copied().unwrap_or_default();
        let rule = (&facts.split, facts.baseline_cap);
        divide(&paid.receipt, &paid.claim, credit, rule, |seq| !self.unpaid.contains(&seq))
    }

    fn check(&self, facts: &Facts) -> Result<(), PayoutError> {
        if credits_root(&self.credits) != facts.credits_root {
            return Err(PayoutError::Credits);
        }
        Ok(())
    }
}

/// Checks all receipts of a settlement, their claims and credits against what the chain says, and explains every row by them.
pub fn explain(facts: &Facts, receipts: &[PaidReceipt], beside: &Beside) -> Result<Explained, PayoutError> {
    let leaves: Vec<_> = receipts.iter().map(|paid| paid.receipt.leaf()).collect();
    let in_order = (facts.first_receipt..).zip(receipts).all(|(index, paid)| paid.receipt.index == index);
    let all = u32::try_from(receipts.len()).ok() == Some(facts.receipts);
    if !all || !in_order || root(&leaves) != facts.receipts_root {
        return Err(PayoutError::Receipts(facts.receipts));
    }
    if root(&receipts.iter().map(PaidReceipt::leaf).collect::<Vec<_>>()) != facts.root {
        return Err(PayoutError::Root);
    }
    beside.check(facts)?;
    let mut explained = Explained { receipts: BTreeMap::new(), rows: BTreeMap::new(), treasury: Amount::ZERO };
    let (mut fees, mut burnt, mut pool, mut baseline) = (Amount::ZERO, Amount::ZERO, Amount::ZERO, Amount::ZERO);
    for paid in receipts {
        let division = beside.divide(facts, paid)?;
        for (sum, part) in [
            (&mut fees, division.taken),
            (&mut burnt, division.shares.burnt),
            (&mut pool, division.shares.contributors),
            (&mut baseline, division.baseline),
            (&mut explained.treasury, division.treasury),
        ] {
            *sum = sum.checked_add(part).ok_or(PayoutError::Overflow)?;
        }
        for (seq, amount) in &division.parts {
            let row = explained.rows.entry(*seq).or_default();
            *row = row.checked_add(*amount).ok_or(PayoutError::Overflow)?;
        }
        explained.receipts.insert(paid.receipt.index, division);
    }
    if tree(&explained.rows).root() != facts.rows_root {
        return Err(PayoutError::Rows);
    }
    for (what, got, said) in [("fees", fees, facts.fees), ("burns", burnt, facts.burnt), ("pools", pool, facts.pool)] {
        if got != said {
            return Err(PayoutError::Sum { what, got, said });
        }
    }
    if baseline < facts.baseline {
        return Err(PayoutError::Sum { what: "baselines", got: baseline, said: facts.baseline });
    }
    Ok(explained)
}

/// Checks one receipt with its claim by its path to the settlement's root, and says how its fee was divided.
pub fn explain_receipt(
    facts: &Facts,
    paid: &PaidReceipt,
    path: &[Hash],
    beside: &Beside,
) -> Result<Division, PayoutError> {
    let index = paid.receipt.index;
    let place = index.checked_sub(facts.first_receipt).ok_or(PayoutError::Receipts(facts.receipts))?;
    verify_range(&facts.root, u64::from(facts.receipts), place, &[paid.leaf()], path)
        .map_err(|error| PayoutError::Path { index, error })?;
    beside.check(facts)?;
    beside.divide(facts, paid)
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
