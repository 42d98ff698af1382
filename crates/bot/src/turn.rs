//! Walking through the nodes of a script, in one turn.

use crate::answer::{Act, HttpRequest};
use crate::condition::Facts;
use crate::hearing::head;
use crate::limits;
use crate::memory::{Asked, Awaited, Memory, Offered, Pending};
use crate::request::{self, Refused};
use crate::script::{Choice, Node, Script};
use crate::slot::{Check, Heed, Place};
use crate::template::{self, quote};
use conversation::{Lang, Millis, ReasonCode};
use std::collections::BTreeSet;
use std::fmt;

/// What went wrong inside; it ends at a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Node(String),
    Action(String),
    Hole { node: String, slot: String },
    Request { action: String, why: Refused },
    Failed { action: String, why: String },
    Steps,
    Calls,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Node(node) => write!(f, "node {node} is not in the script"),
            Trouble::Action(action) => write!(f, "action {action} is not in the script"),
            Trouble::Hole { node, slot } => write!(f, "node {node} needs slot {slot}, which is empty"),
            Trouble::Request { action, why } => write!(f, "action {action} was not called: {why}"),
            Trouble::Failed { action, why } => write!(f, "action {action} failed: {why}"),
            Trouble::Steps => write!(f, "more than {} nodes in one answer", limits::STEPS),
            Trouble::Calls => write!(f, "more than {} calls for one message", limits::CALLS),
        }
    }
}

/// One turn of one conversation.
pub(crate) struct Turn<'s, 'm> {
    pub(crate) script: &'s Script,
    pub(crate) memory: &'m mut Memory,
    /// Position of the language in the script.
    pub(crate) language: usize,
    pub(crate) now: Millis,
    /// The customer's message; empty for the result of a call.
    pub(crate) text: String,
    /// The message with the values that were found blanked out, so that none fills two slots.
    pub(crate) open_text: String,
    /// Slots that this message filled.
    pub(crate) filled: BTreeSet<String>,
    pub(crate) acts: Vec<Act>,
    /// The answer is small talk, which may repeat itself.
    pub(crate) small: bool,
    /// The slot that the last words ask for, with `?` before it: asking for it once more is the same answer.
    pub(crate) asked_for: Option<String>,
    /// A node of the script says something.
    pub(crate) told: bool,
    /// The customer took an answer in words of their own, which a text slot may keep.
    pub(crate) own_words: bool,
    /// What is said already says that it is a bot.
    pub(crate) introduced: bool,
    steps: usize,
}

impl Facts for Turn<'_, '_> {
    fn slot(&self, name: &str) -> Option<&str> {
        self.memory.slots.get(name).map(String::as_str)
    }
    fn lang(&self) -> &Lang {
        &self.script.languages[self.language]
    }
    fn action(&self, name: &str) -> Option<Result<(), &str>> {
        self.memory.results.get(name).map(|error| error.as_deref().map_or(Ok(()), Err))
    }
    fn greeted(&self) -> bool {
        self.memory.said_hello
    }
}

impl<'s, 'm> Turn<'s, 'm> {
    pub(crate) fn new(
        script: &'s Script,
        memory: &'m mut Memory,
        language: usize,
        text: String,
        now: Millis,
    ) -> Self {
        Self {
            script,
            memory,
            language,
            now,
            open_text: head(&text, limits::HEARD_CHARS).to_owned(),
            text,
            filled: BTreeSet::new(),
            acts: Vec::new(),
            small: false,
            asked_for: None,
            told: false,
            own_words: false,
            introduced: false,
            steps: 0,
        }
    }

    /// Goes to a node and on from there until something has to be waited for.
    pub(crate) fn enter(&mut self, name: &str) -> Result<(), Trouble> {
        self.walk(name, false)
    }

    fn walk(&mut self, name: &str, called: bool) -> Result<(), Trouble> {
        let script = self.script;
        let mut called = called;
        let mut name = name.to_owned();
        loop {
            self.steps += 1;
            if self.steps > limits::STEPS {
                return Err(Trouble::Steps);
            }
            let node = script.nodes.get(&name).ok_or_else(|| Trouble::Node(name.clone()))?;
            self.memory.node = Some(name.clone());
            if !called {
                for slot in &node.forget {
                    self.memory.slots.remove(&slot.value);
                }
                for (slot, value) in &node.set {
                    self.memory.slots.insert(slot.clone(), value.clone());
                }
                for slot in &node.takes {
                    self.heed(&slot.value, Heed::Needed);
                }
                if self.gather(&name, node)? {
                    return Ok(());
                }
                if let Some(action) = &node.call {
                    return self.call(&action.value, &name);
                }
            }
            called = false;
            if let Some(branch) = node.branches.iter().find(|branch| branch.condition.holds(self)) {
                name.clone_from(&branch.to.value);
                continue;
            }
            self.speak(&name, node)?;
            if let Some(hand_over) = &node.hand_over {
                let own = match &hand_over.note {
                    Some(note) => self.own(note, 0),
                    None => String::new(),
                };
                self.hand_over(hand_over.queue.as_ref(), hand_over.code, &own, "");
                return Ok(());
            }
            if node.close {
                self.acts.push(Act::Close);
                return Ok(());
            }
            match &node.to {
                Some(next) => name.clone_from(&next.value),
                None => return Ok(()),
            }
        }
    }

