//! From a message to tokens: folded (lower case, no accents), with the place of each in Unicode scalar values.
//!
//! One pass over the characters, one buffer for all folded text. Nothing here depends on the language: an
//! apostrophe is read by its neighbours (`c'est` is two words, `don't` is one).

use crate::fold::fold;
use crate::hash;

/// Characters that are listened to; what stands behind is ignored, so that a message's cost is bounded. The
/// socket's limit of a text is the same number.
pub const LISTENED_CHARS: usize = 8_000;
/// Letters of one word that are kept; the rest of a longer 'word' is skipped.
const WORD_BYTES: usize = 48;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, perhaps with digits.
    Word,
    /// Digits (an order's number, an amount, a time).
    Number,
    /// A run of punctuation, folded to its shape (`!!`, `?`, `?!`, `...`).
    Mark,
    /// An emoji or an emoticon.
    Emoji,
    /// A link, an address, a handle, or a placeholder such as `#EMAIL#`.
    Link,
    /// A line break.
    Break,
}

/// One token.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First character, in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// Where its folded form begins in [`Text::folded`], in bytes.
    pub from: u32,
    /// Where its folded form ends.
    pub to: u32,
    /// Hash of the folded form.
    pub hash: u64,
    /// Letters in it that are capitals.
    pub capitals: u16,
    /// Letters in it.
    pub letters: u16,
    /// Whether a letter stood three times or more in a row (`nooon`).
    pub lengthened: bool,
    /// Length of the run as written, for marks.
    pub run: u16,
    /// Whether it stands between quotation marks.
    pub quoted: bool,
}

/// A message, cut up.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The tokens in order.
    pub tokens: Vec<Token>,
    /// Their folded forms, one after the other.
    pub folded: String,
    /// Characters that were listened to.
    pub chars: u32,
}

impl Text {
    /// The folded form of a token.
    pub fn form(&self, token: &Token) -> &str {
        &self.folded[token.from as usize..token.to as usize]
    }
}

/// Right halves of English contractions: what stands before the apostrophe belongs to the same word.
fn is_english_tail(tail: &[char]) -> bool {
    let mut low = ['\0'; 2];
    if tail.is_empty() || tail.len() > 2 {
        return false;
    }
    for (slot, c) in low.iter_mut().zip(tail) {
        *slot = c.to_ascii_lowercase();
    }
    matches!(
        (low[0], low[1]),
        ('t', '\0') | ('s', '\0') | ('d', '\0') | ('m', '\0') | ('r', 'e') | ('v', 'e') | ('l', 'l')
    )
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '´' | '`')
}

/// Whether the character is drawn as a picture. Ranges of the Unicode emoji blocks (UTS 51), without the digits
/// and signs that are emoji only with a variation selector.
pub fn is_emoji(c: char) -> bool {
    matches!(c as u32,
        0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x2190..=0x21FF | 0x231A..=0x23FF | 0x203C | 0x2049)
}

fn is_joiner(c: char) -> bool {
    matches!(c as u32, 0x200D | 0xFE00..=0xFE0F | 0x1F3FB..=0x1F3FF | 0x20E3 | 0xE0000..=0xE007F)
}

fn is_mark(c: char) -> bool {
    matches!(c, '!' | '?' | '.' | ',' | ';' | ':' | '…' | '¿' | '¡' | '！' | '？')
}

/// A message while it is cut up. Its folded forms are bytes still, since nearly every letter is one.
struct Cut {
    tokens: Vec<Token>,
    folded: Vec<u8>,
}

