//! A visitor: some tabs, one conversation at a time, words of all kinds, and no patience with rules.

use super::network::{Up, Who};
use super::world::World;
use conversation::{Cid, ConversationId, CustomerId, Millis, Seq};
use router::ConnectionId;
use router::input::Resume;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::ServerFrame;
use wire::frame::CustomerFrame;
use wire::frame::customer::{Act, Callback, LeaveMessage, Message, Seen, SurveyAnswer, Typing};
use wire::frame::server::EventFrame;
use wire::view;

const WORDS: [&str; 17] = [
    "bonjour",
    "où est ma commande ?",
    "4521",
    "je voudrais retourner un article",
    "ma commande 4521 n'est pas arrivée",
    "C'EST INADMISSIBLE, ça fait trois fois que je vous écris !!!",
    "vous êtes nuls, je veux parler à un humain",
    "je veux être remboursé",
    "oui",
    "non",
    "where is my parcel?",
    "this is ridiculous, I have asked four times already",
    "moi@exemple.fr",
    "quels sont vos délais de livraison ?",
    "qsdfjkl mlkj",
    "merci, au revoir",
    "Continuer avec l’assistant",
];

/// How long an event may take to a tab, in milliseconds.
const ON_ITS_WAY: Millis = 10_000;

/// A tab of a visitor's browser.
#[derive(Debug, Default)]
pub struct Tab {
    link: Option<ConnectionId>,
    welcomed: bool,
    /// What it shows.
    shown: Vec<Arc<EventFrame>>,
    /// Of which conversation.
    of: Option<ConversationId>,
    /// Frames that nobody has answered.
    unanswered: BTreeMap<Cid, CustomerFrame>,
    /// It has said hello for this conversation, as one who knows it up to here.
    asked_for: Option<ConversationId>,
    asked_after: Option<Seq>,
}

/// A visitor.
#[derive(Debug)]
pub struct Customer {
    id: CustomerId,
    tabs: Vec<Tab>,
    conversation: Option<ConversationId>,
    next_cid: u64,
    /// Sent before, in this conversation.
    sent: Vec<CustomerFrame>,
    closed: bool,
    away_until: Millis,
}

impl Customer {
    /// One who has not come yet.
    pub fn new(nth: usize) -> Customer {
        Customer {
            id: CustomerId::new(&format!("anon-{nth}")).expect("a customer"),
            tabs: vec![Tab::default()],
            conversation: None,
            next_cid: 0,
            sent: Vec::new(),
            closed: false,
            away_until: 0,
        }
    }
}

impl World {
    /// The visitor does something; returns when they do the next thing.
    pub fn customer_acts(&mut self, nth: usize) -> Millis {
        let (now, wild) = (self.now, self.wild());
        if wild && self.customers[nth].away_until > now {
            return self.customers[nth].away_until - now;
        }
        for tab in 0..self.customers[nth].tabs.len() {
            if self.customers[nth].tabs[tab].link.is_none() {
                self.customer_connects(nth, tab);
            }
        }
        if !wild {
            // Everything is said; what was not answered is sent again with every connection.
            return 20_000;
        }
        let tab = self.chance.between(0, self.customers[nth].tabs.len() as u64 - 1) as usize;
        match self.chance.between(0, 99) {
            0..=49 => {
                let words = self.chance.pick(&WORDS).copied().unwrap_or("bonjour");
                self.customer_sends(nth, tab, |cid| {
                    let text = format!("{words} ({cid})");
                    CustomerFrame::Message(Message { cid, text })
                });
            }
            50..=57 => self.customer_sends(nth, tab, |cid| CustomerFrame::Human(Act { cid })),
            58..=60 => self.customer_sends(nth, tab, |cid| CustomerFrame::Close(Act { cid })),
            63 => {
                let later = self.now + self.chance.between(0, 60_000);
                let from = self.chance.percent(50).then_some(later);
                self.customer_sends(nth, tab, |cid| {
                    CustomerFrame::Callback(Callback {
                        cid,
                        number: "+33 1 23 45 67 89".into(),
                        from,
                        text: None,
                    })
                });
            }
            61..=62 => self.customer_sends(nth, tab, |cid| {
                CustomerFrame::LeaveMessage(LeaveMessage {
                    cid,
                    address: "moi@exemple.fr".into(),
                    text: Some("rappelez-moi".into()),
                })
            }),
            64..=68 => self.customer_sends(nth, tab, |cid| {
                CustomerFrame::Survey(SurveyAnswer { cid, satisfaction: 4, listened: Some(5), comment: None })
            }),
            69..=76 => {
                // The same again, as a client does that does not know whether it arrived.
                let again = self.chance.pick(&self.customers[nth].sent).cloned();
                if let (Some(frame), Some(link)) = (again, self.customers[nth].tabs[tab].link) {
                    if let Some(cid) = frame.cid().cloned() {
                        self.customers[nth].tabs[tab].unanswered.insert(cid, frame.clone());
                    }
                    self.send(link, Up::Customer(frame));
                }
            }
            77..=80 => {
                if let Some(link) = self.customers[nth].tabs[tab].link {
                    self.send(link, Up::Customer(CustomerFrame::Typing(Typing { on: true })));
                    self.send(link, Up::Customer(CustomerFrame::Seen(Seen { seq: 3 })));
                }
            }
            81..=84 if self.customers[nth].tabs.len() < 3 => {
                self.customers[nth].tabs.push(Tab::default());
                let last = self.customers[nth].tabs.len() - 1;
                self.customer_connects(nth, last);
            }
            85 => {
                if let Some(link) = self.customers[nth].tabs[tab].link {
                    self.send(link, Up::Noise("{\"type\":\"message\",\"cid\":1}"));
                    self.send(link, Up::Noise("bonjour"));
                }
            }
            86..=88 => {
                // A reload: nothing is remembered but the conversation.
                self.customer_hangs_up(nth, tab);
                self.customers[nth].tabs[tab] = Tab::default();
                self.customer_connects(nth, tab);
            }
            89..=94 => self.customer_hangs_up(nth, tab),
            95..=97 => {
                for tab in 0..self.customers[nth].tabs.len() {
                    self.customer_hangs_up(nth, tab);
                }
                self.customers[nth].tabs = vec![Tab::default()];
                self.customers[nth].away_until = now + self.chance.between(5_000, 600_000);
            }
            _ if self.customers[nth].closed => {
                for tab in 0..self.customers[nth].tabs.len() {
                    self.customer_hangs_up(nth, tab);
                }
                let customer = &mut self.customers[nth];
                customer.tabs = vec![Tab::default()];
                (customer.conversation, customer.closed) = (None, false);
                customer.sent.clear();
            }
            _ => {}
        }
        self.chance.between(200, 20_000)
    }

