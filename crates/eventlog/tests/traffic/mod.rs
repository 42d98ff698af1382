//! Conversations by chance: every event follows from those before, as the router would have it. The same seed gives
//! the same events.
#![allow(dead_code, clippy::unwrap_used, reason = "tests alone use it, each a part")]

use conversation::{
    AdvisorId, Author, Candidate, Cid, ClosedBy, ConversationId, CustomerId, Event, EventKind, Lang, Owner,
    QueueId, Reason, ReasonCode, Signal, SiteId, State, Survey, Term,
};
use std::collections::BTreeMap;

/// A shop full of people.
pub struct Traffic {
    random: u64,
    pub now: u64,
    pub states: BTreeMap<ConversationId, State>,
    /// Conversations that may go on.
    open: Vec<ConversationId>,
    width: usize,
}

impl Traffic {
    /// About `width` conversations at once.
    pub fn new(seed: u64, width: usize) -> Traffic {
        Traffic { random: seed, now: 1_700_000_000_000, states: BTreeMap::new(), open: Vec::new(), width }
    }

    /// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    pub fn draw(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// Goes on from these conversations.
    pub fn resume(&mut self, states: BTreeMap<ConversationId, State>) {
        self.open = states.values().filter(|state| !state.is_closed()).map(|state| state.id).collect();
        self.states = states;
    }

    pub fn batch(&mut self, events: usize) -> Vec<Event> {
        (0..events).map(|_| self.event()).collect()
    }

    /// What happens next.
    pub fn event(&mut self) -> Event {
        self.now += self.draw(50);
        if self.open.len() < self.width && self.draw(4) == 0 || self.open.is_empty() {
            return self.opened();
        }
        let place = self.draw(self.open.len() as u64) as usize;
        let id = self.open[place];
        let (seq, owner) = (self.states[&id].seq + 1, self.states[&id].owner.clone());
        let kind = self.kind(id, seq, &owner);
        let cid = matches!(kind, EventKind::Message { from: Author::Customer, .. })
            .then(|| Cid::new(&format!("c{}", self.draw(1 << 40))).unwrap());
        let event = Event { conversation: id, seq, at: self.now, cid, kind };
        let state = self.states.get_mut(&id).unwrap();
        state.apply(&event).unwrap();
        if state.is_closed() {
            self.open.remove(place);
        }
        event
    }

    /// A new conversation.
    pub fn opened(&mut self) -> Event {
        let id = ConversationId(self.draw(u64::MAX));
        let customer = format!("id-{}@example.org", self.draw(20));
        let kind = EventKind::Opened {
            site: SiteId::new("demo").unwrap(),
            lang: Lang::new("fr").unwrap(),
            customer: CustomerId::new(&customer).unwrap(),
            profile: Some(serde_json::json!({ "name": format!("Profil de {customer}") })),
            page: Some(serde_json::json!({ "url": "https://shop.example/panier" })),
        };
        let event = Event { conversation: id, seq: 1, at: self.now, cid: None, kind };
        self.states.insert(id, State::open(&event).unwrap());
        self.open.push(id);
        event
    }

    fn kind(&mut self, id: ConversationId, seq: u64, owner: &Owner) -> EventKind {
        let advisor = AdvisorId::new(["ines", "marc", "lea"][self.draw(3) as usize]).unwrap();
        let queue = QueueId::new(["care", "billing"][self.draw(2) as usize]).unwrap();
        let score = self.draw(1_000) as f32 / 999.0;
        let from = match owner {
            Owner::Advisor { .. } => Author::Advisor,
            _ => Author::Bot,
        };
        let words = format!("Où est ma commande {} ? C’est la troisième fois, été {}", self.draw(9_999), id);
        match self.draw(14) {
            0..=3 => message(Author::Customer, words),
            4 => message(from, format!("Bonjour, je regarde la commande {}.", self.draw(9_999))),
            5 | 6 => EventKind::Analyzed {
                of: seq - 1,
                frustration: score,
                trend: 0.1,
                signals: vec![Signal {
                    kind: "repeated_contact".into(),
                    weight: score * 3.0,
                    start: 0,
                    end: 9,
                }],
                model: "2026-01".into(),
            },
            7 => {
                EventKind::BotMoved { memory: serde_json::json!({ "order": self.draw(9_999), "score": 0.1 }) }
            }
            8 => EventKind::TransferRequested {
                reason: Reason {
                    code: ReasonCode::FrustrationPeak,
                    trigger_seq: Some(seq - 1),
                    score,
                    threshold: 0.6,
                    signals: vec![],
                    policy: "p1".into(),
                    note: Some("note secrète".into()),
                    quote: Some("la troisième fois".into()),
                    cid: None,
                },
                queue,
                by: None,
                to: None,
            },
            9 => EventKind::Assigned {
                advisor: advisor.clone(),
                how: "accepted".into(),
                candidates: vec![Candidate {
                    advisor,
                    score,
                    terms: vec![Term { name: "fit".into(), value: score }],
                }],
            },
            10 => EventKind::Note {
                advisor,
                text: "Cliente fidèle, rappeler au 0601020304".into(),
                mentions: vec![],
            },
            11 => EventKind::Feedback {
                advisor,
                of: seq - 1,
                verdict: ["frustrated", "not_frustrated", "wrong_reason"][self.draw(3) as usize].into(),
                span: None,
                note: None,
            },
            12 => EventKind::SurveyAnswered {
                survey: Survey { satisfaction: 4, listened: Some(5), comment: Some("Très gentille".into()) },
            },
            _ => {
                let next = match self.draw(5) {
                    0 | 1 => Owner::Queue { queue },
                    2 | 3 => Owner::Advisor { advisor },
                    _ => Owner::Closed,
                };
                if next == Owner::Closed && self.draw(2) == 0 {
                    return EventKind::Closed {
                        by: ClosedBy::Advisor,
                        outcome: Some("resolved".into()),
                        advisor: None,
                    };
                }
                if owner.may_become(&next) {
                    EventKind::Owner { owner: next, name: None }
                } else {
                    EventKind::HumanAsked
                }
            }
        }
    }
}

fn message(from: Author, text: String) -> EventKind {
    EventKind::Message { from, name: None, advisor: None, text, choices: vec!["oui".into()] }
}

/// A folder for a test to which syncing is no matter: in memory, where the system has that.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Copies a data folder as it is, journals and all: what a kill would leave.
pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
