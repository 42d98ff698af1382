//! A message of the customer: what it fills, chooses, wants; and what is said when it is none of that.

use crate::answer::Act;
use crate::assent::{self, Assent};
use crate::hearing::{Weight, Wish, head};
use crate::limits;
use crate::memory::{Asked, Offered};
use crate::slot::{Check, Heed};
use crate::template::quote;
use crate::turn::{Trouble, Turn};
use crate::words::fold;
use conversation::ReasonCode;

impl Turn<'_, '_> {
    /// Answers the message.
    pub(crate) fn listen(&mut self) -> Result<(), Trouble> {
        self.memory.calls_in_a_row = 0;
        let text = self.text.clone();
        let said = plain(&text);
        if let Some(done) = self.take_label(&said) {
            return done;
        }
        self.heed_unasked();
        let only_values =
            self.script.matchers[self.language].says_only_numbers(&text) || self.says_only_values();
        let wish = if only_values { Wish::Unknown(Vec::new()) } else { self.wish(&text) };
        let wish = match wish {
            Wish::One(intent) if self.script.intents[intent].without && self.has_what_is_missed() => {
                Wish::Unknown(Vec::new())
            }
            wish => wish,
        };
        let wanted = match &wish {
            Wish::One(intent) => Some(*intent),
            Wish::Which(_) | Wish::Unknown(_) => None,
        };
        if let Some(intent) = wanted.filter(|intent| self.script.intents[*intent].weight == Weight::Grave) {
            return self.follow(intent);
        }
        if let Some(done) = self.take_awaited(wanted, matches!(wish, Wish::Which(_))) {
            return done;
        }
        if let Some(done) = self.take_referred(&said) {
            return done;
        }
        match wish {
            Wish::One(intent) if !(self.is_small(intent) && self.memory.resume.is_some()) => {
                self.follow(intent)
            }
            Wish::Which(intents) => {
                self.memory.failures = 0;
                self.memory.awaited = None;
                let text = self.own(&self.script.texts.which, 0);
                self.propose(text, &intents, Asked::Question);
                self.memory.opening = Some(head(&self.text, limits::HEARD_CHARS).to_owned());
                Ok(())
            }
            Wish::One(_) => self.go_on(&[]),
            Wish::Unknown(near) => self.go_on(&near),
        }
    }

    /// Whether the message says values and the words that announce them, and nothing else: "order 4521".
    fn says_only_values(&self) -> bool {
        let script = self.script;
        let cues: Vec<&String> = self
            .filled
            .iter()
            .filter_map(|slot| {
                script.slots.get(slot).filter(|slot| slot.leads_to.is_some())?.cues.get(self.language)
            })
            .flatten()
            .collect();
        !cues.is_empty() && script.matchers[self.language].says_nothing_but(&self.open_text, &cues)
    }

    /// "I do not have it" is about something else where the value was told, now or before, and is not named.
    fn has_what_is_missed(&self) -> bool {
        let script = self.script;
        let words = script.matchers[self.language].words.cut(&self.text);
        let named = |cues: Option<&Vec<String>>| {
            words.iter().any(|word| cues.is_some_and(|cues| cues.contains(&word.stem)))
        };
        self.memory.awaited.is_none()
            && script.slots.iter().filter(|(_, slot)| slot.without.is_some()).any(|(name, slot)| {
                self.filled.contains(name)
                    || (self.memory.slots.contains_key(name) && !named(slot.cues.get(self.language)))
            })
    }

    /// What the message wants, in the language of the conversation or in another one that the script speaks, if
    /// it is clear in that one alone; the conversation then goes on in it.
    fn wish(&mut self, text: &str) -> Wish {
        let wish = self.script.wish(text, self.language);
        let clear = match &wish {
            Wish::Unknown(_) => false,
            // "Hello" is said in many languages.
            Wish::One(intent) => !self.is_small(*intent),
            Wish::Which(_) => true,
        };
        if clear || self.memory.awaited.is_some() {
            return wish;
        }
        let grammar = |language: usize| self.script.matchers[language].small_words(text);
        let here = grammar(self.language);
        for other in (0..self.script.languages.len()).filter(|other| *other != self.language) {
            if here > 0 && grammar(other) <= here {
                continue;
            }
            let heard = self.script.wish(text, other);
            if let Wish::One(intent) = heard
                && !(self.is_small(intent) && matches!(wish, Wish::One(_)))
                && self.script.matchers[other].substance(text) >= 2
            {
                self.language = other;
                self.memory.lang = self.script.languages.get(other).cloned();
                return heard;
            }
        }
        wish
    }

