//! `relais simulate`: a manager's what-if, answered on the real dispatcher in simulated time.

use super::{Done, check::print_line};
use clap::Args;
use simulator::Scenario;
use std::path::PathBuf;
use std::process::ExitCode;

/// Answers what-ifs.
#[derive(Args, Debug)]
pub struct Simulate {
    /// The scenario; without it, the one that ships (config/simulation/day.toml).
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Arrivals from a table (`at_s,queue,lang,handle_s,patience_s,frustration`) instead of drawn ones.
    #[arg(long, value_name = "FILE")]
    arrivals: Option<PathBuf>,
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
    let report = simulator::run(&scenario, verb.seed);
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
