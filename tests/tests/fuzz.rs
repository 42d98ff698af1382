//! Every fuzz target on its committed seeds, and on seeded changes of them; `RELAIS_FUZZ_ROUNDS` multiplies them.

use relais_tests::fuzzing::{Changes, TARGETS, Target};
use std::fs;
use std::path::Path;

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut paths: Vec<_> =
        fs::read_dir(&folder).expect("seeds").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(paths.len() >= 5, "{}", folder.display());
    paths.into_iter().map(|path| fs::read(path).expect("a seed")).collect()
}

fn ordinary(name: &str) {
    let target: &Target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let rounds: usize = std::env::var("RELAIS_FUZZ_ROUNDS").map_or(1, |text| text.parse().expect("a number"));
    let seeds = seeds(name);
    for seed in &seeds {
        (target.run)(seed);
    }
    let mut changes = Changes::new(7);
    for _ in 0..target.ordinary * rounds {
        let input = changes.of(&seeds);
        let held = Shown(&input);
        (target.run)(&input);
        std::mem::forget(held);
    }
    eprintln!("{name}: {} seeds, {} changed inputs", seeds.len(), target.ordinary * rounds);
}

/// Shows the input that a panic came from.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        eprintln!("the input: b\"{}\"", self.0.escape_ascii());
    }
}

#[test]
fn frames() {
    ordinary("frames");
}

#[test]
fn handshake() {
    ordinary("handshake");
}

#[test]
fn configuration() {
    ordinary("configuration");
}

#[test]
fn scripts() {
    ordinary("scripts");
}

#[test]
fn listen() {
    ordinary("listen");
}

#[test]
fn recovery() {
    ordinary("recovery");
}
