//! What the bot remembers of one conversation. It is stored with the conversation and read back after a
//! restart, perhaps by a newer script: names that are no longer known are no reason to fail.

use crate::limits;
use conversation::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The bot's memory of one conversation. [`Default`] is a conversation in which nothing was said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The node of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The node that the customer's last request led to: what a value that comes alone is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// What was gathered: slot → value that passed its check.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, String>,
    /// The slot that the customer was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited: Option<Awaited>,
    /// The answers that were proposed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<Offered>,
    /// What the proposed answers are answers to.
    #[serde(skip_serializing_if = "Asked::is_nothing")]
    pub asked: Asked,
    /// The message that the proposed answers try to understand: its values are for the one that is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<String>,
    /// Messages in a row that were not understood or did not pass a check.
    pub failures: u8,
    /// The bot has said who and what it is.
    pub said_hello: bool,
    /// The call whose result is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// Calls made so far: each has its number, so that a late result is not taken for another's.
    pub calls: u32,
    /// Calls since the customer's last message.
    pub calls_in_a_row: u8,
    /// How the last call of each action ended: nothing, or the error.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub results: BTreeMap<String, Option<String>>,
    /// Hashes of the last answers, oldest first, to notice that the bot turns in circles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub last_answers: Vec<u64>,
    /// How often a text with variants was said, by its place in the script.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub said: BTreeMap<String, u8>,
    /// The subjects so far, for the advisor: intents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// The last words that were not understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_understood: Option<String>,
    /// The language that the customer turned out to write, where it is not the conversation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// Where the next message of the customer goes on, after an advisor gave the conversation back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
}

impl Memory {
    /// Says that the greeting was shown as a message, so that the first answer need not introduce the bot again.
    pub fn greeted(&mut self) {
        self.said_hello = true;
    }

    pub(crate) fn remember_topic(&mut self, intent: &str) {
        self.topics.retain(|known| known != intent);
        self.topics.push(intent.to_owned());
        let excess = self.topics.len().saturating_sub(limits::TOPICS);
        self.topics.drain(..excess);
    }

    /// Whether this was the last thing said.
    pub(crate) fn said_last(&self, text: &str) -> bool {
        self.last_answers.last() == Some(&fnv1a(text))
    }

    /// Remembers an answer; how it repeats the remembered ones.
    pub(crate) fn remember_answer(&mut self, text: &str) -> Repeats {
        let hash = fnv1a(text);
        let times = |answers: &[u64]| answers.iter().filter(|known| **known == hash).count();
        let last = self.last_answers.len();
        let before = Repeats {
            in_all: times(&self.last_answers),
            lately: times(&self.last_answers[last.saturating_sub(limits::LATE_ANSWERS)..]),
            at_once: self.last_answers.last() == Some(&hash),
        };
        self.last_answers.push(hash);
        let excess = self.last_answers.len().saturating_sub(limits::REMEMBERED_ANSWERS);
        self.last_answers.drain(..excess);
        before
    }
}

/// How an answer repeats those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// How often it is among the remembered.
    pub(crate) in_all: usize,
    /// How often among the last [`limits::LATE_ANSWERS`].
    pub(crate) lately: usize,
    /// Whether it is the last one.
    pub(crate) at_once: bool,
}

/// What the proposed answers are answers to, and so what a yes or a no means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// To no question.
    #[default]
    Nothing,
    /// "Is it about this?"
    Guess,
    /// A question of the script.
    Question,
    /// "Shall I pass you on?"
    Person,
}

impl Asked {
    fn is_nothing(&self) -> bool {
        *self == Asked::Nothing
    }
}

/// A slot that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// Which.
    pub slot: String,
    /// The node that goes on with it.
    pub node: String,
}

/// An answer that was proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// What the customer was shown.
    pub label: String,
    /// The node that it leads to.
    pub to: String,
    /// The intent that it stands for, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Slots that it fills.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
}

/// A call whose result is awaited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The action, with the number of the call: `orders#3`.
    pub ticket: String,
    /// The node that goes on with the result.
    pub node: String,
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo 1991): the same on every machine and in every version.
fn fnv1a(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