    /// Values that can be told in any message.
    fn heed_unasked(&mut self) {
        let script = self.script;
        // What has the strictest form first, so that a telephone number is not cut up into order numbers.
        let rank = |check: &Check| match check {
            Check::Email => 0,
            Check::Phone => 1,
            Check::Date(_) => 2,
            Check::Postcode => 3,
            Check::Reference(_) => 4,
            Check::Choice(_) => 5,
            Check::Text => 6,
        };
        let mut slots: Vec<_> = script.slots.iter().collect();
        slots.sort_by_key(|(_, slot)| rank(&slot.check));
        for (name, _) in slots {
            self.heed(name, Heed::Unasked);
        }
    }

    /// The slot that was asked for.
    fn take_awaited(&mut self, wanted: Option<usize>, several: bool) -> Option<Result<(), Trouble>> {
        let script = self.script;
        let awaited = self.memory.awaited.clone()?;
        let Some(slot) = script.slots.get(&awaited.slot) else {
            // A newer script does not have it any more.
            self.memory.awaited = None;
            return None;
        };
        if wanted.is_some_and(|intent| script.intents[intent].without) {
            if let Some(node) = &slot.without {
                self.settle();
                return Some(self.enter(&node.value));
            }
        } else if self.heed(&awaited.slot, Heed::Asked) {
            self.settle();
            return Some(self.enter(&awaited.node));
        }
        // "Yes" to a question for a value promises it, and is no end of the matter.
        let lang = &script.languages[self.language];
        if assent::assent(lang, &plain(&self.text)) == Some(Assent::Yes) {
            return Some(self.ask(&awaited.slot, &awaited.node));
        }
        match wanted {
            Some(intent) if script.intents[intent].without => {
                self.settle();
                Some(self.call_a_person())
            }
            Some(intent) if self.is_small(intent) => {
                let done = self.follow(intent);
                // Small talk does not make the bot forget its question.
                Some(done.and_then(|()| self.ask(&awaited.slot, &awaited.node)))
            }
            Some(_) => None,
            None if several => None,
            None => Some(self.refuse(&awaited.slot, &awaited.node)),
        }
    }

    /// The value does not pass its check.
    fn refuse(&mut self, slot: &str, node: &str) -> Result<(), Trouble> {
        if self.count_failure(limits::VALUE_TRIES) {
            return Ok(());
        }
        let Some(known) = self.script.slots.get(slot) else { return Ok(()) };
        let wrong = if known.wrong.is_empty() { &self.script.texts.wrong } else { &known.wrong };
        let sorry = self.own(wrong, usize::from(self.memory.failures.saturating_sub(1)));
        self.ask(slot, node)?;
        self.asked_for = None;
        if let Some(Act::Say { text, .. }) = self.acts.last_mut() {
            *text = format!("{sorry} {text}");
        }
        Ok(())
    }

    /// Goes where an intent leads.
    fn follow(&mut self, intent: usize) -> Result<(), Trouble> {
        let script = self.script;
        let intent = &script.intents[intent];
        self.memory.failures = 0;
        self.small = intent.weight == Weight::Small;
        if !self.small {
            self.settle();
            if script.human.as_ref().is_none_or(|human| human.value != intent.to.value) {
                self.memory.remember_topic(&intent.name);
            }
            self.memory.topic = Some(intent.to.value.clone());
        }
        self.enter(&intent.to.value)
    }

    /// Nothing that is known was asked: a value may go on with the subject, or start one.
    fn go_on(&mut self, near: &[usize]) -> Result<(), Trouble> {
        let script = self.script;
        if let Some(node) = self.memory.resume.take() {
            self.settle();
            self.memory.topic = Some(node.clone());
            return self.enter(&node);
        }
        let few_words = script.matchers[self.language].substance(&self.text) <= 4;
        if let Some(topic) = self.memory.topic.clone().filter(|_| few_words)
            && let Some(node) = script.nodes.get(&topic)
            && node.needs.iter().any(|slot| self.heed(&slot.value, Heed::Needed))
        {
            self.settle();
            return self.enter(&topic);
        }
        // To a question, people tell a value that the answer will need: it is kept, and the question stays.
        if near.is_empty() && few_words && self.keep_for_an_answer() {
            if let Some(taken) = self.promised() {
                return self.take(taken);
            }
            let text = self.own(&script.texts.noted, 0);
            self.keep_proposing(text);
            return Ok(());
        }
        // Announced by its cue, a value says what a letter is about, unless one guess is better than that; several
        // are none.
        let may_be = |node: &str| near.len() != 1 || script.intents[near[0]].to.value == node;
        let announced = self.memory.awaited.is_none();
        if few_words || announced {
            let found = script.slots.iter().find_map(|(name, slot)| {
                let node = slot.leads_to.as_ref()?;
                if !few_words && !may_be(&node.value) {
                    return None;
                }
                let heed = if few_words { Heed::Needed } else { Heed::Unasked };
                self.heed(name, heed).then(|| node.value.clone())
            });
            if let Some(node) = found {
                self.settle();
                if let Some(intent) = script.intents.iter().find(|intent| intent.to.value == node) {
                    self.memory.remember_topic(&intent.name);
                }
                self.memory.topic = Some(node.clone());
                return self.enter(&node);
            }
        }
        if self.memory.pending.is_some() {
            let text = self.own(&script.texts.patience, 0);
            self.acts.push(Act::Say { text, choices: Vec::new() });
            return Ok(());
        }
        if self.count_failure(0) {
            return Ok(());
        }
        let time = usize::from(self.memory.failures.saturating_sub(1));
        if near.is_empty() {
            let number = script.matchers[self.language].says_only_numbers(&self.text);
            let said = if number { &script.texts.number } else { &script.texts.not_understood };
            let text = self.own(said, time);
            if self.memory.offered.is_empty() {
                self.propose(text, &script.menu, Asked::Question);
            } else {
                // The question that was not answered stays.
                self.keep_proposing(text);
            }
        } else {
            let text = self.own(&script.texts.maybe, time);
            self.propose(text, &near[..near.len().min(3)], Asked::Guess);
            self.memory.opening = Some(head(&self.text, limits::HEARD_CHARS).to_owned());
        }
        Ok(())
    }

