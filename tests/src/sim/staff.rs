//! A person of the house: answers what is offered, or not; says, notes, hands on, closes; vanishes without a word.
//! What they act on is what the server has now or had a moment ago, so that requests cross decisions.

use super::house;
use super::network::{Up, Who};
use super::world::World;
use conversation::{AdvisorId, Cid, ConversationId, Millis, OfferId, Owner};
use dispatcher::Presence;
use router::ConnectionId;
use std::collections::{BTreeMap, BTreeSet};
use wire::ServerFrame;
use wire::frame::AdvisorFrame;
use wire::frame::advisor::{
    Accept, Assign, CloseConversation, Decline, Destination, GiveFeedback, Join, Listen, Open, Requeue,
    ReturnToBot, Say, SetPolicy, SetPresence, Status, Take, Transfer, Verdict, WriteNote,
};

/// One person.
#[derive(Debug)]
pub struct Staff {
    id: AdvisorId,
    link: Option<ConnectionId>,
    welcomed: bool,
    away_until: Millis,
    next_cid: u64,
    /// Said or noted, and not answered; sent again on the next connection.
    unanswered: BTreeMap<Cid, AdvisorFrame>,
    /// Asked on this connection, and not answered.
    asked: BTreeMap<String, Millis>,
    next_reference: u64,
    /// The last event of each conversation that they were shown.
    shown: BTreeMap<ConversationId, u64>,
    /// Conversations that they were shown whole and see live since.
    follows: BTreeSet<ConversationId>,
    /// The last offers that they were made.
    offered: Vec<OfferId>,
}

impl Staff {
    /// Somebody who has not come yet.
    pub fn new(id: AdvisorId) -> Staff {
        Staff {
            id,
            link: None,
            welcomed: false,
            away_until: 0,
            next_cid: 0,
            unanswered: BTreeMap::new(),
            asked: BTreeMap::new(),
            next_reference: 0,
            shown: BTreeMap::new(),
            follows: BTreeSet::new(),
            offered: Vec::new(),
        }
    }
}

impl World {
    /// The person does something; returns when they do the next thing.
    pub fn staff_acts(&mut self, nth: usize) -> Millis {
        let (now, wild) = (self.now, self.wild());
        if wild && self.staff[nth].away_until > now {
            return self.staff[nth].away_until - now;
        }
        let Some(link) = self.staff[nth].link else {
            let link = self.connect(Who::Staff(nth));
            let it = &mut self.staff[nth];
            (it.link, it.welcomed) = (Some(link), false);
            it.shown.clear();
            it.follows.clear();
            it.asked.clear();
            let id = it.id.clone();
            self.send(link, Up::SignIn(id));
            return self.chance.between(300, 2_000);
        };
        if !self.staff[nth].welcomed {
            return 500;
        }
        let (offers, holds, others) = self.in_sight(nth);
        if !wild {
            // Calm: everybody is there, takes what they are offered and brings it to its end.
            if !self.is_available(nth) {
                let status = SetPresence { status: Status::Available, reason: None, reference: None };
                self.send(link, Up::Advisor(AdvisorFrame::SetPresence(status)));
            }
            for offer in offers {
                self.send(link, Up::Advisor(AdvisorFrame::Accept(Accept { offer, reference: None })));
            }
            if let Some(conversation) = holds.first().copied() {
                let outcome = "resolved".to_owned();
                let close = CloseConversation { conversation, outcome, reference: None };
                self.send(link, Up::Advisor(AdvisorFrame::CloseConversation(close)));
            }
            return self.chance.between(2_000, 8_000);
        }
        if let Some(frame) = self.staff_chooses(nth, &offers, &holds, &others) {
            if let Some(reference) = frame.reference() {
                self.staff[nth].asked.insert(reference.to_owned(), now);
            }
            self.send(link, Up::Advisor(frame));
        }
        if self.chance.percent(1) {
            self.send(link, Up::Noise("{\"type\":\"take\",\"conversation\":"));
        }
        self.chance.between(300, 12_000)
    }

    fn is_available(&self, nth: usize) -> bool {
        let machine = self.machine.as_ref();
        let load = machine.and_then(|machine| machine.dispatcher.load(&self.staff[nth].id));
        load.is_some_and(|load| load.status == Presence::Available)
    }

    /// The day is over: the status that they had stays, as it does when people forget.
    pub fn staff_goes_home(&mut self, until: Millis) {
        for nth in 0..self.staff.len() {
            if let Some(link) = self.staff[nth].link.take() {
                self.cut(link);
            }
            self.staff[nth].away_until = until + self.chance.between(0, 120_000);
        }
    }

    /// Whatever was asked on a connection that is still there has had its answer.
    pub fn staff_in_the_end(&self) -> Result<(), String> {
        for it in &self.staff {
            let old = it.asked.iter().find(|(_, at)| **at + 60_000 < self.now);
            if let (Some((reference, _)), Some(_)) = (old, it.link) {
                return Err(format!("an answer to everything: {reference} of {} has none", it.id));
            }
        }
        Ok(())
    }

