//! The shell around the router: what comes in becomes an input, what is decided is made durable in batches, and only
//! then let out; and the server's death and return.

use super::counts::Hasher;
use super::house;
use super::machine::Machine;
use super::mutation::Mutation;
use super::network::{Up, Who};
use super::world::{Happening, World};
use conversation::{ConversationId, Event, EventKind, Millis};
use dispatcher::Presence;
use eventlog::{EventLog as _, History as _};
use router::input::CustomerHello;
use router::{ConnectionId, Effect, Input};
use std::sync::Arc;
use wire::ServerFrame;
use wire::frame::CustomerFrame;
use wire::frame::server::Earlier;

impl World {
    pub(super) fn input(&mut self, connection: ConnectionId, up: Up) -> Option<Input> {
        Some(match up {
            Up::Hello { resume, customer, lang } => {
                let fresh = ConversationId(self.chance.number() | 1);
                let named = resume.map_or(fresh, |resume| resume.conversation);
                Input::CustomerHello(Box::new(CustomerHello {
                    connection,
                    site: house::site(),
                    lang: lang.map(house::lang),
                    resume,
                    fresh,
                    customer,
                    verified: false,
                    profile: None,
                    page: None,
                    token: format!("token of {named}"),
                    fresh_token: format!("token of {fresh}"),
                }))
            }
            Up::Customer(frame) => Input::CustomerFrame { connection, frame: self.mutate_frame(frame) },
            Up::SignIn(advisor) => {
                let lang = house::lang("fr");
                Input::AdvisorHello { connection, advisor, lang }
            }
            Up::Advisor(frame) => Input::AdvisorFrame { connection, frame },
            Up::Gone => Input::Gone { connection },
        })
    }

    fn mutate_frame(&mut self, frame: CustomerFrame) -> CustomerFrame {
        match frame {
            CustomerFrame::Message(mut message) if self.mutation == Some(Mutation::NoDedupe) => {
                let known = self.durable.stories.values().any(|story| story.cids.contains_key(&message.cid));
                if known {
                    message.cid = conversation::Cid::new(&format!("{}-again", message.cid)).expect("a cid");
                }
                CustomerFrame::Message(message)
            }
            frame => frame,
        }
    }

    pub(super) fn drain(&mut self, effects: Vec<Effect>) -> Result<(), String> {
        let mutation = self.mutation;
        let Some(machine) = &mut self.machine else { return Ok(()) };
        let mut lines = Vec::new();
        for effect in effects {
            Hasher(&mut self.hash).take(self.now, &effect);
            if let Effect::Append(event) = &effect {
                let owner =
                    machine.decided.stories.get(&event.conversation).map(|story| story.state.owner.clone());
                self.laws.decides(event, owner.as_ref(), self.now)?;
                lines.push(format!("    {} {} {}", event.conversation, event.seq, short(event)));
                machine.decided.push(event.clone())?;
                if mutation == Some(Mutation::NotRequeued) && matches!(event.kind, EventKind::Declined { .. })
                {
                    machine.dispatcher.withdraw(event.conversation);
                }
                if mutation == Some(Mutation::AwayIsAsked) {
                    for account in house::accounts() {
                        machine.dispatcher.set_status(&account.id, Presence::Available, self.now);
                    }
                }
                if mutation == Some(Mutation::BotTalksOn)
                    && let EventKind::Assigned { .. } = &event.kind
                {
                    self.mutated = true;
                }
            }
            if let Effect::Send { frame, .. } = &effect {
                self.laws.shows(frame, &machine.decided, "decided")?;
            }
            machine.pending.push(effect);
        }
        if self.mutated && mutation == Some(Mutation::BotTalksOn) {
            self.mutated = false;
            let last = machine.pending.iter().rev().find_map(|effect| match effect {
                Effect::Append(event) if matches!(event.kind, EventKind::Message { .. }) => {
                    Some(event.clone())
                }
                _ => None,
            });
            if let Some(last) = last {
                let mut spoken = (*last).clone();
                spoken.seq = machine.decided.stories[&last.conversation].events.len() as u64 + 1;
                if let EventKind::Message { from, .. } = &mut spoken.kind {
                    *from = conversation::Author::Bot;
                }
                machine.decided.push(Arc::new(spoken))?;
            }
        }
        for line in lines {
            self.note(|| line);
        }
        if mutation == Some(Mutation::ShownBeforeSync) {
            let early = self.machine.as_mut().map(|machine| machine.pending.clone()).unwrap_or_default();
            for effect in early {
                self.release(effect)?;
            }
            if let Some(machine) = &mut self.machine {
                machine.pending.retain(|effect| matches!(effect, Effect::Append(_)));
            }
        }
        if !self.syncing {
            self.syncing = true;
            let after = self.chance.between(0, 25);
            self.at(after, Happening::Sync);
        }
        Ok(())
    }

