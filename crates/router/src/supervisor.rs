//! What only supervisors may send: assign, requeue, join, listen, and other thresholds for a queue.

use crate::advisor::{Asker, holder};
use crate::live::Live;
use crate::turn::Turn;
use crate::words;
use conversation::{EventKind, Owner, ReasonCode};
use wire::frame::server::GoneWhy;
use wire::{AdvisorFrame, ErrorCode};

impl Turn<'_> {
    /// One frame of a supervisor about one conversation.
    pub fn supervisor_frame(&mut self, live: &mut Live, asker: &Asker, frame: AdvisorFrame) {
        if !self.people.is_supervisor(&asker.advisor) {
            return self.deny(asker, ErrorCode::Forbidden);
        }
        if live.is_closed() {
            return self.deny(asker, ErrorCode::Closed);
        }
        if live.state.is_none() {
            return self.deny(asker, ErrorCode::WrongState);
        }
        match frame {
            AdvisorFrame::Assign(frame) => {
                if self.people.get(&frame.advisor).is_none() {
                    return self.deny(asker, ErrorCode::UnknownAdvisor);
                }
                let waits = live.state.as_ref().is_some_and(|state| state.owner != Owner::Bot);
                if !waits {
                    let reason = self.reason(live, ReasonCode::Supervisor, None, 1.0);
                    let queue = self.site_queue(live);
                    let by = Some(asker.advisor.clone());
                    let to = Some(frame.advisor.clone());
                    self.append(live, None, EventKind::TransferRequested { reason, queue, by, to });
                }
                self.claim_for(live, asker, &frame.advisor, "supervisor");
            }
            AdvisorFrame::Requeue(frame) => {
                if let Some(queue) = &frame.queue
                    && !self.house.queues.contains_key(queue)
                {
                    return self.deny(asker, ErrorCode::UnknownQueue);
                }
                if matches!(
                    live.state.as_ref().map(|s| &s.owner),
                    Some(Owner::Queue { .. } | Owner::Offered { .. })
                ) {
                    self.drop_offers(live, GoneWhy::Withdrawn, None);
                    self.dispatcher.withdraw(live.id);
                }
                let by = asker.advisor.clone();
                self.transfer(live, &by, ReasonCode::Supervisor, frame.queue, None, None);
                self.done(asker, Some(live.id), Some(live.seq()));
            }
            AdvisorFrame::Join(_) => self.look_on(live, asker, "join"),
            AdvisorFrame::Listen(_) => self.look_on(live, asker, "listen"),
            _ => self.deny(asker, ErrorCode::BadFrame),
        }
    }

    fn look_on(&mut self, live: &mut Live, asker: &Asker, how: &str) {
        if !live.watchers.contains(&asker.advisor) {
            live.watchers.push(asker.advisor.clone());
        }
        let kind = EventKind::Joined { advisor: asker.advisor.clone(), how: how.to_owned() };
        let seq = self.append(live, None, kind);
        if how == "join" && holder(live).as_ref() != Some(&asker.advisor) {
            let name = self.people.name(&asker.advisor);
            let text = words::supervisor_joined(&live.lang().clone(), &name);
            self.system(live, text);
        }
        self.show_whole(live, &asker.advisor);
        self.done(asker, Some(live.id), Some(seq));
    }
}
