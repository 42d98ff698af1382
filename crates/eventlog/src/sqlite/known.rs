//! What the appending side remembers of the conversations that it writes to, so that a batch is checked without a
//! look at the disk: their last `seq` and the hashes of their cids.

use super::read::Sources;
use super::tail::cid_hash;
use crate::check::{self, Standing};
use crate::error::LogError;
use conversation::{Cid, ConversationId, Event, EventKind, Owner, Seq};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Conversations remembered; at the limit all are forgotten and looked up again when they are written to.
const CONVERSATIONS: usize = 1_000_000;

#[derive(Debug, Default)]
pub struct Known {
    conversations: HashMap<ConversationId, One>,
}

#[derive(Debug, Default)]
struct One {
    seq: Seq,
    cids: Vec<(u32, Seq)>,
}

impl Known {
    /// Whether every event of the batch may be written; remembers nothing of the batch itself.
    pub fn check(&mut self, batch: &[Event], sources: &Sources<'_>) -> Result<(), LogError> {
        if self.conversations.len() >= CONVERSATIONS {
            self.conversations.clear();
        }
        check::check(batch, &mut Remembering { known: self, sources })
    }

    /// Remembers a batch that was written.
    pub fn take(&mut self, batch: &[Event]) {
        for event in batch {
            // What comes after the end may be the last of all: whoever writes more looks it up again.
            let may_be_over = matches!(
                event.kind,
                EventKind::Owner { owner: Owner::Closed, .. }
                    | EventKind::SurveyAsked
                    | EventKind::SurveyAnswered { .. }
                    | EventKind::Feedback { .. }
            );
            if may_be_over {
                self.conversations.remove(&event.conversation);
            } else if let Some(known) = self.conversations.get_mut(&event.conversation) {
                known.seq = event.seq;
                known.cids.extend(event.cid.as_ref().map(|cid| (cid_hash(cid), event.seq)));
            }
        }
    }
}

#[cfg(test)]
impl Known {
    /// Conversations remembered.
    pub fn len(&self) -> usize {
        self.conversations.len()
    }
}

struct Remembering<'a> {
    known: &'a mut Known,
    sources: &'a Sources<'a>,
}

impl Remembering<'_> {
    fn one(&mut self, conversation: ConversationId) -> Result<&One, LogError> {
        Ok(match self.known.conversations.entry(conversation) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let places = self.sources.places(conversation)?;
                entry.insert(One { seq: places.seq, cids: places.cids })
            }
        })
    }
}

impl Standing for Remembering<'_> {
    fn last(&mut self, conversation: ConversationId) -> Result<Seq, LogError> {
        Ok(self.one(conversation)?.seq)
    }

    fn seq_of(&mut self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError> {
        let hash = cid_hash(cid);
        if self.one(conversation)?.cids.iter().all(|(other, _)| *other != hash) {
            return Ok(None);
        }
        self.sources.seq_of(conversation, cid)
    }
}
