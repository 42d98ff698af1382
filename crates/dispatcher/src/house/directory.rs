//! Where each conversation is: a hash table of atomic pairs that grows by tables and never moves.
//!
//! A conversation belongs to one shard, so that nobody else inserts, looks up or removes the same id at the
//! same time; different ids may come from as many threads as there are.

use crate::sync::{AtomicU64, Ordering, Parts};
use conversation::ConversationId;

/// One place in a table. Written by the thread that brings the conversation: `value` from 0 to [`TAKEN`] by
/// exchange, then `key`, then the final `value`; removed by storing 0.
#[derive(Debug, Default)]
struct Pair {
    key: AtomicU64,
    value: AtomicU64,
}

const TAKEN: u64 = u64::MAX;
const BUCKET: usize = if cfg!(loom) { 2 } else { 8 };

/// The places that an id may have in one table, in two lines of memory and not in parts of three.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Bucket([Pair; BUCKET]);

/// Where a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Waiting or offered.
    Slot(usize),
    /// Held: seat, generation, points.
    Held(usize, u16, u16),
}

impl Place {
    fn pack(self) -> u64 {
        match self {
            Place::Slot(slot) => 1 | (slot as u64) << 2,
            Place::Held(seat, generation, points) => {
                2 | (seat as u64) << 2 | u64::from(generation) << 32 | u64::from(points) << 46
            }
        }
    }

    fn unpack(value: u64) -> Option<Place> {
        match value & 3 {
            1 => Some(Place::Slot((value >> 2) as usize)),
            2 => {
                let seat = (value >> 2) as usize & 0x3fff_ffff;
                Some(Place::Held(seat, (value >> 32) as u16 & 0x3fff, (value >> 46) as u16))
            }
            _ => None,
        }
    }
}

/// The tables, each four times as large as the one before.
#[derive(Debug)]
pub(crate) struct Directory {
    tables: Vec<Parts<Bucket>>,
    first: usize,
}

impl Directory {
    /// Tables of `first`, 4 × `first`, 16 × `first` … places.
    pub fn new(first: usize, tables: usize) -> Directory {
        let size = |table: usize| (first << (2 * table)) / BUCKET;
        Directory { tables: (0..tables).map(|t| Parts::new(size(t), size(t))).collect(), first }
    }

    /// Which bucket of a table.
    fn bucket(&self, table: usize, id: u64) -> usize {
        let buckets = (self.first << (2 * table)) / BUCKET;
        // Ids are random, but they come from outside: mix them, so that a pattern in them does no harm.
        let mixed = (id ^ (id >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        mixed as usize % buckets
    }

    fn find(&self, id: ConversationId) -> Option<(&Pair, u64)> {
        self.tables.iter().enumerate().find_map(|(t, table)| {
            table.get(self.bucket(t, id.0))?.0.iter().find_map(|pair| {
                let value = pair.value.load(Ordering::Acquire);
                let here = value != 0 && value != TAKEN && pair.key.load(Ordering::Acquire) == id.0;
                (here && pair.value.load(Ordering::Acquire) == value).then_some((pair, value))
            })
        })
    }

    pub fn get(&self, id: ConversationId) -> Option<Place> {
        self.find(id).and_then(|(_, value)| Place::unpack(value))
    }

    /// `false` where every table is full.
    pub fn insert(&self, id: ConversationId, place: Place) -> bool {
        for (t, table) in self.tables.iter().enumerate() {
            let Some(bucket) = table.make(self.bucket(t, id.0)) else { continue };
            for pair in &bucket.0 {
                if pair.value.load(Ordering::Relaxed) == 0
                    && pair.value.compare_exchange(0, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok()
                {
                    pair.key.store(id.0, Ordering::Release);
                    pair.value.store(place.pack(), Ordering::Release);
                    return true;
                }
            }
        }
        false
    }

    /// Another place for a conversation that is there.
    pub fn set(&self, id: ConversationId, place: Place) {
        if let Some((pair, _)) = self.find(id) {
            pair.value.store(place.pack(), Ordering::Release);
        }
    }

    pub fn remove(&self, id: ConversationId) {
        if let Some((pair, _)) = self.find(id) {
            pair.value.store(0, Ordering::Release);
        }
    }
}
