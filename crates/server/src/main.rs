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

/// Of a crowd that has left, nothing may stay but what is still used. The allocator of glibc gives back only the end of
/// each of its arenas, and one text that outlives its neighbours holds all before it (10,000 customers left 580 MB so).
/// This one gives back every page that nobody uses, after some seconds, on a thread of its own; SQLite's too. It is built
/// without caches of each thread: `.cargo/config.toml` says why.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    command::run(command::Line::parse())
}
