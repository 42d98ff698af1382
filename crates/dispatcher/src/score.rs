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

/// How an advisor stands at the moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Points held and reserved.
    pub used: u32,
    /// Points they can hold, at least 1.
    pub capacity: u32,
    /// When their last conversation began or ended.
    pub idle_since: Millis,
    /// When one was last offered to them.
    pub given_at: Millis,
    /// Conversations of late.
    pub recent: Leaky,
    /// Frustration of late.
    pub hard: Leaky,
    /// How much they are needed elsewhere, 0–1: see [`needed`].
    pub needed: f32,
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

/// Advisors side by side, so that the processor computes the same term of several at once. What is not filled in
/// is nobody's.
#[derive(Clone, Copy, Debug)]
pub struct Lanes<const N: usize> {
    fit: [f32; N],
    language: [f32; N],
    used: [i32; N],
    capacity: [i32; N],
    idle_ms: [i32; N],
    turn_ms: [i32; N],
    recent: [f32; N],
    recent_s: [i32; N],
    hard: [f32; N],
    hard_s: [i32; N],
    needed: [f32; N],
    knows: [f32; N],
}

impl<const N: usize> Lanes<N> {
    /// Nobody.
    pub fn new() -> Self {
        let (number, count) = ([0.0; N], [0; N]);
        Lanes {
            fit: number,
            language: number,
            used: count,
            capacity: [1; N],
            idle_ms: count,
            turn_ms: count,
            recent: number,
            recent_s: count,
            hard: number,
            hard_s: count,
            needed: number,
            knows: number,
        }
    }

    /// Fills in one; `knows`: they know the customer.
    #[inline]
    pub fn set(&mut self, nth: usize, merit: &Merit, standing: &Standing, knows: bool, now: Millis) {
        self.fit[nth] = merit.fit;
        self.language[nth] = merit.language;
        self.used[nth] = standing.used as i32;
        self.capacity[nth] = standing.capacity.max(1) as i32;
        self.idle_ms[nth] = small(now.saturating_sub(standing.idle_since));
        self.turn_ms[nth] = small(now.saturating_sub(standing.given_at));
        (self.recent[nth], self.recent_s[nth]) = standing.recent.parts(now);
        (self.hard[nth], self.hard_s[nth]) = standing.hard.parts(now);
        self.needed[nth] = standing.needed;
        self.knows[nth] = if knows { 1.0 } else { 0.0 };
    }

    /// The weighted terms, in the order of [`TERM_NAMES`], but for the last, which is drawn: [`chance`]. `out` is
    /// zero; terms without weight are left so.
    #[inline]
    pub fn terms(&self, weights: &[f32; TERMS], case: &Case, out: &mut [[f32; N]; TERMS]) {
        let recent = |n| left(self.recent[n], self.recent_s[n], RECENT_LEAK_MS) * (1.0 / RECENT_FULL);
        let hard = |n| left(self.hard[n], self.hard_s[n], HARD_LEAK_MS) * (1.0 / HARD_FULL);
        let [fit, load, idle, affinity, language, fairness, hardness, spare, turn, _] = out;
        weighted(fit, weights[0], |n| self.fit[n]);
        weighted(load, weights[1], |n| 1.0 - (self.used[n] as f32 / self.capacity[n] as f32).min(1.0));
        weighted(idle, weights[2], |n| (self.idle_ms[n] as f32 * (1.0 / IDLE_FULL_MS)).min(1.0));
        weighted(affinity, weights[3], |n| self.knows[n]);
        weighted(language, weights[4], |n| self.language[n]);
        weighted(fairness, weights[5], |n| -recent(n).min(1.0));
        weighted(hardness, weights[6], |n| -hard(n).min(1.0) * case.frustration);
        weighted(spare, weights[7], |n| -self.needed[n]);
        weighted(turn, weights[8], |n| (self.turn_ms[n] as f32 * (1.0 / TURN_FULL_MS)).min(1.0));
    }
}

#[inline]
fn weighted<const N: usize>(out: &mut [f32; N], weight: f32, of: impl Fn(usize) -> f32) {
    if weight != 0.0 {
        for (n, out) in out.iter_mut().enumerate() {
            *out = of(n) * weight;
        }
    }
}

impl<const N: usize> Default for Lanes<N> {
    fn default() -> Self {
        Lanes::new()
    }
}

/// The scores: sums of the terms, always added in the same order, by pairs: one after the other would make each
/// addition wait for the one before.
#[inline]
pub fn scores<const N: usize>(terms: &[[f32; N]; TERMS]) -> [f32; N] {
    let [a, b, c, d, e, f, g, h, i, j] = terms;
    std::array::from_fn(|n| {
        (((a[n] + b[n]) + (c[n] + d[n])) + ((e[n] + f[n]) + (g[n] + h[n]))) + (i[n] + j[n])
    })
}

/// The weighted terms of one advisor, who has this place among the seats.
pub fn terms(
    weights: &[f32; TERMS],
    merit: &Merit,
    standing: &Standing,
    case: &Case,
    knows: bool,
    advisor: usize,
) -> [f32; TERMS] {
    let mut lane = Lanes::<1>::new();
    lane.set(0, merit, standing, knows, case.now);
    let mut terms = [[0.0; 1]; TERMS];
    lane.terms(weights, case, &mut terms);
    let mut terms = terms.map(|[term]| term);
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

/// A duration as a number; from 24 days of milliseconds on they are all the same. Signed 32 bits, since from
/// unsigned 64 there is no conversion to a float in one instruction.
fn small(n: u64) -> i32 {
    n.min(i32::MAX as u64) as i32
}

/// What is left of an amount that leaked for so many seconds.
#[inline]
fn left(amount: f32, seconds: i32, leak_ms: f32) -> f32 {
    (amount - seconds as f32 * (1_000.0 / leak_ms)).max(0.0)
}

/// The score of one advisor.
pub fn sum(terms: &[f32; TERMS]) -> f32 {
    let [score] = scores(&terms.map(|term| [term]));
    score
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

/// An amount that leaks away at a steady rate: 32 bits of seconds and 32 bits of amount, so that it fits one
/// atomic word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaky(pub u64);

impl Leaky {
    /// What is left at `now`, when one unit leaks in `leak_ms`.
    pub fn at(self, now: Millis, leak_ms: f32) -> f32 {
        let (amount, seconds) = self.parts(now);
        left(amount, seconds, leak_ms)
    }

    /// The amount, and the seconds for which it has leaked since.
    #[inline]
    fn parts(self, now: Millis) -> (f32, i32) {
        (f32::from_bits(self.0 as u32), small((now / 1_000).saturating_sub(self.0 >> 32)))
    }

    /// The same with `amount` more.
    #[must_use]
    pub fn plus(self, amount: f32, now: Millis, leak_ms: f32) -> Leaky {
        let amount = (self.at(now, leak_ms) + amount).min(64.0);
        Leaky(((now / 1_000) << 32) | u64::from(amount.to_bits()))
    }
}
