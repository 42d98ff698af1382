//! Full text over history: who said or noted these words. FTS5 without a copy of the texts; a hit is a position of
//! the log.
//!
//! It follows the log in steps, behind the acknowledgements, and is built anew when it is missing.

use crate::error::LogError;
use crate::log::Position;
use conversation::{Author, Event, EventKind};
use rusqlite::Connection;

/// Format of the search; another one is built anew.
pub const VERSION: i64 = 1;

/// Words are compared without case and accents. A row's id is the event's position; deleting one removes its words
/// from the file at once.
pub const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE said USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO said (said, rank) VALUES ('secure-delete', 1);
";

/// Words of a search beyond these are left out.
const WORDS: usize = 16;

/// What an event says in words that people wrote.
pub fn text(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::Message { from: Author::System, .. } => None,
        EventKind::Message { text, .. } | EventKind::Note { text, .. } => Some(text),
        EventKind::SurveyAnswered { survey } => survey.comment.as_deref(),
        _ => None,
    }
}

/// Takes events in; they must come after all before.
pub fn feed(connection: &Connection, position: Position, event: &Event) -> Result<(), LogError> {
    let Some(text) = text(&event.kind) else { return Ok(()) };
    connection
        .prepare_cached("INSERT INTO said (rowid, text) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute((position as i64, text)))
        .map(|_| ())
        .map_err(LogError::sqlite("write the full-text search"))
}

/// Removes what these events said.
pub fn forget(connection: &Connection, positions: &[Position]) -> Result<(), LogError> {
    let fault = LogError::sqlite("forget in the full-text search");
    let mut delete = connection.prepare_cached("DELETE FROM said WHERE rowid = ?1").map_err(&fault)?;
    for position in positions {
        delete.execute([*position as i64]).map_err(&fault)?;
    }
    Ok(())
}

/// Positions of events that have all the words (the last one may be the beginning of a word), newest first.
pub fn positions(connection: &Connection, words: &str, limit: usize) -> Result<Vec<Position>, LogError> {
    let terms: Vec<&str> = terms(words).take(WORDS).collect();
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let query = terms.iter().map(|term| format!("\"{term}\"")).collect::<Vec<_>>().join(" ") + " *";
    let fault = LogError::sqlite("search");
    let sql = "SELECT rowid FROM said WHERE said MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(&fault)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((query, limit), |row| row.get::<_, i64>(0)).map_err(&fault)?;
    rows.map(|position| position.map(|position| position as u64).map_err(&fault)).collect()
}

/// The words of a text, as the search takes them apart: nothing of FTS5's own language is left in them.
pub fn terms(words: &str) -> impl Iterator<Item = &str> {
    words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
