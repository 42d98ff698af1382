//! What no crate can show alone.
//!
//! - `src/sim`: the simulation of everything, one seed one run; `sim/` is its program, `cargo xtask sim`.
//! - `browser/`: the shop's visitor and an advisor in two real pages, against the real program; node's test runner.
//! - `soak/`: a steady crowd for twenty minutes, and what it leaves behind.
//! - `tests/`: whole journeys, broken frames, kills and broken configurations, against the real program.
//! - `fuzz/`: cargo-fuzz's side of [`fuzzing`], with its seeds; a workspace of its own.

pub mod frames;
pub mod fuzzing;
pub mod house;
pub mod http;
pub mod sim;
pub mod socket;
pub mod writer;
