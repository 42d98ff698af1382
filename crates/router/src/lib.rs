//! The brain: one closed enum comes in, one goes out, and nothing else.
//!
//! **Call [`Router::handle`], then drain [`Router::poll_effect`] until `None`; [`Router::poll_timeout`] tells when to
//! call [`Router::handle_timeout`].** What the shell must keep: every [`Effect::Append`] is durable before a
//! [`Effect::Send`] that came after it goes out (law 3). Core: no clock, no randomness, no runtime, no disk.
//!
//! Suggested reading order: [`input`], [`effect`], [`house`] (what is configured), [`people`] (who is there),
//! `live` (one conversation in memory), `turn` (what every phase may do), then one file a phase under `phase/`.

mod advisor;
mod cards;
mod customer;
pub mod effect;
pub mod house;
pub mod input;
mod live;
mod moment;
pub mod people;
mod phase;
mod router;
mod snapshot;
mod supervisor;
mod turn;
mod words;

pub use effect::{Effect, Observation};
pub use house::{House, QueueSettings, Site};
pub use input::{ConnectionId, Input};
pub use people::{Account, Role};
pub use router::{HOUSE, Router};
