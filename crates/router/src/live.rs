//! One conversation in memory: its state, its events, who looks on, and what its phase needs.

use crate::input::ConnectionId;
use analyzer::Context;
use bot::Memory;
use conversation::{
    AdvisorId, Cid, ConversationId, CustomerId, Event, EventKind, Lang, Millis, Reason, Seq, SiteId, State,
};
use dispatcher::Wait;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::frame::server::Earlier;

/// What is known of a conversation before anything was said: nothing is stored before the first act.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub site: SiteId,
    pub lang: Lang,
    /// The client chose the language; else the first message may.
    pub lang_chosen: bool,
    pub customer: CustomerId,
    pub profile: Option<Value>,
    pub page: Option<Value>,
}

/// A call to a back office that the bot waits for.
#[derive(Clone, Debug)]
pub(crate) struct PendingCall {
    pub ticket: u64,
    pub action: String,
    /// What the customer wrote meanwhile: answered when the call is done.
    pub texts: Vec<String>,
}

/// What a customer without a connection is waited for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A conversation that the bot has.
    Bot,
    /// A line, or an offer that came from it.
    Line,
}

/// What a customer was told first of the line in which they wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub at: Millis,
    pub wait: Wait,
    /// 0–9, the request's.
    pub priority: u8,
}

/// One conversation in memory.
#[derive(Debug)]
pub(crate) struct Live {
    pub id: ConversationId,
    /// `None` until the first act.
    pub state: Option<State>,
    pub opening: Opening,
    pub events: Vec<Arc<Event>>,
    cids: BTreeMap<Cid, Seq>,
    /// The customer's live connections: tabs.
    pub tabs: Vec<ConnectionId>,
    /// Supervisors and colleagues who look on.
    pub watchers: Vec<AdvisorId>,
    /// What the analyzer remembers; rebuilt from the events when first needed.
    pub context: Option<Box<Context>>,
    /// What the bot remembers; rebuilt from the state when first needed.
    pub memory: Option<Box<Memory>>,
    pub call: Option<Box<PendingCall>>,
    pub earlier: Vec<Earlier>,
    /// Without a tab, the customer is waited for: with whom, and until when.
    pub given_up: Option<(Patience, Millis)>,
    /// Since they have waited without a tab for a while, those who are there come first.
    pub away: bool,
    /// The wait that the customer was told, until it ends.
    pub told: Option<Told>,
    /// The last position frame's content, so that it is only sent when it changes.
    pub position: Option<(u32, u32)>,
}

impl Live {
    pub fn new(id: ConversationId, opening: Opening) -> Live {
        Live {
            id,
            state: None,
            opening,
            events: Vec::new(),
            cids: BTreeMap::new(),
            tabs: Vec::new(),
            watchers: Vec::new(),
            context: None,
            memory: None,
            call: None,
            earlier: Vec::new(),
            given_up: None,
            away: false,
            told: None,
            position: None,
        }
    }

    /// The conversation that these events tell; `None` where they tell none, or are damaged.
    pub fn replay(events: Vec<Event>) -> Option<Live> {
        let first = events.first()?;
        let state = State::open(first).ok()?;
        let EventKind::Opened { site, lang, customer, profile, page } = &first.kind else { return None };
        let opening = Opening {
            site: site.clone(),
            lang: lang.clone(),
            lang_chosen: true,
            customer: customer.clone(),
            profile: profile.clone(),
            page: page.clone(),
        };
        let mut live = Live::new(first.conversation, opening);
        live.state = Some(state);
        for (index, event) in events.into_iter().enumerate() {
            if index > 0 {
                live.state.as_mut()?.apply(&event).ok()?;
            }
            live.keep(Arc::new(event));
        }
        Some(live)
    }

    /// Remembers an event that the state has taken in. Of what the bot remembered only the last is ever asked for, and
    /// the state has it: some kilobytes a message are not kept twice.
    pub fn keep(&mut self, event: Arc<Event>) {
        let event = match &event.kind {
            EventKind::BotMoved { .. } => Arc::new(Event {
                conversation: event.conversation,
                seq: event.seq,
                at: event.at,
                cid: event.cid.clone(),
                kind: EventKind::BotMoved { memory: Value::Null },
            }),
            _ => event,
        };
        if let Some(cid) = &event.cid {
            self.cids.entry(cid.clone()).or_insert(event.seq);
        }
        self.events.push(event);
    }

    /// The event that this `cid` became (law 10).
    pub fn seq_of(&self, cid: &Cid) -> Option<Seq> {
        self.cids.get(cid).copied()
    }

    pub fn seq(&self) -> Seq {
        self.state.as_ref().map_or(0, |state| state.seq)
    }

    pub fn lang(&self) -> &Lang {
        self.state.as_ref().map_or(&self.opening.lang, |state| &state.lang)
    }

    pub fn is_closed(&self) -> bool {
        self.state.as_ref().is_some_and(State::is_closed)
    }

    /// The last transfer's reason, with when it was decided.
    pub fn reason(&self) -> Option<(&Reason, u64)> {
        self.events.iter().rev().find_map(|event| match &event.kind {
            EventKind::TransferRequested { reason, .. } => Some((reason, event.at)),
            _ => None,
        })
    }

    /// The customer has signed proof of who they are.
    pub fn is_verified(&self) -> bool {
        self.opening.customer.as_str().starts_with("id-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bot_remembers_is_kept_once() {
        let id = ConversationId(7);
        let event = |seq, kind| Event { conversation: id, seq, at: seq, cid: None, kind };
        let opened = EventKind::Opened {
            site: SiteId::new("shop").unwrap(),
            lang: Lang::new("fr").unwrap(),
            customer: CustomerId::new("anon-7").unwrap(),
            profile: None,
            page: None,
        };
        let memory = |node: &str| serde_json::json!({ "node": node });
        let events = vec![
            event(1, opened),
            event(2, EventKind::BotMoved { memory: memory("start") }),
            event(3, EventKind::BotMoved { memory: memory("order") }),
        ];
        let live = Live::replay(events).unwrap();
        assert_eq!(live.state.unwrap().bot, Some(memory("order")));
        let kept: Vec<(Seq, &EventKind)> = live.events.iter().map(|event| (event.seq, &event.kind)).collect();
        let thin = EventKind::BotMoved { memory: Value::Null };
        assert_eq!(kept[1..], [(2, &thin), (3, &thin)]);
    }
}
