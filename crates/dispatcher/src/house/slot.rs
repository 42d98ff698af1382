//! Slots: a conversation that waits or is offered. One word says which, and who may touch the rest.

use crate::estimate::{CLASSES, Expected};
use crate::limits::LINES;
use crate::policy::PRIORITIES;
use crate::sync::{Apart, AtomicU32, AtomicU64, Bits, Ordering, Parts, STRIPES, lower, stripe};
use arc_swap::ArcSwapOption;
use conversation::limits::OFFERS_AT_ONCE;
use conversation::{AdvisorId, ConversationId, Millis};
use std::sync::Arc;

/// What a slot is for the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nobody's, or its thread is filling or emptying it.
    Own,
    /// In line: any thread may claim it for a decision.
    Waiting,
    /// A thread is deciding about it, and alone writes `offers`.
    Claimed,
    /// It left while a thread was deciding; that thread clears up.
    Cancelled,
    /// Offered: one bit for each offer that is open.
    Offered(u8),
}

/// The word: the slot's turn (so that an exchange meant for an earlier conversation fails), open offers, status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State(u64);

impl State {
    pub fn status(self) -> Status {
        match self.0 & 0xff {
            1 => Status::Waiting,
            2 => Status::Claimed,
            3 => Status::Cancelled,
            4 => Status::Offered((self.0 >> 8) as u8),
            _ => Status::Own,
        }
    }

    fn with(self, status: Status) -> State {
        let code = match status {
            Status::Own => 0,
            Status::Waiting => 1,
            Status::Claimed => 2,
            Status::Cancelled => 3,
            Status::Offered(mask) => 4 | u64::from(mask) << 8,
        };
        State((self.0 & !0xffff) | code)
    }
}

/// What only some who wait have: wishes of their own, and refusals. Replaced whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// Not to be offered before.
    pub not_before: Option<Millis>,
    /// The advisor who knows the customer.
    pub affinity: Option<AdvisorId>,
    /// The one advisor it is meant for.
    pub only: Option<AdvisorId>,
    /// Not to be offered to these before that moment.
    pub avoided: Vec<(AdvisorId, Millis)>,
}

impl Wishes {
    pub fn any(&self) -> bool {
        self.not_before.is_some()
            || self.affinity.is_some()
            || self.only.is_some()
            || !self.avoided.is_empty()
    }
}

/// What is known about everybody who waits; it fits into atomic words of the slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiter {
    pub conversation: ConversationId,
    /// The place of its line in the book.
    pub line: usize,
    pub since: Millis,
    pub frustration: f32,
    pub priority: u8,
    /// The customer is not there at present.
    pub away: bool,
    /// What was expected when it came, for measuring the error.
    pub expected: Option<Expected>,
}

/// One offer: seat, generation, points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub seat: usize,
    pub generation: u16,
    pub points: u16,
}

impl Offer {
    fn pack(self) -> u64 {
        self.seat as u64 | u64::from(self.generation) << 32 | u64::from(self.points) << 48
    }
    fn unpack(value: u64) -> Offer {
        Offer { seat: value as u32 as usize, generation: (value >> 32) as u16, points: (value >> 48) as u16 }
    }
}

/// One slot. All but the state and the offers is written while `Own`, by the thread that fills it, and read by
/// everybody who scans the line: a stale reading is found out by the claim, since the turn has changed.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Slot {
    /// [`State`]: exchanged by deciding threads and by the conversation's own, read by everybody.
    state: AtomicU64,
    /// Place in line; read by whoever looks for the first or counts who is ahead.
    key: AtomicU64,
    /// When the wait began; read for steps and figures.
    since: AtomicU64,
    /// Which; read by whoever has claimed it.
    conversation: AtomicU64,
    /// As `f32`; read by whoever decides or gives it.
    frustration: AtomicU32,
    /// Priority (4 bits), the class of what was expected (4), whether there are wishes (1), whether the customer is away
    /// (1); from [`LINE`] on the place of its line in the book.
    marks: AtomicU32,
    /// When that was foreseen; read where the wait ends.
    expected_at: AtomicU64,
    /// As `f64`; 0 where nothing was expected.
    expected_ms: AtomicU64,
    /// Replaced by its own thread while `Own` or `Offered`, read by whoever scans the line.
    wishes: ArcSwapOption<Wishes>,
    /// Written while `Claimed` by the claimer, read while `Offered` by the conversation's own thread.
    offers: [AtomicU64; OFFERS_AT_ONCE],
}

