//! What can happen to a conversation. The log holds these and nothing else (law 4); what a customer may see
//! of them is [`EventKind::customer_sees`].

use crate::id::{AdvisorId, Cid, ConversationId, CustomerId, Lang, Millis, OfferId, QueueId, Seq, SiteId};
use crate::owner::Owner;
use crate::reason::{Reason, Signal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One event of one conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Whose.
    pub conversation: ConversationId,
    /// Its place: 1, 2, 3 …
    pub seq: Seq,
    /// When it was decided, by the server's clock.
    pub at: Millis,
    /// The client's id of the frame that caused it, if one did (law 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cid>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The visitor.
    Customer,
    /// The script.
    Bot,
    /// A person of the house.
    Advisor,
    /// Relais itself, telling what happens ('Inès joins you').
    System,
}

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// The customer.
    Customer,
    /// An advisor or supervisor.
    Advisor,
    /// The bot, its answer being enough.
    Bot,
    /// Nobody was there any more.
    System,
}

/// One term of a candidate's score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// Its name (`fit`, `load`, `idle` …).
    pub name: Cow<'static, str>,
    /// What it adds to the score, its weight included.
    pub value: f32,
}

/// An advisor that was considered, with the terms that sum to the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Who.
    pub advisor: AdvisorId,
    /// The sum of the terms; the highest wins.
    pub score: f32,
    /// The terms.
    pub terms: Vec<Term>,
}

