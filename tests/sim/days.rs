//! Lives through the shipped day of a contact centre, each seed twice: the same seed gives the same bytes (law 12), and
//! what comes out is possible at all.

use simulator::{Figures, Outcome, Scenario};

/// What was lived through.
#[derive(Default)]
struct Counts {
    seeds: u64,
    customers: u64,
    decisions: u64,
}

/// One day for each seed.
///
/// # Errors
/// What is not possible, with the seed.
pub fn live(seeds: impl Iterator<Item = u64>) -> Result<String, String> {
    let scenario = Scenario::shipped().map_err(|bad| format!("the shipped scenario: {bad:?}"))?;
    let mut counts = Counts::default();
    for seed in seeds {
        day(&scenario, seed, &mut counts).map_err(|what| format!("the day of seed {seed}: {what}"))?;
    }
    let Counts { seeds, customers, decisions } = counts;
    Ok(format!("{seeds} days, each twice, {customers} customers, {decisions} decisions, 0 violations"))
}

fn day(scenario: &Scenario, seed: u64, counts: &mut Counts) -> Result<(), String> {
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
