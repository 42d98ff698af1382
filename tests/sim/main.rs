//! The simulation: every part that decides or keeps, under every fault, one seed one run; and days of a contact centre.
//!
//! `cargo xtask sim ARGS`: see [`HELP`]. A failure prints its seed and the last events, one line each.
#![expect(clippy::print_stdout, reason = "a program for people at a terminal; its output is its purpose")]

mod days;

use relais_tests::sim::many::{Lived, many};
use relais_tests::sim::{Failure, Mutation, run};
use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;

const HELP: &str = "\
sim --seed N       one run again, twice, with its counts
sim --seeds N      that many fresh ones, some of them twice
sim --forever      until something is found
sim --mutations    breaks each law on purpose, and says how many seeds it took to find it
sim --days N       that many simulated days of a contact centre, each twice";

/// Lines of a failed run that are shown.
const LINES: usize = 60;

/// Seeds within which a law that is broken on purpose must be found.
const SEEDS: u64 = 400;

/// Runs between two lines of `--forever`.
const A_WHILE: usize = 2_000;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().ok();
    let done = match args[..] {
        ["--seed", n] if number(n).is_some() => once(number(n).unwrap_or(0)),
        ["--seeds", n] if number(n).is_some() => lived(number(n).unwrap_or(0) as usize),
        ["--forever"] => forever(),
        ["--mutations"] => mutations(),
        ["--days", n] if number(n).is_some() => {
            days::live((0..number(n).unwrap_or(0)).map(|_| fresh())).map(|counts| println!("{counts}"))
        }
        _ => Err(HELP.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// A seed that nobody has seen: what the system gives to every hash map.
fn fresh() -> u64 {
    RandomState::new().hash_one("seed")
}

fn tell(failure: &Failure) -> String {
    let from = failure.trace.len().saturating_sub(LINES);
    let lines = failure.trace[from..].join("\n");
    let Failure { seed, what, .. } = failure;
    format!("{lines}\nseed {seed}: {what}\nagain: cargo xtask sim --seed {seed}")
}

fn once(seed: u64) -> Result<(), String> {
    let (counts, first) = run(seed, None).map_err(|failure| tell(&failure))?;
    let (_, second) = run(seed, None).map_err(|failure| tell(&failure))?;
    if first != second {
        return Err(format!("law 12: seed {seed} gave {first:016x}, then {second:016x}"));
    }
    println!("seed {seed}: {counts}, 0 violations, {first:016x} twice");
    Ok(())
}

fn lived(seeds: usize) -> Result<(), String> {
    let lived = many(std::iter::repeat_with(fresh).take(seeds)).map_err(|failure| tell(&failure))?;
    println!("{lived}, 0 violations");
    Ok(())
}

fn forever() -> Result<(), String> {
    let mut all = Lived::default();
    loop {
        let lived = many(std::iter::repeat_with(fresh).take(A_WHILE)).map_err(|failure| tell(&failure))?;
        all.add(&lived);
        println!("{all}, 0 violations so far");
    }
}

fn mutations() -> Result<(), String> {
    // A broken law may end in a panic of the program: it is told below, not in the middle.
    std::panic::set_hook(Box::new(|_| {}));
    let mut missed = Vec::new();
    for mutation in Mutation::ALL {
        let found =
            (1..=SEEDS).find_map(|nth| run(fresh(), Some(mutation)).err().map(|failure| (nth, failure)));
        match found {
            Some((nth, failure)) => println!("{mutation:?}: found with seed {nth}: {}", failure.what),
            None => missed.push(mutation),
        }
    }
    let _ = std::panic::take_hook();
    if missed.is_empty() {
        println!("{} laws broken on purpose, each was found", Mutation::ALL.len());
        return Ok(());
    }
    Err(format!("not found within {SEEDS} seeds: {missed:?}"))
}
