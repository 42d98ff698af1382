//! The scribe's thread: makes what the brain dictated durable, many batches a sync, and only then tells it (law 3).

use super::caller::Caller;
use super::clerk::Request;
use conversation::{Event, limits};
use eventlog::EventLog;
use gateway::{ConnectionId, Connections, Utf8Bytes};
use router::{Effect, Observation};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use telemetry::{Derive, Series};
use wire::Close;
use wire::frame::server::EventFrame;

/// Batches that wait for the disk; more: the brain waits, its inbox fills, and the gateway answers 1013.
pub const WAITING_BATCHES: usize = 64;

/// What the brain dictates.
#[derive(Default)]
pub struct Batch {
    /// To be made durable, in order.
    pub events: Vec<Event>,
    /// To be done once they are, in order.
    pub lines: Vec<Line>,
    /// Nothing follows: everybody is let go with 1012 afterwards.
    pub last: bool,
    /// The last event's frame as text.
    pub written: Option<(Arc<EventFrame>, Utf8Bytes)>,
}

impl Batch {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.lines.is_empty()
    }
}

/// One thing to do.
pub enum Line {
    /// A frame.
    Send(ConnectionId, Utf8Bytes),
    /// The end of a connection.
    Close(ConnectionId, Close),
    /// Everything else.
    Other(Box<Effect>),
}

/// The one who writes.
pub struct Scribe<L: EventLog> {
    /// The log.
    pub log: L,
    /// Where frames go.
    pub connections: Arc<Connections>,
    /// Who looks things up.
    pub clerk: SyncSender<Request>,
    /// Who calls back offices.
    pub caller: Caller,
    /// What counts events.
    pub derive: Derive,
    /// What counts everything else.
    pub series: Series,
    /// Whether events are taken.
    pub ready: Arc<AtomicBool>,
}

impl<L: EventLog> Scribe<L> {
    /// Writes until nobody dictates any more.
    pub fn run(mut self, dictated: &Receiver<Batch>) {
        let mut batches: Vec<Batch> = Vec::new();
        let mut events: Vec<Event> = Vec::new();
        while let Ok(first) = dictated.recv() {
            // Whatever has come while the disk was busy goes into one sync: group commit falls out of this by itself.
            events.clear();
            // When ten thousand leave, all that ends with them is one batch; its room is not kept for the next.
            events.shrink_to(limits::BATCH_INPUTS);
            batches.push(first);
            while events_in(&batches) < limits::BATCH_INPUTS
                && let Ok(next) = dictated.try_recv()
            {
                batches.push(next);
            }
            for batch in &mut batches {
                events.append(&mut batch.events);
            }
            if !events.is_empty() && !self.write(&events) {
                return;
            }
            let last = batches.iter().any(|batch| batch.last);
            for line in batches.drain(..).flat_map(|batch| batch.lines) {
                self.tell(line);
            }
            if last {
                self.connections.close_all(Close::Restart);
            }
        }
    }

    fn write(&mut self, events: &[Event]) -> bool {
        let timer = self.series.append_seconds.start_timer();
        if let Err(error) = self.log.append(events) {
            // What was decided is ahead of what is on disk: nothing more is told or taken until a restart reads the
            // log again. Nobody has been shown anything that is lost.
            timer.stop_and_discard();
            self.ready.store(false, Ordering::Release);
            self.series.log_ready.set(0);
            tracing::error!(%error, "the event log does not take events; nothing more is accepted until a restart");
            eprintln!("relais: {error}");
            eprintln!(
                "relais: nothing more is accepted until a restart; nothing that was acknowledged is lost."
            );
            self.connections.close_all(Close::Overloaded);
            return false;
        }
        timer.observe_duration();
        self.series.append_batch_events.observe(events.len() as f64);
        events.iter().for_each(|event| self.derive.event(event));
        true
    }

    fn tell(&mut self, line: Line) {
        match line {
            Line::Send(to, text) => self.connections.send(to, text),
            Line::Close(to, why) => self.connections.close(to, why),
            Line::Other(effect) => match *effect {
                Effect::Load { conversation } => self.ask(Request::Load { conversation }),
                Effect::Earlier { conversation, customer } => {
                    self.ask(Request::Earlier { conversation, customer })
                }
                Effect::SaveStatus { advisor, status } => self.ask(Request::SaveStatus { advisor, status }),
                Effect::Call { conversation, ticket, request, timeout_ms } => {
                    self.caller.call(conversation, ticket, request, timeout_ms);
                }
                Effect::Observe(observation) => self.observe(&observation),
                Effect::Append(_) | Effect::Send { .. } | Effect::Close { .. } => {}
            },
        }
    }

    fn ask(&self, request: Request) {
        // The clerk only ends after the scribe; a request is never lost while somebody waits for it.
        let _ = self.clerk.send(request);
    }

    fn observe(&self, observation: &Observation) {
        match observation {
            Observation::Resume { outcome } => {
                self.series.ws_resume_total.with_label_values(&[outcome]).inc()
            }
            Observation::EstimateError { queue, priority, told, was_s } => {
                let told = [told.low_s, told.expected_s, told.high_s];
                self.series.estimate_ended(queue.as_str(), *priority, told, f64::from(*was_s));
            }
            Observation::Refused { code } => self.series.errors_total.with_label_values(&[code]).inc(),
        }
    }
}

fn events_in(batches: &[Batch]) -> usize {
    batches.iter().map(|batch| batch.events.len()).sum()
}
