//! What customers send, frame by frame.

use crate::cards;
use crate::effect::{Effect, Observation};
use crate::input::{ConnectionId, CustomerHello};
use crate::live::{Live, Opening, Patience};
use crate::phase::closed::FORGET_MS;
use crate::turn::{Echo, Timer, Turn};
use conversation::{Author, Cid, ClosedBy, EventKind, Owner, ReasonCode, Seq, Survey, limits};
use std::sync::Arc;
use wire::frame::customer::{Callback, LeaveMessage, Message, SurveyAnswer};
use wire::frame::server::{Ack, AvailabilityFrame, ConnectedFrame, CustomerWelcome, SeenFrame, TypingFrame};
use wire::view;
use wire::{Close, CustomerFrame, ErrorCode, ServerFrame};

impl Turn<'_> {
    /// The opening that a `hello` describes.
    pub fn opening(&self, hello: &CustomerHello) -> Option<Opening> {
        let site = self.house.sites.get(&hello.site)?;
        Some(Opening {
            site: hello.site.clone(),
            lang: site.language(hello.lang.as_ref()),
            lang_chosen: hello.lang.as_ref().is_some_and(|lang| site.texts.contains_key(lang)),
            customer: hello.customer.clone(),
            profile: hello.profile.clone(),
            page: hello.page.clone(),
        })
    }

    /// Answers a `hello`: the state, then every event that the client does not have (promises 4 and 5).
    pub fn welcome(&mut self, live: &mut Live, connection: ConnectionId, token: String, after: Option<Seq>) {
        let away = live.tabs.is_empty();
        live.tabs.retain(|tab| *tab != connection);
        live.tabs.push(connection);
        if away {
            self.tell_connected(live);
        }
        self.watch(live);
        while live.tabs.len() > limits::TABS {
            let oldest = live.tabs.remove(0);
            self.hang_up(oldest, Close::Replaced);
        }
        let seq = live.seq();
        // A client that is ahead of us has seen another life of the log: it gets everything again.
        let resumed = after.is_some_and(|after| after <= seq);
        let outcome = match (resumed, live.state.is_some()) {
            (true, _) => "resumed",
            (false, true) => "resynced",
            (false, false) => "fresh",
        };
        self.out.effects.push_back(Effect::Observe(Observation::Resume { outcome }));
        let owner = live.state.as_ref().map(|state| &state.owner);
        let name = match owner {
            Some(Owner::Advisor { advisor }) => Some(self.people.name(advisor)),
            Some(Owner::Bot) | None => {
                self.house.sites.get(&live.opening.site).map(|site| site.script.name(live.lang()).to_owned())
            }
            Some(Owner::Queue { .. } | Owner::Offered { .. } | Owner::Closed) => None,
        };
        let lang = live.lang().clone();
        let Some(site) = self
            .house
            .sites
            .get(&live.opening.site)
            .and_then(|site| site.texts.get(&lang).or_else(|| site.texts.get(&site.lang)))
        else {
            return self.refuse(connection, ErrorCode::UnknownSite, lang.as_str(), &Echo::default());
        };
        let queue = live
            .state
            .as_ref()
            .and_then(|state| state.queue.clone())
            .unwrap_or_else(|| self.site_queue(live));
        let welcome = CustomerWelcome {
            conversation: live.id,
            token,
            epoch: self.house.epoch.clone(),
            seq,
            resumed,
            owner: owner.map_or("bot", Owner::word),
            name,
            availability: availability(self.dispatcher.entrance(&queue, self.now).1),
            lang,
            site: site.clone(),
            survey_open: live.state.as_ref().is_some_and(|state| state.survey_open),
        };
        self.out.send(connection, ServerFrame::CustomerWelcome(Box::new(welcome)));
        let from = if resumed { after.unwrap_or(0) } else { 0 };
        for event in live.events.iter().filter(|event| event.seq > from) {
            if let Some(frame) = view::for_customer(event) {
                self.out.send(connection, ServerFrame::Event(Arc::new(frame)));
            }
        }
        live.position = None;
        self.tell_position(live);
    }

    /// One frame of a customer whose `hello` was answered.
    pub fn customer_frame(&mut self, live: &mut Live, connection: ConnectionId, frame: CustomerFrame) {
        let lang = live.lang().clone();
        let cid = frame.cid().cloned();
        let echo = Echo { cid: cid.as_ref().map(|cid| cid.as_str().to_owned()), ..Echo::default() };
        // Law 10: the same cid is one event for ever, whatever has happened to the conversation since.
        if let Some(cid) = &cid
            && let Some(seq) = live.seq_of(cid)
        {
            return self.ack(connection, cid.clone(), Some(seq));
        }
        let full = live.seq() >= limits::CONVERSATION_EVENTS;
        if let Some(cid) = cid.clone() {
            if full && !live.is_closed() {
                return self.refuse(connection, ErrorCode::ConversationFull, lang.as_str(), &echo);
            }
            if live.is_closed() && !matches!(frame, CustomerFrame::Survey(_)) {
                // Closing what is closed has its effect already.
                if matches!(frame, CustomerFrame::Close(_)) {
                    return self.ack(connection, cid, None);
                }
                return self.refuse(connection, ErrorCode::Closed, lang.as_str(), &echo);
            }
        }
        match frame {
            CustomerFrame::Hello(_) => self.refuse(connection, ErrorCode::HelloTwice, lang.as_str(), &echo),
            CustomerFrame::Message(message) => self.customer_says(live, connection, message),
            CustomerFrame::Human(act) => self.customer_wants_a_human(live, connection, act.cid),
            CustomerFrame::Typing(typing) => {
                let frame = ServerFrame::Typing(TypingFrame {
                    conversation: Some(live.id),
                    from: Author::Customer,
                    name: None,
                    on: typing.on,
                });
                for advisor in self.audience(live) {
                    self.tell_advisor(&advisor, &frame);
                }
            }
            CustomerFrame::Seen(seen) => {
                let frame = ServerFrame::Seen(SeenFrame {
                    conversation: Some(live.id),
                    from: Author::Customer,
                    seq: seen.seq.min(live.seq()),
                });
                for advisor in self.audience(live) {
                    self.tell_advisor(&advisor, &frame);
                }
            }
            CustomerFrame::Survey(answer) => self.customer_answers(live, connection, answer, &echo),
            CustomerFrame::LeaveMessage(left) => self.customer_leaves_message(live, connection, left),
            CustomerFrame::Callback(asked) => self.customer_asks_to_be_called(live, connection, asked),
            CustomerFrame::Close(act) => {
                self.begin(live, None);
                let outcome = Some("left".to_owned());
                let seq = self.close_with(live, Some(act.cid.clone()), ClosedBy::Customer, outcome, None);
                self.ack(connection, act.cid, Some(seq));
            }
        }
    }

    fn customer_says(&mut self, live: &mut Live, connection: ConnectionId, message: Message) {
        let before = live.state.as_ref().map_or(0.0, |state| state.frustration);
        let heard = self.hear(live, message.cid.clone(), message.text.clone());
        self.ack(connection, message.cid, Some(heard.seq));
        if self.bot_has_it(live) {
            self.bot_hears(live, &heard, cards::without_rest(&message.text).into_owned());
        } else {
            self.heard_while_waiting(live, before);
            self.said_to_nobody(live, &message.text);
            self.tell_supervisors(live);
        }
    }

    fn customer_wants_a_human(&mut self, live: &mut Live, connection: ConnectionId, cid: Cid) {
        self.begin(live, None);
        let seq = self.append(live, Some(cid.clone()), EventKind::HumanAsked);
        self.ack(connection, cid.clone(), Some(seq));
        if self.bot_has_it(live) {
            let reason = self.reason(live, ReasonCode::ExplicitRequest, None, 1.0);
            let reason = conversation::Reason { trigger_seq: Some(seq), cid: Some(cid), ..reason };
            self.hand_over(live, reason, None, None, None);
        }
    }

    fn customer_leaves_message(&mut self, live: &mut Live, connection: ConnectionId, left: LeaveMessage) {
        self.left_words(live, left.text);
        let seq = self.leave_message(live, left.cid.clone(), left.address);
        if self.bot_has_it(live) {
            let reason = self.reason(live, ReasonCode::ExplicitRequest, None, 1.0);
            self.hand_over(live, reason, None, None, None);
        } else {
            // It takes other points, and in the place of a callback it waits for no moment.
            self.move_in_line(live);
        }
        self.ack(connection, left.cid, Some(seq));
    }

    fn customer_asks_to_be_called(&mut self, live: &mut Live, connection: ConnectionId, asked: Callback) {
        self.left_words(live, asked.text);
        let seq = self.ask_callback(live, asked.cid.clone(), asked.number.trim().to_owned(), asked.from);
        if self.bot_has_it(live) {
            let reason = self.reason(live, ReasonCode::ExplicitRequest, None, 1.0);
            self.hand_over(live, reason, None, None, None);
        } else {
            self.wait_for_the_moment(live);
        }
        self.ack(connection, asked.cid, Some(seq));
    }

    /// What came along with an address or a number.
    fn left_words(&mut self, live: &mut Live, text: Option<String>) {
        self.begin(live, text.as_deref());
        if let Some(text) = text {
            let kind = EventKind::Message {
                from: Author::Customer,
                name: None,
                advisor: None,
                text,
                choices: Vec::new(),
            };
            self.append(live, None, kind);
        }
    }

    fn customer_answers(
        &mut self,
        live: &mut Live,
        connection: ConnectionId,
        answer: SurveyAnswer,
        echo: &Echo,
    ) {
        let SurveyAnswer { cid, satisfaction, listened, comment } = answer;
        match self.survey(live, cid.clone(), Survey { satisfaction, listened, comment }) {
            Some(seq) => self.ack(connection, cid, Some(seq)),
            None => self.refuse(connection, ErrorCode::WrongState, live.lang().as_str(), echo),
        }
    }

    fn ack(&mut self, connection: ConnectionId, cid: Cid, seq: Option<Seq>) {
        let ack = Ack { cid: Some(cid), reference: None, offer: None, conversation: None, seq };
        self.out.send(connection, ServerFrame::Ack(ack));
    }

    /// A tab is gone; without any, waiting has an end.
    pub fn tab_gone(&mut self, live: &mut Live, connection: ConnectionId) {
        live.tabs.retain(|tab| *tab != connection);
        if !live.tabs.is_empty() {
            return;
        }
        self.tell_connected(live);
        match live.state.as_ref().map(|state| &state.owner) {
            None | Some(Owner::Closed) => self.out.at(self.now + FORGET_MS, Timer::Forget(live.id)),
            Some(_) => self.watch(live),
        }
    }

    /// Tells whoever sees the conversation whether its customer is there.
    fn tell_connected(&mut self, live: &Live) {
        let connected = !live.tabs.is_empty();
        let frame = ServerFrame::Connected(ConnectedFrame { conversation: live.id, connected });
        for advisor in self.audience(live) {
            self.tell_advisor(&advisor, &frame);
        }
    }

    /// Waits for a customer without a tab, or no longer. The wait begins anew when the conversation passes from the bot
    /// to a line or back, not with every offer that nobody takes.
    pub fn watch(&mut self, live: &mut Live) {
        let patience = match live.state.as_ref() {
            _ if !live.tabs.is_empty() => None,
            None => None,
            Some(state) => match state.owner {
                Owner::Bot => Some((Patience::Bot, self.house.idle_ms)),
                Owner::Queue { .. } | Owner::Offered { .. } if state.address.is_none() => {
                    Some((Patience::Line, self.house.abandon_ms))
                }
                Owner::Queue { .. } | Owner::Offered { .. } | Owner::Advisor { .. } | Owner::Closed => None,
            },
        };
        if live.given_up.map(|(of, _)| of) == patience.map(|(of, _)| of) {
            return;
        }
        if let Some((_, at)) = live.given_up.take() {
            self.out.cancel(at, &Timer::Abandoned(live.id));
        }
        if let Some((of, ms)) = patience {
            let at = self.now + ms;
            live.given_up = Some((of, at));
            self.out.at(at, Timer::Abandoned(live.id));
        }
        // They wait without a tab, for an answer that they want to see at once.
        if matches!(live.given_up, Some((Patience::Line, _))) {
            self.out.at(self.now + self.house.away_ms, Timer::Away(live.id));
        } else if std::mem::take(&mut live.away) {
            self.dispatcher.set_away(live.id, false);
            self.out.matching = true;
        }
    }

    /// They have been without a tab for a while: whoever is there comes first, until they are back.
    pub fn away(&mut self, live: &mut Live) {
        let Some((Patience::Line, until)) = live.given_up else { return };
        // The timer may be that of an absence before this one.
        let due = (until + self.house.away_ms).saturating_sub(self.house.abandon_ms);
        if self.now >= due && !live.away {
            live.away = true;
            self.set_away(live);
        }
    }

    /// Tells the dispatcher of a customer who is away.
    pub fn set_away(&mut self, live: &Live) {
        if live.away {
            self.dispatcher.set_away(live.id, true);
            self.out.matching = true;
        }
    }

    /// The customer has been without a connection for as long as the house waits.
    pub fn abandoned(&mut self, live: &mut Live) {
        let Some((patience, _)) = live.given_up.take_if(|(_, at)| *at <= self.now) else { return };
        let outcome = match patience {
            Patience::Bot => "left",
            Patience::Line => "abandoned",
        };
        self.close(live, ClosedBy::System, Some(outcome.into()), None);
    }

    /// Tells open widgets whether somebody is there.
    pub fn tell_availability(&mut self, live: &Live, availability: wire::frame::server::Availability) {
        self.tell_tabs(live, &ServerFrame::Availability(AvailabilityFrame { availability }));
    }
}

/// The dispatcher's word as frames tell it.
pub(crate) fn availability(of: dispatcher::Availability) -> wire::frame::server::Availability {
    match of {
        dispatcher::Availability::Open => wire::frame::server::Availability::Open,
        dispatcher::Availability::Busy => wire::frame::server::Availability::Busy,
        dispatcher::Availability::Closed => wire::frame::server::Availability::Closed,
    }
}
