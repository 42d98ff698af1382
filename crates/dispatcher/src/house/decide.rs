//! The next match (law 6): the first in the order of all lines for whom there is a seat, and the best seat.
//!
//! No line is looked at for nothing: a seat that is freed and a conversation that comes mark the lines that they
//! concern, and a line is unmarked before it is looked at. Whoever publishes a change marks after it; whoever
//! unmarks looks after it; so that a change is either seen, or its mark remains and the thread that made the
//! change, which asks for decisions next, finds it.

use super::Dispatcher;
use super::line::Line;
use super::pool::Pool;
use super::roster::Roster;
use super::seat::{LEVELS, Word};
use super::slot::{Entry, Offer, Slot, State, Status};
use crate::decision::Decision;
use crate::limits::{SHORTLIST, STEPS};
use crate::policy::TERMS;
use crate::reference::heat;
use crate::score::{self, Case, Merit};
use crate::sync::{Ordering, publish_then_look};
use conversation::limits::{OFFERS_AT_ONCE, TRACE_CANDIDATES};
use conversation::{AdvisorId, Candidate, ConversationId, Millis};
use std::sync::Arc;

/// A decision with its trace as numbers; [`Choice::explain`] words it.
#[derive(Debug)]
pub struct Choice {
    entry: Arc<Entry>,
    roster: Arc<Roster>,
    expires_at: Millis,
    step: usize,
    chosen: usize,
    len: usize,
    trace: [(u32, [f32; TERMS]); TRACE_CANDIDATES],
}

impl Choice {
    /// Which conversation.
    pub fn conversation(&self) -> ConversationId {
        self.entry.request.conversation
    }

    fn advisor(&self, nth: usize) -> Option<&AdvisorId> {
        Some(&self.roster.member(self.trace[nth].0 as usize)?.advisor.id)
    }

    /// Whom to ask.
    pub fn advisors(&self) -> impl Iterator<Item = &AdvisorId> {
        (0..self.chosen).filter_map(|nth| self.advisor(nth))
    }

    /// The decision with its trace in words, as the log keeps it.
    pub fn explain(&self) -> Decision {
        let line = |nth: usize| -> Option<Candidate> {
            Some(score::candidate(self.advisor(nth)?.clone(), &self.trace[nth].1))
        };
        Decision {
            conversation: self.conversation(),
            queue: self.entry.request.queue.clone(),
            advisors: self.advisors().cloned().collect(),
            expires_at: self.expires_at,
            candidates: (0..self.len).filter_map(line).collect(),
            step: self.step,
        }
    }
}

/// Somebody in a line for whom there is a seat.
struct Found {
    key: u64,
    slot: usize,
    state: State,
    step: usize,
    /// Points that it asks for.
    weight: u16,
    line: Arc<Line>,
}

/// Advisors who could take it, the least loaded first.
struct Shortlist {
    len: usize,
    seats: [(u32, Word, Merit); SHORTLIST],
}

const NOBODY: (u32, Word, Merit) = (0, Word(0), Merit { fit: 0.0, language: 0.0 });

impl Shortlist {
    fn new() -> Shortlist {
        Shortlist { len: 0, seats: [NOBODY; SHORTLIST] }
    }

    /// `false` when it is full.
    fn push(&mut self, seat: usize, word: Word, merit: Merit) -> bool {
        if self.len < SHORTLIST {
            self.seats[self.len] = (seat as u32, word, merit);
            self.len += 1;
        }
        self.len < SHORTLIST
    }
}

impl Dispatcher {
    /// The next match, its seats reserved. To be called until `None` after every change and every timeout.
    pub fn decide(&self, now: Millis) -> Option<Decision> {
        self.choose(now).map(|choice| choice.explain())
    }

    /// As [`Dispatcher::decide`], the trace not yet worded.
    pub fn choose(&self, now: Millis) -> Option<Choice> {
        self.decided_at.fetch_max(now, Ordering::Relaxed);
        if self.due.load(Ordering::Acquire) <= now {
            self.time_passes(now);
        }
        self.watch_scarcity(now);
        let mut list = Shortlist::new();
        // Each turn that does not end was lost to another thread: to its decision, to the customer's leaving, or
        // to a change of the roster. Every turn that finds nobody unmarks the lines that it looked at.
        loop {
            let roster = self.roster.load();
            match self.first(&roster, now, &mut list) {
                Some(found) => {
                    if let Some(choice) = self.settle(&roster, found, &list, now) {
                        return Some(choice);
                    }
                }
                None if self.roster.load().version == roster.version => return None,
                None => {}
            }
        }
    }

