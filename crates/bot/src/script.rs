//! A script that was read and checked.

use crate::condition::Condition;
use crate::hearing::{self, Weight, Wish};
use crate::matcher::Matcher;
use crate::request::Action;
use crate::slot::Slot;
use crate::template::Template;
use crate::{checks, grammar};
use conversation::{Lang, QueueId, ReasonCode};
use settings::{Problem, Problems, Written};
use std::collections::BTreeMap;

/// Values that the configuration gives to a script's `[variables]`, by name.
pub type Variables = BTreeMap<String, String>;

/// Texts by language (in the order of the script's languages), each with its variants.
pub(crate) type Said = Vec<Vec<Template>>;

/// A bot: what it listens for, what it says, what it may call, when it hands over. Immutable; what it knows of a
/// conversation is a [`crate::Memory`].
#[derive(Debug)]
pub struct Script {
    pub(crate) languages: Vec<Lang>,
    pub(crate) name: Vec<String>,
    pub(crate) greeting: Vec<String>,
    /// Where conversations go that no node has sent elsewhere.
    pub(crate) queue: QueueId,
    /// Messages in a row that may go wrong; with the last of them the bot hands over.
    pub(crate) patience: u8,
    /// The node of the offer of a person.
    pub(crate) human: Option<Written<String>>,
    pub(crate) texts: Texts,
    pub(crate) slots: BTreeMap<String, Slot>,
    pub(crate) intents: Vec<Intent>,
    /// Intents that are proposed when nothing was understood.
    pub(crate) menu: Vec<usize>,
    pub(crate) nodes: BTreeMap<String, Node>,
    pub(crate) actions: BTreeMap<String, Action>,
    /// By language.
    pub(crate) matchers: Vec<Matcher>,
}

/// What the bot says by itself, at no node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    pub(crate) introduction: Said,
    pub(crate) not_understood: Said,
    pub(crate) maybe: Said,
    pub(crate) which: Said,
    /// A yes where several answers are proposed.
    pub(crate) choose: Said,
    /// A value where an answer was awaited.
    pub(crate) noted: Said,
    /// A no to a guess.
    pub(crate) denied: Said,
    /// A number that nobody asked for.
    pub(crate) number: Said,
    /// The same answer twice.
    pub(crate) again: Said,
    /// Small talk in circles: offers a person.
    pub(crate) offer: Said,
    pub(crate) wrong: Said,
    pub(crate) patience: Said,
    pub(crate) stuck: Said,
    pub(crate) failure: Said,
    pub(crate) circles: Said,
    pub(crate) handing_over: Said,
    /// The offer of a person, by language.
    pub(crate) human: Vec<String>,
}

/// Something that customers want.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) name: String,
    /// What it is called in a choice, by language; empty where it is never proposed.
    pub(crate) label: Vec<String>,
    pub(crate) to: Written<String>,
    pub(crate) weight: Weight,
    /// 'I do not have it': leads to the awaited slot's `without`.
    pub(crate) without: bool,
    /// By language.
    pub(crate) examples: Vec<Vec<Written<String>>>,
    /// By language.
    pub(crate) patterns: Vec<Vec<Written<regex::Regex>>>,
    /// Phrases (see `evidence`) of which one must stand in a text for the intent to be heard, by language.
    pub(crate) needs: Vec<Vec<Written<String>>>,
    /// Sentences that are not it, by language.
    pub(crate) unless: Vec<Vec<Written<String>>>,
}

/// A step of the script. In this order: slots are asked for, the action is called, branches are tried, the text
/// is said, and then the conversation is handed over, closed, goes on to another node, or waits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) needs: Vec<Written<String>>,
    pub(crate) set: BTreeMap<String, String>,
    /// Slots that the message fills if it says them; nobody is asked.
    pub(crate) takes: Vec<Written<String>>,
    pub(crate) forget: Vec<Written<String>>,
    pub(crate) call: Option<Written<String>>,
    pub(crate) branches: Vec<Branch>,
    pub(crate) say: Option<Said>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) hand_over: Option<HandOver>,
    pub(crate) close: bool,
    pub(crate) to: Option<Written<String>>,
    /// Its text says who is speaking, so that the introduction is not put before it.
    pub(crate) introduces: bool,
    /// Advisors may return conversations here; no other way need lead to it.
    pub(crate) entry: bool,
}

/// Where to go if something holds.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) line: u32,
    pub(crate) condition: Condition,
    pub(crate) to: Written<String>,
}

