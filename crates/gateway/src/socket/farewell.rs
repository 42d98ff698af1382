//! The end of a socket: what still waits is sent, the close is said and heard, and nothing of it takes for ever.

use super::relay::{End, message, next_fragment};
use crate::limits;
use crate::line::{Line, Next};
use crate::shell::Shell;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use std::task::Waker;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use wire::Close;

/// Ends a socket.
pub(super) async fn say(
    shell: &Shell,
    socket: WebSocketStream<TcpStream>,
    line: &Line,
    rest: Bytes,
    end: End,
) {
    let close = match end {
        End::Lost => {
            shell.counters.lost();
            drop(line.close(Close::Normal));
            return;
        }
        End::Closed => {
            shell.counters.closed(Close::Normal);
            None
        }
        End::Protocol => {
            shell.counters.protocol_error();
            Some(CloseFrame { code: CloseCode::Protocol, reason: "protocol".into() })
        }
        End::Close(why) => {
            shell.counters.closed(why);
            Some(CloseFrame { code: why.code().into(), reason: why.word().into() })
        }
    };
    // Nobody is to be woken: this is the task.
    drop(line.close(Close::Normal));
    let within = Duration::from_millis(limits::CLOSE_MS);
    // Whatever is not done by then is cut.
    let _ = tokio::time::timeout(within, spoken(socket, line, rest, close)).await;
}

async fn spoken(
    mut socket: WebSocketStream<TcpStream>,
    line: &Line,
    mut rest: Bytes,
    close: Option<CloseFrame>,
) -> Result<(), Error> {
    if let Some(close) = close {
        while let Some(fragment) = next_fragment(&mut rest) {
            socket.feed(fragment).await?;
        }
        while let Next::Send(text) = line.next(Waker::noop()) {
            socket.feed(message(text.into(), &mut rest)).await?;
            while let Some(fragment) = next_fragment(&mut rest) {
                socket.feed(fragment).await?;
            }
        }
        socket.send(Message::Close(Some(close))).await?;
    }
    // The other side answers the close; what it had sent before is read and thrown away.
    let mut thrown = 0;
    while thrown < limits::CLOSE_BYTES {
        match socket.next().await {
            Some(Ok(message)) => thrown += message.len(),
            Some(Err(_)) | None => break,
        }
    }
    // After a frame that cannot be read there are no more frames, but bytes: closing with bytes unread would be a
    // reset, and a reset would overtake the close frame.
    let stream = socket.get_mut();
    stream.shutdown().await?;
    loop {
        stream.readable().await?;
        let mut heap = vec![0u8; 4_096];
        match stream.try_read(&mut heap) {
            Ok(0) => return Ok(()),
            Ok(read) => thrown += read,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        if thrown >= limits::CLOSE_BYTES {
            return Ok(());
        }
    }
}
