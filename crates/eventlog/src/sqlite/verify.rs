//! Checking a whole log: every checksum, every sequence, every rule of [`conversation::State::apply`], every cid, and
//! the index against what the events say.

use super::{SqliteReader, read};
use crate::error::LogError;
use crate::log::History;
use conversation::{ConversationId, Event, State};
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};

/// Problems that are told in words; more are counted.
pub const PROBLEMS: usize = 100;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events that were read.
    pub events: u64,
    /// Conversations whose events were applied.
    pub conversations: u64,
    /// What is wrong, a sentence each, at most [`PROBLEMS`].
    pub problems: Vec<String>,
    /// Problems beyond these.
    pub more: u64,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn wrong(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }
}

impl SqliteReader {
    /// Checks everything as it is at this moment; the log may be appended to meanwhile.
    ///
    /// # Errors
    /// The storage fails so that nothing can be said; what is damaged is no error but a problem found.
    pub fn verify(&self) -> Result<Verified, LogError> {
        let mut found = Verified::default();
        for (name, connection) in [("log", &self.log), ("index", &self.index)] {
            pages(name, connection, &mut found)?;
        }
        let last = self.last_position()?;
        let mut position = 0;
        let mut rows: HashMap<ConversationId, usize> = HashMap::new();
        loop {
            let start = position;
            let mut gone = 0;
            let scanned = read::scan(&self.log, position + 1, 10_000, |row| {
                let at = match row {
                    Ok((at, _, event)) => {
                        *rows.entry(event.conversation).or_default() += 1;
                        at
                    }
                    Err(LogError::Damaged { position, why }) => {
                        found.wrong(format!("event {position} of the log cannot be read: {why}"));
                        position
                    }
                    Err(error) => return Err(error),
                };
                gone += at - position - 1;
                position = at;
                found.events += 1;
                Ok(())
            });
            match scanned {
                Err(error @ LogError::Damaged { .. }) => {
                    found.wrong(format!("{error}; nothing after it was read"));
                    break;
                }
                scanned => scanned?,
            }
            if gone > 0 {
                found.wrong(format!("{gone} events between {start} and {position} are missing"));
            }
            if position == start || position >= last {
                break;
            }
        }
        for id in self.reading(|sources| sources.all())? {
            let rows = rows.remove(&id).unwrap_or_default();
            self.one(id, rows, &mut found)?;
        }
        for (conversation, rows) in rows {
            found.wrong(format!("conversation {conversation} ({rows} events) is not in the index"));
        }
        Ok(found)
    }

    fn one(&self, id: ConversationId, rows: usize, found: &mut Verified) -> Result<(), LogError> {
        let events = match self.read(id, 0) {
            Ok(events) => events,
            Err(error @ LogError::Damaged { .. }) => {
                found.wrong(format!("conversation {id} cannot be read: {error}"));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        // More may have come since the rows were counted, never fewer.
        if events.len() < rows {
            found.wrong(format!("conversation {id} has {rows} events, and the index knows {}", events.len()));
        }
        found.conversations += 1;
        let state = match replay(&events) {
            Ok(state) => state,
            Err(problem) => {
                found.wrong(problem);
                return Ok(());
            }
        };
        let mut cids = HashSet::new();
        for event in &events {
            if let Some(cid) = &event.cid
                && !cids.insert(cid)
            {
                let (cid, seq) = (cid.chosen(), event.seq);
                found.wrong(format!("cid {cid:?} of conversation {id} is a second event at {seq}"));
            }
        }
        // One that grew since its events were read says nothing.
        if let (Some(state), Some(summary)) = (state, self.summary(id)?)
            && summary.seq == state.seq
        {
            let same = summary.owner == state.owner.word()
                && summary.customer == state.customer
                && summary.site == state.site
                && summary.opened_at == state.opened_at
                && summary.last_at == state.last_at
                && summary.advisor == state.last_advisor
                && summary.queue == state.queue
                && summary.peak == state.peak;
            if !same {
                found.wrong(format!("the index tells conversation {id} otherwise than its events"));
            }
        }
        Ok(())
    }
}

/// The state that the events lead to.
fn replay(events: &[Event]) -> Result<Option<State>, String> {
    let Some((first, rest)) = events.split_first() else { return Ok(None) };
    let mut state = State::open(first).map_err(|error| error.to_string())?;
    for event in rest {
        state.apply(event).map_err(|error| error.to_string())?;
    }
    Ok(Some(state))
}

/// What SQLite says of its own pages.
fn pages(name: &str, connection: &Connection, found: &mut Verified) -> Result<(), LogError> {
    let fault = LogError::sqlite("check the pages");
    let mut statement = connection.prepare("PRAGMA quick_check(20)").map_err(&fault)?;
    let mut rows = statement.query([]).map_err(&fault)?;
    loop {
        match rows.next() {
            Ok(None) => return Ok(()),
            Ok(Some(row)) => {
                let said: String = row.get(0).map_err(&fault)?;
                if said != "ok" {
                    found.wrong(format!("the {name}'s pages: {said}"));
                }
            }
            // Damage can end the check itself.
            Err(error) => {
                found.wrong(format!("the {name}'s pages: {error}"));
                return Ok(());
            }
        }
    }
}
