//! Server → customer, and server → advisor.

use super::advisor::Status;
use super::offer::{OfferFrame, OfferGone};
use crate::error::ErrorCode;
use conversation::{AdvisorId, Cid, ConversationId, CustomerId, Lang, Millis, OfferId, QueueId, Seq, SiteId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The words for a conversation's owner.
pub(crate) const OWNERS: [&str; 5] = ["bot", "queue", "offered", "advisor", "closed"];

/// The words for what somebody may do.
const ROLES: [&str; 2] = ["advisor", "supervisor"];

/// What the server may send. One enum for both sides: who may be sent what is the router's business, and
/// [`crate::view`] makes the two views of an event.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to a customer's `hello`.
    #[serde(rename = "welcome")]
    CustomerWelcome(Box<CustomerWelcome>),
    /// The answer to an advisor's `hello`.
    #[serde(rename = "welcome")]
    AdvisorWelcome(Box<AdvisorWelcome>),
    /// The event is durable.
    Ack(Ack),
    /// Something happened.
    Event(Arc<EventFrame>),
    /// Where in the line, and how long.
    Position(Position),
    /// Somebody is writing, or no longer.
    Typing(TypingFrame),
    /// Somebody has read up to.
    Seen(SeenFrame),
    /// It did not have its effect.
    Error(ErrorFrame),
    /// Somebody is there, or nobody.
    Availability(AvailabilityFrame),
    /// A conversation is offered.
    Offer(Box<OfferFrame>),
    /// An offer is no longer open.
    OfferGone(OfferGone),
    /// A queue's figures.
    Queue(QueueFrame),
    /// A colleague's presence.
    Presence(PresenceFrame),
    /// One whole conversation: the answer to `open`, and sent when one comes into an advisor's hands.
    Conversation(Box<ConversationView>),
    /// The customer of a conversation has come back, or has gone.
    Connected(ConnectedFrame),
    /// A conversation is no longer this advisor's.
    Gone(Gone),
    /// Supervisor: who waits, and why.
    Waiting(WaitingFrame),
}

/// The answer to a customer's `hello`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CustomerWelcome {
    /// The conversation.
    pub conversation: ConversationId,
    /// Proves it, on a resume.
    pub token: String,
    /// The log's life that `seq` belongs to.
    pub epoch: String,
    /// The last event that the server has.
    pub seq: Seq,
    /// Whether only what is missing follows; else everything from the first event follows.
    pub resumed: bool,
    /// `bot`, `queue`, `offered`, `advisor` or `closed`.
    #[schemars(extend("enum" = OWNERS))]
    pub owner: &'static str,
    /// The name shown for the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether somebody is there.
    pub availability: Availability,
    /// The language in which sentences come.
    pub lang: Lang,
    /// The site's words.
    pub site: Arc<SiteTexts>,
    /// A survey was asked and not answered.
    pub survey_open: bool,
}

/// What a site says.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SiteTexts {
    /// Its id.
    pub id: SiteId,
    /// Its shown name.
    pub name: String,
    /// Texts by key (`greeting`, `bot_name` …), in the welcome's language.
    pub texts: BTreeMap<String, String>,
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// An advisor is free.
    Open,
    /// Advisors are there; one has to wait.
    Busy,
    /// Nobody is there; a message can be left.
    Closed,
}

/// The event is durable.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Ack {
    /// The client's id of the frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cid>,
    /// The client's name of the request.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The offer that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// The conversation, on an advisor's socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// The event's place; absent where the effect is no event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
}

/// Something happened, as this side may see it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EventFrame {
    /// Whose.
    pub conversation: ConversationId,
    /// Its place.
    pub seq: Seq,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// The kind and its own fields.
    #[serde(flatten)]
    pub body: crate::view::Body,
}

/// Where in the line, and how long; null where unknown.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Position {
    /// How many are ahead.
    pub ahead: Option<u32>,
    /// How long.
    pub wait_s: Option<WaitSeconds>,
}

/// A wait, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WaitSeconds {
    /// One in ten waits less.
    pub low: f32,
    /// The mean.
    pub expected: f32,
    /// One in ten waits more.
    pub high: f32,
}

/// Somebody is writing, or no longer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TypingFrame {
    /// Whose conversation, on an advisor's socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// `customer`, `advisor` or `bot`.
    pub from: conversation::Author,
    /// The name shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Begins or ends.
    pub on: bool,
}

/// Somebody has read up to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SeenFrame {
    /// Whose conversation, on an advisor's socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// `customer` or `advisor`.
    pub from: conversation::Author,
    /// The last event that was read.
    pub seq: Seq,
}

/// The customer of a conversation has a connection again, or none any more: sent to the advisors who see it live.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ConnectedFrame {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Whether the customer is connected now.
    pub connected: bool,
}

/// It did not have its effect; names what it answers.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ErrorFrame {
    /// Why.
    pub code: ErrorCode,
    /// A sentence in the reader's language.
    pub message: String,
    /// The client's id of the frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    /// The offer that the frame named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// The client's name of the request.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When to try again, in milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
}

