//! Set-up, tests, tidy and generated files: `cargo xtask help`.
//!
//! Suggested reading order: [`run`] (what `cargo xtask test` does, step by step), [`tally`] (how it counts), [`setup`],
//! [`tidy`] (the rules that the tree is held to), [`generate`].
#![expect(clippy::print_stdout, reason = "a tool for people at a terminal; its output is its purpose")]

mod generate;
mod run;
mod setup;
mod tally;
mod tidy;
mod tree;

use std::process::{Command, ExitCode};
use tree::Tree;

const HELP: &str = "\
cargo xtask setup            installs or names what the tests need (a browser, promtool, Node)
cargo xtask test             setup, then everything that CI runs; ends with `N passed, N failed`
cargo xtask test STEP…       those steps alone: format, clippy, build, rust, loom, sim, web, deploy, browser
cargo xtask tidy             the rules of the tree: edges, banned calls, headers, lengths, generated files
cargo xtask generate         writes docs/*.json from the types that speak the protocol
cargo xtask sim [ARGS]       simulated runs: `--seed N`, `--seeds N`, `--forever`, `--mutations`, `--days N`
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let done = match (args.first().map(String::as_str), rest) {
        (Some("setup"), []) => setup::setup(),
        (Some("test"), steps) => run::test(steps),
        (Some("tidy"), []) => tidied(),
        (Some("generate"), []) => generate::write(&Tree::here()),
        (Some("sim"), args) => sim(args),
        (None | Some("help" | "--help" | "-h"), []) => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("`{}` is not a task of cargo xtask.\n\n{HELP}", args.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn tidied() -> Result<(), String> {
    let complaints = tidy::check(&Tree::here());
    if complaints.is_empty() {
        println!("tidy: {} rules, nothing to say", tidy::RULES.len());
        return Ok(());
    }
    for complaint in &complaints {
        println!("{complaint}");
    }
    Err(format!("tidy: {} complaints", complaints.len()))
}

fn sim(args: &[String]) -> Result<(), String> {
    let status = Command::new(tree::cargo())
        .args(["run", "--quiet", "--profile", "sim", "--package", "relais-tests", "--bin", "sim", "--"])
        .args(args)
        .current_dir(tree::root())
        .status()
        .map_err(|e| format!("cargo did not start: {e}"))?;
    if status.success() { Ok(()) } else { Err("the simulation found something, or did not run".into()) }
}
