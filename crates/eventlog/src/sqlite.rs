//! The embedded log: SQLite in WAL mode, synced on every commit.
//!
//! Three files: `log.db` is the truth, `index.db` and `search.db` are derived from it, follow it, and are built anew
//! when they are missing. [`SqliteLog`] appends, and there is one; [`SqliteReader`] reads, and there may be many, each
//! on its own thread; the [`Follower`] brings the derived files up to date, on a thread of its own.

mod append;
mod backup;
mod files;
mod follower;
mod forget;
mod index;
mod known;
mod read;
mod reader;
mod schema;
mod tail;
mod verify;
mod wal;

pub use backup::{COPIES_FILE, restore};
pub use files::{INDEX_FILE, LOG_FILE, SEARCH_FILE};
pub use follower::{Follower, Lag, Progress};
pub use forget::{FORGET_AT_ONCE, Forgotten};
pub use reader::SqliteReader;
pub use verify::{PROBLEMS, Verified};

use crate::error::LogError;
use crate::folder::DataFolder;
use crate::log::{EventLog, Found, History, Opened, Position};
use crate::summary::Summary;
use conversation::{Cid, ConversationId, CustomerId, Event, Millis, Seq};
use known::Known;
use rusqlite::Connection;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tail::Tail;

/// Events in the tail at which an append brings the index up to date itself, should no [`Follower`] have done it.
pub const TAIL_EVENTS: usize = 65_536;

/// Events in the tail at which an append is refused, because the index could not be written for long.
pub const TAIL_LIMIT: usize = 16 * TAIL_EVENTS;

/// What the owner, its readers and its follower share.
#[derive(Debug)]
struct Shared {
    tail: RwLock<Tail>,
    /// The one connection that writes the index.
    index: Mutex<Connection>,
    /// About how many pages of the journal were written since the follower wrote them back.
    journal: AtomicUsize,
}

/// The log on SQLite, as the one owner of its folder.
#[derive(Debug)]
pub struct SqliteLog {
    log: Connection,
    index: Connection,
    search: Option<Connection>,
    shared: Arc<Shared>,
    known: Known,
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
    /// damaged beyond reading.
    pub fn open(folder: &Path, fresh_epoch: &str) -> Result<(SqliteLog, Opened), LogError> {
        let folder = DataFolder::take(folder)?;
        let files = files::open(folder.path(), fresh_epoch)?;
        let log = SqliteLog {
            log: files.log,
            index: files::open_index_to_read(folder.path(), &files.epoch)?,
            search: files::open_search_to_read(folder.path()),
            shared: Arc::new(Shared {
                tail: RwLock::default(),
                index: Mutex::new(files.index),
                journal: AtomicUsize::new(0),
            }),
            known: Known::default(),
            epoch: files.epoch,
            last: files.last,
            poisoned: None,
            body: Vec::new(),
            folder,
        };
        Ok((log, files.opened))
    }

    /// Another connection, for reading on another thread.
    ///
    /// # Errors
    /// The files cannot be opened again.
    pub fn reader(&self) -> Result<SqliteReader, LogError> {
        SqliteReader::beside(self.folder.path(), Arc::clone(&self.shared))
    }

    /// What brings the index and the full-text search up to date; for a thread of its own.
    ///
    /// # Errors
    /// The files cannot be opened again.
    pub fn follower(&self) -> Result<Follower, LogError> {
        Follower::open(self.folder.path(), &self.epoch, Arc::clone(&self.shared))
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn reading<T>(
        &self,
        read: impl FnOnce(&read::Sources<'_>) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        read(&read::Sources {
            log: &self.log,
            index: &self.index,
            search: self.search.as_ref(),
            tail: &|look| self.shared.look(look),
        })
    }

    /// Keeps the tail within its limits; an error is a refusal, before anything is written.
    fn make_room(&mut self, events: usize) -> Result<(), LogError> {
        let tail = self.shared.tail.read().unwrap_or_else(PoisonError::into_inner).events();
        if tail < TAIL_EVENTS {
            return Ok(());
        }
        match self.shared.step() {
            Err(error) if tail + events > TAIL_LIMIT => Err(LogError::Full { why: error.to_string() }),
            _ => Ok(()),
        }
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // After a failed write what is on disk is not known, and the next start must look.
        if self.poisoned.is_none() {
            while self.shared.step().is_ok_and(|events| events > 0) {}
            let _ = files::mark_clean(&self.log);
        }
    }
}

impl EventLog for SqliteLog {
    fn append(&mut self, batch: &[Event]) -> Result<Position, LogError> {
        if let Some(why) = &self.poisoned {
            return Err(LogError::Poisoned { why: why.clone() });
        }
        if batch.is_empty() {
            return Ok(self.last);
        }
        self.make_room(batch.len())?;
        // Nothing is written by what comes before this: its errors leave the log as it was.
        let mut known = std::mem::take(&mut self.known);
        let checked = self.reading(|sources| known.check(batch, sources));
        self.known = known;
        checked?;
        let written = append::append(&self.log, self.last, batch, &mut self.body);
        let written = match written {
            Ok(written) => written,
            Err(error) => {
                if !error.is_refusal() {
                    self.poisoned = Some(error.to_string());
                }
                return Err(error);
            }
        };
        self.known.take(batch);
        self.shared.journal.fetch_add(2 + written.bytes / 4_096, Ordering::Relaxed);
        let mut tail = self.shared.tail.write().unwrap_or_else(PoisonError::into_inner);
        for (event, sum) in batch.iter().zip(written.sums) {
            self.last += 1;
            tail.fresh.take(self.last, sum, event);
        }
        Ok(self.last)
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
                self.reading(|sources| sources.conversation(conversation, after))
            }
            fn read_from(
                &self,
                position: Position,
                limit: usize,
            ) -> Result<Vec<(Position, Event)>, LogError> {
                read::from(&self.log, position, limit)
            }
            fn last_position(&self) -> Result<Position, LogError> {
                read::last_position(&self.log)
            }
            fn seq_of(&self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError> {
                self.reading(|sources| sources.seq_of(conversation, cid))
            }
            fn open_conversations(&self) -> Result<Vec<ConversationId>, LogError> {
                self.reading(|sources| sources.open_conversations())
            }
            fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, LogError> {
                self.reading(|sources| sources.summary(conversation))
            }
            fn of_customer(
                &self,
                customer: &CustomerId,
                before: Millis,
                limit: usize,
            ) -> Result<Vec<Summary>, LogError> {
                self.reading(|sources| sources.of_customer(customer, before, limit))
            }
            fn between(&self, from: Millis, to: Millis, limit: usize) -> Result<Vec<Summary>, LogError> {
                self.reading(|sources| sources.between(from, to, limit))
            }
            fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, LogError> {
                self.reading(|sources| sources.search(words, limit))
            }
        }
    };
}

history!(SqliteLog);
history!(SqliteReader);

#[cfg(test)]
mod tests;
