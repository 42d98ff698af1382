//! The words that a model was learned on, with all that is known of each before a message comes: its stem, its
//! vector, what it and its pieces weigh, which patterns it may begin. Memory is what costs in listening, so one look-up
//! a word must do, and what it finds is one line of the cache.

use crate::encoder::{Encoder, Products, VECTOR};
use crate::hash;
use crate::lexicon::Lexicon;
use crate::model::Model;
use crate::pattern::{self, Already, Assent};
use crate::pattern_set::Candidate;
use crate::wording;
use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Words of each language whose products are kept: 384 bytes each, and every next one is rarer.
const FREQUENT: usize = 2_000;

/// What is known of a word.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Known {
    /// Hash of the word, with its language's salt.
    key: u64,
    /// Hash of its stem.
    pub(crate) stem: u64,
    /// Hash of its first three letters.
    pub(crate) head: u64,
    /// What stands for it in the encoder; zeros where nothing does.
    pub(crate) vector: [i8; VECTOR],
    /// The sums of what its pieces weigh.
    pub(crate) pieces: [i32; 2],
    /// What its stem weighs.
    pub(crate) weight: [i16; 2],
    /// Where its candidates begin: those of its language, then those of every language.
    from: u32,
    own: u16,
    any: u16,
    /// Its place among the products, from 1; 0 for most words.
    products: u16,
    flags: u8,
}

impl Known {
    const NUMBER: u8 = 1;
    const PERSON: u8 = 2;
    const COMMON: u8 = 4;
    const SPELLED: u8 = 8;
    const YES: u8 = 16;
    const NO: u8 = 32;
    const REACH: u8 = 64;
    const GIVEN: u8 = 128;

    /// Whether it counts as a number.
    pub(crate) fn number(&self) -> bool {
        self.flags & Known::NUMBER != 0
    }

    /// Whether it stands for people who could take over.
    pub(crate) fn person(&self) -> bool {
        self.flags & Known::PERSON != 0
    }

    /// Whether it is a way to reach people.
    pub(crate) fn reach(&self) -> bool {
        self.flags & Known::REACH != 0
    }

    /// Whether it is a name that people go by.
    pub(crate) fn given(&self) -> bool {
        self.flags & Known::GIVEN != 0
    }

    /// Whether it is one of the small words of its language.
    pub(crate) fn common(&self) -> bool {
        self.flags & Known::COMMON != 0
    }

    /// Whether it says yes or no.
    pub(crate) fn assent(&self) -> Assent {
        match (self.flags & Known::YES != 0, self.flags & Known::NO != 0) {
            (true, _) => Assent::Yes,
            (_, true) => Assent::No,
            _ => Assent::None,
        }
    }

    /// Whether its spelling is to be put right.
    pub(crate) fn spelled(&self) -> bool {
        self.flags & Known::SPELLED != 0
    }
}

const _: () = assert!(size_of::<Known>() == 64, "a word is one line of the cache");

impl Borrow<u64> for Known {
    fn borrow(&self) -> &u64 {
        &self.key
    }
}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Known) -> bool {
        self.key == other.key
    }
}

impl Eq for Known {}

/// The known words of every language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    words: HashSet<Known, BuildHasherDefault<Already>>,
    candidates: Vec<Candidate>,
    /// What the encoder makes of the frequent words, which are four fifths of all that is written: read, not multiplied
    /// again.
    products: Vec<Products>,
}

