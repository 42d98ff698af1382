//! The dispatcher that shards share.

use crate::advisor::{Advisor, Load, Presence};
use crate::decision::{Availability, ClaimError, Decision, Figures, Full, Gone, Position, Refusal, Refused};
use crate::policy::Policy;
use crate::reference::Reference;
use crate::request::Request;
use crate::search::Search;
use arc_swap::ArcSwap;
use conversation::{AdvisorId, ConversationId, Lang, Millis, QueueId};
use std::sync::Arc;

/// Seats and lines; every method takes `&self`, none waits.
#[derive(Debug)]
pub struct Dispatcher {
    state: ArcSwap<Reference>,
}

impl Dispatcher {
    /// Nobody there, nobody waiting.
    pub fn new(policy: Policy) -> Dispatcher {
        Dispatcher { state: ArcSwap::from_pointee(Reference::new(policy)) }
    }

    fn change<T>(&self, mut change: impl FnMut(&mut Reference) -> T) -> T {
        loop {
            let before = self.state.load();
            let mut after = Reference::clone(&before);
            let out = change(&mut after);
            let seen = self.state.compare_and_swap(&*before, Arc::new(after));
            if Arc::ptr_eq(&seen, &before) {
                return out;
            }
        }
    }

    /// Another policy; what waits keeps its place.
    pub fn set_policy(&self, policy: Policy) {
        self.change(|state| state.set_policy(policy.clone()));
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Policy> {
        self.state.load().policy()
    }

    /// A new advisor, offline and not connected, or new facts about a known one.
    ///
    /// # Errors
    /// [`conversation::limits::ADVISORS`].
    pub fn put_advisor(&self, advisor: Advisor, now: Millis) -> Result<(), Full> {
        self.change(|state| state.put_advisor(advisor.clone(), now))
    }

    /// Forgets an advisor and what they held.
    pub fn remove_advisor(&self, id: &AdvisorId) {
        self.change(|state| state.remove_advisor(id));
    }

    /// What the person has set for themselves.
    pub fn set_status(&self, id: &AdvisorId, status: Presence, _now: Millis) {
        self.change(|state| state.set_status(id, status));
    }

    /// Whether a connection of theirs is open.
    pub fn set_connected(&self, id: &AdvisorId, connected: bool, _now: Millis) {
        self.change(|state| state.set_connected(id, connected));
    }

    /// Into the line.
    ///
    /// # Errors
    /// A limit, or the conversation is in the dispatcher's hands already.
    pub fn enqueue(&self, request: Request, _now: Millis) -> Result<(), Full> {
        self.change(|state| state.enqueue(request.clone()))
    }

    /// Out of the line, or the seats of its open offers freed; `false` where it is neither.
    pub fn withdraw(&self, conversation: ConversationId) -> bool {
        self.change(|state| state.withdraw(conversation))
    }

    /// The next match, its seats reserved. To be called until `None` after every change and every timeout.
    pub fn decide(&self, now: Millis) -> Option<Decision> {
        self.change(|state| state.decide(now))
    }

    /// An offer is taken: the reserved seat is held, the other offers of the conversation are freed.
    ///
    /// # Errors
    /// The offer is not open.
    pub fn accept(&self, conversation: ConversationId, advisor: &AdvisorId, now: Millis) -> Result<(), Gone> {
        self.change(|state| state.accept(conversation, advisor, now))
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
        self.change(|state| state.refuse(conversation, advisor, why, now))
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
        self.change(|state| state.claim(conversation, advisor, weight, force, now))
    }

    /// Closed, transferred or returned: the held seat is free.
    pub fn release(&self, conversation: ConversationId, advisor: &AdvisorId, now: Millis) {
        self.change(|state| state.release(conversation, advisor, now));
    }

    /// The next moment, after the last `decide`, at which time alone changes something.
    pub fn next_timeout(&self) -> Option<Millis> {
        self.state.load().next_timeout()
    }

    /// Where a conversation stands; `None` where it neither waits nor is offered.
    pub fn position(&self, conversation: ConversationId, _now: Millis) -> Option<Position> {
        Some(Position { ahead: self.state.load().ahead(conversation)?, wait: None })
    }

    fn search(state: &Reference, queue: &QueueId) -> Option<Search> {
        let lang = Lang::new("xx").ok()?;
        Some(Search { lang_required: false, ..Search::new(&state.policy(), queue, &lang, &[], 0) })
    }

    /// A queue at a moment.
    pub fn figures(&self, queue: &QueueId, _now: Millis) -> Figures {
        let state = self.state.load();
        let waiting = || state.waiting().filter(|r| r.queue == *queue);
        Figures {
            waiting: waiting().count() as u32,
            oldest_since: waiting().map(|r| r.since).min(),
            available: Self::search(&state, queue).map_or(0, |search| state.available(&search, 1)),
            wait: None,
        }
    }

    /// Whether it is worth waiting in it.
    pub fn availability(&self, queue: &QueueId, now: Millis) -> Availability {
        let figures = self.figures(queue, now);
        let state = self.state.load();
        let policy = state.policy();
        let full = policy.queue(queue).overflow.waiting;
        let anybody = Self::search(&state, queue).is_some_and(|search| state.anybody(&search));
        if !anybody || (full > 0 && figures.waiting >= full) {
            Availability::Closed
        } else if figures.available > 0 {
            Availability::Open
        } else {
            Availability::Busy
        }
    }

    /// What an advisor carries.
    pub fn load(&self, id: &AdvisorId) -> Option<Load> {
        self.state.load().load(id)
    }

    /// A conversation of the queue has ended: feeds the estimates.
    pub fn handled(&self, _queue: &QueueId, _handle_ms: u64, _waited_ms: u64, _now: Millis) {}
}
