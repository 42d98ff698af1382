//! Ten thousand advisors, a million conversations, every policy, two days at a time, as `relais simulate` does:
//! `cargo run --release -p simulator --example large`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use simulator::{Plan, Scenario};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::parse(include_str!("../../../config/simulation/large.toml"))?;
    let plan = Plan::new(&scenario, 1);
    let (even, odd): (Vec<usize>, Vec<usize>) = (0..plan.parts()).partition(|nth| nth % 2 == 0);
    let live = |some: &[usize]| some.iter().map(|nth| (*nth, plan.live(*nth))).collect::<Vec<_>>();
    let mut parts = std::thread::scope(|scope| {
        let other = scope.spawn(|| live(&odd));
        let mut parts = live(&even);
        parts.extend(other.join().unwrap_or_default());
        parts
    });
    parts.sort_unstable_by_key(|(nth, _)| *nth);
    println!("{}", plan.report(parts.into_iter().map(|(_, part)| part)));
    Ok(())
}
