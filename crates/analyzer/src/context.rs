//! What is remembered of a conversation: a fixed number of bytes, whatever its length.

use crate::pattern::Item;
use crate::text::TokenKind;
use serde::{Deserialize, Serialize};

/// Customers' turns whose questions are remembered.
const QUESTIONS: usize = 3;
/// Stems that are kept of one question.
const STEMS: usize = 12;
/// Bot's turns that are remembered.
const REPLIES: usize = 3;

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replier {
    /// The script.
    Bot,
    /// A person.
    Advisor,
}

/// All that the analyzer remembers of one conversation. Its size is bounded (a few hundred bytes); a turn costs
/// the turn, never the conversation.
#[derive(Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
pub struct Context {
    pub(crate) turns: u32,
    pub(crate) lang: Option<[u8; 2]>,
    pub(crate) earlier_contacts: u16,
    /// Log-odds of the last customer's turn, of its words alone.
    pub(crate) last: f32,
    /// The same, averaged with decay.
    pub(crate) mood: f32,
    /// The strongest so far.
    pub(crate) peak: f32,
    /// Calibrated score, averaged with decay: what a trend is measured on.
    pub(crate) level: f32,
    /// Calibrated scores of the last two turns, the later first.
    pub(crate) scores: [f32; 2],
    questions: [[u32; STEMS]; QUESTIONS],
    question: u8,
    replies: [u32; REPLIES],
    reply: u8,
    /// Turns in a row in which the same question came again.
    pub(crate) repeats: u8,
    /// Replies of the bot that said what it had just said.
    pub(crate) loops: u8,
    /// Replies of the bot, in a row, that were no answer.
    pub(crate) failures: u8,
    pub(crate) bot_replies: u16,
    pub(crate) advisor_replies: u16,
    pub(crate) replied: Option<Replier>,
    /// Customer's messages since anybody answered.
    pub(crate) unanswered: u8,
    last_at_ms: Option<u64>,
    pub(crate) contacts_told: u8,
    /// Whether the conversation was handed over, and the lowest level since.
    pub(crate) transferred: bool,
    pub(crate) lowest: f32,
}

/// What the context says about the turn that has just come, before its words are weighed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Before {
    pub similarity: f32,
    pub gap_s: f32,
}

impl Context {
    /// A new conversation of a customer who has contacted us this many times before about the same matter.
    pub fn with_earlier_contacts(contacts: u16) -> Context {
        Context { earlier_contacts: contacts, ..Context::default() }
    }

    /// Sets the number of earlier contacts.
    pub fn set_earlier_contacts(&mut self, contacts: u16) {
        self.earlier_contacts = contacts;
    }

    /// Customer's turns so far.
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// To be called when the conversation was handed over: until it has calmed down, only an explicit wish
    /// asks again (hysteresis).
    pub fn transferred(&mut self) {
        self.transferred = true;
        self.lowest = 1.0;
    }

    /// Notes the customer's turn and says how it stands to those before.
    pub(crate) fn hear(
        &mut self,
        items: &[Item<'_>],
        content: impl Fn(&Item<'_>) -> bool,
        at_ms: Option<u64>,
    ) -> Before {
        let mut stems = [0u32; STEMS];
        let mut count = 0;
        for item in items {
            if count == STEMS {
                break;
            }
            let stem = (item.stem as u32) | 1;
            if item.kind == TokenKind::Word && content(item) && !stems[..count].contains(&stem) {
                stems[count] = stem;
                count += 1;
            }
        }
        let mut similarity = 0.0f32;
        if count >= 2 {
            for earlier in &self.questions {
                let size = earlier.iter().take_while(|s| **s != 0).count();
                let shared = earlier[..size].iter().filter(|s| stems[..count].contains(s)).count();
                if size >= 2 && shared >= 2 {
                    // Overlap against the smaller: the question in other words is often longer or shorter.
                    similarity = similarity.max(shared as f32 / size.min(count) as f32);
                }
            }
            self.questions[self.question as usize % QUESTIONS] = stems;
            self.question = (self.question + 1) % QUESTIONS as u8;
        }
        let gap_s = match (self.last_at_ms, at_ms) {
            (Some(before), Some(now)) => now.saturating_sub(before) as f32 / 1000.0,
            _ => 0.0,
        };
        self.last_at_ms = at_ms.or(self.last_at_ms);
        Before { similarity, gap_s }
    }

    /// Notes a reply.
    pub(crate) fn replied(&mut self, who: Replier, signature: u32, at_ms: Option<u64>, understood: bool) {
        self.unanswered = 0;
        self.replied = Some(who);
        self.last_at_ms = at_ms.or(self.last_at_ms);
        match who {
            Replier::Advisor => {
                self.advisor_replies = self.advisor_replies.saturating_add(1);
                self.failures = 0;
                self.loops = 0;
            }
            Replier::Bot => {
                self.bot_replies = self.bot_replies.saturating_add(1);
                self.failures = if understood { 0 } else { self.failures.saturating_add(1) };
                if self.replies.contains(&signature) {
                    self.loops = self.loops.saturating_add(1);
                }
                self.replies[self.reply as usize % REPLIES] = signature;
                self.reply = (self.reply + 1) % REPLIES as u8;
            }
        }
    }
}
