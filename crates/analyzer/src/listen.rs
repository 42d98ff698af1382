//! Listening: one customer's turn, in the context of the conversation, to a score with its evidence.

use crate::context::{Before, Context, Replier};
use crate::lexicon::{Effect, Lexicon, Problem, Touch};
use crate::math;
use crate::model::Model;
use crate::pattern::{self, Item, Match};
use crate::signal::{Heard, SignalKind};
use crate::text::{self, Text, TokenKind};
use crate::typing;
use crate::{embedded, hash};
use serde::Serialize;
use std::sync::Arc;

/// Facts of the context that add to the score.
pub(crate) const TERMS: usize = 6;
const TERM_NAMES: [&str; TERMS] =
    ["mood_before", "same_question", "bot_failures", "bot_loop", "earlier_contacts", "advisor_replied"];

/// Listens. Immutable and cheap to clone; all that changes is the [`Context`] of each conversation.
#[derive(Clone, Debug)]
pub struct Analyzer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    model: Model,
    lexicons: Vec<Lexicon>,
    any: Lexicon,
}

/// What was heard in one customer's turn. `intercept`, the signals' weights and the context's terms sum to the
/// log-odds of `frustration`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// The language it was read in.
    pub lang: String,
    /// 0–1, calibrated: of the turns with 0.8, 8 in 10 are frustrated.
    pub frustration: f32,
    /// Change over the last turns, −1 – 1; positive when it gets worse.
    pub trend: f32,
    /// What was heard, in the order of the message.
    pub signals: Vec<Heard>,
    /// The log-odds before anything was heard.
    pub intercept: f32,
    /// What is no span of the message: facts of the conversation, and the rest of the wording.
    pub context_terms: Vec<(&'static str, f32)>,
    /// Whether the customer asks for a human.
    pub wants_human: bool,
}

impl Analysis {
    /// The score before it was squeezed into 0–1.
    pub fn log_odds(&self) -> f32 {
        self.intercept
            + self.signals.iter().map(|heard| heard.weight).sum::<f32>()
            + self.context_terms.iter().map(|(_, weight)| weight).sum::<f32>()
    }
}

impl Analyzer {
    /// With the embedded model and the embedded lexicons.
    pub fn embedded() -> Analyzer {
        match Analyzer::with(None, &[]) {
            Ok(analyzer) => analyzer,
            Err(problems) => {
                unreachable!("the embedded lexicons and model are checked by tests: {problems:?}")
            }
        }
    }

