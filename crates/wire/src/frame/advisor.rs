//! Advisor → server; a supervisor may send every one of these.

use conversation::{AdvisorId, Cid, ConversationId, Lang, OfferId, QueueId, Seq};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! frames {
    ($($(#[$doc:meta])* $name:ident $type:literal { $($(#[$fdoc:meta])* $field:ident: $ftype:ty,)* })*) => {
        /// What an advisor's client may send.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type")]
        pub enum AdvisorFrame {
            $($(#[$doc])* #[serde(rename = $type)] $name($name),)*
        }

        impl AdvisorFrame {
            /// Every `type`, in the protocol's order.
            pub const TYPES: &'static [&'static str] = &[$($type),*];

            /// The frame's `type`.
            pub fn type_name(&self) -> &'static str {
                match self { $(AdvisorFrame::$name(_) => $type,)* }
            }

            /// The client's own name for the request, echoed in its answer.
            pub fn reference(&self) -> Option<&str> {
                match self { $(AdvisorFrame::$name(frame) => frame.reference.as_deref(),)* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $name {
                $($(#[$fdoc])* pub $field: $ftype,)*
                /// Echoed by the answer, whatever it is.
                #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
                pub reference: Option<String>,
            }
        )*
    };
}

frames! {
    /// Signs in on this socket: the token, else the session cookie.
    AdvisorHello "hello" {
        /// A token of `relais user token`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// The log's life that `seq` belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<String>,
        /// The position in the advisor's own feed that the client has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<Seq>,
        /// The reader's language for sentences; the primary subtag counts.
        #[serde(default, deserialize_with = "super::primary", skip_serializing_if = "Option::is_none")]
        lang: Option<Lang>,
    }
    /// Set by the person, kept over reconnects and restarts.
    SetPresence "presence" {
        /// The new status.
        status: Status,
        /// Why, in a word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
    /// Takes an offer.
    Accept "accept" {
        /// Which.
        offer: OfferId,
    }
    /// Does not take an offer; never a fault.
    Decline "decline" {
        /// Which.
        offer: OfferId,
        /// From the list in `welcome`.
        reason: String,
        /// In their own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Words to the customer.
    Say "message" {
        /// To whom.
        conversation: ConversationId,
        /// The client's own id; the same `cid` is one event, for ever.
        cid: Cid,
        /// 1–8,000 characters.
        text: String,
    }
    /// Words for colleagues only.
    WriteNote "note" {
        /// On which conversation.
        conversation: ConversationId,
        /// The client's own id.
        cid: Cid,
        /// 1–8,000 characters.
        text: String,
        /// Who is meant.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<AdvisorId>,
    }
    /// Claims from a queue; needs the right.
    Take "take" {
        /// Which.
        conversation: ConversationId,
    }
    /// Hands on, warm: the note and the whole history go along.
    Transfer "transfer" {
        /// Which.
        conversation: ConversationId,
        /// To a queue or to a colleague.
        to: Destination,
        /// For whoever takes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Gives it back to the bot.
    ReturnToBot "return_to_bot" {
        /// Which.
        conversation: ConversationId,
        /// Where in the script it goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<String>,
    }
    /// Confirms or corrects what was heard: teaches the analyzer.
    GiveFeedback "feedback" {
        /// Which.
        conversation: ConversationId,
        /// The message.
        seq: Seq,
        /// What is true.
        verdict: Verdict,
        /// Which words, in Unicode scalar values.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        span: Option<Span>,
        /// In their own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    /// Ends it.
    CloseConversation "close" {
        /// Which.
        conversation: ConversationId,
        /// From the list in `welcome`.
        outcome: String,
    }
    /// Is writing, or no longer.
    AdvisorTyping "typing" {
        /// To whom.
        conversation: ConversationId,
        /// Begins or ends.
        on: bool,
    }
    /// Has read up to.
    AdvisorSeen "seen" {
        /// Which.
        conversation: ConversationId,
        /// The last event that was read.
        seq: Seq,
    }
    /// Asks for the full snapshot of one conversation.
    Open "open" {
        /// Which.
        conversation: ConversationId,
    }
    /// Supervisor: gives it to an advisor.
    Assign "assign" {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        advisor: AdvisorId,
    }
    /// Supervisor: puts it back in a line.
    Requeue "requeue" {
        /// Which.
        conversation: ConversationId,
        /// Which line; else the one it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<QueueId>,
    }
    /// Supervisor: joins, visibly.
    Join "join" {
        /// Which.
        conversation: ConversationId,
    }
    /// Supervisor: listens; what they write is a whisper to the advisor.
    Listen "listen" {
        /// Which.
        conversation: ConversationId,
    }
    /// Supervisor: other thresholds for a queue, with a reason.
    SetPolicy "set_policy" {
        /// Which queue.
        queue: QueueId,
        /// Frustration of one message that transfers, 0–1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peak: Option<f32>,
        /// Frustration built up that transfers, 0–1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trend: Option<f32>,
        /// Why.
        reason: String,
    }
}

/// What an advisor says of themselves; 'connected' is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes offers.
    Available,
    /// There, but takes none.
    Away,
    /// Not there.
    Offline,
}

impl Status {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Available => "available",
            Status::Away => "away",
            Status::Offline => "offline",
        }
    }
}

/// Where a transfer goes: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// A queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    /// A colleague.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisor: Option<AdvisorId>,
}

/// What an advisor says of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They were frustrated.
    Frustrated,
    /// They were not.
    NotFrustrated,
    /// They were, but not by this.
    WrongReason,
}

impl Verdict {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Frustrated => "frustrated",
            Verdict::NotFrustrated => "not_frustrated",
            Verdict::WrongReason => "wrong_reason",
        }
    }
}

/// A span of a text, in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}
