//! Over: who ended it and how, the survey, and leaving the memory.

use crate::live::Live;
use crate::turn::{Timer, Turn};
use conversation::{AdvisorId, Cid, ClosedBy, EventKind, Owner, Survey};
use wire::frame::offer::GoneWhy;

/// How long a conversation that is over stays in memory without anybody looking at it, in milliseconds.
pub(crate) const FORGET_MS: u64 = 60_000;

impl Turn<'_> {
    /// Ends it, wherever it is: seats, lines and offers are free before anything else happens.
    pub fn close(
        &mut self,
        live: &mut Live,
        by: ClosedBy,
        outcome: Option<String>,
        advisor: Option<AdvisorId>,
    ) {
        self.close_with(live, None, by, outcome, advisor);
    }

    /// The same, for a frame with a `cid`. Returns the event's place.
    pub fn close_with(
        &mut self,
        live: &mut Live,
        cid: Option<Cid>,
        by: ClosedBy,
        outcome: Option<String>,
        advisor: Option<AdvisorId>,
    ) -> u64 {
        live.call = None;
        let has_it = matches!(live.state.as_ref().map(|state| &state.owner), Some(Owner::Advisor { .. }));
        if let Some((queue, handled_ms, waited_ms)) = handling(live, self.now).filter(|_| has_it) {
            self.dispatcher.handled(&queue, handled_ms, waited_ms, self.now);
        }
        let left = matches!(by, ClosedBy::Customer | ClosedBy::System);
        self.leave_place(live, if left { GoneWhy::CustomerLeft } else { GoneWhy::Withdrawn });
        let seq = self.append(live, cid, EventKind::Closed { by, outcome, advisor });
        self.pass_to(live, Owner::Closed, None);
        if by != ClosedBy::System {
            self.append(live, None, EventKind::SurveyAsked);
        }
        live.context = None;
        live.memory = None;
        self.out.at(self.now + FORGET_MS, Timer::Forget(live.id));
        seq
    }

    /// How it was, said once.
    pub fn survey(&mut self, live: &mut Live, cid: Cid, survey: Survey) -> Option<u64> {
        let open = live.state.as_ref().is_some_and(|state| state.survey_open);
        open.then(|| self.append(live, Some(cid), EventKind::SurveyAnswered { survey }))
    }
}

/// The queue it came through, how long the advisor has had it, and how long it had waited before.
fn handling(live: &Live, now: u64) -> Option<(conversation::QueueId, u64, u64)> {
    let queue = live.state.as_ref()?.queue.clone()?;
    let mut assigned = None;
    let mut requested = None;
    for event in &live.events {
        match &event.kind {
            EventKind::Assigned { .. } => assigned = Some(event.at),
            EventKind::TransferRequested { .. } if assigned.is_none() => {
                requested = requested.or(Some(event.at))
            }
            _ => {}
        }
    }
    let assigned = assigned?;
    Some((queue, now.saturating_sub(assigned), assigned.saturating_sub(requested.unwrap_or(assigned))))
}