    /// Marks the lines in which time alone has changed something.
    fn time_passes(&self, now: Millis) {
        self.due.swap(Millis::MAX, Ordering::SeqCst);
        publish_then_look();
        let roster = self.roster.load();
        let book = self.book.load();
        for line in self.active_lines().filter_map(|at| book.lines.get(at)) {
            if line.due.load(Ordering::Acquire) <= now {
                line.due.swap(Millis::MAX, Ordering::SeqCst);
                publish_then_look();
                for slot in line.slots().filter_map(|at| self.slots.get(at)) {
                    if let Some(entry) = slot.entry.load().as_ref() {
                        line.due.fetch_min(Self::due_of(&roster, entry, now), Ordering::SeqCst);
                    }
                }
                self.dirty.add(line.at);
            }
            self.due.fetch_min(line.due.load(Ordering::Acquire), Ordering::SeqCst);
        }
    }

    /// The first in the order of all marked lines for whom there is a seat.
    fn first(&self, roster: &Roster, now: Millis, list: &mut Shortlist) -> Option<Found> {
        let book = self.book.load();
        let words = book.lines.len().div_ceil(64);
        let mut marked = Self::members(&self.dirty, words).filter(|at| *at < book.lines.len());
        let first = marked.next()?;
        let Some(second) = marked.next() else {
            return self.look(roster, book.lines.get(first)?, now, u64::MAX, list);
        };
        // Several: the line whose first in order is earliest is looked at first.
        let mut lines: Vec<(u64, usize)> = [first, second]
            .into_iter()
            .chain(marked)
            .filter_map(|at| {
                let keys = book.lines.get(at)?.slots().filter_map(|slot| self.waiting_key(slot));
                Some((keys.min().unwrap_or(0), at))
            })
            .collect();
        lines.sort_unstable();
        let mut best: Option<Found> = None;
        for (key, at) in lines {
            let before = best.as_ref().map_or(u64::MAX, |found| found.key);
            if key > before {
                break;
            }
            let Some(line) = book.lines.get(at) else { continue };
            let mut other = Shortlist::new();
            if let Some(found) = self.look(roster, line, now, before, &mut other) {
                best = Some(found);
                *list = other;
            }
        }
        best
    }

    pub(super) fn waiting_key(&self, slot: usize) -> Option<u64> {
        let slot = self.slots.get(slot)?;
        (slot.state().status() == Status::Waiting).then(|| slot.key())
    }

    /// The first of one line for whom there is a seat, if their place is before `before`. The line stays marked
    /// unless nobody in it can be served.
    fn look(
        &self,
        roster: &Roster,
        line: &Arc<Line>,
        now: Millis,
        before: u64,
        shortlist: &mut Shortlist,
    ) -> Option<Found> {
        self.dirty.take(line.at);
        publish_then_look();
        if self.roster.load().version != roster.version {
            // With an old roster, what is new would be overlooked and the mark lost.
            self.dirty.add(line.at);
            return None;
        }
        if line.empty() {
            self.active.take(line.at);
            publish_then_look();
            if line.empty() {
                return None;
            }
            self.active.add(line.at);
        }
        let pools = line.pools(roster);
        let pools = pools.as_ref()?;
        // By step, those who still ask for all their points apart from those who have waited long.
        let ageing = &roster.policy.ageing;
        let mut heads = [(u64::MAX, 0, None); 2 * (STEPS + 1)];
        for at in line.plain.iter() {
            let Some(slot) = self.slots.get(at) else { continue };
            let state = slot.state();
            if state.status() != Status::Waiting {
                continue;
            }
            let waited = now.saturating_sub(slot.since());
            let (step, key) = (pools.step(waited).min(STEPS), slot.key());
            let weight = ageing.points_after(line.key.weight, waited);
            let head = &mut heads[2 * step + usize::from(weight < line.key.weight)];
            if key < head.0 {
                *head = (key, at, Some((state, step, weight)));
            }
        }
        heads[..2 * (pools.after_ms.len().min(STEPS) + 1)].sort_unstable_by_key(|head| head.0);
        shortlist.len = 0;
        let mut found = None;
        for (key, slot, state) in heads {
            let Some((state, step, weight)) = state else { break };
            let Some(pool) = pools.steps.get(step) else { continue };
            let knows = self.affinity(roster, slot);
            self.gather(roster, pool, weight, knows, |_| false, shortlist);
            if shortlist.len > 0 {
                found = Some((key, slot, state, step));
                break;
            }
        }
        let limit = found.map_or(u64::MAX, |(key, ..)| key);
        if let Some(special) = self.look_particular(roster, line, now, limit, shortlist) {
            found = Some(special);
        }
        let (key, slot, state, step) = found?;
        let since = self.slots.get(slot)?.since();
        let weight = ageing.points_after(line.key.weight, now.saturating_sub(since));
        self.dirty.add(line.at);
        (key < before).then(|| Found { key, slot, state, step, weight, line: line.clone() })
    }

