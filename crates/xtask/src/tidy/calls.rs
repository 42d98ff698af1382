//! What cores never call: clocks, randomness, threads, runtimes, disks, networks, processes, the environment. And
//! `unsafe`, which one room alone may ask for.

use super::{Complaint, edges, program, sources};
use crate::tree::Tree;

/// What is banned, and what stands instead.
const BANNED: [(&str, &str); 17] = [
    ("Instant::now", "`now: Millis` is an argument"),
    ("SystemTime", "`now: Millis` is an argument"),
    ("Timestamp::now", "`now: Millis` is an argument"),
    ("Zoned::now", "`now: Millis` is an argument"),
    ("thread::spawn", "threads are the server's"),
    ("thread::Builder", "threads are the server's"),
    ("thread::sleep", "a core says when it wants to be woken: `poll_timeout`"),
    ("tokio::", "runtimes are the shells'"),
    ("getrandom", "seeds are arguments"),
    ("rand::", "seeds are arguments"),
    ("RandomState", "its order differs from run to run: law 12"),
    ("std::fs", "disks are the event log's; contents are handed in as text"),
    ("fs::read", "disks are the event log's; contents are handed in as text"),
    ("std::net::Tcp", "sockets are the gateway's"),
    ("std::process", "programs are the server's"),
    ("std::env", "configuration is handed in"),
    ("std::io::std", "what is said to people and programs is the server's"),
];

pub fn calls(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = vec![];
    for core in edges::cores(tree) {
        for (path, text) in sources(tree, &core) {
            for (at, line) in program(path, text) {
                for (call, instead) in BANNED.iter().filter(|(call, _)| mentions(line, call)) {
                    complaints.push(Complaint::at(path, at, format!("`{call}` in a core: {instead}")));
                }
            }
        }
    }
    complaints
}

pub fn unsafe_code(tree: &Tree) -> Vec<Complaint> {
    let word = concat!("un", "safe ");
    let mut complaints = vec![];
    for (path, text) in tree.texts.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let proven = path.starts_with("crates/dispatcher/") || path.starts_with("benches/");
        for (at, line) in program(path, text).filter(|(_, line)| !proven && mentions(line, word)) {
            complaints.push(Complaint::at(path, at, format!("{} has no place here", line.trim())));
        }
    }
    complaints
}

/// Whether the word stands in the line and is not the end of a longer name.
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| crate | kind | may name |\n|---|---|---|\n| `router` | core | `bot` |\n| `server` | shell | `router` |\n";

    #[test]
    fn a_clock_in_a_core_is_found_and_one_in_a_shell_or_a_test_is_not() {
        let clock = "//! x\nfn f() { let t = std::time::Instant::now(); }\n";
        let tested = "//! x\n#[cfg(test)]\nmod tests {\n    fn f() { std::time::Instant::now(); }\n}\n";
        let tree = Tree::of(&[
            ("ARCHITECTURE.md", TABLE),
            ("crates/router/src/a.rs", clock),
            ("crates/router/src/b.rs", tested),
            ("crates/router/src/c.rs", "//! `Instant::now` is banned\n"),
            ("crates/server/src/a.rs", clock),
        ]);
        let complaints = calls(&tree);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert_eq!((complaints[0].file.as_str(), complaints[0].line), ("crates/router/src/a.rs", 2));
    }

    #[test]
    fn a_longer_name_is_another_name() {
        assert!(mentions("rand::thread_rng()", "rand::"));
        assert!(!mentions("operand::Left", "rand::"));
    }
}
