//! Which signals stand in a message, how strongly: entries found, changed by their neighbours, conflicts settled.

use crate::lexicon::{Effect, Lexicon, Touch};
use crate::model::KINDS;
use crate::pattern::Item;
use crate::pattern_set::Match;
use crate::signal::SignalKind;
use crate::text::{Text, TokenKind};
use crate::typing;
use crate::vocabulary::Vocabulary;

/// A signal before it is weighed: its kind, its strength, its tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sign {
    pub kind: SignalKind,
    pub strength: f32,
    pub from: u32,
    pub to: u32,
}

/// All that stands in one message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub signs: Vec<Sign>,
    /// Whether an entry hears a wish for a human.
    pub wants_human: bool,
    /// Whether an entry says that what looks like such a wish is none.
    pub near_miss: bool,
}

/// What speaks for a wish for a human: the surer the ground, the less the wording must add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// An entry hears one.
    Entry,
    /// Words for people stand there, or people were offered.
    People,
    /// Nothing but the wording.
    Wording,
    /// An entry says that what looks like a wish is none.
    Denied,
}

impl Ground {
    pub const COUNT: usize = 4;

    /// The ground that a turn gives.
    pub fn of(evidence: &Evidence, people: bool) -> Ground {
        match evidence {
            Evidence { wants_human: true, .. } => Ground::Entry,
            Evidence { near_miss: true, .. } => Ground::Denied,
            _ if people => Ground::People,
            _ => Ground::Wording,
        }
    }
}

/// Signals of one message that are looked at: the strongest.
const MAX_SIGNS: usize = 200;
/// The strength from which a reproach is plain, whatever its words mean elsewhere.
pub(crate) const PLAIN_REPROACH: f32 = 3.5;
/// What a negation leaves of a strength.
const NEGATED: f32 = -0.2;
/// What is left of words that are somebody else's, or about somebody else.
const REPORTED: f32 = 0.35;

/// Collects them.
pub(crate) fn collect(
    read: &Text,
    items: &[Item<'_>],
    lexicons: [&Lexicon; 2],
    vocabulary: &Vocabulary,
) -> Evidence {
    let mut evidence = Evidence::default();
    let mut found = Vec::new();
    let mut kept: Vec<(SignalKind, f32, Match)> = Vec::new();
    let (mut not_human, mut not_annoyed, mut reported) = (Vec::new(), Vec::new(), Vec::new());
    for (any, lexicon) in [false, true].into_iter().zip(lexicons) {
        found.clear();
        let known = |item: &Item<'_>| {
            let known = item.known.filter(|_| item.kind == TokenKind::Word)?;
            Some(vocabulary.candidates(known, any))
        };
        lexicon.patterns.find_all(items, known, &mut found);
        for hit in &found {
            let entry = &lexicon.entries[hit.id as usize];
            match entry.effect {
                Effect::Says(kind) => kept.push((kind, entry.strength, *hit)),
                Effect::NotHumanRequest => not_human.push((hit.from, hit.to)),
                Effect::NotAnnoyance => not_annoyed.push((hit.from, hit.to)),
                Effect::Reports => reported.push((hit.to, sentence_end(items, hit.to))),
                Effect::AboutOthers => {
                    reported.push((sentence_start(items, hit.from), sentence_end(items, hit.to)));
                }
                Effect::BotFails | Effect::Apologises => {}
            }
        }
    }
    let over =
        |list: &[(u32, u32)], hit: &Match| list.iter().any(|(from, to)| *from < hit.to && hit.from < *to);
    // Thanks that are part of an irony are none.
    let ironies: Vec<(u32, u32)> = kept
        .iter()
        .filter(|(kind, ..)| *kind == SignalKind::Irony)
        .map(|(.., hit)| (hit.from, hit.to))
        .take(MAX_SIGNS)
        .collect();
    kept.retain(|(kind, _, hit)| *kind != SignalKind::Thanks || !over(&ironies, hit));
    // Of two of the same kind that overlap, the stronger; of two as strong, the longer.
    kept.sort_by(|a, b| {
        (b.1.total_cmp(&a.1))
            .then((b.2.to - b.2.from).cmp(&(a.2.to - a.2.from)))
            .then(a.2.from.cmp(&b.2.from))
    });
    // A message of thousands of signals says no more than one of hundreds, and must not cost their square.
    kept.truncate(MAX_SIGNS);
    for list in [&mut not_human, &mut not_annoyed, &mut reported] {
        list.truncate(MAX_SIGNS);
    }
    let mut taken: Vec<(SignalKind, Match)> = Vec::with_capacity(kept.len());
    for (kind, strength, hit) in kept {
        if taken.iter().any(|(same, taken)| *same == kind && taken.from < hit.to && hit.from < taken.to) {
            continue;
        }
        let human = kind == SignalKind::HumanRequest;
        if human && over(&not_human, &hit) {
            evidence.near_miss = true;
            continue;
        }
        let calming = matches!(kind, SignalKind::Thanks | SignalKind::Calm | SignalKind::Urgency);
        if !calming && !human && over(&not_annoyed, &hit) {
            continue;
        }
        taken.push((kind, hit));
        let mut factor = if human { 1.0 } else { touched(items, lexicons[0], &hit) };
        let quoted = read.tokens[items[hit.from as usize].token as usize].quoted;
        if quoted || over(&reported, &hit) {
            factor *= REPORTED;
            evidence.near_miss |= human;
        } else if human {
            evidence.wants_human = true;
        }
        let (from, to) = (items[hit.from as usize].token, items[hit.to as usize - 1].token + 1);
        evidence.signs.push(Sign { kind, strength: strength * factor, from, to });
    }
    typing::hear(read, items, lexicons.map(|lexicon| &lexicon.names), &mut evidence.signs);
    // The second of a kind says half as much as the first, the third a quarter.
    evidence.signs.sort_by(|a, b| {
        b.strength.abs().total_cmp(&a.strength.abs()).then(a.from.cmp(&b.from)).then(a.kind.cmp(&b.kind))
    });
    let mut ranks = [0u32; KINDS];
    for sign in &mut evidence.signs {
        let rank = &mut ranks[sign.kind.index()];
        sign.strength /= (1u32 << (*rank).min(20)) as f32;
        *rank += 1;
    }
    evidence
}

fn sentence_end(items: &[Item<'_>], from: u32) -> u32 {
    items[from as usize..].iter().position(|item| item.stops).map_or(items.len() as u32, |n| from + n as u32)
}

fn sentence_start(items: &[Item<'_>], from: u32) -> u32 {
    items[..from as usize].iter().rposition(|item| item.stops).map_or(0, |n| n as u32 + 1)
}

/// What the words before a match do to its strength.
fn touched(items: &[Item<'_>], lexicon: &Lexicon, hit: &Match) -> f32 {
    let mut factor = 1.0;
    for (distance, item) in items[..hit.from as usize].iter().rev().take(3).enumerate() {
        if item.stops || item.comma {
            break;
        }
        match lexicon.touches.get(&item.hash) {
            Some(Touch::Negation) => return NEGATED * factor,
            Some(Touch::Intensifier) if distance < 2 => factor *= 1.3,
            Some(Touch::Softener) if distance < 2 => factor *= 0.6,
            _ => {}
        }
    }
    factor
}
