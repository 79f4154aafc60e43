//! How a pool divides by weights and a fee by basis points; the parts always sum to the whole.
//!
//! A pool divides by largest remainder: everyone has the floor of their share, and the units left over go one each to the largest
//! remainders, ties to the least seq. The baseline is one more party, holds all weight that nobody else does, and comes last in ties.
//! A fee's burn is rounded up (a floor that dust cannot slip under), every other part down, and contributors have the rest.

use crate::amount::Amount;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use thiserror::Error;

/// Basis points of a whole.
pub const BASIS_POINTS: u64 = 10_000;
/// The least part of each fee that is burnt, in basis points; no governance lowers it, so paying oneself always loses.
pub const LEAST_BURN_BPS: u32 = 200;

/// Why something cannot be split so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SplitError {
    /// The parties hold more than the whole.
    #[error("the weights are over their total of {total}")]
    Overweight {
        /// Weight of the whole.
        total: u64,
    },
    /// A fee's parts do not sum to the whole.
    #[error("the fee's parts sum to {0} basis points, not 10000")]
    BasisPoints(u64),
    /// The burn is less than the floor, or more than the platform's part that it comes from.
    #[error("the burn of {burnt} basis points is not between {LEAST_BURN_BPS} and the platform's {platform}")]
    Burn {
        /// Part that is burnt.
        burnt: u32,
        /// The platform's part, burn included.
        platform: u32,
    },
}

/// A pool, divided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolSplit {
    /// What each weighed party has, by seq; every given seq is here, with zero if its share is under one unit.
    pub parts: BTreeMap<u64, Amount>,
    /// What the baseline has.
    pub baseline: Amount,
}

/// Divides `pool` by `weights` out of `total`; what the weights leave of the total is the baseline's weight.
///
/// For a receipt, `total` is its number of windows and the weights are those of the paid contributions: windows owned by ECHO, by
/// either kind of commons or by NONE are left out of them. A total of zero pays all to the baseline.
pub fn split_pool(pool: Amount, total: u64, weights: &BTreeMap<u64, u64>) -> Result<PoolSplit, SplitError> {
    let overweight = SplitError::Overweight { total };
    let weighed = weights.values().try_fold(0u64, |sum, weight| sum.checked_add(*weight));
    let own = weighed.and_then(|sum| total.checked_sub(sum)).ok_or(overweight.clone())?;
    if total == 0 {
        return Ok(PoolSplit { parts: weights.keys().map(|seq| (*seq, Amount::ZERO)).collect(), baseline: pool });
    }
    let mut left = pool;
    let mut parties = Vec::new();
    let weighed = weights.iter().map(|(seq, weight)| (Some(*seq), *weight));
    for (party, weight) in weighed.chain([(None, own)]) {
        let (amount, remainder) = pool.share(weight, total).ok_or(overweight.clone())?;
        left = left.checked_sub(amount).ok_or(overweight.clone())?;
        parties.push((party, amount, remainder));
    }
    // Stable: among equal remainders the order of seqs stays, the baseline last.
    parties.sort_by_key(|(_, _, remainder)| Reverse(*remainder));
    let one = Amount::from(1);
    let mut split = PoolSplit::default();
    for (party, mut amount, _) in parties {
        // The floors miss the pool by fewer units than there are remainders above zero.
        if let Some(rest) = left.checked_sub(one) {
            left = rest;
            amount = amount.checked_add(one).ok_or(overweight.clone())?;
        }
        match party {
            Some(seq) => {
                split.parts.insert(seq, amount);
            }
            None => split.baseline = amount,
        }
    }
    Ok(split)
}

/// Cuts a receipt's baseline at `cap_bps` of its contributor pool, rounded down: (what the baseline keeps, what treasuries have).
pub fn cap_baseline(pool: Amount, baseline: Amount, cap_bps: u32) -> Result<(Amount, Amount), SplitError> {
    let (cap, _) = pool.share(u64::from(cap_bps), BASIS_POINTS).ok_or(SplitError::BasisPoints(u64::from(cap_bps)))?;
    let kept = baseline.min(cap);
    Ok((kept, baseline.checked_sub(kept).unwrap_or_default()))
}

