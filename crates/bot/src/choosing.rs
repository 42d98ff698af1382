//! Which of the proposed answers the customer takes, and what a yes or a no means.

use crate::answer::Act;
use crate::assent::{self, Assent};
use crate::listening::plain;
use crate::memory::{Asked, Offered};
use crate::phrases::{self, Place};
use crate::turn::{Trouble, Turn};
use crate::words;

impl Turn<'_, '_> {
    /// The customer took one of the proposed answers, or the offer of a person, word for word.
    pub(crate) fn take_label(&mut self, said: &str) -> Option<Result<(), Trouble>> {
        let human = self.script.texts.human.get(self.language)?;
        if plain(human) == said {
            self.settle();
            return Some(self.call_a_person());
        }
        let taken = self.memory.offered.iter().find(|offered| plain(&offered.label) == said)?.clone();
        Some(self.take(taken))
    }

    /// The customer answers the question as people do: by yes or no, by an answer's place or some of its words.
    pub(crate) fn take_referred(&mut self, said: &str) -> Option<Result<(), Trouble>> {
        let lang = &self.script.languages[self.language];
        if let Some(assent) = assent::assent(lang, said) {
            return self.take_assent(assent);
        }
        if let Some(taken) = self.worded().cloned() {
            self.own_words = true;
            return Some(self.take(taken));
        }
        let taken = self.referred(said)?.clone();
        Some(self.take(taken))
    }

    /// Goes where a proposed answer leads.
    pub(crate) fn take(&mut self, taken: Offered) -> Result<(), Trouble> {
        let opening = self.memory.opening.take();
        self.settle();
        self.memory.slots.extend(taken.set);
        if let Some(intent) = &taken.intent {
            self.memory.remember_topic(intent);
        }
        self.memory.topic = Some(taken.to.clone());
        if !self.own_words {
            // The label is the script's text, not the customer's: values are looked for in what it is about.
            self.open_text = opening.unwrap_or_default();
        }
        self.enter(&taken.to)
    }

    /// What a yes or a no means after the bot's question; nothing where it asked none that this answers.
    fn take_assent(&mut self, assent: Assent) -> Option<Result<(), Trouble>> {
        let script = self.script;
        let lang = &script.languages[self.language];
        let says = |offered: &&Offered| assent::label_says(lang, &offered.label);
        if let Some(taken) = self.memory.offered.iter().find(|offered| says(offered) == Some(assent)) {
            let taken = taken.clone();
            return Some(self.take(taken));
        }
        let open = self.memory.offered.iter().filter(|offered| says(offered).is_none()).count();
        match (assent, self.memory.asked) {
            (Assent::Yes, Asked::Person) => {
                self.settle();
                Some(self.call_a_person())
            }
            (Assent::Yes, Asked::Guess) if open == 1 => {
                let taken = self.memory.offered.first()?.clone();
                Some(self.take(taken))
            }
            (Assent::Yes, Asked::Guess | Asked::Question) if open > 0 => {
                let text = self.own(&script.texts.choose, 0);
                self.keep_proposing(text);
                Some(Ok(()))
            }
            (Assent::No, Asked::Guess | Asked::Person) => {
                self.memory.offered.clear();
                self.memory.asked = Asked::Nothing;
                let text = self.own(&script.texts.denied, 0);
                self.acts.push(Act::Say { text, choices: Vec::new() });
                Some(Ok(()))
            }
            _ => None,
        }
    }

    /// The proposed answer whose `words` the message has; the longest phrase decides.
    fn worded(&self) -> Option<&Offered> {
        let node = self.script.nodes.get(self.memory.node.as_ref()?)?;
        let stems = self.script.matchers[self.language].words.stems_of(&self.text);
        let mut best: Option<(usize, &Offered)> = None;
        for offered in &self.memory.offered {
            let written = node.choices.iter().find(|choice| {
                choice.label.get(self.language) == Some(&offered.label)
                    || choice.intent.as_ref().is_some_and(|own| Some(&own.value) == offered.intent.as_ref())
            });
            let Some(phrases) = written.and_then(|choice| choice.phrases.get(self.language)) else {
                continue;
            };
            let Some(length) = words::longest(phrases, &stems) else { continue };
            if best.is_none_or(|(most, _)| length > most) {
                best = Some((length, offered));
            }
        }
        best.map(|(_, offered)| offered)
    }

    /// The proposed answer that the customer refers to by its place or by some of its words.
    fn referred(&self, said: &str) -> Option<&Offered> {
        let offered = &self.memory.offered;
        if offered.is_empty() || said.is_empty() {
            return None;
        }
        if let Ok(number) = said.parse::<usize>() {
            return offered.get(number.checked_sub(1)?);
        }
        let lang = &self.script.languages[self.language];
        if let Some(place) = phrases::place(lang, said) {
            return match place {
                Place::From(place) => offered.get(place),
                Place::Last => offered.last(),
            };
        }
        let matcher = &self.script.matchers[self.language];
        let words: Vec<String> = matcher
            .words
            .cut(said)
            .into_iter()
            .map(|word| word.stem)
            .filter(|stem| stem.chars().count() > 2)
            .collect();
        if words.is_empty() || words.len() > 4 {
            return None;
        }
        let mut fits = offered.iter().filter(|offered| {
            let label = matcher.words.stems_of(&offered.label);
            words.iter().all(|word| label.contains(word))
        });
        let first = fits.next()?;
        fits.next().is_none().then_some(first)
    }
}
