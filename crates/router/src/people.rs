//! Who is there: accounts, their live connections, what they hold and what they are asked.

use crate::input::ConnectionId;
use conversation::{AdvisorId, ConversationId, Lang, Millis, OfferId, QueueId, Skill};
use std::collections::{BTreeMap, BTreeSet};
use wire::frame::advisor::Status;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers customers.
    Advisor,
    /// Conducts as well.
    Supervisor,
}

impl Role {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Advisor => "advisor",
            Role::Supervisor => "supervisor",
        }
    }
}

/// An advisor or supervisor as `relais user` made them.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The sign-in name.
    pub id: AdvisorId,
    /// The name that customers are shown.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Skills with their level, 1–5.
    pub skills: Vec<(Skill, u8)>,
    /// Languages that they write.
    pub langs: Vec<Lang>,
    /// Points that they can hold.
    pub capacity: u16,
    /// Queues that they serve; `None` is all.
    pub queues: Option<Vec<QueueId>>,
    /// What they last said of themselves.
    pub status: Status,
}

/// One person, now.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub account: Account,
    pub connections: Vec<ConnectionId>,
    pub holds: BTreeSet<ConversationId>,
    pub offers: BTreeSet<OfferId>,
    /// Without a connection, they are waited for until then.
    pub given_up_at: Option<Millis>,
    /// Events sent to them: their own feed's position.
    pub feed: u64,
}

/// Everybody, now.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    persons: BTreeMap<AdvisorId, Person>,
    readers: BTreeMap<ConnectionId, (AdvisorId, Lang)>,
}

impl People {
    /// Adds or changes an account; a status that was set meanwhile stays.
    pub fn put(&mut self, account: Account) {
        match self.persons.get_mut(&account.id) {
            Some(person) => person.account = Account { status: person.account.status, ..account },
            None => {
                let (connections, holds, offers) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
                let id = account.id.clone();
                let person = Person { account, connections, holds, offers, given_up_at: None, feed: 0 };
                self.persons.insert(id, person);
            }
        }
    }

    pub fn get(&self, id: &AdvisorId) -> Option<&Person> {
        self.persons.get(id)
    }

    pub fn get_mut(&mut self, id: &AdvisorId) -> Option<&mut Person> {
        self.persons.get_mut(id)
    }

    pub fn remove(&mut self, id: &AdvisorId) -> Option<Person> {
        let person = self.persons.remove(id)?;
        for connection in &person.connections {
            self.readers.remove(connection);
        }
        Some(person)
    }

    pub fn all(&self) -> impl Iterator<Item = &Person> {
        self.persons.values()
    }

    /// A connection of theirs is live; returns those that are one too many, the oldest first.
    pub fn connect(&mut self, id: &AdvisorId, connection: ConnectionId, lang: Lang) -> Vec<ConnectionId> {
        let Some(person) = self.persons.get_mut(id) else { return Vec::new() };
        person.connections.push(connection);
        self.readers.insert(connection, (id.clone(), lang));
        let excess = person.connections.len().saturating_sub(conversation::limits::ADVISOR_CONNECTIONS);
        person.connections[..excess].to_vec()
    }

    /// A connection is gone; says whose it was.
    pub fn disconnect(&mut self, connection: ConnectionId) -> Option<AdvisorId> {
        let (id, _) = self.readers.remove(&connection)?;
        if let Some(person) = self.persons.get_mut(&id) {
            person.connections.retain(|live| *live != connection);
        }
        Some(id)
    }

    /// Until when somebody without a connection is waited for; returns until when they were.
    pub fn expected_until(&mut self, id: &AdvisorId, until: Option<Millis>) -> Option<Millis> {
        let person = self.persons.get_mut(id)?;
        std::mem::replace(&mut person.given_up_at, until)
    }

    /// Who reads on this connection, and in which language.
    pub fn reader(&self, connection: ConnectionId) -> Option<&(AdvisorId, Lang)> {
        self.readers.get(&connection)
    }

    /// Every live connection of an advisor with its language.
    pub fn connections<'a>(
        &'a self,
        id: &AdvisorId,
    ) -> impl Iterator<Item = (ConnectionId, &'a Lang)> + use<'a> {
        self.persons.get(id).into_iter().flat_map(move |person| {
            person.connections.iter().filter_map(|connection| {
                let (_, lang) = self.readers.get(connection)?;
                Some((*connection, lang))
            })
        })
    }

    /// Every live connection of every person with its language.
    pub fn readers(&self) -> impl Iterator<Item = (ConnectionId, &AdvisorId, &Lang)> {
        self.readers.iter().map(|(connection, (id, lang))| (*connection, id, lang))
    }

    /// The name that customers are shown.
    pub fn name(&self, id: &AdvisorId) -> String {
        self.persons.get(id).map_or_else(|| id.to_string(), |person| person.account.name.clone())
    }

    pub fn is_supervisor(&self, id: &AdvisorId) -> bool {
        self.persons.get(id).is_some_and(|person| person.account.role == Role::Supervisor)
    }
}
