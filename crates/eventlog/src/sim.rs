//! The simulated log: the same promises on a disk that a test commands. It loses what was not synced, tears the last
//! write, runs full and fails its syncs; what it does by chance, the caller's seed decides.

mod disk;
mod records;

pub use disk::SimDisk;

use crate::check::{self, Standing};
use crate::error::LogError;
use crate::log::{EventLog, Found, History, Opened, Position};
use crate::search;
use crate::summary::{Change, Summary};
use conversation::{Cid, ConversationId, CustomerId, Event, Millis, Seq};
use disk::Fault;
use rusqlite::Connection;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A log on a [`SimDisk`]. Everything is in memory; opening reads it from the disk.
#[derive(Debug)]
pub struct SimLog {
    disk: SimDisk,
    epoch: String,
    store: Store,
    poisoned: Option<String>,
}

/// What the events on the disk say. Ordered maps: the same run gives the same bytes.
#[derive(Debug, Default)]
struct Store {
    /// Position 1, 2, 3 …
    events: Vec<Event>,
    conversations: BTreeMap<ConversationId, One>,
    /// In the order in which they began.
    begun: Vec<ConversationId>,
}

#[derive(Debug)]
struct One {
    summary: Summary,
    positions: Vec<Position>,
    cids: BTreeMap<Cid, Seq>,
}

impl SimLog {
    /// Opens the log on a disk as a process that starts anew does: what was written whole is read, what was torn is
    /// dropped, and all of it is synced before anything is appended.
    ///
    /// # Errors
    /// A record in the middle is damaged, or the disk fails.
    pub fn open(disk: &SimDisk, fresh_epoch: &str) -> Result<(SimLog, Opened), LogError> {
        let mut opened = Opened { clean: true, ..Opened::default() };
        let read = records::read(&disk.contents())?;
        if let Some(torn) = read.torn {
            opened.clean = false;
            opened.repaired.push(torn);
            disk.truncate(read.whole);
        }
        let epoch = match read.epoch {
            Some(epoch) => epoch,
            None => {
                disk.write(&records::head(fresh_epoch)).map_err(fault)?;
                String::from(fresh_epoch)
            }
        };
        disk.sync().map_err(fault)?;
        let mut store = Store::default();
        for event in read.events {
            store.take(event);
        }
        opened.events = store.events.len() as u64;
        Ok((SimLog { disk: disk.clone(), epoch, store, poisoned: None }, opened))
    }

    /// The disk, to be commanded.
    pub fn disk(&self) -> &SimDisk {
        &self.disk
    }

    fn summaries(&self, mut found: Vec<Summary>, limit: usize) -> Vec<Summary> {
        found.sort_unstable_by_key(|summary| (Reverse(summary.opened_at), summary.conversation));
        found.truncate(limit);
        found
    }
}

fn fault(fault: Fault) -> LogError {
    match fault {
        Fault::Full => LogError::Full { why: String::from("the simulated disk has no room") },
        Fault::Failed => {
            LogError::Storage { doing: "write to the log", why: String::from("the simulated disk failed") }
        }
    }
}

impl Store {
    fn take(&mut self, event: Event) {
        let position = self.events.len() as Position + 1;
        let change = Change::new(&event);
        let id = event.conversation;
        if let Some(summary) = Summary::begin(id, &change) {
            self.begun.push(id);
            self.conversations.insert(id, One { summary, positions: Vec::new(), cids: BTreeMap::new() });
        }
        if let Some(one) = self.conversations.get_mut(&id) {
            one.summary.take(&change);
            one.positions.push(position);
            if let Some(cid) = &event.cid {
                one.cids.insert(cid.clone(), event.seq);
            }
        }
        self.events.push(event);
    }
}

impl Standing for &Store {
    fn last(&mut self, conversation: ConversationId) -> Result<Seq, LogError> {
        Ok(self.conversations.get(&conversation).map_or(0, |one| one.summary.seq))
    }
    fn seq_of(&mut self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError> {
        Ok(self.conversations.get(&conversation).and_then(|one| one.cids.get(cid).copied()))
    }
}

impl EventLog for SimLog {
    fn append(&mut self, batch: &[Event]) -> Result<Position, LogError> {
        if let Some(why) = &self.poisoned {
            return Err(LogError::Poisoned { why: why.clone() });
        }
        if batch.is_empty() {
            return Ok(self.store.events.len() as Position);
        }
        check::check(batch, &mut &self.store)?;
        let written = records::record(batch).and_then(|record| {
            self.disk.write(&record).map_err(fault)?;
            self.disk.sync().map_err(fault)
        });
        if let Err(error) = written {
            if !error.is_refusal() {
                self.poisoned = Some(error.to_string());
            }
            return Err(error);
        }
        for event in batch {
            self.store.take(event.clone());
        }
        Ok(self.store.events.len() as Position)
    }
}

impl History for SimLog {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    fn read(&self, conversation: ConversationId, after: Seq) -> Result<Vec<Event>, LogError> {
        let Some(one) = self.store.conversations.get(&conversation) else { return Ok(Vec::new()) };
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(one.positions.iter().skip(after).map(|at| self.store.events[*at as usize - 1].clone()).collect())
    }

    fn read_from(&self, position: Position, limit: usize) -> Result<Vec<(Position, Event)>, LogError> {
        let start = usize::try_from(position.max(1) - 1).unwrap_or(usize::MAX);
        let rest = self.store.events.iter().enumerate().skip(start).take(limit);
        Ok(rest.map(|(place, event)| (place as Position + 1, event.clone())).collect())
    }

    fn last_position(&self) -> Result<Position, LogError> {
        Ok(self.store.events.len() as Position)
    }

    fn seq_of(&self, conversation: ConversationId, cid: &Cid) -> Result<Option<Seq>, LogError> {
        (&self.store).seq_of(conversation, cid)
    }

    fn open_conversations(&self) -> Result<Vec<ConversationId>, LogError> {
        let open = |id: &&ConversationId| {
            self.store.conversations.get(id).is_some_and(|one| !one.summary.is_closed())
        };
        Ok(self.store.begun.iter().filter(open).copied().collect())
    }

    fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, LogError> {
        Ok(self.store.conversations.get(&conversation).map(|one| one.summary.clone()))
    }

    fn of_customer(
        &self,
        customer: &CustomerId,
        before: Millis,
        limit: usize,
    ) -> Result<Vec<Summary>, LogError> {
        let all = self.store.conversations.values().map(|one| &one.summary);
        let theirs = all.filter(|summary| summary.customer == *customer && summary.opened_at < before);
        Ok(self.summaries(theirs.cloned().collect(), limit))
    }

    fn between(&self, from: Millis, to: Millis, limit: usize) -> Result<Vec<Summary>, LogError> {
        let all = self.store.conversations.values().map(|one| &one.summary);
        let then = all.filter(|summary| (from..to).contains(&summary.opened_at));
        Ok(self.summaries(then.cloned().collect(), limit))
    }

    fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, LogError> {
        // The same full text as the embedded log's, made for this one question: two sets of rules would differ.
        let doing = LogError::sqlite("search");
        let connection = Connection::open_in_memory().map_err(&doing)?;
        connection.execute_batch(search::TABLES).map_err(&doing)?;
        for (place, event) in self.store.events.iter().enumerate() {
            search::feed(&connection, place as Position + 1, event)?;
        }
        let positions = search::positions(&connection, words, limit)?;
        Ok(positions
            .into_iter()
            .filter_map(|at| Found::new(at, &self.store.events[at as usize - 1], words))
            .collect())
    }
}
