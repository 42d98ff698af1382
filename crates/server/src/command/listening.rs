//! `relais analyze`, `evaluate` and `train`: the analyzer on files.

use super::Done;
use crate::clock::Clock;
use analyzer::{Analyzer, Thresholds};
use clap::Args;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Says what is heard in conversations: stdin to stdout, a line per conversation.
#[derive(Args, Debug)]
pub struct Analyze {
    /// The conversations' language, where they do not say it.
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,
    /// Another model.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Says how well the analyzer hears.
#[derive(Args, Debug)]
pub struct Evaluate {
    /// Labelled conversations, JSON lines.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Another model.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Fits a new model.
#[derive(Args, Debug)]
pub struct Train {
    /// Labelled conversations, JSON lines.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Where to write the new model.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The model that it is compared with; else the embedded one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The same seed and data give the same bytes.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// The analyzer with a named model, else the embedded one.
pub fn analyzer(model: Option<&Path>) -> Result<Analyzer, String> {
    let Some(path) = model else { return Ok(Analyzer::embedded()) };
    let bytes = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Analyzer::with(Some(&bytes), &[]).map_err(|problems| {
        let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("{}: {}", path.display(), sentences.join("; "))
    })
}

/// Refuses a language that nobody listens in: `fr` and `fr-CA` are French. A conversation that names another one is
/// read all the same, in the language that its words are in.
fn known(lang: &str, languages: &[&str]) -> Result<(), String> {
    if languages.contains(&lang.split(['-', '_']).next().unwrap_or_default()) {
        return Ok(());
    }
    Err(format!("--lang {lang}: the analyzer listens in {}", languages.join(" and ")))
}

/// Runs `analyze`: exit status 1 when a line was bad.
pub fn analyze(verb: &Analyze) -> Done {
    let analyzer = analyzer(verb.model.as_deref())?;
    let lang = verb.lang.as_ref().map(|lang| lang.to_ascii_lowercase());
    if let Some(lang) = &lang {
        known(lang, &analyzer.languages())?;
    }
    let (mut input, mut output) = (io::stdin().lock(), BufWriter::new(io::stdout().lock()));
    let good =
        analyzer::cli::analyze(&analyzer, &Thresholds::default(), lang.as_deref(), &mut input, &mut output);
    match good {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::FAILURE),
        // Whoever reads has had enough (`| head`): that is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error.to_string()),
    }
}

fn open(paths: &[PathBuf]) -> Result<Vec<(String, BufReader<File>)>, String> {
    paths
        .iter()
        .map(|path| {
            let file =
                File::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            Ok((path.display().to_string(), BufReader::new(file)))
        })
        .collect()
}

fn inputs(files: &mut [(String, BufReader<File>)]) -> Vec<(String, &mut dyn BufRead)> {
    files.iter_mut().map(|(name, file)| (name.clone(), file as &mut dyn BufRead)).collect()
}

/// Runs `evaluate`.
pub fn evaluate(verb: &Evaluate) -> Done {
    let analyzer = analyzer(verb.model.as_deref())?;
    let mut files = open(&verb.data)?;
    let began = Clock::instant();
    let mut clock = move || began.elapsed().as_nanos() as u64;
    let (mut output, mut words) = (BufWriter::new(io::stdout().lock()), io::stderr().lock());
    analyzer::cli::evaluate(
        &analyzer,
        &Thresholds::default(),
        &mut inputs(&mut files),
        Some(&mut clock),
        &mut output,
        &mut words,
    )
    .map_err(|error| error.to_string())?;
    output.flush().map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `train`.
pub fn train(verb: &Train) -> Done {
    let analyzer = analyzer(verb.model.as_deref())?;
    let mut files = open(&verb.data)?;
    let mut settings = analyzer::train::Settings::default();
    settings.seed = verb.seed.unwrap_or(settings.seed);
    let bytes = analyzer::cli::train(&analyzer, &mut inputs(&mut files), &settings, &mut io::stderr().lock())
        .map_err(|error| error.to_string())?;
    std::fs::write(&verb.out, bytes)
        .map_err(|error| format!("cannot write {}: {error}", verb.out.display()))?;
    eprintln!(
        "Written to {}. The model in use is the same as before; name the new one with --model.",
        verb.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_language_that_nobody_listens_in_is_refused_by_name() {
        let known = |lang| super::known(lang, &analyzer::Analyzer::embedded().languages());
        for lang in ["fr", "en", "fr-ca", "en_gb"] {
            assert_eq!(known(lang), Ok(()));
        }
        for lang in ["zz", "", "french"] {
            let error = known(lang).unwrap_err();
            assert!(error.contains(lang) && error.contains("fr") && error.contains("en"), "{error}");
        }
    }
}
