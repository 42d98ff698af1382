//! Reading: the same for the log's owner and for every reader. The tail is looked at first, the index after it.

use super::index;
use super::tail::{Part, Pending, Tail, cid_hash};
use crate::error::LogError;
use crate::log::{Found, Position};
use crate::record;
use crate::summary::Summary;
use conversation::{Cid, ConversationId, CustomerId, Event, Millis, Seq};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;

/// Shows the tail to whom it is given.
pub type Look<'a> = dyn Fn(&mut dyn FnMut(&Tail)) + 'a;

/// What there is to read.
pub struct Sources<'a> {
    pub log: &'a Connection,
    pub index: &'a Connection,
    pub search: Option<&'a Connection>,
    /// A look at the tail; never held while a file is read.
    pub tail: &'a Look<'a>,
}

impl Sources<'_> {
    fn tail<T>(&self, look: impl FnOnce(&Tail) -> T) -> Option<T> {
        let (mut look, mut seen) = (Some(look), None);
        (self.tail)(&mut |tail| seen = look.take().map(|look| look(tail)));
        seen
    }

    fn pending(&self, conversation: ConversationId) -> Vec<Pending> {
        self.tail(|tail| tail.of(conversation)).unwrap_or_default()
    }

    pub fn conversation(&self, conversation: ConversationId, after: Seq) -> Result<Vec<Event>, LogError> {
        let places = self.places(conversation)?;
        let after = usize::try_from(after).unwrap_or(usize::MAX).min(places.positions.len());
        let mut events = Vec::with_capacity(places.positions.len() - after);
        for (place, position) in places.positions.iter().enumerate().skip(after) {
            let event = at(self.log, *position)?.ok_or_else(|| missing(*position))?;
            if event.conversation != conversation || event.seq != place as u64 + 1 {
                let why = format!("event {} of conversation {conversation} was here", place + 1);
                return Err(LogError::Damaged { position: *position, why });
            }
            events.push(event);
        }
        Ok(events)
    }

    /// Index and tail together.
    pub fn places(&self, conversation: ConversationId) -> Result<index::Places, LogError> {
        let pending = self.pending(conversation);
        let mut places = index::places(self.index, conversation)?;
        for part in pending {
            let known = (places.seq + 1).saturating_sub(part.change.first) as usize;
            places.positions.extend(part.positions.iter().skip(known));
            places.cids.extend(part.cids.iter().filter(|(_, seq)| *seq > places.seq));
            places.seq = places.seq.max(part.change.last);
        }
        Ok(places)
    }

    pub fn seq_of(&self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError> {
        let places = self.places(conversation)?;
        let hash = cid_hash(cid);
        for (_, seq) in places.cids.iter().filter(|(other, _)| *other == hash) {
            let position = places.positions.get(*seq as usize - 1).copied().unwrap_or_default();
            let event = at(self.log, position)?.ok_or_else(|| missing(position))?;
            if event.cid.as_ref() == Some(cid) {
                return Ok(Some(*seq));
            }
        }
        Ok(None)
    }

    pub fn open_conversations(&self) -> Result<Vec<ConversationId>, LogError> {
        let (changed, opened) = self
            .tail(|tail| {
                let mut changed = Vec::new();
                let mut opened = Vec::new();
                for (id, pending) in tail.parts().flat_map(|part| &part.conversations) {
                    if let Some((_, _, at)) = pending.change.opened {
                        opened.push((at, *id));
                    }
                    if let Some(owner) = pending.change.owner {
                        changed.push((*id, owner == "closed"));
                    }
                }
                opened.sort_unstable();
                (changed, opened)
            })
            .unwrap_or_default();
        let mut all = index::open_conversations(self.index)?;
        let known: HashSet<_> = all.iter().copied().collect();
        all.extend(opened.iter().map(|(_, id)| *id).filter(|id| !known.contains(id)));
        // A conversation that is closed once stays closed.
        let closed: HashSet<_> = changed.iter().filter(|(_, closed)| *closed).map(|(id, _)| *id).collect();
        all.retain(|id| !closed.contains(id));
        Ok(all)
    }

    /// Every conversation, in the order in which they began.
    pub fn all(&self) -> Result<Vec<ConversationId>, LogError> {
        let tail: Vec<_> = self
            .tail(|tail| {
                let all = tail.parts().flat_map(|part| &part.conversations);
                all.map(|(id, pending)| (pending.positions.first().copied(), *id)).collect()
            })
            .unwrap_or_default();
        let mut all = index::all(self.index)?;
        let known: HashSet<_> = all.iter().copied().collect();
        let mut new: Vec<_> = tail.into_iter().filter(|(_, id)| !known.contains(id)).collect();
        new.sort_unstable();
        new.dedup_by_key(|(_, id)| *id);
        all.extend(new.into_iter().map(|(_, id)| id));
        Ok(all)
    }

    pub fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, LogError> {
        let pending = self.pending(conversation);
        let found = index::summary(self.index, conversation)?;
        Ok(merge(conversation, found, &pending))
    }

    pub fn of_customer(
        &self,
        customer: &CustomerId,
        before: Millis,
        limit: usize,
    ) -> Result<Vec<Summary>, LogError> {
        let opened = self.tail(|tail| tail.opened_by(customer)).unwrap_or_default();
        let indexed = index::of_customer(self.index, customer, before, limit)?;
        self.together(opened, indexed, 0, before, limit)
    }

    pub fn between(&self, from: Millis, to: Millis, limit: usize) -> Result<Vec<Summary>, LogError> {
        let opened = self.tail(|tail| {
            let all = tail.parts().flat_map(|part| &part.conversations);
            all.filter(|(_, pending)| {
                pending.change.opened.as_ref().is_some_and(|(_, _, at)| (from..to).contains(at))
            })
            .map(|(id, _)| *id)
            .collect()
        });
        let indexed = index::between(self.index, from, to, limit)?;
        self.together(opened.unwrap_or_default(), indexed, from, to, limit)
    }

    /// Conversations opened in the tail and those of the index, each as it is now, newest first.
    fn together(
        &self,
        opened: Vec<ConversationId>,
        indexed: Vec<Summary>,
        from: Millis,
        to: Millis,
        limit: usize,
    ) -> Result<Vec<Summary>, LogError> {
        let known: HashSet<_> = indexed.iter().map(|summary| summary.conversation).collect();
        let mut all = Vec::with_capacity(opened.len() + indexed.len());
        for id in opened.into_iter().filter(|id| !known.contains(id)) {
            all.extend(self.summary(id)?);
        }
        for summary in indexed {
            let id = summary.conversation;
            all.extend(merge(id, Some(summary), &self.pending(id)));
        }
        all.retain(|summary| (from..to).contains(&summary.opened_at));
        all.sort_unstable_by_key(|summary| (std::cmp::Reverse(summary.opened_at), summary.conversation));
        all.truncate(limit);
        Ok(all)
    }

    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, LogError> {
        let Some(search) = self.search else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for position in crate::search::positions(search, words, limit)? {
            // The search may be of what was dropped since; the log decides.
            if let Some(event) = at(self.log, position)? {
                found.extend(Found::new(position, &event, words));
            }
        }
        Ok(found)
    }
}