/// Cuts a message up. Linear in its length; reads at most [`LISTENED_CHARS`] characters.
pub fn read(message: &str) -> Text {
    let heard = &message.as_bytes()[..message.len().min(LISTENED_CHARS)];
    let chars: Vec<char> = if heard.is_ascii() {
        // Many at a time, where a machine can.
        heard.iter().map(|byte| char::from(*byte)).collect()
    } else {
        message.chars().take(LISTENED_CHARS).collect()
    };
    let mut text = Cut {
        tokens: Vec::with_capacity(chars.len() / 4 + 4),
        folded: Vec::with_capacity(message.len().min(LISTENED_CHARS) + 8),
    };
    // The same a byte each, for what asks only for letters without accents, and a word's length more.
    let mut plain: Vec<u8> = Vec::with_capacity(chars.len() + 8);
    plain.extend(chars.iter().map(|c| if c.is_ascii() { *c as u8 } else { 0 }));
    plain.extend([0; 8]);
    let addresses = plain.contains(&b'@');
    let mut quoted = false;
    let mut quote_left = 0usize;
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if quoted {
            // A quotation mark that never closes must not silence the rest of a message.
            quote_left = quote_left.saturating_sub(1);
            quoted = quote_left > 0;
        }
        let begin = at;
        if c == ' ' {
            at += 1;
        } else if c == '\n' {
            at += 1;
            push(&mut text, TokenKind::Break, begin, at, quoted, |folded| folded.push(b'\n'));
        } else if c.is_ascii_alphabetic()
            && !addresses
            && !matches!([plain[at] | 32, plain[at + 1] | 32], [b'h', b't'] | [b'w', b'w'])
        {
            // Most words can be no link.
            at = word(&chars, &plain, at, quoted, &mut text);
        } else if let Some(end) = link(&chars, at, addresses) {
            let placeholder = c == '#';
            push(&mut text, TokenKind::Link, at, end, quoted, |folded| {
                folded.extend_from_slice(if placeholder {
                    b"#x#"
                } else if c == '@' {
                    b"@x"
                } else {
                    b"://x"
                });
            });
            at = end;
        } else if let Some((end, shape)) = emoticon(&chars, at) {
            push(&mut text, TokenKind::Emoji, at, end, quoted, |folded| {
                folded.extend_from_slice(shape.as_bytes())
            });
            at = end;
        } else if c.is_alphabetic() {
            at = word(&chars, &plain, at, quoted, &mut text);
        } else if c.is_numeric() {
            at = number(&chars, at, quoted, &mut text);
        } else if is_mark(c) {
            while at < chars.len() && (is_mark(chars[at]) || (chars[at] == ' ' && spaced_run(&chars, at))) {
                at += 1;
            }
            mark(&chars, begin, at, quoted, &mut text);
        } else if is_emoji(c) {
            at += 1;
            while at < chars.len() && is_joiner(chars[at]) {
                at += 1;
            }
            push(&mut text, TokenKind::Emoji, begin, at, quoted, |folded| {
                folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            });
        } else {
            match c {
                '«' | '“' | '„' => {
                    quoted = true;
                    quote_left = 240;
                }
                '»' | '”' => quoted = false,
                '"' => {
                    quoted = !quoted;
                    quote_left = 240;
                }
                _ => {}
            }
            at += 1;
        }
    }
    let Ok(folded) = String::from_utf8(text.folded) else { unreachable!("whole characters are folded") };
    Text { tokens: text.tokens, folded, chars: chars.len() as u32 }
}

fn push(
    text: &mut Cut,
    kind: TokenKind,
    start: usize,
    end: usize,
    quoted: bool,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let from = text.folded.len();
    write(&mut text.folded);
    let to = text.folded.len();
    let hash = hash::bytes(&text.folded[from..to]);
    text.tokens.push(Token {
        kind,
        start: start as u32,
        end: end as u32,
        from: from as u32,
        to: to as u32,
        hash,
        capitals: 0,
        letters: 0,
        lengthened: false,
        run: (end - start).min(u16::MAX as usize) as u16,
        quoted,
    });
}

/// `! ! !` is one run; a space before anything else ends it.
fn spaced_run(chars: &[char], at: usize) -> bool {
    matches!(chars.get(at + 1), Some('!' | '?')) && at > 0 && matches!(chars[at - 1], '!' | '?')
}

fn mark(chars: &[char], begin: usize, end: usize, quoted: bool, text: &mut Cut) {
    let run = &chars[begin..end];
    let shouts = run.iter().filter(|c| matches!(c, '!' | '！' | '¡')).count();
    let asks = run.iter().filter(|c| matches!(c, '?' | '？' | '¿')).count();
    let dots = run.iter().filter(|c| **c == '.').count() + 3 * run.iter().filter(|c| **c == '…').count();
    let shape = match (shouts, asks) {
        (0, 0) if dots >= 2 => "...",
        (0, 0) if dots == 1 => ".",
        (0, 0) => {
            if run.contains(&':') {
                ":"
            } else {
                ","
            }
        }
        (1, 0) => "!",
        (2, 0) => "!!",
        (_, 0) => "!!!",
        (0, 1) => "?",
        (0, 2) => "??",
        (0, _) => "???",
        _ => "?!",
    };
    push(text, TokenKind::Mark, begin, end, quoted, |folded| folded.extend_from_slice(shape.as_bytes()));
}

