//! `relais log`: integrity, export, copies, and a person's right to be forgotten.

use super::{Done, check::print_line, data_folder};
use crate::entropy;
use clap::{Args, Subcommand};
use conversation::{ConversationId, CustomerId};
use eventlog::export::{self, Which};
use eventlog::{SqliteLog, SqliteReader};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Looks after the event log.
#[derive(Args, Debug)]
pub struct Log {
    /// The folder that everything is kept in; by default, under the user's data directory.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    verb: LogVerb,
}

#[derive(Debug, Subcommand)]
enum LogVerb {
    /// Reads everything: checksums, order, and whether every conversation can be replayed.
    Verify,
    /// Writes conversations as JSON lines, in the format of `relais analyze` and `relais train`.
    Export {
        /// One conversation.
        #[arg(long, value_name = "ID")]
        conversation: Option<String>,
        /// Everything about one person, as one JSON object with every event.
        #[arg(long, value_name = "ID", conflicts_with = "conversation")]
        customer: Option<String>,
    },
    /// Forgets a person: in the log, in every index, and in the copies that were made here.
    Erase {
        /// Whom, as an advisor's console and `export` name them (`anon-…`, `id-…`).
        #[arg(long, value_name = "ID")]
        customer: String,
    },
    /// Copies log, accounts and secrets into a folder, also while the server runs.
    Backup {
        /// An empty or new folder.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Makes the data folder from a copy.
    Restore {
        /// The copy.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
    },
}

/// Runs it.
pub fn log(verb: Log) -> Done {
    let folder = data_folder(verb.data, false)?;
    let sentence = |error: eventlog::LogError| error.to_string();
    match verb.verb {
        LogVerb::Restore { from } => {
            let events = eventlog::sqlite::restore(&from, &folder, &fresh_epoch()).map_err(sentence)?;
            eprintln!(
                "{} is made of {}: {events} events, a new life of the log.",
                folder.display(),
                from.display()
            );
        }
        LogVerb::Backup { to } => {
            let events = reader(&folder)?.backup(&to).map_err(sentence)?;
            eprintln!(
                "{} holds a copy of {events} events; `relais log verify --data {}` reads it.",
                to.display(),
                to.display()
            );
        }
        LogVerb::Verify => {
            let verified = reader(&folder)?.verify().map_err(sentence)?;
            for problem in &verified.problems {
                eprintln!("error: {problem}");
            }
            print_line(&serde_json::json!({
                "events": verified.events, "conversations": verified.conversations,
                "problems": verified.problems.len() as u64 + verified.more,
            }));
            if !verified.is_sound() {
                eprintln!(
                    "{} problem(s) in {}.",
                    verified.problems.len() as u64 + verified.more,
                    folder.display()
                );
                return Ok(ExitCode::FAILURE);
            }
            eprintln!(
                "{} events of {} conversations: nothing is wrong.",
                verified.events, verified.conversations
            );
        }
        LogVerb::Export { conversation, customer } => {
            let reader = reader(&folder)?;
            let mut out = io::BufWriter::new(io::stdout().lock());
            if let Some(customer) = customer {
                export::person(&reader, &person(&customer)?, &mut out).map_err(sentence)?;
            } else {
                let which = match conversation {
                    Some(id) => Which::Conversation(
                        id.parse::<ConversationId>().map_err(|error| format!("{id:?}: {error}"))?,
                    ),
                    None => Which::All,
                };
                let lines = export::conversations(&reader, &which, &mut out).map_err(sentence)?;
                eprintln!("{lines} conversation(s).");
            }
            out.flush().map_err(|error| error.to_string())?;
        }
        LogVerb::Erase { customer } => {
            if !folder.exists() {
                return Err(format!("there is no data folder {}", folder.display()));
            }
            let (mut log, _) = SqliteLog::open(&folder, &fresh_epoch()).map_err(|error| {
                format!("{error}. Erasing wants the folder for itself: stop the server for this moment")
            })?;
            let who = person(&customer)?;
            let forgotten = log.erase(&who).map_err(sentence)?;
            for copy in &forgotten.unreached {
                eprintln!("warning: the copy {} could not be reached; erase there too", copy.display());
            }
            print_line(&serde_json::json!({
                "conversations": forgotten.conversations, "events": forgotten.events,
                "copies": forgotten.copies, "unreached": forgotten.unreached,
            }));
            if forgotten.conversations == 0 && forgotten.in_copies == 0 {
                return Err(format!(
                    "nobody of the name {customer:?} is known in {}: nothing was forgotten; a person is named as an \
                     advisor's console and `relais log export` name them (anon-…, id-…)",
                    folder.display()
                ));
            }
            eprintln!(
                "{} conversation(s), {} event(s) forgotten.",
                forgotten.conversations, forgotten.events
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn reader(folder: &std::path::Path) -> Result<SqliteReader, String> {
    if !folder.exists() {
        return Err(format!("there is no data folder {}", folder.display()));
    }
    SqliteReader::open(folder).map_err(|error| error.to_string())
}

fn fresh_epoch() -> String {
    format!("{:016x}", entropy::number())
}

fn person(id: &str) -> Result<CustomerId, String> {
    CustomerId::new(id).map_err(|error| format!("{id:?}: {error}"))
}