    /// The scribe: appends all that is pending in one batch, then shows what was to be shown.
    pub(super) fn sync(&mut self) -> Result<(), String> {
        self.syncing = false;
        let fails = self.wild() && self.chance.percent(1);
        let Some(machine) = &mut self.machine else { return Ok(()) };
        let pending = std::mem::take(&mut machine.pending);
        let mut events: Vec<Event> = Vec::new();
        for effect in &pending {
            if let Effect::Append(event) = effect {
                events.push((**event).clone());
            }
        }
        if self.mutation == Some(Mutation::EventLost) && events.len() > 3 {
            let middle = events.len() / 2;
            events.remove(middle);
        }
        if fails && !events.is_empty() {
            self.cellar.disk.fail_syncs(1);
            if machine.log.append(&events).is_ok() {
                return Err("a log whose disk failed took a batch".into());
            }
            if machine.log.append(&events).is_ok() {
                return Err("a log whose disk has failed took another batch".into());
            }
            self.crash();
            return Ok(());
        }
        machine
            .append(&events)
            .map_err(|error| format!("the log refuses what the router decided: {error}"))?;
        for event in events {
            self.counts.events += 1;
            let event = Arc::new(event);
            self.durable.push(event)?;
        }
        if let Some(machine) = &self.machine {
            self.laws.replayed(machine, &self.durable)?;
        }
        for effect in pending {
            self.release(effect)?;
        }
        Ok(())
    }

    fn release(&mut self, effect: Effect) -> Result<(), String> {
        match effect {
            Effect::Append(_) | Effect::Observe(_) => {}
            Effect::Send { to, frame } => {
                self.laws.shows(&frame, &self.durable, "durable")?;
                let reorder = self.mutation == Some(Mutation::Reordered) && self.chance.percent(20);
                let hole = self.mutation == Some(Mutation::ResumeHole) && self.chance.percent(2);
                let silent = self.mutation == Some(Mutation::NoAnswer) && self.chance.percent(2);
                let delay = if self.chance.percent(5) {
                    self.chance.between(500, 4_000)
                } else {
                    self.chance.between(5, 120)
                };
                let Some(link) = self.links.get_mut(&to) else { return Ok(()) };
                let customer = matches!(link.who, Who::Customer(..));
                if customer
                    && (hole && matches!(frame, ServerFrame::Event(_))
                        || silent && matches!(frame, ServerFrame::Ack(_)))
                {
                    return Ok(());
                }
                let before = link.down;
                link.down = link.down.max(self.now + delay);
                let at = if reorder && customer { self.now.max(before.saturating_sub(1)) } else { link.down };
                let after = at - self.now;
                self.at(after, Happening::Down(to, Arc::new(frame)));
            }
            Effect::Close { to, .. } => {
                let Some(link) = self.links.get_mut(&to) else { return Ok(()) };
                let (who, after) = (link.who, link.down.max(self.now + 1) - self.now);
                self.at(after, Happening::Closed(to, who));
                self.laws.hears(&Input::Gone { connection: to }, self.now);
                self.step(Some(Input::Gone { connection: to }))?;
            }
            Effect::Load { conversation } => {
                let after = self.chance.between(1, 800);
                let input = Input::Loaded { conversation, events: Vec::new() };
                self.at(after, Happening::Tell(self.life, Box::new(input)));
            }
            Effect::Earlier { conversation, customer } => {
                let Some(machine) = &self.machine else { return Ok(()) };
                let found =
                    machine.log.of_customer(&customer, Millis::MAX >> 1, 20).map_err(|e| e.to_string())?;
                let earlier: Vec<Earlier> = found
                    .into_iter()
                    .filter(|summary| summary.conversation != conversation)
                    .map(|summary| Earlier {
                        conversation: summary.conversation,
                        at: summary.opened_at,
                        outcome: summary.outcome,
                        advisor: summary.advisor,
                        summary: summary.first_words,
                        peak: summary.peak,
                    })
                    .collect();
                let after = self.chance.between(1, 300);
                self.at(
                    after,
                    Happening::Tell(self.life, Box::new(Input::Earlier { conversation, earlier })),
                );
            }
            Effect::Call { conversation, ticket, timeout_ms, .. } => {
                if self.chance.percent(85) {
                    let after = self.chance.between(20, timeout_ms + 2_000);
                    let result = match self.chance.percent(60) {
                        true => Ok(serde_json::json!({ "status": "shipped", "date": "2024-05-02" })),
                        false => Err("503".to_owned()),
                    };
                    let input = Input::CallDone { conversation, ticket, result };
                    self.at(after, Happening::Tell(self.life, Box::new(input)));
                }
            }
            Effect::SaveStatus { advisor, status } => {
                self.cellar.statuses.insert(advisor, status);
            }
        }
        Ok(())
    }

    /// The power fails: whatever was not synced is gone, and every connection is cut.
    pub(super) fn crash(&mut self) {
        if self.machine.take().is_none() {
            return;
        }
        self.note(|| "the server dies".into());
        self.counts.crashes += 1;
        self.life += 1;
        self.syncing = false;
        let torn = self.chance.number();
        self.cellar.disk.crash(torn);
        if self.mutation == Some(Mutation::LogCut) {
            let kept = self.cellar.disk.len() * 9 / 10;
            self.cellar.disk.truncate(kept);
        }
        let links = std::mem::take(&mut self.links);
        for (id, link) in links {
            if link.client {
                let after = self.chance.between(1, 3_000);
                self.at(after, Happening::Closed(id, link.who));
            }
        }
        let after = self.chance.between(200, 20_000);
        self.at(after, Happening::Start);
    }

    pub(super) fn start(&mut self) -> Result<(), String> {
        self.laws.starts(self.now);
        let (machine, durable) = Machine::start(&self.cellar, self.now, self.mutation)?;
        self.note(|| "the server starts".into());
        self.laws.survives(&self.durable, &durable)?;
        self.durable = durable;
        self.machine = Some(machine);
        self.step(None)
    }
}

/// An event in a few words.
fn short(event: &Event) -> String {
    let mut text = format!("{:?}", event.kind);
    if let Some((at, _)) = text.char_indices().nth(150) {
        text.truncate(at);
    }
    text
}
