//! Whether a conversation is to go to people, by what was heard; pure, so that every decision can be repeated.

use crate::context::Context;
use crate::listen::Analysis;
use crate::signal::SignalKind;
use serde::{Deserialize, Serialize};

/// The thresholds of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// One message at or above this frustration is handed over.
    pub peak: f32,
    /// A level (frustration averaged over the last messages) at or above this is handed over, if it rises.
    pub trend: f32,
    /// After a transfer, the level must have been at or below this before another is asked for.
    pub release: f32,
    /// Turns in a row that ask the same in other words.
    pub repeats: u8,
    /// Replies of the bot that say the same thing again.
    pub loops: u8,
    /// Replies of the bot, in a row, that are no answer.
    pub failures: u8,
    /// Contacts about the same matter, this one included, told or known.
    pub contacts: u16,
    /// Frustration below which the four above hand nothing over: a patient customer keeps the bot.
    pub floor: f32,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            peak: 0.6,
            trend: 0.45,
            release: 0.2,
            repeats: 2,
            loops: 2,
            failures: 2,
            contacts: 3,
            floor: 0.2,
        }
    }
}

/// Why a conversation is to be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// The reason's code of the protocol.
    pub code: &'static str,
    /// The figure that decided.
    pub score: f32,
    /// What it was held against; 1 where no threshold took part.
    pub threshold: f32,
}

/// Decides, after [`crate::Analyzer::customer_turn`] has heard the turn. An explicit wish always counts; the
/// rest is asked for once, and again only after the conversation has calmed down in between.
pub fn transfer(context: &Context, analysis: &Analysis, thresholds: &Thresholds) -> Option<Trigger> {
    let score = analysis.frustration;
    let held = context.transferred && context.lowest > thresholds.release;
    // A wish that no entry tells has no words to show: where the message is frustrated too, that is the reason.
    let told = analysis.signals.iter().any(|heard| heard.kind == SignalKind::HumanRequest);
    if analysis.wants_human && (told || held || score < thresholds.peak) {
        return Some(Trigger { code: "explicit_request", score, threshold: 1.0 });
    }
    if held {
        return None;
    }
    if score >= thresholds.peak {
        return Some(Trigger { code: "frustration_peak", score, threshold: thresholds.peak });
    }
    if context.turns >= 2 && context.level >= thresholds.trend && analysis.trend > 0.0 {
        return Some(Trigger {
            code: "frustration_trend",
            score: context.level,
            threshold: thresholds.trend,
        });
    }
    if score < thresholds.floor {
        return None;
    }
    let at_floor = |code| Some(Trigger { code, score, threshold: thresholds.floor });
    let told = analysis.signals.iter().any(|heard| heard.kind == SignalKind::RepeatedContact);
    if told
        && context.earlier_contacts.saturating_add(u16::from(context.contacts_told)) + 1
            >= thresholds.contacts
    {
        return at_floor("repeat_contact");
    }
    if context.failures >= thresholds.failures {
        return at_floor("bot_failure");
    }
    if context.loops >= thresholds.loops {
        return at_floor("bot_loop");
    }
    if context.repeats >= thresholds.repeats {
        return at_floor("repeated_question");
    }
    None
}
