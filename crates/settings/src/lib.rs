//! Configuration as it was written: TOML values that know their line, and problems that name it.
//!
//! Core: text in, values out. Nothing here stops at the first mistake: a getter that finds something wrong
//! reports it to [`Problems`] and returns nothing, so that all mistakes of a file are told at once; a key that
//! nobody asked for is a mistake too ([`Table::finish`]).
//!
//! Suggested reading order: [`problem`], [`document`], [`table`], [`duration`], [`spelling`].

pub mod document;
pub mod duration;
mod place;
pub mod problem;
pub mod spelling;
pub mod table;

pub use document::Document;
pub use problem::{Problem, Problems, Severity};
pub use table::{Item, Table, Written};
