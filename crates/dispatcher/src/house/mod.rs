//! The real dispatcher: seats, lines and offers as atomics and immutable snapshots.
//!
//! Suggested reading order: [`seat`] (law 2), [`slot`] (law 1), [`line`], [`pool`], [`decide`] (law 6),
//! [`candidates`], [`choice`] (law 11), [`offers`], [`figures`]; [`directory`] and [`roster`] are what they look
//! things up in.

mod candidates;
mod choice;
mod decide;
mod directory;
mod figures;
mod line;
mod offers;
mod people;
mod pool;
mod roster;
mod scarcity;
mod seat;
mod slot;

pub use choice::Choice;
pub(crate) use line::LineKey;

use crate::decision::Full;
use crate::estimate::Expected;
use crate::limits::LINES;
use crate::policy::{Policy, place};
use crate::reference::turning_points;
use crate::request::Request;
use crate::sync::{Apart, AtomicU64, Bits, Ordering, lower, publish_then_look};
use arc_swap::ArcSwap;
use conversation::limits::{ADVISORS, WAITING};
use conversation::{AdvisorId, ConversationId, Lang, Millis, QueueId, Skill};
use directory::{Directory, Place};
use line::{Book, Line, line_hash};
use roster::Roster;
use scarcity::Scarcity;
use seat::Seats;
use slot::{Entry, Slots, Status};
use std::sync::Arc;

/// Seats and lines, shared by all shards. Every method takes `&self`; none waits for another thread.
///
/// Calls about one conversation come from the shard that owns it, one after another (law 1); calls about
/// different conversations, and [`Dispatcher::decide`], may come from any thread at any time.
#[derive(Debug)]
pub struct Dispatcher {
    /// Advisors and policy: replaced whole by whoever changes them.
    roster: ArcSwap<Roster>,
    /// The roster's: raised after it is replaced and before lines are marked for that.
    version: AtomicU64,
    /// The lines: replaced whole by whoever opens one that there was not yet.
    book: ArcSwap<Book>,
    seats: Seats,
    slots: Slots,
    directory: Directory,
    /// Lines in which somebody waits: set after the slot is in line, cleared by whoever finds a line empty and
    /// looks again.
    active: Bits,
    /// Lines to look at, since a slot or a seat has changed: set after that change, cleared before looking.
    dirty: Bits,
    /// When time alone next makes a line dirty, or earlier.
    due: Apart<AtomicU64>,
    /// The latest `now` of a decision.
    decided_at: Apart<AtomicU64>,
    scarcity: Scarcity,
    /// Who came first, among those whose place is otherwise the same.
    ticket: Apart<AtomicU64>,
}

/// How much room there is.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Advisors.
    pub advisors: usize,
    /// Conversations that wait or are offered.
    pub waiting: usize,
    /// Different sets of requirements.
    pub lines: usize,
    /// Conversations, held ones too, in the first of the directory's tables; each next one is four times larger.
    pub directory: usize,
    /// Tables of the directory.
    pub tables: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room { advisors: ADVISORS, waiting: WAITING, lines: LINES, directory: 4_096, tables: 5 }
    }
}

impl Dispatcher {
    /// Nobody there, nobody waiting.
    pub fn new(policy: Policy) -> Dispatcher {
        Dispatcher::with_room(policy, Room::default())
    }

    /// The same with other limits, for tests that are to reach them.
    pub fn with_room(policy: Policy, room: Room) -> Dispatcher {
        Dispatcher {
            version: AtomicU64::new(1),
            roster: ArcSwap::from_pointee(Roster::new(policy)),
            book: ArcSwap::from_pointee(Book::default()),
            seats: Seats::new(room.advisors),
            slots: Slots::new(room.waiting),
            directory: Directory::new(room.directory, room.tables),
            active: Bits::new(room.lines),
            dirty: Bits::new(room.lines),
            due: Apart(AtomicU64::new(Millis::MAX)),
            decided_at: Apart(AtomicU64::new(0)),
            scarcity: Scarcity::default(),
            ticket: Apart(AtomicU64::new(0)),
        }
    }

    /// Into the line.
    ///
    /// # Errors
    /// A limit, or the conversation is in the dispatcher's hands already.
    pub fn enqueue(&self, request: Request, now: Millis) -> Result<(), Full> {
        let id = request.conversation;
        if self.directory.get(id).is_some() {
            return Err(Full::Known);
        }
        let line = self.line(&request.queue, Some(&request.lang), &request.skills, request.weight)?;
        let (at, _) = self.slots.open().ok_or(Full::Waiting)?;
        if !self.directory.insert(id, Place::Slot(at)) {
            self.slots.shut(at);
            return Err(Full::Waiting);
        }
        line.came.fetch_add(1, Ordering::Relaxed);
        let roster = self.roster.load();
        let priority = request.priority;
        let mut entry = Entry { particular: false, request, line, avoided: Vec::new(), expected: None };
        let key = self.key(&roster, &entry.request, false);
        entry.expected = self.foresee(&entry.line, key, priority, now);
        self.queue_up(&roster, at, key, entry);
        Ok(())
    }

