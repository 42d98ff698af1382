//! The small task of one socket: texts in, texts out, heartbeat, and the end.

use super::{Greeting, Start, Unspoken, advisor, customer, farewell, reply};
use crate::counters::{Held, Peer, Turned};
use crate::http::Places;
use crate::inbound::{ConnectionId, Inbound, Refused};
use crate::limits;
use crate::line::{Line, Next};
use crate::shell::Shell;
use bytes::Bytes;
use conversation::Millis;
use conversation::limits as protocol;
use futures_util::{Sink, Stream};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use wire::decode::BadFrame;
use wire::session::{Due, Session};
use wire::{Close, ErrorCode};

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The server closes it.
    Close(Close),
    /// The client broke RFC 6455: 1002.
    Protocol,
    /// The client closed.
    Closed,
    /// It is simply gone.
    Lost,
}

/// One socket.
pub(crate) struct Relay {
    pub(super) shell: Arc<Shell>,
    pub(super) line: Arc<Line>,
    pub(super) session: Session,
    /// Until the first frame.
    pub(super) unspoken: Option<Box<Unspoken>>,
    pub(super) language: &'static str,
    socket: WebSocketStream<TcpStream>,
    peer: Peer,
    /// What remains of a text that goes out in fragments.
    rest: Bytes,
    /// Since when pings and floods are counted.
    counted_since: Millis,
    control_frames: u32,
    flood_frames: u32,
    _held: Held,
    places: Places,
}

impl Relay {
    pub(super) fn new(shell: Arc<Shell>, socket: WebSocketStream<TcpStream>, start: Start) -> Relay {
        let now = shell.access.now();
        let peer = match &start.unspoken.greeting {
            Greeting::Customer { .. } => Peer::Customer,
            Greeting::Advisor { .. } => Peer::Advisor,
        };
        let held = match peer {
            Peer::Customer => Held::new(&shell.counters, |counters| &counters.sockets_open[0]),
            Peer::Advisor => Held::new(&shell.counters, |counters| &counters.sockets_open[1]),
        };
        Relay {
            line: shell.connections.open(start.session),
            session: Session::new(&shell.config.rates, now),
            unspoken: Some(Box::new(start.unspoken)),
            language: start.language,
            socket,
            peer,
            rest: Bytes::new(),
            counted_since: now,
            control_frames: 0,
            flood_frames: 0,
            _held: held,
            places: start.places,
            shell,
        }
    }

    /// Runs until the end, and says goodbye.
    pub(crate) async fn run(mut self: Box<Self>) {
        let mut alarm = pin!(tokio::time::sleep(Duration::ZERO));
        let end = std::future::poll_fn(|cx| self.turn(alarm.as_mut(), cx)).await;
        // What only the end needs is kept out of the future that ten thousand idle sockets hold.
        Box::pin(self.end(end)).await;
    }

    async fn end(self: Box<Self>, end: End) {
        let Relay { shell, line, session, socket, rest, places, unspoken, .. } = *self;
        drop(unspoken);
        let goodbye = farewell::say(&shell, socket, &line, rest, end);
        if session.is_greeted() {
            tokio::join!(goodbye, gone(&shell, line.id));
        } else {
            goodbye.await;
        }
        shell.connections.remove(line.id);
        drop(places);
    }

