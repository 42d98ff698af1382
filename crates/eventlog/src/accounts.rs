//! Advisors and supervisors, their sign-ins and the server's secrets: `accounts.db`, beside the log.
//!
//! A second process (`relais user add`) may write while the server runs; [`Accounts::changed`] tells the server.
//! Hashing of passwords is the gateway's: here they are strings.

mod secret;
mod signin;

pub(crate) use secret::SECRETS;
pub use secret::secret;
pub use signin::{Bearer, BearerKind, SecretHash};

use crate::error::LogError;
use crate::folder;
use conversation::{AdvisorId, Lang, QueueId, Skill};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// Name of the accounts' file in the data folder.
pub const ACCOUNTS_FILE: &str = "accounts.db";

/// `PRAGMA application_id`: 'Rlac'.
const APPLICATION_ID: i64 = 0x526c_6163;

/// `PRAGMA user_version`: the format that this version writes.
const VERSION: i64 = 1;

/// How long a write waits for the other process's.
const BUSY: Duration = Duration::from_secs(5);

// The presence (`status`) is the server's own writing and no edit that it must be told of.
const TABLES: &str = "
CREATE TABLE accounts (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('advisor', 'supervisor')),
    skills        TEXT NOT NULL,
    langs         TEXT NOT NULL,
    capacity      INTEGER NOT NULL,
    queues        TEXT,
    disabled      INTEGER NOT NULL,
    status        TEXT NOT NULL,
    password_hash TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE bearers (
    hash       BLOB PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('code', 'token', 'session')),
    label      TEXT NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX bearers_by_account ON bearers (account);

CREATE TABLE revision (number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (0);
CREATE TRIGGER account_made AFTER INSERT ON accounts BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER account_gone AFTER DELETE ON accounts BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER account_edited
    AFTER UPDATE OF id, name, role, skills, langs, capacity, queues, disabled, password_hash ON accounts
    BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER bearer_revoked AFTER DELETE ON bearers WHEN old.kind <> 'code'
    BEGIN UPDATE revision SET number = number + 1; END;
";

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks with customers.
    Advisor,
    /// Also sees and moves everybody's conversations.
    Supervisor,
}

impl Role {
    /// The role as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Advisor => "advisor",
            Role::Supervisor => "supervisor",
        }
    }
}

/// An advisor or supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name they sign in with.
    pub id: AdvisorId,
    /// The name that is shown.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Skills with their levels, 1–5.
    pub skills: Vec<(Skill, u8)>,
    /// Languages, best first.
    pub langs: Vec<Lang>,
    /// What they can hold, in points.
    pub capacity: u16,
    /// The queues that they serve; `None`: every one.
    pub queues: Option<Vec<QueueId>>,
    /// Kept, but may not sign in.
    pub disabled: bool,
    /// Their presence as they set it last, kept over restarts.
    pub status: String,
    /// For signing in with a password, hashed by the gateway.
    pub password_hash: Option<String>,
}

impl Account {
    /// A new one that may sign in, with nothing but its names.
    pub fn new(id: AdvisorId, name: &str, role: Role) -> Account {
        Account {
            id,
            name: name.to_owned(),
            role,
            skills: Vec::new(),
            langs: Vec::new(),
            capacity: 3,
            queues: None,
            disabled: false,
            status: String::from("offline"),
            password_hash: None,
        }
    }
}

/// The accounts' file.
#[derive(Debug)]
pub struct Accounts {
    connection: Connection,
}

