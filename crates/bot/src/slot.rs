//! Slots: what the bot gathers, and how a value is recognised in what a customer writes.

use crate::date::{self, Tense};
use crate::limits;
use crate::template::{self, Template};
use crate::words::{Words, fold, longest};
use conversation::{Lang, Millis};
use jiff::civil::Date;
use regex::Regex;
use settings::Written;
use std::ops::Range;
use std::sync::LazyLock;

/// One slot of a script. Per-language values stand in the order of the script's languages.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) line: u32,
    pub(crate) check: Check,
    /// Its name in the note to the advisor.
    pub(crate) label: Vec<String>,
    /// How the bot asks for it; a further variant is used when it has to ask again.
    pub(crate) ask: Vec<Vec<Template>>,
    /// What the bot says where the answer does not pass the check.
    pub(crate) wrong: Vec<Vec<Template>>,
    /// Stems of the words before it that make a value recognisable in any message.
    pub(crate) cues: Vec<Vec<String>>,
    /// Where to go when the customer does not have it.
    pub(crate) without: Option<Written<String>>,
    /// Where to go when the customer says nothing but the value, out of the blue.
    pub(crate) leads_to: Option<Written<String>>,
}

/// What a value must be.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    /// A number or reference, by its pattern.
    Reference(Regex),
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A postcode: French, British, American or Canadian.
    Postcode,
    /// A date.
    Date(Tense),
    /// Any words.
    Text,
    /// One of these.
    Choice(Vec<Value>),
}

/// A value of a choice.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// What conditions and requests call it.
    pub(crate) id: String,
    /// What people are shown, by language.
    pub(crate) label: Vec<String>,
    /// The stems of the words that mean it, by language; each entry is one phrase.
    pub(crate) phrases: Vec<Vec<Vec<String>>>,
}

/// In what situation a value is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heed {
    /// The customer was asked for it.
    Asked,
    /// What the customer wants needs it.
    Needed,
    /// In any message: only where it cannot be mistaken for something else.
    Unasked,
}

/// The order number of most shops: up to four letters, four to twelve digits.
pub(crate) const REFERENCE: &str = r"(?i)\b[A-Z]{0,4}[-_]?\d{4,12}\b";

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}\b")
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:\+|\b)\d[\d\s().-]{6,20}\d\b"));
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)\b")
});
/// Numbers that name an amount or a quantity, not a thing.
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s?(?:€|\$|£|%|euros?\b|eur\b|dollars?\b|pounds?\b|balles\b|cm\b|kg\b|go\b|gb\b|mo\b|mb\b|km\b|fois\b|times\b)",
    )
});

#[expect(clippy::expect_used, reason = "a pattern written here is compiled by a test of this file")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file")
}

/// Digits in groups of three.
static GROUPED: LazyLock<Regex> = LazyLock::new(|| regex(r"\b\d{1,3}(?:[ \u{a0}\u{202f}]\d{3})+\b"));

/// Where and when a value is looked for.
pub(crate) struct Place<'a> {
    /// Position of the language in the script.
    pub(crate) language: usize,
    /// Its words.
    pub(crate) words: &'a Words,
    /// Now.
    pub(crate) now: Millis,
}

impl Slot {
    /// The first value in a text, and where it stands.
    pub(crate) fn find(&self, text: &str, heed: Heed, place: &Place<'_>) -> Option<(String, Range<usize>)> {
        let found = match &self.check {
            Check::Reference(pattern) => self.reference(pattern, text, heed, place),
            Check::Email => EMAIL.find(text).map(|at| (at.as_str().to_lowercase(), at.range())),
            Check::Phone => phone(text, heed),
            Check::Postcode => POSTCODE
                .find_iter(text)
                .find(|at| heed != Heed::Unasked || self.cued(&text[..at.start()], place))
                .map(|at| (at.as_str().to_uppercase(), at.range())),
            Check::Date(tense) => date::find(text, *tense, place.now)
                .filter(|(_, range)| heed != Heed::Unasked || self.cued(&text[..range.start], place))
                .map(|(date, range)| (date.to_string(), range)),
            Check::Text if heed == Heed::Asked => {
                let said = clean(text);
                (!said.is_empty()).then_some((said, 0..text.len()))
            }
            Check::Text => None,
            Check::Choice(values) => choice(values, text, heed, place),
        };
        found.filter(|(value, _)| value.chars().count() <= limits::SLOT_CHARS)
    }

