//! Measuring a model on labelled conversations.

use crate::context::{Context, Replier};
use crate::example::{Conversation, Role};
use crate::figures::{self, Bin, Interval, Scored};
use crate::listen::{Analysis, Analyzer};
use crate::timing::golden_transfer;
use crate::transfer::{Thresholds, transfer};
use serde::Serialize;
use std::fmt;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 400;
/// Misses and false alarms that a report shows.
const WORST: usize = 20;
/// Mildness towards early transfers in GT; the published code's default.
const LAMBDA: f64 = 0.0;

/// A clock for the speed's figure: nanoseconds since anything. The caller's, since the analyzer knows none.
pub type Clock<'a> = &'a mut dyn FnMut() -> u64;

/// Figures of one data set.
#[derive(Clone, Debug, Serialize)]
pub struct SetReport {
    /// Its name.
    pub name: String,
    /// Conversations in it.
    pub conversations: usize,
    /// Labelled customers' turns.
    pub turns: usize,
    /// Those that are frustrated.
    pub positives: usize,
    /// Area under the ROC curve.
    pub auc: Interval,
    /// Recall at 5 % false positives.
    pub recall_at_5: Interval,
    /// Precision at 90 % recall.
    pub precision_at_90: f64,
    /// At the threshold for a peak: precision, recall, F1, macro-F1.
    pub precision: f64,
    /// See `precision`.
    pub recall: f64,
    /// See `precision`.
    pub f1: f64,
    /// See `precision`.
    pub macro_f1: f64,
    /// Expected calibration error, ten bins.
    pub calibration_error: f64,
    /// The bins.
    pub calibration: Vec<Bin>,
    /// Wish for a human: turns that hold one, precision, recall; null where nothing is labelled.
    pub human: Option<HumanReport>,
    /// When transfers come.
    pub transfer: TransferReport,
    /// Microseconds a message: median, and 99th percentile.
    pub micros: Option<(f64, f64)>,
    /// Frustrated turns with the lowest scores.
    pub misses: Vec<Mistake>,
    /// Calm turns with the highest.
    pub false_alarms: Vec<Mistake>,
}

/// How well wishes for a human are heard.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct HumanReport {
    /// Turns that hold one.
    pub wishes: usize,
    /// Of those heard, how many are.
    pub precision: f64,
    /// Of those that are, how many are heard.
    pub recall: f64,
}

/// When transfers come.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TransferReport {
    /// Conversations without any annoyance and any wish for a human.
    pub calm: usize,
    /// Those that were handed over all the same, for frustration.
    pub calm_transferred_for_frustration: usize,
    /// Those that were handed over for any reason.
    pub calm_transferred: usize,
    /// Conversations with a frustrated turn or a wish for a human.
    pub due: usize,
    /// Those that were handed over.
    pub due_transferred: usize,
    /// Customers' turns between the first one that is due and the transfer; negative is early. Mean.
    pub mean_delay: f64,
    /// GT-I, GT-II, GT-III of the decisions.
    pub gt: [f64; 3],
    /// The same where every turn would be a transfer.
    pub gt_always: [f64; 3],
    /// The same where none would be.
    pub gt_never: [f64; 3],
}

/// A turn that was heard wrongly.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// Its conversation.
    pub id: String,
    /// Its place among the turns, from 0.
    pub turn: usize,
    /// What was heard.
    pub frustration: f32,
    /// The words, shortened.
    pub text: String,
    /// The strongest contributions: name or quoted words, and log-odds.
    pub because: Vec<(String, f32)>,
}

/// All figures.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The model that was measured.
    pub model: String,
    /// One a data set and, where it holds several languages, one a language.
    pub sets: Vec<SetReport>,
}

/// Measures a model on data sets, each with its name.
pub fn report(
    analyzer: &Analyzer,
    sets: &[(String, Vec<Conversation>)],
    thresholds: &Thresholds,
    mut clock: Option<Clock<'_>>,
) -> Report {
    let mut reports = Vec::new();
    for (name, conversations) in sets {
        let all: Vec<&Conversation> = conversations.iter().collect();
        reports.push(one(analyzer, name, &all, thresholds, &mut clock));
        let mut langs: Vec<&str> = conversations.iter().filter_map(|c| c.lang.as_deref()).collect();
        langs.sort_unstable();
        langs.dedup();
        if langs.len() > 1 {
            for lang in langs {
                let part: Vec<&Conversation> =
                    conversations.iter().filter(|c| c.lang.as_deref() == Some(lang)).collect();
                reports.push(one(analyzer, &format!("{name} ({lang})"), &part, thresholds, &mut clock));
            }
        }
    }
    Report { model: analyzer.model_version().to_owned(), sets: reports }
}

