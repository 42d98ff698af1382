//! The shell around the router: what comes in becomes an input, what is decided is made durable in batches, and only
//! then let out; and the server's death and return.

use super::counts::Hasher;
use super::house;
use super::machine::Machine;
use super::mutation::Mutation;
use super::network::Who;
use super::world::{Happening, World};
use conversation::{Event, EventKind, Millis};
use dispatcher::Presence;
use eventlog::History as _;
use router::{Effect, Input};
use std::sync::Arc;
use wire::ServerFrame;
use wire::frame::CustomerFrame;
use wire::frame::server::Earlier;

impl World {
    pub(super) fn mutate_frame(&mut self, frame: CustomerFrame) -> CustomerFrame {
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
        let (mutation, now) = (self.mutation, self.clock());
        let Some(machine) = &mut self.machine else { return Ok(()) };
        let mut lines = Vec::new();
        for effect in effects {
            Hasher(&mut self.hash).take(self.now, &effect);
            if let Effect::Append(event) = &effect {
                let owner =
                    machine.decided.stories.get(&event.conversation).map(|story| story.state.owner.clone());
                self.laws.decides(event, owner.as_ref(), now)?;
                lines.push(format!("    {} {} {}", event.conversation, event.seq, short(event)));
                machine.decided.push(event.clone())?;
                if mutation == Some(Mutation::NotRequeued) && matches!(event.kind, EventKind::Declined { .. })
                {
                    machine.dispatcher.withdraw(event.conversation);
                }
                if let (EventKind::Assigned { advisor, .. }, Some(Mutation::SeatFreed)) =
                    (&event.kind, mutation)
                {
                    machine.dispatcher.release(event.conversation, advisor, now);
                }
                if mutation == Some(Mutation::AwayIsAsked) {
                    for account in house::accounts() {
                        machine.dispatcher.set_status(&account.id, Presence::Available, now);
                    }
                }
                if mutation == Some(Mutation::BotTalksOn)
                    && let EventKind::Assigned { .. } = &event.kind
                {
                    self.mutated = true;
                }
            }
            if let Effect::Send { to, frame } = &effect {
                if let ServerFrame::CustomerWelcome(welcome) = frame {
                    self.laws.welcomed(*to, welcome.conversation, now);
                }
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

    pub(super) fn release(&mut self, effect: Effect) -> Result<(), String> {
        match effect {
            Effect::Append(_) | Effect::Observe(_) => {}
            Effect::Send { to, frame } => {
                self.laws.shows(&frame, &self.durable, "durable")?;
                let reorder = self.mutation == Some(Mutation::Reordered) && self.chance.percent(20);
                let hole = self.mutation == Some(Mutation::ResumeHole) && self.chance.percent(2);
                let silent = self.mutation == Some(Mutation::NoAnswer) && self.chance.percent(2);
                let Some(link) = self.links.get(&to) else { return Ok(()) };
                let customer = matches!(link.who, Who::Customer(..));
                if customer
                    && (hole && matches!(frame, ServerFrame::Event(_))
                        || silent && matches!(frame, ServerFrame::Ack(_)))
                {
                    return Ok(());
                }
                self.down(to, frame, reorder && customer);
            }
            Effect::Close { to, .. } => {
                let Some(link) = self.links.get_mut(&to).filter(|link| link.open) else { return Ok(()) };
                let (who, after) = (link.who, link.down.max(self.now + 1) - self.now);
                link.open = false;
                self.at(after, Happening::Closed(to, who));
                self.gone(to)?;
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
        let torn = self.chance.number();
        if self.ends() {
            self.cellar.disk.crash(torn);
            if self.mutation == Some(Mutation::LogCut) {
                let kept = self.cellar.disk.len() * 9 / 10;
                self.cellar.disk.truncate(kept);
            }
        }
    }

    /// The process ends; what it had written stays written.
    pub(super) fn ends(&mut self) -> bool {
        if self.machine.take().is_none() {
            return false;
        }
        self.note(|| "the server dies".into());
        self.counts.crashes += 1;
        self.life += 1;
        self.syncing = false;
        let links = std::mem::take(&mut self.links);
        for (id, link) in links {
            if link.client {
                let after = self.chance.between(1, 3_000);
                self.at(after, Happening::Closed(id, link.who));
            }
        }
        let after = self.chance.between(200, 20_000);
        self.at(after, Happening::Start);
        true
    }

    pub(super) fn start(&mut self) -> Result<(), String> {
        // The machine's clock may have been set, in either direction; the server's never begins before its log ends.
        if self.wild() && self.chance.percent(30) {
            let hours = self.chance.between(0, 30) * 3_600_000;
            self.skew =
                if self.chance.percent(50) { self.now + hours } else { self.now.saturating_sub(hours) };
        } else {
            self.skew = self.skew.max(self.now);
        }
        let (machine, durable, now) = Machine::start(&self.cellar, self.skew, self.mutation)?;
        self.clock_base = (self.now, now);
        self.laws.starts(now);
        self.note(|| {
            format!(
                "the server starts, {} s after the first moment by its clock",
                now.abs_diff(super::world::DAWN) / 1_000
            )
        });
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
