//! A message made ready: its language, and its words as patterns and features see them.

use crate::context::Context;
use crate::lexicon::Lexicon;
use crate::pattern::{self, Assent, Item, Near, Table};
use crate::text::{Text, TokenKind};
use crate::vocabulary::{Known, Vocabulary};
use whatlang::Lang;

/// Words that are looked at to tell the language.
const LANGUAGE_WORDS: usize = 120;
/// Head start, in small words, of the language that the site or the browser names.
const HINT: f32 = 1.2;
/// Head start of the language that the conversation was in.
const SAME: f32 = 1.0;

/// Characters of a message in which its language is looked for.
const LANGUAGE_CHARS: usize = 400;

/// The language of a conversation's first words where nobody has named it: a hint like any other, where it is sure.
pub(crate) fn detected(text: &str, context: &Context) -> Option<&'static str> {
    if context.lang.is_some() {
        return None;
    }
    let end = text.char_indices().nth(LANGUAGE_CHARS).map_or(text.len(), |(at, _)| at);
    let found = whatlang::detect(&text[..end]).filter(whatlang::Info::is_reliable)?;
    match found.lang() {
        Lang::Fra => Some("fr"),
        Lang::Eng => Some("en"),
        Lang::Deu => Some("de"),
        Lang::Spa => Some("es"),
        Lang::Ita => Some("it"),
        Lang::Por => Some("pt"),
        Lang::Nld => Some("nl"),
        _ => None,
    }
}

/// The lexicons, one a language.
#[derive(Debug)]
pub(crate) struct Lexicons {
    all: Vec<Lexicon>,
    /// The small words of all of them with a bit for each lexicon that has the word: one look, not one for each. From the
    /// 65th on a language is heard only where it is named.
    small: Table<u64>,
}

impl Lexicons {
    pub fn new(all: Vec<Lexicon>) -> Lexicons {
        let mut small: Table<u64> = Table::default();
        for (index, lexicon) in (0..).zip(&all) {
            for word in lexicon.common.keys() {
                *small.entry(*word).or_default() |= 1u64.checked_shl(index).unwrap_or(0);
            }
        }
        Lexicons { all, small }
    }

    pub fn all(&self) -> &[Lexicon] {
        &self.all
    }

    /// The lexicon of the language that the message is written in: the most small words, with a head start for what
    /// the conversation was in and for the hint. `told` gives the hint, and is asked only where it can decide.
    pub fn choose<'h>(
        &self,
        read: &Text,
        context: &mut Context,
        told: impl FnOnce(&Context) -> Option<&'h str>,
    ) -> &Lexicon {
        let mut counts = [0u64; u64::BITS as usize];
        let here = self.all.len().min(counts.len());
        for token in read.tokens.iter().take(LANGUAGE_WORDS) {
            let has = if token.kind == TokenKind::Word { self.small.get(&token.hash) } else { None };
            for (index, count) in counts[..here].iter_mut().enumerate() {
                *count += has.map_or(0, |bits| bits >> index & 1);
            }
        }
        let score = |index: usize| {
            let same = context.lang.is_some_and(|lang| lang == self.all[index].lang.as_bytes());
            counts.get(index).copied().unwrap_or(0) as f32 + if same { SAME } else { 0.0 }
        };
        let (mut best, mut second) = ((f32::MIN, 0), f32::MIN);
        for index in 0..self.all.len() {
            let score = score(index);
            if score > best.0 {
                (second, best) = (best.0, (score, index));
            } else {
                second = second.max(score);
            }
        }
        if best.0 - second <= HINT
            && let Some(hint) = told(context).and_then(|hint| hint.get(..2))
            && let Some(index) = self.all.iter().position(|lexicon| lexicon.lang == hint)
            && score(index) + HINT > best.0
        {
            best.1 = index;
        }
        let lexicon = &self.all[best.1];
        context.lang = lexicon.lang.as_bytes().try_into().ok();
        lexicon
    }
}

