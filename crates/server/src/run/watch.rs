//! What changes while the server runs: accounts, configuration files, SIGHUP; and what ends it: SIGTERM, SIGINT.

use super::access::House;
use super::brain::person;
use super::{Told, configured};
use crate::config::Files;
use eventlog::accounts::Accounts;
use router::Input;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, SystemTime};
use tokio::signal::unix::{SignalKind, signal};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);

/// The one who looks.
pub struct Watcher {
    files: Files,
    listen: SocketAddr,
    house: Arc<House>,
    tell: SyncSender<Told>,
    folder: PathBuf,
}

impl Watcher {
    /// A watcher that tells the brain.
    pub fn new(
        files: Files,
        listen: SocketAddr,
        house: Arc<House>,
        tell: SyncSender<Told>,
        folder: PathBuf,
    ) -> Watcher {
        Watcher { files, listen, house, tell, folder }
    }

    /// Looks until it is told to stop.
    pub async fn run(self) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        let Ok(accounts) = Accounts::open(&self.folder) else { return };
        let mut revision = accounts.changed().unwrap_or(0);
        let mut known: Vec<String> =
            accounts.list().unwrap_or_default().iter().map(|a| a.id.to_string()).collect();
        let mut stamps = self.stamps();
        let mut pause = tokio::time::interval(LOOK);
        loop {
            let asked = tokio::select! {
                _ = hangup.recv() => true,
                _ = pause.tick() => false,
            };
            let now = self.stamps();
            if asked || now != stamps {
                stamps = now;
                self.reload();
            }
            let changed = accounts.changed().unwrap_or(revision);
            if changed != revision {
                revision = changed;
                known = self.people(&accounts, &known);
            }
        }
    }

    fn stamps(&self) -> Vec<(PathBuf, Option<SystemTime>)> {
        let stamp = |path: PathBuf| {
            let modified = std::fs::metadata(&path).and_then(|data| data.modified()).ok();
            (path, modified)
        };
        self.files.watched().into_iter().map(stamp).collect()
    }

    /// A good configuration replaces the one in use; a bad one is told, and the old one stays.
    fn reload(&self) {
        match configured(&self.files, self.listen) {
            Ok(mut config) => {
                config.house.epoch = self.house.epoch().to_owned();
                self.house.set_doors(&config);
                eprintln!(
                    "relais: the configuration was read again; version {} is in use.",
                    config.house.version
                );
                self.send(Told::Reload(Box::new((config.house, config.policy))));
            }
            Err(_) => eprintln!("relais: the changed configuration cannot be used; the old one stays."),
        }
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
        // The brain may have ended; then there is nothing to tell.
        let _ = self.tell.try_send(what);
    }
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
