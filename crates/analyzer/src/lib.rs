//! Listens to what customers write and says how frustrated they are, and by which words.
//!
//! Core: no clock, no randomness, no runtime, no disk, and nothing of ours below it.

pub mod cli;
pub mod context;
mod embedded;
mod encoder;
pub mod evaluate;
mod evidence;
pub mod example;
pub mod figures;
mod fold;
mod general;
mod hash;
pub mod lexicon;
pub mod listen;
#[cfg(test)]
mod listen_tests;
mod math;
mod minimise;
pub mod model;
mod model_file;
mod offer;
pub mod pattern;
pub mod pattern_set;
mod reading;
mod regression;
pub mod signal;
mod stem;
pub mod text;
pub mod timing;
pub mod train;
pub mod transfer;
mod typing;
mod vocabulary;
mod wishes;
mod wording;
mod words;

pub use context::{Context, Replier};
pub use lexicon::Problem;
pub use listen::{Analysis, Analyzer};
pub use model::Model;
pub use signal::{Heard, SignalKind};
pub use transfer::{Thresholds, Trigger, transfer};