/// Links, e-mail addresses, handles and `#PLACEHOLDERS#`: where the one that begins here ends. `addresses` is
/// whether the message holds an at sign at all.
fn link(chars: &[char], at: usize, addresses: bool) -> Option<usize> {
    let rest = &chars[at..];
    let run =
        |from: usize| rest[from..].iter().position(|c| c.is_whitespace()).map_or(rest.len(), |n| from + n);
    let starts = |what: &str| {
        rest.len() >= what.len() && what.chars().zip(rest).all(|(a, b)| a == b.to_ascii_lowercase())
    };
    if rest[0] == '@' && rest.get(1).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        let end =
            rest[1..].iter().position(|c| !(c.is_alphanumeric() || *c == '_')).map_or(rest.len(), |n| n + 1);
        return Some(at + end);
    }
    if rest[0] == '#' && rest.get(1).is_some_and(|c| c.is_ascii_uppercase()) {
        let end = rest[1..].iter().position(|c| !(c.is_ascii_uppercase() || matches!(c, '_' | '-')))?;
        return (rest[end + 1] == '#').then_some(at + end + 2);
    }
    if (rest[0] == 'h' || rest[0] == 'H') && (starts("http://") || starts("https://")) {
        return Some(at + run(0));
    }
    if (rest[0] == 'w' || rest[0] == 'W') && starts("www.") {
        return Some(at + run(0));
    }
    // An address: letters, an at sign, a letter. The look-ahead is bounded, so the whole stays linear.
    if addresses && rest[0].is_ascii_alphanumeric() && (at == 0 || !chars[at - 1].is_alphanumeric()) {
        let local = rest
            .iter()
            .take(64)
            .position(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+')))?;
        if rest[local] == '@' && rest.get(local + 1).is_some_and(|c| c.is_ascii_alphanumeric()) {
            return Some(at + run(local));
        }
    }
    None
}

/// `:)`, `:-(`, `;)`, `xD`, `<3` and `^^`: where it ends and its shape.
fn emoticon(chars: &[char], at: usize) -> Option<(usize, &'static str)> {
    let c = chars[at];
    if !matches!(c, ':' | ';' | '=' | '<' | '^' | '-' | '>') {
        return None;
    }
    let next = |n: usize| chars.get(at + n).copied().unwrap_or(' ');
    if c == '<' && next(1) == '3' {
        return Some((at + 2, ":)"));
    }
    if c == '^' && next(1) == '^' {
        return Some((at + 2, ":)"));
    }
    if c == '-' && next(1) == '_' && next(2) == '-' {
        return Some((at + 3, ":/"));
    }
    if c == '>' && next(1) == ':' && next(2) == '(' {
        return Some((at + 3, ">:("));
    }
    if !matches!(c, ':' | ';' | '=') {
        return None;
    }
    let nose = usize::from(matches!(next(1), '-' | '\'' | 'o'));
    let shape = match (c, next(1 + nose)) {
        (';', ')') => ";)",
        (_, ')' | 'D' | 'p' | 'P' | ']') if c != ';' => ":)",
        (_, '(' | '[') if c != ';' => ":(",
        (_, '/' | '\\' | '|') if c == ':' && next(2 + nose) != '/' => ":/",
        _ => return None,
    };
    // `14:Dimanche` is no smile.
    if next(2 + nose).is_alphanumeric() {
        return None;
    }
    Some((at + 2 + nose, shape))
}

