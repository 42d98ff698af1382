//! What is configured, as the brain needs it: valid already.

use analyzer::Thresholds;
use bot::Script;
use conversation::{Lang, Millis, QueueId, SiteId};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::frame::server::SiteTexts;

/// The house: sites, queues, and how long things may take.
#[derive(Clone, Debug)]
pub struct House {
    /// Version of the configuration, named by every reason.
    pub version: String,
    /// The log's life that `seq` belongs to.
    pub epoch: String,
    /// The sites that carry the widget.
    pub sites: BTreeMap<SiteId, Site>,
    /// The queues.
    pub queues: BTreeMap<QueueId, QueueSettings>,
    /// Where a transfer goes that names no queue, or one that is gone.
    pub default_queue: QueueId,
    /// The reasons with which an offer may be declined.
    pub declines: Vec<String>,
    /// The outcomes with which a conversation may be closed.
    pub outcomes: Vec<String>,
    /// Whether every advisor may claim from a queue; supervisors always may.
    pub advisors_may_take: bool,
    /// How long an advisor may be without a connection before their conversations return to the line.
    pub advisor_lost_ms: Millis,
    /// How long a waiting customer may be without a connection before those who are there come first.
    pub away_ms: Millis,
    /// How long a waiting customer may be without a connection before the conversation ends.
    pub abandon_ms: Millis,
    /// The same for a conversation that the bot has.
    pub idle_ms: Millis,
}

/// A site that carries the widget.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its own language.
    pub lang: Lang,
    /// The bot's script.
    pub script: Arc<Script>,
    /// Where its conversations go, where the script names no queue.
    pub queue: QueueId,
    /// What it says, by language; its own language is among them.
    pub texts: BTreeMap<Lang, Arc<SiteTexts>>,
}

/// A queue, as the brain needs it; skills and steps are the dispatcher's.
#[derive(Clone, Debug, Default)]
pub struct QueueSettings {
    /// Its shown name by language.
    pub names: BTreeMap<Lang, String>,
    /// When listening leads to a transfer.
    pub thresholds: Thresholds,
}

impl QueueSettings {
    /// The shown name; the id where there is none.
    pub fn name(&self, id: &QueueId, lang: &Lang) -> String {
        self.names.get(lang).or_else(|| self.names.values().next()).cloned().unwrap_or_else(|| id.to_string())
    }
}

impl House {
    /// The queue that a transfer goes to: the one that was named where it exists, else the default (law 9).
    pub fn queue_or_default(&self, named: Option<&QueueId>) -> QueueId {
        named.filter(|id| self.queues.contains_key(id)).unwrap_or(&self.default_queue).clone()
    }
}

impl Site {
    /// The language to speak: the wish where the site has it, else its own.
    pub fn language(&self, wish: Option<&Lang>) -> Lang {
        wish.filter(|lang| self.texts.contains_key(lang)).unwrap_or(&self.lang).clone()
    }
}
