//! A moment in words, as people say it, in French and in English.

use dispatcher::LocalTime;

const DAYS_FR: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
#[rustfmt::skip]
const MONTHS_FR: [&str; 12] = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
];
#[rustfmt::skip]
const MONTHS_EN: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];

/// Today, tomorrow, within the week by its name, else with its date.
pub(crate) fn day_fr(at: &LocalTime) -> String {
    let (day, month) = (DAYS_FR[usize::from(at.weekday % 7)], MONTHS_FR[usize::from(at.month % 12)]);
    match (at.days, at.day) {
        (..=0, _) => "aujourd’hui".into(),
        (1, _) => "demain".into(),
        (2..=6, _) => day.into(),
        (_, 1) => format!("{day} 1er {month}"),
        (_, date) => format!("{day} {date} {month}"),
    }
}

/// The same, with the preposition that it takes.
pub(crate) fn day_en(at: &LocalTime) -> String {
    let day = DAYS_EN[usize::from(at.weekday % 7)];
    match at.days {
        ..=0 => "today".into(),
        1 => "tomorrow".into(),
        2..=6 => format!("on {day}"),
        _ => format!("on {day} {} {}", at.day, MONTHS_EN[usize::from(at.month % 12)]),
    }
}

/// By 24 hours.
pub(crate) fn hour_fr(at: &LocalTime) -> String {
    match at.minute {
        0 => format!("{} h", at.hour),
        minute => format!("{} h {minute:02}", at.hour),
    }
}

/// By twice 12 hours.
pub(crate) fn hour_en(at: &LocalTime) -> String {
    let hour = if at.hour.is_multiple_of(12) { 12 } else { at.hour % 12 };
    let half = if at.hour < 12 { "am" } else { "pm" };
    match at.minute {
        0 => format!("{hour} {half}"),
        minute => format!("{hour}:{minute:02} {half}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_people_tell_them() {
        let monday = LocalTime { days: 3, weekday: 0, day: 4, month: 0, hour: 9, minute: 0 };
        let told = |at: &LocalTime| {
            [day_fr(at), hour_fr(at), day_en(at), hour_en(at)].join("|").replace('\u{a0}', " ")
        };
        assert_eq!(told(&monday), "lundi|9 h|on Monday|9 am");
        let noon = LocalTime { days: 1, hour: 12, minute: 5, ..monday };
        assert_eq!(told(&noon), "demain|12 h 05|tomorrow|12:05 pm");
        let later = LocalTime { days: 88, weekday: 3, day: 1, month: 3, hour: 0, minute: 30 };
        assert_eq!(told(&later), "jeudi 1er avril|0 h 30|on Thursday 1 April|12:30 am");
        let evening = LocalTime { days: 0, hour: 18, ..monday };
        assert_eq!(told(&evening), "aujourd’hui|18 h|today|6 pm");
    }
}
