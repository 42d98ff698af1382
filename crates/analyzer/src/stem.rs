//! Snowball stems of folded words.

use rust_stemmers::Algorithm;
use std::borrow::Cow;

/// The stemmer of one language; for a language without one, the word itself.
pub struct Stemmer {
    inner: Option<rust_stemmers::Stemmer>,
}

impl std::fmt::Debug for Stemmer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stemmer").field("known", &self.inner.is_some()).finish()
    }
}

impl Stemmer {
    /// Languages with a Snowball stemmer.
    pub const LANGUAGES: [&str; 18] = [
        "ar", "da", "nl", "en", "fi", "fr", "de", "el", "hu", "it", "no", "pt", "ro", "ru", "es", "sv", "ta",
        "tr",
    ];

    /// The stemmer of that language.
    pub fn of(lang: &str) -> Stemmer {
        let algorithm = match lang {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return Stemmer { inner: None },
        };
        Stemmer { inner: Some(rust_stemmers::Stemmer::create(algorithm)) }
    }

    /// Whether it knows its language.
    pub fn knows_language(&self) -> bool {
        self.inner.is_some()
    }

    /// The stem of a folded word.
    pub fn stem<'a>(&self, form: &'a str) -> Cow<'a, str> {
        match &self.inner {
            Some(stemmer) if form.len() > 3 => stemmer.stem(form),
            _ => Cow::Borrowed(form),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_language_has_its_stemmer() {
        for lang in Stemmer::LANGUAGES {
            assert!(Stemmer::of(lang).knows_language(), "{lang}");
        }
        assert_eq!(Stemmer::of("fr").stem("attendre"), Stemmer::of("fr").stem("attendra"));
        assert_eq!(Stemmer::of("xx").stem("attendre"), "attendre");
    }
}
