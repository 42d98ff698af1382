//! Learning a model from labelled conversations: deterministic, from the same data the same bytes.
//!
//! Two steps. First the words: logistic regression on signals and wording, by L-BFGS; one head for all languages, and
//! one for the language with a voice of its own, where it takes what people would feel into account. Then the context: a small
//! regression on the words' log-odds and the facts of the conversation, where the log-odds of each turn come
//! from a model that did not see its conversation (five folds by the hash of the id). The second step is thereby
//! also the calibration (Platt 1999).

use crate::context::{Context, Facts, Replier, Settled, TERMS};
use crate::encoder::HIDDEN;
use crate::evidence::Ground;
use crate::example::{Conversation, Role};
use crate::general::General;
use crate::listen::{Analyzer, Observation};
use crate::model::{Head, KINDS, Model, Voice};
use crate::regression::{self, Row};
use crate::signal::SignalKind;
use crate::{hash, math, wishes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rounds of L-BFGS for frustration, and for the wish for a human.
const ROUNDS: [usize; 2] = [150, 300];
/// Folds of the first step.
const FOLDS: u64 = 5;

/// What learning may be told to do otherwise; the defaults made the embedded model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Pull of the wording's weights towards zero.
    pub wording_pull: f64,
    /// Pull of the signals' weights towards those set by hand.
    pub signal_pull: f64,
    /// The same for the wish for a human, which is rarer and worded in more ways.
    pub human_wording_pull: f64,
    /// Pull of the encoder's weights towards its teacher's notion of annoyance.
    pub hidden_pull: f64,
    /// How much of that notion is the centre.
    pub hidden_prior: f64,
    /// How frustrated a turn of rating 1 counts in the first step.
    pub mild: f64,
    /// The same of a turn of rating 1.5: one reader heard frustration, the other did not.
    pub torn: f64,
    /// How much of the target, 0–1, is what people would feel, where a reader has guessed it for the language that has
    /// a voice of its own.
    pub felt: f64,
    /// The share of what is known of annoyance in general.
    pub general: f64,
    /// The share of the lexicons' own strengths that the same language adds to what was learned: what language itself says
    /// of a turn, whoever wrote our data.
    pub strengths: f64,
    /// What is added, in the same language, to the weight that was learned of the mood before: a share of what the
    /// words of the turn itself count.
    pub mood: f64,
    /// Seeds the folds.
    pub seed: u64,
    /// Groups of features that are left out, for an ablation.
    pub without: Without,
}

/// What an ablation leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Without {
    /// Every signal.
    pub signals: bool,
    /// Single stems.
    pub stems: bool,
    /// Pairs, skipping ones included.
    pub pairs: bool,
    /// Pieces of words.
    pub pieces: bool,
    /// What stands around words for people, ways to reach them and names, and answers to offers of them.
    pub people: bool,
    /// First words in the light of what they follow.
    pub first: bool,
    /// The encoder.
    pub encoder: bool,
    /// What is known of annoyance in general.
    pub general: bool,
    /// The facts of the conversation.
    pub context: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            wording_pull: 1.0,
            signal_pull: 10.0,
            human_wording_pull: 0.02,
            hidden_pull: 10.0,
            hidden_prior: 0.4,
            mild: 0.0,
            torn: 0.5,
            felt: 0.5,
            general: 0.8,
            strengths: 0.2,
            mood: 0.2,
            seed: 1,
            without: Without::default(),
        }
    }
}

/// A labelled turn, taken apart.
struct Example {
    row: Row,
    ground: Ground,
    frustrated: Option<bool>,
    target: f64,
    /// The same, with what people would feel, where a reader has guessed it.
    felt_target: Option<f64>,
    /// The fold of its conversation.
    fold: u64,
    human: Option<bool>,
    /// The language that it was read in.
    lang: Option<[u8; 2]>,
    /// What is known of annoyance in general says of it, where that knows its language.
    general: f64,
}

/// What stands in a conversation, in order.
enum Step {
    Customer { example: usize, text: String, at_ms: Option<u64> },
    Reply { who: Replier, text: String, at_ms: Option<u64>, understood: bool },
}

struct Talk {
    lang: Option<String>,
    earlier: u16,
    steps: Vec<Step>,
}

/// What is learned from.
pub struct Examples {
    examples: Vec<Example>,
    talks: Vec<Talk>,
    /// The buckets of the wording that stand in them.
    used: Vec<u32>,
    /// How often each word of each language stands in them.
    words: BTreeMap<String, BTreeMap<String, u32>>,
    analyzer: Analyzer,
}

