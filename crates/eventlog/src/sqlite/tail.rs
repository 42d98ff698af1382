//! What was appended and is not in the index yet, in memory, so that every look-up is exact at any moment.
//!
//! It has two parts: `fresh` takes what is appended, `flushing` is being written into the index. A look-up reads the
//! tail first and the index after it: what leaves the tail in between is in the index by then. The index takes a
//! part whole or not at all, so that a row's `seq` tells whether a part is in it.

use crate::log::Position;
use crate::summary::Change;
use conversation::{Cid, ConversationId, CustomerId, Event, Seq};
use std::collections::HashMap;
use std::sync::Arc;

/// Stands for a cid in the index and in memory; two cids may share one, and the log's row decides.
pub fn cid_hash(cid: &Cid) -> u32 {
    crc32fast::hash(cid.as_str().as_bytes())
}

/// What one part holds of one conversation.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What changes in its summary; its first and last `seq`.
    pub change: Change,
    /// Positions of the events from `change.first` on.
    pub positions: Vec<Position>,
    /// Hashes of cids, with the event that each became.
    pub cids: Vec<(u32, Seq)>,
}

/// A run of the log, by conversation.
#[derive(Debug, Default)]
pub struct Part {
    pub conversations: HashMap<ConversationId, Pending>,
    /// Conversations that were opened in this run, by customer.
    pub opened: HashMap<CustomerId, Vec<ConversationId>>,
    pub events: usize,
    /// Position of its last event.
    pub last: Position,
    /// Checksum of its last event, by which the index recognises the log that it belongs to.
    pub last_sum: u32,
}

impl Part {
    /// Takes the next event of the log in.
    pub fn take(&mut self, position: Position, sum: u32, event: &Event) {
        if let conversation::EventKind::Opened { customer, .. } = &event.kind {
            self.opened.entry(customer.clone()).or_default().push(event.conversation);
        }
        let pending = match self.conversations.entry(event.conversation) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                let pending = entry.into_mut();
                pending.change.take(event);
                pending
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Pending { change: Change::new(event), positions: Vec::new(), cids: Vec::new() })
            }
        };
        pending.positions.push(position);
        if let Some(cid) = &event.cid {
            pending.cids.push((cid_hash(cid), event.seq));
        }
        self.count(position, sum);
    }

    /// Passes over an event that cannot be read; its conversation cannot be either.
    pub fn pass(&mut self, position: Position, sum: u32) {
        self.count(position, sum);
    }

    fn count(&mut self, position: Position, sum: u32) {
        self.events += 1;
        self.last = position;
        self.last_sum = sum;
    }
}

/// Both parts.
#[derive(Debug, Default)]
pub struct Tail {
    pub fresh: Part,
    pub flushing: Option<Arc<Part>>,
}

impl Tail {
    /// Events that are not in the index.
    pub fn events(&self) -> usize {
        self.fresh.events + self.flushing.as_ref().map_or(0, |part| part.events)
    }

    /// What the tail holds of one conversation, oldest first.
    pub fn of(&self, conversation: ConversationId) -> Vec<Pending> {
        self.parts().filter_map(|part| part.conversations.get(&conversation).cloned()).collect()
    }

    /// Conversations of one customer that were opened in the tail.
    pub fn opened_by(&self, customer: &CustomerId) -> Vec<ConversationId> {
        self.parts().filter_map(|part| part.opened.get(customer)).flatten().copied().collect()
    }

    /// Oldest first.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.flushing.as_deref().into_iter().chain(std::iter::once(&self.fresh))
    }
}
