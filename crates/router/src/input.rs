//! Everything that can make the brain act.

use crate::house::House;
use crate::people::Account;
use conversation::{AdvisorId, ConversationId, CustomerId, Event, Lang, Seq, SiteId};
use serde_json::Value;
use std::sync::Arc;
use wire::frame::server::Earlier;
use wire::frame::{AdvisorFrame, CustomerFrame};

/// One connection, for as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What comes in.
#[derive(Clone, Debug)]
pub enum Input {
    /// A customer's good `hello`; token, origin and identity were checked.
    CustomerHello(Box<CustomerHello>),
    /// Any later customer's frame.
    CustomerFrame {
        /// From where.
        connection: ConnectionId,
        /// What.
        frame: CustomerFrame,
    },
    /// An advisor's good `hello`.
    AdvisorHello {
        /// From where.
        connection: ConnectionId,
        /// Who, authenticated.
        advisor: AdvisorId,
        /// The reader's language.
        lang: Lang,
    },
    /// Any later advisor's frame.
    AdvisorFrame {
        /// From where.
        connection: ConnectionId,
        /// What.
        frame: AdvisorFrame,
    },
    /// A connection that had said `hello` is gone.
    Gone {
        /// Which.
        connection: ConnectionId,
    },
    /// The answer to [`crate::Effect::Load`]: every event, or none where there is no such conversation.
    Loaded {
        /// Which.
        conversation: ConversationId,
        /// From the first on.
        events: Vec<Event>,
    },
    /// The answer to [`crate::Effect::Earlier`].
    Earlier {
        /// For which conversation.
        conversation: ConversationId,
        /// Newest first.
        earlier: Vec<Earlier>,
    },
    /// The answer to [`crate::Effect::Call`].
    CallDone {
        /// For which conversation.
        conversation: ConversationId,
        /// The ticket of the call.
        ticket: u64,
        /// What came back, or why nothing did.
        result: Result<Value, String>,
    },
    /// An account is new or was changed.
    PutAccount(Box<Account>),
    /// An account is no longer valid.
    RemoveAccount(AdvisorId),
    /// Another configuration.
    SetHouse(Arc<House>),
    /// Everything that was open has been loaded: lapsed offers return to their lines and matching begins.
    Started,
}

/// A customer's good `hello`.
#[derive(Clone, Debug)]
pub struct CustomerHello {
    /// From where.
    pub connection: ConnectionId,
    /// The site, known to exist.
    pub site: SiteId,
    /// What the client asked for.
    pub lang: Option<Lang>,
    /// The conversation to resume, its token being right.
    pub resume: Option<Resume>,
    /// The id of a new conversation, where there is none to resume.
    pub fresh: ConversationId,
    /// Who, for a new conversation.
    pub customer: CustomerId,
    /// Whether the site has signed for who it is.
    pub verified: bool,
    /// What the site has signed about them.
    pub profile: Option<Value>,
    /// The page.
    pub page: Option<Value>,
    /// Proves the conversation that the welcome names: made by the shell for `resume` or `fresh`.
    pub token: String,
    /// The same for `fresh`, where `resume` turns out to be unknown.
    pub fresh_token: String,
}

/// What a client has of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Which.
    pub conversation: ConversationId,
    /// The last event that the client has, if it is of this log's life.
    pub after: Option<Seq>,
}
