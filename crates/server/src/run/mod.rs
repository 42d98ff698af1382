//! `relais serve`: every task, in the order in which a message meets them: gateway, brain, scribe (the log), clerk
//! (look-ups), caller (back offices); and shutdown.
//!
//! The brain decides on one thread, without waiting for anything. The scribe makes what was decided durable on
//! another, many decisions a sync, and only then lets go of the frames that tell it (law 3).

mod access;
mod brain;
mod caller;
mod clerk;
mod demo;
mod descriptors;
mod follower;
mod scribe;
mod watch;

use crate::clock::Clock;
use crate::command::{Done, Serve, data_folder};
use crate::config::{self, Config, Files};
use crate::entropy;
use access::House as Doors;
use analyzer::Analyzer;
use dispatcher::Dispatcher;
use eventlog::accounts::Accounts;
use eventlog::{History, SqliteLog};
use gateway::{Connections, GatewayConfig, Inbound};
use router::{House, Router};
use settings::{Problem, Severity};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use telemetry::{Derive, Series};

/// Everything that the brain is told, from every side.
#[expect(
    clippy::large_enum_variant,
    reason = "the large variant is the common one; boxing it would cost every message"
)]
pub enum Told {
    /// From the gateway: nearly everything, so it is not boxed.
    Gateway(Inbound),
    /// Answers to effects, accounts, configuration.
    House(Box<router::Input>),
    /// Another configuration.
    Reload(Box<Reload>),
}

/// What another configuration changes while the server runs.
pub struct Reload {
    /// For the brain.
    pub house: House,
    /// For the dispatcher.
    pub policy: dispatcher::Policy,
    /// Who listens.
    pub analyzer: Arc<Analyzer>,
}

/// The gateway's door to the brain's inbox.
struct Inbox(SyncSender<Told>);

impl gateway::Inbox for Inbox {
    fn tell(&self, what: Inbound) -> Result<(), gateway::Refused> {
        use std::sync::mpsc::TrySendError;
        self.0.try_send(Told::Gateway(what)).map_err(|error| match error {
            TrySendError::Full(_) => gateway::Refused::Full,
            TrySendError::Disconnected(_) => gateway::Refused::Over,
        })
    }
}

/// Inputs that wait for the brain; more: the gateway answers 1013.
const INBOX: usize = 16_384;

/// Runs the server until it is told to stop.
pub fn serve(options: Serve) -> Done {
    logging();
    let files = match (&options.config, options.demo) {
        (Some(path), _) => Files::Disk(path.clone()),
        (None, true) => Files::Carried("demo.toml"),
        (None, false) => Files::Carried("relais.toml"),
    };
    let guess = options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let mut config = configured(&files, guess)?;
    let listen = options.listen.unwrap_or(config.listen);
    if options.demo && !listen.ip().is_loopback() {
        return Err(format!(
            "--demo makes sign-in links for everybody to read; it listens on this machine only, not on {listen}"
        ));
    }
    let analyzer = Arc::new(listening(&files, options.model.as_deref())?);
    let folder = data_folder(options.data, options.demo)?;

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(worker_threads())
        .build()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    let inside = runtime.enter();

    // The port first: who cannot have it must not touch the data.
    let listener = gateway::listen(listen).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    drop(inside);
    let listen = listener.local_addr().map_err(|error| error.to_string())?;
    if listen != guess {
        config = configured(&files, listen)?;
    }
    let (log, opened) =
        SqliteLog::open(&folder, &format!("{:016x}", entropy::number())).map_err(|e| e.to_string())?;
    for sentence in &opened.repaired {
        eprintln!("relais: {sentence}");
    }
    let accounts = Accounts::open(&folder).map_err(|error| error.to_string())?;
    let links = if options.demo { demo::people(&accounts, listen)? } else { Vec::new() };
    let last = log.last_position().and_then(|at| log.read_from(at, 1)).map_err(|error| error.to_string())?;
    let clock = Clock::start().not_before(last.first().map_or(0, |(_, event)| event.at));
    config.house.epoch = log.epoch().to_owned();

    let series = Series::new().map_err(|error| error.to_string())?;
    series.start_time_seconds.set(clock.now() as f64 / 1_000.0);
    series.analyzer_version_info.with_label_values(&[analyzer.model_version()]).set(1);
    series.log_ready.set(1);
    for code in wire::ErrorCode::ALL {
        series.errors_total.with_label_values(&[code.as_str()]).inc_by(0);
    }
    let connections = Arc::new(Connections::new());
    let ready = Arc::new(AtomicBool::new(false));
    let dispatcher = Arc::new(Dispatcher::new(config.policy.clone()));
    let router = Router::new(Arc::new(config.house.clone()), analyzer, dispatcher.clone());
    let doors = Arc::new(Doors::new(access::Parts {
        clock,
        config: config.clone(),
        accounts: Accounts::open(&folder).map_err(|error| error.to_string())?,
        history: log.reader().map_err(|error| error.to_string())?,
        key: eventlog::accounts::secret(&folder, "conversations", entropy::bytes())
            .map_err(|e| e.to_string())?,
        ready: ready.clone(),
        series: series.clone(),
        connections: connections.clone(),
        dispatcher: dispatcher.clone(),
        demo: options.demo,
    })?);

    let (tell, told) = sync_channel::<Told>(INBOX);
    let (dictate, dictated) = sync_channel(scribe::WAITING_BATCHES);
    let (ask, asked) = sync_channel(clerk::WAITING_REQUESTS);
    let reader = log.reader().map_err(|error| error.to_string())?;
    let loader = log.reader().map_err(|error| error.to_string())?;
    let retention = follower::Retention::default();
    retention.set(config.forget_after_ms);
    let follower = log.follower().map_err(|error| error.to_string())?;
    let follower = follower::Following::new(follower, clock, retention.clone());
    let stop_following = follower.stop();
    let caller = caller::Caller::new(runtime.handle().clone(), tell.clone());
    let mut derive = Derive::new(series.clone());

    // What was open is loaded before anybody is let in; the brain's answers to it go to the log like all others.
    let mut brain = brain::Brain::new(router, clock, doors.clone(), dictate);
    brain.load(&loader, &accounts, &mut derive).map_err(|error| error.to_string())?;
    drop(loader);

    let scribe = scribe::Scribe {
        log,
        connections: connections.clone(),
        clerk: ask,
        caller,
        derive,
        series: series.clone(),
        ready: ready.clone(),
    };
    let clerk = clerk::Clerk { reader, accounts, tell: tell.clone() };
    let threads = vec![
        thread("relais-scribe", move || scribe.run(&dictated))?,
        thread("relais-follower", move || follower.run())?,
        thread("relais-clerk", move || clerk.run(&asked))?,
        thread("relais-brain", move || brain.run(&told, &dispatcher))?,
    ];
    ready.store(true, std::sync::atomic::Ordering::Release);

    announce(listen, &folder, &opened, &links, &files, options.demo);
    let gateway = GatewayConfig {
        public_url: config.public_url.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        rates: config.rates,
        metrics_from: config.metrics_from.clone().unwrap_or_else(gateway::Network::private),
        limits: gateway::Limits {
            connections: config.limits.connections.min(descriptors::room()),
            ..config.limits.clone()
        },
        ..GatewayConfig::default()
    };
    let watcher = watch::Watcher::new(watch::Parts {
        files,
        model: options.model,
        listen,
        config,
        house: doors.clone(),
        retention,
        series: series.clone(),
        tell: tell.clone(),
        folder: folder.clone(),
    });
    let drained = runtime.block_on(async {
        let watching = tokio::spawn(watch::run(watcher));
        let drained =
            gateway::serve(listener, gateway, doors, Inbox(tell), connections, watch::stopped()).await;
        watching.abort();
        drained
    });
    // The brain has ended with the gateway's last word; the scribe and the clerk end when nobody dictates any more.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    stop_following.store(true, std::sync::atomic::Ordering::Release);
    for thread in threads {
        if thread.join().is_err() {
            return Err("a thread has panicked; see the log above".into());
        }
    }
    eprintln!("relais: stopped; everything that was acknowledged is kept ({drained:?}).");
    Ok(ExitCode::SUCCESS)
}

