//! `relais user`: advisors and supervisors. Works beside a running server, which notices within a second.

use super::{Done, check::print_line, data_folder};
use crate::clock::Clock;
use crate::config::Files;
use crate::config::doorway::address;
use crate::entropy;
use clap::{Args, Subcommand, ValueEnum};
use conversation::{AdvisorId, Lang, QueueId, Skill, limits};
use eventlog::accounts::{Account, Accounts, Bearer, BearerKind, Role, SecretHash};
use std::path::PathBuf;
use std::process::ExitCode;

/// Adds, lists, disables people, and makes what they sign in with.
#[derive(Args, Debug)]
pub struct User {
    /// The folder that everything is kept in; by default, under the user's data directory.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// The house's configuration: its `public_url`, or else its `listen`, is the address in sign-in links.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: UserVerb,
}

#[derive(Debug, Subcommand)]
enum UserVerb {
    /// Adds somebody and prints their first sign-in link.
    Add(Add),
    /// Lists everybody, a JSON line each.
    List,
    /// Keeps the account, but ends its sessions and lets nobody in with it.
    Disable {
        /// Who.
        name: String,
    },
    /// Lets somebody in again who was disabled.
    Enable {
        /// Who.
        name: String,
    },
    /// Prints a token for the `hello` of a program's socket. It is shown once and kept as a hash.
    Token {
        /// Whose.
        name: String,
        /// What it is for.
        #[arg(long, default_value = "made with relais user token")]
        label: String,
    },
    /// Prints a new one-time sign-in link, valid for a day.
    Link {
        /// Whose.
        name: String,
        /// The console's address, where it is not the configuration's.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    Advisor,
    Supervisor,
}

#[derive(Args, Debug)]
struct Add {
    /// The name they sign in with: letters, digits, `-`, `_` and `.`.
    name: String,
    /// What they may do.
    #[arg(long, value_enum)]
    role: RoleName,
    /// The name that customers are shown; by default the sign-in name.
    #[arg(long, value_name = "TEXT")]
    shown: Option<String>,
    /// A skill with its level, 1–5, such as `orders=4`; may be repeated.
    #[arg(long = "skill", value_name = "NAME=LEVEL")]
    skills: Vec<String>,
    /// A language that they write, the best first; may be repeated.
    #[arg(long = "lang", value_name = "LANG")]
    langs: Vec<String>,
    /// Points that they can hold at once: a calm chat takes 2, an angry one 3 in the shipped configuration.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=1000))]
    capacity: u16,
    /// A queue that they serve; may be repeated; without any, all.
    #[arg(long = "queue", value_name = "QUEUE")]
    queues: Vec<String>,
    /// The console's address, for the link, where it is not the configuration's.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// How long a sign-in link can be used, in milliseconds.
pub const LINK_MS: u64 = 24 * 3_600_000;

/// Runs it.
pub fn user(verb: User) -> Done {
    let folder = data_folder(verb.data, false)?;
    let files = verb.config.map_or(Files::Carried("relais.toml"), Files::Disk);
    let console = |url: Option<String>| url.map_or_else(|| address(&files), Ok);
    let accounts = Accounts::open(&folder).map_err(|error| error.to_string())?;
    match verb.verb {
        UserVerb::Add(add) => {
            let url = console(add.url.clone())?;
            let account = account(add)?;
            fits(&account, &files)?;
            let known = accounts.list().map_err(|error| error.to_string())?.len();
            if known >= limits::ADVISORS {
                return Err(format!(
                    "there are {known} accounts; more than {} cannot be known",
                    limits::ADVISORS
                ));
            }
            if !accounts.add(&account).map_err(|error| error.to_string())? {
                return Err(format!(
                    "there is an account {:?} already; `relais user list` shows them",
                    account.id.as_str()
                ));
            }
            let link = link(&accounts, &account.id, &url)?;
            eprintln!("{} is added ({}). Sign in once, within a day, at:", account.id, account.role.as_str());
            eprintln!("  {link}");
            print_line(&serde_json::json!({ "added": account.id, "link": link }));
        }
        UserVerb::List => {
            for account in accounts.list().map_err(|error| error.to_string())? {
                print_line(&serde_json::json!({
                    "name": account.id, "shown": account.name, "role": account.role.as_str(), "capacity": account.capacity,
                    "skills": account.skills.iter().map(|(skill, level)| format!("{skill}={level}")).collect::<Vec<_>>(),
                    "langs": account.langs, "queues": account.queues, "disabled": account.disabled, "status": account.status,
                }));
            }
        }
        UserVerb::Disable { name } => {
            let mut account = known(&accounts, &name)?;
            account.disabled = true;
            accounts.update(&account).map_err(|error| error.to_string())?;
            accounts.revoke_all(&account.id).map_err(|error| error.to_string())?;
            eprintln!("{name} is disabled: sessions and tokens have ended.");
        }
        UserVerb::Enable { name } => {
            let mut account = known(&accounts, &name)?;
            account.disabled = false;
            accounts.update(&account).map_err(|error| error.to_string())?;
            eprintln!("{name} may sign in again; `relais user link {name}` prints a link.");
        }
        UserVerb::Token { name, label } => {
            let account = known(&accounts, &name)?;
            let token = give(&accounts, &account.id, BearerKind::Token, &label, None)?;
            eprintln!("A token for {name}; it is shown this once:");
            token_line(&token);
        }
        UserVerb::Link { name, url } => {
            let account = known(&accounts, &name)?;
            let link = link(&accounts, &account.id, &console(url)?)?;
            eprintln!("Sign in once, within a day, at:");
            token_line(&link);
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(
    clippy::print_stdout,
    reason = "a secret that is asked for goes to stdout alone, so that a program can take it"
)]
fn token_line(text: &str) {
    println!("{text}");
}

fn known(accounts: &Accounts, name: &str) -> Result<Account, String> {
    let id = AdvisorId::new(name).map_err(|error| format!("{name:?}: {error}"))?;
    let found = accounts.get(&id).map_err(|error| error.to_string())?;
    found.ok_or_else(|| format!("there is no account {name:?}; `relais user list` shows them"))
}

fn account(add: Add) -> Result<Account, String> {
    let id = AdvisorId::new(&add.name).map_err(|error| format!("{:?}: {error}", add.name))?;
    let role = match add.role {
        RoleName::Advisor => Role::Advisor,
        RoleName::Supervisor => Role::Supervisor,
    };
    let shown = add.shown.unwrap_or_else(|| add.name.clone());
    let mut account = Account::new(id, &shown, role);
    account.capacity = add.capacity;
    for written in &add.skills {
        let parsed = written.split_once('=').and_then(|(name, level)| {
            let level = level.parse::<u8>().ok().filter(|level| (1..=5).contains(level))?;
            Some((Skill::new(name).ok()?, level))
        });
        account.skills.push(
            parsed
                .ok_or_else(|| format!("--skill {written:?} must be NAME=LEVEL with a level from 1 to 5"))?,
        );
    }
    for lang in &add.langs {
        account.langs.push(Lang::new(lang).map_err(|_| format!("--lang {lang:?} must be such as fr or en"))?);
    }
    if account.langs.is_empty() {
        account.langs = ["fr", "en"].into_iter().filter_map(|lang| Lang::new(lang).ok()).collect();
    }
    if !add.queues.is_empty() {
        let queues = add
            .queues
            .iter()
            .map(|queue| QueueId::new(queue).map_err(|error| format!("--queue {queue:?}: {error}")));
        account.queues = Some(queues.collect::<Result<_, _>>()?);
    }
    Ok(account)
}

/// Whether the house has the queues and asks for the skills of this account; what the binary carries is nobody's own
/// house, and is not asked.
fn fits(account: &Account, files: &Files) -> Result<(), String> {
    let nothing_named = account.queues.is_none() && account.skills.is_empty();
    let Some(path) = files.on_disk().filter(|_| !nothing_named) else { return Ok(()) };
    let (config, problems) = crate::config::read(files, "http://127.0.0.1");
    let Some(config) = config else {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(format!("{}; mend it first, or leave --config out", told.join("; ")));
    };
    let queues: Vec<&str> = config.house.queues.keys().map(QueueId::as_str).collect();
    for queue in account.queues.iter().flatten() {
        if !queues.contains(&queue.as_str()) {
            return Err(unknown("--queue", queue.as_str(), "a queue", &queues, path));
        }
    }
    // What a queue stops asking for (`drop`) it has asked for before.
    let asked = config.policy.queues.values().flat_map(|queue| queue.skills.keys().map(Skill::as_str));
    let asked: Vec<&str> = asked.collect::<std::collections::BTreeSet<&str>>().into_iter().collect();
    for (skill, _) in &account.skills {
        if !asked.contains(&skill.as_str()) {
            return Err(unknown("--skill", skill.as_str(), "a skill that a queue asks for", &asked, path));
        }
    }
    Ok(())
}

fn unknown(option: &str, word: &str, what: &str, known: &[&str], path: &std::path::Path) -> String {
    let meant = settings::spelling::did_you_mean(word, known.iter().copied());
    let known = if known.is_empty() { "none".into() } else { known.join(", ") };
    let place = path.display();
    [format!("{option} {word:?} is not {what} in {place} (known: {known})"), meant]
        .join("; ")
        .trim_end_matches("; ")
        .into()
}

/// A one-time sign-in link; its code stands in the fragment, which no server and no log ever sees.
pub fn link(accounts: &Accounts, id: &AdvisorId, url: &str) -> Result<String, String> {
    let code = give(accounts, id, BearerKind::Code, "sign-in link", Some(LINK_MS))?;
    Ok(format!("{}/console#code={code}", url.trim_end_matches('/')))
}

/// Makes a secret, keeps its hash, and returns it.
pub fn give(
    accounts: &Accounts,
    id: &AdvisorId,
    kind: BearerKind,
    label: &str,
    lasts_ms: Option<u64>,
) -> Result<String, String> {
    let secret = entropy::secret();
    let now = Clock::start().now();
    let bearer = Bearer {
        hash: SecretHash::of(&secret),
        account: id.clone(),
        kind,
        label: label.to_owned(),
        made_at: now,
        expires_at: lasts_ms.map(|ms| now + ms),
    };
    accounts.give(&bearer).map_err(|error| error.to_string())?;
    Ok(secret)
}
