//! What every log can do: the trait with two real implementations, SQLite and the simulated disk of the tests.
//!
//! It is kept to what a server shared by several nodes could do as well: append a batch at expected positions, read
//! from a position, look up.

use crate::error::LogError;
use crate::summary::Summary;
use conversation::{Cid, ConversationId, CustomerId, Event, Millis, Seq};

/// The place of an event in the whole log: it grows with every event, and may have gaps.
pub type Position = u64;

/// Reading what was appended. Any number of readers, on any thread, beside the one that appends.
pub trait History: Send {
    /// Names one life of the log; a `seq` or a [`Position`] means something only together with it.
    fn epoch(&self) -> &str;

    /// The events of one conversation that come after `after` (0: all), in order. Empty for one that is not known.
    ///
    /// # Errors
    /// The storage fails, or a row is damaged.
    fn read(&self, conversation: ConversationId, after: Seq) -> Result<Vec<Event>, LogError>;

    /// At most `limit` events of all conversations, in the order of the log, from `position` on (itself included).
    ///
    /// # Errors
    /// The storage fails, or a row is damaged.
    fn read_from(&self, position: Position, limit: usize) -> Result<Vec<(Position, Event)>, LogError>;

    /// The position of the last event; 0 for an empty log.
    ///
    /// # Errors
    /// The storage fails.
    fn last_position(&self) -> Result<Position, LogError>;

    /// The event that this `cid` became, if it did (law 10: for ever).
    ///
    /// # Errors
    /// The storage fails.
    fn seq_of(&self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError>;

    /// The conversations that are not closed: what a start must load.
    ///
    /// # Errors
    /// The storage fails.
    fn open_conversations(&self) -> Result<Vec<ConversationId>, LogError>;

    /// One conversation in short.
    ///
    /// # Errors
    /// The storage fails.
    fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, LogError>;

    /// A customer's conversations that were opened before `before`, newest first, at most `limit`.
    ///
    /// # Errors
    /// The storage fails.
    fn of_customer(
        &self,
        customer: &CustomerId,
        before: Millis,
        limit: usize,
    ) -> Result<Vec<Summary>, LogError>;

    /// The conversations that were opened from `from` on and before `to`, newest first, at most `limit`.
    ///
    /// # Errors
    /// The storage fails.
    fn between(&self, from: Millis, to: Millis, limit: usize) -> Result<Vec<Summary>, LogError>;

    /// Where all of these words were said or noted, without regard to case and accents, newest first, at most
    /// `limit`; the last word may be the beginning of one. It may lag behind the log by a moment.
    ///
    /// # Errors
    /// The storage fails.
    fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, LogError>;
}

/// Where words were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The event's place in the log.
    pub position: Position,
    /// The conversation.
    pub conversation: ConversationId,
    /// The event.
    pub seq: Seq,
    /// When it was decided.
    pub at: Millis,
    /// A part of its text around the first of the words, at most [`EXCERPT_CHARS`].
    pub excerpt: String,
}

/// Characters of an excerpt; an ellipsis stands where something was left out.
pub const EXCERPT_CHARS: usize = 160;

impl Found {
    /// `None` for an event that has no words.
    pub(crate) fn new(position: Position, event: &Event, words: &str) -> Option<Found> {
        let text = crate::search::text(&event.kind)?;
        let excerpt = excerpt(text, words);
        Some(Found { position, conversation: event.conversation, seq: event.seq, at: event.at, excerpt })
    }
}

/// The part of a text that begins a little before the first of the words.
fn excerpt(text: &str, words: &str) -> String {
    let lower = |text: &str| text.chars().flat_map(|c| c.to_lowercase().next()).collect::<Vec<char>>();
    let (all, low) = (text.chars().collect::<Vec<char>>(), lower(text));
    let first = crate::search::terms(words)
        .filter_map(|word| {
            let word = lower(word);
            low.windows(word.len()).position(|window| window == word)
        })
        .min()
        .unwrap_or(0);
    let start = if all.len() <= EXCERPT_CHARS { 0 } else { first.saturating_sub(EXCERPT_CHARS / 4) };
    let before = start > 0;
    let room = EXCERPT_CHARS - usize::from(before);
    let after = all.len() > start + room;
    let end = if after { start + room - 1 } else { all.len() };
    let middle: String = all[start..end].iter().map(|c| if c.is_control() { ' ' } else { *c }).collect();
    format!("{}{middle}{}", if before { "…" } else { "" }, if after { "…" } else { "" })
}

/// A log that can be appended to. One owner appends; a repeated or misplaced event is refused, never written.
pub trait EventLog: History {
    /// Appends all of the batch or nothing, and returns the position of its last event once it is on disk (law 3).
    ///
    /// Every event must stand at the next `seq` of its conversation, the batch's own events counted.
    ///
    /// # Errors
    /// [`LogError::WrongSeq`] and [`LogError::RepeatedCid`] for what may not be written, [`LogError::Unwritable`]
    /// for an event that could never be read again, [`LogError::Full`] for a full disk: nothing of the batch is
    /// written, and the caller, whose state is ahead of the log now, must read it again. After a failed write or
    /// sync nobody knows what is on disk: that batch may or may not be there, and every later append is refused
    /// with [`LogError::Poisoned`] until the log is opened anew.
    fn append(&mut self, batch: &[Event]) -> Result<Position, LogError>;
}

/// What opening a log found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Events in the log.
    pub events: u64,
    /// Whether the last life ended with a clean close; a new log counts as clean.
    pub clean: bool,
    /// What was repaired or dropped, in words, one sentence each; empty when there was nothing.
    pub repaired: Vec<String>,
    /// How long it took.
    pub ms: u64,
}
