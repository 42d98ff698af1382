//! The data folder: made with rights for its owner alone, and held by one process at a time.

use crate::error::LogError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Name of the file whose lock says who has the folder; it holds that process's id.
pub const LOCK_FILE: &str = "lock";

/// A data folder that this process has; dropped, it is free.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Held for its lock alone; the system frees it whatever way the process ends.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if need be (mode 0700) and takes it.
    ///
    /// # Errors
    /// [`LogError::InUse`] when another process has it, [`LogError::Folder`] when it cannot be made or written.
    pub fn take(path: &Path) -> Result<DataFolder, LogError> {
        make_private(path)?;
        let file = path.join(LOCK_FILE);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .map_err(|why| LogError::folder("write", &file, &why))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let pid = lock.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(LogError::InUse { folder: path.to_path_buf(), pid });
            }
            Err(TryLockError::Error(why)) => return Err(LogError::folder("lock", &file, &why)),
        }
        let pid = std::process::id();
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{pid}"))
            .map_err(|why| LogError::folder("write", &file, &why))?;
        Ok(DataFolder { path: path.to_path_buf(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the folder, and those above it, for its owner alone; an existing one is left as it is.
pub(crate) fn make_private(path: &Path) -> Result<(), LogError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|why| LogError::folder("make the data folder", path, &why))
}

/// Syncs the folder itself, so that a file that was made in it stays after a power cut.
pub(crate) fn sync(path: &Path) -> Result<(), LogError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|why| LogError::folder("sync", path, &why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_told_who_has_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataFolder::take(&path).unwrap();
        let refused = DataFolder::take(&path).unwrap_err();
        assert_eq!(refused, LogError::InUse { folder: path.clone(), pid: Some(std::process::id()) });
        let sentence = refused.to_string();
        assert!(sentence.contains(path.to_str().unwrap()) && sentence.contains("pid"), "{sentence}");
        drop(first);
        DataFolder::take(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        let _held = DataFolder::take(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
