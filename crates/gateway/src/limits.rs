//! Every limit of the gateway, in one place (law 7): what it bounds, its unit, and the answer to reaching it. Those
//! that a house may want to change are the fields of [`Limits`]; what the protocol fixes is in
//! [`conversation::limits`].

use conversation::limits as protocol;

/// What a house may change.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Connections of all kinds that are open at once; more: accepted, answered 503 and closed. Keep it below the
    /// process's limit of file descriptors, or nobody can be answered at all.
    pub connections: usize,
    /// Of these, how many may be in HTTP (before an upgrade, or without one); more: the same.
    pub http: usize,
    /// Sockets whose first frame has not come; more: the upgrade is answered 503.
    pub ungreeted: usize,
    /// Connections that one address has open (IPv4: one address; IPv6: a /64); more: 429.
    pub per_address: usize,
    /// Connections that one address may open at once, and …
    pub address_burst: f32,
    /// … afterwards per second; more: 429.
    pub address_per_s: f32,
    /// `hello`s that one site may receive at once, and …
    pub site_burst: f32,
    /// … afterwards per second; more: error `slow_down` with `retry_ms`, the connection stays.
    pub site_per_s: f32,
    /// Milliseconds that shutdown waits for [`crate::Connections::close_all`] before it closes everything itself.
    pub drain_ms: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 16_384,
            http: 4_096,
            ungreeted: 4_096,
            per_address: 1_024,
            address_burst: 500.0,
            address_per_s: 50.0,
            site_burst: 20_000.0,
            site_per_s: 2_000.0,
            drain_ms: 20_000,
        }
    }
}

/// Addresses that are remembered at once; more: further ones share one bucket and one count.
pub const ADDRESSES: usize = 65_536;
/// Milliseconds for a request's whole head, and between two requests of a connection; later: closed.
pub const HEAD_MS: u64 = 5_000;
/// Headers of a request; more: 431.
pub const HEADERS: usize = 64;
/// Bytes of a request's head, and of hyper's buffer; more: 431.
pub const HEAD_BYTES: usize = 16 * 1024;
/// Bytes of a request's body; more: 413.
pub const BODY_BYTES: usize = 4 * 1024;
/// Milliseconds for a request's body; later: 408.
pub const BODY_MS: u64 = 5_000;
/// Milliseconds that an HTTP connection lives; then it ends after the answer under way.
pub const HTTP_MS: u64 = 60_000;
/// Milliseconds for that answer, whatever its reader does; later: cut.
pub const HTTP_END_MS: u64 = 10_000;
/// Characters of an `Origin` header; more: 400.
pub const ORIGIN_CHARS: usize = 512;
/// Characters of a one-time code, session secret or token; more: refused as wrong.
pub const SECRET_CHARS: usize = 256;
/// Characters of a password: fewer or more are refused when one is set.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=256;
/// Passwords that are checked at once (each takes a core and tens of MiB); more wait, up to [`PASSWORDS_WAITING`].
pub const PASSWORDS_AT_ONCE: usize = 2;
/// Password checks that wait; more: 429.
pub const PASSWORDS_WAITING: usize = 64;
/// Failed sign-ins of one account from one address before the next has to wait.
pub const FREE_FAILURES: u32 = 4;
/// Failed sign-ins of one address, whatever the account, before the next has to wait.
pub const FREE_FAILURES_ADDRESS: u32 = 20;
/// Failed sign-ins of one account, whatever the address, before the next has to wait: high, so that a stranger
/// cannot keep somebody out by failing in their name.
pub const FREE_FAILURES_ACCOUNT: u32 = 50;
/// Milliseconds of the first wait; each further failure doubles it, up to [`LONGEST_WAIT_MS`].
pub const FIRST_WAIT_MS: u64 = 1_000;
/// Milliseconds of the longest wait between two sign-ins.
pub const LONGEST_WAIT_MS: u64 = 60_000;
/// Milliseconds without a failure after which failures are forgotten.
pub const FORGIVE_MS: u64 = 15 * 60_000;
/// Accounts and addresses whose failures are remembered; more: the oldest are forgotten.
pub const FAILURES_KEPT: usize = 16_384;
/// Milliseconds that a refused sign-in takes, at least: the reason cannot be read from the time.
pub const REFUSED_SIGN_IN_MS: u64 = 400;

/// Bytes of a socket's read buffer: tungstenite fills it with zeros before every read, and holds it for ever.
pub const READ_BUFFER_BYTES: usize = 1_024;
/// Bytes that are gathered before a write; less is written when nothing more waits.
pub const WRITE_BUFFER_BYTES: usize = 4 * 1024;
/// Bytes of one WebSocket frame that is sent; a longer text goes out in fragments, so that no buffer grows with it.
pub const FRAGMENT_BYTES: usize = 16 * 1024;
/// Bytes that tungstenite holds for writing, at most: what is gathered, one fragment, and a ping.
pub const WRITE_BUFFER_MAX_BYTES: usize = WRITE_BUFFER_BYTES + FRAGMENT_BYTES + 1_024;
/// Bytes that the kernel holds for one slow reader (`SO_SNDBUF` of sockets accepted by [`crate::listen`]).
pub const SEND_BUFFER_BYTES: u32 = 128 * 1024;
/// Connections that the kernel holds before they are accepted; more: their SYN is dropped and comes again.
pub const BACKLOG: u32 = 4_096;
/// Messages that one connection's task reads before others have their turn.
pub const MESSAGES_A_TURN: usize = 32;
/// Pings and pongs within [`protocol::BAD_FRAME_WINDOW_MS`] from one connection; more: close 1008.
pub const CONTROL_FRAMES: u32 = 1_200;
/// Frames over their rate within the same window; each is answered `slow_down`, and at this many: close 1008.
pub const FLOOD_FRAMES: u32 = 2_000;
/// Milliseconds for a close to be sent, and answered; later: cut.
pub const CLOSE_MS: u64 = 3_000;
/// Bytes that are read and thrown away while a close is under way, so that a reset does not overtake it; more: cut.
pub const CLOSE_BYTES: usize = 1024 * 1024;
/// Milliseconds between two attempts to tell a brain that is full that a connection is gone.
pub const GONE_AGAIN_MS: u64 = 10;
/// Milliseconds of pause after accepting has failed (no file descriptor is left).
pub const ACCEPT_AGAIN_MS: u64 = 50;

const _: () = assert!(WRITE_BUFFER_MAX_BYTES < protocol::OUTBOUND_BYTES);
const _: () = assert!(READ_BUFFER_BYTES < protocol::FRAME_BYTES);
