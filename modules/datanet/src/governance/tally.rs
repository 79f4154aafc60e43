//! From reviews to a score: the stake-weighted median, clipped on both sides. Pure.
//!
//! 1. **Weights are clipped.** A reviewer weighs its bond, but nobody more than a share `c` of all weights after clipping (the policy's,
//!    a third unless it says otherwise): the largest are cut to one level `L = c · rest / (1 − k·c)`, `rest` being the weights of those
//!    below it and `k` the number cut. Where so few review that no such level is (fewer than 1/c), all weigh the same.
//! 2. **Median.** Reviews in order of their scores; the first at which the running weight is at least half of all. It is the lower one
//!    of two in the middle, so a tie never pays more.
//! 3. **The median is clipped**, below and above, to a band around the *unweighted* lower median (the policy's, 2,000 unless it says
//!    otherwise).
//!
//! Why: stake alone could otherwise set a score (one huge bond), heads alone could be hired. With both, to move a score by more than the
//! band takes a majority of heads *and* half of the clipped stake. Clipping each score to the band before the weighted median gives the
//! same number, as the median of clamped values is the clamped median; so this is all that "clipped on both sides" can mean here.

use cosmwasm_std::{Uint128, Uint256, Uint512};

/// What all weights sum to when they are divided as shares, and a whole in basis points.
pub(crate) const WHOLE: u32 = 10_000;

/// Clips weights so that none is more than `most_bps` of their sum; all the same where that cannot be. In their order.
pub(crate) fn clip(weights: &[Uint256], most_bps: u32) -> Vec<Uint256> {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let mut rest: Uint512 = sorted.iter().fold(Uint512::zero(), |sum, weight| sum.saturating_add((*weight).into()));
    let mut left = u64::from(WHOLE);
    for weight in &sorted {
        let level = rest.saturating_mul(Uint512::from(most_bps)).checked_div(Uint512::from(left));
        let Ok(level) = level else { break };
        if Uint512::from(*weight) <= level {
            let level = Uint256::try_from(level).unwrap_or(Uint256::MAX);
            return weights.iter().map(|weight| (*weight).min(level)).collect();
        }
        rest = rest.saturating_sub((*weight).into());
        left = left.saturating_sub(most_bps.into());
    }
    vec![Uint256::one(); weights.len()]
}

/// The score of reviews with these scores and weights; 0 of none.
pub(crate) fn score(reviews: &[(u32, Uint256)], most_bps: u32, band: u32) -> u32 {
    let weights: Vec<Uint256> = reviews.iter().map(|(_, weight)| *weight).collect();
    let scores = reviews.iter().map(|(score, _)| *score);
    let heads = lower_median(scores.clone().zip(std::iter::repeat(Uint256::one())).collect());
    let stake = lower_median(scores.zip(clip(&weights, most_bps)).collect());
    stake.clamp(heads.saturating_sub(band), heads.saturating_add(band))
}

/// The first score, from below, at which the running weight is at least half of the whole.
fn lower_median(mut reviews: Vec<(u32, Uint256)>) -> u32 {
    reviews.sort_unstable();
    let weigh = |sum: Uint512, weight: Uint256| sum.saturating_add(weight.into());
    let total = reviews.iter().fold(Uint512::zero(), |sum, (_, weight)| weigh(sum, *weight));
    let mut running = Uint512::zero();
    for (score, weight) in &reviews {
        running = weigh(running, *weight);
        if running >= total.saturating_sub(running) {
            return *score;
        }
    }
    0
}

