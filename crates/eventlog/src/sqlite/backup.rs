//! Copies of a data folder, made while the server runs, and a new folder made from one.
//!
//! A copy is a data folder itself: `log.db`, `accounts.db`, the secrets, and where other copies are. What is derived is
//! made anew.

use super::{SqliteReader, files};
use crate::accounts::{ACCOUNTS_FILE, SECRETS};
use crate::error::LogError;
use crate::folder::{self, DataFolder};
use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the data folder remembers its copies, a path a line, for [`super::SqliteLog::erase`] to find them.
pub const COPIES_FILE: &str = "copies";

/// Pages copied at once, and the pause after them, in which others have the disk.
const PAGES: i32 = 4_096;
const PAUSE: Duration = Duration::from_millis(1);

impl SqliteReader {
    /// Copies the log as it is at one moment, the accounts and the secrets into the folder `to`, which must not be
    /// there or be empty. Appending goes on meanwhile. How many events the copy has.
    ///
    /// # Errors
    /// There is something in the folder already, or a file cannot be read or written.
    pub fn backup(&self, to: &Path) -> Result<u64, LogError> {
        folder::make_private(to)?;
        let to = to.canonicalize().map_err(|why| LogError::folder("find", to, &why))?;
        let mut entries = std::fs::read_dir(&to).map_err(|why| LogError::folder("read", &to, &why))?;
        if entries.next().is_some() {
            let why = String::from("there is something in it already; a copy wants a folder of its own");
            return Err(LogError::Folder { doing: "copy into", path: to, why });
        }
        // Remembered first: a copy that broke off holds people's words as well.
        remember(self.folder(), &to)?;
        // And told to the copy: whoever makes a folder from it has to reach the others too.
        hand_down(self.folder(), &to)?;
        copy(&self.log, &to.join(files::LOG_FILE))?;
        let accounts = self.folder().join(ACCOUNTS_FILE);
        if accounts.exists() {
            let from = files::reading(&accounts).map_err(LogError::sqlite("copy the accounts"))?;
            copy(&from, &to.join(ACCOUNTS_FILE))?;
        }
        copy_secrets(self.folder(), &to)?;
        let copied = files::open_copy(&to)?;
        files::mark_clean(&copied)?;
        super::read::last_position(&copied)
    }
}

/// Makes the data folder `folder`, where no log may be yet, from a copy. The log begins a new life: `fresh_epoch`
/// tells clients that what they saw after the copy was made is gone. How many events there are.
///
/// # Errors
/// There is a log already, the copy is none, or a file cannot be read or written.
pub fn restore(copy_of: &Path, folder: &Path, fresh_epoch: &str) -> Result<u64, LogError> {
    let held = DataFolder::take(folder)?;
    let log = held.path().join(files::LOG_FILE);
    if log.exists() {
        let why = String::from("there is a log in it already");
        return Err(LogError::Folder { doing: "restore into", path: folder.to_path_buf(), why });
    }
    // The log last: a restore that broke off is none, and can be tried again.
    let accounts = copy_of.join(ACCOUNTS_FILE);
    if accounts.exists() {
        let from = files::reading(&accounts).map_err(LogError::sqlite("restore the accounts"))?;
        copy(&from, &held.path().join(ACCOUNTS_FILE))?;
    }
    copy_secrets(copy_of, held.path())?;
    // The copy stays, and holds people's words: whoever is erased in the new folder is to be erased there as well.
    hand_down(copy_of, held.path())?;
    let copied = copy_of.canonicalize().map_err(|why| LogError::folder("find", copy_of, &why))?;
    remember(held.path(), &copied)?;
    let (from, _) = files::open_log_to_read(copy_of)?;
    let aside = held.path().join("restoring.db");
    copy(&from, &aside)?;
    let made = Connection::open(&aside).map_err(LogError::sqlite("restore the log"))?;
    files::set_meta(&made, "epoch", fresh_epoch)?;
    let events = super::read::last_position(&made)?;
    // Its journal is written back and removed by closing it.
    made.close().map_err(|(_, error)| LogError::sqlite("restore the log")(error))?;
    std::fs::rename(&aside, &log).map_err(|why| LogError::folder("make", &log, &why))?;
    folder::sync(held.path())?;
    Ok(events)
}

/// The copies that were made of this folder.
pub fn copies(folder: &Path) -> Result<Vec<PathBuf>, LogError> {
    let path = folder.join(COPIES_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect()),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(why) => Err(LogError::folder("read", &path, &why)),
    }
}

fn remember(folder: &Path, copy: &Path) -> Result<(), LogError> {
    let path = folder.join(COPIES_FILE);
    let Some(text) = copy.to_str().filter(|text| !text.contains('\n')) else {
        let why = String::from("its name is not plain text, and could not be remembered");
        return Err(LogError::Folder { doing: "copy into", path: copy.to_path_buf(), why });
    };
    if copies(folder)?.iter().any(|known| known == copy) {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    options
        .open(&path)
        .and_then(|mut file| writeln!(file, "{text}").and_then(|()| file.sync_all()))
        .map_err(|why| LogError::folder("write", &path, &why))
}

/// What `from` remembers of copies, `to` remembers too, but for itself.
fn hand_down(from: &Path, to: &Path) -> Result<(), LogError> {
    for copy in copies(from)?.iter().filter(|copy| *copy != to) {
        remember(to, copy)?;
    }
    Ok(())
}

/// Copies a file of SQLite as it is at one moment.
fn copy(from: &Connection, to: &Path) -> Result<(), LogError> {
    let fault = LogError::sqlite("make a copy");
    let mut made = Connection::open(to).map_err(&fault)?;
    // One moment: what is appended meanwhile is not seen, and does not make the copy begin again.
    from.execute_batch("BEGIN").map_err(&fault)?;
    let copied = (|| {
        from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Backup::new(from, &mut made)?.run_to_completion(PAGES, PAUSE, None)
    })();
    let ended = from.execute_batch("COMMIT");
    copied.and(ended).map_err(&fault)?;
    made.close().map_err(|(_, error)| LogError::sqlite("make a copy")(error))
}

fn copy_secrets(from: &Path, to: &Path) -> Result<(), LogError> {
    let (from, to) = (from.join(SECRETS), to.join(SECRETS));
    if !from.exists() {
        return Ok(());
    }
    folder::make_private(&to)?;
    let entries = std::fs::read_dir(&from).map_err(|why| LogError::folder("read", &from, &why))?;
    for entry in entries {
        let entry = entry.map_err(|why| LogError::folder("read", &from, &why))?;
        let target = to.join(entry.file_name());
        // The rights come along.
        std::fs::copy(entry.path(), &target).map_err(|why| LogError::folder("write", &target, &why))?;
    }
    folder::sync(&to)
}
