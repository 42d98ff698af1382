//! Every limit, in one place (law 7): what it bounds, its unit, and the answer to reaching it.

/// Bytes in one client frame; more: close 1009.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Unicode scalar values in one text; more: error `text_too_long`, the connection stays.
pub const TEXT_CHARS: usize = 8_000;
/// Characters in a client's `cid`; more: error `bad_frame`.
pub const CID_CHARS: usize = 64;
/// Milliseconds for the first frame; later: close 4408.
pub const HELLO_MS: u64 = 5_000;
/// Milliseconds between the server's pings.
pub const PING_EVERY_MS: u64 = 25_000;
/// Milliseconds of silence after which a peer is gone.
pub const SILENT_MS: u64 = 60_000;
/// `bad_frame` errors within [`BAD_FRAME_WINDOW_MS`] before a connection is closed with 1008.
pub const BAD_FRAMES: usize = 10;
/// The window in which bad frames are counted, in milliseconds.
pub const BAD_FRAME_WINDOW_MS: u64 = 60_000;
/// Events of one conversation; more: it is closed to the bot and handed to an advisor, and at the limit
/// every further message is answered with error `conversation_full`.
pub const CONVERSATION_EVENTS: u64 = 10_000;
/// Signals in a reason; the weaker ones are left out.
pub const REASON_SIGNALS: usize = 8;
/// Characters of a quote in a reason; the rest is an ellipsis.
pub const QUOTE_CHARS: usize = 140;
/// Candidates in an assignment's trace; the worse ones are left out.
pub const TRACE_CANDIDATES: usize = 10;
/// Conversations that one process keeps open; more: close 1013 (overloaded).
pub const OPEN_CONVERSATIONS: usize = 1_000_000;
/// Conversations that wait in all queues together; more: the customer is told and may leave a message.
pub const WAITING: usize = 65_536;
/// Advisors and supervisors of one house; more: `relais user add` refuses.
pub const ADVISORS: usize = 16_384;
/// Inputs that wait for one conversation to be read from the log; more: error `slow_down`, a `hello`: close 1013.
pub const LOADING_INPUTS: usize = 256;
/// Offers of one conversation that are open at once ('first to accept').
pub const OFFERS_AT_ONCE: usize = 8;
/// Earlier conversations of a customer that an offer tells in short.
pub const EARLIER_CONVERSATIONS: usize = 20;
/// Inputs that one shard takes in one batch before it hands the events to the log.
pub const BATCH_INPUTS: usize = 2_048;
/// Frames that wait to be written to one connection; more: it is cut with 1013 (slow peer).
pub const OUTBOUND_FRAMES: usize = 1_024;
/// Bytes that wait to be written to one connection; more: the same.
pub const OUTBOUND_BYTES: usize = 4 * 1024 * 1024;
/// Connections that one conversation's customer has open at once (tabs); more: the oldest is closed with 4409.
pub const TABS: usize = 8;
/// Connections that one advisor has open at once; more: the oldest is closed with 4409.
pub const ADVISOR_CONNECTIONS: usize = 8;

// An escaped text at its limit must fit a frame, or `text_too_long` could never be told from 1009 for plain text.
const _: () = assert!(FRAME_BYTES > TEXT_CHARS * 6);
const _: () = assert!(SILENT_MS > 2 * PING_EVERY_MS);
const _: () = assert!(TABS <= OUTBOUND_FRAMES);