    /// The day is over for most of them.
    pub fn customers_go_home(&mut self, until: Millis) {
        for nth in 0..self.customers.len() {
            if self.chance.percent(85) {
                for tab in 0..self.customers[nth].tabs.len() {
                    self.customer_hangs_up(nth, tab);
                }
                self.customers[nth].tabs = vec![Tab::default()];
            }
            self.customers[nth].away_until = until + self.chance.between(0, 600_000);
        }
    }

    fn customer_connects(&mut self, nth: usize, tab: usize) {
        let link = self.connect(Who::Customer(nth, tab));
        let customer = &mut self.customers[nth];
        let it = &mut customer.tabs[tab];
        (it.link, it.welcomed) = (Some(link), false);
        let known = it.of.is_some() && it.of == customer.conversation;
        let last = it.shown.last().map(|event| event.seq).filter(|_| known);
        (it.asked_for, it.asked_after) = (customer.conversation, last);
        let resume = customer.conversation.map(|conversation| Resume { conversation, after: last });
        let lang = if nth.is_multiple_of(2) { Some("fr") } else { None };
        let hello = Up::Hello { resume, customer: customer.id.clone(), lang };
        self.send(link, hello);
    }

    fn customer_hangs_up(&mut self, nth: usize, tab: usize) {
        if let Some(link) = self.customers[nth].tabs[tab].link.take() {
            self.cut(link);
        }
    }

    fn customer_sends(&mut self, nth: usize, tab: usize, frame: impl FnOnce(Cid) -> CustomerFrame) {
        let customer = &mut self.customers[nth];
        customer.next_cid += 1;
        let cid = Cid::new(&format!("c{nth}-{}", customer.next_cid)).expect("a cid");
        let frame = frame(cid.clone());
        customer.sent.push(frame.clone());
        let it = &mut customer.tabs[tab];
        it.unanswered.insert(cid, frame.clone());
        // Whoever is not welcomed yet keeps it; whoever is impatient does not.
        if let Some(link) = it.link.filter(|_| it.welcomed || nth.is_multiple_of(3)) {
            self.send(link, Up::Customer(frame));
        }
    }

    /// The connection is gone from the server's side.
    pub fn customer_cut(&mut self, nth: usize, tab: usize, link: ConnectionId) {
        if let Some(it) = self.customers[nth].tabs.get_mut(tab).filter(|it| it.link == Some(link)) {
            it.link = None;
        }
    }

