//! The laws, checked after every step.

use super::house;
use super::ledger::Ledger;
use super::machine::Machine;
use conversation::{
    AdvisorId, Cid, ClosedBy, ConversationId, Event, EventKind, Millis, Owner, ReasonCode, Seq,
};
use dispatcher::Policy;
use router::{Account, ConnectionId, Input};
use std::collections::{BTreeMap, BTreeSet};
use wire::ServerFrame;
use wire::view::{self, Body};

/// What must be remembered to check.
#[derive(Debug)]
pub struct Laws {
    pub(super) policy: Policy,
    pub(super) accounts: Vec<Account>,
    /// What each acknowledged `cid` became, for ever.
    acked: BTreeMap<(ConversationId, Cid), Seq>,
    /// Live connections of each conversation, as the server was told.
    pub(super) tabs: BTreeMap<ConversationId, BTreeSet<ConnectionId>>,
    /// Live connections of each person.
    pub(super) desks: BTreeMap<AdvisorId, BTreeSet<ConnectionId>>,
    /// Since when nobody is there.
    tab_gone: BTreeMap<ConversationId, Millis>,
    desk_gone: BTreeMap<AdvisorId, Millis>,
    /// Where a connection's hello led, for those that wait to be loaded too.
    named: BTreeMap<ConnectionId, ConversationId>,
    started: Millis,
    pub(super) unplaced: BTreeMap<ConversationId, Millis>,
    /// Since when a conversation is without its customer, with the bot or not.
    pub(super) alone: BTreeMap<ConversationId, (bool, Millis)>,
    /// Since when one is with somebody who is not there.
    pub(super) absent: BTreeMap<ConversationId, (AdvisorId, Millis)>,
    /// Who has come at all since the start.
    pub(super) came: BTreeSet<AdvisorId>,
    /// How often one of them was held against what happened.
    pub checks: u64,
}

impl Default for Laws {
    fn default() -> Laws {
        Laws {
            policy: house::policy(true),
            accounts: house::accounts(),
            acked: BTreeMap::new(),
            tabs: BTreeMap::new(),
            desks: BTreeMap::new(),
            tab_gone: BTreeMap::new(),
            desk_gone: BTreeMap::new(),
            named: BTreeMap::new(),
            started: 0,
            unplaced: BTreeMap::new(),
            alone: BTreeMap::new(),
            absent: BTreeMap::new(),
            came: BTreeSet::new(),
            checks: 0,
        }
    }
}

impl Laws {
    /// A new life of the server: nobody is connected.
    pub fn starts(&mut self, now: Millis) {
        self.started = now;
        self.tabs.clear();
        self.desks.clear();
        self.tab_gone.clear();
        self.desk_gone.clear();
        self.named.clear();
        self.unplaced.clear();
        self.alone.clear();
        self.absent.clear();
        self.came.clear();
    }

    /// Who comes and goes.
    pub fn hears(&mut self, input: &Input, now: Millis) {
        match input {
            Input::CustomerHello(hello) => {
                let id = hello.resume.map_or(hello.fresh, |resume| resume.conversation);
                self.tabs.entry(id).or_default().insert(hello.connection);
                self.named.insert(hello.connection, id);
            }
            Input::AdvisorHello { connection, advisor, .. }
                if self.accounts.iter().any(|account| account.id == *advisor) =>
            {
                self.desks.entry(advisor.clone()).or_default().insert(*connection);
                self.came.insert(advisor.clone());
            }
            Input::Gone { connection } => {
                if let Some(id) = self.named.remove(connection)
                    && let Some(tabs) = self.tabs.get_mut(&id)
                    && tabs.remove(connection)
                    && tabs.is_empty()
                {
                    self.tab_gone.insert(id, now);
                }
                for (id, desks) in &mut self.desks {
                    if desks.remove(connection) && desks.is_empty() {
                        self.desk_gone.insert(id.clone(), now);
                    }
                }
            }
            _ => {}
        }
    }

    /// A customer's hello was answered: it may have led to another conversation than they named.
    pub fn welcomed(&mut self, connection: ConnectionId, to: ConversationId, now: Millis) {
        let Some(named) = self.named.insert(connection, to).filter(|named| *named != to) else { return };
        if let Some(tabs) = self.tabs.get_mut(&named)
            && tabs.remove(&connection)
            && tabs.is_empty()
        {
            self.tab_gone.insert(named, now);
        }
        self.tabs.entry(to).or_default().insert(connection);
    }

