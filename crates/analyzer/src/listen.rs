//! Listening: one customer's turn, in the context of the conversation, to a score with its evidence.

use crate::context::{Context, Facts, Replier, Reply, Settled, TERM_NAMES};
use crate::encoder::{self, Encoder, HIDDEN};
use crate::evidence::{self, Evidence, Ground, PLAIN_REPROACH};
use crate::general::General;
use crate::lexicon::{Effect, Lexicon, Problem};
use crate::model::Model;
use crate::offer::{self, Offer};
use crate::pattern::{Item, Near};
use crate::reading::{self, Lexicons};
use crate::signal::{Heard, SignalKind};
use crate::text::{self, Text, TokenKind};
use crate::vocabulary::Vocabulary;
use crate::wording::{self, Feature};
use crate::{embedded, hash, math};
use serde::Serialize;
use std::sync::Arc;

/// Signals that one analysis lists; what weaker ones add is told as `other_wording`.
pub const MAX_SIGNALS: usize = 24;
/// What the wording of a word must add to be listed.
const NOTABLE: f32 = 0.12;

/// How far over one half a plain reproach carries the score by itself, in log-odds for each point of its strength.
const PLAIN_MARGIN: f32 = 0.8;

/// Listens. Immutable and cheap to clone; all that changes is the [`Context`] of each conversation.
#[derive(Clone, Debug)]
pub struct Analyzer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    model: Model,
    encoder: Arc<Encoder>,
    general: Arc<General>,
    lexicons: Arc<Lexicons>,
    any: Arc<Lexicon>,
    vocabulary: Vocabulary,
}

/// What was heard in one customer's turn. `intercept`, the signals' weights and the context's terms sum to the
/// log-odds of `frustration`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// The language it was read in.
    pub lang: String,
    /// 0–1, calibrated: of the turns with 0.8, 8 in 10 are frustrated.
    pub frustration: f32,
    /// Change against the last turns, −1 – 1; positive when it gets worse.
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

