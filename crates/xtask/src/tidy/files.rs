//! What every file has: a header, a name that says something, nothing left for later.

use super::Complaint;
use crate::tree::Tree;

/// Names under which everything ends up.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "common", "core", "helper", "helpers", "misc", "shared", "stuff"];

/// Marks of work that was put off, in two parts so that this file does not find itself.
const UNFINISHED: [(&str, &str); 6] =
    [("FIX", "ME"), ("TO", "DO"), ("XX", "X"), ("to", "do!("), ("unimple", "mented!("), ("db", "g!(")];

pub fn headers(tree: &Tree) -> Vec<Complaint> {
    let rust = tree.texts.iter().filter(|(path, _)| path.ends_with(".rs"));
    rust.filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| Complaint::at(path, 1, "begins with `//!` and a sentence that says what it is"))
        .collect()
}

pub fn names(tree: &Tree) -> Vec<Complaint> {
    let stem = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    tree.texts
        .keys()
        .filter(|path| path.split('/').any(|name| EMPTY_NAMES.contains(&stem(name).as_str())))
        .map(|path| Complaint::of(path, "a noun is missing: such a name takes in everything"))
        .collect()
}

pub fn unfinished(tree: &Tree) -> Vec<Complaint> {
    let marks: Vec<String> = UNFINISHED.iter().map(|(a, b)| format!("{a}{b}")).collect();
    let written = [".rs", ".ts", ".tsx", ".mjs", ".css", ".toml", ".md", ".yml", ".html", ".service"];
    let mut complaints = vec![];
    for (path, text) in &tree.texts {
        if !written.iter().any(|ending| path.ends_with(ending)) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| stands_alone(line, mark)) {
                complaints.push(Complaint::at(path, at + 1, format!("`{mark}`: do it, or leave it out")));
            }
        }
    }
    complaints
}

fn stands_alone(line: &str, mark: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(mark).any(|(at, _)| {
        !letter(line[..at].chars().next_back())
            && (mark.ends_with('(') || !letter(line[at + mark.len()..].chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found() {
        let later = concat!("//! A thing.\n// TO", "DO: later\nfn f() { to", "do!() }\n");
        let tree = Tree::of(&[
            ("crates/a/src/good.rs", "//! A thing.\nstruct Mastodon;\n"),
            ("crates/a/src/bare.rs", "fn f() {}\n"),
            ("crates/a/src/utils.rs", "//! Things.\n"),
            ("crates/common/src/noun.rs", "//! A thing.\n"),
            ("crates/a/src/later.rs", later),
        ]);
        assert_eq!(
            headers(&tree),
            [Complaint::at("crates/a/src/bare.rs", 1, headers(&tree)[0].what.clone())]
        );
        let named: Vec<_> = names(&tree).into_iter().map(|c| c.file).collect();
        assert_eq!(named, ["crates/a/src/utils.rs", "crates/common/src/noun.rs"]);
        let lines: Vec<_> = unfinished(&tree).into_iter().map(|c| (c.file, c.line)).collect();
        assert_eq!(lines, [("crates/a/src/later.rs".to_owned(), 2), ("crates/a/src/later.rs".to_owned(), 3)]);
    }
}
