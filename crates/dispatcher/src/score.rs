//! How good an advisor is for a conversation: the terms, their sum, and the trace of it (law 11).
//!
//! Pure. Every term is between −1 and 1 before its weight, so that the weights of a policy can be compared.

use crate::policy::{TERM_NAMES, TERMS};
use conversation::{AdvisorId, Candidate, ConversationId, Millis, Term};
use std::borrow::Cow;

/// What does not change with the moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merit {
    /// Mean of (level − asked) / 5 over the skills asked for: −1 – 0.8.
    pub fit: f32,
    /// 1 best language, 0.5 spoken, 0 not.
    pub language: f32,
}

/// What an advisor did of late, as it counts at the moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    /// When their last conversation began or ended.
    pub idle_since: Tick,
    /// When one was last offered to them.
    pub given_at: Tick,
    /// Conversations of late.
    pub recent: Leaky,
    /// Frustration of late.
    pub hard: Leaky,
    /// How much they are needed elsewhere, 0–1: see [`needed`].
    pub needed: f32,
}

/// What is taken of an advisor's points and how many they can hold, packed as it is read, and taken apart for several advisors at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Points {
    /// Held in the lower half, reserved in the upper one.
    pub taken: u32,
    /// The capacity in the lower half; the highest four bits are [`Points::PRESENT`] or they hold nothing.
    pub capacity: u32,
}

impl Points {
    /// Of `capacity`, where the advisor is there.
    pub const PRESENT: u32 = 0b1110;

    /// Held and reserved.
    #[inline(always)]
    fn used(taken: u32) -> i32 {
        ((taken & 0xffff) + (taken >> 16)) as i32
    }

    /// How many they can hold; 0 where they are not there.
    #[inline(always)]
    fn limit(capacity: u32) -> i32 {
        if capacity >> 28 == Points::PRESENT { (capacity & 0xffff) as i32 } else { 0 }
    }
}

/// What the conversation brings in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Which.
    pub conversation: ConversationId,
    /// 0–1.
    pub frustration: f32,
    /// The moment.
    pub now: Millis,
}

/// Idle milliseconds that count as 1.
const IDLE_FULL_MS: f32 = 600_000.0;
/// Milliseconds since the last offer that count as 1.
const TURN_FULL_MS: f32 = 3_600_000.0;
/// Conversations of late that count as 1.
const RECENT_FULL: f32 = 8.0;
/// Summed frustration of late that counts as 1.
const HARD_FULL: f32 = 3.0;
/// One conversation is forgotten in so many milliseconds.
pub const RECENT_LEAK_MS: f32 = 900_000.0;
/// One full frustration is forgotten in so many milliseconds.
pub const HARD_LEAK_MS: f32 = 1_200_000.0;

/// A moment to the sixteenth of a second, in 32 bits that begin anew every eight years: of two moments, the later one is
/// the one that is less than four years ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick(pub u32);

/// Milliseconds of one [`Tick`].
const TICK_MS: f32 = (1 << Tick::SHIFT) as f32;

impl Tick {
    const SHIFT: u32 = 6;

    /// The tick of a moment.
    pub fn at(now: Millis) -> Tick {
        Tick((now >> Self::SHIFT) as u32)
    }

    /// Ticks from this one to a later one; less than 0 where that is the earlier.
    #[inline(always)]
    fn until(self, later: Tick) -> f32 {
        later.0.wrapping_sub(self.0) as i32 as f32
    }
}

/// Advisors side by side, with all that their terms depend on, so that the processor computes the same term of several
/// at once. What is not filled in is nobody's.
#[derive(Clone, Copy, Debug)]
pub struct Lanes<const N: usize> {
    fit: [f32; N],
    language: [f32; N],
    points: [Points; N],
    /// Idle since then, and last given one.
    moments: [(Tick, Tick); N],
    /// Conversations of late, and hard ones.
    leaks: [(Leaky, Leaky); N],
    needed: [f32; N],
    knows: [f32; N],
}