impl Accounts {
    /// Opens or makes the accounts of a data folder.
    ///
    /// # Errors
    /// The folder cannot be written, or the file was written by a newer version.
    pub fn open(folder: &Path) -> Result<Accounts, LogError> {
        folder::make_private(folder)?;
        let path = folder.join(ACCOUNTS_FILE);
        let fault = LogError::sqlite("open the accounts");
        let connection = Connection::open(&path).map_err(&fault)?;
        connection.busy_timeout(BUSY).map_err(&fault)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(&fault)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(&fault)?;
        connection.pragma_update(None, "foreign_keys", "ON").map_err(&fault)?;
        // Two processes may make it at once: the look at the version is inside the transaction.
        connection.execute_batch("BEGIN IMMEDIATE").map_err(&fault)?;
        let made = make(&connection, &path);
        let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end).map_err(&fault)?;
        made.map(|()| Accounts { connection })
    }

    /// Adds an account.
    ///
    /// # Errors
    /// `Ok(false)` when there is one of that id; an error when the storage fails.
    pub fn add(&self, account: &Account) -> Result<bool, LogError> {
        self.write(
            account,
            "INSERT INTO accounts VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) ON CONFLICT DO NOTHING",
        )
    }

    /// Changes an account; its presence stays as it is stored.
    ///
    /// # Errors
    /// `Ok(false)` when there is none of that id; an error when the storage fails.
    pub fn update(&self, account: &Account) -> Result<bool, LogError> {
        let sql =
            "UPDATE accounts SET name = ?2, role = ?3, skills = ?4, langs = ?5, capacity = ?6, queues = ?7,
            disabled = ?8, status = coalesce(status, ?9), password_hash = ?10 WHERE id = ?1";
        self.write(account, sql)
    }

    /// Removes an account with its sign-ins; the log keeps what they did.
    ///
    /// # Errors
    /// The storage fails.
    pub fn remove(&self, id: &AdvisorId) -> Result<bool, LogError> {
        let sql = "DELETE FROM accounts WHERE id = ?1";
        self.connection
            .execute(sql, [id.as_str()])
            .map(|rows| rows > 0)
            .map_err(LogError::sqlite("remove an account"))
    }

    /// One account.
    ///
    /// # Errors
    /// The storage fails.
    pub fn get(&self, id: &AdvisorId) -> Result<Option<Account>, LogError> {
        let sql = "SELECT * FROM accounts WHERE id = ?1";
        self.connection
            .query_row(sql, [id.as_str()], account)
            .optional()
            .map_err(LogError::sqlite("read an account"))
    }

    /// All of them, by id.
    ///
    /// # Errors
    /// The storage fails.
    pub fn list(&self) -> Result<Vec<Account>, LogError> {
        let fault = LogError::sqlite("list the accounts");
        let sql = "SELECT * FROM accounts ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).map_err(&fault)?;
        let rows = statement.query_map([], account).map_err(&fault)?;
        rows.map(|row| row.map_err(&fault)).collect()
    }

    /// Keeps the presence that somebody set; no edit in the sense of [`Accounts::changed`].
    ///
    /// # Errors
    /// The storage fails.
    pub fn set_status(&self, id: &AdvisorId, status: &str) -> Result<(), LogError> {
        self.connection
            .execute("UPDATE accounts SET status = ?2 WHERE id = ?1", [id.as_str(), status])
            .map(|_| ())
            .map_err(LogError::sqlite("keep a presence"))
    }

    /// A number that grows with every edit of an account and every revoked sign-in, whichever process made it.
    ///
    /// # Errors
    /// The storage fails.
    pub fn changed(&self) -> Result<u64, LogError> {
        let sql = "SELECT number FROM revision";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)))
            .map(|number| number as u64)
            .map_err(LogError::sqlite("look for changed accounts"))
    }

    fn write(&self, account: &Account, sql: &str) -> Result<bool, LogError> {
        let queues = account.queues.as_ref().map(json);
        let row = (
            account.id.as_str(),
            &account.name,
            account.role.as_str(),
            json(&account.skills),
            json(&account.langs),
            account.capacity,
            queues,
            account.disabled,
            &account.status,
            &account.password_hash,
        );
        let rows = self.connection.execute(sql, row).map_err(LogError::sqlite("write an account"))?;
        Ok(rows > 0)
    }
}

fn make(connection: &Connection, path: &Path) -> Result<(), LogError> {
    let fault = LogError::sqlite("make the accounts");
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = pragma("user_version").map_err(&fault)?;
    if version > VERSION {
        return Err(LogError::Newer { path: path.to_path_buf(), found: version, known: VERSION });
    }
    if version == 0 {
        connection.execute_batch(TABLES).map_err(&fault)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(&fault)?;
        return connection.pragma_update(None, "user_version", VERSION).map_err(&fault);
    }
    let application = pragma("application_id").map_err(&fault)?;
    if application != APPLICATION_ID {
        let why = format!("its application id is {application:#x}");
        return Err(LogError::Foreign { path: path.to_path_buf(), why });
    }
    Ok(())
}

/// Names and small numbers always are JSON.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let id: String = row.get("id")?;
    let role: String = row.get("role")?;
    let queues: Option<String> = row.get("queues")?;
    Ok(Account {
        id: AdvisorId::new(&id).map_err(unreadable)?,
        name: row.get("name")?,
        role: if role == "supervisor" { Role::Supervisor } else { Role::Advisor },
        skills: serde_json::from_str(&row.get::<_, String>("skills")?).map_err(unreadable)?,
        langs: serde_json::from_str(&row.get::<_, String>("langs")?).map_err(unreadable)?,
        capacity: row.get("capacity")?,
        queues: queues.map(|queues| serde_json::from_str(&queues)).transpose().map_err(unreadable)?,
        disabled: row.get("disabled")?,
        status: row.get("status")?,
        password_hash: row.get("password_hash")?,
    })
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

#[cfg(test)]
mod tests;
