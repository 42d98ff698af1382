//! In a queue: handed over with a reason, waiting with a place, told the truth.

use crate::effect::{Effect, Observation};
use crate::live::{Live, Told};
use crate::turn::{Timer, Turn};
use crate::words;
use conversation::{AdvisorId, Author, Cid, EventKind, Millis, Owner, QueueId, Reason, ReasonCode};
use dispatcher::policy::WhenClosed;
use dispatcher::{Availability, Request};
use wire::ServerFrame;
use wire::frame::offer::GoneWhy;
use wire::frame::server::Position;

/// How long a conversation for which the lines were full waits before it tries again, in milliseconds.
const TRY_AGAIN_MS: u64 = 5_000;

/// How far ahead a callback may be wished for, in milliseconds: 60 days.
const CALLBACK_AHEAD_MS: u64 = 60 * 24 * 3_600_000;

/// By how much frustration must have risen for a new place in line.
const HOTTER: f32 = 0.1;

/// Why an offer was given back by nobody's will.
const NO_REFUSALS: [&str; 2] = ["withdrawn", "advisor_lost"];

impl Turn<'_> {
    /// Hands the conversation to people: with its reason (law 11), to a queue that exists (law 9), and says so.
    pub fn hand_over(
        &mut self,
        live: &mut Live,
        reason: Reason,
        queue: Option<QueueId>,
        by: Option<AdvisorId>,
        only: Option<AdvisorId>,
    ) {
        let lang = live.lang().clone();
        let queue = self.house.queue_or_default(queue.or_else(|| Some(self.site_queue(live))).as_ref());
        live.call = None;
        let by_person = by.is_some();
        // Where it is closed, the policy may name another queue; a person's own choice stands.
        let asked = self.dispatcher.availability(&queue, self.now);
        let (queue, availability) =
            if by_person { (queue, asked) } else { self.dispatcher.entrance(&queue, self.now) };
        let waits = self.dispatcher.policy().queue(&queue).when_closed == WhenClosed::Wait;
        let kind = EventKind::TransferRequested { reason, queue: queue.clone(), by, to: only };
        self.append(live, None, kind);
        self.pass_to(live, Owner::Queue { queue: queue.clone() }, None);
        let closed = availability == Availability::Closed && !waits;
        match told_of_it(live) {
            // An address is left already: there is no other truth to tell.
            Some(Author::System) if !by_person => {}
            _ if closed => {
                let opens = self.dispatcher.opens_at(&queue, self.now).filter(|at| *at > self.now);
                let opens = opens.and_then(|at| self.dispatcher.local_time(&queue, at, self.now));
                self.say_nobody_is_there(live, words::nobody_there(&lang, opens));
            }
            _ if by_person => self.system(live, words::handed_on(&lang)),
            // The bot has said in its own words that it hands over.
            Some(_) => {}
            None => self.system(live, words::handing_over(&lang)),
        }
        let mut context = self.context(live);
        context.transferred();
        live.context = Some(context);
        self.wait_in_line(live);
    }

    /// Nobody is there: that is said, and that the bot still is.
    fn say_nobody_is_there(&mut self, live: &mut Live, truth: String) {
        let back = words::go_on_with_bot(live.lang());
        self.propose(live, truth, vec![back]);
    }

    /// Whether it waits where nobody is there, and nobody could answer later either.
    fn waits_for_nobody(&self, live: &Live) -> bool {
        let Some(state) = live.state.as_ref().filter(|state| state.address.is_none()) else { return false };
        let Owner::Queue { queue } = &state.owner else { return false };
        self.dispatcher.availability(queue, self.now) == Availability::Closed
            && self.dispatcher.policy().queue(queue).when_closed != WhenClosed::Wait
    }

    /// What the customer says where nobody is there: they go back to the bot, or are told once more how it stands.
    pub fn said_to_nobody(&mut self, live: &mut Live, said: &str) {
        if !self.waits_for_nobody(live) {
            return;
        }
        let lang = live.lang().clone();
        if said.trim().eq_ignore_ascii_case(&words::go_on_with_bot(&lang)) {
            self.back_to_bot(live, None, None);
            return;
        }
        let truth = words::still_nobody(&lang);
        let since = live.events.iter().rev();
        let told = since
            .take_while(|event| !matches!(event.kind, EventKind::TransferRequested { .. }))
            .any(|event| matches!(&event.kind, EventKind::Message { text, .. } if *text == truth));
        if !told {
            self.say_nobody_is_there(live, truth);
        }
    }

    /// Puts it in its line, where the log says that it stands.
    pub fn wait_in_line(&mut self, live: &mut Live) {
        let (head, only) = standing(live);
        let Some(state) = &live.state else { return };
        let Some(queue) = state.owner.queue().cloned() else { return };
        // Whoever has just handed it on has no tie with the customer that should bring it back to them.
        let known = state.last_advisor.clone().or_else(|| self.known_advisor(live));
        let affinity = known.filter(|known| giver(live) != Some(known));
        let policy = self.dispatcher.policy();
        let settings = policy.queue(&queue);
        // A callback waits from its moment on.
        let moment = state.not_before();
        let since = state.waiting_since.unwrap_or(self.now);
        let request = Request {
            conversation: live.id,
            customer: state.customer.clone(),
            queue: queue.clone(),
            lang: state.lang.clone(),
            skills: Vec::new(),
            weight: settings.weight(state.channel(), state.frustration),
            priority: settings.priority,
            frustration: state.frustration,
            since: moment.map_or(since, |moment| moment.max(since)),
            not_before: moment.filter(|moment| *moment > self.now),
            head,
            affinity,
            avoid: self.refused(live, &queue, only.as_ref()),
            only,
        };
        if self.dispatcher.enqueue(request, self.now).is_err() {
            // The lines are full: the truth is told, the conversation keeps its place in the log and its owner,
            // and the next refresh tries again.
            let text = words::full(&live.lang().clone());
            let told =
                live.events.iter().rev().take(4).any(
                    |event| matches!(&event.kind, EventKind::Message { text: said, .. } if *said == text),
                );
            if !told {
                self.system(live, text);
            }
            self.out.at(self.now + TRY_AGAIN_MS, Timer::Place(live.id));
        }
        self.set_away(live);
        self.out.changed.insert(queue);
        self.out.matching = true;
    }

    /// Who has refused it of late, the last first, each with the moment from which on they may be asked again. Whoever it is
    /// meant for now is asked all the same.
    fn refused(&self, live: &Live, queue: &QueueId, only: Option<&AdvisorId>) -> Vec<(AdvisorId, Millis)> {
        let avoid_ms = Millis::from(self.dispatcher.policy().offers(queue).avoid_s) * 1_000;
        let recent = live.events.iter().rev().take_while(|event| event.at + avoid_ms > self.now);
        recent
            .filter_map(|event| match &event.kind {
                EventKind::Declined { advisor, reason, .. }
                    if !NO_REFUSALS.contains(&reason.as_str()) && Some(advisor) != only =>
                {
                    Some((advisor.clone(), event.at + avoid_ms))
                }
                _ => None,
            })
            .collect()
    }

    /// What was heard while waiting moves the place in line, forwards only: the wait so far is kept.
    pub fn heard_while_waiting(&mut self, live: &mut Live, before: f32) {
        let Some(state) = &live.state else { return };
        let hotter = state.frustration > before + HOTTER && matches!(state.owner, Owner::Queue { .. });
        // Who was offered before stands at the head already; who is meant for one advisor stays meant for them.
        if hotter && standing(live) == (false, None) {
            self.move_in_line(live);
        }
    }

    /// Out of its line and in again, with what is known by now.
    pub fn move_in_line(&mut self, live: &mut Live) {
        let waits = matches!(live.state.as_ref().map(|state| &state.owner), Some(Owner::Queue { .. }));
        if waits && self.dispatcher.withdraw(live.id) {
            self.wait_in_line(live);
        }
    }

    /// A callback has been asked for: whoever is asked already is asked no more until its moment.
    pub fn wait_for_the_moment(&mut self, live: &mut Live) {
        let Some(state) = &live.state else { return };
        let later = state.not_before().is_some_and(|from| from > self.now);
        match state.owner.clone() {
            Owner::Offered { queue, .. } if later => {
                self.leave_place(live, GoneWhy::Withdrawn);
                self.pass_to(live, Owner::Queue { queue }, None);
                self.wait_in_line(live);
            }
            _ => self.move_in_line(live),
        }
    }

    /// Its queue is configured no more: it waits on in the default one, for as long as it has waited already.
    pub fn queue_gone(&mut self, live: &mut Live) {
        let (_, to) = standing(live);
        let queue = self.house.default_queue.clone();
        self.leave_place(live, GoneWhy::Withdrawn);
        self.moves_to(live, ReasonCode::QueueGone, queue, to);
        self.wait_in_line(live);
    }

    /// The queue has it, for a reason that is nobody's wish.
    pub fn moves_to(&mut self, live: &mut Live, code: ReasonCode, queue: QueueId, to: Option<AdvisorId>) {
        let reason = self.reason(live, code, None, 1.0);
        let kind = EventKind::TransferRequested { reason, queue: queue.clone(), by: None, to };
        self.append(live, None, kind);
        self.pass_to(live, Owner::Queue { queue }, None);
    }

    /// The advisor of the customer's last conversation that an advisor had.
    fn known_advisor(&self, live: &Live) -> Option<AdvisorId> {
        live.earlier.iter().find_map(|earlier| earlier.advisor.clone())
    }

    /// An address for a later answer: the conversation stays in its line without a connection.
    pub fn leave_message(&mut self, live: &mut Live, cid: Cid, address: String) -> u64 {
        let seq = self.append(live, Some(cid), EventKind::MessageLeft { address: address.clone() });
        let lang = live.lang().clone();
        self.watch(live);
        self.system(live, words::message_left(&lang, &address));
        seq
    }

    /// A wish to be called back: the conversation stays in its line without a connection, from its moment on.
    pub fn ask_callback(&mut self, live: &mut Live, cid: Cid, number: String, from: Option<Millis>) -> u64 {
        let from = from.map(|from| from.min(self.now + CALLBACK_AHEAD_MS)).filter(|from| *from > self.now);
        let kind = EventKind::CallbackAsked { number: number.clone(), from };
        let seq = self.append(live, Some(cid), kind);
        let lang = live.lang().clone();
        self.watch(live);
        let queue = live.state.as_ref().and_then(|state| state.queue.clone());
        let queue = queue.unwrap_or_else(|| self.site_queue(live));
        let at = from.map(|from| self.dispatcher.local_time(&queue, from, self.now));
        self.system(live, words::callback_noted(&lang, &number, at));
        seq
    }

    /// What the customer was told of their line meets the truth where an advisor ends the wait, and is forgotten where
    /// they leave the line otherwise: nobody knows how long they would have waited.
    pub fn leaves_line(&mut self, live: &mut Live, to: &Owner) {
        let line = live.state.as_ref().and_then(|state| state.owner.queue());
        if line == to.queue() {
            return;
        }
        let (Some(told), Some(queue)) = (live.told.take(), line.cloned()) else { return };
        if matches!(to, Owner::Advisor { .. }) {
            let was_s = self.now.saturating_sub(told.at) as f32 / 1_000.0;
            let Told { wait: told, priority, .. } = told;
            let observation = Observation::EstimateError { queue, priority, told, was_s };
            self.out.effects.push_back(Effect::Observe(observation));
        }
    }

    /// Tells the customer where they stand, when that has changed.
    pub fn tell_position(&mut self, live: &mut Live) {
        if live.tabs.is_empty() || !matches!(live.state.as_ref().map(|s| &s.owner), Some(Owner::Queue { .. }))
        {
            return;
        }
        let position = self.dispatcher.position(live.id, self.now);
        let key = position.map_or((u32::MAX, u32::MAX), |place| {
            (place.ahead, place.wait.map_or(u32::MAX, |wait| wait.expected_s / 5))
        });
        if live.position == Some(key) {
            return;
        }
        live.position = Some(key);
        let wait = position.and_then(|place| place.wait);
        if let (Some(wait), None) = (wait, &live.told) {
            let queue = live.state.as_ref().and_then(|state| state.owner.queue());
            let priority = queue.map_or(0, |queue| self.dispatcher.policy().queue(queue).priority);
            live.told = Some(Told { at: self.now, wait, priority });
        }
        let frame = ServerFrame::Position(Position {
            ahead: position.map(|place| place.ahead),
            wait_s: wait.map(crate::snapshot::seconds),
        });
        self.tell_tabs(live, &frame);
    }
}

