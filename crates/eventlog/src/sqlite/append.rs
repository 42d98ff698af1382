//! The commit path: one transaction a batch, rows at the end of one table, one sync.

use crate::error::LogError;
use crate::log::Position;
use crate::record;
use conversation::Event;
use rusqlite::Connection;

const INSERT: &str =
    "INSERT INTO log (position, conversation, seq, at, cid, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// About what a row takes beside its body.
const ROW_BYTES: usize = 60;

/// What was written and synced.
pub struct Written {
    /// Checksums of the events.
    pub sums: Vec<u32>,
    /// About how many bytes they take.
    pub bytes: usize,
}

/// Writes the batch, which was checked, after `last`, and returns its checksums once it is synced.
pub fn append(
    log: &Connection,
    last: Position,
    batch: &[Event],
    body: &mut Vec<u8>,
) -> Result<Written, LogError> {
    execute(log, "BEGIN IMMEDIATE")?;
    match write(log, last, batch, body).and_then(|written| execute(log, "COMMIT").map(|()| written)) {
        Ok(written) => Ok(written),
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

fn write(log: &Connection, last: Position, batch: &[Event], body: &mut Vec<u8>) -> Result<Written, LogError> {
    let fault = LogError::sqlite("write to the log");
    let mut insert = log.prepare_cached(INSERT).map_err(&fault)?;
    let mut written = Written { sums: Vec::with_capacity(batch.len()), bytes: 0 };
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
        written.sums.push(sum);
        written.bytes += body.len() + ROW_BYTES;
    }
    Ok(written)
}
