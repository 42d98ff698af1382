//! Ten thousand advisors, a million conversations, our policy alone: `cargo run --release -p simulator --example large`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use simulator::{Scenario, run_ours};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::parse(include_str!("../../../config/simulation/large.toml"))?;
    println!("{:#?}", run_ours(&scenario, 1).all);
    Ok(())
}
