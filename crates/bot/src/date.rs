//! Dates in what people write, and dates in words. No clock: today is an argument.
//!
//! Numbers are day first (`25/11`, as in France and Britain), unless only the other order is a date (`11/25`).

use conversation::{Lang, Millis};
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Which dates are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tense {
    /// Today or earlier.
    Past,
    /// Today or later.
    Future,
    /// All.
    Any,
}

/// The day of a moment, by UTC.
pub(crate) fn day(now: Millis) -> Date {
    let now = i64::try_from(now)
        .ok()
        .and_then(|now| Timestamp::from_millisecond(now).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH);
    now.to_zoned(TimeZone::UTC).date()
}

const FR_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FR_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const EN_DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A stored date (`2026-11-25`) as people say it; the year only where it is not this one. A text that is no
/// date stays as it is.
pub(crate) fn in_words(iso: &str, lang: &Lang, now: Millis) -> String {
    let Ok(date) = iso.parse::<Date>() else { return iso.to_owned() };
    let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let year = if date.year() == day(now).year() { String::new() } else { format!(" {}", date.year()) };
    match lang.as_str() {
        "fr" => {
            let number = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
            format!("{} {number} {}{year}", FR_DAYS[weekday % 7], FR_MONTHS[month % 12])
        }
        "en" => format!("{} {} {}{year}", EN_DAYS[weekday % 7], date.day(), EN_MONTHS[month % 12]),
        _ => iso.to_owned(),
    }
}

static ISO: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"));
static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\b(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\b"));
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"(?i)\b(\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:of\s+)?({MONTH})\.?(?:,?\s+(\d{{4}}))?\b"))
});
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"(?i)\b({MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?\b"))
});
static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:(next|last|this|on)\s+)?(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?:\s+(prochain|dernier|passé))?\b",
    )
});
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:(il y a|dans|in)\s+)(\d{1,3}|une?|deux|trois|quatre|an?|one|two|three|four)\s+(jours?|semaines?|mois|days?|weeks?|months?)\b|\b(\d{1,3}|an?|one|two|three|four)\s+(days?|weeks?|months?)\s+(ago)\b",
    )
});
static NEAR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(après[- ]demain|apres[- ]demain|avant[- ]hier|aujourd['’]?hui|demain|hier|day after tomorrow|day before yesterday|today|tomorrow|yesterday)\b",
    )
});
const MONTH: &str = r"janv(?:ier)?|f[ée]v(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|october|november|december";

#[expect(clippy::expect_used, reason = "a pattern written here is compiled by a test of this file")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file")
}

/// The first date in a text that the tense allows, and where it stands.
pub(crate) fn find(text: &str, tense: Tense, now: Millis) -> Option<(Date, Range<usize>)> {
    let today = day(now);
    let mut found: Vec<(Date, Range<usize>)> = Vec::new();
    for part in ISO.captures_iter(text) {
        push(
            &mut found,
            &part,
            number(&part, 1)
                .zip(number(&part, 2))
                .zip(number(&part, 3))
                .and_then(|((y, m), d)| civil(y, m, d)),
        );
    }
    for part in NUMBERS.captures_iter(text) {
        let (Some(a), Some(b)) = (number(&part, 1), number(&part, 2)) else { continue };
        let inside_longer = part.get(0).is_some_and(|whole| {
            text[..whole.start()].ends_with(['-', '/', '.']) || text[whole.end()..].starts_with(['-', '/'])
        });
        if inside_longer {
            continue;
        }
        let year = number(&part, 3).map(|year| if year < 100 { 2_000 + year } else { year });
        let date = with_year(b, a, year, tense, today).or_else(|| with_year(a, b, year, tense, today));
        push(&mut found, &part, date);
    }
    for part in DAY_MONTH.captures_iter(text) {
        let date = number(&part, 1)
            .zip(month(&part[2]))
            .and_then(|(d, m)| with_year(m, d, number(&part, 3), tense, today));
        push(&mut found, &part, date);
    }
    for part in MONTH_DAY.captures_iter(text) {
        let date = number(&part, 2)
            .zip(month(&part[1]))
            .and_then(|(d, m)| with_year(m, d, number(&part, 3), tense, today));
        push(&mut found, &part, date);
    }
    for part in WEEKDAY.captures_iter(text) {
        push(&mut found, &part, weekday(&part, tense, today));
    }
    for part in RELATIVE.captures_iter(text) {
        push(&mut found, &part, relative(&part, today));
    }
    for part in NEAR.captures_iter(text) {
        push(&mut found, &part, today.checked_add(near(&part[1]).days()).ok());
    }
    found.retain(|(date, _)| match tense {
        Tense::Past => *date <= today,
        Tense::Future => *date >= today,
        Tense::Any => true,
    });
    found.into_iter().min_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)))
}

fn push(found: &mut Vec<(Date, Range<usize>)>, part: &regex::Captures<'_>, date: Option<Date>) {
    if let (Some(date), Some(whole)) = (date, part.get(0)) {
        found.push((date, whole.range()));
    }
}

