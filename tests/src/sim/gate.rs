//! The gateway's part: each connection's session and the text of its frames, by the same code that real sockets go
//! through: the first frame in time, heartbeats, rates, frames that are none.

use super::house;
use super::network::Up;
use super::world::{Happening, World};
use conversation::{ConversationId, limits};
use router::input::{CustomerHello, Resume};
use router::{ConnectionId, Input};
use wire::decode::{BadFrame, advisor_frame, customer_frame};
use wire::frame::customer::Hello;
use wire::frame::server::ErrorFrame;
use wire::session::{Due, Rates, Session};
use wire::{AdvisorFrame, Close, CustomerFrame, ErrorCode, ServerFrame};

/// One life of the log: the disk outlives every crash.
pub const EPOCH: &str = "life-1";

/// What proves that a conversation is one's own.
fn token(of: ConversationId) -> String {
    format!("token of {of}")
}

impl World {
    /// The text of a frame, as a client writes it.
    pub(super) fn text(&self, up: &Up) -> Option<String> {
        let json = match up {
            Up::Hello { resume, lang, .. } => {
                let hello = Hello {
                    site: house::site(),
                    lang: lang.map(house::lang),
                    conversation: resume.map(|resume| resume.conversation),
                    token: resume.map(|resume| token(resume.conversation)),
                    epoch: resume.map(|_| EPOCH.to_owned()),
                    seq: resume.and_then(|resume| resume.after),
                    identity: None,
                    page: None,
                    previous: None,
                };
                serde_json::to_string(&CustomerFrame::Hello(hello))
            }
            Up::Customer(frame) => serde_json::to_string(frame),
            Up::SignIn(_) => return Some(r#"{"type":"hello","lang":"fr"}"#.to_owned()),
            Up::Advisor(frame) => serde_json::to_string(frame),
            Up::Noise(text) => return Some((*text).to_owned()),
            Up::Gone => return None,
        };
        json.ok()
    }

    /// What the brain is told of it; nothing where the session answers by itself.
    pub(super) fn read(&mut self, id: ConnectionId, up: &Up, text: &str) -> Result<Option<Input>, String> {
        let now = self.now;
        let Some(link) = self.links.get_mut(&id) else { return Ok(None) };
        let session = link.session.get_or_insert_with(|| Session::new(&Rates::default(), now));
        session.heard(now);
        let customer = matches!(link.who, super::network::Who::Customer(..));
        let read = if customer {
            customer_frame(text).map(Frame::Customer)
        } else {
            advisor_frame(text).map(Frame::Advisor)
        };
        let frame = match read {
            Ok(frame) => frame,
            Err(bad) => {
                if !matches!(up, Up::Noise(_)) {
                    return Err(format!("a good frame was not read: {text}: {}", bad.message));
                }
                let close = session.bad_frame(now);
                self.refuse(id, bad);
                if let Some(close) = close {
                    self.shut(id, close)?;
                }
                return Ok(None);
            }
        };
        let kind = match &frame {
            Frame::Customer(frame) => frame.type_name(),
            Frame::Advisor(frame) => frame.type_name(),
        };
        let greeted = session.is_greeted();
        if !greeted && kind != "hello" {
            let names = frame.names();
            self.refuse(
                id,
                BadFrame {
                    code: ErrorCode::HelloFirst,
                    message: String::new(),
                    cid: names.0,
                    reference: names.1,
                },
            );
            return Ok(None);
        }
        if let Err(_retry_ms) = session.admit(kind, &Rates::default(), now) {
            let names = frame.names();
            self.refuse(
                id,
                BadFrame {
                    code: ErrorCode::SlowDown,
                    message: String::new(),
                    cid: names.0,
                    reference: names.1,
                },
            );
            return Ok(None);
        }
        session.greeted();
        Ok(Some(match (frame, up) {
            (Frame::Customer(CustomerFrame::Hello(hello)), Up::Hello { customer, .. }) if !greeted => {
                let fresh = ConversationId(self.chance.number() | 1);
                let mine = hello.conversation.filter(|of| hello.token == Some(token(*of)));
                let after = hello.seq.filter(|_| hello.epoch.as_deref() == Some(EPOCH));
                let resume = mine.map(|conversation| Resume { conversation, after });
                Input::CustomerHello(Box::new(CustomerHello {
                    connection: id,
                    site: hello.site,
                    lang: hello.lang,
                    resume,
                    fresh,
                    customer: customer.clone(),
                    verified: false,
                    profile: None,
                    page: None,
                    token: token(resume.map_or(fresh, |resume| resume.conversation)),
                    fresh_token: token(fresh),
                }))
            }
            (Frame::Customer(frame), _) => {
                Input::CustomerFrame { connection: id, frame: self.mutate_frame(frame) }
            }
            (Frame::Advisor(AdvisorFrame::AdvisorHello(hello)), Up::SignIn(advisor)) if !greeted => {
                let lang = hello.lang.unwrap_or_else(|| house::lang("fr"));
                Input::AdvisorHello { connection: id, advisor: advisor.clone(), lang }
            }
            (Frame::Advisor(frame), _) => Input::AdvisorFrame { connection: id, frame },
        }))
    }

    fn refuse(&mut self, to: ConnectionId, bad: BadFrame) {
        let frame = ErrorFrame { cid: bad.cid, reference: bad.reference, ..ErrorFrame::new(bad.code, "fr") };
        self.down(to, ServerFrame::Error(frame), false);
    }

    /// The session ends a connection.
    fn shut(&mut self, id: ConnectionId, _why: Close) -> Result<(), String> {
        let Some(link) = self.links.get(&id) else { return Ok(()) };
        let (who, greeted) = (link.who, link.session.as_ref().is_some_and(Session::is_greeted));
        if link.client {
            let after = link.down.max(self.now + 1) - self.now;
            self.at(after, Happening::Closed(id, who));
        }
        if let Some(link) = self.links.get_mut(&id) {
            link.open = false;
        }
        if greeted { self.gone(id) } else { Ok(()) }
    }

    /// Looks after a connection's session; says when to look again.
    pub(super) fn poll(&mut self, id: ConnectionId) -> Result<(), String> {
        let now = self.now;
        let Some(link) = self.links.get_mut(&id).filter(|link| link.open) else { return Ok(()) };
        let client = link.client;
        let session = link.session.get_or_insert_with(|| Session::new(&Rates::default(), now));
        match session.poll(now) {
            Due::Ping => {
                // Whoever is there answers at once.
                if client {
                    session.heard(now);
                }
                self.at(1, Happening::Poll(id));
                Ok(())
            }
            Due::Close(why) => {
                self.note(|| format!("{id:?}: {why:?}"));
                self.shut(id, why)
            }
            Due::Nothing(until) => {
                let after = until.saturating_sub(now).clamp(1, limits::SILENT_MS);
                self.at(after, Happening::Poll(id));
                Ok(())
            }
        }
    }
}

enum Frame {
    Customer(CustomerFrame),
    Advisor(AdvisorFrame),
}

impl Frame {
    /// What the client calls it: its `cid` and its `ref`.
    fn names(&self) -> (Option<String>, Option<String>) {
        match self {
            Frame::Customer(frame) => (frame.cid().map(|cid| cid.as_str().to_owned()), None),
            Frame::Advisor(frame) => {
                let cid = match frame {
                    AdvisorFrame::Say(say) => Some(say.cid.as_str().to_owned()),
                    AdvisorFrame::WriteNote(note) => Some(note.cid.as_str().to_owned()),
                    _ => None,
                };
                (cid, frame.reference().map(str::to_owned))
            }
        }
    }
}
