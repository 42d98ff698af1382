//! Public holidays, computed: no list to keep up to date, any year. What a government grants once (a coronation,
//! a bridge day) is the house's to write under `closed`. No kept library has these five regions.

use jiff::civil::{Date, Weekday, date};
use serde::{Deserialize, Serialize};

/// Whose holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Region {
    /// France: Code du travail, article L3133-1.
    #[serde(rename = "FR")]
    France,
    /// Belgium: arrêté royal du 18 avril 1974, article 1.
    #[serde(rename = "BE")]
    Belgium,
    /// Québec: Loi sur les normes du travail, article 60 (Good Friday, of the two that it leaves to choose from),
    /// and Loi sur la fête nationale.
    #[serde(rename = "QC")]
    Quebec,
    /// England and Wales: Banking and Financial Dealings Act 1971, schedule 1, the common-law holidays, and the
    /// two that are proclaimed each year (1 January and the first Monday in May), with their substitute days.
    #[serde(rename = "UK")]
    England,
    /// United States, federal: 5 U.S.C. § 6103, observed on Friday or Monday when on a weekend.
    #[serde(rename = "US")]
    UnitedStates,
}

/// Easter Sunday of a Gregorian year (the anonymous algorithm: Meeus, 'Astronomical Algorithms', 1991, ch. 8).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, (n / 31) as i8, (n % 31 + 1) as i8).ok()
}

fn days_after(from: Date, days: i64) -> Option<Date> {
    from.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The nth such weekday of the month; −1 is the last.
fn nth(year: i16, month: i8, n: i8, weekday: Weekday) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(n, weekday).ok()
}

impl Region {
    /// Every day of `year` on which people are off.
    pub fn holidays(self, year: i16) -> Vec<Date> {
        let on = |month, day| Date::new(year, month, day).ok();
        let easter = |days| easter(year).and_then(|sunday| days_after(sunday, days));
        let days = match self {
            Region::France => vec![
                on(1, 1),
                easter(1),
                on(5, 1),
                on(5, 8),
                easter(39),
                easter(50),
                on(7, 14),
                on(8, 15),
                on(11, 1),
                on(11, 11),
                on(12, 25),
            ],
            Region::Belgium => vec![
                on(1, 1),
                easter(1),
                on(5, 1),
                easter(39),
                easter(50),
                on(7, 21),
                on(8, 15),
                on(11, 1),
                on(11, 11),
                on(12, 25),
            ],
            Region::Quebec => vec![
                on(1, 1),
                easter(-2),
                // The Monday that precedes 25 May.
                on(5, 24).and_then(|day| days_after(day, -i64::from(day.weekday().to_monday_zero_offset()))),
                on(6, 24),
                on(7, 1).and_then(|day| days_after(day, i64::from(day.weekday() == Weekday::Sunday))),
                nth(year, 9, 1, Weekday::Monday),
                nth(year, 10, 2, Weekday::Monday),
                on(12, 25),
            ],
            Region::England => vec![
                on(1, 1).and_then(substitute),
                easter(-2),
                easter(1),
                nth(year, 5, 1, Weekday::Monday),
                nth(year, 5, -1, Weekday::Monday),
                nth(year, 8, -1, Weekday::Monday),
                // A Christmas on a Sunday is made up for after Boxing Day's Monday.
                on(12, 25).and_then(|day| match day.weekday() {
                    Weekday::Sunday => days_after(day, 2),
                    _ => substitute(day),
                }),
                on(12, 26).and_then(|day| match day.weekday() {
                    Weekday::Sunday | Weekday::Saturday => days_after(day, 2),
                    _ => Some(day),
                }),
                on(12, 25),
                on(12, 26),
            ],
            Region::UnitedStates => vec![
                on(1, 1).and_then(observed),
                nth(year, 1, 3, Weekday::Monday),
                nth(year, 2, 3, Weekday::Monday),
                nth(year, 5, -1, Weekday::Monday),
                on(6, 19).and_then(observed),
                on(7, 4).and_then(observed),
                nth(year, 9, 1, Weekday::Monday),
                nth(year, 10, 2, Weekday::Monday),
                on(11, 11).and_then(observed),
                nth(year, 11, 4, Weekday::Thursday),
                on(12, 25).and_then(observed),
                // The next year's first day, when it is observed in this one.
                Date::new(year.saturating_add(1), 1, 1)
                    .ok()
                    .and_then(observed)
                    .filter(|day| day.year() == year),
            ],
        };
        let mut days: Vec<Date> = days.into_iter().flatten().collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Whether people are off.
    pub fn is_holiday(self, day: Date) -> bool {
        self.holidays(day.year()).contains(&day)
    }
}

/// The next Monday for a day on a weekend.
fn substitute(day: Date) -> Option<Date> {
    match day.weekday() {
        Weekday::Saturday => days_after(day, 2),
        Weekday::Sunday => days_after(day, 1),
        _ => Some(day),
    }
}

/// The weekday next to a day on a weekend.
fn observed(day: Date) -> Option<Date> {
    match day.weekday() {
        Weekday::Saturday => days_after(day, -1),
        Weekday::Sunday => days_after(day, 1),
        _ => Some(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_almanacs_have_it() {
        let known = [(2019, 4, 21), (2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)];
        for (year, month, day) in known {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn each_region_has_its_own_days() {
        use Region::{Belgium, England, France, Quebec, UnitedStates};
        let off = |region: Region, y, m, d| region.is_holiday(date(y, m, d));
        assert!(off(France, 2026, 5, 14) && off(France, 2026, 5, 25) && off(France, 2026, 5, 8));
        assert_eq!(France.holidays(2026).len(), 11);
        assert!(off(Belgium, 2026, 7, 21) && !off(Belgium, 2026, 7, 14) && !off(Belgium, 2026, 5, 8));
        assert!(off(Quebec, 2026, 5, 18) && off(Quebec, 2026, 6, 24) && off(Quebec, 2026, 10, 12));
        assert!(off(Quebec, 2025, 5, 19) && off(Quebec, 2018, 7, 2) && !off(Quebec, 2018, 7, 1));
        // gov.uk: 28 December 2026 stands for Boxing Day, a Saturday; 2022 had 27 December for Christmas.
        assert!(off(England, 2026, 12, 25) && off(England, 2026, 12, 28) && off(England, 2022, 12, 27));
        assert!(off(England, 2022, 12, 26) && off(England, 2027, 12, 27) && off(England, 2027, 12, 28));
        assert!(off(England, 2022, 1, 3) && off(England, 2026, 8, 31) && !off(England, 2026, 6, 1));
        assert!(off(UnitedStates, 2026, 7, 3) && !off(UnitedStates, 2026, 7, 4));
        assert!(off(UnitedStates, 2021, 12, 31) && off(UnitedStates, 2026, 11, 26));
    }
}
