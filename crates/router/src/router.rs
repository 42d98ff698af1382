//! The brain itself: what is in memory, and which turn each input is.

use crate::advisor::{Asker, holder, subject, unseen};
use crate::customer::availability;
use crate::effect::{Effect, Observation};
use crate::house::House;
use crate::input::{ConnectionId, CustomerHello, Input};
use crate::live::{Live, Opening};
use crate::people::{Account, People, Role};
use crate::snapshot;
use crate::turn::{Echo, Out, Timer, Turn, presence_of, waiting};
use analyzer::Analyzer;
use conversation::{
    AdvisorId, ConversationId, CustomerId, EventKind, Lang, Millis, OfferId, Owner, QueueId, SiteId, limits,
};
use dispatcher::{Dispatcher, Refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::frame::advisor::{SetPolicy, Status};
use wire::frame::server::{AdvisorWelcome, Availability, Me, Snapshot};
use wire::{AdvisorFrame, Close, ErrorCode, ServerFrame};

/// The house's own stream of events: policies that supervisors set. No customer has this id.
pub const HOUSE: ConversationId = ConversationId(0);

/// How often changed figures are shown again, in milliseconds.
const REFRESH_MS: Millis = 500;

/// How old what a waiting customer was told may become, in milliseconds.
const STALE_MS: Millis = 5_000;

/// The brain of one shard. See the crate's documentation for how to drive it.
pub struct Router {
    house: Arc<House>,
    pub(crate) analyzer: Arc<Analyzer>,
    dispatcher: Arc<Dispatcher>,
    people: People,
    conversations: BTreeMap<ConversationId, Live>,
    customers: BTreeMap<ConnectionId, ConversationId>,
    /// What waits for a conversation to be loaded.
    loading: BTreeMap<ConversationId, Vec<Input>>,
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
        self.out.effects.pop_front()
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
            Input::CustomerFrame { connection, frame } => {
                let Some(id) = self.customers.get(&connection).copied() else { return };
                self.with(id, |turn, live| turn.customer_frame(live, connection, frame));
            }
            Input::AdvisorHello { connection, advisor, lang } => {
                self.advisor_hello(connection, &advisor, lang)
            }
            Input::AdvisorFrame { connection, frame } => self.advisor_frame(connection, frame),
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
                self.out.changed.extend(self.house.queues.keys().cloned());
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
            Timer::Lost(advisor) => self.lost(&advisor),
            Timer::Call(id, ticket) => {
                self.with(id, |turn, live| turn.call_overdue(live, ticket));
            }
            Timer::Refresh => self.refresh(),
            Timer::Stale => self.out.changed.extend(self.house.queues.keys().cloned()),
            Timer::Place(id) => {
                let unplaced = matches!(self.owner(id), Some(Owner::Queue { .. }))
                    && self.dispatcher.position(id, self.now).is_none();
                if unplaced {
                    self.with(id, |turn, live| turn.wait_in_line(live, false, None));
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
            self.out.at(self.now + REFRESH_MS, Timer::Refresh);
        }
    }

    fn customer_hello(&mut self, hello: CustomerHello) {
        let connection = hello.connection;
        let id = hello.resume.map(|resume| resume.conversation);
        if let Some(id) = id {
            if let Some(live) = self.conversations.get(&id) {
                if live.opening.site != hello.site {
                    return self.reject(connection, &hello);
                }
                let after = hello.resume.and_then(|resume| resume.after);
                self.customers.insert(connection, id);
                self.with(id, |turn, live| turn.welcome(live, connection, hello.token, after));
                return;
            }
            let waiters = self.loading.entry(id).or_default();
            if waiters.is_empty() {
                self.out.effects.push_back(Effect::Load { conversation: id });
            }
            waiters.push(Input::CustomerHello(Box::new(hello)));
            return;
        }
        if self.conversations.len() >= limits::OPEN_CONVERSATIONS {
            return self.out.effects.push_back(Effect::Close { to: connection, why: Close::Overloaded });
        }
        let Some(opening) = self.turn().opening(&hello) else { return self.reject(connection, &hello) };
        let id = hello.fresh;
        let customer = opening.customer.clone();
        self.conversations.entry(id).or_insert_with(|| Live::new(id, opening));
        self.customers.insert(connection, id);
        self.with(id, |turn, live| turn.welcome(live, connection, hello.fresh_token, None));
        // A visitor whose id was made for this very conversation has no earlier ones.
        if !customer.as_str().ends_with(&id.to_string()) {
            self.out.effects.push_back(Effect::Earlier { conversation: id, customer });
        }
    }

    fn reject(&mut self, connection: ConnectionId, hello: &CustomerHello) {
        let lang = hello.lang.as_ref().map_or("en", Lang::as_str).to_owned();
        self.turn().refuse(connection, ErrorCode::UnknownConversation, &lang, &Echo::default());
        self.out.effects.push_back(Effect::Close { to: connection, why: Close::Forbidden });
    }

    fn loaded(&mut self, id: ConversationId, events: Vec<conversation::Event>) {
        let found = Live::replay(events);
        let waiters = self.loading.remove(&id).unwrap_or_default();
        if let Some(live) = found {
            let customer = live.opening.customer.clone();
            let closed = live.is_closed();
            self.conversations.entry(id).or_insert(live);
            if id == HOUSE {
                self.policies_again();
                return;
            }
            self.out.effects.push_back(Effect::Earlier { conversation: id, customer });
            if closed {
                self.out.at(self.now + crate::phase::closed::FORGET_MS, Timer::Forget(id));
            } else {
                self.settle_in(id);
            }
            for input in waiters {
                self.take(input);
            }
            return;
        }
        for input in waiters {
            match input {
                Input::CustomerHello(hello) => {
                    self.customer_hello(CustomerHello { resume: None, ..*hello });
                }
                Input::AdvisorFrame { connection, frame } => {
                    if let Some((advisor, lang)) = self.people.reader(connection).cloned() {
                        let asker = Asker::new(connection, advisor, lang.as_str(), &frame);
                        self.turn().deny(&asker, unseen(&frame));
                    }
                }
                _ => {}
            }
        }
    }

    /// A conversation comes back from the log: the dispatcher is told what the log says, and nothing is decided.
    fn settle_in(&mut self, id: ConversationId) {
        let Some(live) = self.conversations.get(&id) else { return };
        let Some(state) = &live.state else { return };
        match state.owner.clone() {
            Owner::Advisor { advisor } => {
                let policy = self.dispatcher.policy();
                let queue = state.queue.clone().unwrap_or_else(|| self.house.default_queue.clone());
                let weight = policy.queue(&queue).weight(state.frustration);
                let claimed = self.dispatcher.claim(id, &advisor, weight, true, self.now).is_ok();
                match self.people.get_mut(&advisor) {
                    Some(person) if claimed => {
                        person.holds.insert(id);
                        if person.connections.is_empty() {
                            self.out.at(self.now + self.house.advisor_lost_ms * 6, Timer::Lost(advisor));
                        }
                    }
                    _ => {
                        self.with(id, |turn, live| turn.advisor_lost(live, &advisor));
                    }
                }
            }
            Owner::Queue { .. } => {
                let to = live.events.iter().rev().find_map(|event| match &event.kind {
                    EventKind::TransferRequested { to, .. } => Some(to.clone()),
                    _ => None,
                });
                self.with(id, |turn, live| turn.wait_in_line(live, false, to.flatten()));
                self.out.at(self.now + self.house.abandon_ms, Timer::Abandoned(id));
            }
            Owner::Offered { queue, offers } => {
                // Who was asked before the restart is asked again through the line: the old offer is nobody's now.
                self.with(id, |turn, live| {
                    for open in &offers {
                        let kind = EventKind::Declined {
                            offer: open.offer,
                            advisor: open.advisor.clone(),
                            reason: "withdrawn".into(),
                            note: None,
                        };
                        turn.append(live, None, kind);
                    }
                    turn.pass_to(live, Owner::Queue { queue }, None);
                    turn.wait_in_line(live, true, None);
                });
                self.out.at(self.now + self.house.abandon_ms, Timer::Abandoned(id));
            }
            Owner::Bot => {
                self.with(id, |turn, live| turn.call_lost(live));
                self.out.at(self.now + self.house.idle_ms, Timer::Abandoned(id));
            }
            Owner::Closed => {}
        }
    }

    fn start(&mut self) {
        self.started = true;
        self.out.matching = true;
        self.out.changed.extend(self.house.queues.keys().cloned());
    }

    fn advisor_hello(&mut self, connection: ConnectionId, advisor: &AdvisorId, lang: Lang) {
        let Some(person) = self.people.get(advisor) else {
            self.turn().refuse(connection, ErrorCode::Unauthorised, lang.as_str(), &Echo::default());
            return self.out.effects.push_back(Effect::Close { to: connection, why: Close::Unauthorised });
        };
        let first = person.connections.is_empty();
        for excess in self.people.connect(advisor, connection, lang.clone()) {
            self.out.effects.push_back(Effect::Close { to: excess, why: Close::Replaced });
        }
        if first {
            self.dispatcher.set_connected(advisor, true, self.now);
            self.out.matching = true;
            self.out.changed.extend(self.house.queues.keys().cloned());
        }
        let welcome = self.advisor_welcome(advisor, &lang);
        if let Some(welcome) = welcome {
            self.out.send(connection, ServerFrame::AdvisorWelcome(Box::new(welcome)));
        }
        if first {
            self.turn().presence_changed(advisor);
        }
    }

    fn advisor_welcome(&mut self, advisor: &AdvisorId, lang: &Lang) -> Option<AdvisorWelcome> {
        let person = self.people.get(advisor)?.clone();
        let read = lang.as_str();
        let view =
            |id: &ConversationId| self.conversations.get(id).map(|live| snapshot::conversation(live, read));
        let conversations = person.holds.iter().filter_map(view).collect();
        let offers = person.offers.iter().filter_map(|offer| self.offer_view(offer, read)).collect();
        let waits =
            |live: &&Live| !live.is_closed() && live.state.as_ref().is_some_and(|s| s.owner != Owner::Bot);
        let waiting = (person.account.role == Role::Supervisor).then(|| {
            self.conversations.values().filter(waits).filter_map(|live| waiting(live, read)).collect()
        });
        let queues: Vec<QueueId> = self.house.queues.keys().cloned().collect();
        let house = self.house.clone();
        let turn = self.turn();
        let snapshot = Snapshot {
            conversations,
            offers,
            queues: queues.iter().map(|queue| turn.queue_frame(queue, lang)).collect(),
            colleagues: turn.colleagues(),
            waiting,
            declines: house.declines.clone(),
            outcomes: house.outcomes.clone(),
        };
        let account = person.account;
        let me = Me {
            id: account.id,
            name: account.name,
            role: account.role.as_str(),
            status: account.status,
            lang: lang.clone(),
        };
        Some(AdvisorWelcome { advisor: me, epoch: house.epoch.clone(), seq: person.feed, snapshot })
    }

    fn offer_view(&self, offer: &OfferId, lang: &str) -> Option<wire::frame::server::OfferFrame> {
        let live = self.conversations.get(&offer.conversation)?;
        match &live.state.as_ref()?.owner {
            Owner::Offered { queue, offers } => {
                let open = offers.iter().find(|open| open.offer == *offer)?;
                Some(snapshot::offer(live, queue, open, lang, self.now))
            }
            Owner::Bot | Owner::Queue { .. } | Owner::Advisor { .. } | Owner::Closed => None,
        }
    }

    fn advisor_frame(&mut self, connection: ConnectionId, frame: AdvisorFrame) {
        let Some((advisor, lang)) = self.people.reader(connection).cloned() else { return };
        let asker = Asker::new(connection, advisor.clone(), lang.as_str(), &frame);
        let Some(id) = subject(&frame) else {
            return match frame {
                AdvisorFrame::SetPresence(frame) => {
                    let mut turn = self.turn();
                    turn.set_status(&advisor, frame.status);
                    turn.done(&asker, None, None);
                }
                AdvisorFrame::SetPolicy(frame) => self.set_policy(&asker, frame),
                _ => self.turn().deny(&asker, ErrorCode::HelloTwice),
            };
        };
        if id == HOUSE {
            return self.turn().deny(&asker, unseen(&frame));
        }
        let Some(live) = self.conversations.get(&id) else {
            let waiters = self.loading.entry(id).or_default();
            if waiters.is_empty() {
                self.out.effects.push_back(Effect::Load { conversation: id });
            }
            return waiters.push(Input::AdvisorFrame { connection, frame });
        };
        let mine = self.is_customer_of(&advisor, &live.opening.customer);
        self.with(id, |turn, live| turn.advisor_frame(live, &asker, frame, mine));
    }

    /// Whether an advisor has, or is asked for, a conversation of this customer.
    fn is_customer_of(&self, advisor: &AdvisorId, customer: &CustomerId) -> bool {
        let Some(person) = self.people.get(advisor) else { return false };
        let offered = person.offers.iter().map(|offer| &offer.conversation);
        person
            .holds
            .iter()
            .chain(offered)
            .any(|id| self.conversations.get(id).is_some_and(|live| live.opening.customer == *customer))
    }

    fn set_policy(&mut self, asker: &Asker, frame: SetPolicy) {
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
    fn policies_again(&mut self) {
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

    fn own_site(&self) -> SiteId {
        SiteId::new("house").expect("a plain word")
    }

    fn own_lang(&self) -> Lang {
        Lang::new("en").expect("a plain word")
    }

    fn own_name(&self) -> CustomerId {
        CustomerId::new("house").expect("a plain word")
    }

    fn gone(&mut self, connection: ConnectionId) {
        if let Some(id) = self.customers.remove(&connection) {
            self.with(id, |turn, live| turn.tab_gone(live, connection));
            return;
        }
        let Some(advisor) = self.people.disconnect(connection) else { return };
        let none_left = self.people.get(&advisor).is_some_and(|person| person.connections.is_empty());
        if none_left {
            // No new offers from this moment on; what they have waits a little for them to come back.
            self.dispatcher.set_connected(&advisor, false, self.now);
            self.out.changed.extend(self.house.queues.keys().cloned());
            self.out.at(self.now + self.house.advisor_lost_ms, Timer::Lost(advisor.clone()));
            self.turn().presence_changed(&advisor);
        }
    }

    fn lost(&mut self, advisor: &AdvisorId) {
        let Some(person) = self.people.get(advisor).filter(|person| person.connections.is_empty()).cloned()
        else {
            return;
        };
        for offer in person.offers {
            self.with(offer.conversation, |turn, live| {
                turn.refuse_offer(live, offer, Refusal::Lost, "advisor_lost".into(), None);
            });
        }
        for id in person.holds {
            self.with(id, |turn, live| {
                if holder(live).as_ref() == Some(advisor) {
                    turn.advisor_lost(live, advisor);
                }
            });
        }
    }

    fn put_account(&mut self, account: Account) {
        let advisor = dispatcher::Advisor {
            id: account.id.clone(),
            skills: account.skills.clone(),
            langs: account.langs.clone(),
            capacity: account.capacity,
            queues: account.queues.clone(),
        };
        let (id, status) = (account.id.clone(), account.status);
        let known = self.people.get(&id).is_some();
        self.people.put(account);
        // More than the limit is refused where accounts are made; here it can only be logged by the shell.
        let _ = self.dispatcher.put_advisor(advisor, self.now);
        if !known {
            self.dispatcher.set_status(&id, presence_of(status), self.now);
        }
        self.out.matching = true;
        self.turn().presence_changed(&id);
    }

    fn remove_account(&mut self, advisor: &AdvisorId) {
        let Some(person) = self.people.get(advisor).cloned() else { return };
        for connection in person.connections {
            self.people.disconnect(connection);
            self.out.effects.push_back(Effect::Close { to: connection, why: Close::Unauthorised });
        }
        self.dispatcher.set_status(advisor, presence_of(Status::Offline), self.now);
        self.dispatcher.set_connected(advisor, false, self.now);
        self.lost(advisor);
        self.dispatcher.remove_advisor(advisor);
        self.people.remove(advisor);
    }

    /// Figures, positions and availability that have changed are shown again, together and not too often.
    fn refresh(&mut self) {
        self.out.refreshing = false;
        for advisor in std::mem::take(&mut self.out.people_changed) {
            self.turn().tell_presence(&advisor);
        }
        let mut changed: BTreeSet<QueueId> = std::mem::take(&mut self.out.changed);
        changed.retain(|queue| self.house.queues.contains_key(queue));
        let readers: Vec<(ConnectionId, Lang)> =
            self.people.readers().map(|(connection, _, lang)| (connection, lang.clone())).collect();
        for queue in &changed {
            for (connection, lang) in &readers {
                let frame = self.turn().queue_frame(queue, lang);
                self.out.send(*connection, ServerFrame::Queue(frame));
            }
        }
        let waiting: Vec<ConversationId> = self
            .customers
            .values()
            .copied()
            .filter(|id| matches!(self.owner(*id), Some(Owner::Queue { queue }) if changed.contains(queue)))
            .collect();
        if !waiting.is_empty() {
            // Waits run on while nothing else happens; what is told of them must not grow stale.
            self.out.at(self.now + STALE_MS, Timer::Stale);
        }
        for id in waiting {
            self.with(id, |turn, live| turn.tell_position(live));
        }
        self.show_availability();
    }

    fn show_availability(&mut self) {
        let house = self.house.clone();
        for (id, site) in &house.sites {
            let is = availability(self.dispatcher.availability(&site.queue, self.now));
            if self.shown.insert(id.clone(), is) == Some(is) {
                continue;
            }
            let open: BTreeSet<ConversationId> = self.customers.values().copied().collect();
            for conversation in open {
                self.with(conversation, |turn, live| {
                    if live.opening.site == *id {
                        turn.tell_availability(live, is);
                    }
                });
            }
        }
    }

    /// B: counts something that the shell saw; it goes the same way as everything else.
    pub fn observe(&mut self, observation: Observation) {
        self.out.effects.push_back(Effect::Observe(observation));
    }
}