/// What the customer says at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Survey {
    /// 1–5.
    pub satisfaction: u8,
    /// 'Did you feel listened to', 1–5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listened: Option<u8>,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// The first event: where it comes from.
    Opened {
        /// The site.
        site: SiteId,
        /// The customer's language.
        lang: Lang,
        /// Who, as far as is known.
        customer: CustomerId,
        /// What the site has signed about them (name, e-mail …), shown to advisors.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<serde_json::Value>,
        /// The page it started on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page: Option<serde_json::Value>,
    },
    /// Somebody says something to the customer, or the customer says it.
    Message {
        /// Who.
        from: Author,
        /// Name shown for a bot or an advisor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The advisor, where one wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advisor: Option<AdvisorId>,
        /// The words.
        text: String,
        /// Answers that the bot proposes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        choices: Vec<String>,
    },
    /// The customer pressed 'talk to someone'.
    HumanAsked,
    /// The customer left an address, for an answer when somebody is there.
    MessageLeft {
        /// Where to answer: an e-mail address or a telephone number.
        address: String,
    },
    /// The customer asked to be called back: nobody needs to be connected, and it keeps its place in line.
    CallbackAsked {
        /// Where to call: a telephone number.
        number: String,
        /// Not before that moment, where they named one: it waits from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Millis>,
    },
    /// What the analyzer heard in a customer's message.
    Analyzed {
        /// The message.
        of: Seq,
        /// 0–1, calibrated.
        frustration: f32,
        /// Change over the last messages, −1 – 1.
        trend: f32,
        /// What was heard, with its spans.
        signals: Vec<Signal>,
        /// Version of the model.
        model: String,
    },
    /// Where the bot is and what it has gathered; its own crate knows the shape.
    BotMoved {
        /// The bot's memory.
        memory: serde_json::Value,
    },
    /// The conversation is to go to people.
    TransferRequested {
        /// Why.
        reason: Reason,
        /// To which queue.
        queue: QueueId,
        /// Who asked, where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AdvisorId>,
        /// The advisor it is meant for, where one was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<AdvisorId>,
    },
    /// An advisor is asked; the candidates say why this one.
    Offered {
        /// Its id: this event.
        offer: OfferId,
        /// To whom.
        advisor: AdvisorId,
        /// When it lapses.
        expires_at: Millis,
        /// The first candidates with their terms.
        candidates: Vec<Candidate>,
    },
    /// An offer was not taken.
    Declined {
        /// Which.
        offer: OfferId,
        /// By whom.
        advisor: AdvisorId,
        /// From a list; `expired` and `withdrawn` where nobody answered.
        reason: String,
        /// In their own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// An advisor has it now; the candidates say why this one.
    Assigned {
        /// Who.
        advisor: AdvisorId,
        /// How: `accepted`, `taken`, `supervisor`.
        #[schemars(extend("enum" = ["accepted", "taken", "supervisor"]))]
        how: String,
        /// The first candidates with their terms, as they were when the offer was made.
        candidates: Vec<Candidate>,
    },
    /// The one owner has changed (law 1); nothing else changes it.
    Owner {
        /// The new owner.
        #[serde(flatten)]
        owner: Owner,
        /// The name that the customer is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// For colleagues only.
    Note {
        /// By whom.
        advisor: AdvisorId,
        /// The words.
        text: String,
        /// Who is meant.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<AdvisorId>,
    },
    /// An advisor gives it back to the bot, or the customer goes back to it where nobody is there.
    ReturnedToBot {
        /// By whom; `None`: by the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advisor: Option<AdvisorId>,
        /// Where in the script it goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<String>,
    },
    /// An advisor corrects, or confirms, what was heard; this teaches the analyzer.
    Feedback {
        /// By whom.
        advisor: AdvisorId,
        /// The message that it is about.
        of: Seq,
        /// `frustrated`, `not_frustrated` or `wrong_reason`.
        #[schemars(extend("enum" = ["frustrated", "not_frustrated", "wrong_reason"]))]
        verdict: String,
        /// Which words, in Unicode scalar values.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        span: Option<(u32, u32)>,
        /// In their own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A supervisor joined or listens.
    Joined {
        /// Who.
        advisor: AdvisorId,
        /// `join` (the customer is told) or `listen`.
        #[schemars(extend("enum" = ["join", "listen"]))]
        how: String,
    },
    /// A supervisor changed the thresholds that this conversation is under.
    PolicyChanged {
        /// By whom.
        advisor: AdvisorId,
        /// The queue.
        queue: QueueId,
        /// What is new, as the `set_policy` frame said it.
        policy: serde_json::Value,
        /// Why.
        reason: String,
    },
    /// The customer is asked how it was.
    SurveyAsked,
    /// What they answered.
    SurveyAnswered {
        /// The answers.
        #[serde(flatten)]
        survey: Survey,
    },
    /// It is over; the `owner` event that follows says so to everybody.
    Closed {
        /// Who ended it.
        by: ClosedBy,
        /// From a list: `resolved`, `unresolved`, `abandoned` …
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// The advisor, where one closed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advisor: Option<AdvisorId>,
    },
}

impl EventKind {
    /// Whether the customer is shown it. They never see notes, signals, scores or reasons.
    pub fn customer_sees(&self) -> bool {
        match self {
            EventKind::Message { .. }
            | EventKind::Owner { .. }
            | EventKind::SurveyAsked
            | EventKind::Closed { .. } => true,
            EventKind::Opened { .. }
            | EventKind::HumanAsked
            | EventKind::MessageLeft { .. }
            | EventKind::CallbackAsked { .. }
            | EventKind::Analyzed { .. }
            | EventKind::BotMoved { .. }
            | EventKind::TransferRequested { .. }
            | EventKind::Offered { .. }
            | EventKind::Declined { .. }
            | EventKind::Assigned { .. }
            | EventKind::Note { .. }
            | EventKind::ReturnedToBot { .. }
            | EventKind::Feedback { .. }
            | EventKind::Joined { .. }
            | EventKind::PolicyChanged { .. }
            | EventKind::SurveyAnswered { .. } => false,
        }
    }

    /// Whether it is shown to advisors; the bot's own memory is nobody's reading.
    pub fn advisor_sees(&self) -> bool {
        !matches!(self, EventKind::BotMoved { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_event_reads_as_the_protocol_writes_it() {
        let event = Event {
            conversation: ConversationId(1),
            seq: 4,
            at: 12,
            cid: None,
            kind: EventKind::Owner {
                owner: Owner::Advisor { advisor: AdvisorId::new("ines").unwrap() },
                name: Some("Inès".into()),
            },
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"conversation": "0000000000000001", "seq": 4, "at": 12, "kind": "owner",
                "owner": "advisor", "advisor": "ines", "name": "Inès"})
        );
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