/// An answer that is proposed.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) line: u32,
    /// By language; empty where it is the intent's own label.
    pub(crate) label: Vec<String>,
    pub(crate) to: Option<Written<String>>,
    pub(crate) intent: Option<Written<String>>,
    pub(crate) set: BTreeMap<String, String>,
    /// The stems of what people say instead of the label, by language; each entry is one phrase.
    pub(crate) phrases: Vec<Vec<Vec<String>>>,
}

/// How a node gives the conversation to people.
#[derive(Clone, Debug)]
pub(crate) struct HandOver {
    pub(crate) queue: Option<QueueId>,
    pub(crate) code: ReasonCode,
    pub(crate) note: Option<Said>,
}

/// What the script makes of a text taken alone: for tests and for people who write scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Understood<'a> {
    /// One intent.
    Intent(&'a str),
    /// Several; the bot asks which.
    Several(Vec<&'a str>),
    /// Nothing.
    Nothing,
}

impl Script {
    /// Reads and checks a script. The script is there if no problem is an error; the warnings come along.
    pub fn compile(file: &str, text: &str) -> (Option<Script>, Vec<Problem>) {
        Self::compile_with(file, text, &Variables::new())
    }

    /// The same, with values for the script's `[variables]` from the configuration; names that the script does
    /// not declare are left alone, since one configuration serves several scripts.
    pub fn compile_with(file: &str, text: &str, variables: &Variables) -> (Option<Script>, Vec<Problem>) {
        let problems = Problems::new();
        let script = grammar::read(file, text, variables, &problems);
        let script = script.filter(|script| {
            checks::names(script, file, &problems);
            !problems.has_errors()
        });
        if let Some(script) = &script {
            checks::sense(script, file, &problems);
        }
        (script, problems.into_sorted())
    }

    /// The languages that it speaks, the first being the one for everybody else.
    pub fn languages(&self) -> &[Lang] {
        &self.languages
    }

    /// The name that the bot is shown under.
    pub fn name(&self, lang: &Lang) -> &str {
        self.name.get(self.language(lang)).map_or("", String::as_str)
    }

    /// What is shown before anything was said; it says that it is a bot.
    pub fn greeting(&self, lang: &Lang) -> &str {
        self.greeting.get(self.language(lang)).map_or("", String::as_str)
    }

    /// The queues that it hands over to, each once, for the configuration to check.
    pub fn queues(&self) -> Vec<&QueueId> {
        let named = self.nodes.values().filter_map(|node| node.hand_over.as_ref()?.queue.as_ref());
        let mut all: Vec<&QueueId> = std::iter::once(&self.queue).chain(named).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The nodes by name, for an advisor who returns a conversation.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(String::as_str)
    }

    /// What a text means, taken alone.
    pub fn understand(&self, text: &str, lang: &Lang) -> Understood<'_> {
        match self.wish(text, self.language(lang)) {
            Wish::One(at) => Understood::Intent(&self.intents[at].name),
            Wish::Which(several) => {
                Understood::Several(several.into_iter().map(|at| self.intents[at].name.as_str()).collect())
            }
            Wish::Unknown(_) => Understood::Nothing,
        }
    }

    /// The surest intents of a text with their scores, 0–1, for people who write scripts.
    pub fn scores(&self, text: &str, lang: &Lang) -> Vec<(&str, f32)> {
        let heard = self.matchers[self.language(lang)].hear(text);
        heard
            .into_iter()
            .take(5)
            .map(|heard| (self.intents[heard.intent].name.as_str(), heard.score))
            .collect()
    }

    pub(crate) fn wish(&self, text: &str, language: usize) -> Wish {
        let wish = hearing::hear(
            &self.matchers[language],
            text,
            |intent| self.intents[intent].weight,
            |intent| &self.intents[intent].to.value,
        );
        let proposable = |intent: &usize| !self.intents[*intent].label.is_empty();
        match wish {
            Wish::One(intent) => Wish::One(intent),
            Wish::Which(mut several) => {
                several.retain(proposable);
                match several.as_slice() {
                    [] => Wish::Unknown(several),
                    [only] => Wish::One(*only),
                    _ => Wish::Which(several),
                }
            }
            Wish::Unknown(mut near) => {
                near.retain(proposable);
                Wish::Unknown(near)
            }
        }
    }

    /// The position of a language; the first for one that the script does not speak.
    pub(crate) fn language(&self, lang: &Lang) -> usize {
        self.languages.iter().position(|known| known == lang).unwrap_or(0)
    }
}
