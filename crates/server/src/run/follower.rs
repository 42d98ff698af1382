//! The follower's thread: look-ups and full text are brought up to the log's end, and what is old is forgotten, off
//! the commit path.

use crate::clock::Clock;
use eventlog::sqlite::Follower;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The pause after a step that found nothing to do.
const IDLE: Duration = Duration::from_millis(100);

/// Pauses in a row after which what only much work needs is given back.
const REST_AFTER: u32 = 100;

/// Milliseconds between two looks at what has become old.
const RETENTION_EVERY_MS: u64 = 3_600_000;

/// The pause between two parts of what is forgotten, in which others have the disk.
const RETENTION_PAUSE: Duration = Duration::from_millis(20);

/// After how many milliseconds a closed conversation's customer is forgotten; it may change while the server runs.
#[derive(Clone, Debug, Default)]
pub struct Retention(Arc<AtomicU64>);

impl Retention {
    /// `None`: never.
    pub fn set(&self, after_ms: Option<u64>) {
        self.0.store(after_ms.unwrap_or(0), Ordering::Release);
    }

    fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Acquire)).filter(|ms| *ms > 0)
    }
}

/// The one who follows.
pub struct Following {
    follower: Follower,
    clock: Clock,
    retention: Retention,
    /// When it looked last for what has become old, and by which rule.
    looked: Option<(u64, u64)>,
    stop: Arc<AtomicBool>,
}

impl Following {
    /// A follower that goes on until it is stopped.
    pub fn new(follower: Follower, clock: Clock, retention: Retention) -> Following {
        Following { follower, clock, retention, looked: None, stop: Arc::default() }
    }

    /// Set it, and the thread ends within a pause.
    pub fn stop(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// Follows.
    pub fn run(mut self) {
        let mut idle = 0_u32;
        while !self.stop.load(Ordering::Acquire) {
            match self.follower.step() {
                Ok(progress) if !progress.is_idle() => idle = 0,
                Ok(_) => {
                    self.forget();
                    idle = idle.saturating_add(1);
                    if idle == REST_AFTER
                        && let Err(error) = self.follower.rest()
                    {
                        tracing::warn!(%error, "memory of the look-ups could not be given back");
                    }
                    std::thread::sleep(IDLE);
                }
                Err(error) => {
                    // Nothing is lost by it: what was not followed yet is tried again.
                    tracing::warn!(%error, "look-ups and full text are behind the log");
                    std::thread::sleep(IDLE * 10);
                }
            }
        }
    }

    /// Forgets what has become old, once an hour, and whenever the rule has changed.
    fn forget(&mut self) {
        let (Some(after), now) = (self.retention.get(), self.clock.now()) else { return };
        if self.looked.is_some_and(|(at, rule)| rule == after && now < at + RETENTION_EVERY_MS) {
            return;
        }
        let mut conversations = 0;
        while !self.stop.load(Ordering::Acquire) {
            match self.follower.forget_before(now.saturating_sub(after)) {
                Ok(forgotten) if forgotten.conversations > 0 => conversations += forgotten.conversations,
                Ok(_) => {
                    self.looked = Some((now, after));
                    if conversations > 0 {
                        tracing::info!(conversations, "what was old is forgotten");
                    }
                    return;
                }
                Err(error) => {
                    // A part may be done; the next look goes on.
                    tracing::warn!(%error, "what is old could not be forgotten; it is tried again within the hour");
                    self.looked = Some((now, after));
                    return;
                }
            }
            std::thread::sleep(RETENTION_PAUSE);
        }
    }
}
