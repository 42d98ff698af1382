//! What comes back from the log: conversations that were open at the start, and those that somebody asks for.

use super::{HOUSE, Router};
use crate::advisor::{Asker, holder, unseen};
use crate::effect::Effect;
use crate::input::{CustomerHello, Input};
use crate::live::Live;
use crate::phase::closed::FORGET_MS;
use crate::turn::Timer;
use conversation::{AdvisorId, ConversationId, Event, EventKind, Owner};
use std::collections::BTreeMap;

/// How many times longer than usual an advisor is waited for after a start: everybody has to come back at once.
const RETURN: u64 = 6;

impl Router {
    pub(super) fn loaded(&mut self, id: ConversationId, events: Vec<Event>) {
        let waiters = self.loading.remove(&id).unwrap_or_default();
        for input in &waiters {
            if let Input::CustomerHello(hello) = input {
                self.arriving.remove(&hello.connection);
            }
        }
        let found = Live::replay(events);
        let is_found = found.is_some();
        if let Some(live) = found.filter(|_| !self.conversations.contains_key(&id)) {
            let customer = live.opening.customer.clone();
            let closed = live.is_closed();
            self.conversations.insert(id, live);
            if id == HOUSE {
                return self.policies_again();
            }
            self.out.effects.push_back(Effect::Earlier { conversation: id, customer });
            if closed {
                self.out.at(self.now + FORGET_MS, Timer::Forget(id));
            } else {
                self.settle_in(id);
            }
        }
        for input in waiters {
            match input {
                Input::CustomerHello(hello) if !is_found => {
                    self.customer_hello(CustomerHello { resume: None, ..*hello });
                }
                Input::AdvisorFrame { connection, frame } if !is_found => {
                    if let Some((advisor, lang)) = self.people.reader(connection).cloned() {
                        let asker = Asker::new(connection, advisor, lang.as_str(), &frame);
                        self.turn().deny(&asker, unseen(&frame));
                    }
                }
                input => self.take(input),
            }
        }
    }

    /// A conversation comes back from the log: the dispatcher is told what the log says, and nothing is decided.
    fn settle_in(&mut self, id: ConversationId) {
        let owner = self.owner(id).cloned();
        self.with(id, |turn, live| match owner {
            Some(Owner::Queue { .. }) => turn.wait_in_line(live),
            Some(Owner::Offered { queue, offers }) => {
                // Who was asked before the restart is asked again through the line: the old offer is nobody's now.
                for open in offers {
                    let kind = EventKind::Declined {
                        offer: open.offer,
                        advisor: open.advisor,
                        reason: "withdrawn".into(),
                        note: None,
                    };
                    turn.append(live, None, kind);
                }
                turn.pass_to(live, Owner::Queue { queue }, None);
                turn.wait_in_line(live);
            }
            Some(Owner::Bot) => turn.call_lost(live),
            Some(Owner::Advisor { .. } | Owner::Closed) | None => {}
        });
        self.with(id, |turn, live| turn.watch(live));
        if matches!(self.owner(id), Some(Owner::Advisor { .. })) {
            self.restoring.push(id);
            if self.started {
                self.restore_seats();
            }
        }
    }

    /// Everybody has again what they had. The log does not tell how many points each conversation took, so every one
    /// has its one point first and the heavy ones share what is free: nobody loses a conversation by a restart.
    fn restore_seats(&mut self) {
        let mut had: BTreeMap<AdvisorId, Vec<(ConversationId, u16)>> = BTreeMap::new();
        let policy = self.dispatcher.policy();
        for id in std::mem::take(&mut self.restoring) {
            let Some(live) = self.conversations.get(&id) else { continue };
            let (Some(advisor), Some(state)) = (holder(live), &live.state) else { continue };
            let queue = state.queue.as_ref().unwrap_or(&self.house.default_queue);
            had.entry(advisor)
                .or_default()
                .push((id, policy.queue(queue).weight(state.channel(), state.frustration)));
        }
        for (advisor, conversations) in had {
            let free = self
                .dispatcher
                .load(&advisor)
                .map_or(0, |load| load.capacity.saturating_sub(load.held.saturating_add(load.reserved)));
            let mut spare = usize::from(free).saturating_sub(conversations.len());
            for (id, weight) in conversations {
                let more = usize::from(weight.saturating_sub(1)).min(spare);
                spare -= more;
                let points = 1 + more as u16;
                let claimed = self.dispatcher.claim(id, &advisor, points, true, self.now).is_ok();
                match self.people.get_mut(&advisor) {
                    Some(person) if claimed => {
                        person.holds.insert(id);
                    }
                    _ => {
                        self.with(id, |turn, live| turn.advisor_lost(live, &advisor));
                    }
                }
            }
            let patience = self.house.advisor_lost_ms * RETURN;
            self.turn().expect_back(&advisor, patience);
        }
    }

    pub(super) fn start(&mut self) {
        self.restore_seats();
        self.queues_again();
        self.started = true;
        self.out.matching = true;
        self.everything_changed();
    }
}
