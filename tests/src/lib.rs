//! What no crate can show alone.
//!
//! - `sim/`: simulated days, each seed twice (law 12); `cargo xtask sim`.
//! - `browser/`: the shop's visitor and an advisor in two real pages, against the real program; node's test runner.
//! - `tests/`: whole journeys, broken frames, kills and broken configurations, against the real program.
//! - `fuzz/`: cargo-fuzz's side of [`fuzzing`], with its seeds; a workspace of its own.

pub mod fuzzing;
pub mod house;
pub mod http;
pub mod socket;
pub mod writer;
