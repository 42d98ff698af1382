//! Lines: those who wait with the same requirements. The place in line is a number of each slot's own
//! ([`crate::policy`]'s order), so a line is only the set of its slots.

use super::pool::Pools;
use super::roster::Roster;
use crate::estimate::Estimator;
use crate::score::KINDS;
use crate::sync::{AtomicU32, AtomicU64, Bits, Ordering, Parts, ones};
use arc_swap::ArcSwapOption;
use conversation::{Lang, Millis, QueueId, Skill};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// What those in one line have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineKey {
    pub queue: QueueId,
    /// `None`: of a line that nobody stands in, which is asked for the queue's own figures.
    pub lang: Option<Lang>,
    pub skills: Vec<(Skill, u8)>,
    pub weight: u16,
}

/// 64 slots of a set, and between which keys theirs are, so that most need not be looked at.
#[derive(Debug)]
struct Group {
    bits: AtomicU64,
    /// No key in it is lower than the upper 48 bits say; the lower 16 count those who came, so that whoever raises it
    /// after a look notices that somebody came meanwhile.
    first: AtomicU64,
    /// No key in it is higher.
    last: AtomicU64,
}

impl Default for Group {
    fn default() -> Self {
        let first = AtomicU64::new(!TURN);
        Group { bits: AtomicU64::new(0), first, last: AtomicU64::new(0) }
    }
}

const TURN: u64 = 0xffff;

impl Group {
    /// The bit first, the bound after it: a look that overlooks the bit fails to raise the bound, or does it before.
    fn add(&self, mask: u64, key: u64) {
        self.bits.fetch_or(mask, Ordering::SeqCst);
        let mut first = self.first.load(Ordering::Acquire);
        // A turn is lost to another thread's coming or raising, of which each has come to its end.
        loop {
            let low = (first & !TURN).min(key & !TURN);
            let next = low | (first.wrapping_add(1) & TURN);
            match self.first.compare_exchange_weak(first, next, Ordering::SeqCst, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => first = now,
            }
        }
        if self.last.load(Ordering::Acquire) < key {
            self.last.fetch_max(key, Ordering::SeqCst);
        }
    }
}

const PART: usize = if cfg!(loom) { 1 } else { 8 };

/// Groups that are allocated together, in lines of memory of their own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Part {
    groups: [Group; PART],
}

/// A set of slots that grows by parts.
#[derive(Debug)]
pub(crate) struct SlotSet {
    parts: Parts<Part>,
    /// Parts that were ever needed.
    used: Bits,
}

impl SlotSet {
    fn new(slots: usize) -> SlotSet {
        let parts = slots.div_ceil(64 * PART);
        SlotSet { parts: Parts::new(parts, 1), used: Bits::new(parts) }
    }

    pub fn add(&self, slot: usize, key: u64) {
        let part = slot / (64 * PART);
        let Some(at) = self.parts.make(part) else { return };
        self.used.mark(part);
        at.groups[slot / 64 % PART].add(1 << (slot % 64), key);
    }

    pub fn take(&self, slot: usize) {
        let Some(part) = self.parts.get(slot / (64 * PART)) else { return };
        let (group, mask) = (&part.groups[slot / 64 % PART], 1 << (slot % 64));
        if group.bits.load(Ordering::Acquire) & mask != 0 {
            group.bits.fetch_and(!mask, Ordering::SeqCst);
        }
    }

    /// Groups with anybody in them: the number of their first slot, their bits, the group.
    #[inline]
    fn groups(&self) -> impl Iterator<Item = (usize, u64, &Group)> {
        let used = (0..self.used.words())
            .flat_map(|word| ones(self.used.word(word)).map(move |bit| word * 64 + bit));
        used.filter_map(|part| Some((part, self.parts.get(part)?))).flat_map(|(at, part)| {
            let groups = part.groups.iter().enumerate();
            groups.filter_map(move |(nth, group)| {
                let bits = group.bits.load(Ordering::Acquire);
                (bits != 0).then_some(((at * PART + nth) * 64, bits, group))
            })
        })
    }

    pub fn empty(&self) -> bool {
        self.groups().next().is_none()
    }

    pub fn each(&self, mut visit: impl FnMut(usize)) {
        for (from, bits, _) in self.groups() {
            ones(bits).for_each(|bit| visit(from + bit));
        }
    }

    /// The first in order: its key, its slot, and what else `look` said of it, which is `None` for those who do not
    /// count at the moment. And whether there are others in the set. `key` is asked for the key of everybody in it.
    pub fn first<T>(
        &self,
        key: impl Fn(usize) -> u64,
        look: impl Fn(usize) -> Option<T>,
    ) -> (Option<(u64, usize, T)>, bool) {
        let mut best: Option<(u64, usize, T)> = None;
        let mut others = false;
        let mut nearest = (u64::MAX, usize::MAX);
        let (mut groups, mut any) = (0, 0u64);
        for (from, bits, group) in self.groups() {
            others |= groups > 0 || bits & (bits - 1) != 0;
            groups += 1;
            any = bits;
            let bound = group.first.load(Ordering::Acquire) & !TURN;
            if bound < nearest.0 || nearest.1 == usize::MAX {
                nearest = (bound, from);
            }
        }
        if groups == 0 {
            return (None, false);
        }
        if !others {
            // The usual case: one alone.
            let slot = nearest.1 + any.trailing_zeros() as usize;
            return (look(slot).map(|what| (key(slot), slot, what)), false);
        }
        // The group that may have the first of all, then whichever may have an earlier one: bounds may be too low,
        // where the one whom they were for has left, and are raised by whoever looks.
        let mut search = |from: usize, bits: u64, group: &Group| {
            let seen = group.first.load(Ordering::Acquire);
            if best.as_ref().is_some_and(|(key, ..)| *key < seen & !TURN) {
                return;
            }
            let mut low = u64::MAX;
            for slot in ones(bits).map(|bit| from + bit) {
                let place = key(slot);
                low = low.min(place);
                if best.as_ref().is_none_or(|(key, ..)| place < *key)
                    && let Some(what) = look(slot)
                {
                    best = Some((place, slot, what));
                }
            }
            let raised = low & !TURN | seen & TURN;
            if raised > seen {
                let _ = group.first.compare_exchange(seen, raised, Ordering::SeqCst, Ordering::Relaxed);
            }
        };
        let near = |from: usize| from == nearest.1;
        self.groups()
            .filter(|(from, ..)| near(*from))
            .for_each(|(from, bits, group)| search(from, bits, group));
        self.groups()
            .filter(|(from, ..)| !near(*from))
            .for_each(|(from, bits, group)| search(from, bits, group));
        (best, others)
    }