/// A turn taken apart, before any weight: what learning sees.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub evidence: Evidence,
    /// The wording as features; learning only.
    pub features: Vec<Feature>,
    /// The encoder's numbers of the whole message; learning only.
    pub hidden: [f32; HIDDEN],
    pub facts: Facts,
    /// Whether words for people stand in it, or answer an offer of them.
    pub people: bool,
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
        let mut problems = Vec::new();
        let model = Model::read(model.unwrap_or(embedded::MODEL)).unwrap_or_else(|message| {
            problems.push(Problem {
                file: "model".into(),
                line: 0,
                message,
                suggestion: Some("`relais train` makes one".into()),
            });
            Model::by_hand()
        });
        let analyzer = Analyzer::assemble(model, lexicons);
        match analyzer {
            Ok(analyzer) if problems.is_empty() => Ok(analyzer),
            Ok(_) => Err(problems),
            Err(more) => Err(problems.into_iter().chain(more).collect()),
        }
    }

    /// With the lexicons' strengths alone: what learning begins with.
    pub fn without_model(lexicons: &[(&str, &str)]) -> Result<Analyzer, Vec<Problem>> {
        Analyzer::assemble(Model::by_hand(), lexicons)
    }

    /// The same lexicons with another model.
    pub fn with_model(&self, model: Model) -> Analyzer {
        let Inner { encoder, general, lexicons, any, .. } = &*self.inner;
        let (encoder, general) = (encoder.clone(), general.clone());
        let (lexicons, any) = (lexicons.clone(), any.clone());
        Analyzer::of(model, encoder, general, lexicons, any)
    }

    fn of(
        model: Model,
        encoder: Arc<Encoder>,
        general: Arc<General>,
        lexicons: Arc<Lexicons>,
        any: Arc<Lexicon>,
    ) -> Analyzer {
        let vocabulary = Vocabulary::of(&model, lexicons.all(), &any, &encoder);
        Analyzer { inner: Arc::new(Inner { model, encoder, general, lexicons, any, vocabulary }) }
    }

    /// With a model that is in memory already.
    pub(crate) fn assemble(model: Model, lexicons: &[(&str, &str)]) -> Result<Analyzer, Vec<Problem>> {
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
        let Some(encoder) = Encoder::read(embedded::ENCODER).map(Arc::new) else {
            unreachable!("the embedded encoder is checked by tests");
        };
        let Some(general) = General::read(embedded::GENERAL).map(Arc::new) else {
            unreachable!("the embedded head is checked by tests");
        };
        if model.encoder != 0 && model.encoder != encoder.sum {
            return Err(vec![Problem {
                file: "model".into(),
                line: 0,
                message: "this model was made for another encoder than the one of this version".into(),
                suggestion: Some("make it again with `relais train`".into()),
            }]);
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
        let (lexicons, any) = (Arc::new(Lexicons::new(read)), Arc::new(any));
        Ok(Analyzer::of(model, encoder, general, lexicons, any))
    }

    /// The version of the model in use.
    pub fn model_version(&self) -> &str {
        &self.inner.model.version
    }

    /// The languages that there is a lexicon for, in two letters.
    pub fn languages(&self) -> Vec<&str> {
        self.inner.lexicons.all().iter().map(|lexicon| lexicon.lang.as_str()).collect()
    }

    /// The encoder in use.
    pub(crate) fn encoder(&self) -> &Encoder {
        &self.inner.encoder
    }

    /// What is known of annoyance in general.
    pub(crate) fn general(&self) -> &General {
        &self.inner.general
    }

    /// The model in use.
    pub fn model(&self) -> &Model {
        &self.inner.model
    }

    /// The words of a message as they are read: folded, spelling put right, marks included.
    pub fn words(&self, text: &str, lang: Option<&str>) -> Vec<String> {
        let inner = &*self.inner;
        let read = text::read(text);
        let lexicon = inner.lexicons.choose(&read, &mut Context::default(), |_| lang);
        reading::items(&read, lexicon, None).iter().map(|item| item.form.to_owned()).collect()
    }

    /// The entries of the lexicons that a message holds, before conflicts are settled: what each does, and its
    /// pattern as it was written.
    pub fn entries(&self, text: &str, lang: Option<&str>) -> Vec<(Effect, &str)> {
        let inner = &*self.inner;
        let read = text::read(text);
        let lexicon = inner.lexicons.choose(&read, &mut Context::default(), |_| lang);
        let items = reading::items(&read, lexicon, None);
        let mut entries = Vec::new();
        for lexicon in [lexicon, &*inner.any] {
            let mut found = Vec::new();
            lexicon.patterns.find_all(&items, |_| None, &mut found);
            for hit in found {
                let entry = &lexicon.entries[hit.id as usize];
                entries.push((entry.effect, entry.written.as_str()));
            }
        }
        entries
    }

    /// Hears a customer's turn: `lang` is what the site or the browser says, a hint only (else the text itself is asked); `at_ms` its time.
    pub fn customer_turn(
        &self,
        context: &mut Context,
        text: &str,
        lang: Option<&str>,
        at_ms: Option<u64>,
    ) -> Analysis {
        let inner = &*self.inner;
        let read = text::read(text);
        let told = |context: &Context| lang.or_else(|| reading::detected(text, context));
        let lexicon = inner.lexicons.choose(&read, context, told);
        let items = reading::items(&read, lexicon, Some(&inner.vocabulary));
        let observation = inner.observe(&read, &items, lexicon, context, at_ms);
        inner.weigh(&read, &items, lexicon, &observation, context)
    }

    /// Takes a turn apart without weighing it; the caller settles the context.
    pub(crate) fn observe(
        &self,
        context: &mut Context,
        text: &str,
        lang: Option<&str>,
        at_ms: Option<u64>,
        note: &mut dyn FnMut(&str, &str),
    ) -> Observation {
        let inner = &*self.inner;
        let read = text::read(text);
        let lexicon = inner.lexicons.choose(&read, context, |_| lang);
        let items = reading::items(&read, lexicon, None);
        for item in &items {
            if item.kind == TokenKind::Word && item.form != "##" {
                note(&lexicon.lang, item.form);
            }
        }
        let mut observation = inner.observe(&read, &items, lexicon, context, at_ms);
        wording::features(&items, &observation.facts, &mut observation.features);
        let scale = inner.encoder.scale(items.len());
        inner.encoder.walk(&items, &inner.vocabulary, |_, sums| {
            for (sum, number) in observation.hidden.iter_mut().zip(encoder::numbers(sums, scale)) {
                *sum += number;
            }
        });
        observation
    }

    /// Notes what the bot or an advisor replied; `understood` is false where the bot had no answer. A reply of
    /// the bot that says so in its words counts as none, too.
    pub fn reply_turn(
        &self,
        context: &mut Context,
        who: Replier,
        text: &str,
        at_ms: Option<u64>,
        understood: bool,
    ) {
        let inner = &*self.inner;
        let read = text::read(text);
        let signature = read
            .tokens
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .fold(1u64, |state, token| hash::pair(state, token.hash)) as u32;
        let before = context.lang;
        let lexicon = inner.lexicons.choose(&read, context, |_| None);
        context.lang = before;
        let items = reading::items(&read, lexicon, Some(&inner.vocabulary));
        let mut found = Vec::new();
        lexicon.replies.find_all(&items, |_| None, &mut found);
        let says = |effect| found.iter().any(|hit| lexicon.entries[hit.id as usize].effect == effect);
        let reply = Reply {
            who,
            signature: signature | 1,
            understood: understood && !(who == Replier::Bot && says(Effect::BotFails)),
            apologises: says(Effect::Apologises),
            asks: offer::asks(&items),
            offer: if who == Replier::Bot { Offer::of(&items, lexicon) } else { Offer::default() },
        };
        context.answered(reply, at_ms);
    }
}

