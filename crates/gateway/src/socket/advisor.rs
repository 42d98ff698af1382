//! An advisor's frames: the first one authenticated, the others passed on.

use super::relay::{End, Relay};
use super::{Greeting, Unspoken, reply};
use crate::counters::Peer;
use crate::inbound::Inbound;
use crate::limits;
use conversation::Millis;
use wire::decode::advisor_frame;
use wire::frame::advisor::AdvisorHello;
use wire::{AdvisorFrame, Close, ErrorCode};

/// One text.
pub(super) fn text(relay: &mut Relay, text: &str, now: Millis) -> Result<(), End> {
    let frame = match advisor_frame(text) {
        Ok(frame) => frame,
        Err(bad) => return relay.bad_frame(bad, now),
    };
    match frame {
        AdvisorFrame::AdvisorHello(hello) if relay.session.is_greeted() => {
            let names = reply::Names::of_advisor(&AdvisorFrame::AdvisorHello(hello));
            relay.refuse_named(ErrorCode::HelloTwice, names, now)
        }
        AdvisorFrame::AdvisorHello(hello) => greet(relay, hello, now),
        frame if !relay.session.is_greeted() => {
            relay.refuse_named(ErrorCode::HelloFirst, reply::Names::of_advisor(&frame), now)
        }
        frame => {
            if let Err(retry_ms) = relay.admit(frame.type_name(), now) {
                return relay.slow_down(reply::Names::of_advisor(&frame), retry_ms, now);
            }
            relay.tell(Inbound::AdvisorFrame { connection: relay.line.id, frame })
        }
    }
}

/// The first frame: a token, else the session that came with the upgrade.
fn greet(relay: &mut Relay, mut hello: AdvisorHello, now: Millis) -> Result<(), End> {
    if let Some(lang) = &hello.lang {
        relay.language = if lang.as_str() == "fr" { "fr" } else { "en" };
    }
    let Some(Unspoken { greeting: Greeting::Advisor { account }, .. }) = relay.unspoken.as_deref() else {
        return Err(End::Close(Close::Forbidden));
    };
    let account = match hello.token.take() {
        Some(token) if token.len() <= limits::SECRET_CHARS => relay.shell.access.token(&token, now),
        Some(_) => None,
        None => account.clone(),
    };
    let Some(account) = account else {
        relay.say_error(ErrorCode::Unauthorised);
        return Err(End::Close(Close::Unauthorised));
    };
    relay.greeted(Peer::Advisor, |connection| Inbound::AdvisorHello {
        connection,
        hello: Box::new(hello),
        account,
    })
}
