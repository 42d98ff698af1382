//! The embedded log: one SQLite file in WAL mode, synced on every commit.
//!
//! [`SqliteLog`] appends, and there is one; [`SqliteReader`] reads, and there may be many, each on its own thread.

mod append;
mod files;
mod read;
mod schema;

pub use files::LOG_FILE;
pub use read::SqliteReader;

use crate::error::LogError;
use crate::folder::DataFolder;
use crate::log::{EventLog, History, Opened, Position};
use crate::summary::Summary;
use conversation::{Cid, ConversationId, CustomerId, Event, Millis, Seq};
use rusqlite::Connection;
use std::path::Path;

/// The log on SQLite, as the one owner of its folder.
#[derive(Debug)]
pub struct SqliteLog {
    connection: Connection,
    epoch: String,
    last: Position,
    /// Why nothing more is accepted, once a write has failed.
    poisoned: Option<String>,
    /// Bodies of one batch are written here, one after the other.
    body: Vec<u8>,
    // Dropped last: the folder is free only when the files are closed.
    folder: DataFolder,
}

impl SqliteLog {
    /// Opens the log in `folder`, which is made if need be. `fresh_epoch` is random text that names the log's life,
    /// used if there is no log yet.
    ///
    /// # Errors
    /// Another process has the folder, it cannot be written, the file was written by a newer version, or it is
    /// damaged.
    pub fn open(folder: &Path, fresh_epoch: &str) -> Result<(SqliteLog, Opened), LogError> {
        let folder = DataFolder::take(folder)?;
        let (connection, epoch, opened, last) = files::open_writer(folder.path(), fresh_epoch)?;
        let log = SqliteLog { connection, epoch, last, poisoned: None, body: Vec::new(), folder };
        Ok((log, opened))
    }

    /// Another connection, for reading on another thread.
    ///
    /// # Errors
    /// The file cannot be opened again.
    pub fn reader(&self) -> Result<SqliteReader, LogError> {
        SqliteReader::open(self.folder.path())
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // After a failed write what is on disk is not known, and the next start must look.
        if self.poisoned.is_none() {
            let _ = files::mark_clean(&self.connection);
        }
    }
}

impl EventLog for SqliteLog {
    fn append(&mut self, batch: &[Event]) -> Result<Position, LogError> {
        if let Some(why) = &self.poisoned {
            return Err(LogError::Poisoned { why: why.clone() });
        }
        match append::append(&self.connection, self.last, batch, &mut self.body) {
            Ok(last) => {
                self.last = last;
                Ok(last)
            }
            Err(error) => {
                if !error.is_refusal() {
                    self.poisoned = Some(error.to_string());
                }
                Err(error)
            }
        }
    }
}

/// Both the log and its readers read alike.
macro_rules! history {
    ($type:ty) => {
        impl History for $type {
            fn epoch(&self) -> &str {
                &self.epoch
            }
            fn read(&self, conversation: ConversationId, after: Seq) -> Result<Vec<Event>, LogError> {
                read::conversation(&self.connection, conversation, after)
            }
            fn read_from(
                &self,
                position: Position,
                limit: usize,
            ) -> Result<Vec<(Position, Event)>, LogError> {
                read::from(&self.connection, position, limit)
            }
            fn last_position(&self) -> Result<Position, LogError> {
                read::last_position(&self.connection)
            }
            fn seq_of(&self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError> {
                read::seq_of(&self.connection, conversation, cid)
            }
            fn open_conversations(&self) -> Result<Vec<ConversationId>, LogError> {
                read::open_conversations(&self.connection)
            }
            fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, LogError> {
                read::summary(&self.connection, conversation)
            }
            fn of_customer(
                &self,
                customer: &CustomerId,
                before: Millis,
                limit: usize,
            ) -> Result<Vec<Summary>, LogError> {
                read::of_customer(&self.connection, customer, before, limit)
            }
            fn between(&self, from: Millis, to: Millis, limit: usize) -> Result<Vec<Summary>, LogError> {
                read::between(&self.connection, from, to, limit)
            }
        }
    };
}

history!(SqliteLog);
history!(SqliteReader);

#[cfg(test)]
mod tests;