    fn key(&self, roster: &Roster, request: &Request, head: bool) -> u64 {
        let credit = roster.policy.ageing.credit_ms(request.priority, request.frustration);
        let ticket = self.ticket.fetch_add(1, Ordering::Relaxed);
        place(head || request.head, request.since, credit, ticket)
    }

    fn foresee(&self, line: &Line, key: u64, priority: u8, now: Millis) -> Option<Expected> {
        let ahead = self.ahead(&line.key.queue, key);
        let present = || self.whole(&line.key.queue).map_or(1, |whole| self.people(&whole).1);
        line.estimator.expected(ahead, priority, present, now)
    }

    /// Puts a filled-in entry in line; the slot is this thread's own.
    fn queue_up(&self, roster: &Roster, at: usize, key: u64, mut entry: Entry) {
        let Some(slot) = self.slots.get(at) else { return };
        let request = &entry.request;
        let offers = roster.policy.offers(&request.queue);
        entry.particular = request.only.is_some()
            || !request.avoid.is_empty()
            || !entry.avoided.is_empty()
            || (request.affinity.is_some() && offers.affinity_s > 0);
        let due = Self::due_of(roster, &entry, 0);
        let (line, since, particular) = (entry.line.clone(), request.since, entry.particular);
        slot.fill(key, since, Arc::new(entry));
        slot.pass(slot.state(), Status::Waiting);
        if particular {
            line.particular.add(at)
        } else {
            line.plain.add(at)
        }
        publish_then_look();
        lower(&line.due, due);
        self.active.mark(line.at);
        lower(&self.due, due);
        self.dirty.mark(line.at);
    }

    /// When time alone changes something for an entry, after `now`.
    fn due_of(roster: &Roster, entry: &Entry, now: Millis) -> Millis {
        let points = turning_points(&roster.policy, &entry.request, &entry.avoided);
        points.filter(|at| *at > now).min().unwrap_or(Millis::MAX)
    }

    fn leave_line(&self, line: &Line, slot: usize) {
        line.plain.take(slot);
        line.particular.take(slot);
    }

    /// The line of these requirements; opened where there is none.
    fn line(
        &self,
        queue: &QueueId,
        lang: Option<&Lang>,
        skills: &[(Skill, u8)],
        weight: u16,
    ) -> Result<Arc<Line>, Full> {
        let weight = weight.max(1);
        let hash = line_hash(queue, lang, skills, weight);
        loop {
            let book = self.book.load();
            if let Some(line) = book.find(hash, queue, lang, skills, weight) {
                return Ok(line.clone());
            }
            if book.lines.len() >= self.active.words() * 64 {
                return Err(Full::Lines);
            }
            let key = LineKey { queue: queue.clone(), lang: lang.cloned(), skills: skills.to_vec(), weight };
            let longer = Arc::new(book.with(hash, key, self.slots.limit()));
            // Whoever is faster has opened a line: the next turn finds it, or opens one behind it.
            self.book.compare_and_swap(&*book, longer);
        }
    }

    /// The line that stands for a whole queue; nobody stands in it.
    fn whole(&self, queue: &QueueId) -> Option<Arc<Line>> {
        self.line(queue, None, &[], 1).ok()
    }

    /// An advisor's seat could take somebody now: the lines that may care are to be looked at.
    fn gained(&self, seat: usize) {
        publish_then_look();
        let version = self.version.load(Ordering::Acquire);
        let book = self.book.load();
        for at in self.active_lines() {
            let Some(line) = book.lines.get(at) else {
                self.dirty.mark(at);
                continue;
            };
            if line.empty() {
                self.retire(line);
            } else if line.concerns(seat, version) {
                self.dirty.mark(at);
            }
        }
    }

    /// Anything may have changed.
    fn everything_changed(&self) {
        publish_then_look();
        for at in self.active_lines() {
            self.dirty.mark(at);
        }
    }

    fn active_lines(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.book.load().lines.len().div_ceil(64);
        Self::members(&self.active, words)
    }

    fn members(bits: &Bits, words: usize) -> impl Iterator<Item = usize> + '_ {
        (0..words).flat_map(move |word| crate::sync::ones(bits.word(word)).map(move |bit| word * 64 + bit))
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Policy> {
        self.roster.load().policy.clone()
    }

    /// Seat and generation of an advisor.
    fn seat(&self, id: &AdvisorId) -> Option<(usize, u16)> {
        self.roster.load().seat(id)
    }

    /// Takes the conversation out of the directory.
    fn forget(&self, id: ConversationId) {
        self.directory.remove(id);
    }
}
