//! The people of the house: their accounts, their frames, and losing them.

use super::{HOUSE, Router};
use crate::advisor::{Asker, holder, subject, unseen};
use crate::effect::Effect;
use crate::input::{ConnectionId, Input};
use crate::people::Account;
use crate::turn::{Timer, presence_of};
use conversation::{AdvisorId, CustomerId};
use dispatcher::Refusal;
use wire::frame::advisor::Status;
use wire::{AdvisorFrame, Close, ErrorCode};

impl Router {
    pub(super) fn advisor_frame(&mut self, connection: ConnectionId, frame: AdvisorFrame) {
        let Some((advisor, lang)) = self.people.reader(connection).cloned() else { return };
        let asker = Asker::new(connection, advisor.clone(), lang.as_str(), &frame);
        let Some(id) = subject(&frame) else {
            return match frame {
                AdvisorFrame::SetPresence(frame) => {
                    let mut turn = self.turn();
                    turn.set_status(&advisor, frame.status);
                    turn.done(&asker, None, None);
                    if frame.status != Status::Available {
                        self.give_back_offers(&advisor, "withdrawn");
                    }
                }
                AdvisorFrame::SetPolicy(frame) => self.set_policy(&asker, frame),
                _ => self.turn().deny(&asker, ErrorCode::HelloTwice),
            };
        };
        if id == HOUSE {
            return self.turn().deny(&asker, unseen(&frame));
        }
        let Some(live) = self.conversations.get(&id) else {
            let input = Input::AdvisorFrame { connection, frame };
            if !self.keep_until_loaded(id, input) {
                self.turn().deny(&asker, ErrorCode::SlowDown);
            }
            return;
        };
        let mine = self.is_customer_of(&advisor, &live.opening.customer);
        self.with(id, |turn, live| turn.advisor_frame(live, &asker, frame, mine));
    }

    /// Whether an advisor has, or is asked for, a conversation of this customer.
    fn is_customer_of(&self, advisor: &AdvisorId, customer: &CustomerId) -> bool {
        let Some(person) = self.people.get(advisor) else { return false };
        let offered = person.offers.iter().map(|offer| &offer.conversation);
        person
            .holds
            .iter()
            .chain(offered)
            .any(|id| self.conversations.get(id).is_some_and(|live| live.opening.customer == *customer))
    }

    /// Whoever is not there, or says so, keeps nobody waiting for their answer.
    fn give_back_offers(&mut self, advisor: &AdvisorId, why: &str) {
        let offers = self.people.get(advisor).map(|person| person.offers.clone()).unwrap_or_default();
        for offer in offers {
            self.with(offer.conversation, |turn, live| {
                turn.refuse_offer(live, offer, Refusal::Lost, why.into(), None);
            });
        }
    }

    pub(super) fn lost(&mut self, advisor: &AdvisorId) {
        let Some(person) = self.people.get(advisor).filter(|person| person.connections.is_empty()).cloned()
        else {
            return;
        };
        if let Some(at) = person.given_up_at {
            self.out.cancel(at, &Timer::Lost(advisor.clone()));
            self.people.expected_until(advisor, None);
        }
        self.give_back_offers(advisor, "advisor_lost");
        for id in person.holds {
            self.with(id, |turn, live| {
                if holder(live).as_ref() == Some(advisor) {
                    turn.advisor_lost(live, advisor);
                }
            });
        }
    }

    pub(super) fn put_account(&mut self, account: Account) {
        let advisor = dispatcher::Advisor {
            id: account.id.clone(),
            skills: account.skills.clone(),
            langs: account.langs.clone(),
            capacity: account.capacity,
            queues: account.queues.clone(),
        };
        let (id, status) = (account.id.clone(), account.status);
        let known = self.people.get(&id).is_some();
        self.people.put(account);
        // More than the limit is refused where accounts are made; here it can only be logged by the shell.
        let _ = self.dispatcher.put_advisor(advisor, self.now);
        if !known {
            self.dispatcher.set_status(&id, presence_of(status), self.now);
        }
        self.out.matching = true;
        self.turn().presence_changed(&id);
    }

    pub(super) fn remove_account(&mut self, advisor: &AdvisorId) {
        let Some(person) = self.people.get(advisor).cloned() else { return };
        for connection in person.connections {
            self.people.disconnect(connection);
            self.out.effects.push_back(Effect::Close { to: connection, why: Close::Unauthorised });
        }
        self.dispatcher.set_status(advisor, presence_of(Status::Offline), self.now);
        self.dispatcher.set_connected(advisor, false, self.now);
        self.lost(advisor);
        self.dispatcher.remove_advisor(advisor);
        self.people.remove(advisor);
    }
}
