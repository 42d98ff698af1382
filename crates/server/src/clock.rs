//! The one clock: milliseconds since 1970 that only go forward, at the speed of time. Everybody else is given `now`.

use conversation::Millis;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Wall time when it was made, and monotonic time since: a clock that is set back or leaps changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    began_at: Millis,
}

impl Clock {
    /// A clock that begins at the system's time.
    #[expect(clippy::disallowed_methods, reason = "this is the one address of time")]
    pub fn start() -> Clock {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Clock { began: Instant::now(), began_at: since_1970.as_millis() as Millis }
    }

    /// Never begins before `at`: a log's last event must not lie in the future of what comes next.
    pub fn not_before(self, at: Millis) -> Clock {
        Clock { began_at: self.began_at.max(at), ..self }
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.began_at + self.began.elapsed().as_millis() as Millis
    }

    /// A moment for measuring how long something takes.
    #[expect(clippy::disallowed_methods, reason = "this is the one address of time")]
    pub fn instant() -> Instant {
        Instant::now()
    }
}
