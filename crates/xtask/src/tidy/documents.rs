//! Generated documents are those that the types would give now, and hand-written ones speak of what is there.

use super::{Complaint, edges};
use crate::generate;
use crate::tree::Tree;

pub fn generated(tree: &Tree) -> Vec<Complaint> {
    let files = match generate::files() {
        Ok(files) => files,
        Err(why) => return vec![Complaint::of("crates/wire", why)],
    };
    files
        .into_iter()
        .filter(|(path, text)| tree.text(path) != text)
        .map(|(path, _)| Complaint::of(path, "is not what `cargo xtask generate` writes"))
        .collect()
}

/// Paths in back-quotes and links that lead below the root lead to something; every crate is in the architecture.
pub fn mentions(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = vec![];
    for document in ["ARCHITECTURE.md", "README.md", "CHANGELOG.md"] {
        let text = tree.text(document);
        if text.is_empty() {
            complaints.push(Complaint::of(document, "is missing"));
        }
        for (at, line) in text.lines().enumerate() {
            let quoted = line.split('`').skip(1).step_by(2);
            let linked = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            for path in quoted.chain(linked).filter(|path| is_ours(path)) {
                if !exists(tree, path) {
                    complaints.push(Complaint::at(document, at + 1, format!("{path} is not there")));
                }
            }
        }
    }
    let described = edges::table(tree);
    let named =
        tree.texts.keys().filter_map(|path| path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"));
    complaints.extend(
        named
            .filter(|name| described.iter().all(|row| row.name != *name))
            .map(|name| Complaint::of("ARCHITECTURE.md", format!("the table of edges lacks {name}"))),
    );
    complaints
}

/// Series that alerts and documents name are those that the program has: an alert on a name that nobody writes is
/// silent for ever.
pub fn series(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = vec![];
    let speak = |path: &&String| path.starts_with("deploy/") || path.ends_with(".md");
    let written =
        tree.text("crates/telemetry/src/series.rs").to_owned() + tree.text("crates/gateway/src/counters.rs");
    for path in tree.texts.keys().filter(speak) {
        for (at, line) in tree.text(path).lines().enumerate() {
            let unknown = named(line).filter(|name| !written.contains(base(name)));
            complaints.extend(
                unknown.map(|name| Complaint::at(path, at + 1, format!("{name} is no series of ours"))),
            );
        }
    }
    complaints
}

/// `relais_…` names in a line.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("relais_") && word.len() > "relais_".len())
}

/// The name as the table of series writes it.
fn base(name: &str) -> &str {
    let name = name.trim_start_matches("relais_");
    ["_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Whether this is a path below one of the root's folders.
fn is_ours(path: &str) -> bool {
    let folders = ["crates/", "config/", "tests/", "benches/", "deploy/", "docs/", ".ci/"];
    folders.iter().any(|folder| path.starts_with(folder)) && !path.contains(['*', '…', ' ', '<', '{'])
}

fn exists(tree: &Tree, path: &str) -> bool {
    let folder = format!("{}/", path.trim_end_matches('/'));
    tree.texts.contains_key(path)
        || tree.texts.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
        || crate::tree::root().join(path).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_nowhere_is_found() {
        let tree = Tree::of(&[
            ("README.md", "see `crates/bot/src/turn.rs`, [it](docs/gone.md) and `cargo test`\n"),
            ("ARCHITECTURE.md", "| crate | kind | may name |\n|---|---|---|\n| `bot` | core | – |\n"),
            ("CHANGELOG.md", "x\n"),
            ("crates/bot/Cargo.toml", ""),
            ("crates/bot/src/turn.rs", ""),
            ("crates/attic/Cargo.toml", ""),
        ]);
        let said: Vec<String> = mentions(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            ["README.md:1: docs/gone.md is not there", "ARCHITECTURE.md: the table of edges lacks attic"]
        );
    }

    #[test]
    fn a_series_that_nobody_writes_is_found() {
        let alert = "expr: rate(relais_append_seconds_bucket[5m]) > 1 and relais_gone == 0\n";
        let tree = Tree::of(&[
            ("deploy/alerts.yml", alert),
            ("crates/telemetry/src/series.rs", "    append_seconds: Histogram = …"),
        ]);
        assert_eq!(
            series(&tree),
            [Complaint::at("deploy/alerts.yml", 1, "relais_gone is no series of ours")]
        );
    }

    #[test]
    fn an_old_document_is_found() {
        let tree = Tree::of(&[("docs/asyncapi.json", "{}\n")]);
        assert!(generated(&tree).iter().any(|complaint| complaint.file == "docs/asyncapi.json"));
    }
}
