//! A day of a contact centre in simulated time, on the real dispatcher: the answers to a manager's what-if.
//!
//! Core: no clock, no randomness but the seed's, no disk; texts of files are handed in.
//!
//! Suggested reading order: [`scenario`] (what is asked), [`arrivals`] (who comes), `day` (what happens), [`erlang`]
//! (what cannot be beaten), [`report`] (what came out).

pub mod arrivals;
mod day;
mod dice;
mod drawing;
pub mod erlang;
pub mod report;
pub mod scenario;

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

/// Lives through the scenario's day under each policy, then under ours with each question's teams.
///
/// The same scenario and seed give the same report, to the byte (law 12).
pub fn run(scenario: &Scenario, seed: u64) -> Report {
    let arrivals = arrivals::draw(scenario, seed);
    let lived = |name: &str, scenario: &Scenario, policy: &Policy| {
        let day = day::live(scenario, &arrivals, policy, seed);
        report::outcome(name, scenario, &arrivals, &day)
    };
    let policies = POLICIES
        .iter()
        .map(|name| {
            let policy = Policy { terms: terms(name, &scenario.policy.terms), ..scenario.policy.clone() };
            lived(name, scenario, &policy)
        })
        .collect();
    let what_if = scenario
        .what_if
        .iter()
        .map(|what| lived(&what.question, &scenario.supposing(what), &scenario.policy))
        .collect();
    Report {
        scenario: scenario.name.clone(),
        seed,
        advisors: scenario.teams.iter().map(|team| team.people).sum(),
        bounds: report::bounds(scenario, &arrivals, pooled(scenario, &arrivals, seed)),
        policies,
        what_if,
    }
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
