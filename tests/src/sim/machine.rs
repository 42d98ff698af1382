//! The server of a run: the real router and dispatcher over the real simulated log. What the router wants shown is
//! let out only after what it appended is synced; a crash loses everything that was not.

use super::house;
use super::ledger::Ledger;
use super::mutation::Mutation;
use conversation::{AdvisorId, Event, Millis};
use dispatcher::{Dispatcher, Room};
use eventlog::{EventLog, History, SimDisk, SimLog};
use router::{Account, Effect, Input, Router};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::frame::advisor::Status;

/// What outlives a crash: the disk, and what people said of themselves.
#[derive(Debug)]
pub struct Cellar {
    /// The people who have an account.
    pub accounts: Vec<Account>,
    /// The log's disk.
    pub disk: SimDisk,
    /// Whether the configuration has every queue ([`house::queues`]).
    pub whole: bool,
    /// Statuses that were kept.
    pub statuses: BTreeMap<AdvisorId, Status>,
}

impl Default for Cellar {
    fn default() -> Cellar {
        let (accounts, statuses) = (house::accounts(), BTreeMap::new());
        Cellar { accounts, disk: SimDisk::default(), whole: true, statuses }
    }
}

/// One life of the server.
pub struct Machine {
    /// The brain.
    pub router: Router,
    /// Its seats and lines.
    pub dispatcher: Arc<Dispatcher>,
    /// The log.
    pub log: SimLog,
    /// Decided and not yet durable or not yet shown, in order.
    pub pending: Vec<Effect>,
    /// What the effects that were drained so far say.
    pub decided: Ledger,
}

impl Machine {
    /// Starts from what is on the disk. Returns the events of the log as well, and when its own time begins: where the
    /// machine's clock says, and never before the log ends.
    pub fn start(
        cellar: &Cellar,
        clock: Millis,
        mutation: Option<Mutation>,
    ) -> Result<(Machine, Ledger, Millis), String> {
        let (log, _) = SimLog::open(&cellar.disk, super::gate::EPOCH)
            .map_err(|error| format!("opening the log: {error}"))?;
        let room = Room { waiting: house::WAITING, ..Room::default() };
        let dispatcher = Arc::new(Dispatcher::with_room(house::policy(cellar.whole), room));
        let mut house = house::house(log.epoch(), cellar.whole);
        if mutation == Some(Mutation::Impatient) {
            house.abandon_ms /= 2;
            house.idle_ms /= 2;
        }
        let mut router = Router::new(Arc::new(house), house::analyzer(), dispatcher.clone());
        let mut durable = Ledger::default();
        let all = log.read_from(1, usize::MAX).map_err(|error| error.to_string())?;
        for (_, event) in all {
            durable.push(Arc::new(event))?;
        }
        let now = clock.max(durable.last_at);
        for mut account in cellar.accounts.clone() {
            if let Some(status) = cellar.statuses.get(&account.id) {
                account.status = *status;
            }
            if mutation == Some(Mutation::SeatTooMany) {
                account.capacity += 1;
            }
            router.handle(Input::PutAccount(Box::new(account)), now);
        }
        for conversation in log.open_conversations().map_err(|error| error.to_string())? {
            let events = log.read(conversation, 0).map_err(|error| error.to_string())?;
            router.handle(Input::Loaded { conversation, events }, now);
        }
        router.handle(Input::Started, now);
        let decided = durable.clone();
        Ok((Machine { router, dispatcher, log, pending: Vec::new(), decided }, durable, now))
    }

    /// Makes what is pending durable.
    pub fn append(&mut self, events: &[Event]) -> Result<(), String> {
        self.log.append(events).map(|_| ()).map_err(|error| error.to_string())
    }
}
