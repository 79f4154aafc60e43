//! Sampling: auditors' commits and the seed of an epoch, and the draw among a settlement's receipts by their contributor pools.
//!
//! An auditor commits to 32 bytes in one epoch and reveals them in the next. Whoever reveals last may keep its part back, for the price
//! of its bond, and so choose between two seeds; nobody can choose more than that while one auditor is honest.

use crate::amount::Amount;
use crate::hash::{FieldTooLong, Hash, Preimage};
use crate::tags;
use std::collections::BTreeSet;

/// Bytes of the total that weights keep.
const WEIGHT_BYTES: usize = 6;

/// What an auditor's commit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedCommit<'a> {
    /// Chain.
    pub chain_id: &'a str,
    /// Epoch in which it is revealed.
    pub epoch: u64,
    /// Auditor's address, raw bytes (not bech32).
    pub auditor: &'a [u8],
    /// Its random bytes.
    pub value: [u8; 32],
}

impl SeedCommit<'_> {
    /// `SHA-256(tag ‖ u16 len ‖ chain_id ‖ u64 epoch ‖ u16 len ‖ auditor ‖ value)`.
    pub fn hash(&self) -> Result<Hash, FieldTooLong> {
        Ok(Preimage::new(tags::SEED_COMMIT)
            .var(self.chain_id.as_bytes())?
            .u64(self.epoch)
            .var(self.auditor)?
            .fixed(&self.value)
            .sha256())
    }
}

/// The seed of an epoch from the auditors' reveals, in ascending order of addresses: `SHA-256(tag ‖ u64 epoch ‖ (u16 len ‖ auditor ‖ value)…)`;
/// nothing without a reveal.
pub fn epoch_seed<'a>(
    epoch: u64,
    reveals: impl Iterator<Item = (&'a [u8], [u8; 32])>,
) -> Result<Option<Hash>, FieldTooLong> {
    let mut preimage = Preimage::new(tags::SEED).u64(epoch);
    let mut any = false;
    for (auditor, value) in reveals {
        preimage = preimage.var(auditor)?.fixed(&value);
        any = true;
    }
    Ok(any.then(|| preimage.sha256()))
}

/// Running sums of the receipts' weights: a pool without its low bytes, as many as the total has over six. Nothing where the pools
/// are empty, or pass 256 bits together.
pub fn running_weights(pools: &[Amount]) -> Option<Vec<u64>> {
    let total = pools.iter().try_fold(Amount::default(), |sum, pool| sum.checked_add(*pool))?;
    let significant = total.to_be_bytes().iter().skip_while(|byte| **byte == 0).count();
    let kept = 32usize.saturating_sub(significant.saturating_sub(WEIGHT_BYTES));
    let mut sum = 0u64;
    let sums: Vec<u64> = pools
        .iter()
        .map(|pool| {
            let weight =
                pool.to_be_bytes().iter().take(kept).fold(0u64, |weight, byte| (weight << 8) | u64::from(*byte));
            sum = sum.saturating_add(weight);
            sum
        })
        .collect();
    (sum > 0).then_some(sums)
}

/// What a draw is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// The epoch's seed.
    pub seed: Hash,
    /// The settlement.
    pub settlement: u64,
    /// Its round of claims, from 0.
    pub round: u32,
}

impl Draw {
    /// The places (from 0) of the receipts drawn: all where there are no more than draws; else for each draw `i` the first place whose
    /// running sum is over `u128(SHA-256(tag ‖ seed ‖ u64 settlement ‖ u32 round ‖ u32 i)[..16]) mod total`, each once.
    pub fn places(&self, draws: u32, sums: &[u64]) -> BTreeSet<u32> {
        let receipts = u32::try_from(sums.len()).unwrap_or(u32::MAX);
        if receipts <= draws {
            return (0..receipts).collect();
        }
        let total = u128::from(sums.last().copied().unwrap_or_default());
        (0..draws)
            .filter_map(|draw| {
                let point = self.number(draw).checked_rem(total)?;
                u32::try_from(sums.partition_point(|sum| u128::from(*sum) <= point)).ok()
            })
            .collect()
    }

