//! The clerk's thread: look-ups in the log and the accounts, which may take a moment.

use super::Told;
use conversation::{AdvisorId, ConversationId, CustomerId, Millis, limits};
use eventlog::accounts::Accounts;
use eventlog::{History, SqliteReader, Summary};
use router::Input;
use std::sync::mpsc::{Receiver, SyncSender};
use wire::frame::advisor::Status;
use wire::frame::server::Earlier;

/// Look-ups that wait; more: the scribe waits.
pub const WAITING_REQUESTS: usize = 4_096;

/// What is looked up or kept.
pub enum Request {
    /// A conversation's events.
    Load {
        /// Which.
        conversation: ConversationId,
    },
    /// A customer's earlier conversations.
    Earlier {
        /// For which conversation.
        conversation: ConversationId,
        /// Whose.
        customer: CustomerId,
    },
    /// What somebody has said of themselves.
    SaveStatus {
        /// Who.
        advisor: AdvisorId,
        /// What.
        status: Status,
    },
}

/// The one who looks up.
pub struct Clerk {
    /// Reads the log.
    pub reader: SqliteReader,
    /// The accounts.
    pub accounts: Accounts,
    /// Where answers go.
    pub tell: SyncSender<Told>,
}

impl Clerk {
    /// Answers until nobody asks any more.
    pub fn run(self, asked: &Receiver<Request>) {
        while let Ok(request) = asked.recv() {
            let answer = match request {
                Request::Load { conversation } => {
                    let events = self.reader.read(conversation, 0).unwrap_or_else(|error| {
                        tracing::error!(%error, "a conversation cannot be read");
                        Vec::new()
                    });
                    Input::Loaded { conversation, events }
                }
                Request::Earlier { conversation, customer } => {
                    // A visitor who was never here has nothing: no look-up, no answer.
                    let earlier = self.earlier(conversation, &customer);
                    if earlier.is_empty() {
                        continue;
                    }
                    Input::Earlier { conversation, earlier }
                }
                Request::SaveStatus { advisor, status } => {
                    if let Err(error) = self.accounts.set_status(&advisor, status.as_str()) {
                        tracing::error!(%error, "a presence cannot be kept");
                    }
                    continue;
                }
            };
            // The brain may have ended; then nobody waits for the answer.
            let _ = self.tell.send(Told::House(Box::new(answer)));
        }
    }

    fn earlier(&self, conversation: ConversationId, customer: &CustomerId) -> Vec<Earlier> {
        let found = self.reader.of_customer(customer, Millis::MAX >> 1, limits::EARLIER_CONVERSATIONS + 1);
        let others =
            found.unwrap_or_default().into_iter().filter(|summary| summary.conversation != conversation);
        others.take(limits::EARLIER_CONVERSATIONS).map(in_short).collect()
    }
}

fn in_short(summary: Summary) -> Earlier {
    Earlier {
        conversation: summary.conversation,
        at: summary.opened_at,
        outcome: summary.outcome,
        advisor: summary.advisor,
        summary: summary.first_words,
        peak: summary.peak,
    }
}
