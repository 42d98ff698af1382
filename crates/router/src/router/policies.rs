//! What another configuration means for what is under way: thresholds that supervisors set, kept in the house's own
//! stream of events, hold again, and nobody waits in a queue that is gone.

use super::{HOUSE, Router};
use crate::advisor::Asker;
use crate::live::{Live, Opening};
use conversation::{ConversationId, CustomerId, EventKind, Lang, SiteId};
use std::sync::Arc;
use wire::ErrorCode;
use wire::frame::advisor::SetPolicy;

impl Router {
    pub(super) fn set_policy(&mut self, asker: &Asker, frame: SetPolicy) {
        if !self.people.is_supervisor(&asker.advisor) {
            return self.turn().deny(asker, ErrorCode::Forbidden);
        }
        let mut house = (*self.house).clone();
        let Some(queue) = house.queues.get_mut(&frame.queue) else {
            return self.turn().deny(asker, ErrorCode::UnknownQueue);
        };
        queue.thresholds.peak = frame.peak.unwrap_or(queue.thresholds.peak);
        queue.thresholds.trend = frame.trend.unwrap_or(queue.thresholds.trend);
        self.house = Arc::new(house);
        let opening = Opening {
            site: self.house.sites.keys().next().cloned().unwrap_or_else(|| self.own_site()),
            lang: asker.lang.parse().unwrap_or_else(|_| self.own_lang()),
            lang_chosen: true,
            customer: self.own_name(),
            profile: None,
            page: None,
        };
        self.conversations.entry(HOUSE).or_insert_with(|| Live::new(HOUSE, opening));
        let policy = serde_json::json!({ "peak": frame.peak, "trend": frame.trend });
        let (advisor, queue, reason) = (asker.advisor.clone(), frame.queue, frame.reason);
        self.with(HOUSE, |turn, live| {
            turn.begin(live, None);
            turn.out.changed.insert(queue.clone());
            let seq = turn.append(live, None, EventKind::PolicyChanged { advisor, queue, policy, reason });
            turn.done(asker, None, Some(seq));
        });
    }

    /// What supervisors have set before the restart holds again, in the order in which they set it.
    pub(super) fn policies_again(&mut self) {
        let Some(live) = self.conversations.get(&HOUSE) else { return };
        let mut house = (*self.house).clone();
        for event in &live.events {
            let EventKind::PolicyChanged { queue, policy, .. } = &event.kind else { continue };
            let Some(queue) = house.queues.get_mut(queue) else { continue };
            let number =
                |key: &str| policy.get(key).and_then(serde_json::Value::as_f64).map(|value| value as f32);
            queue.thresholds.peak = number("peak").unwrap_or(queue.thresholds.peak);
            queue.thresholds.trend = number("trend").unwrap_or(queue.thresholds.trend);
        }
        self.house = Arc::new(house);
    }

    /// Whoever waits in a queue that is configured no more waits in the default one, where somebody sees and serves them
    /// (law 9).
    pub(super) fn queues_again(&mut self) {
        let gone = |live: &Live| {
            let queue = live.state.as_ref().and_then(|state| state.owner.queue());
            queue.is_some_and(|queue| !self.house.queues.contains_key(queue))
        };
        let stranded = self.conversations.iter().filter(|(_, live)| gone(live));
        let stranded: Vec<ConversationId> = stranded.map(|(id, _)| *id).collect();
        for id in stranded {
            self.with(id, |turn, live| turn.queue_gone(live));
        }
    }

    fn own_site(&self) -> SiteId {
        SiteId::new("house").expect("a plain word")
    }

    fn own_lang(&self) -> Lang {
        Lang::new("en").expect("a plain word")
    }

    fn own_name(&self) -> CustomerId {
        CustomerId::new("house").expect("a plain word")
    }
}
