//! The wording as features: hashed stems, pairs of stems and pieces of words, each anchored on a word.
//!
//! Feature hashing after Weinberger et al. 2009, without signs. A message's features are scaled to unit length
//! (with a floor, so that one word is no verdict): a score does not grow by length alone.

use crate::context::{After, Facts};
use crate::hash;
use crate::offer::{self, Offer};
use crate::pattern::{Assent, Item, Near};
use crate::text::TokenKind;

/// Buckets of the table, as a power of two.
pub const BITS: u32 = 18;
/// Buckets of the table.
pub const BUCKETS: usize = 1 << BITS;

/// Groups of features, each with its share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// One stem, mark or emoji.
    Stem,
    /// Two neighbours, the edges of the message included.
    Pair,
    /// Two words with one in between.
    Skip,
    /// Pieces of a word: 3 to 5 letters.
    Piece,
    /// What stands around a word for people, a way to reach them or a name, whichever it is.
    Around,
    /// An answer to an offer of people.
    Answer,
    /// A first word in the light of what it follows.
    First,
}

const GROUPS: usize = 7;

/// The share of each group in a message's length, in twentieths; set on our own dev split.
const SHARE: [i32; GROUPS] = [20, 14, 7, 6, 10, 14, 10];
/// What a share of one is.
const WHOLE: f32 = 20.0;
/// Words before and after such a word that are seen with it.
const AROUND: [usize; 2] = [5, 3];
/// First words of an answer to an offer.
const ANSWER: usize = 4;
/// First words of a message that are seen with what it follows.
const FIRST: usize = 3;
/// What is added to the squared length: how much evidence a message needs for its full voice.
const FLOOR: f32 = 3.0;

/// One feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feature {
    /// Its bucket.
    pub bucket: u32,
    /// Its value.
    pub value: f32,
    /// The token that it is told of.
    pub token: u32,
    /// Its group.
    pub group: Group,
}

fn bucket(hash: u64, seed: u64) -> u32 {
    let mixed = (hash ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - BITS)) as u32
}

/// The bucket of a stem, mark or emoji by itself.
fn alone(symbol: u64) -> u32 {
    bucket(symbol, 0x11)
}

/// What stands for an item in stems and pairs.
fn symbol(item: &Item<'_>) -> u64 {
    match item.kind {
        TokenKind::Number if item.form == "##" => 0x23,
        TokenKind::Break => 0x0A,
        _ => item.stem,
    }
}

/// The scale in which the squares of a message's features and the floor sum to one, by how often each group stands
/// in it.
fn scale(groups: [u32; GROUPS]) -> f32 {
    let square = |(count, share): (u32, i32)| count as f32 * (share as f32 / WHOLE) * (share as f32 / WHOLE);
    1.0 / (groups.into_iter().zip(SHARE).map(square).sum::<f32>() + FLOOR).sqrt()
}

