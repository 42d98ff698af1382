//! The checkout: its root, its files with their texts, and what cargo knows about its packages.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A file over this size is not source, whatever its name says.
const TEXT_BYTES_MAX: u64 = 4 << 20;

/// The folder with the workspace's `Cargo.toml`: that of the checkout which cargo runs us for, else that which we were
/// built from.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let package =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&package).ancestors().nth(2).expect("crates/xtask has a root above it").to_owned()
    })
}

/// The cargo that runs us.
pub fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The files of a checkout that git would keep, by path from the root, with `/` between names.
pub struct Tree {
    /// Texts; a file that is no UTF-8 has none and is not here.
    pub texts: BTreeMap<String, String>,
    root: PathBuf,
    metadata: OnceLock<Result<Value, String>>,
}

impl Tree {
    /// The checkout that this program was built from.
    pub fn here() -> Self {
        let root = root().to_owned();
        let texts = listed(&root)
            .into_iter()
            .filter(|path| {
                fs::metadata(root.join(path)).is_ok_and(|m| m.is_file() && m.len() <= TEXT_BYTES_MAX)
            })
            .filter_map(|path| fs::read_to_string(root.join(&path)).ok().map(|text| (path, text)))
            .collect();
        Self { texts, root, metadata: OnceLock::new() }
    }

    /// A tree of these files alone, for the tests of the rules.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { texts, root: root().to_owned(), metadata: OnceLock::new() }
    }

    /// The text of a file, empty where there is none.
    pub fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    /// Writes a file below the root, and its folder where that is missing.
    pub fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|e| format!("{}: {e}", path.display()))
    }

    /// `cargo metadata` with the resolved graph.
    pub fn metadata(&self) -> Result<&Value, String> {
        let found = self.metadata.get_or_init(|| {
            let output = Command::new(cargo())
                .args(["metadata", "--format-version", "1", "--locked"])
                .current_dir(&self.root)
                .output()
                .map_err(|e| format!("cargo did not start: {e}"))?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
            }
            serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))
        });
        found.as_ref().map_err(String::clone)
    }
}

/// What git tracks or would track; without git, all but what is built.
fn listed(root: &Path) -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output();
    if let Ok(output) = git
        && output.status.success()
    {
        let names = String::from_utf8_lossy(&output.stdout);
        return names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    }
    let mut found = vec![];
    walk(root, root, &mut found);
    found
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if ["target", "node_modules", ".git"].iter().any(|built| name == *built) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, found);
        } else if let Ok(inside) = path.strip_prefix(root) {
            let names: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
            found.push(names.join("/"));
        }
    }
}