/// The items of a message, spelling put right. What the vocabulary knows is taken from there; other words are
/// stemmed here.
pub(crate) fn items<'t>(
    read: &'t Text,
    lexicon: &'t Lexicon,
    vocabulary: Option<&'t Vocabulary>,
) -> Vec<Item<'t>> {
    let mut items = Vec::with_capacity(read.tokens.len() + 4);
    let look = |hash: u64| vocabulary.and_then(|vocabulary| vocabulary.get(hash, lexicon));
    // Each word is somewhere else in memory: all are asked for before any is waited for.
    let known: Vec<Option<&Known>> = read.tokens.iter().map(|token| look(token.hash)).collect();
    for ((index, token), known) in read.tokens.iter().enumerate().zip(known) {
        let form = read.form(token);
        let number = token.kind == TokenKind::Number;
        let before = index.checked_sub(1).map(|before| &read.tokens[before]);
        let small = before.is_some_and(|before| before.kind == TokenKind::Word && before.capitals == 0);
        let name = small && lexicon.is_name(token);
        let word = |form: &'t str, hash: u64, known: Option<&'t Known>, name: bool| {
            let (stem, head, counts, assent) = match known {
                Some(known) => (known.stem, known.head, known.number(), known.assent()),
                None => (
                    lexicon.stem(form),
                    pattern::head(form),
                    lexicon.numbers.contains_key(&hash),
                    lexicon.assent(hash),
                ),
            };
            let (person, reach, given) = match known {
                Some(known) => (known.person(), known.reach(), known.given()),
                None => (
                    lexicon.people.contains_key(&hash),
                    lexicon.offers.contains_key(&hash),
                    lexicon.given.contains_key(&hash),
                ),
            };
            let near = match (person, reach, name || given) {
                (true, ..) => Near::People,
                (_, true, _) => Near::Reach,
                (_, _, true) => Near::Name,
                _ => Near::Nothing,
            };
            Item {
                form,
                hash,
                stem,
                token: index as u32,
                kind: token.kind,
                head,
                stops: false,
                comma: false,
                number: number || counts,
                near,
                assent,
                known,
            }
        };
        match token.kind {
            TokenKind::Word | TokenKind::Number => {
                let right = known.is_none_or(|known| known.spelled());
                match right.then(|| lexicon.spelling.get(&token.hash)).flatten() {
                    Some(words) => {
                        items.extend(words.iter().map(|(form, hash)| word(form, *hash, look(*hash), false)));
                    }
                    None => items.push(word(form, token.hash, known, name)),
                }
            }
            kind => {
                let comma = matches!(form, "," | ":" | "...");
                items.push(Item {
                    form,
                    hash: token.hash,
                    stem: token.hash,
                    token: index as u32,
                    kind,
                    head: 0,
                    stops: kind == TokenKind::Break || (kind == TokenKind::Mark && !comma),
                    comma,
                    number: false,
                    near: Near::Nothing,
                    assent: Assent::None,
                    known: None,
                });
            }
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn a_word_is_near_people_by_the_lexicon_or_by_its_capital() {
        use Near::{Name, Nothing, People, Reach};
        let sets =
            "lang = \"fr\"\nsets.people = \"agent\"\nsets.offers = \"rappelle\"\nsets.given = \"ines\"";
        let lexicon = Lexicon::parse("fr", sets).unwrap();
        for (message, expected) in [
            ("que Julien me rappelle", vec![Nothing, Name, Nothing, Reach]),
            ("Julien est un agent", vec![Nothing, Nothing, Nothing, People]),
            ("ma box SFR et Al", vec![Nothing; 5]),
            ("oui. Julien", vec![Nothing; 3]),
            ("oui. Inès", vec![Nothing, Nothing, Name]),
            ("ines est la", vec![Name, Nothing, Nothing]),
            ("je Veux Un Rappel Demain", vec![Nothing, Name, Nothing, Nothing, Nothing]),
            ("oui, et J'ai appelé", vec![Nothing; 6]),
            ("and I've asked", vec![Nothing; 3]),
        ] {
            let read = text::read(message);
            let near: Vec<Near> = items(&read, &lexicon, None).iter().map(|item| item.near).collect();
            assert_eq!(near, expected, "{message}");
        }
    }
}