    /// Fills the slots that a node needs, from the message where it says them; asks for the first that is
    /// missing. True if it asked.
    fn gather(&mut self, name: &str, node: &Node) -> Result<bool, Trouble> {
        for slot in &node.needs {
            let is_text = script_text(self.script, &slot.value);
            let heed = if is_text && self.own_words { Heed::Asked } else { Heed::Needed };
            self.heed(&slot.value, heed);
        }
        let Some(missing) = node.needs.iter().find(|slot| !self.memory.slots.contains_key(&slot.value))
        else {
            return Ok(false);
        };
        self.ask(&missing.value, name)?;
        Ok(true)
    }

    /// Looks for a slot's value in the message; true if it is there. A value is used once.
    pub(crate) fn heed(&mut self, slot: &str, heed: Heed) -> bool {
        if self.filled.contains(slot) {
            return true;
        }
        let script = self.script;
        let Some(known) = script.slots.get(slot) else { return false };
        let words = &script.matchers[self.language].words;
        let place = Place { language: self.language, words, now: self.now };
        let Some((value, range)) = known.find(&self.open_text, heed, &place) else { return false };
        self.memory.slots.insert(slot.to_owned(), value);
        self.filled.insert(slot.to_owned());
        let blank = " ".repeat(range.len());
        self.open_text.replace_range(range, &blank);
        true
    }

    /// Asks for a slot on behalf of a node.
    pub(crate) fn ask(&mut self, slot: &str, node: &str) -> Result<(), Trouble> {
        let known = self.script.slots.get(slot);
        let known = known.ok_or_else(|| Trouble::Hole { node: node.to_owned(), slot: slot.to_owned() })?;
        // Asked again without an answer between: in other words, where the script has some.
        let key = format!("?{slot}");
        let again = !self.small && self.memory.said_last(&key);
        let text = self.own(&known.ask, usize::from(self.memory.failures) + usize::from(again));
        self.asked_for = Some(key);
        let choices = known.proposals(self.language);
        self.memory.offered.clear();
        self.memory.asked = Asked::Nothing;
        self.memory.awaited = Some(Awaited { slot: slot.to_owned(), node: node.to_owned() });
        self.acts.push(Act::Say { text, choices });
        Ok(())
    }

    fn speak(&mut self, name: &str, node: &Node) -> Result<(), Trouble> {
        let Some(said) = &node.say else { return Ok(()) };
        let variants = said.get(self.language).map(Vec::as_slice).unwrap_or_default();
        let time = if variants.len() > 1 {
            let count = self.memory.said.entry(name.to_owned()).or_default();
            let time = usize::from(*count);
            *count = count.wrapping_add(1);
            time % variants.len()
        } else {
            0
        };
        if let Some(template) = variants.get(time) {
            let text = template
                .fill(|hole| self.shown(hole))
                .map_err(|slot| Trouble::Hole { node: name.to_owned(), slot })?;
            let offered: Vec<Offered> =
                node.choices.iter().filter_map(|choice| self.offered(choice)).collect();
            let choices = offered.iter().map(|offered| offered.label.clone()).collect();
            self.memory.asked = if text.trim_end().ends_with('?') { Asked::Question } else { Asked::Nothing };
            self.memory.offered = offered;
            self.told = true;
            self.introduced |= node.introduces && !self.acts.iter().any(|act| matches!(act, Act::Say { .. }));
            self.acts.push(Act::Say { text, choices });
        }
        Ok(())
    }

    fn offered(&self, choice: &Choice) -> Option<Offered> {
        let intent = choice
            .intent
            .as_ref()
            .and_then(|name| self.script.intents.iter().find(|known| known.name == name.value));
        let label = choice.label.get(self.language).or_else(|| intent?.label.get(self.language))?.clone();
        let to = choice.to.as_ref().or_else(|| Some(&intent?.to))?.value.clone();
        Some(Offered { label, to, intent: intent.map(|intent| intent.name.clone()), set: choice.set.clone() })
    }

