//! What the house has decided: queues, steps, terms, hours. Data only, as it is written in `config/`;
//! [`Policy::problems`] says everything that is wrong with it.

mod holidays;
mod hours;
mod order;
mod problems;
mod queue;
mod terms;

pub use holidays::Region;
pub(crate) use hours::Calendar;
pub use hours::{Hours, LocalTime};
pub use order::{Ageing, PRIORITIES};
pub(crate) use order::{place, seen_away};
pub use problems::Problem;
pub use queue::{Language, Offers, Overflow, Queue, Step, WhenClosed};
pub use terms::{TERM_NAMES, TERMS, Terms};

use conversation::QueueId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A complete policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Named in every reason and trace that it led to.
    pub version: String,
    /// How offers are made, where a queue does not say otherwise.
    pub offers: Offers,
    /// Whose turn it is.
    pub ageing: Ageing,
    /// What makes one advisor better than another.
    pub terms: Terms,
    /// Business hours by name, for queues to refer to.
    pub hours: BTreeMap<String, Hours>,
    /// The queues by name. A queue that is not written here exists all the same, with the defaults.
    pub queues: BTreeMap<QueueId, Queue>,
}

impl Policy {
    /// The queue's own part; the default for one that is not written.
    pub fn queue(&self, id: &QueueId) -> &Queue {
        self.queues.get(id).unwrap_or(Queue::plain())
    }

    /// How offers of `queue` are made.
    pub fn offers(&self, queue: &QueueId) -> &Offers {
        self.queue(queue).offers.as_ref().unwrap_or(&self.offers)
    }
}
