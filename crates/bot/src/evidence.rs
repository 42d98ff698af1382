//! Evidence: words of which some must stand in a text for an intent to be heard in it at all, whatever its other
//! words are like. « Ma femme adore ce pull » shares a word with « ma femme est décédée », and no evidence.
//!
//! A phrase is words that stand side by side, each in any of its forms, or in this one alone where `=` stands before
//! it ("=died" is not "to die for"); `(père|mère)` is one of several, each of one word or more, and `…` leaves room
//! for up to [`limits::EVIDENCE_GAP`] other words: `(père|mère) … (mort|décédé)`.

use crate::hearing::SURE;
use crate::limits;
use crate::script::Script;
use crate::words::{Word, fold};
use settings::Problems;
use std::collections::HashMap;
use std::ops::Range;

/// One phrase of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase(Vec<Place>);

/// A place of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// One of these.
    Ways(Vec<Vec<Term>>),
    /// A few words, or none.
    Gap,
}

/// One word of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// Any of its forms: the stem.
    Stem(String),
    /// This form, folded.
    Form(String),
}

impl Term {
    fn is(&self, word: &Word) -> bool {
        match self {
            Term::Stem(stem) => *stem == word.stem,
            Term::Form(form) => *form == word.plain,
        }
    }
}

impl Phrase {
    /// Reads a phrase; `stems` cuts a text into what is compared.
    ///
    /// # Errors
    /// What is wrong with it, for the author.
    pub(crate) fn read(written: &str, stems: impl Fn(&str) -> Vec<String>) -> Result<Self, &'static str> {
        let terms = |text: &str| -> Vec<Term> {
            let piece = |piece: &str| match piece.strip_prefix('=') {
                Some(form) => vec![Term::Form(fold(form).trim().to_owned())],
                None => stems(piece).into_iter().map(Term::Stem).collect(),
            };
            text.split_whitespace().flat_map(piece).collect()
        };
        let mut places = Vec::new();
        let text = written.replace("...", "…");
        let mut rest = text.trim();
        while let Some(first) = rest.chars().next() {
            let (place, length) = match first {
                '…' => (Place::Gap, first.len_utf8()),
                '(' => {
                    let end = rest.find(')').ok_or("a `(` is never closed")?;
                    let ways: Vec<_> = rest[1..end].split('|').map(terms).collect();
                    if ways.iter().any(Vec::is_empty) {
                        return Err("an alternative has no word");
                    }
                    (Place::Ways(ways), end + 1)
                }
                ')' | '|' => return Err("`)` and `|` need a `(` before them"),
                _ => {
                    let end = rest.find(['…', '(', ')', '|']).unwrap_or(rest.len());
                    (Place::Ways(vec![terms(&rest[..end])]), end)
                }
            };
            places.push(place);
            rest = rest[length..].trim_start();
        }
        match (places.first(), places.last()) {
            (None, _) => Err("it has no word"),
            (Some(Place::Gap), _) | (_, Some(Place::Gap)) => Err("`…` stands between words"),
            _ => Ok(Self(places)),
        }
    }

    /// The words that it may begin with.
    fn first(&self) -> impl Iterator<Item = &Term> {
        let ways = match self.0.first() {
            Some(Place::Ways(ways)) => ways.as_slice(),
            Some(Place::Gap) | None => &[],
        };
        ways.iter().filter_map(|way| way.first())
    }
}

/// Phrases, found by the words that they may begin with.
#[derive(Clone, Debug, Default)]
struct Phrases {
    all: Vec<Phrase>,
    by_stem: HashMap<String, Vec<usize>>,
    by_form: HashMap<String, Vec<usize>>,
}

impl Phrases {
    /// Takes those that can be read.
    fn read(texts: &[&str], stems: impl Fn(&str) -> Vec<String> + Copy) -> Self {
        let mut phrases = Self::default();
        for phrase in texts.iter().filter_map(|text| Phrase::read(text, stems).ok()) {
            let at = phrases.all.len();
            for first in phrase.first() {
                match first {
                    Term::Stem(stem) => phrases.by_stem.entry(stem.clone()).or_default().push(at),
                    Term::Form(form) => phrases.by_form.entry(form.clone()).or_default().push(at),
                }
            }
            phrases.all.push(phrase);
        }
        phrases
    }

    /// Where each stands in a text.
    fn stand<'p>(&'p self, words: &'p [Word]) -> impl Iterator<Item = Range<usize>> + 'p {
        let at = |map: &'p HashMap<String, Vec<usize>>, key: &str| map.get(key).into_iter().flatten();
        words.iter().enumerate().flat_map(move |(from, word)| {
            let all = at(&self.by_stem, &word.stem).chain(at(&self.by_form, &word.plain));
            all.filter_map(move |at| Some(from..from + begins(&self.all[*at].0, &words[from..])?))
        })
    }
}

/// With how many words a text begins that fill these places.
fn begins(places: &[Place], words: &[Word]) -> Option<usize> {
    match places {
        [] => Some(0),
        [Place::Gap, rest @ ..] => (0..=limits::EVIDENCE_GAP.min(words.len()))
            .find_map(|skipped| Some(skipped + begins(rest, &words[skipped..])?)),
        [Place::Ways(ways), rest @ ..] => ways.iter().find_map(|way| {
            let fits = words.len() >= way.len() && way.iter().zip(words).all(|(term, word)| term.is(word));
            if fits { Some(way.len() + begins(rest, &words[way.len()..])?) } else { None }
        }),
    }
}

/// What one intent needs.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    needs: Phrases,
    /// What is no evidence, though evidence stands in it.
    unless: Phrases,
}

