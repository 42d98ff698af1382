//! The index: one row for each conversation with its summary, the positions of its events and the hashes of its
//! cids; what every look-up but the tail's reads.
//!
//! It is derived from the log and follows it in steps, so that appending writes one place of one file. Why: with
//! these look-ups inside the append's transaction (a unique index on conversation and seq, one on cid, the
//! conversation's row) a batch of 256 events reached 12 % of a bare insert, since each touches some hundred pages;
//! `benches/append` measures what it is now. Missing, damaged or of another log, it is built anew at the next
//! opening.

use super::tail::Part;
use crate::error::LogError;
use crate::log::Position;
use crate::summary::Summary;
use conversation::{AdvisorId, ConversationId, CustomerId, Millis, QueueId, Seq, SiteId};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row};

/// Format of the index; another one is built anew.
pub const VERSION: i64 = 1;

/// Rows are made in the order in which conversations begin, so that those that change together lie together.
pub const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    number      INTEGER PRIMARY KEY,
    id          INTEGER NOT NULL UNIQUE,
    site        TEXT,
    customer    TEXT,
    opened_at   INTEGER,
    last_at     INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    owner       TEXT,
    queue       TEXT,
    advisor     TEXT,
    outcome     TEXT,
    first_words TEXT,
    peak        REAL NOT NULL,
    positions   BLOB NOT NULL,
    cids        BLOB NOT NULL
) STRICT;
CREATE INDEX conversations_by_customer ON conversations (customer, opened_at);
CREATE INDEX conversations_by_time ON conversations (opened_at);
CREATE INDEX conversations_open ON conversations (number) WHERE owner <> 'closed';
";

// `||` joins the bytes of two blobs, but calls them a text until they are cast back.
const PUT: &str = "INSERT INTO conversations
    (id, site, customer, opened_at, last_at, seq, owner, queue, advisor, outcome, first_words, peak, positions, cids)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce(?12, 0.0), ?13, ?14)
    ON CONFLICT (id) DO UPDATE SET
        last_at = excluded.last_at, seq = excluded.seq, owner = coalesce(excluded.owner, owner),
        queue = coalesce(excluded.queue, queue), advisor = coalesce(excluded.advisor, advisor),
        outcome = coalesce(excluded.outcome, outcome), first_words = coalesce(first_words, excluded.first_words),
        peak = max(peak, excluded.peak), positions = CAST(positions || excluded.positions AS BLOB),
        cids = CAST(cids || excluded.cids AS BLOB)";

const COLUMNS: &str =
    "id, site, customer, opened_at, last_at, seq, owner, queue, advisor, outcome, first_words, peak";

/// Where the index stands: the position that it holds, and that event's checksum.
pub fn stand(connection: &Connection) -> Result<(Position, u32), LogError> {
    let number = |name: &str| -> Result<i64, LogError> {
        let fault = LogError::sqlite("read where the index stands");
        let sql = "SELECT value FROM meta WHERE name = ?1";
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional())
            .map(Option::unwrap_or_default)
            .map_err(fault)
    };
    Ok((number("position")? as u64, number("sum")? as u32))
}

/// Writes a part, whole or not at all.
pub fn write(connection: &mut Connection, part: &Part) -> Result<(), LogError> {
    let fault = LogError::sqlite("write the index");
    let transaction = connection.transaction().map_err(&fault)?;
    {
        let mut put = transaction.prepare_cached(PUT).map_err(&fault)?;
        // In the order of the log, so that rows are made in the order in which conversations begin.
        let mut all: Vec<_> = part.conversations.iter().collect();
        all.sort_unstable_by_key(|(_, pending)| pending.positions.first().copied());
        let (mut positions, mut cids) = (Vec::new(), Vec::new());
        for (conversation, pending) in all {
            let change = &pending.change;
            positions.clear();
            cids.clear();
            for position in &pending.positions {
                positions.extend_from_slice(&position.to_le_bytes());
            }
            for (hash, seq) in &pending.cids {
                cids.extend_from_slice(&hash.to_le_bytes());
                cids.extend_from_slice(&(*seq as u32).to_le_bytes());
            }
            let opened = change.opened.as_ref();
            put.execute((
                conversation.0 as i64,
                opened.map(|(site, _, _)| site.as_str()),
                opened.map(|(_, customer, _)| customer.as_str()),
                opened.map(|(_, _, at)| *at as i64),
                change.last_at as i64,
                change.last as i64,
                change.owner,
                change.queue.as_ref().map(QueueId::as_str),
                change.advisor.as_ref().map(AdvisorId::as_str),
                &change.outcome,
                &change.first_words,
                change.peak,
                positions.as_slice(),
                cids.as_slice(),
            ))
            .map_err(&fault)?;
        }
        let mut meta =
            transaction.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)").map_err(&fault)?;
        meta.execute(("position", part.last as i64)).map_err(&fault)?;
        meta.execute(("sum", part.last_sum)).map_err(&fault)?;
    }
    transaction.commit().map_err(&fault)
}

