//! Readers: connections that read only, on any thread, beside the log's owner and never waiting for it.

use super::Shared;
use super::files;
use super::index;
use super::read::{self, Look, Sources};
use super::tail::{Part, Tail};
use crate::error::LogError;
use crate::log::Position;
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// Reads the log; on any thread, beside the log's owner and never waiting for it.
#[derive(Debug)]
pub struct SqliteReader {
    pub(super) log: Connection,
    pub(super) index: Connection,
    search: Option<Connection>,
    folder: PathBuf,
    pub(super) epoch: String,
    tail: Source,
}

/// Where a reader has the log's tail from.
#[derive(Debug)]
enum Source {
    /// In the process of the log's owner: the owner's.
    Shared(Arc<Shared>),
    /// Elsewhere: gathered from the log by every look.
    Own(RefCell<Own>),
}

#[derive(Debug, Default)]
struct Own {
    /// Where the index stood.
    base: Position,
    tail: Tail,
}

/// Events in one gathering of a reader of its own.
const GATHER: usize = 65_536;

impl SqliteReader {
    /// Opens the log of a data folder for reading, from a process that does not own it.
    ///
    /// # Errors
    /// There is no log, or it cannot be read.
    pub fn open(folder: &Path) -> Result<SqliteReader, LogError> {
        SqliteReader::with(folder, Source::Own(RefCell::default()))
    }

    pub(super) fn beside(folder: &Path, shared: Arc<Shared>) -> Result<SqliteReader, LogError> {
        SqliteReader::with(folder, Source::Shared(shared))
    }

    fn with(folder: &Path, tail: Source) -> Result<SqliteReader, LogError> {
        let (log, epoch) = files::open_log_to_read(folder)?;
        let index = files::open_index_to_read(folder, &epoch)?;
        let search = files::open_search_to_read(folder);
        Ok(SqliteReader { log, index, search, folder: folder.to_path_buf(), epoch, tail })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn reading<T>(
        &self,
        read: impl FnOnce(&Sources<'_>) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        match &self.tail {
            Source::Shared(shared) => read(&self.sources(&|look| shared.look(look))),
            Source::Own(own) => {
                self.refresh(&mut own.borrow_mut())?;
                read(&self.sources(&|look| look(&own.borrow().tail)))
            }
        }
    }

    fn sources<'a>(&'a self, tail: &'a Look<'a>) -> Sources<'a> {
        Sources { log: &self.log, index: &self.index, search: self.search.as_ref(), tail }
    }

    /// Gathers what came since the last look; all anew where the index has moved on.
    fn refresh(&self, own: &mut Own) -> Result<(), LogError> {
        let (base, _) = index::stand(&self.index)?;
        if base != own.base {
            *own = Own { base, tail: Tail::default() };
        }
        let mut after = own.tail.fresh.last.max(base);
        let mut damaged = Vec::new();
        while read::gather(&self.log, after, GATHER, &mut own.tail.fresh, &mut damaged)? {
            after = own.tail.fresh.last;
        }
        Ok(())
    }
}

impl Shared {
    pub(super) fn look(&self, look: &mut dyn FnMut(&Tail)) {
        look(&self.tail.read().unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes what the tail holds into the index; how many events that were.
    pub(super) fn step(&self) -> Result<usize, LogError> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let part = {
            let mut tail = self.tail.write().unwrap_or_else(PoisonError::into_inner);
            // What a failed step left behind is tried again first.
            if tail.flushing.is_none() && tail.fresh.events > 0 {
                let fresh: Part = std::mem::take(&mut tail.fresh);
                tail.flushing = Some(Arc::new(fresh));
            }
            tail.flushing.clone()
        };
        let Some(part) = part else { return Ok(0) };
        index::write(&mut index, &part)?;
        self.tail.write().unwrap_or_else(PoisonError::into_inner).flushing = None;
        Ok(part.events)
    }
}
