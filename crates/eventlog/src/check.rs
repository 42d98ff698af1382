//! What every log checks before it writes anything of a batch: places, cids, and whether it could be read again.

use crate::error::LogError;
use conversation::{Cid, ConversationId, Event, EventKind, Seq};
use std::collections::{HashMap, HashSet};

/// Where the conversations of a log stand.
pub trait Standing {
    /// The last `seq`; 0 for a conversation that is not known.
    fn last(&mut self, conversation: ConversationId) -> Result<Seq, LogError>;
    /// The event that a cid became.
    fn seq_of(&mut self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError>;
}

/// Whether every event of the batch may be written.
pub fn check(batch: &[Event], standing: &mut impl Standing) -> Result<(), LogError> {
    let mut places: HashMap<ConversationId, Seq> = HashMap::with_capacity(batch.len());
    let mut cids: HashSet<(ConversationId, &Cid)> = HashSet::new();
    for event in batch {
        let conversation = event.conversation;
        let place = match places.entry(conversation) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(standing.last(conversation)?),
        };
        // The cid first: of a repeated frame the caller wants to hear which event it became.
        if let Some(cid) = &event.cid {
            let mut before = standing.seq_of(conversation, cid)?;
            if !cids.insert((conversation, cid)) {
                let same =
                    |other: &&Event| other.conversation == conversation && other.cid.as_ref() == Some(cid);
                before = batch.iter().find(same).map(|first| first.seq);
            }
            if let Some(seq) = before {
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

fn writable(event: &Event) -> Result<(), String> {
    let opening = matches!(event.kind, EventKind::Opened { .. });
    if opening != (event.seq == 1) {
        return Err(String::from("a conversation must begin with `opened`, and only begin with it"));
    }
    if event.seq > u64::from(u32::MAX) || i64::try_from(event.at).is_err() {
        return Err(String::from("its place or time is out of range"));
    }
    if !crate::record::is_finite(&event.kind) {
        return Err(String::from("a score in it is not a finite number"));
    }
    Ok(())
}