/// What stands for a message beside the pieces of its words: tells of each bucket with its group and the item that it
/// is told of, in the order of the items.
fn places(items: &[Item<'_>], facts: &Facts, mut tell: impl FnMut(u32, Group, usize)) {
    let (mut one, mut two) = (1u64, 0u64);
    let length = length(items);
    let after = facts.after as u64;
    for (index, item) in items.iter().enumerate() {
        let symbol = symbol(item);
        tell(alone(symbol), Group::Stem, index);
        tell(bucket(hash::pair(one, symbol), 0x22), Group::Pair, index);
        if index > 0 {
            tell(bucket(hash::pair(two, symbol), 0x33), Group::Skip, index);
        }
        if item.near != Near::Nothing {
            around(items, index, length, |bucket| tell(bucket, Group::Around, index));
        }
        if index < FIRST && facts.after != After::Nothing {
            tell(bucket(hash::pair(after, symbol), 0x71), Group::First, index);
            if index == 0 {
                tell(bucket(hash::pair(after, length), 0x72), Group::First, index);
            }
        }
        if index < FIRST && facts.wished {
            // Whoever has asked for a human asks again, answers, or waits.
            tell(bucket(symbol, 0x73), Group::First, index);
            if index == 0 {
                tell(bucket(hash::pair(after, length), 0x74), Group::First, index);
            }
        }
        if facts.offer.kind != offer::Kind::None {
            answer(items, index, &facts.offer, length, |bucket| tell(bucket, Group::Answer, index));
        }
        (two, one) = (one, symbol);
    }
    if let Some(last) = items.len().checked_sub(1) {
        tell(bucket(hash::pair(one, 2), 0x22), Group::Pair, last);
    }
}

/// The buckets of a word of an answer to an offer of people: one of the first by what was offered, which side of a choice
/// it takes up; with the first, what was said with the people, by whether the answer says yes.
fn answer(items: &[Item<'_>], at: usize, offer: &Offer, length: u64, mut tell: impl FnMut(u32)) {
    let item = &items[at];
    let earlier = offer.kind == offer::Kind::Earlier;
    if at < ANSWER {
        let symbol = symbol(item);
        tell(bucket(hash::pair(offer.kind as u64, symbol), 0x66));
        if offer.place != offer::Place::Only && !earlier {
            tell(bucket(hash::pair(offer.place as u64, symbol), 0x67));
        }
    }
    if let Some(side) = offer.side(items, at) {
        let side = side as u64 | u64::from(earlier) << 8;
        tell(bucket(side, 0x68));
        tell(bucket(hash::pair(side, length), 0x69));
    }
    if at == 0 {
        let said = items.iter().take(ANSWER).map(|item| item.assent).find(|assent| *assent != Assent::None);
        let stance = hash::pair(said.unwrap_or_default() as u64, length);
        tell(bucket(hash::pair(stance, offer.kind as u64), 0x6A));
        if earlier {
            return;
        }
        tell(bucket(hash::pair(stance, offer.place as u64), 0x6B));
        for stem in offer.stems() {
            tell(bucket(hash::pair(stem.into(), length), 0x6C));
            tell(bucket(hash::pair(stem.into(), said.unwrap_or_default() as u64), 0x6D));
        }
    }
}

/// How long a message is, in words: `an agent` alone is a wish where `an agent` in a story is none.
fn length(items: &[Item<'_>]) -> u64 {
    match items.iter().filter(|item| item.kind == TokenKind::Word).count() {
        0..=2 => 2,
        3..=4 => 4,
        5..=8 => 8,
        9..=16 => 16,
        _ => 32,
    }
}

/// The buckets of what stands around a word for people, a way to reach them or a name, each by itself: its neighbours
/// in their order, and the words of its sentence near it in any.
fn around(items: &[Item<'_>], at: usize, length: u64, mut tell: impl FnMut(u32)) {
    let alike = |item: &Item<'_>| match item.near {
        Near::People => 3,
        Near::Name => 4,
        Near::Reach | Near::Nothing => symbol(item),
    };
    let place = |at: Option<usize>| at.and_then(|at| items.get(at)).map_or(1, alike);
    let [before, after] = [at.checked_sub(1), Some(at + 1)].map(place);
    let [earlier, later] = [at.checked_sub(2), Some(at + 2)].map(place);
    // Not a seed of their own: lengths and what stands for people are small numbers, which would meet.
    let near = items[at].near as u64;
    let mut tell = |what: u64, kind: u64| tell(bucket(hash::pair(what, near << 8 | kind), 0x50));
    tell(before, 0x51);
    tell(after, 0x52);
    tell(hash::pair(before, after), 0x53);
    tell(hash::pair(earlier, before), 0x54);
    tell(hash::pair(after, later), 0x55);
    tell(length, 0x58);
    tell(hash::pair(before, length), 0x59);
    tell(hash::pair(items[at].stem, length), 0x5A);
    let same = |item: &&Item<'_>| !item.stops;
    for item in items[..at].iter().rev().take(AROUND[0]).take_while(same) {
        tell(alike(item), 0x56);
    }
    for item in items[at + 1..].iter().take(AROUND[1]).take_while(same) {
        tell(alike(item), 0x57);
    }
}

/// Appends the features of a message in the light of what it follows; their squares and the floor sum to one.
pub fn features(items: &[Item<'_>], facts: &Facts, out: &mut Vec<Feature>) {
    let (first, mut groups) = (out.len(), [0; GROUPS]);
    let mut add = |bucket: u32, group: Group, index: usize| {
        groups[group as usize] += 1;
        out.push(Feature {
            bucket,
            value: SHARE[group as usize] as f32 / WHOLE,
            token: items[index].token,
            group,
        });
    };
    places(items, facts, &mut add);
    for (index, item) in items.iter().enumerate().filter(|(_, item)| item.kind == TokenKind::Word) {
        pieces(item.form.as_bytes(), |piece| add(piece, Group::Piece, index));
    }
    let scale = scale(groups);
    out[first..].iter_mut().for_each(|feature| feature.value *= scale);
}

/// What a word's pieces weigh, summed.
pub(crate) fn pieces_of(form: &str, weights: &[[i16; 2]]) -> [i32; 2] {
    let mut sums = [0; 2];
    if !weights.is_empty() {
        pieces(form.as_bytes(), |bucket| add(&mut sums, weights[bucket as usize], 1));
    }
    sums
}

/// What a stem weighs.
pub(crate) fn stem_of(stem: u64, weights: &[[i16; 2]]) -> [i16; 2] {
    weights.get(alone(stem) as usize).copied().unwrap_or_default()
}

#[inline]
fn add(sums: &mut [i32; 2], weights: [impl Into<i32>; 2], share: i32) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += weight.into() * share;
    }
}

/// Weighs a message's features for two heads at once, without writing them down: tells of each item what its
/// features add before the scale, which it returns; with it, they are in the heads' units. The sums are of integers, so
/// that their order does not matter.
pub(crate) fn weigh(
    items: &[Item<'_>],
    facts: &Facts,
    weights: &[[i16; 2]],
    mut tell: impl FnMut(&Item<'_>, [i32; 2]),
) -> f32 {
    let mut groups = [0; GROUPS];
    if weights.is_empty() {
        return scale(groups) / WHOLE;
    }
    // Most of the buckets are far away in memory: all are asked for before any is waited for.
    let mut asked: Vec<(u32, Group, u32)> = Vec::with_capacity(8 * items.len() + 16);
    places(items, facts, |bucket, group, index| {
        groups[group as usize] += 1;
        if group != Group::Stem || items[index].known.is_none() {
            asked.push((bucket, group, index as u32));
        }
    });
    let found: Vec<[i16; 2]> = asked.iter().map(|(bucket, ..)| weights[*bucket as usize]).collect();
    let mut asked = asked.iter().zip(found).peekable();
    let mut pieces = 0;
    for (index, item) in items.iter().enumerate() {
        let mut sums = [0i32; 2];
        if let Some(known) = item.known {
            add(&mut sums, known.weight, SHARE[Group::Stem as usize]);
        }
        while let Some(((_, group, _), weights)) = asked.next_if(|((.., at), _)| *at as usize == index) {
            add(&mut sums, weights, SHARE[*group as usize]);
        }
        if item.kind == TokenKind::Word {
            let said = item.known.map_or_else(|| pieces_of(item.form, weights), |known| known.pieces);
            add(&mut sums, said, SHARE[Group::Piece as usize]);
            pieces += count(item.form.len());
        }
        tell(item, sums);
    }
    groups[Group::Piece as usize] = pieces;
    scale(groups) / WHOLE
}

/// How many pieces a word of so many bytes has.
fn count(bytes: usize) -> u32 {
    (bytes + bytes.saturating_sub(1) + bytes.saturating_sub(2)) as u32
}

/// The buckets of a word's pieces: 3, 4 and 5 bytes, with an edge on either side.
fn pieces(word: &[u8], mut add: impl FnMut(u32)) {
    const EDGE: u8 = b'_';
    let length = word.len() + 2;
    let at = |i: usize| if i == 0 || i == length - 1 { EDGE } else { word[i - 1] };
    for from in 0..length {
        let mut key = 0u64;
        for n in 0..5 {
            if from + n >= length {
                break;
            }
            key = (key << 8) | u64::from(at(from + n));
            if n >= 2 {
                add(bucket(key.wrapping_mul(0xC4CE_B9FE_1A85_EC53) ^ (n as u64), 0x44));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_those_of_the_word_with_its_edges() {
        let mut found = 0;
        pieces(b"nul", |_| found += 1);
        // _nu nul ul_ · _nul nul_ · _nul_
        assert_eq!(found, 6);
        for word in ["", "a", "ab", "abc", "abcdefgh"] {
            let mut found = 0;
            pieces(word.as_bytes(), |_| found += 1);
            assert_eq!(found, super::count(word.len()), "{word}");
        }
    }

    #[test]
    fn what_is_weighed_is_what_was_learned_from() {
        let weights: Vec<[i16; 2]> =
            (0..BUCKETS as u64).map(|n| hash::pair(n, 7)).map(|n| [n as i16, (n >> 16) as i16]).collect();
        let sets = "sets.people = \"agent\"\nsets.either = \"ou\"\nsets.offers = \"rappelle\"";
        let lexicon = crate::lexicon::Lexicon::parse("fr", &format!("lang = \"fr\"\n{sets}")).unwrap();
        let asked = crate::text::read("Je suspends un DEPUIS, ou j'attends l'agent ?");
        let offer = Offer::of(&crate::reading::items(&asked, &lexicon, None), &lexicon);
        assert_eq!(offer.place, offer::Place::Last);
        let mut facts = Facts::default();
        (facts.after, facts.offer, facts.wished) = (After::BotAsks, offer, true);
        for text in [
            "",
            "ok",
            "J'attends DEPUIS 3 jours… c'est long, non ?\nmerci 😡",
            "un agent svp",
            "que Julien me rappelle",
        ] {
            let read = crate::text::read(text);
            let items = crate::reading::items(&read, &lexicon, None);
            let mut learned = Vec::new();
            features(&items, &facts, &mut learned);
            for head in 0..2 {
                let mut expected = vec![0.0f64; read.tokens.len()];
                for feature in &learned {
                    let weight = f64::from(weights[feature.bucket as usize][head]);
                    expected[feature.token as usize] += weight * f64::from(feature.value);
                }
                let mut said = vec![0.0f64; read.tokens.len()];
                let scale = weigh(&items, &facts, &weights, |item, both| {
                    said[item.token as usize] += f64::from(both[head]);
                });
                said.iter_mut().for_each(|said| *said *= f64::from(scale));
                for (expected, said) in expected.iter().zip(&said) {
                    assert!((expected - said).abs() < 0.5, "{text}: {expected} {said}");
                }
            }
        }
    }
}
