//! A house for tests: the real router, dispatcher, bot and analyzer, a log in memory, and time that the test moves.

use analyzer::Analyzer;
use bot::Script;
use conversation::{
    AdvisorId, Cid, ConversationId, CustomerId, Event, EventKind, Lang, Owner, QueueId, SiteId,
};
use dispatcher::policy::{Offers, Queue};
use dispatcher::{Dispatcher, Load, Policy};
use router::input::{CustomerHello, Resume};
use router::{Account, ConnectionId, Effect, Input, Observation, QueueSettings, Role, Router, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::frame::advisor::{SetPresence, Status};
use wire::frame::customer::{Act, Message};
use wire::frame::server::SiteTexts;
use wire::{AdvisorFrame, CustomerFrame, ServerFrame};

/// How long a customer of the bot may be without a connection.
pub const IDLE_MS: u64 = 300_000;
/// How long a waiting customer may be without one until those who are there come first.
pub const AWAY_MS: u64 = 30_000;
/// How long they may be without one at all.
pub const ABANDON_MS: u64 = 120_000;
/// How long an advisor may be without one.
pub const LOST_MS: u64 = 45_000;

/// Everything.
pub struct House {
    router: Router,
    dispatcher: Arc<Dispatcher>,
    policy: BTreeMap<QueueId, Queue>,
    pub now: u64,
    accounts: Vec<Account>,
    log: BTreeMap<ConversationId, Vec<Event>>,
    sent: Vec<(ConnectionId, ServerFrame)>,
    loads: Vec<ConversationId>,
    /// What was counted.
    pub observed: Vec<Observation>,
    next: u64,
}

pub fn lang() -> Lang {
    Lang::new("fr").unwrap()
}

pub fn queue(name: &str) -> QueueId {
    QueueId::new(name).unwrap()
}

pub fn advisor(name: &str) -> AdvisorId {
    AdvisorId::new(name).unwrap()
}

/// The queues' policy of every house that names no other.
pub fn policy() -> BTreeMap<QueueId, Queue> {
    let hard = Queue { hard_weight: 2, ..Queue::default() };
    // Two are asked at once, the first to accept has it.
    let crowd = Queue { offers: Some(Offers { at_once: 2, ..Offers::default() }), ..Queue::default() };
    BTreeMap::from([(queue("care"), hard.clone()), (queue("orders"), hard), (queue("crowd"), crowd)])
}

fn configured(queues: &BTreeMap<QueueId, Queue>) -> router::House {
    let (script, problems) = Script::compile("shop.toml", include_str!("../../../../config/bots/shop.toml"));
    let script = Arc::new(script.unwrap_or_else(|| panic!("{problems:?}")));
    let site = SiteId::new("shop").unwrap();
    let texts = Arc::new(SiteTexts { id: site.clone(), name: "La boutique".into(), texts: BTreeMap::new() });
    router::House {
        version: "1".into(),
        epoch: "life".into(),
        sites: BTreeMap::from([(
            site,
            Site { lang: lang(), script, queue: queue("care"), texts: BTreeMap::from([(lang(), texts)]) },
        )]),
        queues: queues.keys().map(|queue| (queue.clone(), QueueSettings::default())).collect(),
        default_queue: queue("care"),
        declines: vec!["busy".into()],
        outcomes: vec!["resolved".into()],
        advisors_may_take: true,
        advisor_lost_ms: LOST_MS,
        away_ms: AWAY_MS,
        abandon_ms: ABANDON_MS,
        idle_ms: IDLE_MS,
    }
}

fn brain(queues: BTreeMap<QueueId, Queue>) -> (Router, Arc<Dispatcher>) {
    let house = configured(&queues);
    let dispatcher = Arc::new(Dispatcher::new(Policy { version: "1".into(), queues, ..Policy::default() }));
    let analyzer = Arc::new(Analyzer::without_model(&[]).unwrap());
    (Router::new(Arc::new(house), analyzer, dispatcher.clone()), dispatcher)
}

impl House {
    /// Nobody there but these accounts; the last one is a supervisor.
    pub fn of(people: &[(&str, u16)]) -> House {
        House::under(people, policy())
    }

    /// The same, with other queues.
    pub fn under(people: &[(&str, u16)], policy: BTreeMap<QueueId, Queue>) -> House {
        let account = |(nth, (name, capacity)): (usize, &(&str, u16))| Account {
            id: advisor(name),
            name: (*name).to_owned(),
            role: if nth + 1 == people.len() { Role::Supervisor } else { Role::Advisor },
            skills: Vec::new(),
            langs: vec![lang()],
            capacity: *capacity,
            queues: None,
            status: Status::Available,
        };
        let accounts = people.iter().enumerate().map(account).collect();
        let (router, dispatcher) = brain(policy.clone());
        let (log, sent, loads) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (now, observed, next) = (1_700_000_000_000, Vec::new(), 0);
        let mut house = House { router, dispatcher, policy, now, accounts, log, sent, loads, observed, next };
        house.begin();
        house
    }

    /// Somebody serves these queues only.
    pub fn serves(&mut self, name: &str, queues: &[&str]) {
        let account = self.accounts.iter_mut().find(|account| account.id == advisor(name)).unwrap();
        account.queues = Some(queues.iter().map(|name| queue(name)).collect());
        let account = account.clone();
        self.tell(Input::PutAccount(Box::new(account)));
    }

    fn begin(&mut self) {
        for account in self.accounts.clone() {
            self.tell(Input::PutAccount(Box::new(account)));
        }
        let open = |events: &&Vec<Event>| {
            !matches!(
                events.last().map(|e| &e.kind),
                Some(EventKind::SurveyAsked | EventKind::Owner { owner: Owner::Closed, .. })
            )
        };
        let open: Vec<Vec<Event>> = self.log.values().filter(open).cloned().collect();
        for events in open {
            self.tell(Input::Loaded { conversation: events[0].conversation, events });
        }
        self.tell(Input::Started);
    }

    /// The server stops and starts; nobody is connected.
    pub fn restart(&mut self) {
        (self.router, self.dispatcher) = brain(self.policy.clone());
        self.sent.clear();
        self.begin();
    }

    /// The configuration is read again, and has this queue no more; or, where the server does not run, is changed.
    pub fn is_without(&mut self, name: &str, running: bool) {
        self.policy.remove(&queue(name));
        if running {
            let queues = self.policy.clone();
            self.dispatcher.set_policy(Policy { version: "2".into(), queues, ..Policy::default() });
            self.tell(Input::SetHouse(Arc::new(configured(&self.policy))));
        }
    }

    pub fn tell(&mut self, input: Input) {
        self.router.handle(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.router.poll_effect() {
            match effect {
                Effect::Append(event) => {
                    self.log.entry(event.conversation).or_default().push((*event).clone());
                }
                Effect::Send { to, frame } => self.sent.push((to, frame)),
                Effect::Load { conversation } => self.loads.push(conversation),
                Effect::Observe(observation) => self.observed.push(observation),
                _ => {}
            }
        }
    }

    /// Time passes, and every timer fires when it is due.
    pub fn wait(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(at) = self.router.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.router.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn connection(&mut self) -> ConnectionId {
        self.next += 1;
        ConnectionId(self.next)
    }

    fn hello(&mut self, resume: Option<ConversationId>) -> (ConnectionId, ConversationId) {
        let connection = self.connection();
        let fresh = ConversationId(1_000 + self.next);
        let hello = CustomerHello {
            connection,
            site: SiteId::new("shop").unwrap(),
            lang: Some(lang()),
            resume: resume.map(|conversation| Resume { conversation, after: None }),
            fresh,
            customer: CustomerId::new(&format!("anon-{fresh}")).unwrap(),
            verified: false,
            profile: None,
            page: None,
            token: String::new(),
            fresh_token: String::new(),
        };
        self.tell(Input::CustomerHello(Box::new(hello)));
        (connection, resume.unwrap_or(fresh))
    }

    /// A visitor comes.
    pub fn visitor(&mut self) -> (ConnectionId, ConversationId) {
        self.hello(None)
    }

    /// A visitor comes back.
    pub fn comes_back(&mut self, to: ConversationId) -> ConnectionId {
        self.hello(Some(to)).0
    }

    /// The log answers what it was asked for.
    pub fn loads(&mut self) {
        for conversation in std::mem::take(&mut self.loads) {
            let events = self.log.get(&conversation).cloned().unwrap_or_default();
            self.tell(Input::Loaded { conversation, events });
        }
    }

    pub fn gone(&mut self, connection: ConnectionId) {
        self.tell(Input::Gone { connection });
    }

    pub fn says(&mut self, connection: ConnectionId, cid: &str, text: &str) {
        let frame = CustomerFrame::Message(Message { cid: Cid::new(cid).unwrap(), text: text.into() });
        self.tell(Input::CustomerFrame { connection, frame });
    }

    pub fn wants_a_human(&mut self, connection: ConnectionId) {
        let frame = CustomerFrame::Human(Act { cid: Cid::new("human").unwrap() });
        self.tell(Input::CustomerFrame { connection, frame });
    }

    /// Somebody signs in.
    pub fn signs_in(&mut self, name: &str) -> ConnectionId {
        let connection = self.connection();
        self.tell(Input::AdvisorHello { connection, advisor: advisor(name), lang: lang() });
        connection
    }

    pub fn act(&mut self, connection: ConnectionId, frame: AdvisorFrame) {
        self.tell(Input::AdvisorFrame { connection, frame });
    }

    pub fn is(&mut self, connection: ConnectionId, status: Status) {
        self.act(
            connection,
            AdvisorFrame::SetPresence(SetPresence { status, reason: None, reference: None }),
        );
    }

    pub fn owner(&self, id: ConversationId) -> Owner {
        self.router.owner(id).cloned().unwrap_or_else(|| panic!("{id} is not in memory"))
    }

    pub fn events(&self, id: ConversationId) -> &[Event] {
        self.log.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same, for a conversation in which perhaps nothing has happened yet.
    pub fn owner_if_any(&self, id: ConversationId) -> Option<Owner> {
        self.router.owner(id).cloned()
    }

    /// Conversations in memory.
    pub fn held(&self) -> usize {
        self.router.counts().0
    }

    pub fn load(&self, name: &str) -> Load {
        self.dispatcher.load(&advisor(name)).unwrap()
    }

    pub fn position(&self, id: ConversationId) -> Option<u32> {
        self.dispatcher.position(id, self.now).map(|place| place.ahead)
    }

    /// What was sent there since the last time.
    pub fn hears(&mut self, at: ConnectionId) -> Vec<ServerFrame> {
        let (theirs, others) = std::mem::take(&mut self.sent).into_iter().partition(|(to, _)| *to == at);
        self.sent = others;
        let theirs: Vec<(ConnectionId, ServerFrame)> = theirs;
        theirs.into_iter().map(|(_, frame)| frame).collect()
    }

    /// The error codes among it.
    pub fn errors(&mut self, at: ConnectionId) -> Vec<&'static str> {
        let code = |frame: ServerFrame| match frame {
            ServerFrame::Error(error) => Some(error.code.as_str()),
            _ => None,
        };
        self.hears(at).into_iter().filter_map(code).collect()
    }
}