    /// Proposes intents, as answers to a question.
    pub(crate) fn propose(&mut self, text: String, intents: &[usize], asked: Asked) {
        let offered: Vec<Offered> = intents
            .iter()
            .take(limits::CHOICES)
            .filter_map(|at| self.script.intents.get(*at))
            .filter_map(|intent| {
                let label = intent.label.get(self.language)?.clone();
                let to = intent.to.value.clone();
                Some(Offered { label, to, intent: Some(intent.name.clone()), ..Offered::default() })
            })
            .collect();
        let choices = offered.iter().map(|offered| offered.label.clone()).collect();
        self.memory.offered = offered;
        self.memory.asked = asked;
        self.acts.push(Act::Say { text, choices });
    }

    /// Says something before the answers that are proposed already.
    pub(crate) fn keep_proposing(&mut self, text: String) {
        let choices = self.memory.offered.iter().map(|offered| offered.label.clone()).collect();
        self.acts.push(Act::Say { text, choices });
    }

    /// What stands in a hole: a slot as people read it, the quote of the message, the bot's name.
    pub(crate) fn shown(&self, hole: &str) -> Option<String> {
        match hole {
            "quote" => Some(quote(&self.text)),
            "bot" => self.script.name.get(self.language).cloned(),
            slot => {
                let value = self.memory.slots.get(slot)?;
                let known = self.script.slots.get(slot)?;
                Some(known.shown(value, self.language, self.lang(), self.now))
            }
        }
    }

    fn call(&mut self, action: &str, node: &str) -> Result<(), Trouble> {
        let known = self.script.actions.get(action).ok_or_else(|| Trouble::Action(action.to_owned()))?;
        if self.memory.calls_in_a_row >= limits::CALLS {
            return Err(Trouble::Calls);
        }
        let refused = |why| Trouble::Request { action: action.to_owned(), why };
        let slots = &self.memory.slots;
        let value = |slot: &str| slots.get(slot).map(String::as_str);
        let url = known.url.fill(value).map_err(refused)?;
        let body = match &known.body {
            Some(body) => Some(body.fill(&value).map_err(refused)?.to_string()),
            None => None,
        };
        if body.as_ref().is_some_and(|body| body.len() > limits::BODY_BYTES) {
            return Err(refused(Refused::TooLong));
        }
        let request = HttpRequest { method: known.method, url, headers: known.headers.clone(), body };
        self.memory.calls = self.memory.calls.wrapping_add(1);
        self.memory.calls_in_a_row += 1;
        let ticket = format!("{action}#{}", self.memory.calls);
        self.memory.pending = Some(Pending { ticket: ticket.clone(), node: node.to_owned() });
        self.memory.awaited = None;
        self.memory.offered.clear();
        self.acts.push(Act::Call { action: ticket, request, timeout_ms: known.timeout_ms });
        Ok(())
    }

    /// Goes on with the result of the call that was awaited.
    pub(crate) fn action_done(
        &mut self,
        ticket: &str,
        result: Result<&serde_json::Value, &str>,
    ) -> Result<(), Trouble> {
        let Some(pending) = self.memory.pending.take() else { return Ok(()) };
        let script = self.script;
        let name = ticket.split('#').next().unwrap_or_default();
        let action = script.actions.get(name).ok_or_else(|| Trouble::Action(name.to_owned()))?;
        match result {
            Ok(answer) => {
                for (slot, path) in &action.save {
                    let value = request::field(answer, path);
                    match value.and_then(|value| script.slots.get(slot)?.accept(&value)) {
                        Some(value) => self.memory.slots.insert(slot.clone(), value),
                        None => self.memory.slots.remove(slot),
                    };
                }
                self.memory.results.insert(name.to_owned(), None);
                self.walk(&pending.node, true)
            }
            Err(why) => {
                let why = template::cut(why, 80);
                for (slot, _) in &action.save {
                    self.memory.slots.remove(slot);
                }
                self.memory.results.insert(name.to_owned(), Some(why.clone()));
                let node =
                    script.nodes.get(&pending.node).ok_or_else(|| Trouble::Node(pending.node.clone()))?;
                let handled = node
                    .branches
                    .iter()
                    .any(|branch| branch.condition.is_about(name) && branch.condition.holds(self));
                if handled {
                    return self.walk(&pending.node, true);
                }
                match &action.failed {
                    Some(node) => self.enter(&node.value),
                    None => Err(Trouble::Failed { action: name.to_owned(), why }),
                }
            }
        }
    }

    /// The offer of a person was taken, or asked for where the script has no node for it.
    pub(crate) fn call_a_person(&mut self) -> Result<(), Trouble> {
        let script = self.script;
        if let Some(node) = &script.human {
            return self.enter(&node.value);
        }
        let text = self.own(&script.texts.handing_over, 0);
        self.acts.push(Act::Say { text, choices: Vec::new() });
        self.hand_over(None, ReasonCode::ExplicitRequest, "", "");
        Ok(())
    }
}

fn script_text(script: &Script, slot: &str) -> bool {
    script.slots.get(slot).is_some_and(|slot| matches!(slot.check, Check::Text))
}
