//! What the appending side remembers of the conversations that it writes to, so that a batch is checked without a
//! look at the disk: their last `seq` and the hashes of their cids.

use super::read::Sources;
use super::tail::cid_hash;
use crate::error::LogError;
use conversation::{Cid, ConversationId, Event, EventKind, Owner, Seq};
use std::collections::{HashMap, HashSet};

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
    /// Whether every event of the batch may be written (its place, its cid); remembers nothing of the batch itself.
    pub fn check(&mut self, batch: &[Event], sources: &Sources<'_>) -> Result<(), LogError> {
        if self.conversations.len() >= CONVERSATIONS {
            self.conversations.clear();
        }
        let mut places: HashMap<ConversationId, Seq> = HashMap::with_capacity(batch.len());
        let mut cids: HashSet<(ConversationId, &Cid)> = HashSet::new();
        for event in batch {
            let conversation = event.conversation;
            let known = match self.conversations.entry(conversation) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    let places = sources.places(conversation)?;
                    entry.insert(One { seq: places.seq, cids: places.cids })
                }
            };
            let place = places.entry(conversation).or_insert(known.seq);
            // The cid first: of a repeated frame the caller wants to hear which event it became.
            if let Some(cid) = &event.cid {
                let hash = cid_hash(cid);
                if known.cids.iter().any(|(other, _)| *other == hash)
                    && let Some(seq) = sources.seq_of(conversation, cid)?
                {
                    return Err(LogError::RepeatedCid { conversation, cid: cid.clone(), seq });
                }
                if !cids.insert((conversation, cid)) {
                    let first = batch
                        .iter()
                        .find(|other| other.conversation == conversation && other.cid.as_ref() == Some(cid));
                    let seq = first.map_or(event.seq, |first| first.seq);
                    return Err(LogError::RepeatedCid { conversation, cid: cid.clone(), seq });
                }
            }
            if event.seq != *place + 1 {
                return Err(LogError::WrongSeq { conversation, expected: *place + 1, got: event.seq });
            }
            *place = event.seq;
            writable(event).map_err(|why| LogError::Unwritable { conversation, seq: event.seq, why })?;
        }
        Ok(())
    }

    /// Remembers a batch that was written.
    pub fn take(&mut self, batch: &[Event]) {
        for event in batch {
            if let EventKind::Owner { owner: Owner::Closed, .. } = event.kind {
                self.conversations.remove(&event.conversation);
            } else if let Some(known) = self.conversations.get_mut(&event.conversation) {
                known.seq = event.seq;
                known.cids.extend(event.cid.as_ref().map(|cid| (cid_hash(cid), event.seq)));
            }
        }
    }
}

fn writable(event: &Event) -> Result<(), String> {
    let opening = matches!(event.kind, EventKind::Opened { .. });
    if opening != (event.seq == 1) {
        return Err(String::from("a conversation must begin with `opened`, and only begin with it"));
    }
    if event.seq > u64::from(u32::MAX) || i64::try_from(event.at).is_err() {
        return Err(String::from("its place or time is out of range"));
    }
    Ok(())
}
