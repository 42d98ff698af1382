//! What can be told of the lines at a moment. Read while others write: each figure was true at some moment of
//! the call.

use super::Dispatcher;
use super::directory::Place;
use super::line::Line;
use super::pool::PoolWord;
use super::roster::Roster;
use super::seat::LEVELS;
use super::slot::{Slot, Status};
use crate::decision::{Availability, Figures, Position, Wait};
use crate::estimate::{Accuracy, Expected};
use crate::policy::{LocalTime, WhenClosed};
use crate::sync::ones;
use conversation::{ConversationId, Millis, QueueId};
use std::sync::Arc;

impl Dispatcher {
    fn lines_of(&self, queue: &QueueId, mut each: impl FnMut(&Arc<Line>)) {
        let mut lines = self.busy_lines().peekable();
        if lines.peek().is_none() {
            return;
        }
        let book = self.book.load();
        for line in lines.filter_map(|at| book.lines.get(at)) {
            if line.key.queue == *queue {
                each(line);
            }
        }
    }

    pub(super) fn ahead(&self, queue: &QueueId, key: u64) -> u32 {
        let mut ahead = 0;
        self.lines_of(queue, |line| {
            ahead += line.plain.before(key, |at| self.waiting_key(at));
            ahead += line.particular.before(key, |at| self.waiting_key(at));
        });
        ahead
    }

    /// Whether anybody of the queue waits.
    pub(super) fn busy(&self, queue: &QueueId) -> bool {
        let mut busy = false;
        self.lines_of(queue, |line| busy |= !line.empty());
        busy
    }

    /// Where a conversation stands; `None` where it neither waits nor is offered.
    pub fn position(&self, conversation: ConversationId, now: Millis) -> Option<Position> {
        let Place::Slot(at) = self.directory.get(conversation)? else { return None };
        let slot = self.slots.get(at)?;
        let waiter = slot.waiter();
        if matches!(slot.state().status(), Status::Offered(_)) {
            return Some(Position { ahead: 0, wait: Some(Wait { low_s: 0, expected_s: 0, high_s: 0 }) });
        }
        let book = self.book.load();
        let line = book.lines.get(waiter.line)?;
        let ahead = self.ahead(&line.key.queue, slot.key());
        let wait = self.wait(line, ahead, waiter.priority, now);
        let wait = wait.zip(self.not_before(line, slot, now)).map(|(wait, from)| wait.after(from - now));
        Some(Position { ahead, wait })
    }

    fn wait(&self, line: &Line, ahead: u32, priority: u8, now: Millis) -> Option<Wait> {
        let expected = self.expected(line, || ahead, priority, now)?;
        Some(line.estimator.wait(&expected))
    }

    /// How long a wait with so many ahead will be. `None`: it cannot be said, since nobody is there who could do it, or
    /// nothing has been observed yet.
    pub(super) fn expected(
        &self,
        line: &Line,
        ahead: impl FnOnce() -> u32,
        priority: u8,
        now: Millis,
    ) -> Option<Expected> {
        // The first of those who are there, now or when the search has widened.
        self.present_in(&self.roster.load(), line).next()?;
        let seats = || self.whole(&line.key.queue).map_or(1, |whole| self.seats_of(&whole));
        line.estimator.expected(ahead, priority, seats, now)
    }

    /// The moment, `now` or later, before which it is offered to nobody who is there at present; `None` where it is
    /// never offered to any of them.
    fn not_before(&self, line: &Line, slot: &Slot, now: Millis) -> Option<Millis> {
        let Some(wishes) = slot.wishes() else { return Some(now) };
        let roster = self.roster.load();
        let from = wishes.not_before.unwrap_or(now).max(now);
        // Whoever is not to be asked is one of a few, so that the first or one of the next who are there can be.
        let mut first: Option<Millis> = None;
        for at in self.present_in(&roster, line) {
            let Some(id) = roster.ids.get(at).and_then(Option::as_ref) else { continue };
            let avoided = wishes.avoided.iter().find(|(avoided, _)| avoided == id);
            let until = avoided.map_or(from, |(_, until)| from.max(*until));
            if until == from {
                return Some(from);
            }
            first = Some(first.map_or(until, |first| first.min(until)));
        }
        first
    }

    /// The seats of those who are there and could do it, now or when the search has widened.
    fn present_in(&self, roster: &Roster, line: &Line) -> impl Iterator<Item = usize> {
        let pools = line.pools(roster);
        let words = pools.as_ref().and_then(|pools| pools.steps.last()).map_or(0, |pool| pool.words.len());
        (0..words).flat_map(move |nth| {
            let word = pools.as_ref().and_then(|pools| pools.steps.last()?.words.get(nth).copied());
            let (at, present) = word.map_or((0, 0), |word| {
                let at = word.at as usize;
                (at, self.seats.present(at) & word.members)
            });
            ones(present).map(move |bit| at * 64 + bit)
        })
    }