/// Divides [`WHOLE`] by clipped weights, rounded down each.
pub(crate) fn shares(weights: &[Uint256], most_bps: u32) -> Vec<u64> {
    let clipped = clip(weights, most_bps);
    let total = clipped.iter().fold(Uint512::zero(), |sum, weight| sum.saturating_add((*weight).into()));
    let share = |weight: &Uint256| {
        let part = Uint512::from(*weight).saturating_mul(Uint512::from(WHOLE)).checked_div(total);
        part.ok().and_then(|part| Uint128::try_from(part).ok()).and_then(|part| u64::try_from(part.u128()).ok())
    };
    clipped.iter().map(|weight| share(weight).unwrap_or_default()).collect()
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may fail")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weights(units: &[u128]) -> Vec<Uint256> {
        units.iter().map(|unit| Uint256::from(*unit)).collect()
    }

    #[test]
    fn one_huge_weight_is_cut_to_its_share() {
        // 100 below; a level of 1/3 of (100 + L) is 50.
        let clipped = clip(&weights(&[u128::MAX, 30, 30, 40]), 3_333);
        assert_eq!(clipped, weights(&[49, 30, 30, 40]));
        assert_eq!(clip(&weights(&[5, 1_000]), 3_333), weights(&[1, 1]), "two cannot both have a third at most");
        assert_eq!(clip(&weights(&[5, 5, 5, 5]), 3_333), weights(&[5, 5, 5, 5]));
    }

    #[test]
    fn a_whale_alone_does_not_move_the_score_out_of_the_band() {
        let honest = [(6_000, Uint256::from(10u64)), (6_100, Uint256::from(10u64)), (6_200, Uint256::from(10u64))];
        let whale = |score| [honest.as_slice(), &[(score, Uint256::MAX)]].concat();
        assert_eq!(score(&whale(10_000), 3_333, 2_000), 6_200);
        assert_eq!(score(&whale(0), 3_333, 2_000), 6_000);
        let two = [(9_000, Uint256::MAX), (1_000, Uint256::one())];
        assert_eq!(score(&two, 3_333, 2_000), 1_000, "of two, the lower");
        assert_eq!(score(&[], 3_333, 2_000), 0);
    }

    #[test]
    fn stake_moves_the_score_by_the_band_at_most() {
        let reviews = [
            (1_000, Uint256::from(1u64)),
            (1_000, Uint256::from(1u64)),
            (1_000, Uint256::from(1u64)),
            (9_000, Uint256::from(100u64)),
            (9_000, Uint256::from(100u64)),
        ];
        assert_eq!(score(&reviews, 5_000, 2_000), 3_000);
        assert_eq!(score(&reviews, 5_000, 10_000), 9_000);
    }

    #[test]
    fn shares_of_equal_weights_are_equal_and_sum_to_at_most_the_whole() {
        assert_eq!(shares(&weights(&[1, 1, 1]), 3_333), [3_333, 3_333, 3_333]);
        assert_eq!(shares(&weights(&[7]), 3_333), [10_000]);
        assert_eq!(shares(&[], 3_333), [0u64; 0]);
    }

    proptest! {
        #[test]
        fn no_clipped_weight_is_over_its_share_unless_all_are_the_same(
            units in prop::collection::vec(any::<u128>(), 1..40), most in 1u32..5_001,
        ) {
            let clipped = clip(&weights(&units), most);
            let total = clipped.iter().fold(Uint512::zero(), |sum, weight| sum + Uint512::from(*weight));
            let same = clipped.iter().all(|weight| *weight == clipped[0]);
            for weight in &clipped {
                let over = Uint512::from(*weight) * Uint512::from(WHOLE) > total * Uint512::from(most) + Uint512::from(WHOLE) * Uint512::from(40u32);
                prop_assert!(same || !over, "{} of {}", weight, total);
            }
        }

        #[test]
        fn the_score_lies_between_the_lowest_and_the_highest_and_in_the_band(
            reviews in prop::collection::vec((0u32..10_001, any::<u128>()), 1..40), most in 1u32..5_001, band in 1u32..10_001,
        ) {
            let reviews: Vec<_> = reviews.into_iter().map(|(score, weight)| (score, Uint256::from(weight))).collect();
            let scores: Vec<u32> = reviews.iter().map(|(score, _)| *score).collect();
            let found = score(&reviews, most, band);
            prop_assert!(scores.iter().min() <= Some(&found) && Some(&found) <= scores.iter().max());
            prop_assert!(shares(&reviews.iter().map(|(_, weight)| *weight).collect::<Vec<_>>(), most).iter().sum::<u64>() <= 10_000);
        }
    }
}
