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

/// The weighted terms, in the order of [`TERM_NAMES`].
#[inline]
pub fn terms(
    weights: &[f32; TERMS],
    merit: &Merit,
    standing: &Standing,
    case: &Case,
    knows: bool,
    advisor: usize,
) -> [f32; TERMS] {
    let idle = small(case.now.saturating_sub(standing.idle_since)) * (1.0 / IDLE_FULL_MS);
    let turn = small(case.now.saturating_sub(standing.given_at)) * (1.0 / TURN_FULL_MS);
    let recent = standing.recent.at(case.now, RECENT_LEAK_MS) * (1.0 / RECENT_FULL);
    let hard = standing.hard.at(case.now, HARD_LEAK_MS) * (1.0 / HARD_FULL);
    let values = [
        merit.fit,
        1.0 - (standing.used as i32 as f32 / standing.capacity.max(1) as i32 as f32).min(1.0),
        idle.min(1.0),
        if knows { 1.0 } else { 0.0 },
        merit.language,
        -recent.min(1.0),
        -hard.min(1.0) * case.frustration,
        -standing.needed,
        turn.min(1.0),
        if weights[TERMS - 1] > 0.0 { chance(case.conversation, advisor) } else { 0.0 },
    ];
    let mut out = [0.0; TERMS];
    for ((out, value), weight) in out.iter_mut().zip(values).zip(weights) {
        *out = value * weight;
    }
    out
}

/// A duration as a number; from 24 days of milliseconds on they are all the same. Signed 32 bits, since from
/// unsigned 64 there is no conversion in one instruction.
fn small(n: u64) -> f32 {
    n.min(i32::MAX as u64) as i32 as f32
}

/// The score: the sum of the terms, always added in the same order, by pairs: one after the other would make each
/// addition wait for the one before.
#[inline]
pub fn sum(terms: &[f32; TERMS]) -> f32 {
    let [a, b, c, d, e, f, g, h, i, j] = *terms;
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

/// An amount that leaks away at a steady rate: 32 bits of seconds and 32 bits of amount, so that it fits one
/// atomic word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaky(pub u64);

impl Leaky {
    /// What is left at `now`, when one unit leaks in `leak_ms`.
    pub fn at(self, now: Millis, leak_ms: f32) -> f32 {
        let since_s = self.0 >> 32;
        let gone = small((now / 1_000).saturating_sub(since_s)) * (1_000.0 / leak_ms);
        (f32::from_bits(self.0 as u32) - gone).max(0.0)
    }

    /// The same with `amount` more.
    #[must_use]
    pub fn plus(self, amount: f32, now: Millis, leak_ms: f32) -> Leaky {
        let amount = (self.at(now, leak_ms) + amount).min(64.0);
        Leaky(((now / 1_000) << 32) | u64::from(amount.to_bits()))
    }
}