const WISHES: u32 = 1 << 8;
const AWAY: u32 = 1 << 9;
const LINE: u32 = 16;
const _: () = assert!(LINES <= 1 << 16 && CLASSES <= 1 << 4 && PRIORITIES < 1 << 4);
// Two neighbours, which may be two threads', share no line of memory, and no space is lost.
#[cfg(not(loom))]
const _: () = assert!(size_of::<Slot>() == 128);

impl Slot {
    pub fn state(&self) -> State {
        State(self.state.load(Ordering::Acquire))
    }

    /// Passes from exactly `from` to `to`: the state that it is in then, or `None` where somebody was faster.
    pub fn pass(&self, from: State, to: Status) -> Option<State> {
        let turn = if to == Status::Own { 1 << 16 } else { 0 };
        let after = State(from.with(to).0.wrapping_add(turn));
        let passed = self.state.compare_exchange(from.0, after.0, Ordering::SeqCst, Ordering::Acquire);
        passed.is_ok().then_some(after)
    }

    pub fn key(&self) -> u64 {
        self.key.load(Ordering::Acquire)
    }

    pub fn since(&self) -> Millis {
        self.since.load(Ordering::Acquire)
    }

    pub fn waiter(&self) -> Waiter {
        let marks = self.marks.load(Ordering::Acquire);
        let middle_ms = f64::from_bits(self.expected_ms.load(Ordering::Acquire));
        let expected = (middle_ms > 0.0).then(|| Expected {
            at: self.expected_at.load(Ordering::Acquire),
            middle_ms,
            class: (marks >> 4 & 0xf) as usize,
        });
        Waiter {
            conversation: self.conversation(),
            line: (marks >> LINE) as usize,
            since: self.since(),
            frustration: self.frustration(),
            priority: (marks & 0xf) as u8,
            away: marks & AWAY != 0,
            expected,
        }
    }

    pub fn conversation(&self) -> ConversationId {
        ConversationId(self.conversation.load(Ordering::Acquire))
    }

    pub fn frustration(&self) -> f32 {
        f32::from_bits(self.frustration.load(Ordering::Acquire))
    }

    pub fn wishes(&self) -> Option<Arc<Wishes>> {
        let any = self.marks.load(Ordering::Acquire) & WISHES != 0;
        if any { self.wishes.load_full() } else { None }
    }

    /// While `Own`.
    pub fn fill(&self, key: u64, waiter: &Waiter, wishes: Wishes) {
        self.key.store(key, Ordering::Release);
        self.since.store(waiter.since, Ordering::Release);
        self.conversation.store(waiter.conversation.0, Ordering::Release);
        self.frustration.store(waiter.frustration.to_bits(), Ordering::Release);
        let expected_ms = waiter.expected.map_or(0.0, |expected| expected.middle_ms);
        self.expected_ms.store(expected_ms.to_bits(), Ordering::Release);
        self.expected_at.store(waiter.expected.map_or(0, |expected| expected.at), Ordering::Release);
        let class = waiter.expected.map_or(0, |expected| expected.class as u32);
        let away = if waiter.away { AWAY } else { 0 };
        let priority = u32::from(waiter.priority.min(PRIORITIES));
        let marks = priority | class << 4 | away | (waiter.line as u32) << LINE;
        // Most have no wishes: nothing is allocated for them, and the snapshot is not touched.
        if wishes.any() {
            self.wishes.store(Some(Arc::new(wishes)));
            self.marks.store(marks | WISHES, Ordering::Release);
        } else {
            self.marks.store(marks, Ordering::Release);
        }
    }

    /// Other wishes, while it is `Offered` or `Own`, by its own thread.
    pub fn set_wishes(&self, wishes: Wishes) {
        self.wishes.store(Some(Arc::new(wishes)));
        self.marks.fetch_or(WISHES, Ordering::AcqRel);
    }

    /// Whether the customer is away, while it is `Offered`, by its own thread.
    pub fn set_away(&self, away: bool) {
        if away {
            self.marks.fetch_or(AWAY, Ordering::AcqRel);
        } else {
            self.marks.fetch_and(!AWAY, Ordering::AcqRel);
        }
    }

    /// While `Own`, before it is given back.
    fn clear(&self) {
        if self.marks.load(Ordering::Relaxed) & WISHES != 0 {
            self.wishes.store(None);
        }
    }

    /// While `Claimed`, by the claimer.
    pub fn set_offer(&self, nth: usize, offer: Offer) {
        self.offers[nth].store(offer.pack(), Ordering::Release);
    }

