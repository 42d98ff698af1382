//! The command line, a file a verb.

pub mod check;
pub mod listening;
pub mod log;
pub mod simulate;
pub mod user;

use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// The command line, as it was written.
#[derive(Debug, Parser)]
#[command(
    name = "relais",
    version,
    about = "Routes conversations: a bot answers what is simple, people take over the moment they are needed.",
    after_help = "Examples:\n  \
        relais --demo                                  a shop to try, at http://127.0.0.1:8080\n  \
        relais serve --config config/relais.toml       your own house\n  \
        relais user add ines --role advisor --skill orders=4 --lang fr --lang en --config config/relais.toml\n  \
        relais user token ines                         a token for a program's `hello`\n  \
        relais check --config config/relais.toml       everything that is wrong, with file and line\n  \
        relais analyze < conversations.jsonl           what is heard in each turn\n  \
        relais evaluate --data labelled.jsonl          how well it hears\n  \
        relais train --data labelled.jsonl --out new.model\n  \
        relais log verify                              reads the whole log and says what is wrong\n  \
        relais simulate --seed 7 --svg day.svg         a day of a contact centre, policies side by side",
    args_conflicts_with_subcommands = true
)]
pub struct Line {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    serve: Serve,
}

/// How to run the server.
#[derive(Args, Clone, Debug, Default)]
pub struct Serve {
    /// The configuration; without it, the one that the binary carries (see config/relais.toml).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder that everything is kept in; by default, under the user's data directory.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to listen; by default 127.0.0.1:8080.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Also serves a demo shop with the widget, three advisors and a supervisor; on this machine only.
    #[arg(long)]
    pub demo: bool,
    /// Another model for the analyzer (see `relais train`).
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Runs the server (also without any verb).
    Serve(Serve),
    /// Says what is heard in conversations: JSON lines in, JSON lines out.
    Analyze(listening::Analyze),
    /// Says how well the analyzer hears, on labelled conversations.
    Evaluate(listening::Evaluate),
    /// Fits a new model to labelled conversations; replaces nothing by itself.
    Train(listening::Train),
    /// Says everything that is wrong with a configuration and its bots, with file and line.
    Check(check::Check),
    /// Adds, lists, disables advisors and supervisors, and makes their tokens.
    User(user::User),
    /// Looks after the event log: verify, export, erase, backup, restore.
    Log(log::Log),
    /// Answers what-ifs: a day in simulated time, on the real dispatcher, policies side by side.
    Simulate(simulate::Simulate),
}

/// Runs what was asked for.
pub fn run(line: Line) -> ExitCode {
    let done = match line.verb {
        None => crate::run::serve(line.serve),
        Some(Verb::Serve(serve)) => crate::run::serve(serve),
        Some(Verb::Analyze(verb)) => listening::analyze(&verb),
        Some(Verb::Evaluate(verb)) => listening::evaluate(&verb),
        Some(Verb::Train(verb)) => listening::train(&verb),
        Some(Verb::Check(verb)) => check::check(&verb),
        Some(Verb::User(verb)) => user::user(verb),
        Some(Verb::Log(verb)) => log::log(verb),
        Some(Verb::Simulate(verb)) => simulate::simulate(&verb),
    };
    done.unwrap_or_else(|sentence| {
        eprintln!("relais: {sentence}");
        ExitCode::FAILURE
    })
}

/// What a verb comes to: an exit status, or a sentence for people.
pub type Done = Result<ExitCode, String>;

/// The data folder: the one that was named, else under the user's data directory.
pub fn data_folder(named: Option<PathBuf>, demo: bool) -> Result<PathBuf, String> {
    if let Some(named) = named {
        return Ok(named);
    }
    let folders = directories::ProjectDirs::from("", "", "relais")
        .ok_or("this user has no home folder; name a data folder with --data DIR")?;
    Ok(folders.data_dir().join(if demo { "demo" } else { "house" }))
}
