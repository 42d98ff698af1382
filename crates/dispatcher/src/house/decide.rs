//! The next match (law 6): the first in the order of all lines for whom there is a seat, and the best seat.
//!
//! No line is looked at for nothing: a seat that is freed and a conversation that comes mark the lines that they
//! concern, and a line is unmarked before it is looked at. Whoever publishes a change marks after it; whoever
//! unmarks looks after it; so that a change is either seen, or its mark remains and the thread that made the
//! change, which asks for decisions next, finds it. A thread that has unmarked a line and found somebody in it
//! marks it again unless it has seen that nobody else waits there, or has not been able to decide.

use super::Dispatcher;
use super::candidates::{Asked, Particular, Shortlist};
use super::choice::{Choice, Sheet, Snapshots, Weighed};
use super::line::{Book, Line, SlotSet};
use super::pool::Pools;
use super::roster::Roster;
use super::slot::{Offer, Slot, State, Status};
use crate::decision::Decision;
use crate::limits::STEPS;
use crate::reference::heat;
use crate::score::Case;
use crate::sync::{Ordering, lower, publish_then_look};
use conversation::Millis;
use conversation::limits::OFFERS_AT_ONCE;
use std::sync::Arc;

/// Somebody in a line for whom there is a seat.
struct Found<'a> {
    key: u64,
    slot: usize,
    state: State,
    step: usize,
    /// Points that must be free for it.
    least: u16,
    /// Offers at once, and when they lapse.
    at_once: usize,
    expires_at: Millis,
    line: &'a Line,
    /// Others wait in the line, or may.
    others: bool,
}

/// Those who wait in a line: by step, those who still ask for all their points apart from those who have waited
/// long. Of each kind the first in order stands for all: what they cannot have, none of them can.
struct Heads {
    keys: [u64; Heads::KINDS],
    slots: [(u32, State); Heads::KINDS],
}

impl Heads {
    const KINDS: usize = 2 * (STEPS + 1);

    /// Takes out the first of all: place, kind, slot, its state.
    fn pop(&mut self, kinds: usize) -> Option<(u64, usize, usize, State)> {
        let (kind, key) = self.keys[..kinds].iter().copied().enumerate().min_by_key(|(_, key)| *key)?;
        self.keys[kind] = u64::MAX;
        let (slot, state) = self.slots[kind];
        (key < u64::MAX).then_some((key, kind, slot as usize, state))
    }
}

impl Dispatcher {
    /// The next match, its seats reserved. To be called until `None` after every change and every timeout.
    pub fn decide(&self, now: Millis) -> Option<Decision> {
        self.choose(now).map(|choice| choice.explain())
    }

    /// As [`Dispatcher::decide`], the trace not yet worded.
    pub fn choose(&self, now: Millis) -> Option<Choice> {
        if self.decided_at.load(Ordering::Relaxed) < now {
            self.decided_at.fetch_max(now, Ordering::Relaxed);
        }
        if self.due.load(Ordering::Acquire) <= now {
            self.time_passes(now);
        }
        self.watch_scarcity(now);
        let words = self.words();
        if !(0..words).any(|word| self.dirty.word(word) != 0) {
            return None;
        }
        let mut sheet = Sheet::of(self);
        let page = &mut *sheet;
        // Each turn that does not end was lost to another thread: to its decision, to the customer's leaving, or
        // to a change of the roster. Every turn that finds nobody unmarks the lines that it looked at.
        loop {
            let (choice, Snapshots { roster, book, .. }) = page.current(self);
            let Some(found) = self.first(roster, book, now, &mut choice.list) else {
                if self.outdated(roster) {
                    continue;
                }
                return None;
            };
            let (line, others) = (found.line.at, found.others);
            if others {
                self.dirty.add(line);
            }
            if self.settle(roster, found, choice, now) {
                return Some(Choice::new(sheet));
            }
            if !others {
                self.dirty.add(line);
            }
        }
    }

    /// Whether there is a newer roster.
    pub(super) fn outdated(&self, roster: &Roster) -> bool {
        self.version.load(Ordering::Acquire) > roster.version
    }

