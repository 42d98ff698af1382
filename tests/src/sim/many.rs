//! Many seeds on every core, until they are out or one of them breaks a law.

use super::{Counts, Failure, run};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// One seed in so many is lived through twice: the same bytes must come out (law 12).
const TWICE: u64 = 16;

/// What was lived through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lived {
    /// Runs.
    pub seeds: u64,
    /// Those of them that were run twice.
    pub twice: u64,
    /// What was seen in them.
    pub counts: Counts,
}

impl Lived {
    /// Adds others.
    pub fn add(&mut self, other: &Lived) {
        self.seeds += other.seeds;
        self.twice += other.twice;
        self.counts.add(&other.counts);
    }
}

impl fmt::Display for Lived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seeds ({} of them twice), {}", self.seeds, self.twice, self.counts)
    }
}

/// Lives through all of these seeds.
///
/// # Errors
/// The first that broke a law; those that were under way beside it are lived to their end.
pub fn many(seeds: impl Iterator<Item = u64> + Send) -> Result<Lived, Box<Failure>> {
    let seeds = Mutex::new(seeds);
    let all = Mutex::new((Lived::default(), None));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    if all.lock().unwrap_or_else(PoisonError::into_inner).1.is_some() {
                        return;
                    }
                    let next = seeds.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(seed) = next else { return };
                    let lived = one(seed);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    match lived {
                        Ok(lived) => all.0.add(&lived),
                        Err(failure) => {
                            all.1.get_or_insert(failure);
                        }
                    }
                }
            });
        }
    });
    match all.into_inner().unwrap_or_else(PoisonError::into_inner) {
        (_, Some(failure)) => Err(failure),
        (lived, None) => Ok(lived),
    }
}

fn one(seed: u64) -> Result<Lived, Box<Failure>> {
    let (counts, hash) = run(seed, None)?;
    let twice = seed.is_multiple_of(TWICE);
    if twice {
        let (_, again) = run(seed, None)?;
        if again != hash {
            let what = format!("law 12: {hash:016x}, then {again:016x}");
            return Err(Box::new(Failure { seed, what, trace: Vec::new() }));
        }
    }
    Ok(Lived { seeds: 1, twice: u64::from(twice), counts })
}