impl<const N: usize> Lanes<N> {
    /// Nobody.
    pub const NOBODY: Lanes<N> = Lanes {
        fit: [0.0; N],
        language: [0.0; N],
        points: [Points { taken: 0, capacity: 0 }; N],
        moments: [(Tick(0), Tick(0)); N],
        leaks: [(Leaky(Tick(0)), Leaky(Tick(0))); N],
        needed: [0.0; N],
        knows: [0.0; N],
    };

    /// What one is worth.
    #[inline]
    pub fn set_merit(&mut self, nth: usize, merit: &Merit) {
        (self.fit[nth], self.language[nth]) = (merit.fit, merit.language);
    }

    /// What one holds.
    #[inline]
    pub fn set_points(&mut self, nth: usize, points: Points) {
        self.points[nth] = points;
    }

    /// What one held when it was read.
    #[inline]
    pub fn points(&self, nth: usize) -> Points {
        self.points[nth]
    }

    /// What one did of late.
    #[inline]
    pub fn set_past(&mut self, nth: usize, past: &Past) {
        self.moments[nth] = (past.idle_since, past.given_at);
        self.leaks[nth] = (past.recent, past.hard);
        self.needed[nth] = past.needed;
    }

    #[inline(always)]
    fn used(&self, nth: usize) -> i32 {
        Points::used(self.points[nth].taken)
    }

    #[inline(always)]
    fn limit(&self, nth: usize) -> i32 {
        Points::limit(self.points[nth].capacity)
    }

    /// Whether one of the first `len` has a free point.
    #[inline]
    pub fn any_free(&self, len: usize) -> bool {
        // The first is, nearly always.
        (0..len.min(N)).any(|nth| self.limit(nth) > self.used(nth))
    }

    /// Whether that one knows the customer.
    #[inline]
    pub fn set_knows(&mut self, nth: usize, knows: bool) {
        self.knows[nth] = if knows { 1.0 } else { 0.0 };
    }

    /// The weighted terms of one, in the order of [`TERM_NAMES`], but for the last, which is drawn: [`drawn`].
    #[inline(always)]
    pub fn terms(&self, nth: usize, weights: &[f32; TERMS], case: &Case) -> [f32; TERMS] {
        let now = Tick::at(case.now);
        let (used, capacity) = (self.used(nth), self.limit(nth));
        let load = used as f32 / more(capacity as f32, 1.0);
        let idle = self.moments[nth].0.until(now) * (TICK_MS / IDLE_FULL_MS);
        let turn = self.moments[nth].1.until(now) * (TICK_MS / TURN_FULL_MS);
        let recent = self.leaks[nth].0.left(now) * (TICK_MS / RECENT_LEAK_MS / RECENT_FULL);
        let hard = self.leaks[nth].1.left(now) * (TICK_MS / HARD_LEAK_MS / HARD_FULL);
        [
            self.fit[nth] * weights[0],
            (1.0 - full(load)) * weights[1],
            full(idle) * weights[2],
            self.knows[nth] * weights[3],
            self.language[nth] * weights[4],
            -full(recent) * weights[5],
            -full(hard) * case.frustration * weights[6],
            -self.needed[nth] * weights[7],
            full(turn) * weights[8],
            0.0,
        ]
    }

    /// The scores of all, the least of all numbers for who has no room for `least` points; `chance` are the terms that
    /// are drawn.
    #[inline]
    pub fn scores(&self, weights: &[f32; TERMS], case: &Case, least: u16, chance: &[f32; N]) -> [f32; N] {
        let least = f32::from(least.max(1));
        let mut scores = [0.0; N];
        for nth in 0..N {
            let mut terms = self.terms(nth, weights, case);
            terms[CHANCE] = chance[nth];
            let (used, capacity) = (self.used(nth) as f32, self.limit(nth) as f32);
            let room = capacity > 0.0 && used + less(least, capacity) <= capacity;
            scores[nth] = if room { sum(&terms) } else { f32::NEG_INFINITY };
        }
        scores
    }
}

