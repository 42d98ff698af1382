//! Business hours: when a queue is open, in its own time zone, holidays left out.

use super::Problem;
use super::holidays::Region;
use conversation::Millis;
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Hours as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hours {
    /// IANA name: `Europe/Paris`. The data base comes with the program.
    pub zone: String,
    /// By day (`mon` … `sun`): when people are there, as `09:00-12:30`; `24:00` is the day's end.
    pub week: BTreeMap<String, Vec<String>>,
    /// Whose public holidays are kept, if any's.
    pub holidays: Option<Region>,
    /// Other days on which nobody is there, as `2026-12-24`.
    pub closed: Vec<String>,
}

/// Hours that were understood.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
    /// From Monday on: from and to, in minutes of the day.
    week: [Vec<(u16, u16)>; 7],
    holidays: Option<Region>,
    closed: Vec<Date>,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES: u16 = 24 * 60;

fn minute(text: &str) -> Option<u16> {
    if text == "24:00" {
        return Some(DAY_MINUTES);
    }
    let time = Time::strptime("%H:%M", text).ok()?;
    Some(time.hour() as u16 * 60 + time.minute() as u16)
}

fn span(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    let span = (minute(from.trim())?, minute(to.trim())?);
    (span.0 < span.1).then_some(span)
}

impl Hours {
    /// What is wrong with them, each with its path under `at`.
    pub(crate) fn problems(&self, at: &str) -> Vec<Problem> {
        match self.calendar(at) {
            Ok(_) => Vec::new(),
            Err(problems) => problems,
        }
    }

    /// The hours understood.
    pub(crate) fn calendar(&self, at: &str) -> Result<Calendar, Vec<Problem>> {
        let mut wrong = Vec::new();
        let mut say = |path: String, what: String| wrong.push(Problem { path, what });
        let zone = TimeZoneDatabase::bundled().get(&self.zone);
        if zone.is_err() {
            let what = format!("'{}' is not a time zone; write one like 'Europe/Paris'", self.zone);
            say(format!("{at}.zone"), what);
        }
        let mut week: [Vec<(u16, u16)>; 7] = Default::default();
        for (day, spans) in &self.week {
            let Some(nth) = DAYS.iter().position(|name| name == day) else {
                say(format!("{at}.week.{day}"), format!("a day is one of {}", DAYS.join(", ")));
                continue;
            };
            for (n, text) in spans.iter().enumerate() {
                match span(text) {
                    Some(span) => week[nth].push(span),
                    None => say(
                        format!("{at}.week.{day}[{n}]"),
                        format!("'{text}' is no time of day; write it like '09:00-12:30'"),
                    ),
                }
            }
        }
        let mut closed = Vec::new();
        for (n, text) in self.closed.iter().enumerate() {
            match text.parse::<Date>() {
                Ok(day) => closed.push(day),
                Err(_) => say(
                    format!("{at}.closed[{n}]"),
                    format!("'{text}' is no date; write it like '2026-12-24'"),
                ),
            }
        }
        match zone {
            Ok(zone) if wrong.is_empty() => Ok(Calendar { zone, week, holidays: self.holidays, closed }),
            _ => Err(wrong),
        }
    }
}

fn weekday(day: Weekday) -> usize {
    day.to_monday_zero_offset() as usize
}

/// A moment as the clocks of a queue's hours show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Days from today: 0 today, 1 tomorrow.
    pub days: i32,
    /// 0 is Monday.
    pub weekday: u8,
    /// Of the month, from 1 on.
    pub day: u8,
    /// Of the year; 0 is January.
    pub month: u8,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
}

impl Calendar {
    /// What the clocks show at `at`, seen from `now`.
    pub fn local(&self, at: Millis, now: Millis) -> Option<LocalTime> {
        let here = |at: Millis| {
            Some(Timestamp::from_millisecond(at as i64).ok()?.to_zoned(self.zone.clone()).datetime())
        };
        let (there, today) = (here(at)?, here(now)?.date());
        Some(LocalTime {
            days: there.date().since(today).ok()?.get_days(),
            weekday: there.weekday().to_monday_zero_offset() as u8,
            day: there.day() as u8,
            month: there.month() as u8 - 1,
            hour: there.hour() as u8,
            minute: there.minute() as u8,
        })
    }