fn one(
    analyzer: &Analyzer,
    name: &str,
    conversations: &[&Conversation],
    thresholds: &Thresholds,
    clock: &mut Option<Clock<'_>>,
) -> SetReport {
    let mut rows = Vec::new();
    let mut mistakes: Vec<(Scored, Mistake)> = Vec::new();
    let mut human = (0usize, 0usize, 0usize, false);
    let mut timing = TransferReport::default();
    let mut delays = Vec::new();
    let mut nanos = Vec::new();
    for (group, conversation) in conversations.iter().enumerate() {
        let mut context = Context::with_earlier_contacts(conversation.earlier_contacts);
        let (mut gold, mut said, mut place) = (Vec::new(), Vec::new(), 0usize);
        let (mut labelled, mut calm, mut first_code) = (false, true, None);
        for (index, turn) in conversation.turns.iter().enumerate() {
            let who = match turn.role {
                Role::Customer => None,
                Role::Bot => Some(Replier::Bot),
                Role::Advisor => Some(Replier::Advisor),
            };
            if let Some(who) = who {
                let understood = turn.understood.unwrap_or(true);
                analyzer.reply_turn(&mut context, who, &turn.text, turn.at_ms, understood);
                continue;
            }
            let began = clock.as_mut().map(|clock| clock());
            let lang = conversation.lang.as_deref();
            let analysis = analyzer.customer_turn(&mut context, &turn.text, lang, turn.at_ms);
            let trigger = transfer(&context, &analysis, thresholds);
            if let (Some(began), Some(clock)) = (began, clock.as_mut()) {
                nanos.push(clock().saturating_sub(began));
            }
            if let Some(trigger) = trigger {
                context.transferred();
                said.push(place);
                first_code.get_or_insert(trigger.code);
            }
            if let Some(wish) = turn.human_request {
                human.0 += usize::from(wish);
                human.1 += usize::from(analysis.wants_human);
                human.2 += usize::from(wish && analysis.wants_human);
                human.3 = true;
            }
            let wish = turn.human_request == Some(true);
            if let Some(positive) = turn.frustrated {
                labelled = true;
                let row = Scored { score: analysis.frustration, positive, group: group as u32 };
                rows.push(row);
                mistakes.push((row, mistake(conversation, index, &turn.text, &analysis)));
                calm &= !positive && turn.annoyed != Some(true) && !wish;
                if positive || wish {
                    gold.push(place);
                }
            }
            place += 1;
        }
        if !labelled {
            continue;
        }
        let for_frustration =
            matches!(first_code, Some("frustration_peak" | "frustration_trend" | "repeat_contact"));
        timing.calm += usize::from(calm);
        timing.calm_transferred += usize::from(calm && first_code.is_some());
        timing.calm_transferred_for_frustration += usize::from(calm && for_frustration);
        if let Some(first) = gold.first() {
            timing.due += 1;
            if let Some(at) = said.first() {
                timing.due_transferred += 1;
                delays.push(*at as f64 - *first as f64);
            }
        }
        let always: Vec<usize> = (0..place).collect();
        for (index, tolerance) in [1.0, 2.0, 3.0].into_iter().enumerate() {
            timing.gt[index] += golden_transfer(&gold, &said, tolerance, LAMBDA);
            timing.gt_always[index] += golden_transfer(&gold, &always, tolerance, LAMBDA);
            timing.gt_never[index] += golden_transfer(&gold, &[], tolerance, LAMBDA);
        }
    }
    let dialogues = conversations.iter().filter(|c| c.turns.iter().any(|t| t.frustrated.is_some())).count();
    for figure in timing.gt.iter_mut().chain(&mut timing.gt_always).chain(&mut timing.gt_never) {
        *figure /= dialogues.max(1) as f64;
    }
    timing.mean_delay = delays.iter().sum::<f64>() / delays.len().max(1) as f64;
    let (precision, recall, f1, macro_f1) = figures::at_threshold(&rows, thresholds.peak);
    let (calibration, calibration_error) = figures::calibration(&rows);
    nanos.sort_unstable();
    let percentile =
        |share: f64| nanos.get((nanos.len() as f64 * share) as usize).map(|n| *n as f64 / 1000.0);
    mistakes.sort_by(|a, b| a.0.score.total_cmp(&b.0.score));
    let misses =
        mistakes.iter().filter(|(row, _)| row.positive).take(WORST).map(|(_, m)| m.clone()).collect();
    let alarms = mistakes.iter().rev().filter(|(row, _)| !row.positive).take(WORST);
    SetReport {
        name: name.to_owned(),
        conversations: dialogues,
        turns: rows.len(),
        positives: rows.iter().filter(|row| row.positive).count(),
        auc: figures::interval(&rows, RESAMPLES, figures::auc),
        recall_at_5: figures::interval(&rows, RESAMPLES, |rows| figures::recall_at(rows, 0.05)),
        precision_at_90: figures::precision_at(&rows, 0.9),
        precision,
        recall,
        f1,
        macro_f1,
        calibration_error,
        calibration,
        human: human.3.then(|| HumanReport {
            wishes: human.0,
            precision: human.2 as f64 / human.1.max(1) as f64,
            recall: human.2 as f64 / human.0.max(1) as f64,
        }),
        transfer: timing,
        micros: percentile(0.5).zip(percentile(0.99)),
        misses,
        false_alarms: alarms.map(|(_, m)| m.clone()).collect(),
    }
}

