//! Pools: the advisors that a line may go to, step by step, with what does not change about them. Computed from
//! the roster when it is first asked for, and again when the roster changes.

use super::line::LineKey;
use super::roster::Roster;
use crate::score::Merit;
use crate::search::Search;

/// The advisors of one step.
#[derive(Debug)]
pub(crate) struct Pool {
    /// Words of the seats' index that have members: word, members in it, members before it.
    pub words: Vec<(u32, u64, u32)>,
    /// By rank among the members.
    pub merits: Vec<Merit>,
    /// Offers at once.
    pub at_once: usize,
    /// Members by word of the index.
    masks: Vec<u64>,
}

impl Pool {
    pub fn new(roster: &Roster, search: &Search) -> Pool {
        let mut masks = vec![0u64; roster.members.len().div_ceil(64)];
        let mut merits = Vec::new();
        for (at, member) in roster.members.iter().enumerate() {
            if let Some(member) = member
                && search.admits(&member.advisor)
            {
                masks[at / 64] |= 1 << (at % 64);
                merits.push(search.merit(&member.advisor));
            }
        }
        let mut before = 0;
        let mut words = Vec::new();
        for (at, mask) in masks.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            words.push((at as u32, *mask, before));
            before += mask.count_ones();
        }
        Pool { words, merits, at_once: search.at_once, masks }
    }

    pub fn has(&self, seat: usize) -> bool {
        self.masks.get(seat / 64).is_some_and(|mask| mask & (1 << (seat % 64)) != 0)
    }

    /// What a member is worth, in the words' third column and the bit.
    pub fn merit(&self, mask: u64, before: u32, bit: usize) -> &Merit {
        &self.merits[before as usize + (mask & ((1 << bit) - 1)).count_ones() as usize]
    }
}

/// The pools of one line, the narrowest first.
#[derive(Debug)]
pub(crate) struct Pools {
    /// The roster's.
    pub version: u64,
    /// One more than there are steps.
    pub steps: Vec<Pool>,
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
