//! Appending: one transaction a batch, the log's rows and one row for each conversation.

use super::read;
use crate::error::LogError;
use crate::log::Position;
use crate::record;
use crate::summary::Change;
use conversation::{ConversationId, Event};
use rusqlite::{Connection, ErrorCode};
use std::collections::HashMap;

const INSERT: &str =
    "INSERT INTO log (position, conversation, seq, at, cid, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const OPEN: &str = "INSERT INTO conversations
    (id, site, customer, opened_at, last_at, seq, owner, queue, advisor, outcome, first_words, peak)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce(?12, 0.0)) ON CONFLICT DO NOTHING";

/// Finds the row only where the conversation stands at the place before the batch: check and change in one.
const CHANGE: &str = "UPDATE conversations SET
        last_at = ?3, seq = ?4, owner = coalesce(?5, owner), queue = coalesce(?6, queue),
        advisor = coalesce(?7, advisor), outcome = coalesce(?8, outcome),
        first_words = coalesce(first_words, ?9), peak = max(peak, coalesce(?10, 0.0))
    WHERE id = ?1 AND seq = ?2";

/// Writes the batch after `last` and returns the position of its last event, synced.
pub fn append(
    connection: &Connection,
    last: Position,
    batch: &[Event],
    body: &mut Vec<u8>,
) -> Result<Position, LogError> {
    if batch.is_empty() {
        return Ok(last);
    }
    execute(connection, "BEGIN IMMEDIATE")?;
    match write(connection, last, batch, body).and_then(|last| execute(connection, "COMMIT").map(|()| last)) {
        Ok(last) => Ok(last),
        Err(error) => {
            // A failed commit may have rolled back by itself.
            if !connection.is_autocommit() {
                execute(connection, "ROLLBACK")?;
            }
            Err(error)
        }
    }
}

fn execute(connection: &Connection, sql: &'static str) -> Result<(), LogError> {
    let fault = LogError::sqlite("write to the log");
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(|_| ()).map_err(fault)
}

fn write(
    connection: &Connection,
    last: Position,
    batch: &[Event],
    body: &mut Vec<u8>,
) -> Result<Position, LogError> {
    let fault = LogError::sqlite("write to the log");
    let mut changes: HashMap<ConversationId, Change> = HashMap::with_capacity(batch.len());
    let mut insert = connection.prepare_cached(INSERT).map_err(&fault)?;
    let mut position = last;
    for event in batch {
        place(&mut changes, event)?;
        record::write_body(&event.kind, body).map_err(|why| LogError::Unwritable {
            conversation: event.conversation,
            seq: event.seq,
            why,
        })?;
        let cid = event.cid.as_ref().map(|cid| cid.as_str());
        let sum = record::checksum(event.conversation, event.seq, event.at, cid, body);
        position += 1;
        let row = (
            position as i64,
            event.conversation.0 as i64,
            event.seq as i64,
            event.at as i64,
            cid,
            body.as_slice(),
            sum,
        );
        insert.execute(row).map_err(|error| repeated(connection, event, error))?;
    }
    let mut open = connection.prepare_cached(OPEN).map_err(&fault)?;
    let mut update = connection.prepare_cached(CHANGE).map_err(&fault)?;
    for (conversation, change) in &changes {
        let id = conversation.0 as i64;
        let queue = change.queue.as_ref().map(|queue| queue.as_str());
        let advisor = change.advisor.as_ref().map(|advisor| advisor.as_str());
        let (last_at, seq) = (change.last_at as i64, change.last as i64);
        let written = if let Some((site, customer, opened_at)) = &change.opened {
            open.execute((
                id,
                site.as_str(),
                customer.as_str(),
                *opened_at as i64,
                last_at,
                seq,
                change.owner,
                queue,
                advisor,
                &change.outcome,
                &change.first_words,
                change.peak,
            ))
        } else {
            update.execute((
                id,
                change.first as i64 - 1,
                last_at,
                seq,
                change.owner,
                queue,
                advisor,
                &change.outcome,
                &change.first_words,
                change.peak,
            ))
        };
        if written.map_err(&fault)? == 0 {
            let expected = read::last_seq(connection, *conversation)? + 1;
            return Err(LogError::WrongSeq { conversation: *conversation, expected, got: change.first });
        }
    }
    Ok(position)
}

/// The event's place among the batch's own; the first of a conversation is checked against its row later.
fn place(changes: &mut HashMap<ConversationId, Change>, event: &Event) -> Result<(), LogError> {
    let opening = matches!(event.kind, conversation::EventKind::Opened { .. });
    if event.seq == 0 || event.seq > i64::MAX as u64 || event.at > i64::MAX as u64 {
        let why = String::from("its place or time is out of range");
        return Err(LogError::Unwritable { conversation: event.conversation, seq: event.seq, why });
    }
    if opening != (event.seq == 1) {
        let why = String::from("a conversation must begin with `opened`, and only begin with it");
        return Err(LogError::Unwritable { conversation: event.conversation, seq: event.seq, why });
    }
    if let Some(change) = changes.get_mut(&event.conversation) {
        if event.seq != change.last + 1 {
            return Err(LogError::WrongSeq {
                conversation: event.conversation,
                expected: change.last + 1,
                got: event.seq,
            });
        }
        change.take(event);
    } else {
        changes.insert(event.conversation, Change::new(event));
    }
    Ok(())
}

/// What a refused row means: its place is taken, or its cid is an event already.
fn repeated(connection: &Connection, event: &Event, error: rusqlite::Error) -> LogError {
    let conversation = event.conversation;
    if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
        return LogError::sqlite("write to the log")(error);
    }
    if let Some(cid) = &event.cid
        && let Ok(Some(seq)) = read::seq_of(connection, conversation, cid)
    {
        return LogError::RepeatedCid { conversation, cid: cid.clone(), seq };
    }
    match read::last_seq(connection, conversation) {
        Ok(seq) => LogError::WrongSeq { conversation, expected: seq + 1, got: event.seq },
        Err(error) => error,
    }
}
