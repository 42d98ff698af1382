//! `relais check`: everything that is wrong, at once, with file and line.

use super::Done;
use crate::config::{self, Files};
use clap::Args;
use settings::Severity;
use std::path::PathBuf;
use std::process::ExitCode;

/// Says everything that is wrong with a configuration and its bots.
#[derive(Args, Debug)]
pub struct Check {
    /// The configuration, or a bot's script alone; without it, what the binary carries.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The same, without the option's name.
    #[arg(value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
}

/// Runs it. The exit status is 1 when there is an error; warnings alone are 0.
pub fn check(verb: &Check) -> Done {
    let problems = match verb.config.as_ref().or(verb.file.as_ref()) {
        None => {
            let mut all = config::read(&Files::Carried("relais.toml"), "http://127.0.0.1:8080").1;
            all.extend(config::read(&Files::Carried("demo.toml"), "http://127.0.0.1:8080").1);
            all
        }
        Some(path) => {
            let text = config::files::read(path)?;
            // A script says what it is by its first table.
            if text.lines().any(|line| line.trim() == "[bot]") {
                bot::Script::compile(&path.display().to_string(), &text).1
            } else {
                let files = Files::Disk(path.clone());
                let mut problems = config::read(&files, "http://127.0.0.1:8080").1;
                problems.extend(crate::run::lexicon_problems(&files));
                problems
            }
        }
    };
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    for problem in &problems {
        let word = if problem.severity == Severity::Error { "error" } else { "warning" };
        eprintln!("{word}: {problem}");
        let mut line = serde_json::to_value(problem).unwrap_or_default();
        line["level"] = word.into();
        print_line(&line);
    }
    match (errors, problems.len() - errors) {
        (0, 0) => eprintln!("Nothing is wrong."),
        (0, warnings) => eprintln!("{warnings} warning(s); it can be used."),
        (errors, warnings) => eprintln!("{errors} error(s) and {warnings} warning(s); it cannot be used."),
    }
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One JSON line for programs.
#[expect(clippy::print_stdout, reason = "programs read stdout")]
pub fn print_line(value: &serde_json::Value) {
    println!("{value}");
}
