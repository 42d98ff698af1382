//! The verbs `analyze`, `evaluate` and `train` without files: the binary opens them, this reads and writes.

use crate::context::{Context, Replier};
use crate::evaluate::{self, Clock};
use crate::example::{self, BadLine, Conversation, Role};
use crate::listen::Analyzer;
use crate::model::Model;
use crate::signal::Heard;
use crate::train::{self, Examples, Settings};
use crate::transfer::{Thresholds, transfer};
use serde::Serialize;
use std::io::{self, BufRead, Write};

#[derive(Serialize)]
struct Analyzed<'a> {
    id: &'a str,
    turns: Vec<Option<AnalyzedTurn>>,
}

#[derive(Serialize)]
struct AnalyzedTurn {
    frustration: f32,
    trend: f32,
    signals: Vec<Heard>,
    transfer: bool,
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    line: usize,
    error: &'a str,
}

/// One conversation in, one line out, without its line break: the format of `relais analyze`.
pub fn line(
    analyzer: &Analyzer,
    thresholds: &Thresholds,
    lang: Option<&str>,
    conversation: &str,
    number: usize,
) -> Result<String, BadLine> {
    let conversation = example::parse(conversation, number)?;
    let mut context = Context::with_earlier_contacts(conversation.earlier_contacts);
    let lang = conversation.lang.as_deref().or(lang);
    let turns = conversation.turns.iter().map(|turn| {
        let who = match turn.role {
            Role::Customer => None,
            Role::Bot => Some(Replier::Bot),
            Role::Advisor => Some(Replier::Advisor),
        };
        if let Some(who) = who {
            let understood = turn.understood.unwrap_or(true);
            analyzer.reply_turn(&mut context, who, &turn.text, turn.at_ms, understood);
            return None;
        }
        let analysis = analyzer.customer_turn(&mut context, &turn.text, lang, turn.at_ms);
        let trigger = transfer(&context, &analysis, thresholds);
        if trigger.is_some() {
            context.transferred();
        }
        Some(AnalyzedTurn {
            frustration: analysis.frustration,
            trend: analysis.trend,
            signals: analysis.signals,
            transfer: trigger.is_some(),
            reason: trigger.map(|trigger| trigger.code),
        })
    });
    let turns = turns.collect();
    serde_json::to_string(&Analyzed { id: &conversation.id, turns })
        .map_err(|error| BadLine { line: number, message: error.to_string() })
}

/// `relais analyze`: conversations from `input`, one line each to `output`. A bad line becomes an error line and
/// the rest goes on; the answer says whether all lines were good.
pub fn analyze(
    analyzer: &Analyzer,
    thresholds: &Thresholds,
    lang: Option<&str>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<bool> {
    let mut good = true;
    let mut bytes = Vec::new();
    let mut number = 0;
    loop {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        number += 1;
        let result = match std::str::from_utf8(&bytes) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => line(analyzer, thresholds, lang, text.trim_end(), number),
            Err(_) => Err(BadLine { line: number, message: "this line is not UTF-8".into() }),
        };
        match result {
            Ok(text) => writeln!(output, "{text}")?,
            Err(bad) => {
                good = false;
                serde_json::to_writer(&mut *output, &ErrorLine { line: bad.line, error: &bad.message })?;
                writeln!(output)?;
            }
        }
    }
    output.flush()?;
    Ok(good)
}

/// Why a verb could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A data file holds a bad line.
    #[error("{file}, {bad}")]
    Data {
        /// Its name.
        file: String,
        /// The line.
        bad: BadLine,
    },
    /// The data cannot be learned from.
    #[error("{0}")]
    Learning(String),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn read_all(
    files: &mut [(String, &mut dyn BufRead)],
) -> Result<Vec<(String, Vec<Conversation>)>, CommandError> {
    let mut sets = Vec::new();
    for (name, input) in files {
        let read = example::read(*input).map_err(|bad| CommandError::Data { file: name.clone(), bad })?;
        sets.push((name.clone(), read));
    }
    Ok(sets)
}

/// `relais evaluate`: figures for people to `words`, for programs as one JSON line to `output`.
pub fn evaluate(
    analyzer: &Analyzer,
    thresholds: &Thresholds,
    files: &mut [(String, &mut dyn BufRead)],
    clock: Option<Clock<'_>>,
    output: &mut dyn Write,
    words: &mut dyn Write,
) -> Result<(), CommandError> {
    let sets = read_all(files)?;
    let report = evaluate::report(analyzer, &sets, thresholds, clock);
    write!(words, "{report}")?;
    serde_json::to_writer(&mut *output, &report).map_err(io::Error::from)?;
    writeln!(output)?;
    Ok(())
}

/// `relais train`: learns from the files, says on `words` how far it is and how the new model stands to the one
/// in use on the part that neither saw (files whose name holds `.dev.` are held back for that), and returns the
/// new model's bytes. It replaces nothing by itself.
pub fn train(
    in_use: &Analyzer,
    files: &mut [(String, &mut dyn BufRead)],
    settings: &Settings,
    words: &mut dyn Write,
) -> Result<Vec<u8>, CommandError> {
    let sets = read_all(files)?;
    let (held_back, learned): (Vec<_>, Vec<_>) =
        sets.into_iter().partition(|(name, _)| name.contains(".dev.") || name.contains(".test."));
    let conversations: Vec<Conversation> = learned.into_iter().flat_map(|(_, set)| set).collect();
    let examples = Examples::new(in_use, &conversations, settings);
    writeln!(
        words,
        "learning from {} labelled turns of {} conversations",
        examples.len(),
        conversations.len()
    )?;
    let mut failed = None;
    let model = train::fit(&examples, settings, &mut |progress| {
        if progress.round % 20 == 0 {
            let told =
                writeln!(words, "  {}: round {}, loss {:.1}", progress.step, progress.round, progress.loss);
            failed = failed.take().or(told.err());
        }
    })
    .map_err(CommandError::Learning)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let bytes = model.bytes();
    writeln!(words, "model {}, {} bytes", model.version(), bytes.len())?;
    if !held_back.is_empty() {
        let new = in_use.with_model(model);
        for (title, analyzer) in [("in use", in_use), ("new", &new)] {
            for set in evaluate::report(analyzer, &held_back, &Thresholds::default(), None).sets {
                writeln!(
                    words,
                    "{title:>7} {}: AUC {}, recall at 5 % {}, calibration error {:.3}",
                    set.name, set.auc, set.recall_at_5, set.calibration_error
                )?;
            }
        }
    }
    Ok(bytes)
}

impl Model {
    /// Its version: the checksum of its file.
    pub fn version(&self) -> &str {
        &self.version
    }
}
