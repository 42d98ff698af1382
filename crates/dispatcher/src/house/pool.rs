//! Pools: the advisors that a line may go to, step by step, with what does not change about them. Computed from
//! the roster when it is first asked for, and again when the roster changes.

use super::line::LineKey;
use super::roster::Roster;
use crate::limits::SAMPLE;
use crate::score::Merit;
use crate::search::Search;
use conversation::limits::ADVISORS;
use std::collections::HashMap;

const _: () = assert!(ADVISORS <= 1 << 16);

/// The place of a merit among those of its pool.
type MeritAt = u16;

/// Up to 64 seats with members among them. Small, so that the words of many lines stay near the processor.
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
pub(crate) struct PoolWord {
    /// Members in it.
    pub members: u64,
    /// Members before it.
    before: u32,
    /// Which word of the seats' index.
    pub at: u32,
}

const _: () = assert!(size_of::<PoolWord>() == 16);

/// A seat of a pool: the number of the seat, and from [`NTH`] on which of the pool's words it is in.
pub(crate) type PoolEntry = u64;

pub(crate) const NTH: u32 = 32;

impl PoolWord {
    /// [`PoolEntry`] of its first seat; it is the `nth` of its pool.
    #[inline]
    pub fn first(&self, nth: usize) -> PoolEntry {
        (nth as u64) << NTH | u64::from(self.at) << 6
    }

    /// Members before a bit, and before this word.
    #[inline]
    fn rank(&self, bit: u32) -> u32 {
        self.before + (self.members & ((1 << (bit % 64)) - 1)).count_ones()
    }
}

/// The advisors of one step.
#[derive(Debug)]
pub(crate) struct Pool {
    /// Words of the seats' index that have members.
    pub words: Vec<PoolWord>,
    /// How many of the words have [`SAMPLE`] members, about.
    pub stretch: usize,
    /// Every different merit, and by rank among the members the place of theirs: few are different, and a decision
    /// reads many members. One byte is enough where there are no more than 256; the other is empty then.
    merits: Vec<Merit>,
    merit_at: Vec<u8>,
    merit_at_many: Vec<MeritAt>,
    /// Offers at once.
    pub at_once: usize,
    /// Points that a member can hold, on average.
    pub capacity: f32,
    /// Members by word of the index.
    masks: Vec<u64>,
}

impl Pool {
    pub fn new(roster: &Roster, search: &Search) -> Pool {
        let mut masks = vec![0u64; roster.members.len().div_ceil(64)];
        let mut merits: Vec<Merit> = Vec::new();
        let mut merit_at = Vec::new();
        let mut capacity = 0.0;
        let mut known: HashMap<(u32, u32), MeritAt> = HashMap::new();
        for (at, member) in roster.members.iter().enumerate() {
            if let Some(member) = member
                && search.admits(&member.advisor)
            {
                masks[at / 64] |= 1 << (at % 64);
                capacity += f32::from(member.advisor.capacity);
                let merit = search.merit(&member.advisor);
                let at = known.entry((merit.fit.to_bits(), merit.language.to_bits())).or_insert_with(|| {
                    // No more than there are seats, of which there are fewer than 2^16.
                    merits.push(merit);
                    (merits.len() - 1) as MeritAt
                });
                merit_at.push(*at);
            }
        }
        let mut before = 0;
        let mut words = Vec::new();
        for (at, mask) in masks.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            words.push(PoolWord { members: *mask, before, at: at as u32 });
            before += mask.count_ones();
        }
        let stretch = (words.len() * SAMPLE).div_ceil(merit_at.len().max(1)).max(1);
        capacity /= merit_at.len().max(1) as f32;
        let bytes: Option<Vec<u8>> = merit_at.iter().map(|at| u8::try_from(*at).ok()).collect();
        let (merit_at, merit_at_many) = match bytes {
            Some(bytes) => (bytes, Vec::new()),
            None => (Vec::new(), merit_at),
        };
        Pool { words, stretch, merits, merit_at, merit_at_many, at_once: search.at_once, capacity, masks }
    }

    pub fn has(&self, seat: usize) -> bool {
        self.masks.get(seat / 64).is_some_and(|mask| mask & (1 << (seat % 64)) != 0)
    }

    /// The member at a seat; `None` where there is no such member.
    pub fn entry(&self, seat: usize) -> Option<PoolEntry> {
        let nth = self.words.binary_search_by_key(&((seat / 64) as u32), |word| word.at).ok()?;
        self.has(seat).then_some((nth as u64) << NTH | seat as u64)
    }

    /// What a member is worth.
    #[inline]
    pub fn merit(&self, entry: PoolEntry) -> Option<&Merit> {
        let rank = self.words.get((entry >> NTH) as usize)?.rank(entry as u32);
        let at = match self.merit_at.get(rank as usize) {
            Some(at) => usize::from(*at),
            None => usize::from(*self.merit_at_many.get(rank as usize)?),
        };
        self.merits.get(at)
    }
}

/// The pools of one line, the narrowest first.
#[derive(Debug)]
pub(crate) struct Pools {
    /// The roster's.
    pub version: u64,
    /// One more than there are steps.
    pub steps: Vec<Pool>,
    /// Milliseconds until an offer lapses.
    pub expires_ms: u64,
    /// Milliseconds of wait after which each step has passed.
    pub after_ms: Vec<u64>,
}

impl Pools {
    pub fn new(roster: &Roster, key: &LineKey) -> Pools {
        let steps = &roster.policy.queue(&key.queue).steps;
        Pools {
            version: roster.version,
            steps: (0..=steps.len())
                .map(|step| Pool::new(roster, &Search::of_line(&roster.policy, key, step)))
                .collect(),
            expires_ms: u64::from(roster.policy.offers(&key.queue).expires_s) * 1_000,
            after_ms: steps.iter().map(|step| u64::from(step.after_s) * 1_000).collect(),
        }
    }

    /// How many steps have passed.
    pub fn step(&self, waited_ms: u64) -> usize {
        self.after_ms.iter().take_while(|after| **after <= waited_ms).count()
    }

    /// Whether the advisor is in the widest pool, which has all others.
    pub fn has(&self, seat: usize) -> bool {
        self.steps.last().is_some_and(|pool| pool.has(seat))
    }
}
