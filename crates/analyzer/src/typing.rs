//! What is heard in the way a message is typed: capitals, letters drawn out, runs of marks.

use crate::evidence::Sign;
use crate::pattern::{Item, Table};
use crate::signal::SignalKind;
use crate::text::{Text, TokenKind};

/// Letters that a word in capitals needs before it can shout; shorter ones are usually abbreviations.
const SHOUT_LETTERS: u16 = 3;

/// Appends what is heard. `names` are words that shout nothing in capitals.
pub(crate) fn hear(text: &Text, items: &[Item<'_>], names: [&Table<()>; 2], found: &mut Vec<Sign>) {
    capitals(text, names, found);
    let mut previous = u32::MAX;
    for item in items {
        if item.token == previous {
            continue;
        }
        previous = item.token;
        let token = &text.tokens[item.token as usize];
        let (kind, strength) = match token.kind {
            TokenKind::Word if token.lengthened && token.letters >= 4 => (SignalKind::Lengthening, 1.0),
            TokenKind::Mark => match text.form(token) {
                "!!!" => (SignalKind::Punctuation, 1.0),
                "!!" => (SignalKind::Punctuation, 0.6),
                "???" => (SignalKind::Punctuation, 1.3),
                "??" => (SignalKind::Punctuation, 1.0),
                "?!" => (SignalKind::Punctuation, 1.2),
                _ => continue,
            },
            _ => continue,
        };
        found.push(Sign { kind, strength, from: item.token, to: item.token + 1 });
    }
}

/// Capitals are heard where at least two words shout, or one long one alone: the whole is one signal, stronger
/// the more of the message shouts.
fn capitals(text: &Text, names: [&Table<()>; 2], found: &mut Vec<Sign>) {
    let (mut shouted, mut words, mut letters) = (0u32, 0u32, 0u32);
    let (mut first, mut last) = (u32::MAX, 0u32);
    for (index, token) in text.tokens.iter().enumerate() {
        if token.kind != TokenKind::Word || token.letters < SHOUT_LETTERS {
            continue;
        }
        words += 1;
        let shouts =
            token.capitals == token.letters && names.iter().all(|names| !names.contains_key(&token.hash));
        if shouts {
            shouted += 1;
            letters += u32::from(token.letters);
            first = first.min(index as u32);
            last = index as u32 + 1;
        }
    }
    if shouted == 0 || letters < 5 || (shouted == 1 && words > 2) {
        return;
    }
    let share = shouted as f32 / words as f32;
    if shouted >= 2 || share > 0.5 {
        found.push(Sign { kind: SignalKind::Capitals, strength: 0.3 + share, from: first, to: last });
    }
}
