//! What a run has seen, and a hash of all that the server did in it.

use conversation::Millis;
use router::Effect;
use std::fmt::{self, Write as _};

/// What a run has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Steps after which everything was checked.
    pub steps: u64,
    /// Events that became durable.
    pub events: u64,
    /// Frames that clients got.
    pub frames: u64,
    /// Ends of the server.
    pub crashes: u64,
    /// Batches that the disk did not take.
    pub faults: u64,
    /// Acknowledged frames.
    pub acks: u64,
    /// Conversations.
    pub conversations: u64,
    /// Single checks of a law.
    pub checks: u64,
    /// Simulated milliseconds.
    pub millis: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.millis as f64 / 3_600_000.0;
        write!(
            f,
            "{hours:.1} simulated hours, {} steps, {} crashes, {} failed writes, {} conversations, {} events, {} frames read, \
             {} acknowledged, {} checks of laws",
            self.steps,
            self.crashes,
            self.faults,
            self.conversations,
            self.events,
            self.frames,
            self.acks,
            self.checks
        )
    }
}

impl Counts {
    /// Adds another run's.
    pub fn add(&mut self, other: &Counts) {
        self.steps += other.steps;
        self.events += other.events;
        self.frames += other.frames;
        self.crashes += other.crashes;
        self.faults += other.faults;
        self.acks += other.acks;
        self.conversations += other.conversations;
        self.checks += other.checks;
        self.millis += other.millis;
    }
}

/// FNV-1a over everything that an effect says.
pub(super) struct Hasher<'a>(pub &'a mut u64);

impl Hasher<'_> {
    pub(super) fn take(&mut self, now: Millis, effect: &Effect) {
        let _ = write!(self, "{now} {effect:?}");
    }
}

impl std::fmt::Write for Hasher<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            *self.0 = (*self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
