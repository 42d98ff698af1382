//! What of an event each side may see: the customer never sees notes, signals, scores or reasons.

use crate::frame::server::EventFrame;
use conversation::{
    AdvisorId, Author, Cid, ClosedBy, Event, EventKind, Evidence, OpenOffer, Owner, Reason, ReasonCode,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The kind of an event with the fields that a side may see.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Body {
    /// As customers see it.
    Customer(CustomerBody),
    /// As advisors see it.
    Advisor(AdvisorBody),
}

/// The kinds that a customer sees.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CustomerBody {
    /// Somebody said something.
    Message {
        /// Who.
        from: Author,
        /// Name shown for a bot or a person.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The words; a text node, never markup.
        text: String,
        /// The sender's own id, so that a client knows its own message.
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<Cid>,
        /// Answers that the bot proposes.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        choices: Vec<String>,
    },
    /// Who has the conversation now.
    Owner {
        /// `bot`, `queue`, `offered`, `advisor` or `closed`.
        #[schemars(extend("enum" = crate::frame::server::OWNERS))]
        owner: &'static str,
        /// The name shown.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// How was it?
    SurveyAsked,
    /// It is over.
    Closed {
        /// Who ended it.
        by: ClosedBy,
    },
}

/// The kinds that an advisor sees.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AdvisorBody {
    /// The sender's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    /// The event as the log has it, reasons and owners worded below.
    #[serde(flatten)]
    pub kind: AdvisorKind,
}

/// An event's kind for advisors: a transfer carries its reason worded, everything else is as the log has it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AdvisorKind {
    /// `transfer_requested`.
    Transfer(TransferBody),
    /// Every other kind.
    Other(EventKind),
}

/// `transfer_requested`, with its reason in words.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TransferBody {
    /// Always `transfer_requested`.
    pub kind: TransferKind,
    /// Why, with its sentence.
    pub reason: ReasonView,
    /// To which queue.
    pub queue: conversation::QueueId,
    /// Who asked, where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<AdvisorId>,
    /// The advisor it is meant for, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<AdvisorId>,
}

/// The one value of [`TransferBody::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// The kind's name.
    TransferRequested,
}

/// A reason as an advisor reads it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ReasonView {
    /// Why, in one word.
    pub code: ReasonCode,
    /// The message that decided.
    pub trigger_seq: Option<u64>,
    /// Frustration at that moment.
    pub score: f32,
    /// The threshold that it passed.
    pub threshold: f32,
    /// What was heard, strongest first.
    pub signals: Vec<Evidence>,
    /// Version of the policy that decided.
    pub policy: String,
    /// In the reader's language.
    pub sentence: String,
    /// What the author of the transfer wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The trigger message's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// When it was decided.
    pub at: u64,
}

impl ReasonView {
    /// The reason, worded for a reader of `lang`.
    pub fn new(reason: &Reason, at: u64, lang: &str) -> ReasonView {
        ReasonView {
            code: reason.code,
            trigger_seq: reason.trigger_seq,
            score: reason.score,
            threshold: reason.threshold,
            signals: reason.signals.clone(),
            policy: reason.policy.clone(),
            sentence: crate::sentence::reason(reason, lang),
            note: reason.note.clone(),
            quote: reason.quote.clone(),
            at,
        }
    }
}

/// The event as the customer sees it; `None` where they do not.
pub fn for_customer(event: &Event) -> Option<EventFrame> {
    let body = match &event.kind {
        EventKind::Message { from, name, text, choices, .. } => CustomerBody::Message {
            from: *from,
            name: name.clone(),
            text: text.clone(),
            cid: if *from == Author::Customer { event.cid.clone() } else { None },
            choices: choices.clone(),
        },
        EventKind::Owner { owner, name } => CustomerBody::Owner { owner: owner.word(), name: name.clone() },
        EventKind::SurveyAsked => CustomerBody::SurveyAsked,
        EventKind::Closed { by, .. } => CustomerBody::Closed { by: *by },
        kind => {
            debug_assert!(!kind.customer_sees());
            return None;
        }
    };
    Some(EventFrame {
        conversation: event.conversation,
        seq: event.seq,
        at: event.at,
        body: Body::Customer(body),
    })
}

/// The event as an advisor who reads `lang` sees it; `None` where they do not.
pub fn for_advisor(event: &Event, lang: &str) -> Option<EventFrame> {
    if !event.kind.advisor_sees() {
        return None;
    }
    let kind = match &event.kind {
        EventKind::TransferRequested { reason, queue, by, to } => AdvisorKind::Transfer(TransferBody {
            kind: TransferKind::TransferRequested,
            reason: ReasonView::new(reason, event.at, lang),
            queue: queue.clone(),
            by: by.clone(),
            to: to.clone(),
        }),
        kind => AdvisorKind::Other(kind.clone()),
    };
    Some(EventFrame {
        conversation: event.conversation,
        seq: event.seq,
        at: event.at,
        body: Body::Advisor(AdvisorBody { cid: event.cid.as_ref().map(|cid| cid.chosen().to_owned()), kind }),
    })
}

/// The advisor that an owner names, if it names exactly one.
pub fn owner_advisor(owner: &Owner) -> Option<&AdvisorId> {
    match owner {
        Owner::Advisor { advisor } => Some(advisor),
        Owner::Offered { offers, .. } => match offers.as_slice() {
            [OpenOffer { advisor, .. }] => Some(advisor),
            _ => None,
        },
        Owner::Bot | Owner::Queue { .. } | Owner::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conversation::{ConversationId, QueueId};

    #[test]
    fn a_customer_never_learns_the_advisors_sign_in_name_or_the_offers() {
        let owner = Owner::Offered {
            queue: QueueId::new("care").unwrap(),
            offers: vec![OpenOffer {
                offer: conversation::OfferId { conversation: ConversationId(1), seq: 2 },
                advisor: AdvisorId::new("ines.secret").unwrap(),
                expires_at: 5,
            }],
        };
        let event = Event {
            conversation: ConversationId(1),
            seq: 3,
            at: 5,
            cid: None,
            kind: EventKind::Owner { owner, name: None },
        };
        let seen = serde_json::to_value(for_customer(&event).unwrap()).unwrap();
        assert_eq!(
            seen,
            serde_json::json!({"conversation": "0000000000000001", "seq": 3, "at": 5, "kind": "owner", "owner": "offered"})
        );
    }
}