    fn number(&self, draw: u32) -> u128 {
        let preimage = Preimage::new(tags::DRAW).fixed(&self.seed).u64(self.settlement).u32(self.round).u32(draw);
        preimage.sha256().iter().take(16).fold(0u128, |number, byte| (number << 8) | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amounts(pools: &[u64]) -> Vec<Amount> {
        pools.iter().map(|pool| Amount::from(u128::from(*pool))).collect()
    }

    #[test]
    fn an_epoch_without_reveals_has_no_seed_and_every_reveal_changes_it() {
        let one: (&[u8], [u8; 32]) = (&[1; 20], [5; 32]);
        let two: (&[u8], [u8; 32]) = (&[2; 20], [6; 32]);
        assert_eq!(epoch_seed(3, std::iter::empty()), Ok(None));
        let seeds = [
            epoch_seed(3, [one].into_iter()),
            epoch_seed(3, [two].into_iter()),
            epoch_seed(3, [one, two].into_iter()),
            epoch_seed(4, [one].into_iter()),
        ];
        let distinct: BTreeSet<_> = seeds.iter().map(|seed| seed.clone().unwrap().unwrap()).collect();
        assert_eq!(distinct.len(), seeds.len());
    }

    #[test]
    fn a_commit_binds_chain_epoch_auditor_and_value() {
        let base = SeedCommit { chain_id: "c", epoch: 1, auditor: &[1; 20], value: [2; 32] };
        for other in [
            SeedCommit { chain_id: "d", ..base },
            SeedCommit { epoch: 2, ..base },
            SeedCommit { auditor: &[1; 19], ..base },
            SeedCommit { value: [3; 32], ..base },
        ] {
            assert_ne!(base.hash(), other.hash());
        }
    }

    #[test]
    fn empty_pools_have_no_weights_and_the_greatest_ones_do() {
        assert_eq!(running_weights(&amounts(&[0, 0])), None);
        assert_eq!(running_weights(&[]), None);
        assert_eq!(running_weights(&amounts(&[0, 3, 0, 4])), Some(vec![0, 3, 3, 7]));
        let half = Amount::from_be_bytes(std::array::from_fn(|at| if at == 0 { 0x7f } else { 0xff }));
        assert_eq!(running_weights(&[half, half]), Some(vec![0x7fff_ffff_ffff, 0xffff_ffff_fffe]));
        assert_eq!(running_weights(&[half, half, half]), None, "over 256 bits");
    }

    #[test]
    fn draws_fall_by_the_weights() {
        let sums = running_weights(&amounts(&[1, 0, 9, 90])).unwrap();
        let mut hits = [0u32; 4];
        for settlement in 0..2_000 {
            for place in (Draw { seed: [7; 32], settlement, round: 0 }).places(1, &sums) {
                hits[place as usize] += 1;
            }
        }
        assert_eq!(hits.iter().sum::<u32>(), 2_000);
        assert_eq!(hits[1], 0, "a receipt that pays nobody is never drawn");
        assert!((5..60).contains(&hits[0]) && (120..240).contains(&hits[2]), "{hits:?}");
    }

    proptest! {
        #[test]
        fn places_are_receipts_and_no_more_than_draws(pools in prop::collection::vec(any::<u64>(), 1..40), draws in 1u32..20, seed: [u8; 32]) {
            let Some(sums) = running_weights(&amounts(&pools)) else { return Ok(()) };
            let places = Draw { seed, settlement: 4, round: 1 }.places(draws, &sums);
            prop_assert!(!places.is_empty() && places.len() <= draws.max(pools.len() as u32) as usize);
            prop_assert!(places.iter().all(|place| (*place as usize) < pools.len()));
            if pools.len() <= draws as usize {
                prop_assert_eq!(places.len(), pools.len());
            }
        }
    }
}
