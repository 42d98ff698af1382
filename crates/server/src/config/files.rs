//! Where configuration comes from: a folder on disk, or what the binary carries.

use std::path::{Path, PathBuf};

const CARRIED: &[(&str, &str)] = &[
    ("relais.toml", include_str!("../../../../config/relais.toml")),
    ("demo.toml", include_str!("../../../../config/demo.toml")),
    ("bots/shop.toml", include_str!("../../../../config/bots/shop.toml")),
];

/// A configuration file and those beside it.
#[derive(Clone, Debug)]
pub enum Files {
    /// On disk: the main file.
    Disk(PathBuf),
    /// In the binary: the main file's name.
    Carried(&'static str),
}

impl Files {
    /// The main file's name, for people.
    pub fn name(&self) -> String {
        match self {
            Files::Disk(path) => path.display().to_string(),
            Files::Carried(name) => format!("config/{name}"),
        }
    }

    /// The main file, where there is one on disk.
    pub fn on_disk(&self) -> Option<&Path> {
        match self {
            Files::Disk(path) => Some(path),
            Files::Carried(_) => None,
        }
    }

    /// The main file's text.
    ///
    /// # Errors
    /// It cannot be read; the sentence names it.
    pub fn main(&self) -> Result<String, String> {
        match self {
            Files::Disk(path) => read(path),
            Files::Carried(name) => carried(name),
        }
    }

    /// The name for people and the text of a file beside the main one.
    ///
    /// # Errors
    /// It cannot be read, or its name leads out of the folder.
    pub fn beside(&self, name: &str) -> Result<(String, String), String> {
        match self {
            Files::Disk(main) => {
                let plain =
                    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
                if !plain {
                    return Err(format!("{name:?} must be a path beside {}", main.display()));
                }
                let path = main.parent().unwrap_or(Path::new(".")).join(name);
                read(&path).map(|text| (path.display().to_string(), text))
            }
            Files::Carried(_) => carried(name).map(|text| (format!("config/{name}"), text)),
        }
    }

    /// The files in the same folder as a file beside the main one, as their names would be written.
    pub fn neighbours(&self, name: &str) -> Vec<String> {
        let Files::Disk(main) = self else {
            return CARRIED.iter().map(|(name, _)| (*name).to_owned()).collect();
        };
        let inner = Path::new(name).parent().unwrap_or(Path::new(""));
        let folder = main.parent().unwrap_or(Path::new(".")).join(inner);
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        entries.flatten().map(|entry| inner.join(entry.file_name()).display().to_string()).collect()
    }

    /// The lexicons beside the main file: names and texts; none where there is no folder of them.
    ///
    /// # Errors
    /// One cannot be read; the sentence names it. (The embedded ones in its stead would be heard by nobody.)
    pub fn lexicons(&self) -> Result<Vec<(String, String)>, String> {
        let Files::Disk(main) = self else { return Ok(Vec::new()) };
        let folder = main.parent().unwrap_or(Path::new(".")).join("lexicon");
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
        paths.sort();
        paths.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect()
    }

    /// Everything whose change is a reason to read again; `named` are files beside the main one that it names.
    pub fn watched<'a>(&self, named: impl Iterator<Item = &'a String>) -> Vec<PathBuf> {
        let Files::Disk(main) = self else { return Vec::new() };
        let folder = main.parent().unwrap_or(Path::new("."));
        let mut all = vec![main.clone()];
        all.extend(named.map(|name| folder.join(name)));
        for inner in ["bots", "lexicon"] {
            if let Ok(entries) = std::fs::read_dir(folder.join(inner)) {
                all.extend(entries.flatten().map(|entry| entry.path()));
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

/// A file's text.
///
/// # Errors
/// It cannot be read; the sentence says why, in words.
pub fn read(path: &Path) -> Result<String, String> {
    use std::io::ErrorKind;
    std::fs::read_to_string(path).map_err(|error| {
        let name = path.display();
        match error.kind() {
            ErrorKind::NotFound => format!("there is no file {name}"),
            ErrorKind::IsADirectory => format!("{name} is a folder; a file is needed"),
            ErrorKind::PermissionDenied => format!("{name} may not be read by this user"),
            ErrorKind::InvalidData => format!("{name} is no text in UTF-8"),
            _ => format!("{name} cannot be read: {error}"),
        }
    })
}

fn carried(name: &str) -> Result<String, String> {
    CARRIED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| (*text).to_owned())
        .ok_or_else(|| format!("there is no {name:?} in the configuration that the binary carries"))
}
