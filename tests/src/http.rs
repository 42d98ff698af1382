//! One request over a connection of its own.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(20);

/// The status and the body of a page.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let answer =
        say(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")).await;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status(&answer), body.to_owned())
}

/// The status of an upgrade that is refused, or 101.
pub async fn upgrade(address: SocketAddr, path: &str) -> u16 {
    upgraded(address, path, "").await.0
}

/// The same, with more headers, and the connection, which stays open while it is held.
pub async fn upgraded(address: SocketAddr, path: &str, headers: &str) -> (u16, TcpStream) {
    let request = handshake(address, path, headers);
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let _ = stream.write_all(request.as_bytes()).await;
    let mut head = [0; 64];
    let read = timeout(WITHIN, stream.read(&mut head)).await.expect("an answer").unwrap_or(0);
    (status(&String::from_utf8_lossy(&head[..read])), stream)
}

/// The head of a request for an upgrade; `headers` end with their own line's end.
pub fn handshake(address: SocketAddr, path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// A text as a client's frame, masked (RFC 6455, 5.2); at most 125 bytes.
pub fn frame(text: &str) -> Vec<u8> {
    let mask = [0x11, 0x22, 0x33, 0x44];
    let length = u8::try_from(text.len()).ok().filter(|length| *length <= 125).expect("a short text");
    let mut bytes = vec![0x81, 0x80 | length];
    bytes.extend(mask);
    bytes.extend(text.bytes().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Everything that is answered to these bytes, until the end.
pub async fn say(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(WITHIN, stream.read_to_end(&mut answer)).await.expect("an answer and its end");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; 0 where there was none.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The code of an error's body.
pub fn code(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["error"]["code"].as_str().unwrap_or_default().to_owned()
}
