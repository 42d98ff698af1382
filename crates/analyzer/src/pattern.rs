//! The patterns of a lexicon: how they are written, and how they are found in a message.
//!
//! A pattern is words with spaces between them, compared without case and accents:
//!
//! | written | means |
//! |---|---|
//! | `inadmissible` | this word |
//! | `a\|b` | one of these |
//! | `rembours*` | every word that begins so (at least three letters) |
//! | `attendre~` | every word with the same stem |
//! | `#` | a number, in digits or as a word of the lexicon's `numbers` |
//! | `_` | any one word |
//! | `(tout\|bien)` | may stand here, or not |
//! | `@person` | one word of the lexicon's set of that name |
//! | `..` | up to three words in between |
//! | `^` first, `$` last | at the beginning, at the end of a sentence; `$` may be an alternative, too |
//! | `!`, `?`, `...` | this mark (`!` also stands for `!!` and `!!!`) |
//!
//! A comma is overlooked; the end of a sentence is not.

use crate::hash;
use crate::text::{self, TokenKind};
use crate::vocabulary::Known;
use crate::words::{Words, bit};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Elements of one pattern.
pub const MAX_ELEMENTS: usize = 12;
/// Words that `..` may stand for.
const GAP: usize = 3;
/// Steps that matching one pattern at one place may take.
const STEPS: u32 = 200;

/// A hasher for keys that are hashes already.
#[derive(Default)]
pub struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash::bytes(bytes);
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map whose keys are hashes already.
pub type Table<V> = HashMap<u64, V, BuildHasherDefault<Already>>;

/// Whether a word says yes or no by itself. The numbers are part of every model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assent {
    /// Neither.
    #[default]
    None = 0,
    /// `sure`.
    Yes = 1,
    /// `nope`.
    No = 2,
}

/// What a word may have to do with people who could take over. The numbers are part of every model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Near {
    /// Nothing by itself.
    #[default]
    Nothing = 0,
    /// It stands for such people: the set `people`.
    People = 1,
    /// It is a way to reach them: the set `offers`.
    Reach = 2,
    /// It is a name that people go by (the set `given`), or is written like one within a sentence.
    Name = 3,
}

/// A word or mark of a message as patterns see it, spelling put right.
#[derive(Clone, Copy, Debug)]
pub struct Item<'t> {
    /// The folded form.
    pub form: &'t str,
    /// Its hash.
    pub hash: u64,
    /// Hash of its stem.
    pub stem: u64,
    /// Which token of the message.
    pub token: u32,
    /// What it is.
    pub kind: TokenKind,
    /// Hash of its first three letters.
    pub head: u64,
    /// Whether it ends a sentence.
    pub stops: bool,
    /// Whether it is a mark that patterns overlook.
    pub comma: bool,
    /// Whether it counts as a number.
    pub number: bool,
    /// What it may have to do with people who could take over.
    pub near: Near,
    /// Whether it says yes or no.
    pub assent: Assent,
    /// What the model knows of it.
    pub known: Option<&'t Known>,
}

#[derive(Clone, Debug)]
enum Test {
    /// This word.
    Exact(u64),
    Other(Loose),
}

/// What will do beside words given as they are.
#[derive(Clone, Debug)]
pub(crate) enum Loose {
    Stem(u64),
    Prefix(u64, String),
    Number,
    Any,
}

#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// The words that will do.
    pub(crate) exact: Words,
    /// What else will do.
    pub(crate) other: Box<[Loose]>,
    optional: bool,
    pub(crate) gap: bool,
    /// Whether the end of a sentence will do.
    pub(crate) end: bool,
}

impl Element {
    fn new(tests: Vec<Test>, optional: bool, gap: bool, end: bool) -> Element {
        let (mut exact, mut other) = (Vec::new(), Vec::new());
        for test in tests {
            match test {
                Test::Exact(key) => exact.push(key),
                Test::Other(loose) => other.push(loose),
            }
        }
        Element { exact: Words::new(exact), other: other.into(), optional, gap, end }
    }

    /// Whether it may be overlooked, or stands for a sentence's end.
    pub(crate) fn may_miss(&self) -> bool {
        self.optional || self.end
    }

    /// Bits of what it takes, where they can be told.
    pub(crate) fn all_bits(&self) -> Option<u64> {
        let key = |loose: &Loose| match loose {
            Loose::Stem(key) | Loose::Prefix(key, _) => Some(bit(*key)),
            Loose::Number | Loose::Any => None,
        };
        self.other.iter().map(key).try_fold(self.exact.all_bits(), |all, bits| Some(all | bits?))
    }
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(crate) elements: Vec<Element>,
    at_start: bool,
    at_end: bool,
}

/// Stems a folded word.
pub type Stem<'a> = &'a dyn Fn(&str) -> u64;

