//! With an advisor: they have the floor (law 8), until they close, hand on, give back, or are lost.

use crate::live::Live;
use crate::snapshot;
use crate::turn::Turn;
use crate::words;
use analyzer::Replier;
use conversation::{AdvisorId, Author, Candidate, Cid, EventKind, Owner, QueueId, ReasonCode};
use wire::ServerFrame;
use wire::frame::offer::GoneWhy;
use wire::frame::server::Gone;

impl Turn<'_> {
    /// The conversation is an advisor's; the dispatcher has given them the seat already.
    pub fn assign(&mut self, live: &mut Live, advisor: &AdvisorId, how: &str, candidates: Vec<Candidate>) {
        let lang = live.lang().clone();
        let name = self.people.name(advisor);
        live.call = None;
        if let Some(person) = self.people.get_mut(advisor) {
            person.holds.insert(live.id);
        }
        let kind = EventKind::Assigned { advisor: advisor.clone(), how: how.to_owned(), candidates };
        self.append(live, None, kind);
        self.pass_to(live, Owner::Advisor { advisor: advisor.clone() }, Some(name.clone()));
        self.system(live, words::joined(&lang, &name));
        // One snapshot with everything: nobody needs a second request before the first answer.
        self.show_whole(live, advisor);
        self.presence_changed(advisor);
        // A supervisor may name somebody who is not there.
        self.expect_back(advisor, self.house.advisor_lost_ms);
    }

    /// The whole conversation to every connection of an advisor.
    pub fn show_whole(&mut self, live: &Live, advisor: &AdvisorId) {
        let connections: Vec<_> =
            self.people.connections(advisor).map(|(connection, lang)| (connection, lang.clone())).collect();
        for (connection, lang) in connections {
            let view = snapshot::conversation(live, lang.as_str());
            self.out.send(connection, ServerFrame::Conversation(Box::new(view)));
        }
    }

    /// An advisor's words to the customer.
    pub fn say(&mut self, live: &mut Live, advisor: &AdvisorId, cid: Cid, text: String) -> u64 {
        self.replied(live, Replier::Advisor, &text, true);
        let kind = EventKind::Message {
            from: Author::Advisor,
            name: Some(self.people.name(advisor)),
            advisor: Some(advisor.clone()),
            text,
            choices: Vec::new(),
        };
        self.append(live, Some(cid), kind)
    }

    /// Out of its seat, its line or its offers, which are free before it goes anywhere else. Returns who had it.
    pub fn leave_place(&mut self, live: &Live, why: GoneWhy) -> Option<AdvisorId> {
        match live.state.as_ref().map(|state| &state.owner)? {
            Owner::Advisor { advisor } => {
                let advisor = advisor.clone();
                self.leave_advisor(live, &advisor);
                return Some(advisor);
            }
            Owner::Queue { .. } | Owner::Offered { .. } => {
                self.drop_offers(live, why, None);
                self.dispatcher.withdraw(live.id);
                self.out.matching = true;
            }
            Owner::Bot | Owner::Closed => {}
        }
        None
    }

    /// The advisor no longer has it: their seat is free before anything else happens.
    pub fn leave_advisor(&mut self, live: &Live, advisor: &AdvisorId) {
        self.dispatcher.release(live.id, advisor, self.now);
        self.no_longer_with(live, advisor);
    }

    /// The advisor no longer has it, nor its seat.
    pub fn no_longer_with(&mut self, live: &Live, advisor: &AdvisorId) {
        if let Some(person) = self.people.get_mut(advisor) {
            person.holds.remove(&live.id);
        }
        self.out.matching = true;
        self.out.changed.extend(live.state.as_ref().and_then(|state| state.queue.clone()));
        self.presence_changed(advisor);
    }

    /// Tells an advisor that a conversation is theirs no longer.
    pub fn gone_from(&mut self, live: &Live, advisor: &AdvisorId) {
        self.tell_advisor(advisor, &ServerFrame::Gone(Gone { conversation: live.id }));
    }

    /// Hands on, warm: to a queue, or to one colleague.
    pub fn transfer(
        &mut self,
        live: &mut Live,
        by: &AdvisorId,
        code: ReasonCode,
        queue: Option<QueueId>,
        to: Option<AdvisorId>,
        note: Option<String>,
    ) {
        let queue = queue.or_else(|| live.state.as_ref().and_then(|state| state.queue.clone()));
        let holder = self.leave_place(live, GoneWhy::Withdrawn);
        let reason = conversation::Reason { note, ..self.reason(live, code, None, 1.0) };
        self.hand_over(live, reason, queue, Some(by.clone()), to);
        if let Some(holder) = &holder {
            self.gone_from(live, holder);
        }
    }

    /// The advisor has been without a connection for too long: the conversation returns to the head of its line.
    pub fn advisor_lost(&mut self, live: &mut Live, advisor: &AdvisorId) {
        let lang = live.lang().clone();
        let queue = live.state.as_ref().and_then(|state| state.queue.clone());
        let queue = self.house.queue_or_default(queue.or_else(|| Some(self.site_queue(live))).as_ref());
        let name = self.people.name(advisor);
        self.leave_advisor(live, advisor);
        self.moves_to(live, ReasonCode::AdvisorLost, queue, None);
        self.system(live, words::advisor_lost(&lang, &name));
        self.wait_in_line(live);
    }
}
