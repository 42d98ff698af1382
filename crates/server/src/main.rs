//! relais: the binary. `relais help` shows every verb with an example.
//!
//! What it prints for people goes to stderr in words, what it prints for programs to stdout as JSON lines.

mod clock;
mod command;
mod config;
mod entropy;
mod run;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(command::Line::parse())
}