impl Pattern {
    /// Reads a pattern. The error is a sentence.
    pub fn parse(written: &str, stem: Stem) -> Result<Pattern, String> {
        let mut pattern = Pattern { elements: Vec::new(), at_start: false, at_end: false };
        let mut gap = false;
        let parts: Vec<&str> = written.split_whitespace().collect();
        for (index, part) in parts.iter().enumerate() {
            match *part {
                "^" if index == 0 => pattern.at_start = true,
                "$" if index + 1 == parts.len() => pattern.at_end = true,
                "^" | "$" => return Err(format!("`{part}` may only stand first (`^`) or last (`$`)")),
                ".." if pattern.elements.is_empty() || gap => {
                    return Err("`..` needs a word on either side".into());
                }
                ".." => gap = true,
                _ => {
                    let (inner, optional) = match part.strip_prefix('(') {
                        Some(rest) => {
                            let inner = rest.strip_suffix(')').ok_or_else(|| {
                                format!(
                                    "`{part}` opens a bracket and does not close it; write (word) or (a|b)"
                                )
                            })?;
                            (inner, true)
                        }
                        None => (*part, false),
                    };
                    let mut alternatives = Vec::new();
                    let end = inner.split('|').any(|word| word == "$");
                    for word in inner.split('|').filter(|word| *word != "$") {
                        alternatives.push(Pattern::test(word, stem)?);
                    }
                    // `n'est` is written as one word and read as two.
                    let widest = alternatives.iter().map(Vec::len).max().unwrap_or(0);
                    if widest > 1 && alternatives.len() > 1 {
                        return Err(format!(
                            "`{part}`: an alternative that is several words; write two patterns"
                        ));
                    }
                    if widest > 1 {
                        for test in alternatives.remove(0) {
                            pattern.elements.push(Element::new(vec![test], optional, gap, end));
                            gap = false;
                        }
                    } else {
                        let tests = alternatives.into_iter().flatten().collect();
                        pattern.elements.push(Element::new(tests, optional, gap, end));
                        gap = false;
                    }
                }
            }
        }
        if gap {
            return Err("`..` needs a word on either side".into());
        }
        match pattern.elements.first() {
            None => return Err("an empty pattern".into()),
            Some(first) if first.may_miss() || first.other.iter().any(|t| matches!(t, Loose::Any)) => {
                return Err("the first word must be a real one: not `_`, not in brackets".into());
            }
            Some(_) => {}
        }
        if pattern.elements.last().is_some_and(|last| last.optional) && !pattern.at_end {
            return Err("a word in brackets at the end changes nothing; drop the word or the brackets".into());
        }
        if pattern.elements.len() > MAX_ELEMENTS {
            return Err(format!("more than {MAX_ELEMENTS} words"));
        }
        Ok(pattern)
    }

    fn test(word: &str, stem: Stem) -> Result<Vec<Test>, String> {
        match word {
            "" => return Err("an empty alternative beside `|`".into()),
            "#" => return Ok(vec![Test::Other(Loose::Number)]),
            "_" => return Ok(vec![Test::Other(Loose::Any)]),
            _ => {}
        }
        let (bare, prefix, stemmed) = match (word.strip_suffix('*'), word.strip_suffix('~')) {
            (Some(bare), _) => (bare, true, false),
            (_, Some(bare)) => (bare, false, true),
            _ => (word, false, false),
        };
        let read = text::read(bare);
        if read.tokens.is_empty() {
            return Err(format!("`{word}` holds nothing that can be heard"));
        }
        if (prefix || stemmed) && read.tokens.len() > 1 {
            return Err(format!("`{word}`: `*` and `~` go with one word"));
        }
        let mut tests = Vec::new();
        for token in &read.tokens {
            let form = read.form(token);
            tests.push(if prefix {
                if form.len() < 3 || !form.is_ascii() {
                    return Err(format!("`{word}`: `*` needs at least three letters before it"));
                }
                Test::Other(Loose::Prefix(head(form), form.to_owned()))
            } else if stemmed {
                Test::Other(Loose::Stem(stem(form)))
            } else {
                Test::Exact(token.hash)
            });
        }
        Ok(tests)
    }

    /// Where a match that begins at `at`, where its first word stands, ends (one past its last item), if there is
    /// one; the longest.
    pub(crate) fn find(&self, items: &[Item<'_>], at: usize) -> Option<usize> {
        if self.at_start && at > 0 && !items[at - 1].stops {
            return None;
        }
        let mut steps = STEPS;
        self.walk(1, items, at + 1, &mut steps)
    }

    fn walk(&self, element: usize, items: &[Item<'_>], at: usize, steps: &mut u32) -> Option<usize> {
        *steps = steps.checked_sub(1)?;
        let Some(wanted) = self.elements.get(element) else {
            return (!self.at_end || items.get(at).is_none_or(|item| item.stops)).then_some(at);
        };
        if wanted.end
            && items.get(at).is_none_or(|item| item.stops)
            && let Some(end) = self.walk(element + 1, items, at, steps)
        {
            return Some(end);
        }
        let mut place = at;
        let mut gap = if wanted.gap { GAP } else { 0 };
        loop {
            if element > 0 && items.get(place).is_some_and(|item| item.comma) && !wanted.takes(&items[place])
            {
                place += 1;
            }
            if let Some(item) = items.get(place)
                && wanted.takes(item)
                && let Some(end) = self.walk(element + 1, items, place + 1, steps)
            {
                return Some(end);
            }
            if gap == 0 || items.get(place).is_none_or(|item| item.stops) {
                break;
            }
            gap -= 1;
            place += 1;
        }
        if wanted.optional { self.walk(element + 1, items, at, steps) } else { None }
    }
}

impl Element {
    pub(crate) fn takes(&self, item: &Item<'_>) -> bool {
        self.exact.contains(item.hash)
            || self.other.iter().any(|loose| match loose {
                Loose::Stem(stem) => item.stem == *stem,
                Loose::Prefix(head, prefix) => item.head == *head && item.form.starts_with(prefix.as_str()),
                Loose::Number => item.number,
                Loose::Any => matches!(item.kind, TokenKind::Word | TokenKind::Number | TokenKind::Link),
            })
    }
}

/// Hash of the first three letters of a folded word; 0 for shorter ones.
pub fn head(form: &str) -> u64 {
    form.as_bytes().get(..3).map_or(0, hash::bytes)
}
