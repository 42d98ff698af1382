//! A tiny sentence encoder: word vectors, one layer that sees each word with its two neighbours, and a sum. It
//! was distilled from a large one (`data/SOURCES.md`), so that words that mean alike weigh alike even where our
//! own data holds only one of them, in either language.
//!
//! What it says of a message is a sum over its words, so that each word's part in a score is exact. Vectors and
//! weights are small integers, their products and sums are below 2^24, and so every machine gets the same bits.

use crate::hash;
use crate::pattern::{Item, Table};
use crate::vocabulary::Vocabulary;
use wide::{f32x4, i16x8, i32x4};

/// Numbers that stand for a word.
pub const VECTOR: usize = 16;
/// Numbers that stand for a word among its neighbours, and their sum for a message.
pub const HIDDEN: usize = 32;
/// What an encoder's file begins with.
const MAGIC: &[u8; 8] = b"RELAISE1";
/// Words before, the word itself, words after.
const WINDOW: usize = 3;

/// A word's numbers two by two, and the sums four by four: how a machine multiplies integers fastest.
const PAIRS: usize = VECTOR / 2;
const FOURS: usize = HIDDEN / 4;
pub(crate) type Sums = [i32x4; FOURS];
/// What a word adds before, at and after its place; the word before it is the first.
pub type Products = [Sums; WINDOW];
/// What nothing adds.
const NOTHING: Products = [[i32x4::ZERO; FOURS]; WINDOW];

/// The encoder.
#[derive(Clone, Debug)]
pub struct Encoder {
    rows: Table<u32>,
    vectors: Vec<[i8; VECTOR]>,
    /// For each place of the window and each pair of a word's numbers, the pair's weights for four sums at once.
    weights: [[[i16x8; FOURS]; PAIRS]; WINDOW],
    bias: Sums,
    unit: f32,
    /// The weights of its teacher's own notion of annoyance: where learning begins.
    pub(crate) prior: [f32; HIDDEN],
    /// Checksum of its file: a model goes with one encoder.
    pub(crate) sum: u64,
}

