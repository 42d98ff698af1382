//! The shipped day over many seeds, each beside its bound and the other policies, and the means:
//! `cargo run --release -p simulator --example seeds -- 2001 2040`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use simulator::{POLICIES, Report, Scenario, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |nth: usize, or: u64| std::env::args().nth(nth).map_or(Ok(or), |text| text.parse());
    let (from, to) = (number(1, 2001)?, number(2, 2040)?);
    let mut scenario = Scenario::shipped()?;
    scenario.what_if.clear();
    println!("seed   wait × pool   90 %, gave up: {}   spread   foreseen", POLICIES.join(", "));
    let reports: Vec<Report> = (from..=to).map(|seed| run(&scenario, seed)).collect();
    for report in &reports {
        line(&report.seed.to_string(), std::slice::from_ref(report));
    }
    line("mean", &reports);
    Ok(())
}

fn line(name: &str, reports: &[Report]) {
    let mean =
        |of: &dyn Fn(&Report) -> f64| reports.iter().map(of).sum::<f64>() / reports.len().max(1) as f64;
    let wait = mean(&|report| report.policies[0].all.mean_s) / mean(&|report| report.bounds.pooled.mean_s);
    let by = |of: &dyn Fn(&Report, usize) -> f64| {
        (0..POLICIES.len())
            .map(|n| format!("{:5.2}", mean(&|report| of(report, n))))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let p90 = by(&|report, n| report.policies[n].all.p90_s);
    let gave_up = by(&|report, n| report.policies[n].all.abandoned * 100.0);
    let spread = reports.iter().map(|report| report.policies[0].load_spread).fold(0.0, f64::max);
    let foreseen = mean(&|report| report.policies[0].foreseen.unwrap_or(0.0)) * 100.0;
    println!("{name:>5}  {wait:.3}   {p90} s   {gave_up} %   {spread:.2}   {foreseen:.1} %");
}
