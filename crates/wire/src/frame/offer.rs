//! An offer to an advisor, and its end.

use super::server::{Customer, EventFrame};
use conversation::{ConversationId, Lang, Millis, OfferId, QueueId};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A conversation is offered.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OfferFrame {
    /// The offer.
    pub offer: OfferId,
    /// What is offered.
    pub conversation: ConversationId,
    /// From which queue.
    pub queue: QueueId,
    /// Why.
    pub reason: Option<crate::view::ReasonView>,
    /// Who writes.
    pub customer: Customer,
    /// The customer's language.
    pub lang: Lang,
    /// Every event so far, signals included.
    pub history: Vec<Arc<EventFrame>>,
    /// Whether the customer is connected now; `connected` tells when that changes.
    pub connected: bool,
    /// How long it stays open, in milliseconds from now.
    pub expires_ms: u64,
    /// When the wait began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Millis>,
}

/// An offer is no longer open.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OfferGone {
    /// Which.
    pub offer: OfferId,
    /// `accepted_elsewhere`, `expired`, `customer_left` or `withdrawn`.
    pub why: GoneWhy,
}

/// Why an offer is no longer open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoneWhy {
    /// A colleague was first, or a supervisor decided.
    AcceptedElsewhere,
    /// Nobody answered in time.
    Expired,
    /// The customer has gone.
    CustomerLeft,
    /// It was declined or taken back.
    Withdrawn,
}