impl Encoder {
    /// Reads the file: magic, number of words, unit, prior, bias, weights, then the words' hashes and vectors.
    pub fn read(bytes: &[u8]) -> Option<Encoder> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let mut at = 0usize;
        let mut four = || -> Option<[u8; 4]> {
            let four = rest.get(at..at + 4)?.try_into().ok()?;
            at += 4;
            Some(four)
        };
        let count = u32::from_le_bytes(four()?) as usize;
        let unit = f32::from_le_bytes(four()?);
        let mut list = || -> Option<[f32; HIDDEN]> {
            let mut list = [0.0; HIDDEN];
            for slot in &mut list {
                *slot = f32::from_le_bytes(four()?);
            }
            Some(list)
        };
        let prior = list()?;
        let bias = list()?;
        let bias =
            std::array::from_fn(|four| i32x4::from(std::array::from_fn(|sum| bias[4 * four + sum] as i32)));
        let rows = rest.get(at..at + WINDOW * VECTOR * HIDDEN)?.as_chunks::<HIDDEN>().0;
        let weight =
            |place: usize, number: usize, sum: usize| i16::from(rows[place * VECTOR + number][sum] as i8);
        let weights = std::array::from_fn(|place| {
            std::array::from_fn(|pair| {
                std::array::from_fn(|four| {
                    let lane = |lane: usize| weight(place, 2 * pair + lane % 2, 4 * four + lane / 2);
                    i16x8::from(std::array::from_fn(lane))
                })
            })
        });
        at += WINDOW * VECTOR * HIDDEN;
        let hashes = rest.get(at..at + 4 * count)?;
        let vectors = rest.get(at + 4 * count..)?;
        if vectors.len() != VECTOR * count {
            return None;
        }
        let hashes = hashes.as_chunks::<4>().0.iter();
        let rows =
            hashes.enumerate().map(|(row, four)| (key(u32::from_le_bytes(*four)), row as u32)).collect();
        let vectors = vectors.as_chunks::<VECTOR>().0.iter().map(|row| row.map(|byte| byte as i8)).collect();
        Some(Encoder { rows, vectors, weights, bias, unit, prior, sum: hash::bytes(bytes) })
    }

    /// What stands for a word, by its hash.
    pub(crate) fn vector(&self, hash: u64) -> Option<&[i8; VECTOR]> {
        let row = self.rows.get(&key(hash as u32))?;
        self.vectors.get(*row as usize)
    }

    /// What a word adds to the sums of the words around it.
    pub(crate) fn products(&self, vector: &[i8; VECTOR], products: &mut Products) {
        let pairs = pairs(vector);
        for (weights, sums) in self.weights.iter().zip(products) {
            *sums = multiply(weights, &pairs);
        }
    }

    /// Tells of each item, in order, what its word and its neighbours sum to: [`numbers`] makes them the item's part in
    /// the message's numbers, [`weigh`] what they add to a score, both in the message's [`Encoder::scale`].
    pub(crate) fn walk(
        &self,
        items: &[Item<'_>],
        vocabulary: &Vocabulary,
        mut tell: impl FnMut(&Item<'_>, &Sums),
    ) {
        // What the last words add: kept in the vocabulary, or made here. Each is multiplied once, for the three places it
        // can have.
        let mut kept: [Option<&Products>; WINDOW] = [None; WINDOW];
        let mut made = [NOTHING; WINDOW];
        for index in 0..=items.len() {
            let slot = index % WINDOW;
            let item = items.get(index);
            kept[slot] = item.and_then(|item| vocabulary.products(item.known?));
            if kept[slot].is_none() {
                let vector = item.and_then(|item| match item.known {
                    Some(known) => Some(&known.vector),
                    None => self.vector(item.hash),
                });
                match vector {
                    Some(vector) => self.products(vector, &mut made[slot]),
                    None => made[slot] = NOTHING,
                }
            }
            let Some(this) = index.checked_sub(1) else { continue };
            let word = |back: usize| {
                let slot = (index + WINDOW - back) % WINDOW;
                kept[slot].unwrap_or(&made[slot])
            };
            let [before, at, after] = [&word(2)[0], &word(1)[1], &word(0)[2]];
            let sums = std::array::from_fn(|four| self.bias[four] + before[four] + at[four] + after[four]);
            tell(&items[this], &sums);
        }
    }

    /// The scale of a message of so many items.
    pub(crate) fn scale(&self, items: usize) -> f32 {
        self.unit / (items as f32 + 2.0).sqrt()
    }
}

/// A word's numbers, each pair four times over.
fn pairs(vector: &[i8; VECTOR]) -> [i16x8; PAIRS] {
    let number = |at: usize| i16::from(vector[at]);
    std::array::from_fn(|pair| {
        let (a, b) = (number(2 * pair), number(2 * pair + 1));
        i16x8::from([a, b, a, b, a, b, a, b])
    })
}

/// What a word adds at one place of the window.
#[inline]
fn multiply(weights: &[[i16x8; FOURS]; PAIRS], pairs: &[i16x8; PAIRS]) -> Sums {
    let mut sums = [i32x4::ZERO; FOURS];
    for (pair, weights) in pairs.iter().zip(weights) {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            *sum += pair.dot(*weights);
        }
    }
    sums
}

/// What the sums of a word say: nothing below zero.
#[inline]
fn heard(sum: i32x4) -> f32x4 {
    f32x4::from_i32x4(sum).fast_max(f32x4::ZERO)
}

/// The same as numbers, in the message's scale.
pub(crate) fn numbers(sums: &Sums, scale: f32) -> [f32; HIDDEN] {
    let mut numbers = [0.0; HIDDEN];
    for (slots, sum) in numbers.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
        *slots = (heard(*sum) * f32x4::splat(scale)).to_array();
    }
    numbers
}

/// What the sums of a word add to a score by these weights, before the message's scale.
#[inline]
pub(crate) fn weigh(sums: &Sums, weights: &[f32; HIDDEN]) -> f32 {
    // Eight sums side by side, always in this order, so that every machine adds alike.
    let mut eight = [f32x4::ZERO; 2];
    for (two, weights) in sums.as_chunks::<2>().0.iter().zip(weights.as_chunks::<8>().0) {
        for ((all, sum), weights) in eight.iter_mut().zip(two).zip(weights.as_chunks::<4>().0) {
            *all += heard(*sum) * f32x4::from(*weights);
        }
    }
    eight.iter().flat_map(|four| four.to_array()).sum()
}

/// A table's key of 32 bits of a hash, spread over all 64.
fn key(low: u32) -> u64 {
    u64::from(low).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
