//! The words that a model was learned on, with all that is known of each before a message comes: its stem, its
//! vector, what its pieces weigh. Memory is what costs in listening, so that one look-up a word must do.

use crate::encoder::{Encoder, VECTOR};
use crate::hash;
use crate::lexicon::Lexicon;
use crate::model::Model;
use crate::pattern::{self, Table};
use crate::wording::{self, Pieces};

/// What is known of a word.
#[derive(Clone, Debug)]
pub struct Known {
    /// Hash of its stem.
    pub(crate) stem: u64,
    /// Hash of its first three letters.
    pub(crate) head: u64,
    /// What stands for it in the encoder.
    pub(crate) vector: Option<[i8; VECTOR]>,
    /// What its pieces weigh.
    pub(crate) pieces: Pieces,
}

/// The known words of every language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    words: Table<Known>,
}

impl Vocabulary {
    /// Looks up, once, all that listening needs of the model's words.
    pub fn of(model: &Model, lexicons: &[Lexicon], encoder: &Encoder) -> Vocabulary {
        let mut words = Table::default();
        for lexicon in lexicons {
            let weights = model.weights(model.voice(&lexicon.lang));
            for form in model.words.get(&lexicon.lang).into_iter().flatten() {
                let hash = hash::bytes(form.as_bytes());
                let known = Known {
                    stem: lexicon.stem(form),
                    head: pattern::head(form),
                    vector: encoder.vector(hash).copied(),
                    pieces: wording::pieces_of(form, weights),
                };
                words.insert(hash ^ lexicon.salt, known);
            }
        }
        Vocabulary { words }
    }

    /// What is known of a word, by its hash and its language.
    pub fn get(&self, hash: u64, lexicon: &Lexicon) -> Option<&Known> {
        self.words.get(&(hash ^ lexicon.salt))
    }
}
