//! The money that the module holds: deposits, baselines, treasuries.
//!
//! Each coin in the module's account is owed to exactly one of them, and [`Totals`] counts them as they come and go, so that what is
//! owed equals what is held at every height (checked in `invariants`).
//!
//! **Baseline**: one accumulator a datanet. A credit raises `per_index`, what one unit of share index has ever earned, in units of
//! 2^-64; what the division leaves stays in `carry` and joins the next credit. A contribution with share index `i` has ever earned
//! `floor(i · (end − start) / 2^64)`: `start` is `per_index` when the first version that holds it was frozen, `end` its present value
//! or that at withdrawal or tombstone. As `per_index` was rounded down and each product is, the sum of all is at most what was
//! credited; a claim pays what was earned less what was claimed, so how often one claims changes nothing.
//!
//! **Treasury**: income is locked for the timelock. It waits in buckets: credits within an eighth of the timelock share one, which
//! unlocks a whole timelock after its end; so income waits at least the timelock, at most an eighth longer, and buckets stay few.

use cosmwasm_std::{Uint256, Uint512};
use openledger_core::wire::{add, sub};
use openledger_core::Result;
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::DatanetError;

/// Bits of the fraction in which `per_index` and `carry` count.
const SCALE_BITS: u32 = 64;
/// Most buckets of a treasury. A steady timelock needs ten; shortening it again and again ends in the last one being shared.
const MAX_BUCKETS: usize = 32;

/// What the module owes, in base units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Deposits of contributions.
    pub deposits: Uint256,
    /// All treasuries.
    pub treasuries: Uint256,
    /// All baselines: credited and not claimed.
    pub baselines: Uint256,
    /// Bonds of contributors and curators, what is unbonding included.
    pub bonds: Uint256,
    /// Deposits of proposals and applications.
    pub proposals: Uint256,
    /// All curators' pots: credited and not claimed.
    pub curation: Uint256,
    /// Bonds of duplicate disputes and deposits of challenges.
    #[serde(default)]
    pub challenges: Uint256,
}

impl Totals {
    /// Everything.
    pub fn sum(&self) -> Result<Uint256> {
        let parts = [self.treasuries, self.baselines, self.bonds, self.proposals, self.curation, self.challenges];
        parts.into_iter().try_fold(self.deposits, add)
    }
}

/// A datanet's pot for its contributions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Ever credited to one unit of share index, × 2^64.
    pub per_index: Uint256,
    /// What the last division left, × 2^64.
    pub carry: Uint256,
    /// Ever credited, in base units.
    pub credited: Uint256,
    /// Ever claimed, in base units.
    pub claimed: Uint256,
    /// Sum of the share indices that share now: those of the last version, without withdrawn and tombstoned ones.
    pub sharing_index: u64,
}

impl Baseline {
    /// Credits `amount` to all that share now; there must be some.
    pub fn credit(&mut self, amount: Uint256) -> Result<()> {
        let overflow = || DatanetError::Overflow("the baseline's accumulator");
        let scaled = Uint512::from(amount).checked_shl(SCALE_BITS).map_err(|_| overflow())?;
        let scaled = scaled.checked_add(self.carry.into()).map_err(|_| overflow())?;
        let sharing = Uint512::from(self.sharing_index);
        let each = scaled.checked_div(sharing).map_err(|_| overflow())?;
        let rest = scaled.checked_rem(sharing).map_err(|_| overflow())?;
        let each = Uint256::try_from(each).map_err(|_| overflow())?;
        self.per_index = self.per_index.checked_add(each).map_err(|_| overflow())?;
        self.carry = Uint256::try_from(rest).map_err(|_| overflow())?;
        self.credited = add(self.credited, amount)?;
        Ok(())
    }

    /// What is owed to contributions altogether, in base units.
    pub fn owed(&self) -> Result<Uint256> {
        sub(self.credited, self.claimed)
    }

    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64) -> proto::Baseline {
        proto::Baseline {
            datanet_id: datanet,
            per_index: self.per_index.to_string(),
            carry: self.carry.to_string(),
            credited: self.credited.to_string(),
            claimed: self.claimed.to_string(),
            sharing_index: self.sharing_index,
        }
    }
}

