//! What changes while the server runs: accounts, configuration files, SIGHUP; and what ends it: SIGTERM, SIGINT.

use super::access::House;
use super::brain::person;
use super::follower::Retention;
use super::{Reload, Told, configured, listening};
use crate::config::{Config, Files};
use eventlog::accounts::Accounts;
use router::Input;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, SystemTime};
use telemetry::Series;
use tokio::signal::unix::{SignalKind, signal};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);

/// What it needs.
pub struct Parts {
    /// Where the configuration comes from.
    pub files: Files,
    /// The analyzer's model, where the command line names one.
    pub model: Option<PathBuf>,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// What it began with.
    pub config: Config,
    /// The gateway's side of the house.
    pub house: Arc<House>,
    /// When what is old is forgotten.
    pub retention: Retention,
    /// The figures.
    pub series: Series,
    /// The brain's inbox.
    pub tell: SyncSender<Told>,
    /// The data folder.
    pub folder: PathBuf,
}

/// The one who looks.
pub struct Watcher {
    parts: Parts,
    /// Files that the configuration in use names.
    named: Vec<String>,
    stamps: Vec<Stamp>,
    /// Whether what the files say is in use.
    good: bool,
    accounts: Option<Accounts>,
    revision: u64,
    known: Vec<String>,
}

/// When a file was changed, and how long it is; nothing where it is not there.
type Stamp = (PathBuf, Option<(SystemTime, u64)>);

/// Looks until it is aborted. Reading, compiling and waiting for the brain's inbox happen on a thread that may block.
pub async fn run(mut watcher: Watcher) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    let mut pause = tokio::time::interval(LOOK);
    loop {
        let asked = tokio::select! {
            _ = hangup.recv() => true,
            _ = pause.tick() => false,
        };
        let looked = tokio::task::spawn_blocking(move || {
            watcher.look(asked);
            watcher
        });
        match looked.await {
            Ok(back) => watcher = back,
            Err(_) => return,
        }
    }
}

impl Watcher {
    /// A watcher that tells the brain.
    pub fn new(parts: Parts) -> Watcher {
        let accounts = Accounts::open(&parts.folder).ok();
        let revision = accounts.as_ref().and_then(|accounts| accounts.changed().ok()).unwrap_or(0);
        let listed = accounts.as_ref().and_then(|accounts| accounts.list().ok()).unwrap_or_default();
        let known = listed.iter().map(|account| account.id.to_string()).collect();
        let named = named(&parts.config);
        let mut watcher = Watcher { parts, named, stamps: Vec::new(), good: true, accounts, revision, known };
        watcher.stamps = watcher.stamps();
        watcher
    }

    fn look(&mut self, asked: bool) {
        let now = self.stamps();
        let changed = now != self.stamps;
        if asked || changed {
            self.stamps = now;
            // Who changes a file and asks at once may be late: it has been seen, and told, already.
            let news = changed || !self.good;
            self.good = self.reload(news);
            // The files that are named may be others now. What was known of the others is as old as what was read:
            // whoever changes one meanwhile is not overlooked.
            let read = std::mem::take(&mut self.stamps);
            let as_read =
                |stamp: Stamp| read.iter().find(|(path, _)| *path == stamp.0).cloned().unwrap_or(stamp);
            self.stamps = self.stamps().into_iter().map(as_read).collect();
        }
        if let Some(accounts) = &self.accounts {
            let changed = accounts.changed().unwrap_or(self.revision);
            if changed != self.revision {
                self.revision = changed;
                self.known = self.people(accounts, &self.known);
            }
        }
    }

    fn stamps(&self) -> Vec<Stamp> {
        let stamp = |path: PathBuf| {
            let data = std::fs::metadata(&path).ok();
            let changed = data.and_then(|data| Some((data.modified().ok()?, data.len())));
            (path, changed)
        };
        let files = self.parts.files.watched(self.named.iter());
        files.into_iter().chain(self.parts.model.clone()).map(stamp).collect()
    }

    /// A good configuration with good lexicons replaces what is in use; where anything is wrong with either, all of
    /// it is told, and the old one stays, whole. Whether it was good; `news`: whether anything may be other than before.
    fn reload(&mut self, news: bool) -> bool {
        let parts = &self.parts;
        let config = configured(&parts.files, parts.listen);
        let analyzer = listening(&parts.files, parts.model.as_deref());
        let (Ok(mut config), Ok(analyzer)) = (config, analyzer) else {
            eprintln!("relais: the changed configuration cannot be used; the old one stays.");
            return false;
        };
        config.house.epoch = parts.house.epoch().to_owned();
        let began = &parts.config;
        let waits = config.listen != began.listen
            || config.public_url != began.public_url
            || config.trusted_proxies != began.trusted_proxies
            || config.metrics_from != began.metrics_from
            || config.limits != began.limits
            || config.rates != began.rates;
        if waits && news {
            eprintln!("relais: [server] or [limits] has changed; that takes effect at the next start.");
        }
        self.named = named(&config);
        parts.house.set_doors(&config);
        parts.retention.set(config.forget_after_ms);
        parts.series.analyzer_version_info.reset();
        parts.series.analyzer_version_info.with_label_values(&[analyzer.model_version()]).set(1);
        let version = config.house.version.clone();
        let analyzer = Arc::new(analyzer);
        self.send(Told::Reload(Box::new(Reload { house: config.house, policy: config.policy, analyzer })));
        if news {
            eprintln!("relais: the configuration was read again; version {version} is in use.");
        } else {
            eprintln!(
                "relais: nothing has changed since the configuration was read; version {version} stays in use."
            );
        }
        true
    }

    fn people(&self, accounts: &Accounts, known: &[String]) -> Vec<String> {
        let mut now = Vec::new();
        for account in accounts.list().unwrap_or_default() {
            let input = if account.disabled {
                Input::RemoveAccount(account.id)
            } else {
                now.push(account.id.to_string());
                Input::PutAccount(Box::new(person(account)))
            };
            self.send(Told::House(Box::new(input)));
        }
        for gone in known.iter().filter(|id| !now.contains(id)) {
            if let Ok(id) = gone.parse() {
                self.send(Told::House(Box::new(Input::RemoveAccount(id))));
            }
        }
        now
    }

    fn send(&self, what: Told) {
        // Waits where the brain has much to do. It may have ended; then there is nothing to tell.
        let _ = self.parts.tell.send(what);
    }
}

fn named(config: &Config) -> Vec<String> {
    config.doors.values().flat_map(|door| door.files.iter().cloned()).collect()
}

/// Ends when the server is told to stop.
pub async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
