//! Reading: the same for the log's owner and for every reader.

use super::files;
use crate::error::LogError;
use crate::log::Position;
use crate::record;
use crate::summary::Summary;
use conversation::{AdvisorId, Cid, ConversationId, CustomerId, Event, Millis, QueueId, Seq, SiteId};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::path::Path;

/// A connection that reads only; on any thread, beside the log's owner and never waiting for it.
#[derive(Debug)]
pub struct SqliteReader {
    pub(super) connection: Connection,
    pub(super) epoch: String,
}

impl SqliteReader {
    /// Opens the log of a data folder for reading, whoever owns it.
    ///
    /// # Errors
    /// There is no log, or it cannot be read.
    pub fn open(folder: &Path) -> Result<SqliteReader, LogError> {
        let (connection, epoch) = files::open_reader(folder)?;
        Ok(SqliteReader { connection, epoch })
    }
}

// Macros, because `concat!` takes literals alone.
macro_rules! events_where {
    ($rest:literal) => {
        concat!("SELECT position, conversation, seq, at, cid, body, sum FROM log WHERE ", $rest)
    };
}

macro_rules! summaries_where {
    ($rest:literal) => {
        concat!(
            "SELECT id, site, customer, opened_at, last_at, seq, owner, queue, advisor, outcome, first_words, peak
             FROM conversations WHERE ",
            $rest
        )
    };
}

pub fn conversation(
    connection: &Connection,
    conversation: ConversationId,
    after: Seq,
) -> Result<Vec<Event>, LogError> {
    let sql = events_where!("conversation = ?1 AND seq > ?2 ORDER BY seq");
    let found = events(connection, sql, (conversation.0 as i64, clamp(after)))?;
    Ok(found.into_iter().map(|(_, event)| event).collect())
}

pub fn from(
    connection: &Connection,
    position: Position,
    limit: usize,
) -> Result<Vec<(Position, Event)>, LogError> {
    let sql = events_where!("position >= ?1 ORDER BY position LIMIT ?2");
    events(connection, sql, (clamp(position), clamp(limit as u64)))
}

pub fn last_position(connection: &Connection) -> Result<Position, LogError> {
    number(connection, "SELECT coalesce(max(position), 0) FROM log", [])
}

/// The place of the conversation's last event; 0 for one that is not known.
pub fn last_seq(connection: &Connection, conversation: ConversationId) -> Result<Seq, LogError> {
    let sql = "SELECT coalesce(max(seq), 0) FROM conversations WHERE id = ?1";
    number(connection, sql, [conversation.0 as i64])
}

pub fn seq_of(
    connection: &Connection,
    conversation: ConversationId,
    cid: &Cid,
) -> Result<Option<Seq>, LogError> {
    let sql = "SELECT seq FROM log WHERE conversation = ?1 AND cid = ?2";
    let fault = LogError::sqlite("look a cid up");
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let seq: Option<i64> = statement
        .query_row((conversation.0 as i64, cid.as_str()), |row| row.get(0))
        .optional()
        .map_err(&fault)?;
    Ok(seq.map(|seq| seq as u64))
}

pub fn open_conversations(connection: &Connection) -> Result<Vec<ConversationId>, LogError> {
    let fault = LogError::sqlite("list the open conversations");
    let sql = "SELECT id FROM conversations WHERE owner <> 'closed' ORDER BY opened_at, id";
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).map_err(&fault)?;
    rows.map(|id| id.map(|id| ConversationId(id as u64)).map_err(&fault)).collect()
}

pub fn summary(connection: &Connection, conversation: ConversationId) -> Result<Option<Summary>, LogError> {
    let sql = summaries_where!("id = ?1");
    Ok(summaries(connection, sql, [conversation.0 as i64])?.pop())
}

pub fn of_customer(
    connection: &Connection,
    customer: &CustomerId,
    before: Millis,
    limit: usize,
) -> Result<Vec<Summary>, LogError> {
    let sql = summaries_where!("customer = ?1 AND opened_at < ?2 ORDER BY opened_at DESC, id LIMIT ?3");
    summaries(connection, sql, (customer.as_str(), clamp(before), clamp(limit as u64)))
}

pub fn between(
    connection: &Connection,
    from: Millis,
    to: Millis,
    limit: usize,
) -> Result<Vec<Summary>, LogError> {
    let sql = summaries_where!("opened_at >= ?1 AND opened_at < ?2 ORDER BY opened_at DESC, id LIMIT ?3");
    summaries(connection, sql, (clamp(from), clamp(to), clamp(limit as u64)))
}

/// SQLite's numbers are signed; what is beyond them is beyond every row too.
fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(connection: &Connection, sql: &str, params: impl Params) -> Result<u64, LogError> {
    let fault = LogError::sqlite("read the log");
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let number: i64 = statement.query_row(params, |row| row.get(0)).map_err(&fault)?;
    Ok(number as u64)
}

fn events(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<(Position, Event)>, LogError> {
    let fault = LogError::sqlite("read the log");
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let mut rows = statement.query(params).map_err(&fault)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(&fault)? {
        found.push(event(row)?);
    }
    Ok(found)
}

/// One row of `events_where!`.
pub fn event(row: &Row<'_>) -> Result<(Position, Event), LogError> {
    let position = row.get::<_, i64>(0).map_err(LogError::sqlite("read the log"))? as u64;
    let damaged = |why: String| LogError::Damaged { position, why };
    let unreadable = |error: rusqlite::Error| LogError::Damaged { position, why: error.to_string() };
    let conversation = ConversationId(row.get::<_, i64>(1).map_err(unreadable)? as u64);
    let seq = row.get::<_, i64>(2).map_err(unreadable)? as u64;
    let at = row.get::<_, i64>(3).map_err(unreadable)? as u64;
    let text = |error: rusqlite::types::FromSqlError| damaged(error.to_string());
    let cid = row.get_ref(4).map_err(unreadable)?.as_str_or_null().map_err(text)?;
    let body = row.get_ref(5).map_err(unreadable)?.as_blob().map_err(text)?;
    let sum = row.get::<_, u32>(6).map_err(unreadable)?;
    let event = record::read_event(conversation, seq, at, cid, body, sum).map_err(damaged)?;
    Ok((position, event))
}

fn summaries(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Summary>, LogError> {
    let fault = LogError::sqlite("look conversations up");
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let rows = statement.query_map(params, one_summary).map_err(&fault)?;
    rows.map(|row| row.map_err(&fault)).collect()
}

fn one_summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let number = |column| row.get::<_, i64>(column).map(|number| number as u64);
    Ok(Summary {
        conversation: ConversationId(number(0)?),
        site: name(row, 1, SiteId::new)?,
        customer: name(row, 2, CustomerId::new)?,
        opened_at: number(3)?,
        last_at: number(4)?,
        seq: number(5)?,
        owner: row.get(6)?,
        queue: optional(row, 7, QueueId::new)?,
        advisor: optional(row, 8, AdvisorId::new)?,
        outcome: row.get(9)?,
        first_words: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
        peak: row.get::<_, f64>(11)? as f32,
    })
}

type Maker<T> = fn(&str) -> Result<T, conversation::id::IdError>;

fn name<T>(row: &Row<'_>, column: usize, make: Maker<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    make(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn optional<T>(row: &Row<'_>, column: usize, make: Maker<T>) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => name(row, column, make).map(Some),
    }
}
