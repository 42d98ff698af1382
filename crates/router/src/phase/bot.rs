//! With the bot: it answers, asks a back office, or hands over; every failure of it ends at a human (law 9).

use crate::effect::Effect;
use crate::live::{Live, PendingCall};
use crate::phase::listening::Heard;
use crate::turn::{Timer, Turn};
use crate::words;
use ::bot::{Act, Input, Memory, Script};
use analyzer::Replier;
use conversation::{AdvisorId, Author, ClosedBy, EventKind, Owner, QueueId, ReasonCode};
use serde_json::Value;
use std::sync::Arc;
use wire::frame::offer::GoneWhy;

impl Turn<'_> {
    /// The bot's turn to answer a customer's words, unless listening says that a person is needed.
    pub fn bot_hears(&mut self, live: &mut Live, heard: &Heard, text: String) {
        if let Some(reason) = self.heard_reason(live, heard) {
            return self.hand_over(live, reason, None, None, None);
        }
        if let Some(call) = &mut live.call {
            // The bot waits for a back office: it answers what was said meanwhile once it knows.
            call.texts.push(text);
            return;
        }
        self.bot_acts(live, Input::Text(&text), Some(heard));
    }

    /// A back office has answered, or has not.
    pub fn call_done(&mut self, live: &mut Live, ticket: u64, result: Result<Value, String>) {
        let Some(call) = live.call.take_if(|call| call.ticket == ticket) else { return };
        // Law 8: a human may have claimed it meanwhile; then what the bot found out stays unsaid.
        if !self.bot_has_it(live) {
            return;
        }
        let result = result.as_ref().map_err(String::as_str);
        self.bot_acts(live, Input::ActionDone { action: &call.action, result }, None);
        for text in call.texts {
            if !self.bot_has_it(live) {
                return;
            }
            match &mut live.call {
                Some(call) => call.texts.push(text),
                None => self.bot_acts(live, Input::Text(&text), None),
            }
        }
    }

    fn bot_acts(&mut self, live: &mut Live, input: Input<'_>, heard: Option<&Heard>) {
        let Some(script) = self.script(live) else {
            let reason = self.reason(live, ReasonCode::BotFailure, heard, 1.0);
            return self.hand_over(live, reason, None, None, None);
        };
        let mut memory = bot_memory(live);
        let before = memory.clone();
        let lang = live.lang().clone();
        let acts = script.answer(&mut memory, input, &lang, self.now);
        let moved = (*memory != *before).then(|| serde_json::to_value(&*memory).unwrap_or(Value::Null));
        live.memory = Some(memory);
        if let Some(memory) = moved {
            self.append(live, None, EventKind::BotMoved { memory });
        }
        let understood = !acts.iter().any(|act| matches!(act, Act::NotUnderstood));
        let mut acted = false;
        for act in acts {
            match act {
                Act::Say { text, choices } => {
                    acted = true;
                    self.replied(live, Replier::Bot, &text, understood);
                    let name = Some(script.name(&lang).to_owned());
                    let kind = EventKind::Message { from: Author::Bot, name, advisor: None, text, choices };
                    self.append(live, None, kind);
                }
                Act::NotUnderstood => {}
                Act::Call { action, request, timeout_ms } => {
                    acted = true;
                    self.out.ticket += 1;
                    let ticket = self.out.ticket;
                    live.call = Some(Box::new(PendingCall { ticket, action, texts: Vec::new() }));
                    let conversation = live.id;
                    self.out.effects.push_back(Effect::Call { conversation, ticket, request, timeout_ms });
                    // The shell keeps the time; should it fail to answer at all, this does.
                    self.out.at(self.now + timeout_ms + 1_000, Timer::Call(conversation, ticket));
                }
                Act::HandOver { queue, code, note } => {
                    let reason = conversation::Reason {
                        note: Some(note).filter(|note| !note.trim().is_empty()),
                        ..self.reason(live, code, heard, 1.0)
                    };
                    return self.hand_over(live, reason, queue, None, None);
                }
                Act::Close => return self.close(live, ClosedBy::Bot, Some("resolved".into()), None),
            }
        }
        if !acted {
            let reason = self.reason(live, ReasonCode::BotFailure, heard, 1.0);
            self.hand_over(live, reason, None, None, None);
        }
    }

    /// The bot said nothing for too long: whatever it waited for, a person answers.
    pub fn call_overdue(&mut self, live: &mut Live, ticket: u64) {
        if live.call.as_ref().is_some_and(|call| call.ticket == ticket) {
            self.call_done(live, ticket, Err("no answer in time".into()));
        }
    }

    /// A call that was under way when the server stopped will never be answered.
    pub fn call_lost(&mut self, live: &mut Live) {
        let memory = bot_memory(live);
        if let (true, Some(pending)) = (self.bot_has_it(live), &memory.pending) {
            let action = pending.ticket.clone();
            live.memory = Some(memory);
            self.bot_acts(live, Input::ActionDone { action: &action, result: Err("interrupted") }, None);
        } else {
            live.memory = Some(memory);
        }
    }

    /// An advisor gives it back, or the customer goes back; the bot goes on at a node, or where it was. Returns who had it.
    pub fn back_to_bot(
        &mut self,
        live: &mut Live,
        by: Option<&AdvisorId>,
        node: Option<String>,
    ) -> Option<AdvisorId> {
        let lang = live.lang().clone();
        let script = self.script(live);
        let kind = EventKind::ReturnedToBot { advisor: by.cloned(), node: node.clone() };
        self.append(live, None, kind);
        let holder = self.leave_place(live, GoneWhy::Withdrawn);
        let name =
            script.as_ref().map_or_else(|| "Relais".to_owned(), |script| script.name(&lang).to_owned());
        self.pass_to(live, Owner::Bot, Some(name.clone()));
        if let Some(script) = script {
            let mut memory = bot_memory(live);
            script.resume_at(&mut memory, node.as_deref());
            let value = serde_json::to_value(&*memory).unwrap_or(Value::Null);
            live.memory = Some(memory);
            self.append(live, None, EventKind::BotMoved { memory: value });
        }
        self.system(live, words::back_to_bot(&lang, &name));
        holder
    }

    fn script(&self, live: &Live) -> Option<Arc<Script>> {
        self.house.sites.get(&live.opening.site).map(|site| site.script.clone())
    }

    /// Where a conversation of this site goes when nothing names a queue.
    pub fn site_queue(&self, live: &Live) -> QueueId {
        self.house.queue_or_default(self.house.sites.get(&live.opening.site).map(|site| &site.queue))
    }
}

/// What the bot remembers: as it is, else as the last event says, else nothing.
fn bot_memory(live: &mut Live) -> Box<Memory> {
    if let Some(memory) = live.memory.take() {
        return memory;
    }
    let stored = live.state.as_ref().and_then(|state| state.bot.clone());
    Box::new(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}