/// How fees divide, in basis points that sum to 10,000; `burnt` is a part of `platform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeSplit {
    /// The server that answered.
    pub server: u32,
    /// The platform, burn included.
    pub platform: u32,
    /// Of the fee, what is burnt out of the platform's part.
    pub burnt: u32,
    /// The model's owner and its ancestors.
    pub model: u32,
    /// Stakers, through the fee collector.
    pub stakers: u32,
    /// The contributor pool.
    pub contributors: u32,
    /// Curators and evaluators.
    pub curators: u32,
}

/// A fee, divided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeeShares {
    /// The server that answered.
    pub server: Amount,
    /// The platform, without the burn.
    pub platform: Amount,
    /// What is burnt.
    pub burnt: Amount,
    /// The model's owner and its ancestors.
    pub model: Amount,
    /// Stakers.
    pub stakers: Amount,
    /// The contributor pool, with what rounding left.
    pub contributors: Amount,
    /// Curators and evaluators.
    pub curators: Amount,
}

impl FeeSplit {
    /// Refuses parts that do not sum to 10,000 and burns under 2 % or over the platform's part.
    pub fn check(&self) -> Result<(), SplitError> {
        let parts = [self.server, self.platform, self.model, self.stakers, self.contributors, self.curators];
        let sum = parts.iter().fold(0u64, |sum, part| sum.saturating_add(u64::from(*part)));
        if sum != BASIS_POINTS {
            return Err(SplitError::BasisPoints(sum));
        }
        if self.burnt < LEAST_BURN_BPS || self.burnt > self.platform {
            return Err(SplitError::Burn { burnt: self.burnt, platform: self.platform });
        }
        Ok(())
    }