fn worker_threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 4)
}

/// Threads are started here alone, by name, and joined at the end.
fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, String> {
    Builder::new().name(name.into()).spawn(run).map_err(|error| format!("cannot start a thread: {error}"))
}

/// A valid configuration, or everything that is wrong with it.
fn configured(files: &Files, listen: SocketAddr) -> Result<Config, String> {
    let (config, problems) = config::read(files, &format!("http://{listen}"));
    for problem in &problems {
        let word = if problem.severity == Severity::Error { "error" } else { "warning" };
        eprintln!("{word}: {problem}");
    }
    config.ok_or_else(|| "the configuration cannot be used; nothing was started".into())
}

fn listening(files: &Files, model: Option<&std::path::Path>) -> Result<Analyzer, String> {
    let bytes = model
        .map(|path| std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display())))
        .transpose()?;
    let lexicons = files.lexicons().inspect_err(|why| eprintln!("error: {why}"))?;
    let lexicons: Vec<(&str, &str)> =
        lexicons.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Analyzer::with(bytes.as_deref(), &lexicons).map_err(|problems| {
        problems.iter().for_each(|problem| eprintln!("error: {problem}"));
        "the analyzer's model or lexicons cannot be used; nothing was started".into()
    })
}

/// What is wrong with the lexicons beside a configuration.
pub fn lexicon_problems(files: &Files) -> Vec<Problem> {
    let lexicons = match files.lexicons() {
        Ok(lexicons) => lexicons,
        Err(message) => {
            let (file, suggestion) = (files.name(), None);
            return vec![Problem { file, line: 1, message, suggestion, severity: Severity::Error }];
        }
    };
    let lexicons: Vec<(&str, &str)> =
        lexicons.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let Err(problems) = Analyzer::with(None, &lexicons) else { return Vec::new() };
    problems
        .into_iter()
        .map(|problem| Problem {
            file: problem.file,
            line: problem.line as u32,
            message: problem.message,
            suggestion: problem.suggestion,
            severity: Severity::Error,
        })
        .collect()
}

fn announce(
    listen: SocketAddr,
    folder: &std::path::Path,
    opened: &eventlog::Opened,
    links: &[(String, String)],
    files: &Files,
    demo: bool,
) {
    eprintln!(
        "relais: listening on http://{listen} ({} events in {}, opened in {} ms)",
        opened.events,
        folder.display(),
        opened.ms
    );
    eprintln!("  console   http://{listen}/console");
    eprintln!("  widget    http://{listen}/widget.js");
    eprintln!("  metrics   http://{listen}/metrics   health /healthz   readiness /readyz");
    if demo {
        eprintln!("  the shop  http://{listen}/   (English: http://{listen}/?lang=en)");
        eprintln!("Sign in once with each of these links, then set yourself available:");
        for (name, link) in links {
            eprintln!("  {name:<28} {link}");
        }
        eprintln!("Try it: open the shop, ask « où en est ma commande 4521 ? », then lose your temper.");
    } else {
        let config = files.on_disk().map_or(String::new(), |path| format!(" --config {}", path.display()));
        eprintln!("  people    relais user add NAME --role advisor --data {}{config}", folder.display());
    }
}

fn logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RELAIS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
