//! What is simulated: who comes, who works, under which policy, and the questions that are asked of it.

use conversation::{Lang, QueueId, Skill};
use dispatcher::Policy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A scenario, as written in `config/simulation/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is, for the heading.
    pub name: String,
    /// Hours for which customers come; those who wait then are still served.
    pub hours: f64,
    /// The hour of the clock at which it begins: shifts are counted from there.
    #[serde(default = "eight")]
    pub begins: f64,
    /// How advisors answer offers.
    #[serde(default)]
    pub answers: Answers,
    /// The policy that is simulated as `ours`; the others differ in their terms alone.
    #[serde(default)]
    pub policy: Policy,
    /// Who comes.
    #[serde(default)]
    pub customers: Vec<Customers>,
    /// Who works.
    pub teams: Vec<Team>,
    /// Questions: the same day with other teams.
    #[serde(default)]
    pub what_if: Vec<WhatIf>,
    /// Arrivals that are given (from a file or a log) instead of drawn; `customers` are not looked at then.
    #[serde(skip)]
    pub given: Vec<Arrival>,
}

/// How advisors answer offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answers {
    /// Mean seconds until they accept.
    pub after_s: f64,
    /// Share of offers that they decline.
    pub declined: f64,
    /// Share of offers that they do not see.
    pub missed: f64,
}

impl Default for Answers {
    fn default() -> Self {
        Answers { after_s: 3.0, declined: 0.0, missed: 0.0 }
    }
}

/// A kind of customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customers {
    /// The queue they are sent to.
    pub queue: QueueId,
    /// Their language.
    pub lang: Lang,
    /// What they need beyond the queue's own skills.
    #[serde(default)]
    pub skills: BTreeMap<Skill, u8>,
    /// How many an hour, hour by hour; the last one goes on.
    pub per_hour: Vec<f64>,
    /// Mean seconds that an advisor needs.
    pub handle_s: f64,
    /// Its standard deviation as a share of the mean.
    #[serde(default = "variation")]
    pub handle_variation: f64,
    /// Mean seconds until they give up.
    pub patience_s: f64,
    /// Share of them who are frustrated; how much is drawn evenly from 0.5 to 1.
    #[serde(default)]
    pub frustrated: f64,
    /// Share of them whom some advisor of the house knows.
    #[serde(default)]
    pub known: f64,
}

fn eight() -> f64 {
    8.0
}

fn variation() -> f64 {
    0.8
}

/// Advisors who are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Their common name.
    pub name: String,
    /// How many they are.
    pub people: u32,
    /// What they know.
    #[serde(default)]
    pub skills: BTreeMap<Skill, u8>,
    /// What they speak, the best first.
    pub langs: Vec<Lang>,
    /// Points each can hold.
    pub capacity: u16,
    /// The queues they serve; without it all of them.
    #[serde(default)]
    pub queues: Option<Vec<QueueId>>,
    /// Hours from the beginning at which they are there, as [from, to] pairs; without it always.
    #[serde(default)]
    pub shifts: Vec<(f64, f64)>,
}

/// The same day with other teams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// The question, as it is printed.
    pub question: String,
    /// Teams that come in addition.
    #[serde(default)]
    pub add: Vec<Team>,
    /// Teams that are left out, by name.
    #[serde(default)]
    pub without: Vec<String>,
}

/// One customer who comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// Milliseconds from the beginning.
    pub at_ms: u64,
    /// Their queue.
    pub queue: QueueId,
    /// Their language.
    pub lang: Lang,
    /// What they need beyond the queue's own skills.
    pub skills: Vec<(Skill, u8)>,
    /// Milliseconds that an advisor needs.
    pub handle_ms: u64,
    /// Milliseconds until they give up.
    pub patience_ms: u64,
    /// 0–1.
    pub frustration: f32,
    /// The advisor who knows them, by number.
    pub known: Option<usize>,
}

/// Why a scenario cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScenario(pub String);

impl std::fmt::Display for BadScenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadScenario {}

/// The scenario that ships: an ordinary day of a mid-sized shop.
pub const SHIPPED: &str = include_str!("../../../config/simulation/day.toml");

impl Scenario {
    /// Reads a scenario and looks it over.
    ///
    /// # Errors
    /// Everything that is wrong, a line each.
    pub fn parse(text: &str) -> Result<Scenario, BadScenario> {
        let scenario: Scenario = toml::from_str(text).map_err(|e| BadScenario(e.to_string()))?;
        let problems = scenario.problems();
        if problems.is_empty() { Ok(scenario) } else { Err(BadScenario(problems.join("\n"))) }
    }

    /// The scenario that ships.
    ///
    /// # Errors
    /// Never, unless the file was changed; a test reads it.
    pub fn shipped() -> Result<Scenario, BadScenario> {
        Scenario::parse(SHIPPED)
    }

    fn problems(&self) -> Vec<String> {
        let mut wrong: Vec<String> = self.policy.problems().iter().map(|p| format!("policy.{p}")).collect();
        let mut unless = |good: bool, what: String| {
            if !good {
                wrong.push(what);
            }
        };
        let number = |n: f64, most: f64| n.is_finite() && (0.0..=most).contains(&n);
        unless(
            number(self.hours, 24.0 * 366.0) && self.hours > 0.0,
            "hours: must be from 0 to a year".into(),
        );
        for (n, kind) in self.customers.iter().enumerate() {
            let at = format!("customers[{n}]");
            unless(!kind.per_hour.is_empty(), format!("{at}.per_hour: give at least one number"));
            unless(
                kind.per_hour.iter().all(|n| number(*n, 1e7)),
                format!("{at}.per_hour: numbers from 0 to ten million"),
            );
            unless(
                number(kind.handle_s, 1e6) && kind.handle_s > 0.0,
                format!("{at}.handle_s: must be more than 0"),
            );
            unless(number(kind.handle_variation, 10.0), format!("{at}.handle_variation: from 0 to 10"));
            unless(
                number(kind.patience_s, 1e9) && kind.patience_s > 0.0,
                format!("{at}.patience_s: must be more than 0"),
            );
            for (name, share) in [("frustrated", kind.frustrated), ("known", kind.known)] {
                unless(number(share, 1.0), format!("{at}.{name}: a share from 0 to 1"));
            }
        }
        for (name, share) in [("declined", self.answers.declined), ("missed", self.answers.missed)] {
            unless(number(share, 0.9), format!("answers.{name}: a share from 0 to 0.9"));
        }
        unless(number(self.answers.after_s, 3_600.0), "answers.after_s: from 0 to 3600".into());
        let teams = self.teams.iter().map(|team| ("teams".to_owned(), team));
        let more =
            self.what_if.iter().flat_map(|what| what.add.iter().map(|t| ("what_if.add".to_owned(), t)));
        for (at, team) in teams.chain(more) {
            let at = format!("{at}.{}", team.name);
            unless(team.people > 0, format!("{at}.people: at least 1"));
            unless(team.capacity > 0, format!("{at}.capacity: at least 1"));
            unless(!team.langs.is_empty(), format!("{at}.langs: at least one"));
            let good = |(from, to): &(f64, f64)| number(*from, 1e4) && number(*to, 1e4) && from < to;
            unless(team.shifts.iter().all(good), format!("{at}.shifts: [from, to], from before to"));
            unless(
                team.skills.values().all(|level| (1..=5).contains(level)),
                format!("{at}.skills: levels from 1 to 5"),
            );
        }
        for what in &self.what_if {
            for name in &what.without {
                unless(
                    self.teams.iter().any(|team| team.name == *name),
                    format!("what_if.without: there is no team '{name}'"),
                );
            }
        }
        let people: u32 = self.teams.iter().map(|team| team.people).sum();
        unless(
            people as usize <= conversation::limits::ADVISORS,
            format!("teams: more than {} people", conversation::limits::ADVISORS),
        );
        wrong
    }

    /// Asks what if there were more people: `PEOPLE TEAM`, or `PEOPLE TEAM, FROM-TO` with hours of the clock, as
    /// `1 care, both languages, 10-14`. They are like those of the team.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn suppose_more(&mut self, asked: &str) -> Result<(), BadScenario> {
        let bad = |what: String| Err(BadScenario(format!("'{asked}': {what}")));
        let Some((people, rest)) = asked.trim().split_once(' ') else {
            return bad("say how many people of which team, as '1 sales, 10-14'".into());
        };
        let Some(people) = people.parse().ok().filter(|people| (1..=1_000).contains(people)) else {
            return bad(format!("'{people}' is not a number of people from 1 to 1000"));
        };
        let named = |name: &str| self.teams.iter().find(|team| team.name == name.trim()).cloned();
        // A team's name may have a comma: the whole is tried first.
        let (team, hours) = match (named(rest), rest.rsplit_once(',')) {
            (Some(team), _) => (Some(team), None),
            (None, Some((name, hours))) => (named(name), Some(hours)),
            (None, None) => (None, None),
        };
        let Some(team) = team else {
            let teams: Vec<&str> = self.teams.iter().map(|team| team.name.as_str()).collect();
            return bad(format!("there is no such team; there are: {}", teams.join("; ")));
        };
        let shifts = match hours {
            None => team.shifts.clone(),
            Some(hours) => {
                let number =
                    |text: &str| text.trim().parse::<f64>().ok().filter(|hour| (0.0..=48.0).contains(hour));
                let Some((Some(from), Some(to))) =
                    hours.split_once('-').map(|(from, to)| (number(from), number(to)))
                else {
                    return bad(format!("'{}' are no hours, as 10-14", hours.trim()));
                };
                if from < self.begins || to <= from {
                    return bad(format!(
                        "the day begins at {}, and a shift ends after it began",
                        self.begins
                    ));
                }
                vec![(from - self.begins, to - self.begins)]
            }
        };
        let more = Team { name: format!("{} (more)", team.name), people, shifts, ..team };
        self.what_if.push(WhatIf { question: asked.trim().to_owned(), add: vec![more], without: vec![] });
        Ok(())
    }

    /// The scenario with one question's answer in place of its own teams.
    pub(crate) fn supposing(&self, what: &WhatIf) -> Scenario {
        let mut other = self.clone();
        other.teams.retain(|team| !what.without.contains(&team.name));
        other.teams.extend(what.add.iter().cloned());
        other
    }
}
