//! Everything that the brain can want done.

use crate::input::ConnectionId;
use bot::HttpRequest;
use conversation::{AdvisorId, ConversationId, CustomerId, Event};
use std::sync::Arc;
use wire::frame::advisor::Status;
use wire::{Close, ServerFrame};

/// What goes out, in order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Make it durable. Nothing that comes after it in the order may be shown before (law 3).
    Append(Arc<Event>),
    /// Send a frame.
    Send {
        /// Where to.
        to: ConnectionId,
        /// What.
        frame: ServerFrame,
    },
    /// Close a connection, after everything sent before.
    Close {
        /// Which.
        to: ConnectionId,
        /// Why.
        why: Close,
    },
    /// Read a conversation and answer with [`crate::Input::Loaded`].
    Load {
        /// Which.
        conversation: ConversationId,
    },
    /// Read a customer's earlier conversations and answer with [`crate::Input::Earlier`].
    Earlier {
        /// For which conversation; it is not among the answers.
        conversation: ConversationId,
        /// Whose.
        customer: CustomerId,
    },
    /// Ask a back office and answer with [`crate::Input::CallDone`], within the time.
    Call {
        /// For which conversation.
        conversation: ConversationId,
        /// Comes back with the answer.
        ticket: u64,
        /// What to ask.
        request: HttpRequest,
        /// How long it may take.
        timeout_ms: u64,
    },
    /// Keep what an advisor has said of themselves, over restarts.
    SaveStatus {
        /// Who.
        advisor: AdvisorId,
        /// What.
        status: Status,
    },
    /// Something to count that is no event.
    Observe(Observation),
}

/// What is counted and is no event of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A customer's `hello` was answered.
    Resume {
        /// `fresh`, `resumed` or `resynced`.
        outcome: &'static str,
    },
    /// A wait of which a customer had been told an estimate has ended with an advisor.
    EstimateError {
        /// In which queue.
        queue: conversation::QueueId,
        /// 0–9, the request's.
        priority: u8,
        /// What was told first.
        told: dispatcher::Wait,
        /// What it was from then on, in seconds.
        was_s: f32,
    },
    /// A frame was answered with an error.
    Refused {
        /// The error's code.
        code: &'static str,
    },
}
