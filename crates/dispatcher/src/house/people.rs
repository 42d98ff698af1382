//! Advisors come, change, go; the policy is replaced.

use super::Dispatcher;
use super::line::Line;
use super::roster::{Member, Roster, calendars};
use super::slot::Status;
use crate::advisor::{Advisor, Load, Presence};
use crate::decision::Full;
use crate::policy::Policy;
use conversation::{AdvisorId, Millis};
use std::sync::Arc;

impl Dispatcher {
    /// Replaces the roster by what `change` makes of it; `change` may run more than once.
    fn enlist<T>(&self, mut change: impl FnMut(&mut Roster) -> T) -> T {
        loop {
            let before = self.roster.load();
            let mut after = Roster::clone(&before);
            after.version += 1;
            let out = change(&mut after);
            let generation =
                |member: &Option<Arc<Member>>| member.as_ref().map_or(u16::MAX, |m| m.generation);
            after.generations = after.members.iter().map(generation).collect();
            after.ids = after.members.iter().map(|m| m.as_ref().map(|m| m.advisor.id.clone())).collect();
            let version = after.version;
            let seen = self.roster.compare_and_swap(&*before, Arc::new(after));
            if Arc::ptr_eq(&seen, &before) {
                self.version.fetch_max(version, crate::sync::Ordering::SeqCst);
                return out;
            }
        }
    }

    /// Another policy. What waits keeps its place; whom it may go to follows the new policy at once.
    pub fn set_policy(&self, policy: Policy) {
        let hours = Arc::new(calendars(&policy));
        let policy = Arc::new(policy);
        self.enlist(|roster| {
            roster.weights = policy.terms.weights();
            roster.calendars = hours.clone();
            roster.policy = policy.clone();
        });
        // Steps may come earlier than they did: every line is looked at, and its next moment found anew.
        self.due.store(0, crate::sync::Ordering::SeqCst);
        for line in &self.book.load().lines {
            line.due.store(0, crate::sync::Ordering::SeqCst);
            self.set_apart(line);
        }
        self.everything_changed();
    }

    /// Those who from now on wait for the advisor who knows them are to be looked at one by one.
    fn set_apart(&self, line: &Line) {
        let roster = self.roster.load();
        if roster.policy.offers(&line.key.queue).affinity_s == 0 {
            return;
        }
        line.plain.each(|at| {
            let Some(slot) = self.slots.get(at) else { return };
            let state = slot.state();
            let knows = slot.wishes().is_some_and(|wishes| wishes.affinity.is_some());
            // Claimed, so that it cannot leave its line halfway.
            if knows
                && state.status() == Status::Waiting
                && let Some(claimed) = slot.pass(state, Status::Claimed)
            {
                line.particular.add(at, slot.key());
                line.plain.take(at);
                if slot.pass(claimed, Status::Waiting).is_none() {
                    self.clear_cancelled(at, slot, line);
                }
            }
        });
    }

    /// A new advisor, offline and not connected, or new facts about a known one.
    ///
    /// # Errors
    /// [`conversation::limits::ADVISORS`].
    pub fn put_advisor(&self, advisor: Advisor, now: Millis) -> Result<(), Full> {
        self.put_advisors(vec![advisor], now)
    }

    /// Many at once, which is quicker than one by one.
    ///
    /// # Errors
    /// [`conversation::limits::ADVISORS`]; none of them is put then.
    pub fn put_advisors(&self, advisors: Vec<Advisor>, now: Millis) -> Result<(), Full> {
        let put = self.enlist(|roster| {
            let mut put = Vec::with_capacity(advisors.len());
            let mut free = (0..self.seats.limit()).filter(|at| {
                let taken = roster.members.get(*at).is_some_and(Option::is_some);
                !taken
            });
            let mut new = Vec::new();
            let mut seats = Arc::clone(&roster.seats);
            for advisor in &advisors {
                let known = seats.get(&advisor.id).map(|at| *at as usize);
                let Some(at) = known.or_else(|| free.next()) else { return Err(Full::Advisors) };
                let generation = match known.and_then(|at| roster.members.get(at)?.as_ref()) {
                    Some(member) => member.generation,
                    None => self.seats.generation(at),
                };
                if known.is_none() {
                    Arc::make_mut(&mut seats).insert(advisor.id.clone(), at as u32);
                }
                new.push((at, Arc::new(Member { advisor: advisor.clone(), generation })));
                put.push((at, generation, advisor.capacity, known.is_none()));
            }
            drop(free);
            for (at, member) in new {
                if roster.members.len() <= at {
                    roster.members.resize(at + 1, None);
                }
                roster.members[at] = Some(member);
            }
            roster.seats = seats;
            Ok(put)
        })?;
        for (at, generation, capacity, new) in put {
            if new {
                self.seats.open(at, capacity, now);
            } else {
                self.seats.set_capacity(at, generation, capacity);
            }
        }
        self.everything_changed();
        Ok(())
    }

    /// Forgets an advisor and what they hold; the conversations are the router's to requeue.
    pub fn remove_advisor(&self, id: &AdvisorId) {
        // The seat first, so that whoever comes next at this place finds another generation.
        if let Some((at, generation)) = self.seat(id) {
            self.seats.shut(at, generation);
        }
        self.enlist(|roster| {
            if let Some(at) = Arc::make_mut(&mut roster.seats).remove(id)
                && let Some(member) = roster.members.get_mut(at as usize)
            {
                *member = None;
            }
        });
        self.everything_changed();
    }

    /// What the person has set for themselves.
    pub fn set_status(&self, id: &AdvisorId, status: Presence, _now: Millis) {
        let Some((at, generation)) = self.seat(id) else { return };
        if let Some(seat) = self.seats.get(at) {
            seat.attentive();
        }
        self.seats.set_status(at, generation, status);
        self.presence_changed(at);
    }

    /// Whether a connection of theirs is open.
    pub fn set_connected(&self, id: &AdvisorId, connected: bool, _now: Millis) {
        let Some((at, generation)) = self.seat(id) else { return };
        self.seats.set_connected(at, generation, connected);
        self.presence_changed(at);
    }

    /// Coming matters to those who may have them, going to those who waited for them alone.
    pub(super) fn presence_changed(&self, at: usize) {
        let gone = self.seats.get(at).is_none_or(|seat| !seat.word().present());
        if gone { self.everything_changed() } else { self.gained(at) }
    }

    /// What an advisor carries.
    pub fn load(&self, id: &AdvisorId) -> Option<Load> {
        self.seats.load(self.seat(id)?.0)
    }
}
