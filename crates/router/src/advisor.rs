//! What advisors send, frame by frame; what only supervisors may send is in `supervisor.rs`.

use crate::input::ConnectionId;
use crate::live::Live;
use crate::people::Role;
use crate::snapshot;
use crate::turn::{Echo, Turn};
use conversation::{
    AdvisorId, Author, Cid, ClosedBy, ConversationId, EventKind, OfferId, Owner, ReasonCode, Seq, limits,
};
use dispatcher::{ClaimError, Refusal};
use wire::frame::advisor::{
    Accept, AdvisorSeen, AdvisorTyping, CloseConversation, Decline, GiveFeedback, Open, ReturnToBot, Say,
    Take, Transfer, WriteNote,
};
use wire::frame::offer::GoneWhy;
use wire::frame::server::{Ack, SeenFrame, TypingFrame};
use wire::{AdvisorFrame, ErrorCode, ServerFrame};

/// Who asks, from where, and what an answer echoes.
pub(crate) struct Asker {
    pub connection: ConnectionId,
    pub advisor: AdvisorId,
    pub lang: String,
    pub echo: Echo,
}

impl Asker {
    /// The asker of a frame, with everything that its answer must echo.
    pub fn new(connection: ConnectionId, advisor: AdvisorId, lang: &str, frame: &AdvisorFrame) -> Asker {
        let cid = match frame {
            AdvisorFrame::Say(say) => Some(say.cid.as_str().to_owned()),
            AdvisorFrame::WriteNote(note) => Some(note.cid.as_str().to_owned()),
            _ => None,
        };
        let offer = match frame {
            AdvisorFrame::Accept(accept) => Some(accept.offer),
            AdvisorFrame::Decline(decline) => Some(decline.offer),
            _ => None,
        };
        let echo = Echo { cid, offer, reference: frame.reference().map(str::to_owned) };
        Asker { connection, advisor, lang: lang.to_owned(), echo }
    }
}

/// The conversation that a frame is about, where it is about one.
pub(crate) fn subject(frame: &AdvisorFrame) -> Option<ConversationId> {
    match frame {
        AdvisorFrame::Accept(Accept { offer, .. }) | AdvisorFrame::Decline(Decline { offer, .. }) => {
            Some(offer.conversation)
        }
        AdvisorFrame::Say(Say { conversation, .. })
        | AdvisorFrame::WriteNote(WriteNote { conversation, .. })
        | AdvisorFrame::Take(Take { conversation, .. })
        | AdvisorFrame::Transfer(Transfer { conversation, .. })
        | AdvisorFrame::ReturnToBot(ReturnToBot { conversation, .. })
        | AdvisorFrame::GiveFeedback(GiveFeedback { conversation, .. })
        | AdvisorFrame::CloseConversation(CloseConversation { conversation, .. })
        | AdvisorFrame::AdvisorTyping(AdvisorTyping { conversation, .. })
        | AdvisorFrame::AdvisorSeen(AdvisorSeen { conversation, .. })
        | AdvisorFrame::Open(Open { conversation, .. }) => Some(*conversation),
        AdvisorFrame::Assign(frame) => Some(frame.conversation),
        AdvisorFrame::Requeue(frame) => Some(frame.conversation),
        AdvisorFrame::Join(frame) => Some(frame.conversation),
        AdvisorFrame::Listen(frame) => Some(frame.conversation),
        AdvisorFrame::AdvisorHello(_) | AdvisorFrame::SetPresence(_) | AdvisorFrame::SetPolicy(_) => None,
    }
}

/// The one answer to what is not there and to what is not theirs: nobody learns which conversations exist.
pub(crate) fn unseen(frame: &AdvisorFrame) -> ErrorCode {
    match frame {
        AdvisorFrame::Accept(_) | AdvisorFrame::Decline(_) => ErrorCode::OfferGone,
        _ => ErrorCode::UnknownConversation,
    }
}

