//! Customer → server.

use conversation::{Cid, ConversationId, Lang, Seq, SiteId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a customer's client may send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CustomerFrame {
    /// Opens or resumes.
    Hello(Hello),
    /// Says something.
    Message(Message),
    /// The button 'talk to someone'.
    Human(Act),
    /// Is writing, or no longer.
    Typing(Typing),
    /// Has read up to.
    Seen(Seen),
    /// Says how it was.
    Survey(SurveyAnswer),
    /// Leaves an address for a later answer, when nobody is there.
    LeaveMessage(LeaveMessage),
    /// Asks to be called back.
    Callback(Callback),
    /// Ends it.
    Close(Act),
}

impl CustomerFrame {
    /// Every `type`, in the protocol's order.
    pub const TYPES: [&'static str; 9] =
        ["hello", "message", "human", "typing", "seen", "survey", "leave_message", "callback", "close"];

    /// The client's own id of the frame.
    pub fn cid(&self) -> Option<&Cid> {
        match self {
            CustomerFrame::Message(frame) => Some(&frame.cid),
            CustomerFrame::Human(frame) | CustomerFrame::Close(frame) => Some(&frame.cid),
            CustomerFrame::Survey(frame) => Some(&frame.cid),
            CustomerFrame::LeaveMessage(frame) => Some(&frame.cid),
            CustomerFrame::Callback(frame) => Some(&frame.cid),
            CustomerFrame::Hello(_) | CustomerFrame::Typing(_) | CustomerFrame::Seen(_) => None,
        }
    }

    /// The frame's `type`.
    pub fn type_name(&self) -> &'static str {
        match self {
            CustomerFrame::Hello(_) => "hello",
            CustomerFrame::Message(_) => "message",
            CustomerFrame::Human(_) => "human",
            CustomerFrame::Typing(_) => "typing",
            CustomerFrame::Seen(_) => "seen",
            CustomerFrame::Survey(_) => "survey",
            CustomerFrame::LeaveMessage(_) => "leave_message",
            CustomerFrame::Callback(_) => "callback",
            CustomerFrame::Close(_) => "close",
        }
    }
}

/// Opens a conversation or resumes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The site that carries the widget.
    pub site: SiteId,
    /// The visitor's language, of which the primary subtag counts (`fr-CA` is `fr`); else the site's own.
    #[serde(default, deserialize_with = "super::primary", skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// The conversation to resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Its token, from `welcome`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The log's life that `seq` belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// The last event that the client has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// A JWT in which the site vouches for who this is (RFC 7519).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Where the visitor is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// An earlier conversation of the same visitor, so that nobody has to explain anything twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

/// The page that the widget is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its address, without fragment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the visitor came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
}

/// Proof of an earlier conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Which.
    pub conversation: ConversationId,
    /// Its token.
    pub token: String,
}

/// Words to the house.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The client's own id; the same `cid` is one event, for ever.
    pub cid: Cid,
    /// 1–8,000 characters.
    pub text: String,
}

/// A frame that needs no more than its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The client's own id.
    pub cid: Cid,
}

/// Is writing, or no longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    /// Begins or ends.
    pub on: bool,
}

/// Has read up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The last event that was read.
    pub seq: Seq,
}

/// How it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyAnswer {
    /// The client's own id.
    pub cid: Cid,
    /// 1–5.
    #[schemars(range(min = 1, max = 5))]
    pub satisfaction: u8,
    /// 'Did you feel listened to', 1–5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub listened: Option<u8>,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An address for a later answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveMessage {
    /// The client's own id.
    pub cid: Cid,
    /// E-mail address or telephone number, up to 200 characters.
    pub address: String,
    /// The message itself, where it was not said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A wish to be called back: it waits in line without a connection, from its moment on where it names one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// The client's own id.
    pub cid: Cid,
    /// Telephone number: at least six digits, with the signs that people put between them, up to 40 characters.
    pub number: String,
    /// Not before that moment, in milliseconds since 1970; one that has passed is now, and one that is more than 60
    /// days away is taken for 60 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// What it is about, where it was not said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
