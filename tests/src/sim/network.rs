//! Connections: what is sent on one arrives in order or not at all, late, and across connections in any order. One may
//! be cut between any two frames, in either direction, and the other side learns of it at once, late, or by silence.

use super::world::{Happening, World};
use conversation::{AdvisorId, CustomerId, Millis};
use router::input::Resume;
use router::{ConnectionId, Input};
use std::sync::Arc;
use wire::ServerFrame;
use wire::frame::{AdvisorFrame, CustomerFrame};
use wire::session::Session;

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
    /// The server's end is there.
    pub(super) open: bool,
    /// What the client had sent before the cut still arrives.
    pub(super) tail: bool,
    /// The gateway's side of it.
    pub(super) session: Option<Session>,
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
    /// No frame at all.
    Noise(&'static str),
    /// The end is noticed.
    Gone,
}

impl World {
    /// A new connection for somebody.
    pub fn connect(&mut self, who: Who) -> ConnectionId {
        self.next_link += 1;
        let id = ConnectionId(self.next_link);
        let (client, open, tail, session) = (true, true, true, None);
        self.links.insert(id, Link { who, up: self.now, down: self.now, client, open, tail, session });
        self.at(0, Happening::Poll(id));
        id
    }

    fn delay(&mut self) -> Millis {
        if self.chance.percent(5) { self.chance.between(500, 5_000) } else { self.chance.between(5, 120) }
    }

    /// Sends a frame up a connection; what is sent on one arrives in order.
    pub fn send(&mut self, to: ConnectionId, up: Up) {
        let delay = self.delay();
        let Some(link) = self.links.get_mut(&to) else { return };
        link.up = link.up.max(self.now + delay);
        let after = link.up - self.now;
        self.at(after, Happening::Up(to, Box::new(up)));
    }

    /// Sends a frame down a connection, in order too, unless somebody overtakes on purpose.
    pub(super) fn down(&mut self, to: ConnectionId, frame: ServerFrame, overtakes: bool) {
        let delay = self.delay();
        let Some(link) = self.links.get_mut(&to).filter(|link| link.open) else { return };
        let before = link.down;
        link.down = link.down.max(self.now + delay);
        let at = if overtakes { self.now.max(before.saturating_sub(1)) } else { link.down };
        let after = at - self.now;
        self.at(after, Happening::Down(to, Arc::new(frame)));
    }

    /// The client's end is gone, now; the server notices at once, or late, or only because it hears nothing.
    pub fn cut(&mut self, id: ConnectionId) {
        let tail = self.chance.percent(50);
        let noticed = match self.chance.between(0, 9) {
            0..=6 => Some(self.chance.between(1, 200)),
            7 | 8 => Some(self.chance.between(1_000, 50_000)),
            _ => None,
        };
        let Some(link) = self.links.get_mut(&id) else { return };
        link.client = false;
        link.tail = tail;
        if let Some(noticed) = noticed {
            link.up = link.up.max(self.now + noticed);
            let after = link.up - self.now;
            self.at(after, Happening::Up(id, Box::new(Up::Gone)));
        }
    }

    /// The network cuts it between two frames: neither side has done anything.
    pub(super) fn sever(&mut self, id: ConnectionId) {
        let Some(link) = self.links.get(&id).filter(|link| link.client) else { return };
        let who = link.who;
        self.note(|| format!("{id:?} is cut"));
        self.cut(id);
        let after = self.chance.between(1, 3_000);
        self.at(after, Happening::Closed(id, who));
    }

    /// Now and then a connection is cut after this frame and before the next.
    pub(super) fn may_sever(&mut self, id: ConnectionId) {
        if self.wild() && self.chance.between(0, 399) == 0 {
            self.sever(id);
        }
    }

    /// The server's end has noticed.
    pub(super) fn gone(&mut self, id: ConnectionId) -> Result<(), String> {
        if self.machine.is_none() {
            return Ok(());
        }
        let input = Input::Gone { connection: id };
        self.laws.hears(&input, self.clock());
        self.step(Some(input))
    }

    /// Something comes up a connection.
    pub(super) fn arrives(&mut self, id: ConnectionId, up: &Up) -> Result<(), String> {
        let Some(link) = self.links.get(&id) else { return Ok(()) };
        let (who, client, tail, open) = (link.who, link.client, link.tail, link.open);
        if matches!(up, Up::Gone) {
            let greeted = link.session.as_ref().is_some_and(Session::is_greeted);
            self.links.remove(&id);
            return if open && greeted { self.gone(id) } else { Ok(()) };
        }
        if !open || !client && !tail {
            return Ok(());
        }
        if self.machine.is_none() {
            // Nobody listens: the connection is refused.
            if client {
                self.at(1, Happening::Closed(id, who));
            }
            return Ok(());
        }
        self.note(|| format!("{id:?} → {up:?}"));
        let Some(text) = self.text(up) else { return Err(format!("{up:?} has no text")) };
        if let Some(input) = self.read(id, up, &text)? {
            self.laws.hears(&input, self.clock());
            self.step(Some(input))?;
        }
        self.may_sever(id);
        Ok(())
    }

    pub(super) fn deliver(&mut self, id: ConnectionId, frame: &ServerFrame) -> Result<(), String> {
        let Some(link) = self.links.get(&id).filter(|link| link.client) else { return Ok(()) };
        let who = link.who;
        self.counts.frames += 1;
        if let ServerFrame::Ack(ack) = frame {
            self.counts.acks += u64::from(ack.seq.is_some());
        }
        if self.counts.frames.is_multiple_of(32) {
            let json = serde_json::to_value(frame).map_err(|error| format!("{frame:?}: {error}"))?;
            if json.get("type").is_none_or(|of| !of.is_string()) {
                return Err(format!("a frame without a type: {json}"));
            }
        }
        match who {
            Who::Customer(nth, tab) => self.customer_reads(nth, tab, id, frame),
            Who::Staff(nth) => self.staff_reads(nth, id, frame),
        }?;
        self.may_sever(id);
        Ok(())
    }
}
