//! Opening the files: their settings, their formats, what the last life left behind, and what must be built anew.

use super::tail::Part;
use super::{TAIL_EVENTS, index, read, schema, wal};
use crate::error::LogError;
use crate::log::{Opened, Position};
use crate::search;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql};
use std::path::Path;
use std::time::Duration;

/// The log itself.
pub const LOG_FILE: &str = "log.db";
/// Look-ups, derived from the log.
pub const INDEX_FILE: &str = "index.db";
/// Full text, derived from the log.
pub const SEARCH_FILE: &str = "search.db";

/// How long a statement waits for another connection (a backup, a reader's first look) before it fails.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept ready by each connection.
const STATEMENTS: usize = 64;

/// Pages of journal (4 KiB each) at which the log's owner writes them back itself; the follower does it earlier, off
/// the commit path. It also bounds what an opening after a kill must write back.
pub const JOURNAL_PAGES: usize = 2_048;

/// Bytes that one page takes in the journal.
const JOURNAL_PAGE_BYTES: usize = 4_096 + 24;

/// Pages of memory that the index's writer may use, in KiB.
const INDEX_CACHE_KIB: i64 = 65_536;

/// Pages of memory that a connection may use that only reads, in KiB: the inner pages of every tree. There are many of
/// them, and the system has the rest in its own cache.
const READER_CACHE_KIB: i64 = 256;

/// What the owner works with.
pub struct Files {
    pub log: Connection,
    /// Writes the index.
    pub index: Connection,
    pub epoch: String,
    pub last: Position,
    pub opened: Opened,
}

/// Opens or makes everything for the log's owner.
#[expect(
    clippy::disallowed_methods,
    reason = "measures the opening for the operator; nothing is decided by it"
)]
pub fn open(folder: &Path, fresh_epoch: &str) -> Result<Files, LogError> {
    let started = std::time::Instant::now();
    let mut opened = Opened::default();
    let path = folder.join(LOG_FILE);
    opened.repaired.extend(wal::torn(&path));
    let log = open_log(&path, fresh_epoch)?;
    let epoch = epoch_of(&log, &path)?;
    opened.clean = meta::<i64>(&log, "clean")? == Some(1);
    // Nothing acknowledged from now on may depend on a journal whose sync may have failed in an earlier life.
    log.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(LogError::sqlite("write the log's journal back"))?;
    wal::reserve(&path, JOURNAL_PAGES * JOURNAL_PAGE_BYTES);
    set_meta(&log, "clean", 0)?;
    let last = read::last_position(&log)?;
    if meta::<i64>(&log, "forgetting")? == Some(1) {
        // Somebody was being forgotten when the last life ended: what is derived may still know them.
        remove(&folder.join(INDEX_FILE))?;
        remove(&folder.join(SEARCH_FILE))?;
        set_meta(&log, "forgetting", 0)?;
    }
    let sum = |position| read::sum_at(&log, position);
    let derived =
        |file, tables, version| open_derived(&folder.join(file), tables, version, &epoch, last, &sum);
    let (mut index, why) = derived(INDEX_FILE, index::TABLES, index::VERSION)?;
    index.pragma_update(None, "cache_size", -INDEX_CACHE_KIB).map_err(LogError::sqlite("open the index"))?;
    if let Some(why) = why {
        opened.repaired.push(format!("the index {why}: built anew from {last} events"));
    }
    catch_up(&log, &mut index, &mut opened.repaired)?;
    let (_, why) = derived(SEARCH_FILE, search::TABLES, search::VERSION)?;
    if let Some(why) = why {
        opened.repaired.push(format!("the full-text search {why}: it will be built anew, in the background"));
    }
    opened.events = last;
    opened.ms = started.elapsed().as_millis() as u64;
    Ok(Files { log, index, epoch, last, opened })
}