    /// Reads, then writes, then looks at the clock.
    fn turn(&mut self, mut alarm: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<End> {
        let now = self.shell.access.now();
        if let Err(end) = self.read(now, cx) {
            return Poll::Ready(end);
        }
        if let Err(end) = self.write(cx) {
            return Poll::Ready(end);
        }
        loop {
            match self.session.poll(now) {
                Due::Ping => {
                    if let Err(end) = self.ping(cx) {
                        return Poll::Ready(end);
                    }
                }
                Due::Close(why) => return Poll::Ready(End::Close(why)),
                Due::Nothing(at) => {
                    // The alarm is not moved when it is set for earlier: it rings, and finds nothing due.
                    let wait = Duration::from_millis(at.saturating_sub(now).max(1));
                    if alarm.is_elapsed() || Instant::now() + wait < alarm.deadline() {
                        alarm.as_mut().reset(Instant::now() + wait);
                    }
                    if alarm.as_mut().poll(cx).is_ready() {
                        cx.waker().wake_by_ref();
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    fn read(&mut self, now: Millis, cx: &mut Context<'_>) -> Result<(), End> {
        for _ in 0..limits::MESSAGES_A_TURN {
            if self.shell.door.is_shut() {
                return Ok(());
            }
            match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(None) => return Err(End::Closed),
                Poll::Ready(Some(Err(error))) => return Err(end_of(&error)),
                Poll::Ready(Some(Ok(message))) => {
                    self.session.heard(now);
                    self.heard(message, now)?;
                }
            }
        }
        cx.waker().wake_by_ref();
        Ok(())
    }

    fn heard(&mut self, message: Message, now: Millis) -> Result<(), End> {
        match message {
            Message::Text(text) => {
                let counters = &self.shell.counters;
                counters.frames_in.fetch_add(1, Relaxed);
                counters.bytes_in.fetch_add(text.len() as u64, Relaxed);
                match self.peer {
                    Peer::Customer => customer::text(self, &text, now),
                    Peer::Advisor => advisor::text(self, &text, now),
                }
            }
            Message::Binary(_) => Err(End::Close(Close::NotText)),
            Message::Ping(_) | Message::Pong(_) => {
                self.window(now);
                self.control_frames += 1;
                if self.control_frames > limits::CONTROL_FRAMES {
                    self.shell.counters.turned(Turned::Flood);
                    return Err(End::Close(Close::Abuse));
                }
                Ok(())
            }
            Message::Close(_) => Err(End::Closed),
            Message::Frame(_) => Ok(()),
        }
    }

    /// Writes what waits. All of it is gathered, up to a limit, and flushed once.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        loop {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return self.stuck(cx),
                Poll::Ready(Err(_)) => return Err(End::Lost),
                Poll::Ready(Ok(())) => {}
            }
            if let Some(message) = next_fragment(&mut self.rest) {
                self.send(message)?;
                continue;
            }
            match self.line.next(cx.waker()) {
                Next::Send(text) => {
                    let counters = &self.shell.counters;
                    counters.frames_out.fetch_add(1, Relaxed);
                    counters.bytes_out.fetch_add(text.len() as u64, Relaxed);
                    let message = message(text.into(), &mut self.rest);
                    self.send(message)?;
                }
                Next::Close(why) => return Err(End::Close(why)),
                Next::Wait => break,
            }
        }
        match Pin::new(&mut self.socket).poll_flush(cx) {
            Poll::Pending => self.stuck(cx),
            Poll::Ready(Err(_)) => Err(End::Lost),
            Poll::Ready(Ok(())) => {
                self.line.flows();
                Ok(())
            }
        }
    }

    fn send(&mut self, message: Message) -> Result<(), End> {
        Pin::new(&mut self.socket).start_send(message).map_err(|_| End::Lost)
    }

    fn stuck(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        match self.line.stuck(cx.waker()) {
            Some(why) => Err(End::Close(why)),
            None => Ok(()),
        }
    }

    fn ping(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        // A socket that takes nothing needs no ping to be found silent.
        if self.rest.is_empty() && Pin::new(&mut self.socket).poll_ready(cx).is_ready() {
            self.send(Message::Ping(Bytes::new()))?;
            let _ = Pin::new(&mut self.socket).poll_flush(cx);
        }
        Ok(())
    }

    fn window(&mut self, now: Millis) {
        if now.saturating_sub(self.counted_since) > protocol::BAD_FRAME_WINDOW_MS {
            self.counted_since = now;
            self.control_frames = 0;
            self.flood_frames = 0;
        }
    }

    /// Takes a token for a frame.
    pub(super) fn admit(&mut self, kind: &str, now: Millis) -> Result<(), u64> {
        self.session.admit(kind, &self.shell.config.rates, now)
    }

    /// Tells the brain; a brain that is full ends the connection.
    pub(super) fn tell(&self, what: Inbound) -> Result<(), End> {
        match self.shell.door.tell(what) {
            Ok(()) => Ok(()),
            Err(Refused::Full) => {
                self.shell.counters.turned(Turned::Brain);
                Err(End::Close(Close::Overloaded))
            }
            // Shutting down: the frame is not accepted, and not acknowledged; 1012 follows.
            Err(Refused::Over) if self.shell.door.is_shut() => Ok(()),
            // The brain has ended by itself (its log takes nothing more): no answer would ever come.
            Err(Refused::Over) => Err(End::Close(Close::Overloaded)),
        }
    }

    /// A good first frame: the brain hears of the connection, and will hear of its end.
    pub(super) fn greeted(
        &mut self,
        peer: Peer,
        what: impl FnOnce(ConnectionId) -> Inbound,
    ) -> Result<(), End> {
        self.tell(what(self.line.id))?;
        self.session.greeted();
        self.unspoken = None;
        self.shell.counters.hellos[peer as usize].fetch_add(1, Relaxed);
        Ok(())
    }

    /// An error, and nothing else.
    pub(super) fn say_error(&self, code: ErrorCode) {
        self.say(code, reply::error(code, self.language, reply::Names::default(), None));
    }

    fn say(&self, code: ErrorCode, text: tokio_tungstenite::tungstenite::Utf8Bytes) {
        self.shell.counters.error(code);
        self.shell.connections.push(&self.line, text);
    }

    /// An error that counts as a bad frame.
    pub(super) fn refuse(&mut self, code: ErrorCode, now: Millis) -> Result<(), End> {
        self.refuse_named(code, reply::Names::default(), now)
    }

    /// The same, with what the frame is called.
    pub(super) fn refuse_named(
        &mut self,
        code: ErrorCode,
        names: reply::Names,
        now: Millis,
    ) -> Result<(), End> {
        self.say(code, reply::error(code, self.language, names, None));
        self.count_bad(now)
    }

    /// The same, with what is wrong in particular.
    pub(super) fn refuse_detailed(&mut self, code: ErrorCode, detail: &str, now: Millis) -> Result<(), End> {
        self.say(code, reply::detailed(code, self.language, detail));
        self.count_bad(now)
    }

    /// A text that is no frame.
    pub(super) fn bad_frame(&mut self, bad: BadFrame, now: Millis) -> Result<(), End> {
        // Too long or empty is a person's slip, not a broken client: it uses up the rate instead.
        let slip = bad.code != ErrorCode::BadFrame;
        if slip && let Err(retry_ms) = self.admit("message", now) {
            let names = reply::Names::of_bad(&bad);
            return self.slow_down(names, retry_ms, now);
        }
        let code = bad.code;
        self.say(code, reply::bad_frame(bad, self.language));
        if slip { Ok(()) } else { self.count_bad(now) }
    }

    fn count_bad(&mut self, now: Millis) -> Result<(), End> {
        match self.session.bad_frame(now) {
            Some(why) => Err(End::Close(why)),
            None => Ok(()),
        }
    }

    /// Over the rate: says when to try again; a client that never listens is closed.
    pub(super) fn slow_down(&mut self, names: reply::Names, retry_ms: u64, now: Millis) -> Result<(), End> {
        let code = ErrorCode::SlowDown;
        self.say(code, reply::error(code, self.language, names, Some(retry_ms)));
        self.window(now);
        self.flood_frames += 1;
        if self.flood_frames >= limits::FLOOD_FRAMES {
            self.shell.counters.turned(Turned::Flood);
            return Err(End::Close(Close::Abuse));
        }
        Ok(())
    }
}

/// Tells the brain that a connection is gone; a full brain is told again until it has heard.
async fn gone(shell: &Shell, connection: ConnectionId) {
    while let Err(Refused::Full) = shell.door.tell(Inbound::Gone { connection }) {
        tokio::time::sleep(Duration::from_millis(limits::GONE_AGAIN_MS)).await;
    }
}

/// A text as one frame, or its first fragment with the rest kept.
pub(super) fn message(text: Bytes, rest: &mut Bytes) -> Message {
    let mut text = text;
    if text.len() <= limits::FRAGMENT_BYTES {
        return Message::Frame(Frame::message(text, OpCode::Data(Data::Text), true));
    }
    *rest = text.split_off(limits::FRAGMENT_BYTES);
    Message::Frame(Frame::message(text, OpCode::Data(Data::Text), false))
}

/// The next fragment of what remains.
pub(super) fn next_fragment(rest: &mut Bytes) -> Option<Message> {
    if rest.is_empty() {
        return None;
    }
    let fragment = rest.split_to(rest.len().min(limits::FRAGMENT_BYTES));
    Some(Message::Frame(Frame::message(fragment, OpCode::Data(Data::Continue), rest.is_empty())))
}

fn end_of(error: &Error) -> End {
    match error {
        Error::Utf8(_) => End::Close(Close::NotUtf8),
        Error::Capacity(CapacityError::MessageTooLong { .. }) => End::Close(Close::TooBig),
        Error::Protocol(
            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => End::Lost,
        Error::Protocol(_) => End::Protocol,
        Error::ConnectionClosed | Error::AlreadyClosed => End::Closed,
        _ => End::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten thousand idle sockets hold ten thousand of these.
    #[test]
    fn the_future_of_an_idle_socket_is_small() {
        fn size<F>(_: fn(Box<Relay>) -> F) -> usize {
            size_of::<F>()
        }
        let parts = [
            ("the task and its box", size(Relay::run) + size_of::<Relay>()),
            ("Relay", size_of::<Relay>()),
            ("WebSocketStream", size_of::<WebSocketStream<TcpStream>>()),
            ("Session", size_of::<Session>()),
            ("Sleep", size_of::<Sleep>()),
            ("Line", size_of::<Line>()),
            ("Places", size_of::<Places>()),
        ];
        println!("{parts:?}");
        assert!(parts[0].1 <= 832, "{parts:?}");
    }

    #[test]
    fn a_long_text_is_cut_into_fragments_and_nothing_is_lost() {
        for len in [0, 1, limits::FRAGMENT_BYTES, limits::FRAGMENT_BYTES + 1, limits::FRAGMENT_BYTES * 3] {
            let text: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
            let mut rest = Bytes::new();
            let mut frames = vec![message(Bytes::from(text.clone()), &mut rest)];
            while let Some(fragment) = next_fragment(&mut rest) {
                frames.push(fragment);
            }
            let frames: Vec<Frame> = frames
                .into_iter()
                .map(|message| match message {
                    Message::Frame(frame) => frame,
                    other => panic!("{other:?}"),
                })
                .collect();
            let last = frames.len() - 1;
            for (n, frame) in frames.iter().enumerate() {
                assert_eq!(frame.header().is_final, n == last);
                let opcode = if n == 0 { Data::Text } else { Data::Continue };
                assert_eq!(frame.header().opcode, OpCode::Data(opcode));
                assert!(frame.payload().len() <= limits::FRAGMENT_BYTES);
            }
            assert_eq!(frames.iter().flat_map(|frame| frame.payload().to_vec()).collect::<Vec<_>>(), text);
        }
    }
}