/// How far learning is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// What is being done.
    pub step: &'a str,
    /// Rounds done of this step.
    pub round: usize,
    /// What is minimised.
    pub loss: f64,
}

impl Examples {
    /// Takes conversations apart with the lexicons of `analyzer`.
    pub fn new(analyzer: &Analyzer, conversations: &[Conversation], settings: &Settings) -> Examples {
        let mut all = Examples {
            examples: Vec::new(),
            talks: Vec::new(),
            used: Vec::new(),
            words: BTreeMap::new(),
            analyzer: analyzer.clone(),
        };
        for conversation in conversations {
            let fold = hash::pair(settings.seed, hash::bytes(conversation.id.as_bytes())) % FOLDS;
            let mut context = Context::with_earlier_contacts(conversation.earlier_contacts);
            let mut steps = Vec::new();
            for turn in &conversation.turns {
                match turn.role {
                    Role::Customer => {
                        let lang = conversation.lang.as_deref();
                        let words = &mut all.words;
                        let mut note = |lang: &str, form: &str| {
                            *words.entry(lang.to_owned()).or_default().entry(form.to_owned()).or_default() +=
                                1;
                        };
                        let seen = analyzer.observe(&mut context, &turn.text, lang, turn.at_ms, &mut note);
                        // What the words weigh is not known yet; what the bot has offered is answered now.
                        let wished = turn.human_request == Some(true);
                        context.settle(&seen.facts, Settled { wished, ..Settled::default() });
                        let example = all.examples.len();
                        all.examples.push(Example::of(
                            &seen,
                            turn,
                            fold,
                            context.lang,
                            analyzer.general(),
                            settings,
                        ));
                        steps.push(Step::Customer { example, text: turn.text.clone(), at_ms: turn.at_ms });
                    }
                    Role::Bot | Role::Advisor => {
                        let who = if turn.role == Role::Bot { Replier::Bot } else { Replier::Advisor };
                        let understood = turn.understood.unwrap_or(true);
                        analyzer.reply_turn(&mut context, who, &turn.text, turn.at_ms, understood);
                        steps.push(Step::Reply {
                            who,
                            text: turn.text.clone(),
                            at_ms: turn.at_ms,
                            understood,
                        });
                    }
                }
            }
            let lang = conversation.lang.clone();
            all.talks.push(Talk { lang, earlier: conversation.earlier_contacts, steps });
        }
        all.used = regression::in_use(all.examples.iter_mut().map(|example| &mut example.row));
        all
    }

    /// Labelled turns.
    pub fn len(&self) -> usize {
        self.examples.iter().filter(|example| example.frustrated.is_some()).count()
    }

    /// Whether there is nothing to learn from.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Example {
    fn of(
        seen: &Observation,
        turn: &crate::example::Turn,
        fold: u64,
        lang: Option<[u8; 2]>,
        general: &General,
        settings: &Settings,
    ) -> Example {
        use crate::wording::Group;
        let without = settings.without;
        let mut kinds = [0.0; KINDS];
        if !without.signals {
            for sign in &seen.evidence.signs {
                kinds[sign.kind.index()] += sign.strength;
            }
        }
        let mut sparse: Vec<(u32, f32)> = seen
            .features
            .iter()
            .filter(|feature| match feature.group {
                Group::Stem => !without.stems,
                Group::Pair | Group::Skip => !without.pairs,
                Group::Piece => !without.pieces,
                Group::Around | Group::Answer => !without.people,
                Group::First => !without.first,
            })
            .map(|feature| (feature.bucket, feature.value))
            .collect();
        sparse.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        sparse.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
        let target = match (turn.frustrated, turn.annoyed) {
            (Some(true), _) => 1.0,
            // The readers were of two minds.
            _ if turn.rating == Some(1.5) => settings.torn,
            (_, Some(true)) => settings.mild,
            _ => 0.0,
        };
        let felt = turn.felt.filter(|_| lang == Some(general.lang));
        let felt_target = felt.map(|felt| target + settings.felt * (f64::from(felt) / 100.0 - target));
        let general = if lang == Some(general.lang) {
            general.score(sparse.iter().copied(), &seen.hidden)
        } else {
            0.0
        };
        Example {
            lang,
            general,
            row: Row { sparse, hidden: if without.encoder { [0.0; HIDDEN] } else { seen.hidden }, kinds },
            ground: Ground::of(&seen.evidence, seen.people),
            frustrated: turn.frustrated,
            target,
            felt_target,
            fold,
            human: turn.human_request,
        }
    }
}