    fn affinity(&self, roster: &Roster, slot: usize) -> Option<usize> {
        let entry = self.slots.get(slot)?.entry.load();
        let id = entry.as_ref()?.request.affinity.as_ref()?;
        roster.seat(id).map(|(at, _)| at)
    }

    /// Those with wishes or refusals of their own, one by one, as far as they come before `limit`.
    fn look_particular(
        &self,
        roster: &Roster,
        line: &Line,
        now: Millis,
        limit: u64,
        out: &mut Shortlist,
    ) -> Option<(u64, usize, State, usize)> {
        if line.particular.count() == 0 {
            return None;
        }
        let mut order: Vec<_> = line
            .particular
            .iter()
            .filter_map(|at| {
                let slot = self.slots.get(at)?;
                let state = slot.state();
                let key = slot.key();
                (state.status() == Status::Waiting && key < limit).then_some((key, at, state))
            })
            .collect();
        order.sort_unstable_by_key(|(key, ..)| *key);
        let pools = line.pools(roster);
        let pools = pools.as_ref()?;
        for (key, at, state) in order {
            let Some(slot) = self.slots.get(at) else { continue };
            let entry = slot.entry.load_full();
            let Some(entry) = entry.filter(|_| slot.state() == state) else { continue };
            let waited = now.saturating_sub(entry.request.since);
            let step = pools.step(waited).min(STEPS);
            let Some(pool) = pools.steps.get(step) else { continue };
            let mut list = Shortlist::new();
            self.gather_particular(roster, pool, &entry, now, &mut list);
            if list.len > 0 {
                *out = list;
                return Some((key, at, state, step));
            }
        }
        None
    }

    fn gather_particular(
        &self,
        roster: &Roster,
        pool: &Pool,
        entry: &Entry,
        now: Millis,
        out: &mut Shortlist,
    ) {
        let request = &entry.request;
        let offers = roster.policy.offers(&request.queue);
        let waited = now.saturating_sub(request.since);
        let weight = roster.policy.ageing.points_after(request.weight, waited);
        let seat = |id: &AdvisorId| roster.seat(id).map(|(at, _)| at);
        let mut avoided: Vec<usize> = request.avoid.iter().filter_map(seat).collect();
        avoided.extend(entry.avoided.iter().filter(|(_, until)| now < *until).filter_map(|(id, _)| seat(id)));
        let knows = request.affinity.as_ref().and_then(seat);
        let only =
            request.only.as_ref().and_then(seat).filter(|_| waited < u64::from(offers.direct_s) * 1_000);
        let waited_for = knows.filter(|at| {
            waited < u64::from(offers.affinity_s) * 1_000
                && self.seats.get(*at).is_some_and(|seat| seat.word().present())
        });
        if let Some(at) = only.or(waited_for) {
            if let (false, Some(seat), Some(member)) =
                (avoided.contains(&at), self.seats.get(at), roster.member(at))
            {
                let word = seat.word();
                if word.present() && word.generation() == member.generation && word.fits(weight) {
                    let search = crate::search::Search::of_line(&roster.policy, &entry.line.key, 0);
                    out.push(at, word, search.merit(&member.advisor));
                }
            }
            return;
        }
        self.gather(roster, pool, weight, knows, |at| avoided.contains(&at), out);
    }

    /// Collects the free seats of a pool, the least loaded first; where there are more than the list has room
    /// for, it begins somewhere else each time, so that none is always left out.
    fn gather(
        &self,
        roster: &Roster,
        pool: &Pool,
        weight: u16,
        knows: Option<usize>,
        avoid: impl Fn(usize) -> bool,
        out: &mut Shortlist,
    ) {
        let mut consider = |at: usize, merit: Merit| -> bool {
            let Some(seat) = self.seats.get(at) else { return true };
            let word = seat.word();
            let theirs = roster.generations.get(at) == Some(&word.generation());
            if !theirs || !word.present() || !word.fits(weight) || avoid(at) {
                return true;
            }
            out.push(at, word, merit)
        };
        let known = knows.filter(|at| pool.has(*at));
        if let Some(at) = known
            && let Some((_, mask, before)) = pool.words.iter().find(|(word, ..)| *word as usize == at / 64)
        {
            consider(at, *pool.merit(*mask, *before, at % 64));
        }
        let words = pool.words.len();
        let start = match words {
            0..=1 => 0,
            _ => self.ticket.load(Ordering::Relaxed) as usize % words,
        };
        for level in (0..LEVELS).filter(|level| !self.seats.deserted(*level)) {
            let (behind, ahead) = pool.words.split_at(start);
            for (word, mask, before) in ahead.iter().chain(behind) {
                let free = self.seats.row(level, *word as usize) & mask;
                for bit in crate::sync::ones(free) {
                    let at = *word as usize * 64 + bit;
                    if known != Some(at) && !consider(at, *pool.merit(*mask, *before, bit)) {
                        return;
                    }
                }
            }
        }
    }