fn open_log(path: &Path, fresh_epoch: &str) -> Result<Connection, LogError> {
    let fault = LogError::sqlite("open the log");
    let log = connect(path).map_err(|error| named(path, error))?;
    log.pragma_update(None, "synchronous", "FULL").map_err(&fault)?;
    log.pragma_update(None, "wal_autocheckpoint", JOURNAL_PAGES as i64).map_err(&fault)?;
    let version = number(&log, "user_version").map_err(&fault)?;
    if version > schema::VERSION {
        return Err(LogError::Newer { path: path.to_path_buf(), found: version, known: schema::VERSION });
    }
    let application = number(&log, "application_id").map_err(&fault)?;
    if version == 0 {
        make(&log, path, schema::TABLES, fresh_epoch, schema::VERSION)?;
    } else if application != schema::APPLICATION_ID {
        let why = format!("its application id is {application:#x}");
        return Err(LogError::Foreign { path: path.to_path_buf(), why });
    }
    Ok(log)
}

/// Opens a file that is derived from the log, or makes it anew and says why (nothing, where the log is empty).
fn open_derived(
    path: &Path,
    tables: &str,
    version: i64,
    epoch: &str,
    last: Position,
    sum: &dyn Fn(Position) -> Result<Option<u32>, LogError>,
) -> Result<(Connection, Option<String>), LogError> {
    let there = path.exists();
    let why = match there.then(|| try_derived(path, version, epoch, last, sum)) {
        Some(Ok(connection)) => return Ok((connection, None)),
        Some(Err(why)) => Some(why),
        None if last > 0 => Some(String::from("was missing")),
        None => None,
    };
    remove(path)?;
    let connection = connect(path).map_err(|error| named(path, error))?;
    derived_settings(&connection)?;
    make(&connection, path, tables, epoch, version)?;
    Ok((connection, why))
}

/// The file as it is, or why it cannot be used.
fn try_derived(
    path: &Path,
    version: i64,
    epoch: &str,
    last: Position,
    sum: &dyn Fn(Position) -> Result<Option<u32>, LogError>,
) -> Result<Connection, String> {
    let text = |error: rusqlite::Error| format!("could not be read ({error})");
    let connection = connect(path).map_err(text)?;
    derived_settings(&connection).map_err(|error| error.to_string())?;
    let found = number(&connection, "user_version").map_err(text)?;
    if found != version {
        return Err(format!("had format {found}"));
    }
    let other = || String::from("belonged to another log");
    if meta::<String>(&connection, "epoch").map_err(|error| error.to_string())?.as_deref() != Some(epoch) {
        return Err(other());
    }
    let (position, written) = index::stand(&connection).map_err(|error| error.to_string())?;
    if position > last || (position > 0 && sum(position) != Ok(Some(written))) {
        return Err(other());
    }
    Ok(connection)
}

fn derived_settings(connection: &Connection) -> Result<(), LogError> {
    // A lost step is taken again from the log.
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .map_err(LogError::sqlite("open what is derived from the log"))
}

/// Brings the index up to the log's end, in steps of bounded memory.
fn catch_up(log: &Connection, index: &mut Connection, repaired: &mut Vec<String>) -> Result<(), LogError> {
    loop {
        let (position, _) = index::stand(index)?;
        let mut part = Part::default();
        let more = read::gather(log, position, TAIL_EVENTS, &mut part, repaired)?;
        if part.events > 0 {
            index::write(index, &part)?;
        }
        if !more {
            return Ok(());
        }
    }
}

pub fn open_log_to_read(folder: &Path) -> Result<(Connection, String), LogError> {
    let path = folder.join(LOG_FILE);
    let log = reading(&path).map_err(|error| named(&path, error))?;
    let version = number(&log, "user_version").map_err(LogError::sqlite("open the log for reading"))?;
    if version > schema::VERSION {
        return Err(LogError::Newer { path, found: version, known: schema::VERSION });
    }
    let epoch = epoch_of(&log, &path)?;
    Ok((log, epoch))
}

/// The index of the log; an empty one where there is none, so that everything is gathered from the log.
pub fn open_index_to_read(folder: &Path, epoch: &str) -> Result<Connection, LogError> {
    let path = folder.join(INDEX_FILE);
    if let Ok(index) = reading(&path)
        && number(&index, "user_version") == Ok(index::VERSION)
        && meta::<String>(&index, "epoch")?.as_deref() == Some(epoch)
    {
        return Ok(index);
    }
    let index = Connection::open_in_memory().map_err(LogError::sqlite("make an index"))?;
    make(&index, &path, index::TABLES, epoch, index::VERSION)?;
    Ok(index)
}

