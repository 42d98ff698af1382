//! The rules that the tree is held to. Each is a function from the tree to its complaints, and each has a test that
//! holds the real tree to it and a test that shows what it catches.
//!
//! A rule that cannot be met everywhere at once is a ratchet: what is there may shrink, never grow.

mod calls;
mod documents;
mod edges;
mod files;
mod hosts;
mod languages;
mod lengths;

use crate::tree::Tree;
use std::fmt;

/// Something that a rule does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Path from the root.
    pub file: String,
    /// Counted from 1; 0 where it is the whole file.
    pub line: usize,
    pub what: String,
}

impl Complaint {
    fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }

    fn of(file: &str, what: impl Into<String>) -> Self {
        Self::at(file, 0, what)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}:{line}: {}", self.file, self.what),
        }
    }
}

type Rule = fn(&Tree) -> Vec<Complaint>;

/// Every rule by name.
pub const RULES: [(&str, Rule); 15] = [
    ("edges between crates", edges::edges),
    ("cores without a runtime below them", edges::runtimes),
    ("a reason for every dependency", edges::reasons),
    ("the workspace's lints in every crate", edges::lints),
    ("banned calls in cores", calls::calls),
    ("unsafe only in the dispatcher", calls::unsafe_code),
    ("a header in every file", files::headers),
    ("names that say something", files::names),
    ("nothing unfinished", files::unfinished),
    ("no more long files", lengths::lengths),
    ("no place of work in the tree", hosts::hosts),
    ("both languages", languages::languages),
    ("generated files are current", documents::generated),
    ("documents speak of what is there", documents::mentions),
    ("alerts name series that exist", documents::series),
];

/// All complaints of all rules.
pub fn check(tree: &Tree) -> Vec<Complaint> {
    RULES.iter().flat_map(|(_, rule)| rule(tree)).collect()
}

/// Rust files of a crate's own program, not of its tests, with their texts.
fn sources<'a>(tree: &'a Tree, krate: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let folder = format!("crates/{krate}/src/");
    tree.texts
        .iter()
        .filter(move |(path, _)| path.starts_with(&folder) && path.ends_with(".rs"))
        .map(|(path, text)| (path.as_str(), text.as_str()))
}

/// The lines of a Rust file that are program: numbered, without comments, and only up to its tests.
///
/// Tests stand in a module behind `#[cfg(test)]`, at the end of a file or in a file of their own whose name ends in
/// `tests.rs`; both are left out.
fn program<'a>(path: &str, text: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let own_tests = path.ends_with("tests.rs") || path.contains("/tests/");
    let mut lines = text.lines().enumerate().peekable();
    std::iter::from_fn(move || {
        let (at, line) = lines.next()?;
        let tests_follow = line.trim() == "#[cfg(test)]"
            && lines.peek().is_some_and(|(_, next)| next.starts_with("mod ") && next.ends_with('{'));
        (!tests_follow && !own_tests).then_some((at + 1, line))
    })
    .map(|(at, line)| (at, line.split("//").next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test a rule, so that a failure has the rule's name.
    macro_rules! held {
        ($($test:ident: $rule:expr;)*) => {$(
            #[test]
            fn $test() {
                let complaints: Vec<String> = $rule(&Tree::here()).iter().map(ToString::to_string).collect();
                assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
            }
        )*
        const HELD: usize = [$(stringify!($test)),*].len();
        };
    }

    held! {
        edges_are_those_of_the_table: edges::edges;
        no_core_has_a_runtime_below_it: edges::runtimes;
        every_dependency_has_its_reason: edges::reasons;
        every_crate_takes_the_lints: edges::lints;
        no_core_makes_a_banned_call: calls::calls;
        only_the_dispatcher_is_unsafe: calls::unsafe_code;
        every_file_has_a_header: files::headers;
        names_say_something: files::names;
        nothing_is_unfinished: files::unfinished;
        no_file_grows_long: lengths::lengths;
        no_place_of_work_is_named: hosts::hosts;
        both_languages_are_there: languages::languages;
        generated_files_are_current: documents::generated;
        documents_speak_of_what_is_there: documents::mentions;
        alerts_name_series_that_exist: documents::series;
    }

    #[test]
    fn every_rule_is_held() {
        assert_eq!(HELD, RULES.len());
    }

    #[test]
    fn tests_and_comments_are_no_program() {
        let text = "fn a() {} // said\n#[cfg(test)]\nmod a_tests;\nfn b() {}\n#[cfg(test)]\nmod tests {\n    fn c() {}\n}\n";
        let lines: Vec<_> = program("x/src/a.rs", text).map(|(_, line)| line.trim()).collect();
        assert_eq!(lines, ["fn a() {}", "#[cfg(test)]", "mod a_tests;", "fn b() {}"]);
        assert_eq!(program("x/src/a_tests.rs", text).count(), 0);
    }
}
