//! Opening the log's file: its settings, its format, and what the last life left behind.

use super::schema;
use crate::error::LogError;
use crate::log::{Opened, Position};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::Path;
use std::time::Duration;

/// Name of the log's file in the data folder.
pub const LOG_FILE: &str = "log.db";

/// How long a statement waits for another connection (a backup, a reader's first look) before it fails.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept ready by each connection.
const STATEMENTS: usize = 64;

/// Opens or makes the log for its owner.
#[expect(
    clippy::disallowed_methods,
    reason = "measures the opening for the operator; nothing is decided by it"
)]
pub fn open_writer(
    folder: &Path,
    fresh_epoch: &str,
) -> Result<(Connection, String, Opened, Position), LogError> {
    let started = std::time::Instant::now();
    let path = folder.join(LOG_FILE);
    let fault = LogError::sqlite("open the log");
    let connection = Connection::open(&path).map_err(&fault)?;
    settings(&connection).map_err(|error| foreign(&path, &error))?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(&fault)?;
    let version: i64 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(&fault)?;
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(&fault)?;
    if version > schema::VERSION {
        return Err(LogError::Newer { path, found: version, known: schema::VERSION });
    }
    if version == 0 {
        make(&connection, &path, fresh_epoch)?;
    } else if application != schema::APPLICATION_ID {
        return Err(LogError::Foreign { path, why: format!("its application id is {application:#x}") });
    }
    let epoch: String = meta(&connection, "epoch")?
        .ok_or_else(|| LogError::Foreign { path: path.clone(), why: String::from("it names no epoch") })?;
    let clean = meta::<i64>(&connection, "clean")? == Some(1);
    // Nothing acknowledged from now on may depend on a WAL whose sync may have failed in an earlier life.
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(LogError::sqlite("write the log's journal back"))?;
    set_meta(&connection, "clean", 0)?;
    let last = super::read::last_position(&connection)?;
    let ms = started.elapsed().as_millis() as u64;
    Ok((connection, epoch, Opened { events: last, clean, repaired: Vec::new(), ms }, last))
}

/// Opens the log for reading.
pub fn open_reader(folder: &Path) -> Result<(Connection, String), LogError> {
    let path = folder.join(LOG_FILE);
    let fault = LogError::sqlite("open the log for reading");
    // Not SQLITE_OPEN_READ_ONLY: a reader of a WAL takes part in its shared memory.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(&fault)?;
    settings(&connection).map_err(&fault)?;
    connection.pragma_update(None, "query_only", "ON").map_err(&fault)?;
    let epoch = meta(&connection, "epoch")?
        .ok_or_else(|| LogError::Foreign { path, why: String::from("it names no epoch") })?;
    Ok((connection, epoch))
}

/// Says that this life ended well.
pub fn mark_clean(connection: &Connection) -> Result<(), LogError> {
    set_meta(connection, "clean", 1)
}

fn settings(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")
}

fn make(connection: &Connection, path: &Path, fresh_epoch: &str) -> Result<(), LogError> {
    let fault = LogError::sqlite("make the log");
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(&fault)?;
    if tables > 0 {
        return Err(LogError::Foreign {
            path: path.to_path_buf(),
            why: String::from("it has tables but no version of ours"),
        });
    }
    let made = format!(
        "BEGIN IMMEDIATE; {} PRAGMA application_id = {}; PRAGMA user_version = {};",
        schema::TABLES,
        schema::APPLICATION_ID,
        schema::VERSION
    );
    connection.execute_batch(&made).map_err(&fault)?;
    connection
        .execute("INSERT INTO meta VALUES ('epoch', ?1), ('clean', 1)", [fresh_epoch])
        .and_then(|_| connection.execute_batch("COMMIT"))
        .map_err(&fault)
}

fn meta<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> Result<Option<T>, LogError> {
    connection
        .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
        .optional()
        .map_err(LogError::sqlite("read the log's description"))
}

fn set_meta(connection: &Connection, name: &str, value: i64) -> Result<(), LogError> {
    connection
        .execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", (name, value))
        .map(|_| ())
        .map_err(LogError::sqlite("write the log's description"))
}

fn foreign(path: &Path, error: &rusqlite::Error) -> LogError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => LogError::Foreign {
            path: path.to_path_buf(),
            why: String::from("it is not an SQLite file, or its head is damaged"),
        },
        _ => LogError::sqlite("open the log")(rusqlite_clone(error)),
    }
}

/// The parts of an error that its sentence needs; the type itself cannot be cloned.
fn rusqlite_clone(error: &rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqliteFailure(code, text) => rusqlite::Error::SqliteFailure(*code, text.clone()),
        other => rusqlite::Error::ToSqlConversionFailure(other.to_string().into()),
    }
}
