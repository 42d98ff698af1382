//! The brain's thread: takes all that is ready, decides, and dictates events and frames to the scribe, in order.

use super::Told;
use super::access::House;
use super::scribe::{Batch, Line};
use crate::clock::Clock;
use crate::entropy;
use conversation::{ConversationId, CustomerId, limits};
use dispatcher::Dispatcher;
use eventlog::accounts::{Account, Accounts};
use eventlog::{History, LogError};
use gateway::Inbound;
use router::input::{CustomerHello, Resume};
use router::{Effect, Input, Router};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;
use telemetry::Derive;
use wire::frame::advisor::Status;

/// The longest sleep without input, in milliseconds.
const SLEEP_MS: u64 = 1_000;

/// The brain with what it needs to be told in its own words.
pub struct Brain {
    router: Router,
    clock: Clock,
    house: Arc<House>,
    dictate: SyncSender<Batch>,
}

impl Brain {
    /// A brain that dictates to `dictate`.
    pub fn new(router: Router, clock: Clock, house: Arc<House>, dictate: SyncSender<Batch>) -> Brain {
        Brain { router, clock, house, dictate }
    }

    /// Loads accounts and everything that is open, before anybody is let in.
    ///
    /// # Errors
    /// The log or the accounts cannot be read.
    pub fn load(
        &mut self,
        log: &dyn History,
        accounts: &Accounts,
        derive: &mut Derive,
    ) -> Result<(), LogError> {
        for account in accounts.list()?.into_iter().filter(|account| !account.disabled) {
            self.router.handle(Input::PutAccount(Box::new(person(account))), self.clock.now());
        }
        for conversation in log.open_conversations()? {
            let events = log.read(conversation, 0)?;
            events.iter().for_each(|event| derive.replay(event));
            self.router.handle(Input::Loaded { conversation, events }, self.clock.now());
        }
        self.router.handle(Input::Started, self.clock.now());
        Ok(())
    }

    /// Decides until the gateway has said its last word.
    pub fn run(mut self, told: &Receiver<Told>, dispatcher: &Dispatcher) {
        loop {
            if !self.dictate_all(false) {
                return;
            }
            let now = self.clock.now();
            let sleep =
                self.router.poll_timeout().map_or(SLEEP_MS, |at| at.saturating_sub(now).min(SLEEP_MS));
            let mut next = match told.recv_timeout(Duration::from_millis(sleep)) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut taken = 0;
            while let Some(what) = next {
                if matches!(what, Told::Gateway(Inbound::Quiet)) {
                    // Everything that was accepted is decided: the scribe tells it, then everybody is let go.
                    self.dictate_all(true);
                    return;
                }
                self.take(what, dispatcher);
                taken += 1;
                next = if taken < limits::BATCH_INPUTS { told.try_recv().ok() } else { None };
            }
            self.router.handle_timeout(self.clock.now());
        }
    }

    fn take(&mut self, what: Told, dispatcher: &Dispatcher) {
        let now = self.clock.now();
        let input = match what {
            Told::House(input) => *input,
            Told::Reload(reload) => {
                dispatcher.set_policy(reload.policy);
                self.router.set_analyzer(reload.analyzer);
                Input::SetHouse(Arc::new(reload.house))
            }
            Told::Gateway(Inbound::CustomerHello(hello)) => self.hello(*hello),
            Told::Gateway(Inbound::CustomerFrame { connection, frame }) => {
                Input::CustomerFrame { connection: router::ConnectionId(connection.0), frame }
            }
            Told::Gateway(Inbound::AdvisorHello { connection, hello, account }) => Input::AdvisorHello {
                connection: router::ConnectionId(connection.0),
                lang: hello.lang.unwrap_or_else(|| self.house.language_of(&account)),
                advisor: account,
            },
            Told::Gateway(Inbound::AdvisorFrame { connection, frame }) => {
                Input::AdvisorFrame { connection: router::ConnectionId(connection.0), frame }
            }
            Told::Gateway(Inbound::Gone { connection }) => {
                Input::Gone { connection: router::ConnectionId(connection.0) }
            }
            Told::Gateway(Inbound::Quiet) => return,
        };
        self.router.handle(input, now);
    }

