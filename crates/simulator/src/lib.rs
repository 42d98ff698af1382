//! A day of a contact centre in simulated time, on the real dispatcher: the answers to a manager's what-if.
//!
//! Core: no clock, no randomness but the seed's, no disk; texts of files are handed in.
//!
//! Suggested reading order: [`scenario`] (what is asked), [`arrivals`] (who comes), `day` (what happens), [`erlang`]
//! (what cannot be beaten), [`report`] (what came out), `tables` and `drawing` (as people read it).

pub mod arrivals;
mod day;
mod dice;
mod drawing;
pub mod erlang;
mod names;
pub mod report;
pub mod scenario;
mod tables;

pub use report::{Bounds, Figures, Outcome, Report};
pub use scenario::{BadScenario, SHIPPED, Scenario};

use dispatcher::Policy;
use dispatcher::policy::Terms;
use scenario::{Arrival, Team};

/// Our policy and the others that products use, on the same customers.
pub const POLICIES: [&str; 5] = ["ours", "round-robin", "least busy", "longest idle", "random"];

fn terms(name: &str, ours: &Terms) -> Terms {
    let none = Terms::NONE;
    match name {
        "round-robin" => Terms { turn: 1.0, ..none },
        "least busy" => Terms { load: 1.0, ..none },
        "longest idle" => Terms { idle: 1.0, ..none },
        "random" => Terms { chance: 1.0, ..none },
        _ => ours.clone(),
    }
}

/// A scenario's customers, and the days that are to be lived through with them. They know nothing of each other, so
/// that whoever has threads may live through several at once.
#[derive(Debug)]
pub struct Plan<'a> {
    scenario: &'a Scenario,
    seed: u64,
    arrivals: Vec<Arrival>,
}

/// What came out of one day of a [`Plan`].
#[derive(Debug)]
pub enum Part {
    /// If everybody could do everything.
    Pooled(Figures),
    /// Under a policy, or with other teams.
    Lived(Outcome),
}

impl<'a> Plan<'a> {
    /// The scenario's customers are drawn.
    pub fn new(scenario: &'a Scenario, seed: u64) -> Plan<'a> {
        Plan { scenario, seed, arrivals: arrivals::draw(scenario, seed) }
    }

    /// How many days there are.
    pub fn parts(&self) -> usize {
        1 + POLICIES.len() + self.scenario.what_if.len()
    }

    /// Lives through the nth: the pool's, then one for each policy, then one for each question.
    pub fn live(&self, nth: usize) -> Part {
        if nth == 0 {
            return Part::Pooled(pooled(self.scenario, &self.arrivals, self.seed));
        }
        let ours = &self.scenario.policy;
        let lived = |name: &str, scenario: &Scenario, policy: &Policy| {
            let day = day::live(scenario, &self.arrivals, policy, self.seed);
            Part::Lived(report::outcome(name, scenario, &self.arrivals, &day))
        };
        match (POLICIES.get(nth - 1), self.scenario.what_if.get(nth.saturating_sub(1 + POLICIES.len()))) {
            (Some(name), _) => {
                let policy = Policy { terms: terms(name, &ours.terms), ..ours.clone() };
                lived(name, self.scenario, &policy)
            }
            (None, Some(what)) => lived(&what.question, &self.scenario.supposing(what), ours),
            (None, None) => Part::Pooled(Figures::default()),
        }
    }

    /// The report of all parts, in their order.
    pub fn report(&self, parts: impl IntoIterator<Item = Part>) -> Report {
        let (mut bound, mut outcomes) = (Figures::default(), Vec::new());
        for part in parts {
            match part {
                Part::Pooled(figures) => bound = figures,
                Part::Lived(outcome) => outcomes.push(outcome),
            }
        }
        let what_if = outcomes.split_off(POLICIES.len().min(outcomes.len()));
        Report {
            scenario: self.scenario.name.clone(),
            seed: self.seed,
            advisors: self.scenario.teams.iter().map(|team| team.people).sum(),
            bounds: report::bounds(self.scenario, &self.arrivals, bound),
            policies: outcomes,
            what_if,
        }
    }
}

/// Lives through the scenario's day under each policy, then under ours with each question's teams.
///
/// The same scenario and seed give the same report, to the byte (law 12).
pub fn run(scenario: &Scenario, seed: u64) -> Report {
    let plan = Plan::new(scenario, seed);
    plan.report((0..plan.parts()).map(|nth| plan.live(nth)))
}

/// Lives through the day under our policy alone: what a large scenario has time for.
pub fn run_ours(scenario: &Scenario, seed: u64) -> Outcome {
    let arrivals = arrivals::draw(scenario, seed);
    let day = day::live(scenario, &arrivals, &scenario.policy, seed);
    report::outcome(POLICIES[0], scenario, &arrivals, &day)
}

/// The same day if everybody could do everything, in the order of arrival.
fn pooled(scenario: &Scenario, arrivals: &[Arrival], seed: u64) -> Figures {
    let mut one = scenario.clone();
    one.policy = Policy { offers: scenario.policy.offers.clone(), ..Policy::default() };
    one.policy.ageing.frustration_s = 0;
    one.policy.terms = Terms { load: 1.0, ..Terms::NONE };
    let Some(first) = arrivals.first().cloned() else { return Figures::default() };
    for team in &mut one.teams {
        *team = Team { queues: None, langs: vec![first.lang.clone()], ..team.clone() };
    }
    let arrivals: Vec<Arrival> = arrivals
        .iter()
        .map(|arrival| Arrival {
            queue: first.queue.clone(),
            lang: first.lang.clone(),
            skills: vec![],
            ..arrival.clone()
        })
        .collect();
    let day = day::live(&one, &arrivals, &one.policy, seed);
    report::outcome("one pool", &one, &arrivals, &day).all
}