    /// Divides a fee. The burn is rounded up, the five other parts down, contributors have what is left: less than their
    /// exact share by under one unit, or more by under six.
    pub fn divide(&self, fee: Amount) -> Result<FeeShares, SplitError> {
        self.check()?;
        let bad = SplitError::BasisPoints(BASIS_POINTS);
        let floor = |bps: u32| fee.share(u64::from(bps), BASIS_POINTS).ok_or(bad.clone());
        let (burnt, remainder) = floor(self.burnt)?;
        let up = Amount::from(u128::from(remainder > 0));
        let mut shares = FeeShares {
            server: floor(self.server)?.0,
            platform: floor(self.platform.saturating_sub(self.burnt))?.0,
            burnt: burnt.checked_add(up).ok_or(bad.clone())?,
            model: floor(self.model)?.0,
            stakers: floor(self.stakers)?.0,
            contributors: fee,
            curators: floor(self.curators)?.0,
        };
        for taken in [shares.server, shares.platform, shares.burnt, shares.model, shares.stakers, shares.curators] {
            shares.contributors = shares.contributors.checked_sub(taken).ok_or(bad.clone())?;
        }
        Ok(shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEFAULT: FeeSplit = FeeSplit {
        server: 3000,
        platform: 500,
        burnt: 200,
        model: 1500,
        stakers: 500,
        contributors: 4000,
        curators: 500,
    };

    fn sum<'a>(parts: impl IntoIterator<Item = &'a Amount>) -> Amount {
        parts.into_iter().fold(Amount::ZERO, |sum, part| sum.checked_add(*part).unwrap())
    }

    fn split(pool: u128, total: u64, weights: &[(u64, u64)]) -> (Vec<u128>, u128) {
        let split = split_pool(Amount::from(pool), total, &weights.iter().copied().collect()).unwrap();
        let plain = |amount: &Amount| amount.to_string().parse().unwrap();
        (split.parts.values().map(plain).collect(), plain(&split.baseline))
    }

    #[test]
    fn units_left_over_go_to_the_largest_remainders_then_the_least_seq_then_the_baseline() {
        assert_eq!(split(10, 3, &[(1, 1), (2, 1)]), (vec![4, 3], 3));
        assert_eq!(split(11, 3, &[(1, 1), (2, 1)]), (vec![4, 4], 3));
        assert_eq!(split(1, 10, &[(1, 2), (2, 3)]), (vec![0, 0], 1));
        assert_eq!(split(1, 10, &[(1, 2), (2, 4)]), (vec![0, 1], 0));
        assert_eq!(split(1, 2, &[(9, 1)]), (vec![1], 0));
    }

    #[test]
    fn an_output_without_windows_pays_all_to_the_baseline() {
        assert_eq!(split(77, 0, &[]), (vec![], 77));
        assert_eq!(split(77, 0, &[(4, 0)]), (vec![0], 77));
    }

    #[test]
    fn weights_over_their_total_are_refused() {
        let weights = BTreeMap::from([(1, u64::MAX), (2, 1)]);
        assert_eq!(split_pool(Amount::MAX, u64::MAX, &weights), Err(SplitError::Overweight { total: u64::MAX }));
        assert!(split_pool(Amount::MAX, 0, &BTreeMap::from([(1, 1)])).is_err());
    }

    #[test]
    fn the_burn_cannot_fall_under_two_percent_nor_pass_the_platforms_part() {
        assert_eq!(DEFAULT.check(), Ok(()));
        assert!(FeeSplit { burnt: 199, ..DEFAULT }.check().is_err());
        assert!(FeeSplit { burnt: 501, ..DEFAULT }.check().is_err());
        assert_eq!(FeeSplit { server: 3001, ..DEFAULT }.check(), Err(SplitError::BasisPoints(10_001)));
        assert!(FeeSplit { server: u32::MAX, ..DEFAULT }.check().is_err());
    }

    #[test]
    fn a_fee_of_one_unit_is_burnt() {
        let shares = DEFAULT.divide(Amount::from(1)).unwrap();
        assert_eq!(shares, FeeShares { burnt: Amount::from(1), ..FeeShares::default() });
    }

    #[test]
    fn the_baseline_is_cut_at_its_cap_and_the_rest_goes_to_treasuries() {
        let cut = |baseline: u128| cap_baseline(Amount::from(101), Amount::from(baseline), 2000).unwrap();
        assert_eq!(cut(50), (Amount::from(20), Amount::from(30)));
        assert_eq!(cut(7), (Amount::from(7), Amount::ZERO));
        assert!(cap_baseline(Amount::from(1), Amount::from(1), 10_001).is_err());
    }

    proptest! {
        #[test]
        fn a_pools_parts_sum_to_it_and_miss_their_exact_share_by_less_than_one(
            pool: [u8; 32], weights in prop::collection::btree_map(any::<u64>(), 0u64..70_000, 0..60), rest in 0u64..70_000,
        ) {
            let pool = Amount::from_be_bytes(pool);
            let total = weights.values().sum::<u64>() + rest;
            let split = split_pool(pool, total, &weights).unwrap();
            prop_assert_eq!(sum(split.parts.values().chain([&split.baseline])), pool);
            for (seq, weight) in weights.iter().filter(|_| total > 0) {
                let (floor, _) = pool.share(*weight, total).unwrap();
                let extra = split.parts[seq].checked_sub(floor).unwrap();
                prop_assert!(extra <= Amount::from(1));
                prop_assert!(*weight > 0 || split.parts[seq].is_zero());
            }
        }

        #[test]
        fn a_fees_parts_sum_to_it_and_two_percent_or_more_burn(fee: [u8; 32], cuts: [u16; 5], burn: u16) {
            let mut cuts: Vec<u32> = cuts.iter().map(|c| u32::from(*c) % 9801).collect();
            cuts.sort();
            // The platform has at least the floor; the other five share the rest.
            let parts: Vec<u32> = [0].iter().chain(&cuts).zip(cuts.iter().chain(&[9800])).map(|(a, b)| b - a).collect();
            let platform = parts[1] + 200;
            let fees = FeeSplit {
                server: parts[0], platform, burnt: 200 + u32::from(burn) % (platform - 199),
                model: parts[2], stakers: parts[3], contributors: parts[4], curators: parts[5],
            };
            let fee = Amount::from_be_bytes(fee);
            let s = fees.divide(fee).unwrap();
            let all = [s.server, s.platform, s.burnt, s.model, s.stakers, s.contributors, s.curators];
            prop_assert_eq!(sum(&all), fee);
            let (floor, remainder) = fee.share(200, 10_000).unwrap();
            prop_assert!(s.burnt >= floor && (remainder == 0 || s.burnt > floor || fees.burnt > 200));
        }
    }
}
