//! What a sequence of events says, kept beside the router by rules of its own: the reference that it is held against.

use conversation::{
    AdvisorId, Author, Cid, ClosedBy, ConversationId, Event, EventKind, Millis, Owner, Seq, State,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One conversation's story.
#[derive(Clone, Debug)]
pub struct Story {
    /// From the first on.
    pub events: Vec<Arc<Event>>,
    /// What they say together.
    pub state: State,
    /// Which event each `cid` became.
    pub cids: BTreeMap<Cid, Seq>,
    /// Handed to people, and not given back.
    pub handed_over: bool,
    /// Who is not to be asked before when.
    pub avoided: BTreeMap<AdvisorId, Millis>,
    /// Whom the last transfer named.
    pub only: Option<AdvisorId>,
}

/// Every conversation's story.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// By conversation.
    pub stories: BTreeMap<ConversationId, Story>,
    /// When the last of all events was decided.
    pub last_at: Millis,
}

impl Ledger {
    /// Takes the next event in, or says which law it breaks.
    pub fn push(&mut self, event: Arc<Event>) -> Result<(), String> {
        self.last_at = self.last_at.max(event.at);
        let id = event.conversation;
        let Some(story) = self.stories.get_mut(&id) else {
            let state = State::open(&event).map_err(|error| format!("law 3: {error}"))?;
            let (events, cids, avoided) = (vec![event], BTreeMap::new(), BTreeMap::new());
            let story = Story { events, state, cids, handed_over: false, avoided, only: None };
            self.stories.insert(id, story);
            return Ok(());
        };
        if event.seq != story.events.len() as Seq + 1 {
            return Err(format!("one order: event {} of {id} after {}", event.seq, story.events.len()));
        }
        let before = story.state.owner.clone();
        story.follow(&event, &before)?;
        story.state.apply(&event).map_err(|error| format!("{error}"))?;
        if let Some(cid) = &event.cid
            && story.cids.insert(cid.clone(), event.seq).is_some()
        {
            return Err(format!("law 10: {cid} is two events of {id}"));
        }
        story.events.push(event);
        if story.handed_over && story.state.owner == Owner::Bot && story.settled() {
            return Err(format!("law 9: {id} was handed over and is with the bot"));
        }
        Ok(())
    }

    /// An event that must be there.
    pub fn event(&self, id: ConversationId, seq: Seq) -> Option<&Arc<Event>> {
        self.stories.get(&id)?.events.get(usize::try_from(seq).ok()?.checked_sub(1)?)
    }
}

impl Story {
    /// Whether an offer is open that was made before the customer asked to be called later.
    pub fn asked_too_early(&self) -> bool {
        let Owner::Offered { offers, .. } = &self.state.owner else { return false };
        let later =
            |event: &&Arc<Event>| matches!(event.kind, EventKind::CallbackAsked { from: Some(_), .. });
        let asked = self.events.iter().rev().find(later).map_or(0, |event| event.seq);
        self.state.callback.is_some() && offers.iter().any(|open| open.offer.seq < asked)
    }

    /// A transfer is followed by its owner, an assignment may stand between: until then nothing is settled.
    fn settled(&self) -> bool {
        let last = self.events.last().map(|event| &event.kind);
        !matches!(last, Some(EventKind::TransferRequested { .. } | EventKind::Assigned { .. }))
    }

    fn follow(&mut self, event: &Event, before: &Owner) -> Result<(), String> {
        let (id, seq) = (event.conversation, event.seq);
        match &event.kind {
            // The script's last words come with its decision to hand over, never after it.
            EventKind::Message { from: Author::Bot, .. } if *before != Owner::Bot => {
                return Err(format!(
                    "law 8: the bot spoke in {id} (event {seq}) while it was {}",
                    before.word()
                ));
            }
            EventKind::Owner { owner, .. } => {
                if !passes(before.word(), owner.word()) {
                    return Err(format!(
                        "law 1: {id} from {} to {} (event {seq})",
                        before.word(),
                        owner.word()
                    ));
                }
                if let Owner::Offered { offers, .. } = owner
                    && offers.is_empty()
                {
                    return Err(format!("law 1: {id} is offered to nobody"));
                }
                if *owner == Owner::Bot {
                    self.handed_over = false;
                }
            }
            EventKind::TransferRequested { reason, to, .. } => {
                self.handed_over = true;
                self.only = to.clone();
                if reason.policy.is_empty() {
                    return Err(format!("law 11: the reason of {id} (event {seq}) names no policy"));
                }
            }
            EventKind::Offered { candidates, advisor, .. }
                if candidates.iter().all(|candidate| candidate.advisor != *advisor) =>
            {
                return Err(format!("law 11: {advisor} was offered {id} (event {seq}) and is no candidate"));
            }
            EventKind::Offered { advisor, .. }
                if self.only.as_ref() != Some(advisor)
                    && self.avoided.get(advisor).is_some_and(|until| event.at < *until) =>
            {
                return Err(format!(
                    "{advisor} was offered {id} (event {seq}) again, just after refusing it"
                ));
            }
            // Who was gone has refused nothing.
            EventKind::Declined { advisor, reason, .. }
                if reason != "withdrawn" && reason != "advisor_lost" =>
            {
                self.avoided.insert(advisor.clone(), event.at + super::house::AVOID_MS);
            }
            EventKind::Closed { by: ClosedBy::Bot, .. } if *before != Owner::Bot => {
                return Err(format!("law 8: the bot closed {id} while it was {}", before.word()));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The table of law 1, written down a second time.
fn passes(from: &str, to: &str) -> bool {
    matches!(
        (from, to),
        ("bot", "queue" | "advisor" | "closed")
            | ("queue", "bot" | "queue" | "offered" | "advisor" | "closed")
            | ("offered", "bot" | "queue" | "offered" | "advisor" | "closed")
            | ("advisor", "bot" | "queue" | "advisor" | "offered" | "closed")
    )
}
