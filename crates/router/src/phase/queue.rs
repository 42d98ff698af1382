//! In a queue: handed over with a reason, waiting with a place, told the truth.

use crate::live::Live;
use crate::turn::Turn;
use crate::words;
use conversation::{AdvisorId, Cid, EventKind, Owner, QueueId, Reason};
use dispatcher::{Availability, Request};
use wire::ServerFrame;
use wire::frame::server::Position;

impl Turn<'_> {
    /// Hands the conversation to people: with its reason (law 11), to a queue that exists (law 9), and says so.
    pub fn hand_over(
        &mut self,
        live: &mut Live,
        reason: Reason,
        queue: Option<QueueId>,
        by: Option<AdvisorId>,
        only: Option<AdvisorId>,
    ) {
        let lang = live.lang().clone();
        let queue = self.house.queue_or_default(queue.or_else(|| Some(self.site_queue(live))).as_ref());
        live.call = None;
        let by_person = by.is_some();
        let kind = EventKind::TransferRequested { reason, queue: queue.clone(), by, to: only.clone() };
        self.append(live, None, kind);
        self.pass_to(live, Owner::Queue { queue: queue.clone() }, None);
        self.system(live, if by_person { words::handed_on(&lang) } else { words::handing_over(&lang) });
        if self.dispatcher.availability(&queue, self.now) == Availability::Closed {
            self.system(live, words::nobody_there(&lang));
        }
        let mut context = self.context(live);
        context.transferred();
        live.context = Some(context);
        self.wait_in_line(live, false, only);
    }

    /// Puts it in its line; at the head where it has been there before.
    pub fn wait_in_line(&mut self, live: &mut Live, head: bool, only: Option<AdvisorId>) {
        let Some(state) = &live.state else { return };
        let Some(queue) = state.owner.queue().cloned() else { return };
        let policy = self.dispatcher.policy();
        let settings = policy.queue(&queue);
        let request = Request {
            conversation: live.id,
            customer: state.customer.clone(),
            queue: queue.clone(),
            lang: state.lang.clone(),
            skills: Vec::new(),
            weight: settings.weight(state.frustration),
            priority: settings.priority,
            frustration: state.frustration,
            since: state.waiting_since.unwrap_or(self.now),
            head,
            affinity: state.last_advisor.clone().or_else(|| self.known_advisor(live)),
            only,
            avoid: Vec::new(),
        };
        if self.dispatcher.enqueue(request, self.now).is_err() {
            // The lines are full: the truth is told, the conversation keeps its place in the log and its owner,
            // and the next refresh tries again.
            let lang = live.lang().clone();
            self.system(live, words::full(&lang));
        }
        self.out.changed.insert(queue);
        self.out.matching = true;
    }

    /// The advisor of the customer's last conversation that an advisor had.
    fn known_advisor(&self, live: &Live) -> Option<AdvisorId> {
        live.earlier.iter().find_map(|earlier| earlier.advisor.clone())
    }

    /// An address for a later answer: the conversation stays in its line without a connection.
    pub fn leave_message(&mut self, live: &mut Live, cid: Cid, address: String) -> u64 {
        let seq = self.append(live, Some(cid), EventKind::MessageLeft { address: address.clone() });
        let lang = live.lang().clone();
        self.system(live, words::message_left(&lang, &address));
        seq
    }

    /// Tells the customer where they stand, when that has changed.
    pub fn tell_position(&mut self, live: &mut Live) {
        if live.tabs.is_empty() || !matches!(live.state.as_ref().map(|s| &s.owner), Some(Owner::Queue { .. }))
        {
            return;
        }
        let position = self.dispatcher.position(live.id, self.now);
        let key = position.map_or((u32::MAX, u32::MAX), |place| {
            (place.ahead, place.wait.map_or(u32::MAX, |wait| wait.expected_s / 5))
        });
        if live.position == Some(key) {
            return;
        }
        live.position = Some(key);
        let wait = position.and_then(|place| place.wait);
        if let (Some(wait), None) = (wait, live.told) {
            live.told = Some((self.now, wait.expected_s as f32));
        }
        let frame = ServerFrame::Position(Position {
            ahead: position.map(|place| place.ahead),
            wait_s: wait.map(crate::snapshot::seconds),
        });
        self.to_tabs(live, &frame);
    }
}
