//! A client that can do everything wrong: it writes its own bytes.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a server sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Text(String),
    Ping,
    Pong(Vec<u8>),
    Close(u16, String),
    /// The end of the stream, or a reset.
    End,
}

pub struct Client {
    pub stream: TcpStream,
    buffer: Vec<u8>,
    /// How many frames the last text came in.
    pub fragments: usize,
}

pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The request of a handshake.
pub fn handshake(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: chat.example:8080\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{headers}\r\n"
    )
}

/// One client frame (RFC 6455, 5.2), masked.
pub fn frame(fin: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x11, 0x22, 0x33, 0x44];
    let mut bytes = vec![if fin { 0x80 } else { 0 } | opcode];
    match payload.len() {
        len @ 0..126 => bytes.push(0x80 | len as u8),
        len @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().enumerate().map(|(n, byte)| byte ^ mask[n % 4]));
    bytes
}

impl Client {
    /// A socket, or the answer that refused it.
    pub async fn try_open(address: SocketAddr, path: &str, headers: &str) -> Result<Client, String> {
        let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.write_all(handshake(path, headers).as_bytes()).await.map_err(|error| error.to_string())?;
        let mut client = Client { stream, buffer: Vec::new(), fragments: 0 };
        let head = client.head().await?;
        if head.starts_with("HTTP/1.1 101 ") { Ok(client) } else { Err(head) }
    }

    async fn head(&mut self) -> Result<String, String> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                self.buffer.drain(..end + 4);
                return Ok(head);
            }
            if !self.more().await {
                return Err("closed before an answer".into());
            }
        }
    }

    pub async fn customer(address: SocketAddr) -> Client {
        Client::try_open(address, "/ws/customer", "").await.unwrap()
    }

    /// A customer who has been welcomed.
    pub async fn greeted(address: SocketAddr) -> Client {
        let mut client = Client::customer(address).await;
        client.say(r#"{"type":"hello","site":"demo"}"#).await;
        assert_eq!(client.json().await["type"], "welcome");
        client
    }

    /// An advisor who has been welcomed.
    pub async fn advisor(address: SocketAddr) -> Client {
        let mut client = Client::try_open(address, "/ws/advisor", "").await.unwrap();
        client.say(r#"{"type":"hello","token":"good-token"}"#).await;
        assert_eq!(client.json().await["type"], "welcome");
        client
    }

    pub async fn say(&mut self, text: &str) {
        self.raw(&frame(true, 1, text.as_bytes())).await;
    }

    pub async fn message(&mut self, cid: &str, text: &str) {
        let message = serde_json::json!({ "type": "message", "cid": cid, "text": text });
        self.say(&message.to_string()).await;
    }

    /// Sends bytes; a server that has closed is found out by listening.
    pub async fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    async fn more(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.buffer).await, Ok(read) if read > 0)
    }

    /// The next frame that is whole; fragments are put together.
    pub async fn hear(&mut self) -> Heard {
        let mut text = Vec::new();
        self.fragments = 0;
        loop {
            let Some((fin, opcode, payload)) = self.frame().await else { return Heard::End };
            match opcode {
                0 | 1 => {
                    self.fragments += 1;
                    text.extend(payload);
                    if fin {
                        return Heard::Text(String::from_utf8(text).expect("the server sends UTF-8"));
                    }
                }
                8 => {
                    let code = payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
                    let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default()).into_owned();
                    return Heard::Close(code, reason);
                }
                9 => return Heard::Ping,
                10 => return Heard::Pong(payload),
                other => panic!("the server sent opcode {other}"),
            }
        }
    }

    async fn frame(&mut self) -> Option<(bool, u8, Vec<u8>)> {
        loop {
            if let Some((len, start)) = length(&self.buffer)
                && self.buffer.len() >= start + len
            {
                let first = self.buffer[0];
                assert_eq!(self.buffer[1] & 0x80, 0, "a server does not mask");
                let payload = self.buffer[start..start + len].to_vec();
                self.buffer.drain(..start + len);
                return Some((first & 0x80 != 0, first & 0x0f, payload));
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// The next text as JSON; pings are passed over.
    pub async fn json(&mut self) -> Value {
        loop {
            match self.hear().await {
                Heard::Text(text) => return serde_json::from_str(&text).expect("the server sends JSON"),
                Heard::Ping => {}
                other => panic!("wanted a text, heard {other:?}"),
            }
        }
    }

    /// Everything up to the close frame.
    pub async fn until_close(&mut self) -> (u16, Vec<Value>) {
        let mut texts = Vec::new();
        loop {
            match tokio::time::timeout(Duration::from_secs(120), self.hear()).await.expect("a close in time")
            {
                Heard::Text(text) => texts.push(serde_json::from_str(&text).expect("the server sends JSON")),
                Heard::Close(code, _) => return (code, texts),
                Heard::Ping | Heard::Pong(_) => {}
                Heard::End => return (1006, texts),
            }
        }
    }
}

/// Payload's length and start of a server's frame, once its header is there.
fn length(buffer: &[u8]) -> Option<(usize, usize)> {
    let short = usize::from(*buffer.get(1)? & 0x7f);
    match short {
        126 => Some((usize::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?)), 4)),
        127 => Some((u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?) as usize, 10)),
        short => Some((short, 2)),
    }
}

/// One HTTP exchange: status, headers in lower case, body.
pub async fn http(address: SocketAddr, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(request.as_bytes()).await;
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head.to_lowercase(), body.to_owned())
}

/// A `GET` that closes.
pub async fn get(address: SocketAddr, path: &str, headers: &str) -> (u16, String, String) {
    http(address, &format!("GET {path} HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n{headers}\r\n"))
        .await
}

/// A `POST` of JSON from the console's own page.
pub async fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> (u16, String, String) {
    let len = body.len();
    http(
        address,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Origin: http://chat.example\r\nContent-Length: {len}\r\n{headers}\r\n{body}"
        ),
    )
    .await
}
