//! The durable, append-only log of events and its look-ups; the only room that touches disk.
//!
//! Suggested reading order: [`log`] (what every log can do), [`sqlite`] (the embedded one), [`accounts`] (advisors,
//! their sign-ins and the server's secrets, in a file of their own beside the log).

pub mod accounts;
mod check;
pub mod error;
pub mod export;
pub mod folder;
pub mod log;
mod record;
pub mod redaction;
mod search;
pub mod sim;
pub mod sqlite;
pub mod summary;

pub use error::LogError;
pub use log::{EventLog, Found, History, Opened, Position};
pub use sim::{SimDisk, SimLog};
pub use sqlite::{Follower, SqliteLog, SqliteReader};
pub use summary::Summary;