    fn reference(
        &self,
        pattern: &Regex,
        text: &str,
        heed: Heed,
        place: &Place<'_>,
    ) -> Option<(String, Range<usize>)> {
        let dates = date::find(text, Tense::Any, place.now).map(|(_, range)| range);
        let found = pattern.find_iter(text).find(|at| {
            let (before, after) = (&text[..at.start()], &text[at.end()..]);
            let value = at.as_str();
            let digits = value.chars().filter(char::is_ascii_digit).count();
            let in_date =
                dates.as_ref().is_some_and(|date| date.contains(&at.start()) && date.len() > value.len());
            let in_longer = before.ends_with(['+', '/', '@', '.', ','])
                && before.chars().rev().nth(1).is_none_or(|c| !c.is_whitespace() && heed != Heed::Asked);
            // What is left of a payment card whose digits were hidden is nobody's order.
            let hidden = before.trim_end_matches([' ', '-', '\u{a0}', '\u{202f}']).ends_with('•');
            let amount = AMOUNT.is_match(after);
            let telephone = digits == 10 && value.starts_with('0');
            let year = value.len() == 4 && (value.starts_with("19") || value.starts_with("20"));
            if in_date || in_longer || hidden || amount || (telephone && heed != Heed::Asked) {
                return false;
            }
            match heed {
                Heed::Asked => true,
                Heed::Needed => !year || self.cued(before, place),
                Heed::Unasked => self.cued(before, place),
            }
        });
        if found.is_none()
            && heed == Heed::Asked
            && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace())
        {
            // "45 21": people group digits.
            return joined(pattern, text).map(|number| (number, 0..text.len()));
        }
        match found {
            Some(at) => Some((at.as_str().to_uppercase(), at.range())),
            None => self.grouped(pattern, text, heed, place),
        }
    }

    /// "4 521": a number that is written as amounts are, where a cue says that it is none.
    fn grouped(
        &self,
        pattern: &Regex,
        text: &str,
        heed: Heed,
        place: &Place<'_>,
    ) -> Option<(String, Range<usize>)> {
        let at = GROUPED.find_iter(text).find(|at| {
            let telephone = at.as_str().starts_with(['0', '+']);
            !telephone
                && !AMOUNT.is_match(&text[at.end()..])
                && (heed == Heed::Asked || self.cued(&text[..at.start()], place))
        })?;
        joined(pattern, at.as_str()).map(|number| (number, at.range()))
    }

    /// Whether one of the cue words is among the last few words before a value.
    fn cued(&self, before: &str, place: &Place<'_>) -> bool {
        let Some(cues) = self.cues.get(place.language) else { return false };
        let sentence = before.rsplit(['!', '?', '\n', ';']).next().unwrap_or_default();
        let tail = tail(sentence, 48);
        place.words.cut(tail).iter().rev().take(4).any(|word| cues.contains(&word.stem))
    }

    /// A value that a machine gave: it must pass the check as it stands.
    pub(crate) fn accept(&self, text: &str) -> Option<String> {
        match &self.check {
            Check::Choice(values) => {
                values.iter().find(|value| value.id == text).map(|value| value.id.clone())
            }
            Check::Date(_) => {
                text.get(..10).and_then(|day| day.parse::<Date>().ok()).map(|date| date.to_string())
            }
            Check::Text => Some(clean(text)).filter(|text| !text.is_empty()),
            Check::Reference(pattern) => whole(pattern, text),
            Check::Email => whole(&EMAIL, text),
            Check::Phone => whole(&PHONE, text),
            Check::Postcode => whole(&POSTCODE, text),
        }
    }

    /// How a value is shown to people.
    pub(crate) fn shown(&self, value: &str, language: usize, lang: &Lang, now: Millis) -> String {
        match &self.check {
            Check::Date(_) => date::in_words(value, lang, now),
            Check::Choice(values) => values
                .iter()
                .find(|known| known.id == value)
                .and_then(|known| known.label.get(language))
                .map_or_else(|| value.to_owned(), Clone::clone),
            Check::Reference(_) | Check::Email | Check::Phone | Check::Postcode | Check::Text => {
                value.to_owned()
            }
        }
    }

    /// The answers that it proposes: the labels of a choice.
    pub(crate) fn proposals(&self, language: usize) -> Vec<String> {
        match &self.check {
            Check::Choice(values) => values
                .iter()
                .take(limits::CHOICES)
                .filter_map(|value| value.label.get(language).cloned())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether every value is made of a few harmless characters, so that it may stand in a path.
    pub(crate) fn may_stand_in_path(&self) -> bool {
        !matches!(self.check, Check::Text)
    }
}

/// A number that is written in groups, as one, where the whole of it passes the pattern.
fn joined(pattern: &Regex, text: &str) -> Option<String> {
    let joined: String = text.split_whitespace().collect();
    (pattern.find(&joined)?.range() == (0..joined.len())).then_some(joined)
}

fn whole(pattern: &Regex, text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() <= limits::SLOT_CHARS && pattern.find(text).is_some_and(|at| at.range() == (0..text.len())))
        .then(|| text.to_owned())
}

/// On one line, without control characters, not too long.
fn clean(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    template::cut(&plain.split_whitespace().collect::<Vec<_>>().join(" "), limits::SLOT_CHARS)
}

/// The last characters of a text.
fn tail(text: &str, chars: usize) -> &str {
    match text.char_indices().rev().nth(chars) {
        Some((at, _)) => &text[at..],
        None => text,
    }
}

fn phone(text: &str, heed: Heed) -> Option<(String, Range<usize>)> {
    PHONE.find_iter(text).find_map(|at| {
        let digits: String = at.as_str().chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        let count = digits.trim_start_matches('+').len();
        let known =
            digits.starts_with('+') || digits.starts_with("00") || (digits.starts_with('0') && count >= 9);
        ((8..=15).contains(&count) && (known || heed == Heed::Asked)).then_some((digits, at.range()))
    })
}

fn choice(values: &[Value], text: &str, heed: Heed, place: &Place<'_>) -> Option<(String, Range<usize>)> {
    // Out of the blue a word such as 'large' or 'mobile' means too many things.
    if heed == Heed::Unasked {
        return None;
    }
    let stems = place.words.stems_of(text);
    let mut best: Option<(usize, &Value)> = None;
    let mut tied = false;
    for value in values {
        let phrases = value.phrases.get(place.language).map(Vec::as_slice).unwrap_or_default();
        let Some(length) = longest(phrases, &stems) else { continue };
        match best {
            Some((most, _)) if most > length => {}
            Some((most, _)) if most == length => tied = true,
            _ => {
                best = Some((length, value));
                tied = false;
            }
        }
    }
    if best.is_none() && heed == Heed::Asked {
        let number: usize = fold(text).trim().parse().ok()?;
        return values.get(number.checked_sub(1)?).map(|value| (value.id.clone(), 0..text.len()));
    }
    best.filter(|_| !tied).map(|(_, value)| (value.id.clone(), 0..text.len()))
}
