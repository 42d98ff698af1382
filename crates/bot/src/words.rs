//! A text as words: folded (no case, no accents, no lengthening), cut at apostrophes, stemmed (Snowball).
//!
//! Accents are folded before stemming, so that « livree », « livrée » and « LIVRÉE » are one word whatever
//! the keyboard had.

use conversation::Lang;
use rust_stemmers::{Algorithm, Stemmer};
use std::fmt;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Folded, whole.
    pub(crate) plain: String,
    /// Folded and stemmed; `#` for a number.
    pub(crate) stem: String,
}

/// How one language's words are cut.
pub(crate) struct Words {
    lang: Lang,
    stemmer: Option<Stemmer>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.lang)
    }
}

impl Words {
    /// The words of a language; one without a Snowball stemmer is matched by whole words.
    pub(crate) fn new(lang: &Lang) -> Self {
        Self { lang: lang.clone(), stemmer: algorithm(lang).map(Stemmer::create) }
    }

    /// Whether the language has a stemmer.
    pub(crate) fn stems(&self) -> bool {
        self.stemmer.is_some()
    }

    /// Cuts a text.
    pub(crate) fn cut(&self, text: &str) -> Vec<Word> {
        let folded = fold(text);
        let mut words = Vec::new();
        for run in folded.split(|c: char| !(c.is_alphanumeric() || is_mark(c))) {
            if run.is_empty() {
                continue;
            }
            if self.lang.as_str() == "en" {
                // "don't", "dont", "can't", "cant": the apostrophe was folded away.
                if let Some((verb, not)) = english_negation(run) {
                    words.push(self.word(verb));
                    words.push(self.word(not));
                    continue;
                }
            }
            match shorthand(&self.lang, run) {
                Some(long) => words.extend(long.split(' ').map(|part| self.word(part))),
                None => words.push(self.word(run)),
            }
        }
        words
    }

    /// The stems of a text's words, in order.
    pub(crate) fn stems_of(&self, text: &str) -> Vec<String> {
        self.cut(text).into_iter().map(|word| word.stem).collect()
    }

    /// The stem of one folded word.
    pub(crate) fn stem(&self, plain: &str) -> String {
        if plain.chars().all(|c| c.is_ascii_digit()) {
            return "#".to_owned();
        }
        let Some(stemmer) = &self.stemmer else { return plain.to_owned() };
        let mut stem = stemmer.stem(plain).into_owned();
        if self.lang.as_str() == "fr" {
            // Snowball's French leaves a silent e where the accent that it looks for was folded away.
            while stem.chars().count() > 3 && stem.ends_with(['e', 'i']) {
                stem.pop();
            }
        }
        stem
    }

    fn word(&self, plain: &str) -> Word {
        Word { stem: self.stem(plain), plain: plain.to_owned() }
    }
}

fn algorithm(lang: &Lang) -> Option<Algorithm> {
    Some(match lang.as_str() {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" | "nb" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

/// Combining marks of scripts that need them inside words.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{0903}' | '\u{093a}'..='\u{094f}' | '\u{0b80}'..='\u{0bff}')
}

/// The length in words of the longest of the phrases, each given as stems, that stands in the stems of a text.
pub(crate) fn longest(phrases: &[Vec<String>], stems: &[String]) -> Option<usize> {
    let stands = |phrase: &&Vec<String>| {
        !phrase.is_empty() && stems.windows(phrase.len()).any(|part| part == phrase.as_slice())
    };
    phrases.iter().filter(stands).map(Vec::len).max()
}

/// Lower case, Latin letters without accents, no letter more than twice in a row, apostrophes and every other
/// sign as a space (an English apostrophe before `t` is dropped, so that "don't" is "dont").
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = ('\0', 0_u8);
    let mut push = |out: &mut String, c: char| {
        last = if last.0 == c { (c, last.1.saturating_add(1)) } else { (c, 1) };
        // Digits may repeat: 4000, 10000.
        if last.1 <= 2 || c.is_numeric() {
            out.push(c);
        }
    };
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(raw) = chars.next() {
        if matches!(raw, '\'' | '’' | '‘' | '´' | '`')
            && before == 'n'
            && matches!(chars.peek(), Some('t' | 'T'))
        {
            continue;
        }
        for c in raw.to_lowercase() {
            before = c;
            match plain_letters(c) {
                Some(letters) => letters.chars().for_each(|letter| push(&mut out, letter)),
                None if c.is_alphanumeric() || is_mark(c) => push(&mut out, c),
                // A combining accent belongs to the letter before it, which is folded already.
                None if matches!(c, '\u{0300}'..='\u{036f}' | '\u{200b}'..='\u{200f}' | '\u{ad}') => {}
                None => push(&mut out, ' '),
            }
        }
    }
    out
}

fn plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' | 'ĉ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' | 'ģ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' | 'ľ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ŕ' | 'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        _ => return None,
    })
}

