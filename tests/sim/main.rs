//! Lives through the shipped day under one or many seeds, each seed twice: the same seed gives the same bytes (law 12),
//! and what comes out is possible at all.
//!
//! `--seed N` one seed, `--seeds N` that many fresh ones, `--forever` until something is found.
#![expect(clippy::print_stdout, reason = "a program for people at a terminal; its output is its purpose")]

use simulator::{Figures, Outcome, Scenario};
use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;

/// What was lived through.
#[derive(Default)]
struct Counts {
    seeds: u64,
    customers: u64,
    decisions: u64,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().ok();
    let seeds: Box<dyn Iterator<Item = u64>> = match args[..] {
        ["--seed", n] if number(n).is_some() => Box::new(number(n).into_iter()),
        ["--seeds", n] if number(n).is_some() => Box::new((0..number(n).unwrap_or(0)).map(|_| fresh())),
        ["--forever"] => Box::new(std::iter::repeat_with(fresh)),
        _ => {
            eprintln!("sim --seed N | --seeds N | --forever");
            return ExitCode::FAILURE;
        }
    };
    let scenario = match Scenario::shipped() {
        Ok(scenario) => scenario,
        Err(bad) => {
            eprintln!("the shipped scenario: {bad:?}");
            return ExitCode::FAILURE;
        }
    };
    let mut counts = Counts::default();
    for seed in seeds {
        if let Err(what) = live(&scenario, seed, &mut counts) {
            println!("seed {seed}: {what}\nagain: cargo xtask sim --seed {seed}");
            return ExitCode::FAILURE;
        }
    }
    let Counts { seeds, customers, decisions } = counts;
    println!("{seeds} seeds, each twice, {customers} customers, {decisions} decisions, 0 violations");
    ExitCode::SUCCESS
}

/// A seed that nobody has seen: what the system gives to every hash map.
fn fresh() -> u64 {
    RandomState::new().hash_one("seed")
}

fn live(scenario: &Scenario, seed: u64, counts: &mut Counts) -> Result<(), String> {
    let once = simulator::run_ours(scenario, seed);
    let (first, second) = (bytes(&once)?, bytes(&simulator::run_ours(scenario, seed))?);
    if let Some(at) = first.bytes().zip(second.bytes()).position(|(a, b)| a != b) {
        let from = at.saturating_sub(60);
        let shown = |text: &str| text.get(from..text.len().min(at + 20)).unwrap_or_default().to_owned();
        return Err(format!("two runs differ at byte {at}:\n  {}\n  {}", shown(&first), shown(&second)));
    }
    possible(&once)?;
    counts.seeds += 1;
    counts.customers += once.all.customers;
    counts.decisions += once.decisions;
    Ok(())
}

fn bytes(outcome: &Outcome) -> Result<String, String> {
    serde_json::to_string(outcome).map_err(|e| e.to_string())
}

/// What holds on every day, whoever comes.
fn possible(day: &Outcome) -> Result<(), String> {
    let by_queue: u64 = day.queues.values().map(|figures| figures.customers).sum();
    if by_queue != day.all.customers {
        return Err(format!("{by_queue} customers in the queues, {} in all", day.all.customers));
    }
    if day.all.customers == 0 || day.decisions == 0 {
        return Err("a day on which nobody came or nothing was decided".into());
    }
    if !(0.0..=1.0).contains(&day.occupancy) {
        return Err(format!("seats taken: {} of 1 (law 2)", day.occupancy));
    }
    for figures in day.queues.values().chain([&day.all]) {
        sane(figures)?;
    }
    Ok(())
}

fn sane(figures: &Figures) -> Result<(), String> {
    let shares = [("gave up", figures.abandoned), ("fit", figures.fit)];
    if let Some((name, share)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
        return Err(format!("{name}: {share} is no share"));
    }
    let rising = [0.0, figures.p50_s, figures.p90_s, figures.p99_s];
    if rising.windows(2).any(|pair| pair[0].is_nan() || pair[1] < pair[0]) || !figures.mean_s.is_finite() {
        return Err(format!("waits do not rise: {rising:?}"));
    }
    Ok(())
}
