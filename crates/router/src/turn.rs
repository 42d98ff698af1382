//! What every phase may do: append an event and show it, tell a connection, start a timer, ask the dispatcher.

use crate::effect::{Effect, Observation};
use crate::house::House;
use crate::input::ConnectionId;
use crate::live::Live;
use crate::people::People;
use analyzer::Analyzer;
use conversation::{
    AdvisorId, Author, Cid, ConversationId, Event, EventKind, Lang, Millis, OfferId, Owner, QueueId, State,
};
use dispatcher::Dispatcher;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use wire::frame::advisor::Status;
use wire::frame::server::{ErrorFrame, EventFrame, PresenceFrame, WaitingFrame};
use wire::view::{self, ReasonView};
use wire::{Close, ErrorCode, ServerFrame};

/// What a moment in the future is for. A timer that no longer applies when it fires does nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// An offer lapses.
    Offer(OfferId),
    /// A customer without connection is given up.
    Abandoned(ConversationId),
    /// A customer without connection is passed over while somebody waits who is there.
    Away(ConversationId),
    /// A conversation that nobody looks at leaves the memory.
    Forget(ConversationId),
    /// An advisor without connection is given up.
    Lost(AdvisorId),
    /// A back office should have answered.
    Call(ConversationId, u64),
    /// Queues' figures, positions and availability are shown again.
    Refresh,
    /// They are looked at again although nothing has happened.
    Stale,
    /// A conversation for which the lines were full tries again.
    Place(ConversationId),
}

/// What a step leaves behind for the router to do.
#[derive(Debug, Default)]
pub(crate) struct Out {
    pub effects: VecDeque<Effect>,
    pub timers: BTreeSet<(Millis, Timer)>,
    /// Queues whose figures may have changed.
    pub changed: BTreeSet<QueueId>,
    /// Colleagues whose presence or load may have changed.
    pub people_changed: BTreeSet<AdvisorId>,
    /// Seats or lines have changed: match before anything else.
    pub matching: bool,
    /// A refresh is due already.
    pub refreshing: bool,
    pub ticket: u64,
}

impl Out {
    pub fn send(&mut self, to: ConnectionId, frame: ServerFrame) {
        self.effects.push_back(Effect::Send { to, frame });
    }

    pub fn at(&mut self, when: Millis, timer: Timer) {
        self.timers.insert((when, timer));
    }

    pub fn cancel(&mut self, when: Millis, timer: &Timer) {
        self.timers.remove(&(when, timer.clone()));
    }
}

/// What a refused frame is echoed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echo {
    pub cid: Option<String>,
    pub offer: Option<OfferId>,
    pub reference: Option<String>,
}

/// One step of the brain.
pub(crate) struct Turn<'a> {
    pub now: Millis,
    pub house: &'a House,
    pub analyzer: &'a Analyzer,
    pub dispatcher: &'a Dispatcher,
    pub people: &'a mut People,
    pub out: &'a mut Out,
}

