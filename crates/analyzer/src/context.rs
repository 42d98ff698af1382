//! What is remembered of a conversation: a fixed number of bytes, whatever its length.

use crate::offer::{Kind, Offer};
use crate::pattern::Item;
use crate::text::TokenKind;
use serde::{Deserialize, Serialize};

/// Customers' turns whose questions are remembered.
const QUESTIONS: usize = 3;
/// Stems that are kept of one question.
const STEMS: usize = 12;
/// Bot's turns that are remembered.
const REPLIES: usize = 3;
/// Share of the stems that must come again for a question to be the same one.
const SAME: f32 = 0.6;

/// Below these log-odds a past turn is calm, however calm: its past must not outweigh a plain reproach.
const CALM: f32 = -2.5;

/// Facts of the context that add to the score.
pub(crate) const TERMS: usize = 13;
/// The places of two of them.
pub(crate) const FIRST_MESSAGE: usize = 0;
pub(crate) const MOOD_BEFORE: usize = 1;
/// Their names, as an explanation shows them.
pub(crate) const TERM_NAMES: [&str; TERMS] = [
    "first_message",
    "mood_before",
    "last_message",
    "peak_before",
    "same_question",
    "bot_failures",
    "bot_loop",
    "bot_replied",
    "advisor_replied",
    "apology",
    "unanswered",
    "long_wait",
    "earlier_contacts",
];

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replier {
    /// The script.
    Bot,
    /// A person.
    Advisor,
}

/// What a customer's message follows. The numbers are part of every model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum After {
    /// It is the first.
    #[default]
    Nothing = 0,
    /// Another of their own.
    Own = 1,
    /// A question of the bot.
    BotAsks = 2,
    /// What the bot said.
    BotTells = 3,
    /// A question of an advisor.
    AdvisorAsks = 4,
    /// What an advisor said.
    AdvisorTells = 5,
}

/// What a reply was, as far as the analyzer cares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    pub who: Replier,
    /// A hash of its words.
    pub signature: u32,
    pub understood: bool,
    pub apologises: bool,
    /// Whether it asks something.
    pub asks: bool,
    /// What it offers.
    pub offer: Offer,
}

/// All that the analyzer remembers of one conversation. Its size is bounded (some four hundred bytes); a turn
/// costs the turn, never the conversation.
#[derive(Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
pub struct Context {
    pub(crate) turns: u32,
    pub(crate) lang: Option<[u8; 2]>,
    pub(crate) earlier_contacts: u16,
    /// Log-odds of the last customer's turn, by its words alone.
    last: f32,
    /// The same, averaged with decay.
    mood: f32,
    /// The strongest so far.
    peak: f32,
    /// Frustration, averaged with decay: what a trend is measured on.
    pub(crate) level: f32,
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
    replied: Option<Replier>,
    apologised: bool,
    #[serde(default)]
    after: After,
    offer: Offer,
    /// What was offered before that turn, unless it was taken up.
    #[serde(default)]
    earlier_offer: Offer,
    /// Whether the last customer's turn asked for a human.
    #[serde(default)]
    wished: bool,
    /// Customer's messages since anybody answered.
    unanswered: u8,
    last_at_ms: Option<u64>,
    /// Turns that told of earlier contacts.
    pub(crate) contacts_told: u8,
    /// Whether the conversation was handed over, and the lowest level since.
    pub(crate) transferred: bool,
    pub(crate) lowest: f32,
}

/// The facts that stand when a customer's turn has come, before its words are weighed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub values: [f32; TERMS],
    pub after: After,
    pub offer: Offer,
    /// Whether the last customer's turn asked for a human.
    pub wished: bool,
    same_question: bool,
}

