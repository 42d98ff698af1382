//! The write side: what the brain's threads say to connections. Nothing here blocks or waits.

use crate::counters::{Counters, Turned};
use crate::inbound::ConnectionId;
use crate::line::{Line, Pushed};
use futures_util::task::AtomicWaker;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::Close;

/// Parts of the table, so that threads seldom meet.
const PARTS: usize = 16;

/// Every open socket of this process.
pub struct Connections {
    parts: [Mutex<HashMap<u64, Arc<Line>>>; PARTS],
    last: AtomicU64,
    ending: AtomicBool,
    marks: RandomState,
    counters: Arc<Counters>,
    /// Tasks to wake, and the one that wakes them.
    to_wake: Mutex<Vec<Waker>>,
    pump: AtomicWaker,
}

impl Default for Connections {
    fn default() -> Connections {
        Connections {
            parts: Default::default(),
            last: AtomicU64::new(0),
            ending: AtomicBool::new(false),
            marks: RandomState::new(),
            counters: Arc::default(),
            to_wake: Mutex::default(),
            pump: AtomicWaker::new(),
        }
    }
}

impl Connections {
    /// None yet.
    pub fn new() -> Connections {
        Connections::default()
    }

    /// What the gateway counts.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Sends a text. It is kept in a bounded line and goes out with whatever else waits, in one write; a reader
    /// that is too slow for the bound is cut with 1013. To a connection that is gone it goes nowhere.
    pub fn send(&self, to: ConnectionId, text: impl Into<Utf8Bytes>) {
        let line = self.part(to).get(&to.0).cloned();
        if let Some(line) = line {
            self.push(&line, text.into());
        }
    }

    /// Closes a connection after everything sent before.
    pub fn close(&self, to: ConnectionId, why: Close) {
        let line = self.part(to).get(&to.0).cloned();
        if let Some(line) = line {
            self.wake(line.close(why));
        }
    }

    /// Closes every connection after everything sent before, those too that are only just coming: the end of a
    /// shutdown ([`Close::Restart`]).
    pub fn close_all(&self, why: Close) {
        self.ending.store(true, Ordering::SeqCst);
        self.each(|line| self.wake(line.close(why)));
    }

    /// Open sockets.
    pub fn len(&self) -> usize {
        (0..PARTS).map(|part| self.locked(part).len()).sum()
    }

