//! What only supervisors may send: assign, requeue, join, listen, and other thresholds for a queue.

use crate::advisor::{Asker, holder};
use crate::live::Live;
use crate::turn::Turn;
use crate::words;
use conversation::{EventKind, ReasonCode};
use wire::frame::advisor::Status;
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
                let Some(person) = self.people.get(&frame.advisor) else {
                    return self.deny(asker, ErrorCode::UnknownAdvisor);
                };
                // The customer is told at once who answers. Whose connection is lost may be back in a moment, and loses
                // it otherwise; whoever says that they are not there is not.
                if person.account.status != Status::Available && frame.advisor != asker.advisor {
                    return self.deny(asker, ErrorCode::NotThere);
                }
                self.claim_for(live, asker, &frame.advisor, "supervisor");
            }
            AdvisorFrame::Requeue(frame) => {
                if let Some(queue) = &frame.queue
                    && !self.house.queues.contains_key(queue)
                {
                    return self.deny(asker, ErrorCode::UnknownQueue);
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
