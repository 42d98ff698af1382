//! A conversation in short: what look-ups by customer and time answer with, kept up to date by every append.

use conversation::{
    AdvisorId, Author, ConversationId, CustomerId, Event, EventKind, Millis, Owner, QueueId, Seq, SiteId,
};

/// Characters kept of the customer's first words; the rest is an ellipsis.
pub const FIRST_WORDS_CHARS: usize = 140;

/// A conversation in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Which.
    pub conversation: ConversationId,
    /// The site that it came from.
    pub site: SiteId,
    /// Who.
    pub customer: CustomerId,
    /// When it began.
    pub opened_at: Millis,
    /// When its last event was decided.
    pub last_at: Millis,
    /// The place of its last event.
    pub seq: Seq,
    /// Who has it: `bot`, `queue`, `offered`, `advisor` or `closed`.
    pub owner: String,
    /// The queue that it waited in last.
    pub queue: Option<QueueId>,
    /// The advisor who had it last.
    pub advisor: Option<AdvisorId>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The customer's first words, shortened to [`FIRST_WORDS_CHARS`]; empty when they said nothing.
    pub first_words: String,
    /// The highest frustration heard, 0–1.
    pub peak: f32,
}

impl Summary {
    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        self.owner == Owner::Closed.word()
    }
}

/// What the events of one batch change in one conversation's summary. The same rules as
/// [`conversation::State::apply`], but nothing needs to be read first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// Set by the first event alone.
    pub opened: Option<(SiteId, CustomerId, Millis)>,
    /// The first `seq` of the batch.
    pub first: Seq,
    /// The last.
    pub last: Seq,
    pub last_at: Millis,
    pub owner: Option<&'static str>,
    pub queue: Option<QueueId>,
    pub advisor: Option<AdvisorId>,
    pub outcome: Option<String>,
    pub first_words: Option<String>,
    pub peak: Option<f32>,
}

impl Change {
    /// Begins with an event whose place was checked.
    pub fn new(event: &Event) -> Change {
        let mut change = Change { first: event.seq, ..Change::default() };
        change.take(event);
        change
    }

    /// Takes the next event in.
    pub fn take(&mut self, event: &Event) {
        self.last = event.seq;
        self.last_at = event.at;
        match &event.kind {
            EventKind::Opened { site, customer, .. } => {
                self.opened = Some((site.clone(), customer.clone(), event.at));
                self.owner = Some(Owner::Bot.word());
            }
            EventKind::Message { from: Author::Customer, text, .. } if self.first_words.is_none() => {
                self.first_words = Some(shorten(text)).filter(|words| !words.is_empty());
            }
            EventKind::TransferRequested { queue, .. } => self.queue = Some(queue.clone()),
            EventKind::Owner { owner, .. } => {
                self.owner = Some(owner.word());
                if let Some(queue) = owner.queue() {
                    self.queue = Some(queue.clone());
                }
                if let Owner::Advisor { advisor } = owner {
                    self.advisor = Some(advisor.clone());
                }
            }
            EventKind::Analyzed { frustration, .. } => {
                self.peak = Some(self.peak.map_or(*frustration, |peak| peak.max(*frustration)));
            }
            EventKind::Closed { outcome, .. } => self.outcome = outcome.clone(),
            _ => {}
        }
    }
}

impl Summary {
    /// Of a conversation that begins with this change; `None` where its first event is not part of it.
    pub(crate) fn begin(conversation: ConversationId, change: &Change) -> Option<Summary> {
        let (site, customer, opened_at) = change.opened.clone()?;
        let mut summary = Summary {
            conversation,
            site,
            customer,
            opened_at,
            last_at: 0,
            seq: 0,
            owner: String::from(Owner::Bot.word()),
            queue: None,
            advisor: None,
            outcome: None,
            first_words: String::new(),
            peak: 0.0,
        };
        summary.take(change);
        Some(summary)
    }

    /// Takes a change in, unless it is in it already.
    pub(crate) fn take(&mut self, change: &Change) {
        if change.last <= self.seq {
            return;
        }
        self.last_at = change.last_at;
        self.seq = change.last;
        if let Some(owner) = change.owner {
            self.owner = String::from(owner);
        }
        self.queue = change.queue.clone().or(self.queue.take());
        self.advisor = change.advisor.clone().or(self.advisor.take());
        self.outcome = change.outcome.clone().or(self.outcome.take());
        if let Some(words) = &change.first_words
            && self.first_words.is_empty()
        {
            self.first_words.clone_from(words);
        }
        self.peak = self.peak.max(change.peak.unwrap_or(0.0));
    }
}

/// The first [`FIRST_WORDS_CHARS`] characters on one line.
fn shorten(text: &str) -> String {
    let text = text.trim();
    let mut short: String =
        text.chars().take(FIRST_WORDS_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(FIRST_WORDS_CHARS).is_some() {
        short.pop();
        short.push('…');
    }
    short
}
