//! The brain itself: what is in memory, and which turn each input is.

mod arrivals;
mod policies;
mod refresh;
mod restore;
mod staff;

use crate::cards;
use crate::effect::{Effect, Observation};
use crate::house::House;
use crate::input::{ConnectionId, Input};
use crate::live::Live;
use crate::people::People;
use crate::turn::{Out, Timer, Turn};
use analyzer::Analyzer;
use conversation::{ConversationId, Millis, Owner, SiteId};
use dispatcher::{Dispatcher, Refusal};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wire::frame::server::Availability;

/// The house's own stream of events: policies that supervisors set. No customer has this id.
pub const HOUSE: ConversationId = ConversationId(0);

/// Room for effects that is kept from one input to the next; more, which a crowd took at once, is given back.
const KEPT_EFFECTS: usize = 1_024;

/// The brain of one shard. See the crate's documentation for how to drive it.
pub struct Router {
    house: Arc<House>,
    pub(crate) analyzer: Arc<Analyzer>,
    dispatcher: Arc<Dispatcher>,
    people: People,
    conversations: BTreeMap<ConversationId, Live>,
    customers: BTreeMap<ConnectionId, ConversationId>,
    /// What waits for a conversation to be loaded, in order.
    loading: BTreeMap<ConversationId, Vec<Input>>,
    /// Customers whose `hello` is among it.
    arriving: BTreeMap<ConnectionId, ConversationId>,
    /// Conversations that advisors had when the server stopped: their seats are given again together.
    restoring: Vec<ConversationId>,
    shown: BTreeMap<SiteId, Availability>,
    out: Out,
    started: bool,
    now: Millis,
}

impl Router {
    /// A brain without conversations.
    pub fn new(house: Arc<House>, analyzer: Arc<Analyzer>, dispatcher: Arc<Dispatcher>) -> Router {
        Router {
            house,
            analyzer,
            dispatcher,
            people: People::default(),
            conversations: BTreeMap::new(),
            customers: BTreeMap::new(),
            loading: BTreeMap::new(),
            arriving: BTreeMap::new(),
            restoring: Vec::new(),
            shown: BTreeMap::new(),
            out: Out::default(),
            started: false,
            now: 0,
        }
    }

    /// B: takes one input in. Drain [`Router::poll_effect`] afterwards.
    pub fn handle(&mut self, input: Input, now: Millis) {
        self.now = self.now.max(now);
        self.take(input);
        self.settle();
    }

    /// B: lets time act. Drain [`Router::poll_effect`] afterwards.
    pub fn handle_timeout(&mut self, now: Millis) {
        self.now = self.now.max(now);
        while let Some((when, timer)) = self.out.timers.first().cloned() {
            if when > self.now {
                break;
            }
            self.out.timers.pop_first();
            self.fire(timer);
        }
        if self.dispatcher.next_timeout().is_some_and(|at| at <= self.now) {
            self.out.matching = true;
        }
        self.settle();
    }

