//! The wording as features: hashed stems, pairs of stems and pieces of words, each anchored on a word.
//!
//! Feature hashing after Weinberger et al. 2009, without signs. A message's features are scaled to unit length
//! (with a floor, so that one word is no verdict): a score does not grow by length alone.

use crate::hash;
use crate::pattern::Item;
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
}

/// The share of each group in a message's length; set on our own dev split.
const SHARE: [f32; 4] = [1.0, 0.7, 0.35, 0.3];
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

/// What stands for an item in stems and pairs.
fn symbol(item: &Item<'_>) -> u64 {
    match item.kind {
        TokenKind::Number if item.form == "##" => 0x23,
        TokenKind::Break => 0x0A,
        _ => item.stem,
    }
}

/// Appends the features of a message; their squares and the floor sum to one.
pub fn features(items: &[Item<'_>], out: &mut Vec<Feature>) {
    let first = out.len();
    let mut add = |hash: u64, seed: u64, token: u32, group: Group| {
        out.push(Feature { bucket: bucket(hash, seed), value: SHARE[group as usize], token, group });
    };
    let (mut one, mut two) = (1u64, 0u64);
    let mut last = 0;
    for item in items {
        let symbol = symbol(item);
        last = item.token;
        add(symbol, 0x11, item.token, Group::Stem);
        add(hash::pair(one, symbol), 0x22, item.token, Group::Pair);
        if two != 0 {
            add(hash::pair(two, symbol), 0x33, item.token, Group::Skip);
        }
        if item.kind == TokenKind::Word {
            pieces(item.form.as_bytes(), |piece| add(piece, 0x44, item.token, Group::Piece));
        }
        (two, one) = (one, symbol);
    }
    if !items.is_empty() {
        add(hash::pair(one, 2), 0x22, last, Group::Pair);
    }
    let square: f32 = out[first..].iter().map(|feature| feature.value * feature.value).sum();
    let scale = 1.0 / (square + FLOOR).sqrt();
    for feature in &mut out[first..] {
        feature.value *= scale;
    }
}

/// Pieces of 3, 4 and 5 bytes of a word with an edge on either side.
fn pieces(word: &[u8], mut add: impl FnMut(u64)) {
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
                add(key.wrapping_mul(0xC4CE_B9FE_1A85_EC53) ^ (n as u64));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_those_of_the_word_with_its_edges() {
        let mut count = 0;
        pieces(b"nul", |_| count += 1);
        // _nu nul ul_ · _nul nul_ · _nul_
        assert_eq!(count, 6);
    }
}
