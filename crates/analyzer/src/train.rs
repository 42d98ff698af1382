//! Learning a model from labelled conversations: deterministic, from the same data the same bytes.
//!
//! Two steps. First the words: logistic regression on signals and wording, by L-BFGS. Then the context: a small
//! regression on the words' log-odds and the facts of the conversation, where the log-odds of each turn come
//! from a model that did not see its conversation (five folds by the hash of the id). The second step is thereby
//! also the calibration (Platt 1999).

use crate::context::{Context, Facts, Replier, TERMS};
use crate::encoder::HIDDEN;
use crate::example::{Conversation, Role};
use crate::listen::{Analyzer, Observation};
use crate::minimise::minimise;
use crate::model::{Head, KINDS, Model};
use crate::pattern::Table;
use crate::regression::{self, Row};
use crate::signal::SignalKind;
use crate::{hash, math};
use serde::{Deserialize, Serialize};

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
    /// Pull of the encoder's weights towards its teacher's notion of annoyance.
    pub hidden_pull: f64,
    /// How much of that notion is the centre.
    pub hidden_prior: f64,
    /// How frustrated a turn of rating 1 counts in the first step.
    pub mild: f64,
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
    /// The encoder.
    pub encoder: bool,
    /// The facts of the conversation.
    pub context: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            wording_pull: 1.0,
            signal_pull: 100.0,
            hidden_pull: 1.0,
            hidden_prior: 0.4,
            mild: 0.2,
            seed: 1,
            without: Without::default(),
        }
    }
}

/// A labelled turn, taken apart.
struct Example {
    row: Row,
    wants_human: bool,
    near_miss: bool,
    frustrated: Option<bool>,
    target: f64,
    human: Option<bool>,
}

/// What stands in a conversation, in order.
enum Step {
    Customer { example: usize, text: String, at_ms: Option<u64> },
    Reply { who: Replier, text: String, at_ms: Option<u64>, understood: bool },
}

