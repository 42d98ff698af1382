//! What a client is shown when it arrives: the conversation, the offer, everything an advisor may see.

use crate::live::Live;
use crate::people::{People, Person, Role};
use crate::turn::Turn;
use conversation::{AdvisorId, Event, Lang, OpenOffer, QueueId};
use std::sync::Arc;
use wire::frame::offer::OfferFrame;
use wire::frame::server::{
    CallbackView, ConversationView, Customer, EventFrame, PresenceFrame, QueueFrame, QueueThresholds,
    WaitSeconds,
};
use wire::view::{self, ReasonView};

/// Who writes, with their earlier conversations in short.
pub(crate) fn customer(live: &Live) -> Customer {
    Customer {
        id: live.opening.customer.clone(),
        verified: live.is_verified(),
        profile: live.opening.profile.clone(),
        page: live.opening.page.clone(),
        address: live.state.as_ref().and_then(|state| state.address.clone()),
        callback: live
            .state
            .as_ref()
            .and_then(|state| state.callback)
            .map(|callback| CallbackView { from: callback.from }),
        earlier: live.earlier.clone(),
    }
}

/// Every event that an advisor who reads `lang` sees.
pub(crate) fn history<'a>(events: impl IntoIterator<Item = &'a Event>, lang: &str) -> Vec<Arc<EventFrame>> {
    events.into_iter().filter_map(|event| view::for_advisor(event, lang)).map(Arc::new).collect()
}

/// One whole conversation.
pub(crate) fn conversation(live: &Live, lang: &str) -> ConversationView {
    let state = live.state.as_ref();
    ConversationView {
        conversation: live.id,
        owner: state.map_or("bot", |state| state.owner.word()),
        advisor: state.and_then(|state| view::owner_advisor(&state.owner)).cloned(),
        queue: state.and_then(|state| state.queue.clone()),
        lang: live.lang().clone(),
        customer: customer(live),
        reason: live.reason().map(|(reason, at)| ReasonView::new(reason, at, lang)),
        waiting_since: state.and_then(|state| state.waiting_since),
        connected: !live.tabs.is_empty(),
        frustration: state.map_or(0.0, |state| state.frustration),
        events: history(live.events.iter().map(AsRef::as_ref), lang),
    }
}

/// An open offer.
pub(crate) fn offer(live: &Live, queue: &QueueId, open: &OpenOffer, lang: &str, now: u64) -> OfferFrame {
    OfferFrame {
        offer: open.offer,
        conversation: live.id,
        queue: queue.clone(),
        reason: live.reason().map(|(reason, at)| ReasonView::new(reason, at, lang)),
        customer: customer(live),
        lang: live.lang().clone(),
        history: history(live.events.iter().map(AsRef::as_ref), lang),
        connected: !live.tabs.is_empty(),
        expires_ms: open.expires_at.saturating_sub(now),
        waiting_since: live.state.as_ref().and_then(|state| state.waiting_since),
    }
}

/// A wait as frames tell it.
pub(crate) fn seconds(wait: dispatcher::Wait) -> WaitSeconds {
    WaitSeconds { low: wait.low_s as f32, expected: wait.expected_s as f32, high: wait.high_s as f32 }
}

impl Turn<'_> {
    /// A queue's figures.
    pub fn queue_frame(&self, id: &QueueId, lang: &Lang) -> QueueFrame {
        let figures = self.dispatcher.figures(id, self.now);
        let thresholds = self.house.queues.get(id).map(|queue| queue.thresholds).unwrap_or_default();
        QueueFrame {
            thresholds: QueueThresholds { peak: thresholds.peak, trend: thresholds.trend },
            queue: id.clone(),
            name: self.house.queues.get(id).map_or_else(|| id.to_string(), |queue| queue.name(id, lang)),
            waiting: figures.waiting,
            oldest_ms: figures.oldest_since.map(|since| self.now.saturating_sub(since)),
            available: figures.available,
            wait_s: figures.wait.map(seconds),
        }
    }

    /// Everybody's presence.
    pub fn colleagues(&self) -> Vec<PresenceFrame> {
        let ids: Vec<AdvisorId> = self.people.all().map(|person| person.account.id.clone()).collect();
        ids.iter().filter_map(|id| self.presence(id)).collect()
    }
}

/// Whether an advisor may see a conversation: who has or is asked for it, who had it, who has another one of the
/// same customer, and supervisors.
pub(crate) fn may_see(people: &People, person: &Person, live: &Live, mine: impl Fn(&Live) -> bool) -> bool {
    let id = &person.account.id;
    if person.account.role == Role::Supervisor || people.is_supervisor(id) || live.watchers.contains(id) {
        return true;
    }
    let Some(state) = &live.state else { return false };
    match &state.owner {
        conversation::Owner::Advisor { advisor } if advisor == id => return true,
        conversation::Owner::Offered { offers, .. } if offers.iter().any(|offer| offer.advisor == *id) => {
            return true;
        }
        _ => {}
    }
    state.last_advisor.as_ref() == Some(id) || mine(live)
}
