//! The real dispatcher: seats, lines and offers as atomics and immutable snapshots.
//!
//! Suggested reading order: [`word`] and [`seat`] (law 2), [`slot`] (law 1), [`line`], [`pool`], [`decide`] (law 6),
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
mod word;

pub use choice::Choice;
pub(crate) use line::LineKey;

use crate::decision::Full;
use crate::limits::{AVOIDED, LINES};
use crate::policy::{Policy, place};
use crate::request::Request;
use crate::sync::{Apart, AtomicU64, Bits, Ordering, lower, ones, publish_then_look};
use crate::turns::{Turns, turning_points};
use arc_swap::ArcSwap;
use conversation::limits::{ADVISORS, WAITING};
use conversation::{AdvisorId, ConversationId, Lang, Millis, QueueId, Skill};
use directory::{Directory, Place};
use line::{Book, Line, line_hash};
use roster::Roster;
use scarcity::Scarcity;
use seat::Seats;
use slot::{Slots, Status, Waiter, Wishes};
use std::sync::Arc;

/// Seats and lines, shared by all shards. Every method takes `&self`; none waits for another thread.
///
/// Calls about one conversation come from the shard that owns it, one after another (law 1); calls about
/// different conversations, and [`Dispatcher::decide`], may come from any thread at any time.
#[derive(Debug)]
pub struct Dispatcher {
    /// Another one for each house of this process.
    number: u64,
    /// Advisors and policy: replaced whole by whoever changes them, read by every call.
    roster: ArcSwap<Roster>,
    /// The roster's: raised after it is replaced and before lines are marked for that, by who replaced it; read by decisions,
    /// which begin anew with a newer one.
    version: AtomicU64,
    /// The lines: replaced whole by whoever opens one that there was not yet, read by every call about one.
    book: ArcSwap<Book>,
    /// How many lines the book has: raised after it is replaced, and by whoever finds a line beyond it; read by
    /// whoever walks over all of them.
    opened: AtomicU64,
    seats: Seats,
    slots: Slots,
    directory: Directory,
    /// Lines in which somebody waits for whom there was no seat: set by whoever looked in vain, who looks again
    /// after that, cleared by whoever finds a line empty and looks again. A seat that is freed concerns these; whoever
    /// has only just come is marked in `dirty`.
    active: Bits,
    /// Lines to look at, since a slot or a seat has changed: set after that change by whoever made it, cleared before
    /// looking by the decision that looks.
    dirty: Bits,
    /// When time alone next makes a line dirty, or earlier: lowered by whoever comes, found anew by the decision that finds
    /// it past; read by every decision.
    due: Apart<AtomicU64>,
    /// The latest `now` of a decision: raised by decisions, read by `next_timeout`.
    decided_at: Apart<AtomicU64>,
    scarcity: Scarcity,
    /// Who came first, among those whose place is otherwise the same. One for all threads: what is drawn from it must
    /// not depend on who asks (law 12).
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
        static HOUSES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        Dispatcher {
            number: HOUSES.fetch_add(1, Ordering::Relaxed),
            version: AtomicU64::new(1),
            roster: ArcSwap::from_pointee(Roster::new(policy)),
            book: ArcSwap::from_pointee(Book::default()),
            opened: AtomicU64::new(0),
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
        roster.know(&line);
        let Request { priority, frustration, since, not_before, head, affinity, only, mut avoid, .. } =
            request;
        avoid.truncate(AVOIDED);
        let key = self.key(&roster, since, priority, frustration, head, false);
        let expected = self.expected(&line, || self.ahead(&line.key.queue, key), priority, now);
        let waiter =
            Waiter { conversation: id, line: line.at, since, frustration, priority, away: false, expected };
        self.queue_up(
            &roster,
            &line,
            at,
            key,
            &waiter,
            Wishes { not_before, affinity, only, avoided: avoid },
        );
        Ok(())
    }

    fn key(
        &self,
        roster: &Roster,
        since: Millis,
        priority: u8,
        frustration: f32,
        head: bool,
        away: bool,
    ) -> u64 {
        let credit = roster.policy.ageing.credit_ms(priority, frustration);
        let ticket = self.ticket.fetch_add(1, Ordering::Relaxed);
        place(away, head, since, credit, ticket)
    }

    /// Puts somebody in line; the slot is this thread's own.
    fn queue_up(&self, roster: &Roster, line: &Line, at: usize, key: u64, waiter: &Waiter, wishes: Wishes) {
        let Some(slot) = self.slots.get(at) else { return };
        let particular = wishes.only.is_some()
            || wishes.not_before.is_some()
            || !wishes.avoided.is_empty()
            || (wishes.affinity.is_some() && roster.policy.offers(&line.key.queue).affinity_s > 0);
        let due = Self::due_of(roster, line, waiter.since, Some(&wishes), 0);
        slot.fill(key, waiter, wishes);
        slot.pass(slot.state(), Status::Waiting);
        if particular {
            line.particular.add(at, key)
        } else {
            line.plain.add(at, key)
        }
        publish_then_look();
        lower(&line.due, due);
        lower(&self.due, due);
        self.dirty.mark(line.at);
    }

    /// When time alone changes something for somebody, after `now`.
    fn due_of(roster: &Roster, line: &Line, since: Millis, wishes: Option<&Wishes>, now: Millis) -> Millis {
        let key = &line.key;
        let turns = Turns {
            since,
            weight: key.weight,
            not_before: wishes.and_then(|wishes| wishes.not_before),
            only: wishes.is_some_and(|wishes| wishes.only.is_some()),
            affinity: wishes.is_some_and(|wishes| wishes.affinity.is_some()),
            avoided: wishes.map_or(&[], |wishes| &wishes.avoided),
        };
        let points = turning_points(&roster.policy, &key.queue, &turns);
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
                if self.opened.load(Ordering::Acquire) <= line.at as u64 {
                    self.opened.fetch_max(line.at as u64 + 1, Ordering::SeqCst);
                }
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
        let words = self.words();
        if !(0..words).any(|word| self.active.word(word) != 0) {
            return;
        }
        let version = self.version.load(Ordering::Acquire);
        let book = self.book.load();
        for at in Self::members(&self.active, words) {
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
        for at in Self::members(&self.active, self.words()) {
            self.dirty.mark(at);
        }
    }

    /// How many lines there are.
    fn lines(&self) -> usize {
        self.opened.load(Ordering::Acquire) as usize
    }

    /// Words of `active` and `dirty` that have lines.
    fn words(&self) -> usize {
        self.lines().div_ceil(64)
    }

    /// Lines in which somebody may wait.
    fn busy_lines(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.words()).flat_map(|word| {
            ones(self.active.word(word) | self.dirty.word(word)).map(move |bit| word * 64 + bit)
        })
    }

    fn members(bits: &Bits, words: usize) -> impl Iterator<Item = usize> + '_ {
        (0..words).flat_map(move |word| ones(bits.word(word)).map(move |bit| word * 64 + bit))
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