impl Inner {
    fn observe(
        &self,
        read: &Text,
        items: &[Item<'_>],
        lexicon: &Lexicon,
        context: &mut Context,
        at_ms: Option<u64>,
    ) -> Observation {
        let common = |item: &Item<'_>| match item.known {
            Some(known) => known.common(),
            None => lexicon.common.contains_key(&item.hash),
        };
        let carries = |item: &Item<'_>| item.form.len() > 3 && !common(item);
        let facts = context.hear(items, carries, at_ms);
        let evidence = evidence::collect(read, items, [lexicon, &self.any], &self.vocabulary);
        let people =
            facts.offer.kind != offer::Kind::None || items.iter().any(|item| item.near == Near::People);
        Observation { evidence, features: Vec::new(), hidden: [0.0; HIDDEN], facts, people }
    }

    fn weigh(
        &self,
        read: &Text,
        items: &[Item<'_>],
        lexicon: &Lexicon,
        seen: &Observation,
        context: &mut Context,
    ) -> Analysis {
        let model = &self.model;
        let place = model.voice(&lexicon.lang);
        let voice = &model.voices[place].1;
        let (slope, head) = (voice.slope, &voice.words);
        let mut by_token = vec![0.0f32; read.tokens.len()];
        let mut human = model.human.intercept;
        let mut asked = 0.0;
        let scale = wording::weigh(items, &seen.facts, model.weights(place), |item, [first, second]| {
            by_token[item.token as usize] += first as f32;
            asked += second as f32;
        });
        by_token.iter_mut().for_each(|said| *said *= scale * head.unit);
        human += asked * scale * model.human.unit;
        let scale = self.encoder.scale(items.len());
        self.encoder.walk(items, &self.vocabulary, |item, sums| {
            by_token[item.token as usize] += scale * encoder::weigh(sums, &head.hidden);
        });
        let mut words = head.intercept + by_token.iter().sum::<f32>();
        let mut signals: Vec<Heard> = Vec::with_capacity(seen.evidence.signs.len() + 4);
        let mut told_contact = false;
        for sign in &seen.evidence.signs {
            let mut weight = sign.strength * head.kinds[sign.kind.index()];
            words += weight;
            human += sign.strength * model.human.kinds[sign.kind.index()];
            told_contact |= sign.kind == SignalKind::RepeatedContact;
            // The wording of the words that carry a signal is told with it, once.
            let range = sign.from as usize..sign.to as usize;
            let mut inside: f32 = by_token[range.clone()].iter().sum();
            if (weight > 0.0) != (weight + inside > 0.0) && sign.strength < PLAIN_REPROACH {
                // What its words say elsewhere would turn the signal round: they are told apart from it.
                inside = 0.0;
            } else {
                by_token[range.clone()].fill(0.0);
            }
            let reproach =
                matches!(sign.kind, SignalKind::Annoyance | SignalKind::Irony | SignalKind::Insult);
            if reproach && sign.strength >= PLAIN_REPROACH {
                // The kind words of a plain reproach (`thanks for nothing`) calm nobody, and by itself it carries
                // the score over one half.
                let least = (PLAIN_MARGIN * sign.strength - voice.shift) / slope - head.intercept;
                words += least.max(weight) - weight - inside.min(0.0);
                weight = least.max(weight);
                inside = inside.max(0.0);
            }
            let (start, end) = (read.tokens[range.start].start, read.tokens[range.end - 1].end);
            signals.push(Heard { kind: sign.kind, weight: slope * (weight + inside), start, end });
        }
        let rest = wording_spans(read, &by_token, slope, &mut signals);
        let rest = rest + keep_strongest(&mut signals);
        signals.sort_by_key(|heard| (heard.start, heard.end, heard.kind));

        let intercept = voice.shift + slope * head.intercept;
        let mut logit = voice.shift + slope * words;
        let mut terms = Vec::new();
        if rest != 0.0 {
            terms.push(("other_wording", rest));
        }
        for (index, value) in seen.facts.values.iter().enumerate() {
            let weight = value * voice.context[index];
            if weight != 0.0 {
                terms.push((TERM_NAMES[index], weight));
                logit += weight;
            }
        }
        let ground = Ground::of(&seen.evidence, seen.people);
        let wants_human = human >= voice.human_from[ground as usize];
        let frustration = math::sigmoid(f64::from(logit)) as f32;
        let settled = Settled { words, frustration, told_contact, wished: wants_human };
        let trend = context.settle(&seen.facts, settled);
        Analysis {
            lang: lexicon.lang.clone(),
            frustration,
            trend,
            signals,
            intercept,
            context_terms: terms,
            wants_human,
        }
    }
}

/// Words that lost their vowel before another: by themselves they say nothing to whoever reads the explanation.
const ELIDED: [&str; 9] = ["c", "d", "j", "l", "m", "n", "qu", "s", "t"];

/// Adds the words whose wording says something notable, neighbours of the same sign together; returns what the
/// others add. A span begins and ends with a word: a comma or half a `c'est` at its edge adds to it, unseen.
fn wording_spans(read: &Text, by_token: &[f32], slope: f32, signals: &mut Vec<Heard>) -> f32 {
    let mut rest = 0.0;
    // The span that is open, and whether a word stands in it.
    let mut open: Option<(Heard, bool)> = None;
    let mut close = |open: Option<(Heard, bool)>| match open {
        Some((heard, true)) => {
            signals.push(heard);
            0.0
        }
        Some((heard, false)) => heard.weight,
        None => 0.0,
    };
    for (token, weight) in read.tokens.iter().zip(by_token) {
        let weight = weight * slope;
        if weight.abs() < NOTABLE {
            rest += weight + close(open.take());
            continue;
        }
        let word =
            !matches!(token.kind, TokenKind::Mark | TokenKind::Break) && !ELIDED.contains(&read.form(token));
        if open.is_some_and(|(heard, _)| (heard.weight > 0.0) != (weight > 0.0)) {
            rest += close(open.take());
        }
        let (start, end) = (token.start, token.end);
        let (heard, words) =
            open.get_or_insert((Heard { kind: SignalKind::Wording, weight: 0.0, start, end }, false));
        heard.weight += weight;
        if word {
            heard.start = if *words { heard.start } else { start };
            (heard.end, *words) = (end, true);
        }
    }
    rest + close(open)
}

/// Keeps the strongest signals; returns what the others add.
fn keep_strongest(signals: &mut Vec<Heard>) -> f32 {
    if signals.len() <= MAX_SIGNALS {
        return 0.0;
    }
    signals.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.start.cmp(&b.start)));
    signals.drain(MAX_SIGNALS..).map(|heard| heard.weight).sum()
}
