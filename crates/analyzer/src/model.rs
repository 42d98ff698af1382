//! The weights: what each signal, each feature of the wording and each fact of the context adds to the log-odds.

use crate::signal::SignalKind;

/// Kinds of signals.
pub(crate) const KINDS: usize = SignalKind::ALL.len();

/// A model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) version: String,
    pub(crate) intercept: f32,
    pub(crate) kinds: [f32; KINDS],
    pub(crate) context: [f32; crate::listen::TERMS],
}

impl Model {
    /// Weights set by hand, from the lexicons' strengths alone: what listens where no model was learned.
    pub fn by_hand() -> Model {
        let mut kinds = [1.0; KINDS];
        kinds[SignalKind::HumanRequest.index()] = 0.2;
        kinds[SignalKind::Urgency.index()] = 0.1;
        kinds[SignalKind::Thanks.index()] = -0.7;
        kinds[SignalKind::Calm.index()] = -1.0;
        kinds[SignalKind::Capitals.index()] = 0.8;
        kinds[SignalKind::Lengthening.index()] = 0.5;
        kinds[SignalKind::Punctuation.index()] = 0.7;
        kinds[SignalKind::Wording.index()] = 0.0;
        Model {
            version: "by-hand-1".into(),
            intercept: -2.6,
            kinds,
            context: [0.3, 0.8, 0.5, 0.5, 0.3, -0.3],
        }
    }
}
