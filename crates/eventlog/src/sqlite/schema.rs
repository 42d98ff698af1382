//! The tables of the log's file, and the version of its format.

/// `PRAGMA application_id`: 'Rlay'.
pub const APPLICATION_ID: i64 = 0x526c_6179;

/// `PRAGMA user_version`: the format that this version writes.
pub const VERSION: i64 = 1;

/// Format 1. Ids of conversations are the 64 bits of the id read as a signed number.
pub const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    position     INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    cid          TEXT,
    body         BLOB NOT NULL,
    sum          INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_by_conversation ON log (conversation, seq);
CREATE UNIQUE INDEX log_by_cid ON log (conversation, cid) WHERE cid IS NOT NULL;

CREATE TABLE conversations (
    id          INTEGER PRIMARY KEY,
    site        TEXT NOT NULL,
    customer    TEXT NOT NULL,
    opened_at   INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    owner       TEXT NOT NULL,
    queue       TEXT,
    advisor     TEXT,
    outcome     TEXT,
    first_words TEXT,
    peak        REAL NOT NULL
) STRICT;
CREATE INDEX conversations_by_customer ON conversations (customer, opened_at);
CREATE INDEX conversations_by_time ON conversations (opened_at);
CREATE INDEX conversations_open ON conversations (owner) WHERE owner <> 'closed';
";
