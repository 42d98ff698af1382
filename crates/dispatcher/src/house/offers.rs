//! What happens to an offer, and the ways around one: accepted, refused, claimed, withdrawn, released.

use super::Dispatcher;
use super::directory::Place;
use super::slot::{Offer, Slot, State, Status, Waiter, Wishes};
use crate::advisor::Presence;
use crate::decision::{ClaimError, Gone, Refusal, Refused};
use crate::limits::AVOIDED;
use crate::policy::seen_away;
use crate::reference::heat;
use conversation::{AdvisorId, ConversationId, Millis};

impl Dispatcher {
    fn slot_of(&self, conversation: ConversationId) -> Option<(usize, &Slot)> {
        match self.directory.get(conversation)? {
            Place::Slot(at) => Some((at, self.slots.get(at)?)),
            Place::Held(..) => None,
        }
    }

    /// The open offer of an advisor: the slot's state, the offers that are open, this one's bit, and this one.
    fn offer_to(slot: &Slot, seat: usize, generation: u16) -> Option<(State, u8, u8, Offer)> {
        let state = slot.state();
        let Status::Offered(mask) = state.status() else { return None };
        slot.offers(mask)
            .find(|(_, offer)| offer.seat == seat && offer.generation == generation)
            .map(|(bit, offer)| (state, mask, bit, offer))
    }

    fn unreserve(&self, offer: Offer) {
        self.seats.unreserve(offer.seat, offer.generation, offer.points);
        self.gained(offer.seat);
    }

    /// An offer is taken: the reserved seat is held, the other offers of the conversation are freed.
    ///
    /// # Errors
    /// The offer is not open.
    pub fn accept(&self, conversation: ConversationId, advisor: &AdvisorId, now: Millis) -> Result<(), Gone> {
        let (seat, generation) = self.seat(advisor).ok_or(Gone)?;
        let (at, slot) = self.slot_of(conversation).ok_or(Gone)?;
        let (state, mask, bit, offer) = Self::offer_to(slot, seat, generation).ok_or(Gone)?;
        if slot.pass(state, Status::Own).is_none() {
            return Err(Gone);
        }
        let waiter = slot.waiter();
        for (_, other) in slot.offers(mask & !bit) {
            self.unreserve(other);
        }
        self.seats.keep(seat, generation, offer.points);
        self.directory.set(conversation, Place::Held(seat, generation, offer.points));
        self.slots.shut(at);
        self.begun(seat, Some(&waiter), now);
        Ok(())
    }

    /// A conversation has begun with an advisor: for the next scores and the estimates.
    fn begun(&self, seat: usize, waiter: Option<&Waiter>, now: Millis) {
        let frustration = waiter.map_or(0.0, |waiter| heat(waiter.frustration));
        if let Some(seat) = self.seats.get(seat) {
            seat.begun(frustration, now);
        }
        let Some(waiter) = waiter else { return };
        let book = self.book.load();
        if let Some(line) = book.lines.get(waiter.line) {
            line.estimator.took(self.busy(&line.key.queue), now);
            if let Some(expected) = &waiter.expected
                && expected.at < now
            {
                line.estimator.ended(expected, now);
            }
        }
    }

    /// An offer is not taken: its seat is freed, and with the last one the conversation goes to the head of its
    /// line, not to be offered to this advisor for a while.
    pub fn refuse(
        &self,
        conversation: ConversationId,
        advisor: &AdvisorId,
        why: Refusal,
        now: Millis,
    ) -> Refused {
        let mut refused = Refused::default();
        let Some((at, slot)) = self.slot_of(conversation) else { return refused };
        let Some((state, mask, bit, offer)) = self.offer_by_name(slot, advisor) else { return refused };
        let roster = self.roster.load();
        let last = mask == bit;
        let waiter = slot.waiter();
        let book = self.book.load();
        let Some(line) = book.lines.get(waiter.line) else { return refused };
        let offers = roster.policy.offers(&line.key.queue);
        let (avoid_ms, most) = (why.avoid_ms(offers.avoid_s), offers.missed_before_away);
        let wishes = without(slot.wishes().as_deref(), advisor, now + avoid_ms);
        let next = if last { Status::Own } else { Status::Offered(mask & !bit) };
        if slot.pass(state, next).is_none() {
            return refused;
        }
        if why == Refusal::Expired
            && let Some(seat) = self.seats.get(offer.seat)
            && seat.word().generation() == offer.generation
            && seat.missed(most)
            && seat.word().status() == Presence::Available
        {
            seat.attentive();
            self.seats.set_status(offer.seat, offer.generation, Presence::Away);
            self.presence_changed(offer.seat);
            refused.set_away = true;
        }
        if last {
            let Waiter { since, priority, frustration, away, .. } = waiter;
            let key = self.key(&roster, since, priority, frustration, true, away);
            self.queue_up(&roster, line, at, key, &waiter, wishes);
            refused.requeued = true;
        } else {
            slot.set_wishes(wishes);
        }
        self.unreserve(offer);
        refused
    }

