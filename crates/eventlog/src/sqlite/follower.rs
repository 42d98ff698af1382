//! The follower: brings the index and the full-text search up to the log's end, and writes the journal back, all off
//! the commit path.

use super::files::JOURNAL_PAGES;
use super::{Shared, files, index, read};
use crate::error::LogError;
use crate::log::Position;
use crate::search;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Events that one step gives to the full-text search, at most.
const SEARCH_STEP: usize = 4_096;

/// Events in the tail at which a step writes them into the index.
const INDEX_STEP: usize = 4_096;

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Events written into the index.
    pub indexed: usize,
    /// Events given to the full-text search.
    pub searched: usize,
}

impl Progress {
    /// Whether there was nothing to do.
    pub fn is_idle(&self) -> bool {
        self.indexed == 0 && self.searched == 0
    }
}

/// How far the derived files are behind the log, in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// The index; the tail in memory answers for these.
    pub index: u64,
    /// The full-text search; it does not find these yet.
    pub search: u64,
}

/// Brings the derived files up to date. Call [`Follower::step`] on a thread of its own: again at once while it does
/// something, and a little later (100 ms) when it did nothing.
#[derive(Debug)]
pub struct Follower {
    pub(super) shared: Arc<Shared>,
    log: Connection,
    pub(super) search: Connection,
    pub(super) folder: PathBuf,
}

impl Follower {
    pub(super) fn open(folder: &Path, epoch: &str, shared: Arc<Shared>) -> Result<Follower, LogError> {
        let (log, found) = files::open_log_to_read(folder)?;
        debug_assert_eq!(found, epoch, "the folder is held, and the log's epoch never changes");
        let search = files::open_search_to_feed(folder)?;
        Ok(Follower { shared, log, search, folder: folder.to_path_buf() })
    }

    /// Does a bounded part of what there is to do.
    ///
    /// # Errors
    /// A file cannot be written; what failed is tried again by the next step.
    pub fn step(&mut self) -> Result<Progress, LogError> {
        // The tail answers exactly as the index does; there is no hurry, and many at once cost less.
        let indexed = if self.tail() >= INDEX_STEP { self.shared.step()? } else { 0 };
        let searched = self.feed()?;
        if self.shared.journal.load(Ordering::Relaxed) >= JOURNAL_PAGES / 4 {
            self.shared.journal.store(0, Ordering::Relaxed);
            // Passive: waits for nobody, and nobody waits for it.
            self.log
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                .map_err(LogError::sqlite("write the log's journal back"))?;
        }
        Ok(Progress { indexed, searched })
    }

    /// Brings everything to the log's end.
    ///
    /// # Errors
    /// As [`Follower::step`].
    pub fn catch_up(&mut self) -> Result<(), LogError> {
        while self.shared.step()? > 0 {}
        while !self.step()?.is_idle() {}
        Ok(())
    }

    /// Gives back the memory that only much work needs: pages of the files that may be read again. For a moment at
    /// which there has been nothing to do for a while.
    ///
    /// # Errors
    /// The storage fails.
    pub fn rest(&mut self) -> Result<(), LogError> {
        let index = self.shared.index.lock().unwrap_or_else(PoisonError::into_inner);
        for connection in [&*index, &self.search, &self.log] {
            connection.execute_batch("PRAGMA shrink_memory").map_err(LogError::sqlite("give memory back"))?;
        }
        Ok(())
    }

    fn tail(&self) -> usize {
        let mut events = 0;
        self.shared.look(&mut |tail| events = tail.events());
        events
    }

    /// How far the derived files are behind.
    ///
    /// # Errors
    /// The storage fails.
    pub fn lag(&self) -> Result<Lag, LogError> {
        let (position, _) = index::stand(&self.search)?;
        Ok(Lag {
            index: self.tail() as u64,
            search: read::last_position(&self.log)?.saturating_sub(position),
        })
    }

    fn feed(&mut self) -> Result<usize, LogError> {
        let fault = LogError::sqlite("write the full-text search");
        let transaction = self.search.transaction().map_err(&fault)?;
        let (stand, _) = index::stand(&transaction)?;
        let mut last: Option<(Position, u32)> = None;
        let mut count = 0;
        read::scan(&self.log, stand + 1, SEARCH_STEP, |row| {
            count += 1;
            match row {
                Ok((position, sum, event)) => {
                    last = Some((position, sum));
                    search::feed(&transaction, position, &event)
                }
                Err(LogError::Damaged { position, .. }) => {
                    last = Some((position, read::sum_at(&self.log, position)?.unwrap_or_default()));
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })?;
        if let Some((position, sum)) = last {
            files::set_meta(&transaction, "position", position as i64)?;
            files::set_meta(&transaction, "sum", sum)?;
        }
        transaction.commit().map_err(&fault)?;
        Ok(count)
    }
}
