//! Figures, positions and availability, shown again when they have changed.

use super::Router;
use crate::customer::availability;
use crate::input::ConnectionId;
use crate::turn::Timer;
use conversation::{ConversationId, Lang, Millis, Owner, QueueId};
use std::collections::BTreeSet;
use wire::ServerFrame;

/// How often changed figures are shown again, in milliseconds.
pub(super) const REFRESH_MS: Millis = 500;

/// How old what a waiting customer was told may become, in milliseconds.
const STALE_MS: Millis = 5_000;

impl Router {
    /// Figures, positions and availability that have changed are shown again, together and not too often.
    pub(super) fn refresh(&mut self) {
        self.out.refreshing = false;
        for advisor in std::mem::take(&mut self.out.people_changed) {
            self.turn().tell_presence(&advisor);
        }
        let mut changed: BTreeSet<QueueId> = std::mem::take(&mut self.out.changed);
        changed.retain(|queue| self.house.queues.contains_key(queue));
        let readers: Vec<(ConnectionId, Lang)> =
            self.people.readers().map(|(connection, _, lang)| (connection, lang.clone())).collect();
        for queue in &changed {
            for (connection, lang) in &readers {
                let frame = self.turn().queue_frame(queue, lang);
                self.out.send(*connection, ServerFrame::Queue(frame));
            }
        }
        let waiting: Vec<ConversationId> = self
            .customers
            .values()
            .copied()
            .filter(|id| matches!(self.owner(*id), Some(Owner::Queue { queue }) if changed.contains(queue)))
            .collect();
        if !waiting.is_empty() {
            // Waits run on while nothing else happens; what is told of them must not grow stale.
            self.out.at(self.now + STALE_MS, Timer::Stale);
        }
        for id in waiting {
            self.with(id, |turn, live| turn.tell_position(live));
        }
        self.show_availability();
    }

    fn show_availability(&mut self) {
        let house = self.house.clone();
        for (id, site) in &house.sites {
            let is = availability(self.dispatcher.entrance(&site.queue, self.now).1);
            if self.shown.insert(id.clone(), is) == Some(is) {
                continue;
            }
            let open: BTreeSet<ConversationId> = self.customers.values().copied().collect();
            for conversation in open {
                self.with(conversation, |turn, live| {
                    if live.opening.site == *id {
                        turn.tell_availability(live, is);
                    }
                });
            }
        }
    }
}
