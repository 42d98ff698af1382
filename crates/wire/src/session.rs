//! One connection's life as a state machine without sockets: first frame in time, heartbeat, rates, bad frames.
//!
//! The gateway tells it what comes in and asks [`Session::poll`] what to do by when; it owns no clock.

use crate::close::Close;
use conversation::{Millis, limits};

/// Tokens of one frame type: `burst` at once, `per_s` of them a second afterwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: f32,
    /// Afterwards, per second.
    pub per_s: f32,
}

/// The rates of one connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Frames that become events with words: `message`, `note`, `leave_message`, `callback`.
    pub words: Rate,
    /// Frames that ask for something: `human`, `close`, `accept`, `presence` …
    pub acts: Rate,
    /// `typing` and `seen`.
    pub hints: Rate,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            words: Rate { burst: 30.0, per_s: 10.0 },
            acts: Rate { burst: 30.0, per_s: 10.0 },
            hints: Rate { burst: 30.0, per_s: 15.0 },
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f32,
    at: Millis,
}

impl Bucket {
    /// Takes a token; else says in how many milliseconds there will be one.
    fn take(&mut self, rate: Rate, now: Millis) -> Result<(), u64> {
        let passed = now.saturating_sub(self.at) as f32 / 1_000.0;
        self.tokens = (self.tokens + passed * rate.per_s).min(rate.burst);
        self.at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(((1.0 - self.tokens) / rate.per_s * 1_000.0).ceil() as u64)
    }
}

/// What the gateway must do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Send a ping.
    Ping,
    /// Close the connection.
    Close(Close),
    /// Nothing before this moment.
    Nothing(Millis),
}

/// One connection's life.
#[derive(Clone, Debug)]
pub struct Session {
    greeted: bool,
    began: Millis,
    heard: Millis,
    pinged: Millis,
    bad_since: Millis,
    bad: u8,
    words: Bucket,
    acts: Bucket,
    hints: Bucket,
}

impl Session {
    /// A connection that was accepted at `now`.
    pub fn new(rates: &Rates, now: Millis) -> Session {
        let bucket = |rate: Rate| Bucket { tokens: rate.burst, at: now };
        Session {
            greeted: false,
            began: now,
            heard: now,
            pinged: now,
            bad_since: now,
            bad: 0,
            words: bucket(rates.words),
            acts: bucket(rates.acts),
            hints: bucket(rates.hints),
        }
    }

    /// Anything came in: a frame, a pong, a ping.
    pub fn heard(&mut self, now: Millis) {
        self.heard = self.heard.max(now);
    }

    /// A good first frame came in.
    pub fn greeted(&mut self) {
        self.greeted = true;
    }

    /// Whether a good first frame came in.
    pub fn is_greeted(&self) -> bool {
        self.greeted
    }

    /// A bad frame came in; says when it was one too many.
    pub fn bad_frame(&mut self, now: Millis) -> Option<Close> {
        if now.saturating_sub(self.bad_since) > limits::BAD_FRAME_WINDOW_MS {
            self.bad_since = now;
            self.bad = 0;
        }
        self.bad = self.bad.saturating_add(1);
        (usize::from(self.bad) >= limits::BAD_FRAMES).then_some(Close::Abuse)
    }

    /// Takes a token for a frame of this type.
    ///
    /// # Errors
    /// Over the rate; the value is when to try again, in milliseconds.
    pub fn admit(&mut self, kind: &str, rates: &Rates, now: Millis) -> Result<(), u64> {
        match kind {
            "hello" => Ok(()),
            "message" | "note" | "leave_message" | "callback" => self.words.take(rates.words, now),
            "typing" | "seen" => self.hints.take(rates.hints, now),
            _ => self.acts.take(rates.acts, now),
        }
    }

    /// What is due at `now`.
    pub fn poll(&mut self, now: Millis) -> Due {
        let hello_by = self.began + limits::HELLO_MS;
        if !self.greeted && now >= hello_by {
            return Due::Close(Close::TimedOut);
        }
        let gone_at = self.heard + limits::SILENT_MS;
        if now >= gone_at {
            return Due::Close(Close::TimedOut);
        }
        let ping_at = self.pinged.max(self.heard) + limits::PING_EVERY_MS;
        if now >= ping_at {
            self.pinged = now;
            return Due::Ping;
        }
        let next = gone_at.min(ping_at);
        Due::Nothing(if self.greeted { next } else { next.min(hello_by) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_must_come_within_five_seconds() {
        let mut session = Session::new(&Rates::default(), 1_000);
        assert_eq!(session.poll(1_000), Due::Nothing(6_000));
        assert_eq!(session.poll(5_999), Due::Nothing(6_000));
        assert_eq!(session.poll(6_000), Due::Close(Close::TimedOut));
    }

    #[test]
    fn a_silent_peer_is_pinged_at_25_s_and_gone_at_60() {
        let mut session = Session::new(&Rates::default(), 0);
        session.greeted();
        assert_eq!(session.poll(24_999), Due::Nothing(25_000));
        assert_eq!(session.poll(25_000), Due::Ping);
        assert_eq!(session.poll(25_001), Due::Nothing(50_000));
        assert_eq!(session.poll(50_000), Due::Ping);
        assert_eq!(session.poll(59_999), Due::Nothing(60_000));
        assert_eq!(session.poll(60_000), Due::Close(Close::TimedOut));
        session.heard(59_000);
        assert_eq!(session.poll(60_000), Due::Nothing(84_000));
    }

    #[test]
    fn the_tenth_bad_frame_within_a_minute_is_one_too_many() {
        let mut session = Session::new(&Rates::default(), 0);
        for n in 0..9 {
            assert_eq!(session.bad_frame(n), None);
        }
        assert_eq!(session.bad_frame(60_001), None, "a new minute");
        for n in 0..8 {
            assert_eq!(session.bad_frame(60_002 + n), None);
        }
        assert_eq!(session.bad_frame(60_100), Some(Close::Abuse));
    }

    #[test]
    fn over_the_rate_says_when_to_try_again_and_then_admits() {
        let rates = Rates { words: Rate { burst: 2.0, per_s: 2.0 }, ..Rates::default() };
        let mut session = Session::new(&rates, 0);
        assert_eq!(session.admit("message", &rates, 0), Ok(()));
        assert_eq!(session.admit("message", &rates, 0), Ok(()));
        assert_eq!(session.admit("message", &rates, 0), Err(500));
        assert_eq!(session.admit("human", &rates, 0), Ok(()), "another bucket");
        assert_eq!(session.admit("message", &rates, 500), Ok(()));
    }
}
