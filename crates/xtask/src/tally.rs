//! Counts what test programs report, and leaves their output as it is.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Tests that passed and that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

/// How a program says its counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// `test result: ok. 12 passed; 0 failed; …`, a line for each test binary.
    Cargo,
    /// `Tests  2 failed | 10 passed (12)`.
    Vitest,
    /// `ℹ pass 3` and `ℹ fail 0` of node's own runner.
    Node,
    /// Nothing: its exit code is one check, passed or failed.
    ExitCode,
}

impl Speaks {
    /// What this line of output adds.
    fn read(self, line: &str) -> Tally {
        let line = plain(line);
        let words: Vec<&str> = line.split_whitespace().map(|w| w.trim_end_matches([';', ',', '|'])).collect();
        let before = |name: &str| -> u64 {
            let at = words.iter().position(|word| *word == name);
            at.and_then(|at| at.checked_sub(1)).and_then(|at| words[at].parse().ok()).unwrap_or(0)
        };
        let after =
            |name: &str| words.get(2).filter(|_| words[1] == name).and_then(|n| n.parse().ok()).unwrap_or(0);
        match self {
            Self::Cargo if line.starts_with("test result:") => {
                Tally { passed: before("passed"), failed: before("failed") }
            }
            Self::Vitest if words.first() == Some(&"Tests") => {
                Tally { passed: before("passed"), failed: before("failed") }
            }
            Self::Node if words.first() == Some(&"ℹ") && words.len() == 3 => {
                Tally { passed: after("pass"), failed: after("fail") }
            }
            _ => Tally::default(),
        }
    }
}

/// The line without its colours.
fn plain(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        kept.push_str(&rest[..at]);
        let tail = &rest[at + 2..];
        rest = tail.find(|c: char| c.is_ascii_alphabetic()).map_or("", |end| &tail[end + 1..]);
    }
    kept.push_str(rest);
    kept
}

/// Runs a program, shows what it prints, and counts.
///
/// A program that fails without a failed test (it did not build, it crashed) counts as one failure, and one that
/// should have had tests and had none as well: a suite that nobody runs must not look green.
pub fn run(command: &mut Command, speaks: Speaks) -> Tally {
    run_to(command, speaks, &mut std::io::stdout().lock())
}

fn run_to(command: &mut Command, speaks: Speaks, shown: &mut impl Write) -> Tally {
    let mut tally = Tally::default();
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(e) => {
            eprintln!("{} did not start: {e}", command.get_program().display());
            return Tally { passed: 0, failed: 1 };
        }
    };
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            tally += speaks.read(String::from_utf8_lossy(&line).trim_end());
            let _ = shown.write_all(&line).and_then(|()| shown.flush());
            line.clear();
        }
    }
    let ended_well = child.wait().is_ok_and(|status| status.success());
    match (speaks, ended_well) {
        (Speaks::ExitCode, true) => tally.passed += 1,
        (_, false) if tally.failed == 0 => tally.failed += 1,
        (_, true) if tally == Tally::default() => tally.failed += 1,
        _ => {}
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_report_is_read() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(Speaks::Cargo.read(cargo), Tally { passed: 12, failed: 3 });
        assert_eq!(Speaks::Cargo.read("test a::b ... ok"), Tally::default());
        let vitest = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m2 failed\u{1b}[39m\u{1b}[22m | \u{1b}[32m10 passed\u{1b}[39m (12)";
        assert_eq!(Speaks::Vitest.read(vitest), Tally { passed: 10, failed: 2 });
        assert_eq!(Speaks::Vitest.read("      Tests  10 passed (10)"), Tally { passed: 10, failed: 0 });
        assert_eq!(Speaks::Vitest.read(" Test Files  3 passed (3)"), Tally::default());
        assert_eq!(Speaks::Node.read("ℹ pass 3"), Tally { passed: 3, failed: 0 });
        assert_eq!(Speaks::Node.read("ℹ fail 2"), Tally { passed: 0, failed: 2 });
        assert_eq!(Speaks::Node.read("ℹ duration_ms 12.5"), Tally::default());
    }

    /// What it prints is kept from the tests' own output, which is counted too.
    fn shell(script: &str, speaks: Speaks) -> Tally {
        run_to(Command::new("sh").args(["-c", script]), speaks, &mut Vec::new())
    }

    #[test]
    fn a_failure_without_a_failed_test_is_a_failure() {
        assert_eq!(shell("exit 3", Speaks::Cargo), Tally { passed: 0, failed: 1 });
        assert_eq!(shell("exit 0", Speaks::ExitCode), Tally { passed: 1, failed: 0 });
        let crashed = shell("echo 'test result: ok. 2 passed; 0 failed'; exit 101", Speaks::Cargo);
        assert_eq!(crashed, Tally { passed: 2, failed: 1 });
    }

    #[test]
    fn a_suite_without_tests_is_a_failure() {
        assert_eq!(shell("exit 0", Speaks::Cargo), Tally { passed: 0, failed: 1 });
        assert_eq!(run(&mut Command::new("no-such-program"), Speaks::Vitest), Tally { passed: 0, failed: 1 });
    }
}