/// Whether a text has what an intent needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evident {
    /// It needs nothing.
    Unasked,
    /// It has.
    Given,
    /// It has not.
    Lacking,
}

impl Evidence {
    /// Takes the phrases that can be read.
    pub(crate) fn read(needs: &[&str], unless: &[&str], stems: impl Fn(&str) -> Vec<String> + Copy) -> Self {
        Self { needs: Phrases::read(needs, stems), unless: Phrases::read(unless, stems) }
    }

    /// Whether it stands in one of two readings of a text.
    pub(crate) fn in_either(&self, one: &[Word], other: &[Word]) -> Evident {
        if self.needs.all.is_empty() {
            return Evident::Unasked;
        }
        let any = |words: &[Word]| self.needs.stand(words).next().is_some();
        let stands = |words: &[Word]| any(words) && any(&self.without_unless(words));
        if stands(one) || stands(other) { Evident::Given } else { Evident::Lacking }
    }

    /// The words of a text; those of an `unless` that stands in it are blank.
    fn without_unless(&self, words: &[Word]) -> Vec<Word> {
        let mut left = words.to_vec();
        for at in self.unless.stand(words) {
            left[at].fill(Word { plain: String::new(), stem: String::new() });
        }
        left
    }
}

/// Errors: an example without evidence could never be heard.
pub(crate) fn in_examples(script: &Script, file: &str, problems: &Problems) {
    for (language, matcher) in script.matchers.iter().enumerate() {
        let lang = &script.languages[language];
        for (at, intent) in script.intents.iter().enumerate() {
            for example in intent.examples[language].iter().filter(|text| !matcher.may_be(at, &text.value)) {
                let message = format!(
                    "\"{}\", an example of intent \"{}\", has none of its `needs` ({lang})",
                    example.value, intent.name
                );
                let advice = format!("add its own words to needs.{lang}, or take the example out");
                problems.error(file, example.line, message, advice);
            }
        }
    }
}

/// Whether a text of `unless` is a sentence, which can be learned, and no phrase with brackets or a gap.
pub(crate) fn is_sentence(text: &str) -> bool {
    !text.contains(['(', '…']) && !text.contains("...")
}

/// Warnings: a sentence that is said not to be an intent, and whose words still are.
pub(crate) fn against(script: &Script, file: &str, problems: &Problems) {
    for (language, matcher) in script.matchers.iter().enumerate() {
        let lang = &script.languages[language];
        for (at, intent) in script.intents.iter().enumerate() {
            for text in intent.unless[language].iter().filter(|text| is_sentence(&text.value)) {
                let heard = matcher.hear_words(&text.value);
                if heard.iter().any(|heard| heard.intent == at && heard.score >= SURE) {
                    let message = format!(
                        "\"{}\" is written under `unless` of intent \"{}\" and is understood as it ({lang})",
                        text.value, intent.name
                    );
                    problems.warning(
                        file,
                        text.line,
                        message,
                        "write more sentences like it, or narrow `needs`",
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;
    use conversation::Lang;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn stands(phrase: &str, text: &str) -> bool {
        let cut = Words::new(&Lang::new("en").unwrap()).cut(text);
        let stems = |text: &str| Words::new(&Lang::new("en").unwrap()).stems_of(text);
        Phrases::read(&[phrase], stems).stand(&cut).next().is_some()
    }

    #[test]
    fn words_stand_side_by_side_or_with_a_few_between() {
        assert!(stands("passed away", "she passed away today"));
        assert!(!stands("passed away", "she passed right away"));
        assert!(stands("passed … away", "she passed right away"));
        assert!(stands(
            "(my|our) (father|mother) … (died|passed away)",
            "our mother who ordered it passed away"
        ));
        assert!(!stands("(my|our) (father|mother) … (died|passed away)", "my phone died"));
        assert!(stands("mother … die", "my mothers died") && stands("mother … =died", "my mothers died"));
        assert!(!stands("mother … =died", "my mother would die for it"));
        assert!(!stands("a … b", "a 1 2 3 4 5 b"), "a gap has a limit");
        assert!(stands("a...b", "a b"));
    }

    #[test]
    fn the_words_of_an_unless_are_no_evidence() {
        let words = Words::new(&Lang::new("en").unwrap());
        let stems = |text: &str| words.stems_of(text);
        let evidence = Evidence::read(&["mother … =died"], &["died laughing"], stems);
        let of_either = |evidence: &Evidence, text: &str| evidence.in_either(&words.cut(text), &[]);
        assert_eq!(of_either(&evidence, "my mother died"), Evident::Given);
        assert_eq!(of_either(&evidence, "my mother nearly died laughing"), Evident::Lacking);
        assert_eq!(of_either(&evidence, "we died laughing, then my mother died"), Evident::Given);
        let evidence = Evidence::read(&["adviser"], &["(not|no) … need … adviser"], stems);
        assert_eq!(of_either(&evidence, "there is no need to talk to an adviser"), Evident::Lacking);
        assert_eq!(of_either(&evidence, "no, I need help from people, from an adviser"), Evident::Given);
        assert_eq!(Evidence::read(&[], &["a"], stems).in_either(&[], &[]), Evident::Unasked);
    }

    #[test]
    fn a_phrase_that_cannot_be_read_says_why() {
        for (phrase, why) in [
            ("", "it has no word"),
            ("(a|b", "a `(` is never closed"),
            ("()", "an alternative has no word"),
            ("(a|)", "an alternative has no word"),
            ("a|b", "`)` and `|` need a `(` before them"),
            ("… a", "`…` stands between words"),
        ] {
            assert_eq!(Phrase::read(phrase, words), Err(why), "{phrase}");
        }
    }
}