/// Who has answered what the customer did last: the bot in its own words, or Relais about an address left.
fn told_of_it(live: &Live) -> Option<Author> {
    let mut since = live.events.iter().rev();
    since.find_map(|event| match &event.kind {
        EventKind::Message { from: Author::Customer | Author::Advisor, .. }
        | EventKind::HumanAsked
        | EventKind::ReturnedToBot { .. } => Some(None),
        EventKind::Message { from, .. } => Some(Some(*from)),
        _ => None,
    })?
}

/// Who handed it on, where somebody did.
fn giver(live: &Live) -> Option<&AdvisorId> {
    live.events.iter().rev().find_map(|event| match &event.kind {
        EventKind::TransferRequested { by, .. } => Some(by.as_ref()),
        _ => None,
    })?
}

/// Whether it stands at the head of its line, because it has been there before or lost its advisor, and the one advisor
/// that it is meant for.
fn standing(live: &Live) -> (bool, Option<AdvisorId>) {
    let mut offered = false;
    for event in live.events.iter().rev() {
        match &event.kind {
            EventKind::Declined { .. } => offered = true,
            EventKind::TransferRequested { reason, to, .. } => {
                return (offered || reason.code == ReasonCode::AdvisorLost, to.clone());
            }
            _ => {}
        }
    }
    (offered, None)
}
