//! Listens to what customers write and says how frustrated they are, and by which words.
//!
//! Core: no clock, no randomness, no runtime, no disk, and nothing of ours below it.

pub mod context;
mod embedded;
mod hash;
pub mod lexicon;
pub mod listen;
#[cfg(test)]
mod listen_tests;
mod math;
mod model;
pub mod pattern;
pub mod signal;
mod stem;
pub mod text;
pub mod transfer;
mod typing;

pub use context::{Context, Replier};
pub use lexicon::Problem;
pub use listen::{Analysis, Analyzer};
pub use signal::{Heard, SignalKind};
pub use transfer::{Thresholds, Trigger, transfer};
