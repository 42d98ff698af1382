//! One queue: what it asks of an advisor, how the search widens, what happens when it is too long or closed.

use conversation::{Channel, QueueId, Skill};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A queue's part of the policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// What an advisor must know, with the least level (1–5).
    pub skills: BTreeMap<Skill, u8>,
    /// What the customer's language asks of the advisor.
    pub language: Language,
    /// 0–9, for a request that says nothing else; the router reads it.
    pub priority: u8,
    /// Points that a calm conversation takes; 0 is 1.
    pub weight: u16,
    /// Points that a message takes which was left to be answered later; 0 is as `weight`.
    pub message_weight: u16,
    /// Points that a callback takes; 0 is as `weight`.
    pub callback_weight: u16,
    /// Points that a conversation takes at least from `hard_from` on; 0 is as when it is calm.
    pub hard_weight: u16,
    /// Frustration, 0–1, from which a conversation is hard; 0 is 0.7.
    pub hard_from: f32,
    /// Name of its business hours; without one it is always open.
    pub hours: Option<String>,
    /// How the search widens with the wait, each step on top of those before.
    pub steps: Vec<Step>,
    /// How offers are made; else as the whole policy says.
    pub offers: Option<Offers>,
    /// When there is no use in waiting.
    pub overflow: Overflow,
    /// What a customer finds when it is closed; the router reads it.
    pub when_closed: WhenClosed,
}

impl Queue {
    pub(crate) fn plain() -> &'static Queue {
        static PLAIN: LazyLock<Queue> = LazyLock::new(Queue::default);
        &PLAIN
    }

    /// Points that a conversation of this queue takes.
    pub fn weight(&self, channel: Channel, frustration: f32) -> u16 {
        let of_channel = match channel {
            Channel::Chat => 0,
            Channel::Message => self.message_weight,
            Channel::Callback => self.callback_weight,
        };
        let calm = if of_channel > 0 { of_channel } else { self.weight.max(1) };
        let from = if self.hard_from > 0.0 { self.hard_from } else { 0.7 };
        if frustration >= from { self.hard_weight.max(calm) } else { calm }
    }
}

/// What the customer's language asks of the advisor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// They must speak it.
    #[default]
    Required,
    /// It is better when they do.
    Preferred,
}

/// From a certain wait on, more advisors are looked at. The place in line stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Seconds of wait.
    pub after_s: u32,
    /// Levels by which every required level is lowered (never below 1).
    pub lower: u8,
    /// Skills that are no longer asked for.
    pub drop: Vec<Skill>,
    /// Queues whose advisors may take it too.
    pub add: Vec<QueueId>,
    /// The language is no longer asked for.
    pub any_language: bool,
    /// Offers at once from here on; 0 leaves it.
    pub at_once: u8,
}

/// How offers are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offers {
    /// Seconds until an offer lapses.
    pub expires_s: u32,
    /// Offers of one conversation at once, the first to accept has it; 1–8.
    pub at_once: u8,
    /// Seconds for which it is not offered again to somebody who did not take it; 1–86,400.
    pub avoid_s: u32,
    /// Offers missed in a row after which an advisor is set away; 0 is never.
    pub missed_before_away: u8,
    /// Seconds for which a conversation meant for one advisor waits for them alone; at most 3600.
    pub direct_s: u32,
    /// Seconds for which a conversation waits for the advisor who knows the customer, when they are there and
    /// busy; 0: affinity is a term of the score and nothing else. At most 3600.
    pub affinity_s: u32,
}

impl Default for Offers {
    fn default() -> Self {
        Offers { expires_s: 20, at_once: 1, avoid_s: 60, missed_before_away: 3, direct_s: 120, affinity_s: 0 }
    }
}

/// When there is no use in waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overflow {
    /// Conversations that wait, from which on newcomers are told that it is closed; 0 is never.
    pub waiting: u32,
    /// Seconds of expected wait from which on they are told so; 0 is never.
    pub wait_s: u32,
}

/// What a customer finds when it is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenClosed {
    /// They may leave a message, which keeps its place.
    #[default]
    Message,
    /// They wait all the same.
    Wait,
    /// They go to another queue.
    Queue(QueueId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_weighs_by_its_channel_and_its_frustration() {
        let queue = Queue { weight: 2, callback_weight: 4, hard_weight: 3, ..Queue::default() };
        let weights = |frustration| {
            [Channel::Chat, Channel::Message, Channel::Callback]
                .map(|channel| queue.weight(channel, frustration))
        };
        assert_eq!(weights(0.69), [2, 2, 4]);
        assert_eq!(weights(0.7), [3, 3, 4]);
        assert_eq!(Queue { message_weight: 1, ..queue }.weight(Channel::Message, 0.0), 1);
    }
}
