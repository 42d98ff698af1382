//! Forgetting a person, or what is old: in the log, in everything derived from it, in the journals, and in every copy
//! that was made and is still where it was made.

use super::{Follower, Shared, SqliteLog, backup, files, index, read};
use crate::error::LogError;
use crate::log::Position;
use crate::record;
use crate::redaction::{FORGOTTEN, redacted};
use crate::search;
use conversation::{ConversationId, CustomerId, Millis};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// What was forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Conversations.
    pub conversations: usize,
    /// Events that were replaced by what stays of them.
    pub events: usize,
    /// Copies in which the same was done.
    pub copies: Vec<PathBuf>,
    /// Events that were replaced in these, all together.
    pub in_copies: usize,
    /// Copies that were made and are not there any more, or could not be written: whoever moved them must do it. A
    /// copy is a data folder; it can be opened and told to forget as this one was.
    pub unreached: Vec<PathBuf>,
}

/// Conversations that one call of [`SqliteLog::forget_before`] takes, so that appending need not wait for long.
pub const FORGET_AT_ONCE: usize = 100;

/// What is old: closed, and nothing has happened since.
const OLD: &str = "SELECT id FROM conversations
    WHERE opened_at < ?1 AND last_at < ?1 AND owner = 'closed' AND customer <> ?2
    ORDER BY opened_at LIMIT ?3";

impl SqliteLog {
    /// Forgets one customer: every conversation of theirs keeps its events, without the person. What a running server
    /// has in memory is its own to drop.
    ///
    /// # Errors
    /// The storage fails, or a reader holds the journal for long; calling it again goes on.
    pub fn erase(&mut self, customer: &CustomerId) -> Result<Forgotten, LogError> {
        let sql = "SELECT id FROM conversations WHERE customer = ?1 ORDER BY number";
        let mut forgotten = self.forget(sql, &[&customer.as_str()])?;
        for copy in backup::copies(self.folder())? {
            match erase_in_copy(&copy, customer) {
                Ok(events) => {
                    forgotten.in_copies += events;
                    forgotten.copies.push(copy);
                }
                Err(_) => forgotten.unreached.push(copy),
            }
        }
        Ok(forgotten)
    }

    /// Forgets the customers of conversations that are closed and whose last event is older than `before`, at most
    /// [`FORGET_AT_ONCE`] conversations. Copies keep what they have: they grow old by themselves.
    ///
    /// # Errors
    /// As [`SqliteLog::erase`].
    pub fn forget_before(&mut self, before: Millis) -> Result<Forgotten, LogError> {
        self.forget(OLD, &[&index::clamp(before), &FORGOTTEN, &(FORGET_AT_ONCE as i64)])
    }

