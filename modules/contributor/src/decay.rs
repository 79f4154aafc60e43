//! How reputation fades: by one half an epoch, in a straight line within it.
//!
//! Sums are stored as they would have been worth when their epoch began. To bring them to a later epoch is one shift, whatever the number
//! of epochs; since halving rounds the same way in one step or in many, it does not matter when, or how often, a sum is touched. An
//! act in the middle of an epoch is scaled up to its start, so that it is worth its full points when it happens.
//!
//! ```text
//! weight(t) = (2 length − t) / (2 length)      0 ≤ t < length, seconds since the epoch began: 1 at first, 1/2 at the end
//! stored   += ⌈points / weight(t)⌉              when an act adds, in millionths of a point, so that roundings do not show
//! points    = ⌊(gained + burnt / price − lost) · weight(t)⌋, at least 0
//! ```
//!
//! Gains round down when they are halved and losses up, so that what is left never rises by waiting.

use cosmwasm_std::{Uint128, Uint256};
use openledger_core::Address;
use openledger_proto::openledger::contributor::v1::{ReputationClock, ReputationRecord};
use serde::{Deserialize, Serialize};

/// A point, as gains and losses are stored: in millionths.
const POINT: Uint256 = Uint256::new(1_000_000);

/// A place in time: an epoch and how far it has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The epoch's number.
    pub epoch: u64,
    /// Seconds since it began, less than its length.
    pub elapsed: u64,
    /// Its length in seconds, at least 1.
    pub length: u64,
}

impl Moment {
    /// The weight's numerator and denominator.
    fn weight(self) -> (Uint256, Uint256) {
        let whole = Uint256::from(u128::from(self.length).saturating_mul(2).max(2));
        (whole.saturating_sub(Uint256::from(self.elapsed)).max(Uint256::one()), whole)
    }

    /// What is added to a sum for something worth `points` now; saturates at 256 bits.
    fn scaled(self, points: Uint256) -> Uint256 {
        let (weight, whole) = self.weight();
        let Ok(product) = points.checked_mul(whole) else { return Uint256::MAX };
        // Rounded up: what was just gained is worth its full points.
        let up = product.saturating_add(weight.saturating_sub(Uint256::one()));
        up.checked_div(weight).unwrap_or(Uint256::MAX)
    }

    /// What a sum is worth now.
    fn worth(self, sum: Uint256) -> Uint256 {
        let (weight, whole) = self.weight();
        sum.checked_multiply_ratio(weight, whole).unwrap_or(sum)
    }
}

/// Which epoch it is: one epoch whose start is known; all later ones have the parameters' length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The number of an epoch.
    pub epoch: u64,
    /// Header time at which it began, in seconds.
    pub since_seconds: i64,
    /// How long it lasts, in seconds.
    pub length_seconds: u64,
}

impl Clock {
    /// Epochs of one length, counted from 1970.
    pub fn plain(length_seconds: u64) -> Self {
        Self { epoch: 0, since_seconds: 0, length_seconds }
    }

    /// The protobuf form.
    pub fn to_proto(self) -> ReputationClock {
        let Self { epoch, since_seconds, length_seconds } = self;
        ReputationClock { epoch, since_seconds, length_seconds }
    }

    /// The moment of a header time, `later` being the length of the epochs after this one. A time before the clock's counts as its start.
    pub fn at(&self, seconds: i64, later: u64) -> Moment {
        let passed = u64::try_from(seconds.saturating_sub(self.since_seconds)).unwrap_or_default();
        let Some(rest) = passed.checked_sub(self.length_seconds) else {
            return Moment { epoch: self.epoch, elapsed: passed, length: self.length_seconds };
        };
        let later = later.max(1);
        let epochs = rest.checked_div(later).unwrap_or_default().saturating_add(1);
        let elapsed = rest.checked_rem(later).unwrap_or_default();
        Moment { epoch: self.epoch.saturating_add(epochs), elapsed, length: later }
    }

    /// The clock that goes on from this moment: the epoch that runs keeps its length, so no reputation jumps when the length of epochs
    /// changes.
    pub fn of(moment: Moment, seconds: i64) -> Self {
        let elapsed = i64::try_from(moment.elapsed).unwrap_or(i64::MAX);
        Self { epoch: moment.epoch, since_seconds: seconds.saturating_sub(elapsed), length_seconds: moment.length }
    }
}

