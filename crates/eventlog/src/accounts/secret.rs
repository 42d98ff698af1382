//! The server's own secrets (keys that sign tokens), each a file of 32 bytes that its owner alone may read.

use crate::error::LogError;
use crate::folder;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The folder of the secrets in the data folder.
pub(crate) const SECRETS: &str = "secrets";

/// The secret called `name`, made of `fresh` (random bytes) if there is none yet. Of two processes that make it at
/// once both get the same one.
///
/// # Errors
/// The name is no plain word, the file cannot be made or read, or it is not 32 bytes long.
pub fn secret(folder: &Path, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], LogError> {
    let secrets = folder.join(SECRETS);
    let path = secrets.join(name);
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if !plain {
        let why = String::from("a secret's name is lower-case letters and dashes");
        return Err(LogError::Folder { doing: "name a secret", path, why });
    }
    folder::make_private(&secrets)?;
    match read(&path) {
        Err(why) if why.kind() == ErrorKind::NotFound => {}
        found => return found.map_err(|why| LogError::folder("read the secret", &path, &why)),
    }
    // Written aside and linked in place whole: nobody ever reads half a secret, and the first link wins.
    let aside = secrets.join(format!(".{name}.{}", std::process::id()));
    let made = write(&aside, &fresh).and_then(|()| match std::fs::hard_link(&aside, &path) {
        Err(why) if why.kind() != ErrorKind::AlreadyExists => Err(why),
        _ => Ok(()),
    });
    let _ = std::fs::remove_file(&aside);
    made.map_err(|why| LogError::folder("make the secret", &path, &why))?;
    folder::sync(&secrets)?;
    read(&path).map_err(|why| LogError::folder("read the secret", &path, &why))
}

fn read(path: &Path) -> std::io::Result<[u8; 32]> {
    let bytes = std::fs::read(path)?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| {
        std::io::Error::new(ErrorKind::InvalidData, format!("it has {length} bytes, a secret has 32"))
    })
}

fn write(path: &Path, secret: &[u8; 32]) -> std::io::Result<()> {
    let _ = std::fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret)?;
    file.sync_all()
}
