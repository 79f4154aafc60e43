//! Times of a proposal: block times plus the parameters' periods, and how they stand in keys.
//!
//! Source of the keys' form: SDK v0.50 `types/utils.go` (`SortableTimeFormat`).

use openledger_core::{BlockInfo, Result, SdkError};
use openledger_proto::{Duration, Timestamp};

const NANOS_A_SECOND: i128 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;
/// The first second of the year 10000: from here on a year has five digits, and text no longer sorts as time does.
const YEAR_10000: i64 = 253_402_300_800;

/// The time of the block.
pub(crate) fn now(block: &BlockInfo) -> Timestamp {
    Timestamp { seconds: block.time_seconds, nanos: i32::try_from(block.time_nanos).unwrap_or_default() }
}

/// A period in nanoseconds; refused beyond 64 bits, which Go's `time.Duration` has, and where its parts contradict each other.
pub(crate) fn nanos(period: &Duration) -> Result<i64, SdkError> {
    let sound = period.nanos.unsigned_abs() < 1_000_000_000
        && (period.seconds == 0 || period.nanos == 0 || (period.seconds < 0) == (period.nanos < 0));
    let sum = i128::from(period.seconds)
        .checked_mul(NANOS_A_SECOND)
        .and_then(|sum| sum.checked_add(i128::from(period.nanos)))
        .and_then(|sum| i64::try_from(sum).ok());
    sum.filter(|_| sound).ok_or_else(|| {
        SdkError::InvalidRequest(format!("a period of {}s and {}ns is out of range", period.seconds, period.nanos))
    })
}

/// `period` after `time`.
pub(crate) fn after(time: &Timestamp, period: &Duration) -> Result<Timestamp> {
    let start = i128::from(time.seconds).checked_mul(NANOS_A_SECOND);
    let end = start
        .and_then(|sum| sum.checked_add(i128::from(time.nanos)))
        .and_then(|sum| sum.checked_add(i128::from(nanos(period).ok()?)));
    let parts = end.and_then(|end| {
        let seconds = i64::try_from(end.div_euclid(NANOS_A_SECOND)).ok()?;
        let nanos = i32::try_from(end.rem_euclid(NANOS_A_SECOND)).ok()?;
        Some(Timestamp { seconds, nanos })
    });
    parts.ok_or_else(|| SdkError::Logic(format!("a period after second {} is out of range", time.seconds)).into())
}

/// Whether `a` is before `b`.
pub(crate) fn is_before(a: &Timestamp, b: &Timestamp) -> bool {
    (a.seconds, a.nanos) < (b.seconds, b.nanos)
}

/// A time as text that sorts as times do.
pub(crate) fn sortable(time: &Timestamp) -> Result<String> {
    if !(-62_135_596_800..YEAR_10000).contains(&time.seconds) || !(0..1_000_000_000).contains(&time.nanos) {
        return Err(SdkError::Logic(format!("the time {}s {}ns is not in 1 to 9999", time.seconds, time.nanos)).into());
    }
    let (days, rest) = (time.seconds.div_euclid(SECONDS_A_DAY), time.seconds.rem_euclid(SECONDS_A_DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:09}", time.nanos))
}

/// The Gregorian date of a day counted from 1970: years are counted from March, so that a leap day is a year's last, and a month
/// begins at day (153·m + 2)/5 of such a year.
#[expect(clippy::arithmetic_side_effects, reason = "a day's number is below 2^48, and constants divide")]
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (year * 365 + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let in_month = in_year - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let month = if is_next_year { month - 9 } else { month + 3 };
    (cycle * 400 + year + i64::from(is_next_year), month, in_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seconds: i64, nanos: i32) -> String {
        sortable(&Timestamp { seconds, nanos }).unwrap()
    }

    #[test]
    fn times_are_written_as_go_writes_them() {
        assert_eq!(text(0, 0), "1970-01-01T00:00:00.000000000");
        assert_eq!(text(951_827_696, 7), "2000-02-29T12:34:56.000000007");
        assert_eq!(text(4_107_542_399, 999_999_999), "2100-02-28T23:59:59.999999999");
        assert_eq!(text(4_107_542_400, 0), "2100-03-01T00:00:00.000000000");
        assert_eq!(text(-62_135_596_800, 0), "0001-01-01T00:00:00.000000000");
        assert_eq!(text(YEAR_10000 - 1, 0), "9999-12-31T23:59:59.000000000");
        assert!(sortable(&Timestamp { seconds: YEAR_10000, nanos: 0 }).is_err());
    }

    #[test]
    fn texts_sort_as_times_do() {
        let times: Vec<i64> = (0..4_000).map(|day| day * 86_400 * 3 + day * 7_001).collect();
        assert!(times.windows(2).all(|pair| text(pair[0], 5) < text(pair[1], 4)));
    }

    #[test]
    fn a_period_carries_its_nanoseconds() {
        let start = Timestamp { seconds: 10, nanos: 900_000_000 };
        let end = after(&start, &Duration { seconds: 1, nanos: 200_000_000 }).unwrap();
        assert_eq!((end.seconds, end.nanos), (12, 100_000_000));
        assert!(nanos(&Duration { seconds: i64::MAX / 1_000_000_000 + 1, nanos: 0 }).is_err());
        assert!(nanos(&Duration { seconds: 1, nanos: -1 }).is_err());
    }
}
