//! How long it will take, with an interval that keeps its promise.
//!
//! The middle comes from what the queue has done of late: how many were taken while others waited, and in what
//! time; whoever has n before them waits for n + 1 of those. The interval is then corrected by what really
//! happened: after every wait that was foreseen, each bound moves a little, by just so much that one wait in ten
//! ends below the lower and one in ten above the higher, whatever the distribution is (adaptive conformal
//! inference: Gibbs & Candès, 'Adaptive conformal inference under distribution shift', NeurIPS 2021).
//!
//! Plain atomics that carry floating-point numbers; a lost update between two threads is one observation less.

use crate::decision::Wait;
use crate::sync::{AtomicU64, Ordering};
use conversation::Millis;
use serde::Serialize;

/// What was foreseen for one conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub at: Millis,
    pub middle_ms: f64,
    pub class: usize,
}

/// How good the estimates of a queue were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Accuracy {
    /// Waits that were foreseen and have ended with an advisor.
    pub waits: u64,
    /// Those that ended within the interval; 80 % are aimed at.
    pub inside: u64,
    /// Mean absolute error of the middle, in seconds.
    pub error_s: f64,
}

/// An `f64`: written and read as the field says that it is in.
#[derive(Debug)]
struct Number(AtomicU64);

impl Number {
    fn new(value: f64) -> Number {
        Number(AtomicU64::new(value.to_bits()))
    }
    fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
    fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }
}

/// The three factors on the middle, for waits of one class.
#[derive(Debug)]
struct Factors {
    low: Number,
    middle: Number,
    high: Number,
}

/// Classes of place in line (0, 1–2, 3–6, 7–14, more) times classes of priority (0–2, 3–5, 6–9).
const PLACES: usize = 5;
const RANKS: usize = 3;
/// All classes.
pub(crate) const CLASSES: usize = PLACES * RANKS;
/// Weight that an observation keeps when the next one comes.
const MEMORY: f64 = 0.97;
/// How far a bound moves after one wait.
const STEP: f64 = 0.08;

/// The estimates of one queue.
#[derive(Debug)]
pub(crate) struct Estimator {
    /// Busy milliseconds and takes in them, fading: written by whoever accepts or claims, read by whoever foresees a wait.
    busy_ms: Number,
    takes: Number,
    /// The last take, if others waited after it, else 0: written and read by whoever accepts or claims.
    last_busy: AtomicU64,
    /// How long one lasts, fading: written by whoever ends one, read by whoever foresees.
    handle_ms: Number,
    /// Written by whoever accepts or claims what was foreseen, read by whoever foresees.
    classes: Box<[Factors]>,
    /// What became of those: written with them, read by [`Estimator::accuracy`] alone; as the next two.
    waits: AtomicU64,
    inside: AtomicU64,
    error_ms: AtomicU64,
}

fn class(ahead: u32, priority: u8) -> usize {
    let place = (u32::BITS - (ahead + 1).leading_zeros()).min(PLACES as u32) as usize - 1;
    place * RANKS + usize::from(priority / 3).min(RANKS - 1)
}

/// Wilson & Hilferty's approximation of a quantile of the gamma distribution with mean 1: the sum of n + 1
/// exponential times, until better is known.
fn gamma_quantile(n: f64, z: f64) -> f64 {
    let k = n + 1.0;
    let root = 1.0 - 1.0 / (9.0 * k) + z / (3.0 * k.sqrt());
    root.max(0.1).powi(3)
}

impl Estimator {
    pub fn new() -> Estimator {
        let factors = |class: usize| {
            let ahead = ((1 << (class / RANKS)) - 1) as f64;
            Factors {
                low: Number::new(gamma_quantile(ahead, -1.2816)),
                middle: Number::new(1.0),
                high: Number::new(gamma_quantile(ahead, 1.2816)),
            }
        };
        Estimator {
            busy_ms: Number::new(0.0),
            takes: Number::new(0.0),
            last_busy: AtomicU64::new(0),
            handle_ms: Number::new(0.0),
            classes: (0..CLASSES).map(factors).collect(),
            waits: AtomicU64::new(0),
            inside: AtomicU64::new(0),
            error_ms: AtomicU64::new(0),
        }
    }

