//! Connections: what is sent on one arrives in order or not at all, late, and across connections in any order.

use super::world::{Happening, World};
use conversation::{AdvisorId, CustomerId, Millis};
use router::ConnectionId;
use router::input::Resume;
use wire::ServerFrame;
use wire::frame::{AdvisorFrame, CustomerFrame};

/// Who is at the client's end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A customer's tab.
    Customer(usize, usize),
    /// A person of the house.
    Staff(usize),
}

/// A connection.
#[derive(Debug)]
pub struct Link {
    /// Whose.
    pub who: Who,
    pub(super) up: Millis,
    pub(super) down: Millis,
    /// The client's end is there.
    pub(super) client: bool,
    /// What the client had sent before the cut still arrives.
    pub(super) tail: bool,
}

/// What a client sends.
#[derive(Clone, Debug)]
pub enum Up {
    /// A customer's first frame.
    Hello {
        /// The conversation and, for the log's life, the last event.
        resume: Option<Resume>,
        /// Who.
        customer: CustomerId,
        /// The language that they chose.
        lang: Option<&'static str>,
    },
    /// Another of a customer.
    Customer(CustomerFrame),
    /// An advisor's first frame.
    SignIn(AdvisorId),
    /// Another of an advisor.
    Advisor(AdvisorFrame),
    /// The end is noticed.
    Gone,
}

impl World {
    /// A new connection for somebody.
    pub fn connect(&mut self, who: Who) -> ConnectionId {
        self.next_link += 1;
        let id = ConnectionId(self.next_link);
        self.links.insert(id, Link { who, up: self.now, down: self.now, client: true, tail: true });
        id
    }

    /// Sends a frame up a connection; what is sent on one arrives in order.
    pub fn send(&mut self, to: ConnectionId, up: Up) {
        let delay = if self.chance.percent(5) {
            self.chance.between(500, 5_000)
        } else {
            self.chance.between(5, 120)
        };
        let Some(link) = self.links.get_mut(&to) else { return };
        link.up = link.up.max(self.now + delay);
        let after = link.up - self.now;
        self.at(after, Happening::Up(to, Box::new(up)));
    }

    /// The client's end is gone, now; the server notices when it does.
    pub fn cut(&mut self, id: ConnectionId) {
        let tail = self.chance.percent(50);
        let noticed = if self.chance.percent(30) {
            self.chance.between(1_000, 60_000)
        } else {
            self.chance.between(1, 200)
        };
        let Some(link) = self.links.get_mut(&id) else { return };
        link.client = false;
        link.tail = tail;
        link.up = link.up.max(self.now + noticed);
        let after = link.up - self.now;
        self.at(after, Happening::Up(id, Box::new(Up::Gone)));
    }

    pub(super) fn deliver(&mut self, id: ConnectionId, frame: &ServerFrame) -> Result<(), String> {
        let Some(link) = self.links.get(&id).filter(|link| link.client) else { return Ok(()) };
        let who = link.who;
        self.counts.frames += 1;
        if let ServerFrame::Ack(ack) = frame {
            self.counts.acks += u64::from(ack.seq.is_some());
        }
        match who {
            Who::Customer(nth, tab) => self.customer_reads(nth, tab, id, frame),
            Who::Staff(nth) => self.staff_reads(nth, id, frame),
        }
    }
}