impl Turn<'_> {
    /// Appends an event and shows it to everybody who may see it. Returns its place.
    pub fn append(&mut self, live: &mut Live, cid: Option<Cid>, kind: EventKind) -> u64 {
        let event = Event { conversation: live.id, seq: live.seq() + 1, at: self.now, cid, kind };
        let applied = match &mut live.state {
            Some(state) => state.apply(&event),
            None => State::open(&event).map(|state| live.state = Some(state)),
        };
        // The phases only propose what the tables of laws 1 and 8 allow; simulation and tests look for the contrary.
        debug_assert!(applied.is_ok(), "{applied:?}");
        if applied.is_err() {
            return live.seq();
        }
        let event = Arc::new(event);
        self.out.effects.push_back(Effect::Append(event.clone()));
        live.keep(event.clone());
        self.show(live, &event);
        event.seq
    }

    fn show(&mut self, live: &Live, event: &Event) {
        if !live.tabs.is_empty()
            && let Some(frame) = view::for_customer(event)
        {
            let frame = Arc::new(frame);
            for tab in &live.tabs {
                self.out.send(*tab, ServerFrame::Event(frame.clone()));
            }
        }
        let audience = self.audience(live);
        if audience.is_empty() || !event.kind.advisor_sees() {
            return;
        }
        let mut frames: Vec<(Lang, Arc<EventFrame>)> = Vec::new();
        for advisor in audience {
            for (connection, lang) in self.people.connections(&advisor) {
                let known = frames.iter().find(|(of, _)| of == lang).map(|(_, frame)| frame.clone());
                let frame = match known {
                    Some(frame) => frame,
                    None => {
                        let Some(frame) = view::for_advisor(event, lang.as_str()) else { continue };
                        let frame = Arc::new(frame);
                        frames.push((lang.clone(), frame.clone()));
                        frame
                    }
                };
                self.out.effects.push_back(Effect::Send { to: connection, frame: ServerFrame::Event(frame) });
            }
            if let Some(person) = self.people.get_mut(&advisor) {
                person.feed += 1;
            }
        }
    }

    /// The advisors who see this conversation live: who has it, who is asked, who looks on.
    pub fn audience(&self, live: &Live) -> BTreeSet<AdvisorId> {
        let mut audience: BTreeSet<AdvisorId> = live.watchers.iter().cloned().collect();
        match live.state.as_ref().map(|state| &state.owner) {
            Some(Owner::Advisor { advisor }) => {
                audience.insert(advisor.clone());
            }
            Some(Owner::Offered { offers, .. }) => {
                audience.extend(offers.iter().map(|offer| offer.advisor.clone()))
            }
            Some(Owner::Closed) => {
                audience.extend(live.state.as_ref().and_then(|state| state.last_advisor.clone()))
            }
            Some(Owner::Bot | Owner::Queue { .. }) | None => {}
        }
        audience
    }

    /// Changes the one owner (law 1) and tells supervisors who waits.
    pub fn pass_to(&mut self, live: &mut Live, owner: Owner, name: Option<String>) {
        for queue in
            [live.state.as_ref().and_then(|state| state.owner.queue().cloned()), owner.queue().cloned()]
        {
            self.out.changed.extend(queue);
        }
        self.leaves_line(live, &owner);
        self.append(live, None, EventKind::Owner { owner, name });
        live.position = None;
        self.watch(live);
        self.tell_supervisors(live);
    }

    /// Tells every supervisor where this conversation is now.
    pub fn tell_supervisors(&mut self, live: &Live) {
        let readers: Vec<(ConnectionId, Lang)> = self
            .people
            .readers()
            .filter(|(_, advisor, _)| self.people.is_supervisor(advisor))
            .map(|(connection, _, lang)| (connection, lang.clone()))
            .collect();
        for (connection, lang) in readers {
            if let Some(frame) = waiting(live, lang.as_str()) {
                self.out.send(connection, ServerFrame::Waiting(frame));
            }
        }
    }

    /// Words of Relais itself.
    pub fn system(&mut self, live: &mut Live, text: String) {
        self.propose(live, text, Vec::new());
    }

    /// Relais itself says something, and proposes answers.
    pub fn propose(&mut self, live: &mut Live, text: String, choices: Vec<String>) {
        let kind = EventKind::Message { from: Author::System, name: None, advisor: None, text, choices };
        self.append(live, None, kind);
    }

    /// Something that is no event, to the customer's every tab.
    pub fn tell_tabs(&mut self, live: &Live, frame: &ServerFrame) {
        for tab in &live.tabs {
            self.out.send(*tab, frame.clone());
        }
    }

    /// Something that is no event, to every connection of an advisor.
    pub fn tell_advisor(&mut self, advisor: &AdvisorId, frame: &ServerFrame) {
        let connections: Vec<ConnectionId> =
            self.people.connections(advisor).map(|(connection, _)| connection).collect();
        for connection in connections {
            self.out.send(connection, frame.clone());
        }
    }

    /// A colleague's presence or load has changed: everybody is told with the next refresh.
    pub fn presence_changed(&mut self, advisor: &AdvisorId) {
        self.out.people_changed.insert(advisor.clone());
    }

    /// Tells everybody a colleague's presence and load.
    pub fn tell_presence(&mut self, advisor: &AdvisorId) {
        let Some(frame) = self.presence(advisor) else { return };
        let connections: Vec<ConnectionId> =
            self.people.readers().map(|(connection, _, _)| connection).collect();
        for connection in connections {
            self.out.send(connection, ServerFrame::Presence(frame.clone()));
        }
    }

    /// A colleague's presence and load.
    pub fn presence(&self, advisor: &AdvisorId) -> Option<PresenceFrame> {
        let person = self.people.get(advisor)?;
        let load = self.dispatcher.load(advisor);
        Some(PresenceFrame {
            advisor: advisor.clone(),
            name: person.account.name.clone(),
            role: person.account.role.as_str(),
            status: person.account.status,
            connected: !person.connections.is_empty(),
            held: load.map_or(0, |load| load.held + load.reserved),
            capacity: person.account.capacity,
        })
    }

    /// Somebody who has no connection is waited for, from now on where they were not before.
    pub fn expect_back(&mut self, advisor: &AdvisorId, patience: Millis) {
        let Some(person) = self.people.get_mut(advisor) else { return };
        if person.connections.is_empty() && person.given_up_at.is_none() {
            let at = self.now + patience;
            person.given_up_at = Some(at);
            self.out.at(at, Timer::Lost(advisor.clone()));
        }
    }

    /// Sets a person's presence and keeps it.
    pub fn set_status(&mut self, advisor: &AdvisorId, status: Status) {
        let Some(person) = self.people.get_mut(advisor) else { return };
        person.account.status = status;
        self.dispatcher.set_status(advisor, presence_of(status), self.now);
        self.out.effects.push_back(Effect::SaveStatus { advisor: advisor.clone(), status });
        self.out.matching = true;
        self.out.changed.extend(self.house.queues.keys().cloned());
        self.presence_changed(advisor);
    }

    /// Answers with an error.
    pub fn refuse(&mut self, to: ConnectionId, code: ErrorCode, lang: &str, echo: &Echo) {
        let frame = ErrorFrame {
            cid: echo.cid.clone(),
            offer: echo.offer,
            reference: echo.reference.clone(),
            ..ErrorFrame::new(code, lang)
        };
        self.out.effects.push_back(Effect::Observe(Observation::Refused { code: code.as_str() }));
        self.out.send(to, ServerFrame::Error(frame));
    }

    /// Closes a connection after everything that was sent to it.
    pub fn hang_up(&mut self, to: ConnectionId, why: Close) {
        self.out.effects.push_back(Effect::Close { to, why });
    }
}

/// The dispatcher's word for a status.
pub(crate) fn presence_of(status: Status) -> dispatcher::Presence {
    match status {
        Status::Available => dispatcher::Presence::Available,
        Status::Away => dispatcher::Presence::Away,
        Status::Offline => dispatcher::Presence::Offline,
    }
}

/// Where a conversation is, for supervisors; `None` before anything was said.
pub(crate) fn waiting(live: &Live, lang: &str) -> Option<WaitingFrame> {
    let state = live.state.as_ref()?;
    Some(WaitingFrame {
        conversation: live.id,
        owner: state.owner.word(),
        queue: state.queue.clone(),
        advisor: view::owner_advisor(&state.owner).cloned(),
        since: state.waiting_since,
        reason: live.reason().map(|(reason, at)| ReasonView::new(reason, at, lang)),
        frustration: state.frustration,
    })
}