    /// Whether no socket is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn push(&self, line: &Line, text: Utf8Bytes) {
        let (outcome, waker) = line.push(text);
        if outcome == Pushed::Cut {
            self.counters.turned(Turned::SlowReader);
        }
        self.wake(waker);
    }

    /// Waking a task from a thread outside the runtime costs a system call. A batch that is sent wakes many: only
    /// the pump is woken from outside, once, and wakes the others from within.
    fn wake(&self, waker: Option<Waker>) {
        let Some(waker) = waker else { return };
        let mut to_wake = self.to_wake.lock().unwrap_or_else(PoisonError::into_inner);
        let first = to_wake.is_empty();
        to_wake.push(waker);
        drop(to_wake);
        if first {
            self.pump.wake();
        }
    }

    /// Wakes the tasks that something was sent to; runs for ever, in the runtime of the tasks.
    pub(crate) async fn pump(&self) {
        std::future::poll_fn(|cx| {
            // First registered, then looked: whoever adds the first one after the look wakes this waker.
            self.pump.register(cx.waker());
            let woken = std::mem::take(&mut *self.to_wake.lock().unwrap_or_else(PoisonError::into_inner));
            woken.into_iter().for_each(Waker::wake);
            Poll::<()>::Pending
        })
        .await;
    }

    /// Stands for a session's secret in memory: enough to find its sockets again, useless to anybody else.
    pub(crate) fn session_mark(&self, secret: &str) -> u64 {
        self.marks.hash_one(secret).max(1)
    }

    /// Closes the sockets that a session has opened.
    pub(crate) fn end_session(&self, mark: u64) {
        self.each(|line| {
            if line.session.load(Ordering::Relaxed) == mark {
                self.wake(line.close(Close::Unauthorised));
            }
        });
    }

    pub(crate) fn open(&self, session: u64) -> Arc<Line> {
        let id = ConnectionId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let line = Arc::new(Line::new(id, session));
        self.part(id).insert(id.0, Arc::clone(&line));
        // After the insertion: either `close_all` finds it in the table, or it is seen here.
        if self.ending.load(Ordering::SeqCst) {
            self.wake(line.close(Close::Restart));
        }
        line
    }

    pub(crate) fn remove(&self, id: ConnectionId) {
        let mut part = self.part(id);
        part.remove(&id.0);
        // A table that was once large does not stay so (a wave of visitors leaves no memory behind).
        if part.capacity() > 64 && part.len() < part.capacity() / 4 {
            part.shrink_to_fit();
        }
    }

    fn each(&self, mut act: impl FnMut(&Line)) {
        for part in 0..PARTS {
            let lines: Vec<Arc<Line>> = self.locked(part).values().cloned().collect();
            lines.iter().for_each(|line| act(line));
        }
    }

    fn part(&self, id: ConnectionId) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.locked(id.0 as usize % PARTS)
    }

    fn locked(&self, part: usize) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.parts[part].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Next;

    #[test]
    fn who_comes_during_the_end_is_closed_too() {
        let connections = Connections::new();
        let before = connections.open(0);
        connections.close_all(Close::Restart);
        let after = connections.open(0);
        for line in [&before, &after] {
            assert_eq!(line.next(Waker::noop()), Next::Close(Close::Restart));
        }
        assert_eq!(connections.len(), 2);
        connections.remove(before.id);
        connections.remove(after.id);
        assert!(connections.is_empty());
        connections.send(before.id, "nowhere");
    }

    #[test]
    fn signing_out_closes_the_sockets_of_that_session_only() {
        let connections = Connections::new();
        let (mine, other) = (connections.session_mark("a"), connections.session_mark("b"));
        assert_ne!(mine, other);
        let (first, second) = (connections.open(mine), connections.open(other));
        connections.end_session(mine);
        assert_eq!(first.next(Waker::noop()), Next::Close(Close::Unauthorised));
        assert_eq!(second.next(Waker::noop()), Next::Wait);
    }

    /// Two threads send to tasks that only ever run when they are woken. A wake-up of the pump that is lost is never
    /// made good: the next sender sees that others wait, and leaves the waking to them.
    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "the brain is a thread outside the runtime")]
    async fn nothing_that_is_sent_is_left_lying() {
        const ROUNDS: usize = 200_000;
        let connections = Arc::new(Connections::new());
        let pump = tokio::spawn({
            let connections = Arc::clone(&connections);
            async move { connections.pump().await }
        });
        let mut tasks = Vec::new();
        for thread in 0..2 {
            let line = connections.open(0);
            let mut heard = 0;
            tasks.push(tokio::spawn(std::future::poll_fn({
                let line = Arc::clone(&line);
                move |cx| loop {
                    match line.next(cx.waker()) {
                        Next::Send(_) => heard += 1,
                        Next::Close(_) => return Poll::Ready(heard),
                        Next::Wait => return Poll::Pending,
                    }
                }
            })));
            let connections = Arc::clone(&connections);
            std::thread::spawn(move || {
                for round in 0..ROUNDS {
                    connections.send(line.id, "x");
                    // Pauses of every length, so that sends meet every moment of the pump.
                    (0..(round * (thread + 3)) % 97).for_each(|_| std::hint::spin_loop());
                }
                connections.close(line.id, Close::Normal);
            });
        }
        for task in tasks {
            let within = std::time::Duration::from_secs(30);
            let heard =
                tokio::time::timeout(within, task).await.expect("every task hears of its end").unwrap();
            assert_eq!(heard, ROUNDS);
        }
        pump.abort();
    }
}