struct Talk {
    fold: u64,
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
    stems: Table<u64>,
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
            stems: Table::default(),
            analyzer: analyzer.clone(),
        };
        for conversation in conversations {
            let mut context = Context::with_earlier_contacts(conversation.earlier_contacts);
            let mut steps = Vec::new();
            for turn in &conversation.turns {
                match turn.role {
                    Role::Customer => {
                        let lang = conversation.lang.as_deref();
                        let stems = &mut all.stems;
                        let mut note = |word, stem| {
                            stems.insert(word, stem);
                        };
                        let seen = analyzer.observe(&mut context, &turn.text, lang, turn.at_ms, &mut note);
                        let example = all.examples.len();
                        all.examples.push(Example::of(&seen, turn, settings));
                        steps.push(Step::Customer { example, text: turn.text.clone(), at_ms: turn.at_ms });
                    }
                    Role::Bot | Role::Advisor => {
                        let who = if turn.role == Role::Bot { Replier::Bot } else { Replier::Advisor };
                        let understood = turn.understood.unwrap_or(true);
                        steps.push(Step::Reply {
                            who,
                            text: turn.text.clone(),
                            at_ms: turn.at_ms,
                            understood,
                        });
                    }
                }
            }
            let fold = hash::pair(settings.seed, hash::bytes(conversation.id.as_bytes())) % FOLDS;
            let lang = conversation.lang.clone();
            all.talks.push(Talk { fold, lang, earlier: conversation.earlier_contacts, steps });
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
    fn of(seen: &Observation, turn: &crate::example::Turn, settings: &Settings) -> Example {
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
            (_, Some(true)) => settings.mild,
            _ => 0.0,
        };
        Example {
            row: Row { sparse, hidden: if without.encoder { [0.0; HIDDEN] } else { seen.hidden }, kinds },
            wants_human: seen.evidence.wants_human,
            near_miss: seen.evidence.near_miss,
            frustrated: turn.frustrated,
            target,
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
    if !settings.without.encoder {
        hand.frustration.hidden = encoder.prior.map(|weight| weight * settings.hidden_prior as f32);
    }
    let mut out_of_fold = vec![0.0f64; examples.examples.len()];
    let mut human_scores = vec![0.0f64; examples.examples.len()];
    let mut fold_of = vec![0u64; examples.examples.len()];
    for talk in &examples.talks {
        for step in &talk.steps {
            if let Step::Customer { example, .. } = step {
                fold_of[*example] = talk.fold;
            }
        }
    }
    let frustration_rows = |skip: Option<u64>| -> Vec<(&Row, f64)> {
        let rows = examples.examples.iter().zip(&fold_of);
        rows.filter(|(example, fold)| example.frustrated.is_some() && Some(**fold) != skip)
            .map(|(example, _)| (&example.row, example.target))
            .collect()
    };
    let human_rows = |skip: Option<u64>| -> Vec<(&Row, f64)> {
        let rows = examples.examples.iter().zip(&fold_of);
        rows.filter(|(example, fold)| example.human.is_some() && Some(**fold) != skip)
            .map(|(example, _)| (&example.row, f64::from(u8::from(example.human == Some(true)))))
            .collect()
    };
    let head = |rows: &[(&Row, f64)], prior: &Head, told: &mut dyn FnMut(usize, f64)| {
        regression::fit(rows, examples.used.len(), prior, settings, told)
    };
    for fold in 0..FOLDS {
        let name = format!("fold {} of {FOLDS}", fold + 1);
        let weights = head(&frustration_rows(Some(fold)), &hand.frustration, &mut |round, loss| {
            progress(Progress { step: &name, round, loss });
        });
        let human = head(&human_rows(Some(fold)), &hand.human, &mut |_, _| {});
        for (index, example) in examples.examples.iter().enumerate() {
            if fold_of[index] == fold {
                out_of_fold[index] = weights.score(&example.row);
                human_scores[index] = human.score(&example.row);
            }
        }
    }
    let words = head(&frustration_rows(None), &hand.frustration, &mut |round, loss| {
        progress(Progress { step: "words", round, loss });
    });
    let human = head(&human_rows(None), &hand.human, &mut |round, loss| {
        progress(Progress { step: "wish for a human", round, loss });
    });
    let (human_alone, human_heard) = human_thresholds(examples, &human_scores);
    let (slope, shift, context) = fit_context(examples, &out_of_fold, settings, progress);
    let model = Model {
        version: String::new(),
        frustration: words.head(&examples.used),
        human: human.head(&examples.used),
        human_alone,
        human_heard,
        slope,
        shift,
        context,
        stems: examples.stems.clone(),
        encoder: encoder.sum,
        both: Vec::new(),
    };
    Model::read(&model.bytes())
}

/// The second step: slope, shift, weights of the facts.
fn fit_context(
    examples: &Examples,
    scores: &[f64],
    settings: &Settings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> (f32, f32, [f32; TERMS]) {
    let mut rows: Vec<(f64, Facts, f64)> = Vec::new();
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
                    let score = scores[*example];
                    if let Some(frustrated) = examples.examples[*example].frustrated {
                        rows.push((score, seen.facts, f64::from(u8::from(frustrated))));
                    }
                    let told =
                        examples.examples[*example].row.kinds[SignalKind::RepeatedContact.index()] > 0.0;
                    context.settle(&seen.facts, score as f32, math::sigmoid(score) as f32, told);
                }
            }
        }
    }
    let mut x = vec![0.0; 2 + TERMS];
    x[1] = 1.0;
    let with_context = !settings.without.context;
    let value = |facts: &Facts, term: usize| if with_context { f64::from(facts.values[term]) } else { 0.0 };
    minimise(
        &mut x,
        300,
        1e-6,
        |x, gradient| {
            gradient.fill(0.0);
            let mut loss = 0.0;
            for term in 0..TERMS {
                loss += 0.5 * 2.0 * x[2 + term] * x[2 + term];
                gradient[2 + term] = 2.0 * x[2 + term];
            }
            for (score, facts, target) in &rows {
                let mut z = x[0] + x[1] * score;
                for term in 0..TERMS {
                    z += x[2 + term] * value(facts, term);
                }
                let p = math::sigmoid(z);
                loss -= target * math::ln(p.max(1e-12)) + (1.0 - target) * math::ln((1.0 - p).max(1e-12));
                let error = p - target;
                gradient[0] += error;
                gradient[1] += error * score;
                for term in 0..TERMS {
                    gradient[2 + term] += error * value(facts, term);
                }
            }
            loss
        },
        |round, loss| progress(Progress { step: "context", round, loss }),
    );
    let mut context = [0.0; TERMS];
    for (slot, weight) in context.iter_mut().zip(&x[2..]) {
        *slot = *weight as f32;
    }
    (x[1] as f32, x[0] as f32, context)
}

/// Where a wish for a human is heard: by the model alone, and where an entry hears one. Missing a wish is the
/// worst failure, so recall comes first: of the thresholds with a precision of at least 0.96, the one with the
/// highest recall.
fn human_thresholds(examples: &Examples, scores: &[f64]) -> (f32, f32) {
    let rows: Vec<(f64, bool, &Example)> = examples
        .examples
        .iter()
        .zip(scores)
        .filter_map(|(example, score)| Some((*score, example.human?, example)))
        .collect();
    let mut best = (f64::MAX, f64::MIN);
    let mut best_figure = -1.0;
    for alone in (-30..=60).rev().map(|n| f64::from(n) / 10.0) {
        for heard in (-60..=10).map(|n| f64::from(n) / 10.0) {
            let says = |(score, _, example): &(f64, bool, &Example)| {
                (example.wants_human && *score >= heard) || (*score >= alone && !example.near_miss)
            };
            let right = rows.iter().filter(|row| says(row) && row.1).count() as f64;
            let said = rows.iter().filter(|row| says(row)).count() as f64;
            let wished = rows.iter().filter(|row| row.1).count() as f64;
            if wished == 0.0 || said == 0.0 {
                continue;
            }
            let (precision, recall) = (right / said, right / wished);
            let figure = if precision >= 0.96 { 1.0 + recall + 0.01 * precision } else { precision };
            if figure > best_figure + 1e-12 {
                best_figure = figure;
                best = (alone, heard);
            }
        }
    }
    (best.0 as f32, best.1 as f32)
}
