//! Why the log refuses or fails, each in a sentence that an operator can act on.

use crate::log::Position;
use conversation::{Cid, ConversationId, Seq};
use std::path::{Path, PathBuf};

/// Why the log refuses or fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Another process has the folder.
    #[error("the data folder {} is in use by another process{}; one process per data folder", folder.display(), pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Who has it, if it could be read.
        pid: Option<u32>,
    },
    /// The folder or a file in it cannot be made, read or written.
    #[error("cannot {doing} {}: {why}", path.display())]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The file was written by a newer version.
    #[error("{} has format {found}, this version of Relais knows formats up to {known}: use a newer version, or restore a backup", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// The file is an SQLite file of something else, or no SQLite file at all.
    #[error("{} is not a file of Relais: {why}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it seems to be.
        why: String,
    },
    /// An event does not stand at the next place of its conversation.
    #[error(
        "event {got} of conversation {conversation} came where {expected} must come; nothing was written"
    )]
    WrongSeq {
        /// Whose.
        conversation: ConversationId,
        /// The next in line.
        expected: Seq,
        /// What came.
        got: Seq,
    },
    /// The `cid` is an event already (law 10).
    #[error("cid {:?} of conversation {conversation} is event {seq} already; nothing was written", cid.chosen())]
    RepeatedCid {
        /// Whose.
        conversation: ConversationId,
        /// Which.
        cid: Cid,
        /// The event that it became.
        seq: Seq,
    },
    /// The event could not be read again, were it written.
    #[error("event {seq} of conversation {conversation} cannot be written: {why}")]
    Unwritable {
        /// Whose.
        conversation: ConversationId,
        /// Where.
        seq: Seq,
        /// What is wrong.
        why: String,
    },
    /// No room: nothing was written, and a later append may succeed.
    #[error("the disk is full; nothing was written ({why})")]
    Full {
        /// What the storage says.
        why: String,
    },
    /// A write or sync failed before; what is on disk is unknown until the log is opened anew.
    #[error("the log accepts nothing more since a write failed ({why}); restart to go on")]
    Poisoned {
        /// What failed.
        why: String,
    },
    /// A row is not what was written.
    #[error("event {position} of the log cannot be read: {why}; see `relais log verify`")]
    Damaged {
        /// Where in the log.
        position: Position,
        /// What is wrong with it.
        why: String,
    },
    /// The storage fails.
    #[error("cannot {doing}: {why}")]
    Storage {
        /// What was tried.
        doing: &'static str,
        /// What the storage says.
        why: String,
    },
}

impl LogError {
    /// Whether the log may take a later batch: the caller's data was refused, or there was no room.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            LogError::WrongSeq { .. }
                | LogError::RepeatedCid { .. }
                | LogError::Unwritable { .. }
                | LogError::Full { .. }
        )
    }

    pub(crate) fn folder(doing: &'static str, path: &Path, why: &std::io::Error) -> LogError {
        LogError::Folder { doing, path: path.to_path_buf(), why: why.to_string() }
    }

    /// Turns what SQLite says into one of ours.
    pub(crate) fn sqlite(doing: &'static str) -> impl Fn(rusqlite::Error) -> LogError {
        move |error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => LogError::Full { why: error.to_string() },
            _ => LogError::Storage { doing, why: error.to_string() },
        }
    }
}