    /// Offers to them, what they have, and everything else that is open.
    fn in_sight(&self, nth: usize) -> (Vec<OfferId>, Vec<ConversationId>, Vec<ConversationId>) {
        let me = &self.staff[nth].id;
        let (mut offers, mut holds, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for state in self.machine.iter().flat_map(|machine| machine.router.states()) {
            match &state.owner {
                Owner::Offered { offers: open, .. } => {
                    offers.extend(open.iter().filter(|o| o.advisor == *me).map(|o| o.offer));
                    others.push(state.id);
                }
                Owner::Advisor { advisor } if advisor == me => holds.push(state.id),
                _ => others.push(state.id),
            }
        }
        (offers, holds, others)
    }

    fn staff_chooses(
        &mut self,
        nth: usize,
        offers: &[OfferId],
        holds: &[ConversationId],
        others: &[ConversationId],
    ) -> Option<AdvisorFrame> {
        let supervisor = nth == self.staff.len() - 1;
        self.staff[nth].next_reference += 1;
        let reference = Some(format!("r{}", self.staff[nth].next_reference));
        // Too late, perhaps: the offer may have lapsed, or be somebody else's by now.
        if self.chance.percent(3)
            && let Some(offer) = self.staff[nth].offered.last().copied()
        {
            return Some(AdvisorFrame::Accept(Accept { offer, reference }));
        }
        let dice = self.chance.between(0, 99);
        if let Some(offer) = self.chance.pick(offers).copied()
            && dice < 80
        {
            return match dice {
                0..=54 => Some(AdvisorFrame::Accept(Accept { offer, reference })),
                55..=69 => {
                    let reason = "busy".to_owned();
                    Some(AdvisorFrame::Decline(Decline { offer, reason, note: None, reference }))
                }
                _ => None,
            };
        }
        let dice = self.chance.between(0, 99);
        match dice {
            0..=5 => {
                let status = *self.chance.pick(&[
                    Status::Away,
                    Status::Available,
                    Status::Available,
                    Status::Offline,
                ])?;
                return Some(AdvisorFrame::SetPresence(SetPresence { status, reason: None, reference }));
            }
            6..=9 => {
                // Without a word.
                if let Some(link) = self.staff[nth].link.take() {
                    self.cut(link);
                    let long = self.chance.percent(40);
                    self.staff[nth].away_until =
                        self.now + if long { 150_000 } else { self.chance.between(500, 40_000) };
                }
                return None;
            }
            10..=14 => {
                let conversation = *self.chance.pick(others)?;
                return Some(AdvisorFrame::Take(Take { conversation, reference }));
            }
            15..=17 => {
                let conversation = *self.chance.pick(others)?;
                return Some(AdvisorFrame::Open(Open { conversation, reference }));
            }
            _ => {}
        }
        // A supervisor interferes with what is not theirs; an advisor tries now and then.
        let meddles = self.chance.percent(if supervisor { 60 } else { 4 });
        let conversation = *if meddles { self.chance.pick(others)? } else { self.chance.pick(holds)? };
        let dice = self.chance.between(0, 99);
        Some(match dice {
            0..=29 => {
                let cid = self.staff_cid(nth);
                let text = format!("je regarde ({cid})");
                let frame = AdvisorFrame::Say(Say { conversation, cid: cid.clone(), text, reference });
                self.staff[nth].unanswered.insert(cid, frame.clone());
                frame
            }
            30..=37 => {
                let cid = self.staff_cid(nth);
                let mentions = vec![house::advisor("ines")];
                let text = format!("attention ({cid})");
                let frame = AdvisorFrame::WriteNote(WriteNote {
                    conversation,
                    cid: cid.clone(),
                    text,
                    mentions,
                    reference,
                });
                self.staff[nth].unanswered.insert(cid, frame.clone());
                frame
            }
            38..=44 => {
                let queue = self.chance.pick(&house::QUEUES).map(|name| house::queue(name));
                let to = Destination { queue, advisor: None };
                AdvisorFrame::Transfer(Transfer {
                    conversation,
                    to,
                    note: Some("à suivre".into()),
                    reference,
                })
            }
            45..=51 => {
                let somebody = self.chance.between(0, self.staff.len() as u64 - 1) as usize;
                let to = Destination { queue: None, advisor: Some(self.staff[somebody].id.clone()) };
                AdvisorFrame::Transfer(Transfer { conversation, to, note: None, reference })
            }
            52..=59 => AdvisorFrame::ReturnToBot(ReturnToBot { conversation, node: None, reference }),
            60..=63 => AdvisorFrame::GiveFeedback(GiveFeedback {
                conversation,
                seq: 2,
                verdict: Verdict::NotFrustrated,
                span: None,
                note: None,
                reference,
            }),
            64..=73 => {
                let outcome = "resolved".to_owned();
                AdvisorFrame::CloseConversation(CloseConversation { conversation, outcome, reference })
            }
            74..=81 => {
                let somebody = self.chance.between(0, self.staff.len() as u64 - 1) as usize;
                let advisor = self.staff[somebody].id.clone();
                AdvisorFrame::Assign(Assign { conversation, advisor, reference })
            }
            82..=88 => {
                let named = self.chance.percent(50);
                let queue = self.chance.pick(&house::QUEUES).filter(|_| named).map(|name| house::queue(name));
                AdvisorFrame::Requeue(Requeue { conversation, queue, reference })
            }
            89..=92 => AdvisorFrame::Join(Join { conversation, reference }),
            93..=96 => AdvisorFrame::Listen(Listen { conversation, reference }),
            _ => AdvisorFrame::SetPolicy(SetPolicy {
                queue: house::queue("care"),
                peak: Some(0.6),
                trend: None,
                reason: "beaucoup de monde".into(),
                reference,
            }),
        })
    }

    fn staff_cid(&mut self, nth: usize) -> Cid {
        self.staff[nth].next_cid += 1;
        Cid::new(&format!("s{}", self.staff[nth].next_cid)).expect("a cid")
    }

    /// The connection is gone from the server's side.
    pub fn staff_cut(&mut self, nth: usize, link: ConnectionId) {
        if self.staff[nth].link == Some(link) {
            self.staff[nth].link = None;
        }
    }

    /// A frame arrives at their console.
    pub fn staff_reads(&mut self, nth: usize, link: ConnectionId, frame: &ServerFrame) -> Result<(), String> {
        let it = &mut self.staff[nth];
        if it.link != Some(link) {
            return Ok(());
        }
        match frame {
            ServerFrame::AdvisorWelcome(welcome) => {
                it.welcomed = true;
                for view in &welcome.snapshot.conversations {
                    let last = view.events.last().map_or(0, |event| event.seq);
                    it.shown.insert(view.conversation, last);
                    it.follows.insert(view.conversation);
                }
                for offer in &welcome.snapshot.offers {
                    it.shown.insert(offer.conversation, offer.history.last().map_or(0, |event| event.seq));
                    it.follows.insert(offer.conversation);
                    it.offered.push(offer.offer);
                }
                let again: Vec<AdvisorFrame> = it.unanswered.values().cloned().collect();
                for frame in again {
                    self.send(link, Up::Advisor(frame));
                }
            }
            ServerFrame::Conversation(view) => {
                it.shown.insert(view.conversation, view.events.last().map_or(0, |event| event.seq));
                if view.owner == "advisor" && view.advisor.as_ref() == Some(&it.id) {
                    it.follows.insert(view.conversation);
                }
            }
            ServerFrame::Offer(offer) => {
                it.shown.insert(offer.conversation, offer.history.last().map_or(0, |event| event.seq));
                it.follows.insert(offer.conversation);
                it.offered.push(offer.offer);
            }
            ServerFrame::OfferGone(gone) => {
                it.follows.remove(&gone.offer.conversation);
            }
            ServerFrame::Gone(gone) => {
                it.follows.remove(&gone.conversation);
            }
            ServerFrame::Event(event) => {
                let last = it.shown.insert(event.conversation, event.seq).unwrap_or(0);
                let story = self.durable.stories.get(&event.conversation);
                let hole = story
                    .into_iter()
                    .flat_map(|story| &story.events)
                    .find(|other| other.seq > last && other.seq < event.seq && other.kind.advisor_sees());
                if let Some(hole) = hole.filter(|_| it.follows.contains(&event.conversation)) {
                    return Err(format!(
                        "law 5: {} of {} was left out for {}, who has {last} and gets {}",
                        hole.seq, event.conversation, it.id, event.seq
                    ));
                }
                if event.seq <= last {
                    return Err(format!(
                        "one order: event {} of {} came to {} after {last}",
                        event.seq, event.conversation, it.id
                    ));
                }
            }
            ServerFrame::Ack(ack) => {
                if let Some(reference) = &ack.reference {
                    it.asked.remove(reference);
                }
                if let (Some(cid), Some(conversation), Some(seq)) = (&ack.cid, ack.conversation, ack.seq) {
                    it.unanswered.remove(cid);
                    let cid = Cid::of_advisor(&it.id, cid);
                    self.laws.acked(conversation, &cid, seq, &self.durable)?;
                }
            }
            ServerFrame::Error(error) => {
                if let Some(reference) = &error.reference {
                    it.asked.remove(reference);
                }
                if let Some(cid) = error.cid.as_ref().and_then(|cid| Cid::new(cid).ok()) {
                    it.unanswered.remove(&cid);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
