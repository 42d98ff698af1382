//! Everything that is wrong with a policy, each with its path.

use super::{PRIORITIES, Policy, Step};
use crate::limits::{QUEUES, STEPS};
use conversation::limits::OFFERS_AT_ONCE;
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as `queues.care.steps[1].lower`.
    pub path: String,
    /// What, as a sentence.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

struct Found(Vec<Problem>);

impl Found {
    fn unless(&mut self, good: bool, path: impl Into<String>, what: impl Into<String>) {
        if !good {
            self.0.push(Problem { path: path.into(), what: what.into() });
        }
    }
}

impl Policy {
    /// What is wrong, or nothing.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Found(Vec::new());
        found.unless(
            self.queues.len() <= QUEUES,
            "queues",
            format!("there are more than {QUEUES} queues; merge some"),
        );
        for (name, weight) in super::TERM_NAMES.iter().zip(self.terms.weights()) {
            found.unless(
                weight.is_finite() && (0.0..=1_000.0).contains(&weight),
                format!("terms.{name}"),
                "a weight must be a number from 0 to 1000",
            );
        }
        found.unless(
            self.ageing.light_s <= 3_600,
            "ageing.light_s",
            "a heavy conversation cannot be let wait for more than an hour (3600 seconds)",
        );
        found.unless(
            self.ageing.priority_s <= 3_600 && self.ageing.frustration_s <= 36_000,
            "ageing",
            "priority_s is at most 3600 and frustration_s at most 36000, or nobody could be kept from starving",
        );
        offers(&mut found, "offers", &self.offers);
        for (name, hours) in &self.hours {
            found.0.extend(hours.problems(&format!("hours.{name}")));
        }
        for (id, queue) in &self.queues {
            let at = format!("queues.{id}");
            for (skill, level) in &queue.skills {
                found.unless(
                    (1..=5).contains(level),
                    format!("{at}.skills.{skill}"),
                    "a level must be from 1 to 5",
                );
            }
            found.unless(
                queue.priority <= PRIORITIES,
                format!("{at}.priority"),
                format!("a priority must be from 0 to {PRIORITIES}"),
            );
            found.unless(
                queue.hard_from.is_finite() && (0.0..=1.0).contains(&queue.hard_from),
                format!("{at}.hard_from"),
                "a frustration must be from 0 to 1",
            );
            if let Some(hours) = &queue.hours {
                found.unless(
                    self.hours.contains_key(hours),
                    format!("{at}.hours"),
                    format!("there are no hours named '{hours}'"),
                );
            }
            if let Some(own) = &queue.offers {
                offers(&mut found, &format!("{at}.offers"), own);
            }
            if let super::WhenClosed::Queue(to) = &queue.when_closed {
                found.unless(
                    self.queues.contains_key(to) && to != id,
                    format!("{at}.when_closed"),
                    format!("there is no other queue '{to}'"),
                );
            }
            found.unless(
                queue.steps.len() <= STEPS,
                format!("{at}.steps"),
                format!("there are more than {STEPS} steps"),
            );
            let mut before = 0;
            for (n, step) in queue.steps.iter().enumerate() {
                let at = format!("{at}.steps[{n}]");
                found.unless(
                    step.after_s > before || (n == 0 && step.after_s > 0),
                    format!("{at}.after_s"),
                    "a step must come later than the one before it",
                );
                before = step.after_s;
                self.step(&mut found, &at, step);
            }
        }
        found.0
    }

    fn step(&self, found: &mut Found, at: &str, step: &Step) {
        found.unless(step.lower <= 4, format!("{at}.lower"), "a level can be lowered by 0 to 4");
        for (n, queue) in step.add.iter().enumerate() {
            found.unless(
                self.queues.contains_key(queue),
                format!("{at}.add[{n}]"),
                format!("there is no queue '{queue}'"),
            );
        }
        found.unless(
            usize::from(step.at_once) <= OFFERS_AT_ONCE,
            format!("{at}.at_once"),
            format!("at most {OFFERS_AT_ONCE} offers at once"),
        );
        let idle = step.lower == 0
            && step.drop.is_empty()
            && step.add.is_empty()
            && !step.any_language
            && step.at_once == 0;
        found.unless(!idle, at, "the step changes nothing");
    }
}

fn offers(found: &mut Found, at: &str, offers: &super::Offers) {
    found.unless(
        (1..=3_600).contains(&offers.expires_s),
        format!("{at}.expires_s"),
        "an offer must lapse after 1 to 3600 seconds",
    );
    found.unless(
        (1..=OFFERS_AT_ONCE).contains(&usize::from(offers.at_once)),
        format!("{at}.at_once"),
        format!("offers at once must be from 1 to {OFFERS_AT_ONCE}"),
    );
    for (name, seconds) in [("direct_s", offers.direct_s), ("affinity_s", offers.affinity_s)] {
        found.unless(
            seconds <= 3_600,
            format!("{at}.{name}"),
            "nobody is let wait for one advisor alone for more than an hour (3600 seconds)",
        );
    }
    found.unless(
        offers.avoid_s > 0,
        format!("{at}.avoid_s"),
        "it must be at least 1 second: an offer would go at once to whoever has refused it",
    );
    found.unless(
        offers.avoid_s <= 86_400,
        format!("{at}.avoid_s"),
        "nobody can be avoided for longer than a day (86400 seconds)",
    );
}
