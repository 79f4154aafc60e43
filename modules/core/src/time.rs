//! Times as blocks have them: seconds and nanoseconds, as text, as protobuf and as part of a key.

use std::fmt::{self, Write as _};
use std::time::Duration;

use openledger_proto::{Duration as ProtoDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::context::{BlockInfo, Context};
use crate::error::{Result, SdkError};

const SECONDS_A_DAY: i64 = 86_400;
const NANOS_A_SECOND: u32 = 1_000_000_000;
/// The last second of the year 9999: from there on a year has five digits.
const LAST_SECOND: i64 = 253_402_300_799;
/// Bytes of a time within a key.
pub const KEY_BYTES: usize = 12;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Time {
    /// Whole seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanos: u32,
}

impl Time {
    /// 1970, which the SDK gives to what has not happened yet.
    pub const EPOCH: Self = Self { seconds: 0, nanos: 0 };
    /// Go's zero time, 1 January of the year 1.
    pub const ZERO: Self = Self { seconds: -62_135_596_800, nanos: 0 };

    /// The time of a block's header.
    pub fn of(block: &BlockInfo) -> Self {
        Self { seconds: block.time_seconds, nanos: block.time_nanos }
    }

    /// The time of the block that is executed.
    pub fn now(ctx: &Context) -> Self {
        Self::of(ctx.block())
    }

    /// So much later; the end of time where there is none.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let nanos = self.nanos.saturating_add(span.subsec_nanos());
        let (carry, nanos) = match nanos.checked_sub(NANOS_A_SECOND) {
            Some(rest) => (1, rest),
            None => (0, nanos),
        };
        let whole = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        Self { seconds: self.seconds.saturating_add(whole).saturating_add(carry), nanos }
    }

    /// The protobuf form.
    pub fn to_proto(self) -> Timestamp {
        Timestamp { seconds: self.seconds, nanos: i32::try_from(self.nanos).unwrap_or_default() }
    }

    /// Reads the protobuf form; what is absent is Go's zero time, as gogoproto reads it.
    pub fn from_proto(time: Option<&Timestamp>) -> Self {
        let time =
            time.map(|time| Self { seconds: time.seconds, nanos: u32::try_from(time.nanos).unwrap_or_default() });
        time.unwrap_or(Self::ZERO)
    }

    /// Reads the protobuf form of a message; refuses what is no time of the years 1 to 9999, as gogoproto does.
    pub fn read(time: &Timestamp) -> Result<Self> {
        let nanos = u32::try_from(time.nanos).ok().filter(|nanos| *nanos < NANOS_A_SECOND);
        match nanos {
            Some(nanos) if (Self::ZERO.seconds..=LAST_SECOND).contains(&time.seconds) => {
                Ok(Self { seconds: time.seconds, nanos })
            }
            _ => {
                let text = format!("{} seconds and {} nanoseconds are no time", time.seconds, time.nanos);
                Err(SdkError::TxDecode(text).into())
            }
        }
    }

    /// Text of 29 bytes that sorts as times do, `2006-01-02T15:04:05.000000000` (SDK v0.50 `types/utils.go`, `SortableTimeFormat`).
    /// Refuses what is not in the years 1 to 9999, whose text would not sort.
    pub fn sortable(self) -> Result<String> {
        if !(Self::ZERO.seconds..=LAST_SECOND).contains(&self.seconds) || self.nanos >= NANOS_A_SECOND {
            let text = format!("the time {}s {}ns is not in 1 to 9999", self.seconds, self.nanos);
            return Err(SdkError::Logic(text).into());
        }
        let mut text = String::new();
        let written = self.write_second(&mut text).and_then(|()| write!(text, ".{:09}", self.nanos));
        written.map_err(|error| SdkError::Logic(error.to_string()))?;
        Ok(text)
    }

    /// Bytes that sort as times do.
    pub fn key(self) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        let seconds = self.seconds.cast_unsigned() ^ (1 << 63);
        let bytes = seconds.to_be_bytes().into_iter().chain(self.nanos.to_be_bytes());
        for (place, byte) in key.iter_mut().zip(bytes) {
            *place = byte;
        }
        key
    }
}

