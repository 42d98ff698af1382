//! Lines: those who wait with the same requirements. The place in line is a number of each slot's own
//! ([`crate::policy`]'s order), so a line is only the set of its slots.

use super::pool::Pools;
use super::roster::Roster;
use crate::estimate::Estimator;
use crate::score::KINDS;
use crate::sync::{AtomicU32, AtomicU64, Ordering, Parts, ones};
use arc_swap::ArcSwapOption;
use conversation::{Lang, Millis, QueueId, Skill};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
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

/// A set of slots that grows by parts.
#[derive(Debug)]
pub(crate) struct SlotSet {
    parts: Parts<AtomicU64>,
    /// Parts that were ever needed.
    used: AtomicU64,
    /// Slots in the set, never less: it is raised before and lowered after.
    count: AtomicU32,
    /// The logarithm of the words in a part.
    shift: u32,
}

const PART_WORDS: usize = if cfg!(loom) { 1 } else { 16 };

impl SlotSet {
    fn new(slots: usize) -> SlotSet {
        let words = slots.div_ceil(64);
        let words_each = PART_WORDS.min(words).next_power_of_two();
        SlotSet {
            parts: Parts::new(words, words_each),
            used: AtomicU64::new(0),
            count: AtomicU32::new(0),
            shift: words_each.trailing_zeros(),
        }
    }

    pub fn add(&self, slot: usize) {
        let Some(word) = self.parts.make(slot / 64) else { return };
        let part = 1u64 << ((slot / 64) >> self.shift);
        if self.used.load(Ordering::Acquire) & part == 0 {
            self.used.fetch_or(part, Ordering::SeqCst);
        }
        self.count.fetch_add(1, Ordering::SeqCst);
        let mask = 1 << (slot % 64);
        if word.fetch_or(mask, Ordering::SeqCst) & mask != 0 {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
    }

    pub fn take(&self, slot: usize) {
        let Some(word) = self.parts.get(slot / 64) else { return };
        let mask = 1 << (slot % 64);
        if word.fetch_and(!mask, Ordering::SeqCst) & mask != 0 {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
    }

    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    #[inline]
    pub fn each(&self, mut visit: impl FnMut(usize)) {
        if self.count() == 0 {
            return;
        }
        for part in ones(self.used.load(Ordering::Acquire)) {
            let first = part << self.shift;
            let Some(words) = self.parts.part(first) else { continue };
            for (at, word) in words.iter().enumerate() {
                let mut word = word.load(Ordering::Acquire);
                while word != 0 {
                    visit((first + at) * 64 + word.trailing_zeros() as usize);
                    word &= word - 1;
                }
            }
        }
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
        self.plain.count() == 0 && self.particular.count() == 0
    }

    pub fn waiting(&self) -> u32 {
        self.plain.count() + self.particular.count()
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
        self.particular.count() > 0
            || self.pools.load().as_ref().is_none_or(|pools| pools.version != version || pools.has(seat))
    }
}

/// Every line that there ever was: an immutable snapshot that grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub lines: Vec<Arc<Line>>,
    /// Lines whose scarcity is watched.
    pub kinds: Vec<usize>,
    by_hash: HashMap<u64, Vec<u32>>,
    estimators: HashMap<QueueId, Arc<Estimator>>,
}

/// The hash of a line's key, without making one.
pub(crate) fn line_hash(queue: &QueueId, lang: Option<&Lang>, skills: &[(Skill, u8)], weight: u16) -> u64 {
    let mut hasher = DefaultHasher::new();
    (queue, lang, skills, weight).hash(&mut hasher);
    hasher.finish()
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
