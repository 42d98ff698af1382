//! What makes one advisor better than another: the weights of the terms of a score.

use serde::{Deserialize, Serialize};

/// How many terms there are.
pub const TERMS: usize = 10;

/// Their names, in the order of the trace.
pub const TERM_NAMES: [&str; TERMS] =
    ["fit", "load", "idle", "affinity", "language", "fairness", "hard", "spare", "turn", "chance"];

/// The weight of each term. Every term is between −1 and 1 before it is weighted; the score is their
/// sum. The defaults are those that did best in the simulator's shipped scenario and its neighbours; `spare` is large
/// because its term is small, a few hundredths on an ordinary day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// Levels above what is asked, per skill (below it: negative, once steps have widened).
    pub fit: f32,
    /// Share of the capacity that is free.
    pub load: f32,
    /// Time since their last conversation began or ended, full after ten minutes.
    pub idle: f32,
    /// They know the customer.
    pub affinity: f32,
    /// The customer's language is their best one (half where they merely speak it).
    pub language: f32,
    /// Little given to them of late, so that the shift is shared.
    pub fairness: f32,
    /// Few hard conversations of late; counts in so far as this one is hard.
    pub hard: f32,
    /// Others who come need them less: whoever can do what is scarce at the moment is kept for it.
    pub spare: f32,
    /// Whose last conversation was given longest ago (round-robin); off unless a policy wants it.
    pub turn: f32,
    /// A number drawn from the ids; off unless a policy wants it.
    pub chance: f32,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            fit: 0.1,
            load: 4.0,
            idle: 0.3,
            affinity: 2.0,
            language: 0.2,
            fairness: 0.3,
            hard: 1.0,
            spare: 60.0,
            turn: 0.0,
            chance: 0.0,
        }
    }
}

impl Terms {
    /// Nothing counts: the start of a policy with a single term.
    pub const NONE: Terms = Terms {
        fit: 0.0,
        load: 0.0,
        idle: 0.0,
        affinity: 0.0,
        language: 0.0,
        fairness: 0.0,
        hard: 0.0,
        spare: 0.0,
        turn: 0.0,
        chance: 0.0,
    };

    /// The weights in the order of [`TERM_NAMES`].
    pub fn weights(&self) -> [f32; TERMS] {
        [
            self.fit,
            self.load,
            self.idle,
            self.affinity,
            self.language,
            self.fairness,
            self.hard,
            self.spare,
            self.turn,
            self.chance,
        ]
    }
}