/// The sums behind one reputation, as they were worth when `epoch` began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// The epoch.
    pub epoch: u64,
    /// Points of good outcomes, in millionths.
    pub gained: Uint256,
    /// Points of bad outcomes, in millionths.
    pub lost: Uint256,
    /// Fees burnt by usage, in base units.
    pub burnt: Uint256,
}

impl Sums {
    /// The protobuf form.
    pub fn to_proto(self, account: &Address, datanet: u64, role: u8) -> ReputationRecord {
        ReputationRecord {
            address: account.to_string(),
            datanet_id: datanet,
            role: role.into(),
            epoch: self.epoch,
            gained: self.gained.to_string(),
            lost: self.lost.to_string(),
            burnt: self.burnt.to_string(),
        }
    }

    /// The sums as they are worth when `epoch` begins; an epoch that has passed changes nothing.
    pub fn in_epoch(self, epoch: u64) -> Self {
        let halvings = epoch.saturating_sub(self.epoch);
        Self {
            epoch: self.epoch.max(epoch),
            gained: halved(self.gained, halvings),
            lost: halved_up(self.lost, halvings),
            burnt: halved(self.burnt, halvings),
        }
    }

    /// Adds what an outcome is worth: points above or below 0.
    pub fn add_points(self, points: i64, moment: Moment) -> Self {
        let mut sums = self.in_epoch(moment.epoch);
        let scaled = moment.scaled(Uint256::from(points.unsigned_abs()).saturating_mul(POINT));
        let sum = if points < 0 { &mut sums.lost } else { &mut sums.gained };
        *sum = sum.saturating_add(scaled);
        sums
    }

    /// Adds burnt fees, in base units.
    pub fn add_burnt(self, burnt: Uint256, moment: Moment) -> Self {
        let mut sums = self.in_epoch(moment.epoch);
        sums.burnt = sums.burnt.saturating_add(moment.scaled(burnt));
        sums
    }

    /// The reputation at a moment, `price` being the burnt base units that are worth a point.
    pub fn points(self, moment: Moment, price: Uint256) -> u64 {
        let sums = self.in_epoch(moment.epoch);
        // One division at the end: nothing is rounded before.
        let price = price.max(Uint256::one());
        let good = sums.gained.saturating_mul(price).saturating_add(sums.burnt.saturating_mul(POINT));
        let net = good.saturating_sub(sums.lost.saturating_mul(price));
        let points = moment.worth(net).checked_div(price.saturating_mul(POINT)).unwrap_or_default();
        Uint128::try_from(points).ok().and_then(|points| points.u128().try_into().ok()).unwrap_or(u64::MAX)
    }
}

/// Halved `times` times, rounding down.
fn halved(sum: Uint256, times: u64) -> Uint256 {
    u32::try_from(times).ok().and_then(|times| sum.checked_shr(times).ok()).unwrap_or_default()
}

