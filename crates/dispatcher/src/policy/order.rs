//! Whose turn it is: the wait, made longer by priority and by frustration.
//!
//! Everybody ages at the same rate, so that the order of two who wait never changes and is one number: the
//! moment at which the wait would have begun, had it been without priority. This is the 'queue time
//! adjustment' of Amazon Connect, and it is what bounds starvation: whoever has waited longer than
//! [`Ageing::bound_ms`] is overtaken by nobody who comes later, except by those who stood at the head before. A customer
//! who is away is passed over while anybody waits who is there, and has their old place again when they are back.

use conversation::Millis;
use serde::{Deserialize, Serialize};

/// The highest priority.
pub const PRIORITIES: u8 = 9;

/// What priority and frustration are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ageing {
    /// Seconds of wait that one step of priority is worth.
    pub priority_s: u32,
    /// Seconds of wait that full frustration is worth; half of it half as much.
    pub frustration_s: u32,
    /// Seconds after which a heavy conversation asks for one point only, like any other: without that, those who
    /// need one point could take every seat that is freed before two are free together.
    pub light_s: u32,
}

impl Default for Ageing {
    fn default() -> Self {
        Ageing { priority_s: 60, frustration_s: 120, light_s: 120 }
    }
}

impl Ageing {
    /// Milliseconds that a request is ahead of its own arrival.
    pub fn credit_ms(&self, priority: u8, frustration: f32) -> u64 {
        let heat = if frustration.is_finite() { frustration.clamp(0.0, 1.0) } else { 0.0 };
        u64::from(self.priority_s) * 1_000 * u64::from(priority.min(PRIORITIES))
            + (f64::from(self.frustration_s) * 1_000.0 * f64::from(heat)) as u64
    }

    /// Points that a request asks for after a wait.
    pub fn points_after(&self, weight: u16, waited_ms: u64) -> u16 {
        if waited_ms >= u64::from(self.light_s) * 1_000 { 1 } else { weight.max(1) }
    }

    /// The bound on starvation, in milliseconds: after such a wait nobody who comes later comes first, and no seat
    /// that could be theirs goes to anybody behind them. Theirs is only the one advisor's seat for as long as they wait for
    /// that advisor alone (`direct_s`, `affinity_s`: an hour each at most): a seat that somebody else could have is passed
    /// by then, for as long as the policy says.
    pub fn bound_ms(&self) -> u64 {
        self.credit_ms(PRIORITIES, 1.0).max(u64::from(self.light_s) * 1_000)
    }
}

/// The place in line as one number, the smallest first: whether the customer is there, whether it stood at the head
/// before, then when its wait began less its credit, then who came first.
pub(crate) fn place(away: bool, head: bool, since: Millis, credit_ms: u64, ticket: u64) -> u64 {
    const TICKET_BITS: u32 = 20;
    const MS_MAX: u64 = (1 << 42) - 1;
    let ms = since.saturating_sub(if head { 0 } else { credit_ms }).min(MS_MAX);
    let place = (u64::from(!head) << 62) | (ms << TICKET_BITS) | (ticket & ((1 << TICKET_BITS) - 1));
    seen_away(place, away)
}

/// The same place, of a customer who is there or away: those who are away keep theirs behind all who are there.
pub(crate) fn seen_away(place: u64, away: bool) -> u64 {
    const AWAY: u64 = 1 << 63;
    if away { place | AWAY } else { place & !AWAY }
}