    /// Points of everybody who is there for the queue, free or not, as far as they can hold equally many.
    fn seats_of(&self, whole: &Line) -> u32 {
        let pools = whole.pools(&self.roster.load());
        let Some(pool) = pools.as_ref().and_then(|pools| pools.steps.last()) else { return 0 };
        let there = |word: &PoolWord| (self.seats.present(word.at as usize) & word.members).count_ones();
        let present: u32 = pool.words.iter().map(there).sum();
        (present as f32 * pool.capacity).round() as u32
    }

    /// Members of the queue's own pool who are free, and who are present.
    pub(super) fn people(&self, whole: &Line) -> (u32, u32) {
        let roster = self.roster.load();
        let pools = whole.pools(&roster);
        let Some(pool) = pools.as_ref().and_then(|pools| pools.steps.first()) else { return (0, 0) };
        let (mut free, mut present) = (0, 0);
        for PoolWord { at, members, .. } in &pool.words {
            let word = *at as usize;
            let any = (0..LEVELS).fold(0, |any, level| any | self.seats.row(level, word));
            free += (any & members).count_ones();
            present += (self.seats.present(word) & members).count_ones();
        }
        (free, present)
    }

    /// A queue at a moment.
    pub fn figures(&self, queue: &QueueId, now: Millis) -> Figures {
        let mut figures = Figures::default();
        self.lines_of(queue, |line| {
            line.each_slot(|at| {
                let waiting = self.slots.get(at).filter(|slot| slot.state().status() == Status::Waiting);
                // A callback waits from its time on.
                let Some(since) = waiting.map(Slot::since).filter(|since| *since <= now) else { return };
                figures.waiting += 1;
                figures.oldest_since = Some(figures.oldest_since.map_or(since, |old| old.min(since)));
            });
        });
        if let Some(whole) = self.whole(queue) {
            figures.available = self.people(&whole).0;
            figures.wait = if figures.available > 0 && figures.waiting == 0 {
                Some(Wait { low_s: 0, expected_s: 0, high_s: 0 })
            } else {
                let priority = self.roster.load().policy.queue(queue).priority;
                self.wait(&whole, figures.waiting, priority, now)
            };
        }
        figures
    }

    /// Whether it is worth waiting in it.
    pub fn availability(&self, queue: &QueueId, now: Millis) -> Availability {
        if self.roster.load().calendar(queue).is_some_and(|hours| !hours.open_at(now)) {
            return Availability::Closed;
        }
        let figures = self.figures(queue, now);
        let present = self.whole(queue).map_or(0, |whole| self.people(&whole).1);
        let policy = self.policy();
        let overflow = &policy.queue(queue).overflow;
        let too_many = overflow.waiting > 0 && figures.waiting >= overflow.waiting;
        let too_long =
            overflow.wait_s > 0 && figures.wait.is_some_and(|wait| wait.expected_s >= overflow.wait_s);
        if present == 0 || too_many || too_long {
            Availability::Closed
        } else if figures.available > 0 {
            Availability::Open
        } else {
            Availability::Busy
        }
    }

    /// Where somebody who is sent to `queue` stands: there, or, where it is closed and says so, in the queue that it
    /// names, which may do the same. And whether that one is worth waiting in.
    pub fn entrance(&self, queue: &QueueId, now: Millis) -> (QueueId, Availability) {
        let policy = self.policy();
        let mut passed = vec![queue];
        loop {
            let here = passed[passed.len() - 1];
            let availability = self.availability(here, now);
            match &policy.queue(here).when_closed {
                WhenClosed::Queue(other) if availability == Availability::Closed => {
                    if passed.contains(&other) {
                        // Each sends to another, and all are closed: the one that was asked for.
                        return (queue.clone(), Availability::Closed);
                    }
                    passed.push(other);
                }
                _ => return (here.clone(), availability),
            }
        }
    }

    /// When the queue's hours next begin: `now` within them, `None` where that is more than three weeks away.
    pub fn opens_at(&self, queue: &QueueId, now: Millis) -> Option<Millis> {
        self.roster.load().calendar(queue).map_or(Some(now), |hours| hours.opens_at(now))
    }

    /// A moment as the clocks of the queue's hours show it; `None` for a queue that is always open.
    pub fn local_time(&self, queue: &QueueId, at: Millis, now: Millis) -> Option<LocalTime> {
        self.roster.load().calendar(queue)?.local(at, now)
    }

    /// A conversation of the queue has ended with an advisor: how long it took feeds the estimates of a queue
    /// that has not been busy yet. The waits themselves are observed.
    pub fn handled(&self, queue: &QueueId, handle_ms: u64, _waited_ms: u64, _now: Millis) {
        if let Some(whole) = self.whole(queue) {
            whole.estimator.handled(handle_ms);
        }
    }

    /// How good the queue's estimates were so far.
    pub fn accuracy(&self, queue: &QueueId) -> Accuracy {
        self.whole(queue).map_or_else(Accuracy::default, |whole| whole.estimator.accuracy())
    }
}
