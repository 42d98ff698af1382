//! What can be heard, and what one heard thing is.

use serde::{Deserialize, Serialize};

/// The closed list of signals. Those of the lexicon come from `config/lexicon/*.toml`; the others from the way
/// the message is typed, or from the learned model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Words of annoyance and reproach (`inadmissible`, `fed up`).
    Annoyance,
    /// Mild impatience (`allô ?`, `toujours pas`, `hello?`).
    Impatience,
    /// Insults and swearing.
    Insult,
    /// An explicit wish for a human.
    HumanRequest,
    /// A threat to leave, to cancel, to go to a competitor.
    LeaveThreat,
    /// A threat to go to law, to a mediator, to the press.
    LegalThreat,
    /// It is not the first contact about this (`pour la troisième fois`).
    RepeatedContact,
    /// Waiting too long.
    Waiting,
    /// A promise that was not kept.
    BrokenPromise,
    /// The feeling of not being read or understood (`je viens de vous le dire`).
    NotHeard,
    /// Failure told as a grievance (`still broken`, `ne marche toujours pas`).
    Failure,
    /// Haste; no annoyance by itself.
    Urgency,
    /// Thanks and praise that mean the opposite.
    Irony,
    /// Sincere thanks and praise.
    Thanks,
    /// Words that calm (`pas de souci`, `no worries`), and apologies for one's tone.
    Calm,
    /// Words in capitals that are no names.
    Capitals,
    /// Letters drawn out (`nooon`).
    Lengthening,
    /// Runs of `!` and `?`.
    Punctuation,
    /// Emoji and emoticons.
    Emoji,
    /// What the learned model reads in the wording itself.
    Wording,
}

impl SignalKind {
    /// Every kind, in the order of the model's weights.
    pub const ALL: [SignalKind; 20] = [
        SignalKind::Annoyance,
        SignalKind::Impatience,
        SignalKind::Insult,
        SignalKind::HumanRequest,
        SignalKind::LeaveThreat,
        SignalKind::LegalThreat,
        SignalKind::RepeatedContact,
        SignalKind::Waiting,
        SignalKind::BrokenPromise,
        SignalKind::NotHeard,
        SignalKind::Failure,
        SignalKind::Urgency,
        SignalKind::Irony,
        SignalKind::Thanks,
        SignalKind::Calm,
        SignalKind::Capitals,
        SignalKind::Lengthening,
        SignalKind::Punctuation,
        SignalKind::Emoji,
        SignalKind::Wording,
    ];

    /// The name as it stands in frames, lexicons and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            SignalKind::Annoyance => "annoyance",
            SignalKind::Impatience => "impatience",
            SignalKind::Insult => "insult",
            SignalKind::HumanRequest => "human_request",
            SignalKind::LeaveThreat => "leave_threat",
            SignalKind::LegalThreat => "legal_threat",
            SignalKind::RepeatedContact => "repeated_contact",
            SignalKind::Waiting => "waiting",
            SignalKind::BrokenPromise => "broken_promise",
            SignalKind::NotHeard => "not_heard",
            SignalKind::Failure => "failure",
            SignalKind::Urgency => "urgency",
            SignalKind::Irony => "irony",
            SignalKind::Thanks => "thanks",
            SignalKind::Calm => "calm",
            SignalKind::Capitals => "capitals",
            SignalKind::Lengthening => "lengthening",
            SignalKind::Punctuation => "punctuation",
            SignalKind::Emoji => "emoji",
            SignalKind::Wording => "wording",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<SignalKind> {
        SignalKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Its place in [`SignalKind::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Something heard, with what it is worth and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// What.
    pub kind: SignalKind,
    /// What it adds to the score, in log-odds; negative for what calms.
    pub weight: f32,
    /// First character of the span, in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name_and_stands_at_its_index() {
        for (index, kind) in SignalKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), index);
            assert_eq!(SignalKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
