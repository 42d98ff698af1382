//! The tables of the log's file, and the version of its format.

/// `PRAGMA application_id`: 'Rlay'.
pub const APPLICATION_ID: i64 = 0x526c_6179;

/// `PRAGMA user_version`: the format that this version writes.
pub const VERSION: i64 = 1;

/// Format 1. A conversation's id is its 64 bits read as a signed number; `sum` is [`crate::record::checksum`] in four
/// bytes, little end first: a row whose body is replaced by one of the same length is written over in place, and
/// nothing of what was there stays ([`super::forget`]).
///
/// The table has no index on purpose: a batch is written at the end of the file and nowhere else. Look-ups are the
/// index's ([`super::index`]), which is derived from this and follows it.
pub const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    position     INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    cid          TEXT,
    body         BLOB NOT NULL,
    sum          BLOB NOT NULL
) STRICT;
";
