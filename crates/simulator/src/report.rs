//! What came out: by policy and by queue, beside the bounds.

use crate::day::Day;
use crate::erlang::{erlang_a, erlang_c};
use crate::scenario::{Arrival, Scenario};
use conversation::QueueId;
use serde::Serialize;
use std::collections::BTreeMap;

/// Waits and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Customers who came.
    pub customers: u64,
    /// Share that gave up.
    pub abandoned: f64,
    /// Mean wait of all, those who gave up too, in seconds.
    pub mean_s: f64,
    /// Half waited no longer, in seconds.
    pub p50_s: f64,
    /// 9 in 10 waited no longer.
    pub p90_s: f64,
    /// 99 in 100 waited no longer.
    pub p99_s: f64,
    /// Share of those served whose advisor had every skill, level and language asked for at first.
    pub fit: f64,
}

/// One policy's day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The policy's name, or the question.
    pub policy: String,
    /// All queues together.
    pub all: Figures,
    /// By queue.
    pub queues: BTreeMap<QueueId, Figures>,
    /// Between advisors of one team, the largest difference of the mean number of conversations held.
    pub load_spread: f64,
    /// Between advisors of one team, the largest difference of conversations served.
    pub served_spread: u32,
    /// Mean share of their seats that advisors had taken.
    pub occupancy: f64,
    /// Of the waits that were foreseen, the share that ended within the interval; `None` where none was.
    pub foreseen: Option<f64>,
    /// Mean absolute error of the waits that were foreseen, in seconds.
    pub foreseen_error_s: f64,
    /// The share that ended within the interval, by queue, where any was foreseen.
    pub foreseen_by_queue: BTreeMap<QueueId, f64>,
    /// Decisions that were taken.
    pub decisions: u64,
}

/// What cannot be beaten.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Bounds {
    /// The same customers and advisors, if everybody could do everything, in the order of arrival: simulated.
    pub pooled: Figures,
    /// Mean wait of the same by Erlang A, hour by hour, in seconds.
    pub erlang_a_wait_s: f64,
    /// Share that gives up, by Erlang A.
    pub erlang_a_abandoned: f64,
    /// Share that waits at all, by Erlang C, were nobody to give up.
    pub erlang_c_waiting: f64,
}

/// A simulation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The seed; the same gives the same report (law 12).
    pub seed: u64,
    /// Advisors.
    pub advisors: u32,
    /// What cannot be beaten.
    pub bounds: Bounds,
    /// Ours first.
    pub policies: Vec<Outcome>,
    /// Our policy, if.
    pub what_if: Vec<Outcome>,
}

fn figures(waits: &mut [u64], abandoned: u64, fits: u64) -> Figures {
    waits.sort_unstable();
    let n = waits.len();
    let at = |share: f64| match n {
        0 => 0.0,
        _ => waits[((n as f64 * share).ceil() as usize).clamp(1, n) - 1] as f64 / 1_000.0,
    };
    let share = |of: u64, all: u64| if all == 0 { 0.0 } else { of as f64 / all as f64 };
    Figures {
        customers: n as u64,
        abandoned: share(abandoned, n as u64),
        mean_s: if n == 0 { 0.0 } else { waits.iter().sum::<u64>() as f64 / 1_000.0 / n as f64 },
        p50_s: at(0.5),
        p90_s: at(0.9),
        p99_s: at(0.99),
        fit: share(fits, n as u64 - abandoned),
    }
}

fn of<'a>(
    day: &Day,
    arrivals: &[Arrival],
    keep: impl Fn(&'a Arrival) -> bool,
    all: &'a [Arrival],
) -> Figures {
    debug_assert_eq!(arrivals.len(), all.len());
    let mut waits = Vec::new();
    let (mut abandoned, mut fits) = (0, 0);
    for (fate, _) in day.fates.iter().zip(all).filter(|(_, arrival)| keep(arrival)) {
        waits.push(fate.wait_ms);
        abandoned += u64::from(fate.advisor.is_none());
        fits += u64::from(fate.fits);
    }
    figures(&mut waits, abandoned, fits)
}

