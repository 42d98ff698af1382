//! The commit path: one transaction a batch, rows at the end of one table, one sync.

use crate::error::LogError;
use crate::log::Position;
use crate::record;
use conversation::Event;
use rusqlite::Connection;

const INSERT: &str =
    "INSERT INTO log (position, conversation, seq, at, cid, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Writes the batch, which was checked, after `last`, and returns its checksums once it is synced.
pub fn append(
    log: &Connection,
    last: Position,
    batch: &[Event],
    body: &mut Vec<u8>,
) -> Result<Vec<u32>, LogError> {
    execute(log, "BEGIN IMMEDIATE")?;
    match write(log, last, batch, body).and_then(|sums| execute(log, "COMMIT").map(|()| sums)) {
        Ok(sums) => Ok(sums),
        Err(error) => {
            // A failed commit may have rolled back by itself.
            if !log.is_autocommit() {
                execute(log, "ROLLBACK")?;
            }
            Err(error)
        }
    }
}

fn execute(log: &Connection, sql: &'static str) -> Result<(), LogError> {
    let fault = LogError::sqlite("write to the log");
    log.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(|_| ()).map_err(fault)
}

fn write(
    log: &Connection,
    last: Position,
    batch: &[Event],
    body: &mut Vec<u8>,
) -> Result<Vec<u32>, LogError> {
    let fault = LogError::sqlite("write to the log");
    let mut insert = log.prepare_cached(INSERT).map_err(&fault)?;
    let mut sums = Vec::with_capacity(batch.len());
    for (place, event) in batch.iter().enumerate() {
        record::write_body(&event.kind, body).map_err(|why| LogError::Unwritable {
            conversation: event.conversation,
            seq: event.seq,
            why,
        })?;
        let cid = event.cid.as_ref().map(|cid| cid.as_str());
        let sum = record::checksum(event.conversation, event.seq, event.at, cid, body);
        let position = last + 1 + place as u64;
        let (id, seq, at) = (event.conversation.0 as i64, event.seq as i64, event.at as i64);
        insert
            .execute((position as i64, id, seq, at, cid, body.as_slice(), sum.to_le_bytes()))
            .map_err(&fault)?;
        sums.push(sum);
    }
    Ok(sums)
}
