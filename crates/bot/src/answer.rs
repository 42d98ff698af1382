//! One turn: something comes in, acts go out, and what must hold of every answer is made to hold.

use crate::hearing::Weight;
use crate::limits;
use crate::memory::{Asked, Memory};
use crate::note;
use crate::request::Method;
use crate::script::Script;
use crate::template::{self, Template};
use crate::turn::{Trouble, Turn};
use conversation::{Lang, Millis, QueueId, ReasonCode};

/// What comes in.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A message of the customer.
    Text(&'a str),
    /// A call has ended. Late and unknown ones are ignored.
    ActionDone {
        /// The `action` of its [`Act::Call`].
        action: &'a str,
        /// The JSON that came back; or why none did, in a few words: `timeout`, `status 404` …
        result: Result<&'a serde_json::Value, &'a str>,
    },
}

/// A request to make. Its address was put together from the script alone, but for encoded slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// How.
    pub method: Method,
    /// Where, at most [`limits::URL_BYTES`].
    pub url: String,
    /// Headers; names and values are the script's own, no text of a customer is in them.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Option<String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Says something, and proposes answers; the last of an answer offers a person.
    Say {
        /// The words: plain text.
        text: String,
        /// The answers that are proposed.
        choices: Vec<String>,
    },
    /// The message was not understood; for the analyzer's context.
    NotUnderstood,
    /// Makes a request, and comes back with [`Input::ActionDone`].
    Call {
        /// Which, with the number of the call: `orders#3`. To be given back as it is; the part before `#` is
        /// the action's name in the script.
        action: String,
        /// What to send.
        request: HttpRequest,
        /// How long it may take.
        timeout_ms: u64,
    },
    /// Gives the conversation to people.
    HandOver {
        /// To which queue; the router's default where the script names none.
        queue: Option<QueueId>,
        /// Why.
        code: ReasonCode,
        /// What the bot has gathered, for the advisor, in the customer's language.
        note: String,
    },
    /// Ends the conversation; the customer got what they came for.
    Close,
}

impl Script {
    /// Answers. Nothing to do comes back only for the result of a call that nobody waits for any more.
    pub fn answer(&self, memory: &mut Memory, input: Input<'_>, lang: &Lang, now: Millis) -> Vec<Act> {
        let language = match &memory.lang {
            Some(written) => self.languages.iter().position(|known| known == written).unwrap_or(0),
            None => self.language(lang),
        };
        let text = match input {
            Input::Text(text) => Some(template::cut(text, conversation::limits::TEXT_CHARS)),
            Input::ActionDone { .. } => None,
        };
        let mut turn = Turn::new(self, memory, language, text.unwrap_or_default(), now);
        let done = match input {
            Input::Text(_) => turn.listen(),
            Input::ActionDone { action, result } => {
                if turn.memory.pending.as_ref().is_none_or(|pending| pending.ticket != action) {
                    return Vec::new();
                }
                turn.action_done(action, result)
            }
        };
        turn.finish(done)
    }

    /// An advisor returns the conversation, and the customer is told that the bot is back: it does not introduce
    /// itself once more. It keeps what it has gathered, forgets where it was, and goes on
    /// at the node, if one is named, with the customer's next message, unless that message asks for something.
    pub fn resume_at(&self, memory: &mut Memory, node: Option<&str>) {
        memory.said_hello = true;
        memory.opening = None;
        memory.asked = Asked::Nothing;
        memory.node = None;
        memory.topic = None;
        memory.awaited = None;
        memory.offered.clear();
        memory.failures = 0;
        memory.pending = None;
        memory.last_answers.clear();
        memory.not_understood = None;
        memory.resume = node.map(str::to_owned);
    }
}

impl Turn<'_, '_> {
    /// Makes the answer what every answer is: not empty, not the same for ever, signed, with a way to a person.
    fn finish(mut self, done: Result<(), Trouble>) -> Vec<Act> {
        if let Err(trouble) = done {
            self.fail(&trouble.to_string());
        } else if self.acts.iter().all(|act| matches!(act, Act::NotUnderstood)) {
            self.fail("the answer was empty");
        }
        self.break_circles();
        self.introduce();
        self.offer_a_person();
        if self.handed_over() || self.acts.contains(&Act::Close) {
            self.memory.pending = None;
            self.memory.awaited = None;
            self.memory.offered.clear();
            self.memory.asked = Asked::Nothing;
            self.memory.failures = 0;
        }
        self.acts
    }

