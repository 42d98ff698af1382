//! The tree speaks of itself alone: no path of somebody's machine, no host but the public ones.

use super::Complaint;
use crate::tree::Tree;

/// First folders of paths that exist on one machine and not on the next.
const FOLDERS: [&str; 5] = ["home", "Users", "root", "work", "workspace"];

/// Where the packages of the lock files may come from.
const REGISTRIES: [&str; 2] =
    ["https://registry.npmjs.org/", "registry+https://github.com/rust-lang/crates.io-index"];

/// Endings of hosts that only one network knows.
const INSIDE: [&str; 5] = [".internal", ".corp", ".intranet", ".lan", ".local"];

pub fn hosts(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = vec![];
    for (path, text) in &tree.texts {
        for (at, line) in text.lines().enumerate() {
            if let Some(folder) = FOLDERS.iter().find(|folder| is_path_below(line, folder)) {
                complaints.push(Complaint::at(
                    path,
                    at + 1,
                    format!("a path below /{folder} is one machine's"),
                ));
            }
            if let Some(host) = inside_host(line) {
                complaints.push(Complaint::at(path, at + 1, format!("{host} is one network's")));
            }
            if let Some(source) = source(path, line)
                && !REGISTRIES.iter().any(|registry| source.starts_with(registry))
            {
                complaints.push(Complaint::at(path, at + 1, format!("{source} is not a public registry")));
            }
        }
    }
    complaints
}

/// `/folder/name` where a path may begin: not in the middle of a longer one.
fn is_path_below(line: &str, folder: &str) -> bool {
    let needle = format!("/{folder}/");
    line.match_indices(&needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~*}/".contains(c))
            && after.is_some_and(|c| c.is_alphanumeric() || c == '.')
    })
}

fn inside_host(line: &str) -> Option<&str> {
    let hosts = line.split("://").skip(1);
    hosts
        .map(|rest| {
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).next().unwrap_or(rest)
        })
        .find(|host| INSIDE.iter().any(|ending| host.ends_with(ending)) || host.starts_with("10."))
}

/// The place that a lock file's line takes a package from.
fn source<'a>(path: &str, line: &'a str) -> Option<&'a str> {
    let line = line.trim();
    let quoted = |rest: &'a str| rest.split('"').next();
    match path.rsplit('/').next() {
        Some("package-lock.json") => line.strip_prefix("\"resolved\": \"").and_then(quoted),
        Some("Cargo.lock") => line.strip_prefix("source = \"").and_then(quoted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_and_what_looks_like_it_is_not() {
        let found = |path: &str, text: &str| hosts(&Tree::of(&[(path, text)])).len();
        assert_eq!(found("a.md", concat!("see /ho", "me/ada/relais\n")), 1);
        assert_eq!(found("a.md", concat!("`/wo", "rk/x`\n")), 1);
        assert_eq!(found("a.md", "https://example.org/home/page and src/work/order.rs\n"), 0);
        assert_eq!(found("a.md", concat!("https://npm.acme.co", "rp/x\n")), 1);
        assert_eq!(
            found("web/package-lock.json", concat!("  \"resolved\": \"https://npm.acme", ".org/x.tgz\",\n")),
            1
        );
        assert_eq!(
            found("web/package-lock.json", "  \"resolved\": \"https://registry.npmjs.org/x.tgz\",\n"),
            0
        );
        assert_eq!(found("Cargo.lock", concat!("source = \"git+https://acme", ".org/x\"\n")), 1);
    }
}
