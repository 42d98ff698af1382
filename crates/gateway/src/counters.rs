//! What the gateway counts: atomics that telemetry reads. Labels come from closed sets only; no address, no
//! credential, no id is ever one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use wire::{Close, ErrorCode};

/// Whether a series only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// One series at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name, without the project's prefix.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// Its one label and the label's value, where it has one.
    pub label: Option<(&'static str, &'static str)>,
    /// The value.
    pub value: i64,
}

macro_rules! set {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
        impl $name {
            /// Every one.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The label's value.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
}

set! {
    /// Why a connection or a request was turned away by a limit.
    Turned {
        /// As many connections are open as can be.
        Connections "connections",
        /// As many are in HTTP as can be.
        Http "http",
        /// As many sockets wait for their first frame as can.
        Ungreeted "ungreeted",
        /// One address has as many open as it can have.
        PerAddress "per_address",
        /// One address opens them too fast.
        AddressPace "address_pace",
        /// One site is greeted too fast.
        SitePace "site_pace",
        /// Signing in has failed too often.
        SignIn "sign_in",
        /// The brain has too much to do.
        Brain "brain",
        /// A reader is too slow.
        SlowReader "slow_reader",
        /// A connection floods.
        Flood "flood",
    }
}

set! {
    /// How a sign-in went.
    SignIn {
        /// Somebody is signed in.
        Accepted "accepted",
        /// The code, the name or the password was wrong.
        Refused "refused",
    }
}

set! {
    /// Who is at the other end of a socket.
    Peer {
        /// A customer's client.
        Customer "customer",
        /// An advisor's client.
        Advisor "advisor",
    }
}

/// What the gateway counts.
#[derive(Debug, Default)]
pub struct Counters {
    pub(crate) accepted: AtomicU64,
    pub(crate) http_open: AtomicI64,
    pub(crate) sockets_open: [AtomicI64; 2],
    pub(crate) ungreeted: AtomicI64,
    pub(crate) hellos: [AtomicU64; 2],
    pub(crate) frames_in: AtomicU64,
    pub(crate) frames_out: AtomicU64,
    pub(crate) bytes_in: AtomicU64,
    pub(crate) bytes_out: AtomicU64,
    answers: [AtomicU64; 5],
    turned: [AtomicU64; Turned::ALL.len()],
    sign_ins: [AtomicU64; SignIn::ALL.len()],
    closed: [AtomicU64; Close::ALL.len()],
    protocol_errors: AtomicU64,
    lost: AtomicU64,
    errors: [AtomicU64; ErrorCode::ALL.len()],
}

const ANSWERS: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Counters {
    pub(crate) fn answered(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.answers[class].fetch_add(1, Relaxed);
    }

    pub(crate) fn turned(&self, why: Turned) {
        self.turned[why as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn sign_in(&self, how: SignIn) {
        self.sign_ins[how as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn closed(&self, why: Close) {
        if let Some(place) = Close::ALL.iter().position(|close| *close == why) {
            self.closed[place].fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn protocol_error(&self) {
        self.protocol_errors.fetch_add(1, Relaxed);
    }

    pub(crate) fn lost(&self) {
        self.lost.fetch_add(1, Relaxed);
    }

    pub(crate) fn error(&self, code: ErrorCode) {
        if let Some(place) = ErrorCode::ALL.iter().position(|known| *known == code) {
            self.errors[place].fetch_add(1, Relaxed);
        }
    }

    /// Connections that were turned away for this reason.
    pub fn turned_away(&self, why: Turned) -> u64 {
        self.turned[why as usize].load(Relaxed)
    }

    /// Sockets that the server closed with this code.
    pub fn closed_with(&self, why: Close) -> u64 {
        Close::ALL.iter().position(|close| *close == why).map_or(0, |place| self.closed[place].load(Relaxed))
    }

    /// Sockets that are open.
    pub fn open(&self, peer: Peer) -> i64 {
        self.sockets_open[peer as usize].load(Relaxed)
    }

    /// Every series, always all of them, in the same order: a scrape of a fresh process has them too.
    pub fn readings(&self) -> Vec<Reading> {
        let mut all = Vec::with_capacity(96);
        let mut put =
            |name, help, kind, label, value: i64| all.push(Reading { name, help, kind, label, value });
        let count = |counter: &AtomicU64| i64::try_from(counter.load(Relaxed)).unwrap_or(i64::MAX);
        use Kind::{Counter, Gauge};
        put("connections_accepted_total", "Connections accepted.", Counter, None, count(&self.accepted));
        put("http_connections", "Connections in HTTP.", Gauge, None, self.http_open.load(Relaxed));
        for peer in Peer::ALL {
            let open = self.sockets_open[*peer as usize].load(Relaxed);
            put("ws_sessions", "WebSocket connections.", Gauge, Some(("peer", peer.word())), open);
        }
        put(
            "ws_ungreeted",
            "WebSocket connections without a first frame.",
            Gauge,
            None,
            self.ungreeted.load(Relaxed),
        );
        for peer in Peer::ALL {
            let value = count(&self.hellos[*peer as usize]);
            put("ws_hellos_total", "Good first frames.", Counter, Some(("peer", peer.word())), value);
        }
        put("ws_frames_received_total", "Messages received.", Counter, None, count(&self.frames_in));
        put("ws_frames_sent_total", "Messages sent.", Counter, None, count(&self.frames_out));
        put("ws_received_bytes_total", "Bytes of messages received.", Counter, None, count(&self.bytes_in));
        put("ws_sent_bytes_total", "Bytes of messages sent.", Counter, None, count(&self.bytes_out));
        for (word, counter) in ANSWERS.iter().zip(&self.answers) {
            put(
                "http_responses_total",
                "HTTP answers by class.",
                Counter,
                Some(("class", word)),
                count(counter),
            );
        }
        for why in Turned::ALL {
            let help = "Connections and requests that a limit turned away.";
            put(
                "turned_away_total",
                help,
                Counter,
                Some(("limit", why.word())),
                count(&self.turned[*why as usize]),
            );
        }
        for how in SignIn::ALL {
            let value = count(&self.sign_ins[*how as usize]);
            put("sign_ins_total", "Sign-ins by outcome.", Counter, Some(("outcome", how.word())), value);
        }
        for (why, counter) in Close::ALL.iter().zip(&self.closed) {
            let help = "WebSocket connections that ended, by the close code's word.";
            put("ws_closed_total", help, Counter, Some(("why", why.word())), count(counter));
        }
        let help = "WebSocket connections closed with 1002 for breaking RFC 6455.";
        put("ws_protocol_errors_total", help, Counter, None, count(&self.protocol_errors));
        put(
            "ws_dropped_total",
            "WebSocket connections lost without a close.",
            Counter,
            None,
            count(&self.lost),
        );
        for (code, counter) in ErrorCode::ALL.iter().zip(&self.errors) {
            let help = "Frames that the gateway answered with an error.";
            put("ws_errors_total", help, Counter, Some(("code", code.as_str())), count(counter));
        }
        all
    }
}

/// Counts something for as long as it lives.
pub(crate) struct Held {
    counters: Arc<Counters>,
    which: fn(&Counters) -> &AtomicI64,
}

impl Held {
    pub(crate) fn new(counters: &Arc<Counters>, which: fn(&Counters) -> &AtomicI64) -> Held {
        which(counters).fetch_add(1, Relaxed);
        Held { counters: Arc::clone(counters), which }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.which)(&self.counters).fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_series_is_there_from_the_start_once_and_named_as_prometheus_wants() {
        let counters = Counters::default();
        let readings = counters.readings();
        let mut seen = BTreeSet::new();
        for Reading { name, help, kind, label, value } in &readings {
            assert_eq!(*value, 0, "{name}");
            assert!(seen.insert((*name, *label)), "{name} {label:?} comes twice");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert!(help.ends_with('.'), "{name}");
        }
        assert!(readings.len() < 96, "a closed set stays small: {}", readings.len());
    }

    #[test]
    fn what_happens_is_counted_under_its_own_word() {
        let counters = Arc::new(Counters::default());
        counters.closed(Close::Overloaded);
        counters.error(ErrorCode::SlowDown);
        counters.turned(Turned::SlowReader);
        counters.answered(404);
        let held = Held::new(&counters, |counters| &counters.sockets_open[Peer::Advisor as usize]);
        let of = |name: &str, word: &str| {
            let readings = counters.readings();
            let one =
                readings.iter().find(|r| r.name == name && r.label.is_some_and(|(_, value)| value == word));
            one.map(|reading| reading.value)
        };
        assert_eq!(of("ws_closed_total", "overloaded"), Some(1));
        assert_eq!(of("ws_closed_total", "normal"), Some(0));
        assert_eq!(of("ws_errors_total", "slow_down"), Some(1));
        assert_eq!(of("turned_away_total", "slow_reader"), Some(1));
        assert_eq!(of("http_responses_total", "4xx"), Some(1));
        assert_eq!(of("ws_sessions", "advisor"), Some(1));
        drop(held);
        assert_eq!(of("ws_sessions", "advisor"), Some(0));
    }
}