    /// Takes from the message what a proposed answer will need; true if it says such a value. A value that says which
    /// subject a message is about is kept only where a proposed subject needs it; else it leads to its own.
    fn keep_for_an_answer(&mut self) -> bool {
        let script = self.script;
        if self.memory.offered.is_empty() {
            return false;
        }
        if self.memory.opening.is_some() {
            let leading = script.slots.iter().filter(|(_, slot)| slot.leads_to.is_some());
            for (name, _) in leading {
                if self.memory.offered.iter().any(|offered| self.needs_later(&offered.to, name, 3)) {
                    self.heed(name, Heed::Needed);
                }
            }
        }
        let own: Vec<&String> = self
            .memory
            .offered
            .iter()
            .filter(|offered| offered.intent.is_none())
            .filter_map(|offered| script.nodes.get(&offered.to))
            .flat_map(|node| &node.needs)
            .filter(|slot| {
                !script.slots.get(&slot.value).is_some_and(|slot| matches!(slot.check, Check::Choice(_)))
            })
            .map(|slot| &slot.value)
            .collect();
        for slot in own {
            self.heed(slot, Heed::Needed);
        }
        !self.filled.is_empty()
    }

    /// Whether a slot is needed at a node, or where its own answers lead within a few steps.
    fn needs_later(&self, node: &str, slot: &str, steps: u8) -> bool {
        let Some(node) = self.script.nodes.get(node).filter(|_| steps > 0) else { return false };
        let answers = node.choices.iter().filter(|choice| choice.intent.is_none());
        let next = answers.filter_map(|choice| choice.to.as_ref()).chain(&node.to);
        node.needs.iter().any(|needed| needed.value == slot)
            || next.into_iter().any(|to| self.needs_later(&to.value, slot, steps - 1))
    }

    /// The proposed yes that needs a value which this message gives, if no other answer does: an address is a clear
    /// yes to "Shall we send it to you?".
    fn promised(&self) -> Option<Offered> {
        let lang = &self.script.languages[self.language];
        let needs = |offered: &&Offered| {
            let node = self.script.nodes.get(&offered.to);
            node.is_some_and(|node| node.needs.iter().any(|slot| self.filled.contains(&slot.value)))
        };
        let mut all = self.memory.offered.iter().filter(needs);
        let only = all.next().filter(|_| all.next().is_none())?;
        (assent::label_says(lang, &only.label) == Some(Assent::Yes)).then(|| only.clone())
    }

    /// One more message that went wrong; true if it was one too many and a person takes over. `more` is what is
    /// granted beyond the script's patience.
    fn count_failure(&mut self, more: u8) -> bool {
        self.acts.push(Act::NotUnderstood);
        self.memory.failures = self.memory.failures.saturating_add(1);
        self.memory.not_understood = Some(quote(&self.text));
        if self.memory.failures < self.script.patience.saturating_add(more) {
            return false;
        }
        let text = self.own(&self.script.texts.stuck, 0);
        self.acts.push(Act::Say { text, choices: Vec::new() });
        self.hand_over(None, ReasonCode::BotFailure, "", "");
        true
    }

    /// The conversation is on a clear path: nothing is awaited any more.
    pub(crate) fn settle(&mut self) {
        self.memory.failures = 0;
        self.memory.awaited = None;
        self.memory.offered.clear();
        self.memory.asked = Asked::Nothing;
        self.memory.opening = None;
        self.memory.pending = None;
        self.memory.resume = None;
        self.memory.not_understood = None;
    }
}

/// Folded, one space between words.
pub(crate) fn plain(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