fn merge(conversation: ConversationId, found: Option<Summary>, pending: &[Pending]) -> Option<Summary> {
    let mut summary = found;
    for part in pending {
        match &mut summary {
            Some(summary) => summary.take(&part.change),
            None => summary = Summary::begin(conversation, &part.change),
        }
    }
    summary
}

fn missing(position: Position) -> LogError {
    LogError::Damaged { position, why: String::from("the index knows it, but it is not there") }
}

pub fn last_position(log: &Connection) -> Result<Position, LogError> {
    let fault = LogError::sqlite("read the log");
    let sql = "SELECT coalesce(max(position), 0) FROM log";
    let mut statement = log.prepare_cached(sql).map_err(&fault)?;
    statement.query_row([], |row| row.get::<_, i64>(0)).map(|position| position as u64).map_err(&fault)
}

const ROW: &str = "SELECT position, conversation, seq, at, cid, body, sum FROM log WHERE position = ?1";

const ROWS: &str = "SELECT position, conversation, seq, at, cid, body, sum FROM log WHERE position >= ?1
    ORDER BY position LIMIT ?2";

/// The event at a position, if there is one.
pub fn at(log: &Connection, position: Position) -> Result<Option<Event>, LogError> {
    let fault = LogError::sqlite("read the log");
    let mut statement = log.prepare_cached(ROW).map_err(&fault)?;
    let mut rows = statement.query([index::clamp(position)]).map_err(&fault)?;
    rows.next().map_err(&fault)?.map(|row| event(row).map(|(_, _, event)| event)).transpose()
}