    fn spans(&self, day: Date) -> &[(u16, u16)] {
        let off = self.closed.contains(&day) || self.holidays.is_some_and(|region| region.is_holiday(day));
        if off { &[] } else { &self.week[weekday(day.weekday())] }
    }

    /// Whether it is open.
    pub fn open_at(&self, now: Millis) -> bool {
        let Ok(moment) = Timestamp::from_millisecond(now as i64) else { return false };
        let here = moment.to_zoned(self.zone.clone());
        let minute = here.hour() as u16 * 60 + here.minute() as u16;
        self.spans(here.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// When it next opens, if within three weeks; `now` when it is open.
    pub fn opens_at(&self, now: Millis) -> Option<Millis> {
        if self.open_at(now) {
            return Some(now);
        }
        let here = Timestamp::from_millisecond(now as i64).ok()?.to_zoned(self.zone.clone());
        let mut day = here.date();
        for _ in 0..22 {
            let opening = self.spans(day).iter().filter_map(|(from, _)| {
                let time = Time::new((from / 60) as i8, (from % 60) as i8, 0, 0).ok()?;
                let at = day.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
                Some(at.timestamp().as_millisecond() as Millis).filter(|at| *at > now)
            });
            if let Some(at) = opening.min() {
                return Some(at);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> Hours {
        let day = vec!["09:00-12:30".to_owned(), "14:00-18:00".to_owned()];
        Hours {
            zone: "Europe/Paris".into(),
            week: DAYS[..5].iter().map(|name| ((*name).to_owned(), day.clone())).collect(),
            holidays: Some(Region::France),
            closed: vec!["2026-12-24".into()],
        }
    }

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().unwrap().as_millisecond() as Millis
    }

    #[test]
    fn a_moment_is_told_as_the_clocks_there_show_it() {
        let calendar = paris().calendar("hours.office").unwrap();
        // Friday evening in Paris; it opens on Monday the 4th of January at nine.
        let now = at("2027-01-01T22:30:00Z");
        let opens = calendar.opens_at(now).unwrap();
        let monday = LocalTime { days: 3, weekday: 0, day: 4, month: 0, hour: 9, minute: 0 };
        assert_eq!(calendar.local(opens, now), Some(monday));
        // Half past midnight there is tomorrow already.
        let night = calendar.local(at("2027-01-01T23:30:00Z"), now).unwrap();
        assert_eq!((night.days, night.hour, night.minute), (1, 0, 30));
        // Beyond the end of the month, days are counted on.
        assert_eq!(calendar.local(at("2027-03-02T08:00:00Z"), now).unwrap().days, 60);
    }

    #[test]
    fn hours_are_local_and_follow_summer_time() {
        let calendar = paris().calendar("hours.office").unwrap();
        // 09:00 in Paris is 07:00 UTC in summer and 08:00 in winter.
        assert!(calendar.open_at(at("2026-07-15T07:00:00Z")));
        assert!(!calendar.open_at(at("2026-01-15T07:59:59Z")));
        assert!(calendar.open_at(at("2026-01-15T08:00:00Z")));
        assert!(!calendar.open_at(at("2026-01-15T11:30:00Z")), "lunch");
        assert!(!calendar.open_at(at("2026-07-18T09:00:00Z")), "Saturday");
        assert!(!calendar.open_at(at("2026-07-14T09:00:00Z")), "a public holiday");
        assert!(!calendar.open_at(at("2026-12-24T10:00:00Z")), "a day of the house's own");
        assert_eq!(calendar.opens_at(at("2026-12-24T10:00:00Z")), Some(at("2026-12-28T08:00:00Z")));
        assert_eq!(calendar.opens_at(at("2026-01-15T11:45:00Z")), Some(at("2026-01-15T13:00:00Z")));
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let mut hours = paris();
        hours.zone = "Europe/Pari".into();
        hours.week.insert("lundi".into(), vec![]);
        hours.week.insert("tue".into(), vec!["9h-12h".into(), "18:00-09:00".into()]);
        hours.closed.push("Christmas".into());
        let paths: Vec<String> = hours.problems("hours.office").into_iter().map(|p| p.path).collect();
        assert_eq!(
            paths,
            [
                "hours.office.zone",
                "hours.office.week.lundi",
                "hours.office.week.tue[0]",
                "hours.office.week.tue[1]",
                "hours.office.closed[1]"
            ]
        );
    }
}
