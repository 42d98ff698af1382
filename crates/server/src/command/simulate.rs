//! `relais simulate`: a manager's what-if, answered on the real dispatcher in simulated time.

use super::{Done, check::print_line};
use clap::Args;
use conversation::Event;
use eventlog::{History, SqliteReader};
use simulator::{Part, Plan, Report, Scenario};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Answers what-ifs.
#[derive(Args, Debug)]
pub struct Simulate {
    /// The scenario; without it, the one that ships (config/simulation/day.toml).
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Arrivals from a table (`at_s,queue,lang,handle_s,patience_s,frustration`) instead of drawn ones.
    #[arg(long, value_name = "FILE")]
    arrivals: Option<PathBuf>,
    /// Arrivals as the log of this data folder tells them, also while the server runs: every conversation that was
    /// handed to people.
    #[arg(long, value_name = "DIR", conflicts_with = "arrivals")]
    log: Option<PathBuf>,
    /// Seconds for which those in the log who were served would have waited.
    #[arg(long, value_name = "S", default_value_t = 300.0, requires = "log")]
    patience: f64,
    /// One more question: the same day with more people of a team, and their hours of the clock
    /// (`--more '1 care, both languages, 10-14'`); may be repeated.
    #[arg(long, value_name = "PEOPLE TEAM, FROM-TO")]
    more: Vec<String>,
    /// The same seed gives the same day.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Draws the policies side by side.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// One JSON line on stdout instead of tables on stderr.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn simulate(verb: &Simulate) -> Done {
    let mut scenario = match &verb.scenario {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            Scenario::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
        None => Scenario::shipped().map_err(|error| error.to_string())?,
    };
    if let Some(path) = &verb.arrivals {
        let csv = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        scenario.read_arrivals(&csv).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if let Some(folder) = &verb.log {
        let said = |error: String| format!("{}: {error}", folder.display());
        let events = past(folder).map_err(said)?;
        scenario.take_arrivals(events, verb.patience).map_err(|error| said(error.to_string()))?;
    }
    for asked in &verb.more {
        scenario.suppose_more(asked).map_err(|error| format!("--more {error}"))?;
    }
    let report = side_by_side(&Plan::new(&scenario, verb.seed));
    if let Some(path) = &verb.svg {
        std::fs::write(path, report.svg())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    if verb.json {
        print_line(&serde_json::to_value(&report).map_err(|error| error.to_string())?);
    } else {
        eprintln!("{report}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Events that are read from the log at once.
const READ_AT_ONCE: usize = 4_096;

/// Everything that a log tells.
fn past(folder: &Path) -> Result<Vec<Event>, String> {
    if !folder.exists() {
        return Err("there is no such data folder".into());
    }
    let reader = SqliteReader::open(folder).map_err(|error| error.to_string())?;
    let (mut events, mut from) = (Vec::new(), 0);
    loop {
        let some = reader.read_from(from, READ_AT_ONCE).map_err(|error| error.to_string())?;
        let Some((last, _)) = some.last() else { return Ok(events) };
        from = last + 1;
        events.extend(some.into_iter().map(|(_, event)| event));
    }
}

/// Lives through the plan's days, as many at once as the machine can.
fn side_by_side(plan: &Plan) -> Report {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(plan.parts());
    let next = AtomicUsize::new(0);
    let work = || {
        let mine = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|nth| *nth < plan.parts());
        std::iter::from_fn(mine).map(|nth| (nth, plan.live(nth))).collect::<Vec<(usize, Part)>>()
    };
    let mut parts = std::thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut parts = work();
        // A worker that panicked has said why; the report would lack its part.
        parts.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()));
        parts
    });
    parts.sort_unstable_by_key(|(nth, _)| *nth);
    plan.report(parts.into_iter().map(|(_, part)| part))
}
