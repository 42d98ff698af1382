//! What waits to be written to one connection, bounded; shared by the brain's threads and the connection's task.

use crate::inbound::ConnectionId;
use conversation::limits::{OUTBOUND_BYTES, OUTBOUND_FRAMES};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::Close;

/// Room that an empty line keeps, in frames; more is given back.
const KEPT_FRAMES: usize = 32;

/// What waits to be written to one connection.
pub(crate) struct Line {
    pub(crate) id: ConnectionId,
    /// Of the session that opened it (see `session_mark`), 0 where none did.
    pub(crate) session: AtomicU64,
    /// The socket takes nothing at the moment.
    stuck: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    closing: Option<Close>,
    waker: Option<Waker>,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits.
    Kept,
    /// The connection is closing: nothing more goes out.
    Late,
    /// It was one too many: all that waited is gone, and the connection will be.
    Cut,
}

/// What the task does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Send(Utf8Bytes),
    /// Nothing waits; the waker will be woken.
    Wait,
    /// Everything that was to be sent has been taken.
    Close(Close),
}

impl Line {
    pub(crate) fn new(id: ConnectionId, session: u64) -> Line {
        Line {
            id,
            session: AtomicU64::new(session),
            stuck: AtomicBool::new(false),
            waiting: Mutex::new(Waiting::default()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Every write to it is whole, so a panic elsewhere leaves nothing half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a frame, or cuts the connection. Gives the task's waker back, if it waits: waking is the caller's.
    ///
    /// Too many bytes cut at once. Too many frames cut only while the socket takes nothing: the history of a long
    /// conversation is more frames than the limit, said in one breath, and to a good reader.
    pub(crate) fn push(&self, text: Utf8Bytes) -> (Pushed, Option<Waker>) {
        let mut waiting = self.lock();
        if waiting.closing.is_some() {
            return (Pushed::Late, None);
        }
        let many = waiting.frames.len() >= OUTBOUND_FRAMES && self.stuck.load(Relaxed);
        let outcome = if many || waiting.bytes + text.len() > OUTBOUND_BYTES {
            waiting.frames = VecDeque::new();
            waiting.bytes = 0;
            waiting.closing = Some(Close::Overloaded);
            Pushed::Cut
        } else {
            waiting.bytes += text.len();
            waiting.frames.push_back(text);
            Pushed::Kept
        };
        (outcome, waiting.waker.take())
    }

    /// Closes after everything that waits; the first reason stays.
    #[must_use]
    pub(crate) fn close(&self, why: Close) -> Option<Waker> {
        let mut waiting = self.lock();
        waiting.closing.get_or_insert(why);
        waiting.waker.take()
    }

    /// Takes what is next, or leaves a waker.
    pub(crate) fn next(&self, waker: &Waker) -> Next {
        let mut waiting = self.lock();
        if let Some(text) = waiting.frames.pop_front() {
            waiting.bytes -= text.len();
            return Next::Send(text);
        }
        if waiting.frames.capacity() > KEPT_FRAMES {
            waiting.frames = VecDeque::new();
        }
        if let Some(why) = waiting.closing {
            return Next::Close(why);
        }
        if !waiting.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
            waiting.waker = Some(waker.clone());
        }
        Next::Wait
    }

    /// The socket takes nothing: leaves a waker for whatever changes, and says whether the connection is to end.
    pub(crate) fn stuck(&self, waker: &Waker) -> Option<Close> {
        self.stuck.store(true, Relaxed);
        let mut waiting = self.lock();
        waiting.waker = Some(waker.clone());
        waiting.closing
    }

    /// The socket takes again.
    pub(crate) fn flows(&self) {
        self.stuck.store(false, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line::new(ConnectionId(1), 0)
    }

    fn push(line: &Line, text: impl Into<Utf8Bytes>) -> Pushed {
        line.push(text.into()).0
    }

    #[test]
    fn frames_leave_in_their_order_and_then_the_close() {
        let line = line();
        assert_eq!(push(&line, "a"), Pushed::Kept);
        assert_eq!(push(&line, "b"), Pushed::Kept);
        assert!(line.close(Close::Restart).is_none());
        assert!(line.close(Close::Normal).is_none());
        assert_eq!(push(&line, "c"), Pushed::Late);
        let waker = Waker::noop();
        assert_eq!(line.next(waker), Next::Send("a".into()));
        assert_eq!(line.next(waker), Next::Send("b".into()));
        assert_eq!(line.next(waker), Next::Close(Close::Restart));
    }

    #[test]
    fn too_many_frames_cut_a_socket_that_takes_nothing_and_no_other() {
        let good = line();
        for _ in 0..OUTBOUND_FRAMES * 3 {
            assert_eq!(push(&good, "x"), Pushed::Kept);
        }
        let slow = line();
        assert_eq!(slow.stuck(Waker::noop()), None);
        for _ in 0..OUTBOUND_FRAMES {
            assert_eq!(push(&slow, "x"), Pushed::Kept);
        }
        assert_eq!(push(&slow, "x"), Pushed::Cut);
        assert_eq!(slow.stuck(Waker::noop()), Some(Close::Overloaded));
        assert_eq!(slow.next(Waker::noop()), Next::Close(Close::Overloaded), "what waited is gone");
    }

    #[test]
    fn a_waiting_task_is_woken_once() {
        let line = line();
        assert_eq!(line.next(Waker::noop()), Next::Wait);
        assert!(line.push("a".into()).1.is_some());
        assert!(line.push("b".into()).1.is_none(), "it knows already");
        assert!(line.close(Close::Normal).is_none());
    }

    #[test]
    fn too_many_bytes_cut_any() {
        let line = line();
        let text = Utf8Bytes::from("x".repeat(OUTBOUND_BYTES / 4));
        for _ in 0..4 {
            assert_eq!(push(&line, text.clone()), Pushed::Kept);
        }
        assert_eq!(push(&line, "x"), Pushed::Cut);
    }

    #[test]
    fn an_empty_line_gives_its_room_back() {
        let line = line();
        for _ in 0..500 {
            push(&line, "x");
        }
        while line.next(Waker::noop()) != Next::Wait {}
        assert!(line.lock().frames.capacity() <= KEPT_FRAMES);
    }
}
