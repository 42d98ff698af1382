//! What a message wants: the matcher's scores of the whole and of its parts, brought to one decision.

use crate::limits;
use crate::matcher::{Heard, Matcher};

/// From this score on the bot acts.
pub(crate) const SURE: f32 = 0.42;
/// Small talk is made of common words: it takes more.
pub(crate) const SURE_SMALL: f32 = 0.6;
/// From this score on an intent is worth proposing when the bot is not sure.
pub(crate) const MAYBE: f32 = 0.3;
/// A part of a sentence needs more than a sentence, being shorter.
pub(crate) const SURE_PART: f32 = 0.6;
/// Two intents whose scores are nearer than this are not told apart.
pub(crate) const CLOSE: f32 = 0.06;

/// What an intent is, as far as deciding needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Greetings, thanks: yields to everything else.
    Small,
    /// An ordinary subject.
    Plain,
    /// A wish for a person, or a subject that is kept for people: comes before everything else.
    Grave,
}

/// The decision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// One intent.
    One(usize),
    /// Several, and the customer should say which comes first.
    Which(Vec<usize>),
    /// Nothing that is known; what it might have been, the likeliest first.
    Unknown(Vec<usize>),
}

/// Decides. `weight` and `place` tell an intent's weight and where it leads (two intents that lead to one place
/// are no question).
pub(crate) fn hear<P: PartialEq>(
    matcher: &Matcher,
    text: &str,
    weight: impl Fn(usize) -> Weight,
    place: impl Fn(usize) -> P,
) -> Wish {
    let text = head(text, limits::HEARD_CHARS);
    let mut whole = matcher.hear(text);
    whole.retain(|heard| heard.score >= SURE_SMALL || weight(heard.intent) != Weight::Small);
    let parts: Vec<Vec<Heard>> = match parts(text, matcher) {
        parts if parts.len() > 1 => parts.into_iter().map(|part| matcher.hear(part)).collect(),
        _ => Vec::new(),
    };
    let in_parts = |heard: &Heard| heard.score >= SURE_PART;
    // "See you in court" is no goodbye.
    let subject = whole.iter().find(|heard| weight(heard.intent) != Weight::Small);
    let grave = parts
        .iter()
        .filter_map(|part| part.first())
        .filter(|heard| in_parts(heard))
        .chain(subject.filter(|heard| heard.score >= SURE))
        .filter(|heard| weight(heard.intent) == Weight::Grave)
        .max_by(|a, b| a.score.total_cmp(&b.score));
    if let Some(heard) = grave {
        return Wish::One(heard.intent);
    }
    // "No" is a no, however many examples of something else begin with it.
    if let [first, rest @ ..] = whole.as_slice()
        && first.score >= 1.0
        && rest.first().is_none_or(|next| next.score < 1.0)
    {
        return Wish::One(first.intent);
    }
    // The best of each part, and of the whole; small talk only where there is nothing else.
    let mut sure: Vec<Heard> = Vec::new();
    let mut add =
        |heard: &Heard| match sure.iter_mut().find(|known| place(known.intent) == place(heard.intent)) {
            Some(known) => known.score = known.score.max(heard.score),
            None => sure.push(*heard),
        };
    whole.iter().take_while(|heard| heard.score >= SURE).for_each(&mut add);
    parts.iter().filter_map(|part| part.first()).filter(|heard| in_parts(heard)).for_each(&mut add);
    // "All right, but where is the van?" is no "all right": a part that asks for something else is not courtesy.
    let small = |heard: &Heard| weight(heard.intent) == Weight::Small && heard.score >= SURE_PART;
    let asks = |part: &Vec<Heard>| !part.first().is_some_and(small);
    if text.contains('?')
        && parts.last().is_some_and(asks)
        && sure.iter().all(|heard| weight(heard.intent) == Weight::Small)
    {
        sure.clear();
    }
    if sure.iter().any(|heard| weight(heard.intent) == Weight::Plain) {
        sure.retain(|heard| weight(heard.intent) == Weight::Plain);
    }
    sure.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.intent.cmp(&b.intent)));
    match sure.as_slice() {
        [] => {
            let mut near: Vec<usize> = Vec::new();
            for heard in whole.iter().chain(parts.iter().filter_map(|part| part.first())) {
                if heard.score >= MAYBE
                    && weight(heard.intent) == Weight::Plain
                    && !near.contains(&heard.intent)
                {
                    near.push(heard.intent);
                }
            }
            Wish::Unknown(near)
        }
        [only] => Wish::One(only.intent),
        [first, others @ ..] => {
            if weight(first.intent) == Weight::Small {
                return Wish::One(first.intent);
            }
            // Said in different parts, or not to be told apart.
            let own_part = |heard: &Heard| {
                parts.iter().any(|part| {
                    part.first().is_some_and(|best| best.intent == heard.intent && in_parts(best))
                })
            };
            let mut which: Vec<usize> = vec![first.intent];
            for other in others {
                let close = first.score - other.score < CLOSE && first.score < 1.0;
                if close || (own_part(first) && own_part(other)) {
                    which.push(other.intent);
                }
            }
            which.truncate(3);
            if which.len() > 1 { Wish::Which(which) } else { Wish::One(first.intent) }
        }
    }
}

/// The first characters of a text.
pub(crate) fn head(text: &str, chars: usize) -> &str {
    match text.char_indices().nth(chars) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Words that join two wishes.
const JOINTS: [&str; 18] = [
    " et aussi ",
    " et puis ",
    " et ",
    " mais ",
    " puis ",
    " sinon ",
    " ainsi que ",
    " par ailleurs ",
    " d'ailleurs ",
    " and also ",
    " and then ",
    " and ",
    " but ",
    " also ",
    " then ",
    " plus ",
    " as well as ",
    " besides ",
];

/// The sentences and clauses of a text that say something beyond courtesy.
fn parts<'t>(text: &'t str, matcher: &Matcher) -> Vec<&'t str> {
    let mut parts: Vec<&str> = Vec::new();
    for sentence in text.split(['.', '!', '?', ';', ',', '\n', '…']) {
        let mut rest = sentence;
        loop {
            let joint = JOINTS
                .iter()
                .filter_map(|joint| find_ascii(rest, joint).map(|at| (at, std::cmp::Reverse(joint.len()))))
                .min();
            let Some((at, length)) = joint else { break };
            parts.push(&rest[..at]);
            rest = &rest[at + length.0 - 1..];
        }
        parts.push(rest);
    }
    parts.retain(|part| matcher.substance(part) >= 2);
    parts.truncate(limits::CLAUSES);
    parts
}

/// Where an ASCII text begins in another, whatever its case.
fn find_ascii(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}