/// The checksum of the event at a position, as it is written.
pub fn sum_at(log: &Connection, position: Position) -> Result<Option<u32>, LogError> {
    let fault = LogError::sqlite("read the log");
    let mut statement = log.prepare_cached("SELECT sum FROM log WHERE position = ?1").map_err(&fault)?;
    let sum = statement.query_row([index::clamp(position)], |row| row.get(0)).optional().map_err(&fault)?;
    Ok(sum.map(u32::from_le_bytes))
}

pub fn from(log: &Connection, position: Position, limit: usize) -> Result<Vec<(Position, Event)>, LogError> {
    let mut found = Vec::new();
    scan(log, position, limit, |row| {
        found.push(row.map(|(position, _, event)| (position, event))?);
        Ok(())
    })?;
    Ok(found)
}

/// What a row is: its position, its checksum and its event, or how it is damaged.
type Scanned = Result<(Position, u32, Event), LogError>;

/// Hands over at most `limit` rows from `position` on, damaged ones as errors, and ends at the first error of `take`.
/// Positions only grow: where a damaged page leads back, the scan ends with an error, not in a circle.
pub fn scan(
    log: &Connection,
    position: Position,
    limit: usize,
    mut take: impl FnMut(Scanned) -> Result<(), LogError>,
) -> Result<(), LogError> {
    let fault = LogError::sqlite("read the log");
    let mut statement = log.prepare_cached(ROWS).map_err(&fault)?;
    let parameters = (index::clamp(position), index::clamp(limit as u64));
    let mut rows = statement.query(parameters).map_err(&fault)?;
    let mut next = position;
    while let Some(row) = rows.next().map_err(&fault)? {
        let scanned = event(row);
        if let Ok((at, ..)) | Err(LogError::Damaged { position: at, .. }) = &scanned {
            if *at < next {
                let why = format!("position {at} comes after it");
                return Err(LogError::Damaged { position: next.saturating_sub(1), why });
            }
            next = at.saturating_add(1);
        }
        take(scanned)?;
    }
    Ok(())
}

/// Takes the log's events after `after` into a part, at most `limit`; says in words which are damaged. Whether any
/// were left.
pub fn gather(
    log: &Connection,
    after: Position,
    limit: usize,
    part: &mut Part,
    damaged: &mut Vec<String>,
) -> Result<bool, LogError> {
    let mut count = 0;
    scan(log, after + 1, limit, |row| {
        count += 1;
        match row {
            Ok((position, sum, event)) => part.take(position, sum, &event),
            Err(error @ LogError::Damaged { position, .. }) => {
                damaged.push(error.to_string());
                part.pass(position, sum_at(log, position).ok().flatten().unwrap_or_default());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    })?;
    Ok(count == limit)
}

fn event(row: &Row<'_>) -> Scanned {
    let position = row.get::<_, i64>(0).map_err(LogError::sqlite("read the log"))? as u64;
    let damaged = |why: String| LogError::Damaged { position, why };
    let unreadable = |error: rusqlite::Error| LogError::Damaged { position, why: error.to_string() };
    let conversation = ConversationId(row.get::<_, i64>(1).map_err(unreadable)? as u64);
    let seq = row.get::<_, i64>(2).map_err(unreadable)? as u64;
    let at = row.get::<_, i64>(3).map_err(unreadable)? as u64;
    let text = |error: rusqlite::types::FromSqlError| damaged(error.to_string());
    let cid = row.get_ref(4).map_err(unreadable)?.as_str_or_null().map_err(text)?;
    let body = row.get_ref(5).map_err(unreadable)?.as_blob().map_err(text)?;
    let sum = u32::from_le_bytes(row.get(6).map_err(unreadable)?);
    let event = record::read_event(conversation, seq, at, cid, body, sum).map_err(damaged)?;
    Ok((position, sum, event))
}