    /// How many have a lower key.
    pub fn before(&self, key: u64, of: impl Fn(usize) -> Option<u64>) -> u32 {
        let count = |(from, bits, group): (usize, u64, &Group)| {
            if group.first.load(Ordering::Acquire) & !TURN >= key {
                return 0;
            }
            if group.last.load(Ordering::Acquire) < key {
                return bits.count_ones();
            }
            ones(bits).filter(|bit| of(from + bit).is_some_and(|other| other < key)).count() as u32
        };
        self.groups().map(count).sum()
    }
}

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its place in the book.
    pub at: usize,
    pub key: LineKey,
    /// Those of whom one stands for all: what the first of them at a step cannot have, none of them can.
    pub plain: SlotSet,
    /// Those with wishes or refusals of their own, each looked at by itself.
    pub particular: SlotSet,
    /// When time alone next changes something in it, or earlier.
    pub due: AtomicU64,
    /// Those who came since scarcity was last looked at.
    pub came: AtomicU32,
    /// The queue's.
    pub estimator: Arc<Estimator>,
    /// Computed from the roster by whoever needs it first.
    pools: ArcSwapOption<Pools>,
}

impl Line {
    pub fn new(at: usize, key: LineKey, slots: usize, estimator: Arc<Estimator>) -> Line {
        Line {
            at,
            key,
            plain: SlotSet::new(slots),
            particular: SlotSet::new(slots),
            due: AtomicU64::new(Millis::MAX),
            came: AtomicU32::new(0),
            estimator,
            pools: ArcSwapOption::empty(),
        }
    }

    pub fn empty(&self) -> bool {
        self.plain.empty() && self.particular.empty()
    }

    pub fn each_slot(&self, mut visit: impl FnMut(usize)) {
        self.plain.each(&mut visit);
        self.particular.each(visit);
    }

    pub fn pools(&self, roster: &Roster) -> arc_swap::Guard<Option<Arc<Pools>>> {
        let known = self.pools.load();
        if known.as_ref().is_some_and(|pools| pools.version == roster.version) {
            return known;
        }
        self.pools.store(Some(Arc::new(Pools::new(roster, &self.key))));
        let fresh = self.pools.load();
        if fresh.as_ref().is_some_and(|pools| pools.version == roster.version) {
            return fresh;
        }
        // Another thread with another roster wrote in between: this one keeps to its own.
        arc_swap::Guard::from_inner(Some(Arc::new(Pools::new(roster, &self.key))))
    }

    /// Whether an advisor could be of use to somebody in it; in doubt, yes.
    pub fn concerns(&self, seat: usize, version: u64) -> bool {
        !self.particular.empty()
            || self.pools.load().as_ref().is_none_or(|pools| pools.version != version || pools.has(seat))
    }
}

/// Every line that there ever was: an immutable snapshot that grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub lines: Vec<Arc<Line>>,
    /// Lines whose scarcity is watched.
    pub kinds: Vec<usize>,
    by_hash: HashMap<u64, Vec<u32>, foldhash::fast::FixedState>,
    estimators: HashMap<QueueId, Arc<Estimator>>,
}

/// The hash of a line's key, without making one.
pub(crate) fn line_hash(queue: &QueueId, lang: Option<&Lang>, skills: &[(Skill, u8)], weight: u16) -> u64 {
    foldhash::fast::FixedState::default().hash_one((queue, lang, skills, weight))
}

impl Book {
    pub fn find(
        &self,
        hash: u64,
        queue: &QueueId,
        lang: Option<&Lang>,
        skills: &[(Skill, u8)],
        weight: u16,
    ) -> Option<&Arc<Line>> {
        self.by_hash.get(&hash)?.iter().map(|at| &self.lines[*at as usize]).find(|line| {
            let key = &line.key;
            key.queue == *queue && key.lang.as_ref() == lang && key.skills == skills && key.weight == weight
        })
    }

    /// The same with one line more.
    pub fn with(&self, hash: u64, key: LineKey, slots: usize) -> Book {
        let mut book = self.clone();
        let at = book.lines.len();
        let new = || Arc::new(Estimator::new());
        let estimator = book.estimators.entry(key.queue.clone()).or_insert_with(new).clone();
        if key.lang.is_some() && book.kinds.len() < KINDS {
            book.kinds.push(at);
        }
        book.lines.push(Arc::new(Line::new(at, key, slots, estimator)));
        book.by_hash.entry(hash).or_default().push(at as u32);
        book
    }
}