impl Turn<'_> {
    /// One frame about one conversation; `mine` tells whether another conversation of its customer is the asker's.
    pub fn advisor_frame(&mut self, live: &mut Live, asker: &Asker, frame: AdvisorFrame, mine: bool) {
        let Some(person) = self.people.get(&asker.advisor) else { return };
        if !snapshot::may_see(self.people, person, live, |_| mine)
            && !self.may_claim(live, &frame, person.account.role)
        {
            return self.deny(asker, unseen(&frame));
        }
        if live.seq() >= limits::CONVERSATION_EVENTS && !matches!(frame, AdvisorFrame::CloseConversation(_)) {
            return self.deny(asker, ErrorCode::ConversationFull);
        }
        match frame {
            AdvisorFrame::Accept(frame) => self.advisor_accepts(live, asker, frame.offer),
            AdvisorFrame::Decline(frame) => self.advisor_declines(live, asker, frame),
            AdvisorFrame::Say(frame) => self.advisor_says(live, asker, frame),
            AdvisorFrame::WriteNote(frame) => self.advisor_notes(live, asker, frame),
            AdvisorFrame::Take(_) => self.advisor_takes(live, asker),
            AdvisorFrame::Transfer(frame) => self.advisor_transfers(live, asker, frame),
            AdvisorFrame::ReturnToBot(frame) => {
                if self.must_hold(live, asker) {
                    if self.bot_has_it(live) {
                        return self.deny(asker, ErrorCode::WrongState);
                    }
                    if let Some(holder) = self.back_to_bot(live, Some(&asker.advisor), frame.node) {
                        self.gone_from(live, &holder);
                    }
                    self.done(asker, Some(live.id), Some(live.seq()));
                }
            }
            AdvisorFrame::GiveFeedback(frame) => self.advisor_corrects(live, asker, frame),
            AdvisorFrame::CloseConversation(frame) => self.advisor_closes(live, asker, frame),
            AdvisorFrame::AdvisorTyping(frame) => {
                if holder(live).as_ref() == Some(&asker.advisor) {
                    let name = Some(self.people.name(&asker.advisor));
                    let frame = TypingFrame { conversation: None, from: Author::Advisor, name, on: frame.on };
                    self.tell_tabs(live, &ServerFrame::Typing(frame));
                }
            }
            AdvisorFrame::AdvisorSeen(frame) => {
                if holder(live).as_ref() == Some(&asker.advisor) {
                    let seq = frame.seq.min(live.seq());
                    let frame = SeenFrame { conversation: None, from: Author::Advisor, seq };
                    self.tell_tabs(live, &ServerFrame::Seen(frame));
                }
            }
            AdvisorFrame::Open(_) => {
                let view = snapshot::conversation(live, &asker.lang);
                self.out.send(asker.connection, ServerFrame::Conversation(Box::new(view)));
                self.done(asker, Some(live.id), None);
            }
            AdvisorFrame::Assign(_)
            | AdvisorFrame::Requeue(_)
            | AdvisorFrame::Join(_)
            | AdvisorFrame::Listen(_) => {
                self.supervisor_frame(live, asker, frame);
            }
            AdvisorFrame::AdvisorHello(_) => self.deny(asker, ErrorCode::HelloTwice),
            AdvisorFrame::SetPresence(_) | AdvisorFrame::SetPolicy(_) => {}
        }
    }

    fn may_claim(&self, live: &Live, frame: &AdvisorFrame, role: Role) -> bool {
        let waits = matches!(
            live.state.as_ref().map(|s| &s.owner),
            Some(Owner::Queue { .. } | Owner::Offered { .. })
        );
        matches!(frame, AdvisorFrame::Take(_) | AdvisorFrame::Open(_))
            && waits
            && (role == Role::Supervisor || self.house.advisors_may_take)
    }

    fn advisor_accepts(&mut self, live: &mut Live, asker: &Asker, offer: OfferId) {
        if self.accept(live, offer, &asker.advisor) {
            return self.done(asker, Some(live.id), Some(live.seq()));
        }
        // Accepting twice (a second tab, a resend) has its effect already.
        let taken = holder(live).as_ref() == Some(&asker.advisor)
            && live.events.iter().any(|event| matches!(&event.kind, EventKind::Offered { offer: of, advisor, .. } if *of == offer && *advisor == asker.advisor));
        if taken {
            return self.done(asker, Some(live.id), None);
        }
        self.deny(asker, ErrorCode::OfferGone);
    }

    fn advisor_declines(&mut self, live: &mut Live, asker: &Asker, frame: Decline) {
        if !self.house.declines.contains(&frame.reason) {
            return self.deny(asker, ErrorCode::BadValue);
        }
        let theirs =
            self.people.get(&asker.advisor).is_some_and(|person| person.offers.contains(&frame.offer));
        if theirs && self.refuse_offer(live, frame.offer, Refusal::Declined, frame.reason, frame.note) {
            self.done(asker, Some(live.id), Some(live.seq()));
        } else {
            self.deny(asker, ErrorCode::OfferGone);
        }
    }

    fn advisor_says(&mut self, live: &mut Live, asker: &Asker, frame: Say) {
        let cid = Cid::of_advisor(&asker.advisor, &frame.cid);
        if let Some(seq) = live.seq_of(&cid) {
            return self.ack_cid(asker, live.id, frame.cid, seq);
        }
        if live.is_closed() {
            return self.deny(asker, ErrorCode::Closed);
        }
        let joined = live.watchers.contains(&asker.advisor);
        if holder(live).as_ref() != Some(&asker.advisor) {
            if !joined {
                return self.deny(asker, ErrorCode::NotYours);
            }
            if self.listens_only(live, &asker.advisor) {
                // A listener's words are a whisper to the advisor.
                let mentions = holder(live).into_iter().collect();
                let kind = EventKind::Note { advisor: asker.advisor.clone(), text: frame.text, mentions };
                let seq = self.append(live, Some(cid), kind);
                return self.ack_cid(asker, live.id, frame.cid, seq);
            }
        }
        let seq = self.say(live, &asker.advisor, cid, frame.text);
        self.ack_cid(asker, live.id, frame.cid, seq);
    }

    fn advisor_notes(&mut self, live: &mut Live, asker: &Asker, frame: WriteNote) {
        let cid = Cid::of_advisor(&asker.advisor, &frame.cid);
        if let Some(seq) = live.seq_of(&cid) {
            return self.ack_cid(asker, live.id, frame.cid, seq);
        }
        if live.state.is_none() {
            return self.deny(asker, ErrorCode::UnknownConversation);
        }
        let kind = EventKind::Note {
            advisor: asker.advisor.clone(),
            text: frame.text,
            mentions: frame.mentions.clone(),
        };
        let seq = self.append(live, Some(cid), kind);
        for mentioned in frame.mentions {
            if !self.audience(live).contains(&mentioned) {
                self.show_whole(live, &mentioned);
            }
        }
        self.ack_cid(asker, live.id, frame.cid, seq);
    }

    fn advisor_takes(&mut self, live: &mut Live, asker: &Asker) {
        if holder(live).as_ref() == Some(&asker.advisor) {
            return self.done(asker, Some(live.id), None);
        }
        let Some(person) = self.people.get(&asker.advisor) else { return };
        if person.account.role != Role::Supervisor && !self.house.advisors_may_take {
            return self.deny(asker, ErrorCode::Forbidden);
        }
        if !matches!(live.state.as_ref().map(|s| &s.owner), Some(Owner::Queue { .. } | Owner::Offered { .. }))
        {
            return self
                .deny(asker, if live.is_closed() { ErrorCode::Closed } else { ErrorCode::WrongState });
        }
        let advisor = asker.advisor.clone();
        self.claim_for(live, asker, &advisor, "taken");
    }

    /// Gives a conversation to a named advisor, if they have a free seat (law 2).
    pub fn claim_for(&mut self, live: &mut Live, asker: &Asker, advisor: &AdvisorId, how: &str) {
        let Some(state) = &live.state else { return self.deny(asker, ErrorCode::WrongState) };
        let policy = self.dispatcher.policy();
        let queue = state.queue.clone().unwrap_or_else(|| self.site_queue(live));
        let weight = policy.queue(&queue).weight(state.channel(), state.frustration);
        let holder = holder(live);
        if let Some(holder) = &holder {
            if holder == advisor {
                return self.done(asker, Some(live.id), None);
            }
            // Law 2 for the new one first: the old one only loses the seat when the new one can have theirs.
            let free = self
                .dispatcher
                .load(advisor)
                .is_some_and(|l| l.held + l.reserved + weight.min(l.capacity) <= l.capacity);
            if !free {
                return self.deny(asker, ErrorCode::NoSeat);
            }
            self.dispatcher.release(live.id, holder, self.now);
        }
        if let Err(error) = self.dispatcher.claim(live.id, advisor, weight, true, self.now) {
            if let Some(holder) = &holder {
                // Another shard was quicker: everything is as it was, and where even the old seat is taken by now
                // the conversation goes back to its line.
                let mut points = [weight, 1].into_iter();
                if !points
                    .any(|points| self.dispatcher.claim(live.id, holder, points, true, self.now).is_ok())
                {
                    self.advisor_lost(live, holder);
                }
            }
            return self.deny(
                asker,
                match error {
                    ClaimError::Unknown => ErrorCode::UnknownAdvisor,
                    ClaimError::NoSeat | ClaimError::Absent => ErrorCode::NoSeat,
                    ClaimError::Held => ErrorCode::WrongState,
                    ClaimError::Full => ErrorCode::Full,
                },
            );
        }
        if let Some(holder) = &holder {
            self.no_longer_with(live, holder);
            self.gone_from(live, holder);
        }
        self.drop_offers(live, GoneWhy::AcceptedElsewhere, None);
        if self.bot_has_it(live) {
            let reason = self.reason(live, ReasonCode::Supervisor, None, 1.0);
            let (by, to) = (Some(asker.advisor.clone()), Some(advisor.clone()));
            self.append(live, None, EventKind::TransferRequested { reason, queue, by, to });
        }
        self.assign(live, advisor, how, Vec::new());
        self.out.matching = true;
        self.done(asker, Some(live.id), Some(live.seq()));
    }

    fn advisor_transfers(&mut self, live: &mut Live, asker: &Asker, frame: Transfer) {
        if !self.must_hold(live, asker) {
            return;
        }
        if let Some(queue) = &frame.to.queue
            && !self.house.queues.contains_key(queue)
        {
            return self.deny(asker, ErrorCode::UnknownQueue);
        }
        if let Some(to) = &frame.to.advisor {
            if self.people.get(to).is_none() {
                return self.deny(asker, ErrorCode::UnknownAdvisor);
            }
            if holder(live).as_ref() == Some(to) {
                return self.deny(asker, ErrorCode::WrongState);
            }
        }
        let by = asker.advisor.clone();
        self.transfer(live, &by, ReasonCode::AdvisorRequest, frame.to.queue, frame.to.advisor, frame.note);
        self.done(asker, Some(live.id), Some(live.seq()));
    }

    fn advisor_corrects(&mut self, live: &mut Live, asker: &Asker, frame: GiveFeedback) {
        let words =
            live.events.iter().find(|event| event.seq == frame.seq).and_then(|event| match &event.kind {
                EventKind::Message { from: Author::Customer, text, .. } => Some(text.chars().count()),
                _ => None,
            });
        let Some(length) = words else { return self.deny(asker, ErrorCode::BadValue) };
        if frame.span.is_some_and(|span| span.end as usize > length) {
            return self.deny(asker, ErrorCode::BadValue);
        }
        let kind = EventKind::Feedback {
            advisor: asker.advisor.clone(),
            of: frame.seq,
            verdict: frame.verdict.as_str().to_owned(),
            span: frame.span.map(|span| (span.start, span.end)),
            note: frame.note,
        };
        let seq = self.append(live, None, kind);
        self.done(asker, Some(live.id), Some(seq));
    }

    fn advisor_closes(&mut self, live: &mut Live, asker: &Asker, frame: CloseConversation) {
        if !self.house.outcomes.contains(&frame.outcome) {
            return self.deny(asker, ErrorCode::BadValue);
        }
        if live.is_closed() {
            return self.deny(asker, ErrorCode::Closed);
        }
        if live.state.is_none() || !self.must_hold(live, asker) {
            return;
        }
        let advisor = Some(asker.advisor.clone());
        let seq = self.close_with(live, None, ClosedBy::Advisor, Some(frame.outcome), advisor);
        self.done(asker, Some(live.id), Some(seq));
    }

    /// Whether the asker has the conversation, or conducts; else says so.
    fn must_hold(&mut self, live: &Live, asker: &Asker) -> bool {
        if live.is_closed() {
            self.deny(asker, ErrorCode::Closed);
            return false;
        }
        let holds = holder(live).as_ref() == Some(&asker.advisor);
        let conducts = self.people.is_supervisor(&asker.advisor) && live.state.is_some();
        if !holds && !conducts {
            self.deny(asker, ErrorCode::NotYours);
            return false;
        }
        true
    }

    fn listens_only(&self, live: &Live, advisor: &AdvisorId) -> bool {
        let last = live.events.iter().rev().find_map(|event| match &event.kind {
            EventKind::Joined { advisor: who, how } if who == advisor => Some(how.as_str()),
            _ => None,
        });
        last != Some("join")
    }

    /// Answers that it had its effect.
    pub fn done(&mut self, asker: &Asker, conversation: Option<ConversationId>, seq: Option<Seq>) {
        let ack = Ack {
            cid: None,
            reference: asker.echo.reference.clone(),
            offer: asker.echo.offer,
            conversation,
            seq,
        };
        self.out.send(asker.connection, ServerFrame::Ack(ack));
    }

    /// Answers that it had none.
    pub fn deny(&mut self, asker: &Asker, code: ErrorCode) {
        self.refuse(asker.connection, code, &asker.lang, &asker.echo);
    }

    fn ack_cid(&mut self, asker: &Asker, conversation: ConversationId, cid: Cid, seq: Seq) {
        let reference = asker.echo.reference.clone();
        let ack =
            Ack { cid: Some(cid), reference, offer: None, conversation: Some(conversation), seq: Some(seq) };
        self.out.send(asker.connection, ServerFrame::Ack(ack));
    }
}

/// The advisor who has it.
pub(crate) fn holder(live: &Live) -> Option<AdvisorId> {
    match &live.state.as_ref()?.owner {
        Owner::Advisor { advisor } => Some(advisor.clone()),
        Owner::Bot | Owner::Queue { .. } | Owner::Offered { .. } | Owner::Closed => None,
    }
}