impl Vocabulary {
    /// Looks up, once, all that listening needs of the model's words.
    pub fn of(model: &Model, lexicons: &[Lexicon], any: &Lexicon, encoder: &Encoder) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        let mut lists = HashMap::new();
        for lexicon in lexicons {
            let weights = model.weights(model.voice(&lexicon.lang));
            for (rank, form) in model.words.get(&lexicon.lang).into_iter().flatten().enumerate() {
                let hash = hash::bytes(form.as_bytes());
                let (stem, head) = (lexicon.stem(form), pattern::head(form));
                let candidates = |lexicon: &Lexicon| lexicon.patterns.candidates(form, hash, stem, head);
                let (own, shared) = (candidates(lexicon), candidates(any));
                // A list that does not fit is looked for as if the word were unknown.
                let counts = (u16::try_from(own.len()), u16::try_from(shared.len()));
                let (Ok(own_count), Ok(any_count)) = counts else { continue };
                // Most words begin the same few lists; each is kept once, so that it is found near.
                let all = &mut vocabulary.candidates;
                let patterns: Vec<u32> =
                    own.iter().chain(&shared).map(|candidate| candidate.pattern).collect();
                let from = *lists.entry((lexicon.salt, own_count, patterns)).or_insert_with(|| {
                    let from = all.len() as u32;
                    all.extend(own.into_iter().chain(shared));
                    from
                });
                let (vector, common) = (encoder.vector(hash), lexicon.common.contains_key(&hash));
                let place = u16::try_from(vocabulary.products.len() + 1);
                let products = match (vector, place) {
                    (Some(vector), Ok(place)) if rank < FREQUENT => {
                        let mut products = Products::default();
                        encoder.products(vector, &mut products);
                        vocabulary.products.push(products);
                        place
                    }
                    _ => 0,
                };
                let flags = [
                    (lexicon.numbers.contains_key(&hash), Known::NUMBER),
                    (lexicon.people.contains_key(&hash), Known::PERSON),
                    (lexicon.offers.contains_key(&hash), Known::REACH),
                    (lexicon.given.contains_key(&hash), Known::GIVEN),
                    (common, Known::COMMON),
                    (lexicon.spelling.contains_key(&hash), Known::SPELLED),
                    (lexicon.assent(hash) == Assent::Yes, Known::YES),
                    (lexicon.assent(hash) == Assent::No, Known::NO),
                ];
                vocabulary.words.insert(Known {
                    key: hash ^ lexicon.salt,
                    stem,
                    head,
                    vector: vector.copied().unwrap_or_default(),
                    pieces: wording::pieces_of(form, weights),
                    weight: wording::stem_of(stem, weights),
                    from,
                    own: own_count,
                    any: any_count,
                    products,
                    flags: flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).sum(),
                });
            }
        }
        vocabulary
    }

    /// What is known of a word, by its hash and its language.
    pub fn get(&self, hash: u64, lexicon: &Lexicon) -> Option<&Known> {
        self.words.get(&(hash ^ lexicon.salt))
    }

    /// What the encoder makes of a word, where that is kept.
    pub fn products(&self, known: &Known) -> Option<&Products> {
        self.products.get(usize::from(known.products).wrapping_sub(1))
    }

    /// The patterns that a word may begin: those of its language, or those of every language.
    pub fn candidates(&self, known: &Known, any: bool) -> &[Candidate] {
        let (own, count) = (usize::from(known.own), usize::from(if any { known.any } else { known.own }));
        let from = known.from as usize + if any { own } else { 0 };
        &self.candidates[from..from + count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{embedded, reading};

    /// The embedded lexicons, the one of every language last, with all that is known of the embedded model's words.
    fn embedded() -> (Vec<Lexicon>, Encoder, Vocabulary) {
        let read = |(file, text): &(&str, &str)| Lexicon::parse(file, text).expect("an embedded lexicon");
        let mut lexicons: Vec<Lexicon> = embedded::LEXICONS.iter().map(read).collect();
        lexicons.sort_by_key(|lexicon| lexicon.lang == "any");
        let (any, own) = lexicons.split_last().expect("any");
        let model = Model::read(embedded::MODEL).expect("the embedded model");
        let encoder = Encoder::read(embedded::ENCODER).expect("the embedded encoder");
        let vocabulary = Vocabulary::of(&model, own, any, &encoder);
        (lexicons, encoder, vocabulary)
    }

    #[test]
    fn what_the_encoder_makes_of_frequent_words_is_the_same_whether_read_or_multiplied() {
        let (lexicons, encoder, vocabulary) = embedded();
        let french = lexicons.iter().find(|lexicon| lexicon.lang == "fr").expect("French");
        let read =
            crate::text::read("Je ne sais pas si c'est la bonne adresse pour une zorglub de ce type, non ?");
        let numbers = |known: Option<&Vocabulary>| {
            let items = reading::items(&read, french, known);
            let kept = items.iter().filter_map(|item| vocabulary.products(item.known?)).count();
            let mut numbers = Vec::new();
            encoder.walk(&items, &vocabulary, |_, sums| numbers.push(*sums));
            (kept, numbers)
        };
        let ((kept, read), (multiplied, same)) = (numbers(Some(&vocabulary)), numbers(None));
        assert!(vocabulary.products.len() <= FREQUENT * (lexicons.len() - 1));
        assert!(kept >= 8 && multiplied == 0, "{kept} of the words are frequent");
        assert_eq!(read, same);
    }

    #[test]
    fn what_is_known_of_a_word_is_what_its_lexicon_says() {
        let (lexicons, _, vocabulary) = embedded();
        let model = Model::read(embedded::MODEL).expect("the embedded model");
        let (any, lexicons) = lexicons.split_last().expect("any");
        let mut seen = 0;
        for lexicon in lexicons {
            for form in model.words.get(&lexicon.lang).into_iter().flatten() {
                let hash = hash::bytes(form.as_bytes());
                let known = vocabulary.get(hash, lexicon).expect("a word of the model");
                assert_eq!((known.stem, known.head), (lexicon.stem(form), pattern::head(form)), "{form}");
                assert_eq!(known.common(), lexicon.common.contains_key(&hash), "{form}");
                assert_eq!(known.person(), lexicon.people.contains_key(&hash), "{form}");
                assert_eq!(known.reach(), lexicon.offers.contains_key(&hash), "{form}");
                assert_eq!(known.number(), lexicon.numbers.contains_key(&hash), "{form}");
                assert_eq!(known.assent(), lexicon.assent(hash), "{form}");
                for (of_any, lexicon) in [(false, lexicon), (true, any)] {
                    let listed = vocabulary.candidates(known, of_any);
                    let wanted = lexicon.patterns.candidates(form, hash, known.stem, known.head);
                    let places = |list: &[Candidate]| list.iter().map(|c| c.pattern).collect::<Vec<_>>();
                    assert_eq!(places(listed), places(&wanted), "{form}");
                }
                seen += 1;
            }
        }
        assert!(seen > 10_000, "{seen} words");
    }
}
