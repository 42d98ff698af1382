//! Who comes and who goes: connections of customers and advisors.

use super::{HOUSE, Router};
use crate::effect::Effect;
use crate::input::{ConnectionId, CustomerHello, Input};
use crate::live::Live;
use crate::people::Role;
use crate::snapshot;
use crate::turn::{Echo, Timer, waiting};
use conversation::{AdvisorId, ConversationId, Lang, OfferId, Owner, QueueId, limits};
use wire::frame::server::{AdvisorWelcome, Me, Snapshot};
use wire::{Close, CustomerFrame, ErrorCode, ServerFrame};

impl Router {
    pub(super) fn customer_hello(&mut self, hello: CustomerHello) {
        let connection = hello.connection;
        if let Some(resume) = hello.resume.filter(|resume| resume.conversation != HOUSE) {
            let id = resume.conversation;
            if let Some(live) = self.conversations.get(&id) {
                if live.opening.site != hello.site {
                    return self.reject(connection, &hello);
                }
                self.customers.insert(connection, id);
                self.with(id, |turn, live| turn.welcome(live, connection, hello.token, resume.after));
            } else if self.keep_until_loaded(id, Input::CustomerHello(Box::new(hello))) {
                self.arriving.insert(connection, id);
            } else {
                self.out.effects.push_back(Effect::Close { to: connection, why: Close::Overloaded });
            }
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

    /// Keeps an input until its conversation is in memory. False: as many wait for it as may.
    pub(super) fn keep_until_loaded(&mut self, id: ConversationId, input: Input) -> bool {
        let waiters = self.loading.entry(id).or_default();
        if waiters.len() >= limits::LOADING_INPUTS {
            return false;
        }
        if waiters.is_empty() {
            self.out.effects.push_back(Effect::Load { conversation: id });
        }
        waiters.push(input);
        true
    }

    pub(super) fn customer_frame(&mut self, connection: ConnectionId, frame: CustomerFrame) {
        if let Some(id) = self.customers.get(&connection).copied() {
            self.with(id, |turn, live| turn.customer_frame(live, connection, frame));
            return;
        }
        // What is sent right after the `hello` waits with it.
        let Some(id) = self.arriving.get(&connection).copied() else { return };
        let cid = frame.cid().map(|cid| cid.as_str().to_owned());
        if !self.keep_until_loaded(id, Input::CustomerFrame { connection, frame }) && cid.is_some() {
            let lang = self.loading.get(&id).into_iter().flatten().find_map(|input| match input {
                Input::CustomerHello(hello) if hello.connection == connection => hello.lang.clone(),
                _ => None,
            });
            let echo = Echo { cid, ..Echo::default() };
            let lang = lang.as_ref().map_or("en", Lang::as_str);
            self.turn().refuse(connection, ErrorCode::SlowDown, lang, &echo);
        }
    }

    pub(super) fn advisor_hello(&mut self, connection: ConnectionId, advisor: &AdvisorId, lang: Lang) {
        let Some(person) = self.people.get(advisor) else {
            self.turn().refuse(connection, ErrorCode::Unauthorised, lang.as_str(), &Echo::default());
            return self.out.effects.push_back(Effect::Close { to: connection, why: Close::Unauthorised });
        };
        let first = person.connections.is_empty();
        for excess in self.people.connect(advisor, connection, lang.clone()) {
            self.out.effects.push_back(Effect::Close { to: excess, why: Close::Replaced });
        }
        if first {
            if let Some(at) = self.people.expected_until(advisor, None) {
                self.out.cancel(at, &Timer::Lost(advisor.clone()));
            }
            self.dispatcher.set_connected(advisor, true, self.now);
            self.out.matching = true;
            self.everything_changed();
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

    fn offer_view(&self, offer: &OfferId, lang: &str) -> Option<wire::frame::offer::OfferFrame> {
        let live = self.conversations.get(&offer.conversation)?;
        match &live.state.as_ref()?.owner {
            Owner::Offered { queue, offers } => {
                let open = offers.iter().find(|open| open.offer == *offer)?;
                Some(snapshot::offer(live, queue, open, lang, self.now))
            }
            Owner::Bot | Owner::Queue { .. } | Owner::Advisor { .. } | Owner::Closed => None,
        }
    }

    pub(super) fn gone(&mut self, connection: ConnectionId) {
        if let Some(id) = self.customers.remove(&connection) {
            self.with(id, |turn, live| turn.tab_gone(live, connection));
            return;
        }
        if let Some(id) = self.arriving.remove(&connection) {
            // After its `hello` and all that it said: whatever the limit, a tab that is gone must go.
            if let Some(waiters) = self.loading.get_mut(&id) {
                waiters.push(Input::Gone { connection });
            }
            return;
        }
        let Some(advisor) = self.people.disconnect(connection) else { return };
        let none_left = self.people.get(&advisor).is_some_and(|person| person.connections.is_empty());
        if none_left {
            // No new offers from this moment on; what they have waits a little for them to come back.
            self.dispatcher.set_connected(&advisor, false, self.now);
            self.everything_changed();
            let patience = self.house.advisor_lost_ms;
            self.turn().expect_back(&advisor, patience);
            self.turn().presence_changed(&advisor);
        }
    }
}
