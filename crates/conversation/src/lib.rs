//! The nouns of Relais: ids, events, owners, reasons, limits, and how an event changes a conversation.
//!
//! Core: no clock, no randomness, no runtime, no disk, and nothing of ours below it.
//!
//! Suggested reading order: [`event`] (what can happen), [`owner`] (who has the conversation: law 1),
//! [`state`] (`apply`, the one way in which an event changes a conversation), [`reason`] (why it was
//! handed over: law 11), [`limits`] (law 7), [`id`].

pub mod event;
pub mod id;
pub mod limits;
pub mod owner;
pub mod reason;
pub mod state;

pub use event::{Author, Candidate, ClosedBy, Event, EventKind, Survey, Term};
pub use id::{
    AdvisorId, Cid, ConversationId, CustomerId, Lang, Millis, OfferId, QueueId, Seq, SiteId, Skill,
};
pub use owner::{OpenOffer, Owner};
pub use reason::{Evidence, Reason, ReasonCode, Signal};
pub use state::{ApplyError, Callback, Channel, State};
