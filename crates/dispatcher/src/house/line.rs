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
    /// Set by whoever comes, cleared by whoever leaves or decides, read by whoever scans the line.
    bits: AtomicU64,
    /// No key in it is lower than the upper 48 bits say; the lower 16 count those who came, so that whoever raises it
    /// after a look notices that somebody came meanwhile. Lowered by whoever comes, raised by whoever scans.
    first: AtomicU64,
    /// No key in it is higher: raised by whoever comes, read by whoever counts who is ahead.
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
    /// Parts that were ever needed: set by whoever first comes to one, read by whoever scans.
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

    /// Visits the groups with anybody in them: the number of their first slot, their bits, the group.
    #[inline]
    fn groups(&self, mut visit: impl FnMut(usize, u64, &Group)) {
        for word in 0..self.used.words() {
            let mut used = self.used.word(word);
            while used != 0 {
                let at = word * 64 + used.trailing_zeros() as usize;
                used &= used - 1;
                let Some(part) = self.parts.get(at) else { continue };
                for (nth, group) in part.groups.iter().enumerate() {
                    let bits = group.bits.load(Ordering::Acquire);
                    if bits != 0 {
                        visit((at * PART + nth) * 64, bits, group);
                    }
                }
            }
        }
    }

    pub fn empty(&self) -> bool {
        let mut empty = true;
        self.groups(|_, _, _| empty = false);
        empty
    }

    pub fn each(&self, mut visit: impl FnMut(usize)) {
        self.groups(|from, bits, _| ones(bits).for_each(|bit| visit(from + bit)));
    }

    /// The first in order: its key, its slot, and what else `look` said of it, which is `None` for those who do not
    /// count at the moment. And whether there are others in the set. `key` is asked for the key of everybody in it.
    pub fn first<T>(
        &self,
        key: impl Fn(usize) -> u64,
        look: impl Fn(usize) -> Option<T>,
    ) -> (Option<(u64, usize, T)>, bool) {
        let (mut count, mut alone) = (0, 0);
        let (mut nearest, mut bound) = (0, u64::MAX);
        self.groups(|from, bits, group| {
            alone = from + bits.trailing_zeros() as usize;
            count += if bits & (bits - 1) == 0 { 1 } else { 2 };
            let first = group.first.load(Ordering::Acquire) & !TURN;
            if first < bound {
                (nearest, bound) = (from, first);
            }
        });
        if count < 2 {
            let first = if count == 1 { look(alone).map(|what| (key(alone), alone, what)) } else { None };
            return (first, false);
        }
        // The group that may have the first of all, then whichever may have an earlier one: bounds may be too low,
        // where the one whom they were for has left, and are raised by whoever looks.
        let mut best: Option<(u64, usize, T)> = None;
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
        for near in [true, false] {
            self.groups(|from, bits, group| {
                if (from == nearest) == near {
                    search(from, bits, group);
                }
            });
        }
        (best, true)
    }

    /// How many have a lower key.
    pub fn before(&self, key: u64, of: impl Fn(usize) -> Option<u64>) -> u32 {
        let mut before = 0;
        self.groups(|from, bits, group| {
            if group.first.load(Ordering::Acquire) & !TURN >= key {
                return;
            }
            before += if group.last.load(Ordering::Acquire) < key {
                bits.count_ones()
            } else {
                ones(bits).filter(|bit| of(from + bit).is_some_and(|other| other < key)).count() as u32
            };
        });
        before
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
    /// When time alone next changes something in it, or earlier: lowered by whoever comes, found anew by the decision
    /// that finds it past; read by decisions.
    pub due: AtomicU64,
    /// Those who came since scarcity was last looked at: counted by whoever comes, taken by whoever looks.
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Thousands come and go in no order: the first is always the first, and so many come before each.
    #[test]
    fn the_first_of_thousands_is_the_first() {
        const SLOTS: usize = 4_096;
        let set = SlotSet::new(SLOTS);
        let mut keys = vec![0u64; SLOTS];
        let mut order = BTreeSet::new();
        let mut dice = 1u64;
        for turn in 0..60_000u64 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let slot = (dice >> 33) as usize % SLOTS;
            // Mostly later ones, and some who stood at the head before; more come than go until the middle.
            let key = (turn << 20 | turn & 0xf_ffff) | if dice >> 60 == 0 { 0 } else { 1 << 63 };
            if order.remove(&(keys[slot], slot)) {
                set.take(slot);
            } else if dice >> 40 & 3 > 0 || turn < 30_000 {
                keys[slot] = key;
                order.insert((key, slot));
                set.add(slot, key);
            }
            let (first, others) = set.first(|slot| keys[slot], |_| Some(()));
            assert_eq!(first.map(|(key, slot, ())| (key, slot)), order.first().copied());
            assert_eq!(others, order.len() > 1);
            assert_eq!(set.empty(), order.is_empty());
            if turn % 64 == 0 {
                let before = order.range(..(key, 0)).count() as u32;
                assert_eq!(set.before(key, |slot| Some(keys[slot])), before);
            }
        }
    }
}