    fn handed_over(&self) -> bool {
        self.acts.iter().any(|act| matches!(act, Act::HandOver { .. }))
    }

    /// Law 9: what was about to be said is dropped, and a person takes over.
    fn fail(&mut self, trouble: &str) {
        self.acts.retain(|act| matches!(act, Act::NotUnderstood));
        let text = self.own(&self.script.texts.failure, 0);
        self.acts.push(Act::Say { text, choices: Vec::new() });
        self.hand_over(None, ReasonCode::BotFailure, "", trouble);
    }

    pub(crate) fn hand_over(&mut self, queue: Option<&QueueId>, code: ReasonCode, own: &str, trouble: &str) {
        let note = note::write(self.script, self.memory, self.language, self.now, own, trouble);
        let queue = Some(queue.unwrap_or(&self.script.queue).clone());
        self.acts.push(Act::HandOver { queue, code, note });
    }

    fn break_circles(&mut self) {
        if self.handed_over() || self.acts.contains(&Act::Close) {
            return;
        }
        let (mut circles, mut again, mut tired) = (false, false, false);
        let last = self.acts.iter().rposition(|act| matches!(act, Act::Say { .. }));
        for (at, act) in self.acts.iter().enumerate() {
            if let Act::Say { text, .. } = act {
                let asked_for = self.asked_for.as_deref().filter(|_| Some(at) == last);
                let before = self.memory.remember_answer(asked_for.unwrap_or(text));
                circles |= before.in_all >= limits::SAME_ANSWER && !self.small;
                tired |= (before.at_once || before.lately >= limits::SAME_ANSWER) && self.small;
                again |= before.at_once && !self.small;
            }
        }
        if tired {
            let text = self.own(&self.script.texts.offer, 0);
            self.acts.retain(|act| matches!(act, Act::NotUnderstood));
            self.acts.push(Act::Say { text, choices: Vec::new() });
            self.memory.offered.clear();
            self.memory.awaited = None;
            self.memory.asked = Asked::Person;
        } else if again && !circles && self.told && self.memory.awaited.is_none() {
            let other = self.own(&self.script.texts.again, 0);
            if let Some(Act::Say { text, .. }) =
                self.acts.iter_mut().rev().find(|act| matches!(act, Act::Say { .. }))
            {
                *text = other;
            }
        }
        if circles {
            self.acts.retain(|act| matches!(act, Act::NotUnderstood));
            let text = self.own(&self.script.texts.circles, 0);
            self.acts.push(Act::Say { text, choices: Vec::new() });
            self.hand_over(None, ReasonCode::BotLoop, "", "");
        }
    }

    fn introduce(&mut self) {
        if self.memory.said_hello {
            return;
        }
        let introduction = self.own(&self.script.texts.introduction, 0);
        let introduced = self.introduced;
        if let Some(Act::Say { text, .. }) = self.acts.iter_mut().find(|act| matches!(act, Act::Say { .. })) {
            if !introduced {
                *text = format!("{introduction}\n{text}");
            }
            self.memory.said_hello = true;
        }
    }

    fn offer_a_person(&mut self) {
        if self.handed_over() || self.acts.contains(&Act::Close) {
            return;
        }
        // Only the last words wait for an answer.
        let last = self.acts.iter().rposition(|act| matches!(act, Act::Say { .. })).unwrap_or_default();
        for act in &mut self.acts[..last] {
            if let Act::Say { choices, .. } = act {
                choices.clear();
            }
        }
        let human = self.script.texts.human.get(self.language).cloned().unwrap_or_default();
        if let Some(Act::Say { choices, .. }) =
            self.acts.iter_mut().rev().find(|act| matches!(act, Act::Say { .. }))
            && !choices.contains(&human)
        {
            choices.push(human);
        }
    }

    /// A text of the bot itself; the last variant serves for all later times.
    pub(crate) fn own(&self, said: &[Vec<Template>], time: usize) -> String {
        let Some(variants) = said.get(self.language) else { return String::new() };
        let Some(template) = variants.get(time.min(variants.len().saturating_sub(1))) else {
            return String::new();
        };
        template.fill(|hole| self.shown(hole).or_else(|| Some(String::new()))).unwrap_or_default()
    }

    pub(crate) fn is_small(&self, intent: usize) -> bool {
        self.script.intents.get(intent).is_some_and(|intent| intent.weight == Weight::Small)
    }
}
