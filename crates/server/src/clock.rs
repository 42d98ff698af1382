//! The one clock: milliseconds since 1970 that only go forward, at the speed of time. Everybody else is given `now`.

use conversation::Millis;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Wall time when it was made, and the time since: a wall clock that is set back or leaps changes nothing. A machine that
/// has slept has slept: who waited for so long has, and it is as late as it is.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Duration,
    began_at: Millis,
}

impl Clock {
    /// A clock that begins at the system's time.
    #[expect(clippy::disallowed_methods, reason = "this is the one address of time")]
    pub fn start() -> Clock {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Clock { began: running(), began_at: since_1970.as_millis() as Millis }
    }

    /// Never begins before `at`: a log's last event must not lie in the future of what comes next.
    pub fn not_before(self, at: Millis) -> Clock {
        Clock { began_at: self.began_at.max(at), ..self }
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.began_at + running().saturating_sub(self.began).as_millis() as Millis
    }

    /// A moment for measuring how long something takes.
    #[expect(clippy::disallowed_methods, reason = "this is the one address of time")]
    pub fn instant() -> Instant {
        Instant::now()
    }
}

/// How long the machine has been up, its sleep included; only differences mean something.
#[cfg(target_os = "linux")]
fn running() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// The same where there is no such clock: since the first call, without what the machine slept.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "this is the one address of time")]
fn running() -> Duration {
    static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_now_or_where_the_log_ends_and_goes_on() {
        let clock = Clock::start();
        let later = clock.not_before(clock.now() + 3_600_000);
        assert!(clock.now() > 1_700_000_000_000 && later.now() >= clock.now() + 3_500_000);
        let (began, at) = (clock.now(), Clock::instant());
        std::thread::sleep(Duration::from_millis(30));
        let (passed, by_another) = (clock.now() - began, at.elapsed().as_millis() as Millis);
        assert!((29..=by_another + 1).contains(&passed), "{passed} ms, not {by_another}");
    }
}