    /// With another model (`None`: the embedded one) and other lexicons (file name and text; none: the embedded
    /// ones). All that is wrong is said at once.
    pub fn with(model: Option<&[u8]>, lexicons: &[(&str, &str)]) -> Result<Analyzer, Vec<Problem>> {
        let _ = model;
        let sources = if lexicons.is_empty() { embedded::LEXICONS } else { lexicons };
        let mut problems = Vec::new();
        let mut read: Vec<Lexicon> = Vec::new();
        for (file, source) in sources {
            match Lexicon::parse(file, source) {
                Ok(lexicon) if read.iter().any(|other| other.lang == lexicon.lang) => {
                    problems.push(Problem {
                        file: (*file).to_owned(),
                        line: 0,
                        message: format!("a second lexicon for `{}`", lexicon.lang),
                        suggestion: Some("put its entries into the first".into()),
                    })
                }
                Ok(lexicon) => read.push(lexicon),
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let any = match read.iter().position(|lexicon| lexicon.lang == "any") {
            Some(place) => read.remove(place),
            None => Lexicon::parse("any", "lang = \"any\"")?,
        };
        if read.is_empty() {
            return Err(vec![Problem {
                file: "lexicons".into(),
                line: 0,
                message: "there is no lexicon of any language".into(),
                suggestion: Some("give at least one, for example fr.toml".into()),
            }]);
        }
        Ok(Analyzer { inner: Arc::new(Inner { model: Model::by_hand(), lexicons: read, any }) })
    }

    /// The version of the model in use.
    pub fn model_version(&self) -> &str {
        &self.inner.model.version
    }

    /// Hears a customer's turn: `lang` is what the site or the browser says, a hint only; `at_ms` its time.
    pub fn customer_turn(
        &self,
        context: &mut Context,
        text: &str,
        lang: Option<&str>,
        at_ms: Option<u64>,
    ) -> Analysis {
        let inner = &*self.inner;
        let read = text::read(text);
        let lexicon = inner.lexicon(&read, context, lang);
        let items = inner.items(&read, lexicon);
        let before = context.hear(
            &items,
            |item| item.form.len() > 3 && !lexicon.common.contains_key(&item.hash),
            at_ms,
        );
        let (mut signals, mut wants_human) = inner.signals(&read, &items, lexicon);
        let mut terms = Vec::new();
        let mut logit = inner.model.intercept;
        logit += signals.iter().map(|heard| heard.weight).sum::<f32>();
        let words = logit;
        for (index, value) in context_values(context, &before).into_iter().enumerate() {
            let weight = value * inner.model.context[index];
            if weight != 0.0 {
                terms.push((TERM_NAMES[index], weight));
                logit += weight;
            }
        }
        signals.sort_by_key(|heard| (heard.start, heard.end));
        wants_human &= !signals.is_empty();
        let frustration = math::sigmoid(f64::from(logit)) as f32;
        let trend = context.settle(words, frustration, before.similarity, &signals);
        Analysis {
            lang: lexicon.lang.clone(),
            frustration,
            trend,
            signals,
            intercept: inner.model.intercept,
            context_terms: terms,
            wants_human,
        }
    }

    /// Notes what the bot or an advisor replied; `understood` is false where the bot had no answer.
    pub fn reply_turn(
        &self,
        context: &mut Context,
        who: Replier,
        text: &str,
        at_ms: Option<u64>,
        understood: bool,
    ) {
        let read = text::read(text);
        let signature = read
            .tokens
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .fold(1u64, |state, token| hash::pair(state, token.hash)) as u32;
        context.replied(who, signature | 1, at_ms, understood);
    }
}

fn context_values(context: &Context, before: &Before) -> [f32; TERMS] {
    [
        if context.turns > 0 { context.mood.clamp(-3.0, 3.0).max(0.0) } else { 0.0 },
        if before.similarity > 0.6 { before.similarity } else { 0.0 },
        f32::from(context.failures.min(3)),
        f32::from(context.loops.min(3)),
        f32::from(context.earlier_contacts.min(4)),
        f32::from(u8::from(context.replied == Some(Replier::Advisor))),
    ]
}

impl Context {
    /// Notes how the turn was heard; returns the trend.
    fn settle(&mut self, words: f32, frustration: f32, similarity: f32, signals: &[Heard]) -> f32 {
        let first = self.turns == 0;
        let trend = if first { 0.0 } else { frustration - self.level };
        self.level = if first { frustration } else { 0.5 * self.level + 0.5 * frustration };
        self.mood = if first { words } else { 0.5 * self.mood + 0.5 * words };
        self.last = words;
        self.peak = if first { words } else { self.peak.max(words) };
        self.scores = [frustration, self.scores[0]];
        self.turns = self.turns.saturating_add(1);
        self.unanswered = self.unanswered.saturating_add(1);
        self.repeats = if similarity > 0.6 { self.repeats.saturating_add(1) } else { 0 };
        if self.transferred {
            self.lowest = self.lowest.min(self.level);
        }
        if signals.iter().any(|heard| heard.kind == SignalKind::RepeatedContact) {
            self.contacts_told = self.contacts_told.saturating_add(1);
        }
        trend.clamp(-1.0, 1.0)
    }
}

impl Inner {
    /// The lexicon of the language that the message is written in: the most small words, with a head start
    /// for what the conversation was in and for the hint.
    fn lexicon(&self, read: &Text, context: &mut Context, hint: Option<&str>) -> &Lexicon {
        let mut best = (f32::MIN, 0);
        for (index, lexicon) in self.lexicons.iter().enumerate() {
            let mut score = 0.0;
            for token in read.tokens.iter().take(120) {
                if token.kind == TokenKind::Word && lexicon.common.contains_key(&token.hash) {
                    score += 1.0;
                }
            }
            if hint.is_some_and(|hint| hint.get(..2) == Some(lexicon.lang.as_str())) {
                score += 1.2;
            }
            if context.lang.is_some_and(|lang| lang == lexicon.lang.as_bytes()) {
                score += 1.0;
            }
            if score > best.0 {
                best = (score, index);
            }
        }
        let lexicon = &self.lexicons[best.1];
        context.lang = lexicon.lang.as_bytes().try_into().ok();
        lexicon
    }

    fn items<'t>(&self, read: &'t Text, lexicon: &'t Lexicon) -> Vec<Item<'t>> {
        let mut items = Vec::with_capacity(read.tokens.len() + 4);
        for (index, token) in read.tokens.iter().enumerate() {
            let form = read.form(token);
            let word = |form: &'t str, hash: u64| Item {
                form,
                hash,
                stem: hash::bytes(lexicon.stemmer.stem(form).as_bytes()),
                token: index as u32,
                kind: token.kind,
                head: pattern::head(form),
                stops: false,
                comma: false,
                number: lexicon.numbers.contains_key(&hash) || token.kind == TokenKind::Number,
            };
            match token.kind {
                TokenKind::Word | TokenKind::Number => match lexicon.spelling.get(&token.hash) {
                    Some(words) => items.extend(words.iter().map(|(form, hash)| word(form, *hash))),
                    None => items.push(word(form, token.hash)),
                },
                kind => items.push(Item {
                    form,
                    hash: token.hash,
                    stem: token.hash,
                    token: index as u32,
                    kind,
                    head: 0,
                    stops: kind == TokenKind::Break
                        || (kind == TokenKind::Mark && !matches!(form, "," | ":" | "...")),
                    comma: matches!(form, "," | ":" | "..."),
                    number: false,
                }),
            }
        }
        items
    }

    fn signals(&self, read: &Text, items: &[Item<'_>], lexicon: &Lexicon) -> (Vec<Heard>, bool) {
        let mut found = Vec::new();
        let mut kept: Vec<(SignalKind, f32, Match)> = Vec::new();
        let mut not_human = Vec::new();
        let mut not_annoyed = Vec::new();
        let mut reported: Vec<(u32, u32)> = Vec::new();
        for lexicon in [lexicon, &self.any] {
            found.clear();
            lexicon.patterns.find_all(items, &mut found);
            for hit in &found {
                let entry = lexicon.entries[hit.id as usize];
                match entry.effect {
                    Effect::Says(kind) => kept.push((kind, entry.strength, *hit)),
                    Effect::NotHumanRequest => not_human.push((hit.from, hit.to)),
                    Effect::NotAnnoyance => not_annoyed.push((hit.from, hit.to)),
                    Effect::Reports => reported.push((hit.from, sentence_end(items, hit.to))),
                    Effect::AboutOthers => {
                        reported.push((sentence_start(items, hit.from), sentence_end(items, hit.to)));
                    }
                }
            }
        }
        let over =
            |list: &[(u32, u32)], hit: &Match| list.iter().any(|(from, to)| *from < hit.to && hit.from < *to);
        // Of two of the same kind that overlap, the stronger; of two as strong, the longer.
        kept.sort_by(|a, b| {
            (b.1.total_cmp(&a.1))
                .then((b.2.to - b.2.from).cmp(&(a.2.to - a.2.from)))
                .then(a.2.from.cmp(&b.2.from))
        });
        // Thanks that are part of an irony are none.
        let ironies: Vec<(u32, u32)> = kept
            .iter()
            .filter(|(kind, ..)| *kind == SignalKind::Irony)
            .map(|(.., hit)| (hit.from, hit.to))
            .collect();
        kept.retain(|(kind, _, hit)| *kind != SignalKind::Thanks || !over(&ironies, hit));
        let mut heard: Vec<(SignalKind, f32, u32, u32)> = Vec::new();
        let mut taken: Vec<(SignalKind, u32, u32)> = Vec::new();
        let mut wants_human = false;
        for (kind, strength, hit) in kept {
            if taken.iter().any(|(other, from, to)| *other == kind && *from < hit.to && hit.from < *to) {
                continue;
            }
            if kind == SignalKind::HumanRequest && over(&not_human, &hit) {
                continue;
            }
            let negative = !matches!(
                kind,
                SignalKind::Thanks | SignalKind::Calm | SignalKind::HumanRequest | SignalKind::Urgency
            );
            if negative && over(&not_annoyed, &hit) {
                continue;
            }
            taken.push((kind, hit.from, hit.to));
            let mut factor = touched(items, lexicon, &hit);
            let quoted = read.tokens[items[hit.from as usize].token as usize].quoted;
            if quoted || over(&reported, &hit) {
                factor *= 0.35;
                if kind == SignalKind::HumanRequest {
                    factor = 0.0;
                }
            }
            if kind == SignalKind::HumanRequest {
                wants_human |= factor > 0.3;
                factor = factor.min(1.0);
            }
            let (start, end) = (items[hit.from as usize].token, items[hit.to as usize - 1].token + 1);
            heard.push((kind, strength * factor, start, end));
        }
        let mut typed = Vec::new();
        typing::hear(read, items, [&lexicon.names, &self.any.names], &mut typed);
        heard.extend(typed.iter().map(|typed| (typed.kind, typed.strength, typed.from, typed.to)));
        heard.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)).then(a.0.cmp(&b.0)));
        let mut ranks = [0u32; crate::model::KINDS];
        let signals = heard
            .into_iter()
            .map(|(kind, strength, from, to)| {
                // The second of a kind says half as much as the first, the third a quarter.
                let rank = ranks[kind.index()];
                ranks[kind.index()] += 1;
                let fade = 1.0 / (1u32 << rank.min(20)) as f32;
                Heard {
                    kind,
                    weight: strength * fade * self.model.kinds[kind.index()],
                    start: read.tokens[from as usize].start,
                    end: read.tokens[to as usize - 1].end,
                }
            })
            .collect();
        (signals, wants_human)
    }
}

fn sentence_end(items: &[Item<'_>], from: u32) -> u32 {
    items[from as usize..].iter().position(|item| item.stops).map_or(items.len() as u32, |n| from + n as u32)
}

fn sentence_start(items: &[Item<'_>], from: u32) -> u32 {
    items[..from as usize].iter().rposition(|item| item.stops).map_or(0, |n| n as u32 + 1)
}

/// What the words before a match do to its strength.
fn touched(items: &[Item<'_>], lexicon: &Lexicon, hit: &Match) -> f32 {
    let mut factor = 1.0;
    for (distance, item) in items[..hit.from as usize].iter().rev().take(3).enumerate() {
        if item.stops || item.comma {
            break;
        }
        match lexicon.touches.get(&item.hash) {
            Some(Touch::Negation) => return -0.2 * factor,
            Some(Touch::Intensifier) if distance < 2 => factor *= 1.3,
            Some(Touch::Softener) if distance < 2 => factor *= 0.6,
            _ => {}
        }
    }
    factor
}
