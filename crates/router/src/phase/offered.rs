//! Offered: asked, accepted, declined, lapsed, withdrawn.

use crate::live::Live;
use crate::snapshot;
use crate::turn::{Timer, Turn};
use conversation::{AdvisorId, Candidate, EventKind, OfferId, OpenOffer, Owner};
use dispatcher::{Decision, Refusal};
use wire::ServerFrame;
use wire::frame::advisor::Status;
use wire::frame::offer::{GoneWhy, OfferGone};

impl Turn<'_> {
    /// The dispatcher has chosen: the chosen are asked, with the whole history and the reason.
    pub fn offer(&mut self, live: &mut Live, decision: Decision) {
        let mut offers = Vec::with_capacity(decision.advisors.len());
        for advisor in &decision.advisors {
            let offer = OfferId { conversation: live.id, seq: live.seq() + 1 };
            let kind = EventKind::Offered {
                offer,
                advisor: advisor.clone(),
                expires_at: decision.expires_at,
                candidates: decision.candidates.clone(),
            };
            self.append(live, None, kind);
            offers.push(OpenOffer { offer, advisor: advisor.clone(), expires_at: decision.expires_at });
            self.out.at(decision.expires_at, Timer::Offer(offer));
        }
        self.pass_to(live, Owner::Offered { queue: decision.queue.clone(), offers: offers.clone() }, None);
        for open in &offers {
            if let Some(person) = self.people.get_mut(&open.advisor) {
                person.offers.insert(open.offer);
            }
            let connections: Vec<_> = self
                .people
                .connections(&open.advisor)
                .map(|(connection, lang)| (connection, lang.clone()))
                .collect();
            for (connection, lang) in connections {
                let frame = snapshot::offer(live, &decision.queue, open, lang.as_str(), self.now);
                self.out.send(connection, ServerFrame::Offer(Box::new(frame)));
            }
            self.presence_changed(&open.advisor);
        }
    }

    /// An advisor takes an offer. False when it is no longer theirs to take.
    pub fn accept(&mut self, live: &mut Live, offer: OfferId, advisor: &AdvisorId) -> bool {
        let Some(open) = open_offer(live, offer).filter(|open| open.advisor == *advisor).cloned() else {
            return false;
        };
        if self.dispatcher.accept(live.id, advisor, self.now).is_err() {
            return false;
        }
        let candidates = candidates(live, offer);
        self.drop_offers(live, GoneWhy::AcceptedElsewhere, Some(open.offer));
        // Where several were asked, the seats of the others are free again.
        self.out.matching = true;
        self.assign(live, advisor, "accepted", candidates);
        true
    }

    /// An offer is not taken: declined, lapsed, or its advisor is gone. False when it was no longer open.
    pub fn refuse_offer(
        &mut self,
        live: &mut Live,
        offer: OfferId,
        why: Refusal,
        reason: String,
        note: Option<String>,
    ) -> bool {
        let Some(open) = open_offer(live, offer).cloned() else { return false };
        let Some(queue) = live.state.as_ref().and_then(|state| state.owner.queue().cloned()) else {
            return false;
        };
        let left: Vec<OpenOffer> = match live.state.as_ref().map(|state| &state.owner) {
            Some(Owner::Offered { offers, .. }) => {
                offers.iter().filter(|other| other.offer != offer).cloned().collect()
            }
            _ => Vec::new(),
        };
        let advisor = open.advisor.clone();
        let kind = EventKind::Declined { offer, advisor: advisor.clone(), reason, note };
        self.append(live, None, kind);
        self.forget_offer(&open, if why == Refusal::Expired { GoneWhy::Expired } else { GoneWhy::Withdrawn });
        let next =
            if left.is_empty() { Owner::Queue { queue } } else { Owner::Offered { queue, offers: left } };
        self.pass_to(live, next, None);
        let refused = self.dispatcher.refuse(live.id, &advisor, why, self.now);
        self.out.matching = true;
        if refused.set_away {
            self.set_status(&advisor, Status::Away);
        } else {
            self.presence_changed(&advisor);
        }
        true
    }

    /// Every open offer but one is taken back; the seats are the dispatcher's to free.
    pub fn drop_offers(&mut self, live: &Live, why: GoneWhy, but: Option<OfferId>) {
        let Some(Owner::Offered { offers, .. }) = live.state.as_ref().map(|state| &state.owner) else {
            return;
        };
        for open in offers.clone() {
            if Some(open.offer) == but {
                if let Some(person) = self.people.get_mut(&open.advisor) {
                    person.offers.remove(&open.offer);
                }
            } else {
                self.forget_offer(&open, why);
                self.presence_changed(&open.advisor);
            }
        }
    }

    fn forget_offer(&mut self, open: &OpenOffer, why: GoneWhy) {
        if let Some(person) = self.people.get_mut(&open.advisor) {
            person.offers.remove(&open.offer);
        }
        self.tell_advisor(&open.advisor, &ServerFrame::OfferGone(OfferGone { offer: open.offer, why }));
    }
}

fn open_offer(live: &Live, offer: OfferId) -> Option<&OpenOffer> {
    match &live.state.as_ref()?.owner {
        Owner::Offered { offers, .. } => offers.iter().find(|open| open.offer == offer),
        Owner::Bot | Owner::Queue { .. } | Owner::Advisor { .. } | Owner::Closed => None,
    }
}

/// The trace that the offer was made with.
fn candidates(live: &Live, offer: OfferId) -> Vec<Candidate> {
    live.events
        .iter()
        .rev()
        .find_map(|event| match &event.kind {
            EventKind::Offered { offer: of, candidates, .. } if *of == offer => Some(candidates.clone()),
            _ => None,
        })
        .unwrap_or_default()
}