/// Halved `times` times, rounding up: ⌈⌈x/2⌉/2⌉ = ⌈x/4⌉, so the number of steps does not matter here either. The last millionth stays.
fn halved_up(sum: Uint256, times: u64) -> Uint256 {
    match sum.checked_sub(Uint256::one()) {
        Ok(less) => halved(less, times).saturating_add(Uint256::one()),
        Err(_) => sum,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may fail")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRICE: Uint256 = Uint256::new(1_000);

    fn moment(epoch: u64, elapsed: u64, length: u64) -> Moment {
        Moment { epoch, elapsed: elapsed % length, length }
    }

    #[test]
    fn reputation_falls_in_a_straight_line_to_one_half_an_epoch() {
        let sums = Sums::default().add_points(1_000, moment(0, 0, 100));
        let points = |epoch, elapsed| sums.points(moment(epoch, elapsed, 100), PRICE);
        assert_eq!([points(0, 0), points(0, 50), points(0, 98), points(1, 0)], [1_000, 750, 510, 500]);
        assert_eq!(
            [points(1, 50), points(2, 0), points(9, 0), points(10, 0), points(u64::MAX, 0)],
            [375, 250, 1, 0, 0]
        );
    }

    #[test]
    fn what_is_gained_in_the_middle_of_an_epoch_is_worth_its_points_then() {
        for elapsed in 0..100 {
            let at = moment(3, elapsed, 100);
            assert_eq!(Sums::default().add_points(1_000, at).points(at, PRICE), 1_000, "{elapsed}");
            let burnt = Sums::default().add_burnt(Uint256::from(7_000u128), at);
            assert_eq!(burnt.points(at, PRICE), 7, "{elapsed}");
        }
    }

    #[test]
    fn losses_never_lead_below_nothing_and_are_to_be_made_good() {
        let at = moment(0, 0, 100);
        let sums = Sums::default().add_points(-500, at);
        assert_eq!(sums.points(at, PRICE), 0);
        assert_eq!(sums.add_points(800, at).points(at, PRICE), 300);
    }

    #[test]
    fn a_new_length_of_epochs_begins_with_the_next_epoch() {
        let clock = Clock::plain(100);
        let now = clock.at(250, 100);
        assert_eq!(now, moment(2, 50, 100));
        let clock = Clock::of(now, 250);
        assert_eq!(clock.at(250, 1_000), now, "nothing jumps");
        assert_eq!(clock.at(299, 1_000), moment(2, 49 + 50, 100));
        assert_eq!(clock.at(300, 1_000), moment(3, 0, 1_000));
        assert_eq!(clock.at(3_350, 1_000), moment(6, 50, 1_000));
        assert_eq!(clock.at(-5, 1_000), moment(2, 0, 100));
        assert_eq!(Clock::plain(0).at(i64::MAX, 0).elapsed, 0, "no division by nothing");
    }

    #[derive(Debug, Clone)]
    enum Act {
        Points(i64),
        Burnt(u128),
    }

    impl Act {
        fn on(&self, sums: Sums, at: Moment) -> Sums {
            match self {
                Self::Points(points) => sums.add_points(*points, at),
                Self::Burnt(burnt) => sums.add_burnt(Uint256::from(*burnt), at),
            }
        }
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![(-5_000i64..5_000).prop_map(Act::Points), (0u128..10u128.pow(30)).prop_map(Act::Burnt)];
        prop::collection::vec(act, 0..12)
    }

    proptest! {
        #[test]
        fn the_order_of_acts_in_a_block_does_not_matter(acts in acts(), length in 1u64..100_000, elapsed: u64) {
            let at = moment(5, elapsed, length);
            let forth = acts.iter().fold(Sums::default(), |sums, act| act.on(sums, at));
            let back = acts.iter().rev().fold(Sums::default(), |sums, act| act.on(sums, at));
            prop_assert_eq!(forth, back);
        }

        #[test]
        fn decay_in_one_step_is_decay_in_many(acts in acts(), elapsed: u64, steps in 0u64..300) {
            let at = moment(5, elapsed, 1_000);
            let sums = acts.iter().fold(Sums::default(), |sums, act| act.on(sums, at));
            let mut stepwise = sums;
            for epoch in 5..=5 + steps {
                stepwise = stepwise.in_epoch(epoch);
            }
            prop_assert_eq!(sums.in_epoch(5 + steps), stepwise);
        }

        #[test]
        fn a_reputation_never_rises_by_waiting(acts in acts(), elapsed: u64, length in 1u64..1_000, waits in prop::collection::vec(0u64..700, 1..40)) {
            let mut time = elapsed % length;
            let clock = Clock::plain(length);
            let at = |time: u64| clock.at(i64::try_from(time).unwrap(), length);
            let sums = acts.iter().fold(Sums::default(), |sums, act| act.on(sums, at(time)));
            let mut before = sums.points(at(time), PRICE);
            for wait in waits {
                time += wait;
                let now = sums.points(at(time), PRICE);
                prop_assert!(now <= before, "{} after {}", now, before);
                before = now;
            }
        }

        #[test]
        fn no_sums_and_times_break_it(gained: [u8; 32], lost: [u8; 32], burnt: [u8; 32], epoch: u64, at: u64, elapsed: u64, length in 1u64.., points: i64) {
            let sums = Sums { epoch, gained: Uint256::from_be_bytes(gained), lost: Uint256::from_be_bytes(lost), burnt: Uint256::from_be_bytes(burnt) };
            let at = moment(at, elapsed, length);
            let _ = sums.add_points(points, at).add_burnt(Uint256::from_be_bytes(burnt), at).points(at, Uint256::zero());
        }
    }
}
