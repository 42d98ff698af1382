//! What waits: a conversation with all that decides who may have it and when it is its turn.

use conversation::{AdvisorId, ConversationId, CustomerId, Lang, Millis, QueueId, Skill};
use serde::{Deserialize, Serialize};

/// A conversation that is to go to a human.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Which.
    pub conversation: ConversationId,
    /// Whose.
    pub customer: CustomerId,
    /// The line it stands in.
    pub queue: QueueId,
    /// The customer's language.
    pub lang: Lang,
    /// Skills that it needs beyond those of its queue, with the least level (1–5).
    pub skills: Vec<(Skill, u8)>,
    /// Points that it takes from an advisor; 0 counts as 1, more than an advisor's capacity counts as all of it.
    pub weight: u16,
    /// 0–[`crate::PRIORITIES`]; above counts as the highest.
    pub priority: u8,
    /// 0–1.
    pub frustration: f32,
    /// When the wait began; kept when it comes back.
    pub since: Millis,
    /// Not to be offered before that moment: a callback. Then `since` is no earlier.
    pub not_before: Option<Millis>,
    /// Goes to the head of the line: it has been there before.
    pub head: bool,
    /// The advisor who knows the customer.
    pub affinity: Option<AdvisorId>,
    /// The one advisor it is meant for (a direct transfer).
    pub only: Option<AdvisorId>,
    /// Advisors it is not offered to before that moment; of more than [`crate::limits::AVOIDED`] the first.
    pub avoid: Vec<(AdvisorId, Millis)>,
}