    /// A frame arrives in a tab.
    pub fn customer_reads(
        &mut self,
        nth: usize,
        tab: usize,
        link: ConnectionId,
        frame: &ServerFrame,
    ) -> Result<(), String> {
        let customer = &mut self.customers[nth];
        let Some(it) = customer.tabs.get_mut(tab).filter(|it| it.link == Some(link)) else { return Ok(()) };
        match frame {
            ServerFrame::CustomerWelcome(welcome) => {
                if !welcome.resumed {
                    it.shown.clear();
                } else if it.asked_after.is_none() {
                    return Err("resume: resumed for one who asked for everything".into());
                }
                // What was never begun is not in the log; what was must be found again.
                if let Some(asked) = it.asked_for.filter(|asked| *asked != welcome.conversation)
                    && self.durable.stories.contains_key(&asked)
                {
                    return Err(format!("resume: {asked} is in the log and was not found"));
                }
                let behind = welcome.seq < it.shown.last().map_or(0, |event| event.seq);
                if behind {
                    return Err("resume: the server has less than what it has shown".into());
                }
                let moved = it.of.is_some_and(|of| of != welcome.conversation);
                (it.of, it.welcomed) = (Some(welcome.conversation), true);
                if moved && customer.conversation != Some(welcome.conversation) {
                    it.shown.clear();
                }
                customer.conversation = Some(welcome.conversation);
                customer.closed = welcome.owner == "closed";
                let again: Vec<CustomerFrame> = it.unanswered.values().cloned().collect();
                for frame in again {
                    self.send(link, Up::Customer(frame));
                }
                Ok(())
            }
            ServerFrame::Event(event) => {
                if it.of != Some(event.conversation) {
                    return Err(format!("{} was shown to a tab of {:?}", event.conversation, it.of));
                }
                let last = it.shown.last().map_or(0, |event| event.seq);
                if event.seq <= last {
                    return Err(format!(
                        "one order: event {} of {} after {last}",
                        event.seq, event.conversation
                    ));
                }
                it.shown.push(event.clone());
                if let view::Body::Customer(view::CustomerBody::Owner { owner: "closed", .. }) = &event.body {
                    customer.closed = true;
                }
                let story = self.durable.stories.get(&event.conversation);
                let between = story.into_iter().flat_map(|story| &story.events);
                let hole = between
                    .filter(|other| other.seq > last && other.seq < event.seq)
                    .find(|other| other.kind.customer_sees());
                match hole {
                    Some(hole) => {
                        Err(format!("resume or resync: {} of {} was left out", hole.seq, hole.conversation))
                    }
                    None => Ok(()),
                }
            }
            ServerFrame::Ack(ack) => {
                if let Some(cid) = &ack.cid {
                    let of = it.of.ok_or("an ack before the welcome")?;
                    let asked = it.unanswered.remove(cid);
                    if ack.seq.is_none() && !matches!(asked, None | Some(CustomerFrame::Close(_))) {
                        return Err(format!("acks: {cid} of {of} has no seq"));
                    }
                    if let Some(seq) = ack.seq {
                        self.laws.acked(of, cid, seq, &self.durable)?;
                    }
                }
                Ok(())
            }
            ServerFrame::Error(error) => {
                if let Some(cid) = error.cid.as_ref().and_then(|cid| Cid::new(cid).ok()) {
                    it.unanswered.remove(&cid);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// After a long calm everybody has everything, and everything was answered.
    pub fn customers_in_the_end(&self) -> Result<(), String> {
        for (nth, customer) in self.customers.iter().enumerate() {
            for (tab, it) in customer.tabs.iter().enumerate() {
                if let Some((cid, _)) = it.unanswered.iter().next() {
                    return Err(format!(
                        "an answer to everything: {cid} of customer {nth}, tab {tab}, has none"
                    ));
                }
                if it.link.is_none() || !it.welcomed {
                    return Err(format!("customer {nth}, tab {tab}, was not let in"));
                }
                let Some(of) = it.of else { continue };
                let story = self.durable.stories.get(&of);
                let log = story.into_iter().flat_map(|story| &story.events);
                let log: Vec<EventFrame> = log.filter_map(|event| view::for_customer(event)).collect();
                if log.last().is_some_and(|event| event.at + ON_ITS_WAY > self.clock()) {
                    continue;
                }
                let shown: Vec<&EventFrame> = it.shown.iter().map(AsRef::as_ref).collect();
                if shown != log.iter().collect::<Vec<_>>() {
                    let (shown, log): (BTreeSet<Seq>, BTreeSet<Seq>) =
                        (shown.iter().map(|e| e.seq).collect(), log.iter().map(|e| e.seq).collect());
                    return Err(format!(
                        "law 5: {of} in customer {nth}, tab {tab}: {shown:?}, in the log: {log:?}"
                    ));
                }
            }
        }
        Ok(())
    }
}