    /// The open offer of an advisor who may have left the house since.
    fn offer_by_name(&self, slot: &Slot, advisor: &AdvisorId) -> Option<(State, u8, u8, Offer)> {
        if let Some((seat, generation)) = self.seat(advisor)
            && let Some(found) = Self::offer_to(slot, seat, generation)
        {
            return Some(found);
        }
        // Removed, or removed and put again: the offer is the one whose seat is nobody's any more.
        let state = slot.state();
        let Status::Offered(mask) = state.status() else { return None };
        let roster = self.roster.load();
        slot.offers(mask)
            .find(|(_, offer)| {
                roster.member(offer.seat).is_none_or(|member| member.generation != offer.generation)
            })
            .map(|(bit, offer)| (state, mask, bit, offer))
    }

    /// Out of the line, or the seats of its open offers freed; `false` where it is neither.
    pub fn withdraw(&self, conversation: ConversationId) -> bool {
        let taken = self.take_out(conversation).is_some();
        if taken {
            self.forget(conversation);
        }
        taken
    }

    /// The customer is away, or back. Whoever is away keeps their place behind all who are there, and has it again when
    /// they are back. `false` where the conversation neither waits nor is offered, or the lines are full to the last
    /// place while another thread decides about it: it is to be said again then.
    pub fn set_away(&self, conversation: ConversationId, away: bool) -> bool {
        let Some((at, slot)) = self.slot_of(conversation) else { return false };
        let waiter = Waiter { away, ..slot.waiter() };
        let book = self.book.load();
        let Some(line) = book.lines.get(waiter.line) else { return false };
        let roster = self.roster.load();
        let wishes = || slot.wishes().map(|wishes| Wishes::clone(&wishes)).unwrap_or_default();
        let key = seen_away(slot.key(), away);
        // A turn is lost only to a thread that meanwhile claimed it or gave it back, having decided.
        loop {
            let state = slot.state();
            match state.status() {
                Status::Own | Status::Cancelled => return false,
                Status::Offered(_) => {
                    slot.set_away(away);
                    return true;
                }
                Status::Waiting if slot.key() == key => return true,
                Status::Waiting => {
                    if slot.pass(state, Status::Own).is_some() {
                        self.leave_line(line, at);
                        self.queue_up(&roster, line, at, key, &waiter, wishes());
                        return true;
                    }
                }
                Status::Claimed => {
                    // What is decided about them as they were is void: they stand in line anew, in another slot.
                    let Some((other, _)) = self.slots.open() else { return false };
                    let wishes = wishes();
                    if slot.pass(state, Status::Cancelled).is_some() {
                        self.directory.set(conversation, Place::Slot(other));
                        self.queue_up(&roster, line, other, key, &waiter, wishes);
                        return true;
                    }
                    self.slots.shut(other);
                }
            }
        }
    }

