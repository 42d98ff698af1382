//! From HTTP to a socket: the handshake (RFC 6455, 4.2), in a task of its own that leaves nothing behind.

use super::Caller;
use super::answer::Answer;
use super::problem::Problem;
use super::request::Asked;
use crate::counters::{Held, Turned};
use crate::limits;
use crate::shell::Shell;
use crate::socket::{self, Greeting, Unspoken};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, StatusCode, Version};
use hyper_util::rt::TokioIo;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The one subprotocol.
const SUBPROTOCOL: &str = "relais.v1";

/// `GET /ws/customer`. The origin is checked when the first frame says which site it is; cookies are not looked at.
pub(crate) fn customer(
    shell: &Arc<Shell>,
    caller: &Caller,
    asked: &Asked,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    let greeting = Greeting::Customer { origin: asked.origin.clone(), own: asked.own.clone() };
    upgrade(shell, caller, asked, request, greeting, 0)
}

/// `GET /ws/advisor`. Another site's page is refused here (cross-site WebSocket hijacking); a client that is no
/// browser names no origin, and must then bring a token: its cookie is not looked at.
pub(crate) fn advisor(
    shell: &Arc<Shell>,
    caller: &Caller,
    asked: &Asked,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    asked.only_own_pages(true)?;
    let cookie = asked.session.as_deref().filter(|_| asked.origin.is_some());
    let account = cookie.and_then(|secret| shell.access.session(secret, shell.access.now()));
    let session = match (&account, cookie) {
        (Some(_), Some(secret)) => shell.connections.session_mark(secret),
        _ => 0,
    };
    upgrade(shell, caller, asked, request, Greeting::Advisor { account }, session)
}

fn upgrade(
    shell: &Arc<Shell>,
    caller: &Caller,
    asked: &Asked,
    mut request: Request<Incoming>,
    greeting: Greeting,
    session: u64,
) -> Result<Answer, Problem> {
    let (accept, subprotocol) = handshake(request.version(), request.headers())?;
    if shell.door.is_shut() || !shell.access.ready() {
        return Err(Problem::NOT_READY.after(1_000));
    }
    let turned = |why| {
        shell.counters.turned(why);
        match why {
            Turned::PerAddress | Turned::AddressPace => Problem::TOO_MANY.after(1_000),
            _ => Problem::OVERLOADED.after(1_000),
        }
    };
    let ungreeted = shell.admission.ungreeted().map_err(turned)?;
    let behind_proxy = if caller.proxy {
        shell.admission.address(asked.address, shell.access.now()).map_err(turned)?
    } else {
        None
    };
    let Some(mut places) = caller.places.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return Err(Problem::bad_request("this connection is already a socket"));
    };
    places.address = behind_proxy.or(places.address);
    let held = Held::new(&shell.counters, |counters| &counters.ungreeted);
    let unspoken = Unspoken { greeting, address: asked.address, _seat: ungreeted, _held: held };
    let start = socket::Start { unspoken, session, language: asked.language, places };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(finish(Arc::clone(shell), upgraded, start));
    let mut answer = Answer::empty(StatusCode::SWITCHING_PROTOCOLS)
        .with(header::CONNECTION, HeaderValue::from_static("Upgrade"))
        .with(header::UPGRADE, HeaderValue::from_static("websocket"))
        .with(header::SEC_WEBSOCKET_ACCEPT, accept);
    if subprotocol {
        answer = answer.with(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    Ok(answer)
}

/// Waits until hyper has sent the answer, takes the bare stream from it, and starts the small task.
async fn finish(shell: Arc<Shell>, upgraded: hyper::upgrade::OnUpgrade, start: socket::Start) {
    let within = Duration::from_millis(limits::HEAD_MS);
    let Ok(Ok(upgraded)) = tokio::time::timeout(within, upgraded).await else { return };
    let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else { return };
    socket::start(shell, parts.io.into_inner(), parts.read_buf, start).await;
}

/// The answer to the key, and whether the subprotocol is to be confirmed.
fn handshake(version: Version, headers: &HeaderMap) -> Result<(HeaderValue, bool), Problem> {
    let lists = |name: HeaderName, token: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(token))
    };
    let is_13 = headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let asks = lists(header::CONNECTION, "upgrade") && lists(header::UPGRADE, "websocket");
    if version != Version::HTTP_11 || !asks || !is_13 {
        return Err(Problem::UPGRADE);
    }
    let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
    let key = keys.next().map(HeaderValue::as_bytes).filter(|key| is_key(key) && keys.next().is_none());
    let key = key.ok_or_else(|| Problem::bad_request("`Sec-WebSocket-Key` must be 16 bytes in base64"))?;
    let offers = headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    if offers && !lists(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return Err(Problem::bad_request("`Sec-WebSocket-Protocol` must offer relais.v1, or be absent"));
    }
    let accept = HeaderValue::from_str(&derive_accept_key(key));
    accept.map(|accept| (accept, offers)).map_err(|_| Problem::bad_request("`Sec-WebSocket-Key`"))
}

/// 16 bytes in base64 (RFC 4648, 4): 22 digits and two signs of padding.
fn is_key(key: &[u8]) -> bool {
    let digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    key.len() == 24 && key[..22].iter().all(digit) && key.ends_with(b"==")
}