/// What a share index has ever earned between two values of `per_index`, in base units, rounded down.
pub fn earned(share_index: u64, start: Uint256, end: Uint256) -> Result<Uint256> {
    // A contribution that ended before the first version that holds it has an end before its start, and earned nothing.
    let each = end.saturating_sub(start);
    let scaled = each.full_mul(share_index);
    let amount = scaled.checked_shr(SCALE_BITS).map_err(|_| DatanetError::Overflow("a share"))?;
    Ok(Uint256::try_from(amount).map_err(|_| DatanetError::Overflow("a share"))?)
}

/// What the baseline remembers of one contribution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Ever claimed, in base units.
    pub claimed: Uint256,
    /// `per_index` at its withdrawal or tombstone, from which on it earns nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Uint256>,
}

/// Income that is locked together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Header time of its first credit, in seconds.
    pub opened_seconds: i64,
    /// Last header time at which credits may still join, in seconds.
    pub closes_seconds: i64,
    /// Header time from which it may be spent, in seconds.
    pub unlocks_seconds: i64,
    /// In base units.
    pub amount: Uint256,
}

/// A datanet's own money.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treasury {
    /// What may be spent, but for buckets that have unlocked since.
    pub available: Uint256,
    /// What is locked, oldest first.
    pub locked: Vec<Bucket>,
}

impl Treasury {
    /// Adds income that stays locked for at least `timelock` seconds.
    pub fn credit(&mut self, amount: Uint256, now: i64, timelock: u64) -> Result<()> {
        self.unlock(now)?;
        let timelock = i64::try_from(timelock).unwrap_or(i64::MAX);
        let width = timelock.checked_div(8).unwrap_or_default();
        let full = self.locked.len() >= MAX_BUCKETS;
        let due = now.saturating_add(timelock);
        if let Some(last) = self.locked.last_mut() {
            // A longer timelock than when it was opened never shortens the wait of what joins.
            if full || (now <= last.closes_seconds && due <= last.unlocks_seconds) {
                last.amount = add(last.amount, amount)?;
                last.unlocks_seconds = last.unlocks_seconds.max(due);
                return Ok(());
            }
        }
        let closes_seconds = now.saturating_add(width);
        let unlocks_seconds = closes_seconds.saturating_add(timelock);
        self.locked.push(Bucket { opened_seconds: now, closes_seconds, unlocks_seconds, amount });
        Ok(())
    }