    /// Out of its slot, whatever it is there; the directory still has it.
    fn take_out(&self, conversation: ConversationId) -> Option<Waiter> {
        let (at, slot) = self.slot_of(conversation)?;
        let waiter = slot.waiter();
        // A turn is lost only to a thread that meanwhile claimed it or gave it back, having decided.
        loop {
            let state = slot.state();
            match state.status() {
                Status::Own | Status::Cancelled => return None,
                Status::Waiting => {
                    if slot.pass(state, Status::Own).is_some() {
                        if let Some(line) = self.book.load().lines.get(waiter.line) {
                            self.leave_line(line, at);
                        }
                        self.slots.shut(at);
                        return Some(waiter);
                    }
                }
                Status::Claimed => {
                    if slot.pass(state, Status::Cancelled).is_some() {
                        return Some(waiter);
                    }
                }
                Status::Offered(mask) => {
                    if slot.pass(state, Status::Own).is_some() {
                        for (_, offer) in slot.offers(mask) {
                            self.unreserve(offer);
                        }
                        self.slots.shut(at);
                        return Some(waiter);
                    }
                }
            }
        }
    }

    /// A named advisor gets it (taken, assigned, restored). `force` ignores presence, never the seats (law 2).
    ///
    /// # Errors
    /// [`ClaimError`]; nothing has changed then.
    pub fn claim(
        &self,
        conversation: ConversationId,
        advisor: &AdvisorId,
        weight: u16,
        force: bool,
        now: Millis,
    ) -> Result<(), ClaimError> {
        let seat = self.seat(advisor);
        let refuse = |no_seat| if no_seat { ClaimError::NoSeat } else { ClaimError::Absent };
        if let Some(Place::Held(at, generation, _)) = self.directory.get(conversation) {
            return if seat == Some((at, generation)) { Ok(()) } else { Err(ClaimError::Held) };
        }
        let (seat, generation) = seat.ok_or(ClaimError::Unknown)?;
        let Some((at, slot)) = self.slot_of(conversation) else {
            let points = self.seats.hold(seat, generation, weight, 0, force).map_err(refuse)?;
            if !self.directory.insert(conversation, Place::Held(seat, generation, points)) {
                self.seats.release(seat, generation, points);
                self.gained(seat);
                return Err(ClaimError::Full);
            }
            self.begun(seat, None, now);
            return Ok(());
        };
        if let Some((state, mask, bit, offer)) = Self::offer_to(slot, seat, generation) {
            // Their own open offer counts for them.
            let points = self.seats.hold(seat, generation, weight, offer.points, force).map_err(refuse)?;
            let waiter = slot.waiter();
            if slot.pass(state, Status::Own).is_some() {
                for (_, other) in slot.offers(mask & !bit) {
                    self.unreserve(other);
                }
                self.slots.shut(at);
            }
            self.directory.set(conversation, Place::Held(seat, generation, points));
            self.gained(seat);
            self.begun(seat, Some(&waiter), now);
            return Ok(());
        }
        let points = self.seats.hold(seat, generation, weight, 0, force).map_err(refuse)?;
        let waiter = self.take_out(conversation);
        self.directory.set(conversation, Place::Held(seat, generation, points));
        self.begun(seat, waiter.as_ref(), now);
        Ok(())
    }

    /// Closed, transferred or returned: the held seat is free.
    pub fn release(&self, conversation: ConversationId, advisor: &AdvisorId, now: Millis) {
        let Some(Place::Held(at, generation, points)) = self.directory.get(conversation) else { return };
        let holder = self.seat(advisor);
        // A seat that is nobody's any more: the advisor was removed, and may have been put again.
        let lost = || self.roster.load().member(at).is_none_or(|member| member.generation != generation);
        let theirs = holder == Some((at, generation));
        if !theirs && !lost() {
            return;
        }
        self.directory.remove(conversation);
        self.seats.release(at, generation, points);
        if let Some(seat) = self.seats.get(at).filter(|_| theirs) {
            seat.ended(now);
        }
        self.gained(at);
    }
}

/// The wishes with one advisor more who is not to be asked again for a while.
fn without(wishes: Option<&Wishes>, advisor: &AdvisorId, until: Millis) -> Wishes {
    let mut wishes = wishes.cloned().unwrap_or_default();
    wishes.avoided.retain(|(id, _)| id != advisor);
    if wishes.avoided.len() == AVOIDED {
        wishes.avoided.remove(0);
    }
    wishes.avoided.push((advisor.clone(), until));
    wishes
}
