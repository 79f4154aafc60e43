//! The calendar year (UTC) of a time: integers alone, by counting days in the Gregorian calendar's cycle of 400 years.

const SECONDS_A_DAY: i64 = 86_400;
const DAYS_IN_400_YEARS: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970. Years are counted from March, so that a leap day is a year's last.
const DAYS_TO_1970: i64 = 719_468;

/// The year of a header time in seconds since 1970; times before the year 0 and after 65,535 count as these.
///
/// ```text
/// d = days since 1 March 0        c = d mod 146,097, the day in its cycle of 400 years
/// y = (c − c/1,460 + c/36,524 − c/146,096) / 365      leap days taken out: every 4 years, not every 100, every 400
/// the year began y·365 + y/4 − y/100 days into the cycle; from its day 306, 1 January, on it is the next
/// ```
#[expect(clippy::arithmetic_side_effects, reason = "a day's number is below 2^48, a constant divides")]
pub fn year_of(seconds: i64) -> u16 {
    let days = seconds.div_euclid(SECONDS_A_DAY) + DAYS_TO_1970;
    let (cycle, day) = (days.div_euclid(DAYS_IN_400_YEARS), days.rem_euclid(DAYS_IN_400_YEARS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (year * 365 + year / 4 - year / 100);
    let year = cycle * 400 + year + i64::from(day_of_year >= 306);
    u16::try_from(year.max(0)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::year_of;

    #[test]
    fn known_times_are_in_their_years() {
        for (seconds, year) in [
            (0, 1970),
            (-1, 1969),
            (31_535_999, 1970),
            (31_536_000, 1971),
            (951_782_400, 2000), // 29 February 2000
            (978_307_199, 2000),
            (978_307_200, 2001),
            (1_709_164_800, 2024), // 29 February 2024
            (1_735_689_599, 2024),
            (1_735_689_600, 2025),
            (1_798_761_599, 2026),
            (1_798_761_600, 2027),
            (4_102_444_799, 2099),
            (4_102_444_800, 2100),
            (4_133_980_799, 2100), // 2100 is no leap year
            (4_133_980_800, 2101),
            (253_402_300_799, 9999),
            (-62_135_596_800, 1),
            (-62_135_596_801, 0),
            (i64::MIN, 0),
            (i64::MAX, u16::MAX),
        ] {
            assert_eq!(year_of(seconds), year, "{seconds}");
        }
    }

    #[test]
    fn every_year_has_as_many_days_as_the_calendar_says() {
        let mut day = 0;
        for year in 1970..3_000u16 {
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            for _ in 0..365 + i64::from(leap) {
                assert_eq!(year_of(day * 86_400), year);
                assert_eq!(year_of(day * 86_400 + 86_399), year);
                day += 1;
            }
        }
    }
}
