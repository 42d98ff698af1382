//! What a conversation is at a moment: [`State::apply`] is the one way in which it changes, live and in replay
//! alike (law 4).

use crate::event::{Author, Event, EventKind};
use crate::id::{AdvisorId, ConversationId, CustomerId, Lang, Millis, QueueId, Seq, SiteId};
use crate::owner::Owner;

/// Why an event cannot follow. In a log it means damage; live, it is a defect of the router.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A gap, or one event twice.
    #[error("event {got} of conversation {conversation} came where {expected} must come")]
    Seq {
        /// Whose.
        conversation: ConversationId,
        /// The next in line.
        expected: Seq,
        /// What came.
        got: Seq,
    },
    /// The first event is not `opened`, or a later one is.
    #[error("conversation {conversation} must begin with `opened`, and only begin with it (event {seq})")]
    Opening {
        /// Whose.
        conversation: ConversationId,
        /// Where.
        seq: Seq,
    },
    /// A change of owner that the table of law 1 does not have.
    #[error("conversation {conversation} cannot pass from {from} to {to} (event {seq})")]
    Owner {
        /// Whose.
        conversation: ConversationId,
        /// Where.
        seq: Seq,
        /// The owner before.
        from: &'static str,
        /// The owner that the event names.
        to: &'static str,
    },
    /// The bot spoke while an advisor had the conversation (law 8).
    #[error("the bot spoke in conversation {conversation} after a human had claimed it (event {seq})")]
    BotSpoke {
        /// Whose.
        conversation: ConversationId,
        /// Where.
        seq: Seq,
    },
}

/// A wish to be called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Not before that moment, where they named one.
    pub from: Option<Millis>,
}

/// A conversation, as its events so far say.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Which.
    pub id: ConversationId,
    /// The site it comes from.
    pub site: SiteId,
    /// The customer's language.
    pub lang: Lang,
    /// Who.
    pub customer: CustomerId,
    /// When it began.
    pub opened_at: Millis,
    /// The last event's place.
    pub seq: Seq,
    /// When the last event was decided.
    pub last_at: Millis,
    /// Who has it.
    pub owner: Owner,
    /// When the present wait began: since the transfer, kept over offers and requeues.
    pub waiting_since: Option<Millis>,
    /// The queue of the last transfer.
    pub queue: Option<QueueId>,
    /// The advisor who had it last; affinity.
    pub last_advisor: Option<AdvisorId>,
    /// The last score heard, 0–1.
    pub frustration: f32,
    /// The highest score heard.
    pub peak: f32,
    /// The customer left an address; nobody needs to be connected.
    pub address: Option<String>,
    /// They asked to be called back, at `address`; with the moment from which on, where they named one.
    pub callback: Option<Callback>,
    /// The bot's memory.
    pub bot: Option<serde_json::Value>,
    /// Messages by the customer.
    pub customer_messages: u32,
    /// The survey was asked and not answered.
    pub survey_open: bool,
    /// How it ended.
    pub outcome: Option<String>,
}

/// How the customer is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// In the chat, where they wait for it.
    Chat,
    /// At the address that they left.
    Message,
    /// By a call to the number that they left.
    Callback,
}

impl State {
    /// How the customer is to be answered.
    pub fn channel(&self) -> Channel {
        match (&self.callback, &self.address) {
            (Some(_), _) => Channel::Callback,
            (None, Some(_)) => Channel::Message,
            (None, None) => Channel::Chat,
        }
    }

    /// The moment before which they do not want to be called back, where they named one.
    pub fn not_before(&self) -> Option<Millis> {
        self.callback.and_then(|callback| callback.from)
    }

    /// The state after the first event.
    ///
    /// # Errors
    /// The event is not `opened` or not the first.
    pub fn open(event: &Event) -> Result<State, ApplyError> {
        let EventKind::Opened { site, lang, customer, .. } = &event.kind else {
            return Err(ApplyError::Opening { conversation: event.conversation, seq: event.seq });
        };
        if event.seq != 1 {
            return Err(ApplyError::Seq { conversation: event.conversation, expected: 1, got: event.seq });
        }
        Ok(State {
            id: event.conversation,
            site: site.clone(),
            lang: lang.clone(),
            customer: customer.clone(),
            opened_at: event.at,
            seq: 1,
            last_at: event.at,
            owner: Owner::Bot,
            waiting_since: None,
            queue: None,
            last_advisor: None,
            frustration: 0.0,
            peak: 0.0,
            address: None,
            callback: None,
            bot: None,
            customer_messages: 0,
            survey_open: false,
            outcome: None,
        })
    }

