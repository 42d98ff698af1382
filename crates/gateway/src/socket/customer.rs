//! A customer's frames: the first one checked, the others passed on.

use super::relay::{End, Relay};
use super::{Greeting, Unspoken, origin_may, reply};
use crate::counters::{Peer, Turned};
use crate::inbound::{CustomerHello, Inbound};
use crate::refusals;
use conversation::Millis;
use wire::decode::customer_frame;
use wire::frame::customer::Hello;
use wire::{Close, CustomerFrame, ErrorCode};

/// One text.
pub(super) fn text(relay: &mut Relay, text: &str, now: Millis) -> Result<(), End> {
    let frame = match customer_frame(text) {
        Ok(frame) => frame,
        Err(bad) => return relay.bad_frame(bad, now),
    };
    match frame {
        CustomerFrame::Hello(_) if relay.session.is_greeted() => relay.refuse(ErrorCode::HelloTwice, now),
        CustomerFrame::Hello(hello) => greet(relay, hello, now),
        frame if !relay.session.is_greeted() => {
            relay.refuse_named(ErrorCode::HelloFirst, reply::Names::of_customer(&frame), now)
        }
        frame => {
            if let Err(retry_ms) = relay.admit(frame.type_name(), now) {
                return relay.slow_down(reply::Names::of_customer(&frame), retry_ms, now);
            }
            relay.tell(Inbound::CustomerFrame { connection: relay.line.id, frame })
        }
    }
}

/// The first frame: which site, from which page, with which proof.
fn greet(relay: &mut Relay, mut hello: Hello, now: Millis) -> Result<(), End> {
    if let Some(lang) = &hello.lang {
        relay.language = if lang.as_str() == "fr" { "fr" } else { "en" };
    }
    let access = std::sync::Arc::clone(&relay.shell.access);
    let Some(Unspoken { greeting: Greeting::Customer { origin, own }, address, .. }) =
        relay.unspoken.as_deref()
    else {
        return Err(End::Close(Close::Forbidden));
    };
    let (origin, address) = (origin.clone(), *address);
    let Some(site) = access.site(&hello.site) else {
        relay.shell.refusals.tell(&refusals::unknown_site(&hello.site, origin.as_deref()), now);
        relay.say_error(ErrorCode::UnknownSite);
        return Err(End::Close(Close::Forbidden));
    };
    if !origin_may(&site, origin.as_deref(), own.as_ref()) {
        relay.shell.refusals.tell(&refusals::wrong_origin(&hello.site, origin.as_deref()), now);
        // Not `unauthorised`: the visitor's proof is good, and their client is not to throw it away.
        relay.say_error(ErrorCode::Forbidden);
        return Err(End::Close(Close::Forbidden));
    }
    if let Err(retry_ms) = relay.shell.admission.site(&hello.site, now) {
        relay.shell.counters.turned(Turned::SitePace);
        return relay.slow_down(reply::Names::default(), retry_ms, now);
    }
    // A wrong token and an unknown conversation are one answer: ids are not to be tried out.
    let proven = |conversation, token: Option<&str>| {
        token.is_some_and(|token| access.conversation_token_valid(conversation, token))
    };
    if hello.conversation.is_some_and(|conversation| !proven(conversation, hello.token.as_deref())) {
        return relay.refuse(ErrorCode::Unauthorised, now);
    }
    let identity = match hello.identity.take() {
        None => None,
        Some(jwt) => match access.identity(&hello.site, &jwt, now) {
            Ok(identity) => Some(identity),
            Err(why) => return relay.refuse_detailed(ErrorCode::Unauthorised, &why, now),
        },
    };
    if hello.previous.as_ref().is_some_and(|earlier| !proven(earlier.conversation, Some(&earlier.token))) {
        hello.previous = None;
    }
    relay.greeted(Peer::Customer, |connection| {
        Inbound::CustomerHello(Box::new(CustomerHello { connection, hello, identity, origin, address }))
    })
}