/// The full-text search, where there is one.
pub fn open_search_to_read(folder: &Path) -> Option<Connection> {
    reading(&folder.join(SEARCH_FILE)).ok()
}

/// The full-text search, to be written.
pub fn open_search_to_feed(folder: &Path) -> Result<Connection, LogError> {
    let connection =
        connect(&folder.join(SEARCH_FILE)).map_err(LogError::sqlite("open the full-text search"))?;
    derived_settings(&connection)?;
    Ok(connection)
}

/// The log beside its owner, to be written where something is forgotten.
pub fn open_log_to_forget(folder: &Path) -> Result<Connection, LogError> {
    let fault = LogError::sqlite("open the log");
    let log = connect(&folder.join(LOG_FILE)).map_err(&fault)?;
    log.pragma_update(None, "synchronous", "FULL").map_err(&fault)?;
    Ok(log)
}

/// The log of a copy, to be written; nobody else has it.
pub fn open_copy(folder: &Path) -> Result<Connection, LogError> {
    let path = folder.join(LOG_FILE);
    if !path.exists() {
        return Err(LogError::Folder { doing: "open", path, why: String::from("it is not there") });
    }
    open_log(&path, "")
}

/// Says that this life ended well.
pub fn mark_clean(log: &Connection) -> Result<(), LogError> {
    set_meta(log, "clean", 1)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Costs nothing where nothing is deleted, and makes forgetting real where something is.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // Damaged pages are noticed when they are read, not later.
    connection.pragma_update(None, "cell_size_check", "ON")?;
    Ok(connection)
}

/// Opens a file of SQLite to read it only.
pub fn reading(path: &Path) -> rusqlite::Result<Connection> {
    // Not SQLITE_OPEN_READ_ONLY: a reader of a WAL takes part in its shared memory.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "query_only", "ON")?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.pragma_update(None, "cell_size_check", "ON")?;
    Ok(connection)
}

fn make(
    connection: &Connection,
    path: &Path,
    tables: &str,
    epoch: &str,
    version: i64,
) -> Result<(), LogError> {
    let fault = LogError::sqlite("make the log");
    let sql = "SELECT count(*) FROM sqlite_schema";
    let there: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(&fault)?;
    if there > 0 {
        let why = String::from("it has tables but no version of ours");
        return Err(LogError::Foreign { path: path.to_path_buf(), why });
    }
    let application = schema::APPLICATION_ID;
    let sql = format!(
        "BEGIN IMMEDIATE; {tables} PRAGMA application_id = {application}; PRAGMA user_version = {version};"
    );
    connection
        .execute_batch(&sql)
        .and_then(|()| connection.execute("INSERT INTO meta VALUES ('epoch', ?1), ('clean', 1)", [epoch]))
        .and_then(|_| connection.execute_batch("COMMIT"))
        .map_err(&fault)
}

/// Removes a derived file with its journal.
fn remove(path: &Path) -> Result<(), LogError> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
                return Err(LogError::folder("remove", Path::new(&name), &why));
            }
            _ => {}
        }
    }
    Ok(())
}

fn epoch_of(log: &Connection, path: &Path) -> Result<String, LogError> {
    meta(log, "epoch")?
        .ok_or_else(|| LogError::Foreign { path: path.to_path_buf(), why: String::from("it names no epoch") })
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

pub fn meta<T: FromSql>(connection: &Connection, name: &str) -> Result<Option<T>, LogError> {
    connection
        .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
        .optional()
        .map_err(LogError::sqlite("read the log's description"))
}

pub fn set_meta(connection: &Connection, name: &str, value: impl ToSql) -> Result<(), LogError> {
    connection
        .execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", (name, value))
        .map(|_| ())
        .map_err(LogError::sqlite("write the log's description"))
}

/// An opening that fails, naming the file.
fn named(path: &Path, error: rusqlite::Error) -> LogError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            LogError::Foreign { path, why: String::from("it is not an SQLite file, or its head is damaged") }
        }
        Some(rusqlite::ErrorCode::DiskFull) => LogError::Full { why: error.to_string() },
        _ => LogError::Folder { doing: "open", path, why: error.to_string() },
    }
}