    /// An account is new or has changed.
    pub fn put(&mut self, account: Account) {
        self.accounts.retain(|other| other.id != account.id);
        self.accounts.push(account);
    }

    /// An account is no more: whoever had it is gone at once.
    pub fn remove(&mut self, id: &AdvisorId) {
        self.accounts.retain(|other| other.id != *id);
        self.desks.remove(id);
    }

    /// An event is decided: what may follow when.
    pub fn decides(&mut self, event: &Event, owner: Option<&Owner>, now: Millis) -> Result<(), String> {
        // And those that the ledger holds it against: 1, 8, 10, 11 and one order.
        self.checks += 5;
        let id = event.conversation;
        match &event.kind {
            EventKind::Closed { by: ClosedBy::System, .. } => {
                if self.tabs.get(&id).is_some_and(|tabs| !tabs.is_empty()) {
                    return Err(format!("{id} was given up while its customer was there"));
                }
                let since = self.tab_gone.get(&id).copied().unwrap_or(self.started);
                let least = if owner == Some(&Owner::Bot) { house::IDLE_MS } else { house::ABANDON_MS };
                if now < since + least {
                    return Err(format!("{id} was given up after {} ms of {least}", now - since));
                }
            }
            EventKind::TransferRequested { reason, .. } if reason.code == ReasonCode::AdvisorLost => {
                let Some(Owner::Advisor { advisor }) = owner else {
                    return Err(format!("{id} lost an advisor that it did not have"));
                };
                if self.accounts.iter().all(|account| account.id != *advisor) {
                    return Ok(());
                }
                if self.desks.get(advisor).is_some_and(|desks| !desks.is_empty()) {
                    return Err(format!("{advisor} lost {id} while connected"));
                }
                let since = self.desk_gone.get(advisor).copied().unwrap_or(self.started);
                if now < since + house::LOST_MS {
                    return Err(format!("{advisor} lost {id} after {} ms", now - since));
                }
            }
            EventKind::Offered { advisor, .. } if self.desks.get(advisor).is_none_or(BTreeSet::is_empty) => {
                return Err(format!("{id} was offered to {advisor}, who is not connected"));
            }
            _ => {}
        }
        Ok(())
    }