/// Learns a model. Empty or one-sided data gives an error in words.
pub fn fit(
    examples: &Examples,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Model, String> {
    let labelled = |wanted: bool| examples.examples.iter().any(|e| e.frustrated == Some(wanted));
    if !labelled(true) || !labelled(false) {
        return Err("learning needs customers' turns with \"frustrated\": true and others with false".into());
    }
    let mut hand = Model::by_hand();
    let encoder = examples.analyzer.encoder();
    let mut prior = hand.voices.swap_remove(0).1.words;
    if !settings.without.encoder {
        prior.hidden = encoder.prior.map(|weight| weight * settings.hidden_prior as f32);
    }
    let share = if settings.without.general { 0.0 } else { settings.general };
    let strengths = if settings.without.signals { 0.0 } else { settings.strengths };
    let words = |felt: bool, name: &str, progress: &mut dyn FnMut(Progress<'_>)| {
        let target = |example: &Example| {
            example
                .frustrated
                .map(|_| if felt { example.felt_target.unwrap_or(example.target) } else { example.target })
        };
        in_folds(examples, &target, |rows: &[(&Row, f64)], part: &str| {
            let step = format!("{name}, {part}");
            let told = |round, loss| progress(Progress { step: &step, round, loss });
            regression::fit(rows, examples.used.len(), &prior, ROUNDS[0], settings, told)
        })
    };
    let (scores, head) = words(false, "words", progress);
    let guessed = examples.examples.iter().any(|example| example.felt_target.is_some());
    let (own_scores, own_head) = match guessed {
        true => words(true, "words as they are felt", progress),
        false => (scores.clone(), head.clone()),
    };
    // Beside what stands around words for people, what a message means at large only blurs whom it asks for.
    let for_human = Settings {
        wording_pull: settings.human_wording_pull,
        without: Without { encoder: true, ..settings.without },
        ..*settings
    };
    let wish = |example: &Example| example.human.map(|wish| f64::from(u8::from(wish)));
    let (human_scores, human) = in_folds(examples, &wish, |rows: &[(&Row, f64)], part: &str| {
        let step = format!("wish for a human, {part}");
        let told = |round, loss| progress(Progress { step: &step, round, loss });
        regression::fit(rows, examples.used.len(), &hand.human, ROUNDS[1], &for_human, told)
    });
    let general = examples.analyzer.general();
    let knows = |example: &Example| example.lang == Some(general.lang);
    let has = |knows: &dyn Fn(&Example) -> bool| {
        let some = |wanted| {
            examples.examples.iter().any(|example| knows(example) && example.frustrated == Some(wanted))
        };
        some(true) && some(false)
    };
    // A language that the data lacks is read as all the others are.
    let (here, others) = (has(&knows), has(&|example| !knows(example)));
    let strong = |example: &Example| -> f64 {
        let both = example.row.kinds.iter().zip(&prior.kinds);
        strengths * both.map(|(found, weight)| f64::from(found * weight)).sum::<f64>()
    };
    let own_scores: Vec<f64> = own_scores
        .iter()
        .zip(&examples.examples)
        .map(|(score, e)| score + share * e.general + strong(e))
        .collect();
    let mut own_head = general.join(&own_head.head(&examples.used), share);
    for (kind, weight) in own_head.kinds.iter_mut().zip(&prior.kinds) {
        *kind += strengths as f32 * weight;
    }
    // What a conversation remembers of a turn was said by the voice of the turn's own language.
    let heard: Vec<f64> = examples
        .examples
        .iter()
        .zip(scores.iter().zip(&own_scores))
        .map(|(example, (score, own))| if knows(example) { *own } else { *score })
        .collect();
    let mut voices = Vec::new();
    for (lang, words, scores, own) in [
        (String::new(), head.head(&examples.used), &scores, false),
        (String::from_utf8_lossy(&general.lang).into_owned(), own_head, &own_scores, true),
    ] {
        let of = |example: &Example| knows(example) == own || !here || !others;
        let mood = if own && !settings.without.context { settings.mood } else { 0.0 };
        let (slope, shift, context) = fit_context(examples, [scores, &heard], of, settings, mood, progress);
        let told = examples.examples.iter().zip(&human_scores).filter(|(example, _)| of(example));
        let human_from = wishes::heard_from(told.filter_map(|(e, score)| Some((e.ground, *score, e.human?))));
        voices.push((lang, Voice { words, slope, shift, context, human_from }));
    }
    let model = Model {
        version: String::new(),
        voices,
        human: human.head(&examples.used),
        words: examples.words.iter().map(|(lang, words)| (lang.clone(), by_frequency(words))).collect(),
        encoder: encoder.sum,
        both: Vec::new(),
    };
    Model::read(&model.bytes())
}

/// Words, the most frequent first.
fn by_frequency(words: &BTreeMap<String, u32>) -> Vec<String> {
    let mut words: Vec<_> = words.iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    words.into_iter().map(|(word, _)| word.clone()).collect()
}

/// Learns a head from the examples that have a target. The scores are of models that did not see the conversation.
fn in_folds<'e>(
    examples: &'e Examples,
    target: &dyn Fn(&Example) -> Option<f64>,
    mut fit: impl FnMut(&[(&'e Row, f64)], &str) -> regression::Weights,
) -> (Vec<f64>, regression::Weights) {
    let rows = |skip: Option<u64>| -> Vec<(&'e Row, f64)> {
        let seen = examples.examples.iter().filter(|example| Some(example.fold) != skip);
        seen.filter_map(|example| Some((&example.row, target(example)?))).collect()
    };
    let mut scores = vec![0.0; examples.examples.len()];
    for fold in 0..FOLDS {
        let weights = fit(&rows(Some(fold)), &format!("fold {} of {FOLDS}", fold + 1));
        for (score, example) in scores.iter_mut().zip(&examples.examples) {
            if example.fold == fold {
                *score = weights.score(&example.row);
            }
        }
    }
    (scores, fit(&rows(None), "all"))
}

/// The second step: for turns of the languages that `of` takes, what the context adds to the words, by the scores of the
/// head that is calibrated and by those with which each turn is remembered. `mood` is added, as a share of the slope, to what
/// is learned of the turns before.
fn fit_context(
    examples: &Examples,
    [scores, heard]: [&[f64]; 2],
    of: impl Fn(&Example) -> bool,
    settings: &Settings,
    mood: f64,
    progress: &mut dyn FnMut(Progress<'_>),
) -> (f32, f32, [f32; TERMS]) {
    let mut turns: Vec<regression::Turn> = Vec::new();
    for talk in &examples.talks {
        let mut context = Context::with_earlier_contacts(talk.earlier);
        for step in &talk.steps {
            match step {
                Step::Reply { who, text, at_ms, understood } => {
                    examples.analyzer.reply_turn(&mut context, *who, text, *at_ms, *understood);
                }
                Step::Customer { example, text, at_ms } => {
                    let lang = talk.lang.as_deref();
                    let seen = examples.analyzer.observe(&mut context, text, lang, *at_ms, &mut |_, _| {});
                    let (score, heard) = (scores[*example], heard[*example]);
                    let example = &examples.examples[*example];
                    if let Some(frustrated) = example.frustrated
                        && of(example)
                    {
                        let facts = if settings.without.context { Facts::default() } else { seen.facts };
                        turns.push((score, facts, f64::from(u8::from(frustrated))));
                    }
                    let settled = Settled {
                        words: heard as f32,
                        frustration: math::sigmoid(heard) as f32,
                        told_contact: example.row.kinds[SignalKind::RepeatedContact.index()] > 0.0,
                        wished: example.human == Some(true),
                    };
                    context.settle(&seen.facts, settled);
                }
            }
        }
    }
    let told = &mut |round, loss| progress(Progress { step: "context", round, loss });
    regression::facts(&turns, mood, told)
}

/// Learns a head of annoyance in general, the file `general.bin`: from many short texts of one language that are
/// labelled for something near to frustration.
pub fn general(examples: &Examples, lang: [u8; 2], told: &mut dyn FnMut(usize, f64)) -> Vec<u8> {
    let settings = Settings {
        wording_pull: 4.0,
        hidden_pull: 1.0,
        without: Without { signals: true, ..Without::default() },
        ..Settings::default()
    };
    let rows: Vec<(&Row, f64)> = examples
        .examples
        .iter()
        .filter_map(|example| Some((&example.row, f64::from(u8::from(example.frustrated?)))))
        .collect();
    let prior =
        Head { intercept: -2.0, kinds: [0.0; KINDS], table: Vec::new(), unit: 0.0, hidden: [0.0; HIDDEN] };
    let head = regression::fit(&rows, examples.used.len(), &prior, 60, &settings, told).head(&examples.used);
    General::write(&head, lang)
}

#[cfg(test)]
#[path = "train_tests.rs"]
mod tests;