    fn hello(&self, told: gateway::CustomerHello) -> Input {
        let gateway::CustomerHello { connection, hello, identity, .. } = told;
        let fresh = ConversationId(entropy::number());
        let fresh_token = self.house.token_of(fresh);
        let resume = hello.conversation.map(|conversation| Resume {
            conversation,
            after: hello.seq.filter(|_| hello.epoch.as_deref() == Some(self.house.epoch())),
        });
        let token =
            resume.map_or_else(|| fresh_token.clone(), |resume| self.house.token_of(resume.conversation));
        let verified = identity.is_some();
        let (customer, profile) = match identity {
            Some(identity) => (Some(identity.customer), identity.profile),
            None => (None, None),
        };
        // An unknown visitor with proof of an earlier conversation is the customer of that one.
        let known =
            hello.previous.as_ref().and_then(|previous| self.house.customer_of(previous.conversation));
        let customer = customer.or(known).unwrap_or_else(|| anonymous(fresh));
        Input::CustomerHello(Box::new(CustomerHello {
            connection: router::ConnectionId(connection.0),
            site: hello.site,
            lang: hello.lang,
            resume,
            fresh,
            customer,
            verified,
            profile,
            page: hello.page.and_then(|page| serde_json::to_value(page).ok()),
            token,
            fresh_token,
        }))
    }

    /// Hands what was decided to the scribe. False when there is no scribe any more.
    fn dictate_all(&mut self, last: bool) -> bool {
        let mut batch = Batch { last, ..Batch::default() };
        while let Some(effect) = self.router.poll_effect() {
            batch.push(effect);
        }
        (batch.is_empty() && !last) || self.dictate.send(batch).is_ok()
    }
}

impl Batch {
    fn push(&mut self, effect: Effect) {
        match effect {
            Effect::Append(event) => self.events.push((*event).clone()),
            Effect::Send { to, frame } => {
                let text = match &frame {
                    // One event for many readers is written once.
                    wire::ServerFrame::Event(event) => match &self.written {
                        Some((known, text)) if Arc::ptr_eq(known, event) => text.clone(),
                        _ => {
                            let text = json(&frame);
                            self.written = Some((event.clone(), text.clone()));
                            text
                        }
                    },
                    _ => json(&frame),
                };
                self.lines.push(Line::Send(gateway::ConnectionId(to.0), text));
            }
            Effect::Close { to, why } => self.lines.push(Line::Close(gateway::ConnectionId(to.0), why)),
            other => self.lines.push(Line::Other(Box::new(other))),
        }
    }
}

fn json(frame: &wire::ServerFrame) -> gateway::Utf8Bytes {
    // A frame is made of texts, numbers and lists; it can always be written.
    serde_json::to_string(frame).unwrap_or_default().into()
}

fn anonymous(fresh: ConversationId) -> CustomerId {
    #[expect(clippy::expect_used, reason = "the text is made here, of letters and digits")]
    CustomerId::new(&format!("anon-{fresh}")).expect("a plain word")
}

/// An account as the brain needs it.
pub fn person(account: Account) -> router::Account {
    router::Account {
        id: account.id,
        name: account.name,
        role: match account.role {
            eventlog::accounts::Role::Advisor => router::Role::Advisor,
            eventlog::accounts::Role::Supervisor => router::Role::Supervisor,
        },
        skills: account.skills,
        langs: account.langs,
        capacity: account.capacity,
        queues: account.queues,
        status: status(&account.status),
    }
}

/// What somebody last said of themselves, as it was kept.
pub fn status(kept: &str) -> Status {
    match kept {
        "available" => Status::Available,
        "away" => Status::Away,
        _ => Status::Offline,
    }
}