/// Reads a duration that is not negative, of at most the 292 years that Go's have.
pub fn duration_from_proto(duration: &ProtoDuration) -> Result<Duration> {
    const MOST_SECONDS: u64 = 9_223_372_036;
    let seconds = u64::try_from(duration.seconds).ok().filter(|seconds| *seconds < MOST_SECONDS);
    let nanos = u32::try_from(duration.nanos).ok().filter(|nanos| *nanos < NANOS_A_SECOND);
    let (Some(seconds), Some(nanos)) = (seconds, nanos) else {
        let text = format!("{} seconds and {} nanoseconds are no duration", duration.seconds, duration.nanos);
        return Err(SdkError::InvalidRequest(text).into());
    };
    Ok(Duration::new(seconds, nanos))
}

/// The protobuf form of a duration.
pub fn duration_to_proto(duration: Duration) -> ProtoDuration {
    ProtoDuration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or_default(),
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC without fractions, as Go's `time.RFC3339` shows it in events.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_second(f)?;
        f.write_str("Z")
    }
}

impl Time {
    /// Date and time of day, `2006-01-02T15:04:05`.
    #[expect(clippy::arithmetic_side_effects, reason = "a day's number is below 2^48, constants divide")]
    fn write_second(self, f: &mut impl fmt::Write) -> fmt::Result {
        // Days are counted from 1 March of the year 0, in cycles of 400 years, so that a leap day is a year's last.
        let days = self.seconds.div_euclid(SECONDS_A_DAY) + 719_468;
        let second = self.seconds.rem_euclid(SECONDS_A_DAY);
        let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (year * 365 + year / 4 - year / 100);
        // Five months from March on have 153 days, and so the next five.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let january_or_later = i64::from(month >= 10);
        let (year, month) = (cycle * 400 + year + january_or_later, month + 3 - 12 * january_or_later);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_go_shows_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
            (1_798_761_600, "2027-01-01T00:00:00Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(Time { seconds, nanos: 5 }.to_string(), text);
        }
    }

    #[test]
    fn sortable_texts_are_go_s_and_sort_as_times_do() {
        let text = |seconds, nanos| Time { seconds, nanos }.sortable();
        assert_eq!(text(0, 0).unwrap(), "1970-01-01T00:00:00.000000000");
        assert_eq!(text(951_827_696, 7).unwrap(), "2000-02-29T12:34:56.000000007");
        assert_eq!(text(4_107_542_399, 999_999_999).unwrap(), "2100-02-28T23:59:59.999999999");
        assert_eq!(text(4_107_542_400, 0).unwrap(), "2100-03-01T00:00:00.000000000");
        assert_eq!(text(-62_135_596_800, 0).unwrap(), "0001-01-01T00:00:00.000000000");
        assert_eq!(text(253_402_300_799, 0).unwrap(), "9999-12-31T23:59:59.000000000");
        assert!(text(253_402_300_800, 0).is_err() && text(-62_135_596_801, 0).is_err());
        let times: Vec<i64> = (0..4_000).map(|day| day * 86_400 * 3 + day * 7_001).collect();
        assert!(times.windows(2).all(|pair| text(pair[0], 5).unwrap() < text(pair[1], 4).unwrap()));
    }

    #[test]
    fn what_go_cannot_hold_is_no_time_and_no_duration() {
        let time = |seconds, nanos| Time::read(&Timestamp { seconds, nanos }).is_ok();
        assert!(time(-62_135_596_800, 0) && time(253_402_300_799, 999_999_999));
        assert!(!time(-62_135_596_801, 0) && !time(253_402_300_800, 0) && !time(0, -1) && !time(0, 1_000_000_000));
        let duration = |seconds, nanos| duration_from_proto(&ProtoDuration { seconds, nanos }).is_ok();
        assert!(duration(0, 0) && duration(9_223_372_035, 999_999_999));
        assert!(!duration(-1, 0) && !duration(0, -1) && !duration(9_223_372_036, 0));
    }

    #[test]
    fn keys_sort_as_times_do() {
        let times = [(-5, 0), (-1, 999_999_999), (0, 0), (0, 1), (1, 0), (i64::MAX, 0)];
        let keys: Vec<_> =
            times.iter().map(|(seconds, nanos)| Time { seconds: *seconds, nanos: *nanos }.key()).collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn nanoseconds_carry_into_seconds() {
        let time = Time { seconds: 1, nanos: 999_999_999 }.after(Duration::new(2, 1));
        assert_eq!(time, Time { seconds: 4, nanos: 0 });
    }
}