    /// Takes `amount` out of what is unlocked; `Ok(false)` where that is too little.
    pub fn spend(&mut self, amount: Uint256, now: i64) -> Result<bool> {
        self.unlock(now)?;
        match self.available.checked_sub(amount) {
            Ok(rest) => {
                self.available = rest;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    /// Makes available what has unlocked; each bucket by its own time, as a changed timelock may put them out of order.
    pub fn unlock(&mut self, now: i64) -> Result<()> {
        for bucket in self.locked.iter().filter(|bucket| bucket.unlocks_seconds <= now) {
            self.available = add(self.available, bucket.amount)?;
        }
        self.locked.retain(|bucket| bucket.unlocks_seconds > now);
        Ok(())
    }

    /// All of it.
    pub fn owed(&self) -> Result<Uint256> {
        self.locked.iter().try_fold(self.available, |sum, bucket| add(sum, bucket.amount))
    }

    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64) -> proto::Treasury {
        let locked = self.locked.iter().map(|bucket| proto::TreasuryBucket {
            opened_seconds: bucket.opened_seconds,
            closes_seconds: bucket.closes_seconds,
            unlocks_seconds: bucket.unlocks_seconds,
            amount: bucket.amount.to_string(),
        });
        proto::Treasury { datanet_id: datanet, available: self.available.to_string(), locked: locked.collect() }
    }
}

/// Divides `amount` by `weights`, in their order, so that the parts sum to it exactly: each part is the difference of two rounded-down
/// running shares. Weights that are all zero divide evenly; there must be at least one.
pub fn divide(amount: Uint256, weights: &[u64]) -> Result<Vec<Uint256>> {
    let even = weights.iter().all(|weight| *weight == 0);
    let weights = || weights.iter().map(move |weight| if even { 1u128 } else { u128::from(*weight) });
    let overflow = || DatanetError::Overflow("a sum of share indices");
    let total = weights().try_fold(0u128, u128::checked_add).ok_or_else(overflow)?;
    let (mut running, mut before, mut parts) = (0u128, Uint256::zero(), Vec::new());
    for weight in weights() {
        running = running.checked_add(weight).ok_or_else(overflow)?;
        let upto = amount.checked_multiply_ratio(running, total).map_err(|_| overflow())?;
        parts.push(sub(upto, before)?);
        before = upto;
    }
    Ok(parts)
}

/// Adds to an amount, checked.
pub(crate) fn raise(amount: &mut Uint256, by: Uint256) -> Result<()> {
    *amount = add(*amount, by)?;
    Ok(())
}

/// Takes from an amount, checked.
pub(crate) fn lower(amount: &mut Uint256, by: Uint256) -> Result<()> {
    *amount = sub(*amount, by)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may fail")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(units: u128) -> Uint256 {
        Uint256::from(units)
    }

    #[test]
    fn the_largest_amount_divides_exactly() {
        let parts = divide(Uint256::MAX, &[u64::MAX, 1, u64::MAX]).unwrap();
        let sum = parts.iter().try_fold(Uint256::zero(), |sum, part| sum.checked_add(*part)).unwrap();
        assert_eq!(sum, Uint256::MAX);
        assert_eq!(divide(amount(5), &[0, 0]).unwrap(), [amount(2), amount(3)]);
    }

    #[test]
    fn a_credit_that_the_accumulator_cannot_hold_is_an_error() {
        let mut pot = Baseline { sharing_index: 1, ..Default::default() };
        assert!(pot.credit(Uint256::MAX).is_err());
        let mut empty = Baseline::default();
        assert!(empty.credit(amount(1)).is_err(), "nobody shares");
    }

    #[test]
    fn income_waits_at_least_the_timelock_and_at_most_an_eighth_longer() {
        let mut treasury = Treasury::default();
        treasury.credit(amount(1), 100, 80).unwrap();
        treasury.credit(amount(2), 110, 80).unwrap();
        treasury.credit(amount(4), 111, 80).unwrap();
        assert_eq!(treasury.locked.len(), 2);
        assert!(!treasury.spend(amount(1), 189).unwrap());
        assert!(treasury.spend(amount(3), 190).unwrap());
        assert!(!treasury.spend(amount(1), 200).unwrap());
        assert!(treasury.spend(amount(4), 201).unwrap());
        assert_eq!(treasury.owed().unwrap(), amount(0));
    }

    #[test]
    fn without_a_timelock_income_is_spent_at_once() {
        let mut treasury = Treasury::default();
        treasury.credit(amount(7), 5, 0).unwrap();
        assert!(treasury.spend(amount(7), 5).unwrap());
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_miss_their_share_by_less_than_one(
            units: u128, weights in prop::collection::vec(0u64..1_000_000, 1..20),
        ) {
            let parts = divide(amount(units), &weights).unwrap();
            let sum = parts.iter().try_fold(Uint256::zero(), |sum, part| sum.checked_add(*part)).unwrap();
            prop_assert_eq!(sum, amount(units));
            let total: u64 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights).filter(|_| total > 0) {
                let share = amount(units).checked_multiply_ratio(*weight, total).unwrap();
                prop_assert!(part.abs_diff(share) <= amount(1));
            }
        }

        #[test]
        fn shares_never_exceed_the_credits_and_miss_less_than_one_unit_each(
            credits in prop::collection::vec(any::<u64>(), 1..30), shares in prop::collection::vec(1u64..1_000_000_000, 1..20),
        ) {
            let mut pot = Baseline { sharing_index: shares.iter().sum(), ..Default::default() };
            for credit in &credits {
                pot.credit(amount(u128::from(*credit))).unwrap();
            }
            let paid: Uint256 = shares.iter().map(|share| earned(*share, Uint256::zero(), pot.per_index).unwrap()).sum();
            prop_assert!(paid <= pot.credited);
            prop_assert!(pot.credited - paid <= amount(shares.len() as u128));
        }

        #[test]
        fn a_treasury_keeps_every_unit_and_few_buckets(
            steps in prop::collection::vec((0i64..400, 0u64..1_000, 0u64..500, any::<bool>()), 1..200),
        ) {
            let (mut treasury, mut now, mut inside) = (Treasury::default(), 0, Uint256::zero());
            for (wait, units, timelock, spend) in steps {
                now += wait;
                let units = amount(u128::from(units));
                if spend {
                    if treasury.spend(units, now).unwrap() {
                        inside -= units;
                    }
                } else {
                    treasury.credit(units, now, timelock).unwrap();
                    inside += units;
                }
                prop_assert_eq!(treasury.owed().unwrap(), inside);
                prop_assert!(treasury.locked.len() <= MAX_BUCKETS);
            }
        }
    }
}
