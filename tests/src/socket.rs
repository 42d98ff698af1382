//! A client's side of a socket: keeps everything it hears, waits for what must come, and holds every event to its
//! place.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long anything may take that must come. Generous: the machine may be busy with other tests.
const WITHIN: Duration = Duration::from_secs(20);

/// The text of a field, empty where it is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What a socket hears next.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A frame; it is in [`Socket::heard`].
    Frame(Value),
    /// The close code.
    Close(u16),
    /// The stream ended without one.
    End,
}

/// One connection.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Every frame heard, in order; `None` once somebody has waited for it.
    unread: Vec<Option<Value>>,
    /// Every frame heard, in order.
    pub heard: Vec<Value>,
    last: BTreeMap<String, u64>,
    next: u32,
}

impl Socket {
    /// An upgraded connection on which nothing was said.
    pub async fn open(address: SocketAddr, path: &str) -> Socket {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let mut request = format!("ws://{address}{path}").into_client_request().expect("an address");
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("relais.v1"));
        let (stream, _) = timeout(WITHIN, client_async(request, stream))
            .await
            .expect("an answer to the upgrade")
            .expect("an upgrade");
        Socket { stream, unread: Vec::new(), heard: Vec::new(), last: BTreeMap::new(), next: 0 }
    }

    /// A customer of the demo who has been welcomed, with the welcome; `fields` go into `hello`.
    pub async fn customer(address: SocketAddr, fields: Value) -> (Socket, Value) {
        let mut hello = json!({ "type": "hello", "site": "demo" });
        for (key, value) in fields.as_object().expect("fields of a frame") {
            hello[key] = value.clone();
        }
        Socket::welcomed(address, "/ws/customer", &hello).await
    }

    /// An advisor who has been welcomed, with the welcome.
    pub async fn advisor(address: SocketAddr, token: &str, lang: &str) -> (Socket, Value) {
        let hello = json!({ "type": "hello", "token": token, "lang": lang });
        Socket::welcomed(address, "/ws/advisor", &hello).await
    }

    async fn welcomed(address: SocketAddr, path: &str, hello: &Value) -> (Socket, Value) {
        let mut socket = Socket::open(address, path).await;
        socket.say(hello).await;
        let welcome = socket.the("welcome").await;
        (socket, welcome)
    }

    /// Sends one frame. A server that is gone is found out by listening.
    pub async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    /// Sends a text, whatever it is.
    pub async fn say_text(&mut self, text: &str) {
        let _ = self.stream.send(Message::text(text)).await;
    }

    /// Sends a binary frame.
    pub async fn say_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.send(Message::binary(Bytes::copy_from_slice(bytes))).await;
    }

    /// Sends one frame of the transport as it is: a fragment, or text that is none.
    pub async fn say_fragment(&mut self, bytes: &[u8], first: bool, last: bool) {
        let code = OpCode::Data(if first { Data::Text } else { Data::Continue });
        let frame = Frame::message(Bytes::copy_from_slice(bytes), code, last);
        let _ = self.stream.send(Message::Frame(frame)).await;
    }

    /// The next thing heard, within the time that anything may take.
    pub async fn hear(&mut self) -> Heard {
        let Ok(heard) = timeout(WITHIN, self.hear_whenever()).await else {
            panic!("silence; heard so far: {}", self.story());
        };
        heard
    }

    async fn hear_whenever(&mut self) -> Heard {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("every frame is JSON");
                    self.keep(&frame);
                    return Heard::Frame(frame);
                }
                Some(Ok(Message::Close(Some(close)))) => return Heard::Close(close.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Binary(_))) => panic!("the server speaks text"),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Heard::End,
            }
        }
    }

    fn keep(&mut self, frame: &Value) {
        if frame["type"] == "event" {
            let conversation = frame["conversation"].as_str().unwrap_or_default().to_owned();
            let seq = frame["seq"].as_u64().expect("an event has a place");
            let before = self.last.insert(conversation, seq);
            assert!(before < Some(seq), "{frame} after {before:?}");
        }
        self.heard.push(frame.clone());
        self.unread.push(Some(frame.clone()));
    }

    /// The first frame like this that nobody has waited for yet; what was heard already counts.
    pub async fn until(&mut self, what: &str, like: impl Fn(&Value) -> bool) -> Value {
        let mut from = 0;
        loop {
            for slot in &mut self.unread[from..] {
                if slot.as_ref().is_some_and(&like) {
                    return slot.take().expect("just seen");
                }
            }
            from = self.unread.len();
            let heard = timeout(WITHIN, self.hear_whenever()).await;
            if !matches!(heard, Ok(Heard::Frame(_))) {
                panic!("waited for {what}, but {heard:?}; heard so far: {}", self.story());
            }
        }
    }

    /// The next frame of a type.
    pub async fn the(&mut self, kind: &str) -> Value {
        self.until(kind, |frame| frame["type"] == kind).await
    }

    /// The next event of a kind.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.until(kind, |frame| frame["type"] == "event" && frame["kind"] == kind).await
    }

    /// The next change of owner to this one.
    pub async fn owner(&mut self, owner: &str) -> Value {
        self.until(owner, |frame| frame["kind"] == "owner" && owner_word(frame) == owner).await
    }

    /// The next message of somebody (`bot`, `advisor`, `system`, `customer`).
    pub async fn from(&mut self, who: &str) -> Value {
        self.until(who, |frame| frame["kind"] == "message" && frame["from"] == who).await
    }

    /// Sends a request and waits for its own answer, `ack` or `error`; sends it again later where it came too fast.
    /// Gives it a `ref` where it has no `cid`.
    pub async fn ask(&mut self, frame: Value) -> Value {
        let mut frame = frame;
        let key = if frame.get("cid").is_some() { "cid" } else { "ref" };
        if key == "ref" {
            self.next += 1;
            frame["ref"] = json!(format!("r{}", self.next));
        }
        let name = frame[key].clone();
        loop {
            self.say(&frame).await;
            let answer = self
                .until("an answer", |answer| {
                    (answer["type"] == "ack" || answer["type"] == "error") && answer[key] == name
                })
                .await;
            // A good client waits when it is told to.
            let Some(wait) = answer["retry_ms"].as_u64() else { return answer };
            sleep(Duration::from_millis(wait)).await;
        }
    }

    /// The same, and it must be an `ack`.
    pub async fn done(&mut self, frame: Value) -> Value {
        let answer = self.ask(frame.clone()).await;
        assert_eq!(answer["type"], "ack", "{frame} was answered {answer}");
        answer
    }

    /// The same, and it must be this error, with a sentence.
    pub async fn refused(&mut self, frame: Value, code: &str) -> Value {
        let answer = self.ask(frame.clone()).await;
        assert_eq!(answer["type"], "error", "{frame} was answered {answer}");
        assert_eq!(answer["code"], code, "{frame} was answered {answer}");
        assert!(answer["message"].as_str().is_some_and(|text| text.len() > 10), "{answer}");
        answer
    }

    /// A customer says something; its place.
    pub async fn message(&mut self, cid: &str, text: &str) -> u64 {
        let ack = self.done(json!({ "type": "message", "cid": cid, "text": text })).await;
        ack["seq"].as_u64().expect("a message has a place")
    }

    /// An advisor sets their presence.
    pub async fn present(&mut self, status: &str) {
        self.done(json!({ "type": "presence", "status": status })).await;
    }

    /// Everything that the server decided before now has been heard: an answer that needs nothing has come (advisor).
    pub async fn settled(&mut self) {
        // Not even an answer to an error can overtake what was decided before it.
        let answer = self.ask(json!({ "type": "open", "conversation": "0000000000000000" })).await;
        assert_eq!(answer["code"], "unknown_conversation");
    }

    /// The close code, after whatever else comes.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.hear().await {
                Heard::Frame(_) => {}
                Heard::Close(code) => return code,
                Heard::End => panic!("no close code; heard so far: {}", self.story()),
            }
        }
    }

    /// Events heard so far, of one conversation's kind.
    pub fn events(&self) -> impl Iterator<Item = &Value> {
        self.heard.iter().filter(|frame| frame["type"] == "event")
    }

    /// Whether a frame like this was heard.
    pub fn has(&self, like: impl Fn(&Value) -> bool) -> bool {
        self.heard.iter().any(like)
    }

    fn story(&self) -> String {
        self.heard
            .iter()
            .map(|frame| frame.to_string().chars().take(400).collect::<String>() + "\n")
            .collect()
    }
}

/// An owner event's word: customers hear it flat, advisors with its parts.
fn owner_word(frame: &Value) -> &str {
    frame["owner"].as_str().or_else(|| frame["owner"]["owner"].as_str()).unwrap_or_default()
}
