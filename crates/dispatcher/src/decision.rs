//! What the dispatcher says: decisions, refusals, and figures about the lines.

use conversation::{AdvisorId, Candidate, ConversationId, Millis, QueueId};
use serde::{Deserialize, Serialize};

/// A conversation is to be offered; the seats are reserved.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The line that it stood in, and returns to when nobody takes it.
    pub queue: QueueId,
    /// Whom to ask: one, or several of whom the first to accept has it.
    pub advisors: Vec<AdvisorId>,
    /// When the offers lapse.
    pub expires_at: Millis,
    /// The best candidates with their terms, the best first, at most [`conversation::limits::TRACE_CANDIDATES`];
    /// the first ones of them are `advisors` (law 11).
    pub candidates: Vec<Candidate>,
    /// How many of the queue's steps had widened the search.
    pub step: usize,
}

/// A limit was reached (law 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// [`conversation::limits::WAITING`].
    #[error("no more conversations can wait")]
    Waiting,
    /// [`conversation::limits::ADVISORS`].
    #[error("no more advisors can be known")]
    Advisors,
    /// [`crate::limits::LINES`]: too many different sets of requirements.
    #[error("no more different sets of requirements can wait")]
    Lines,
    /// The conversation is waiting, offered or held already (law 1).
    #[error("the conversation is in the dispatcher's hands already")]
    Known,
}

/// The offer is no longer there to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the offer is no longer open")]
pub struct Gone;

/// Why a conversation could not be given to a named advisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// No such advisor.
    #[error("no such advisor")]
    Unknown,
    /// They are not available, or not connected.
    #[error("the advisor is not there")]
    Absent,
    /// Their seats are taken (law 2).
    #[error("the advisor has no free seat")]
    NoSeat,
    /// Another advisor has the conversation (law 1).
    #[error("another advisor has the conversation")]
    Held,
    /// A limit was reached (law 7).
    #[error("no more conversations can be held")]
    Full,
}

/// Why an offer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// They said no.
    Declined,
    /// They did not answer; counts towards `missed_before_away`.
    Expired,
    /// They are gone.
    Lost,
}

impl Refusal {
    /// For how long it is not offered to them again, in milliseconds. Who was gone has refused nothing: they are asked
    /// as soon as they are back.
    pub(crate) fn avoid_ms(self, avoid_s: u32) -> Millis {
        match self {
            Refusal::Declined | Refusal::Expired => u64::from(avoid_s) * 1_000,
            Refusal::Lost => 0,
        }
    }
}

/// What a refusal led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// No offer of it is open any more: it stands at the head of its line again.
    pub requeued: bool,
    /// The advisor has missed so many offers in a row that they are now away; tell them.
    pub set_away: bool,
}

/// An estimate of a wait, in seconds; eight waits in ten end between `low_s` and `high_s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// One wait in ten is shorter.
    pub low_s: u32,
    /// The middle of what is likely.
    pub expected_s: u32,
    /// One wait in ten is longer.
    pub high_s: u32,
}

impl Wait {
    /// The same, where nothing can happen for so many milliseconds.
    #[must_use]
    pub(crate) fn after(self, ms: Millis) -> Wait {
        let more = u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX);
        let later = |s: u32| s.saturating_add(more);
        Wait { low_s: later(self.low_s), expected_s: later(self.expected_s), high_s: later(self.high_s) }
    }
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Conversations of the same queue whose turn comes before; 0 is the next.
    pub ahead: u32,
    /// How much longer; `None` where it cannot be said: nobody is there who could take it, or nothing is known yet.
    pub wait: Option<Wait>,
}

/// A queue at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Conversations that wait.
    pub waiting: u32,
    /// When the longest of these waits began.
    pub oldest_since: Option<Millis>,
    /// Advisors who could take one now.
    pub available: u32,
    /// The wait of one that would come now with the queue's priority.
    pub wait: Option<Wait>,
}

/// Whether it is worth waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Somebody could take one now.
    Open,
    /// People are there, all of them busy.
    Busy,
    /// Outside the hours, nobody there, or too many wait already.
    Closed,
}