impl ErrorFrame {
    /// An error with its code's own sentence.
    pub fn new(code: ErrorCode, lang: &str) -> ErrorFrame {
        ErrorFrame {
            code,
            message: code.sentence(lang).into(),
            cid: None,
            offer: None,
            reference: None,
            retry_ms: None,
        }
    }
}

/// Somebody is there, or nobody.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AvailabilityFrame {
    /// The new state.
    pub availability: Availability,
}

/// The answer to an advisor's `hello`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AdvisorWelcome {
    /// Who one is.
    pub advisor: Me,
    /// The log's life.
    pub epoch: String,
    /// Position in the advisor's own feed.
    pub seq: Seq,
    /// Everything that one may see now.
    pub snapshot: Snapshot,
}

/// Who one is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Me {
    /// The sign-in name.
    pub id: AdvisorId,
    /// The name that customers are shown.
    pub name: String,
    /// `advisor` or `supervisor`.
    #[schemars(extend("enum" = ROLES))]
    pub role: &'static str,
    /// What one has said of oneself.
    pub status: Status,
    /// The language in which sentences come.
    pub lang: Lang,
}

/// Everything that an advisor may see now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Snapshot {
    /// One's own conversations, whole.
    pub conversations: Vec<ConversationView>,
    /// One's own open offers.
    pub offers: Vec<OfferFrame>,
    /// Every queue's figures.
    pub queues: Vec<QueueFrame>,
    /// Everybody's presence.
    pub colleagues: Vec<PresenceFrame>,
    /// Supervisor: who waits, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Vec<WaitingFrame>>,
    /// The reasons with which an offer may be declined.
    pub declines: Vec<String>,
    /// The outcomes with which a conversation may be closed.
    pub outcomes: Vec<String>,
}

/// One whole conversation.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ConversationView {
    /// Which.
    pub conversation: ConversationId,
    /// Who has it.
    #[schemars(extend("enum" = OWNERS))]
    pub owner: &'static str,
    /// The advisor, where one has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advisor: Option<AdvisorId>,
    /// The queue of the last transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    /// The customer's language.
    pub lang: Lang,
    /// Who writes.
    pub customer: Customer,
    /// Why it came to people, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<crate::view::ReasonView>,
    /// When the present wait began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Millis>,
    /// Whether the customer is connected now.
    pub connected: bool,
    /// The last score heard.
    pub frustration: f32,
    /// Every event so far that advisors see.
    pub events: Vec<Arc<EventFrame>>,
}

/// Who writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// Whether the site has signed for who it is.
    pub verified: bool,
    /// What the site has signed about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<serde_json::Value>,
    /// The page it started on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<serde_json::Value>,
    /// An address that they left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// They asked to be called back, at `address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackView>,
    /// Earlier conversations in short, newest first.
    pub earlier: Vec<Earlier>,
}

/// A wish to be called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CallbackView {
    /// Not before that moment, in milliseconds since 1970; absent where any is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
}

/// An earlier conversation in short.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Earlier {
    /// Which.
    pub conversation: ConversationId,
    /// When it began.
    pub at: Millis,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The advisor who had it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advisor: Option<AdvisorId>,
    /// The customer's first words.
    pub summary: String,
    /// The highest score heard.
    pub peak: f32,
}

/// A queue's figures.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QueueFrame {
    /// Which.
    pub queue: QueueId,
    /// Its shown name.
    pub name: String,
    /// How many wait.
    pub waiting: u32,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_ms: Option<u64>,
    /// Advisors who could take one now.
    pub available: u32,
    /// The wait of who comes now.
    pub wait_s: Option<WaitSeconds>,
    /// From which frustration on it gets a conversation; a supervisor's `set_policy` changes them.
    pub thresholds: QueueThresholds,
}

/// What transfers for frustration, 0–1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QueueThresholds {
    /// Of one message.
    pub peak: f32,
    /// Built up over several.
    pub trend: f32,
}

/// A colleague's presence.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PresenceFrame {
    /// Who.
    pub advisor: AdvisorId,
    /// The shown name.
    pub name: String,
    /// `advisor` or `supervisor`.
    #[schemars(extend("enum" = ROLES))]
    pub role: &'static str,
    /// What they said of themselves.
    pub status: Status,
    /// Whether a socket of theirs is live.
    pub connected: bool,
    /// Points held or reserved.
    pub held: u16,
    /// Points that they can hold.
    pub capacity: u16,
}

/// A conversation is no longer this advisor's.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Gone {
    /// Which.
    pub conversation: ConversationId,
}

/// Supervisor: one who waits, and why; `owner` tells when they no longer do.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WaitingFrame {
    /// Which.
    pub conversation: ConversationId,
    /// Who has it now: `queue` and `offered` wait, everything else does not.
    #[schemars(extend("enum" = OWNERS))]
    pub owner: &'static str,
    /// In which queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    /// With whom: the offer's or the conversation's advisor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advisor: Option<AdvisorId>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<crate::view::ReasonView>,
    /// The last score heard.
    pub frustration: f32,
}
