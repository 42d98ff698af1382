//! `cargo xtask test`: everything that CI runs, each step timed, all of them even when one fails, one line at the end.
//!
//! One build profile carries all: `dev`, whose dependencies are optimised (root `Cargo.toml`), so that the server in
//! the browser test is the one that the Rust tests were built beside, with its assertions on.

use crate::tally::{Speaks, Tally, run};
use crate::{setup, tree};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Seeds that each run of the simulation lives through, fresh ones each time.
const SIM_SEEDS: &str = "2000";

/// Days of a contact centre that each run lives through.
const SIM_DAYS: &str = "3";

/// Random operations that the dispatcher goes through beside its reference, and on threads.
const OPERATIONS: &str = "2000000";

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> Tally,
}

const STEPS: [Step; 10] = [
    Step { name: "format", what: "rustfmt has nothing to change", run: format },
    Step { name: "clippy", what: "no warning in any target", run: clippy },
    Step { name: "build", what: "the programs, with their pages", run: build },
    Step { name: "rust", what: "the workspace's tests, tidy among them", run: rust },
    Step { name: "loom", what: "the dispatcher under every interleaving", run: loom },
    Step {
        name: "dispatch",
        what: "the dispatcher against the obvious one, and on threads, for long",
        run: dispatch,
    },
    Step {
        name: "sim",
        what: "everything under faults, fresh seeds; laws broken on purpose; days",
        run: sim,
    },
    Step { name: "web", what: "types and tests of the pages", run: web },
    Step { name: "deploy", what: "what ships beside the program is well formed", run: deploy },
    Step { name: "browser", what: "visitor and advisor in a real browser", run: browser },
];

/// Runs the named steps, or all.
pub fn test(named: &[String]) -> Result<(), String> {
    if let Some(unknown) = named.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("`{unknown}` is no step; the steps are {}", names.join(", ")));
    }
    setup::setup()?;
    let mut sum = Tally::default();
    let mut lines = vec![];
    for step in STEPS.iter().filter(|step| named.is_empty() || named.iter().any(|name| name == step.name)) {
        println!("\n== {}: {}", step.name, step.what);
        let started = now();
        let tally = (step.run)();
        let line = format!(
            "{:<8} {:>5} passed {:>3} failed {:>6.1} s",
            step.name,
            tally.passed,
            tally.failed,
            took(started).as_secs_f64()
        );
        println!("== {line}");
        lines.push(line);
        sum += tally;
    }
    println!("\n{}\n", lines.join("\n"));
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { Ok(()) } else { Err("not everything passed".into()) }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time that a step takes is the machine's, nobody decides by it"
)]
fn now() -> Instant {
    Instant::now()
}

fn took(started: Instant) -> Duration {
    now().duration_since(started)
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(tree::cargo());
    command.args(args).current_dir(tree::root());
    command
}

fn npm(folder: &str, args: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(args).current_dir(tree::root().join(folder));
    command
}

/// Both, the second only if the first went well.
fn then(first: Tally, second: impl FnOnce() -> Tally) -> Tally {
    let mut sum = first;
    if sum.failed == 0 {
        sum += second();
    }
    sum
}

fn format() -> Tally {
    run(&mut cargo(&["fmt", "--all", "--check"]), Speaks::ExitCode)
}

fn clippy() -> Tally {
    let args = ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
    run(&mut cargo(&args), Speaks::ExitCode)
}

fn build() -> Tally {
    run(&mut cargo(&["build", "--workspace", "--bins", "--locked", "--quiet"]), Speaks::ExitCode)
}

fn rust() -> Tally {
    run(&mut cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]), Speaks::Cargo)
}

fn loom() -> Tally {
    let mut command = cargo(&["test", "--package", "dispatcher", "--release", "--locked", "--test", "loom"]);
    // A folder of its own: other flags would build the whole workspace anew each time they change.
    command.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", target().join("loom"));
    run(&mut command, Speaks::Cargo)
}

fn dispatch() -> Tally {
    let package = ["test", "--package", "dispatcher", "--release", "--locked", "--no-fail-fast"];
    let tests = ["--test", "against_reference", "--test", "threads"];
    run(cargo(&package).args(tests).env("RELAIS_OPERATIONS", OPERATIONS), Speaks::Cargo)
}

fn sim() -> Tally {
    let program = ["run", "--quiet", "--locked", "--package", "relais-tests", "--bin", "sim", "--"];
    let sim = |args: &[&str]| run(cargo(&program).args(args), Speaks::ExitCode);
    let mut sum = sim(&["--seeds", SIM_SEEDS]);
    sum += sim(&["--mutations"]);
    sum += sim(&["--days", SIM_DAYS]);
    sum
}

fn web() -> Tally {
    const WEB: &str = "crates/console/web";
    let installed =
        then(install(WEB), || run(&mut npm(WEB, &["run", "--silent", "check"]), Speaks::ExitCode));
    then(installed, || run(&mut npm(WEB, &["test", "--silent"]), Speaks::Vitest))
}

fn deploy() -> Tally {
    let promtool = |args: &[&str]| {
        run(Command::new("promtool").args(args).current_dir(tree::root().join("deploy")), Speaks::ExitCode)
    };
    let mut sum = promtool(&["check", "config", "prometheus.yml"]);
    sum += promtool(&["check", "rules", "alerts.yml"]);
    sum += promtool(&["test", "rules", "alerts_test.yml"]);
    sum
}

fn browser() -> Tally {
    const BROWSER: &str = "tests/browser";
    let Some(chromium) = setup::chromium() else {
        eprintln!("no Chromium was found: cargo xtask setup");
        return Tally { passed: 0, failed: 1 };
    };
    then(then(install(BROWSER), build), || {
        let mut command = Command::new("node");
        command
            .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
            .arg(".")
            .current_dir(tree::root().join(BROWSER))
            .env("CHROMIUM", chromium)
            .env("RELAIS", target().join("debug").join(format!("relais{}", std::env::consts::EXE_SUFFIX)))
            .env("SCREENSHOTS", target().join("browser"));
        run(&mut command, Speaks::Node)
    })
}

/// `npm ci` where the packages are not those of the lock file; counts nothing when it goes well.
fn install(folder: &str) -> Tally {
    let time = |path: &str| tree::root().join(folder).join(path).metadata().and_then(|m| m.modified()).ok();
    if time("node_modules/.package-lock.json") > time("package-lock.json") {
        return Tally::default();
    }
    let args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    Tally { passed: 0, ..run(&mut npm(folder, &args), Speaks::ExitCode) }
}

/// Where cargo builds to.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| tree::root().join("target"), PathBuf::from)
}