fn number(chars: &[char], at: usize, quoted: bool, text: &mut Cut) -> usize {
    let mut end = at;
    while end < chars.len()
        && (chars[end].is_alphanumeric()
            || (matches!(chars[end], '.' | ',' | ':' | '/' | '-')
                && chars.get(end + 1).is_some_and(|c| c.is_numeric())))
    {
        end += 1;
    }
    let token = &chars[at..end];
    // `2e`, `3rd`, `4eme` and small numbers keep their face: 'the 3rd time' says something, an order number does not.
    let letters = token.iter().filter(|c| c.is_alphabetic()).count();
    let digits = token.iter().filter(|c| c.is_ascii_digit()).count();
    let kind = if letters > digits + 4 { TokenKind::Word } else { TokenKind::Number };
    push(text, kind, at, end, quoted, |folded| {
        if digits <= 2 && token.len() <= 6 {
            for c in token {
                fold(*c, folded);
            }
        } else {
            folded.extend_from_slice(b"##");
        }
    });
    end
}

/// Takes the last character back, if one stands behind `from`.
fn unwrite(folded: &mut Vec<u8>, from: usize) {
    const CONTINUES: u8 = 0b1000_0000;
    while folded.len() > from && folded.pop().is_some_and(|byte| byte & 0b1100_0000 == CONTINUES) {}
}

/// How many of eight characters, from the first on, are small letters of which none begins three alike: the usual case,
/// eight at a time. A letter is bigger than `` ` `` and smaller than `{`, and each is a byte of one number.
fn usual(eight: [u8; 8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let all = u64::from_le_bytes(eight);
    let low = all & !HIGH;
    let letters = (low + (0x80 - u64::from(b'a')) * EACH) & !(low + (0x7F - u64::from(b'z')) * EACH) & !all;
    let unlike = (all ^ (all >> 8)) | (all ^ (all >> 16));
    let alike = unlike.wrapping_sub(EACH) & !unlike;
    ((!letters | alike) & HIGH).trailing_zeros() as usize / 8
}

/// Cuts off the word that begins here; returns where the rest begins.
fn word(chars: &[char], plain: &[u8], at: usize, quoted: bool, text: &mut Cut) -> usize {
    let from = text.folded.len();
    let (mut capitals, mut letters, mut lengthened) = (0u16, 0u16, false);
    let mut end = at;
    let mut previous = '\0';
    let mut same = 0;
    while end < chars.len() {
        let eight = plain[end..].first_chunk().unwrap_or(&[0; 8]);
        if eight[0] != previous as u8 {
            let usual = usual(*eight);
            if usual > 0 {
                let room = WORD_BYTES.saturating_sub(text.folded.len() - from);
                let to = text.folded.len() + usual.min(room);
                // Always eight, which is one step, and what is too much is taken back.
                text.folded.extend_from_slice(eight);
                text.folded.truncate(to);
                same = 1 + u32::from(usual > 1 && eight[usual - 1] == eight[usual - 2]);
                previous = char::from(eight[usual - 1]);
                letters += usual as u16;
                end += usual;
            }
        }
        let Some(&c) = chars.get(end) else { break };
        if c == ' ' {
            break;
        }
        if is_apostrophe(c) {
            let tail_end = chars[end + 1..]
                .iter()
                .take(4)
                .position(|c| !c.is_alphabetic())
                .map_or(chars.len().min(end + 5), |n| end + 1 + n);
            if is_english_tail(&chars[end + 1..tail_end]) && end > at {
                end += 1;
                continue;
            }
            break;
        }
        let combining = matches!(c, '\u{300}'..='\u{36F}');
        if !(c.is_alphanumeric() || combining) {
            break;
        }
        if c.is_alphabetic() {
            letters += 1;
            capitals += u16::from(c.is_uppercase());
        }
        let low = c.to_ascii_lowercase();
        same = if low == previous { same + 1 } else { 1 };
        previous = low;
        if same >= 3 {
            // `nooon` is read as `non`, but not `1000` as `10`.
            if c.is_alphabetic() {
                if same == 3 {
                    lengthened = true;
                    unwrite(&mut text.folded, from);
                }
                end += 1;
                continue;
            }
        }
        if text.folded.len() - from < WORD_BYTES {
            fold(c, &mut text.folded);
        }
        end += 1;
    }
    let to = text.folded.len();
    let hash = hash::bytes(&text.folded[from..to]);
    text.tokens.push(Token {
        kind: TokenKind::Word,
        start: at as u32,
        end: end as u32,
        from: from as u32,
        to: to as u32,
        hash,
        capitals,
        letters,
        lengthened,
        run: 0,
        quoted,
    });
    end.max(at + 1)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