    /// Milliseconds between two takes while others wait; from the time that conversations last where the queue
    /// has not been busy yet.
    fn interval_ms(&self, seats: impl FnOnce() -> u32) -> Option<f64> {
        if self.takes.get() >= 2.0 {
            return Some((self.busy_ms.get() / self.takes.get()).max(1.0));
        }
        let handle = self.handle_ms.get();
        (handle > 0.0).then(|| (handle / f64::from(seats().max(1))).max(1.0))
    }

    /// What is foreseen with so many ahead; `seats` is asked for how many conversations those who are there
    /// can have only where the queue has not been busy yet.
    pub fn expected(
        &self,
        ahead: impl FnOnce() -> u32,
        priority: u8,
        seats: impl FnOnce() -> u32,
        now: Millis,
    ) -> Option<Expected> {
        let interval_ms = self.interval_ms(seats)?;
        let ahead = ahead();
        let middle_ms = interval_ms * f64::from(ahead + 1);
        Some(Expected { at: now, middle_ms, class: class(ahead, priority) })
    }

    pub fn wait(&self, expected: &Expected) -> Wait {
        let factors = &self.classes[expected.class];
        let seconds = |factor: &Number| (expected.middle_ms * factor.get() / 1_000.0).round() as u32;
        let (low_s, expected_s) = (seconds(&factors.low), seconds(&factors.middle));
        Wait {
            low_s,
            expected_s: expected_s.max(low_s),
            high_s: seconds(&factors.high).max(expected_s).max(low_s),
        }
    }

    /// Somebody was taken; `busy`: others of the queue wait still.
    pub fn took(&self, busy: bool, now: Millis) {
        let last = self.last_busy.load(Ordering::Relaxed);
        let next = if busy { now } else { 0 };
        // Not written where nothing changes: on a quiet day every thread passes here and none waits for another.
        if last != next {
            self.last_busy.store(next, Ordering::Relaxed);
        }
        if last > 0 {
            self.busy_ms.set(self.busy_ms.get() * MEMORY + now.saturating_sub(last) as f64);
            self.takes.set(self.takes.get() * MEMORY + 1.0);
        }
    }

    /// A wait that was foreseen has ended with an advisor.
    pub fn ended(&self, expected: &Expected, now: Millis) {
        let waited = now.saturating_sub(expected.at) as f64;
        let factors = &self.classes[expected.class];
        let foreseen = |factor: &Number| expected.middle_ms * factor.get();
        let within = (foreseen(&factors.low)..=foreseen(&factors.high)).contains(&waited);
        self.waits.fetch_add(1, Ordering::Relaxed);
        self.inside.fetch_add(u64::from(within), Ordering::Relaxed);
        self.error_ms.fetch_add((waited - foreseen(&factors.middle)).abs() as u64, Ordering::Relaxed);
        let ratio = (waited / expected.middle_ms).max(1e-3);
        let learn = |factor: &Number, share: f64| {
            let above = if ratio > factor.get() { share } else { share - 1.0 };
            factor.set((factor.get() * (STEP * above).exp()).clamp(1e-3, 1e3));
        };
        learn(&factors.low, 0.1);
        learn(&factors.middle, 0.5);
        learn(&factors.high, 0.9);
    }

    pub fn handled(&self, handle_ms: u64) {
        let (before, new) = (self.handle_ms.get(), handle_ms as f64);
        self.handle_ms.set(if before == 0.0 { new } else { before * 0.95 + new * 0.05 });
    }

    pub fn accuracy(&self) -> Accuracy {
        let waits = self.waits.load(Ordering::Relaxed);
        Accuracy {
            waits,
            inside: self.inside.load(Ordering::Relaxed),
            error_s: self.error_ms.load(Ordering::Relaxed) as f64 / 1_000.0 / waits.max(1) as f64,
        }
    }
}