fn mistake(conversation: &Conversation, turn: usize, text: &str, analysis: &Analysis) -> Mistake {
    let quote = |start: u32, end: u32| -> String {
        text.chars().skip(start as usize).take((end - start) as usize).collect()
    };
    let signals = analysis.signals.iter();
    let mut because: Vec<(String, f32)> = signals
        .map(|heard| (format!("{} “{}”", heard.kind.as_str(), quote(heard.start, heard.end)), heard.weight))
        .chain(analysis.context_terms.iter().map(|(name, weight)| ((*name).to_owned(), *weight)))
        .collect();
    because.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    because.truncate(6);
    Mistake {
        id: conversation.id.clone(),
        turn,
        frustration: analysis.frustration,
        text: text.chars().take(200).collect(),
        because,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "model {}", self.model)?;
        for set in &self.sets {
            writeln!(f, "\n{set}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = &self.transfer;
        writeln!(
            f,
            "{}: {} conversations, {} labelled turns, {} frustrated",
            self.name, self.conversations, self.turns, self.positives
        )?;
        writeln!(f, "  AUC {}   recall at 5 % false positives {}", self.auc, self.recall_at_5)?;
        writeln!(
            f,
            "  precision at 90 % recall {:.3}   at the threshold: precision {:.3}, recall {:.3}, F1 {:.3}, macro-F1 {:.3}",
            self.precision_at_90, self.precision, self.recall, self.f1, self.macro_f1
        )?;
        writeln!(f, "  calibration error {:.3}", self.calibration_error)?;
        for bin in &self.calibration {
            let (to, turns) = (bin.from + 0.1, bin.turns);
            writeln!(
                f,
                "    {:.1}–{to:.1}: {turns:5} turns, said {:.2}, is {:.2}",
                bin.from, bin.said, bin.is
            )?;
        }
        if let Some(human) = &self.human {
            writeln!(
                f,
                "  wish for a human: {} turns, recall {:.3}, precision {:.3}",
                human.wishes, human.recall, human.precision
            )?;
        }
        writeln!(
            f,
            "  calm conversations: {}, handed over for frustration {}, for any reason {}; due: {}, handed over {}, mean delay {:+.2} turns",
            t.calm,
            t.calm_transferred_for_frustration,
            t.calm_transferred,
            t.due,
            t.due_transferred,
            t.mean_delay
        )?;
        let three = |gt: &[f64; 3]| format!("{:.3} {:.3} {:.3}", gt[0], gt[1], gt[2]);
        writeln!(
            f,
            "  GT-I, II, III: {}   always {}   never {}",
            three(&t.gt),
            three(&t.gt_always),
            three(&t.gt_never)
        )?;
        if let Some((median, p99)) = self.micros {
            writeln!(f, "  {median:.1} µs a message (median), {p99:.1} (99th percentile)")?;
        }
        for (title, list) in [("worst misses", &self.misses), ("worst false alarms", &self.false_alarms)] {
            writeln!(f, "  {title}:")?;
            for mistake in list {
                let because: Vec<String> =
                    mistake.because.iter().map(|(w, n)| format!("{w} {n:+.2}")).collect();
                writeln!(
                    f,
                    "    {:.2} {} turn {}: {}\n         {}",
                    mistake.frustration,
                    mistake.id,
                    mistake.turn,
                    mistake.text.replace('\n', " ⏎ "),
                    because.join(", ")
                )?;
            }
        }
        Ok(())
    }
}
