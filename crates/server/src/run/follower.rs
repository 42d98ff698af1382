//! The follower's thread: look-ups and full text are brought up to the log's end, off the commit path.

use eventlog::sqlite::Follower;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The pause after a step that found nothing to do.
const IDLE: Duration = Duration::from_millis(100);

/// The one who follows.
pub struct Following {
    follower: Follower,
    stop: Arc<AtomicBool>,
}

impl Following {
    /// A follower that goes on until it is stopped.
    pub fn new(follower: Follower) -> Following {
        Following { follower, stop: Arc::default() }
    }

    /// Set it, and the thread ends within a pause.
    pub fn stop(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// Follows.
    pub fn run(mut self) {
        while !self.stop.load(Ordering::Acquire) {
            match self.follower.step() {
                Ok(progress) if !progress.is_idle() => {}
                Ok(_) => std::thread::sleep(IDLE),
                Err(error) => {
                    // Nothing is lost by it: what was not followed yet is tried again.
                    tracing::warn!(%error, "look-ups and full text are behind the log");
                    std::thread::sleep(IDLE * 10);
                }
            }
        }
    }
}
