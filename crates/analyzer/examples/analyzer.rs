//! The verbs of the analyzer alone, without the server: `analyze`, `evaluate FILE…`, `train OUT FILE…`,
//! `general OUT FILE…` (makes `model/general.bin` from English comments), `entries FILE…` (how often each entry of
//! the lexicons stands in turns of each rating), and `words` (JSON lines `{"text","lang"}` in, a JSON list of folded
//! words a line out, for tools that must read the same words).

use analyzer::train::{self, Examples, Settings};
use analyzer::{Analyzer, Thresholds, cli, example};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};

/// `MODEL` names another model (`none`: the lexicons alone), `LEXICONS` a folder of other lexicons.
fn analyzer() -> Result<Analyzer, Box<dyn Error>> {
    let mut texts = Vec::new();
    if let Ok(folder) = std::env::var("LEXICONS") {
        for file in std::fs::read_dir(folder)? {
            let path = file?.path();
            texts.push((path.display().to_string(), std::fs::read_to_string(path)?));
        }
    }
    let lexicons: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let analyzer = match std::env::var("MODEL") {
        Ok(file) if file == "none" => Analyzer::without_model(&lexicons),
        Ok(file) => Analyzer::with(Some(&std::fs::read(file)?), &lexicons),
        Err(_) => Analyzer::with(None, &lexicons),
    };
    let told = |problems: Vec<_>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    Ok(analyzer.map_err(told)?)
}

/// `SETTINGS='{"wording_pull":0.5}'` changes some of them, `{"without":{"pieces":true}}` makes an ablation.
fn settings() -> Result<Settings, Box<dyn Error>> {
    Ok(match std::env::var("SETTINGS") {
        Ok(json) => serde_json::from_str(&json)?,
        Err(_) => Settings::default(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = arguments.split_first().ok_or("which verb?")?;
    let analyzer = analyzer()?;
    let files = if verb == "train" || verb == "general" { rest.get(1..).unwrap_or_default() } else { rest };
    let mut readers = Vec::new();
    for name in files {
        readers.push((name.clone(), BufReader::new(File::open(name)?)));
    }
    let mut inputs: Vec<(String, &mut dyn BufRead)> =
        readers.iter_mut().map(|(name, reader)| (name.clone(), reader as &mut dyn BufRead)).collect();
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let mut words = std::io::stderr().lock();
    match verb.as_str() {
        "analyze" => {
            cli::analyze(&analyzer, &Thresholds::default(), None, &mut std::io::stdin().lock(), &mut output)?;
        }
        "evaluate" => {
            #[expect(clippy::disallowed_methods, reason = "the analyzer itself knows no clock")]
            let start = std::time::Instant::now();
            let mut clock = || start.elapsed().as_nanos() as u64;
            let thresholds = Thresholds::default();
            cli::evaluate(&analyzer, &thresholds, &mut inputs, Some(&mut clock), &mut output, &mut words)?;
        }
        "train" => {
            let bytes = cli::train(&analyzer, &mut inputs, &settings()?, &mut words)?;
            std::fs::write(&rest[0], bytes)?;
        }
        "general" => {
            let mut set = Vec::new();
            for (_, input) in &mut inputs {
                set.extend(example::read(*input)?);
            }
            let examples = Examples::new(&analyzer, &set, &settings()?);
            let bytes = train::general(&examples, *b"en", &mut |round, loss| {
                let _ = writeln!(words, "round {round}, loss {loss:.1}");
            });
            std::fs::write(&rest[0], bytes)?;
        }
        "entries" => {
            // How often each entry stands in turns of each rating, and in wishes for a human: tells which are worth
            // their strength.
            let mut counts: BTreeMap<(String, String, String), [u32; 5]> = BTreeMap::new();
            for (_, input) in &mut inputs {
                for conversation in example::read(*input)? {
                    for turn in conversation.turns.iter().filter(|turn| turn.rating.is_some()) {
                        let lang = conversation.lang.as_deref();
                        for (effect, written) in analyzer.entries(&turn.text, lang) {
                            let key = (lang.unwrap_or("").into(), format!("{effect:?}"), written.to_owned());
                            let slots = counts.entry(key).or_default();
                            slots[turn.rating.unwrap_or(0.0).clamp(0.0, 3.0) as usize] += 1;
                            slots[4] += u32::from(turn.human_request == Some(true));
                        }
                    }
                }
            }
            for (key, slots) in counts {
                writeln!(output, "{}", serde_json::to_string(&(key, slots))?)?;
            }
        }
        "words" => {
            for line in std::io::stdin().lock().lines() {
                let line: serde_json::Value = serde_json::from_str(&line?)?;
                let read = analyzer.words(line["text"].as_str().unwrap_or(""), line["lang"].as_str());
                writeln!(output, "{}", serde_json::to_string(&read)?)?;
            }
        }
        other => return Err(format!("no verb `{other}`").into()),
    }
    Ok(())
}