fn number(part: &regex::Captures<'_>, group: usize) -> Option<i16> {
    part.get(group)?.as_str().parse().ok()
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The date of a day and month; a missing year is the one that the tense means, or the nearest.
fn with_year(month: i16, day: i16, year: Option<i16>, tense: Tense, today: Date) -> Option<Date> {
    if let Some(year) = year {
        return civil(year, month, day);
    }
    let near = [-1, 0, 1].into_iter().filter_map(|shift| civil(today.year().checked_add(shift)?, month, day));
    let days = |date: &Date| today.until(*date).map_or(i32::MAX, |span| span.get_days());
    match tense {
        Tense::Past => near.filter(|date| *date <= today).max(),
        Tense::Future => near.filter(|date| *date >= today).min(),
        Tense::Any => near.min_by_key(|date| days(date).abs()),
    }
}

fn month(name: &str) -> Option<i16> {
    let name = crate::words::fold(name);
    let starts = [
        &["jan"][..],
        &["fev", "feb"],
        &["mar"],
        &["avr", "apr"],
        &["mai", "may"],
        &["juin", "jun"],
        &["juil", "jul"],
        &["aou", "aug"],
        &["sep"],
        &["oct"],
        &["nov"],
        &["dec"],
    ];
    let at = starts.iter().position(|starts| starts.iter().any(|start| name.starts_with(start)))?;
    i16::try_from(at + 1).ok()
}

fn weekday(part: &regex::Captures<'_>, tense: Tense, today: Date) -> Option<Date> {
    let name = part.get(2)?.as_str().to_lowercase();
    let at = FR_DAYS
        .iter()
        .position(|day| *day == name)
        .or_else(|| EN_DAYS.iter().position(|day| day.to_lowercase() == name))?;
    let wanted = Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()?;
    let said = |group: usize| part.get(group).map(|word| word.as_str().to_lowercase()).unwrap_or_default();
    let back = said(1) == "last"
        || matches!(said(3).as_str(), "dernier" | "passé")
        || (said(3).is_empty() && said(1) != "next" && tense == Tense::Past);
    let mut date = today;
    for _ in 0..7 {
        date = if back { date.yesterday().ok()? } else { date.tomorrow().ok()? };
        if date.weekday() == wanted {
            return Some(date);
        }
    }
    None
}

fn relative(part: &regex::Captures<'_>, today: Date) -> Option<Date> {
    let text = |group: usize| part.get(group).map(|word| word.as_str().to_lowercase());
    let (count, unit, back) = match (text(1), text(2), text(3)) {
        (Some(way), Some(count), Some(unit)) => (count, unit, way == "il y a"),
        _ => (text(4)?, text(5)?, true),
    };
    let count: i64 = match count.as_str() {
        "un" | "une" | "a" | "an" | "one" => 1,
        "deux" | "two" => 2,
        "trois" | "three" => 3,
        "quatre" | "four" => 4,
        digits => digits.parse().ok()?,
    };
    let count = if back { -count } else { count };
    let span = match unit.chars().next()? {
        's' | 'w' => count.weeks(),
        'm' => count.months(),
        _ => count.days(),
    };
    today.checked_add(span).ok()
}

fn near(word: &str) -> i64 {
    let folded = crate::words::fold(word);
    match folded.trim() {
        "apres demain" | "day after tomorrow" => 2,
        "demain" | "tomorrow" => 1,
        "hier" | "yesterday" => -1,
        "avant hier" | "day before yesterday" => -2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Sunday 22 November 2026, 20:00 UTC.
    const NOW: Millis = 1_795_377_600_000;

    fn found(text: &str, tense: Tense) -> Option<String> {
        find(text, tense, NOW).map(|(date, _)| date.to_string())
    }

    #[test]
    fn dates_are_found_as_people_write_them() {
        assert_eq!(day(NOW).to_string(), "2026-11-22");
        for (text, iso) in [
            ("le 25/11", "2026-11-25"),
            ("25.11.26", "2026-11-25"),
            ("11/25/2026", "2026-11-25"),
            ("2026-11-25", "2026-11-25"),
            ("je déménage le 1er décembre", "2026-12-01"),
            ("le 3 janvier", "2027-01-03"),
            ("on 3rd of January 2027", "2027-01-03"),
            ("December 24th, please", "2026-12-24"),
            ("demain", "2026-11-23"),
            ("après-demain", "2026-11-24"),
            ("tomorrow morning", "2026-11-23"),
            ("lundi", "2026-11-23"),
            ("dimanche prochain", "2026-11-29"),
            ("next friday", "2026-11-27"),
            ("dans deux semaines", "2026-12-06"),
            ("in 3 days", "2026-11-25"),
        ] {
            assert_eq!(found(text, Tense::Future).as_deref(), Some(iso), "{text}");
        }
        for (text, iso) in [
            ("le 25/11", "2025-11-25"),
            ("hier", "2026-11-21"),
            ("mardi dernier", "2026-11-17"),
            ("on Friday", "2026-11-20"),
            ("il y a 3 jours", "2026-11-19"),
            ("two weeks ago", "2026-11-08"),
            ("le 12 août", "2026-08-12"),
        ] {
            assert_eq!(found(text, Tense::Past).as_deref(), Some(iso), "{text}");
        }
        for text in ["31/02", "99/99", "4521", "mardi dernier", "2020-01-01", "", "0/0/0", "32 mai"] {
            assert_eq!(found(text, Tense::Future), None, "{text}");
        }
    }

    #[test]
    fn dates_are_said_in_words() {
        let (fr, en, de) = (Lang::new("fr").unwrap(), Lang::new("en").unwrap(), Lang::new("de").unwrap());
        assert_eq!(in_words("2026-11-25", &fr, NOW), "mercredi 25 novembre");
        assert_eq!(in_words("2027-01-01", &fr, NOW), "vendredi 1er janvier 2027");
        assert_eq!(in_words("2026-11-25", &en, NOW), "Wednesday 25 November");
        assert_eq!(in_words("2026-11-25", &de, NOW), "2026-11-25");
        assert_eq!(in_words("soon", &en, NOW), "soon");
        let _ = day(u64::MAX);
    }
}