    /// What a frame shows must be so in `ledger` (law 3).
    pub fn shows(&mut self, frame: &ServerFrame, ledger: &Ledger, what: &str) -> Result<(), String> {
        self.checks += 1;
        let known = |id: ConversationId, seq: Seq| {
            ledger.event(id, seq).ok_or_else(|| format!("law 3: event {seq} of {id} is shown and not {what}"))
        };
        match frame {
            ServerFrame::Event(event) => {
                let log = known(event.conversation, event.seq)?;
                let same = match &event.body {
                    Body::Customer(_) => view::for_customer(log).as_ref() == Some(&**event),
                    Body::Advisor(_) => view::for_advisor(log, "fr").as_ref() == Some(&**event),
                };
                if !same {
                    return Err(format!(
                        "law 3: event {} of {} is shown otherwise",
                        event.seq, event.conversation
                    ));
                }
            }
            ServerFrame::Ack(ack) => {
                if let (Some(id), Some(seq)) = (ack.conversation, ack.seq) {
                    known(id, seq)?;
                }
            }
            ServerFrame::CustomerWelcome(welcome) if welcome.seq > 0 => {
                known(welcome.conversation, welcome.seq)?;
            }
            ServerFrame::Conversation(view) => {
                self.whole(view.conversation, view.events.iter().map(|event| event.seq), ledger, what)?;
            }
            ServerFrame::Offer(offer) => {
                self.whole(offer.conversation, offer.history.iter().map(|event| event.seq), ledger, what)?;
            }
            ServerFrame::AdvisorWelcome(welcome) => {
                for view in &welcome.snapshot.conversations {
                    self.whole(view.conversation, view.events.iter().map(|event| event.seq), ledger, what)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A snapshot has every event that advisors see, up to its last (law 5).
    fn whole(
        &self,
        id: ConversationId,
        shown: impl Iterator<Item = Seq>,
        ledger: &Ledger,
        what: &str,
    ) -> Result<(), String> {
        let shown: Vec<Seq> = shown.collect();
        let last = shown.last().copied().unwrap_or(0);
        let events = ledger.stories.get(&id).map(|story| story.events.as_slice()).unwrap_or_default();
        let all: Vec<Seq> = events
            .iter()
            .filter(|event| event.kind.advisor_sees() && event.seq <= last)
            .map(|event| event.seq)
            .collect();
        if shown != all {
            return Err(format!("law 5: a snapshot of {id} shows {shown:?}, {what} are {all:?}"));
        }
        Ok(())
    }

    /// An acknowledged `cid` is the same event for ever, and it is durable (laws 3 and 10).
    pub fn acked(&mut self, id: ConversationId, cid: &Cid, seq: Seq, durable: &Ledger) -> Result<(), String> {
        self.checks += 2;
        let first = *self.acked.entry((id, cid.clone())).or_insert(seq);
        if first != seq {
            return Err(format!("law 10: {cid} of {id} was {first} and is {seq}"));
        }
        let log = durable.stories.get(&id).and_then(|story| story.cids.get(cid)).copied();
        if log != Some(seq) {
            return Err(format!("law 3: {cid} of {id} was acknowledged as {seq}; the log has {log:?}"));
        }
        Ok(())
    }

    /// A restart has everything that was durable before (law 3).
    pub fn survives(&mut self, before: &Ledger, after: &Ledger) -> Result<(), String> {
        for (id, story) in &before.stories {
            self.checks += 1;
            let found = after.stories.get(id).map(|story| story.events.as_slice()).unwrap_or_default();
            if found.len() < story.events.len() || found[..story.events.len()] != story.events[..] {
                return Err(format!("law 3: {id} had {} events before the restart", story.events.len()));
            }
        }
        Ok(())
    }

    /// The log's replay is the live state (law 4).
    pub fn replayed(&mut self, machine: &Machine, durable: &Ledger) -> Result<(), String> {
        let mut open = 0;
        for state in machine.router.states() {
            self.checks += 1;
            let told = durable.stories.get(&state.id).map(|story| &story.state);
            if told != Some(state) {
                return Err(format!("law 4: live {state:?}, replayed {told:?}"));
            }
            open += usize::from(!state.is_closed());
        }
        let logged = durable.stories.values().filter(|story| !story.state.is_closed()).count();
        if open != logged {
            return Err(format!("law 4: {open} are open, {logged} in the log"));
        }
        Ok(())
    }

    /// Seats and lines, once the router has settled (laws 1, 2, 6, 9).
    pub fn check(&mut self, machine: &Machine, now: Millis) -> Result<(), String> {
        let mut held: BTreeMap<AdvisorId, u16> = BTreeMap::new();
        let mut offered: BTreeMap<AdvisorId, u16> = BTreeMap::new();
        for state in machine.router.states() {
            match &state.owner {
                Owner::Advisor { advisor } => *held.entry(advisor.clone()).or_default() += 1,
                Owner::Offered { offers, .. } => {
                    for offer in offers {
                        *offered.entry(offer.advisor.clone()).or_default() += 1;
                        if offer.expires_at <= now {
                            return Err(format!("offer {} has lapsed and is open", offer.offer));
                        }
                    }
                }
                _ => {}
            }
        }
        for account in &self.accounts {
            self.checks += 1;
            let Some(load) = machine.dispatcher.load(&account.id) else {
                return Err(format!("{} has no seat", account.id));
            };
            let has = held.get(&account.id).copied().unwrap_or(0);
            let asked = offered.get(&account.id).copied().unwrap_or(0);
            let id = &account.id;
            if has + asked > account.capacity || load.held + load.reserved > account.capacity {
                return Err(format!("law 2: {id} has {has}, is asked for {asked}: {load:?}"));
            }
            if load.held < has || load.held > has * 2 || load.reserved < asked || load.reserved > asked * 2 {
                return Err(format!("law 2: {id} has {has}, is asked for {asked}, the seats say {load:?}"));
            }
            let connected = self.desks.get(id).is_some_and(|desks| !desks.is_empty());
            if load.connected != connected {
                return Err(format!("{id} is connected: {connected}; the seats say {load:?}"));
            }
        }
        self.nobody_is_left(machine, now)?;
        self.nobody_waits(machine, now)
    }
}
