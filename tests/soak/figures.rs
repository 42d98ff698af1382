//! What a crowd has lived through.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What everybody adds to.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Figures>>);

impl Ledger {
    /// A message and how long its acknowledgement took.
    pub fn acknowledged(&self, took: Duration) {
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.with(|figures| figures.acknowledged.push(micros));
    }

    /// Something happened, once more.
    pub fn counted(&self, what: &str) {
        self.with(|figures| *figures.counts.entry(what.to_owned()).or_default() += 1);
    }

    /// Something went wrong.
    pub fn wrong(&self, what: &str) {
        self.with(|figures| *figures.wrong.entry(what.chars().take(200).collect()).or_default() += 1);
    }

    /// As it is now.
    pub fn now(&self) -> Figures {
        self.with(|figures| figures.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Figures) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Latencies in microseconds, and counts.
#[derive(Clone, Default)]
pub struct Figures {
    acknowledged: Vec<u32>,
    counts: BTreeMap<String, u64>,
    wrong: BTreeMap<String, u64>,
}

impl Figures {
    /// How much went wrong.
    pub fn errors(&self) -> u64 {
        self.wrong.values().sum()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.acknowledged.clone();
        sorted.sort_unstable();
        let at = |share: f64| {
            let place = (sorted.len() as f64 * share) as usize;
            f64::from(sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)) / 1_000.0
        };
        write!(
            f,
            "{} messages acknowledged, ms p50 {:.2} p90 {:.2} p99 {:.2} p99.9 {:.2} most {:.2}; {:?}; errors {:?}",
            sorted.len(),
            at(0.5),
            at(0.9),
            at(0.99),
            at(0.999),
            at(1.0),
            self.counts,
            self.wrong
        )
    }
}

/// KiB of memory that a process has in use.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