    /// Takes one event in.
    ///
    /// # Errors
    /// The event cannot follow; the state is as it was.
    pub fn apply(&mut self, event: &Event) -> Result<(), ApplyError> {
        let (conversation, seq) = (self.id, event.seq);
        if seq != self.seq + 1 {
            return Err(ApplyError::Seq { conversation, expected: self.seq + 1, got: seq });
        }
        match &event.kind {
            EventKind::Opened { .. } => return Err(ApplyError::Opening { conversation, seq }),
            EventKind::Message { from, .. } => match from {
                Author::Customer => self.customer_messages += 1,
                Author::Bot if matches!(self.owner, Owner::Advisor { .. }) => {
                    return Err(ApplyError::BotSpoke { conversation, seq });
                }
                Author::Bot | Author::Advisor | Author::System => {}
            },
            EventKind::Owner { owner, .. } => self.pass_to(owner, event)?,
            EventKind::Analyzed { frustration, .. } => {
                self.frustration = *frustration;
                self.peak = self.peak.max(*frustration);
            }
            EventKind::BotMoved { memory } => self.bot = Some(memory.clone()),
            EventKind::TransferRequested { queue, .. } => self.queue = Some(queue.clone()),
            EventKind::MessageLeft { address } => {
                (self.address, self.callback) = (Some(address.clone()), None);
            }
            EventKind::CallbackAsked { number, from } => {
                (self.address, self.callback) = (Some(number.clone()), Some(Callback { from: *from }));
            }
            EventKind::SurveyAsked => self.survey_open = true,
            EventKind::SurveyAnswered { .. } => self.survey_open = false,
            EventKind::Closed { outcome, .. } => self.outcome = outcome.clone(),
            EventKind::HumanAsked
            | EventKind::Offered { .. }
            | EventKind::Declined { .. }
            | EventKind::Assigned { .. }
            | EventKind::Note { .. }
            | EventKind::ReturnedToBot { .. }
            | EventKind::Feedback { .. }
            | EventKind::Joined { .. }
            | EventKind::PolicyChanged { .. } => {}
        }
        self.seq = seq;
        self.last_at = event.at;
        Ok(())
    }

    fn pass_to(&mut self, next: &Owner, event: &Event) -> Result<(), ApplyError> {
        if !self.owner.may_become(next) {
            return Err(ApplyError::Owner {
                conversation: self.id,
                seq: event.seq,
                from: self.owner.word(),
                to: next.word(),
            });
        }
        match next {
            Owner::Queue { queue } | Owner::Offered { queue, .. } => {
                self.waiting_since.get_or_insert(event.at);
                self.queue = Some(queue.clone());
            }
            Owner::Advisor { advisor } => {
                self.waiting_since = None;
                self.last_advisor = Some(advisor.clone());
            }
            Owner::Bot | Owner::Closed => self.waiting_since = None,
        }
        self.owner = next.clone();
        Ok(())
    }

    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        self.owner == Owner::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: Seq, kind: EventKind) -> Event {
        Event { conversation: ConversationId(7), seq, at: 1_000 + seq, cid: None, kind }
    }

    fn opened() -> State {
        State::open(&event(
            1,
            EventKind::Opened {
                site: SiteId::new("demo").unwrap(),
                lang: Lang::new("fr").unwrap(),
                customer: CustomerId::new("anon-1").unwrap(),
                profile: None,
                page: None,
            },
        ))
        .unwrap()
    }

    fn owner(owner: Owner) -> EventKind {
        EventKind::Owner { owner, name: None }
    }

    #[test]
    fn a_gap_a_repeat_and_a_second_opening_are_refused_and_change_nothing() {
        let mut state = opened();
        let before = state.clone();
        for seq in [0, 1, 3] {
            assert!(matches!(state.apply(&event(seq, EventKind::SurveyAsked)), Err(ApplyError::Seq { .. })));
        }
        let first = EventKind::Opened {
            site: state.site.clone(),
            lang: state.lang.clone(),
            customer: state.customer.clone(),
            profile: None,
            page: None,
        };
        assert!(matches!(state.apply(&event(2, first)), Err(ApplyError::Opening { .. })));
        assert_eq!(state, before);
    }

    #[test]
    fn the_bot_is_silent_once_a_human_has_the_floor() {
        let mut state = opened();
        let ines = AdvisorId::new("ines").unwrap();
        let say = |seq| {
            let kind = EventKind::Message {
                from: Author::Bot,
                name: None,
                advisor: None,
                text: "Bonjour".into(),
                choices: vec![],
            };
            event(seq, kind)
        };
        state.apply(&say(2)).unwrap();
        state.apply(&event(3, owner(Owner::Queue { queue: QueueId::new("care").unwrap() }))).unwrap();
        state.apply(&event(4, owner(Owner::Advisor { advisor: ines.clone() }))).unwrap();
        assert!(matches!(state.apply(&say(5)), Err(ApplyError::BotSpoke { .. })));
        state.apply(&event(5, owner(Owner::Bot))).unwrap();
        state.apply(&say(6)).unwrap();
        assert_eq!(state.last_advisor, Some(ines));
    }

    #[test]
    fn the_table_of_owners_is_exactly_this() {
        let queue = QueueId::new("care").unwrap();
        let advisor = AdvisorId::new("ines").unwrap();
        let offer = crate::OfferId { conversation: ConversationId(7), seq: 3 };
        let all = [
            Owner::Bot,
            Owner::Queue { queue: queue.clone() },
            Owner::Offered {
                queue,
                offers: vec![crate::OpenOffer { offer, advisor: advisor.clone(), expires_at: 9 }],
            },
            Owner::Advisor { advisor },
            Owner::Closed,
        ];
        let table: Vec<String> = all
            .iter()
            .map(|from| all.iter().map(|to| if from.may_become(to) { 'y' } else { '-' }).collect())
            .collect();
        //                    bot, queue, offered, advisor, closed
        assert_eq!(table, ["-y-yy", "yyyyy", "yyyyy", "yyyyy", "-----"]);
    }
}
