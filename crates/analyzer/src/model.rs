//! The weights: what each signal, each feature of the wording and each fact of the context adds to the log-odds.

use crate::context::TERMS;
use crate::encoder::HIDDEN;
use crate::evidence::Ground;
use crate::signal::SignalKind;
use crate::wording::BUCKETS;
use std::collections::BTreeMap;

/// Kinds of signals.
pub(crate) const KINDS: usize = SignalKind::ALL.len();

/// One question that is asked of a message's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub(crate) intercept: f32,
    pub(crate) kinds: [f32; KINDS],
    /// Weight of each bucket, in units of `unit`; empty where nothing was learned.
    pub(crate) table: Vec<i16>,
    pub(crate) unit: f32,
    /// Weight of each of the encoder's numbers.
    pub(crate) hidden: [f32; HIDDEN],
}

impl Head {
    /// With the wording's weights rounded as a file keeps them: one a bucket.
    pub(crate) fn rounded(
        intercept: f32,
        kinds: [f32; KINDS],
        hidden: [f32; HIDDEN],
        wording: &[f64],
    ) -> Head {
        let most = wording.iter().fold(0.0f64, |most, w| most.max(w.abs()));
        let unit = (most / f64::from(i16::MAX)).max(1e-9) as f32;
        let table = wording.iter().map(|w| (w / f64::from(unit)).round() as i16).collect();
        Head { intercept, kinds, table, unit, hidden }
    }
}

/// How frustration is read in a language.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    /// 'Is the customer frustrated?', by the words alone.
    pub(crate) words: Head,
    /// What the words' log-odds are multiplied with when the context joins them, and what is added.
    pub(crate) slope: f32,
    pub(crate) shift: f32,
    pub(crate) context: [f32; TERMS],
    /// Log-odds of [`Model::human`] from which a wish is heard, on each [`Ground`].
    pub(crate) human_from: [f32; Ground::COUNT],
}

/// A model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(crate) version: String,
    /// The languages that have a voice of their own, and, first, the voice of all others under an empty name.
    pub(crate) voices: Vec<(String, Voice)>,
    /// 'Do they ask for a human?'
    pub(crate) human: Head,
    /// The words that the model was learned on, by language, the most frequent first.
    pub(crate) words: BTreeMap<String, Vec<String>>,
    /// Checksum of the encoder that it goes with.
    pub(crate) encoder: u64,
    /// For each voice, its buckets beside those of `human`: they are asked for together, and memory is what costs.
    pub(crate) both: Vec<Vec<[i16; 2]>>,
}

impl Model {
    /// Lays the heads' buckets side by side.
    pub(crate) fn interleave(mut self) -> Model {
        let human = &self.human.table;
        let beside = |(_, voice): &(String, Voice)| -> Vec<[i16; 2]> {
            voice.words.table.iter().zip(human).map(|(first, second)| [*first, *second]).collect()
        };
        self.both = self.voices.iter().map(beside).collect();
        self
    }

    /// The place of a language's voice.
    pub(crate) fn voice(&self, lang: &str) -> usize {
        self.voices.iter().position(|(own, _)| own == lang).unwrap_or(0)
    }

    /// What each bucket of the wording adds to a voice's words and to `human`, in their own units; empty where
    /// nothing was learned.
    pub(crate) fn weights(&self, voice: usize) -> &[[i16; 2]] {
        self.both.get(voice).map_or(&[], Vec::as_slice)
    }

    /// Weights set by hand, from the lexicons' strengths alone: what learning begins with, and what listens
    /// where no model was learned.
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
        let mut human = [0.0; KINDS];
        human[SignalKind::HumanRequest.index()] = 6.0;
        Model {
            version: "by-hand-1".into(),
            voices: vec![(
                String::new(),
                Voice {
                    words: Head {
                        intercept: -2.6,
                        kinds,
                        table: Vec::new(),
                        unit: 0.0,
                        hidden: [0.0; HIDDEN],
                    },
                    slope: 1.0,
                    shift: 0.0,
                    context: [0.0, 0.2, 0.0, 0.0, 0.8, 0.4, 0.4, 0.0, 0.0, 0.0, 0.0, 0.2, 0.3],
                    human_from: [f32::MIN, f32::MAX, f32::MAX, f32::MAX],
                },
            )],
            human: Head {
                intercept: -3.0,
                kinds: human,
                table: Vec::new(),
                unit: 0.0,
                hidden: [0.0; HIDDEN],
            },
            words: BTreeMap::new(),
            encoder: 0,
            both: Vec::new(),
        }
    }
}

const _: () = assert!(BUCKETS <= 1 << 20, "a model's file stays under 4 MiB");