    /// The open offers, by bit.
    pub fn offers(&self, mask: u8) -> impl Iterator<Item = (u8, Offer)> + '_ {
        crate::sync::ones(u64::from(mask))
            .map(|nth| (1 << nth, Offer::unpack(self.offers[nth].load(Ordering::Acquire))))
    }
}

/// All slots, in stripes: each thread takes its own first, so that two do not write the same lines of memory.
#[derive(Debug)]
pub(crate) struct Slots {
    slots: Parts<Slot>,
    /// By stripe, 64 slots a word: set by the thread that opens a slot, cleared by the one that shuts it.
    taken: Bits,
    limit: usize,
    /// By stripe: words of `taken` from the stripe's first on, up to this one, are full, or were a moment ago. Written by
    /// whoever opens or shuts a slot, read by whoever opens one.
    hints: Box<[Apart<AtomicU64>]>,
}

impl Slots {
    pub fn new(limit: usize) -> Slots {
        let taken = Bits::new(limit);
        let hint = |stripe: usize| Apart(AtomicU64::new((stripe * taken.words() / STRIPES) as u64));
        let hints = (0..STRIPES).map(hint).collect();
        Slots { slots: Parts::new(limit, 1_024), taken, limit, hints }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    pub fn get(&self, at: usize) -> Option<&Slot> {
        self.slots.get(at)
    }

    /// A free slot, one of the lowest of the thread's stripe if there is one in it; `None` at the limit.
    pub fn open(&self) -> Option<(usize, &Slot)> {
        let words = self.taken.words();
        let hint = &self.hints[stripe()];
        let first = hint.load(Ordering::Relaxed) as usize % words;
        for word in (first..words).chain(0..first) {
            loop {
                let free = !self.taken.word(word);
                if free == 0 {
                    break;
                }
                let bit = free.trailing_zeros() as usize;
                let at = self.group(word) * 64 + bit;
                if at >= self.limit {
                    break;
                }
                if self.taken.add(word * 64 + bit) {
                    if word != first {
                        hint.store(word as u64, Ordering::Relaxed);
                    }
                    return self.slots.make(at).map(|slot| (at, slot));
                }
            }
        }
        None
    }

    /// Words of a stripe; 0 where there are too few for stripes of several.
    fn each(&self) -> usize {
        let words = self.taken.words();
        if words.is_multiple_of(STRIPES) && words > STRIPES { words / STRIPES } else { 0 }
    }

    /// Which 64 slots a word of `taken` stands for: the first of every stripe stand side by side, so that few groups of
    /// a line are in use while few wait, however many threads bring them.
    fn group(&self, word: usize) -> usize {
        match self.each() {
            0 => word,
            each if word.is_multiple_of(each) => word / each,
            each => STRIPES + word - word / each - 1,
        }
    }

    /// The other way round.
    fn word(&self, group: usize) -> usize {
        match self.each() {
            0 => group,
            each if group < STRIPES => group * each,
            each => {
                let later = group - STRIPES;
                later + later / (each - 1) + 1
            }
        }
    }

    /// Gives a slot back; it is `Own`.
    pub fn shut(&self, at: usize) {
        if let Some(slot) = self.slots.get(at) {
            slot.clear();
        }
        let (word, words) = (self.word(at / 64), self.taken.words());
        self.taken.take(word * 64 + at % 64);
        let of = word * STRIPES / words;
        lower(&self.hints[of], word as u64);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Whatever the limit, every slot is given once, is given again after it was given back, and no more than there are.
    #[test]
    fn every_slot_is_given_once() {
        for limit in [1, 63, 64, 65, 1_000, 1_024, 2_048, 4_096, 65_536] {
            let slots = Slots::new(limit);
            for _ in 0..2 {
                let mut given: Vec<usize> = std::iter::from_fn(|| slots.open()).map(|(at, _)| at).collect();
                given.sort_unstable();
                assert_eq!(given, (0..limit).collect::<Vec<_>>());
                given.iter().for_each(|at| slots.shut(*at));
            }
        }
    }

    /// While few wait, all of them are in few groups.
    #[test]
    fn few_who_wait_are_side_by_side() {
        let slots = Slots::new(65_536);
        std::thread::scope(|scope| {
            for _ in 0..STRIPES {
                scope.spawn(|| {
                    let (at, _) = slots.open().unwrap();
                    assert!(at / 64 < STRIPES, "slot {at}");
                });
            }
        });
    }
}
