//! Why a conversation was handed over, as data (law 11): who reads it words it in their own language.

use crate::id::{Cid, Seq};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something heard in one message, with where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// Its kind, from the analyzer's closed list (`repeated_contact`, `annoyance` …).
    pub kind: String,
    /// Its contribution to the score, in log-odds; negative for what calms.
    pub weight: f32,
    /// First character of the span, in Unicode scalar values.
    pub start: u32,
    /// One past the last character of the span.
    pub end: u32,
}

/// A signal together with the message it was heard in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Its kind.
    pub kind: String,
    /// Its contribution in log-odds.
    pub weight: f32,
    /// The message.
    pub seq: Seq,
    /// First character of the span in that message's text, in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// Why, in one word. New codes may be added; none changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The customer asked for a human.
    ExplicitRequest,
    /// One message's frustration passed the queue's peak threshold.
    FrustrationPeak,
    /// Frustration built up over several messages.
    FrustrationTrend,
    /// The same question came again in other words.
    RepeatedQuestion,
    /// The bot said the same thing again and again.
    BotLoop,
    /// The bot failed: no answer, an error, a timeout, nothing understood.
    BotFailure,
    /// The customer had to contact us several times.
    RepeatContact,
    /// A subject that the script keeps for people.
    SensitiveTopic,
    /// The script says so at this point.
    ScriptRule,
    /// An advisor handed it on.
    AdvisorRequest,
    /// A supervisor moved it.
    Supervisor,
    /// The advisor who had it is gone.
    AdvisorLost,
    /// The queue in which it waited is configured no more.
    QueueGone,
}

impl ReasonCode {
    /// Every code, in the protocol's order.
    pub const ALL: [ReasonCode; 13] = [
        ReasonCode::ExplicitRequest,
        ReasonCode::FrustrationPeak,
        ReasonCode::FrustrationTrend,
        ReasonCode::RepeatedQuestion,
        ReasonCode::BotLoop,
        ReasonCode::BotFailure,
        ReasonCode::RepeatContact,
        ReasonCode::SensitiveTopic,
        ReasonCode::ScriptRule,
        ReasonCode::AdvisorRequest,
        ReasonCode::Supervisor,
        ReasonCode::AdvisorLost,
        ReasonCode::QueueGone,
    ];

    /// The code as it stands in frames and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonCode::ExplicitRequest => "explicit_request",
            ReasonCode::FrustrationPeak => "frustration_peak",
            ReasonCode::FrustrationTrend => "frustration_trend",
            ReasonCode::RepeatedQuestion => "repeated_question",
            ReasonCode::BotLoop => "bot_loop",
            ReasonCode::BotFailure => "bot_failure",
            ReasonCode::RepeatContact => "repeat_contact",
            ReasonCode::SensitiveTopic => "sensitive_topic",
            ReasonCode::ScriptRule => "script_rule",
            ReasonCode::AdvisorRequest => "advisor_request",
            ReasonCode::Supervisor => "supervisor",
            ReasonCode::AdvisorLost => "advisor_lost",
            ReasonCode::QueueGone => "queue_gone",
        }
    }

    /// Whether the analyzer's hearing alone decided.
    pub fn is_frustration(self) -> bool {
        matches!(self, ReasonCode::FrustrationPeak | ReasonCode::FrustrationTrend | ReasonCode::RepeatContact)
    }
}

/// The reason of a transfer, complete enough to be replayed and to be worded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Why, in one word.
    pub code: ReasonCode,
    /// The message that decided, if one did.
    pub trigger_seq: Option<Seq>,
    /// Frustration at that moment, 0–1.
    pub score: f32,
    /// The threshold that it passed; 1 where no threshold took part.
    pub threshold: f32,
    /// What was heard, strongest first, at most [`crate::limits::REASON_SIGNALS`].
    pub signals: Vec<Evidence>,
    /// Version of the policy that decided.
    pub policy: String,
    /// What the author of the transfer wrote, or the script's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The quote of the trigger message that best shows the reason, at most [`crate::limits::QUOTE_CHARS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The cid of the frame that asked, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cid>,
}