    /// D: what is to be done, in order.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.out.effects.pop_front();
        if effect.is_none() && self.out.effects.capacity() > KEPT_EFFECTS {
            self.out.effects = VecDeque::new();
        }
        effect
    }

    /// A: when to call [`Router::handle_timeout`]; `None`: never, unless something comes in.
    pub fn poll_timeout(&self) -> Option<Millis> {
        let timer = self.out.timers.first().map(|(when, _)| *when);
        let lines = if self.started { self.dispatcher.next_timeout() } else { None };
        [timer, lines].into_iter().flatten().min()
    }

    /// A: conversations in memory, and those of them that are open.
    pub fn counts(&self) -> (usize, usize) {
        let open =
            self.conversations.values().filter(|live| live.state.is_some() && !live.is_closed()).count();
        (self.conversations.len(), open)
    }

    /// A: where a conversation is, as far as it is in memory; for tests and simulation.
    pub fn owner(&self, conversation: ConversationId) -> Option<&Owner> {
        self.conversations.get(&conversation)?.state.as_ref().map(|state| &state.owner)
    }

    /// A: every conversation in memory with its state, in order of id; for tests and simulation.
    pub fn states(&self) -> impl Iterator<Item = &conversation::State> {
        self.conversations.values().filter_map(|live| live.state.as_ref())
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::CustomerHello(hello) => self.customer_hello(*hello),
            Input::CustomerFrame { connection, mut frame } => {
                cards::hide_from_customer(&mut frame);
                self.customer_frame(connection, frame);
            }
            Input::AdvisorHello { connection, advisor, lang } => {
                self.advisor_hello(connection, &advisor, lang)
            }
            Input::AdvisorFrame { connection, mut frame } => {
                cards::hide_from_advisor(&mut frame);
                self.advisor_frame(connection, frame);
            }
            Input::Gone { connection } => self.gone(connection),
            Input::Loaded { conversation, events } => self.loaded(conversation, events),
            Input::Earlier { conversation, earlier } => {
                self.with(conversation, |_, live| live.earlier = earlier);
            }
            Input::CallDone { conversation, ticket, result } => {
                self.with(conversation, |turn, live| turn.call_done(live, ticket, result));
            }
            Input::PutAccount(account) => self.put_account(*account),
            Input::RemoveAccount(advisor) => self.remove_account(&advisor),
            Input::SetHouse(house) => {
                self.house = house;
                self.policies_again();
                self.queues_again();
                self.everything_changed();
                self.out.matching = true;
            }
            Input::Started => self.start(),
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Offer(offer) => {
                self.with(offer.conversation, |turn, live| {
                    turn.refuse_offer(live, offer, Refusal::Expired, "expired".into(), None);
                });
            }
            Timer::Away(id) => {
                self.with(id, |turn, live| turn.away(live));
            }
            Timer::Abandoned(id) => {
                self.with(id, |turn, live| turn.abandoned(live));
            }
            Timer::Forget(id) => {
                let forget = self
                    .conversations
                    .get(&id)
                    .is_some_and(|live| live.tabs.is_empty() && (live.state.is_none() || live.is_closed()));
                if forget {
                    self.conversations.remove(&id);
                }
            }
            Timer::Lost(advisor) => {
                let due = self.people.get(&advisor).and_then(|person| person.given_up_at);
                if due.is_some_and(|at| at <= self.now) {
                    self.lost(&advisor);
                }
            }
            Timer::Call(id, ticket) => {
                self.with(id, |turn, live| turn.call_overdue(live, ticket));
            }
            Timer::Refresh => self.refresh(),
            Timer::Stale => self.everything_changed(),
            Timer::Place(id) => {
                let unplaced = matches!(self.owner(id), Some(Owner::Queue { .. }))
                    && self.dispatcher.position(id, self.now).is_none();
                if unplaced {
                    self.with(id, |turn, live| turn.wait_in_line(live));
                }
            }
        }
    }

    /// Runs a step on one conversation in memory; `None` where it is not there.
    fn with<T>(&mut self, id: ConversationId, step: impl FnOnce(&mut Turn<'_>, &mut Live) -> T) -> Option<T> {
        let live = self.conversations.get_mut(&id)?;
        let mut turn = Turn {
            now: self.now,
            house: &self.house,
            analyzer: &self.analyzer,
            dispatcher: &self.dispatcher,
            people: &mut self.people,
            out: &mut self.out,
        };
        Some(step(&mut turn, live))
    }

    /// A step on no conversation.
    fn turn(&mut self) -> Turn<'_> {
        Turn {
            now: self.now,
            house: &self.house,
            analyzer: &self.analyzer,
            dispatcher: &self.dispatcher,
            people: &mut self.people,
            out: &mut self.out,
        }
    }

    /// Law 6: as long as somebody waits beside an eligible free seat, they are matched.
    fn settle(&mut self) {
        if !self.started {
            return;
        }
        if std::mem::take(&mut self.out.matching) {
            while let Some(decision) = self.dispatcher.decide(self.now) {
                let id = decision.conversation;
                let waits = matches!(self.owner(id), Some(Owner::Queue { .. }));
                if !waits {
                    // The dispatcher knows only what the router told it; if they ever disagree, the log is the truth.
                    debug_assert!(false, "a decision for {id}, which does not wait");
                    self.dispatcher.withdraw(id);
                    continue;
                }
                self.with(id, |turn, live| turn.offer(live, decision));
            }
        }
        let anything = !self.out.changed.is_empty() || !self.out.people_changed.is_empty();
        if anything && !self.out.refreshing {
            self.out.refreshing = true;
            self.out.at(self.now + refresh::REFRESH_MS, Timer::Refresh);
        }
    }

    /// Every queue's figures are to be shown again.
    fn everything_changed(&mut self) {
        self.out.changed.extend(self.house.queues.keys().cloned());
    }

    /// B: counts something that the shell saw; it goes the same way as everything else.
    pub fn observe(&mut self, observation: Observation) {
        self.out.effects.push_back(Effect::Observe(observation));
    }
}
