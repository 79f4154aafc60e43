//! Times of a proposal in protobuf's form: block times plus the parameters' periods, refused where Go's cannot hold them.

use openledger_core::{Result, SdkError, Time};
use openledger_proto::{Duration, Timestamp};

const NANOS_A_SECOND: i128 = 1_000_000_000;

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

/// A time as text that sorts as times do; a negative part of a second is none.
pub(crate) fn sortable(time: &Timestamp) -> Result<String> {
    let nanos = u32::try_from(time.nanos).unwrap_or(u32::MAX);
    Time { seconds: time.seconds, nanos }.sortable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_is_no_key() {
        assert_eq!(sortable(&Timestamp { seconds: 0, nanos: 7 }).unwrap(), "1970-01-01T00:00:00.000000007");
        for (seconds, nanos) in [(253_402_300_800, 0), (0, -1), (0, 1_000_000_000)] {
            assert!(sortable(&Timestamp { seconds, nanos }).is_err());
        }
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