fn english_negation(run: &str) -> Option<(&'static str, &'static str)> {
    Some(match run {
        "dont" | "don" => ("do", "not"),
        "doesnt" => ("does", "not"),
        "didnt" => ("did", "not"),
        "isnt" => ("is", "not"),
        "arent" => ("are", "not"),
        "wasnt" => ("was", "not"),
        "cant" | "cannot" => ("can", "not"),
        "couldnt" => ("could", "not"),
        "wont" => ("will", "not"),
        "wouldnt" => ("would", "not"),
        "shouldnt" => ("should", "not"),
        "havent" => ("have", "not"),
        "hasnt" => ("has", "not"),
        "hadnt" => ("had", "not"),
        _ => return None,
    })
}

/// What people type instead of a word.
fn shorthand(lang: &Lang, run: &str) -> Option<&'static str> {
    match lang.as_str() {
        "fr" => Some(match run {
            "cmd" | "cde" | "cmde" => "commande",
            "bjr" | "bonj" => "bonjour",
            "bsr" => "bonsoir",
            "slt" => "salut",
            "svp" | "stp" => "s il vous plait",
            "mdp" => "mot de passe",
            "rdv" => "rendez vous",
            "tel" => "telephone",
            "num" => "numero",
            "pb" | "prob" | "pbm" => "probleme",
            "pbs" => "problemes",
            "cb" => "carte bancaire",
            "pk" | "pq" | "prq" => "pourquoi",
            "qd" => "quand",
            "ya" => "il y a",
            "chui" | "jsuis" => "je suis",
            "jai" => "j ai",
            "jveux" | "jveu" | "veu" => "je veux",
            "cest" => "c est",
            "ds" => "dans",
            "tjs" | "tjrs" => "toujours",
            "bcp" => "beaucoup",
            "mrc" | "mci" => "merci",
            "rembourst" => "remboursement",
            "abo" => "abonnement",
            _ => return None,
        }),
        "en" => Some(match run {
            "pls" | "plz" => "please",
            "thx" | "thks" | "tnx" | "ty" => "thanks",
            "u" => "you",
            "ur" => "your",
            "r" => "are",
            "wanna" => "want to",
            "gonna" => "going to",
            "wheres" => "where is",
            "whats" => "what is",
            "hows" => "how is",
            "im" => "i am",
            "ive" => "i have",
            "id" => "i would",
            "whens" => "when is",
            "acct" => "account",
            "pw" | "pwd" => "password",
            "msg" => "message",
            "appt" => "appointment",
            "pkg" => "package",
            "cc" => "credit card",
            _ => return None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(lang: &str, text: &str) -> String {
        Words::new(&Lang::new(lang).unwrap()).stems_of(text).join(" ")
    }

    #[test]
    fn accents_case_lengthening_and_apostrophes_do_not_matter() {
        assert_eq!(
            stems("fr", "Ma commande a été LIVRÉE"),
            stems("fr", "ma comande a ete livree".replace("comande", "commande").as_str())
        );
        assert_eq!(stems("fr", "livré"), stems("fr", "livrées"));
        assert_eq!(stems("fr", "l’œuvre"), "l oeuvr");
        assert_eq!(stems("fr", "nooooon"), "noon");
        assert_eq!(stems("fr", "ma cmd 4521"), "ma command #");
        assert_eq!(stems("en", "I don't know"), stems("en", "I dont know"));
        assert_eq!(stems("en", "don’t"), "do not");
        assert_eq!(stems("fr", "e\u{301}te\u{301}"), "ete");
        assert_eq!(stems("ja", "返品 したい"), "返品 したい");
        assert_eq!(stems("fr", "…!?"), "");
    }
}
