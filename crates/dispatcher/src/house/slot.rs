//! Slots: a conversation that waits or is offered. One word says which, and who may touch the rest.

use super::line::Line;
use crate::request::Request;
use crate::sync::{Apart, AtomicU64, Bits, Ordering, Parts, lower};
use arc_swap::ArcSwapOption;
use conversation::limits::OFFERS_AT_ONCE;
use conversation::{AdvisorId, Millis};
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

/// What is known about those who wait; replaced whole.
#[derive(Debug)]
pub(crate) struct Entry {
    pub request: Request,
    pub line: Arc<Line>,
    /// Not to be offered to these before that moment.
    pub avoided: Vec<(AdvisorId, Millis)>,
    /// It has wishes or refusals of its own.
    pub particular: bool,
    /// What was expected when it came: queue's estimate, for measuring the error.
    pub expected: Option<crate::estimate::Expected>,
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

/// One slot.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Slot {
    state: AtomicU64,
    /// Place in line. Written while `Own`, read by everybody who scans the line: a stale one is found out by
    /// the claim, since the turn has changed.
    key: AtomicU64,
    since: AtomicU64,
    pub entry: ArcSwapOption<Entry>,
    /// Written while `Claimed` by the claimer, read while `Offered` by the conversation's own thread.
    offers: [AtomicU64; OFFERS_AT_ONCE],
}

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

    /// While `Own`.
    pub fn fill(&self, key: u64, since: Millis, entry: Arc<Entry>) {
        self.key.store(key, Ordering::Release);
        self.since.store(since, Ordering::Release);
        self.entry.store(Some(entry));
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

/// All slots.
#[derive(Debug)]
pub(crate) struct Slots {
    slots: Parts<Slot>,
    taken: Bits,
    limit: usize,
    /// Words of `taken` below it are full, or were a moment ago.
    hint: Apart<AtomicU64>,
}

impl Slots {
    pub fn new(limit: usize) -> Slots {
        Slots {
            slots: Parts::new(limit, 1_024),
            taken: Bits::new(limit),
            limit,
            hint: Apart(AtomicU64::new(0)),
        }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    pub fn get(&self, at: usize) -> Option<&Slot> {
        self.slots.get(at)
    }

    /// The lowest free slot, or one of the lowest; `None` at the limit.
    pub fn open(&self) -> Option<(usize, &Slot)> {
        let words = self.taken.words();
        let first = self.hint.load(Ordering::Relaxed) as usize % words;
        for word in (first..words).chain(0..first) {
            loop {
                let free = !self.taken.word(word);
                if free == 0 {
                    break;
                }
                let at = word * 64 + free.trailing_zeros() as usize;
                if at >= self.limit {
                    break;
                }
                if self.taken.add(at) {
                    if word != first {
                        self.hint.store(word as u64, Ordering::Relaxed);
                    }
                    return self.slots.make(at).map(|slot| (at, slot));
                }
            }
        }
        None
    }

    /// Gives a slot back; it is `Own` and empty.
    pub fn shut(&self, at: usize) {
        if let Some(slot) = self.slots.get(at) {
            slot.entry.store(None);
        }
        self.taken.take(at);
        lower(&self.hint, (at / 64) as u64);
    }
}