/// The figures of one day.
pub(crate) fn outcome(policy: &str, scenario: &Scenario, arrivals: &[Arrival], day: &Day) -> Outcome {
    let mut names: Vec<&QueueId> = arrivals.iter().map(|arrival| &arrival.queue).collect();
    names.sort_unstable();
    names.dedup();
    let (mut load_spread, mut served_spread) = (0.0f64, 0);
    for team in 0..scenario.teams.len() {
        let mates = || day.work.iter().zip(&day.teams).filter(|(_, of)| **of == team).map(|(work, _)| work);
        let load = || mates().map(|work| work.held_ms as f64 / work.present_ms.max(1) as f64);
        load_spread = load_spread.max(load().fold(0.0, f64::max) - load().fold(f64::INFINITY, f64::min));
        let (most, least) = (mates().map(|w| w.served).max(), mates().map(|w| w.served).min());
        served_spread = served_spread.max(most.unwrap_or(0) - least.unwrap_or(0));
    }
    let seats = |t: &usize| f64::from(scenario.teams[*t].capacity);
    let room: f64 = day.work.iter().zip(&day.teams).map(|(w, t)| w.present_ms as f64 * seats(t)).sum();
    let held: f64 = day.work.iter().map(|work| work.held_ms as f64).sum();
    let foreseen: u64 = day.accuracy.values().map(|a| a.waits).sum();
    let inside: u64 = day.accuracy.values().map(|a| a.inside).sum();
    let error: f64 = day.accuracy.values().map(|a| a.error_s * a.waits as f64).sum();
    Outcome {
        policy: policy.into(),
        all: of(day, arrivals, |_| true, arrivals),
        queues: names
            .into_iter()
            .map(|queue| (queue.clone(), of(day, arrivals, |arrival| arrival.queue == *queue, arrivals)))
            .collect(),
        load_spread,
        served_spread,
        occupancy: held / room.max(1.0),
        foreseen: (foreseen > 0).then(|| inside as f64 / foreseen as f64),
        foreseen_error_s: error / foreseen.max(1) as f64,
        foreseen_by_queue: day
            .accuracy
            .iter()
            .filter(|(_, of)| of.waits > 0)
            .map(|(queue, of)| (queue.clone(), of.inside as f64 / of.waits as f64))
            .collect(),
        decisions: day.decisions,
    }
}

/// Erlang's figures for the pooled day, hour by hour.
pub(crate) fn bounds(scenario: &Scenario, arrivals: &[Arrival], pooled: Figures) -> Bounds {
    let mut bounds = Bounds { pooled, ..Bounds::default() };
    let total = arrivals.len() as f64;
    if total == 0.0 {
        return bounds;
    }
    let mean = |f: fn(&Arrival) -> u64| arrivals.iter().map(|a| f(a) as f64).sum::<f64>() / total / 1_000.0;
    let handle_s = mean(|a| a.handle_ms) + scenario.answers.after_s;
    let patience_s = mean(|a| a.patience_ms).max(0.001);
    for hour in 0..scenario.hours.ceil() as usize {
        let (from, to) = (hour as u64 * 3_600_000, (hour as u64 + 1) * 3_600_000);
        let came = arrivals.iter().filter(|a| (from..to).contains(&a.at_ms)).count() as f64;
        let there = |shift: &(f64, f64)| shift.0 <= hour as f64 + 0.5 && (hour as f64) + 0.5 < shift.1;
        let seats: u32 = scenario
            .teams
            .iter()
            .filter(|team| team.shifts.is_empty() || team.shifts.iter().any(there))
            .map(|team| team.people * u32::from(team.capacity))
            .sum();
        let rate = came / 3_600.0;
        let a = erlang_a(seats, rate, 1.0 / handle_s, patience_s);
        bounds.erlang_a_wait_s += came / total * (a.wait_s + scenario.answers.after_s);
        bounds.erlang_a_abandoned += came / total * a.abandoned;
        bounds.erlang_c_waiting += came / total * erlang_c(seats, rate * handle_s);
    }
    bounds
}
