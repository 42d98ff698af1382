//! Prints the shipped scenario's report: `cargo run --release -p simulator --example day -- [SEED] [FILE]`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use simulator::{Scenario, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    let scenario = match std::env::args().nth(2) {
        Some(file) => Scenario::parse(&std::fs::read_to_string(file)?)?,
        None => Scenario::shipped()?,
    };
    println!("{}", run(&scenario, seed));
    Ok(())
}