/// How a turn was heard, as far as the next ones are concerned.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settled {
    /// The log-odds of its words alone.
    pub words: f32,
    /// Its score, 0–1.
    pub frustration: f32,
    /// Whether it told of earlier contacts.
    pub told_contact: bool,
    /// Whether it asked for a human.
    pub wished: bool,
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

    /// Frustration averaged over the last messages, 0–1.
    pub fn level(&self) -> f32 {
        self.level
    }

    /// To be called when the conversation was handed over: until it has calmed down, only an explicit wish
    /// asks again (hysteresis).
    pub fn transferred(&mut self) {
        self.transferred = true;
        self.lowest = 1.0;
    }

    /// Notes the customer's question, and says what stands. `content` says which words carry one.
    pub(crate) fn hear(
        &mut self,
        items: &[Item<'_>],
        content: impl Fn(&Item<'_>) -> bool,
        at_ms: Option<u64>,
    ) -> Facts {
        let similarity = self.question_again(items, content);
        let waited_s = match (self.last_at_ms, at_ms) {
            (Some(before), Some(now)) => now.saturating_sub(before) / 1000,
            _ => 0,
        };
        self.last_at_ms = at_ms.or(self.last_at_ms);
        let first = self.turns == 0;
        let later = |value: f32| if first { 0.0 } else { value };
        Facts {
            same_question: similarity >= SAME,
            after: self.after,
            offer: self.offer,
            wished: self.wished,
            values: [
                f32::from(u8::from(first)),
                later(self.mood.clamp(CALM, 5.0)),
                later(self.last.clamp(CALM, 5.0)),
                later(self.peak.clamp(CALM, 5.0)),
                if similarity >= SAME { similarity } else { 0.0 },
                f32::from(self.failures.min(3)),
                f32::from(self.loops.min(3)),
                f32::from(u8::from(self.replied == Some(Replier::Bot))),
                f32::from(u8::from(self.replied == Some(Replier::Advisor))),
                f32::from(u8::from(self.apologised)),
                f32::from(self.unanswered.min(3)),
                match waited_s {
                    0..120 => 0.0,
                    120..1_800 => 0.5,
                    1_800..43_200 => 1.0,
                    _ => 1.5,
                },
                f32::from(self.earlier_contacts.min(4)),
            ],
        }
    }

    /// How much of an earlier question comes again, 0–1.
    fn question_again(&mut self, items: &[Item<'_>], content: impl Fn(&Item<'_>) -> bool) -> f32 {
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
        if count < 2 {
            return 0.0;
        }
        let mut similarity = 0.0f32;
        for earlier in &self.questions {
            let size = earlier.iter().take_while(|stem| **stem != 0).count();
            let shared = earlier[..size].iter().filter(|stem| stems[..count].contains(stem)).count();
            if size >= 2 && shared >= 2 {
                // Against the smaller of the two: a question in other words is often longer or shorter.
                similarity = similarity.max(shared as f32 / size.min(count) as f32);
            }
        }
        self.questions[usize::from(self.question) % QUESTIONS] = stems;
        self.question = (self.question + 1) % QUESTIONS as u8;
        similarity
    }

    /// Notes how the turn was heard. Returns the trend.
    pub(crate) fn settle(&mut self, facts: &Facts, settled: Settled) -> f32 {
        let Settled { words, frustration, told_contact, wished } = settled;
        let first = self.turns == 0;
        let trend = if first { 0.0 } else { frustration - self.level };
        self.level = if first { frustration } else { 0.5 * self.level + 0.5 * frustration };
        self.mood = if first { words } else { 0.5 * self.mood + 0.5 * words };
        self.peak = if first { words } else { self.peak.max(words) };
        self.last = words;
        self.turns = self.turns.saturating_add(1);
        self.unanswered = self.unanswered.saturating_add(1);
        self.after = After::Own;
        // Whoever asks something else first may come back to an offer.
        self.earlier_offer = if wished { Offer::default() } else { self.offer.earlier() };
        self.offer = Offer::default();
        self.wished = wished;
        self.repeats = if facts.same_question { self.repeats.saturating_add(1) } else { 0 };
        self.contacts_told = self.contacts_told.saturating_add(u8::from(told_contact));
        if self.transferred {
            self.lowest = self.lowest.min(self.level);
        }
        trend.clamp(-1.0, 1.0)
    }

    /// Notes a reply.
    pub(crate) fn answered(&mut self, reply: Reply, at_ms: Option<u64>) {
        self.unanswered = 0;
        self.replied = Some(reply.who);
        self.apologised = reply.apologises;
        self.after = match (reply.who, reply.asks) {
            (Replier::Bot, true) => After::BotAsks,
            (Replier::Bot, false) => After::BotTells,
            (Replier::Advisor, true) => After::AdvisorAsks,
            (Replier::Advisor, false) => After::AdvisorTells,
        };
        self.offer = match reply.offer.kind {
            Kind::None if reply.who == Replier::Bot => std::mem::take(&mut self.earlier_offer),
            _ => reply.offer,
        };
        self.last_at_ms = at_ms.or(self.last_at_ms);
        match reply.who {
            Replier::Advisor => {
                self.failures = 0;
                self.loops = 0;
            }
            Replier::Bot => {
                self.failures = if reply.understood { 0 } else { self.failures.saturating_add(1) };
                if self.replies.contains(&reply.signature) {
                    self.loops = self.loops.saturating_add(1);
                }
                self.replies[usize::from(self.reply) % REPLIES] = reply.signature;
                self.reply = (self.reply + 1) % REPLIES as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::Analyzer;

    #[test]
    fn the_turn_after_a_wish_is_heard_as_such() {
        let analyzer = Analyzer::embedded();
        let mut context = Context::default();
        for (text, after_a_wish) in
            [("Can I talk to a human please?", false), ("Order 4411.", true), ("It was the blue one.", false)]
        {
            let seen = analyzer.observe(&mut context.clone(), text, Some("en"), None, &mut |_, _| {});
            assert_eq!(seen.facts.wished, after_a_wish, "{text}");
            analyzer.customer_turn(&mut context, text, Some("en"), None);
        }
    }

    #[test]
    fn an_offer_stands_for_one_question_in_between_unless_it_was_taken_up() {
        let analyzer = Analyzer::embedded();
        for (answer, then) in [("What does it cost?", Kind::Earlier), ("Yes please, an adviser.", Kind::None)]
        {
            let mut context = Context::default();
            for (reply, said, kind) in [
                ("Shall I put you through to an adviser?", answer, Kind::Asked),
                ("It is free.", "And how long does it take?", then),
                ("Ten minutes.", "ok", Kind::None),
            ] {
                analyzer.reply_turn(&mut context, Replier::Bot, reply, None, true);
                let seen = analyzer.observe(&mut context.clone(), said, Some("en"), None, &mut |_, _| {});
                assert_eq!(seen.facts.offer.kind, kind, "{answer} {reply}");
                analyzer.customer_turn(&mut context, said, Some("en"), None);
            }
        }
    }

    #[test]
    fn a_message_is_heard_in_the_light_of_what_it_follows() {
        let analyzer = Analyzer::embedded();
        let mut context = Context::default();
        let hear = |context: &mut Context| {
            let seen = analyzer.observe(context, "No.", Some("en"), None, &mut |_, _| {});
            context.settle(&seen.facts, Settled::default());
            seen.facts.after
        };
        assert_eq!(hear(&mut context), After::Nothing);
        assert_eq!(hear(&mut context), After::Own);
        for (who, reply, after) in [
            (Replier::Bot, "Is it the blue one?", After::BotAsks),
            (Replier::Bot, "It left on Monday.", After::BotTells),
            (Replier::Advisor, "Have you tried it again?", After::AdvisorAsks),
            (Replier::Advisor, "One moment please.", After::AdvisorTells),
        ] {
            analyzer.reply_turn(&mut context, who, reply, None, true);
            assert_eq!(hear(&mut context), after, "{reply}");
        }
    }
}