    /// Marks the lines in which time alone has changed something.
    fn time_passes(&self, now: Millis) {
        self.due.swap(Millis::MAX, Ordering::SeqCst);
        publish_then_look();
        let roster = self.roster.load();
        let book = self.book.load();
        for line in self.busy_lines().filter_map(|at| book.lines.get(at)) {
            if line.due.load(Ordering::Acquire) <= now {
                line.due.swap(Millis::MAX, Ordering::SeqCst);
                publish_then_look();
                line.each_slot(|at| {
                    if let Some(slot) = self.slots.get(at) {
                        let wishes = slot.wishes();
                        let due = Self::due_of(&roster, line, slot.since(), wishes.as_deref(), now);
                        line.due.fetch_min(due, Ordering::SeqCst);
                    }
                });
                self.dirty.add(line.at);
            }
            self.due.fetch_min(line.due.load(Ordering::Acquire), Ordering::SeqCst);
        }
    }

    /// The first in the order of all marked lines for whom there is a seat; `list` is filled for them.
    fn first<'a>(
        &self,
        roster: &Roster,
        book: &'a Book,
        now: Millis,
        list: &mut Shortlist,
    ) -> Option<Found<'a>> {
        let words = book.lines.len().div_ceil(64);
        let mut marked = Self::members(&self.dirty, words).filter(|at| *at < book.lines.len());
        let first = marked.next()?;
        let Some(second) = marked.next() else {
            return self.look(roster, book.lines.get(first)?, now, u64::MAX, list);
        };
        // Several: the line whose first in order is earliest is looked at first.
        let mut lines: Vec<(u64, &Arc<Line>)> = [first, second]
            .into_iter()
            .chain(marked)
            .filter_map(|at| {
                let line = book.lines.get(at)?;
                let plain = self.foremost(&line.plain).0.map(|(key, ..)| key);
                let particular = self.foremost(&line.particular).0.map(|(key, ..)| key);
                // With nobody in it, it is only to be unmarked.
                Some((plain.into_iter().chain(particular).min().unwrap_or(0), line))
            })
            .collect();
        lines.sort_unstable_by_key(|(key, line)| (*key, line.at));
        let mut best: Option<Found> = None;
        let mut other = Shortlist::NOBODY;
        for (key, line) in lines {
            let before = best.as_ref().map_or(u64::MAX, |found| found.key);
            if key > before {
                break;
            }
            if let Some(found) = self.look(roster, line, now, before, &mut other) {
                if let Some(later) = best.replace(found) {
                    self.dirty.add(later.line.at);
                }
                std::mem::swap(list, &mut other);
            }
        }
        best
    }

    pub(super) fn waiting_key(&self, slot: usize) -> Option<u64> {
        let slot = self.slots.get(slot)?;
        (slot.state().status() == Status::Waiting).then(|| slot.key())
    }

    /// The first of a set who waits: place, slot, its state; and whether there are others.
    fn foremost(&self, set: &SlotSet) -> (Option<(u64, usize, State)>, bool) {
        let key = |at: usize| self.slots.get(at).map_or(u64::MAX, Slot::key);
        let (first, others) = set.first(key, |at| {
            let state = self.slots.get(at)?.state();
            (state.status() == Status::Waiting).then_some(state)
        });
        // Whoever has come to this slot since then has another place, and marks the line.
        (first.filter(|(place, at, _)| key(*at) == *place), others)
    }

    /// The first of one line for whom there is a seat, if their place is before `before`. Afterwards the line is
    /// marked no more; who is given somebody sees to it that it is.
    fn look<'a>(
        &self,
        roster: &Roster,
        line: &'a Line,
        now: Millis,
        before: u64,
        list: &mut Shortlist,
    ) -> Option<Found<'a>> {
        self.dirty.take(line.at);
        publish_then_look();
        loop {
            if self.outdated(roster) {
                // With an old roster, what is new would be overlooked and the mark lost.
                self.dirty.add(line.at);
                return None;
            }
            if let Some(found) = self.seek(roster, line, now, list) {
                if found.key >= before {
                    self.dirty.add(line.at);
                    return None;
                }
                return Some(found);
            }
            let known = self.active.has(line.at);
            if line.empty() {
                if known {
                    self.retire(line);
                }
                return None;
            }
            if known {
                return None;
            }
            // From here on a freed seat concerns the line; one that was freed before is seen by looking again.
            self.active.add(line.at);
            publish_then_look();
            lower(&self.due, line.due.load(Ordering::Acquire));
        }
    }

    /// The first of one line for whom there is a seat.
    fn seek<'a>(
        &self,
        roster: &Roster,
        line: &'a Line,
        now: Millis,
        list: &mut Shortlist,
    ) -> Option<Found<'a>> {
        let computed;
        let pools = match roster.pools(line.at) {
            Some(pools) => pools,
            // Whoever waits in it came under another roster.
            None => {
                computed = line.pools(roster);
                computed.as_ref()?
            }
        };
        let mut found = self.seek_plain(roster, pools, line, now, list);
        if !line.particular.empty() {
            let limit = found.as_ref().map_or(u64::MAX, |found| found.key);
            let mut other = Shortlist::NOBODY;
            if let Some(special) = self.seek_particular(roster, pools, line, now, limit, &mut other) {
                found = Some(special);
                *list = other;
            } else if let Some(found) = &mut found {
                found.others = true;
            }
        }
        found
    }

    /// The first for whom there is a seat, among those of whom one stands for all.
    fn seek_plain<'a>(
        &self,
        roster: &Roster,
        pools: &Pools,
        line: &'a Line,
        now: Millis,
        list: &mut Shortlist,
    ) -> Option<Found<'a>> {
        let ageing = &roster.policy.ageing;
        let weight = line.key.weight;
        let steps = pools.after_ms.len().min(STEPS);
        let kind = |since: Millis| match steps == 0 && weight == 1 {
            true => 0,
            false => {
                let waited = now.saturating_sub(since);
                2 * pools.step(waited).min(STEPS) + usize::from(ageing.points_after(weight, waited) < weight)
            }
        };
        let seek = |key: u64, kind: usize, at: usize, state: State, others: bool, list: &mut Shortlist| {
            let (pool, slot) = (pools.steps.get(kind / 2)?, self.slots.get(at)?);
            let least = if kind % 2 == 1 { 1 } else { weight };
            let wishes = slot.wishes();
            let knows = wishes.as_ref().and_then(|wishes| wishes.affinity.as_ref());
            let knows = knows.and_then(|id| roster.seat(id)).map(|(at, _)| at);
            let asked = Asked { least, knows, turn: key as u32 };
            self.gather(pool, &asked, &[], list);
            let (step, at_once, expires_at) = (kind / 2, pool.at_once, now + pools.expires_ms);
            let found = Found { key, slot: at, state, step, least, at_once, expires_at, line, others };
            (list.len > 0).then_some(found)
        };
        let (first, others) = self.foremost(&line.plain);
        let (key, at, state) = first?;
        let its = kind(self.slots.get(at)?.since());
        if let Some(found) = seek(key, its, at, state, others, list) {
            return Some(found);
        }
        // What the first cannot have, nobody can who asks for no less.
        let widest = 2 * steps + usize::from(weight > 1);
        if !others || its >= widest {
            return None;
        }
        let mut heads =
            Heads { keys: [u64::MAX; Heads::KINDS], slots: [(0, State::default()); Heads::KINDS] };
        line.plain.each(|at| {
            let Some(slot) = self.slots.get(at) else { return };
            let (state, key) = (slot.state(), slot.key());
            let kind = kind(slot.since());
            if state.status() == Status::Waiting && key < heads.keys[kind] {
                heads.keys[kind] = key;
                heads.slots[kind] = (at as u32, state);
            }
        });
        while let Some((key, kind, at, state)) = heads.pop(widest + 1) {
            if let Some(found) = seek(key, kind, at, state, true, list) {
                return Some(found);
            }
        }
        None
    }

    /// Nobody waits in it: no longer one of those that a seat may concern.
    pub(super) fn retire(&self, line: &Line) {
        self.active.take(line.at);
        publish_then_look();
        if !line.empty() {
            self.active.add(line.at);
            self.dirty.add(line.at);
        }
    }

    /// Those with wishes or refusals of their own, one by one, as far as they come before `limit`.
    fn seek_particular<'a>(
        &self,
        roster: &Roster,
        pools: &Pools,
        line: &'a Line,
        now: Millis,
        limit: u64,
        list: &mut Shortlist,
    ) -> Option<Found<'a>> {
        let mut order = Vec::new();
        line.particular.each(|at| {
            let Some(slot) = self.slots.get(at) else { return };
            let (state, key) = (slot.state(), slot.key());
            if state.status() == Status::Waiting && key < limit {
                order.push((key, at, state));
            }
        });
        order.sort_unstable_by_key(|(key, ..)| *key);
        for (key, at, state) in order {
            let Some(slot) = self.slots.get(at) else { continue };
            let (wishes, since) = (slot.wishes(), slot.since());
            let Some(wishes) = wishes.filter(|_| slot.state() == state) else { continue };
            if wishes.not_before.is_some_and(|from| from > now) {
                continue;
            }
            let waited = now.saturating_sub(since);
            let step = pools.step(waited).min(STEPS);
            let Some(pool) = pools.steps.get(step) else { continue };
            let asked = Particular { line, wishes: &wishes, since, key, now };
            self.gather_particular(roster, pool, &asked, list);
            if list.len > 0 {
                let least = roster.policy.ageing.points_after(line.key.weight, waited);
                let (at_once, expires_at) = (pool.at_once, now + pools.expires_ms);
                let (slot, others) = (at, true);
                return Some(Found { key, slot, state, step, least, at_once, expires_at, line, others });
            }
        }
        None
    }

    /// Claims the conversation, takes the best seats, and publishes the offers. `false`: somebody was faster.
    fn settle(&self, roster: &Roster, found: Found, choice: &mut Weighed, now: Millis) -> bool {
        // Nobody has come to a seat of the list since its advisors were looked up: these are theirs, and so is the
        // generation that was read with each who was there.
        if self.outdated(roster) {
            return false;
        }
        let Some(slot) = self.slots.get(found.slot) else { return false };
        // From the very state in which it was looked at: it is still the same.
        let Some(claimed) = slot.pass(found.state, Status::Claimed) else { return false };
        let case = Case { conversation: slot.conversation(), frustration: heat(slot.frustration()), now };
        choice.weigh(&roster.weights, &case, found.least);
        (choice.line, choice.step, choice.expires_at) = (found.line.at as u32, found.step, found.expires_at);
        let mut mask = 0;
        while choice.asked() < found.at_once.min(OFFERS_AT_ONCE)
            && let Some((nth, at)) = choice.best()
        {
            let generation = choice.generation(nth);
            match self.seats.reserve(at, generation, found.line.key.weight, found.least) {
                Some(points) => {
                    let place = choice.choose(nth);
                    slot.set_offer(place, Offer { seat: at, generation, points });
                    mask |= 1 << place;
                    if let Some(seat) = self.seats.get(at) {
                        seat.given(now);
                    }
                }
                None => choice.drop_out(nth),
            }
        }
        if mask == 0 {
            if slot.pass(claimed, Status::Waiting).is_none() {
                self.clear_cancelled(found.slot, slot, found.line);
            }
            return false;
        }
        // Out of the line before it is offered: from then on the slot is its own thread's again.
        self.leave_line(found.line, found.slot);
        if slot.pass(claimed, Status::Offered(mask)).is_some() {
            return true;
        }
        // The customer left while it was being decided.
        for (_, offer) in slot.offers(mask) {
            self.seats.unreserve(offer.seat, offer.generation, offer.points);
            self.gained(offer.seat);
        }
        self.clear_cancelled(found.slot, slot, found.line);
        false
    }

    /// The customer left while this thread had it claimed.
    pub(super) fn clear_cancelled(&self, at: usize, slot: &Slot, line: &Line) {
        self.leave_line(line, at);
        slot.pass(slot.state(), Status::Own);
        self.slots.shut(at);
    }

    /// The next moment, after the last decision, at which time alone changes something, or earlier.
    pub fn next_timeout(&self) -> Option<Millis> {
        let due = self.due.load(Ordering::Acquire);
        (due < Millis::MAX).then(|| due.max(self.decided_at.load(Ordering::Relaxed)))
    }
}
