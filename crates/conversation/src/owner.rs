//! Who has the conversation: the one value that says so (law 1), and which changes of it exist.

use crate::id::{AdvisorId, Millis, OfferId, QueueId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The one place where a conversation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "owner", rename_all = "snake_case")]
pub enum Owner {
    /// The bot answers.
    Bot,
    /// It waits for an advisor in one queue.
    Queue {
        /// The queue.
        queue: QueueId,
    },
    /// It left the line for a moment: one advisor (or, where the queue's policy says so, a bounded few,
    /// the first to accept) may take it.
    Offered {
        /// The queue that it returns to, at the head, when nobody takes it.
        queue: QueueId,
        /// The open offers; never empty.
        offers: Vec<OpenOffer>,
    },
    /// One advisor has it; the bot is silent (law 8).
    Advisor {
        /// The advisor.
        advisor: AdvisorId,
    },
    /// It is over.
    Closed,
}

/// An offer that was made and not yet answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenOffer {
    /// Its id.
    pub offer: OfferId,
    /// To whom.
    pub advisor: AdvisorId,
    /// When it lapses.
    pub expires_at: Millis,
}

impl Owner {
    /// The word that clients see: `bot`, `queue`, `offered`, `advisor` or `closed`.
    pub fn word(&self) -> &'static str {
        match self {
            Owner::Bot => "bot",
            Owner::Queue { .. } => "queue",
            Owner::Offered { .. } => "offered",
            Owner::Advisor { .. } => "advisor",
            Owner::Closed => "closed",
        }
    }

    /// Whether a conversation may pass from `self` to `next`: the whole table of law 1.
    pub fn may_become(&self, next: &Owner) -> bool {
        use Owner::{Advisor, Bot, Closed, Offered, Queue};
        match (self, next) {
            (Closed, _) => false,
            (_, Closed) => true,
            // An offer is made to a conversation that waits, or straight from an advisor to a named colleague.
            (Queue { .. } | Advisor { .. } | Offered { .. }, Offered { offers, .. }) => !offers.is_empty(),
            (Bot, Offered { .. }) => false,
            (Bot, Bot) => false,
            (Bot | Queue { .. } | Offered { .. } | Advisor { .. }, Queue { .. } | Advisor { .. }) => true,
            (Queue { .. } | Offered { .. } | Advisor { .. }, Bot) => true,
        }
    }

    /// The queue that it waits in or will return to.
    pub fn queue(&self) -> Option<&QueueId> {
        match self {
            Owner::Queue { queue } | Owner::Offered { queue, .. } => Some(queue),
            Owner::Bot | Owner::Advisor { .. } | Owner::Closed => None,
        }
    }
}