/// What the index knows of a conversation's events.
#[derive(Debug, Default)]
pub struct Places {
    /// The last `seq`.
    pub seq: Seq,
    /// Positions of events 1, 2, 3 …
    pub positions: Vec<Position>,
    /// Hashes of cids with their events.
    pub cids: Vec<(u32, Seq)>,
}

pub fn places(connection: &Connection, conversation: ConversationId) -> Result<Places, LogError> {
    let fault = LogError::sqlite("look a conversation up");
    let sql = "SELECT seq, positions, cids FROM conversations WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let found = statement
        .query_row([conversation.0 as i64], |row| {
            let positions = row.get_ref(1)?.as_blob()?.as_chunks::<8>().0;
            let cids = row.get_ref(2)?.as_blob()?.as_chunks::<8>().0;
            Ok(Places {
                seq: row.get::<_, i64>(0)? as u64,
                positions: positions.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect(),
                cids: cids.iter().map(|bytes| split(u64::from_le_bytes(*bytes))).collect(),
            })
        })
        .optional()
        .map_err(&fault)?;
    Ok(found.unwrap_or_default())
}

/// A hash in the lower half, a `seq` in the upper one, as two little-endian numbers lie.
fn split(both: u64) -> (u32, Seq) {
    (both as u32, both >> 32)
}

pub fn summary(connection: &Connection, conversation: ConversationId) -> Result<Option<Summary>, LogError> {
    Ok(summaries(connection, "id = ?1", [conversation.0 as i64])?.pop())
}

pub fn of_customer(
    connection: &Connection,
    customer: &CustomerId,
    before: Millis,
    limit: usize,
) -> Result<Vec<Summary>, LogError> {
    let rest = "customer = ?1 AND opened_at < ?2 ORDER BY opened_at DESC, id LIMIT ?3";
    summaries(connection, rest, (customer.as_str(), clamp(before), clamp(limit as u64)))
}

pub fn between(
    connection: &Connection,
    from: Millis,
    to: Millis,
    limit: usize,
) -> Result<Vec<Summary>, LogError> {
    let rest = "opened_at >= ?1 AND opened_at < ?2 ORDER BY opened_at DESC, id LIMIT ?3";
    summaries(connection, rest, (clamp(from), clamp(to), clamp(limit as u64)))
}

/// Open conversations, in the order in which they began.
pub fn open_conversations(connection: &Connection) -> Result<Vec<ConversationId>, LogError> {
    ids(connection, "SELECT id FROM conversations WHERE owner <> 'closed' ORDER BY number")
}

/// Every conversation, in the order in which they began.
pub fn all(connection: &Connection) -> Result<Vec<ConversationId>, LogError> {
    ids(connection, "SELECT id FROM conversations ORDER BY number")
}

fn ids(connection: &Connection, sql: &str) -> Result<Vec<ConversationId>, LogError> {
    let fault = LogError::sqlite("list conversations");
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).map_err(&fault)?;
    rows.map(|id| id.map(|id| ConversationId(id as u64)).map_err(&fault)).collect()
}

/// SQLite's numbers are signed; what is beyond them is beyond every row too.
pub fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn summaries(connection: &Connection, rest: &str, params: impl Params) -> Result<Vec<Summary>, LogError> {
    let fault = LogError::sqlite("look conversations up");
    let sql = format!("SELECT {COLUMNS} FROM conversations WHERE site IS NOT NULL AND {rest}");
    let mut statement = connection.prepare_cached(&sql).map_err(&fault)?;
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
    let text = row.get_ref(column)?.as_str()?;
    make(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn optional<T>(row: &Row<'_>, column: usize, make: Maker<T>) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => name(row, column, make).map(Some),
    }
}
