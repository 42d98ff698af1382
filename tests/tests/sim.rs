//! A short run of the simulation; `cargo xtask sim` runs as much of it as one likes.

use relais_tests::sim::many::many;
use relais_tests::sim::{self, Failure, Mutation};

fn tell(failure: &Failure) -> String {
    let from = failure.trace.len().saturating_sub(60);
    let lines = failure.trace[from..].join("\n");
    format!("{lines}\nseed {}: {}", failure.seed, failure.what)
}

#[test]
fn every_law_holds() {
    let lived = many(0..40).unwrap_or_else(|failure| panic!("{}", tell(&failure)));
    println!("{lived}");
    assert_eq!(lived.seeds, 40);
    assert!(
        lived.counts.crashes > 0 && lived.counts.acks > 1_000,
        "a day on which nothing happened: {lived}"
    );
}

#[test]
fn a_law_that_is_broken_on_purpose_is_found() {
    let mut missed = Vec::new();
    for mutation in Mutation::ALL {
        match (0..100).find_map(|seed| sim::run(seed, Some(mutation)).err()) {
            Some(failure) => println!("{mutation:?}: seed {}: {}", failure.seed, failure.what),
            None => missed.push(mutation),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