/// The larger one. Not `f32::max`, which the processor has no instruction for.
#[inline(always)]
pub fn more(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn less(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Between 0 and 1.
#[inline(always)]
fn full(share: f32) -> f32 {
    less(more(share, 0.0), 1.0)
}

/// The weighted terms of one advisor, who has this place among the seats.
pub fn terms(
    weights: &[f32; TERMS],
    merit: &Merit,
    (points, past): (Points, &Past),
    case: &Case,
    knows: bool,
    advisor: usize,
) -> [f32; TERMS] {
    let mut lane = Lanes::<1>::NOBODY;
    lane.set_merit(0, merit);
    lane.set_points(0, points);
    lane.set_past(0, past);
    lane.set_knows(0, knows);
    let mut terms = lane.terms(0, weights, case);
    terms[CHANCE] = drawn(weights, case, advisor);
    terms
}

/// The last term, as it is weighted.
pub const CHANCE: usize = TERMS - 1;
const _: () = assert!(matches!(TERM_NAMES[CHANCE].as_bytes(), b"chance"));

/// The term of chance, weighted.
#[inline]
pub fn drawn(weights: &[f32; TERMS], case: &Case, advisor: usize) -> f32 {
    let weight = weights[CHANCE];
    if weight > 0.0 { chance(case.conversation, advisor) * weight } else { 0.0 }
}

/// The score: the sum of the terms, always added in the same order, by pairs: one after the other would make each
/// addition wait for the one before.
#[inline(always)]
pub fn sum(terms: &[f32; TERMS]) -> f32 {
    let [a, b, c, d, e, f, g, h, i, j] = terms;
    (((a + b) + (c + d)) + ((e + f) + (g + h))) + (i + j)
}

/// The trace's line of one advisor.
pub fn candidate(advisor: AdvisorId, terms: &[f32; TERMS]) -> Candidate {
    Candidate {
        advisor,
        score: sum(terms),
        terms: TERM_NAMES
            .iter()
            .zip(terms)
            .filter(|(_, value)| **value != 0.0)
            .map(|(name, value)| Term { name: Cow::Borrowed(name), value: *value })
            .collect(),
    }
}

/// Kinds of customers (queue, language, skills, weight) whose scarcity is watched: the first ones that came.
pub const KINDS: usize = 64;
/// Scarcity is looked at anew after so many milliseconds.
pub const SCARCITY_MS: u64 = 500;
/// Buckets of load in which free seats are counted.
pub const LOAD_LEVELS: usize = 8;

/// How scarce seats are for one kind of customers: its share of those who come of late, over the free advisors
/// that it could have (`free` in eighths of an advisor). What one more taken costs the others, roughly.
pub fn scarcity(came: f32, came_all: f32, free: u32) -> f32 {
    came / came_all.max(1e-6) / (1.0 + free as f32 / LOAD_LEVELS as f32)
}

/// Those who came of late, when it is looked at anew.
pub fn fade(came: f32, new: u32) -> f32 {
    came * 0.995 + new as f32
}

/// How much an advisor is needed: the scarcities of all kinds that they could take.
pub fn needed(kinds: u64, scarcities: &[f32]) -> f32 {
    scarcities.iter().enumerate().filter(|(k, _)| kinds & (1 << k) != 0).map(|(_, s)| s).sum()
}

/// A number from 0 to 1 that belongs to the pair for ever (SplitMix64's finaliser: Steele, Lea & Flood,
/// 'Fast splittable pseudorandom number generators', OOPSLA 2014).
fn chance(conversation: ConversationId, advisor: usize) -> f32 {
    let mut z = conversation.0 ^ (advisor as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
}

/// An amount that leaks away at a steady rate, as the moment at which nothing will be left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaky(pub Tick);

impl Leaky {
    /// More than so much is not counted.
    const MOST: f32 = 64.0;

    /// Nothing.
    pub fn empty(now: Millis) -> Leaky {
        Leaky(Tick::at(now))
    }

    /// Ticks until nothing is left; less than 0 where nothing is.
    #[inline(always)]
    fn left(self, now: Tick) -> f32 {
        now.until(self.0)
    }

    /// The same with `amount` more, when one unit leaks in `leak_ms`.
    #[must_use]
    pub fn plus(self, amount: f32, now: Millis, leak_ms: f32) -> Leaky {
        let (now, unit) = (Tick::at(now), leak_ms / TICK_MS);
        let ticks = (self.left(now).max(0.0) + amount * unit).min(Self::MOST * unit);
        Leaky(Tick(now.0.wrapping_add(ticks as u32)))
    }
}
