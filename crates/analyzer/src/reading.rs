//! A message made ready: its language, and its words as patterns and features see them.

use crate::context::Context;
use crate::lexicon::Lexicon;
use crate::pattern::{self, Assent, Item};
use crate::text::{Text, Token, TokenKind};
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

/// The lexicon of the language that the message is written in: the most small words, with a head start for what
/// the conversation was in and for the hint. `told` gives the hint, and is asked only where it can decide.
pub(crate) fn lexicon<'l, 'h>(
    lexicons: &'l [Lexicon],
    read: &Text,
    context: &mut Context,
    told: impl FnOnce(&Context) -> Option<&'h str>,
) -> &'l Lexicon {
    let score = |lexicon: &Lexicon| {
        let small =
            |token: &&Token| token.kind == TokenKind::Word && lexicon.common.contains_key(&token.hash);
        let count = read.tokens.iter().take(LANGUAGE_WORDS).filter(small).count() as f32;
        let same = context.lang.is_some_and(|lang| lang == lexicon.lang.as_bytes());
        count + if same { SAME } else { 0.0 }
    };
    let (mut best, mut second) = ((f32::MIN, 0), f32::MIN);
    for (index, lexicon) in lexicons.iter().enumerate() {
        let score = score(lexicon);
        if score > best.0 {
            (second, best) = (best.0, (score, index));
        } else {
            second = second.max(score);
        }
    }
    if best.0 - second <= HINT
        && let Some(hint) = told(context).and_then(|hint| hint.get(..2))
        && let Some(index) = lexicons.iter().position(|lexicon| lexicon.lang == hint)
        && score(&lexicons[index]) + HINT > best.0
    {
        best.1 = index;
    }
    let lexicon = &lexicons[best.1];
    context.lang = lexicon.lang.as_bytes().try_into().ok();
    lexicon
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
        let word = |form: &'t str, hash: u64, known: Option<&'t Known>| {
            let (stem, head, counts, person, assent) = match known {
                Some(known) => (known.stem, known.head, known.number(), known.person(), known.assent()),
                None => (
                    lexicon.stem(form),
                    pattern::head(form),
                    lexicon.numbers.contains_key(&hash),
                    lexicon.people.contains_key(&hash),
                    lexicon.assent(hash),
                ),
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
                person,
                assent,
                known,
            }
        };
        match token.kind {
            TokenKind::Word | TokenKind::Number => {
                let right = known.is_none_or(|known| known.spelled());
                match right.then(|| lexicon.spelling.get(&token.hash)).flatten() {
                    Some(words) => {
                        items.extend(words.iter().map(|(form, hash)| word(form, *hash, look(*hash))));
                    }
                    None => items.push(word(form, token.hash, known)),
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
                    person: false,
                    assent: Assent::None,
                    known: None,
                });
            }
        }
    }
    items
}