    /// Claims the conversation, takes the best seats, and publishes the offers. `None`: somebody was faster.
    fn settle(&self, roster: &Arc<Roster>, found: Found, list: &Shortlist, now: Millis) -> Option<Choice> {
        let slot = self.slots.get(found.slot)?;
        let claimed = slot.pass(found.state, Status::Claimed)?;
        let Some(entry) = slot.entry.load_full() else {
            slot.pass(claimed, Status::Waiting);
            return None;
        };
        let mut choice = self.rank(roster, found.step, list, entry, now);
        let at_once = found.line.pools(roster).as_ref().map_or(1, |pools| pools.steps[found.step].at_once);
        let mut mask = 0;
        let mut nth = 0;
        while choice.chosen < at_once.min(OFFERS_AT_ONCE) && nth < choice.len {
            let at = choice.trace[nth].0 as usize;
            let generation = roster.member(at).map_or(0, |member| member.generation);
            match self.seats.reserve(at, generation, found.weight) {
                Some(points) => {
                    slot.set_offer(choice.chosen, Offer { seat: at, generation, points });
                    mask |= 1 << choice.chosen;
                    if let Some(seat) = self.seats.get(at) {
                        seat.given(now);
                    }
                    choice.chosen += 1;
                    nth += 1;
                }
                None => {
                    // Taken by another thread since it was looked at: no candidate any more.
                    choice.trace.copy_within(nth + 1..choice.len, nth);
                    choice.len -= 1;
                }
            }
        }
        if choice.chosen == 0 {
            if slot.pass(claimed, Status::Waiting).is_some() {
                self.dirty.add(found.line.at);
            } else {
                self.clear_cancelled(found.slot, slot, &found.line);
            }
            return None;
        }
        // Out of the line before it is offered: from then on the slot is its own thread's again.
        self.leave_line(&found.line, found.slot);
        if slot.pass(claimed, Status::Offered(mask)).is_some() {
            return Some(choice);
        }
        // The customer left while it was being decided.
        for (_, offer) in slot.offers(mask) {
            self.seats.unreserve(offer.seat, offer.generation, offer.points);
            self.gained(offer.seat);
        }
        self.clear_cancelled(found.slot, slot, &found.line);
        None
    }

    /// The customer left while this thread had it claimed.
    pub(super) fn clear_cancelled(&self, at: usize, slot: &Slot, line: &Line) {
        self.leave_line(line, at);
        slot.pass(slot.state(), Status::Own);
        self.slots.shut(at);
    }

    /// The terms of everybody on the shortlist; the best ten remain, the best first.
    fn rank(
        &self,
        roster: &Arc<Roster>,
        step: usize,
        list: &Shortlist,
        entry: Arc<Entry>,
        now: Millis,
    ) -> Choice {
        let request = &entry.request;
        let case = Case { conversation: request.conversation, frustration: heat(request.frustration), now };
        let knows = request.affinity.as_ref().and_then(|id| roster.seat(id)).map(|(at, _)| at);
        let expires_at = now + u64::from(roster.policy.offers(&request.queue).expires_s) * 1_000;
        let mut all = [[0.0; TERMS]; SHORTLIST];
        // Score, seat, place on the shortlist; the best first.
        let mut best = [(f32::NEG_INFINITY, u32::MAX, 0u8); TRACE_CANDIDATES + 1];
        let mut len = 0;
        for (nth, (at, word, merit)) in list.seats[..list.len].iter().enumerate() {
            let Some(seat) = self.seats.get(*at as usize) else { continue };
            let knows = knows == Some(*at as usize);
            let standing = seat.standing(*word);
            all[nth] = score::terms(&roster.weights, merit, &standing, &case, knows, *at as usize);
            let score = score::sum(&all[nth]);
            let mut to = len;
            while to > 0 && (score > best[to - 1].0 || (score == best[to - 1].0 && *at < best[to - 1].1)) {
                best[to] = best[to - 1];
                to -= 1;
            }
            best[to] = (score, *at, nth as u8);
            len = (len + 1).min(TRACE_CANDIDATES);
        }
        let mut trace = [(0, [0.0; TERMS]); TRACE_CANDIDATES];
        for (line, (_, at, nth)) in trace.iter_mut().zip(&best[..len]) {
            *line = (*at, all[usize::from(*nth)]);
        }
        Choice { entry, roster: roster.clone(), expires_at, step, chosen: 0, len, trace }
    }

    /// The next moment, after the last decision, at which time alone changes something, or earlier.
    pub fn next_timeout(&self) -> Option<Millis> {
        let due = self.due.load(Ordering::Acquire);
        (due < Millis::MAX).then(|| due.max(self.decided_at.load(Ordering::Relaxed)))
    }
}