    fn forget(&mut self, which: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Forgotten, LogError> {
        if let Some(why) = &self.poisoned {
            return Err(LogError::Poisoned { why: why.clone() });
        }
        let search = files::open_search_to_feed(self.folder.path())?;
        let forgotten = forget(&self.log, &self.shared, &search, which, parameters)?;
        well(&self.log, &self.shared, &search, forgotten.events > 0)?;
        Ok(forgotten)
    }
}

impl Follower {
    /// As [`SqliteLog::forget_before`], beside the one who appends, who waits a moment at most: at most
    /// [`FORGET_AT_ONCE`] conversations, so call it until it forgets none. The last call, that one, makes sure that
    /// nothing of what was forgotten stays in any unused byte.
    ///
    /// # Errors
    /// As [`SqliteLog::erase`]; calling it again goes on.
    pub fn forget_before(&mut self, before: Millis) -> Result<Forgotten, LogError> {
        let log = files::open_log_to_forget(&self.folder)?;
        let parameters: [&dyn rusqlite::ToSql; 3] =
            [&index::clamp(before), &FORGOTTEN, &(FORGET_AT_ONCE as i64)];
        let forgotten = forget(&log, &self.shared, &self.search, OLD, &parameters)?;
        if forgotten.events == 0 && files::meta::<i64>(&log, "forgetting")? == Some(1) {
            well(&log, &self.shared, &self.search, true)?;
        }
        Ok(forgotten)
    }
}

/// Replaces what is found in the log and in everything derived from it; [`well`] must follow.
fn forget(
    log: &Connection,
    shared: &Shared,
    search: &Connection,
    which: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Forgotten, LogError> {
    while shared.step()? > 0 {}
    // Held to the end: nothing moves in the index meanwhile.
    let mut index = shared.index.lock().unwrap_or_else(PoisonError::into_inner);
    let ids = conversations(&index, which, parameters)?;
    let mut positions = Vec::new();
    for id in &ids {
        positions.extend(index::places(&index, *id)?.positions);
    }
    if positions.is_empty() {
        return Ok(Forgotten::default());
    }
    if !forget_rows(log, &positions)? {
        write_anew(log)?;
    }
    forget_in_index(log, &mut index, &ids)?;
    forget_in_search(log, search, &positions)?;
    Ok(Forgotten { conversations: ids.len(), events: positions.len(), ..Forgotten::default() })
}

/// Leaves nothing of what was forgotten in unused bytes and journals.
fn well(log: &Connection, shared: &Shared, search: &Connection, anew: bool) -> Result<(), LogError> {
    let index = shared.index.lock().unwrap_or_else(PoisonError::into_inner);
    for derived in [&*index, search] {
        if anew {
            write_anew(derived)?;
        }
        empty_journal(derived)?;
    }
    empty_journal(log)?;
    files::set_meta(log, "forgetting", 0)
}

fn conversations(
    index: &Connection,
    sql: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<ConversationId>, LogError> {
    let fault = LogError::sqlite("look conversations up");
    let mut statement = index.prepare(sql).map_err(&fault)?;
    let rows = statement.query_map(parameters, |row| row.get::<_, i64>(0)).map_err(&fault)?;
    rows.map(|id| id.map(|id| ConversationId(id as u64)).map_err(&fault)).collect()
}

/// Replaces the events at these positions, all or none. From its commit on the derived files are to be made anew,
/// should the rest not be reached (`forgetting`). Whether every one was written over in place: a row that changes its
/// length moves, and moves its neighbours, and what was there can stay in a page's unused bytes even under
/// `secure_delete`.
fn forget_rows(log: &Connection, positions: &[Position]) -> Result<bool, LogError> {
    let fault = LogError::sqlite("forget in the log");
    // At once a writer: one that had only read would be refused, not made to wait, once the other one has appended.
    let transaction = Transaction::new_unchecked(log, TransactionBehavior::Immediate).map_err(&fault)?;
    let mut in_place = true;
    {
        let sql = "UPDATE log SET body = ?2, sum = ?3 WHERE position = ?1";
        let mut update = transaction.prepare(sql).map_err(&fault)?;
        let mut length =
            transaction.prepare("SELECT length(body) FROM log WHERE position = ?1").map_err(&fault)?;
        let mut body = Vec::new();
        for position in positions {
            let Some(event) = read::at(&transaction, *position)? else { continue };
            let unwritable =
                |why: String| LogError::Unwritable { conversation: event.conversation, seq: event.seq, why };
            let kind = redacted(&event.kind).map_err(|error| unwritable(error.to_string()))?;
            record::write_body(&kind, &mut body).map_err(unwritable)?;
            let length: i64 = length.query_row([*position as i64], |row| row.get(0)).map_err(&fault)?;
            in_place &= body.len() <= length as usize;
            body.resize(body.len().max(length as usize), b' ');
            let cid = event.cid.as_ref().map(|cid| cid.as_str());
            let sum = record::checksum(event.conversation, event.seq, event.at, cid, &body);
            update.execute((*position as i64, body.as_slice(), sum.to_le_bytes())).map_err(&fault)?;
        }
        files::set_meta(&transaction, "forgetting", 1)?;
    }
    transaction.commit().map_err(&fault)?;
    Ok(in_place)
}

fn forget_in_index(log: &Connection, index: &mut Connection, ids: &[ConversationId]) -> Result<(), LogError> {
    let fault = LogError::sqlite("forget in the index");
    let transaction = index.transaction().map_err(&fault)?;
    {
        let sql = "UPDATE conversations SET customer = ?2, first_words = NULL WHERE id = ?1";
        let mut update = transaction.prepare(sql).map_err(&fault)?;
        for id in ids {
            update.execute((id.0 as i64, FORGOTTEN)).map_err(&fault)?;
        }
        sum_again(log, &transaction)?;
    }
    transaction.commit().map_err(&fault)
}

fn forget_in_search(log: &Connection, search: &Connection, positions: &[Position]) -> Result<(), LogError> {
    let fault = LogError::sqlite("forget in the full-text search");
    let transaction = search.unchecked_transaction().map_err(&fault)?;
    search::forget(&transaction, positions)?;
    sum_again(log, &transaction)?;
    transaction.commit().map_err(&fault)
}

/// The event by which a derived file recognises its log may have been replaced.
fn sum_again(log: &Connection, derived: &Connection) -> Result<(), LogError> {
    let (position, _) = index::stand(derived)?;
    match read::sum_at(log, position)? {
        Some(sum) => files::set_meta(derived, "sum", sum),
        None => Ok(()),
    }
}

/// Writes the whole file anew: rows that moved earlier left parts of themselves in unused bytes.
fn write_anew(connection: &Connection) -> Result<(), LogError> {
    connection
        .execute_batch("VACUUM")
        .map_err(LogError::sqlite("write a file anew, so that nothing forgotten stays in it"))
}

/// Writes the journal back and cuts it to nothing, so that nothing forgotten stays in it.
fn empty_journal(connection: &Connection) -> Result<(), LogError> {
    let doing = "empty the journal, so that nothing forgotten stays in it";
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(LogError::sqlite(doing))?;
    if busy != 0 {
        return Err(LogError::Storage { doing, why: String::from("a reader holds it; try again") });
    }
    Ok(())
}

/// A copy has no index; its events are looked through. How many were replaced.
fn erase_in_copy(copy: &Path, customer: &CustomerId) -> Result<usize, LogError> {
    let log = files::open_copy(copy)?;
    let fault = LogError::sqlite("forget in a copy");
    let sql = "SELECT position FROM log WHERE conversation IN (
        SELECT conversation FROM log
        WHERE seq = 1 AND json_extract(CAST(body AS TEXT), '$.customer') = ?1)";
    let positions = {
        let mut statement = log.prepare(sql).map_err(&fault)?;
        let rows = statement.query_map([customer.as_str()], |row| row.get::<_, i64>(0)).map_err(&fault)?;
        rows.map(|row| row.map(|position| position as u64).map_err(&fault)).collect::<Result<Vec<_>, _>>()?
    };
    if !forget_rows(&log, &positions)? {
        write_anew(&log)?;
    }
    files::set_meta(&log, "forgetting", 0)?;
    empty_journal(&log)?;
    Ok(positions.len())
}
